/* SPDX-License-Identifier: BSD-3-Clause
 * A linear map of its own at each grid point, y[b, p] = x[b, p] W[p] with W [X0, ..., Ci, Co]: for
 * each p a product [B, Ci] [Ci, Co] with rows one sample apart.
 *
 * vjp: gx[b, p] += gy[b, p] W[p]^T,  gW[p] += sum over b of x[b, p]^T gy[b, p]. The transpose is
 * made point by point in scratch: small products with a transposed right operand have no fast
 * kernel. */
#include "core/context.h"
#include "core/fail.h"
#include "core/memory.h"
#include "core/threads.h"
#include "graph/distribute.h"
#include "graph/ops/ops.h"
#include "kernels/gemm.h"

typedef struct point_state {
  ritz_gemm forward, input[2], weight[2]; /* [write, add] */
  ritz_index points, per_task, ci, co;
  size_t size;
} point_state;

/* Points of a task: their weights about fill the first-level cache. */
enum { task_numbers = 8192 };

static ritz_status point_infer(ritz_node *node) {
  const ritz_node *x = node->in[0], *w = node->in[1];
  const int d = ritz_grid_dim(x);
  char have[128], want[128];
  bool fits = w->shape.rank == d + 2 && w->shape.n[d] == ritz_channels(x);
  for (int a = 0; fits && a < d; a++) fits = w->shape.n[a] == x->shape.n[a + 1];
  RITZ_REQUIRE(fits, RITZ_ERR_SHAPE,
               "point_linear: x is %s, weight is %s; weight wants [grid of x, channels of x, any]",
               ritz_shape_text(&x->shape, have), ritz_shape_text(&w->shape, want));
  node->shape = x->shape;
  node->shape.n[d + 1] = w->shape.n[d + 1];
  return RITZ_OK;
}

static ritz_status point_plan(ritz_node *node, bool gradients) {
  const ritz_dtype dtype = node->graph->dtype;
  const ritz_index batch = node->shape.n[0];
  point_state *s;
  RITZ_TRY(RITZ_NEW(1, &s));
  node->state = s;
  s->size = ritz_number_size(node);
  s->ci = ritz_channels(node->in[0]);
  s->co = ritz_channels(node);
  s->points = ritz_rows(node) / batch;
  s->per_task = task_numbers / (s->ci * s->co);
  if (s->per_task < 1) s->per_task = 1;
  const ritz_index x = s->points * s->ci, y = s->points * s->co;
  s->forward = ritz_gemm_plan(dtype, false, false, batch, s->co, s->ci, x, s->co, y);
  if (!gradients) return RITZ_OK;
  for (int add = 0; add < 2; add++) {
    s->input[add] = ritz_gemm_plan(dtype, false, add, batch, s->ci, s->co, y, s->ci, x);
    s->weight[add] = ritz_gemm_plan(dtype, true, add, s->ci, s->co, batch, x, y, s->co);
  }
  node->need.scratch =
      (size_t)(node->graph->context->threads * s->ci * s->co) * ritz_number_size(node);
  return RITZ_OK;
}

static void point_destroy(ritz_node *node) { ritz_free(node->state); }

static const char *at(const point_state *s, const void *base, ritz_index numbers) {
  return (const char *)base + (size_t)numbers * s->size;
}

static void forward_task(void *arg, ritz_index task, int thread) {
  const ritz_node *node = arg;
  const point_state *s = node->state;
  const ritz_index end = (task + 1) * s->per_task;
  for (ritz_index p = task * s->per_task; p < end && p < s->points; p++)
    ritz_gemm_run(&s->forward, at(s, ritz_in(node, 0), p * s->ci),
                  at(s, ritz_in(node, 1), p * s->ci * s->co),
                  (char *)node->value.data + (size_t)(p * s->co) * s->size);
}

static void vjp_task(void *arg, ritz_index task, int thread) {
  const ritz_node *node = arg;
  const point_state *s = node->state;
  const ritz_index end = (task + 1) * s->per_task, square = s->ci * s->co;
  char *turned = (char *)node->scratch.data + (size_t)(thread * square) * s->size;
  for (ritz_index p = task * s->per_task; p < end && p < s->points; p++) {
    const char *gy = at(s, node->gradient.data, p * s->co);
    if (ritz_gin(node, 0)) {
      node->graph->kernels->transpose(s->ci, s->co, at(s, ritz_in(node, 1), p * square), turned);
      ritz_gemm_run(&s->input[node->add[0]], gy, turned,
                    (char *)ritz_gin(node, 0) + (size_t)(p * s->ci) * s->size);
    }
    if (ritz_gin(node, 1))
      ritz_gemm_run(&s->weight[node->add[1]], at(s, ritz_in(node, 0), p * s->ci), gy,
                    (char *)ritz_gin(node, 1) + (size_t)(p * square) * s->size);
  }
}

static void run(const ritz_node *node, ritz_task *task) {
  const point_state *s = node->state;
  ritz_parallel(node->graph->context->threads, (s->points + s->per_task - 1) / s->per_task, task,
                (void *)node);
}

static void point_forward(const ritz_node *node) { run(node, forward_task); }
static void point_vjp(const ritz_node *node) { run(node, vjp_task); }

static double point_flops(const ritz_node *node) {
  return 2.0 * (double)ritz_rows(node) * (double)ritz_channels(node->in[0]) *
         (double)ritz_channels(node);
}

const ritz_op ritz_op_point_linear = {
    .name = "point_linear",
    .distribution = RITZ_LOCAL,
    .reads_in = 1u << 0 | 1u << 1,
    .infer = point_infer,
    .add_split = ritz_add_on_points,
    .plan = point_plan,
    .destroy = point_destroy,
    .forward = point_forward,
    .vjp = point_vjp,
    .flops = point_flops,
};

ritz_var ritz_point_linear(ritz_graph *graph, ritz_var x, ritz_var w) {
  return ritz_graph_add(graph, &ritz_op_point_linear, 2, (ritz_var[]){x, w}, NULL, 0);
}
