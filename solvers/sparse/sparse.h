/* SPDX-License-Identifier: BSD-3-Clause
 * Sparse matrices inside the library. */
#ifndef RITZ_SOLVERS_SPARSE_H
#define RITZ_SOLVERS_SPARSE_H

#include <ritz/sparse.h>

#include "solvers/scalar_size.h"

/* What needs the number format: scalar/product.c. Rows [first, last) of a product. */
typedef struct ritz_sparse_kind {
  void (*apply)(const ritz_sparse *a, ritz_index first, ritz_index last, const void *x, void *y);
  void (*apply_transposed)(const ritz_sparse *a, ritz_index first, ritz_index last, const void *x,
                           void *y);
  void (*add)(const void *x, void *y);                       /* *y += *x */
  void (*store)(ritz_index n, const double *from, void *to); /* as this format */
} ritz_sparse_kind;

extern const ritz_sparse_kind ritz_sparse_kind_s, ritz_sparse_kind_d, ritz_sparse_kind_c,
    ritz_sparse_kind_z;

struct ritz_sparse {
  ritz_scalar scalar;
  const ritz_sparse_kind *kind;
  ritz_index rows, columns, entries;
  ritz_index *start; /* [rows + 1] */
  int32_t *column;   /* [entries] */
  void *values;
  int threads;
  /* Rows run[r] ... run[r + 1] - 1 have the same columns relative to the diagonal. NULL: runs are
   * too short, or have not been looked for. */
  ritz_index runs, *run;
  /* The transpose: its rows, their columns, and where their values stand. NULL until planned. */
  ritz_index *turned_start;
  int32_t *turned_column;
  ritz_index *turned_from;
};

/** A matrix of zeros with room for @p entries; the caller fills start and column. */
ritz_status ritz_sparse_allocate(ritz_scalar scalar, ritz_index rows, ritz_index columns,
                                 ritz_index entries, ritz_sparse **out);

/** Finds runs of rows that are alike, once the pattern is there; products are faster with them and
 * have the same bits. RITZ_ERR_MEMORY */
ritz_status ritz_sparse_find_runs(ritz_sparse *matrix);

/** Number @p i of an array of @p scalar becomes re + i im; real formats drop im. */
void ritz_sparse_put(ritz_scalar scalar, void *values, ritz_index i, double re, double im);
void ritz_sparse_get(ritz_scalar scalar, const void *values, ritz_index i, double *re, double *im);

/** @return  The place of (row, column) in the values, -1 if it is not in the pattern. */
ritz_index ritz_sparse_find(const ritz_sparse *a, ritz_index row, ritz_index column);

#endif
