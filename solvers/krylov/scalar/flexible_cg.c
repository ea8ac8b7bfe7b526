/* SPDX-License-Identifier: BSD-3-Clause
 * Flexible conjugate gradients (Notay 2000, doi:10.1137/S1064827599362314): the preconditioner may
 * be nonlinear and differ from step to step, because a new direction is made A-conjugate to the
 * latest `restart` ones explicitly. With a fixed one that is symmetric and positive definite it is
 * the method of Hestenes & Stiefel.
 *
 * With restart 2 and refresh 1 it is the iteration of the deep conjugate direction method (Kaneda
 * et al. 2023, arXiv:2205.10763): two directions, r computed from x in every step. */
#include "core/fail.h"
#include "core/memory.h"
#include "solvers/krylov/scalar/vectors.h"

typedef struct window {
  int steps;      /* since the system began */
  scalar *z;      /* M r, then the new direction p */
  scalar *q;      /* A p */
  scalar *p, *ap; /* [restart], those of step i in column i mod restart */
  double *length; /* [restart] p . A p */
  wide *c;        /* [restart] */
} window;

static void destroy(ritz_krylov *solver) {
  window *w = solver->work;
  if (!w) return;
  void *const blocks[] = {w->z, w->q, w->p, w->ap, w->length, w->c};
  for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) ritz_free(blocks[i]);
  ritz_free(w);
  solver->work = NULL;
}

static ritz_status create(ritz_krylov *solver) {
  const int m = solver->options.restart;
  window *w;
  RITZ_TRY(RITZ_NEW(1, &w));
  solver->work = w;
  RITZ_TRY(RITZ_NEW(solver->ld, &w->z));
  RITZ_TRY(RITZ_NEW(solver->ld, &w->q));
  RITZ_TRY(RITZ_NEW(solver->ld * m, &w->p));
  RITZ_TRY(RITZ_NEW(solver->ld * m, &w->ap));
  RITZ_TRY(RITZ_NEW(m, &w->length));
  RITZ_TRY(RITZ_NEW(m, &w->c));
  return ritz_vectors_create(solver, m, m);
}

static void begin(ritz_krylov *solver) { ((window *)solver->work)->steps = 0; }

/* p -= P (P* A P)^-1 (A P)* p, P* A P being diagonal. */
static void make_conjugate(ritz_krylov *solver, scalar *p) {
  window *w = solver->work;
  const int m = solver->options.restart, count = w->steps < m ? w->steps : m;
  if (count == 0) return;
  ritz_vectors_gram(solver, count, w->ap, 1, p, w->c);
  for (int i = 0; i < count; i++) w->c[i] = -w->c[i] / w->length[i];
  ritz_vectors_combine(solver, count, w->p, w->c, p);
}

static void keep(ritz_krylov *solver, double length) {
  window *w = solver->work;
  const int at = w->steps++ % solver->options.restart;
  ritz_vectors_copy(solver, w->z, ritz_vectors_column(solver, w->p, at));
  ritz_vectors_copy(solver, w->q, ritz_vectors_column(solver, w->ap, at));
  w->length[at] = length;
}

static ritz_solve_reason step(ritz_krylov *solver, scalar *r, scalar *x) {
  window *w = solver->work;
  ritz_vectors_precondition(solver, r, w->z);
  const double rz = REAL(ritz_vectors_dot(solver, r, w->z));
  if (solver->failure) return solver->failure;
  if (!isfinite(rz)) return RITZ_SOLVE_NOT_FINITE;
  if (rz < 0) return RITZ_SOLVE_INDEFINITE_PRECONDITIONER;
  if (rz == 0) return RITZ_SOLVE_CONVERGED; /* the look at the true residual decides */
  make_conjugate(solver, w->z);
  ritz_vectors_apply(solver, w->z, w->q);
  const double pq = REAL(ritz_vectors_dot(solver, w->z, w->q));
  const wide pr = ritz_vectors_dot(solver, w->z, r);
  if (solver->failure) return solver->failure;
  if (!isfinite(pq)) return RITZ_SOLVE_NOT_FINITE;
  if (pq <= 0) return RITZ_SOLVE_INDEFINITE_OPERATOR;
  keep(solver, pq);
  ritz_vectors_add(solver, pr / pq, w->z, x);
  ritz_vectors_add(solver, -pr / pq, w->q, r);
  const double norm = ritz_vectors_norm(solver, r);
  return solver->failure ? solver->failure : ritz_krylov_record(solver, norm);
}

static ritz_solve_reason iterate(ritz_krylov *solver, void *residual, void *solution) {
  const window *w = solver->work;
  const int refresh = solver->options.refresh;
  for (;;) {
    const ritz_solve_reason reason = step(solver, residual, solution);
    if (reason || (refresh > 0 && w->steps % refresh == 0)) return reason;
  }
}

const ritz_krylov_kind RITZ_SCALAR_NAME(flexible_cg) = {
    .create = create, .destroy = destroy, .begin = begin, .iterate = iterate};
