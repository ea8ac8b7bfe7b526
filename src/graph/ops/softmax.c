/* SPDX-License-Identifier: BSD-3-Clause
 * Softmax over channels, and soft shrinkage y = sign(x) max(|x| - lambda, 0); their vjps read the
 * output alone. */
#include <math.h>

#include "core/fail.h"
#include "graph/ops/ops.h"

static void softmax_rows(const ritz_node *node, const ritz_tile *tile) {
  node->graph->kernels->softmax(tile->count, ritz_channels(node), tile->in[0], tile->out);
}

static void softmax_vjp(const ritz_node *node, const ritz_tile *tile) {
  if (!tile->gin[0]) return;
  node->graph->kernels->softmax_vjp(tile->count, ritz_channels(node), tile->out, tile->gout,
                                    tile->gin[0], tile->add[0]);
}

static ritz_status softshrink_infer(ritz_node *node) {
  const double lambda = *(const double *)node->attr;
  RITZ_REQUIRE(lambda >= 0 && isfinite(lambda), RITZ_ERR_ARGUMENT,
               "softshrink: lambda is %g, wanted 0 or more", lambda);
  return ritz_infer_same(node);
}

static void softshrink_rows(const ritz_node *node, const ritz_tile *tile) {
  node->graph->kernels->softshrink(tile->count * ritz_channels(node), *(const double *)node->attr,
                                   tile->in[0], tile->out);
}

static void softshrink_vjp(const ritz_node *node, const ritz_tile *tile) {
  if (!tile->gin[0]) return;
  node->graph->kernels->softshrink_vjp(tile->count * ritz_channels(node), tile->out, tile->gout,
                                       tile->gin[0], tile->add[0]);
}

static double per_number(const ritz_node *node) { return (double)ritz_shape_count(&node->shape); }

const ritz_op ritz_op_softmax = {
    .name = "softmax",
    .distribution = RITZ_LOCAL,
    .reads_out = true,
    .infer = ritz_infer_same,
    .rows = softmax_rows,
    .rows_vjp = softmax_vjp,
    .flops = per_number,
};

const ritz_op ritz_op_softshrink = {
    .name = "softshrink",
    .distribution = RITZ_LOCAL,
    .reads_out = true,
    .infer = softshrink_infer,
    .rows = softshrink_rows,
    .rows_vjp = softshrink_vjp,
    .flops = per_number,
};

ritz_var ritz_softmax(ritz_graph *graph, ritz_var x) {
  return ritz_graph_add(graph, &ritz_op_softmax, 1, &x, NULL, 0);
}

ritz_var ritz_softshrink(ritz_graph *graph, ritz_var x, double lambda) {
  return ritz_graph_add(graph, &ritz_op_softshrink, 1, &x, &lambda, sizeof lambda);
}
