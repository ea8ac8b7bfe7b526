/* SPDX-License-Identifier: BSD-3-Clause
 * Activations: maps of single numbers. GELU's vjp reads its input, so that its output need not
 * outlive its users; tanh and ReLU read their output, which is enough. */
#include "graph/ops/ops.h"

static ritz_index numbers(const ritz_node *node, const ritz_tile *tile) {
  return tile->count * ritz_channels(node);
}

/* Unary op `name`; its vjp reads the operand or the output. */
#define RITZ_ACTIVATION(function, from, read_input)                                   \
  static void function##_rows(const ritz_node *node, const ritz_tile *tile) {         \
    node->graph->kernels->function(numbers(node, tile), tile->in[0], tile->out);      \
  }                                                                                   \
  static void function##_rows_vjp(const ritz_node *node, const ritz_tile *tile) {     \
    if (!tile->gin[0]) return;                                                        \
    node->graph->kernels->function##_vjp(numbers(node, tile), tile->from, tile->gout, \
                                         tile->gin[0], tile->add[0]);                 \
  }                                                                                   \
  const ritz_op ritz_op_##function = {                                                \
      .name = #function,                                                              \
      .distribution = RITZ_LOCAL,                                                     \
      .reads_in = (read_input),                                                       \
      .reads_out = !(read_input),                                                     \
      .infer = ritz_infer_same,                                                       \
      .rows = function##_rows,                                                        \
      .rows_vjp = function##_rows_vjp,                                                \
  };                                                                                  \
  ritz_var ritz_##function(ritz_graph *graph, ritz_var x) {                           \
    return ritz_graph_add(graph, &ritz_op_##function, 1, &x, NULL, 0);                \
  }

RITZ_ACTIVATION(gelu, in[0], 1)
RITZ_ACTIVATION(tanh, out, 0)
RITZ_ACTIVATION(relu, out, 0)
