/* SPDX-License-Identifier: BSD-3-Clause
 * Products of a sparse matrix with many vectors side by side: the columns of a row are contiguous,
 * so each entry of the matrix is read once for all of them. Double in both tables. */
#include "kernels/variants/solver_kernel.h"

#undef RITZ_REAL_IS_DOUBLE
#define RITZ_REAL_IS_DOUBLE 1
#define real                double
#include "kernels/variants/vector.h"

enum { MOST = 4 }; /* registers of sums at once */

typedef struct row {
  const int32_t *column;
  const double *values;
  ritz_index entries, ld;
  double alpha, shift, beta;
} row;

/* The first `count` registers of columns; here and y are those of the row itself. */
static ALWAYS_INLINE void part(const row *r, int count, const double *x, const double *here,
                               double *y) {
  vec sum[MOST];
  for (int k = 0; k < count; k++) sum[k] = -r->shift * vec_load(here + k * lanes);
  for (ritz_index e = 0; e < r->entries; e++) {
    const double value = r->values[e], *there = x + r->column[e] * r->ld;
    for (int k = 0; k < count; k++) sum[k] += value * vec_load(there + k * lanes);
  }
  for (int k = 0; k < count; k++) {
    vec out = r->alpha * sum[k];
    if (r->beta != 0) out += r->beta * vec_load(y + k * lanes);
    vec_store(y + k * lanes, out);
  }
}

/* One column. */
static inline void single(const row *r, const double *x, const double *here, double *y) {
  double sum = -r->shift * *here;
  for (ritz_index e = 0; e < r->entries; e++) sum += r->values[e] * x[r->column[e] * r->ld];
  *y = r->alpha * sum + (r->beta != 0 ? r->beta * *y : 0);
}

static void all_columns(const row *r, ritz_index columns, const double *x, const double *here,
                        double *y) {
  ritz_index c = 0;
  for (; c + 4 * lanes <= columns; c += 4 * lanes) part(r, 4, x + c, here + c, y + c);
  switch ((columns - c) / lanes) {
    case 3: part(r, 3, x + c, here + c, y + c); break;
    case 2: part(r, 2, x + c, here + c, y + c); break;
    case 1: part(r, 1, x + c, here + c, y + c); break;
    default: break;
  }
  for (c += (columns - c) / lanes * lanes; c < columns; c++) single(r, x + c, here + c, y + c);
}

RITZ_KERNEL_DEFINE(sparse_block)
(ritz_index n, const ritz_index *start, const int32_t *column, const double *values,
 ritz_index columns, ritz_index ld, double alpha, double shift, double beta, const double *x,
 double *y) {
  for (ritz_index i = 0; i < n; i++) {
    const row r = {
        column + start[i], values + start[i], start[i + 1] - start[i], ld, alpha, shift, beta};
    all_columns(&r, columns, x, x + i * ld, y + i * ld);
  }
}
