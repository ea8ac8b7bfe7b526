/* SPDX-License-Identifier: BSD-3-Clause
 * What box_pack.h has for boxes, for cuboids. */
#ifndef RITZ_KERNELS_VARIANTS_CUBOID_PACK_H
#define RITZ_KERNELS_VARIANTS_CUBOID_PACK_H

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

#endif
