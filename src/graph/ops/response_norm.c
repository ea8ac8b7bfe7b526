/* SPDX-License-Identifier: BSD-3-Clause
 * Global response norm. Woo et al. 2023, arXiv:2301.00808, Sec. 3.1. For each sample, with sums
 * over its points,
 *
 *     G_c = |x_c|_2,  m = mean over c of G_c + eps,  a_c = 1 + w_c G_c / m,  y_c = a_c x_c + b_c.
 *
 * vjp, with T_c = sum of gy_c x_c and h_c = 1/G_c ( w_c T_c / m - sum over c' of w_c' T_c' G_c' /
 * (C m^2) ), where a channel of zeros has h_c = 0:
 *     gx_c (+)= a_c gy_c + h_c x_c,   gw_c (+)= sum of T_c G_c / m,   gb_c (+)= sum of gy_c.
 *
 * The kernels are those of the norms in norm.c with mean 0. A sample is cut into chunks of fixed
 * length, added in their order. */
#include <math.h>
#include <string.h>

#include "core/context.h"
#include "core/fail.h"
#include "core/threads.h"
#include "graph/ops/ops.h"

enum { chunk_points = 4096 };

typedef struct response_attr {
  double eps;
} response_attr;

/* Chunk arrays are [samples chunks][C], sample arrays [samples][C]. */
typedef struct response_run {
  const ritz_node *node;
  const ritz_kernels *k;
  ritz_index samples, points, c, chunks; /* chunks of a sample */
  double *length;                        /* saved: G */
  double *a, *q;                         /* scratch: a, and -h */
  double *zero, *one;                    /* scratch, [C] */
  double *first, *second;                /* scratch, chunks: T, or G^2; sums of gy */
  void *slope;                           /* scratch: a in the graph's numbers */
} response_run;

static response_run start(const ritz_node *node) {
  response_run run = {.node = node, .k = node->graph->kernels, .c = ritz_channels(node)};
  run.samples = node->shape.n[0];
  run.points = run.samples > 0 ? ritz_rows(node) / run.samples : 0;
  run.chunks = (run.points + chunk_points - 1) / chunk_points;
  const ritz_index set = run.samples * run.c;
  run.length = node->saved.data;
  run.a = node->scratch.data;
  if (!run.a) return run;
  run.q = run.a + set;
  run.zero = run.q + set;
  run.one = run.zero + run.c;
  run.first = run.one + run.c;
  run.second = run.first + set * run.chunks;
  run.slope = run.second + set * run.chunks;
  for (ritz_index i = 0; i < run.c; i++) run.zero[i] = 0, run.one[i] = 1;
  return run;
}

static ritz_status infer(ritz_node *node) {
  const ritz_node *x = node->in[0];
  char have[128];
  RITZ_REQUIRE(x->shape.rank >= 2, RITZ_ERR_SHAPE, "response_norm: x is %s, wanted [B, ..., C]",
               ritz_shape_text(&x->shape, have));
  return ritz_infer_per_channel(node);
}

static ritz_status plan(ritz_node *node, bool gradients) {
  const response_run run = start(node);
  const size_t set = (size_t)(run.samples * run.c);
  node->need.saved = set * sizeof(double);
  node->need.scratch = (2 * set * (1 + (size_t)run.chunks) + 2 * (size_t)run.c) * sizeof(double) +
                       set * ritz_number_size(node);
  return RITZ_OK;
}

static ritz_index sample_of(const response_run *run, ritz_index chunk) {
  return chunk / run->chunks;
}

/* Rows of a chunk in a field. */
static char *rows_of(const response_run *run, ritz_index chunk, const void *field,
                     ritz_index *rows) {
  const ritz_index start = chunk % run->chunks * chunk_points, left = run->points - start;
  *rows = left < chunk_points ? left : chunk_points;
  return (char *)field + (size_t)((sample_of(run, chunk) * run->points + start) * run->c) *
                             ritz_number_size(run->node);
}

static void sweep(response_run *run, ritz_task *task) {
  ritz_parallel(run->node->graph->context->threads, run->samples * run->chunks, task, run);
}

/* Sums of x y and of y, of a chunk. */
static void add_products(const response_run *run, ritz_index chunk, const void *x, const void *y) {
  double *first = run->first + chunk * run->c, *second = run->second + chunk * run->c;
  ritz_index rows;
  memset(first, 0, (size_t)run->c * sizeof *first);
  memset(second, 0, (size_t)run->c * sizeof *second);
  const char *of_x = rows_of(run, chunk, x, &rows), *of_y = rows_of(run, chunk, y, &rows);
  run->k->norm_vjp_sums(rows, run->c, of_x, of_y, run->zero, run->one, first, second);
}

static void squares_task(void *arg, ritz_index chunk, int thread) {
  const response_run *run = arg;
  add_products(run, chunk, ritz_in(run->node, 0), ritz_in(run->node, 0));
}
static void products_task(void *arg, ritz_index chunk, int thread) {
  const response_run *run = arg;
  add_products(run, chunk, ritz_in(run->node, 0), run->node->gradient.data);
}

/* Chunk sums of every sample into those of its first chunk. */
static void add_chunks(response_run *run, double *sums) {
  for (ritz_index s = 0; s < run->samples; s++)
    for (ritz_index i = 1; i < run->chunks; i++)
      for (ritz_index j = 0; j < run->c; j++)
        sums[s * run->chunks * run->c + j] += sums[(s * run->chunks + i) * run->c + j];
}

static double number(const ritz_node *node, int operand, ritz_index i) {
  return ritz_number_get(node->graph->dtype, ritz_in(node, operand), i);
}

/* m of a sample. */
static double mean_length(const response_run *run, ritz_index sample) {
  double sum = 0;
  for (ritz_index i = 0; i < run->c; i++) sum += run->length[sample * run->c + i];
  return sum / (double)run->c + ((const response_attr *)run->node->attr)->eps;
}

static void set_slopes(response_run *run) {
  for (ritz_index s = 0; s < run->samples; s++) {
    const double m = mean_length(run, s);
    for (ritz_index i = 0; i < run->c; i++)
      run->a[s * run->c + i] = 1 + number(run->node, 1, i) * run->length[s * run->c + i] / m;
  }
}

static void apply_task(void *arg, ritz_index chunk, int thread) {
  const response_run *run = arg;
  ritz_index rows;
  const char *x = rows_of(run, chunk, ritz_in(run->node, 0), &rows);
  run->k->norm_apply(rows, run->c, x, run->zero, run->a + sample_of(run, chunk) * run->c, NULL,
                     ritz_in(run->node, 2), rows_of(run, chunk, run->node->value.data, &rows));
}

static void forward(const ritz_node *node) {
  response_run run = start(node);
  sweep(&run, squares_task);
  add_chunks(&run, run.first);
  for (ritz_index s = 0; s < run.samples; s++)
    for (ritz_index i = 0; i < run.c; i++)
      run.length[s * run.c + i] = sqrt(run.first[s * run.chunks * run.c + i]);
  set_slopes(&run);
  sweep(&run, apply_task);
}

/* -h of every sample, and a in the graph's numbers. */
static void set_pulls(response_run *run) {
  const ritz_node *node = run->node;
  for (ritz_index s = 0; s < run->samples; s++) {
    const double m = mean_length(run, s), *t = run->first + s * run->chunks * run->c;
    const double *g = run->length + s * run->c;
    double through_mean = 0;
    for (ritz_index i = 0; i < run->c; i++) through_mean += number(node, 1, i) * t[i] * g[i];
    through_mean /= (double)run->c * m * m;
    for (ritz_index i = 0; i < run->c; i++) {
      const double h = number(node, 1, i) * t[i] / m - through_mean;
      run->q[s * run->c + i] = g[i] > 0 ? -h / g[i] : 0;
      ritz_number_set(node->graph->dtype, run->slope, s * run->c + i, run->a[s * run->c + i]);
    }
  }
}

static void store_parameters(const response_run *run) {
  const ritz_node *node = run->node;
  for (int operand = 1; operand < 3; operand++) {
    void *out = ritz_gin(node, operand);
    for (ritz_index i = 0; out && i < run->c; i++) {
      double sum = node->add[operand] ? ritz_number_get(node->graph->dtype, out, i) : 0;
      for (ritz_index s = 0; s < run->samples; s++) {
        const ritz_index at = s * run->chunks * run->c + i;
        sum += operand == 2 ? run->second[at]
                            : run->first[at] * run->length[s * run->c + i] / mean_length(run, s);
      }
      ritz_number_set(node->graph->dtype, out, i, sum);
    }
  }
}

static void vjp_task(void *arg, ritz_index chunk, int thread) {
  const response_run *run = arg;
  const ritz_node *node = run->node;
  const ritz_index at = sample_of(run, chunk) * run->c;
  ritz_index rows;
  const char *x = rows_of(run, chunk, ritz_in(node, 0), &rows);
  run->k->norm_vjp(rows, run->c, x, rows_of(run, chunk, node->gradient.data, &rows), run->zero,
                   run->one, (const char *)run->slope + (size_t)at * ritz_number_size(node),
                   run->zero, run->q + at, rows_of(run, chunk, ritz_gin(node, 0), &rows),
                   node->add[0]);
}

static void vjp(const ritz_node *node) {
  response_run run = start(node);
  sweep(&run, products_task);
  add_chunks(&run, run.first);
  add_chunks(&run, run.second);
  store_parameters(&run);
  if (!ritz_gin(node, 0)) return;
  set_slopes(&run);
  set_pulls(&run);
  sweep(&run, vjp_task);
}

static double flops(const ritz_node *node) { return 4.0 * (double)ritz_shape_count(&node->shape); }

const ritz_op ritz_op_response_norm = {
    .name = "response_norm",
    .distribution = RITZ_REDUCE,
    .reads_in = 1u << 0 | 1u << 1,
    .infer = infer,
    .plan = plan,
    .forward = forward,
    .vjp = vjp,
    .flops = flops,
};

ritz_var ritz_response_norm(ritz_graph *graph, ritz_var x, double eps, ritz_var w, ritz_var b) {
  const response_attr attr = {.eps = eps};
  return ritz_graph_add(graph, &ritz_op_response_norm, 3, (ritz_var[]){x, w, b}, &attr,
                        sizeof attr);
}
