/* SPDX-License-Identifier: BSD-3-Clause
 * The matrices G and S = [C, V]* [X, Z] of a cycle, and their harmonic Ritz vectors. */
#include "solvers/krylov/scalar/refresh.h"

#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "solvers/krylov/scalar/dense.h"

/* Condition of a basis of products per column; updates add up what it makes of rounding. */
static const double most_condition = 8;

static ritz_status create_choice(int most, ritz_choice *out) {
  RITZ_TRY(RITZ_NEW(most, &out->chosen));
  RITZ_TRY(RITZ_NEW(most, &out->rest));
  return RITZ_NEW((ritz_index)most * most, &out->weight);
}

static void clear_choice(const ritz_choice *choice) {
  ritz_free(choice->chosen);
  ritz_free(choice->rest);
  ritz_free(choice->weight);
}

ritz_status ritz_refresh_create(int most, ritz_refresh *out) {
  *out = (ritz_refresh){0};
  if (most == 0) return RITZ_OK;
  wide **const squares[] = {&out->g, &out->s, &out->p, &out->c, &out->f};
  for (int i = 0; i < 5; i++) RITZ_TRY(RITZ_NEW((ritz_index)most * most, squares[i]));
  RITZ_TRY(create_choice(most, &out->of_x));
  RITZ_TRY(create_choice(most, &out->of_c));
  return ritz_pairs_create(most, &out->pairs);
}

void ritz_refresh_clear(ritz_refresh *refresh) {
  void *const blocks[] = {refresh->g, refresh->s, refresh->p, refresh->c, refresh->f};
  for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) ritz_free(blocks[i]);
  clear_choice(&refresh->of_x);
  clear_choice(&refresh->of_c);
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
    for (int i = 0; i < k && r->unit; i++) ritz_dense_part(k, r->unit, sums + i * k, w->c + i * k);
    shadow = r->unit ? w->c : sums;
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

/* The products of p become orthonormal as they are, p f^-1 and f the identity. */
static void straighten(ritz_refresh *w, int q, int kept) {
  for (int j = 0; j < kept; j++) {
    for (int i = 0; i < j; i++)
      for (int l = 0; l < q; l++) w->p[j * q + l] -= w->f[j * kept + i] * w->p[i * q + l];
    for (int l = 0; l < q; l++) w->p[j * q + l] /= w->f[j * kept + j];
  }
  ritz_dense_identity(kept, w->f);
}

/* Whether rounding in B X' = C' f, of columns of X' that come close to dependent, would show in a
 * solution. What one update adds to the condition the next ones keep. */
static bool dependent(ritz_refresh *w, int kept) {
  wide *const unit = w->g;
  for (int j = 0; j < kept; j++) {
    double square = 0;
    for (int i = 0; i < kept; i++) square += REAL(w->f[j * kept + i] * CONJ(w->f[j * kept + i]));
    for (int i = 0; i < kept; i++) unit[j * kept + i] = w->f[j * kept + i] / sqrt(square);
  }
  return !(ritz_pairs_condition(w->pairs, kept, unit) < kept * pow(EPSILON, -0.25));
}

/* p, of X D, becomes one of X. */
static void take_lengths_out(ritz_refresh *w, const ritz_relation *r, int kept) {
  for (int i = 0; i < kept; i++)
    for (int l = 0; l < r->k; l++) w->p[i * (r->k + r->j) + l] /= r->length[l];
}

int ritz_refresh_orthonormal(ritz_krylov *solver, ritz_refresh *w, const ritz_relation *r) {
  const int q = r->k + r->j, ld = r->k + r->rows, kept = find_pairs(solver, w, r);
  if (kept == 0 || !ritz_pairs_products(w->pairs, q, ld, w->g, kept, w->p, w->c, w->f)) return 0;
  straighten(w, q, kept);
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

/* The rest of q columns and what the new ones, p [kept][q], take of it. */
static void list_rest(ritz_choice *choice, int q, int kept, const wide *p) {
  int count = 0;
  for (int l = 0; l < q; l++) {
    bool chosen = false;
    for (int i = 0; i < kept && !chosen; i++) chosen = choice->chosen[i] == l;
    if (chosen) continue;
    for (int i = 0; i < kept; i++) choice->weight[i * (q - kept) + count] = p[i * q + l];
    choice->rest[count++] = l;
  }
}

/* c, of [C, V], becomes one of [`c`, V]. */
static void take_unit_out(ritz_refresh *w, const ritz_relation *r, int kept) {
  const int k = r->k, ld = k + r->rows;
  for (int i = 0; i < kept && r->unit; i++) {
    wide *const c = w->c + i * ld;
    memset(w->g, 0, (size_t)k * sizeof *w->g);
    for (int l = 0; l < k; l++)
      for (int row = 0; row < k; row++) w->g[row] += r->unit[l * k + row] * c[l];
    memcpy(c, w->g, (size_t)k * sizeof *c);
  }
}

/* A basis of the products, columns chosen of [`c`, V]; a whole one where it has to be orthonormal
 * as it is, because modified Gram-Schmidt goes through it column by column. */
static void choose_products(const ritz_krylov *solver, ritz_refresh *w, const ritz_relation *r,
                            int kept, wide *unit) {
  const int ld = r->k + r->rows;
  ritz_choice *const of = &w->of_c;
  const size_t bytes = (size_t)kept * ld * sizeof *w->c;
  take_unit_out(w, r, kept);
  memcpy(w->g, w->c, bytes);
  of->whole = solver->options.orthogonalization == RITZ_ORTHOGONALIZE_MGS ||
              !ritz_pairs_choose(w->pairs, ld, kept, w->g, of->chosen);
  for (int i = 0; i < kept && !of->whole; i++)
    for (int l = 0; l < kept; l++) unit[i * kept + l] = w->c[i * ld + of->chosen[l]];
  if (of->whole || !(ritz_pairs_condition(w->pairs, kept, unit) < most_condition * kept)) {
    of->whole = true;
    memcpy(of->weight, w->c, bytes);
    ritz_dense_identity(kept, unit);
  } else {
    list_rest(of, ld, kept, w->g);
  }
}

int ritz_refresh_chosen(ritz_krylov *solver, ritz_refresh *w, const ritz_relation *r, wide *unit,
                        wide *shadow) {
  const int k = r->k, q = k + r->j, ld = k + r->rows, kept = find_pairs(solver, w, r);
  const int *const chosen = w->of_x.chosen;
  if (kept == 0 || !ritz_pairs_choose(w->pairs, q, kept, w->p, w->of_x.chosen)) return 0;
  for (int i = 0; i < kept; i++) /* the chosen columns come as they are */
    for (int l = 0; l < q && chosen[i] < k; l++) w->p[i * q + l] *= r->length[chosen[i]];
  if (!ritz_pairs_products(w->pairs, q, ld, w->g, kept, w->p, w->c, w->f)) return 0;
  w->of_x.whole = dependent(w, kept);
  if (w->of_x.whole) straighten(w, q, kept);
  cast_shadow(w, q, ld, kept, shadow);
  take_lengths_out(w, r, kept);
  if (w->of_x.whole)
    memcpy(w->of_x.weight, w->p, (size_t)kept * q * sizeof *w->p);
  else
    list_rest(&w->of_x, q, kept, w->p);
  choose_products(solver, w, r, kept, unit);
  return kept;
}
