/* SPDX-License-Identifier: BSD-3-Clause
 * Several right-hand sides: which can be solved, looks at the true residuals, reasons. */
#include "solvers/krylov/scalar/columns.h"

#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "solvers/krylov/scalar/solve.h"
#include "solvers/krylov/scalar/vectors.h"

ritz_status ritz_columns_create(ritz_krylov *solver, int most, ritz_columns *out) {
  *out = (ritz_columns){0};
  RITZ_TRY(RITZ_NEW(most * solver->ld, &out->x));
  RITZ_TRY(RITZ_NEW(most * solver->ld, &out->r));
  RITZ_TRY(RITZ_NEW(most, &out->unit));
  RITZ_TRY(RITZ_NEW(most, &out->norm));
  RITZ_TRY(RITZ_NEW(most, &out->size));
  return RITZ_NEW(most, &out->index);
}

void ritz_columns_clear(ritz_columns *c) {
  void *const blocks[] = {c->x, c->r, c->unit, c->norm, c->size, c->index};
  for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) ritz_free(blocks[i]);
}

double ritz_columns_worst(const ritz_columns *c) {
  double most = 0;
  for (int j = 0; j < c->count; j++) {
    if (!isfinite(c->norm[j])) return c->norm[j];
    most = fmax(most, c->norm[j] / c->unit[j]);
  }
  return most;
}

/* Takes right-hand side b up as the next column. @return  Why not; 0: it has been. */
static ritz_solve_reason take_up(ritz_krylov *solver, ritz_columns *c, const scalar *b, scalar *x,
                                 ritz_solve_report *report) {
  const double rtol = solver->options.rtol, size = ritz_vectors_norm(solver, b);
  scalar *const xj = ritz_vectors_column(solver, c->x, c->count);
  scalar *const rj = ritz_vectors_column(solver, c->r, c->count);
  if (size == 0) {
    memset(x, 0, (size_t)solver->n * sizeof *x);
    return RITZ_SOLVE_ZERO_RHS;
  }
  report->residual = report->initial_residual = NAN;
  if (!isfinite(size)) return RITZ_SOLVE_NOT_FINITE;
  ritz_vectors_copy(solver, b, rj);
  const double scale = ritz_krylov_method_norm(solver, rj, size);
  if (scale == 0) return RITZ_SOLVE_INDEFINITE_PRECONDITIONER;
  double norm = size, seen = scale; /* of x = 0 */
  memset(xj, 0, (size_t)solver->n * sizeof *xj);
  if (solver->options.initial_guess) {
    ritz_vectors_copy(solver, x, xj);
    norm = ritz_krylov_true_residual(solver, b, xj, rj);
    seen = ritz_krylov_method_norm(solver, rj, norm);
  }
  report->residual = report->initial_residual = norm / size;
  c->size[c->count] = size;
  c->unit[c->count] = rtol > 0 ? fmax(scale, solver->options.atol / rtol) : 1;
  c->norm[c->count] = seen;
  return isfinite(seen) && isfinite(scale) ? 0 : RITZ_SOLVE_NOT_FINITE;
}

static void take_up_all(ritz_krylov *solver, ritz_columns *c, int count, const scalar *b, scalar *x,
                        ritz_solve_report *reports) {
  c->count = 0;
  for (int j = 0; j < count; j++) {
    reports[j] = (ritz_solve_report){0};
    if (!solver->failure)
      reports[j].reason = take_up(solver, c, b + j * solver->n, x + j * solver->n, &reports[j]);
    if (solver->failure) reports[j].reason = solver->failure;
    if (!reports[j].reason) c->index[c->count++] = j;
  }
}

/* R = B - A X, and what the methods see of it. */
static void look(ritz_krylov *solver, ritz_columns *c, const scalar *b,
                 ritz_solve_report *reports) {
  for (int j = 0; j < c->count; j++) {
    scalar *const r = ritz_vectors_column(solver, c->r, j);
    const double norm = ritz_krylov_true_residual(solver, b + c->index[j] * solver->n,
                                                  ritz_vectors_column(solver, c->x, j), r);
    reports[c->index[j]].residual = norm / c->size[j];
    c->norm[j] = ritz_krylov_method_norm(solver, r, norm);
  }
}

/* Iterations and looks in turn, as for one right-hand side. */
static ritz_solve_reason alternate(ritz_krylov *solver, ritz_columns *c, const scalar *b,
                                   ritz_solve_report *reports, ritz_columns_iterate *iterate,
                                   void *method) {
  double residual = ritz_columns_worst(c);
  ritz_solve_reason reason = ritz_krylov_record(solver, residual);
  while (!reason) {
    const double before = residual;
    reason = iterate(solver, method, c);
    const ritz_solve_reason failure = solver->failure;
    solver->failure = 0;
    look(solver, c, b, reports);
    residual = ritz_columns_worst(c);
    if (failure || solver->failure) return failure ? failure : solver->failure;
    if (!isfinite(residual)) return RITZ_SOLVE_NOT_FINITE;
    if (residual <= solver->goal) return RITZ_SOLVE_CONVERGED;
    reason = ritz_krylov_after_look(solver, reason, residual <= 0.5 * before);
  }
  return reason;
}

void ritz_columns_solve(ritz_krylov *solver, ritz_columns *c, int count, const scalar *b, scalar *x,
                        ritz_solve_report *reports, ritz_columns_iterate *iterate, void *method) {
  const double rtol = solver->options.rtol;
  ritz_krylov_open(solver);
  solver->scale = 1;
  solver->goal = rtol > 0 ? rtol : solver->options.atol;
  take_up_all(solver, c, count, b, x, reports);
  if (c->count > 0 && !solver->failure && solver->kind->begin) solver->kind->begin(solver);
  ritz_solve_reason reason = solver->failure;
  if (c->count > 0 && !reason) reason = alternate(solver, c, b, reports, iterate, method);
  for (int j = 0; j < c->count; j++) {
    const int at = c->index[j];
    const bool done = !solver->failure && c->norm[j] <= solver->goal * c->unit[j];
    ritz_vectors_copy(solver, ritz_vectors_column(solver, c->x, j), x + at * solver->n);
    reports[at].reason = done ? RITZ_SOLVE_CONVERGED : reason;
  }
  for (int j = 0; j < count; j++) {
    reports[j].iterations = solver->report.iterations;
    reports[j].products = solver->report.products;
  }
  ritz_krylov_close(solver);
}
