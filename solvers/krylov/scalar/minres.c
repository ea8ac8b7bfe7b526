/* SPDX-License-Identifier: BSD-3-Clause
 * MINRES for Hermitian, possibly indefinite systems with a positive definite preconditioner (Paige
 * & Saunders 1975, doi:10.1137/0712047): the residual of least M-norm, by short recurrences. With a
 * recycle space it is RMINRES (Wang, de Sturler & Paulino 2007, doi:10.1002/nme.1798).
 *
 * Lanczos: with z_j = M v_j, v_j . z_j = 1, and C = A U, C* M C = I,
 *   A z_j = C e_j + beta_{j+1} v_{j+1} + alpha_j v_j + beta_j v_{j-1},  e_j = (M C)* A z_j.
 * The part of x in U follows the directions in k numbers each. The first steps of a system are
 * kept; from them and U come the harmonic Ritz vectors of M A that the next one starts from. */
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "solvers/krylov/scalar/dense.h"
#include "solvers/krylov/scalar/refresh.h"

enum { V, OLD, NEXT, Z, D, D1, D2, VECTORS }; /* D, D1, D2: directions of this step and before */

typedef struct recurrence {
  scalar *work;     /* [VECTORS] */
  int most;         /* steps kept for the next space; 0: nothing is recycled */
  int count;        /* steps kept of this system */
  bool open;        /* more may be kept */
  scalar *mc;       /* M C, [k] */
  scalar *v, *z;    /* [most + 1], [most] */
  wide *h, *e;      /* [most][most + 1], [most][k] by columns */
  wide *p[3], *sum; /* [k] each: the part of a direction in U, and of x */
  wide *t, *column; /* [k][k]; [k] */
  double *length;   /* of the columns of U */
  ritz_refresh refresh;
} recurrence;

/* Rotations of the last step and the one before; what is left of the residual. */
typedef struct rotations {
  double c1, s1, c2, s2, eta;
} rotations;

/* Memory --------------------------------------------------------------------------------------*/

static void destroy(ritz_krylov *solver) {
  recurrence *w = solver->work;
  if (!w) return;
  void *const blocks[] = {w->work, w->mc,   w->v,   w->z, w->h,      w->e,     w->p[0],
                          w->p[1], w->p[2], w->sum, w->t, w->column, w->length};
  for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) ritz_free(blocks[i]);
  ritz_refresh_clear(&w->refresh);
  ritz_free(w);
  solver->work = NULL;
}

static ritz_status create(ritz_krylov *solver) {
  const int k = solver->options.recycle, most = k ? solver->options.restart : 0;
  recurrence *w;
  RITZ_TRY(RITZ_NEW(1, &w));
  solver->work = w;
  w->most = most;
  RITZ_TRY(RITZ_NEW(VECTORS * solver->ld, &w->work));
  if (k > 0) {
    RITZ_TRY(RITZ_NEW(k * solver->ld, &w->mc));
    RITZ_TRY(RITZ_NEW((most + 1) * solver->ld, &w->v));
    RITZ_TRY(RITZ_NEW(most * solver->ld, &w->z));
  }
  RITZ_TRY(RITZ_NEW(most * (most + 1), &w->h));
  RITZ_TRY(RITZ_NEW(most * k, &w->e));
  wide **const parts[] = {&w->p[0], &w->p[1], &w->p[2], &w->sum, &w->column};
  for (int i = 0; i < 5; i++) RITZ_TRY(RITZ_NEW(k, parts[i]));
  RITZ_TRY(RITZ_NEW(k * k, &w->t));
  RITZ_TRY(RITZ_NEW(k, &w->length));
  RITZ_TRY(ritz_refresh_create(k ? k + most + 1 : 0, &w->refresh));
  return ritz_vectors_create(solver, k + most + 2, k + most + 2);
}

static int dimension(const ritz_krylov *solver) {
  return solver->space ? solver->space->dimension : 0;
}

/* The recycle space ---------------------------------------------------------------------------*/

/* C = A U with C* M C = I, and M C. */
static void begin(ritz_krylov *solver) {
  recurrence *w = solver->work;
  ritz_recycle *space = solver->space;
  const int k = dimension(solver);
  w->count = 0;
  w->open = w->most > 0;
  if (k == 0) return;
  for (int j = 0; j < k; j++) {
    scalar *const c = ritz_vectors_column(solver, space->c, j);
    if (!space->current) ritz_vectors_apply(solver, ritz_vectors_column(solver, space->u, j), c);
    ritz_vectors_precondition(solver, c, ritz_vectors_column(solver, w->mc, j));
  }
  space->current = true;
  double condition = INFINITY;
  /* Cholesky QR in the M-inner product, as renewal.c does it */
  for (int turn = 0; turn < 2 && condition * condition > 2 * k * k; turn++) {
    ritz_vectors_gram(solver, k, space->c, k, w->mc, w->t);
    if (solver->failure || !ritz_dense_orthonormal(k, w->t, NULL, &condition)) {
      ritz_recycle_reset(space);
      return;
    }
    scalar *const bases[] = {space->u, space->c, w->mc};
    for (int i = 0; i < 3; i++)
      ritz_vectors_recombine(solver, k, bases[i], 0, bases[i], k, w->t, bases[i]);
  }
  for (int j = 0; j < k; j++)
    w->length[j] = ritz_vectors_norm(solver, ritz_vectors_column(solver, space->u, j));
}

/* y -= C e with e = (M C)* y. */
static void project(ritz_krylov *solver, scalar *y, wide *e) {
  recurrence *w = solver->work;
  const int k = dimension(solver);
  if (k == 0) return;
  ritz_vectors_gram(solver, k, w->mc, 1, y, e);
  for (int i = 0; i < k; i++) w->column[i] = -e[i];
  ritz_vectors_combine(solver, k, solver->space->c, w->column, y);
}

/* Keeps v / beta and z of a step; its column of the matrix follows in keep_column(). */
static void keep(ritz_krylov *solver, const scalar *v, double beta, const scalar *z) {
  recurrence *w = solver->work;
  if (!w->open) return;
  scalar *const to = ritz_vectors_column(solver, w->v, w->count);
  ritz_vectors_copy(solver, v, to);
  ritz_vectors_scale(solver, 1 / beta, to);
  if (w->count == w->most)
    w->open = false; /* the last v closes the relation */
  else
    ritz_vectors_copy(solver, z, ritz_vectors_column(solver, w->z, w->count));
}

static void keep_column(ritz_krylov *solver, double before, double alpha, double after) {
  recurrence *w = solver->work;
  if (!w->open) return;
  const int j = w->count++, k = dimension(solver);
  wide *const h = w->h + j * (w->most + 1);
  memset(h, 0, (size_t)(w->most + 1) * sizeof *h);
  if (j > 0) h[j - 1] = before;
  h[j] = alpha;
  h[j + 1] = after;
  memcpy(w->e + j * k, w->p[0], (size_t)k * sizeof *w->e);
}

/* Harmonic Ritz vectors of [U, Z] of least |theta| become the next U. */
static void finish(ritz_krylov *solver) {
  recurrence *w = solver->work;
  ritz_recycle *space = solver->space;
  if (!space || w->count == 0) return;
  const int k = space->dimension, j = w->count;
  const ritz_relation relation = {.k = k,
                                  .j = j,
                                  .rows = j + 1,
                                  .length = w->length,
                                  .e = w->e,
                                  .h = w->h,
                                  .ldh = w->most + 1,
                                  .c = space->c,
                                  .v = w->v,
                                  .x = space->u};
  const int kept = ritz_refresh_orthonormal(solver, &w->refresh, &relation);
  if (kept == 0) return;
  ritz_vectors_recombine(solver, k, space->c, j + 1, w->v, kept, w->refresh.c, space->c);
  ritz_vectors_recombine(solver, k, space->u, j, w->z, kept, w->refresh.p, space->u);
  space->dimension = kept;
  space->current = true;
}

/* Iteration -----------------------------------------------------------------------------------*/

/* This step's vectors become the last one's. */
static void shift(recurrence *w, scalar *d[VECTORS]) {
  scalar *const direction = d[D2], *const spare = d[Z];
  wide *const part = w->p[2];
  d[D2] = d[D1], d[D1] = d[D], d[D] = direction;
  w->p[2] = w->p[1], w->p[1] = w->p[0], w->p[0] = part;
  d[Z] = d[OLD]; /* where M v of the new v was put */
  d[OLD] = d[V], d[V] = d[NEXT], d[NEXT] = spare;
}

/* sqrt(v . M v) with M v in z; negative: M is indefinite. */
static double length(ritz_krylov *solver, const scalar *v, scalar *z) {
  ritz_vectors_precondition(solver, v, z);
  const double square = REAL(ritz_vectors_dot(solver, v, z));
  return square < 0 ? -1 : sqrt(square);
}

/* d = (z - delta d1 - epsilon d2) / gamma, its part in U likewise; x and the sum follow. */
static void advance(ritz_krylov *solver, scalar *const d[VECTORS], double delta, double epsilon,
                    double gamma, double step, scalar *x) {
  recurrence *w = solver->work;
  ritz_vectors_copy(solver, d[Z], d[D]);
  ritz_vectors_add(solver, -delta, d[D1], d[D]);
  ritz_vectors_add(solver, -epsilon, d[D2], d[D]);
  ritz_vectors_scale(solver, 1 / gamma, d[D]);
  ritz_vectors_add(solver, step, d[D], x);
  for (int i = 0; i < dimension(solver); i++) {
    w->p[0][i] = (w->p[0][i] - delta * w->p[1][i] - epsilon * w->p[2][i]) / gamma;
    w->sum[i] += step * w->p[0][i];
  }
}

/* Steps from v, of M-length beta, until something ends them. */
static ritz_solve_reason lanczos(ritz_krylov *solver, scalar *d[VECTORS], double beta, scalar *x) {
  recurrence *w = solver->work;
  rotations r = {.c1 = 1, .c2 = 1, .eta = beta};
  for (double previous = 0;;) {
    if (solver->failure) return solver->failure;
    if (beta < 0) return RITZ_SOLVE_INDEFINITE_PRECONDITIONER;
    if (!isfinite(beta)) return RITZ_SOLVE_NOT_FINITE;
    if (beta == 0) return RITZ_SOLVE_CONVERGED; /* the look at the true residual decides */
    ritz_vectors_scale(solver, 1 / beta, d[Z]);
    keep(solver, d[V], beta, d[Z]);
    ritz_vectors_apply(solver, d[Z], d[NEXT]);
    project(solver, d[NEXT], w->p[0]);
    const double alpha = REAL(ritz_vectors_dot(solver, d[Z], d[NEXT]));
    ritz_vectors_add(solver, -alpha / beta, d[V], d[NEXT]);
    if (previous > 0) ritz_vectors_add(solver, -beta / previous, d[OLD], d[NEXT]);

    /* Column j of the tridiagonal matrix under the last two rotations and a new one. */
    const double epsilon = r.s2 * beta, delta = r.c1 * r.c2 * beta + r.s1 * alpha;
    const double pivot = r.c1 * alpha - r.s1 * r.c2 * beta;
    const double after = length(solver, d[NEXT], d[OLD]); /* M v in the place of the oldest */
    if (after < 0) return RITZ_SOLVE_INDEFINITE_PRECONDITIONER;
    const double gamma = hypot(pivot, after);
    if (!isfinite(gamma)) return RITZ_SOLVE_NOT_FINITE;
    if (gamma == 0) return RITZ_SOLVE_BREAKDOWN;
    keep_column(solver, beta, alpha, after);
    r.c2 = r.c1, r.s2 = r.s1;
    r.c1 = pivot / gamma, r.s1 = after / gamma;
    advance(solver, d, delta, epsilon, gamma, r.c1 * r.eta, x);
    r.eta *= -r.s1;

    shift(w, d);
    previous = beta;
    beta = after;
    const ritz_solve_reason reason =
        solver->failure ? solver->failure : ritz_krylov_record(solver, fabs(r.eta));
    if (reason) {
      if (beta > 0) keep(solver, d[V], beta, d[Z]); /* closes the relation */
      return reason;
    }
  }
}

static ritz_solve_reason iterate(ritz_krylov *solver, void *residual, void *solution) {
  static const int zero[] = {OLD, D, D1, D2};
  recurrence *w = solver->work;
  const int k = dimension(solver);
  scalar *d[VECTORS], *const r = residual, *const x = solution;
  for (int i = 0; i < VECTORS; i++) d[i] = ritz_vectors_column(solver, w->work, i);
  for (int i = 0; i < 4; i++) memset(d[zero[i]], 0, (size_t)solver->n * sizeof(scalar));
  for (int i = 0; i < 3; i++) memset(w->p[i], 0, (size_t)k * sizeof(wide));
  memset(w->sum, 0, (size_t)k * sizeof(wide));
  if (w->count > 0) w->open = false; /* a second start would break the relation */
  if (k > 0) {
    project(solver, r, w->sum);
    ritz_vectors_combine(solver, k, solver->space->u, w->sum, x);
    memset(w->sum, 0, (size_t)k * sizeof(wide));
  }
  ritz_vectors_copy(solver, r, d[V]);
  const double beta = length(solver, d[V], d[Z]);
  if (k > 0 && beta >= 0 && beta <= solver->goal)
    return solver->failure ? solver->failure : RITZ_SOLVE_CONVERGED;
  const ritz_solve_reason reason = lanczos(solver, d, beta, x);
  for (int i = 0; i < k; i++) w->sum[i] = -w->sum[i];
  if (k > 0) ritz_vectors_combine(solver, k, solver->space->u, w->sum, x);
  return reason;
}

const ritz_krylov_kind RITZ_SCALAR_NAME(minres) = {
    .create = create, .destroy = destroy, .begin = begin, .iterate = iterate, .finish = finish};
