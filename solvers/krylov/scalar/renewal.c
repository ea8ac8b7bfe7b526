/* SPDX-License-Identifier: BSD-3-Clause
 * The recycle space of GCRO-DR (Parks et al. 2006): C = B T orthonormal, U and T following. */
#include "solvers/krylov/scalar/renewal.h"

#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "solvers/krylov/scalar/dense.h"
#include "solvers/krylov/scalar/orthogonalize.h"
#include "solvers/krylov/scalar/sided.h"

ritz_status ritz_renewal_create(ritz_krylov *solver, int most, int columns, ritz_renewal *out) {
  const int k = solver->options.recycle;
  *out = (ritz_renewal){0};
  RITZ_TRY(RITZ_NEW(k * (columns + 1), &out->t));
  RITZ_TRY(RITZ_NEW(k, &out->length));
  return ritz_refresh_create(k ? most : 0, &out->refresh);
}

void ritz_renewal_clear(ritz_renewal *w) {
  ritz_free(w->t);
  ritz_free(w->length);
  ritz_refresh_clear(&w->refresh);
}

/* The columns T that B takes to C: U itself, or M^{-1} U when B = A M. */
static scalar *targets(const ritz_krylov *solver) {
  return ritz_sided_right(solver) ? solver->space->t : solver->space->u;
}

/* Bases that follow C: U, and T where it is known. @return  Their number. */
static int followers(const ritz_krylov *solver, scalar *out[2]) {
  out[0] = solver->space->u;
  out[1] = solver->space->t;
  return ritz_sided_right(solver) && solver->space->has_targets ? 2 : 1;
}

/* C made orthonormal column by column, dependent ones dropped. */
static void orthonormalize_in_turn(ritz_krylov *solver, const ritz_renewal *w) {
  ritz_recycle *space = solver->space;
  wide *const y = w->t + solver->options.recycle;
  scalar *follower[2];
  const int follow = followers(solver, follower);
  int kept = 0;
  for (int j = 0; j < space->dimension && !solver->failure; j++) {
    scalar *const c = ritz_vectors_column(solver, space->c, kept);
    if (kept != j) ritz_vectors_copy(solver, ritz_vectors_column(solver, space->c, j), c);
    const double before = ritz_vectors_norm(solver, c);
    memset(y, 0, (size_t)kept * sizeof *y);
    ritz_project(solver, kept, space->c, c, w->t, y);
    ritz_project(solver, kept, space->c, c, w->t, y);
    const double after = ritz_vectors_norm(solver, c);
    if (!(after > 1e3 * EPSILON * before) || !isfinite(after)) continue;
    ritz_vectors_scale(solver, 1 / after, c);
    for (int i = 0; i < kept; i++) y[i] = -y[i];
    for (int f = 0; f < follow; f++) {
      scalar *const from = ritz_vectors_column(solver, follower[f], j);
      scalar *const to = ritz_vectors_column(solver, follower[f], kept);
      ritz_vectors_combine(solver, kept, follower[f], y, from);
      if (to != from) ritz_vectors_copy(solver, from, to);
      ritz_vectors_scale(solver, 1 / after, to);
    }
    kept++;
  }
  space->dimension = kept;
}

/* The same in blocks by Cholesky QR, twice (Yamamoto, Nakatsukasa, Yanagisawa & Fukaya 2015) unless
 * C is so close to orthonormal, as after a small change of A, that once leaves 2 k^2 EPSILON; the
 * followers wait for the product of both factors. @return  false: columns are too close to
 * dependent; C is then as it was but for a factor that the followers have too. */
static bool orthonormalize_at_once(ritz_krylov *solver, const ritz_renewal *w) {
  const ritz_recycle *space = solver->space;
  const int k = space->dimension;
  wide *const first = w->refresh.p, *const second = w->refresh.c;
  scalar *follower[2];
  const int follow = followers(solver, follower);
  double condition;
  ritz_vectors_gram(solver, k, space->c, k, space->c, first);
  if (solver->failure || !ritz_dense_orthonormal(k, first, &condition)) return false;
  ritz_vectors_recombine(solver, k, space->c, 0, space->c, k, first, space->c);
  bool made = true;
  const bool again = condition * condition > 2 * k * k;
  if (again) {
    ritz_vectors_gram(solver, k, space->c, k, space->c, second);
    made = !solver->failure && ritz_dense_orthonormal(k, second, &condition);
  }
  if (again && made) {
    ritz_vectors_recombine(solver, k, space->c, 0, space->c, k, second, space->c);
    ritz_dense_multiply_upper(k, first, second);
  }
  for (int f = 0; f < follow; f++)
    ritz_vectors_recombine(solver, k, follower[f], 0, follower[f], k, first, follower[f]);
  return made;
}

/* C = A U (M A U on the left) with orthonormal columns, U and T following. */
static void renew(ritz_krylov *solver, const ritz_renewal *w) {
  ritz_recycle *space = solver->space;
  for (int j = 0; j < space->dimension && !solver->failure; j++)
    ritz_sided_product(solver, ritz_vectors_column(solver, space->u, j),
                       ritz_vectors_column(solver, space->c, j));
  if (solver->options.qr == RITZ_QR_GRAM_SCHMIDT || !orthonormalize_at_once(solver, w))
    orthonormalize_in_turn(solver, w);
  space->current = true;
}

/* A good M is close to the inverse of A: where T is not known, C = A U stands in for M^{-1} U. */
static void guess_targets(ritz_krylov *solver) {
  ritz_recycle *space = solver->space;
  for (int j = 0; j < space->dimension; j++)
    ritz_vectors_copy(solver, ritz_vectors_column(solver, space->c, j),
                      ritz_vectors_column(solver, space->t, j));
  space->has_targets = true;
}

void ritz_renewal_begin(ritz_krylov *solver, ritz_renewal *w) {
  const ritz_recycle *space = solver->space;
  if (!space || space->dimension == 0) return;
  if (!space->current) renew(solver, w);
  if (ritz_sided_right(solver) && !space->has_targets) guess_targets(solver);
}

void ritz_renewal_deflate(ritz_krylov *solver, ritz_renewal *w, int count, scalar *r, scalar *x) {
  const ritz_recycle *space = solver->space;
  if (!space || space->dimension == 0) return;
  const int k = space->dimension;
  ritz_vectors_gram(solver, k, space->c, count, r, w->t);
  ritz_vectors_combine_block(solver, k, space->u, count, w->t, k, x);
  for (int i = 0; i < k * count; i++) w->t[i] = -w->t[i];
  ritz_vectors_combine_block(solver, k, space->c, count, w->t, k, r);
  for (int i = 0; i < k; i++)
    w->length[i] = ritz_vectors_norm(solver, ritz_vectors_column(solver, space->u, i));
}

void ritz_renewal_update(ritz_krylov *solver, ritz_renewal *w, ritz_relation *of, const scalar *z) {
  ritz_recycle *space = solver->space;
  scalar *const t = targets(solver);
  of->length = w->length;
  of->c = space->c;
  of->x = t;
  const int kept = ritz_refresh_run(solver, &w->refresh, of);
  if (kept == 0) return;
  const wide *const p = w->refresh.p;
  ritz_vectors_recombine(solver, of->k, space->c, of->rows, of->v, kept, w->refresh.c, space->c);
  ritz_vectors_recombine(solver, of->k, t, of->j, of->v, kept, p, t);
  if (ritz_sided_right(solver))
    ritz_vectors_recombine(solver, of->k, space->u, of->j, z, kept, p, space->u);
  space->has_targets = ritz_sided_right(solver);
  space->dimension = kept;
  space->current = true;
}
