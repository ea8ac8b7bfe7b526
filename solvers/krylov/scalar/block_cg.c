/* SPDX-License-Identifier: BSD-3-Clause
 * Block conjugate gradients (O'Leary 1980) with orthonormal directions, dependent ones dropped (Ji
 * & Li 2017): P spans the directions of all columns, q of them,
 *   a = (P* A P)^-1 P* R,  X += P a,  R -= A P a,  Z = M R,  P <- orth(Z - P (P* A P)^-1 (A P)* Z).
 */
#include "solvers/krylov/scalar/block_cg.h"

#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "solvers/krylov/scalar/columns.h"
#include "solvers/krylov/scalar/dense.h"
#include "solvers/krylov/scalar/vectors.h"

typedef struct block {
  ritz_columns columns;
  int q;             /* directions */
  scalar *z, *p, *w; /* [count] each; w = A P */
  wide *gram, *a;    /* [count][count] */
} block;

static scalar *at(const ritz_krylov *solver, scalar *basis, int j) {
  return ritz_vectors_column(solver, basis, j);
}

/* Memory --------------------------------------------------------------------------------------*/

static void clear(block *k) {
  void *const blocks[] = {k->z, k->p, k->w, k->gram, k->a};
  for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) ritz_free(blocks[i]);
  ritz_columns_clear(&k->columns);
}

static ritz_status create(ritz_krylov *solver, int count, block *k) {
  *k = (block){0};
  RITZ_TRY(ritz_columns_create(solver, count, &k->columns));
  scalar **const bases[] = {&k->z, &k->p, &k->w};
  for (int i = 0; i < 3; i++) RITZ_TRY(RITZ_NEW(count * solver->ld, bases[i]));
  RITZ_TRY(RITZ_NEW(count * count, &k->gram));
  RITZ_TRY(RITZ_NEW(count * count, &k->a));
  double *const partial = solver->partial; /* scratch for more columns than before */
  void *const panel = solver->panel;
  solver->partial = NULL;
  solver->panel = NULL;
  const ritz_status status = ritz_vectors_create(solver, count + 2, count + 2);
  ritz_free(status == RITZ_OK ? partial : solver->partial);
  ritz_free(status == RITZ_OK ? panel : solver->panel);
  if (status == RITZ_OK) return RITZ_OK;
  solver->partial = partial;
  solver->panel = panel;
  return status;
}

/* Steps ---------------------------------------------------------------------------------------*/

/* Directions of P made orthonormal, the dependent ones among its @p count columns dropped. */
static void orthonormalize(ritz_krylov *solver, block *k, int count) {
  wide *const t = k->a;
  k->q = 0;
  for (int j = 0; j < count && !solver->failure; j++) {
    scalar *const p = at(solver, k->p, k->q);
    if (j != k->q) ritz_vectors_copy(solver, at(solver, k->p, j), p);
    const double before = ritz_vectors_norm(solver, p);
    for (int turn = 0; turn < 2 && k->q > 0; turn++) {
      ritz_vectors_gram(solver, k->q, k->p, 1, p, t);
      for (int i = 0; i < k->q; i++) t[i] = -t[i];
      ritz_vectors_combine(solver, k->q, k->p, t, p);
    }
    const double after = ritz_vectors_norm(solver, p);
    if (!(after > 1e3 * EPSILON * before) || !isfinite(after)) continue;
    ritz_vectors_scale(solver, 1 / after, p);
    k->q++;
  }
}

/* a = G^-1 V* W of q and count columns. */
static void solve_small(ritz_krylov *solver, block *k, const scalar *v, const scalar *w) {
  const int count = k->columns.count;
  ritz_vectors_gram(solver, k->q, v, count, w, k->a);
  for (int j = 0; j < count; j++) ritz_dense_cholesky_solve(k->q, k->gram, k->a + j * k->q);
}

/* Y += V a */
static void add_block(const ritz_krylov *solver, const block *k, const scalar *v, scalar *y) {
  ritz_vectors_combine_block(solver, k->q, v, k->columns.count, k->a, k->q, y);
}

static void turn_round(block *k) {
  for (int i = 0; i < k->q * k->columns.count; i++) k->a[i] = -k->a[i];
}

static void precondition(ritz_krylov *solver, const block *k) {
  for (int j = 0; j < k->columns.count; j++)
    ritz_vectors_precondition(solver, at(solver, k->columns.r, j), at(solver, k->z, j));
}

static double largest(ritz_krylov *solver, ritz_columns *c) {
  for (int j = 0; j < c->count; j++) c->norm[j] = ritz_vectors_norm(solver, at(solver, c->r, j));
  return ritz_columns_worst(c);
}

static ritz_solve_reason iterate(ritz_krylov *solver, void *method, ritz_columns *c) {
  block *const k = method;
  const size_t bytes = (size_t)(c->count * solver->ld) * sizeof *k->p;
  precondition(solver, k);
  memcpy(k->p, k->z, bytes);
  for (;;) {
    orthonormalize(solver, k, c->count);
    if (solver->failure) return solver->failure;
    if (k->q == 0) return RITZ_SOLVE_BREAKDOWN; /* the look at the true residual decides */
    for (int j = 0; j < k->q; j++)
      ritz_vectors_apply(solver, at(solver, k->p, j), at(solver, k->w, j));
    ritz_vectors_gram(solver, k->q, k->p, k->q, k->w, k->gram);
    if (solver->failure) return solver->failure;
    for (int i = 0; i < k->q; i++)
      if (!isfinite(REAL(k->gram[i * k->q + i]))) return RITZ_SOLVE_NOT_FINITE;
    if (!ritz_dense_cholesky(k->q, k->gram)) return RITZ_SOLVE_INDEFINITE_OPERATOR;
    solve_small(solver, k, k->p, c->r);
    add_block(solver, k, k->p, c->x);
    turn_round(k);
    add_block(solver, k, k->w, c->r);
    const double residual = largest(solver, c);
    const ritz_solve_reason reason =
        solver->failure ? solver->failure : ritz_krylov_record(solver, residual);
    if (reason) return reason;
    precondition(solver, k);
    solve_small(solver, k, k->w, k->z);
    turn_round(k);
    add_block(solver, k, k->p, k->z);
    memcpy(k->p, k->z, bytes);
  }
}

ritz_status ritz_block_cg(ritz_krylov *solver, int count, const void *b, void *x,
                          ritz_solve_report *reports) {
  block k;
  if (count == 0) return RITZ_OK;
  const ritz_status status = create(solver, count, &k);
  if (status == RITZ_OK) ritz_columns_solve(solver, &k.columns, count, b, x, reports, iterate, &k);
  clear(&k);
  return status;
}
