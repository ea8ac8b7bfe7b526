/* SPDX-License-Identifier: BSD-3-Clause
 * One grid of a multigrid hierarchy on a box in three dimensions, for several samples side by side:
 * what the kernels cuboid_* work on.
 *
 * Fields are [plane][row][column][lane]. Unknowns are (i, j, k) from 1 to n along each axis, framed
 * by the Dirichlet boundary at 0 and n + 1, where values are zero. The operator has seven points,
 *
 *   (A u)_p = sum over the six neighbours q of coupling_pq (u_p - u_q),
 *
 * those on the boundary included. Point P of the next coarser grid is point 2P of the finer one. */
#ifndef RITZ_KERNELS_CUBOID_H
#define RITZ_KERNELS_CUBOID_H

#include <ritz/types.h>

typedef struct ritz_cuboid {
  ritz_index n[3], lanes;
  ritz_index row, plane; /* numbers from a row, a plane to the next */
  void *coupling[3];     /* of a point with the next along each axis, from (0, 0, 0) on */
  void *inverse;         /* 1 / sum of a point's couplings, unknowns only */
} ritz_cuboid;

/** Numbers of one field, which begins at (0, 0, 0). */
static inline ritz_index ritz_cuboid_size(const ritz_cuboid *box) {
  return (box->n[0] + 2) * box->plane;
}

#endif
