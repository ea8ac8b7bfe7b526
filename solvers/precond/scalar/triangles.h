/* SPDX-License-Identifier: BSD-3-Clause
 * Solves with the lower and upper triangle of a sparse matrix. Rows of one level depend on rows of
 * earlier levels only (Anderson & Saad 1989, doi:10.1142/S0129053389000056), so threads may share a
 * level; a row's own sum has one order, so the bits do not depend on who computes it. */
#ifndef RITZ_SOLVERS_PRECOND_TRIANGLES_H
#define RITZ_SOLVERS_PRECOND_TRIANGLES_H

#include "solvers/scalar.h"
#include "solvers/sparse/sparse.h"

#define ritz_triangles_create RITZ_SCALAR_NAME(triangles_create)
#define ritz_triangles_clear  RITZ_SCALAR_NAME(triangles_clear)
#define ritz_triangles_lower  RITZ_SCALAR_NAME(triangles_lower)
#define ritz_triangles_upper  RITZ_SCALAR_NAME(triangles_upper)

typedef struct ritz_levels {
  ritz_index count;
  ritz_index *first; /* [count + 1] of row; NULL where levels are too small to share */
  int32_t *row;
} ritz_levels;

/** A square pattern, borrowed, with every diagonal entry; values and inverse are the owner's. */
typedef struct ritz_triangles {
  ritz_index n;
  const ritz_index *start;
  ritz_index *diagonal; /* [n] places, owned */
  const int32_t *column;
  const scalar *values, *inverse; /* inverse [n]: what a row's sum is multiplied by */
  ritz_levels below, above;
} ritz_triangles;

/** Finds diagonals and levels. RITZ_ERR_NUMERIC  a row without a diagonal entry */
ritz_status ritz_triangles_create(ritz_index n, const ritz_index *start, const int32_t *column,
                                  ritz_triangles *out);
void ritz_triangles_clear(ritz_triangles *t);

/** y_i = (r_i - sum over j < i of a_ij y_j) inverse_i, without the factor where @p unit. y may be
 * r. */
void ritz_triangles_lower(const ritz_triangles *t, int threads, bool unit, const scalar *r,
                          scalar *y);
/** The same over j > i, from the last row. */
void ritz_triangles_upper(const ritz_triangles *t, int threads, const scalar *r, scalar *y);

#endif
