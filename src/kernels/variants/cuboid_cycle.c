/* SPDX-License-Identifier: BSD-3-Clause
 * A level of a multigrid cycle in three dimensions: trilinear transfer, red-black sweeps down
 * (black, red) and up (red, black), pipelined over planes into one pass on either way. As on the
 * finest level in two dimensions (box_cycle.c), the residual lives on black points after the way
 * down, and only black points are corrected on the way up.
 *
 * After one sweep from zero black points are b / sum of couplings, and red ones follow from them: x
 * need not be kept on the way down. */
#include "kernels/variants/cuboid_pack.h"

#define BODY "kernels/variants/cuboid_cycle_body.h"
#include "kernels/variants/box_packs.h"

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

RITZ_KERNEL_DEFINE(cuboid_descend_kept)
(const struct ritz_cuboid *fine, const struct ritz_cuboid *coarse, int sweeps, bool guess,
 const void *b, void *x, void *planes, void *bc) {
  EACH_PACK(fine->lanes, descend_kept, fine, coarse, sweeps, guess, b, x, planes, bc, l);
}

RITZ_KERNEL_DEFINE(cuboid_ascend_kept)
(const struct ritz_cuboid *fine, const struct ritz_cuboid *coarse, int sweeps, const void *b,
 const void *e, void *x, double *dot) {
  EACH_PACK(fine->lanes, ascend_kept, fine, coarse, sweeps, b, e, x, dot, l);
}

RITZ_KERNEL_DEFINE(cuboid_bottom)
(const struct ritz_cuboid *box, int sweeps, const void *b, void *x, double *dot) {
  EACH_PACK(box->lanes, bottom, box, sweeps, b, x, dot, l);
}

RITZ_KERNEL_DEFINE(cuboid_restrict)
(const struct ritz_cuboid *fine, const struct ritz_cuboid *coarse, const void *b, void *bc) {
  EACH_PACK(fine->lanes, restrict, fine, coarse, b, bc, l);
}

RITZ_KERNEL_DEFINE(cuboid_prolong)
(const struct ritz_cuboid *fine, const struct ritz_cuboid *coarse, const void *e, void *x) {
  EACH_PACK(fine->lanes, prolong, fine, coarse, e, x, l);
}
