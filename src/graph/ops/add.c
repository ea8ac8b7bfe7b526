/* SPDX-License-Identifier: BSD-3-Clause
 * Sum of two fields, z = x + y. vjp: gx += gz, gy += gz. */
#include "graph/ops/ops.h"

static void add_rows(const ritz_node *node, const ritz_tile *tile) {
  node->graph->kernels->add(tile->count * ritz_channels(node), tile->in[0], tile->in[1], tile->out);
}

static void add_vjp(const ritz_node *node, const ritz_tile *tile) {
  for (int i = 0; i < 2; i++) ritz_pass_gradient(node, tile, i);
}

const ritz_op ritz_op_add = {
    .name = "add",
    .distribution = RITZ_LOCAL,
    .passes = 1u << 0 | 1u << 1,
    .in_place = 1u << 0 | 1u << 1,
    .infer = ritz_infer_alike,
    .rows = add_rows,
    .rows_vjp = add_vjp,
};

ritz_var ritz_add(ritz_graph *graph, ritz_var x, ritz_var y) {
  return ritz_graph_add(graph, &ritz_op_add, 2, (ritz_var[]){x, y}, NULL, 0);
}
