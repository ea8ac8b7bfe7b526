/* SPDX-License-Identifier: BSD-3-Clause
 * A level of a three-dimensional hierarchy and its memory. */
#ifndef RITZ_SOLVERS_MULTIGRID_CUBOID_LEVEL_H
#define RITZ_SOLVERS_MULTIGRID_CUBOID_LEVEL_H

#include <ritz/status.h>

#include "kernels/cuboid.h"

typedef struct ritz_cuboid_level {
  ritz_cuboid box;
  void *block;  /* all its arrays */
  int fields;   /* of the operator and the weights, with which the block begins */
  void *b, *x;  /* coarser levels: right-hand side and iterate */
  void *planes; /* [8]: work space, framed by zeros */
} ritz_cuboid_level;

/**
 * All numbers are zero but the weights of what is on the boundary of the finer grid, which no
 * kernel changes.
 *
 * @param n         Unknowns per axis; those of @p finer halved.
 * @param finer     NULL: this is the finest level, with seven points.
 * @param galerkin  Of a coarser level: 27 points, and weights.
 * @param level     Release with ritz_cuboid_level_clear(), also after a failure.
 */
ritz_status ritz_cuboid_level_create(ritz_dtype dtype, const ritz_index n[3], ritz_index lanes,
                                     const ritz_cuboid_level *finer, bool galerkin,
                                     ritz_cuboid_level *level);
void ritz_cuboid_level_clear(ritz_cuboid_level *level);

#endif
