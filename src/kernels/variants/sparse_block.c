/* SPDX-License-Identifier: BSD-3-Clause
 * Products of a sparse matrix with many vectors side by side: the columns of a row are contiguous,
 * so each entry of the matrix is read once for all of them. */
#include "kernels/variants/solver_kernel.h"

enum { WIDE = 32, NARROW = 8 }; /* columns whose sums stay in registers */

typedef struct row {
  const int32_t *column;
  const double *values;
  ritz_index entries, ld;
  double alpha, shift, beta;
} row;

/* Columns 0 ... width - 1; here and y are those of the row itself. */
static inline void part(const row *r, ritz_index width, const double *restrict x,
                        const double *restrict here, double *restrict y) {
  double sum[WIDE];
  for (ritz_index c = 0; c < width; c++) sum[c] = -r->shift * here[c];
  for (ritz_index e = 0; e < r->entries; e++) {
    const double value = r->values[e];
    const double *restrict there = x + r->column[e] * r->ld;
    for (ritz_index c = 0; c < width; c++) sum[c] += value * there[c];
  }
  if (r->beta == 0)
    for (ritz_index c = 0; c < width; c++) y[c] = r->alpha * sum[c];
  else
    for (ritz_index c = 0; c < width; c++) y[c] = r->alpha * sum[c] + r->beta * y[c];
}

RITZ_KERNEL_DEFINE(sparse_block)
(ritz_index n, const ritz_index *start, const int32_t *column, const double *values,
 ritz_index columns, ritz_index ld, double alpha, double shift, double beta, const double *x,
 double *y) {
  for (ritz_index i = 0; i < n; i++) {
    const row r = {
        column + start[i], values + start[i], start[i + 1] - start[i], ld, alpha, shift, beta};
    ritz_index c = 0;
    for (; c + WIDE <= columns; c += WIDE) part(&r, WIDE, x + c, x + i * ld + c, y + i * ld + c);
    for (; c + NARROW <= columns; c += NARROW)
      part(&r, NARROW, x + c, x + i * ld + c, y + i * ld + c);
    if (c < columns) part(&r, columns - c, x + c, x + i * ld + c, y + i * ld + c);
  }
}
