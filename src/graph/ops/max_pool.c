/* SPDX-License-Identifier: BSD-3-Clause
 * Maxima over windows, and what both kinds of pooling share. The place of each maximum is saved;
 * vjp: gx += gy at that place. */
#include "core/context.h"
#include "core/fail.h"
#include "graph/distribute.h"
#include "graph/halo.h"
#include "graph/ops/ops.h"
#include "graph/ops/pool.h"
#include "kernels/pooling.h"

ritz_pool_attr ritz_pool_attr_of(ritz_graph *graph, ritz_var x, const ritz_index *window,
                                 const ritz_window_options *options) {
  ritz_pool_attr attr = {.window = {0}};
  if (options) attr.options = *options;
  ritz_graph_latch(graph, ritz_reserved_check(attr.options.reserved, "window options"));
  for (int a = 0; x && a < 3 && a < ritz_grid_dim(x); a++) {
    attr.window[a] = window[a];
    if (attr.options.stride[a] == 0) attr.options.stride[a] = window[a];
  }
  return attr;
}

ritz_status ritz_pool_infer(ritz_node *node, const ritz_pool_attr *attr, ritz_window *window) {
  const ritz_node *x = node->op == &ritz_op_max_pool ? node->in[0] : ritz_whole_operand(node);
  const int d = ritz_grid_dim(x);
  char text[128];
  RITZ_REQUIRE(d >= 1 && d <= 3, RITZ_ERR_SHAPE, "%s: x is %s, wanted [B, 1 to 3 axes, C]",
               node->op->name, ritz_shape_text(&x->shape, text));
  RITZ_TRY(
      ritz_window_make(node->op->name, d, x->shape.n + 1, attr->window, &attr->options, window));
  node->shape = x->shape;
  for (int a = 0; a < d; a++) node->shape.n[a + 1] = window->axis[3 - d + a].out;
  return RITZ_OK;
}

/* A window in the margin alone has no maximum. */
static ritz_status require_points(const ritz_window_axis *w, int axis) {
  for (ritz_index o = 0; o < w->out; o++) {
    bool seen = false;
    for (ritz_index t = 0; t < w->kernel && !seen; t++)
      seen = ritz_window_source(w, o * w->stride - w->low + t * w->dilation) >= 0;
    RITZ_REQUIRE(seen, RITZ_ERR_SHAPE,
                 "max_pool: window %td along axis %d lies in the margin, without any point", o,
                 axis);
  }
  return RITZ_OK;
}

static ritz_status max_infer(ritz_node *node) {
  ritz_window window;
  RITZ_TRY(ritz_pool_infer(node, node->attr, &window));
  for (int a = 0; a < 3; a++) RITZ_TRY(require_points(&window.axis[a], a - (3 - window.dim)));
  return RITZ_OK;
}

static ritz_status max_plan(ritz_node *node, bool gradients) {
  ritz_pooling_shape shape = {
      .dtype = node->graph->dtype, .batch = node->shape.n[0], .channels = ritz_channels(node)};
  RITZ_TRY(ritz_pool_infer(node, node->attr, &shape.window));
  ritz_pooling *plan;
  RITZ_TRY(ritz_pooling_create(&shape, node->graph->context->threads, &plan));
  node->state = plan;
  if (gradients) node->need.saved = (size_t)ritz_shape_count(&node->shape) * ritz_number_size(node);
  return ritz_halo_see_window(node->in[0], &shape.window, false);
}

static void max_destroy(ritz_node *node) {
  ritz_pooling *plan = node->state;
  ritz_pooling_destroy(&plan);
}

static void max_forward(const ritz_node *node) {
  ritz_pooling_forward(node->state, ritz_in(node, 0), node->value.data,
                       node->need.saved ? node->saved.data : NULL,
                       ritz_halo_of(node->in[0], false));
}

static void max_vjp(const ritz_node *node) {
  if (ritz_gin(node, 0))
    ritz_pooling_vjp(node->state, node->gradient.data, node->saved.data, ritz_gin(node, 0),
                     node->add[0], ritz_halo_of(node->in[0], true));
}

static double max_flops(const ritz_node *node) {
  const ritz_pool_attr *attr = node->attr;
  double taps = 1;
  for (int a = 0; a < ritz_grid_dim(node); a++) taps *= (double)attr->window[a];
  return taps * (double)ritz_shape_count(&node->shape);
}

/* Margins of zeros hold nothing: no box can say so. */
static bool fills_margins(const ritz_window_axis *w) {
  return (w->low == 0 && w->high == 0) || w->boundary != RITZ_BOUNDARY_ZERO;
}

static ritz_var max_add_split(const ritz_addition *a) {
  ritz_pool_attr local = *(const ritz_pool_attr *)a->attr;
  ritz_layout *out = NULL;
  ritz_window window;
  ritz_node whole;
  ritz_status status;
  RITZ_TRY_DONE(ritz_infer_whole(a, &whole));
  RITZ_TRY_DONE(ritz_pool_infer(&whole, &local, &window));
  RITZ_TRY_DONE(ritz_layout_for(a->graph, a->in[0]->layout, &whole.shape, &out));
done:
  if (status != RITZ_OK) return ritz_graph_latch(a->graph, status);
  bool boxes = !ritz_layout_has_empty(out);
  for (int i = 0; i < out->dim; i++)
    boxes = boxes && (out->ranks[i] == 1 || fills_margins(&window.axis[3 - out->dim + i]));
  ritz_var y = RITZ_NO_VAR;
  if (boxes) {
    ritz_close_margins(out, &local.options);
    y = ritz_fetch_windows(a->graph, a->in[0], &window, out);
    y = ritz_boxes_as_parts(ritz_add_as(a, &y, &local), out, whole.shape);
  }
  ritz_layout_destroy(&out);
  return boxes ? y : ritz_add_gathered(a);
}

const ritz_op ritz_op_max_pool = {
    .name = "max_pool",
    .distribution = RITZ_REGRID,
    .meets_halo = true,
    .infer = max_infer,
    .add_split = max_add_split,
    .plan = max_plan,
    .destroy = max_destroy,
    .forward = max_forward,
    .vjp = max_vjp,
    .flops = max_flops,
};

ritz_var ritz_max_pool(ritz_graph *graph, ritz_var x, const ritz_index *window,
                       const ritz_window_options *options) {
  const ritz_pool_attr attr = ritz_pool_attr_of(graph, x, window, options);
  return ritz_graph_add(graph, &ritz_op_max_pool, 1, &x, &attr, sizeof attr);
}
