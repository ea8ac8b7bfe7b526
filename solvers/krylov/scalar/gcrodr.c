/* SPDX-License-Identifier: BSD-3-Clause
 * GCRO-DR(m, k): generalised conjugate residuals with inner orthogonalisation and deflated
 * restarting (Parks, de Sturler, Mackey, Johnson & Maiti 2006, doi:10.1137/040607277). Keeping
 * nothing (k = 0) it is GMRES(m) (Saad & Schultz 1986), with the preconditioner on the right
 * flexible GMRES (Saad 1993).
 *
 * With B = M A on the left, A on the right, and z = v on the left, M v on the right, a cycle builds
 *   B [U D, Z] = [C, V] G,  G = [D, E; 0, H],  C* C = I, V* V = I, C* V = 0
 * U recycled directions, C = B U, D the inverse lengths of U, Z of j columns, V of j + 1. */
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "solvers/krylov/scalar/dense.h"
#include "solvers/krylov/scalar/refresh.h"
#include "solvers/krylov/scalar/vectors.h"

typedef struct cycle {
  int m;             /* most directions, recycled ones included */
  scalar *v, *z;     /* [m + 1], [m]; z is v when no other directions are needed */
  wide *h;           /* H, [m][m + 1] by columns */
  wide *triangle;    /* the same after the rotations */
  wide *e;           /* E, [m][k] by columns */
  wide *rhs, *y, *t; /* rotated right-hand side; solution; a vector of coefficients */
  double *cosine;
  wide *sine;
  double *length; /* of the columns of U */
  ritz_refresh refresh;
} cycle;

/* Memory --------------------------------------------------------------------------------------*/

static void destroy(ritz_krylov *solver) {
  cycle *w = solver->work;
  if (!w) return;
  if (w->z != w->v) ritz_free(w->z);
  void *const blocks[] = {w->v, w->h, w->triangle, w->e,    w->rhs,
                          w->y, w->t, w->cosine,   w->sine, w->length};
  for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) ritz_free(blocks[i]);
  ritz_refresh_clear(&w->refresh);
  ritz_free(w);
  solver->work = NULL;
}

static ritz_status create(ritz_krylov *solver) {
  const int m = solver->options.restart, square = (m + 1) * (m + 1);
  const bool right = solver->options.side == RITZ_RIGHT;
  cycle *w;
  RITZ_TRY(RITZ_NEW(1, &w));
  solver->work = w;
  w->m = m;
  RITZ_TRY(RITZ_NEW(solver->ld * (m + 1), &w->v));
  w->z = w->v;
  if (right) {
    w->z = NULL;
    RITZ_TRY(RITZ_NEW(solver->ld * m, &w->z));
  }
  wide **const squares[] = {&w->h, &w->triangle, &w->e};
  for (size_t i = 0; i < sizeof squares / sizeof *squares; i++)
    RITZ_TRY(RITZ_NEW(square, squares[i]));
  wide **const vectors[] = {&w->rhs, &w->y, &w->t, &w->sine};
  for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
    RITZ_TRY(RITZ_NEW(m + 1, vectors[i]));
  RITZ_TRY(RITZ_NEW(m + 1, &w->cosine));
  RITZ_TRY(RITZ_NEW(m + 1, &w->length));
  RITZ_TRY(ritz_refresh_create(solver->options.recycle ? m : 0, &w->refresh));
  return ritz_vectors_create(solver, m + 1);
}

static bool is_left(const ritz_krylov *solver) {
  return solver->options.side == RITZ_LEFT && solver->precondition;
}

static bool is_right(const ritz_krylov *solver) {
  return solver->options.side == RITZ_RIGHT && solver->precondition;
}

/* y = B x; w is anybody's vector. */
static void product(ritz_krylov *solver, const scalar *x, scalar *y) {
  if (!is_left(solver)) {
    ritz_vectors_apply(solver, x, y);
    return;
  }
  ritz_vectors_apply(solver, x, solver->w);
  ritz_vectors_precondition(solver, solver->w, y);
}

/* Orthogonality -------------------------------------------------------------------------------*/

/* w -= V t with t = V* w; adds t to coefficients[a]. */
static void project(ritz_krylov *solver, int a, const scalar *v, scalar *x, wide *t,
                    wide *coefficients) {
  if (a == 0) return;
  ritz_vectors_gram(solver, a, v, 1, x, t);
  for (int i = 0; i < a; i++) {
    coefficients[i] += t[i];
    t[i] = -t[i];
  }
  ritz_vectors_combine(solver, a, v, t, x);
}

static void project_in_turn(ritz_krylov *solver, int a, scalar *v, scalar *x, wide *t,
                            wide *coefficients) {
  for (int i = 0; i < a; i++)
    project(solver, 1, ritz_vectors_column(solver, v, i), x, t, coefficients + i);
}

/* A new direction: its length once it is orthogonal, and whether it has been divided by it. */
typedef struct extent {
  double length;
  bool scaled;
} extent;

/* Takes the sums of a sweep, t = [C V]* x and x . x, as coefficients, and turns t round for the
 * subtraction. @return  Square of the length that x will have (Pythagoras). */
static double take(int k, wide *e, int a, wide *h, wide *t) {
  double after = REAL(t[k + a]);
  for (int i = 0; i < k + a; i++) {
    after -= REAL(t[i] * CONJ(t[i]));
    *(i < k ? e + i : h + i - k) += t[i];
    t[i] = -t[i];
  }
  return after;
}

/* Classical Gram-Schmidt against C and a columns of V: one reduction per sweep, all lengths in it.
 * Another sweep follows where more than half of x . x has gone: with less, what orthogonality V
 * lacks would grow from column to column. Measured with a tenth: lost after 12 columns of float. */
static extent sweep(ritz_krylov *solver, int k, scalar *c, wide *e, int a, scalar *v, wide *h,
                    scalar *x) {
  wide *const t = ((cycle *)solver->work)->t;
  const bool again = solver->options.orthogonalization == RITZ_ORTHOGONALIZE_CGS2;
  ritz_vectors_lengths(solver, k, c, a, v, x, t);
  double before = REAL(t[k + a]), after = take(k, e, a, h, t);
  for (int turn = 0; again && turn < 2 && !(after > 0.5 * before); turn++) {
    ritz_vectors_correct_lengths(solver, k, c, a, v, t, x);
    before = REAL(t[k + a]);
    after = take(k, e, a, h, t);
  }
  /* The difference of squares has lost digits where little is left. */
  const bool scaled = EPSILON * before < 1e-6 * after;
  const double length = scaled ? sqrt(after) : 0;
  ritz_vectors_correct(solver, k, c, a, v, t, scaled ? 1 / length : 1, x);
  return (extent){length, scaled};
}

/* Makes x orthogonal to C and to a columns of V. */
static extent orthogonalize(ritz_krylov *solver, int k, scalar *c, wide *e, int a, scalar *v,
                            wide *h, scalar *x) {
  const cycle *w = solver->work;
  extent out = {0};
  memset(e, 0, (size_t)k * sizeof *e);
  memset(h, 0, (size_t)a * sizeof *h);
  if (solver->options.orthogonalization == RITZ_ORTHOGONALIZE_MGS) {
    project_in_turn(solver, k, c, x, w->t, e);
    project_in_turn(solver, a, v, x, w->t, h);
  } else {
    out = sweep(solver, k, c, e, a, v, h, x);
  }
  if (!out.scaled) out.length = ritz_vectors_norm(solver, x);
  return out;
}

/* The recycle space ---------------------------------------------------------------------------*/

/* The columns T that B takes to C: U itself, or M^{-1} U when B = A M. */
static scalar *targets(const ritz_krylov *solver) {
  return is_right(solver) ? solver->space->t : solver->space->u;
}

/* Bases that follow C: U, and T where it is known. @return  Their number. */
static int followers(const ritz_krylov *solver, scalar *out[2]) {
  out[0] = solver->space->u;
  out[1] = solver->space->t;
  return is_right(solver) && solver->space->has_targets ? 2 : 1;
}

/* C made orthonormal column by column, dependent ones dropped. */
static void orthonormalize_in_turn(ritz_krylov *solver) {
  cycle *w = solver->work;
  ritz_recycle *space = solver->space;
  scalar *follower[2];
  const int follow = followers(solver, follower);
  int kept = 0;
  for (int j = 0; j < space->dimension && !solver->failure; j++) {
    scalar *const c = ritz_vectors_column(solver, space->c, kept);
    if (kept != j) ritz_vectors_copy(solver, ritz_vectors_column(solver, space->c, j), c);
    const double before = ritz_vectors_norm(solver, c);
    memset(w->y, 0, (size_t)kept * sizeof *w->y);
    project(solver, kept, space->c, c, w->t, w->y);
    project(solver, kept, space->c, c, w->t, w->y);
    const double after = ritz_vectors_norm(solver, c);
    if (!(after > 1e3 * EPSILON * before) || !isfinite(after)) continue;
    ritz_vectors_scale(solver, 1 / after, c);
    for (int i = 0; i < kept; i++) w->y[i] = -w->y[i];
    for (int f = 0; f < follow; f++) {
      scalar *const from = ritz_vectors_column(solver, follower[f], j);
      scalar *const to = ritz_vectors_column(solver, follower[f], kept);
      ritz_vectors_combine(solver, kept, follower[f], w->y, from);
      if (to != from) ritz_vectors_copy(solver, from, to);
      ritz_vectors_scale(solver, 1 / after, to);
    }
    kept++;
  }
  space->dimension = kept;
}

/* The same in blocks by Cholesky QR, twice (Yamamoto, Nakatsukasa, Yanagisawa & Fukaya 2015); the
 * followers wait for the product of both factors. @return  false: columns are too close to
 * dependent; C is then as it was but for a factor that the followers have too. */
static bool orthonormalize_at_once(ritz_krylov *solver) {
  cycle *w = solver->work;
  const ritz_recycle *space = solver->space;
  const int k = space->dimension;
  wide *const first = w->refresh.p, *const second = w->refresh.c;
  scalar *follower[2];
  const int follow = followers(solver, follower);
  bool made = true;
  ritz_vectors_gram(solver, k, space->c, k, space->c, first);
  if (solver->failure || !ritz_dense_orthonormal(k, first)) return false;
  ritz_vectors_recombine(solver, k, space->c, 0, space->c, k, first, space->c);
  ritz_vectors_gram(solver, k, space->c, k, space->c, second);
  made = !solver->failure && ritz_dense_orthonormal(k, second);
  if (made) {
    ritz_vectors_recombine(solver, k, space->c, 0, space->c, k, second, space->c);
    ritz_dense_multiply_upper(k, first, second);
  }
  for (int f = 0; f < follow; f++)
    ritz_vectors_recombine(solver, k, follower[f], 0, follower[f], k, first, follower[f]);
  return made;
}

/* C = A U (M A U on the left) with orthonormal columns, U and T following. */
static void renew(ritz_krylov *solver) {
  ritz_recycle *space = solver->space;
  for (int j = 0; j < space->dimension && !solver->failure; j++)
    product(solver, ritz_vectors_column(solver, space->u, j),
            ritz_vectors_column(solver, space->c, j));
  if (solver->options.qr == RITZ_QR_GRAM_SCHMIDT || !orthonormalize_at_once(solver))
    orthonormalize_in_turn(solver);
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

static void begin(ritz_krylov *solver) {
  const ritz_recycle *space = solver->space;
  if (!space || space->dimension == 0) return;
  if (!space->current) renew(solver);
  if (is_right(solver) && !space->has_targets) guess_targets(solver);
}

/* Harmonic Ritz vectors of [U D, Z] of least |theta| become the new U. */
static void update(ritz_krylov *solver, int k, int j) {
  cycle *w = solver->work;
  ritz_recycle *space = solver->space;
  scalar *const t = targets(solver);
  const ritz_relation relation = {.k = k,
                                  .j = j,
                                  .length = w->length,
                                  .e = w->e,
                                  .h = w->h,
                                  .ldh = w->m + 1,
                                  .c = space->c,
                                  .v = w->v,
                                  .x = t};
  const int kept = ritz_refresh_run(solver, &w->refresh, &relation);
  if (kept == 0) return;
  const wide *const p = w->refresh.p;
  ritz_vectors_recombine(solver, k, space->c, j + 1, w->v, kept, w->refresh.c, space->c);
  ritz_vectors_recombine(solver, k, t, j, w->v, kept, p, t);
  if (is_right(solver)) ritz_vectors_recombine(solver, k, space->u, j, w->z, kept, p, space->u);
  space->has_targets = is_right(solver);
  space->dimension = kept;
  space->current = true;
}

/* A cycle -------------------------------------------------------------------------------------*/

/* Applies the rotations so far to column j of H and adds one that clears its last entry.
 * @return  Residual norm of the least squares problem. */
static double rotate(cycle *w, int j) {
  wide *const r = w->triangle + j * (w->m + 1);
  memcpy(r, w->h + j * (w->m + 1), (size_t)(j + 2) * sizeof *r);
  for (int i = 0; i < j; i++) {
    const wide a = r[i], b = r[i + 1];
    r[i] = w->cosine[i] * a + w->sine[i] * b;
    r[i + 1] = -CONJ(w->sine[i]) * a + w->cosine[i] * b;
  }
  const double a = ABS(r[j]), size = hypot(a, ABS(r[j + 1]));
  w->cosine[j] = size > 0 ? a / size : 1;
  w->sine[j] = size > 0 ? (a > 0 ? r[j] / a : 1) * CONJ(r[j + 1]) / size : 0;
  r[j] = w->cosine[j] * r[j] + w->sine[j] * r[j + 1];
  r[j + 1] = 0;
  w->rhs[j + 1] = -CONJ(w->sine[j]) * w->rhs[j];
  w->rhs[j] *= w->cosine[j];
  return ABS(w->rhs[j + 1]);
}

/* x += U (-E y) + Z y with the y that minimises the residual; r = V (beta e1 - H y). */
static void correct(ritz_krylov *solver, int k, int j, double beta, scalar *r, scalar *x) {
  cycle *w = solver->work;
  const int ld = w->m + 1;
  for (int i = j - 1; i >= 0; i--) {
    wide sum = w->rhs[i];
    for (int l = i + 1; l < j; l++) sum -= w->triangle[l * ld + i] * w->y[l];
    const wide pivot = w->triangle[i * ld + i];
    w->y[i] = pivot != 0 ? sum / pivot : 0;
  }
  ritz_vectors_combine(solver, j, is_right(solver) ? w->z : w->v, w->y, x);
  for (int i = 0; i < k; i++) {
    w->t[i] = 0;
    for (int l = 0; l < j; l++) w->t[i] -= w->e[l * k + i] * w->y[l];
  }
  if (k > 0) ritz_vectors_combine(solver, k, solver->space->u, w->t, x);
  for (int i = 0; i <= j; i++) {
    w->t[i] = i == 0 ? beta : 0;
    for (int l = i > 0 ? i - 1 : 0; l < j; l++) w->t[i] -= w->h[l * ld + i] * w->y[l];
  }
  memset(r, 0, (size_t)solver->n * sizeof *r);
  ritz_vectors_combine(solver, j + 1, w->v, w->t, r);
}

/* Takes the part of r in C out of it, exactly, and the step U C* r into x. */
static void deflate(ritz_krylov *solver, int k, scalar *r, scalar *x) {
  if (k == 0) return;
  cycle *w = solver->work;
  memset(w->y, 0, (size_t)k * sizeof *w->y);
  project(solver, k, solver->space->c, r, w->t, w->y);
  ritz_vectors_combine(solver, k, solver->space->u, w->y, x);
  for (int i = 0; i < k; i++)
    w->length[i] = ritz_vectors_norm(solver, ritz_vectors_column(solver, solver->space->u, i));
}

/* One Arnoldi step. @return  Residual norm after it; *happy if the space is invariant. */
static double extend(ritz_krylov *solver, int k, int j, bool *happy) {
  cycle *w = solver->work;
  scalar *const v = ritz_vectors_column(solver, w->v, j), *const next = ritz_vectors_column(
                                                              solver, w->v, j + 1);
  const scalar *direction = v;
  if (is_right(solver)) {
    ritz_vectors_precondition(solver, v, ritz_vectors_column(solver, w->z, j));
    direction = ritz_vectors_column(solver, w->z, j);
  }
  product(solver, direction, next);
  wide *const h = w->h + j * (w->m + 1);
  const extent x =
      orthogonalize(solver, k, k ? solver->space->c : NULL, w->e + j * k, j + 1, w->v, h, next);
  double size = x.length * x.length;
  for (int i = 0; i <= j; i++) size += REAL(h[i] * CONJ(h[i]));
  *happy = x.length <= 50 * EPSILON * sqrt(size);
  h[j + 1] = *happy ? 0 : x.length;
  if (*happy)
    memset(next, 0, (size_t)solver->n * sizeof *next);
  else if (!x.scaled)
    ritz_vectors_scale(solver, 1 / x.length, next);
  return rotate(w, j);
}

static ritz_solve_reason run_cycle(ritz_krylov *solver, scalar *r, scalar *x) {
  cycle *w = solver->work;
  const int k = solver->space ? solver->space->dimension : 0;
  deflate(solver, k, r, x);
  const double beta = ritz_vectors_norm(solver, r);
  if (solver->failure) return solver->failure;
  if (!isfinite(beta)) return RITZ_SOLVE_NOT_FINITE;
  if (beta <= solver->goal) return RITZ_SOLVE_CONVERGED;
  ritz_vectors_copy(solver, r, w->v);
  ritz_vectors_scale(solver, 1 / beta, w->v);
  w->rhs[0] = beta;
  ritz_solve_reason reason = 0;
  bool happy = false;
  int j = 0;
  while (j < w->m - k && !reason && !happy) {
    const double residual = extend(solver, k, j++, &happy);
    reason = solver->failure ? solver->failure : ritz_krylov_record(solver, residual);
  }
  if (solver->failure || reason == RITZ_SOLVE_NOT_FINITE) return reason;
  correct(solver, k, j, beta, r, x);
  if (solver->space) update(solver, k, j);
  /* An invariant space holds the solution, unless the operator is singular on it or rounding has
   * the last word: the look at the true residual decides whether to go on. */
  if (happy && !reason) reason = RITZ_SOLVE_BREAKDOWN;
  return reason;
}

static ritz_solve_reason iterate(ritz_krylov *solver, void *r, void *x) {
  ritz_solve_reason reason = 0;
  while (!reason) reason = run_cycle(solver, r, x);
  return reason;
}

const ritz_krylov_kind RITZ_SCALAR_NAME(gcrodr) = {
    .create = create, .destroy = destroy, .begin = begin, .iterate = iterate};
