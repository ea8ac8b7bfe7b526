/* SPDX-License-Identifier: BSD-3-Clause
 * Body of cuboid_band.c for one PACK; no include guard. */
#include "kernels/variants/band_body.h"

/* Entries of unknown (i, j, k), whose row of the band is at `row`. */
static void OF(entries)(const pack_cuboid *v, const ritz_index distance[ritz_cuboid_links],
                        const ritz_index at[3], real *row) {
  const ritz_index here = at[0] * v->step[0] + at[1] * v->step[1] + at[2] * v->step[2];
  PACK centre = {0};
  for (int m = 0; m < v->links; m++) {
    int d[3];
    ritz_cuboid_link(m, d);
    for (int sign = -1; sign <= 1; sign += 2) {
      const PACK coupling = LOAD(v->coupling[m] + here - (sign < 0 ? v->link[m] : 0));
      centre += coupling;
      bool inside = sign * distance[m] < 0; /* before it */
      for (int axis = 0; axis < 3; axis++) {
        const ritz_index to = at[axis] + sign * d[axis];
        inside = inside && to >= 1 && to <= v->n[axis];
      }
      if (inside) STORE(row - sign * distance[m] * v->step[2], -coupling);
    }
  }
  STORE(row, centre);
}

static void OF(factor)(const ritz_cuboid *box, void *bandv, ritz_index l) {
  const band_order order = band_order_of(box);
  const pack_cuboid v = cuboid_of(box, l);
  const ritz_index step = box->lanes, width = (order.width + 1) * step;
  real *band = (real *)bandv + l;
  ritz_index distance[ritz_cuboid_links], at[3], unit[3];
  for (int m = 0; m < ritz_cuboid_links; m++) distance[m] = band_distance(&order, box, m);
  unit[0] = distance[0], unit[1] = distance[1], unit[2] = distance[2];
  for (ritz_index k = 0; k < order.count * (order.width + 1); k++)
    STORE(band + k * step, (PACK){0});
  for (at[0] = 1; at[0] <= v.n[0]; at[0]++)
    for (at[1] = 1; at[1] <= v.n[1]; at[1]++)
      for (at[2] = 1; at[2] <= v.n[2]; at[2]++) {
        const ritz_index k = (at[0] - 1) * unit[0] + (at[1] - 1) * unit[1] + (at[2] - 1) * unit[2];
        OF(entries)(&v, distance, at, band + k * width);
      }
  OF(band_factor)(&order, step, band);
}

static void OF(solve)(const ritz_cuboid *box, const void *band, const void *b, void *x, double *dot,
                      ritz_index l) {
  const band_order order = band_order_of(box);
  OF(band_solve)
  (&order, box->lanes, (const real *)band + l, (const real *)b + l, (real *)x + l, dot + l);
}
