/* SPDX-License-Identifier: BSD-3-Clause
 * Sums of products, number by number. */
#include "kernels/kernel.h"

RITZ_KERNEL_DEFINE(multiply_onto)(ritz_index n, const void *xv, const void *yv, void *zv) {
  const real *x = xv, *y = yv;
  real *z = zv;
#pragma omp simd
  for (ritz_index i = 0; i < n; i++) z[i] += x[i] * y[i];
}
