/* SPDX-License-Identifier: BSD-3-Clause
 * Product of two fields, number by number, z = x y. vjp: gx += gz y, gy += gz x. */
#include "graph/ops/ops.h"

static void product(const ritz_node *node, ritz_index rows, const void *x, const void *y, void *z,
                    bool add) {
  const ritz_index n = rows * ritz_channels(node);
  if (add)
    node->graph->kernels->multiply_onto(n, x, y, z);
  else
    node->graph->kernels->multiply(n, x, y, z);
}

static void rows(const ritz_node *node, const ritz_tile *tile) {
  product(node, tile->count, tile->in[0], tile->in[1], tile->out, false);
}

static void rows_vjp(const ritz_node *node, const ritz_tile *tile) {
  for (int i = 0; i < 2; i++)
    if (tile->gin[i])
      product(node, tile->count, tile->gout, tile->in[1 - i], tile->gin[i], tile->add[i]);
}

const ritz_op ritz_op_multiply = {
    .name = "multiply",
    .distribution = RITZ_LOCAL,
    .reads_in = 1u << 0 | 1u << 1,
    .infer = ritz_infer_alike,
    .rows = rows,
    .rows_vjp = rows_vjp,
};

ritz_var ritz_multiply(ritz_graph *graph, ritz_var x, ritz_var y) {
  return ritz_graph_add(graph, &ritz_op_multiply, 2, (ritz_var[]){x, y}, NULL, 0);
}
