/* SPDX-License-Identifier: BSD-3-Clause
 * The matrices G and S = [C, V]* [X, Z] of a cycle, and their harmonic Ritz vectors. */
#include "solvers/krylov/scalar/refresh.h"

#include <string.h>

#include "core/fail.h"
#include "core/memory.h"

ritz_status ritz_refresh_create(int most, ritz_refresh *out) {
  *out = (ritz_refresh){0};
  if (most == 0) return RITZ_OK;
  wide **const squares[] = {&out->g, &out->s, &out->p, &out->c, &out->f, &out->weight};
  for (int i = 0; i < 6; i++) RITZ_TRY(RITZ_NEW((ritz_index)most * most, squares[i]));
  RITZ_TRY(RITZ_NEW(most, &out->chosen));
  RITZ_TRY(RITZ_NEW(most, &out->rest));
  return ritz_pairs_create(most, &out->pairs);
}

void ritz_refresh_clear(ritz_refresh *refresh) {
  void *const blocks[] = {refresh->g, refresh->s,      refresh->p,      refresh->c,
                          refresh->f, refresh->weight, refresh->chosen, refresh->rest};
  for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) ritz_free(blocks[i]);
  ritz_pairs_destroy(&refresh->pairs);
  *refresh = (ritz_refresh){0};
}

/* The parts of S that are not known beforehand: C* X D and V* X D. */
static void fill_products(ritz_krylov *solver, ritz_refresh *w, const ritz_relation *r, int ld) {
  const int k = r->k, rows = r->rows;
  const wide *shadow = r->shadow;
  wide *const sums = w->p;
  if (k == 0) return;
  if (!shadow) {
    ritz_vectors_gram(solver, k, r->c, k, r->x, sums);
    shadow = sums;
  }
  for (int i = 0; i < k; i++)
    for (int l = 0; l < k; l++) w->s[i * ld + l] = shadow[i * k + l] / r->length[i];
  ritz_vectors_gram(solver, rows, r->v, k, r->x, sums);
  for (int i = 0; i < k; i++)
    for (int l = 0; l < rows; l++) w->s[i * ld + k + l] = sums[i * rows + l] / r->length[i];
}

/* G and S of [X D, Z], and p in its terms. */
static int find_pairs(ritz_krylov *solver, ritz_refresh *w, const ritz_relation *r) {
  const int k = r->k, j = r->j, q = k + j, ld = k + r->rows;
  memset(w->g, 0, (size_t)q * ld * sizeof *w->g);
  memset(w->s, 0, (size_t)q * ld * sizeof *w->s);
  for (int i = 0; i < k; i++)
    for (int l = 0; l <= i; l++)
      w->g[i * ld + l] = (r->f ? r->f[i * k + l] : i == l) / r->length[i];
  for (int l = 0; l < j; l++) {
    for (int i = 0; i < k; i++) w->g[(k + l) * ld + i] = r->e[l * k + i];
    for (int i = 0; i < r->rows; i++) w->g[(k + l) * ld + k + i] = r->h[l * r->ldh + i];
    w->s[(k + l) * ld + k + l] = 1;
  }
  fill_products(solver, w, r, ld);
  if (solver->failure) return 0;
  return ritz_pairs_harmonic(w->pairs, q, ld, w->g, w->s, solver->options.recycle, w->p);
}

/* p, of X D, becomes one of X. */
static void take_lengths_out(ritz_refresh *w, const ritz_relation *r, int kept) {
  for (int i = 0; i < kept; i++)
    for (int l = 0; l < r->k; l++) w->p[i * (r->k + r->j) + l] /= r->length[l];
}

int ritz_refresh_orthonormal(ritz_krylov *solver, ritz_refresh *w, const ritz_relation *r) {
  const int q = r->k + r->j, ld = r->k + r->rows, kept = find_pairs(solver, w, r);
  if (kept == 0 || !ritz_pairs_products(w->pairs, q, ld, w->g, kept, w->p, w->c, w->f)) return 0;
  for (int j = 0; j < kept; j++) { /* p f^-1, column by column */
    for (int i = 0; i < j; i++)
      for (int l = 0; l < q; l++) w->p[j * q + l] -= w->f[j * kept + i] * w->p[i * q + l];
    for (int l = 0; l < q; l++) w->p[j * q + l] /= w->f[j * kept + j];
  }
  take_lengths_out(w, r, kept);
  return kept;
}

/* shadow = c* S p, S p in the place of G. */
static void cast_shadow(ritz_refresh *w, int q, int ld, int kept, wide *shadow) {
  wide *const sp = w->g;
  memset(sp, 0, (size_t)kept * ld * sizeof *sp);
  for (int i = 0; i < kept; i++)
    for (int l = 0; l < q; l++)
      for (int row = 0; row < ld; row++) sp[i * ld + row] += w->s[l * ld + row] * w->p[i * q + l];
  for (int i = 0; i < kept; i++)
    for (int l = 0; l < kept; l++) {
      wide sum = 0;
      for (int row = 0; row < ld; row++) sum += CONJ(w->c[l * ld + row]) * sp[i * ld + row];
      shadow[i * kept + l] = sum;
    }
}

/* The rest of [X, Z] and what the directions take of it. */
static void list_rest(ritz_refresh *w, int q, int kept) {
  int count = 0;
  for (int l = 0; l < q; l++) {
    bool chosen = false;
    for (int i = 0; i < kept && !chosen; i++) chosen = w->chosen[i] == l;
    if (chosen) continue;
    for (int i = 0; i < kept; i++) w->weight[i * (q - kept) + count] = w->p[i * q + l];
    w->rest[count++] = l;
  }
}

int ritz_refresh_chosen(ritz_krylov *solver, ritz_refresh *w, const ritz_relation *r,
                        wide *shadow) {
  const int k = r->k, q = k + r->j, ld = k + r->rows, kept = find_pairs(solver, w, r);
  if (kept == 0 || !ritz_pairs_choose(w->pairs, q, kept, w->p, w->chosen)) return 0;
  for (int i = 0; i < kept; i++) /* the chosen columns come as they are */
    for (int l = 0; l < q && w->chosen[i] < k; l++) w->p[i * q + l] *= r->length[w->chosen[i]];
  if (!ritz_pairs_products(w->pairs, q, ld, w->g, kept, w->p, w->c, w->f)) return 0;
  cast_shadow(w, q, ld, kept, shadow);
  take_lengths_out(w, r, kept);
  list_rest(w, q, kept);
  return kept;
}
