/* SPDX-License-Identifier: BSD-3-Clause
 * One grid of a multigrid hierarchy on a box in three dimensions, for several samples side by side:
 * what the kernels cuboid_* work on.
 *
 * Fields are [plane][row][column][lane]. Unknowns are (i, j, k) from 1 to n along each axis, framed
 * by the Dirichlet boundary at 0 and n + 1, where values are zero. The operator has seven or 27
 * points,
 *
 *   (A u)_p = sum over the six or 26 neighbours q of coupling_pq (u_p - u_q),
 *
 * those on the boundary included. Point P of the next coarser grid is point 2P of the finer one.
 *
 * Weights live on the coarse grid, its boundary included: that of P in the finer point 2P + o, all
 * weights of a finer point adding up to one. A grid of even size has a coarse point right beside
 * its boundary, which then counts as a finer point that belongs to the coarse boundary alone. */
#ifndef RITZ_KERNELS_CUBOID_H
#define RITZ_KERNELS_CUBOID_H

#include <ritz/types.h>

enum { ritz_cuboid_links = 13, ritz_cuboid_offsets = 27 };

typedef struct ritz_cuboid {
  ritz_index n[3], lanes;
  ritz_index row, plane; /* numbers from a row, a plane to the next */
  /* Of a point with those after it, from (0, 0, 0) on: with the next along each axis; and, NULL
   * where the operator has seven points, with (0, 1, -1), (0, 1, 1), (1, -1, -1), (1, -1, 0), ...,
   * (1, 1, 1) from it, in the order of unknowns. */
  void *coupling[ritz_cuboid_links];
  void *inverse; /* 1 / sum of a point's couplings, unknowns only */
  /* At 9 (o0 + 1) + 3 (o1 + 1) + o2 + 1 those of offset o; of o = 0, which is one, and where the
   * transfer is trilinear NULL. */
  void *weight[ritz_cuboid_offsets];
} ritz_cuboid;

/** The offset of number @p number among the 27, or of coupling @p link. */
static inline void ritz_cuboid_offset(int number, int offset[3]) {
  offset[0] = number / 9 - 1;
  offset[1] = number / 3 % 3 - 1;
  offset[2] = number % 3 - 1;
}
static inline void ritz_cuboid_link(int link, int offset[3]) {
  static const int number[] = {22, 16, 14, 15, 17, 18, 19, 20, 21, 23, 24, 25, 26};
  ritz_cuboid_offset(number[link], offset);
}

/** Numbers of one field, which begins at (0, 0, 0). */
static inline ritz_index ritz_cuboid_size(const ritz_cuboid *box) {
  return (box->n[0] + 2) * box->plane;
}

/** Numbers below the diagonal of the band matrix whose unknowns run along the shortest axis first
 * and along the longest last. */
static inline ritz_index ritz_cuboid_width(const ritz_index n[3]) {
  const ritz_index a = n[0] < n[1] ? n[0] : n[1], b = n[0] < n[1] ? n[1] : n[0];
  const ritz_index shortest = a < n[2] ? a : n[2];
  const ritz_index middle = n[2] < a ? a : n[2] < b ? n[2] : b;
  return shortest * (middle + 1) + 1;
}

#endif
