/* SPDX-License-Identifier: BSD-3-Clause
 * Long convolution along the last grid axis (kernels/long_filter.h). */
#include "kernels/long_filter.h"

#include "core/context.h"
#include "core/fail.h"
#include "graph/ops/ops.h"

static ritz_status infer(ritz_node *node) {
  const ritz_shape *x = &node->in[0]->shape, *k = &node->in[1]->shape;
  const ritz_long_conv_options *options = node->attr;
  char have[128], taps[128];
  RITZ_REQUIRE(
      x->rank >= 3 && k->rank == 2 && k->n[1] == x->n[x->rank - 1] && k->n[0] <= x->n[x->rank - 2],
      RITZ_ERR_SHAPE,
      "long_conv: x is %s, kernel is %s, wanted [at most the points of the last axis, C]",
      ritz_shape_text(x, have), ritz_shape_text(k, taps));
  RITZ_REQUIRE(options->modes >= 0, RITZ_ERR_ARGUMENT, "long_conv: %td modes", options->modes);
  return ritz_infer_same(node);
}

static ritz_status plan(ritz_node *node, bool gradients) {
  const ritz_long_conv_options *options = node->attr;
  const ritz_shape *x = &node->in[0]->shape;
  const ritz_index points = x->n[x->rank - 2], channels = ritz_channels(node);
  const ritz_long_filter_shape shape = {.dtype = node->graph->dtype,
                                        .lines = ritz_rows(node) / points,
                                        .points = points,
                                        .channels = channels,
                                        .taps = node->in[1]->shape.n[0],
                                        .causal = options->causal,
                                        .modes = options->modes};
  ritz_long_filter *state;
  RITZ_TRY(ritz_long_filter_create(&shape, gradients, node->graph->context->threads, &state));
  node->state = state;
  node->need.saved = ritz_long_filter_saved(state);
  node->need.scratch = ritz_long_filter_scratch(state);
  return RITZ_OK;
}

static void destroy(ritz_node *node) {
  ritz_long_filter *state = node->state;
  ritz_long_filter_destroy(&state);
}

static void forward(const ritz_node *node) {
  ritz_long_filter_forward(node->state, ritz_in(node, 0), ritz_in(node, 1), node->saved.data,
                           node->value.data, node->scratch.data);
}

static void vjp(const ritz_node *node) {
  ritz_long_filter_vjp(node->state, ritz_in(node, 0), ritz_in(node, 1), node->saved.data,
                       node->gradient.data, ritz_gin(node, 0), node->add[0], ritz_gin(node, 1),
                       node->add[1], node->scratch.data);
}

static double flops(const ritz_node *node) { return ritz_long_filter_flops(node->state); }

const ritz_op ritz_op_long_conv = {
    .name = "long_conv",
    .distribution = RITZ_SPECTRAL,
    .reads_in = 1u << 0 | 1u << 1,
    .infer = infer,
    .plan = plan,
    .destroy = destroy,
    .forward = forward,
    .vjp = vjp,
    .flops = flops,
};

ritz_var ritz_long_conv(ritz_graph *graph, ritz_var x, ritz_var k,
                        const ritz_long_conv_options *options) {
  const ritz_long_conv_options attr = options ? *options : (ritz_long_conv_options){0};
  ritz_graph_latch(graph, ritz_reserved_check(attr.reserved, "long convolution options"));
  return ritz_graph_add(graph, &ritz_op_long_conv, 2, (ritz_var[]){x, k}, &attr, sizeof attr);
}
