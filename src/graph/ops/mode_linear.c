/* SPDX-License-Identifier: BSD-3-Clause
 * A complex linear map of its own for each coefficient, y_k = x_k w_k with w [K..., 2, Ci, Co];
 * channels hold all real parts and then all imaginary parts. For each k one real product
 *
 *     [Re y, Im y] = [Re x, Im x] M,     M = ( Re w, Im w; -Im w, Re w ).
 *
 * vjp: gx = gy M^T;  G = x^T gy, g(Re w) = G_11 + G_22, g(Im w) = G_12 - G_21. */
#include "core/context.h"
#include "core/fail.h"
#include "core/memory.h"
#include "core/threads.h"
#include "graph/ops/ops.h"
#include "kernels/gemm.h"

typedef struct mode_state {
  ritz_gemm forward, input[2], weight; /* input: write, add */
  ritz_index modes, ci, co;
  size_t size, room; /* room: bytes of scratch of a thread, M and its transpose or G */
} mode_state;

static ritz_status mode_infer(ritz_node *node) {
  const ritz_node *x = node->in[0], *w = node->in[1];
  const int d = ritz_grid_dim(x);
  char have[128], want[128];
  bool fits = d >= 1 && w->shape.rank == d + 3 && w->shape.n[d] == 2 &&
              2 * w->shape.n[d + 1] == ritz_channels(x);
  for (int a = 0; fits && a < d; a++) fits = w->shape.n[a] == x->shape.n[a + 1];
  RITZ_REQUIRE(fits, RITZ_ERR_SHAPE,
               "mode_linear: x is %s, weight is %s; weight wants [grid of x, 2, half the channels "
               "of x, any]",
               ritz_shape_text(&x->shape, have), ritz_shape_text(&w->shape, want));
  node->shape = x->shape;
  node->shape.n[d + 1] = 2 * w->shape.n[d + 2];
  return RITZ_OK;
}

static ritz_status mode_plan(ritz_node *node, bool gradients) {
  const ritz_dtype dtype = node->graph->dtype;
  const ritz_index batch = node->shape.n[0];
  mode_state *s;
  RITZ_TRY(RITZ_NEW(1, &s));
  node->state = s;
  s->size = ritz_number_size(node);
  s->ci = ritz_channels(node->in[0]) / 2;
  s->co = ritz_channels(node) / 2;
  s->modes = ritz_rows(node) / batch;
  const ritz_index in = 2 * s->ci, out = 2 * s->co, x = s->modes * in, y = s->modes * out;
  s->forward = ritz_gemm_plan(dtype, false, false, batch, out, in, x, out, y);
  for (int add = 0; add < 2; add++)
    s->input[add] = ritz_gemm_plan(dtype, false, add, batch, in, out, y, in, x);
  s->weight = ritz_gemm_plan(dtype, true, false, in, out, batch, x, y, out);
  s->room = (size_t)(2 * in * out) * s->size;
  node->need.scratch = s->room * (size_t)node->graph->context->threads;
  return RITZ_OK;
}

static void mode_destroy(ritz_node *node) { ritz_free(node->state); }

static char *at(const mode_state *s, const void *base, ritz_index numbers) {
  return (char *)base + numbers * (ritz_index)s->size;
}

/* M of mode k. */
static void expand(const ritz_node *node, ritz_index k, char *m) {
  const mode_state *s = node->state;
  const ritz_kernels *kernels = node->graph->kernels;
  const ritz_index ci = s->ci, co = s->co;
  const char *re = at(s, ritz_in(node, 1), 2 * k * ci * co), *im = at(s, re, ci * co);
  kernels->row_copy(ci, co, re, co, m, 2 * co, false);
  kernels->row_copy(ci, co, im, co, at(s, m, co), 2 * co, false);
  for (ritz_index i = 0; i < ci; i++)
    kernels->scale(co, -1, at(s, im, i * co), at(s, m, 2 * (ci + i) * co), false);
  kernels->row_copy(ci, co, re, co, at(s, m, (2 * ci + 1) * co), 2 * co, false);
}

/* gw of mode k from G. */
static void contract(const ritz_node *node, ritz_index k, const char *g) {
  const mode_state *s = node->state;
  const ritz_kernels *kernels = node->graph->kernels;
  const ritz_index ci = s->ci, co = s->co;
  char *re = at(s, ritz_gin(node, 1), 2 * k * ci * co), *im = at(s, re, ci * co);
  kernels->row_copy(ci, co, g, 2 * co, re, co, node->add[1]);
  kernels->row_copy(ci, co, at(s, g, (2 * ci + 1) * co), 2 * co, re, co, true);
  kernels->row_copy(ci, co, at(s, g, co), 2 * co, im, co, node->add[1]);
  for (ritz_index i = 0; i < ci; i++)
    kernels->scale(co, -1, at(s, g, 2 * (ci + i) * co), at(s, im, i * co), true);
}

static void forward_task(void *arg, ritz_index k, int thread) {
  const ritz_node *node = arg;
  const mode_state *s = node->state;
  char *m = (char *)node->scratch.data + (size_t)thread * s->room;
  expand(node, k, m);
  ritz_gemm_run(&s->forward, at(s, ritz_in(node, 0), 2 * k * s->ci), m,
                at(s, node->value.data, 2 * k * s->co));
}

static void vjp_task(void *arg, ritz_index k, int thread) {
  const ritz_node *node = arg;
  const mode_state *s = node->state;
  char *m = (char *)node->scratch.data + (size_t)thread * s->room;
  char *turned = at(s, m, 4 * s->ci * s->co);
  const char *gy = at(s, node->gradient.data, 2 * k * s->co);
  if (ritz_gin(node, 0)) {
    expand(node, k, m);
    node->graph->kernels->transpose(2 * s->ci, 2 * s->co, m, turned);
    ritz_gemm_run(&s->input[node->add[0]], gy, turned, at(s, ritz_gin(node, 0), 2 * k * s->ci));
  }
  if (!ritz_gin(node, 1)) return;
  ritz_gemm_run(&s->weight, at(s, ritz_in(node, 0), 2 * k * s->ci), gy, m);
  contract(node, k, m);
}

static void mode_forward(const ritz_node *node) {
  ritz_parallel(node->graph->context->threads, ((const mode_state *)node->state)->modes,
                forward_task, (void *)node);
}
static void mode_vjp(const ritz_node *node) {
  ritz_parallel(node->graph->context->threads, ((const mode_state *)node->state)->modes, vjp_task,
                (void *)node);
}

static double mode_flops(const ritz_node *node) {
  return 2.0 * (double)ritz_rows(node) * (double)ritz_channels(node->in[0]) *
         (double)ritz_channels(node);
}

const ritz_op ritz_op_mode_linear = {
    .name = "mode_linear",
    .distribution = RITZ_LOCAL,
    .reads_in = 1u << 0 | 1u << 1,
    .infer = mode_infer,
    .plan = mode_plan,
    .destroy = mode_destroy,
    .forward = mode_forward,
    .vjp = mode_vjp,
    .flops = mode_flops,
};

ritz_var ritz_mode_linear(ritz_graph *graph, ritz_var x, ritz_var w) {
  return ritz_graph_add(graph, &ritz_op_mode_linear, 2, (ritz_var[]){x, w}, NULL, 0);
}
