/* SPDX-License-Identifier: BSD-3-Clause
 * One sample in strips of columns, a strip in each lane (kernels/box.h): for grids on which several
 * samples together leave the cache. Grids too narrow to be split once more are copied to a
 * hierarchy of fewer strips, in the end of one lane. */
#ifndef RITZ_SOLVERS_MULTIGRID_STRIPS_H
#define RITZ_SOLVERS_MULTIGRID_STRIPS_H

#include "core/dtype.h"
#include "solvers/multigrid/multigrid.h"

typedef struct ritz_strips_plan {
  ritz_index lanes; /* strips; 1: the grid is held whole */
  ritz_index width; /* columns of each */
  int levels;       /* held in strips, the last of which is copied; whole: 0 */
} ritz_strips_plan;

/** The cheapest way by a model of the time of a cycle, with @p least to @p most lanes. A grid of
 * less than four unknowns along an axis is held whole; others only if @p whole. */
ritz_strips_plan ritz_strips_choose(ritz_index n0, ritz_index n1, ritz_index least, ritz_index most,
                                    bool whole);

/** Lanes of the narrowest pack there is on any machine. */
static inline ritz_index ritz_strips_least(ritz_dtype dtype) {
  return 16 / (ritz_index)ritz_dtype_size(dtype);
}

/** A row of nodes of the grid, boundary included, in strips: out [box->n1 + 2][lanes], column 0
 * first. @param padded  [lanes box->n1 + 2]: work space. @param beyond  Value past the boundary. */
void ritz_strips_row(const ritz_box *box, const double *row, double beyond, double *padded,
                     double *out);

/** The unknowns of a row of strips [box->n1 + 1][lanes] back to a row of nodes. */
void ritz_strips_take_row(const ritz_box *box, const double *x, double *row);

/** Where column @p column of the grid, 1 ... columns + 1, is in a row of strips. */
static inline ritz_index ritz_strips_place(const ritz_box *box, ritz_index column) {
  const ritz_index lane = (column - 1) / box->n1;
  if (lane == box->lanes) return (box->n1 + 1) * box->lanes + lane - 1;
  return (column - lane * box->n1) * box->lanes + lane;
}

#endif
