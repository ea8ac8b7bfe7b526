/* SPDX-License-Identifier: BSD-3-Clause
 * The coarsest level in three dimensions, exactly. */
#include "kernels/variants/band_order.h"
#include "kernels/variants/cuboid_pack.h"

/* Axes by their number of unknowns, the shortest first. */
static inline band_order band_order_of(const ritz_cuboid *box) {
  const ritz_index steps[] = {box->plane, box->row, box->lanes};
  int axis[] = {2, 1, 0};
  for (int pass = 0; pass < 3; pass++)
    for (int i = 0; i < 2; i++)
      if (box->n[axis[i + 1]] < box->n[axis[i]]) {
        const int other = axis[i];
        axis[i] = axis[i + 1];
        axis[i + 1] = other;
      }
  band_order at = {.count = box->n[0] * box->n[1] * box->n[2], .width = ritz_cuboid_width(box->n)};
  for (int i = 0; i < 3; i++) {
    at.n[i] = box->n[axis[i]];
    at.step[i] = steps[axis[i]];
  }
  return at;
}

/* How much later in the order the point at a link is. */
static inline ritz_index band_distance(const band_order *at, const ritz_cuboid *box, int link) {
  const ritz_index steps[] = {box->plane, box->row, box->lanes};
  int d[3];
  ritz_cuboid_link(link, d);
  ritz_index distance = 0;
  for (int axis = 0; axis < 3; axis++)
    for (ritz_index i = 0, unit = 1; i < 3; unit *= at->n[i++])
      if (at->step[i] == steps[axis]) distance += d[axis] * unit;
  return distance;
}

#define BODY "kernels/variants/cuboid_band_body.h"
#include "kernels/variants/box_packs.h"

RITZ_KERNEL_DEFINE(cuboid_band_factor)(const struct ritz_cuboid *box, void *band) {
  EACH_PACK(box->lanes, factor, box, band, l);
}

RITZ_KERNEL_DEFINE(cuboid_band_solve)
(const struct ritz_cuboid *box, const void *band, const void *b, void *x, double *dot) {
  EACH_PACK(box->lanes, solve, box, band, b, x, dot, l);
}
