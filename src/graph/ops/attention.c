/* SPDX-License-Identifier: BSD-3-Clause
 * Softmax attention over all tokens of a sample or over those of windows (kernels/attention.h).
 *
 * Operands: q, k, v, then bias and log_scale where given. q of rank 2 is one set of queries for all
 * samples (and windows). */
#include "kernels/attention.h"

#include <math.h>
#include <string.h>

#include "core/context.h"
#include "core/fail.h"
#include "core/memory.h"
#include "graph/distribute.h"
#include "graph/ops/ops.h"
#include "kernels/windows.h"

typedef struct attention_attr {
  ritz_index heads;
  double scale;
  bool bias, cosine;
  ritz_attention_windows windows; /* window attention */
} attention_attr;

typedef struct attention_state {
  ritz_attention_plan plan;
  ritz_windows windows;
  int *pair; /* [keys][queries] row of a dense bias */
} attention_state;

/* A tensor's tokens: all axes but batch and channels. */
static ritz_index tokens_of(const ritz_shape *shape) {
  ritz_index count = 1;
  for (int i = shape->rank == 2 ? 0 : 1; i < shape->rank - 1; i++) count *= shape->n[i];
  return count;
}

static bool is_shared(const ritz_node *query) { return query->shape.rank == 2; }

static int bias_operand(const attention_attr *attr) { return attr->bias ? 3 : -1; }
static int log_scale_operand(const attention_attr *attr) {
  return attr->cosine ? 3 + attr->bias : -1;
}

static ritz_status check_bias(const ritz_node *node, ritz_index pairs) {
  const attention_attr *attr = node->attr;
  char text[128];
  if (attr->bias) {
    const ritz_node *bias = node->in[bias_operand(attr)];
    RITZ_REQUIRE(
        ritz_channels(bias) == attr->heads && ritz_shape_count(&bias->shape) == pairs * attr->heads,
        RITZ_ERR_SHAPE, "%s: bias is %s, wanted %td rows of %td heads", node->op->name,
        ritz_shape_text(&bias->shape, text), pairs, attr->heads);
  }
  if (attr->cosine) {
    const ritz_node *log_scale = node->in[log_scale_operand(attr)];
    RITZ_REQUIRE(ritz_shape_count(&log_scale->shape) == attr->heads, RITZ_ERR_SHAPE,
                 "%s: log_scale is %s, wanted one number for each of %td heads", node->op->name,
                 ritz_shape_text(&log_scale->shape, text), attr->heads);
  }
  return RITZ_OK;
}

/* What holds for both: channels, heads, batch; k and v side by side. */
static ritz_status check_operands(const ritz_node *node) {
  const attention_attr *attr = node->attr;
  const ritz_node *q = node->in[0], *k = node->in[1], *v = node->in[2];
  const char *name = node->op->name;
  char a[128], b[128];
  RITZ_REQUIRE(attr->heads >= 1 && ritz_channels(q) % attr->heads == 0 &&
                   ritz_channels(v) % attr->heads == 0,
               RITZ_ERR_SHAPE, "%s: %td heads do not divide q %s and v %s", name, attr->heads,
               ritz_shape_text(&q->shape, a), ritz_shape_text(&v->shape, b));
  RITZ_REQUIRE(ritz_channels(q) == ritz_channels(k), RITZ_ERR_SHAPE,
               "%s: q is %s, k is %s, wanted as many channels", name, ritz_shape_text(&q->shape, a),
               ritz_shape_text(&k->shape, b));
  bool beside = k->shape.rank >= 3 && k->shape.rank == v->shape.rank;
  for (int i = 0; beside && i < k->shape.rank - 1; i++) beside = k->shape.n[i] == v->shape.n[i];
  RITZ_REQUIRE(beside, RITZ_ERR_SHAPE, "%s: k is %s, v is %s, wanted the same tokens", name,
               ritz_shape_text(&k->shape, a), ritz_shape_text(&v->shape, b));
  RITZ_REQUIRE(is_shared(q) || (q->shape.rank >= 3 && q->shape.n[0] == k->shape.n[0]),
               RITZ_ERR_SHAPE, "%s: q is %s, k is %s, wanted the same batch", name,
               ritz_shape_text(&q->shape, a), ritz_shape_text(&k->shape, b));
  RITZ_REQUIRE(isfinite(attr->scale), RITZ_ERR_ARGUMENT, "%s: scale is %g", name, attr->scale);
  return RITZ_OK;
}

static ritz_status attention_infer(ritz_node *node) {
  const ritz_node *q = node->in[0], *k = node->in[1], *v = node->in[2];
  RITZ_TRY(check_operands(node));
  RITZ_TRY(check_bias(node, tokens_of(&q->shape) * tokens_of(&k->shape)));
  node->shape = is_shared(q) ? RITZ_SHAPE(k->shape.n[0], q->shape.n[0], 0) : q->shape;
  node->shape.n[node->shape.rank - 1] = ritz_channels(v);
  return RITZ_OK;
}

/* -- Windows ---------------------------------------------------------------------------------- */

static int window_dim(const attention_attr *attr) {
  int dim = 0;
  while (dim < 3 && attr->windows.window[dim] > 0) dim++;
  return dim;
}

/* A field on the grid, not tokens of its windows. */
static bool on_grid(const attention_attr *attr, const ritz_node *operand) {
  return operand->shape.rank == window_dim(attr) + 2 && !is_shared(operand);
}

static ritz_windows_shape windows_shape(const ritz_node *node) {
  const attention_attr *attr = node->attr;
  ritz_windows_shape shape = {.dim = window_dim(attr)};
  const ritz_node *field = node->in[on_grid(attr, node->in[0]) ? 0 : 1];
  for (int a = 0; a < shape.dim; a++) {
    shape.grid[a] = field->shape.n[a + 1];
    shape.window[a] = attr->windows.window[a];
    shape.shift[a] = attr->windows.shift[a];
  }
  return shape;
}

static ritz_status check_window(const ritz_node *node, const ritz_windows_shape *w, int axis) {
  RITZ_REQUIRE(w->grid[axis] % w->window[axis] == 0, RITZ_ERR_SHAPE,
               "window_attention: windows of %td points do not divide the %td of axis %d",
               w->window[axis], w->grid[axis], axis);
  RITZ_REQUIRE(
      w->shift[axis] >= 0 && w->shift[axis] < w->window[axis], RITZ_ERR_ARGUMENT,
      "window_attention: shift is %td along axis %d, wanted 0 to less than the window, %td",
      w->shift[axis], axis, w->window[axis]);
  const attention_attr *attr = node->attr;
  char text[128];
  for (int i = 0; i < 2; i++) {
    const ritz_node *in = node->in[i];
    if (is_shared(in)) continue;
    const ritz_index extent = w->grid[axis] / (on_grid(attr, in) ? 1 : w->window[axis]);
    RITZ_REQUIRE(in->shape.n[axis + 1] == extent, RITZ_ERR_SHAPE,
                 "window_attention: %c is %s, wanted %td along axis %d", i ? 'k' : 'q',
                 ritz_shape_text(&in->shape, text), extent, axis);
  }
  return RITZ_OK;
}

static ritz_status window_infer(ritz_node *node) {
  const attention_attr *attr = node->attr;
  const ritz_node *q = node->in[0], *k = node->in[1], *v = node->in[2];
  const int dim = window_dim(attr);
  char a[128], b[128];
  RITZ_TRY(check_operands(node));
  RITZ_REQUIRE(dim >= 1, RITZ_ERR_ARGUMENT, "window_attention: no window");
  RITZ_REQUIRE((on_grid(attr, q) || on_grid(attr, k)) &&
                   (on_grid(attr, q) || is_shared(q) || q->shape.rank == dim + 3) &&
                   (on_grid(attr, k) || k->shape.rank == dim + 3),
               RITZ_ERR_SHAPE,
               "window_attention: q is %s, k is %s, wanted fields on a grid of %d axes, one of "
               "them perhaps tokens of its windows",
               ritz_shape_text(&q->shape, a), ritz_shape_text(&k->shape, b), dim);
  const ritz_windows_shape w = windows_shape(node);
  ritz_index pairs = 1;
  bool shifted = false;
  for (int i = 0; i < dim; i++) {
    RITZ_TRY(check_window(node, &w, i));
    pairs *= 2 * w.window[i] - 1;
    shifted = shifted || w.shift[i];
  }
  const bool within = on_grid(attr, q) && on_grid(attr, k);
  RITZ_REQUIRE(within || !attr->bias, RITZ_ERR_ARGUMENT,
               "window_attention: a bias by position needs q and k on the grid");
  RITZ_REQUIRE(within || !shifted || attr->windows.periodic, RITZ_ERR_ARGUMENT,
               "window_attention: tokens of shifted windows need a periodic grid");
  RITZ_TRY(check_bias(node, pairs));
  node->shape = is_shared(q) ? (ritz_shape){.rank = dim + 3} : q->shape;
  if (is_shared(q)) {
    node->shape.n[0] = k->shape.n[0];
    for (int i = 0; i < dim; i++) node->shape.n[i + 1] = w.grid[i] / w.window[i];
    node->shape.n[dim + 1] = q->shape.n[0];
  }
  node->shape.n[node->shape.rank - 1] = ritz_channels(v);
  return RITZ_OK;
}

/* How the windows are split: as their tokens are, or else the field's grid. */
static ritz_status layout_of_windows(const ritz_addition *a, const ritz_node *whole,
                                     ritz_layout **out) {
  const ritz_windows_shape w = windows_shape(whole);
  for (int i = 0; i < 3; i++)
    if (a->in[i]->layout && !on_grid(whole->attr, a->in[i])) {
      *out = ritz_layout_retain(a->in[i]->layout);
      return RITZ_OK;
    }
  ritz_shape windows = {.rank = w.dim + 2, .n = {1, 1, 1, 1, 1}};
  for (int i = 0; i < w.dim; i++) windows.n[i + 1] = w.grid[i] / w.window[i];
  return ritz_layout_for(a->graph, ritz_layout_of_operands(3, a->in), &windows, out);
}

/* Each rank has whole windows, unless they are too few or shifted. */
static ritz_status split_windows(const ritz_addition *a, ritz_layout **windows,
                                 ritz_layout **points, ritz_var *out) {
  const attention_attr *attr = a->attr;
  ritz_node whole;
  RITZ_TRY(ritz_infer_whole(a, &whole));
  const ritz_windows_shape w = windows_shape(&whole);
  RITZ_TRY(layout_of_windows(a, &whole, windows));
  if (ritz_layout_has_empty(*windows) || w.shift[0] || w.shift[1] || w.shift[2]) {
    *out = ritz_add_gathered(a);
    return RITZ_OK;
  }
  RITZ_TRY(ritz_layout_scale(*windows, w.grid, points));
  ritz_var in[RITZ_MAX_INPUTS];
  for (int i = 0; i < a->arity; i++) in[i] = a->in[i];
  for (int i = 0; i < 3; i++) {
    if (is_shared(in[i])) continue;
    in[i] = ritz_split_like(a->graph, in[i], on_grid(attr, in[i]) ? *points : *windows);
    for (int j = 0; j < i; j++)
      if (a->in[j] == a->in[i]) in[i] = in[j];
  }
  const bool field = on_grid(attr, a->in[0]);
  *out = ritz_split_node(ritz_add_as(a, in, attr), field ? *points : *windows, 1);
  return RITZ_OK;
}

static ritz_var window_add_split(const ritz_addition *a) {
  ritz_layout *windows = NULL, *points = NULL;
  ritz_var y = RITZ_NO_VAR;
  const ritz_status status = split_windows(a, &windows, &points, &y);
  ritz_layout_destroy(&windows);
  ritz_layout_destroy(&points);
  return status == RITZ_OK ? y : ritz_graph_latch(a->graph, status);
}

/* -- Planning and running -----------------------------------------------------------------------
 */

static ritz_status plan_windows(const ritz_node *node, attention_state *state,
                                ritz_attention_shape *shape) {
  const attention_attr *attr = node->attr;
  const ritz_windows_shape w = windows_shape(node);
  RITZ_TRY(ritz_windows_init(&w, &state->windows));
  const ritz_windows *windows = &state->windows;
  const bool q_on_grid = on_grid(attr, node->in[0]), k_on_grid = on_grid(attr, node->in[1]);
  shape->windows = windows->count;
  if (!is_shared(node->in[0])) shape->queries /= windows->count;
  shape->keys /= windows->count;
  if (q_on_grid) shape->query.row = windows->row;
  if (k_on_grid) shape->key.row = windows->row;
  if (q_on_grid && k_on_grid && !attr->windows.periodic) {
    shape->label = windows->label;
    shape->mixed = windows->mixed;
  }
  if (attr->bias) {
    shape->biases = windows->offsets;
    shape->bias_row = windows->offset;
  }
  return RITZ_OK;
}

static ritz_status plan_dense_bias(attention_state *state, ritz_attention_shape *shape) {
  RITZ_REQUIRE(shape->queries < INT32_MAX / shape->keys, RITZ_ERR_SHAPE,
               "attention: a bias of %td x %td pairs is too large", shape->queries, shape->keys);
  shape->biases = shape->queries * shape->keys;
  RITZ_TRY(RITZ_NEW(shape->biases, &state->pair));
  for (ritz_index j = 0; j < shape->keys; j++)
    for (ritz_index i = 0; i < shape->queries; i++)
      state->pair[j * shape->queries + i] = (int)(i * shape->keys + j);
  shape->bias_row = state->pair;
  return RITZ_OK;
}

static ritz_status attention_plan(ritz_node *node, bool gradients) {
  const attention_attr *attr = node->attr;
  const ritz_node *q = node->in[0], *k = node->in[1], *v = node->in[2];
  const ritz_index queries = tokens_of(&q->shape), keys = tokens_of(&k->shape);
  ritz_attention_shape shape = {.dtype = node->graph->dtype,
                                .samples = k->shape.n[0],
                                .windows = 1,
                                .heads = attr->heads,
                                .queries = queries,
                                .keys = keys,
                                .width = ritz_channels(q) / attr->heads,
                                .value_width = ritz_channels(v) / attr->heads,
                                .query = {.rows = is_shared(q) ? 0 : queries},
                                .key = {.rows = keys},
                                .cosine = attr->cosine,
                                .scale = attr->scale};
  attention_state *state;
  RITZ_TRY(RITZ_NEW(1, &state));
  node->state = state;
  if (shape.scale == 0) shape.scale = 1 / sqrt((double)shape.width);
  if (node->op == &ritz_op_window_attention)
    RITZ_TRY(plan_windows(node, state, &shape));
  else if (attr->bias)
    RITZ_TRY(plan_dense_bias(state, &shape));
  state->plan = ritz_attention_make(&shape);
  node->need.saved = ritz_attention_saved_bytes(&state->plan);
  node->need.scratch =
      ritz_attention_scratch_bytes(&state->plan, gradients, node->graph->context->threads);
  return RITZ_OK;
}

static void attention_destroy(ritz_node *node) {
  attention_state *state = node->state;
  if (!state) return;
  ritz_windows_release(&state->windows);
  ritz_free(state->pair);
  ritz_free(state);
}

static ritz_attention_fields fields_of(const ritz_node *node) {
  const attention_attr *attr = node->attr;
  ritz_attention_fields f = {.q = ritz_in(node, 0),
                             .k = ritz_in(node, 1),
                             .v = ritz_in(node, 2),
                             .out = node->value.data,
                             .saved = node->saved.data};
  if (attr->bias) f.bias = ritz_in(node, bias_operand(attr));
  if (attr->cosine) f.log_scale = ritz_in(node, log_scale_operand(attr));
  return f;
}

static void attention_forward(const ritz_node *node) {
  const attention_state *state = node->state;
  const ritz_attention_fields f = fields_of(node);
  ritz_attention_forward(&state->plan, &f, node->scratch.data, node->graph->context->threads);
}

/* One value as several of q, k and v: its gradient is cleared, if it must be, and added to. */
static void clear_common_gradients(const ritz_node *node, bool add[3]) {
  const ritz_node *const *in = (const ritz_node *const *)node->in;
  for (int i = 0; i < 3; i++) add[i] = node->add[i];
  for (int i = 0; i < 3; i++) {
    const bool common = in[i] == in[(i + 1) % 3] || in[i] == in[(i + 2) % 3];
    void *gradient = ritz_gin(node, i);
    if (!common || add[i] || !gradient) continue;
    memset(gradient, 0, (size_t)ritz_shape_count(&in[i]->shape) * ritz_number_size(node));
    for (int j = 0; j < 3; j++) add[j] = add[j] || in[j] == in[i];
  }
}

static void attention_vjp(const ritz_node *node) {
  const attention_attr *attr = node->attr;
  const attention_state *state = node->state;
  ritz_attention_fields f = fields_of(node);
  bool add[3];
  clear_common_gradients(node, add);
  f.gout = node->gradient.data;
  f.gq = ritz_gin(node, 0), f.add_q = add[0];
  f.gk = ritz_gin(node, 1), f.add_k = add[1];
  f.gv = ritz_gin(node, 2), f.add_v = add[2];
  if (attr->bias) {
    f.gbias = ritz_gin(node, bias_operand(attr));
    f.add_bias = node->add[bias_operand(attr)];
  }
  if (attr->cosine) {
    f.glog_scale = ritz_gin(node, log_scale_operand(attr));
    f.add_log_scale = node->add[log_scale_operand(attr)];
  }
  ritz_attention_vjp(&state->plan, &f, node->scratch.data, node->graph->context->threads);
}

static double attention_flops(const ritz_node *node) {
  const ritz_attention_shape *s = &((const attention_state *)node->state)->plan.shape;
  return 2.0 * (double)(s->samples * s->windows * s->heads) * (double)(s->queries * s->keys) *
         (double)(s->width + s->value_width);
}

/* reads_in: all operands. */
#define RITZ_ATTENTION(op_name, infer_, add_split_)                \
  const ritz_op ritz_op_##op_name = {.name = #op_name,             \
                                     .distribution = RITZ_REDUCE,  \
                                     .reads_in = 31,               \
                                     .reads_out = true,            \
                                     .infer = infer_,              \
                                     .add_split = add_split_,      \
                                     .plan = attention_plan,       \
                                     .destroy = attention_destroy, \
                                     .forward = attention_forward, \
                                     .vjp = attention_vjp,         \
                                     .flops = attention_flops}
RITZ_ATTENTION(attention, attention_infer, NULL);
RITZ_ATTENTION(window_attention, window_infer, window_add_split);

void ritz_attention_options_defaults(ritz_attention_options *options) {
  *options = (ritz_attention_options){.heads = 1};
}

static ritz_var add_attention(ritz_graph *graph, const ritz_op *op, ritz_var q, ritz_var k,
                              ritz_var v, const ritz_attention_options *options,
                              const ritz_attention_windows *windows) {
  ritz_attention_options given;
  ritz_attention_options_defaults(&given);
  if (options) given = *options;
  attention_attr attr = {.heads = given.heads,
                         .scale = given.scale,
                         .bias = given.bias != RITZ_NO_VAR,
                         .cosine = given.log_scale != RITZ_NO_VAR};
  if (windows) attr.windows = *windows;
  ritz_var in[RITZ_MAX_INPUTS] = {q, k, v};
  int arity = 3;
  if (attr.bias) in[arity++] = given.bias;
  if (attr.cosine) in[arity++] = given.log_scale;
  return ritz_graph_add(graph, op, arity, in, &attr, sizeof attr);
}

ritz_var ritz_attention(ritz_graph *graph, ritz_var q, ritz_var k, ritz_var v,
                        const ritz_attention_options *options) {
  return add_attention(graph, &ritz_op_attention, q, k, v, options, NULL);
}

ritz_var ritz_window_attention(ritz_graph *graph, ritz_var q, ritz_var k, ritz_var v,
                               const ritz_attention_options *options,
                               const ritz_attention_windows *windows) {
  return add_attention(graph, &ritz_op_window_attention, q, k, v, options, windows);
}
