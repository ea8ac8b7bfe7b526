/* SPDX-License-Identifier: BSD-3-Clause
 * tanh(x) = sign(x) (1 - e)/(1 + e) with e = exp(-2|x|), through e - 1 so that small x keep their
 * relative accuracy. */
#include "kernels/variants/exponential.h"

/* tanh is 1 to rounding from here on. */
#if RITZ_REAL_IS_DOUBLE
#define TANH_CUT 20.0
#else
#define TANH_CUT 10.0f
#endif

static inline real value(real x) {
  const real t = ABS(x) > TANH_CUT ? TANH_CUT : ABS(x);
  const scaled_exp e = exponential(-2 * t);
  const real minus_one = e.scale * e.rest + (e.scale - 1); /* exp(-2t) - 1 */
  return COPYSIGN(minus_one / (2 + minus_one), x);
}

RITZ_KERNEL_DEFINE(tanh)(ritz_index n, const void *xv, void *yv) {
  const real *x = xv;
  real *y = yv;
#pragma omp simd
  for (ritz_index i = 0; i < n; i++) y[i] = value(x[i]);
}

RITZ_KERNEL_DEFINE(tanh_vjp)(ritz_index n, const void *yv, const void *gyv, void *gxv, bool add) {
  const real *y = yv, *gy = gyv;
  real *gx = gxv;
  if (add) {
#pragma omp simd
    for (ritz_index i = 0; i < n; i++) gx[i] += gy[i] * (1 - y[i] * y[i]);
  } else {
#pragma omp simd
    for (ritz_index i = 0; i < n; i++) gx[i] = gy[i] * (1 - y[i] * y[i]);
  }
}
