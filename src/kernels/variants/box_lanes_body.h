/* SPDX-License-Identifier: BSD-3-Clause
 * Body of box_lanes.c for one PACK; no include guard. */

#include "kernels/variants/box_edges_body.h"
#include "kernels/variants/box_sums_body.h"

/* (A u)_k as a sum of differences: no digits are lost where u is smooth. */
static ALWAYS_INLINE PACK OF(applied)(const pack_box *v, ritz_index k, const real *u) {
  const PACK here = LOAD(u + k);
  const PACK beside = LOAD(v->east + k - v->step) * (here - LOAD(u + k - v->step)) +
                      LOAD(v->east + k) * (here - LOAD(u + k + v->step));
  return beside + (LOAD(v->south + k - v->row) * (here - LOAD(u + k - v->row)) +
                   LOAD(v->south + k) * (here - LOAD(u + k + v->row)));
}

static void OF(direction)(const ritz_box *box, const void *zv, const double *beta, void *pv,
                          void *qv, double *pq, ritz_index l) {
  const pack_box v = pack_of(box, l);
  const PACK keep = OF(scalars)(beta + l);
  const real *z = (const real *)zv + l;
  real *p = (real *)pv + l, *q = (real *)qv + l;
  for (size_t i = 0; i < sizeof(PACK) / sizeof(real); i++) pq[l + (ritz_index)i] = 0;
  for (ritz_index i = 1; i <= v.n0 + 1; i++) {
    if (i <= v.n0) {
      for (ritz_index k = i * v.row + v.step; k <= i * v.row + v.n1 * v.step; k += v.step)
        STORE(p + k, LOAD(z + k) + keep * LOAD(p + k));
      OF(exchange)(&v, p + i * v.row);
    }
    if (i == 1) continue;
    PACK sum = {0};
    const ritz_index row = (i - 1) * v.row;
    for (ritz_index k = row + v.step; k <= row + v.n1 * v.step; k += v.step) {
      const PACK product = OF(applied)(&v, k, p);
      STORE(q + k, product);
      sum += product * LOAD(p + k);
    }
    OF(collect)(sum, pq + l);
  }
}

static void OF(step)(const ritz_box *box, const double *alpha, const double *size, const void *pv,
                     const void *qv, double *x, void *rv, double *rr, ritz_index l) {
  enum { count = sizeof(PACK) / sizeof(real) };
  const pack_box v = pack_of(box, l);
  const PACK a = OF(scalars)(alpha + l);
  const real *p = (const real *)pv + l, *q = (const real *)qv + l;
  real *r = (real *)rv + l;
  double growth[count];
  for (int t = 0; t < count; t++) growth[t] = alpha[l + t] * size[l + t], rr[l + t] = 0;
  x += l;
  for (ritz_index i = 1; i <= v.n0; i++) {
    PACK sum = {0};
    for (ritz_index k = i * v.row + v.step; k <= i * v.row + v.n1 * v.step; k += v.step) {
#pragma omp simd
      for (int t = 0; t < count; t++) x[k + t] += growth[t] * (double)p[k + t];
      const PACK rest = LOAD(r + k) - a * LOAD(q + k);
      STORE(r + k, rest);
      sum += rest * rest;
    }
    OF(collect)(sum, rr + l);
  }
}
