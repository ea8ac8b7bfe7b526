/* SPDX-License-Identifier: BSD-3-Clause
 * A field at one end of an op on modes: how it comes to its modes and back. Without a split that is
 * a transform. Of a split field each rank gets its share of the modes: by a transform of its points
 * and sums over the ranks (mode_share.h), or by whole lines (mode_lines.h), whichever sends less.
 */
#ifndef RITZ_GRAPH_MODE_END_H
#define RITZ_GRAPH_MODE_END_H

#include "graph/ops/mode_lines.h"

typedef struct ritz_mode_end {
  ritz_transform *transform; /* of the points here; NULL: there are none, or by lines */
  ritz_mode_lines *lines;    /* or NULL */
  ritz_index block;          /* numbers of a row block of a mode, B C */
  size_t all, own;           /* bytes of one of the row blocks of all modes, of the own ones */
} ritz_mode_end;

/** @param shape  Of the whole grid; its parts become those of @p field. Clear the end after a
 * failure too. */
ritz_status ritz_mode_end_plan(const ritz_node *field, const ritz_mode_share *share,
                               ritz_transform_shape *shape, ritz_mode_end *end);
void ritz_mode_end_clear(ritz_mode_end *end);

/** @return  Bytes of one row block of all modes where they meet here: 0 by lines. */
size_t ritz_mode_end_all(const ritz_mode_end *end);
/** @return  Bytes of scratch for all that @p node does at this end. */
size_t ritz_mode_end_work(const ritz_mode_end *end, const ritz_mode_share *share,
                          const ritz_node *node);
double ritz_mode_end_flops(const ritz_mode_end *end);
/** What that sends: to modes, or @p back to the field. */
void ritz_mode_end_traffic(const ritz_mode_end *end, const ritz_mode_share *share,
                           const ritz_node *node, bool back, ritz_traffic *traffic);

#endif
