/* SPDX-License-Identifier: BSD-3-Clause
 * How ops are added to a graph whose fields are split over ranks.
 *
 * While a graph is built all shapes are those of whole fields, so that operators and shape rules
 * need not know of ranks; a node also knows its layout. An op has one of these forms:
 *
 *   local      each rank does its part: row ops, and ops that communicate by themselves
 *   own        `add_split` of its descriptor puts it together from moves and local ops
 *   gathered   every rank does all of it: gather -> op -> split; right for any op
 *
 * A move brings parts to where they are wanted: `fetch` gives each rank a box of a split field (a
 * halo, another layout, everything), `split` the own part of what all ranks hold.
 *
 * Cotangents of what all ranks hold are partial: the true one is their sum. So the vjp of a split
 * needs no communication, and that of a fetch adds what it gets. */
#ifndef RITZ_GRAPH_DISTRIBUTE_H
#define RITZ_GRAPH_DISTRIBUTE_H

#include <ritz/window.h>

#include "dist/layout.h"
#include "graph/op.h"
#include "kernels/window.h"

/** An op to add, as for ritz_graph_add(). */
typedef struct ritz_addition {
  ritz_graph *graph;
  const ritz_op *op;
  int arity;
  const ritz_var *in;
  const void *attr;
  size_t attr_bytes;
} ritz_addition;

bool ritz_any_split(int arity, const ritz_var *in);

/** Adds an op of which some operand is split. */
ritz_var ritz_add_distributed(const ritz_addition *addition);

/** Each rank does its part: fields (operands that are no parameters) are split like the first one
 * that is, and so is the result. */
ritz_var ritz_add_local(const ritz_addition *addition);

/** The same where the operands behind the first one have numbers for every grid point, [X0, ...]:
 * each rank has those of its points. */
ritz_var ritz_add_on_points(const ritz_addition *addition);

/** Every rank does all of it; the result is split like operand 0, or replicated where that has
 * other axes, or so few points that parts would be empty. */
ritz_var ritz_add_gathered(const ritz_addition *addition);

/** The op on given operands and attributes, each rank on what it has there: no layout. */
ritz_var ritz_add_as(const ritz_addition *addition, const ritz_var *in, const void *attr);

/** The layout of the first operand that is split. */
ritz_layout *ritz_layout_of_operands(int arity, const ritz_var *in);

/** The op as it is on whole fields: a node outside the graph, with its shape. */
ritz_status ritz_infer_whole(const ritz_addition *addition, ritz_node *probe);

/**
 * How a field on the grid of @p whole is split, after operand fields split as @p layout: as another
 * one of the graph on that grid, or else cut at the same places (ritz_layout_scale()).
 *
 * @param out  A reference; NULL on failure.
 */
ritz_status ritz_layout_for(ritz_graph *graph, const ritz_layout *layout, const ritz_shape *whole,
                            ritz_layout **out);

/** Says that @p node is split along its axes first_axis ... first_axis + d - 1 (those >= 0).
 * @return  @p node; RITZ_NO_VAR after a failure, which latches. */
ritz_var ritz_split_node(ritz_var node, ritz_layout *layout, int first_axis);

/** All of @p x on every rank; @p x itself where it is not split. */
ritz_var ritz_gather(ritz_graph *graph, ritz_var x);

/** The own part of @p x, which all ranks hold, split as by ritz_split_node(). */
ritz_var ritz_split(ritz_graph *graph, ritz_var x, ritz_layout *layout, int first_axis);

/** @p x split along its grid axes, however it is now. */
ritz_var ritz_split_like(ritz_graph *graph, ritz_var x, ritz_layout *layout);

/** Part r of an axis wants the positions [first[r], first[r] + count[r]); those beyond the ends of
 * the axis hold what the boundary says. */
typedef struct ritz_reach {
  ritz_index *first, *count; /* [parts of the axis], in the graph's arena */
  ritz_boundary boundary;
} ritz_reach;

/** One reach for each axis of @p layout, to be changed: all of the axis for every part. */
ritz_status ritz_reach_all(ritz_graph *graph, const ritz_layout *layout, ritz_reach reach[3]);

/**
 * A box of a split field for every rank: this one's.
 *
 * @param x      [B, X0, ..., C], split.
 * @param reach  One per grid axis.
 * @return       [B, count, ..., C], known to this rank only: no layout.
 */
ritz_var ritz_fetch(ritz_graph *graph, ritz_var x, const ritz_reach *reach);

/** What the windows of each part of @p out see of @p x, margins included, along split axes; all of
 * the other axes. */
ritz_var ritz_fetch_windows(ritz_graph *graph, ritz_var x, const ritz_window *window,
                            const ritz_layout *out);
/** Takes the margins that such a box holds out of @p options. */
void ritz_close_margins(const ritz_layout *layout, ritz_window_options *options);

/** Operand 0 before its boxes were fetched. */
static inline const ritz_node *ritz_whole_operand(const ritz_node *node) {
  const ritz_node *x = node->in[0];
  return x->moves && !x->layout ? x->in[0] : x;
}

/**
 * Where rows of a planned node stand in the whole field of the whole batch.
 *
 * @param row   Of this rank's part.
 * @param most  Rows that are asked for from there on.
 * @param rows  Out: how many of them lie side by side, at least 1.
 * @return      Number of the first one.
 */
ritz_index ritz_whole_rows(const ritz_node *node, ritz_index row, ritz_index most,
                           ritz_index *rows);

/** Sums over the ranks in place, in a run of @p node and in its number format; a failure latches in
 * the graph. */
void ritz_add_over_ranks(const ritz_node *node, const ritz_layout *layout, ritz_index count,
                         void *values);

/** Makes the boxes of a fetch the parts of a field of shape @p whole. */
ritz_var ritz_boxes_as_parts(ritz_var boxes, ritz_layout *layout, ritz_shape whole);

#endif
