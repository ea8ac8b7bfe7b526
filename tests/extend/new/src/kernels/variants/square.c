/* SPDX-License-Identifier: BSD-3-Clause
 * y = x^2. */
#include "kernels/kernel.h"

RITZ_KERNEL_DEFINE(square)(ritz_index n, const void *xv, void *yv) {
  const real *x = xv;
  real *y = yv;
#pragma omp simd
  for (ritz_index i = 0; i < n; i++) y[i] = x[i] * x[i];
}
