/* SPDX-License-Identifier: BSD-3-Clause
 * Body of box_cycle.c for one PACK; no include guard. */

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
}

/* What such a sweep leaves of the residual: the neighbours that came after. */
static ALWAYS_INLINE void OF(rest_row)(const pack_box *v, ritz_index i, const real *x, real *r) {
  const ritz_index u = v->row, s = v->step;
  for (ritz_index j = 1; j <= v->n1; j++) {
    const ritz_index k = i * u + j * s;
    STORE(
        r + j * s,
        (LOAD(v->east + k) * LOAD(x + k + s) + LOAD(v->southwest + k) * LOAD(x + k + u - s)) +
            (LOAD(v->south + k) * LOAD(x + k + u) + LOAD(v->southeast + k) * LOAD(x + k + u + s)));
  }
}

static ALWAYS_INLINE void OF(backward_row)(const pack_box *v, ritz_index i, const real *b,
                                           real *x) {
  const ritz_index u = v->row, s = v->step;
  PACK right = {0};
  for (ritz_index k = i * u + v->n1 * s; k > i * u; k -= s) {
    const PACK above = LOAD(v->southeast + k - u - s) * LOAD(x + k - u - s) +
                       (LOAD(v->south + k - u) * LOAD(x + k - u) +
                        LOAD(v->southwest + k - u + s) * LOAD(x + k - u + s));
    const PACK below =
        LOAD(v->southwest + k) * LOAD(x + k + u - s) +
        (LOAD(v->south + k) * LOAD(x + k + u) + LOAD(v->southeast + k) * LOAD(x + k + u + s));
    const PACK sum = (LOAD(b + k) + LOAD(v->east + k - s) * LOAD(x + k - s)) + (above + below);
    const PACK inverse = LOAD(v->inverse + k);
    right = inverse * sum + (inverse * LOAD(v->east + k)) * right;
    STORE(x + k, right);
  }
}

static ALWAYS_INLINE void OF(residual_row)(const pack_box *v, ritz_index i, const real *b,
                                           const real *x, real *r) {
  const ritz_index u = v->row, s = v->step;
  for (ritz_index k = i * u + s; k <= i * u + v->n1 * s; k += s) {
    const PACK above = LOAD(v->southeast + k - u - s) * LOAD(x + k - u - s) +
                       (LOAD(v->south + k - u) * LOAD(x + k - u) +
                        LOAD(v->southwest + k - u + s) * LOAD(x + k - u + s));
    const PACK below =
        LOAD(v->southwest + k) * LOAD(x + k + u - s) +
        (LOAD(v->south + k) * LOAD(x + k + u) + LOAD(v->southeast + k) * LOAD(x + k + u + s));
    const PACK beside =
        LOAD(v->east + k - s) * LOAD(x + k - s) + LOAD(v->east + k) * LOAD(x + k + s);
    STORE(r + k, (LOAD(b + k) - LOAD(v->centre + k) * LOAD(x + k)) + (beside + (above + below)));
  }
}

/* -- Finest level: five points, red (i + j even, as coarse points are) and black ------------------
 */

/* First unknown of a colour in row i. */
static ALWAYS_INLINE ritz_index OF(first)(ritz_index i, int red) { return 1 + (i + red) % 2; }

/* x = b / centre at the black points of row i: the first half sweep from zero. */
static ALWAYS_INLINE void OF(black_row)(const pack_box *v, ritz_index i, const real *b, real *x) {
  const ritz_index s = v->step;
  for (ritz_index j = OF(first)(i, 0); j <= v->n1; j += 2) {
    const ritz_index k = i * v->row + j * s;
    STORE(x + j * s, LOAD(b + k) * LOAD(v->inverse + k));
  }
}

/* Sum of coupling times neighbour; rows of x may be anywhere. */
static ALWAYS_INLINE PACK OF(neighbours)(const pack_box *v, ritz_index k, ritz_index at,
                                         const real *north, const real *here, const real *south) {
  const ritz_index s = v->step;
  return (LOAD(v->east + k - s) * LOAD(here + at - s) + LOAD(v->east + k) * LOAD(here + at + s)) +
         (LOAD(v->south + k - v->row) * LOAD(north + at) + LOAD(v->south + k) * LOAD(south + at));
}

/* Relaxes the points of one colour in row i. */
static ALWAYS_INLINE void OF(relax_row)(const pack_box *v, ritz_index i, int red, const real *b,
                                        const real *north, real *here, const real *south) {
  const ritz_index s = v->step;
  for (ritz_index j = OF(first)(i, red); j <= v->n1; j += 2) {
    const ritz_index k = i * v->row + j * s;
    const PACK sum = LOAD(b + k) + OF(neighbours)(v, k, j * s, north, here, south);
    STORE(here + j * s, sum * LOAD(v->inverse + k));
  }
}

/* Residual at the black points of row i after both colours: what red has moved. */
static ALWAYS_INLINE void OF(black_residual_row)(const pack_box *v, ritz_index i, const real *north,
                                                 const real *here, const real *south, real *r) {
  const ritz_index s = v->step;
  for (ritz_index j = OF(first)(i, 0); j <= v->n1; j += 2)
    STORE(r + j * s, OF(neighbours)(v, i * v->row + j * s, j * s, north, here, south));
}

/* Black points of row i before the way up: b / centre as on the way down, and the correction. */
static ALWAYS_INLINE void OF(corrected_row)(const pack_box *v, const pack_box *w, ritz_index i,
                                            const real *b, const real *e, real *x) {
  const ritz_index s = v->step, K0 = i / 2 * w->row;
  for (ritz_index j = OF(first)(i, 0); j <= v->n1; j += 2) {
    const ritz_index k = i * v->row + j * s, K = K0 + j / 2 * s;
    const PACK change =
        i % 2 ? OF(on_edge)(w->north_share, K, w->row, e) : OF(on_edge)(w->west_share, K, s, e);
    STORE(x + j * s, LOAD(b + k) * LOAD(v->inverse + k) + change);
  }
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
  for (ritz_index j = 1; j <= v->n1; j++) STORE(x + j * v->step, (PACK){0});
}

/* -- The two ways of a cycle, each one pass over the level ---------------------------------------
 */

static void OF(descend9)(const ritz_box *fine, const ritz_box *coarse, const void *bv, void *xv,
                         void *rows, void *bcv, ritz_index l) {
  const pack_box v = pack_of(fine, l), w = pack_of(coarse, l);
  const real *b = (const real *)bv + l;
  real *x = (real *)xv + l, *bc = (real *)bcv + l;
  real *ring[4]; /* residuals of row i in ring[i % 4] */
  for (int t = 0; t < 4; t++) ring[t] = (real *)rows + t * v.row + l;
  for (ritz_index i = 1; i <= v.n0 + 2; i++) {
    if (i <= v.n0) OF(forward_row)(&v, i, b, x);
    if (i > 1 && i - 1 <= v.n0) OF(rest_row)(&v, i - 1, x, ring[(i - 1) % 4]);
    if (i - 1 == v.n0 + 1) OF(clear_row)(&v, ring[(i - 1) % 4]);
    if (i % 2 == 0 && i > 2 && i / 2 - 1 <= w.n0) OF(restrict_row)
    (&w, i / 2 - 1, ring[(i - 3) % 4], ring[(i - 2) % 4], ring[(i - 1) % 4], bc, true);
  }
}

static void OF(ascend9)(const ritz_box *fine, const ritz_box *coarse, const void *bv,
                        const void *ev, void *xv, ritz_index l) {
  const pack_box v = pack_of(fine, l), w = pack_of(coarse, l);
  const real *b = (const real *)bv + l, *e = (const real *)ev + l;
  real *x = (real *)xv + l;
  OF(correct_row)(&v, &w, v.n0, e, x);
  for (ritz_index i = v.n0; i >= 1; i--) {
    if (i > 1) OF(correct_row)(&v, &w, i - 1, e, x);
    OF(backward_row)(&v, i, b, x);
  }
}

static void OF(residual9)(const ritz_box *box, const void *bv, const void *xv, void *rv,
                          ritz_index l) {
  const pack_box v = pack_of(box, l);
  for (ritz_index i = 1; i <= v.n0; i++)
    OF(residual_row)(&v, i, (const real *)bv + l, (const real *)xv + l, (real *)rv + l);
}

/* rows: eight of them, zero at first; iterates in the first four, residuals in the others. */
static void OF(descend5)(const ritz_box *fine, const ritz_box *coarse, const void *bv, void *rows,
                         void *bcv, ritz_index l) {
  const pack_box v = pack_of(fine, l), w = pack_of(coarse, l);
  const real *b = (const real *)bv + l;
  real *x[4], *r[4];
  for (int t = 0; t < 4; t++) {
    x[t] = (real *)rows + t * v.row + l;
    r[t] = (real *)rows + (4 + t) * v.row + l;
  }
  OF(clear_row)(&v, x[0]);
  for (ritz_index i = 1; i <= v.n0 + 3; i++) {
    if (i <= v.n0)
      OF(black_row)(&v, i, b, x[i % 4]);
    else
      OF(clear_row)(&v, x[i % 4]);
    if (i > 1 && i - 1 <= v.n0)
      OF(relax_row)(&v, i - 1, 1, b, x[(i - 2) % 4], x[(i - 1) % 4], x[i % 4]);
    if (i > 2 && i - 2 <= v.n0) OF(black_residual_row)
    (&v, i - 2, x[(i - 3) % 4], x[(i - 2) % 4], x[(i - 1) % 4], r[(i - 2) % 4]);
    if (i - 2 == v.n0 + 1) OF(clear_row)(&v, r[(i - 2) % 4]);
    if (i % 2 && i > 4 && (i - 3) / 2 <= w.n0) OF(restrict_row)
    (&w, (i - 3) / 2, r[(i - 4) % 4], r[(i - 3) % 4], r[(i - 2) % 4], (real *)bcv + l, false);
  }
}

static void OF(ascend5)(const ritz_box *fine, const ritz_box *coarse, const void *bv,
                        const void *ev, void *xv, double *dot, ritz_index l) {
  const pack_box v = pack_of(fine, l), w = pack_of(coarse, l);
  const real *b = (const real *)bv + l, *e = (const real *)ev + l;
  real *x = (real *)xv + l;
  for (size_t t = 0; t < sizeof(PACK) / sizeof(real); t++) dot[l + (ritz_index)t] = 0;
  for (ritz_index i = 1; i <= v.n0 + 2; i++) {
    real *here = x + i * v.row;
    if (i <= v.n0) OF(corrected_row)(&v, &w, i, b, e, here);
    here -= v.row;
    if (i > 1 && i - 1 <= v.n0) OF(relax_row)(&v, i - 1, 1, b, here - v.row, here, here + v.row);
    here -= v.row;
    if (i > 2) {
      OF(relax_row)(&v, i - 2, 0, b, here - v.row, here, here + v.row);
      OF(dot_row)(&v, i - 2, b, x, dot + l);
    }
  }
}
