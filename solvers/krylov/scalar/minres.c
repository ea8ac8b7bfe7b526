/* SPDX-License-Identifier: BSD-3-Clause
 * MINRES for Hermitian, possibly indefinite systems with a positive definite preconditioner (Paige
 * & Saunders 1975, doi:10.1137/0712047): the residual of least M-norm, by short recurrences.
 *
 * Lanczos: A v_j with z_j = M v_j; beta_j = sqrt(v_j . z_j), alpha_j = z_j . A z_j / beta_j^2. */
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "solvers/krylov/scalar/vectors.h"

typedef struct vectors {
  scalar *v, *old, *next, *z; /* Lanczos vectors, not normalised, and M v */
  scalar *d, *d1, *d2;        /* directions of this step and the two before */
} vectors;

static void destroy(ritz_krylov *solver) {
  vectors *w = solver->work;
  if (!w) return;
  void *const blocks[] = {w->v, w->old, w->next, w->z, w->d, w->d1, w->d2};
  for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) ritz_free(blocks[i]);
  ritz_free(w);
  solver->work = NULL;
}

static ritz_status create(ritz_krylov *solver) {
  vectors *w;
  RITZ_TRY(RITZ_NEW(1, &w));
  solver->work = w;
  scalar **const blocks[] = {&w->v, &w->old, &w->next, &w->z, &w->d, &w->d1, &w->d2};
  for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
    RITZ_TRY(RITZ_NEW(solver->ld, blocks[i]));
  return ritz_vectors_create(solver, 2);
}

static void turn(scalar **a, scalar **b, scalar **c) {
  scalar *const first = *a;
  *a = *b;
  *b = *c;
  *c = first;
}

/* beta = sqrt(v . M v) with M v in z; negative: M is indefinite. */
static double length(ritz_krylov *solver, const scalar *v, scalar *z) {
  ritz_vectors_precondition(solver, v, z);
  const double square = REAL(ritz_vectors_dot(solver, v, z));
  return square < 0 ? -1 : sqrt(square);
}

static ritz_solve_reason iterate(ritz_krylov *solver, void *residual, void *solution) {
  vectors *w = solver->work;
  scalar *const x = solution;
  ritz_vectors_copy(solver, residual, w->v);
  scalar *const zero[] = {w->old, w->d, w->d1, w->d2};
  for (int i = 0; i < 4; i++) memset(zero[i], 0, (size_t)solver->n * sizeof(scalar));
  double beta = length(solver, w->v, w->z), previous = 0;
  double c1 = 1, s1 = 0, c2 = 1, s2 = 0; /* rotations of the last step and the one before */
  double eta = beta;
  for (;;) {
    if (solver->failure) return solver->failure;
    if (beta < 0) return RITZ_SOLVE_INDEFINITE_PRECONDITIONER;
    if (!isfinite(beta)) return RITZ_SOLVE_NOT_FINITE;
    if (beta == 0) return RITZ_SOLVE_CONVERGED; /* the look at the true residual decides */
    ritz_vectors_scale(solver, 1 / beta, w->z);
    ritz_vectors_apply(solver, w->z, w->next);
    const double alpha = REAL(ritz_vectors_dot(solver, w->z, w->next));
    ritz_vectors_add(solver, -alpha / beta, w->v, w->next);
    if (previous > 0) ritz_vectors_add(solver, -beta / previous, w->old, w->next);

    /* Column j of the tridiagonal matrix under the last two rotations and a new one. */
    const double epsilon = s2 * beta, delta = c1 * c2 * beta + s1 * alpha;
    const double pivot = c1 * alpha - s1 * c2 * beta;
    turn(&w->d2, &w->d1, &w->d);
    ritz_vectors_copy(solver, w->z, w->d);
    ritz_vectors_add(solver, -delta, w->d1, w->d);
    ritz_vectors_add(solver, -epsilon, w->d2, w->d);

    turn(&w->old, &w->v, &w->next);
    previous = beta;
    beta = length(solver, w->v, w->z);
    if (beta < 0) return RITZ_SOLVE_INDEFINITE_PRECONDITIONER;
    const double gamma = hypot(pivot, beta);
    if (!isfinite(gamma)) return RITZ_SOLVE_NOT_FINITE;
    if (gamma == 0) return RITZ_SOLVE_BREAKDOWN;
    c2 = c1, s2 = s1;
    c1 = pivot / gamma, s1 = beta / gamma;
    ritz_vectors_scale(solver, 1 / gamma, w->d);
    ritz_vectors_add(solver, c1 * eta, w->d, x);
    eta *= -s1;
    const ritz_solve_reason reason =
        solver->failure ? solver->failure : ritz_krylov_record(solver, fabs(eta));
    if (reason) return reason;
  }
}

const ritz_krylov_kind RITZ_SCALAR_NAME(minres) = {create, destroy, NULL, iterate, NULL};
