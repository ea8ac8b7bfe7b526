/* SPDX-License-Identifier: BSD-3-Clause
 * Group norm (instance norm: groups = C) and batch norm, y = (x - mean) rstd w + b.
 * Wu & He 2018, arXiv:1803.08494; Ioffe & Szegedy 2015, arXiv:1502.03167.
 *
 * Both see x as [S sets, points, C] with statistics of their own for each set: a set is a sample
 * (group norm) or the whole batch (batch norm). kernels/norm.h has the order of work and the
 * gradient. A set is cut into chunks of fixed length, combined in their order. Of a split field the
 * moments of the ranks' points are combined, and the sums of the vjp added; gradients of w and b
 * stay those of the own points. */
#include <math.h>
#include <string.h>

#include "core/context.h"
#include "core/fail.h"
#include "core/memory.h"
#include "core/threads.h"
#include "dist/traffic.h"
#include "graph/distribute.h"
#include "graph/ops/ops.h"
#include "kernels/norm.h"

enum { chunk_points = 4096 };

typedef struct norm_attr {
  ritz_index groups;
  double eps, momentum;
  bool training; /* batch norm: statistics of this batch, else the running ones */
} norm_attr;

/* Everything a sweep over the chunks needs. Chunk arrays are [S chunks][C], set arrays [S][C]. */
typedef struct norm_run {
  const ritz_node *node;
  const norm_attr *attr;
  const ritz_kernels *k;
  ritz_comm *comm;                           /* of a split field */
  ritz_index sets, points, channels, chunks; /* chunks of one set */
  ritz_index all_points;                     /* of a set, on all ranks */
  double *mean, *rstd;                       /* saved, per set */
  double *first, *second;                    /* scratch, per chunk: moments, or sums of the vjp */
  double *s, *q;                             /* scratch, per set */
  double *w;                                 /* scratch, [C]: the weight in double */
} norm_run;

static bool is_batch_norm(const ritz_node *node) { return node->op == &ritz_op_batch_norm; }

static norm_run run_of(const ritz_node *node) {
  norm_run run = {.node = node, .attr = node->attr, .k = node->graph->kernels};
  run.channels = ritz_channels(node);
  run.sets = is_batch_norm(node) ? 1 : node->shape.n[0];
  run.points = ritz_rows(node) / run.sets;
  run.chunks = (run.points + chunk_points - 1) / chunk_points;
  if (run.chunks == 0) run.chunks = 1; /* no points here */
  run.comm = node->layout ? ritz_layout_comm(node->layout) : NULL;
  run.all_points = ritz_shape_count(&node->whole) / (run.channels * run.sets);
  const ritz_index set = run.sets * run.channels, chunk = set * run.chunks;
  run.mean = node->saved.data;
  run.rstd = run.mean ? run.mean + set : NULL;
  run.first = node->scratch.data;
  if (run.first) {
    run.second = run.first + chunk;
    run.s = run.second + chunk;
    run.q = run.s + set;
    run.w = run.q + set;
  }
  return run;
}

static ritz_status norm_infer(ritz_node *node) {
  const norm_attr *attr = node->attr;
  const ritz_index c = ritz_channels(node->in[0]);
  RITZ_REQUIRE(attr->groups >= 1 && c % attr->groups == 0, RITZ_ERR_SHAPE,
               "%s: %td groups do not divide %td channels", node->op->name, attr->groups, c);
  RITZ_REQUIRE(node->in[0]->shape.rank >= 2, RITZ_ERR_SHAPE, "%s: x has no batch axis",
               node->op->name);
  return ritz_infer_per_channel(node);
}

static ritz_status norm_plan(ritz_node *node, bool gradients) {
  const norm_run run = run_of(node);
  const size_t set = (size_t)(run.sets * run.channels) * sizeof(double);
  node->need.saved = 2 * set;
  node->need.scratch = 2 * set * (size_t)run.chunks + 3 * set; /* moments or sums; s, q, w */
  return RITZ_OK;
}

/* Rows of chunk `index` of all sets. */
static void chunk_of(const norm_run *run, ritz_index index, ritz_index *first, ritz_index *rows,
                     ritz_index *set) {
  *set = index / run->chunks;
  const ritz_index start = index % run->chunks * chunk_points, left = run->points - start;
  *first = *set * run->points + start;
  *rows = left < chunk_points ? left : chunk_points;
}

static void *at(const norm_run *run, const void *field, ritz_index row) {
  return (char *)field + (size_t)(row * run->channels) * ritz_number_size(run->node);
}

static void sweep(norm_run *run, ritz_task *task) {
  ritz_parallel(run->node->graph->context->threads, run->sets * run->chunks, task, run);
}

static void moments_task(void *arg, ritz_index chunk, int thread) {
  const norm_run *run = arg;
  ritz_index first, rows, set;
  chunk_of(run, chunk, &first, &rows, &set);
  const ritz_index at_chunk = chunk * run->channels;
  memset(run->first + at_chunk, 0, (size_t)run->channels * sizeof *run->first);
  memset(run->second + at_chunk, 0, (size_t)run->channels * sizeof *run->second);
  if (rows > 0)
    run->k->norm_moments(rows, run->channels, at(run, ritz_in(run->node, 0), first),
                         run->first + at_chunk, run->second + at_chunk);
}

/* Mean and sum of squared deviations of a set, in run->mean and run->rstd. */
static void merge_chunks(norm_run *run, ritz_index set) {
  const ritz_index c = run->channels;
  double *mean = run->mean + set * c, *m2 = run->rstd + set * c;
  ritz_index points = 0;
  for (ritz_index i = 0; i < run->chunks; i++) {
    ritz_index first, rows, same_set;
    const ritz_index chunk = set * run->chunks + i;
    chunk_of(run, chunk, &first, &rows, &same_set);
    if (i == 0) {
      memcpy(mean, run->first + chunk * c, (size_t)c * sizeof *mean);
      memcpy(m2, run->second + chunk * c, (size_t)c * sizeof *m2);
    } else {
      ritz_norm_merge(c, points, mean, m2, rows, run->first + chunk * c, run->second + chunk * c);
    }
    points += rows;
  }
}

static void add_over_ranks(norm_run *run, ritz_index count, double *values) {
  const ritz_status status = ritz_comm_sum(run->comm, RITZ_FLOAT64, count, values);
  if (status != RITZ_OK) ritz_graph_latch(run->node->graph, status);
}

/* The own mean and m2 become those of all ranks' points: two sums, the second about the mean. */
static void merge_ranks(norm_run *run) {
  const ritz_index count = run->sets * run->channels;
  const double own = (double)run->points;
  for (ritz_index i = 0; i < count; i++) run->s[i] = own * run->mean[i];
  add_over_ranks(run, count, run->s);
  for (ritz_index i = 0; i < count; i++) {
    const double mean = run->s[i] / (double)run->all_points, off = run->mean[i] - mean;
    run->rstd[i] += own * off * off;
    run->mean[i] = mean;
  }
  add_over_ranks(run, count, run->rstd);
}

static double load(const ritz_node *node, int operand, ritz_index i) {
  return ritz_number_get(node->graph->dtype, ritz_in(node, operand), i);
}

/* running += momentum (batch - running); the running variance is the unbiased one. */
static void update_running(norm_run *run) {
  const ritz_node *node = run->node;
  const double unbiased = run->all_points > 1 ? 1.0 / (double)(run->all_points - 1) : 1;
  for (ritz_index i = 0; i < run->channels; i++)
    for (int j = 3; j < 5; j++) {
      const double batch = j == 3 ? run->mean[i] : run->rstd[i] * unbiased;
      const double old = load(node, j, i), updated = old + run->attr->momentum * (batch - old);
      ritz_number_set(node->graph->dtype, node->in[j]->value.data, i, updated);
    }
}

static void use_running(norm_run *run) {
  for (ritz_index i = 0; i < run->channels; i++) {
    run->mean[i] = load(run->node, 3, i);
    run->rstd[i] = 1 / sqrt(load(run->node, 4, i) + run->attr->eps);
  }
}

static void apply_task(void *arg, ritz_index chunk, int thread) {
  const norm_run *run = arg;
  const ritz_node *node = run->node;
  ritz_index first, rows, set;
  chunk_of(run, chunk, &first, &rows, &set);
  const bool affine = node->arity > 1;
  if (rows == 0) return;
  run->k->norm_apply(rows, run->channels, at(run, ritz_in(node, 0), first),
                     run->mean + set * run->channels, run->rstd + set * run->channels,
                     affine ? ritz_in(node, 1) : NULL, affine ? ritz_in(node, 2) : NULL,
                     at(run, node->value.data, first));
}

static void norm_forward(const ritz_node *node) {
  norm_run run = run_of(node);
  if (is_batch_norm(node) && !run.attr->training) {
    use_running(&run);
  } else {
    sweep(&run, moments_task);
    for (ritz_index set = 0; set < run.sets; set++) merge_chunks(&run, set);
    if (run.comm) merge_ranks(&run);
    if (is_batch_norm(node)) update_running(&run);
    for (ritz_index set = 0; set < run.sets; set++)
      ritz_norm_finish(run.channels, run.attr->groups, run.all_points, run.attr->eps,
                       run.mean + set * run.channels, run.rstd + set * run.channels);
  }
  sweep(&run, apply_task);
}

static void sums_task(void *arg, ritz_index chunk, int thread) {
  const norm_run *run = arg;
  ritz_index first, rows, set;
  chunk_of(run, chunk, &first, &rows, &set);
  const ritz_index c = run->channels;
  double *gw = run->first + chunk * c, *gb = run->second + chunk * c;
  memset(gw, 0, (size_t)c * sizeof *gw);
  memset(gb, 0, (size_t)c * sizeof *gb);
  if (rows == 0) return;
  run->k->norm_vjp_sums(rows, c, at(run, ritz_in(run->node, 0), first),
                        at(run, run->node->gradient.data, first), run->mean + set * c,
                        run->rstd + set * c, gw, gb);
}

static void vjp_task(void *arg, ritz_index chunk, int thread) {
  const norm_run *run = arg;
  const ritz_node *node = run->node;
  const ritz_index c = run->channels;
  ritz_index first, rows, set;
  chunk_of(run, chunk, &first, &rows, &set);
  if (rows == 0) return;
  run->k->norm_vjp(rows, c, at(run, ritz_in(node, 0), first), at(run, node->gradient.data, first),
                   run->mean + set * c, run->rstd + set * c,
                   node->arity > 1 ? ritz_in(node, 1) : NULL, run->s + set * c, run->q + set * c,
                   at(run, ritz_gin(node, 0), first), node->add[0]);
}

/* Chunk sums of every set into its first chunk. */
static void add_chunks(norm_run *run) {
  const ritz_index c = run->channels;
  for (ritz_index set = 0; set < run->sets; set++)
    for (ritz_index i = 1; i < run->chunks; i++)
      for (ritz_index j = 0; j < c; j++) {
        run->first[set * run->chunks * c + j] += run->first[(set * run->chunks + i) * c + j];
        run->second[set * run->chunks * c + j] += run->second[(set * run->chunks + i) * c + j];
      }
}

/* Gradient of operand 1 (weight) or 2 (bias): the sum over sets. */
static void store_affine(const norm_run *run, int operand, const double *sums) {
  const ritz_node *node = run->node;
  void *out = ritz_gin(node, operand);
  for (ritz_index i = 0; out && i < run->channels; i++) {
    double sum = 0;
    for (ritz_index set = 0; set < run->sets; set++)
      sum += sums[set * run->chunks * run->channels + i];
    if (node->add[operand]) sum += ritz_number_get(node->graph->dtype, out, i);
    ritz_number_set(node->graph->dtype, out, i, sum);
  }
}

/* Sums of every set, in its first chunk; s and q lie one behind the other. */
static void add_sums_over_ranks(norm_run *run) {
  const ritz_index c = run->channels, step = run->chunks * c;
  for (int out = 0; out < 2; out++) {
    for (ritz_index set = 0; set < run->sets; set++)
      for (ritz_index i = 0; i < c; i++) {
        double *first = run->first + set * step + i, *second = run->second + set * step + i;
        double *s = run->s + set * c + i, *q = run->q + set * c + i;
        if (out)
          *first = *s, *second = *q;
        else
          *s = *first, *q = *second;
      }
    if (!out) add_over_ranks(run, 2 * run->sets * c, run->s);
  }
}

static void subtracted_means(norm_run *run) {
  const ritz_node *node = run->node;
  const ritz_index c = run->channels;
  const bool constant = is_batch_norm(node) && !run->attr->training;
  memset(run->s, 0, (size_t)(2 * run->sets * c) * sizeof *run->s);
  if (constant) return;
  if (run->comm) add_sums_over_ranks(run);
  for (ritz_index i = 0; node->arity > 1 && i < c; i++) run->w[i] = load(node, 1, i);
  for (ritz_index set = 0; set < run->sets; set++)
    ritz_norm_vjp_means(c, run->attr->groups, run->all_points, node->arity > 1 ? run->w : NULL,
                        run->first + set * run->chunks * c, run->second + set * run->chunks * c,
                        run->s + set * c, run->q + set * c);
}

static void norm_vjp(const ritz_node *node) {
  norm_run run = run_of(node);
  sweep(&run, sums_task);
  add_chunks(&run);
  if (node->arity > 1) {
    store_affine(&run, 1, run.first);
    store_affine(&run, 2, run.second);
  }
  if (!ritz_gin(node, 0)) return;
  subtracted_means(&run);
  sweep(&run, vjp_task);
}

static ritz_var norm_add_split(const ritz_addition *a) {
  ritz_layout *layout = a->in[0] ? a->in[0]->layout : NULL;
  if (!layout) return ritz_add_gathered(a);
  return ritz_split_node(ritz_add_as(a, a->in, a->attr), layout, 1);
}

/* Two sums of means forward, one of both sums of the vjp. */
static void norm_traffic(const ritz_node *node, bool backward, ritz_traffic *traffic) {
  const norm_run run = run_of(node);
  const ritz_index numbers = run.sets * run.channels;
  if ((is_batch_norm(node) && !run.attr->training) || (backward && !node->in[0]->wants_gradient))
    return;
  for (int i = 0; i < (backward ? 1 : 2); i++)
    ritz_traffic_add_sum(traffic, run.comm, RITZ_FLOAT64, backward ? 2 * numbers : numbers);
}

static double norm_flops(const ritz_node *node) {
  return 6.0 * (double)ritz_shape_count(&node->shape);
}

const ritz_op ritz_op_group_norm = {
    .name = "group_norm",
    .distribution = RITZ_REDUCE,
    .reads_in = 1u << 0 | 1u << 1,
    .infer = norm_infer,
    .add_split = norm_add_split,
    .plan = norm_plan,
    .forward = norm_forward,
    .vjp = norm_vjp,
    .flops = norm_flops,
    .traffic = norm_traffic,
};

const ritz_op ritz_op_batch_norm = {
    .name = "batch_norm",
    .distribution = RITZ_REDUCE,
    .reads_in = 1u << 0 | 1u << 1,
    .mixes_samples = true,
    .infer = norm_infer,
    .add_split = norm_add_split,
    .plan = norm_plan,
    .forward = norm_forward,
    .vjp = norm_vjp,
    .flops = norm_flops,
    .traffic = norm_traffic,
};

ritz_var ritz_group_norm(ritz_graph *graph, ritz_var x, ritz_index groups, double eps, ritz_var w,
                         ritz_var b) {
  const norm_attr attr = {.groups = groups, .eps = eps};
  return ritz_graph_add(graph, &ritz_op_group_norm, w || b ? 3 : 1, (ritz_var[]){x, w, b}, &attr,
                        sizeof attr);
}

ritz_var ritz_batch_norm(ritz_graph *graph, ritz_var x, double eps, double momentum, ritz_var w,
                         ritz_var b, ritz_var mean, ritz_var variance) {
  const norm_attr attr = {.groups = x ? ritz_channels(x) : 1,
                          .eps = eps,
                          .momentum = momentum,
                          .training = graph->training};
  return ritz_graph_add(graph, &ritz_op_batch_norm, 5, (ritz_var[]){x, w, b, mean, variance}, &attr,
                        sizeof attr);
}
