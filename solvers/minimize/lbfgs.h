/* SPDX-License-Identifier: BSD-3-Clause
 * Minimisation by the limited-memory BFGS method with a preconditioner as its first guess of the
 * inverse Hessian: Nocedal 1980, doi:10.1090/S0025-5718-1980-0572855-7; Nocedal & Wright 2006,
 * Alg. 7.4 and 7.5. Steps by backtracking with cubic interpolation; a pair that would spoil
 * positivity is left out. */
#ifndef RITZ_SOLVERS_MINIMIZE_LBFGS_H
#define RITZ_SOLVERS_MINIMIZE_LBFGS_H

#include <ritz/solve.h>
#include <ritz/status.h>

/** @return  The value at x; writes all of the gradient. */
typedef double ritz_objective(void *user, const double *x, double *gradient);
/** z = P g with a symmetric positive definite P; z may be g. */
typedef void ritz_metric_map(void *user, const double *g, double *z);

typedef struct ritz_lbfgs_options {
  int memory;         /* pairs kept. Default 20 */
  int max_iterations; /* Default 100 */
  double tolerance;   /* on sqrt(g . P g) relative to its first value. Default 1e-6 */
} ritz_lbfgs_options;

void ritz_lbfgs_options_defaults(ritz_lbfgs_options *options);

typedef struct ritz_lbfgs ritz_lbfgs;

/** Workspace of one minimisation at a time. @param options  Copied; NULL: the defaults. */
ritz_status ritz_lbfgs_create(ritz_index n, const ritz_lbfgs_options *options, ritz_lbfgs **out);
void ritz_lbfgs_destroy(ritz_lbfgs **lbfgs);

/**
 * Minimises from x, in place; the value never rises. Allocates nothing.
 *
 * @param precondition  NULL: the identity.
 * @param report        residual: sqrt(g . P g) relative to the first; products: evaluations;
 *                      RITZ_SOLVE_STAGNATED where no step lowers the value any more.
 */
void ritz_lbfgs_run(ritz_lbfgs *lbfgs, ritz_objective *objective, ritz_metric_map *precondition,
                    void *user, double *x, ritz_solve_report *report);

#endif
