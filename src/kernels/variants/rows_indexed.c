/* SPDX-License-Identifier: BSD-3-Clause
 * Rows and numbers in the order of an index. */
#include "kernels/kernel.h"

RITZ_KERNEL_DEFINE(rows_gather)
(ritz_index rows, ritz_index c, const void *xv, ritz_index xs, const ritz_index *row, void *yv) {
  for (ritz_index r = 0; r < rows; r++) {
    const real *restrict x = (const real *)xv + row[r] * xs;
    real *restrict y = (real *)yv + r * c;
    for (ritz_index i = 0; i < c; i++) y[i] = x[i];
  }
}

RITZ_KERNEL_DEFINE(rows_scatter)
(ritz_index rows, ritz_index c, const void *xv, const ritz_index *row, void *yv, ritz_index ys,
 bool add) {
  for (ritz_index r = 0; r < rows; r++) {
    const real *restrict x = (const real *)xv + r * c;
    real *restrict y = (real *)yv + row[r] * ys;
    if (add)
      for (ritz_index i = 0; i < c; i++) y[i] += x[i];
    else
      for (ritz_index i = 0; i < c; i++) y[i] = x[i];
  }
}

RITZ_KERNEL_DEFINE(table_gather)
(ritz_index n, const int *row, const void *tablev, ritz_index stride, void *yv) {
  const real *restrict table = tablev;
  real *restrict y = yv;
  for (ritz_index i = 0; i < n; i++) y[i] = table[row[i] * stride];
}

RITZ_KERNEL_DEFINE(table_scatter)(ritz_index n, const int *row, const void *xv, double *table) {
  const real *restrict x = xv;
  for (ritz_index i = 0; i < n; i++) table[row[i]] += (double)x[i];
}
