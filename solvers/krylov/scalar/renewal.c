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
  RITZ_TRY(RITZ_NEW(k * columns, &out->t));
  RITZ_TRY(RITZ_NEW(k * columns, &out->sums));
  RITZ_TRY(RITZ_NEW(k, &out->length));
  return ritz_refresh_create(k ? most : 0, &out->refresh);
}

void ritz_renewal_clear(ritz_renewal *w) {
  ritz_free(w->t);
  ritz_free(w->sums);
  ritz_free(w->length);
  ritz_refresh_clear(&w->refresh);
}

/* The columns T that B takes to C: U itself, or M^{-1} U when B = A M. */
static scalar *targets(const ritz_krylov *solver) {
  return ritz_sided_right(solver) ? solver->space->t : solver->space->u;
}

/* Column `from` of a basis moves to `to`. */
static void move(const ritz_krylov *solver, scalar *basis, int from, int to) {
  if (from != to)
    ritz_vectors_copy(solver, ritz_vectors_column(solver, basis, from),
                      ritz_vectors_column(solver, basis, to));
}

/* C made orthonormal column by column, dependent ones dropped with their U. With C as it comes,
 * B U = C f. */
static void orthonormalize_in_turn(ritz_krylov *solver, const ritz_renewal *w, const wide *f) {
  ritz_recycle *space = solver->space;
  const int k = space->dimension;
  wide *const r = w->refresh.p, *const product = space->f; /* r: C as it comes in terms of C */
  int kept = 0, *const from = w->refresh.of_x.chosen;
  memset(r, 0, (size_t)k * k * sizeof *r);
  for (int j = 0; j < k && !solver->failure; j++) {
    scalar *const c = ritz_vectors_column(solver, space->c, kept);
    move(solver, space->c, j, kept);
    const double before = ritz_vectors_norm(solver, c);
    ritz_project(solver, kept, space->c, c, w->sums, r + j * k);
    ritz_project(solver, kept, space->c, c, w->sums, r + j * k);
    const double after = ritz_vectors_norm(solver, c);
    if (!(after > 1e3 * EPSILON * before) || !isfinite(after)) continue;
    ritz_vectors_scale(solver, 1 / after, c);
    r[j * k + kept] = after;
    move(solver, space->u, j, kept);
    move(solver, space->t, j, kept);
    from[kept++] = j;
  }
  space->dimension = kept;
  for (int i = 0; i < kept; i++)
    for (int row = 0; row < kept; row++) {
      product[i * kept + row] = 0;
      for (int l = 0; l <= from[i]; l++)
        product[i * kept + row] += r[l * k + row] * f[from[i] * k + l];
    }
}

/* The same in blocks by Cholesky QR, twice (Yamamoto, Nakatsukasa, Yanagisawa & Fukaya 2015) unless
 * C is so close to orthonormal, as after a small change of A, that once leaves 2 k^2 EPSILON.
 * f, the identity before, becomes that of B U = C f. @return  false: columns are too close to
 * dependent; C and f are then as far as it went. */
static bool orthonormalize_at_once(ritz_krylov *solver, const ritz_renewal *w, wide *f) {
  const ritz_recycle *space = solver->space;
  const int k = space->dimension;
  wide *const t = w->refresh.p, *const factor = w->refresh.s;
  double condition = INFINITY;
  for (int turn = 0; turn < 2 && condition * condition > 2 * k * k; turn++) {
    ritz_vectors_gram_upper(solver, k, space->c, t);
    if (solver->failure || !ritz_dense_orthonormal(k, t, factor, &condition)) return false;
    ritz_vectors_multiply_upper(solver, k, space->c, t);
    ritz_dense_multiply_upper(k, factor, f);
    memcpy(f, factor, (size_t)k * k * sizeof *f);
  }
  return true;
}

/* C with orthonormal columns and f such that A U = C f (M A U on the left). */
static void renew(ritz_krylov *solver, const ritz_renewal *w) {
  ritz_recycle *space = solver->space;
  const int k = space->dimension;
  wide *const f = w->refresh.c;
  for (int j = 0; j < k && !solver->failure; j++)
    ritz_sided_product(solver, ritz_vectors_column(solver, space->u, j),
                       ritz_vectors_column(solver, space->c, j));
  ritz_dense_identity(k, f);
  if (solver->options.qr == RITZ_QR_GRAM_SCHMIDT || !orthonormalize_at_once(solver, w, f))
    orthonormalize_in_turn(solver, w, f);
  else
    memcpy(space->f, f, (size_t)k * k * sizeof *f);
  ritz_dense_identity(space->dimension, space->unit);
  space->current = true;
  space->debtor = NULL;
}

void ritz_renewal_settle(ritz_krylov *solver, const ritz_renewal *w) {
  if (solver->space->debtor != solver) return;
  ritz_vectors_replace(solver, 1, &w->owed);
  solver->space->current = true;
  solver->space->debtor = NULL;
}

/* A good M is close to the inverse of A: where T is not known, A U stands in for M^{-1} U. */
static void guess_targets(ritz_krylov *solver, const ritz_renewal *w) {
  ritz_recycle *space = solver->space;
  const int k = space->dimension;
  const wide *const unit = space->unit, *const f = space->f;
  wide *const t = w->refresh.c; /* unit F */
  memset(t, 0, (size_t)k * k * sizeof *t);
  for (int i = 0; i < k; i++)
    for (int l = 0; l <= i; l++)
      for (int row = 0; row < k; row++) t[i * k + row] += unit[l * k + row] * f[i * k + l];
  ritz_vectors_recombine(solver, k, space->c, 0, space->c, k, t, space->t);
  space->has_targets = true;
  space->has_shadow = false;
}

void ritz_renewal_begin(ritz_krylov *solver, ritz_renewal *w) {
  ritz_recycle *space = solver->space;
  w->renewed = false;
  if (!space || space->dimension == 0) return;
  ritz_renewal_settle(solver, w);
  w->renewed = !space->current;
  if (w->renewed) renew(solver, w);
  if (ritz_sided_right(solver) && !space->has_targets) guess_targets(solver, w);
  for (int i = 0; i < space->dimension && !space->has_shadow; i++)
    space->length[i] = ritz_vectors_norm(solver, ritz_vectors_column(solver, targets(solver), i));
}

void ritz_renewal_deflate(ritz_krylov *solver, ritz_renewal *w, int count, scalar *r, scalar *x) {
  const ritz_recycle *space = solver->space;
  if (!space || space->dimension == 0) return;
  const int k = space->dimension;
  ritz_renewal_settle(solver, w);
  ritz_vectors_gram(solver, k, space->c, count, r, w->sums);
  for (int i = 0; i < count; i++) ritz_dense_part(k, space->unit, w->sums + i * k, w->t + i * k);
  for (int i = 0; i < k * count; i++) w->sums[i] = -w->sums[i];
  ritz_vectors_combine_block(solver, k, space->c, count, w->sums, k, r);
  if (x) ritz_renewal_follow(solver, w, count, NULL, x);
}

void ritz_renewal_follow(ritz_krylov *solver, ritz_renewal *w, int count, const wide *more,
                         scalar *x) {
  const ritz_recycle *space = solver->space;
  const int k = space->dimension;
  for (int i = 0; i < k * count && more; i++) w->t[i] += more[i];
  for (int i = 0; i < count; i++) ritz_dense_solve_upper(k, space->f, w->t + i * k);
  ritz_vectors_combine_block(solver, k, space->u, count, w->t, k, x);
  memset(w->t, 0, (size_t)(k * count) * sizeof *w->t);
}

/* X and, where that is another basis, U become those of the new directions; C, too, or that is
 * owed. */
static void replace(const ritz_krylov *solver, ritz_renewal *renewal, const ritz_relation *of,
                    int kept, const scalar *z, bool late) {
  const ritz_refresh *w = &renewal->refresh;
  const ritz_recycle *space = solver->space;
  const ritz_choice *const x = &w->of_x, *const c = &w->of_c;
  const int *const of_x = x->whole ? NULL : x->chosen, *const rest_of_x = x->whole ? NULL : x->rest;
  const int *const of_c = c->whole ? NULL : c->chosen, *const rest_of_c = c->whole ? NULL : c->rest;
  const ritz_replacement all[] = {
      {of->k, of->rows, kept, space->c, of->v, of_c, rest_of_c, c->weight},
      {of->k, of->j, kept, targets(solver), of->v, of_x, rest_of_x, x->weight},
      {of->k, of->j, kept, space->u, z, of_x, rest_of_x, x->weight}};
  renewal->owed = all[0];
  const int bases = ritz_sided_right(solver) ? 3 : 2;
  ritz_vectors_replace(solver, late ? bases - 1 : bases, late ? all + 1 : all);
}

/* Of the new directions, which have replaced those of `before`. */
static void measure(ritz_krylov *solver, ritz_renewal *w, const ritz_relation *before, int kept) {
  const ritz_choice *const x = &w->refresh.of_x;
  double *const length = w->length;
  for (int i = 0; i < kept; i++)
    if (x->whole)
      length[i] = ritz_vectors_norm(solver, ritz_vectors_column(solver, targets(solver), i));
    else /* about: what comes beside the chosen column is no longer */
      length[i] = x->chosen[i] < before->k ? before->length[x->chosen[i]] : 1;
  memcpy(solver->space->length, length, (size_t)kept * sizeof *length);
}

void ritz_renewal_update(ritz_krylov *solver, ritz_renewal *w, ritz_relation *of, const scalar *z,
                         bool last) {
  ritz_recycle *space = solver->space;
  of->length = space->length;
  of->unit = space->unit;
  of->f = space->f;
  of->shadow = space->has_shadow ? space->s : NULL;
  of->c = space->c;
  of->x = targets(solver);
  const int kept = ritz_refresh_chosen(solver, &w->refresh, of, space->unit, space->s);
  if (kept == 0) return;
  const bool late = last && w->renewed;
  replace(solver, w, of, kept, z, late);
  memcpy(space->f, w->refresh.f, (size_t)kept * kept * sizeof(wide));
  measure(solver, w, of, kept);
  space->has_targets = ritz_sided_right(solver);
  space->has_shadow = true;
  space->dimension = kept;
  space->current = !late;
  space->debtor = late ? solver : NULL;
}
