/* SPDX-License-Identifier: BSD-3-Clause
 * Preconditioned conjugate gradients for symmetric positive definite operators given as callbacks.
 * Hestenes & Stiefel 1952; Saad, Iterative Methods for Sparse Linear Systems (2003), Alg. 9.1. */
#ifndef RITZ_SOLVERS_KRYLOV_CG_H
#define RITZ_SOLVERS_KRYLOV_CG_H

#include <ritz/solve.h>
#include <ritz/status.h>

/** y = A x for vectors of the solver's length; writes all of y. x and y never overlap. */
typedef void ritz_linear_map(void *user, const double *x, double *y);

/** Called after each iteration with ||r|| / ||b|| of the recurrence. @return  false to stop. */
typedef bool ritz_solve_monitor(void *user, int iteration, double residual);

typedef struct ritz_cg_options {
  double tolerance;            /* on the true ||b - A x|| / ||b||. Default 1e-8 */
  int max_iterations;          /* over all restarts. Default 1000 */
  ritz_solve_monitor *monitor; /* NULL (default): none */
  void *monitor_user;
} ritz_cg_options;

void ritz_cg_options_defaults(ritz_cg_options *options);

/** Workspace of one solve at a time: four vectors. */
typedef struct ritz_cg ritz_cg;

/**
 * @param n        Length of the vectors, at least 0.
 * @param options  Copied; NULL: the defaults.
 *                 RITZ_ERR_ARGUMENT  tolerance negative or not a number, or a negative limit
 */
ritz_status ritz_cg_create(ritz_index n, const ritz_cg_options *options, ritz_cg **out);
void ritz_cg_destroy(ritz_cg **cg);

/**
 * Solves A x = b. Allocates nothing.
 *
 * The recurrence's residual drifts away from b - A x, so when it meets the tolerance the true one
 * is computed, and if that does not, the iteration restarts from it; a restart that does not halve
 * the true residual ends the solve (RITZ_SOLVE_STAGNATED). Every report holds the true residual.
 *
 * @param precondition  z = M r with M symmetric positive definite; NULL: none. Rounding errors of a
 *                      single-precision M are harmless.
 * @param b             [n].
 * @param x             [n]; the guess on entry, the solution on exit. Zero when b is zero.
 *
 * Cost: per iteration one product with A, one with M and 13 n numbers of memory traffic besides.
 */
void ritz_cg_solve(ritz_cg *cg, ritz_linear_map *apply, void *apply_user,
                   ritz_linear_map *precondition, void *precondition_user, const double *b,
                   double *x, ritz_solve_report *report);

#endif
