/* SPDX-License-Identifier: BSD-3-Clause
 * Block conjugate gradients (O'Leary 1980) with orthonormal directions, dependent ones dropped (Ji
 * & Li 2017): P spans the directions of all columns, q of them,
 *   a = (P* A P)^-1 P* R,  X += P a,  R -= A P a,  Z = M R,  P <- orth(Z - P (P* A P)^-1 (A P)* Z).
 */
#include "solvers/krylov/scalar/block_cg.h"

#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "solvers/krylov/scalar/dense.h"
#include "solvers/krylov/scalar/vectors.h"

typedef struct block {
  int count, q;              /* columns; directions */
  scalar *x, *r, *z, *p, *w; /* [count] each; w = A P */
  wide *gram, *a;            /* [count][count] */
  double *size;              /* of the right-hand sides */
} block;

static scalar *at(const ritz_krylov *solver, scalar *basis, int j) {
  return ritz_vectors_column(solver, basis, j);
}

/* Memory --------------------------------------------------------------------------------------*/

static void clear(block *k) {
  void *const blocks[] = {k->x, k->r, k->z, k->p, k->w, k->gram, k->a, k->size};
  for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) ritz_free(blocks[i]);
}

static ritz_status create(ritz_krylov *solver, int count, block *k) {
  *k = (block){.count = count};
  scalar **const bases[] = {&k->x, &k->r, &k->z, &k->p, &k->w};
  for (int i = 0; i < 5; i++) RITZ_TRY(RITZ_NEW(count * solver->ld, bases[i]));
  RITZ_TRY(RITZ_NEW(count * count, &k->gram));
  RITZ_TRY(RITZ_NEW(count * count, &k->a));
  RITZ_TRY(RITZ_NEW(count, &k->size));
  double *const partial = solver->partial; /* scratch for more columns than before */
  void *const panel = solver->panel;
  solver->partial = NULL;
  solver->panel = NULL;
  const ritz_status status = ritz_vectors_create(solver, count + 2);
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

/* The largest residual, in the sense of the tolerances: see ritz_block_cg(). */
static double largest(ritz_krylov *solver, const block *k) {
  const double rtol = solver->options.rtol;
  double most = 0;
  for (int j = 0; j < k->count; j++) {
    const double norm = ritz_vectors_norm(solver, at(solver, k->r, j));
    const double size = rtol > 0 ? fmax(k->size[j], solver->options.atol / rtol) : 1;
    if (!isfinite(norm)) return norm;
    most = fmax(most, norm / size);
  }
  return most;
}

/* a = G^-1 V* W of q and count columns. */
static void solve_small(ritz_krylov *solver, block *k, const scalar *v, const scalar *w) {
  ritz_vectors_gram(solver, k->q, v, k->count, w, k->a);
  for (int j = 0; j < k->count; j++) ritz_dense_cholesky_solve(k->q, k->gram, k->a + j * k->q);
}

/* Y += V a */
static void add_block(const ritz_krylov *solver, const block *k, const scalar *v, scalar *y) {
  for (int j = 0; j < k->count; j++)
    ritz_vectors_combine(solver, k->q, v, k->a + j * k->q, at(solver, y, j));
}

static void turn_round(block *k) {
  for (int i = 0; i < k->q * k->count; i++) k->a[i] = -k->a[i];
}

static void precondition(ritz_krylov *solver, block *k) {
  for (int j = 0; j < k->count; j++)
    ritz_vectors_precondition(solver, at(solver, k->r, j), at(solver, k->z, j));
}

static ritz_solve_reason iterate(ritz_krylov *solver, block *k) {
  precondition(solver, k);
  memcpy(k->p, k->z, (size_t)(k->count * solver->ld) * sizeof *k->p);
  for (;;) {
    orthonormalize(solver, k, k->count);
    if (solver->failure) return solver->failure;
    if (k->q == 0) return RITZ_SOLVE_BREAKDOWN; /* the look at the true residual decides */
    for (int j = 0; j < k->q; j++)
      ritz_vectors_apply(solver, at(solver, k->p, j), at(solver, k->w, j));
    ritz_vectors_gram(solver, k->q, k->p, k->q, k->w, k->gram);
    if (solver->failure) return solver->failure;
    for (int i = 0; i < k->q; i++)
      if (!isfinite(REAL(k->gram[i * k->q + i]))) return RITZ_SOLVE_NOT_FINITE;
    if (!ritz_dense_cholesky(k->q, k->gram)) return RITZ_SOLVE_INDEFINITE_OPERATOR;
    solve_small(solver, k, k->p, k->r);
    add_block(solver, k, k->p, k->x);
    turn_round(k);
    add_block(solver, k, k->w, k->r);
    const double residual = largest(solver, k);
    const ritz_solve_reason reason =
        solver->failure ? solver->failure : ritz_krylov_record(solver, residual);
    if (reason) return reason;
    precondition(solver, k);
    solve_small(solver, k, k->w, k->z);
    turn_round(k);
    add_block(solver, k, k->p, k->z);
    memcpy(k->p, k->z, (size_t)(k->count * solver->ld) * sizeof *k->p);
  }
}

/* Solve ---------------------------------------------------------------------------------------*/

/* R = B - A X. */
static double true_residual(ritz_krylov *solver, block *k, const scalar *b) {
  for (int j = 0; j < k->count; j++) {
    ritz_vectors_apply(solver, at(solver, k->x, j), solver->w);
    ritz_vectors_copy(solver, b + j * solver->n, at(solver, k->r, j));
    ritz_vectors_add(solver, -1, solver->w, at(solver, k->r, j));
  }
  return largest(solver, k);
}

/* Iterations and looks at the true residuals in turn, as for one right-hand side. */
static ritz_solve_reason alternate(ritz_krylov *solver, block *k, const scalar *b,
                                   double residual) {
  ritz_solve_reason reason =
      solver->failure ? solver->failure : ritz_krylov_record(solver, residual);
  while (!reason) {
    const double before = residual;
    reason = iterate(solver, k);
    const ritz_solve_reason failure = solver->failure;
    solver->failure = 0;
    residual = true_residual(solver, k, b);
    if (failure || solver->failure) return failure ? failure : solver->failure;
    if (!isfinite(residual)) return RITZ_SOLVE_NOT_FINITE;
    if (residual <= solver->goal) return RITZ_SOLVE_CONVERGED;
    if (reason != RITZ_SOLVE_CONVERGED && reason != RITZ_SOLVE_BREAKDOWN) return reason;
    if (residual > 0.5 * before)
      return reason == RITZ_SOLVE_CONVERGED ? RITZ_SOLVE_STAGNATED : reason;
    reason = solver->recorded > solver->options.max_iterations ? RITZ_SOLVE_MAX_ITERATIONS : 0;
  }
  return reason;
}

static void report(ritz_krylov *solver, const block *k, ritz_solve_reason reason,
                   ritz_solve_report *reports) {
  for (int j = 0; j < k->count; j++) {
    const double norm = ritz_vectors_norm(solver, at(solver, k->r, j)), size = k->size[j];
    const double initial = reports[j].residual; /* kept there by the caller */
    reports[j] = solver->report;
    reports[j].initial_residual = initial;
    reports[j].residual = size > 0 ? norm / size : 0;
    reports[j].reason = size == 0 && reason > 0 ? RITZ_SOLVE_ZERO_RHS : reason;
  }
}

/* Residuals count relative to right-hand sides, and are done at rtol; with rtol = 0 absolute, and
 * done at atol: so one number serves all columns. */
static ritz_status solve(ritz_krylov *solver, block *k, const scalar *b, scalar *x,
                         ritz_solve_report *reports) {
  const double rtol = solver->options.rtol;
  bool finite = true;
  for (int j = 0; j < k->count; j++) {
    k->size[j] = ritz_vectors_norm(solver, b + j * solver->n);
    finite = finite && isfinite(k->size[j]);
    if (solver->options.initial_guess && k->size[j] > 0)
      ritz_vectors_copy(solver, x + j * solver->n, at(solver, k->x, j));
  }
  solver->scale = 1;
  solver->goal = rtol > 0 ? rtol : solver->options.atol;
  const double residual = finite ? true_residual(solver, k, b) : NAN;
  for (int j = 0; j < k->count; j++) {
    const double norm = ritz_vectors_norm(solver, at(solver, k->r, j));
    reports[j].residual = k->size[j] > 0 && finite ? norm / k->size[j] : 0;
  }
  ritz_solve_reason reason = solver->failure;
  if (!reason) reason = finite ? alternate(solver, k, b, residual) : RITZ_SOLVE_NOT_FINITE;
  for (int j = 0; j < k->count; j++)
    ritz_vectors_copy(solver, at(solver, k->x, j), x + j * solver->n);
  report(solver, k, reason, reports);
  return RITZ_OK;
}

ritz_status ritz_block_cg(ritz_krylov *solver, int count, const void *b, void *x,
                          ritz_solve_report *reports) {
  block k;
  if (count == 0) return RITZ_OK;
  ritz_status status = create(solver, count, &k);
  if (status == RITZ_OK) status = solve(solver, &k, b, x, reports);
  clear(&k);
  return status;
}
