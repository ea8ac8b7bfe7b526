/* SPDX-License-Identifier: BSD-3-Clause
 * Multigrid in three dimensions: seven points on every level, coarse couplings as fine ones in
 * series along and added up across; products and steps of the iteration around the cycle
 * (cuboid_cycle.c). */
#include "kernels/variants/cuboid_pack.h"

#define BODY "kernels/variants/cuboid_body.h"
#include "kernels/variants/box_packs.h"

RITZ_KERNEL_DEFINE(cuboid_coarsen)
(const struct ritz_cuboid *fine, const struct ritz_cuboid *coarse) {
  EACH_PACK(fine->lanes, coarsen, fine, coarse, l);
}

RITZ_KERNEL_DEFINE(cuboid_inverse)(const struct ritz_cuboid *box) {
  EACH_PACK(box->lanes, inverse, box, l);
}

RITZ_KERNEL_DEFINE(cuboid_direction)
(const struct ritz_cuboid *box, const void *z, const double *beta, void *p, void *q, double *pq) {
  EACH_PACK(box->lanes, direction, box, z, beta, p, q, pq, l);
}

RITZ_KERNEL_DEFINE(cuboid_step)
(const struct ritz_cuboid *box, const double *alpha, const double *size, const void *p,
 const void *q, double *x, void *r, double *rr) {
  EACH_PACK(box->lanes, step, box, alpha, size, p, q, x, r, rr, l);
}

RITZ_KERNEL_DEFINE(cuboid_residual)
(const struct ritz_cuboid *box, const double *f, const double *const *coupling, const double *x,
 const double *scale, void *rv, double *rr) {
  const ritz_index s = box->lanes, u = box->row, p = box->plane;
  const double *up = coupling[0], *down = coupling[1], *back = coupling[2], *on = coupling[3];
  const double *side = coupling[4];
  real *r = rv;
  for (ritz_index j = 1; j <= box->n[2]; j++) {
#pragma omp simd
    for (ritz_index k = j * s; k < (j + 1) * s; k++) {
      const double rest = f[k] - ((up[k] * (x[k] - x[k - p]) + down[k] * (x[k] - x[k + p])) +
                                  (back[k] * (x[k] - x[k - u]) + on[k] * (x[k] - x[k + u])) +
                                  (side[k - s] * (x[k] - x[k - s]) + side[k] * (x[k] - x[k + s])));
      rr[k - j * s] += rest * rest;
      r[k] = (real)(scale[k - j * s] * rest);
    }
  }
}
