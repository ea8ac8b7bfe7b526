/* SPDX-License-Identifier: BSD-3-Clause
 * Structured grids as matrices see them. A grid of fewer axes has one node along the first ones. */
#ifndef RITZ_SOLVERS_SPARSE_GRID_H
#define RITZ_SOLVERS_SPARSE_GRID_H

#include <ritz/sparse.h>

/** Neighbours of a node, itself included, at most. */
enum { RITZ_NEIGHBOURS = 27 };

typedef struct ritz_grid_view {
  ritz_index n[3];     /* first axes 1 where the grid has fewer */
  double h[3];         /* distance of nodes; 1 there */
  ritz_index nodes;    /* of all */
  ritz_index *unknown; /* [nodes], owned */
  ritz_index unknowns;
} ritz_grid_view;

/** Release with ritz_grid_view_clear(). RITZ_ERR_ARGUMENT  dim, an extent or a length out of range
 */
ritz_status ritz_grid_view_fill(const ritz_sparse_grid *grid, ritz_grid_view *view);
void ritz_grid_view_clear(ritz_grid_view *view);

static inline ritz_grid_node ritz_grid_node_at(const ritz_sparse_grid *grid, ritz_index node) {
  return grid->kind ? (ritz_grid_node)grid->kind[node] : RITZ_GRID_UNKNOWN;
}

/** The node at slot @p s of the 27 neighbours (offset -1 ... 1 per axis, first axis slowest) of the
 * node at @p at; -1: beyond the grid. @param periodic  [3], may be NULL. */
ritz_index ritz_grid_neighbour(const ritz_grid_view *view, const bool *periodic,
                               const ritz_index at[3], int s);

/** A matrix of zeros with an entry wherever a slot is used and its neighbour an unknown. */
ritz_status ritz_grid_pattern(const ritz_grid_view *view, const bool used[RITZ_NEIGHBOURS],
                              const bool *periodic, ritz_scalar scalar, ritz_sparse **out);

#endif
