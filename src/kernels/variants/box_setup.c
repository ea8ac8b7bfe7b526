/* SPDX-License-Identifier: BSD-3-Clause
 * Black-box multigrid: operator-dependent interpolation and Galerkin coarse operators (Dendy 1982,
 * doi:10.1016/0021-9991(82)90057-2).
 *
 * A point between two coarse ones takes the sums of its couplings towards either as weights, over
 * their own sum: equal to Dendy's quotient inside, but free of the cancellation in its denominator.
 * A grid of even size has a coarse column right beside the boundary; the boundary column counts as
 * a fine point then, which belongs to the coarse boundary alone. */
#include "kernels/variants/box_pack.h"

#define BODY "kernels/variants/box_setup_body.h"
#include "kernels/variants/box_packs.h"

RITZ_KERNEL_DEFINE(box_weights)(const struct ritz_box *fine, const struct ritz_box *coarse) {
  EACH_PACK(fine->lanes, weights, fine, coarse, l);
}

RITZ_KERNEL_DEFINE(box_galerkin)(const struct ritz_box *fine, const struct ritz_box *coarse) {
  EACH_PACK(fine->lanes, galerkin, fine, coarse, l);
}
