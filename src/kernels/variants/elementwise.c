/* SPDX-License-Identifier: BSD-3-Clause
 * Activations and other maps of single numbers. */
#include <math.h>

#include "kernels/kernel.h"

static real phi_cdf(real x) {
  return (real)(0.5 * (1.0 + erf((double)x * 0.70710678118654752440)));
}
static real phi_pdf(real x) {
  return (real)(0.39894228040143267794 * exp(-0.5 * (double)x * (double)x));
}

RITZ_KERNEL_DEFINE(gelu)(ritz_index n, const void *xv, void *yv) {
  const real *x = xv;
  real *y = yv;
  for (ritz_index i = 0; i < n; i++) y[i] = x[i] * phi_cdf(x[i]);
}

RITZ_KERNEL_DEFINE(gelu_vjp)(ritz_index n, const void *xv, const void *gyv, void *gxv, bool add) {
  const real *x = xv, *gy = gyv;
  real *gx = gxv;
  for (ritz_index i = 0; i < n; i++) {
    const real g = gy[i] * (phi_cdf(x[i]) + x[i] * phi_pdf(x[i]));
    gx[i] = add ? gx[i] + g : g;
  }
}

RITZ_KERNEL_DEFINE(tanh)(ritz_index n, const void *xv, void *yv) {
  const real *x = xv;
  real *y = yv;
  for (ritz_index i = 0; i < n; i++) y[i] = (real)tanh((double)x[i]);
}

RITZ_KERNEL_DEFINE(tanh_vjp)(ritz_index n, const void *yv, const void *gyv, void *gxv, bool add) {
  const real *y = yv, *gy = gyv;
  real *gx = gxv;
  for (ritz_index i = 0; i < n; i++) {
    const real g = gy[i] * (1 - y[i] * y[i]);
    gx[i] = add ? gx[i] + g : g;
  }
}

RITZ_KERNEL_DEFINE(relu)(ritz_index n, const void *xv, void *yv) {
  const real *x = xv;
  real *y = yv;
  for (ritz_index i = 0; i < n; i++) y[i] = x[i] > 0 ? x[i] : 0;
}

RITZ_KERNEL_DEFINE(relu_vjp)(ritz_index n, const void *yv, const void *gyv, void *gxv, bool add) {
  const real *y = yv, *gy = gyv;
  real *gx = gxv;
  for (ritz_index i = 0; i < n; i++) {
    const real g = y[i] > 0 ? gy[i] : 0;
    gx[i] = add ? gx[i] + g : g;
  }
}

RITZ_KERNEL_DEFINE(add)(ritz_index n, const void *xv, const void *yv, void *zv) {
  const real *x = xv, *y = yv;
  real *z = zv;
  for (ritz_index i = 0; i < n; i++) z[i] = x[i] + y[i];
}

RITZ_KERNEL_DEFINE(scale)(ritz_index n, double a, const void *xv, void *yv, bool add) {
  const real *x = xv;
  real *y = yv;
  const real factor = (real)a;
  for (ritz_index i = 0; i < n; i++) y[i] = add ? y[i] + factor * x[i] : factor * x[i];
}
