/* SPDX-License-Identifier: BSD-3-Clause
 * The same value, as a constant to the gradient: y = x. */
#include <string.h>

#include "graph/ops/ops.h"

static void detach_rows(const ritz_node *node, const ritz_tile *tile) {
  if (tile->out == tile->in[0]) return;
  memcpy(tile->out, tile->in[0],
         (size_t)(tile->count * ritz_channels(node)) * ritz_number_size(node));
}

const ritz_op ritz_op_detach = {
    .name = "detach",
    .distribution = RITZ_LOCAL,
    .in_place = 1u << 0,
    .constant = true,
    .infer = ritz_infer_same,
    .rows = detach_rows,
};

ritz_var ritz_detach(ritz_graph *graph, ritz_var x) {
  return ritz_graph_add(graph, &ritz_op_detach, 1, &x, NULL, 0);
}
