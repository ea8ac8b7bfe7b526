/* SPDX-License-Identifier: BSD-3-Clause
 * BiCGStab (van der Vorst 1992, doi:10.1137/0913035; Saad 2003, Alg. 7.7), preconditioned on the
 * right: short recurrences for systems that are not symmetric, at two products a step. */
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "solvers/krylov/scalar/vectors.h"

typedef struct vectors {
  scalar *shadow, *p, *v, *s, *t, *mp, *ms; /* mp = M p, ms = M s */
} vectors;

static void destroy(ritz_krylov *solver) {
  vectors *w = solver->work;
  if (!w) return;
  void *const blocks[] = {w->shadow, w->p, w->v, w->s, w->t, w->mp, w->ms};
  for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) ritz_free(blocks[i]);
  ritz_free(w);
  solver->work = NULL;
}

static ritz_status create(ritz_krylov *solver) {
  vectors *w;
  RITZ_TRY(RITZ_NEW(1, &w));
  solver->work = w;
  scalar **const blocks[] = {&w->shadow, &w->p, &w->v, &w->s, &w->t, &w->mp, &w->ms};
  for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
    RITZ_TRY(RITZ_NEW(solver->ld, blocks[i]));
  return ritz_vectors_create(solver, 2);
}

static ritz_solve_reason iterate(ritz_krylov *solver, void *residual, void *solution) {
  vectors *w = solver->work;
  scalar *const r = residual, *const x = solution;
  ritz_vectors_copy(solver, r, w->shadow);
  ritz_vectors_copy(solver, r, w->p);
  wide rho = ritz_vectors_dot(solver, w->shadow, r);
  for (;;) {
    ritz_vectors_precondition(solver, w->p, w->mp);
    ritz_vectors_apply(solver, w->mp, w->v);
    const wide along = ritz_vectors_dot(solver, w->shadow, w->v);
    if (solver->failure) return solver->failure;
    if (!isfinite(ABS(along))) return RITZ_SOLVE_NOT_FINITE;
    if (along == 0) return RITZ_SOLVE_BREAKDOWN;
    const wide alpha = rho / along;
    ritz_vectors_copy(solver, r, w->s);
    ritz_vectors_add(solver, -alpha, w->v, w->s);
    ritz_vectors_precondition(solver, w->s, w->ms);
    ritz_vectors_apply(solver, w->ms, w->t);
    const double tt = REAL(ritz_vectors_dot(solver, w->t, w->t));
    const wide omega = tt > 0 ? ritz_vectors_dot(solver, w->t, w->s) / tt : 0;
    ritz_vectors_add(solver, alpha, w->mp, x);
    ritz_vectors_add(solver, omega, w->ms, x);
    ritz_vectors_copy(solver, w->s, r);
    ritz_vectors_add(solver, -omega, w->t, r);
    const double norm = ritz_vectors_norm(solver, r);
    const ritz_solve_reason reason =
        solver->failure ? solver->failure : ritz_krylov_record(solver, norm);
    if (reason) return reason;
    const wide previous = rho;
    rho = ritz_vectors_dot(solver, w->shadow, r);
    if (rho == 0 || omega == 0) return RITZ_SOLVE_BREAKDOWN;
    ritz_vectors_add(solver, -omega, w->v, w->p);
    ritz_vectors_scale(solver, rho / previous * (alpha / omega), w->p);
    ritz_vectors_add(solver, 1, r, w->p);
  }
}

const ritz_krylov_kind RITZ_SCALAR_NAME(bicgstab) = {create, destroy, NULL, iterate, NULL};
