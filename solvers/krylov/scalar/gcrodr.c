/* SPDX-License-Identifier: BSD-3-Clause
 * GCRO-DR(m, k): generalised conjugate residuals with inner orthogonalisation and deflated
 * restarting (Parks, de Sturler, Mackey, Johnson & Maiti 2006, doi:10.1137/040607277), for one
 * right-hand side or for a block of them (Parks, Soodhalter & Szyld 2016, "A block recycled GMRES
 * method"). Keeping nothing (k = 0) it is (block) GMRES(m) (Saad & Schultz 1986), with the
 * preconditioner on the right flexible GMRES (Saad 1993).
 *
 * With B = M A on the left, A on the right, and z = v on the left, M v on the right, a cycle builds
 *   B [U, Z] = [C, V] G,  G = [F, E; 0, H],  C* C = I, V* V = I, C* V = 0
 * U recycled directions, F an upper triangle, Z of j columns and V of j and the
 * last block, which starts as one column per residual that is above its goal and not dependent on
 * the others. H has as many diagonals below the main one as the first block has columns. */
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "solvers/krylov/scalar/columns.h"
#include "solvers/krylov/scalar/orthogonalize.h"
#include "solvers/krylov/scalar/renewal.h"
#include "solvers/krylov/scalar/sided.h"

typedef struct cycle {
  int m, p;        /* steps of a cycle and recycled directions together; columns at most */
  int ld;          /* (m + 2) p: rows of a small matrix, and room for a reflector's last zeros */
  int j, block;    /* directions of this cycle; columns of V behind them */
  scalar *v, *z;   /* [(m + 1) p], [m p]; z is v when no other directions are needed */
  wide *h;         /* H, [m p][ld] by columns */
  wide *triangle;  /* the same after the reflections */
  wide *reflector; /* [m p][2 p], of rows j ... of column j */
  wide *e;         /* E, [m p][k] by columns */
  wide *rhs, *y;   /* [p][ld]: V* R, reflected; the solution */
  wide *t;         /* coefficients */
  int active;      /* columns above their goals, numbers in order[] */
  int *order;      /* [p] */
  double *rest;    /* [p], of a residual outside the first block of V; in order[]'s order */
  ritz_columns columns;
  ritz_renewal renewal;
} cycle;

/* Memory --------------------------------------------------------------------------------------*/

static void destroy(ritz_krylov *solver) {
  cycle *w = solver->work;
  if (!w) return;
  if (w->z != w->v) ritz_free(w->z);
  void *const blocks[] = {w->v,   w->h, w->triangle, w->reflector, w->e,
                          w->rhs, w->y, w->t,        w->order,     w->rest};
  for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) ritz_free(blocks[i]);
  ritz_columns_clear(&w->columns);
  ritz_renewal_clear(&w->renewal);
  ritz_free(w);
  solver->work = NULL;
}

static ritz_status create_vectors(ritz_krylov *solver, cycle *w) {
  const int k = solver->options.recycle, p = w->p, rows = (w->m + 1) * p;
  RITZ_TRY(RITZ_NEW(solver->ld * rows, &w->v));
  w->z = w->v;
  if (solver->options.side == RITZ_RIGHT) {
    w->z = NULL;
    RITZ_TRY(RITZ_NEW(solver->ld * w->m * p, &w->z));
  }
  RITZ_TRY(ritz_renewal_create(solver, rows, p, &w->renewal));
  /* The largest gram is of V and U, or of V and a block. */
  const int most = (int)ceil(sqrt((double)rows * (k > p ? k : p)));
  return ritz_vectors_create(solver, most > k ? most + 1 : k + 1, k + rows);
}

static ritz_status create_columns(ritz_krylov *solver, int p) {
  const ritz_index k = solver->options.recycle, m = solver->options.restart;
  cycle *w;
  RITZ_TRY(RITZ_NEW(1, &w));
  solver->work = w;
  w->m = (int)m;
  w->p = p;
  w->ld = (int)(m + 2) * p;
  RITZ_TRY(create_vectors(solver, w));
  RITZ_TRY(RITZ_NEW(m * p * w->ld, &w->h));
  RITZ_TRY(RITZ_NEW(m * p * w->ld, &w->triangle));
  RITZ_TRY(RITZ_NEW(m * p * 2 * p, &w->reflector));
  RITZ_TRY(RITZ_NEW(m * p * k, &w->e));
  RITZ_TRY(RITZ_NEW(p * w->ld, &w->rhs));
  RITZ_TRY(RITZ_NEW(p * w->ld, &w->y));
  RITZ_TRY(RITZ_NEW((p + 1) * (w->ld + 1) + k, &w->t));
  RITZ_TRY(RITZ_NEW(p, &w->order));
  return RITZ_NEW(p, &w->rest);
}

static ritz_status create(ritz_krylov *solver) { return create_columns(solver, 1); }

static ritz_status create_block(ritz_krylov *solver) {
  RITZ_TRY(create_columns(solver, solver->options.block));
  return ritz_columns_create(solver, solver->options.block, &((cycle *)solver->work)->columns);
}

static void begin(ritz_krylov *solver) {
  ritz_renewal_begin(solver, &((cycle *)solver->work)->renewal);
}

static void settle(ritz_krylov *solver) {
  ritz_renewal_settle(solver, &((cycle *)solver->work)->renewal);
}

/* The least squares problem -------------------------------------------------------------------*/

static double length(int n, const wide *x) {
  double sum = 0;
  for (int i = 0; i < n; i++) sum += REAL(x[i] * CONJ(x[i]));
  return sqrt(sum);
}

/* Reflector j applied to a column of rows. */
static void reflect(const cycle *w, int j, wide *x) {
  const wide *const v = w->reflector + j * 2 * w->p;
  wide sum = 0;
  for (int i = 0; i < 2 * w->p; i++) sum += CONJ(v[i]) * x[j + i];
  for (int i = 0; i < 2 * w->p; i++) x[j + i] -= 2 * sum * v[i];
}

/* Column j of H becomes one of the triangle: the reflections so far, and one more that clears what
 * is below the diagonal (Householder 1958), of the right-hand sides too. */
static void eliminate(cycle *w, int j) {
  wide *const r = w->triangle + j * w->ld, *const v = w->reflector + j * 2 * w->p;
  memcpy(r, w->h + j * w->ld, (size_t)w->ld * sizeof *r);
  for (int i = 0; i < j; i++) reflect(w, i, r);
  memcpy(v, r + j, (size_t)(2 * w->p) * sizeof *v);
  const double size = length(2 * w->p, v), a = ABS(v[0]);
  v[0] += (a > 0 ? v[0] / a : 1) * size;
  const double scale = length(2 * w->p, v);
  for (int i = 0; i < 2 * w->p; i++) v[i] = scale > 0 ? v[i] / scale : 0;
  reflect(w, j, r);
  for (int i = 0; i < w->active; i++) reflect(w, j, w->rhs + w->order[i] * w->ld);
}

/* y of a right-hand side, from the triangle. */
static void solve_triangle(const cycle *w, const wide *rhs, wide *y) {
  for (int i = w->j - 1; i >= 0; i--) {
    wide sum = rhs[i];
    for (int l = i + 1; l < w->j; l++) sum -= w->triangle[l * w->ld + i] * y[l];
    const wide pivot = w->triangle[i * w->ld + i];
    y[i] = pivot != 0 ? sum / pivot : 0;
  }
}

/* A cycle -------------------------------------------------------------------------------------*/

static scalar *basis(const ritz_krylov *solver, int j) {
  return ritz_vectors_column(solver, ((cycle *)solver->work)->v, j);
}

/* Residuals above their goals, copied to V. @return  false: one is not finite. */
static bool gather(ritz_krylov *solver, ritz_columns *c) {
  cycle *w = solver->work;
  w->active = 0;
  memset(w->rhs, 0, (size_t)(w->p * w->ld) * sizeof *w->rhs);
  for (int j = 0; j < c->count; j++) {
    scalar *const r = ritz_vectors_column(solver, c->r, j);
    c->norm[j] = ritz_vectors_norm(solver, r);
    if (!isfinite(c->norm[j])) return false;
    if (c->norm[j] <= solver->goal * c->unit[j]) continue;
    ritz_vectors_copy(solver, r, basis(solver, w->active));
    w->rest[w->active] = c->norm[j];
    w->order[w->active++] = j;
  }
  return true;
}

/* The column from s on that has most left beside the first s of V, in its unit; -1: none has more
 * than rounding or a tenth of its goal. */
static int find_pivot(const ritz_krylov *solver, const ritz_columns *c, int s) {
  const cycle *w = solver->work;
  int best = -1;
  double most = 0;
  for (int i = s; i < w->active; i++) {
    const int j = w->order[i];
    const double unit = c->unit[j],
                 floor = fmax(50 * EPSILON * c->norm[j], 0.1 * solver->goal * unit);
    if (w->rest[i] > floor && w->rest[i] / unit > most) best = i, most = w->rest[i] / unit;
  }
  return best;
}

static void exchange(ritz_krylov *solver, int a, int b) {
  cycle *w = solver->work;
  if (a == b) return;
  const int order = w->order[a];
  const double rest = w->rest[a];
  w->order[a] = w->order[b], w->order[b] = order;
  w->rest[a] = w->rest[b], w->rest[b] = rest;
  ritz_vectors_copy(solver, basis(solver, a), solver->w);
  ritz_vectors_copy(solver, basis(solver, b), basis(solver, a));
  ritz_vectors_copy(solver, solver->w, basis(solver, b));
}

/* The first block of V: an orthonormal basis of the residuals above their goals, by Gram-Schmidt
 * with pivots, which reveals their rank. */
static void start(ritz_krylov *solver, const ritz_columns *c) {
  cycle *w = solver->work;
  int s = 0;
  for (int pivot; (pivot = find_pivot(solver, c, s)) >= 0;) {
    exchange(solver, s, pivot);
    wide *const coefficients = w->rhs + w->order[s] * w->ld;
    scalar *const v = basis(solver, s);
    ritz_project(solver, s, w->v, v, w->t, coefficients); /* again: little may be left of it */
    const double size = s > 0 ? ritz_vectors_norm(solver, v) : w->rest[s];
    ritz_vectors_scale(solver, 1 / size, v);
    coefficients[s] = size;
    w->rest[s++] = 0;
    for (int i = s; i < w->active; i++) {
      ritz_project(solver, 1, v, basis(solver, i), w->t, w->rhs + w->order[i] * w->ld + s - 1);
      w->rest[i] = ritz_vectors_norm(solver, basis(solver, i));
    }
  }
  w->j = 0;
  w->block = s;
}

/* A step of the block Arnoldi process; the residual norms after it. */
static void extend(ritz_krylov *solver, int k, ritz_columns *c) {
  cycle *w = solver->work;
  const int j = w->j, count = w->block, a = j + count;
  for (int i = j; i < a && !solver->failure; i++) {
    const scalar *direction = basis(solver, i);
    if (ritz_sided_right(solver)) {
      direction = ritz_vectors_column(solver, w->z, i);
      ritz_vectors_precondition(solver, basis(solver, i), ritz_vectors_column(solver, w->z, i));
    }
    ritz_sided_product(solver, direction, basis(solver, i + count));
  }
  const ritz_bases bases = {k, a, k ? solver->space->c : NULL, w->v,
                            k ? solver->space->unit : NULL};
  wide *const e = w->e + j * k, *const h = w->h + j * w->ld;
  memset(e, 0, (size_t)(count * k) * sizeof *e);
  memset(h, 0, (size_t)(count * w->ld) * sizeof *h);
  w->block = ritz_orthogonalize_block(solver, &bases, count, e, h, w->ld, w->t);
  w->j = a;
  for (int i = j; i < a; i++) eliminate(w, i);
  for (int i = 0; i < w->active; i++) {
    const int at = w->order[i];
    c->norm[at] = length(w->block, w->rhs + at * w->ld + a) + w->rest[i];
  }
}

/* t = -G Y, of `rows` rows of G [j][ld] by columns. */
static void multiply(const cycle *w, int rows, const wide *g, int ld, int count, wide *t) {
  memset(t, 0, (size_t)(count * rows) * sizeof *t);
  for (int i = 0; i < count; i++)
    for (int q = 0; q < w->j; q++)
      for (int l = 0; l < rows; l++) t[i * rows + l] -= g[q * ld + l] * w->y[i * w->ld + q];
}

/* X += U F^{-1} (t - E Y) + Z Y, t of the deflation, Y such that residuals are least;
 * R -= V H Y. */
static void correct(ritz_krylov *solver, int k, const ritz_columns *c) {
  cycle *w = solver->work;
  const int rows = w->j + w->block, count = c->count;
  memset(w->y, 0, (size_t)(count * w->ld) * sizeof *w->y);
  for (int i = 0; i < w->active; i++)
    solve_triangle(w, w->rhs + w->order[i] * w->ld, w->y + w->order[i] * w->ld);
  const scalar *const z = ritz_sided_right(solver) ? w->z : w->v;
  ritz_vectors_combine_block(solver, w->j, z, count, w->y, w->ld, c->x);
  if (k > 0) {
    multiply(w, k, w->e, k, count, w->t);
    ritz_renewal_follow(solver, &w->renewal, count, w->t, c->x);
  }
  multiply(w, rows, w->h, w->ld, count, w->t);
  ritz_vectors_combine_block(solver, rows, w->v, count, w->t, rows, c->r);
}

/* The few directions of a cycle that ends early would change a full recycle space by less than
 * making it anew costs. */
static bool renews(const ritz_krylov *solver, int k, ritz_solve_reason reason) {
  const cycle *w = solver->work;
  return solver->space && !(reason > 0 && k == solver->options.recycle && 4 * w->j <= k);
}

/* In the first one after a look at x the residuals have a part in C; later only by rounding. */
static ritz_solve_reason run_cycle(ritz_krylov *solver, ritz_columns *c, bool first) {
  cycle *w = solver->work;
  const int k = solver->space ? solver->space->dimension : 0;
  ritz_renewal_deflate(solver, &w->renewal, c->count, c->r, first ? c->x : NULL);
  const bool finite = gather(solver, c);
  if (solver->failure) return solver->failure;
  if (!finite) return RITZ_SOLVE_NOT_FINITE;
  if (w->active == 0) return RITZ_SOLVE_CONVERGED;
  start(solver, c);
  ritz_solve_reason reason = solver->failure;
  for (int step = 0; step < w->m - k && w->block > 0 && !reason; step++) {
    extend(solver, k, c);
    reason = solver->failure ? solver->failure : ritz_krylov_record(solver, ritz_columns_worst(c));
  }
  if (solver->failure || reason == RITZ_SOLVE_NOT_FINITE) return reason;
  correct(solver, k, c);
  ritz_relation relation = {
      .k = k, .j = w->j, .rows = w->j + w->block, .e = w->e, .h = w->h, .ldh = w->ld, .v = w->v};
  if (renews(solver, k, reason))
    ritz_renewal_update(solver, &w->renewal, &relation, w->z, reason != 0);
  /* An invariant space holds the solutions, unless the operator is singular on it or rounding has
   * the last word: the look at the true residuals decides whether to go on. */
  return w->block > 0 || reason ? reason : RITZ_SOLVE_BREAKDOWN;
}

static ritz_solve_reason iterate_columns(ritz_krylov *solver, void *method, ritz_columns *columns) {
  ritz_solve_reason reason = 0;
  for (bool first = true; !reason; first = false) reason = run_cycle(solver, columns, first);
  return reason;
}

static ritz_solve_reason iterate(ritz_krylov *solver, void *r, void *x) {
  double unit = 1, norm;
  ritz_columns one = {.count = 1, .r = r, .x = x, .unit = &unit, .norm = &norm};
  return iterate_columns(solver, NULL, &one);
}

static ritz_status solve_block(ritz_krylov *solver, int count, const void *b, void *x,
                               ritz_solve_report *reports) {
  cycle *w = solver->work;
  for (int first = 0; first < count; first += w->p) {
    const int columns = count - first < w->p ? count - first : w->p;
    const ritz_index offset = first * solver->n;
    ritz_columns_solve(solver, &w->columns, columns, (const scalar *)b + offset,
                       (scalar *)x + offset, reports + first, iterate_columns, NULL);
  }
  return RITZ_OK;
}

const ritz_krylov_kind RITZ_SCALAR_NAME(gcrodr) = {
    .create = create, .destroy = destroy, .begin = begin, .iterate = iterate, .settle = settle};

const ritz_krylov_kind RITZ_SCALAR_NAME(block_gcrodr) = {.create = create_block,
                                                         .destroy = destroy,
                                                         .begin = begin,
                                                         .iterate = iterate,
                                                         .settle = settle,
                                                         .block = solve_block};
