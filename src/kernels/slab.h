/* SPDX-License-Identifier: BSD-3-Clause
 * Some planes of one grid of a multigrid hierarchy on a box, for a single system: what the kernels
 * slab_* work on.
 *
 * Unknowns are (i, j, k) from 1 to n along each axis, framed by the Dirichlet boundary at 0 and n +
 * 1, where values are zero; a grid in two dimensions is flat, one row a plane. Planes i >= first
 * are here. The seven-point operator is
 *
 *   (A u)_p = sum over the six neighbours q of coupling_pq (u_p - u_q).
 *
 * Columns of one parity stand together: (i, j, k) is at
 *
 *   (i - first) plane + (j - origin) row + (k % 2) half + k / 2,
 *
 * so that half sweeps of red and black points, and the transfer to the columns of a coarser grid,
 * run over numbers that follow each other. A plane begins with row 0, which is boundary, and ends
 * with row n1: what follows that is row 0 of the next one. Flat planes have neither (origin 1).
 *
 * Point P of the next coarser grid is point factor P of this one, per axis. */
#ifndef RITZ_KERNELS_SLAB_H
#define RITZ_KERNELS_SLAB_H

#include <ritz/types.h>

typedef struct ritz_slab {
  ritz_index n[3];  /* unknowns of the whole grid */
  ritz_index first; /* plane that fields begin with */
  ritz_index origin, half, row, plane;
  int factor[3];     /* 1 or 2 */
  void *coupling[3]; /* of a point with the next one along an axis; NULL across a flat grid */
  void *inverse;     /* 1 / sum of a point's couplings */
} ritz_slab;

/** Whether it has no neighbours along axis 1. */
static inline bool ritz_slab_is_flat(const ritz_slab *slab) { return slab->origin == 1; }

/** Numbers of a field of @p planes planes, the boundary behind the last row included. */
static inline ritz_index ritz_slab_size(const ritz_slab *slab, ritz_index planes) {
  return planes * slab->plane + slab->row;
}

/** Numbers of work space that kernels want: a plane with its residual, and rows. */
static inline ritz_index ritz_slab_work(const ritz_slab *slab) {
  return slab->plane + 4 * slab->row;
}

#endif
