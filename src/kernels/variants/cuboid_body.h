/* SPDX-License-Identifier: BSD-3-Clause
 * Body of cuboid.c for one PACK: coarse operators, and the iteration around the cycle; no include
 * guard. */

#include "kernels/variants/box_sums_body.h"
#include "kernels/variants/cuboid_point_body.h"

/* -- Coarse operators -------------------------------------------------------------------------- */

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
        for (int m = 0; m < v.links; m++)
          sum += LOAD(v.coupling[m] + at - v.link[m]) + LOAD(v.coupling[m] + at);
        STORE(v.inverse + at, 1 / sum);
      }
}

/* -- The iteration around it ------------------------------------------------------------------- */

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
