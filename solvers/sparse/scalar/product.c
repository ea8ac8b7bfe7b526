/* SPDX-License-Identifier: BSD-3-Clause
 * Products of a sparse matrix, row by row: the sum of a row has one order whoever computes it. */
#include "solvers/scalar.h"
#include "solvers/sparse/sparse.h"

enum { MOST_ENTRIES = 9 }; /* of a row whose offsets stay in registers */

static void apply_rows(const ritz_sparse *a, ritz_index first, ritz_index last, const scalar *x,
                       scalar *restrict y) {
  const scalar *restrict values = a->values;
  const int32_t *restrict column = a->column;
  for (ritz_index i = first; i < last; i++) {
    scalar sum = 0;
    for (ritz_index e = a->start[i]; e < a->start[i + 1]; e++) sum += values[e] * x[column[e]];
    y[i] = sum;
  }
}

/* Rows of `entries` entries whose columns move with the row: only the values are read. */
static inline __attribute__((always_inline)) void apply_run(const ritz_sparse *a, int entries,
                                                            ritz_index first, ritz_index last,
                                                            const scalar *restrict x,
                                                            scalar *restrict y) {
  const int32_t *const column = a->column + a->start[first];
  const scalar *restrict value = (const scalar *)a->values + a->start[first];
  const scalar *restrict from[MOST_ENTRIES];
  for (int k = 0; k < entries; k++) from[k] = x + column[k];
  for (ritz_index i = 0; i < last - first; i++, value += entries) {
    scalar sum = 0;
    for (int k = 0; k < entries; k++) sum += value[k] * from[k][i];
    y[first + i] = sum;
  }
}

/* Those that grids have without their boundaries, entries known to the compiler. */
static void apply_alike(const ritz_sparse *a, ritz_index first, ritz_index last, const scalar *x,
                        scalar *y) {
  switch (a->start[first + 1] - a->start[first]) {
    case 3: apply_run(a, 3, first, last, x, y); break;
    case 4: apply_run(a, 4, first, last, x, y); break;
    case 5: apply_run(a, 5, first, last, x, y); break;
    case 6: apply_run(a, 6, first, last, x, y); break;
    case 7: apply_run(a, 7, first, last, x, y); break;
    case 9: apply_run(a, 9, first, last, x, y); break;
    default: apply_rows(a, first, last, x, y);
  }
}

static void apply(const ritz_sparse *a, ritz_index first, ritz_index last, const void *x, void *y) {
  if (!a->run) {
    apply_rows(a, first, last, x, y);
    return;
  }
  ritz_index low = 0, high = a->runs; /* the run of the first row is low */
  while (high - low > 1) {
    const ritz_index middle = low + (high - low) / 2;
    if (a->run[middle] <= first)
      low = middle;
    else
      high = middle;
  }
  for (ritz_index from = first; from < last; low++) {
    const ritz_index to = a->run[low + 1] < last ? a->run[low + 1] : last;
    apply_alike(a, from, to, x, y);
    from = to;
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
