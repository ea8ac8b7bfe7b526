/* SPDX-License-Identifier: BSD-3-Clause
 * Conjugate gradients, deflated by a recycle space W (Saad, Yeung, Erhel & Guyomarc'h 2000,
 * doi:10.1137/S1064829598339761). With an empty space it is the method of Hestenes & Stiefel.
 *
 * Directions are kept A-conjugate to W; from the first of them and W, the next space is that of the
 * least Ritz values of M A in the A-inner product. */
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "solvers/krylov/scalar/block_cg.h"
#include "solvers/krylov/scalar/dense.h"
#include "solvers/krylov/scalar/vectors.h"

typedef struct directions {
  int most, count; /* pairs p, A p kept of this system */
  scalar *z, *p, *q;
  scalar *kept, *products;  /* [k + most]: W and A W, then the directions and theirs */
  wide *f, *e, *vectors;    /* [k + most][k + most] */
  wide *gram, *t, *scratch; /* Cholesky factor of W* A W; coefficients; for LAPACK */
} directions;

static void destroy(ritz_krylov *solver) {
  directions *w = solver->work;
  if (!w) return;
  void *const blocks[] = {w->z, w->p,       w->q,    w->kept, w->products, w->f,
                          w->e, w->vectors, w->gram, w->t,    w->scratch};
  for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) ritz_free(blocks[i]);
  ritz_free(w);
  solver->work = NULL;
}

static ritz_status create(ritz_krylov *solver) {
  const int k = solver->own ? solver->options.recycle : 0;
  const int most = k ? k + solver->options.restart : 0;
  directions *w;
  RITZ_TRY(RITZ_NEW(1, &w));
  solver->work = w;
  w->most = k ? solver->options.restart : 0;
  scalar **const vectors[] = {&w->z, &w->p, &w->q};
  for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
    RITZ_TRY(RITZ_NEW(solver->ld, vectors[i]));
  RITZ_TRY(RITZ_NEW(solver->ld * most, &w->kept));
  RITZ_TRY(RITZ_NEW(solver->ld * most, &w->products));
  wide **const squares[] = {&w->f, &w->e, &w->vectors, &w->gram};
  for (size_t i = 0; i < sizeof squares / sizeof *squares; i++)
    RITZ_TRY(RITZ_NEW(most * most, squares[i]));
  RITZ_TRY(RITZ_NEW(most + 1, &w->t));
  RITZ_TRY(RITZ_NEW(ritz_dense_scratch(most), &w->scratch));
  return ritz_vectors_create(solver, most + 1, most + 1);
}

static int dimension(const ritz_krylov *solver) {
  return solver->space ? solver->space->dimension : 0;
}

/* A W, and the factor of W* A W. */
static void begin(ritz_krylov *solver) {
  directions *w = solver->work;
  w->count = 0;
  const int k = dimension(solver);
  if (k == 0) return;
  ritz_recycle *space = solver->space;
  if (!space->current)
    for (int j = 0; j < k; j++)
      ritz_vectors_apply(solver, ritz_vectors_column(solver, space->u, j),
                         ritz_vectors_column(solver, space->c, j));
  space->current = true;
  ritz_vectors_gram(solver, k, space->u, k, space->c, w->gram);
  if (!ritz_dense_cholesky(k, w->gram)) ritz_recycle_reset(space);
}

/* p -= W (W* A W)^-1 (A W)* z */
static void make_conjugate(ritz_krylov *solver, const scalar *z, scalar *p) {
  directions *w = solver->work;
  const int k = dimension(solver);
  if (k == 0) return;
  ritz_vectors_gram(solver, k, solver->space->c, 1, z, w->t);
  ritz_dense_cholesky_solve(k, w->gram, w->t);
  for (int i = 0; i < k; i++) w->t[i] = -w->t[i];
  ritz_vectors_combine(solver, k, solver->space->u, w->t, p);
}

/* The step to W* r = 0. */
static void deflate(ritz_krylov *solver, scalar *r, scalar *x) {
  directions *w = solver->work;
  const int k = dimension(solver);
  if (k == 0) return;
  ritz_vectors_gram(solver, k, solver->space->u, 1, r, w->t);
  ritz_dense_cholesky_solve(k, w->gram, w->t);
  ritz_vectors_combine(solver, k, solver->space->u, w->t, x);
  for (int i = 0; i < k; i++) w->t[i] = -w->t[i];
  ritz_vectors_combine(solver, k, solver->space->c, w->t, r);
}

static void keep(ritz_krylov *solver) {
  directions *w = solver->work;
  if (w->count == w->most) return;
  const int at = solver->options.recycle + w->count++;
  ritz_vectors_copy(solver, w->p, ritz_vectors_column(solver, w->kept, at));
  ritz_vectors_copy(solver, w->q, ritz_vectors_column(solver, w->products, at));
}

static ritz_solve_reason iterate(ritz_krylov *solver, void *residual, void *solution) {
  directions *w = solver->work;
  scalar *const r = residual, *const x = solution;
  deflate(solver, r, x);
  if (dimension(solver) > 0 && ritz_vectors_norm(solver, r) <= solver->goal)
    return solver->failure ? solver->failure : RITZ_SOLVE_CONVERGED;
  double rz = 0;
  for (bool first = true;; first = false) {
    const double previous = rz;
    ritz_vectors_precondition(solver, r, w->z);
    rz = REAL(ritz_vectors_dot(solver, r, w->z));
    if (solver->failure) return solver->failure;
    if (!isfinite(rz)) return RITZ_SOLVE_NOT_FINITE;
    if (rz < 0) return RITZ_SOLVE_INDEFINITE_PRECONDITIONER;
    if (rz == 0) return RITZ_SOLVE_CONVERGED; /* the look at the true residual decides */
    ritz_vectors_scale(solver, first ? 0 : rz / previous, w->p);
    ritz_vectors_add(solver, 1, w->z, w->p);
    make_conjugate(solver, w->z, w->p);
    ritz_vectors_apply(solver, w->p, w->q);
    const double pq = REAL(ritz_vectors_dot(solver, w->p, w->q));
    if (solver->failure) return solver->failure;
    if (!isfinite(pq)) return RITZ_SOLVE_NOT_FINITE;
    if (pq <= 0) return RITZ_SOLVE_INDEFINITE_OPERATOR;
    keep(solver);
    ritz_vectors_add(solver, rz / pq, w->p, x);
    ritz_vectors_add(solver, -rz / pq, w->q, r);
    const double norm = ritz_vectors_norm(solver, r);
    const ritz_solve_reason reason =
        solver->failure ? solver->failure : ritz_krylov_record(solver, norm);
    if (reason) return reason;
  }
}

/* E y = theta F y with F = Z* A Z, E = (A Z)* M (A Z) over Z = [W, P] of unit A-length. */
static void finish(ritz_krylov *solver) {
  directions *w = solver->work;
  ritz_recycle *space = solver->space;
  if (!space || w->count == 0) return;
  const int k = space->dimension, q = k + w->count, gap = solver->options.recycle - k;
  scalar *const z = ritz_vectors_column(solver, w->kept, gap), *const az = ritz_vectors_column(
                                                                   solver, w->products, gap);
  for (int j = 0; j < k; j++) {
    ritz_vectors_copy(solver, ritz_vectors_column(solver, space->u, j),
                      ritz_vectors_column(solver, z, j));
    ritz_vectors_copy(solver, ritz_vectors_column(solver, space->c, j),
                      ritz_vectors_column(solver, az, j));
  }
  ritz_vectors_gram(solver, q, z, q, az, w->f);
  for (int j = 0; j < q; j++) {
    ritz_vectors_precondition(solver, ritz_vectors_column(solver, az, j), w->z);
    ritz_vectors_gram(solver, q, az, 1, w->z, w->e + j * q);
  }
  if (solver->failure) return;
  const int kept = ritz_dense_least(q, w->e, w->f, solver->options.recycle, w->vectors, w->scratch);
  if (kept == 0) return;
  ritz_vectors_recombine(solver, q, z, 0, z, kept, w->vectors, space->u);
  ritz_vectors_recombine(solver, q, az, 0, az, kept, w->vectors, space->c);
  space->dimension = kept;
  space->current = true;
}

const ritz_krylov_kind RITZ_SCALAR_NAME(cg) = {.create = create,
                                               .destroy = destroy,
                                               .begin = begin,
                                               .iterate = iterate,
                                               .finish = finish,
                                               .block = ritz_block_cg};

const ritz_krylov_kind RITZ_SCALAR_NAME(deflated_cg) = {
    .create = create, .destroy = destroy, .begin = begin, .iterate = iterate, .finish = finish};
