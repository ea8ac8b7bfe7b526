/* SPDX-License-Identifier: BSD-3-Clause
 * Difference of two fields, z = x - y. vjp: gx += gz, gy -= gz. */
#include "graph/ops/ops.h"

static void subtract_rows(const ritz_node *node, const ritz_tile *tile) {
  const ritz_kernels *k = node->graph->kernels;
  const ritz_index n = tile->count * ritz_channels(node);
  k->scale(n, 1, tile->in[0], tile->out, false);
  k->scale(n, -1, tile->in[1], tile->out, true);
}

static void subtract_vjp(const ritz_node *node, const ritz_tile *tile) {
  const ritz_index n = tile->count * ritz_channels(node);
  if (tile->gin[1]) node->graph->kernels->scale(n, -1, tile->gout, tile->gin[1], tile->add[1]);
  ritz_pass_gradient(node, tile, 0);
}

const ritz_op ritz_op_subtract = {
    .name = "subtract",
    .distribution = RITZ_LOCAL,
    .passes = 1u << 0,
    .infer = ritz_infer_alike,
    .rows = subtract_rows,
    .rows_vjp = subtract_vjp,
};

ritz_var ritz_subtract(ritz_graph *graph, ritz_var x, ritz_var y) {
  return ritz_graph_add(graph, &ritz_op_subtract, 2, (ritz_var[]){x, y}, NULL, 0);
}
