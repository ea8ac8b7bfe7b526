/* SPDX-License-Identifier: BSD-3-Clause
 * Products of a sparse matrix, row by row: the sum of a row has one order whoever computes it. */
#include "solvers/scalar.h"
#include "solvers/sparse/sparse.h"

static void apply(const ritz_sparse *a, ritz_index first, ritz_index last, const void *xv,
                  void *yv) {
  const scalar *restrict x = xv, *restrict values = a->values;
  const int32_t *restrict column = a->column;
  scalar *restrict y = yv;
  for (ritz_index i = first; i < last; i++) {
    scalar sum = 0;
    for (ritz_index e = a->start[i]; e < a->start[i + 1]; e++) sum += values[e] * x[column[e]];
    y[i] = sum;
  }
}

static void apply_transposed(const ritz_sparse *a, ritz_index first, ritz_index last,
                             const void *xv, void *yv) {
  const scalar *restrict x = xv, *restrict values = a->values;
  scalar *restrict y = yv;
  for (ritz_index i = first; i < last; i++) {
    scalar sum = 0;
    for (ritz_index e = a->turned_start[i]; e < a->turned_start[i + 1]; e++)
      sum += values[a->turned_from[e]] * x[a->turned_column[e]];
    y[i] = sum;
  }
}

static void add(const void *x, void *y) { *(scalar *)y += *(const scalar *)x; }

static void store(ritz_index n, const double *from, void *to) {
  for (ritz_index i = 0; i < n; i++) ((scalar *)to)[i] = (scalar)from[i];
}

const ritz_sparse_kind RITZ_SCALAR_NAME(sparse_kind) = {apply, apply_transposed, add, store};
