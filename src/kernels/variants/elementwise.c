/* SPDX-License-Identifier: BSD-3-Clause
 * Plain maps of single numbers: ReLU and leaky ReLU, sums, multiples. Activations with their own
 * mathematics have their own files. */
#include "kernels/kernel.h"

RITZ_KERNEL_DEFINE(relu)(ritz_index n, const void *xv, void *yv) {
  const real *x = xv;
  real *y = yv;
#pragma omp simd
  for (ritz_index i = 0; i < n; i++) y[i] = x[i] < 0 ? 0 : x[i]; /* NaN stays NaN */
}

RITZ_KERNEL_DEFINE(relu_vjp)(ritz_index n, const void *yv, const void *gyv, void *gxv, bool add) {
  const real *y = yv, *gy = gyv;
  real *gx = gxv;
  if (add) {
#pragma omp simd
    for (ritz_index i = 0; i < n; i++) gx[i] += y[i] > 0 ? gy[i] : 0;
  } else {
#pragma omp simd
    for (ritz_index i = 0; i < n; i++) gx[i] = y[i] > 0 ? gy[i] : 0;
  }
}

RITZ_KERNEL_DEFINE(leaky_relu)(ritz_index n, double slope, const void *xv, void *yv) {
  const real *x = xv;
  const real factor = (real)slope;
  real *y = yv;
#pragma omp simd
  for (ritz_index i = 0; i < n; i++) y[i] = x[i] > 0 ? x[i] : factor * x[i];
}

RITZ_KERNEL_DEFINE(leaky_relu_vjp)
(ritz_index n, double slope, const void *yv, const void *gyv, void *gxv, bool add) {
  const real *y = yv, *gy = gyv;
  const real factor = (real)slope;
  real *gx = gxv;
  if (add) {
#pragma omp simd
    for (ritz_index i = 0; i < n; i++) gx[i] += y[i] > 0 ? gy[i] : factor * gy[i];
  } else {
#pragma omp simd
    for (ritz_index i = 0; i < n; i++) gx[i] = y[i] > 0 ? gy[i] : factor * gy[i];
  }
}

RITZ_KERNEL_DEFINE(add)(ritz_index n, const void *xv, const void *yv, void *zv) {
  const real *x = xv, *y = yv;
  real *z = zv;
#pragma omp simd
  for (ritz_index i = 0; i < n; i++) z[i] = x[i] + y[i];
}

RITZ_KERNEL_DEFINE(scale)(ritz_index n, double a, const void *xv, void *yv, bool add) {
  const real *x = xv;
  real *y = yv;
  const real factor = (real)a;
  if (add) {
#pragma omp simd
    for (ritz_index i = 0; i < n; i++) y[i] += factor * x[i];
  } else {
#pragma omp simd
    for (ritz_index i = 0; i < n; i++) y[i] = factor * x[i];
  }
}
