/* SPDX-License-Identifier: BSD-3-Clause
 * The inside of a layout. */
#ifndef RITZ_DIST_LAYOUT_H
#define RITZ_DIST_LAYOUT_H

#include <ritz/layout.h>

#include "dist/comm.h"

struct ritz_layout {
  int references; /* atomic */
  ritz_context *context;
  int dim;
  int ranks[3], place[3]; /* of this rank in the grid of ranks */
  ritz_index grid[3];
  ritz_index *offset[3]; /* [ranks + 1] */
};

static inline ritz_comm *ritz_layout_comm(const ritz_layout *layout) {
  return layout->context->comm;
}

/** Number of the rank at @p place, d entries. */
int ritz_layout_rank_at(const ritz_layout *layout, const int *place);
/** Place of rank @p rank. */
void ritz_layout_place_of(const ritz_layout *layout, int rank, int place[3]);

/** Points of all of this rank's part, or of rank @p rank's. */
ritz_index ritz_layout_points(const ritz_layout *layout, int rank);
/** Whether some rank has no point; the same answer on all ranks. */
bool ritz_layout_has_empty(const ritz_layout *layout);
/** Whether @p a and @p b cut the same grid alike. */
bool ritz_layout_same(const ritz_layout *a, const ritz_layout *b);

/**
 * The layout of another grid over the same domain: part r begins at the first point that does not
 * lie before its old beginning.
 */
ritz_status ritz_layout_scale(const ritz_layout *layout, const ritz_index *grid, ritz_layout **out);

/** A context over the ranks that give the same @p color >= 0. Collective. */
ritz_status ritz_context_split(ritz_context *context, int color, ritz_context **out);

#endif
