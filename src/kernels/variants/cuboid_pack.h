/* SPDX-License-Identifier: BSD-3-Clause
 * What box_pack.h has for boxes, for cuboids. */
#ifndef RITZ_KERNELS_VARIANTS_CUBOID_PACK_H
#define RITZ_KERNELS_VARIANTS_CUBOID_PACK_H

#include "kernels/cuboid.h"
#include "kernels/variants/box_pack.h"

/* One pack of a cuboid: its arrays moved to lane l. */
typedef struct pack_cuboid {
  ritz_index n[3], step[3];
  int links;                                                       /* 3 or ritz_cuboid_links */
  ritz_index link[ritz_cuboid_links], offset[ritz_cuboid_offsets]; /* to those points */
  real *coupling[ritz_cuboid_links], *inverse, *weight[ritz_cuboid_offsets];
} pack_cuboid;

static inline pack_cuboid cuboid_of(const ritz_cuboid *box, ritz_index l) {
  pack_cuboid p = {.n = {box->n[0], box->n[1], box->n[2]},
                   .step = {box->plane, box->row, box->lanes},
                   .links = box->coupling[3] ? ritz_cuboid_links : 3,
                   .inverse = box->inverse ? (real *)box->inverse + l : NULL};
  int o[3];
  for (int m = 0; m < p.links; m++) {
    ritz_cuboid_link(m, o);
    p.link[m] = o[0] * box->plane + o[1] * box->row + o[2] * box->lanes;
    p.coupling[m] = box->coupling[m] ? (real *)box->coupling[m] + l : NULL;
  }
  for (int q = 0; box->weight[0] && q < ritz_cuboid_offsets; q++) {
    ritz_cuboid_offset(q, o);
    p.offset[q] = o[0] * box->plane + o[1] * box->row + o[2] * box->lanes;
    p.weight[q] = box->weight[q] ? (real *)box->weight[q] + l : NULL;
  }
  return p;
}

#endif
