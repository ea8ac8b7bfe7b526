/* SPDX-License-Identifier: BSD-3-Clause
 * Rows of channels: broadcast, scale, sums, copies. */
#include "kernels/kernel.h"

RITZ_KERNEL_DEFINE(row_fill)(ritz_index rows, ritz_index c, const void *bv, void *yv) {
  const real *restrict b = bv;
  for (ritz_index r = 0; r < rows; r++) {
    real *restrict y = (real *)yv + r * c;
    for (ritz_index i = 0; i < c; i++) y[i] = b[i];
  }
}

RITZ_KERNEL_DEFINE(row_scale)
(ritz_index rows, ritz_index c, const void *xv, const void *wv, void *yv, bool add) {
  const real *restrict w = wv;
  for (ritz_index r = 0; r < rows; r++) {
    const real *restrict x = (const real *)xv + r * c;
    real *restrict y = (real *)yv + r * c;
    if (add)
      for (ritz_index i = 0; i < c; i++) y[i] += x[i] * w[i];
    else
      for (ritz_index i = 0; i < c; i++) y[i] = x[i] * w[i];
  }
}

/* Sums over rows run in double: those that cancel (a bias in front of a norm) would otherwise keep
 * the rounding of their largest partial sum. */
enum { strip = 64 };

RITZ_KERNEL_DEFINE(row_sum)(ritz_index rows, ritz_index c, const void *xv, void *sv) {
  real *restrict s = sv;
  for (ritz_index first = 0; first < c; first += strip) {
    const ritz_index width = c - first < strip ? c - first : strip;
    double sum[strip] = {0};
    for (ritz_index r = 0; r < rows; r++) {
      const real *restrict x = (const real *)xv + r * c + first;
      for (ritz_index i = 0; i < width; i++) sum[i] += (double)x[i];
    }
    for (ritz_index i = 0; i < width; i++) s[first + i] += (real)sum[i];
  }
}

RITZ_KERNEL_DEFINE(row_dot)
(ritz_index rows, ritz_index c, const void *xv, const void *yv, void *sv) {
  real *restrict s = sv;
  for (ritz_index r = 0; r < rows; r++) {
    const real *restrict x = (const real *)xv + r * c;
    const real *restrict y = (const real *)yv + r * c;
    for (ritz_index i = 0; i < c; i++) s[i] += x[i] * y[i];
  }
}

RITZ_KERNEL_DEFINE(row_copy)
(ritz_index rows, ritz_index c, const void *xv, ritz_index xs, void *yv, ritz_index ys, bool add) {
  for (ritz_index r = 0; r < rows; r++) {
    const real *restrict x = (const real *)xv + r * xs;
    real *restrict y = (real *)yv + r * ys;
    if (add)
      for (ritz_index i = 0; i < c; i++) y[i] += x[i];
    else
      for (ritz_index i = 0; i < c; i++) y[i] = x[i];
  }
}

RITZ_KERNEL_DEFINE(transpose)(ritz_index rows, ritz_index cols, const void *av, void *bv) {
  const real *restrict a = av;
  real *restrict b = bv;
  for (ritz_index j = 0; j < cols; j++)
    for (ritz_index i = 0; i < rows; i++) b[j * rows + i] = a[i * cols + j];
}
