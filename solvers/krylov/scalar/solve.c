/* SPDX-License-Identifier: BSD-3-Clause
 * What all methods have in common: scales, and a look at the true residual whenever the recurrence
 * says it is done. */
#include "solvers/krylov/scalar/solve.h"

#include <string.h>

#include "solvers/krylov/scalar/vectors.h"

double ritz_krylov_method_norm(ritz_krylov *solver, scalar *r, double true_norm) {
  if (solver->norm == RITZ_NORM_TRUE || !solver->precondition) return true_norm;
  scalar *const w = solver->w;
  ritz_vectors_precondition(solver, r, w);
  if (solver->norm == RITZ_NORM_NATURAL) {
    const double square = REAL(ritz_vectors_dot(solver, r, w));
    if (square < 0) solver->failure = RITZ_SOLVE_INDEFINITE_PRECONDITIONER;
    return sqrt(fmax(square, 0));
  }
  ritz_vectors_copy(solver, w, r);
  return ritz_vectors_norm(solver, r);
}

double ritz_krylov_true_residual(ritz_krylov *solver, const scalar *b, const scalar *x, scalar *r) {
  ritz_vectors_apply(solver, x, solver->w);
  ritz_vectors_copy(solver, b, r);
  ritz_vectors_add(solver, -1, solver->w, r);
  return ritz_vectors_norm(solver, r);
}

ritz_solve_reason ritz_krylov_after_look(const ritz_krylov *solver, ritz_solve_reason reason,
                                         bool gained) {
  if (reason != RITZ_SOLVE_CONVERGED && reason != RITZ_SOLVE_BREAKDOWN) return reason;
  if (!gained) return reason == RITZ_SOLVE_CONVERGED ? RITZ_SOLVE_STAGNATED : reason;
  return solver->recorded > solver->options.max_iterations ? RITZ_SOLVE_MAX_ITERATIONS : 0;
}

/* Iterations and looks in turn, until both agree or nothing is gained any more. */
static ritz_solve_reason alternate(ritz_krylov *solver, const scalar *b, double size, scalar *x) {
  ritz_solve_report *report = &solver->report;
  scalar *const r = solver->r;
  double norm = size; /* of x = 0 */
  if (solver->options.initial_guess) {
    norm = ritz_krylov_true_residual(solver, b, x, r);
  } else {
    memset(x, 0, (size_t)solver->n * sizeof *x);
    ritz_vectors_copy(solver, b, r);
  }
  report->residual = report->initial_residual = norm / size;
  double residual = ritz_krylov_method_norm(solver, r, norm);
  ritz_solve_reason reason =
      solver->failure ? solver->failure : ritz_krylov_record(solver, residual);
  while (!reason) {
    const double before = residual;
    reason = solver->kind->iterate(solver, r, x);
    const ritz_solve_reason failure = solver->failure;
    solver->failure = 0;
    norm = ritz_krylov_true_residual(solver, b, x, r);
    report->residual = norm / size;
    residual = ritz_krylov_method_norm(solver, r, norm);
    if (failure || solver->failure) return failure ? failure : solver->failure;
    if (!isfinite(residual)) return RITZ_SOLVE_NOT_FINITE;
    if (residual <= solver->goal) return RITZ_SOLVE_CONVERGED;
    reason = ritz_krylov_after_look(solver, reason, residual <= 0.5 * before);
  }
  return reason;
}

ritz_solve_reason ritz_krylov_solve_scalar(ritz_krylov *solver, const void *b, void *x) {
  const double size = ritz_vectors_norm(solver, b);
  if (solver->failure) return solver->failure;
  if (!isfinite(size)) {
    solver->report.residual = solver->report.initial_residual = NAN;
    return RITZ_SOLVE_NOT_FINITE;
  }
  if (size == 0) {
    memset(x, 0, (size_t)solver->n * sizeof(scalar));
    return RITZ_SOLVE_ZERO_RHS;
  }
  ritz_vectors_copy(solver, b, solver->r);
  solver->scale = ritz_krylov_method_norm(solver, solver->r, size);
  if (solver->failure) return solver->failure;
  if (!isfinite(solver->scale)) return RITZ_SOLVE_NOT_FINITE;
  if (solver->scale == 0) return RITZ_SOLVE_INDEFINITE_PRECONDITIONER;
  solver->goal = fmax(solver->options.rtol * solver->scale, solver->options.atol);
  if (solver->kind->begin) solver->kind->begin(solver);
  if (solver->failure) return solver->failure;
  const ritz_solve_reason reason = alternate(solver, b, size, x);
  if (solver->kind->finish && !solver->failure) solver->kind->finish(solver);
  return reason;
}
