/* SPDX-License-Identifier: BSD-3-Clause
 * Convolution, y = K x + b, and its transposed, y = K^T x + b (kernels/conv.h has K and its index
 * formula).
 *
 * vjp: gx += K^T gy or K gy,  gw from <K x, gy> or <K gy, x>,  gb += sum over rows of gy. */
#include "kernels/conv.h"
#include "core/context.h"
#include "core/fail.h"
#include "graph/distribute.h"
#include "graph/halo.h"
#include "graph/ops/ops.h"

static ritz_index or_one(ritz_index value) { return value ? value : 1; }

static bool is_transposed(const ritz_node *node) { return node->op == &ritz_op_conv_transpose; }

/* Of K: its x is the larger field where stride > 1, whichever of the two the op computes. */
static ritz_status conv_shape_of(const ritz_node *node, ritz_conv_shape *shape) {
  const ritz_conv_options *options = node->attr;
  const ritz_window_options *window = &options->window;
  const ritz_node *x = node->in[0], *w = node->in[1];
  const int d = ritz_grid_dim(x);
  const bool transposed = is_transposed(node);
  ritz_index grid[3];
  *shape = (ritz_conv_shape){.dtype = node->graph->dtype,
                             .batch = x->shape.n[0],
                             .channels_out = w->shape.n[d + 1],
                             .groups = or_one(options->groups),
                             .direct = options->direct};
  RITZ_REQUIRE(shape->groups >= 1 && shape->channels_out % shape->groups == 0, RITZ_ERR_SHAPE,
               "%s: %td groups do not divide %td channels", node->op->name, shape->groups,
               shape->channels_out);
  shape->channels_in = w->shape.n[d] * shape->groups;
  for (int a = 0; a < d; a++) {
    const ritz_index stride = or_one(window->stride[a]), extra = options->extra[a];
    RITZ_REQUIRE(extra >= 0 && extra < (transposed ? stride : 1), RITZ_ERR_ARGUMENT,
                 "%s: axis %d: extra is %td, wanted 0 to %td", node->op->name, a, extra,
                 transposed ? stride - 1 : 0);
    grid[a] = x->shape.n[a + 1];
    if (transposed)
      grid[a] = (grid[a] - 1) * stride + or_one(window->dilation[a]) * (w->shape.n[a] - 1) + 1 +
                extra - window->low[a] - window->high[a];
  }
  return ritz_window_make(node->op->name, d, grid, w->shape.n, window, &shape->window);
}

static ritz_status conv_infer(ritz_node *node) {
  const ritz_node *x = node->in[0], *w = node->in[1];
  const int d = ritz_grid_dim(x);
  const bool transposed = is_transposed(node);
  const char *name = node->op->name;
  char have[128], weight[128];
  ritz_shape_text(&x->shape, have);
  ritz_shape_text(&w->shape, weight);
  RITZ_REQUIRE(d >= 1 && d <= 3, RITZ_ERR_SHAPE, "%s: x is %s, wanted [B, 1 to 3 grid axes, C]",
               name, have);
  RITZ_REQUIRE(w->shape.rank == d + 2, RITZ_ERR_SHAPE,
               "%s: x is %s, weight is %s, wanted [%d extents, channels, channels]", name, have,
               weight, d);
  ritz_conv_shape shape;
  RITZ_TRY(conv_shape_of(node, &shape));
  const ritz_index from = transposed ? shape.channels_out : shape.channels_in;
  const ritz_index to = transposed ? shape.channels_in : shape.channels_out;
  RITZ_REQUIRE(from == ritz_channels(x), RITZ_ERR_SHAPE,
               "%s: x is %s, weight is %s in %td groups: it takes %td channels", name, have, weight,
               shape.groups, from);
  RITZ_REQUIRE(node->arity == 2 || ritz_shape_count(&node->in[2]->shape) == to, RITZ_ERR_SHAPE,
               "%s: bias is %s, wanted [%td]", name, ritz_shape_text(&node->in[2]->shape, weight),
               to);
  node->shape = x->shape;
  for (int a = 0; a < d; a++) {
    const ritz_window_axis *axis = &shape.window.axis[3 - d + a];
    node->shape.n[a + 1] = transposed ? axis->in : axis->out;
  }
  node->shape.n[d + 1] = to;
  return RITZ_OK;
}

static ritz_status conv_plan(ritz_node *node, bool gradients) {
  ritz_conv_shape shape;
  ritz_convolution *conv;
  RITZ_TRY(conv_shape_of(node, &shape));
  RITZ_TRY(ritz_conv_create(&shape, gradients, node->graph->context->threads, &conv));
  node->state = conv;
  node->need.scratch = ritz_conv_scratch(conv);
  return ritz_halo_see_window(node->in[0], &shape.window, is_transposed(node));
}

static void conv_destroy(ritz_node *node) {
  ritz_convolution *conv = node->state;
  ritz_conv_destroy(&conv);
}

static const void *bias_of(const ritz_node *node) {
  return node->arity == 3 ? ritz_in(node, 2) : NULL;
}

static void conv_forward(const ritz_node *node) {
  ritz_conv_forward(node->state, false, ritz_in(node, 0), ritz_in(node, 1), bias_of(node),
                    node->value.data, node->scratch.data, ritz_halo_of(node->in[0], false));
}

static void transpose_forward(const ritz_node *node) {
  ritz_conv_adjoint(node->state, false, ritz_in(node, 0), ritz_in(node, 1), bias_of(node),
                    node->value.data, node->scratch.data, ritz_halo_of(node->in[0], false));
}

static void conv_vjp(const ritz_node *node) {
  const void *gy = node->gradient.data;
  if (ritz_gin(node, 0))
    ritz_conv_adjoint(node->state, node->add[0], gy, ritz_in(node, 1), NULL, ritz_gin(node, 0),
                      node->scratch.data, ritz_halo_of(node->in[0], true));
  ritz_conv_weight_gradient(node->state, ritz_in(node, 0), gy, ritz_gin(node, 1), node->add[1],
                            ritz_gin(node, 2), node->add[2], node->scratch.data);
}

static void transpose_vjp(const ritz_node *node) {
  const void *gy = node->gradient.data;
  if (ritz_gin(node, 0))
    ritz_conv_forward(node->state, node->add[0], gy, ritz_in(node, 1), NULL, ritz_gin(node, 0),
                      node->scratch.data, ritz_halo_of(node->in[0], true));
  ritz_conv_weight_gradient(node->state, gy, ritz_in(node, 0), ritz_gin(node, 1), node->add[1],
                            NULL, false, node->scratch.data);
  if (ritz_gin(node, 2))
    ritz_conv_bias_gradient(node->state, node->add[2], ritz_rows(node), ritz_channels(node), gy,
                            ritz_gin(node, 2), node->scratch.data);
}

/* The op on whole fields, and how its result is split. */
static ritz_status infer_split(const ritz_addition *a, ritz_node *whole, ritz_conv_shape *shape,
                               ritz_layout **out) {
  RITZ_TRY(ritz_infer_whole(a, whole));
  RITZ_TRY(conv_shape_of(whole, shape));
  return ritz_layout_for(a->graph, a->in[0]->layout, &whole->shape, out);
}

static ritz_var conv_add_split(const ritz_addition *a) {
  const ritz_conv_options *options = a->attr;
  ritz_conv_options local = *options;
  ritz_conv_shape shape;
  ritz_layout *out;
  ritz_node whole;
  if (!a->in[0] || !a->in[0]->layout) return ritz_add_gathered(a);
  const ritz_status status = infer_split(a, &whole, &shape, &out);
  if (status != RITZ_OK) return ritz_graph_latch(a->graph, status);
  ritz_var in[3] = {a->in[0], a->in[1], a->arity > 2 ? a->in[2] : NULL}, y;
  if (ritz_layout_has_empty(out)) {
    y = ritz_add_gathered(a);
  } else {
    ritz_close_margins(out, &local.window);
    in[0] = ritz_fetch_windows(a->graph, in[0], &shape.window, out);
    y = ritz_boxes_as_parts(ritz_add_as(a, in, &local), out, whole.shape);
  }
  ritz_layout_destroy(&out);
  return y;
}

/* Outputs [first, end) of the adjoint along an axis come from the points that reach them: at
 * stride s of [*from, *from + *count), whose own outputs begin *before points earlier. */
static void reach_back(const ritz_window_axis *w, ritz_index first, ritz_index end,
                       ritz_index *from, ritz_index *count, ritz_index *before) {
  const ritz_index span = w->dilation * (w->kernel - 1), s = w->stride;
  const ritz_index low = first + w->low - span, high = end - 1 + w->low;
  *from = low >= 0 ? low / s : -((s - 1 - low) / s);
  *count = (high + s - 1) / s - *from + 1;
  *before = first + w->low - *from * s;
}

/* What leaves the grid of y is lost, or comes back where x is one period too. */
static bool adjoint_is_local(const ritz_window_axis *w) {
  const bool margins = w->low > 0 || w->high > 0;
  return !margins || w->boundary == RITZ_BOUNDARY_ZERO ||
         (w->boundary == RITZ_BOUNDARY_PERIODIC && w->in == w->out * w->stride);
}

/* x with its neighbours -> K^T without margins -> the part of it that is wanted. */
static ritz_var transpose_boxes(const ritz_addition *a, const ritz_window *window, ritz_layout *out,
                                const ritz_shape *whole) {
  ritz_conv_options local = *(const ritz_conv_options *)a->attr;
  ritz_index before[3] = {0}, after[3] = {0}, from, count;
  ritz_reach reach[3];
  const ritz_status status = ritz_reach_all(a->graph, a->in[0]->layout, reach);
  if (status != RITZ_OK) return ritz_graph_latch(a->graph, status);
  ritz_close_margins(out, &local.window);
  for (int i = 0; i < out->dim; i++) {
    const ritz_window_axis *w = &window->axis[3 - out->dim + i];
    if (out->ranks[i] == 1) continue;
    local.extra[i] = 0;
    if (w->boundary == RITZ_BOUNDARY_PERIODIC && (w->low || w->high))
      reach[i].boundary = RITZ_BOUNDARY_PERIODIC;
    for (int r = 0; r < out->ranks[i]; r++) {
      const ritz_index *o = out->offset[i] + r;
      reach_back(w, o[0], o[1], &reach[i].first[r], &reach[i].count[r], &before[i]);
    }
    const ritz_index *own = out->offset[i] + out->place[i];
    reach_back(w, own[0], own[1], &from, &count, &before[i]);
    const ritz_index points = (count - 1) * w->stride + w->dilation * (w->kernel - 1) + 1;
    after[i] = points - before[i] - (own[1] - own[0]);
  }
  const ritz_var in[3] = {ritz_fetch(a->graph, a->in[0], reach), a->in[1],
                          a->arity > 2 ? a->in[2] : NULL};
  ritz_var y = ritz_crop(a->graph, ritz_add_as(a, in, &local), before, after);
  if (y) y->moves = true;
  return ritz_boxes_as_parts(y, out, *whole);
}

static ritz_var transpose_add_split(const ritz_addition *a) {
  ritz_conv_shape shape;
  ritz_layout *out;
  ritz_node whole;
  if (!a->in[0] || !a->in[0]->layout) return ritz_add_gathered(a);
  const ritz_status status = infer_split(a, &whole, &shape, &out);
  if (status != RITZ_OK) return ritz_graph_latch(a->graph, status);
  bool local = !ritz_layout_has_empty(out);
  for (int i = 0; i < out->dim; i++)
    local = local && (out->ranks[i] == 1 || adjoint_is_local(&shape.window.axis[3 - out->dim + i]));
  ritz_var y = local ? transpose_boxes(a, &shape.window, out, &whole.shape) : ritz_add_gathered(a);
  ritz_layout_destroy(&out);
  return y;
}

static double conv_flops(const ritz_node *node) { return ritz_conv_flops(node->state); }

const ritz_op ritz_op_conv = {
    .name = "conv",
    .distribution = RITZ_HALO,
    .reads_in = 1u << 0 | 1u << 1,
    .meets_halo = true,
    .infer = conv_infer,
    .add_split = conv_add_split,
    .plan = conv_plan,
    .destroy = conv_destroy,
    .forward = conv_forward,
    .vjp = conv_vjp,
    .flops = conv_flops,
};

const ritz_op ritz_op_conv_transpose = {
    .name = "conv_transpose",
    .distribution = RITZ_HALO,
    .reads_in = 1u << 0 | 1u << 1,
    .meets_halo = true,
    .infer = conv_infer,
    .add_split = transpose_add_split,
    .plan = conv_plan,
    .destroy = conv_destroy,
    .forward = transpose_forward,
    .vjp = transpose_vjp,
    .flops = conv_flops,
};

static ritz_var add_conv(ritz_graph *graph, const ritz_op *op, ritz_var x, ritz_var w, ritz_var b,
                         const ritz_conv_options *options) {
  const ritz_conv_options attr = options ? *options : (ritz_conv_options){0};
  ritz_graph_latch(graph, ritz_reserved_check(attr.reserved, "convolution options"));
  ritz_graph_latch(graph, ritz_reserved_check(attr.window.reserved, "window options"));
  return ritz_graph_add(graph, op, b ? 3 : 2, (ritz_var[]){x, w, b}, &attr, sizeof attr);
}

ritz_var ritz_conv(ritz_graph *graph, ritz_var x, ritz_var w, ritz_var bias,
                   const ritz_conv_options *options) {
  return add_conv(graph, &ritz_op_conv, x, w, bias, options);
}

ritz_var ritz_conv_transpose(ritz_graph *graph, ritz_var x, ritz_var w, ritz_var bias,
                             const ritz_conv_options *options) {
  return add_conv(graph, &ritz_op_conv_transpose, x, w, bias, options);
}
