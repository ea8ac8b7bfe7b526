/* SPDX-License-Identifier: BSD-3-Clause
 * Body of cuboid.c for one PACK; no include guard. */

#include "kernels/variants/box_sums_body.h"

/* -- Coarse operators ----------------------------------------------------------------------------
 */

/* Coupling of coarse point at P with the next along `axis`: the fine ones between them in series,
 * summed over lines across with weights 1/2, 1, 1/2 either way. `many` fine couplings: two, or one
 * beside the boundary of a grid of even size. */
static ALWAYS_INLINE PACK OF(coarse_coupling)(const pack_cuboid *v, int axis,
                                              const ritz_index at[3], bool two) {
  const real *c = v->coupling[axis];
  const int first = axis == 0 ? 1 : 0, second = axis == 2 ? 1 : 2;
  const ritz_index along = v->step[axis];
  PACK sum = {0};
  for (int d = -1; d <= 1; d++)
    for (int e = -1; e <= 1; e++) {
      if (2 * at[first] + d > v->n[first] || 2 * at[second] + e > v->n[second]) continue;
      const ritz_index k = 2 * (at[0] * v->step[0] + at[1] * v->step[1] + at[2] * v->step[2]) +
                           d * v->step[first] + e * v->step[second];
      const PACK near = LOAD(c + k);
      PACK line = near;
      if (two) {
        const PACK far = LOAD(c + k + along);
        line = near * far / (near + far);
      }
      sum += (real)((d ? 0.5 : 1) * (e ? 0.5 : 1)) * line;
    }
  return sum;
}

static void OF(coarsen)(const ritz_cuboid *fine, const ritz_cuboid *coarse, ritz_index l) {
  const pack_cuboid v = cuboid_of(fine, l), w = cuboid_of(coarse, l);
  for (int axis = 0; axis < 3; axis++) {
    ritz_index at[3];
    for (at[0] = axis != 0; at[0] <= w.n[0]; at[0]++)
      for (at[1] = axis != 1; at[1] <= w.n[1]; at[1]++)
        for (at[2] = axis != 2; at[2] <= w.n[2]; at[2]++) {
          const ritz_index K = at[0] * w.step[0] + at[1] * w.step[1] + at[2] * w.step[2];
          STORE(w.coupling[axis] + K,
                OF(coarse_coupling)(&v, axis, at, 2 * at[axis] + 1 <= v.n[axis]));
        }
  }
}

static void OF(inverse)(const ritz_cuboid *box, ritz_index l) {
  const pack_cuboid v = cuboid_of(box, l);
  for (ritz_index i = 1; i <= v.n[0]; i++)
    for (ritz_index j = 1; j <= v.n[1]; j++)
      for (ritz_index k = 1; k <= v.n[2]; k++) {
        const ritz_index at = i * v.step[0] + j * v.step[1] + k * v.step[2];
        PACK sum = {0};
        for (int axis = 0; axis < 3; axis++)
          sum += LOAD(v.coupling[axis] + at - v.step[axis]) + LOAD(v.coupling[axis] + at);
        STORE(v.inverse + at, 1 / sum);
      }
}

/* -- A level: red (i + j + k even, as coarse points are) and black
 * ---------------------------------- */

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

/* -- The iteration around it
 * --------------------------------------------------------------------------- */

/* (A u) at `at` as a sum of differences. */
static ALWAYS_INLINE PACK OF(applied)(const pack_cuboid *v, ritz_index at, const real *u) {
  const PACK here = LOAD(u + at);
  PACK sum = {0};
#pragma GCC unroll 3
  for (int axis = 0; axis < 3; axis++) {
    const ritz_index d = v->step[axis];
    const real *c = v->coupling[axis] + at;
    sum += LOAD(c - d) * (here - LOAD(u + at - d)) + LOAD(c) * (here - LOAD(u + at + d));
  }
  return sum;
}

static void OF(direction)(const ritz_cuboid *box, const void *zv, const double *beta, void *pv,
                          void *qv, double *pq, ritz_index l) {
  const pack_cuboid v = cuboid_of(box, l);
  const PACK keep = OF(scalars)(beta + l);
  const ritz_index s = v.step[2];
  const real *z = (const real *)zv + l;
  real *p = (real *)pv + l, *q = (real *)qv + l;
  for (size_t i = 0; i < sizeof(PACK) / sizeof(real); i++) pq[l + (ritz_index)i] = 0;
  for (ritz_index i = 1; i <= v.n[0] + 1; i++)
    for (ritz_index j = 1; j <= v.n[1]; j++) {
      const ritz_index row = i * v.step[0] + j * v.step[1], before = row - v.step[0];
      if (i <= v.n[0])
        for (ritz_index k = row + s; k <= row + v.n[2] * s; k += s)
          STORE(p + k, LOAD(z + k) + keep * LOAD(p + k));
      /* The row behind in the plane before: all its neighbours are new. */
      if (i == 1) continue;
      PACK sum = {0};
      for (ritz_index k = before + s; k <= before + v.n[2] * s; k += s) {
        const PACK product = OF(applied)(&v, k, p);
        STORE(q + k, product);
        sum += product * LOAD(p + k);
      }
      OF(collect)(sum, pq + l);
    }
}

static void OF(step)(const ritz_cuboid *box, const double *alpha, const double *size,
                     const void *pv, const void *qv, double *x, void *rv, double *rr,
                     ritz_index l) {
  enum { count = sizeof(PACK) / sizeof(real) };
  const pack_cuboid v = cuboid_of(box, l);
  const PACK a = OF(scalars)(alpha + l);
  const ritz_index s = v.step[2];
  const real *p = (const real *)pv + l, *q = (const real *)qv + l;
  real *r = (real *)rv + l;
  double growth[count];
  for (int t = 0; t < count; t++) growth[t] = alpha[l + t] * size[l + t], rr[l + t] = 0;
  x += l;
  for (ritz_index i = 1; i <= v.n[0]; i++)
    for (ritz_index j = 1; j <= v.n[1]; j++) {
      const ritz_index row = i * v.step[0] + j * v.step[1];
      PACK sum = {0};
      for (ritz_index k = row + s; k <= row + v.n[2] * s; k += s) {
#pragma omp simd
        for (int t = 0; t < count; t++) x[k + t] += growth[t] * (double)p[k + t];
        const PACK rest = LOAD(r + k) - a * LOAD(q + k);
        STORE(r + k, rest);
        sum += rest * rest;
      }
      OF(collect)(sum, rr + l);
    }
}
