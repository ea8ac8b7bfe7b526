/* SPDX-License-Identifier: BSD-3-Clause
 * One number per channel: soft gating y = x w, bias y = x + b, and y = gelu(x + b), which a GELU
 * behind a bias is rewritten to (rewrite.c).
 *
 * Gate: gx += gy w, gw += sum over rows of x gy. Bias: gx += gy, gb += sum over rows of gy. With
 * GELU: the same of gy gelu'(x + b). */
#include "graph/ops/ops.h"

static void gate_rows(const ritz_node *node, const ritz_tile *tile) {
  node->graph->kernels->row_scale(tile->count, ritz_channels(node), tile->in[0], tile->in[1],
                                  tile->out, false);
}

static void gate_vjp(const ritz_node *node, const ritz_tile *tile) {
  node->graph->kernels->row_gate_vjp(tile->count, ritz_channels(node), tile->in[0], tile->in[1],
                                     tile->gout, tile->gin[0], tile->add[0], tile->gin[1], NULL);
}

const ritz_op ritz_op_gate = {
    .name = "gate",
    .distribution = RITZ_LOCAL,
    .reads_in = 1u << 0 | 1u << 1,
    .parameters = 1u << 1,
    .infer = ritz_infer_per_channel,
    .rows = gate_rows,
    .rows_vjp = gate_vjp,
};

ritz_var ritz_gate(ritz_graph *graph, ritz_var x, ritz_var w) {
  return ritz_graph_add(graph, &ritz_op_gate, 2, (ritz_var[]){x, w}, NULL, 0);
}

static void bias_rows(const ritz_node *node, const ritz_tile *tile) {
  node->graph->kernels->row_add(tile->count, ritz_channels(node), tile->in[0], tile->in[1],
                                tile->out);
}

static void bias_vjp(const ritz_node *node, const ritz_tile *tile) {
  ritz_pass_gradient(node, tile, 0);
  if (tile->gin[1])
    node->graph->kernels->row_sum(tile->count, ritz_channels(node), tile->gout, tile->gin[1]);
}

const ritz_op ritz_op_bias = {
    .name = "bias",
    .distribution = RITZ_LOCAL,
    .passes = 1u << 0,
    .in_place = 1u << 0,
    .parameters = 1u << 1,
    .infer = ritz_infer_per_channel,
    .rows = bias_rows,
    .rows_vjp = bias_vjp,
};

ritz_var ritz_bias(ritz_graph *graph, ritz_var x, ritz_var b) {
  return ritz_graph_add(graph, &ritz_op_bias, 2, (ritz_var[]){x, b}, NULL, 0);
}

static void bias_gelu_rows(const ritz_node *node, const ritz_tile *tile) {
  enum { together = 16 }; /* rows between two fetches */
  const ritz_index c = ritz_channels(node);
  const size_t row = (size_t)c * ritz_number_size(node);
  for (ritz_index r = 0; r < tile->count; r += together) {
    const ritz_index rest = tile->count - r;
    if (r > 0) ritz_fetch_ahead(tile->ahead);
    node->graph->kernels->bias_gelu(rest < together ? rest : together, c,
                                    (const char *)tile->in[0] + (size_t)r * row, tile->in[1],
                                    (char *)tile->out + (size_t)r * row);
  }
}

static void bias_gelu_vjp(const ritz_node *node, const ritz_tile *tile) {
  node->graph->kernels->bias_gelu_vjp(tile->count, ritz_channels(node), tile->in[0], tile->in[1],
                                      tile->gout, tile->gin[0], tile->add[0], tile->gin[1]);
}

const ritz_op ritz_op_bias_gelu = {
    .name = "bias_gelu",
    .distribution = RITZ_LOCAL,
    .reads_in = 1u << 0 | 1u << 1,
    .parameters = 1u << 1,
    .infer = ritz_infer_per_channel,
    .rows = bias_gelu_rows,
    .rows_vjp = bias_gelu_vjp,
};
