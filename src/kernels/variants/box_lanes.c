/* SPDX-License-Identifier: BSD-3-Clause
 * The iteration around a multigrid cycle: directions and residuals in `real`, iterates in double,
 * each sample with scalars of its own. Sums are taken row by row and added up in double. */
#include "kernels/variants/box_pack.h"

#define BODY "kernels/variants/box_lanes_body.h"
#include "kernels/variants/box_packs.h"

RITZ_KERNEL_DEFINE(box_direction)
(const struct ritz_box *box, const void *z, const double *beta, void *p, void *q, double *pq) {
  EACH_PACK(box->lanes, direction, box, z, beta, p, q, pq, l);
}

RITZ_KERNEL_DEFINE(box_step)
(const struct ritz_box *box, const double *alpha, const double *size, const void *p, const void *q,
 double *x, void *r, double *rr) {
  EACH_PACK(box->lanes, step, box, alpha, size, p, q, x, r, rr, l);
}

RITZ_KERNEL_DEFINE(box_residual)
(ritz_index n1, ritz_index side, ritz_index row, const double *f, const double *east,
 const double *north, const double *south, const double *x, const double *scale, void *rv,
 double *rr) {
  real *r = rv;
  for (ritz_index j = 1; j <= n1; j++) {
#pragma omp simd
    for (ritz_index k = j * side; k < (j + 1) * side; k++) {
      const double beside = east[k - side] * (x[k] - x[k - side]) + east[k] * (x[k] - x[k + side]);
      const double rest =
          f[k] - (beside + (north[k] * (x[k] - x[k - row]) + south[k] * (x[k] - x[k + row])));
      rr[k - j * side] += rest * rest;
      r[k] = (real)(scale[k - j * side] * rest);
    }
  }
}

/* Coupling c mean(a, b); one division, and a b is never formed: it may be beyond double's range. */
static inline double face(double c, double a, double b, bool harmonic) {
  return harmonic ? 2 * c * a * (b / (a + b)) : 0.5 * c * (a + b);
}

/* The couplings between nodes of `a` and those of `b`, one or many. */
static ALWAYS_INLINE void faces(ritz_index n, double c, const double *restrict a,
                                const double *restrict b, bool harmonic, double *restrict out) {
#pragma omp simd
  for (ritz_index k = 0; k < n; k++) out[k] = face(c, a[k], b[k], harmonic);
}

RITZ_KERNEL_DEFINE(box_faces)
(ritz_index n, double c, const double *a, const double *b, bool harmonic, double *out) {
  if (harmonic)
    faces(n, c, a, b, true, out);
  else
    faces(n, c, a, b, false, out);
}

RITZ_KERNEL_DEFINE(box_round)(ritz_index n, const double *restrict x, void *out) {
  real *restrict y = out;
  for (ritz_index k = 0; k < n; k++) y[k] = (real)x[k];
}

RITZ_KERNEL_DEFINE(lanes_copy)
(ritz_index points, ritz_index side, int pairs, const struct ritz_lane_pair *pair,
 const void *from, void *to) {
  enum { block = 128 }; /* points that stay in the nearest cache from a pair to the next */
  for (ritz_index first = 0; first < points; first += block) {
    const ritz_index end = first + block < points ? first + block : points;
    for (int i = 0; i < pairs; i++) {
      const real *restrict source = (const real *)from + pair[i].from;
      real *restrict target = (real *)to + pair[i].to;
      for (ritz_index k = first * side; k < end * side; k += side) target[k] = source[k];
    }
  }
}

RITZ_KERNEL_DEFINE(box_inverse)(const struct ritz_box *box) {
  const ritz_index u = box->row, s = box->lanes;
  for (ritz_index i = 1; i <= box->n0; i++) {
    const real *restrict east = (const real *)box->east + i * u + s;
    const real *restrict south = (const real *)box->south + i * u + s;
    real *restrict inverse = (real *)box->inverse + i * u + s;
#pragma omp simd
    for (ritz_index k = 0; k < box->n1 * s; k++)
      inverse[k] = 1 / ((east[k - s] + east[k]) + (south[k - u] + south[k]));
  }
}
