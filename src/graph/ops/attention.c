/* SPDX-License-Identifier: BSD-3-Clause
 * Softmax attention over all tokens of a sample or over those of windows (kernels/attention.h).
 *
 * Operands: q, k, v, then bias and log_scale where given. q of rank 2 is one set of queries for all
 * samples (and windows). */
#include "graph/ops/attention_op.h"

#include "graph/ops/attention_split.h"

#include <math.h>
#include <string.h>

#include "core/context.h"
#include "core/fail.h"
#include "core/memory.h"
#include "dist/traffic.h"
#include "graph/distribute.h"

typedef struct attention_state {
  ritz_attention_plan plan;
  ritz_attention_split *split; /* keys are spread over ranks; NULL: all are here */
  ritz_windows windows;
  int *pair; /* [keys][queries] row of a dense bias */
} attention_state;

/* A tensor's tokens: all axes but batch and channels. */
static ritz_index tokens_of(const ritz_shape *shape) {
  ritz_index count = 1;
  for (int i = shape->rank == 2 ? 0 : 1; i < shape->rank - 1; i++) count *= shape->n[i];
  return count;
}

static int bias_operand(const ritz_attention_attr *attr) { return attr->bias ? 3 : -1; }
static int log_scale_operand(const ritz_attention_attr *attr) {
  return attr->cosine ? 3 + attr->bias : -1;
}

ritz_status ritz_attention_check_bias(const ritz_node *node, ritz_index pairs) {
  const ritz_attention_attr *attr = node->attr;
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

ritz_status ritz_attention_check(const ritz_node *node) {
  const ritz_attention_attr *attr = node->attr;
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
  RITZ_REQUIRE(
      ritz_attention_is_shared(q) || (q->shape.rank >= 3 && q->shape.n[0] == k->shape.n[0]),
      RITZ_ERR_SHAPE, "%s: q is %s, k is %s, wanted the same batch", name,
      ritz_shape_text(&q->shape, a), ritz_shape_text(&k->shape, b));
  RITZ_REQUIRE(isfinite(attr->scale), RITZ_ERR_ARGUMENT, "%s: scale is %g", name, attr->scale);
  return RITZ_OK;
}

static ritz_status attention_infer(ritz_node *node) {
  const ritz_node *q = node->in[0], *k = node->in[1], *v = node->in[2];
  RITZ_TRY(ritz_attention_check(node));
  RITZ_TRY(ritz_attention_check_bias(node, tokens_of(&q->shape) * tokens_of(&k->shape)));
  node->shape =
      ritz_attention_is_shared(q) ? RITZ_SHAPE(k->shape.n[0], q->shape.n[0], 0) : q->shape;
  node->shape.n[node->shape.rank - 1] = ritz_channels(v);
  return RITZ_OK;
}

/* -- Planning and running ---------------------------------------------------------------------- */

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
  const ritz_attention_attr *attr = node->attr;
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
                                .query = {.rows = ritz_attention_is_shared(q) ? 0 : queries},
                                .key = {.rows = keys},
                                .cosine = attr->cosine,
                                .scale = attr->scale};
  attention_state *state;
  RITZ_TRY(RITZ_NEW(1, &state));
  node->state = state;
  if (shape.scale == 0) shape.scale = 1 / sqrt((double)shape.width);
  if (node->op == &ritz_op_window_attention)
    RITZ_TRY(ritz_window_attention_plan(node, &state->windows, &shape));
  else if (attr->bias)
    RITZ_TRY(plan_dense_bias(state, &shape));
  state->plan = ritz_attention_make(&shape);
  const bool spread = node->op == &ritz_op_attention && k->layout;
  if (spread && ritz_comm_size(ritz_layout_comm(k->layout)) > 1)
    return ritz_attention_split_plan(node, &shape, gradients, &state->split);
  node->need.saved = ritz_attention_saved_bytes(&state->plan);
  node->need.scratch =
      ritz_attention_scratch_bytes(&state->plan, gradients, node->graph->context->threads);
  return RITZ_OK;
}

static void attention_destroy(ritz_node *node) {
  attention_state *state = node->state;
  if (!state) return;
  ritz_attention_split_destroy(&state->split);
  ritz_windows_release(&state->windows);
  ritz_free(state->pair);
  ritz_free(state);
}

static ritz_attention_fields fields_of(const ritz_node *node) {
  const ritz_attention_attr *attr = node->attr;
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
  if (state->split)
    ritz_attention_split_forward(state->split, node, f);
  else if (state->plan.shape.queries > 0)
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

/* No query is here to give any. */
static void clear_gradients(const ritz_node *node, const bool add[3]) {
  for (int i = 0; i < node->arity; i++)
    if (ritz_gin(node, i) && !(i < 3 ? add[i] : node->add[i]))
      memset(ritz_gin(node, i), 0,
             (size_t)ritz_shape_count(&node->in[i]->shape) * ritz_number_size(node));
}

static void attention_vjp(const ritz_node *node) {
  const ritz_attention_attr *attr = node->attr;
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
  if (state->split)
    ritz_attention_split_vjp(state->split, node, f);
  else if (state->plan.shape.queries > 0)
    ritz_attention_vjp(&state->plan, &f, node->scratch.data, node->graph->context->threads);
  else
    clear_gradients(node, add);
}

/* Queries of a part meet all keys where all ranks have those, else the ring's or the own ones
 * (attention_split.h). A bias has a row for each pair of tokens of the whole grid. */
static ritz_var attention_add_split(const ritz_addition *a) {
  const ritz_attention_attr *attr = a->attr;
  ritz_var in[RITZ_MAX_INPUTS];
  for (int i = 0; i < a->arity; i++) in[i] = a->in[i];
  ritz_layout *keys = ritz_layout_of_operands(2, in + 1);
  if (attr->bias || !in[0] || !in[1] || !in[2]) return ritz_add_gathered(a);
  for (int i = 1; keys && i < 3; i++) in[i] = ritz_split_like(a->graph, in[i], keys);
  const ritz_var y = ritz_add_as(a, in, attr);
  return in[0]->layout ? ritz_split_node(y, in[0]->layout, 1) : y;
}

static void attention_traffic(const ritz_node *node, bool backward, ritz_traffic *traffic) {
  const attention_state *state = node->state;
  if (state->split) ritz_attention_split_traffic(state->split, node, backward, traffic);
}

/* Of a ring: with the keys of all ranks. */
static ritz_index keys_met(const attention_state *state) {
  ritz_index keys = state->split ? 0 : state->plan.shape.keys;
  for (int b = 0; state->split && b < state->split->blocks; b++)
    keys += state->split->plan[b].shape.keys;
  return keys;
}

static double attention_flops(const ritz_node *node) {
  const ritz_attention_shape *s = &((const attention_state *)node->state)->plan.shape;
  return 2.0 * (double)(s->samples * s->windows * s->heads) *
         (double)(s->queries * keys_met(node->state)) * (double)(s->width + s->value_width);
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
                                     .flops = attention_flops,     \
                                     .traffic = attention_traffic}
RITZ_ATTENTION(attention, attention_infer, attention_add_split);
RITZ_ATTENTION(window_attention, ritz_window_attention_infer, ritz_window_attention_add_split);

void ritz_attention_options_defaults(ritz_attention_options *options) {
  *options = (ritz_attention_options){.heads = 1};
}

static ritz_var add_attention(ritz_graph *graph, const ritz_op *op, ritz_var q, ritz_var k,
                              ritz_var v, const ritz_attention_options *options,
                              const ritz_attention_windows *windows) {
  ritz_attention_options given;
  ritz_attention_options_defaults(&given);
  if (options) given = *options;
  ritz_attention_attr attr = {.heads = given.heads,
                              .scale = given.scale,
                              .bias = given.bias != RITZ_NO_VAR,
                              .cosine = given.log_scale != RITZ_NO_VAR};
  if (windows) attr.windows = *windows;
  ritz_graph_latch(graph, ritz_reserved_check(given.reserved, "attention options"));
  ritz_graph_latch(graph, ritz_reserved_check(attr.windows.reserved, "attention windows"));
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
