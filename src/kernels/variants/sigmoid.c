/* SPDX-License-Identifier: BSD-3-Clause
 * The logistic function s(x) = 1/(1 + exp(-x)) and SiLU, x s(x). With t = |x| and e = exp(-t), e
 * never overflows and neither tail loses its relative accuracy:
 *
 *     s(x) = 1/(1 + e) for x >= 0, e/(1 + e) for x < 0,      silu(x) = max(x, 0) - t e/(1 + e),
 *     silu'(x) = s(x) + x e/(1 + e)^2. */
#include "kernels/variants/exponential.h"

/* exp(-t) leaves the normal numbers from here on, and what it adds is nothing beside 1. */
#if RITZ_REAL_IS_DOUBLE
#define SIGMOID_CUT 708.0
#else
#define SIGMOID_CUT 87.0f
#endif

static inline real decay(real t) {
  const scaled_exp e = exponential(-(t > SIGMOID_CUT ? SIGMOID_CUT : t));
  return e.scale + e.scale * e.rest;
}

/* v where t < SIGMOID_CUT or t is NaN, else 0. */
static inline real inside(real t, real v) { return !(t >= SIGMOID_CUT) ? v : 0; }

static inline real logistic(real x) {
  const real t = ABS(x), e = decay(t);
  const real upper = x < 0 ? inside(t, e) : 1;
  return upper / (1 + e);
}

static inline real silu_value(real x) {
  const real t = ABS(x), e = decay(t);
  return (x > 0 ? x : 0) - inside(t, t * e / (1 + e));
}

static inline real silu_slope(real x) {
  const real t = ABS(x), e = decay(t), r = 1 / (1 + e);
  const real upper = x < 0 ? inside(t, e) : 1;
  return r * (upper + inside(t, x * e * r));
}

RITZ_KERNEL_DEFINE(sigmoid)(ritz_index n, const void *xv, void *yv) {
  const real *x = xv;
  real *y = yv;
#pragma omp simd
  for (ritz_index i = 0; i < n; i++) y[i] = logistic(x[i]);
}

RITZ_KERNEL_DEFINE(sigmoid_vjp)
(ritz_index n, const void *yv, const void *gyv, void *gxv, bool add) {
  const real *y = yv, *gy = gyv;
  real *gx = gxv;
  if (add) {
#pragma omp simd
    for (ritz_index i = 0; i < n; i++) gx[i] += gy[i] * (y[i] * (1 - y[i]));
  } else {
#pragma omp simd
    for (ritz_index i = 0; i < n; i++) gx[i] = gy[i] * (y[i] * (1 - y[i]));
  }
}

RITZ_KERNEL_DEFINE(silu)(ritz_index n, const void *xv, void *yv) {
  const real *x = xv;
  real *y = yv;
#pragma omp simd
  for (ritz_index i = 0; i < n; i++) y[i] = silu_value(x[i]);
}

RITZ_KERNEL_DEFINE(silu_vjp)(ritz_index n, const void *xv, const void *gyv, void *gxv, bool add) {
  const real *x = xv, *gy = gyv;
  real *gx = gxv;
  if (add) {
#pragma omp simd
    for (ritz_index i = 0; i < n; i++) gx[i] += gy[i] * silu_slope(x[i]);
  } else {
#pragma omp simd
    for (ritz_index i = 0; i < n; i++) gx[i] = gy[i] * silu_slope(x[i]);
  }
}
