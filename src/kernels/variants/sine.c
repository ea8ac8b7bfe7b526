/* SPDX-License-Identifier: BSD-3-Clause
 * sin(x), as that of pi t with t = x / pi. */
#include "kernels/variants/turn.h"

#define INVERSE_PI ((real)0.31830988618379067154)

RITZ_KERNEL_DEFINE(sine)(ritz_index n, const void *xv, void *yv) {
  const real *x = xv;
  real *y = yv;
#pragma omp simd
  for (ritz_index i = 0; i < n; i++) y[i] = turn_of(x[i] * INVERSE_PI).s;
}

RITZ_KERNEL_DEFINE(sine_vjp)(ritz_index n, const void *xv, const void *gyv, void *gxv, bool add) {
  const real *x = xv, *gy = gyv;
  real *gx = gxv;
#pragma omp simd
  for (ritz_index i = 0; i < n; i++) {
    const real g = gy[i] * turn_of(x[i] * INVERSE_PI).c;
    gx[i] = add ? gx[i] + g : g;
  }
}
