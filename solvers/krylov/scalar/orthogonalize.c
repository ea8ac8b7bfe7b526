/* SPDX-License-Identifier: BSD-3-Clause
 * Gram-Schmidt: modified, classical, and classical with a second sweep where the first has
 * cancelled digits (Daniel, Gragg, Kaufman & Stewart 1976); of one direction and of blocks. */
#include "solvers/krylov/scalar/orthogonalize.h"

#include <string.h>

#include "solvers/krylov/scalar/dense.h"
#include "solvers/krylov/scalar/vectors.h"

void ritz_project(ritz_krylov *solver, int a, const scalar *v, scalar *x, wide *t,
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
    ritz_project(solver, 1, ritz_vectors_column(solver, v, i), x, t, coefficients + i);
}

enum { NEAREST = 2 }; /* columns behind which a symmetric operator leaves nothing */

static bool sweeps_again(const ritz_krylov *solver) {
  return solver->options.orthogonalization == RITZ_ORTHOGONALIZE_CGS2;
}

/* One direction -------------------------------------------------------------------------------*/

/* Takes the sums of a sweep, t = [C V]* x and x . x, as coefficients, and turns t round for the
 * subtraction. @return  Square of the length that x will have (Pythagoras). */
static double take(const ritz_bases *q, wide *e, wide *h, wide *t) {
  const int k = q->k, a = q->a;
  wide *const part = t + k + a + 1;
  double after = REAL(t[k + a]) - ritz_dense_part(k, q->unit, t, part);
  for (int i = 0; i < k; i++) e[i] += part[i];
  for (int i = 0; i < a; i++) {
    after -= REAL(t[k + i] * CONJ(t[k + i]));
    h[i] += t[k + i];
  }
  for (int i = 0; i < k + a; i++) t[i] = -t[i];
  return after;
}

/* The sums of the first sweep. Where sweeps may be repeated, what x has of the nearest columns goes
 * before: from an operator close to a symmetric one that is nearly all that a sweep would cancel,
 * so that one sweep over the bases does. */
static void begin_sweep(ritz_krylov *solver, const ritz_bases *q, wide *h, scalar *x, wide *t) {
  const int near = !sweeps_again(solver) ? 0 : q->a < NEAREST ? q->a : NEAREST;
  if (near == 0) {
    ritz_vectors_lengths(solver, q->k, q->c, q->a, q->v, x, t);
    return;
  }
  const int from = q->a - near, first = q->k + from;
  ritz_vectors_gram(solver, near, ritz_vectors_column(solver, q->v, from), 1, x, t + first);
  for (int i = 0; i < near; i++) {
    h[from + i] += t[first + i];
    t[first + i] = -t[first + i];
  }
  ritz_vectors_correct_lengths(solver, q->k, q->c, q->a, q->v, first, t, x);
}

/* Classical Gram-Schmidt: one reduction per sweep, all lengths in it. Another sweep follows where
 * more than half of x . x has gone: with less, what orthogonality V lacks would grow from column to
 * column. Measured with a tenth: lost after 12 columns of float. */
static ritz_extent sweep(ritz_krylov *solver, const ritz_bases *q, wide *e, wide *h, scalar *x,
                         wide *t) {
  begin_sweep(solver, q, h, x, t);
  double before = REAL(t[q->k + q->a]), after = take(q, e, h, t);
  for (int turn = 0; sweeps_again(solver) && turn < 2 && !(after > 0.5 * before); turn++) {
    ritz_vectors_correct_lengths(solver, q->k, q->c, q->a, q->v, 0, t, x);
    before = REAL(t[q->k + q->a]);
    after = take(q, e, h, t);
  }
  /* The difference of squares has lost digits where little is left. */
  const bool scaled = EPSILON * before < 1e-6 * after;
  const double length = scaled ? sqrt(after) : 0;
  ritz_vectors_correct(solver, q->k, q->c, q->a, q->v, t, scaled ? 1 / length : 1, x);
  return (ritz_extent){length, scaled};
}

ritz_extent ritz_orthogonalize(ritz_krylov *solver, const ritz_bases *q, wide *e, wide *h,
                               scalar *x, wide *t) {
  ritz_extent out = {0};
  if (solver->options.orthogonalization == RITZ_ORTHOGONALIZE_MGS) {
    project_in_turn(solver, q->k, q->c, x, t, e);
    project_in_turn(solver, q->a, q->v, x, t, h);
  } else {
    out = sweep(solver, q, e, h, x, t);
  }
  if (!out.scaled) out.length = ritz_vectors_norm(solver, x);
  return out;
}

/* Blocks --------------------------------------------------------------------------------------*/

static double square(int n, const wide *t) {
  double sum = 0;
  for (int i = 0; i < n; i++) sum += REAL(t[i] * CONJ(t[i]));
  return sum;
}

/* W -= V unit t with t = (V unit)* W, added to the coefficients; the squares of t are added to
 * lost[count]. @param unit  NULL: the identity. */
static void project_block(ritz_krylov *solver, int a, const scalar *v, const wide *unit, int count,
                          scalar *w, wide *t, wide *coefficients, int ld, double *lost) {
  if (a == 0) return;
  wide *const part = t + count * a;
  ritz_vectors_gram(solver, a, v, count, w, t);
  for (int j = 0; j < count; j++) {
    wide *const tj = t + j * a;
    lost[j] += unit ? ritz_dense_part(a, unit, tj, part) : square(a, tj);
    for (int i = 0; i < a; i++) {
      coefficients[j * ld + i] += unit ? part[i] : tj[i];
      tj[i] = -tj[i];
    }
  }
  ritz_vectors_combine_block(solver, a, v, count, t, a, w);
}

/* The bases taken out of all columns of W, again as in sweep(). */
static void sweep_block(ritz_krylov *solver, const ritz_bases *q, int count, scalar *w, wide *e,
                        wide *h, int ldh, wide *t) {
  double *const lost = (double *)t;
  bool again = true;
  for (int turn = 0; turn < 3 && again; turn++) {
    memset(lost, 0, (size_t)count * sizeof *lost);
    project_block(solver, q->k, q->c, q->unit, count, w, t + count, e, q->k, lost);
    project_block(solver, q->a, q->v, NULL, count, w, t + count, h, ldh, lost);
    again = false;
    for (int j = 0; j < count && sweeps_again(solver); j++) {
      const scalar *const x = ritz_vectors_column(solver, w, j);
      if (!(REAL(ritz_vectors_dot(solver, x, x)) > lost[j])) again = true;
    }
  }
}

/* Takes the columns of the block before it out of x, which the bases have been taken out of; where
 * that leaves little, what it has of the bases counts again. */
static ritz_extent separate(ritz_krylov *solver, const ritz_bases *q, int kept, wide *e, wide *h,
                            scalar *x, wide *t) {
  ritz_project(solver, kept, ritz_vectors_column(solver, q->v, q->a), x, t, h + q->a);
  const double length = ritz_vectors_norm(solver, x);
  if (!sweeps_again(solver) || length * length > square(kept, t))
    return (ritz_extent){length, false};
  const ritz_bases all = {q->k, q->a + kept, q->c, q->v, q->unit};
  return ritz_orthogonalize(solver, &all, e, h, x, t);
}

int ritz_orthogonalize_block(ritz_krylov *solver, const ritz_bases *q, int count, wide *e, wide *h,
                             int ldh, wide *t) {
  scalar *const w = ritz_vectors_column(solver, q->v, q->a);
  const bool in_turn = count == 1 || solver->options.orthogonalization == RITZ_ORTHOGONALIZE_MGS;
  int kept = 0;
  if (!in_turn) sweep_block(solver, q, count, w, e, h, ldh, t);
  for (int j = 0; j < count && !solver->failure; j++) {
    scalar *const x = ritz_vectors_column(solver, w, kept);
    wide *const ej = e + j * q->k, *const hj = h + j * ldh;
    if (j != kept) ritz_vectors_copy(solver, ritz_vectors_column(solver, w, j), x);
    const ritz_bases all = {q->k, q->a + kept, q->c, q->v, q->unit};
    const ritz_extent size = in_turn ? ritz_orthogonalize(solver, &all, ej, hj, x, t)
                                     : separate(solver, q, kept, ej, hj, x, t);
    const double before = size.length * size.length + square(q->a + kept, hj);
    if (size.length <= 50 * EPSILON * sqrt(before)) continue; /* dependent */
    if (!size.scaled) ritz_vectors_scale(solver, 1 / size.length, x);
    hj[q->a + kept++] = size.length;
  }
  return kept;
}
