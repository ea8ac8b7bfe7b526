/* SPDX-License-Identifier: BSD-3-Clause
 * Solves with the lower and upper triangle of a sparse matrix: row after row, or in slices of rows
 * of one level (solvers/precond/packed.h) where levels are long enough. The pattern alone decides,
 * and a row's own sum has one order, so the bits do not depend on the number of threads. */
#ifndef RITZ_SOLVERS_PRECOND_TRIANGLES_H
#define RITZ_SOLVERS_PRECOND_TRIANGLES_H

#include "kernels/solver_kernels.h"
#include "solvers/precond/packed.h"
#include "solvers/scalar.h"
#include "solvers/sparse/sparse.h"

#define ritz_triangles_create RITZ_SCALAR_NAME(triangles_create)
#define ritz_triangles_clear  RITZ_SCALAR_NAME(triangles_clear)
#define ritz_triangles_update RITZ_SCALAR_NAME(triangles_update)
#define ritz_triangles_lower  RITZ_SCALAR_NAME(triangles_lower)
#define ritz_triangles_solve  RITZ_SCALAR_NAME(triangles_solve)

/** Numbers, borrowed: values of the entries, and per row [n] what sums are multiplied by. */
typedef struct ritz_triangle_numbers {
  const scalar *values;
  const scalar *lower, *upper; /* the sums of a triangle; NULL: nothing */
  const scalar *between;       /* the results of the lower one on their way to the upper; NULL */
} ritz_triangle_numbers;

/** A square pattern, borrowed, with every diagonal entry. */
typedef struct ritz_triangles {
  ritz_pattern pattern;
  ritz_index *diagonal; /* [n] places */
  ritz_triangle_numbers numbers;
  ritz_packed below, above; /* without slices: row after row */
  real *work[2];            /* working vectors of both */
  const ritz_solver_kernels *kernels;
} ritz_triangles;

/** @param both  Whether the upper triangle will be solved with too.
 * RITZ_ERR_NUMERIC  a row without a diagonal entry. RITZ_ERR_MEMORY */
ritz_status ritz_triangles_create(ritz_index n, const ritz_index *start, const int32_t *column,
                                  bool both, ritz_triangles *out);
void ritz_triangles_clear(ritz_triangles *t);

/** Takes the numbers up, again whenever they have changed: slices have a copy. */
void ritz_triangles_update(ritz_triangles *t, const ritz_triangle_numbers *numbers);

/** y_i = (r_i - sum over j < i of a_ij y_j) lower_i; y may be r. One call at a time. */
void ritz_triangles_lower(const ritz_triangles *t, int threads, const scalar *r, scalar *y);
/** The same, then z_i = (between_i y_i - sum over j > i of a_ij z_j) upper_i from the last row; z
 * may be r. */
void ritz_triangles_solve(const ritz_triangles *t, int threads, const scalar *r, scalar *z);

#endif
