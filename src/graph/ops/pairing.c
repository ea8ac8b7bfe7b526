/* SPDX-License-Identifier: BSD-3-Clause
 * Inner products of coefficients with functions, y[b, n, c] = sum over k of f[b, c, k] t[n, c, k]:
 * for each of the C channels a product of matrices,
 *
 *     Y_c [B, N] = F_c [B, K] T_c^T,     T_c [N, K] the same for all samples.
 *
 * vjp: gT_c = gY_c^T F_c,  gF_c = gY_c T_c; where all channels share F or T, the sum over c. With
 * C > 1 these products work on planes Z [C, B, N], from which y is put together. Where each sample
 * has functions of its own, t [B, N, C, K], there is one product of a matrix and a vector a sample.
 *
 * A task is some points, or some samples: no sum depends on how many threads there are. */
#include "core/context.h"
#include "core/fail.h"
#include "core/memory.h"
#include "core/threads.h"
#include "graph/ops/ops.h"
#include "kernels/gemm.h"

/* Points of a task, and samples of one. */
enum { task_points = 64, task_samples = 16 };

typedef struct pairing_state {
  ritz_index batch, points, count, inner;      /* B, N, C, K */
  ritz_index f_width, t_width, f_step, t_step; /* numbers of a row; from one channel to the next */
  bool aligned;
  size_t size, turned; /* turned: bytes of a thread's transposed functions */
  /* Products of a whole task and of the last one, [1]; those of vjp write or add, [.][1]. */
  ritz_gemm forward[2], functions[2][2], coefficients[2][2];
} pairing_state;

/* K, or 0 where f and t do not fit. */
static ritz_index inner_of(ritz_index f, ritz_index t, ritz_index count) {
  if (f == t) return f % count == 0 ? f / count : 0;
  return f == t * count ? t : t == f * count ? f : 0;
}

static ritz_status pairing_infer(ritz_node *node) {
  const ritz_shape *f = &node->in[0]->shape, *t = &node->in[1]->shape;
  const ritz_index count = *(const ritz_index *)node->attr;
  const bool aligned = f->rank == t->rank;
  char have[128], with[128];
  RITZ_REQUIRE(count >= 1, RITZ_ERR_ARGUMENT, "pairing: %td channels, wanted 1 or more", count);
  RITZ_REQUIRE(t->rank >= 2 && (aligned || t->rank == f->rank - 1) &&
                   ritz_rows(node->in[0]) == f->n[0] && (!aligned || t->n[0] == f->n[0]) &&
                   inner_of(ritz_channels(node->in[0]), ritz_channels(node->in[1]), count) > 0,
               RITZ_ERR_SHAPE,
               "pairing: coefficients are %s, functions %s; wanted [B, 1, ..., c K] and [N, ..., "
               "c K] or [B, N, ..., c K], each c 1 or %td",
               ritz_shape_text(f, have), ritz_shape_text(t, with), count);
  node->shape.rank = f->rank;
  node->shape.n[0] = f->n[0];
  for (int a = 1; a < f->rank - 1; a++) node->shape.n[a] = t->n[aligned ? a : a - 1];
  node->shape.n[f->rank - 1] = count;
  return RITZ_OK;
}

static void plan_shared(ritz_node *node, pairing_state *s, bool gradients) {
  const ritz_dtype dtype = node->graph->dtype;
  const ritz_index n = s->points, k = s->inner, b = s->batch;
  const ritz_index many[2] = {n < task_points ? n : task_points, n % task_points};
  const ritz_index some[2] = {b < task_samples ? b : task_samples, b % task_samples};
  for (int last = 0; last < 2; last++) {
    s->forward[last] =
        ritz_gemm_plan(dtype, false, false, b, many[last], k, s->f_width, many[last], n);
    for (int add = 0; gradients && add < 2; add++) {
      s->functions[last][add] =
          ritz_gemm_plan(dtype, true, add, many[last], k, b, n, s->f_width, s->t_width);
      s->coefficients[last][add] =
          ritz_gemm_plan(dtype, false, add, some[last], k, n, n, s->t_width, s->f_width);
    }
  }
  s->turned = (size_t)(many[0] * s->t_width) * s->size;
  node->need.scratch = s->turned * (size_t)node->graph->context->threads;
  if (s->count > 1) node->need.scratch += (size_t)(s->count * b * n) * s->size;
}

static void plan_aligned(ritz_node *node, pairing_state *s) {
  const ritz_dtype dtype = node->graph->dtype;
  const ritz_index n = s->points, k = s->inner, c = s->count;
  s->forward[0] = ritz_gemm_plan(dtype, false, false, n, 1, k, s->t_width, 1, c);
  for (int add = 0; add < 2; add++) {
    s->functions[0][add] = ritz_gemm_plan(dtype, false, add, n, k, 1, c, k, s->t_width);
    s->coefficients[0][add] = ritz_gemm_plan(dtype, true, add, 1, k, n, c, s->t_width, k);
  }
}

static ritz_status pairing_plan(ritz_node *node, bool gradients) {
  const ritz_node *f = node->in[0], *t = node->in[1];
  pairing_state *s;
  RITZ_TRY(RITZ_NEW(1, &s));
  node->state = s;
  s->size = ritz_number_size(node);
  s->count = *(const ritz_index *)node->attr;
  s->batch = f->shape.n[0];
  s->points = ritz_rows(node) / s->batch;
  s->f_width = ritz_channels(f);
  s->t_width = ritz_channels(t);
  s->inner = inner_of(s->f_width, s->t_width, s->count);
  s->f_step = s->f_width == s->inner ? 0 : s->inner;
  s->t_step = s->t_width == s->inner ? 0 : s->inner;
  s->aligned = t->shape.rank == f->shape.rank;
  if (s->aligned)
    plan_aligned(node, s);
  else
    plan_shared(node, s, gradients);
  return RITZ_OK;
}

static void pairing_destroy(ritz_node *node) { ritz_free(node->state); }

static char *at(const pairing_state *s, const void *base, ritz_index numbers) {
  return (char *)base + numbers * (ritz_index)s->size;
}

/* The planes Z of a field y, behind the transposed functions; y itself if it is one plane. */
static void *planes(const ritz_node *node, void *y) {
  const pairing_state *s = node->state;
  const size_t front = s->turned * (size_t)node->graph->context->threads;
  return s->count == 1 ? y : (char *)node->scratch.data + front;
}

/* ---- functions shared by all samples ------------------------------------------------------- */

static void forward_points(void *arg, ritz_index task, int thread) {
  const ritz_node *node = arg;
  const pairing_state *s = node->state;
  const ritz_index first = task * task_points;
  const bool last = s->points - first < task_points && task > 0;
  const ritz_index n = s->points - first < task_points ? s->points - first : task_points;
  char *turned = (char *)node->scratch.data + (size_t)thread * s->turned;
  node->graph->kernels->transpose(n, s->t_width, at(s, ritz_in(node, 1), first * s->t_width),
                                  turned);
  for (ritz_index c = 0; c < s->count; c++)
    ritz_gemm_run(&s->forward[last], at(s, ritz_in(node, 0), c * s->f_step),
                  at(s, turned, c * s->t_step * n),
                  at(s, planes(node, node->value.data), c * s->batch * s->points + first));
}

/* Samples of y from the planes, or the other way. */
static void exchange_sample(const ritz_node *node, ritz_index b, bool to_planes) {
  const pairing_state *s = node->state;
  void *y = to_planes ? node->gradient.data : node->value.data;
  for (ritz_index c = 0; c < s->count; c++) {
    char *plane = at(s, planes(node, y), (c * s->batch + b) * s->points);
    char *field = at(s, y, b * s->points * s->count + c);
    if (to_planes)
      node->graph->kernels->row_copy(s->points, 1, field, s->count, plane, 1, false);
    else
      node->graph->kernels->row_copy(s->points, 1, plane, 1, field, s->count, false);
  }
}
static void from_planes(void *arg, ritz_index b, int thread) { exchange_sample(arg, b, false); }
static void to_planes(void *arg, ritz_index b, int thread) { exchange_sample(arg, b, true); }

static void functions_vjp(void *arg, ritz_index task, int thread) {
  const ritz_node *node = arg;
  const pairing_state *s = node->state;
  const ritz_index first = task * task_points;
  const bool last = s->points - first < task_points && task > 0;
  for (ritz_index c = 0; c < s->count; c++)
    ritz_gemm_run(&s->functions[last][node->add[1] || (c > 0 && s->t_step == 0)],
                  at(s, planes(node, node->gradient.data), c * s->batch * s->points + first),
                  at(s, ritz_in(node, 0), c * s->f_step),
                  at(s, ritz_gin(node, 1), first * s->t_width + c * s->t_step));
}

static void coefficients_vjp(void *arg, ritz_index task, int thread) {
  const ritz_node *node = arg;
  const pairing_state *s = node->state;
  const ritz_index first = task * task_samples;
  const bool last = s->batch - first < task_samples && task > 0;
  for (ritz_index c = 0; c < s->count; c++)
    ritz_gemm_run(&s->coefficients[last][node->add[0] || (c > 0 && s->f_step == 0)],
                  at(s, planes(node, node->gradient.data), (c * s->batch + first) * s->points),
                  at(s, ritz_in(node, 1), c * s->t_step),
                  at(s, ritz_gin(node, 0), first * s->f_width + c * s->f_step));
}

/* ---- functions of each sample -------------------------------------------------------------- */

static void forward_sample(void *arg, ritz_index b, int thread) {
  const ritz_node *node = arg;
  const pairing_state *s = node->state;
  for (ritz_index c = 0; c < s->count; c++)
    ritz_gemm_run(&s->forward[0],
                  at(s, ritz_in(node, 1), b * s->points * s->t_width + c * s->t_step),
                  at(s, ritz_in(node, 0), b * s->f_width + c * s->f_step),
                  at(s, node->value.data, b * s->points * s->count + c));
}

static void sample_vjp(void *arg, ritz_index b, int thread) {
  const ritz_node *node = arg;
  const pairing_state *s = node->state;
  for (ritz_index c = 0; c < s->count; c++) {
    const ritz_index f = b * s->f_width + c * s->f_step;
    const ritz_index t = b * s->points * s->t_width + c * s->t_step;
    const char *gy = at(s, node->gradient.data, b * s->points * s->count + c);
    if (ritz_gin(node, 1))
      ritz_gemm_run(&s->functions[0][node->add[1] || (c > 0 && s->t_step == 0)], gy,
                    at(s, ritz_in(node, 0), f), at(s, ritz_gin(node, 1), t));
    if (ritz_gin(node, 0))
      ritz_gemm_run(&s->coefficients[0][node->add[0] || (c > 0 && s->f_step == 0)], gy,
                    at(s, ritz_in(node, 1), t), at(s, ritz_gin(node, 0), f));
  }
}

static void run(const ritz_node *node, ritz_index tasks, ritz_task *task) {
  ritz_parallel(node->graph->context->threads, tasks, task, (void *)node);
}

static ritz_index parts(ritz_index n, ritz_index part) { return (n + part - 1) / part; }

static void pairing_forward(const ritz_node *node) {
  const pairing_state *s = node->state;
  if (s->aligned) {
    run(node, s->batch, forward_sample);
    return;
  }
  run(node, parts(s->points, task_points), forward_points);
  if (s->count > 1) run(node, s->batch, from_planes);
}

static void pairing_vjp(const ritz_node *node) {
  const pairing_state *s = node->state;
  if (s->aligned) {
    run(node, s->batch, sample_vjp);
    return;
  }
  if (s->count > 1) run(node, s->batch, to_planes);
  if (ritz_gin(node, 1)) run(node, parts(s->points, task_points), functions_vjp);
  if (ritz_gin(node, 0)) run(node, parts(s->batch, task_samples), coefficients_vjp);
}

static double pairing_flops(const ritz_node *node) {
  const ritz_index f = ritz_channels(node->in[0]), t = ritz_channels(node->in[1]);
  return 2.0 * (double)ritz_shape_count(&node->shape) *
         (double)inner_of(f, t, *(const ritz_index *)node->attr);
}

const ritz_op ritz_op_pairing = {
    .name = "pairing",
    .distribution = RITZ_REDUCE,
    .reads_in = 1u << 0 | 1u << 1,
    .infer = pairing_infer,
    .plan = pairing_plan,
    .destroy = pairing_destroy,
    .forward = pairing_forward,
    .vjp = pairing_vjp,
    .flops = pairing_flops,
};

ritz_var ritz_pairing(ritz_graph *graph, ritz_var f, ritz_var t, ritz_index channels) {
  return ritz_graph_add(graph, &ritz_op_pairing, 2, (ritz_var[]){f, t}, &channels, sizeof channels);
}
