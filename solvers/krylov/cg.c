/* SPDX-License-Identifier: BSD-3-Clause
 * Preconditioned conjugate gradients (Saad 2003, Alg. 9.1), restarted from the true residual.
 *
 * x iterate, r residual, z = M r, p direction, q = A p. */
#include "solvers/krylov/cg.h"

#include <math.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "kernels/kernels.h"

struct ritz_cg {
  ritz_index n;
  ritz_cg_options options;
  const ritz_kernels *kernels;
  double *r, *z, *p, *q;
};

/* One call of ritz_cg_solve. */
typedef struct problem {
  ritz_linear_map *apply, *precondition;
  void *apply_user, *precondition_user;
  const double *b;
  double *x;
  double size; /* ||b|| */
} problem;

void ritz_cg_options_defaults(ritz_cg_options *options) {
  *options = (ritz_cg_options){.tolerance = 1e-8, .max_iterations = 1000};
}

ritz_status ritz_cg_create(ritz_index n, const ritz_cg_options *options, ritz_cg **out) {
  *out = NULL;
  ritz_cg_options chosen;
  ritz_cg_options_defaults(&chosen);
  if (options) chosen = *options;
  RITZ_REQUIRE(n >= 0, RITZ_ERR_ARGUMENT, "vector length is %td, wanted at least 0", n);
  RITZ_REQUIRE(chosen.tolerance >= 0, RITZ_ERR_ARGUMENT, "tolerance is %g, wanted at least 0",
               chosen.tolerance);
  RITZ_REQUIRE(chosen.max_iterations >= 0, RITZ_ERR_ARGUMENT,
               "max_iterations is %d, wanted at least 0", chosen.max_iterations);
  ritz_status status;
  ritz_cg *cg;
  RITZ_TRY(RITZ_NEW(1, &cg));
  cg->n = n;
  cg->options = chosen;
  cg->kernels = ritz_kernels_get(RITZ_FLOAT64);
  RITZ_TRY_DONE(RITZ_NEW(n, &cg->r));
  RITZ_TRY_DONE(RITZ_NEW(n, &cg->z));
  RITZ_TRY_DONE(RITZ_NEW(n, &cg->p));
  RITZ_TRY_DONE(RITZ_NEW(n, &cg->q));
  *out = cg;
  return RITZ_OK;
done:
  ritz_cg_destroy(&cg);
  return status;
}

void ritz_cg_destroy(ritz_cg **cg) {
  if (!cg || !*cg) return;
  ritz_free((*cg)->r);
  ritz_free((*cg)->z);
  ritz_free((*cg)->p);
  ritz_free((*cg)->q);
  ritz_free(*cg);
  *cg = NULL;
}

static double dot(const ritz_cg *cg, const double *x, const double *y) {
  double sum;
  cg->kernels->dot(cg->n, x, y, &sum);
  return sum;
}

/* r = b - A x. @return  ||r||. */
static double true_residual(ritz_cg *cg, const problem *s) {
  s->apply(s->apply_user, s->x, cg->q);
  for (ritz_index i = 0; i < cg->n; i++) cg->r[i] = s->b[i] - cg->q[i];
  return sqrt(dot(cg, cg->r, cg->r));
}

/* z = M r. @return  r . z, which is positive for any r but zero. */
static double precondition(ritz_cg *cg, const problem *s) {
  if (s->precondition)
    s->precondition(s->precondition_user, cg->r, cg->z);
  else
    memcpy(cg->z, cg->r, (size_t)cg->n * sizeof *cg->z);
  return dot(cg, cg->r, cg->z);
}

/* Iterates from the residual in r until the recurrence meets the tolerance or something ends it. */
static ritz_solve_reason iterate(ritz_cg *cg, const problem *s, int *iterations) {
  const ritz_cg_options *options = &cg->options;
  double rz = 0;
  for (bool first = true;; first = false) {
    if (*iterations == options->max_iterations) return RITZ_SOLVE_MAX_ITERATIONS;
    const double previous = rz;
    rz = precondition(cg, s);
    if (!isfinite(rz)) return RITZ_SOLVE_NOT_FINITE;
    if (rz <= 0) return RITZ_SOLVE_INDEFINITE_PRECONDITIONER;
    if (first)
      memcpy(cg->p, cg->z, (size_t)cg->n * sizeof *cg->p);
    else
      cg->kernels->cg_direction(cg->n, rz / previous, cg->z, cg->p);

    s->apply(s->apply_user, cg->p, cg->q);
    const double pq = dot(cg, cg->p, cg->q);
    if (!isfinite(pq)) return RITZ_SOLVE_NOT_FINITE;
    if (pq <= 0) return RITZ_SOLVE_INDEFINITE_OPERATOR;
    double rr;
    cg->kernels->cg_step(cg->n, rz / pq, cg->p, cg->q, s->x, cg->r, &rr);
    ++*iterations;
    const double residual = sqrt(rr) / s->size;
    if (!isfinite(residual)) return RITZ_SOLVE_NOT_FINITE;
    if (options->monitor && !options->monitor(options->monitor_user, *iterations, residual))
      return RITZ_SOLVE_STOPPED;
    if (residual <= options->tolerance) return RITZ_SOLVE_CONVERGED;
  }
}

/* Alternates iterations with a look at the true residual. */
static void solve(ritz_cg *cg, const problem *s, ritz_solve_report *report) {
  const double tolerance = cg->options.tolerance;
  double residual = true_residual(cg, s) / s->size;
  report->initial_residual = residual;
  report->reason = RITZ_SOLVE_CONVERGED;
  while (report->reason > 0 && !(residual <= tolerance)) {
    if (!isfinite(residual)) {
      report->reason = RITZ_SOLVE_NOT_FINITE;
      break;
    }
    const double before = residual;
    report->reason = iterate(cg, s, &report->iterations);
    residual = true_residual(cg, s) / s->size;
    if (report->reason > 0 && residual > tolerance && residual > 0.5 * before)
      report->reason = RITZ_SOLVE_STAGNATED;
  }
  if (residual <= tolerance) report->reason = RITZ_SOLVE_CONVERGED;
  report->residual = residual;
}

void ritz_cg_solve(ritz_cg *cg, ritz_linear_map *apply, void *apply_user,
                   ritz_linear_map *preconditioner, void *precondition_user, const double *b,
                   double *x, ritz_solve_report *report) {
  const problem s = {.apply = apply,
                     .precondition = preconditioner,
                     .apply_user = apply_user,
                     .precondition_user = precondition_user,
                     .b = b,
                     .x = x,
                     .size = sqrt(dot(cg, b, b))};
  *report = (ritz_solve_report){.reason = RITZ_SOLVE_ZERO_RHS};
  if (s.size == 0) {
    memset(x, 0, (size_t)cg->n * sizeof *x);
  } else if (!isfinite(s.size)) {
    report->reason = RITZ_SOLVE_NOT_FINITE;
    report->residual = report->initial_residual = NAN;
  } else {
    solve(cg, &s, report);
  }
}
