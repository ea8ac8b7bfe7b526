/* SPDX-License-Identifier: BSD-3-Clause
 * Body of box_cycle.c for one PACK; no include guard. */

#include "kernels/variants/box_edges_body.h"
#include "kernels/variants/box_sums_body.h"

/* -- Restriction and prolongation, a row of coarse or fine points at a time ------------------- */

/* b of coarse row I from the residual in fine rows 2I - 1, 2I, 2I + 1; on the finest grid it is
 * zero at cell centres. */
static ALWAYS_INLINE void OF(restrict_row)(const pack_box *w, ritz_index I, const real *north,
                                           const real *here, const real *south, real *b,
                                           bool centres) {
  const ritz_index u = w->row, s = w->step;
  for (ritz_index J = 1; J <= w->n1; J++) {
    const ritz_index K = I * u + J * s, k = 2 * J * s;
    PACK sum = LOAD(here + k) + LOAD(w->west_share + K) * LOAD(here + k + s) +
               (1 - LOAD(w->west_share + K - s)) * LOAD(here + k - s);
    sum += LOAD(w->north_share + K) * LOAD(south + k) +
           (1 - LOAD(w->north_share + K - u)) * LOAD(north + k);
    if (centres)
      sum += (LOAD(w->corner[0] + K) * LOAD(south + k + s) +
              LOAD(w->corner[1] + K - s) * LOAD(south + k - s)) +
             (LOAD(w->corner[2] + K - u) * LOAD(north + k + s) +
              LOAD(w->corner[3] + K - u - s) * LOAD(north + k - s));
    STORE(b + K, sum);
  }
}

/* The coarse function e at an edge point east or south of coarse point K. */
static ALWAYS_INLINE PACK OF(on_edge)(const real *share, ritz_index K, ritz_index step,
                                      const real *e) {
  const PACK far = LOAD(e + K + step);
  return far + LOAD(share + K) * (LOAD(e + K) - far);
}

/* x += P e in row i of a coarser level. */
static ALWAYS_INLINE void OF(correct_row)(const pack_box *v, const pack_box *w, ritz_index i,
                                          const real *e, real *x) {
  const ritz_index u = w->row, s = w->step;
  const ritz_index K0 = i / 2 * u, k0 = i * v->row;
  for (ritz_index j = 1; j <= v->n1; j++) {
    const ritz_index K = K0 + j / 2 * s;
    PACK change;
    if (i % 2 == 0)
      change = j % 2 ? OF(on_edge)(w->west_share, K, s, e) : LOAD(e + K);
    else if (j % 2 == 0)
      change = OF(on_edge)(w->north_share, K, u, e);
    else
      change =
          (LOAD(w->corner[0] + K) * LOAD(e + K) + LOAD(w->corner[1] + K) * LOAD(e + K + s)) +
          (LOAD(w->corner[2] + K) * LOAD(e + K + u) + LOAD(w->corner[3] + K) * LOAD(e + K + u + s));
    STORE(x + k0 + j * s, LOAD(x + k0 + j * s) + change);
  }
  OF(exchange)(v, x + k0);
}

/* -- Coarser levels: nine points, Gauss-Seidel in the order of the unknowns ------------------- */

/* Row i of a forward sweep from x = 0: neighbours to come are still zero. */
static ALWAYS_INLINE void OF(forward_row)(const pack_box *v, ritz_index i, const real *b, real *x) {
  const ritz_index u = v->row, s = v->step;
  PACK left = {0};
  for (ritz_index k = i * u + s; k <= i * u + v->n1 * s; k += s) {
    const PACK sum = (LOAD(b + k) + LOAD(v->south + k - u) * LOAD(x + k - u)) +
                     (LOAD(v->southeast + k - u - s) * LOAD(x + k - u - s) +
                      LOAD(v->southwest + k - u + s) * LOAD(x + k - u + s));
    const PACK inverse = LOAD(v->inverse + k);
    left = inverse * sum + (inverse * LOAD(v->east + k - s)) * left;
    STORE(x + k, left);
  }
  OF(exchange)(v, x + i * u);
}

/* Gauss-Seidel along row i, with its order (way 1) or against it (-1). */
static ALWAYS_INLINE void OF(sweep_row)(const pack_box *v, ritz_index i, int way, const real *b,
                                        real *x) {
  const ritz_index u = v->row, s = v->step, ahead = way > 0 ? 0 : -s, behind = -s - ahead;
  ritz_index k = i * u + (way > 0 ? s : v->n1 * s);
  PACK last = LOAD(x + k - way * s);
  for (ritz_index j = 1; j <= v->n1; j++, k += way * s) {
    const PACK above = LOAD(v->southeast + k - u - s) * LOAD(x + k - u - s) +
                       (LOAD(v->south + k - u) * LOAD(x + k - u) +
                        LOAD(v->southwest + k - u + s) * LOAD(x + k - u + s));
    const PACK below =
        LOAD(v->southwest + k) * LOAD(x + k + u - s) +
        (LOAD(v->south + k) * LOAD(x + k + u) + LOAD(v->southeast + k) * LOAD(x + k + u + s));
    const PACK next = LOAD(v->east + k + ahead) * LOAD(x + k + way * s);
    const PACK sum = (LOAD(b + k) + next) + (above + below), inverse = LOAD(v->inverse + k);
    last = inverse * sum + (inverse * LOAD(v->east + k + behind)) * last;
    STORE(x + k, last);
  }
  OF(exchange)(v, x + i * u);
}

/* Coupling times the difference of x at k to here. */
static ALWAYS_INLINE PACK OF(pull)(const real *coupling, const real *x, ritz_index k, PACK here) {
  return LOAD(coupling) * (LOAD(x + k) - here);
}

/* r = b - A x in row i, by differences: islands of strong couplings, where x is all but constant,
 * else get a residual of rounding errors, and their weak couplings to the rest a wrong x. */
static ALWAYS_INLINE void OF(residual_row)(const pack_box *v, ritz_index i, const real *b,
                                           const real *x, real *r) {
  const ritz_index u = v->row, s = v->step;
  for (ritz_index k = i * u + s; k <= i * u + v->n1 * s; k += s) {
    const PACK here = LOAD(x + k);
    const PACK above = OF(pull)(v->southeast + k - u - s, x, k - u - s, here) +
                       (OF(pull)(v->south + k - u, x, k - u, here) +
                        OF(pull)(v->southwest + k - u + s, x, k - u + s, here));
    const PACK below =
        OF(pull)(v->southwest + k, x, k + u - s, here) +
        (OF(pull)(v->south + k, x, k + u, here) + OF(pull)(v->southeast + k, x, k + u + s, here));
    const PACK beside =
        OF(pull)(v->east + k - s, x, k - s, here) + OF(pull)(v->east + k, x, k + s, here);
    STORE(r + k - i * u, LOAD(b + k) + (beside + (above + below)));
  }
  OF(exchange)(v, r);
}

/* -- Finest level: five points, red (i + j even, as coarse points are) and black --------------- */

/* First unknown of a colour in row i. */
static ALWAYS_INLINE ritz_index OF(first)(ritz_index i, int red) { return 1 + (i + red) % 2; }

/* x = b / centre at the black points of row i: the first half sweep from zero. */
static ALWAYS_INLINE void OF(black_row)(const pack_box *v, ritz_index i, const real *b, real *x) {
  const ritz_index s = v->step;
  for (ritz_index j = OF(first)(i, 0); j <= v->n1; j += 2) {
    const ritz_index k = i * v->row + j * s;
    STORE(x + k, LOAD(b + k) * LOAD(v->inverse + k));
  }
  OF(exchange)(v, x + i * v->row);
}

/* Sum of coupling times neighbour. */
static ALWAYS_INLINE PACK OF(neighbours)(const pack_box *v, ritz_index k, const real *x) {
  const ritz_index u = v->row, s = v->step;
  return (LOAD(v->east + k - s) * LOAD(x + k - s) + LOAD(v->east + k) * LOAD(x + k + s)) +
         (LOAD(v->south + k - u) * LOAD(x + k - u) + LOAD(v->south + k) * LOAD(x + k + u));
}

/* Relaxes the points of one colour in row i. */
static ALWAYS_INLINE void OF(relax_row)(const pack_box *v, ritz_index i, int red, const real *b,
                                        real *x) {
  for (ritz_index j = OF(first)(i, red); j <= v->n1; j += 2) {
    const ritz_index k = i * v->row + j * v->step;
    STORE(x + k, (LOAD(b + k) + OF(neighbours)(v, k, x)) * LOAD(v->inverse + k));
  }
  OF(exchange)(v, x + i * v->row);
}

/* r = b - A x at the black points of row i; at red ones, relaxed last, it is zero. */
static ALWAYS_INLINE void OF(black_residual_row)(const pack_box *v, ritz_index i, const real *b,
                                                 const real *x, real *r) {
  for (ritz_index j = OF(first)(i, 0); j <= v->n1; j += 2) {
    const ritz_index u = v->row, s = v->step, k = i * u + j * s;
    const PACK here = LOAD(x + k);
    const PACK beside = LOAD(v->east + k - s) * (LOAD(x + k - s) - here) +
                        LOAD(v->east + k) * (LOAD(x + k + s) - here);
    STORE(r + j * s, (LOAD(b + k) + beside) + (LOAD(v->south + k - u) * (LOAD(x + k - u) - here) +
                                               LOAD(v->south + k) * (LOAD(x + k + u) - here)));
  }
  OF(exchange)(v, r);
}

/* x += P e at the black points of row i. */
static ALWAYS_INLINE void OF(correct_black_row)(const pack_box *v, const pack_box *w, ritz_index i,
                                                const real *e, real *x) {
  const ritz_index s = v->step, K0 = i / 2 * w->row;
  for (ritz_index j = OF(first)(i, 0); j <= v->n1; j += 2) {
    const ritz_index k = i * v->row + j * s, K = K0 + j / 2 * s;
    const PACK change =
        i % 2 ? OF(on_edge)(w->north_share, K, w->row, e) : OF(on_edge)(w->west_share, K, s, e);
    STORE(x + k, LOAD(x + k) + change);
  }
  OF(exchange)(v, x + i * v->row);
}

/* sum += b . x along row i. */
static ALWAYS_INLINE void OF(dot_row)(const pack_box *v, ritz_index i, const real *b, const real *x,
                                      double *sum) {
  PACK even = {0}, odd = {0};
  const ritz_index s = v->step, end = i * v->row + v->n1 * s;
  ritz_index k = i * v->row + s;
  for (; k < end; k += 2 * s) {
    odd += LOAD(b + k) * LOAD(x + k);
    even += LOAD(b + k + s) * LOAD(x + k + s);
  }
  if (k == end) odd += LOAD(b + k) * LOAD(x + k);
  OF(collect)(odd + even, sum);
}

static ALWAYS_INLINE void OF(clear_row)(const pack_box *v, real *x) {
  for (ritz_index j = 0; j <= v->n1 + 1; j++) STORE(x + j * v->step, (PACK){0});
}

/* -- The two ways of a cycle, each one pass over the level --------------------------------------
 * A row goes through all half sweeps (coarser levels: sweeps) while it is in the cache: half sweep
 * t is `t` rows behind the first. Residuals of row i are in ring[i % 4]. */

static ALWAYS_INLINE bool OF(inside)(const pack_box *v, ritz_index i) {
  return i >= 1 && i <= v->n0;
}

/* After the residual of row i, or past the last row. */
static ALWAYS_INLINE void OF(restrict_after)(const pack_box *v, const pack_box *w, ritz_index i,
                                             real *const ring[4], real *bc, bool centres) {
  if (i == v->n0 + 1) OF(clear_row)(v, ring[i % 4]);
  if (i >= 3 && i % 2 && i / 2 <= w->n0)
    OF(restrict_row)(w, i / 2, ring[(i - 2) % 4], ring[(i - 1) % 4], ring[i % 4], bc, centres);
}

static ALWAYS_INLINE void OF(descend9_from)(const ritz_box *fine, const ritz_box *coarse,
                                            int sweeps, bool guess, const void *bv, void *xv,
                                            void *rows, void *bcv, ritz_index l) {
  const pack_box v = pack_of(fine, l), w = pack_of(coarse, l);
  const real *b = (const real *)bv + l;
  real *x = (real *)xv + l, *bc = (real *)bcv + l, *ring[4];
  for (int t = 0; t < 4; t++) ring[t] = (real *)rows + t * v.row + l;
  for (ritz_index i = 1; i <= v.n0 + 1 + sweeps; i++) {
    if (i <= v.n0 && !guess) OF(forward_row)(&v, i, b, x);
    for (int t = guess ? 0 : 1; t < sweeps; t++)
      if (OF(inside)(&v, i - t)) OF(sweep_row)(&v, i - t, 1, b, x);
    const ritz_index done = i - sweeps;
    if (OF(inside)(&v, done)) OF(residual_row)(&v, done, b, x, ring[done % 4]);
    OF(restrict_after)(&v, &w, done, ring, bc, true);
  }
}

static void OF(descend9)(const ritz_box *fine, const ritz_box *coarse, int sweeps, bool guess,
                         const void *b, void *x, void *rows, void *bc, ritz_index l) {
  if (guess)
    OF(descend9_from)(fine, coarse, sweeps, true, b, x, rows, bc, l);
  else
    OF(descend9_from)(fine, coarse, sweeps, false, b, x, rows, bc, l);
}

static void OF(ascend9)(const ritz_box *fine, const ritz_box *coarse, int sweeps, const void *bv,
                        const void *ev, void *xv, ritz_index l) {
  const pack_box v = pack_of(fine, l), w = pack_of(coarse, l);
  const real *b = (const real *)bv + l, *e = (const real *)ev + l;
  real *x = (real *)xv + l;
  for (ritz_index i = v.n0; i > -sweeps; i--) {
    if (i >= 1) OF(correct_row)(&v, &w, i, e, x);
    for (int t = 1; t <= sweeps; t++)
      if (OF(inside)(&v, i + t)) OF(sweep_row)(&v, i + t, -1, b, x);
  }
}

static void OF(descend5)(const ritz_box *fine, const ritz_box *coarse, int sweeps, const void *bv,
                         void *xv, void *rows, void *bcv, ritz_index l) {
  const pack_box v = pack_of(fine, l), w = pack_of(coarse, l);
  const real *b = (const real *)bv + l;
  real *x = (real *)xv + l, *bc = (real *)bcv + l, *ring[4];
  for (int t = 0; t < 4; t++) ring[t] = (real *)rows + t * v.row + l;
  for (ritz_index i = 1; i <= v.n0 + 1 + 2 * sweeps; i++) {
    if (i <= v.n0) OF(black_row)(&v, i, b, x);
    for (int t = 1; t < 2 * sweeps; t++)
      if (OF(inside)(&v, i - t)) OF(relax_row)(&v, i - t, t % 2, b, x);
    const ritz_index done = i - 2 * sweeps;
    if (OF(inside)(&v, done)) OF(black_residual_row)(&v, done, b, x, ring[done % 4]);
    OF(restrict_after)(&v, &w, done, ring, bc, false);
  }
}

static void OF(ascend5)(const ritz_box *fine, const ritz_box *coarse, int sweeps, const void *bv,
                        const void *ev, void *xv, double *dot, ritz_index l) {
  const pack_box v = pack_of(fine, l), w = pack_of(coarse, l);
  const real *b = (const real *)bv + l, *e = (const real *)ev + l;
  real *x = (real *)xv + l;
  for (size_t t = 0; t < sizeof(PACK) / sizeof(real); t++) dot[l + (ritz_index)t] = 0;
  for (ritz_index i = 1; i <= v.n0 + 2 * sweeps; i++) {
    if (i <= v.n0) OF(correct_black_row)(&v, &w, i, e, x);
    for (int t = 1; t <= 2 * sweeps; t++)
      if (OF(inside)(&v, i - t)) OF(relax_row)(&v, i - t, t % 2, b, x);
    if (i > 2 * sweeps) OF(dot_row)(&v, i - 2 * sweeps, b, x, dot + l);
  }
}

/* -- Transfers alone, for the way up from the coarsest grid ------------------------------------ */

static void OF(restrict)(const ritz_box *fine, const ritz_box *coarse, void *bv, void *bcv,
                         ritz_index l) {
  const pack_box v = pack_of(fine, l), w = pack_of(coarse, l);
  for (ritz_index i = 1; i <= v.n0; i++) OF(exchange)(&v, (real *)bv + l + i * v.row);
  for (ritz_index I = 1; I <= w.n0; I++) {
    const real *here = (const real *)bv + l + 2 * I * v.row;
    OF(restrict_row)(&w, I, here - v.row, here, here + v.row, (real *)bcv + l, true);
  }
}

static void OF(prolong)(const ritz_box *fine, const ritz_box *coarse, const void *ev, void *xv,
                        ritz_index l) {
  const pack_box v = pack_of(fine, l), w = pack_of(coarse, l);
  real *x = (real *)xv + l;
  for (ritz_index i = 1; i <= v.n0; i++) {
    OF(clear_row)(&v, x + i * v.row);
    OF(correct_row)(&v, &w, i, (const real *)ev + l, x);
  }
}
