/* SPDX-License-Identifier: BSD-3-Clause
 * Multigrid in three dimensions: seven points on every level, coarse couplings as fine ones in
 * series along and added up across, trilinear transfer, one red-black sweep down (black, red) and
 * up (red, black). As on the finest level in two dimensions (box_cycle.c), the residual lives on
 * black points after the way down, and only black points are corrected on the way up. */
#include "kernels/cuboid.h"
#include "kernels/variants/box_pack.h"

/* One pack of a cuboid: its arrays moved to lane l. */
typedef struct pack_cuboid {
  ritz_index n[3], step[3];
  real *coupling[3], *inverse;
} pack_cuboid;

static inline pack_cuboid cuboid_of(const ritz_cuboid *box, ritz_index l) {
  pack_cuboid p = {.step = {box->plane, box->row, box->lanes}, .inverse = (real *)box->inverse + l};
  for (int axis = 0; axis < 3; axis++) {
    p.n[axis] = box->n[axis];
    p.coupling[axis] = (real *)box->coupling[axis] + l;
  }
  return p;
}

#define BODY "kernels/variants/cuboid_body.h"
#include "kernels/variants/box_packs.h"

RITZ_KERNEL_DEFINE(cuboid_coarsen)
(const struct ritz_cuboid *fine, const struct ritz_cuboid *coarse) {
  EACH_PACK(fine->lanes, coarsen, fine, coarse, l);
}

RITZ_KERNEL_DEFINE(cuboid_inverse)(const struct ritz_cuboid *box) {
  EACH_PACK(box->lanes, inverse, box, l);
}

RITZ_KERNEL_DEFINE(cuboid_descend)
(const struct ritz_cuboid *fine, const struct ritz_cuboid *coarse, const void *b, void *planes,
 void *bc) {
  EACH_PACK(fine->lanes, descend, fine, coarse, b, planes, bc, l);
}

RITZ_KERNEL_DEFINE(cuboid_ascend)
(const struct ritz_cuboid *fine, const struct ritz_cuboid *coarse, const void *b, const void *e,
 void *x, double *dot) {
  EACH_PACK(fine->lanes, ascend, fine, coarse, b, e, x, dot, l);
}

RITZ_KERNEL_DEFINE(cuboid_bottom)
(const struct ritz_cuboid *box, int sweeps, const void *b, void *x, double *dot) {
  EACH_PACK(box->lanes, bottom, box, sweeps, b, x, dot, l);
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
