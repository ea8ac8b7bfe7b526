/* SPDX-License-Identifier: BSD-3-Clause
 * Softmax over the channels of a row, and soft shrinkage. */
#include "kernels/variants/exponential.h"

RITZ_KERNEL_DEFINE(softmax)(ritz_index rows, ritz_index c, const void *xv, void *yv) {
  for (ritz_index r = 0; r < rows; r++) {
    const real *x = (const real *)xv + r * c;
    real *y = (real *)yv + r * c;
    real peak = x[0], sum = 0;
#pragma omp simd reduction(max : peak)
    for (ritz_index i = 0; i < c; i++) peak = x[i] > peak ? x[i] : peak;
#pragma omp simd reduction(+ : sum)
    for (ritz_index i = 0; i < c; i++) {
      y[i] = decaying_exponential(x[i] - peak);
      sum += y[i];
    }
    const real inverse = 1 / sum;
#pragma omp simd
    for (ritz_index i = 0; i < c; i++) y[i] *= inverse;
  }
}

RITZ_KERNEL_DEFINE(softmax_vjp)
(ritz_index rows, ritz_index c, const void *yv, const void *gyv, void *gxv, bool add) {
  for (ritz_index r = 0; r < rows; r++) {
    const real *y = (const real *)yv + r * c, *gy = (const real *)gyv + r * c;
    real *gx = (real *)gxv + r * c;
    real mean = 0;
#pragma omp simd reduction(+ : mean)
    for (ritz_index i = 0; i < c; i++) mean += y[i] * gy[i];
#pragma omp simd
    for (ritz_index i = 0; i < c; i++) {
      const real g = y[i] * (gy[i] - mean);
      gx[i] = add ? gx[i] + g : g;
    }
  }
}

RITZ_KERNEL_DEFINE(softshrink)(ritz_index n, double least, const void *xv, void *yv) {
  const real *x = xv;
  real *y = yv;
  const real t = (real)least;
#pragma omp simd
  for (ritz_index i = 0; i < n; i++) {
    const real inside = x[i] > t ? t : x[i]; /* x, held within [-t, t] */
    y[i] = x[i] - (inside < -t ? -t : inside);
  }
}

RITZ_KERNEL_DEFINE(softshrink_vjp)
(ritz_index n, const void *yv, const void *gyv, void *gxv, bool add) {
  const real *y = yv, *gy = gyv;
  real *gx = gxv;
#pragma omp simd
  for (ritz_index i = 0; i < n; i++) {
    const real g = y[i] != 0 ? gy[i] : 0;
    gx[i] = add ? gx[i] + g : g;
  }
}
