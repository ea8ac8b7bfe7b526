/* SPDX-License-Identifier: BSD-3-Clause
 * The window of a pooling op. */
#ifndef RITZ_GRAPH_POOL_H
#define RITZ_GRAPH_POOL_H

#include "graph/op.h"
#include "kernels/window.h"

typedef struct ritz_pool_attr {
  ritz_index window[3];
  ritz_window_options options; /* strides of 0 replaced by the window's extents */
} ritz_pool_attr;

/** @param options  NULL: windows side by side, no margins. */
ritz_pool_attr ritz_pool_attr_of(ritz_graph *graph, ritz_var x, const ritz_index *window,
                                 const ritz_window_options *options);

/** Shape rule; also gives the geometry. */
ritz_status ritz_pool_infer(ritz_node *node, const ritz_pool_attr *attr, ritz_window *window);

#endif
