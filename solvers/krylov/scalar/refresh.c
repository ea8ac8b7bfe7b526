/* SPDX-License-Identifier: BSD-3-Clause
 * The matrices G and S = [C, V]* [X D, Z] of a cycle, and their harmonic Ritz vectors. */
#include "solvers/krylov/scalar/refresh.h"

#include <string.h>

#include "core/fail.h"
#include "core/memory.h"

ritz_status ritz_refresh_create(int most, ritz_refresh *out) {
  *out = (ritz_refresh){0};
  if (most == 0) return RITZ_OK;
  wide **const squares[] = {&out->g, &out->s, &out->p, &out->c};
  for (int i = 0; i < 4; i++) RITZ_TRY(RITZ_NEW((ritz_index)most * most, squares[i]));
  return ritz_pairs_create(most, &out->pairs);
}

void ritz_refresh_clear(ritz_refresh *refresh) {
  ritz_free(refresh->g);
  ritz_free(refresh->s);
  ritz_free(refresh->p);
  ritz_free(refresh->c);
  ritz_pairs_destroy(&refresh->pairs);
  *refresh = (ritz_refresh){0};
}

/* The parts of S that are not known beforehand: C* X D and V* X D. */
static void fill_products(ritz_krylov *solver, ritz_refresh *w, const ritz_relation *r, int ld) {
  const int k = r->k, rows = r->rows;
  wide *const sums = w->p;
  if (k == 0) return;
  ritz_vectors_gram(solver, k, r->c, k, r->x, sums);
  for (int i = 0; i < k; i++)
    for (int l = 0; l < k; l++) w->s[i * ld + l] = sums[i * k + l] / r->length[i];
  ritz_vectors_gram(solver, rows, r->v, k, r->x, sums);
  for (int i = 0; i < k; i++)
    for (int l = 0; l < rows; l++) w->s[i * ld + k + l] = sums[i * rows + l] / r->length[i];
}

int ritz_refresh_run(ritz_krylov *solver, ritz_refresh *w, const ritz_relation *r) {
  const int k = r->k, j = r->j, q = k + j, ld = k + r->rows;
  memset(w->g, 0, (size_t)q * ld * sizeof *w->g);
  memset(w->s, 0, (size_t)q * ld * sizeof *w->s);
  for (int i = 0; i < k; i++) w->g[i * ld + i] = 1 / r->length[i];
  for (int l = 0; l < j; l++) {
    for (int i = 0; i < k; i++) w->g[(k + l) * ld + i] = r->e[l * k + i];
    for (int i = 0; i < r->rows; i++) w->g[(k + l) * ld + k + i] = r->h[l * r->ldh + i];
    w->s[(k + l) * ld + k + l] = 1;
  }
  fill_products(solver, w, r, ld);
  if (solver->failure) return 0;
  const int kept =
      ritz_pairs_harmonic(w->pairs, q, ld, w->g, w->s, solver->options.recycle, w->p, w->c);
  for (int i = 0; i < kept; i++)
    for (int l = 0; l < k; l++) w->p[i * q + l] /= r->length[l];
  return kept;
}
