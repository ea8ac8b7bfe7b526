/* SPDX-License-Identifier: BSD-3-Clause
 * Every pair of rows of two complex tensors multiplied channel by channel (a Khatri-Rao product,
 * Kolda & Bader 2009, Sec. 2.6):   y[p, l, :] = t[p, :] u[l, :]. */
#include "core/context.h"
#include "core/fail.h"
#include "core/threads.h"
#include "graph/ops/ops.h"

static bool is_rows(const ritz_shape *s) { return s->rank >= 2 && s->n[s->rank - 2] == 2; }

static ritz_status infer(ritz_node *node) {
  const ritz_shape *t = &node->in[0]->shape, *u = &node->in[1]->shape;
  char have[128], other[128];
  RITZ_REQUIRE(is_rows(t) && is_rows(u) && t->n[t->rank - 1] == u->n[u->rank - 1] &&
                   t->rank + u->rank - 2 <= RITZ_MAX_RANK,
               RITZ_ERR_SHAPE, "mode_scale: operands are %s and %s, wanted [..., 2, C] both",
               ritz_shape_text(t, have), ritz_shape_text(u, other));
  ritz_shape *y = &node->shape;
  y->rank = 0;
  for (int i = 0; i < t->rank - 2; i++) y->n[y->rank++] = t->n[i];
  for (int i = 0; i < u->rank; i++) y->n[y->rank++] = u->n[i];
  return RITZ_OK;
}

/* Rows of an operand, and bytes of one. */
static ritz_index rows(const ritz_node *node) {
  return ritz_shape_count(&node->shape) / (2 * ritz_channels(node));
}
static size_t row_bytes(const ritz_node *node) {
  return 2 * (size_t)ritz_channels(node) * ritz_number_size(node);
}

static void forward_task(void *arg, ritz_index p, int thread) {
  const ritz_node *node = arg;
  const ritz_index pairs = rows(node->in[1]);
  const size_t row = row_bytes(node);
  const char *t = (const char *)ritz_in(node, 0) + (size_t)p * row;
  for (ritz_index l = 0; l < pairs; l++)
    node->graph->kernels->mode_scale(1, ritz_channels(node), t,
                                     (const char *)ritz_in(node, 1) + (size_t)l * row, 1,
                                     (char *)node->value.data + (size_t)(p * pairs + l) * row);
}

static void forward(const ritz_node *node) {
  ritz_parallel(node->graph->context->threads, rows(node->in[0]), forward_task, (void *)node);
}

/* Row r of operand i: conj(other operand) gy, summed over the other's rows in their order. */
static void gradient_row(const ritz_node *node, int i, ritz_index r) {
  const ritz_index others = rows(node->in[1 - i]), pairs = rows(node->in[1]);
  const size_t row = row_bytes(node);
  for (ritz_index o = 0; o < others; o++) {
    const ritz_index at = i == 0 ? r * pairs + o : o * pairs + r;
    node->graph->kernels->mode_scale_vjp(
        1, ritz_channels(node), (const char *)ritz_in(node, 1 - i) + (size_t)o * row,
        (const char *)node->gradient.data + (size_t)at * row,
        (char *)ritz_gin(node, i) + (size_t)r * row, node->add[i] || o > 0);
  }
}
static void first_task(void *arg, ritz_index r, int thread) { gradient_row(arg, 0, r); }
static void second_task(void *arg, ritz_index r, int thread) { gradient_row(arg, 1, r); }

static void vjp(const ritz_node *node) {
  const int threads = node->graph->context->threads;
  if (ritz_gin(node, 0)) ritz_parallel(threads, rows(node->in[0]), first_task, (void *)node);
  if (ritz_gin(node, 1)) ritz_parallel(threads, rows(node->in[1]), second_task, (void *)node);
}

static double flops(const ritz_node *node) { return 3.0 * (double)ritz_shape_count(&node->shape); }

const ritz_op ritz_op_mode_scale = {
    .name = "mode_scale",
    .distribution = RITZ_LOCAL,
    .reads_in = 1u << 0 | 1u << 1,
    .infer = infer,
    .forward = forward,
    .vjp = vjp,
    .flops = flops,
};

ritz_var ritz_mode_scale(ritz_graph *graph, ritz_var t, ritz_var u) {
  return ritz_graph_add(graph, &ritz_op_mode_scale, 2, (ritz_var[]){t, u}, NULL, 0);
}
