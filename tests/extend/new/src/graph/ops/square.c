/* SPDX-License-Identifier: BSD-3-Clause
 * Square of each number, y = x^2. vjp: gx += 2 x gy. */
#include "graph/ops/ops.h"

static ritz_index numbers(const ritz_node *node, const ritz_tile *tile) {
  return tile->count * ritz_channels(node);
}

static void rows(const ritz_node *node, const ritz_tile *tile) {
  node->graph->kernels->square(numbers(node, tile), tile->in[0], tile->out);
}

static void rows_vjp(const ritz_node *node, const ritz_tile *tile) {
  const ritz_kernels *kernels = node->graph->kernels;
  const ritz_index n = numbers(node, tile);
  if (!tile->gin[0]) return;
  if (tile->add[0])
    kernels->multiply_onto(n, tile->gout, tile->in[0], tile->gin[0]);
  else
    kernels->multiply(n, tile->gout, tile->in[0], tile->gin[0]);
  kernels->multiply_onto(n, tile->gout, tile->in[0], tile->gin[0]);
}

const ritz_op ritz_op_square = {
    .name = "square",
    .distribution = RITZ_LOCAL,
    .reads_in = 1u << 0,
    .infer = ritz_infer_same,
    .rows = rows,
    .rows_vjp = rows_vjp,
};

ritz_var ritz_square(ritz_graph *graph, ritz_var x) {
  return ritz_graph_add(graph, &ritz_op_square, 1, &x, NULL, 0);
}
