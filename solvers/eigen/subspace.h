/* SPDX-License-Identifier: BSD-3-Clause
 * The lowest eigenpairs of a symmetric sparse matrix by subspace iteration with Chebyshev filters
 * (Zhou, Saad, Tiago & Chelikowsky 2006, doi:10.1016/j.jcp.2006.03.017), for sequences of matrices:
 * a solve begins with the vectors that the one before has left.
 *
 * A round filters the vectors that have not converged by the polynomial of `degree` that is small
 * between the largest Ritz value and a bound of the spectrum, makes all of them orthonormal, and
 * takes Ritz vectors. Residuals are || A v - lambda v || of unit v, from a product of its own. */
#ifndef RITZ_SOLVERS_EIGEN_SUBSPACE_H
#define RITZ_SOLVERS_EIGEN_SUBSPACE_H

#include <ritz/solve.h>
#include <ritz/sparse.h>

typedef struct ritz_subspace_options {
  ritz_index n;       /* rows of the matrices */
  ritz_index pairs;   /* wanted, at least 1 */
  ritz_index guard;   /* more vectors, at least 1: the last pair converges by its distance from
                         theirs; pairs + guard <= n */
  int degree;         /* of the filter; 0: by the width of the spectrum beside the wanted part */
  double tolerance;   /* on the residual over max(|lambda|, floor) */
  double floor;       /* positive: eigenvalues may be near 0 */
  int max_iterations; /* rounds */
} ritz_subspace_options;

typedef struct ritz_subspace ritz_subspace;

/** RITZ_ERR_ARGUMENT  an option out of range */
ritz_status ritz_subspace_create(const ritz_subspace_options *options, ritz_subspace **out);
void ritz_subspace_destroy(ritz_subspace **subspace);

/** @return  The vectors [n][*ld], pairs + guard columns, by value ascending after a solve. Start
 * vectors are written to them, linearly independent; after RITZ_SOLVE_BREAKDOWN they are zeros. */
double *ritz_subspace_vectors(ritz_subspace *subspace, ritz_index *ld);

/**
 * Solves for @p matrix, RITZ_REAL_DOUBLE and symmetric. Allocates nothing.
 *
 * @param value     [pairs], ascending.
 * @param residual  [pairs], relative as said above.
 * @param report    Rounds, products of the matrix with single vectors, the largest residual.
 */
void ritz_subspace_solve(ritz_subspace *subspace, const ritz_sparse *matrix, double *value,
                         double *residual, ritz_solve_report *report);

#endif
