/* SPDX-License-Identifier: BSD-3-Clause
 * Activations: maps of single numbers. The vjps of GELU, SiLU and the sine read their input, so
 * that the output need not outlive its users; the others read their output, which is enough. */
#include "core/fail.h"
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
RITZ_ACTIVATION(sigmoid, out, 0)
RITZ_ACTIVATION(silu, in[0], 1)
RITZ_ACTIVATION(sine, in[0], 1)

/* A slope of 0 or more: the output tells the sign of the input. */
static ritz_status leaky_relu_infer(ritz_node *node) {
  const double slope = *(const double *)node->attr;
  RITZ_REQUIRE(slope >= 0, RITZ_ERR_ARGUMENT, "leaky_relu: slope %g, wanted 0 or more", slope);
  return ritz_infer_same(node);
}

static void leaky_relu_rows(const ritz_node *node, const ritz_tile *tile) {
  const double slope = *(const double *)node->attr;
  node->graph->kernels->leaky_relu(numbers(node, tile), slope, tile->in[0], tile->out);
}

static void leaky_relu_rows_vjp(const ritz_node *node, const ritz_tile *tile) {
  const double slope = *(const double *)node->attr;
  if (tile->gin[0])
    node->graph->kernels->leaky_relu_vjp(numbers(node, tile), slope, tile->out, tile->gout,
                                         tile->gin[0], tile->add[0]);
}

const ritz_op ritz_op_leaky_relu = {
    .name = "leaky_relu",
    .distribution = RITZ_LOCAL,
    .reads_out = true,
    .infer = leaky_relu_infer,
    .rows = leaky_relu_rows,
    .rows_vjp = leaky_relu_rows_vjp,
};

ritz_var ritz_leaky_relu(ritz_graph *graph, ritz_var x, double slope) {
  return ritz_graph_add(graph, &ritz_op_leaky_relu, 1, &x, &slope, sizeof slope);
}
