/* SPDX-License-Identifier: BSD-3-Clause
 * The smoothing, restriction and prolongation of a multigrid cycle, fused into one pass over the
 * level on either way.
 *
 * Finest level: red-black Gauss-Seidel, black then red on the way down, red then black on the way
 * up, so that the cycle is symmetric. After the way down the residual lives on black points; only
 * these are corrected on the way up, since red ones are overwritten first. Coarser levels:
 * Gauss-Seidel in the order of the unknowns down, against it up; samples fill the registers, so the
 * order costs no parallelism. */
#include "kernels/variants/box_pack.h"

#define BODY "kernels/variants/box_cycle_body.h"
#include "kernels/variants/box_packs.h"

RITZ_KERNEL_DEFINE(box_descend5)
(const struct ritz_box *fine, const struct ritz_box *coarse, int sweeps, const void *b, void *x,
 void *rows, void *bc) {
  EACH_PACK(fine->lanes, descend5, fine, coarse, sweeps, b, x, rows, bc, l);
}

RITZ_KERNEL_DEFINE(box_ascend5)
(const struct ritz_box *fine, const struct ritz_box *coarse, int sweeps, const void *b,
 const void *e, void *x, double *dot) {
  EACH_PACK(fine->lanes, ascend5, fine, coarse, sweeps, b, e, x, dot, l);
}

RITZ_KERNEL_DEFINE(box_descend9)
(const struct ritz_box *fine, const struct ritz_box *coarse, int sweeps, bool guess, const void *b,
 void *x, void *rows, void *bc) {
  EACH_PACK(fine->lanes, descend9, fine, coarse, sweeps, guess, b, x, rows, bc, l);
}

RITZ_KERNEL_DEFINE(box_ascend9)
(const struct ritz_box *fine, const struct ritz_box *coarse, int sweeps, const void *b,
 const void *e, void *x) {
  EACH_PACK(fine->lanes, ascend9, fine, coarse, sweeps, b, e, x, l);
}

RITZ_KERNEL_DEFINE(box_restrict)
(const struct ritz_box *fine, const struct ritz_box *coarse, void *b, void *bc) {
  EACH_PACK(fine->lanes, restrict, fine, coarse, b, bc, l);
}

RITZ_KERNEL_DEFINE(box_prolong)
(const struct ritz_box *fine, const struct ritz_box *coarse, const void *e, void *x) {
  EACH_PACK(fine->lanes, prolong, fine, coarse, e, x, l);
}
