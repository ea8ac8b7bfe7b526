/* SPDX-License-Identifier: BSD-3-Clause
 * The op of all losses: sums of chunks, samples from chunks in order, gradients from slopes.
 *
 * Forward saves slope[b, c] = d loss_b / d A_c(e_b); the vjp multiplies it with the cotangent and
 * with dA/d prediction, which is local, or nearly so. */
#include <math.h>
#include <ritz/ops.h>
#include <string.h>

#include "core/context.h"
#include "core/fail.h"
#include "core/memory.h"
#include "core/threads.h"
#include "dist/traffic.h"
#include "graph/distribute.h"
#include "train/loss_norm.h"

typedef struct loss_attr {
  const ritz_loss_type *type;
  ritz_loss_options options;
  bool by_channel; /* [B, C], each channel as if it were alone */
} loss_attr;

/* Numbers of a chunk: enough to pay for a thread and its lanes, few enough to stay in a cache. */
enum { chunk_numbers = 8192, chunk_periods = 16 };

static const ritz_loss_norm *norm_of(const ritz_node *node) {
  return ((const loss_attr *)node->attr)->type->norm;
}

static ritz_status check_options(const ritz_node *node) {
  const loss_attr *attr = node->attr;
  const ritz_reals *lengths = &attr->options.lengths;
  const int dim = ritz_grid_dim(node->in[0]);
  RITZ_REQUIRE(lengths->count == 1 || lengths->count == dim, RITZ_ERR_ARGUMENT,
               "loss %s: %d lengths for %d grid axes, wanted one for all or one each",
               attr->type->name, lengths->count, dim);
  for (int i = 0; i < lengths->count; i++)
    RITZ_REQUIRE(lengths->v[i] > 0 && isfinite(lengths->v[i]), RITZ_ERR_ARGUMENT,
                 "loss %s: length %d is %g, wanted a positive number", attr->type->name, i,
                 lengths->v[i]);
  RITZ_REQUIRE(attr->options.eps >= 0, RITZ_ERR_ARGUMENT, "loss %s: eps is %g, wanted 0 or more",
               attr->type->name, attr->options.eps);
  return RITZ_OK;
}

static ritz_status loss_infer(ritz_node *node) {
  const loss_attr *attr = node->attr;
  const ritz_node *x = node->in[0], *y = node->in[1];
  const ritz_shape *beside = node->arity == 3 ? &node->in[2]->shape : &x->shape;
  const int dim = ritz_grid_dim(x);
  char have[128], want[128];
  ritz_shape_text(&x->shape, have);
  RITZ_REQUIRE(ritz_shape_equal(beside, &y->shape), RITZ_ERR_SHAPE,
               "loss %s: prediction is %s, truth is %s", attr->type->name, have,
               ritz_shape_text(&y->shape, want));
  RITZ_REQUIRE(dim >= 1 && dim <= 3, RITZ_ERR_SHAPE,
               "loss %s: prediction is %s, wanted [B, 1 to 3 grid axes, C]", attr->type->name,
               have);
  RITZ_TRY(check_options(node));
  for (int a = 0; a < dim && attr->type->norm->derivatives && !attr->options.periodic; a++)
    RITZ_REQUIRE(x->shape.n[a + 1] >= 4, RITZ_ERR_SHAPE,
                 "loss %s: grid axis %d has %td points, one-sided differences want 4 or more",
                 attr->type->name, a, x->shape.n[a + 1]);
  node->shape = RITZ_SHAPE(x->shape.n[0]);
  if (attr->by_channel) node->shape = RITZ_SHAPE(x->shape.n[0], ritz_channels(x));
  return RITZ_OK;
}

static void describe_field(const ritz_node *node, ritz_loss_plan *plan) {
  const ritz_node *x = node->in[0];
  const ritz_shape *shape = &x->shape;
  const ritz_reals *lengths = &plan->options.lengths;
  plan->dim = ritz_grid_dim(x);
  plan->batch = shape->n[0];
  plan->channels = ritz_channels(x);
  plan->period = ritz_loss_period(plan->channels);
  plan->points = 1;
  for (int a = 0; a < 3; a++) plan->grid[a] = plan->whole[a] = 1, plan->length[a] = 1;
  for (int a = 0; a < plan->dim; a++) {
    const int place = 3 - plan->dim + a;
    plan->grid[place] = shape->n[a + 1];
    plan->whole[place] = ritz_extent(x, a);
    plan->first[place] = ritz_first_point(x, a);
    plan->margin[place] = (node->in[1]->shape.n[a + 1] - shape->n[a + 1]) / 2;
    plan->length[place] = ritz_reals_at(lengths, a, 1);
    plan->points *= shape->n[a + 1];
  }
  plan->comm = x->layout ? ritz_layout_comm(x->layout) : NULL;
  if (ritz_comm_size(plan->comm) == 1) plan->comm = NULL;
  plan->all_points = ritz_shape_count(&x->whole) / (plan->batch * plan->channels);
  plan->cell = 1;
  for (int a = 0; a < 3; a++) plan->cell *= plan->length[a];
  plan->cell /= (double)plan->all_points;
}

/* Lanes of all chunks: two rows [period] each. The vjp needs one row per sample, which is less. */
static size_t lanes_bytes(const ritz_loss_plan *plan) {
  return ritz_aligned((size_t)(plan->batch * plan->chunks * 2 * plan->period) * sizeof(double));
}

static ritz_status loss_plan(ritz_node *node, bool gradients) {
  const loss_attr *attr = node->attr;
  const ritz_loss_norm *norm = norm_of(node);
  RITZ_REQUIRE(!gradients || (norm->gradient && !attr->by_channel), RITZ_ERR_UNSUPPORTED,
               "loss %s%s is a metric and has no gradient", attr->type->name,
               attr->by_channel ? " by channel" : "");
  ritz_loss_plan *plan;
  RITZ_TRY(RITZ_NEW(1, &plan));
  node->state = plan;
  plan->kernels = node->graph->kernels;
  plan->size = ritz_number_size(node);
  plan->options = attr->options;
  describe_field(node, plan);
  plan->unit = norm->derivatives && plan->grid[2] > 0 ? plan->grid[2] : 1;
  RITZ_TRY(RITZ_NEW(plan->period, &plan->ones));
  for (ritz_index i = 0; i < plan->period; i++) plan->ones[i] = 1;
  const ritz_index numbers = plan->unit * plan->channels;
  const ritz_index least = chunk_periods * plan->period;
  plan->chunk_units = ((least > chunk_numbers ? least : chunk_numbers) + numbers - 1) / numbers;
  const ritz_index chunk_rows = plan->chunk_units * plan->unit;
  plan->chunks = (plan->points + chunk_rows - 1) / chunk_rows;
  if (plan->chunks == 0) plan->chunks = 1; /* no points here */
  if (norm->derivatives) RITZ_TRY(ritz_loss_plan_differences(plan));
  node->need.saved = (size_t)(plan->batch * plan->channels) * sizeof(double);
  const ritz_index samples = plan->comm ? plan->batch : 1;
  node->need.scratch = lanes_bytes(plan) + (size_t)(samples * 2 * plan->channels) * sizeof(double);
  return RITZ_OK;
}

static void loss_destroy(ritz_node *node) {
  if (!node->state) return;
  ritz_loss_free_differences(node->state);
  ritz_free(((ritz_loss_plan *)node->state)->ones);
  ritz_free(node->state);
}

static ritz_loss_part part_of(const ritz_node *node, ritz_index chunk) {
  const ritz_loss_plan *plan = node->state;
  const ritz_index rows = plan->chunk_units * plan->unit, first = chunk % plan->chunks * rows;
  const ritz_index left = plan->points - first;
  return (ritz_loss_part){.sample = chunk / plan->chunks,
                          .first = first,
                          .count = left < rows ? left : rows,
                          .prediction = ritz_in(node, node->arity == 3 ? 2 : 0),
                          .truth = ritz_in(node, 1)};
}

/* Less than a chunk in all is not worth a second thread. */
static int threads_of(const ritz_node *node) {
  const ritz_loss_plan *plan = node->state;
  const bool small = plan->batch * plan->points * plan->channels < chunk_numbers;
  return small ? 1 : node->graph->context->threads;
}

static void sum_chunk(void *arg, ritz_index chunk, int thread) {
  const ritz_node *node = arg;
  const ritz_loss_plan *plan = node->state;
  const ritz_loss_part part = part_of(node, chunk);
  double *lanes = (double *)node->scratch.data + chunk * 2 * plan->period;
  memset(lanes, 0, 2 * (size_t)plan->period * sizeof *lanes);
  norm_of(node)->sums(plan, &part, lanes, lanes + plan->period);
}

/* a and b into one, keeping NaN. */
static double combine(bool largest, double a, double b) {
  if (!largest) return a + b;
  return b > a || isnan(b) ? b : a;
}

/* Chunks and lanes of sample b in order: totals[2][C] of e and y. */
static void fold_sample(const ritz_node *node, ritz_index b, double *totals) {
  const ritz_loss_plan *plan = node->state;
  const bool largest = norm_of(node)->largest;
  memset(totals, 0, 2 * (size_t)plan->channels * sizeof *totals);
  const double *lanes = (const double *)node->scratch.data + b * plan->chunks * 2 * plan->period;
  for (ritz_index k = 0; k < 2 * plan->chunks; k++) {
    double *total = totals + k % 2 * plan->channels;
    for (ritz_index i = 0; i < plan->period; i += plan->channels)
      for (ritz_index c = 0; c < plan->channels; c++)
        total[c] = combine(largest, total[c], *lanes++);
  }
}

static void set_number(const ritz_node *node, ritz_index i, double value) {
  ritz_number_set(node->graph->dtype, node->value.data, i, value);
}

/* The loss of sample b, or those of its channels one by one. */
static void finish_sample(const ritz_node *node, ritz_index b, ritz_loss_sums sums) {
  const loss_attr *attr = node->attr;
  const ritz_index channels = sums.channels;
  double *slope = (double *)node->saved.data + b * channels;
  if (!attr->by_channel) {
    set_number(node, b, attr->type->value(&sums, slope));
    return;
  }
  sums.channels = 1;
  for (ritz_index c = 0; c < channels; c++, sums.error++, sums.truth++)
    set_number(node, b * channels + c, attr->type->value(&sums, slope));
}

static ritz_loss_sums sums_of(const ritz_loss_plan *plan, const double *error,
                              const double *truth) {
  ritz_loss_sums sums = {.channels = plan->channels,
                         .points = plan->all_points,
                         .cell = plan->cell,
                         .eps = plan->options.eps,
                         .error = error,
                         .truth = truth};
  return sums;
}

/* Sums of the ranks' points, or largest numbers; and partial cotangents, of losses with sums. */
static void combine_ranks(const ritz_node *node, ritz_index count, double *totals) {
  const ritz_loss_plan *plan = node->state;
  const ritz_status status = norm_of(node)->largest
                                 ? ritz_comm_largest(plan->comm, count, totals)
                                 : ritz_comm_sum(plan->comm, RITZ_FLOAT64, count, totals);
  if (status != RITZ_OK) ritz_graph_latch(node->graph, status);
}

/* Behind the lanes of the chunks; of a split field for all samples. */
static double *totals_of(const ritz_node *node, ritz_index b) {
  const ritz_loss_plan *plan = node->state;
  double *totals = (double *)((char *)node->scratch.data + lanes_bytes(plan));
  return totals + (plan->comm ? 2 * b * plan->channels : 0);
}

static void loss_forward(const ritz_node *node) {
  const ritz_loss_plan *plan = node->state;
  ritz_parallel(threads_of(node), plan->batch * plan->chunks, sum_chunk, (void *)node);
  for (ritz_index b = 0; plan->comm && b < plan->batch; b++)
    fold_sample(node, b, totals_of(node, b));
  if (plan->comm) combine_ranks(node, 2 * plan->batch * plan->channels, totals_of(node, 0));
  for (ritz_index b = 0; b < plan->batch; b++) {
    double *totals = totals_of(node, b);
    if (!plan->comm) fold_sample(node, b, totals);
    finish_sample(node, b, sums_of(plan, totals, totals + plan->channels));
  }
}

static void gradient_chunk(void *arg, ritz_index chunk, int thread) {
  const ritz_node *node = arg;
  const ritz_loss_plan *plan = node->state;
  const ritz_loss_part part = part_of(node, chunk);
  const double *coefficient = (const double *)node->scratch.data + part.sample * plan->period;
  norm_of(node)->gradient(plan, &part, coefficient, ritz_gin(node, 0), node->add[0]);
}

static double cotangent(const ritz_node *node, ritz_index b) {
  return ritz_number_get(node->graph->dtype, node->gradient.data, b);
}

static void loss_vjp(const ritz_node *node) {
  const ritz_loss_plan *plan = node->state;
  const double *slope = node->saved.data;
  double *coefficient = node->scratch.data, *whole = totals_of(node, 0);
  for (ritz_index b = 0; plan->comm && b < plan->batch; b++) whole[b] = cotangent(node, b);
  if (plan->comm) combine_ranks(node, plan->batch, whole);
  for (ritz_index b = 0; b < plan->batch; b++) {
    const double seed = plan->comm ? whole[b] : cotangent(node, b);
    for (ritz_index i = 0; i < plan->period; i++)
      coefficient[b * plan->period + i] = seed * slope[b * plan->channels + i % plan->channels];
  }
  if (ritz_gin(node, 0))
    ritz_parallel(threads_of(node), plan->batch * plan->chunks, gradient_chunk, (void *)node);
  if (ritz_gin(node, 1) && !node->add[1])
    memset(ritz_gin(node, 1), 0, (size_t)ritz_shape_count(&node->in[1]->shape) * plan->size);
}

/* Boxes of a rank's part and the points around it along the axes that are split. */
static ritz_status reach_around(ritz_graph *graph, const ritz_layout *layout, bool periodic,
                                ritz_reach *reach) {
  RITZ_TRY(ritz_reach_all(graph, layout, reach));
  for (int a = 0; a < layout->dim; a++) {
    if (layout->ranks[a] == 1) continue;
    reach[a].boundary = periodic ? RITZ_BOUNDARY_PERIODIC : RITZ_BOUNDARY_ZERO;
    for (int r = 0; r < layout->ranks[a]; r++) {
      const ritz_index points = layout->offset[a][r + 1] - layout->offset[a][r];
      reach[a].first[r] = layout->offset[a][r] - ritz_loss_reach;
      reach[a].count[r] = points + 2 * ritz_loss_reach;
    }
  }
  return RITZ_OK;
}

/* Each rank has the sums and the gradient of its part. Differences want neighbours: values are then
 * read from boxes, of which that of the prediction counts as a constant. */
static ritz_var loss_add_split(const ritz_addition *a) {
  const loss_attr *attr = a->attr;
  ritz_layout *layout = ritz_layout_of_operands(a->arity, a->in);
  ritz_reach reach[3];
  ritz_var in[3] = {ritz_split_like(a->graph, a->in[0], layout),
                    ritz_split_like(a->graph, a->in[1], layout)};
  if (!attr->type->norm->derivatives || !in[0] || !in[1]) return ritz_add_as(a, in, a->attr);
  const ritz_status status = reach_around(a->graph, layout, attr->options.periodic, reach);
  if (status != RITZ_OK) return ritz_graph_latch(a->graph, status);
  in[1] = ritz_fetch(a->graph, in[1], reach);
  in[2] = ritz_fetch(a->graph, ritz_detach(a->graph, in[0]), reach);
  return ritz_graph_append(a->graph, a->op, 3, in, attr, sizeof *attr);
}

/* -- In one tile with the chain before it ------------------------------------------------------ */

/* The gradient of a plain sum of channels is local up to the slope of the sample. */
static bool loss_turns(const ritz_node *node) {
  const loss_attr *attr = node->attr;
  const ritz_loss_norm *norm = attr->type->norm;
  const bool one_slope =
      ritz_channels(node->in[0]) == 1 || attr->type->value != ritz_loss_per_channel_root;
  return norm->gradient && !norm->derivatives && !norm->largest && !attr->by_channel && one_slope;
}

/* Lanes of error and truth. */
static size_t loss_turn_sums(const ritz_node *node) {
  return 2 * (size_t)ritz_loss_period(ritz_channels(node->in[0]));
}

static void loss_turn_rows(const ritz_node *node, const ritz_tile *tile, double *sums) {
  const ritz_loss_plan *plan = node->state;
  const ritz_loss_part part = {
      .count = tile->count, .prediction = tile->in[0], .truth = tile->in[1]};
  norm_of(node)->sums(plan, &part, sums, sums + plan->period);
  norm_of(node)->gradient(plan, &part, plan->ones, tile->gin[0], false);
}

/* Lanes of all chunks, then of a channel, in order, into the first ones. */
static double loss_turn_sample(const ritz_node *node, ritz_index b, ritz_index chunks,
                               double *sums) {
  const ritz_loss_plan *plan = node->state;
  const ritz_index lanes = 2 * plan->period, channels = plan->channels;
  for (ritz_index i = lanes; i < chunks * lanes; i++) sums[i % lanes] += sums[i];
  for (ritz_index half = 0; half < 2; half++)
    for (ritz_index i = channels; i < plan->period; i++)
      sums[half * plan->period + i % channels] += sums[half * plan->period + i];
  finish_sample(node, b, sums_of(plan, sums, sums + plan->period));
  return cotangent(node, b) * ((const double *)node->saved.data)[b * channels];
}

static const ritz_turn loss_turn = {
    .applies = loss_turns,
    .sums = loss_turn_sums,
    .rows = loss_turn_rows,
    .sample = loss_turn_sample,
};

/* Sums of errors and truths, or largest ones; then the partial cotangents. */
static void loss_traffic(const ritz_node *node, bool backward, ritz_traffic *traffic) {
  const ritz_loss_plan *plan = node->state;
  const ritz_index count = plan->batch * (backward ? 1 : 2 * plan->channels);
  if (norm_of(node)->largest)
    ritz_traffic_add_largest(traffic, plan->comm, count);
  else
    ritz_traffic_add_sum(traffic, plan->comm, RITZ_FLOAT64, count);
}

static double loss_flops(const ritz_node *node) {
  return norm_of(node)->flops * (double)ritz_shape_count(&node->in[0]->shape);
}

static const ritz_op loss_op = {
    .name = "loss",
    .distribution = RITZ_REDUCE,
    .reads_in = 1u << 0 | 1u << 1 | 1u << 2,
    .infer = loss_infer,
    .add_split = loss_add_split,
    .plan = loss_plan,
    .destroy = loss_destroy,
    .forward = loss_forward,
    .vjp = loss_vjp,
    .turn = &loss_turn,
    .flops = loss_flops,
    .traffic = loss_traffic,
};

static ritz_var add_loss(ritz_graph *graph, const ritz_loss_type *type, ritz_var prediction,
                         ritz_var truth, const ritz_loss_options *options, bool by_channel) {
  loss_attr attr = {.type = type, .by_channel = by_channel};
  ritz_loss_options_defaults(&attr.options);
  if (options) attr.options = *options;
  ritz_layout *layout = ritz_layout_of_operands(2, (ritz_var[]){prediction, truth});
  if (type->map) {
    if (layout) prediction = ritz_split_like(graph, prediction, layout);
    if (layout) truth = ritz_split_like(graph, truth, layout);
    prediction = type->map(graph, prediction, &attr.options);
    truth = type->map(graph, truth, &attr.options);
  }
  return ritz_graph_add(graph, &loss_op, 2, (ritz_var[]){prediction, truth}, &attr, sizeof attr);
}

ritz_var ritz_loss(ritz_graph *graph, const ritz_loss_type *type, ritz_var prediction,
                   ritz_var truth, const ritz_loss_options *options) {
  return add_loss(graph, type, prediction, truth, options, false);
}

ritz_var ritz_loss_by_channel(ritz_graph *graph, const ritz_loss_type *type, ritz_var prediction,
                              ritz_var truth, const ritz_loss_options *options) {
  return add_loss(graph, type, prediction, truth, options, true);
}
