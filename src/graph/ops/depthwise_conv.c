/* SPDX-License-Identifier: BSD-3-Clause
 * Depthwise convolution, y[b, o, c] = bias[c] + sum over t of w[t, c] x[b, source(o, t), c]
 * (kernels/depthwise.h).
 *
 * vjp: gx += sum over the outputs that see a point, gw[t, c] += sum over b, o of x gy,
 * gbias += sum over b, o of gy. */
#include "core/context.h"
#include "core/fail.h"
#include "core/memory.h"
#include "graph/ops/ops.h"
#include "kernels/depthwise.h"

static ritz_status depthwise_infer(ritz_node *node) {
  const ritz_node *x = node->in[0], *w = node->in[1];
  const int d = ritz_grid_dim(x);
  char have[128], want[128];
  RITZ_REQUIRE(d >= 1 && d <= 3 && w->shape.rank == d + 1 && ritz_channels(x) == ritz_channels(w),
               RITZ_ERR_SHAPE,
               "depthwise_conv: x is %s, weight is %s; wanted [B, 1 to 3 axes, C] and [window, C]",
               ritz_shape_text(&x->shape, have), ritz_shape_text(&w->shape, want));
  RITZ_REQUIRE(node->arity == 2 || ritz_shape_count(&node->in[2]->shape) == ritz_channels(x),
               RITZ_ERR_SHAPE, "depthwise_conv: x is %s, bias is %s, wanted one number per channel",
               ritz_shape_text(&x->shape, have), ritz_shape_text(&node->in[2]->shape, want));
  ritz_window window;
  RITZ_TRY(ritz_window_make("depthwise_conv", d, x->shape.n + 1, w->shape.n, node->attr, &window));
  node->shape = x->shape;
  for (int a = 0; a < d; a++) {
    const ritz_window_axis *axis = &window.axis[3 - d + a];
    node->shape.n[a + 1] = axis->out;
    const ritz_index reach = axis->dilation * (axis->kernel - 1);
    if (reach > node->halo) node->halo = (int)reach;
  }
  return RITZ_OK;
}

static ritz_status depthwise_plan(ritz_node *node, bool gradients) {
  const ritz_node *x = node->in[0];
  ritz_depthwise_shape shape = {
      .dtype = node->graph->dtype, .batch = x->shape.n[0], .channels = ritz_channels(x)};
  RITZ_TRY(ritz_window_make("depthwise_conv", ritz_grid_dim(x), x->shape.n + 1,
                            node->in[1]->shape.n, node->attr, &shape.window));
  ritz_depthwise *plan;
  RITZ_TRY(ritz_depthwise_create(&shape, gradients, node->graph->context->threads, &plan));
  node->state = plan;
  node->need.scratch = ritz_depthwise_scratch(plan);
  return RITZ_OK;
}

static void depthwise_destroy(ritz_node *node) {
  ritz_depthwise *plan = node->state;
  ritz_depthwise_destroy(&plan);
}

static void depthwise_forward(const ritz_node *node) {
  ritz_depthwise_forward(node->state, ritz_in(node, 0), ritz_in(node, 1),
                         node->arity == 3 ? ritz_in(node, 2) : NULL, node->value.data,
                         node->scratch.data);
}

static void depthwise_vjp(const ritz_node *node) {
  const void *gy = node->gradient.data;
  void *gx = ritz_gin(node, 0), *gw = ritz_gin(node, 1), *gb = ritz_gin(node, 2);
  if (gw || gb)
    ritz_depthwise_vjp_weight(node->state, ritz_in(node, 0), gy, gw, node->add[1], gb, node->add[2],
                              node->scratch.data);
  if (gx)
    ritz_depthwise_vjp_input(node->state, gy, ritz_in(node, 1), gx, node->add[0],
                             node->scratch.data);
}

static double depthwise_flops(const ritz_node *node) { return ritz_depthwise_flops(node->state); }

const ritz_op ritz_op_depthwise_conv = {
    .name = "depthwise_conv",
    .distribution = RITZ_HALO,
    .reads_in = 1u << 0 | 1u << 1,
    .infer = depthwise_infer,
    .plan = depthwise_plan,
    .destroy = depthwise_destroy,
    .forward = depthwise_forward,
    .vjp = depthwise_vjp,
    .flops = depthwise_flops,
};

ritz_var ritz_depthwise_conv(ritz_graph *graph, ritz_var x, ritz_var w, ritz_var b,
                             const ritz_window_options *options) {
  const ritz_window_options none = {0};
  return ritz_graph_add(graph, &ritz_op_depthwise_conv, b ? 3 : 2, (ritz_var[]){x, w, b},
                        options ? options : &none, sizeof *options);
}
