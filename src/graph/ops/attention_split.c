/* SPDX-License-Identifier: BSD-3-Clause */
#include "graph/ops/attention_split.h"

#include <math.h>
#include <string.h>

#include "core/context.h"
#include "core/fail.h"
#include "core/memory.h"
#include "dist/traffic.h"
#include "graph/distribute.h"

/* -- Plan -------------------------------------------------------------------------------------- */

/* The rank whose keys are block @p block here, or that has the own keys as that. */
static int rank_of(const ritz_attention_split *s, int block) {
  return (s->own - block + s->ranks) % s->ranks;
}
static int reader_of(const ritz_attention_split *s, int block) {
  return (s->own + block) % s->ranks;
}

static ritz_status plan_blocks(ritz_attention_split *s, const ritz_node *node,
                               const ritz_attention_shape *own) {
  const ritz_layout *layout = node->in[1]->layout;
  const size_t size = ritz_dtype_size(own->dtype);
  RITZ_TRY(ritz_calloc(s->blocks, sizeof *s->plan, (void **)&s->plan));
  for (int i = 0; i < 2; i++) RITZ_TRY(RITZ_NEW(s->blocks, &s->bytes[i]));
  for (int b = 0; b < s->blocks; b++) {
    ritz_attention_shape shape = *own;
    shape.keys = shape.key.rows = ritz_layout_points(layout, rank_of(s, b));
    s->plan[b] = ritz_attention_make(&shape);
    const size_t rows = (size_t)(shape.samples * shape.keys * shape.heads) * size;
    s->bytes[0][b] = rows * (size_t)shape.width;
    s->bytes[1][b] = rows * (size_t)shape.value_width;
    const size_t room = ritz_aligned(s->bytes[0][b]) + ritz_aligned(s->bytes[1][b]);
    if (room > s->room) s->room = room;
  }
  return RITZ_OK;
}

/* Queries of all samples and heads: numbers of a row of peaks. */
static ritz_index rows_of(const ritz_attention_shape *s) {
  return s->samples * s->heads * s->queries;
}

/* Two blocks that come, and the result of one, or what goes back and what comes back. */
static size_t ring_bytes(const ritz_attention_split *s, bool gradients) {
  const size_t result = s->out_bytes + ritz_aligned(ritz_attention_saved_bytes(s->plan));
  return 2 * s->room + (gradients && 2 * s->room > result ? 2 * s->room : result);
}

/* Peaks of all ranks, and the weighted result beside its weights. */
static size_t sum_bytes(const ritz_attention_split *s) {
  const ritz_attention_shape *shape = &s->plan->shape;
  const size_t rows = (size_t)rows_of(shape);
  return ritz_aligned(rows * sizeof(double)) +
         ritz_aligned(rows * (size_t)(shape->value_width + 1) * ritz_dtype_size(shape->dtype));
}

static ritz_status make_transfer(ritz_attention_split *s) {
  ritz_message message[4];
  for (int i = 0; i < 4; i++)
    message[i] = (ritz_message){.out_bytes = (ritz_index)s->room, .in_bytes = (ritz_index)s->room};
  return ritz_transfer_create(s->comm, 4, message, &s->transfer);
}

ritz_status ritz_attention_split_plan(ritz_node *node, const ritz_attention_shape *shape,
                                      bool gradients, ritz_attention_split **out) {
  const int threads = node->graph->context->threads;
  ritz_attention_split *s;
  RITZ_TRY(RITZ_NEW(1, &s));
  *out = s;
  s->comm = ritz_layout_comm(node->in[1]->layout);
  s->ranks = ritz_comm_size(s->comm);
  s->own = ritz_comm_rank(s->comm);
  s->blocks = node->in[0]->layout ? s->ranks : 1;
  RITZ_TRY(plan_blocks(s, node, shape));
  s->out_bytes =
      ritz_aligned((size_t)(rows_of(shape) * shape->value_width) * ritz_dtype_size(shape->dtype));
  size_t kernels = 0;
  for (int b = 0; b < s->blocks; b++) {
    const size_t bytes = ritz_attention_scratch_bytes(&s->plan[b], gradients, threads);
    if (bytes > kernels) kernels = bytes;
  }
  const bool ring = node->in[0]->layout != NULL;
  node->need.saved = ritz_attention_saved_bytes(s->plan);
  node->need.scratch = (ring ? ring_bytes(s, gradients) : sum_bytes(s)) + kernels;
  return s->blocks > 1 ? make_transfer(s) : RITZ_OK;
}

void ritz_attention_split_destroy(ritz_attention_split **split) {
  ritz_attention_split *s = *split;
  *split = NULL;
  if (!s) return;
  ritz_transfer_destroy(&s->transfer);
  ritz_free(s->plan);
  for (int i = 0; i < 2; i++) ritz_free(s->bytes[i]);
  ritz_free(s);
}

/* -- Kernels on a block ------------------------------------------------------------------------ */

static void latch(const ritz_node *node, ritz_status status) {
  if (status != RITZ_OK) ritz_graph_latch(node->graph, status);
}

static bool is_empty(const ritz_attention_shape *s) { return s->queries == 0 || s->keys == 0; }

/* Row r of peaks (which = 0) or of inverse sums (1), r = sample, head; one number for each query.
 */
static char *saved_row(const ritz_attention_shape *s, void *saved, ritz_index r, int which) {
  return (char *)saved + (size_t)((2 * r + which) * s->queries) * ritz_dtype_size(s->dtype);
}

/* Query i of row r in out. */
static char *out_row(const ritz_attention_shape *s, void *out, ritz_index r, ritz_index i) {
  const ritz_index row = (r / s->heads * s->queries + i) * s->heads + r % s->heads;
  return (char *)out + (size_t)(row * s->value_width) * ritz_dtype_size(s->dtype);
}

static void forward_block(const ritz_attention_plan *plan, const ritz_node *node,
                          const ritz_attention_fields *f, void *scratch) {
  const ritz_attention_shape *s = &plan->shape;
  if (!is_empty(s)) {
    ritz_attention_forward(plan, f, scratch, node->graph->context->threads);
    return;
  }
  memset(f->out, 0, (size_t)(rows_of(s) * s->value_width) * ritz_dtype_size(s->dtype));
  for (ritz_index r = 0; r < s->samples * s->heads; r++)
    for (ritz_index i = 0; i < s->queries; i++) {
      ritz_number_set(s->dtype, saved_row(s, f->saved, r, 0), i, -INFINITY);
      ritz_number_set(s->dtype, saved_row(s, f->saved, r, 1), i, 1);
    }
}

/* A query's result over more keys: of two, weighted by their sums from a common peak. */
static void merge(const ritz_attention_plan *plan, const ritz_attention_fields *all,
                  const ritz_attention_fields *more) {
  const ritz_attention_shape *s = &plan->shape;
  for (ritz_index r = 0; r < s->samples * s->heads; r++) {
    char *const peaks = saved_row(s, all->saved, r, 0), *const sums =
                                                            saved_row(s, all->saved, r, 1);
    for (ritz_index i = 0; i < s->queries; i++) {
      const double p = ritz_number_get(s->dtype, peaks, i);
      const double q = ritz_number_get(s->dtype, saved_row(s, more->saved, r, 0), i);
      const double peak = p > q ? p : q;
      const double a = exp(p - peak) / ritz_number_get(s->dtype, sums, i);
      const double b =
          exp(q - peak) / ritz_number_get(s->dtype, saved_row(s, more->saved, r, 1), i);
      char *out = out_row(s, all->out, r, i);
      plan->kernels->scale(s->value_width, a / (a + b), out, out, false);
      plan->kernels->scale(s->value_width, b / (a + b), out_row(s, more->out, r, i), out, true);
      ritz_number_set(s->dtype, peaks, i, peak);
      ritz_number_set(s->dtype, sums, i, 1 / (a + b));
    }
  }
}

/* -- Queries of the own part: all blocks, one after the other ---------------------------------- */

/* Keys and values of a block that is not the own one. */
static char *place_of(const ritz_attention_split *s, const ritz_node *node, int block, int which) {
  char *place = (char *)node->scratch.data + (size_t)(block % 2) * s->room;
  return which == 0 ? place : place + ritz_aligned(s->bytes[0][block]);
}

/* Own keys and values to the rank that has them as its block @p block, and that block from its. */
static void start_block(const ritz_attention_split *s, const ritz_node *node, int block) {
  ritz_message message[4] = {{0}};
  if (block >= s->blocks) return;
  for (int i = 0; i < 2; i++) {
    message[2 * i] = (ritz_message){.rank = reader_of(s, block),
                                    .out = ritz_in(node, 1 + i),
                                    .out_bytes = (ritz_index)s->bytes[i][0]};
    message[2 * i + 1] = (ritz_message){.rank = rank_of(s, block),
                                        .in = place_of(s, node, block, i),
                                        .in_bytes = (ritz_index)s->bytes[i][block]};
  }
  latch(node, ritz_transfer_start(s->transfer, 4, message));
}

static void take_block(const ritz_attention_split *s, const ritz_node *node, int block,
                       ritz_attention_fields *f) {
  f->k = block ? place_of(s, node, block, 0) : ritz_in(node, 1);
  f->v = block ? place_of(s, node, block, 1) : ritz_in(node, 2);
}

static void ring_forward(const ritz_attention_split *s, const ritz_node *node,
                         ritz_attention_fields all) {
  char *const result = (char *)node->scratch.data + 2 * s->room;
  char *const scratch = (char *)node->scratch.data + ring_bytes(s, false);
  ritz_attention_fields one = all;
  one.out = result;
  one.saved = result + s->out_bytes;
  for (int b = 0; b < s->blocks; b++) {
    start_block(s, node, b + 1);
    ritz_attention_fields *f = b ? &one : &all;
    take_block(s, node, b, f);
    if (b == 0 || !is_empty(&s->plan[b].shape)) forward_block(&s->plan[b], node, f, scratch);
    if (b > 0 && !is_empty(&s->plan[b].shape)) merge(&s->plan[b], &all, &one);
    if (s->transfer) latch(node, ritz_transfer_wait(s->transfer));
  }
}

/* What was found for the keys of block @p block goes to their rank; what others found for the own
 * ones is added. */
static void return_block(const ritz_attention_split *s, const ritz_node *node, int block,
                         const ritz_attention_fields *own, char *found, char *came) {
  ritz_message message[4] = {{0}};
  void *const to[2] = {own->gk, own->gv};
  for (int i = 0; i < 2; i++) {
    if (!to[i]) continue;
    message[2 * i] = (ritz_message){.rank = rank_of(s, block),
                                    .out = i ? found + ritz_aligned(s->bytes[0][block]) : found,
                                    .out_bytes = (ritz_index)s->bytes[i][block]};
    message[2 * i + 1] = (ritz_message){.rank = reader_of(s, block),
                                        .in = i ? came + ritz_aligned(s->bytes[0][0]) : came,
                                        .in_bytes = (ritz_index)s->bytes[i][0]};
  }
  latch(node, ritz_transfer_start(s->transfer, 4, message));
  latch(node, ritz_transfer_wait(s->transfer));
  for (int i = 0; i < 2; i++) {
    const size_t size = ritz_dtype_size(s->plan->shape.dtype);
    if (to[i])
      s->plan->kernels->add((ritz_index)(s->bytes[i][0] / size), to[i], message[2 * i + 1].in,
                            to[i]);
  }
}

/* Gradients of keys that no query meets are zero; nothing is added to those of queries. */
static void vjp_block(const ritz_attention_split *s, const ritz_node *node, int block,
                      const ritz_attention_fields *f, void *scratch) {
  const ritz_attention_plan *plan = &s->plan[block];
  if (!is_empty(&plan->shape)) {
    ritz_attention_vjp(plan, f, scratch, node->graph->context->threads);
    return;
  }
  const size_t size = ritz_dtype_size(plan->shape.dtype);
  const ritz_index sets = plan->shape.query.rows ? plan->shape.samples : 1; /* of queries */
  const size_t queries =
      (size_t)(sets * plan->shape.queries * plan->shape.heads * plan->shape.width) * size;
  if (f->gk && !f->add_k) memset(f->gk, 0, s->bytes[0][block]);
  if (f->gv && !f->add_v) memset(f->gv, 0, s->bytes[1][block]);
  if (f->gq && !f->add_q) memset(f->gq, 0, queries);
  if (f->glog_scale && !f->add_log_scale)
    memset(f->glog_scale, 0, (size_t)plan->shape.heads * size);
}

static void ring_vjp(const ritz_attention_split *s, const ritz_node *node,
                     ritz_attention_fields own) {
  char *const found = (char *)node->scratch.data + 2 * s->room, *const came = found + s->room;
  char *const scratch = (char *)node->scratch.data + ring_bytes(s, true);
  for (int b = 0; b < s->blocks; b++) {
    ritz_attention_fields f = own;
    start_block(s, node, b + 1);
    take_block(s, node, b, &f);
    if (b > 0) {
      f.add_q = f.add_log_scale = true;
      f.add_k = f.add_v = false;
      if (own.gk) f.gk = found;
      if (own.gv) f.gv = found + ritz_aligned(s->bytes[0][b]);
    }
    vjp_block(s, node, b, &f, scratch);
    if (s->transfer) latch(node, ritz_transfer_wait(s->transfer));
    if (b > 0 && (own.gk || own.gv)) return_block(s, node, b, &own, found, came);
  }
}

/* -- Queries that all ranks have: own keys, and sums over ranks -------------------------------- */

static void sum_forward(const ritz_attention_split *s, const ritz_node *node,
                        ritz_attention_fields f) {
  const ritz_attention_plan *plan = s->plan;
  const ritz_attention_shape *shape = &plan->shape;
  const ritz_index all = rows_of(shape);
  const size_t size = ritz_dtype_size(shape->dtype);
  double *const peak = node->scratch.data;
  char *const out = (char *)node->scratch.data + ritz_aligned((size_t)all * sizeof *peak);
  char *const weight = out + (size_t)(all * shape->value_width) * size;
  void *const result = f.out;
  f.out = out;
  forward_block(plan, node, &f, (char *)node->scratch.data + sum_bytes(s));
  for (ritz_index k = 0; k < all; k++)
    peak[k] = ritz_number_get(shape->dtype, saved_row(shape, f.saved, k / shape->queries, 0),
                              k % shape->queries);
  latch(node, ritz_comm_largest(s->comm, all, peak));
  for (ritz_index k = 0; k < all; k++) {
    const ritz_index r = k / shape->queries, i = k % shape->queries;
    const double mine = ritz_number_get(shape->dtype, saved_row(shape, f.saved, r, 0), i);
    const double sum =
        exp(mine - peak[k]) / ritz_number_get(shape->dtype, saved_row(shape, f.saved, r, 1), i);
    char *row = out_row(shape, out, r, i);
    plan->kernels->scale(shape->value_width, sum, row, row, false);
    ritz_number_set(shape->dtype, weight, k, sum);
  }
  latch(node, ritz_comm_sum(s->comm, shape->dtype, all * (shape->value_width + 1), out));
  for (ritz_index k = 0; k < all; k++) {
    const ritz_index r = k / shape->queries, i = k % shape->queries;
    const double inverse = 1 / ritz_number_get(shape->dtype, weight, k);
    plan->kernels->scale(shape->value_width, inverse, out_row(shape, out, r, i),
                         out_row(shape, result, r, i), false);
    ritz_number_set(shape->dtype, saved_row(shape, f.saved, r, 0), i, peak[k]);
    ritz_number_set(shape->dtype, saved_row(shape, f.saved, r, 1), i, inverse);
  }
}

/* Cotangents of what all ranks have are parts of a sum, and so are those of the queries. */
static void sum_vjp(const ritz_attention_split *s, const ritz_node *node, ritz_attention_fields f) {
  const ritz_index numbers = rows_of(&s->plan->shape) * s->plan->shape.value_width;
  memcpy(node->scratch.data, f.gout, (size_t)numbers * ritz_dtype_size(s->plan->shape.dtype));
  latch(node, ritz_comm_sum(s->comm, s->plan->shape.dtype, numbers, node->scratch.data));
  f.gout = node->scratch.data;
  vjp_block(s, node, 0, &f, (char *)node->scratch.data + sum_bytes(s));
}

void ritz_attention_split_forward(const ritz_attention_split *split, const ritz_node *node,
                                  ritz_attention_fields fields) {
  (node->in[0]->layout ? ring_forward : sum_forward)(split, node, fields);
}

void ritz_attention_split_vjp(const ritz_attention_split *split, const ritz_node *node,
                              ritz_attention_fields fields) {
  (node->in[0]->layout ? ring_vjp : sum_vjp)(split, node, fields);
}

void ritz_attention_split_traffic(const ritz_attention_split *s, const ritz_node *node,
                                  bool backward, ritz_traffic *traffic) {
  const ritz_attention_shape *shape = &s->plan->shape;
  const ritz_index rows = rows_of(shape);
  for (int b = 1; b < s->blocks; b++)
    for (int i = 0; i < 2; i++) {
      ritz_traffic_add_message(traffic, (ritz_index)s->bytes[i][0]);
      if (backward && node->in[1 + i]->wants_gradient)
        ritz_traffic_add_message(traffic, (ritz_index)s->bytes[i][b]);
    }
  if (node->in[0]->layout) return;
  if (!backward) ritz_traffic_add_largest(traffic, s->comm, rows);
  ritz_traffic_add_sum(traffic, s->comm, shape->dtype,
                       rows * (shape->value_width + (backward ? 0 : 1)));
}
