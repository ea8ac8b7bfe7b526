/* SPDX-License-Identifier: BSD-3-Clause
 * A coarser level of a black-box multigrid cycle in three dimensions: 27 points, Gauss-Seidel in
 * the order of the unknowns on the way down and against it on the way up. Lanes are samples, so
 * that its recursion along a row costs less than the other 25 neighbours do; planes go through all
 * sweeps while they are in the cache, one pass over the level on either way. */
#include "kernels/variants/cuboid_pack.h"

#define BODY "kernels/variants/cuboid_coarse_body.h"
#include "kernels/variants/box_packs.h"

RITZ_KERNEL_DEFINE(cuboid_descend27)
(const struct ritz_cuboid *fine, const struct ritz_cuboid *coarse, int sweeps, bool guess,
 const void *b, void *x, void *planes, void *bc) {
  EACH_PACK(fine->lanes, descend27, fine, coarse, sweeps, guess, b, x, planes, bc, l);
}

RITZ_KERNEL_DEFINE(cuboid_ascend27)
(const struct ritz_cuboid *fine, const struct ritz_cuboid *coarse, int sweeps, const void *b,
 const void *e, void *x) {
  EACH_PACK(fine->lanes, ascend27, fine, coarse, sweeps, b, e, x, l);
}

RITZ_KERNEL_DEFINE(cuboid_bottom27)
(const struct ritz_cuboid *box, int sweeps, const void *b, void *x) {
  EACH_PACK(box->lanes, bottom27, box, sweeps, b, x, l);
}
