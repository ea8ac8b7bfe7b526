/* SPDX-License-Identifier: BSD-3-Clause
 * BiCGStab (van der Vorst 1992, doi:10.1137/0913035; Saad 2003, Alg. 7.7), preconditioned on the
 * right: short recurrences for systems that are not symmetric, at two products a step. */
#include "solvers/krylov/scalar/vectors.h"

enum { SHADOW, P, V, S, T, MP, MS, VECTORS }; /* MP = M p, MS = M s */

static ritz_status create(ritz_krylov *solver) { return ritz_vectors_work(solver, VECTORS); }

static ritz_solve_reason iterate(ritz_krylov *solver, void *residual, void *solution) {
  scalar *w[VECTORS], *const r = residual, *const x = solution;
  for (int i = 0; i < VECTORS; i++) w[i] = ritz_vectors_column(solver, solver->work, i);
  ritz_vectors_copy(solver, r, w[SHADOW]);
  ritz_vectors_copy(solver, r, w[P]);
  wide rho = ritz_vectors_dot(solver, w[SHADOW], r);
  for (;;) {
    ritz_vectors_precondition(solver, w[P], w[MP]);
    ritz_vectors_apply(solver, w[MP], w[V]);
    const wide along = ritz_vectors_dot(solver, w[SHADOW], w[V]);
    if (solver->failure) return solver->failure;
    if (!isfinite(ABS(along))) return RITZ_SOLVE_NOT_FINITE;
    if (along == 0) return RITZ_SOLVE_BREAKDOWN;
    const wide alpha = rho / along;
    ritz_vectors_copy(solver, r, w[S]);
    ritz_vectors_add(solver, -alpha, w[V], w[S]);
    ritz_vectors_precondition(solver, w[S], w[MS]);
    ritz_vectors_apply(solver, w[MS], w[T]);
    const double tt = REAL(ritz_vectors_dot(solver, w[T], w[T]));
    const wide omega = tt > 0 ? ritz_vectors_dot(solver, w[T], w[S]) / tt : 0;
    ritz_vectors_add(solver, alpha, w[MP], x);
    ritz_vectors_add(solver, omega, w[MS], x);
    ritz_vectors_copy(solver, w[S], r);
    ritz_vectors_add(solver, -omega, w[T], r);
    const double norm = ritz_vectors_norm(solver, r);
    const ritz_solve_reason reason =
        solver->failure ? solver->failure : ritz_krylov_record(solver, norm);
    if (reason) return reason;
    const wide previous = rho;
    rho = ritz_vectors_dot(solver, w[SHADOW], r);
    if (rho == 0 || omega == 0) return RITZ_SOLVE_BREAKDOWN;
    ritz_vectors_add(solver, -omega, w[V], w[P]);
    ritz_vectors_scale(solver, rho / previous * (alpha / omega), w[P]);
    ritz_vectors_add(solver, 1, r, w[P]);
  }
}

const ritz_krylov_kind RITZ_SCALAR_NAME(bicgstab) = {
    .create = create, .destroy = ritz_vectors_work_free, .iterate = iterate};
