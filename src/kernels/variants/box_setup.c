/* SPDX-License-Identifier: BSD-3-Clause
 * Black-box multigrid: operator-dependent interpolation and Galerkin coarse operators (Dendy 1982,
 * doi:10.1016/0021-9991(82)90057-2).
 *
 * A point between two coarse ones takes the sums of its couplings towards either as weights, over
 * their own sum: equal to Dendy's quotient inside, but free of the cancellation in its denominator.
 * A grid of even size has a coarse column right beside the boundary; the boundary column counts as
 * a fine point then, which belongs to the coarse boundary alone. */
#include "kernels/variants/box_frame.h"

/* Strips: weights in columns that have none of their own, as the body has them at a boundary. */
static void frame_shares(const ritz_box *fine, const ritz_box *coarse) {
  const ritz_index rows = coarse->n0 + 1, beyond = coarse->columns + 1;
  box_frame(coarse, coarse->west_share, (fine->columns + 1) / 2, 1, coarse->n0, 0);
  box_frame(coarse, coarse->north_share, beyond, 0, rows, (real)0.5);
  for (ritz_index i = 0; coarse->columns && i <= rows; i++)
    ((real *)coarse->north_share)[i * coarse->row] = (real)0.5;
}

static void frame_corners(const ritz_box *fine, const ritz_box *coarse) {
  const ritz_index first = (fine->columns + 1) / 2;
  const ritz_index below = (fine->n0 + 1) / 2, end = coarse->n0; /* cells with a centre below */
  box_frame(coarse, coarse->corner[0], first, 0, end, 0);
  box_frame(coarse, coarse->corner[1], first, 0, below - 1, (real)0.5);
  box_frame(coarse, coarse->corner[1], first, below, end, 0);
  box_frame(coarse, coarse->corner[2], first, 0, end, 0);
  box_frame(coarse, coarse->corner[3], first, 0, below - 1, (real)0.5);
  box_frame(coarse, coarse->corner[3], first, below, end, 1);
}

#define BODY "kernels/variants/box_setup_body.h"
#include "kernels/variants/box_packs.h"

RITZ_KERNEL_DEFINE(box_weights)(const struct ritz_box *fine, const struct ritz_box *coarse) {
  EACH_PACK(fine->lanes, weights, fine, coarse, l);
}

RITZ_KERNEL_DEFINE(box_galerkin)(const struct ritz_box *fine, const struct ritz_box *coarse) {
  EACH_PACK(fine->lanes, galerkin, fine, coarse, l);
  if (!coarse->columns) return;
  void *const couplings[] = {coarse->east, coarse->south, coarse->southeast, coarse->southwest};
  for (int f = 0; f < 4; f++) RITZ_VARIANT_NAME(box_edges)(coarse, true, couplings[f]);
  box_frame(coarse, coarse->inverse, coarse->columns + 1, 1, coarse->n0, 0);
}
