/* SPDX-License-Identifier: BSD-3-Clause
 * Body of cuboid_cycle.c for one PACK; no include guard. */

#include "kernels/variants/box_sums_body.h"
#include "kernels/variants/cuboid_point_body.h"
#include "kernels/variants/cuboid_transfer_body.h"

/* -- Planes: red (i + j + k even, as coarse points are) and black ------------------------------ */

/* First unknown of a colour in row (i, j). */
static ALWAYS_INLINE ritz_index OF(first)(ritz_index i, ritz_index j, int red) {
  return 1 + (i + j + red) % 2;
}

/* Sum of coupling times neighbour at `at`; x is at `to` in planes that may be anywhere. */
static ALWAYS_INLINE PACK OF(neighbours)(const pack_cuboid *v, ritz_index at, ritz_index to,
                                         const real *above, const real *here, const real *below) {
  const ritz_index p = v->step[0], u = v->step[1], s = v->step[2];
  return (LOAD(v->coupling[0] + at - p) * LOAD(above + to) +
          LOAD(v->coupling[0] + at) * LOAD(below + to)) +
         (LOAD(v->coupling[1] + at - u) * LOAD(here + to - u) +
          LOAD(v->coupling[1] + at) * LOAD(here + to + u)) +
         (LOAD(v->coupling[2] + at - s) * LOAD(here + to - s) +
          LOAD(v->coupling[2] + at) * LOAD(here + to + s));
}

/* x = b / sum of couplings at the black points of plane i. */
static ALWAYS_INLINE void OF(black_plane)(const pack_cuboid *v, ritz_index i, const real *b,
                                          real *x) {
  for (ritz_index j = 1; j <= v->n[1]; j++)
    for (ritz_index k = OF(first)(i, j, 0); k <= v->n[2]; k += 2) {
      const ritz_index to = j * v->step[1] + k * v->step[2], at = i * v->step[0] + to;
      STORE(x + to, LOAD(b + at) * LOAD(v->inverse + at));
    }
}

static ALWAYS_INLINE void OF(relax_plane)(const pack_cuboid *v, ritz_index i, int red,
                                          const real *b, const real *above, real *here,
                                          const real *below) {
  for (ritz_index j = 1; j <= v->n[1]; j++)
    for (ritz_index k = OF(first)(i, j, red); k <= v->n[2]; k += 2) {
      const ritz_index to = j * v->step[1] + k * v->step[2], at = i * v->step[0] + to;
      const PACK sum = LOAD(b + at) + OF(neighbours)(v, at, to, above, here, below);
      STORE(here + to, sum * LOAD(v->inverse + at));
    }
}

/* Residual at black points after both colours: what red has moved. */
static ALWAYS_INLINE void OF(rest_plane)(const pack_cuboid *v, ritz_index i, const real *above,
                                         const real *here, const real *below, real *r) {
  for (ritz_index j = 1; j <= v->n[1]; j++)
    for (ritz_index k = OF(first)(i, j, 0); k <= v->n[2]; k += 2) {
      const ritz_index to = j * v->step[1] + k * v->step[2];
      STORE(r + to, OF(neighbours)(v, i * v->step[0] + to, to, above, here, below));
    }
}

/* The same for any x, as a sum of differences: beside strong couplings products would leave nothing
 * but their rounding. */
static ALWAYS_INLINE void OF(residual_plane)(const pack_cuboid *v, ritz_index i, const real *b,
                                             const real *x, real *r) {
  for (ritz_index j = 1; j <= v->n[1]; j++)
    for (ritz_index k = OF(first)(i, j, 0); k <= v->n[2]; k += 2) {
      const ritz_index to = j * v->step[1] + k * v->step[2], at = i * v->step[0] + to;
      STORE(r + to, LOAD(b + at) - OF(applied)(v, at, x));
    }
}

static ALWAYS_INLINE void OF(clear_plane)(const pack_cuboid *v, real *x) {
  for (ritz_index j = 1; j <= v->n[1]; j++)
    for (ritz_index k = 1; k <= v->n[2]; k++) STORE(x + j * v->step[1] + k * v->step[2], (PACK){0});
}

/* b of coarse plane I from residuals of fine planes 2I - 1, 2I, 2I + 1: trilinear, black only. */
static ALWAYS_INLINE void OF(restrict_plane)(const pack_cuboid *v, const pack_cuboid *w,
                                             ritz_index I, const real *above, const real *here,
                                             const real *below, real *b) {
  const ritz_index u = v->step[1], s = v->step[2];
  for (ritz_index J = 1; J <= w->n[1]; J++)
    for (ritz_index K = 1; K <= w->n[2]; K++) {
      const ritz_index k = 2 * (J * u + K * s);
      const PACK faces = (LOAD(above + k) + LOAD(below + k)) +
                         (LOAD(here + k - u) + LOAD(here + k + u)) +
                         (LOAD(here + k - s) + LOAD(here + k + s));
      const PACK corners = ((LOAD(above + k - u - s) + LOAD(above + k - u + s)) +
                            (LOAD(above + k + u - s) + LOAD(above + k + u + s))) +
                           ((LOAD(below + k - u - s) + LOAD(below + k - u + s)) +
                            (LOAD(below + k + u - s) + LOAD(below + k + u + s)));
      STORE(b + I * w->step[0] + J * w->step[1] + K * w->step[2],
            (real)0.5 * faces + (real)0.125 * corners);
    }
}

/* P e at a black point: one of its coordinates is odd, or all three are. */
static ALWAYS_INLINE PACK OF(correction)(const pack_cuboid *w, ritz_index i, ritz_index j,
                                         ritz_index k, const real *e) {
  const ritz_index p = w->step[0], u = w->step[1], s = w->step[2];
  const real *at = e + i / 2 * p + j / 2 * u + k / 2 * s;
  if (i % 2 && j % 2)
    return (real)0.125 *
           (((LOAD(at) + LOAD(at + s)) + (LOAD(at + u) + LOAD(at + u + s))) +
            ((LOAD(at + p) + LOAD(at + p + s)) + (LOAD(at + p + u) + LOAD(at + p + u + s))));
  const ritz_index step = i % 2 ? p : j % 2 ? u : s;
  return (real)0.5 * (LOAD(at) + LOAD(at + step));
}

static ALWAYS_INLINE void OF(corrected_plane)(const pack_cuboid *v, const pack_cuboid *w,
                                              ritz_index i, const real *b, const real *e, real *x) {
  for (ritz_index j = 1; j <= v->n[1]; j++)
    for (ritz_index k = OF(first)(i, j, 0); k <= v->n[2]; k += 2) {
      const ritz_index to = j * v->step[1] + k * v->step[2], at = i * v->step[0] + to;
      STORE(x + to, LOAD(b + at) * LOAD(v->inverse + at) + OF(correction)(w, i, j, k, e));
    }
}

/* x += P e at black points. */
static ALWAYS_INLINE void OF(correct_plane)(const pack_cuboid *v, const pack_cuboid *w,
                                            ritz_index i, const real *e, real *x) {
  for (ritz_index j = 1; j <= v->n[1]; j++)
    for (ritz_index k = OF(first)(i, j, 0); k <= v->n[2]; k += 2) {
      real *at = x + j * v->step[1] + k * v->step[2];
      STORE(at, LOAD(at) + OF(correction)(w, i, j, k, e));
    }
}

static ALWAYS_INLINE void OF(dot_plane)(const pack_cuboid *v, ritz_index i, const real *b,
                                        const real *x, double *dot) {
  for (ritz_index j = 1; j <= v->n[1]; j++) {
    PACK sum = {0};
    for (ritz_index k = 1; k <= v->n[2]; k++) {
      const ritz_index at = i * v->step[0] + j * v->step[1] + k * v->step[2];
      sum += LOAD(b + at) * LOAD(x + at);
    }
    OF(collect)(sum, dot);
  }
}

/* -- A level whose x is not kept on the way down: one sweep from zero -------------------------- */

static void OF(descend)(const ritz_cuboid *fine, const ritz_cuboid *coarse, const void *bv,
                        void *planes, void *bcv, ritz_index l) {
  const pack_cuboid v = cuboid_of(fine, l), w = cuboid_of(coarse, l);
  const real *b = (const real *)bv + l;
  real *x[4], *r[4];
  for (int t = 0; t < 4; t++) {
    x[t] = (real *)planes + t * v.step[0] + l;
    r[t] = (real *)planes + (4 + t) * v.step[0] + l;
  }
  OF(clear_plane)(&v, x[0]);
  for (ritz_index i = 1; i <= v.n[0] + 3; i++) {
    if (i <= v.n[0])
      OF(black_plane)(&v, i, b, x[i % 4]);
    else
      OF(clear_plane)(&v, x[i % 4]);
    if (i > 1 && i - 1 <= v.n[0])
      OF(relax_plane)(&v, i - 1, 1, b, x[(i - 2) % 4], x[(i - 1) % 4], x[i % 4]);
    if (i > 2 && i - 2 <= v.n[0])
      OF(rest_plane)(&v, i - 2, x[(i - 3) % 4], x[(i - 2) % 4], x[(i - 1) % 4], r[(i - 2) % 4]);
    if (i - 2 == v.n[0] + 1) OF(clear_plane)(&v, r[(i - 2) % 4]);
    if (i % 2 && i > 4 && (i - 3) / 2 <= w.n[0]) OF(restrict_plane)
    (&v, &w, (i - 3) / 2, r[(i - 4) % 4], r[(i - 3) % 4], r[(i - 2) % 4], (real *)bcv + l);
  }
}

static void OF(ascend)(const ritz_cuboid *fine, const ritz_cuboid *coarse, const void *bv,
                       const void *ev, void *xv, double *dot, ritz_index l) {
  const pack_cuboid v = cuboid_of(fine, l), w = cuboid_of(coarse, l);
  const real *b = (const real *)bv + l, *e = (const real *)ev + l;
  const ritz_index p = v.step[0];
  real *x = (real *)xv + l;
  for (size_t t = 0; t < sizeof(PACK) / sizeof(real); t++) dot[l + (ritz_index)t] = 0;
  for (ritz_index i = 1; i <= v.n[0] + 2; i++) {
    real *here = x + i * p;
    if (i <= v.n[0]) OF(corrected_plane)(&v, &w, i, b, e, here);
    here -= p;
    if (i > 1 && i - 1 <= v.n[0]) OF(relax_plane)(&v, i - 1, 1, b, here - p, here, here + p);
    here -= p;
    if (i > 2) {
      OF(relax_plane)(&v, i - 2, 0, b, here - p, here, here + p);
      OF(dot_plane)(&v, i - 2, b, x, dot + l);
    }
  }
}

/* -- A level whose x is kept ------------------------------------------------------------------- */

/* One of several half sweeps over the level that follow each other, each a plane behind the one
 * before it, whose values of the other colour it reads. */
static ALWAYS_INLINE void OF(relax_behind)(const pack_cuboid *v, ritz_index i, int red,
                                           const real *b, real *x) {
  real *const here = x + i * v->step[0];
  if (i >= 1 && i <= v->n[0])
    OF(relax_plane)(v, i, red, b, here - v->step[0], here, here + v->step[0]);
}

static void OF(descend_kept)(const ritz_cuboid *fine, const ritz_cuboid *coarse, int sweeps,
                             bool guess, const void *bv, void *xv, void *planes, void *bcv,
                             ritz_index l) {
  const pack_cuboid v = cuboid_of(fine, l), w = cuboid_of(coarse, l);
  const real *b = (const real *)bv + l;
  const ritz_index p = v.step[0];
  real *x = (real *)xv + l, *r[4];
  for (int t = 0; t < 4; t++) r[t] = (real *)planes + (4 + t) * p + l;
  for (ritz_index i = 1; i <= v.n[0] + 2 * sweeps + 1; i++) {
    if (guess)
      OF(relax_behind)(&v, i, 0, b, x);
    else if (i <= v.n[0])
      OF(black_plane)(&v, i, b, x + i * p);
    for (int half = 1; half < 2 * sweeps; half++) OF(relax_behind)(&v, i - half, half % 2, b, x);
    const ritz_index at = i - 2 * sweeps;
    if (at < 1) continue;
    if (at <= v.n[0])
      OF(residual_plane)(&v, at, b, x, r[at % 4]);
    else
      OF(clear_plane)(&v, r[at % 4]);
    if (at % 2 == 0 || at == 1 || at / 2 > w.n[0]) continue;
    const real *const ring[] = {r[(at - 2) % 4], r[(at - 1) % 4], r[at % 4]};
    if (coarse->weight[0])
      OF(gather_plane)(&v, &w, at / 2, ring, true, (real *)bcv + l);
    else
      OF(restrict_plane)(&v, &w, at / 2, ring[0], ring[1], ring[2], (real *)bcv + l);
  }
}

static void OF(ascend_kept)(const ritz_cuboid *fine, const ritz_cuboid *coarse, int sweeps,
                            const void *bv, const void *ev, void *xv, double *dot, ritz_index l) {
  const pack_cuboid v = cuboid_of(fine, l), w = cuboid_of(coarse, l);
  const real *b = (const real *)bv + l, *e = (const real *)ev + l;
  real *x = (real *)xv + l;
  for (size_t t = 0; t < sizeof(PACK) / sizeof(real); t++) dot[l + (ritz_index)t] = 0;
  for (ritz_index i = 1; i <= v.n[0] + 2 * sweeps; i++) {
    if (i <= v.n[0] && coarse->weight[0])
      OF(spread_plane)(&v, &w, i, true, e, x + i * v.step[0]);
    else if (i <= v.n[0])
      OF(correct_plane)(&v, &w, i, e, x + i * v.step[0]);
    for (int half = 1; half <= 2 * sweeps; half++) OF(relax_behind)(&v, i - half, half % 2, b, x);
    if (i > 2 * sweeps) OF(dot_plane)(&v, i - 2 * sweeps, b, x, dot + l);
  }
}

static void OF(bottom)(const ritz_cuboid *box, int sweeps, const void *bv, void *xv, double *dot,
                       ritz_index l) {
  const pack_cuboid v = cuboid_of(box, l);
  const ritz_index p = v.step[0];
  const real *b = (const real *)bv + l;
  real *x = (real *)xv + l;
  for (ritz_index i = 1; i <= v.n[0]; i++) OF(clear_plane)(&v, x + i * p);
  for (int half = 0; half < 4 * sweeps; half++)
    for (ritz_index i = 1; i <= v.n[0]; i++) /* B R B R ... R B R B */
      OF(relax_plane)
  (&v, i, half < 2 * sweeps ? half % 2 : 1 - half % 2, b, x + (i - 1) * p, x + i * p,
   x + (i + 1) * p);
  for (size_t t = 0; t < sizeof(PACK) / sizeof(real); t++) dot[l + (ritz_index)t] = 0;
  for (ritz_index i = 1; i <= v.n[0]; i++) OF(dot_plane)(&v, i, b, x, dot + l);
}

/* -- The first guess from coarser grids -------------------------------------------------------- */

static void OF(restrict)(const ritz_cuboid *fine, const ritz_cuboid *coarse, const void *bv,
                         void *bcv, ritz_index l) {
  static const real weight[] = {1, 0.5, 0.25, 0.125};
  const pack_cuboid v = cuboid_of(fine, l), w = cuboid_of(coarse, l);
  const real *b = (const real *)bv + l;
  for (ritz_index i = 1; coarse->weight[0] && i <= w.n[0]; i++) {
    const real *here = b + 2 * i * v.step[0];
    const real *const planes[] = {here - v.step[0], here, here + v.step[0]};
    OF(gather_plane)(&v, &w, i, planes, false, (real *)bcv + l);
  }
  for (ritz_index i = 1; !coarse->weight[0] && i <= w.n[0]; i++)
    for (ritz_index j = 1; j <= w.n[1]; j++)
      for (ritz_index k = 1; k <= w.n[2]; k++) {
        const real *at = b + 2 * (i * v.step[0] + j * v.step[1] + k * v.step[2]);
        PACK sum = {0};
        for (int a = -1; a <= 1; a++)
          for (int c = -1; c <= 1; c++)
            for (int d = -1; d <= 1; d++)
              sum += weight[a * a + c * c + d * d] *
                     LOAD(at + a * v.step[0] + c * v.step[1] + d * v.step[2]);
        STORE((real *)bcv + l + i * w.step[0] + j * w.step[1] + k * w.step[2], sum);
      }
}

static void OF(prolong)(const ritz_cuboid *fine, const ritz_cuboid *coarse, const void *ev,
                        void *xv, ritz_index l) {
  const pack_cuboid v = cuboid_of(fine, l), w = cuboid_of(coarse, l);
  for (ritz_index i = 1; coarse->weight[0] && i <= v.n[0]; i++) {
    real *x = (real *)xv + l + i * v.step[0];
    OF(clear_plane)(&v, x);
    OF(spread_plane)(&v, &w, i, false, (const real *)ev + l, x);
  }
  for (ritz_index i = 1; !coarse->weight[0] && i <= v.n[0]; i++)
    for (ritz_index j = 1; j <= v.n[1]; j++)
      for (ritz_index k = 1; k <= v.n[2]; k++) {
        const ritz_index p = i % 2 * w.step[0], u = j % 2 * w.step[1], s = k % 2 * w.step[2];
        const real *e =
            (const real *)ev + l + i / 2 * w.step[0] + j / 2 * w.step[1] + k / 2 * w.step[2];
        STORE((real *)xv + l + i * v.step[0] + j * v.step[1] + k * v.step[2],
              (real)0.125 *
                  (((LOAD(e) + LOAD(e + s)) + (LOAD(e + u) + LOAD(e + u + s))) +
                   ((LOAD(e + p) + LOAD(e + p + s)) + (LOAD(e + p + u) + LOAD(e + p + u + s)))));
      }
}
