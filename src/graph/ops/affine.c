/* SPDX-License-Identifier: BSD-3-Clause
 * A factor and a summand for every number of a sample, y[s] = x[s] w + b: the affine part of a norm
 * over whole fields.
 *
 * vjp: gx += gy w, gw += sum over s of x gy, gb += sum over s of gy. */
#include <string.h>

#include "core/context.h"
#include "core/fail.h"
#include "core/threads.h"
#include "graph/distribute.h"
#include "graph/ops/ops.h"

enum { chunk_numbers = 4096 };

/* Numbers of a sample. */
static ritz_index sample_size(const ritz_node *node) {
  const ritz_index samples = node->shape.n[0];
  return samples ? ritz_shape_count(&node->shape) / samples : 0;
}

static ritz_status affine_infer(ritz_node *node) {
  const ritz_shape *x = &node->in[0]->shape;
  char a[128], b[128];
  for (int i = 1; i < node->arity; i++) {
    const ritz_shape *w = &node->in[i]->shape;
    bool fits = w->rank == x->rank - 1;
    for (int j = 0; fits && j < w->rank; j++) fits = w->n[j] == x->n[j + 1];
    RITZ_REQUIRE(fits, RITZ_ERR_SHAPE,
                 "affine: x is %s, parameter %d is %s, wanted that of a sample",
                 ritz_shape_text(x, a), i, ritz_shape_text(w, b));
  }
  return ritz_infer_same(node);
}

/* Numbers [first, first + count) of a sample. */
typedef struct part {
  ritz_index first, count;
} part;

static part part_of(const ritz_node *node, ritz_index chunk) {
  const ritz_index left = sample_size(node) - chunk * chunk_numbers;
  return (part){chunk * chunk_numbers, left < chunk_numbers ? left : chunk_numbers};
}

static void *at(const ritz_node *node, const void *array, ritz_index i) {
  return (char *)array + (size_t)i * ritz_number_size(node);
}

static void sweep(const ritz_node *node, ritz_task *task) {
  const ritz_index chunks = (sample_size(node) + chunk_numbers - 1) / chunk_numbers;
  ritz_parallel(node->graph->context->threads, chunks, task, (void *)node);
}

static void forward_task(void *arg, ritz_index chunk, int thread) {
  const ritz_node *node = arg;
  const ritz_kernels *k = node->graph->kernels;
  const part p = part_of(node, chunk);
  const void *w = at(node, ritz_in(node, 1), p.first), *b = at(node, ritz_in(node, 2), p.first);
  for (ritz_index s = 0; s < node->shape.n[0]; s++) {
    const ritz_index i = s * sample_size(node) + p.first;
    void *y = at(node, node->value.data, i);
    k->row_scale(1, p.count, at(node, ritz_in(node, 0), i), w, y, false);
    k->scale(p.count, 1, b, y, true);
  }
}

static void affine_forward(const ritz_node *node) { sweep(node, forward_task); }

static void input_task(void *arg, ritz_index chunk, int thread) {
  const ritz_node *node = arg;
  const part p = part_of(node, chunk);
  const void *w = at(node, ritz_in(node, 1), p.first);
  for (ritz_index s = 0; s < node->shape.n[0]; s++) {
    const ritz_index i = s * sample_size(node) + p.first;
    node->graph->kernels->row_scale(1, p.count, at(node, node->gradient.data, i), w,
                                    at(node, ritz_gin(node, 0), i), node->add[0]);
  }
}

static void weight_task(void *arg, ritz_index chunk, int thread) {
  const ritz_node *node = arg;
  const ritz_kernels *k = node->graph->kernels;
  const part p = part_of(node, chunk);
  void *gw = at(node, ritz_gin(node, 1), p.first);
  if (!node->add[1]) memset(gw, 0, (size_t)p.count * ritz_number_size(node));
  for (ritz_index s = 0; s < node->shape.n[0]; s++) {
    const ritz_index i = s * sample_size(node) + p.first;
    k->row_dot(1, p.count, at(node, ritz_in(node, 0), i), at(node, node->gradient.data, i), gw);
  }
}

static void bias_task(void *arg, ritz_index chunk, int thread) {
  const ritz_node *node = arg;
  const part p = part_of(node, chunk);
  void *gb = at(node, ritz_gin(node, 2), p.first);
  for (ritz_index s = 0; s < node->shape.n[0]; s++)
    node->graph->kernels->scale(p.count, 1,
                                at(node, node->gradient.data, s * sample_size(node) + p.first), gb,
                                s > 0 || node->add[2]);
}

static void affine_vjp(const ritz_node *node) {
  if (ritz_gin(node, 1)) sweep(node, weight_task);
  if (ritz_gin(node, 2)) sweep(node, bias_task);
  if (ritz_gin(node, 0)) sweep(node, input_task);
}

static double affine_flops(const ritz_node *node) {
  return 2.0 * (double)ritz_shape_count(&node->shape);
}

const ritz_op ritz_op_affine = {
    .name = "affine",
    .distribution = RITZ_LOCAL,
    .reads_in = 1u << 0 | 1u << 1,
    .infer = affine_infer,
    .add_split = ritz_add_on_points,
    .forward = affine_forward,
    .vjp = affine_vjp,
    .flops = affine_flops,
};

ritz_var ritz_affine(ritz_graph *graph, ritz_var x, ritz_var w, ritz_var b) {
  return ritz_graph_add(graph, &ritz_op_affine, 3, (ritz_var[]){x, w, b}, NULL, 0);
}
