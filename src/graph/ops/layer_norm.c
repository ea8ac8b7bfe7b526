/* SPDX-License-Identifier: BSD-3-Clause
 * Layer norm, y = (x - mean) / sqrt(variance + eps) w + b over the channels of each row, and RMS
 * norm, y = x / sqrt(mean of x^2 + eps) w. Ba, Kiros & Hinton 2016, arXiv:1607.06450; Zhang &
 * Sennrich 2019, arXiv:1910.07467.
 *
 * The vjp takes a row's moments again: it is in cache, and nothing is saved. */
#include "core/fail.h"
#include "graph/ops/ops.h"

static ritz_status layer_norm_infer(ritz_node *node) {
  RITZ_REQUIRE(*(const double *)node->attr >= 0, RITZ_ERR_ARGUMENT, "%s: eps is %g", node->op->name,
               *(const double *)node->attr);
  return ritz_infer_per_channel(node);
}

static bool centres(const ritz_node *node) { return node->op == &ritz_op_layer_norm; }

static void layer_norm_rows(const ritz_node *node, const ritz_tile *tile) {
  node->graph->kernels->layer_norm(
      tile->count, ritz_channels(node), centres(node), *(const double *)node->attr, tile->in[0],
      node->arity > 1 ? tile->in[1] : NULL, node->arity > 2 ? tile->in[2] : NULL, tile->out);
}

static void layer_norm_vjp(const ritz_node *node, const ritz_tile *tile) {
  node->graph->kernels->layer_norm_vjp(
      tile->count, ritz_channels(node), centres(node), *(const double *)node->attr, tile->in[0],
      node->arity > 1 ? tile->in[1] : NULL, tile->gout, tile->gin[0], tile->add[0],
      node->arity > 1 ? tile->gin[1] : NULL, node->arity > 2 ? tile->gin[2] : NULL);
}

static double layer_norm_flops(const ritz_node *node) {
  return 6.0 * (double)ritz_shape_count(&node->shape);
}

#define RITZ_LAYER_NORM(op_name)                                      \
  const ritz_op ritz_op_##op_name = {.name = #op_name,                \
                                     .distribution = RITZ_LOCAL,      \
                                     .reads_in = 1u << 0 | 1u << 1,   \
                                     .parameters = 1u << 1 | 1u << 2, \
                                     .infer = layer_norm_infer,       \
                                     .rows = layer_norm_rows,         \
                                     .rows_vjp = layer_norm_vjp,      \
                                     .flops = layer_norm_flops}
RITZ_LAYER_NORM(layer_norm);
RITZ_LAYER_NORM(rms_norm);

ritz_var ritz_layer_norm(ritz_graph *graph, ritz_var x, double eps, ritz_var w, ritz_var b) {
  return ritz_graph_add(graph, &ritz_op_layer_norm, w || b ? 3 : 1, (ritz_var[]){x, w, b}, &eps,
                        sizeof eps);
}

ritz_var ritz_rms_norm(ritz_graph *graph, ritz_var x, double eps, ritz_var w) {
  return ritz_graph_add(graph, &ritz_op_rms_norm, w ? 2 : 1, (ritz_var[]){x, w}, &eps, sizeof eps);
}
