/* SPDX-License-Identifier: BSD-3-Clause
 * Fixed linear combinations of slices, y[t, r] = sum over k of M[t, k] x[k, r]: stencils from
 * the weights of a few basis functions, kernels with a vanishing sum. k runs over the leading axes
 * of x, r over the others. vjp: gx += M^T gy. */
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "graph/ops/ops.h"
#include "kernels/gemm.h"

typedef struct combine_attr {
  int axes; /* leading ones of x */
  ritz_shape shape;
  double matrix[];
} combine_attr;

typedef struct combine_state {
  ritz_gemm forward, adjoint[2];
  void *matrix;
} combine_state;

/* Numbers of slices (t or k) and of each slice. */
static ritz_index slices(const ritz_shape *shape, int axes) {
  ritz_index count = 1;
  for (int a = 0; a < axes; a++) count *= shape->n[a];
  return count;
}
static int leading(const ritz_node *node) {
  const combine_attr *attr = node->attr;
  return attr->axes + attr->shape.rank - node->in[0]->shape.rank;
}

static ritz_status combine_infer(ritz_node *node) {
  const combine_attr *attr = node->attr;
  const ritz_shape *x = &node->in[0]->shape;
  char have[128], want[128];
  const int rest = x->rank - attr->axes;
  bool fits = attr->axes >= 1 && rest >= 0 && attr->shape.rank > rest;
  for (int a = 1; fits && a <= rest; a++)
    fits = x->n[x->rank - a] == attr->shape.n[attr->shape.rank - a];
  RITZ_REQUIRE(fits, RITZ_ERR_SHAPE, "combine: x is %s, y would be %s with other trailing axes",
               ritz_shape_text(x, have), ritz_shape_text(&attr->shape, want));
  node->shape = attr->shape;
  return RITZ_OK;
}

static ritz_status combine_plan(ritz_node *node, bool gradients) {
  const combine_attr *attr = node->attr;
  const ritz_dtype dtype = node->graph->dtype;
  const ritz_index k = slices(&node->in[0]->shape, attr->axes);
  const ritz_index t = slices(&node->shape, leading(node));
  const ritz_index r = ritz_shape_count(&node->shape) / t;
  combine_state *s;
  RITZ_TRY(RITZ_NEW(1, &s));
  node->state = s;
  s->forward = ritz_gemm_plan(dtype, false, false, t, r, k, k, r, r);
  for (int add = 0; add < 2; add++)
    s->adjoint[add] = ritz_gemm_plan(dtype, true, add, k, r, t, k, r, r);
  RITZ_TRY(ritz_calloc(t * k, ritz_dtype_size(dtype), &s->matrix));
  for (ritz_index i = 0; i < t * k; i++) ritz_number_set(dtype, s->matrix, i, attr->matrix[i]);
  return RITZ_OK;
}

static void combine_destroy(ritz_node *node) {
  combine_state *s = node->state;
  if (!s) return;
  ritz_free(s->matrix);
  ritz_free(s);
}

static void combine_forward(const ritz_node *node) {
  const combine_state *s = node->state;
  ritz_gemm_run(&s->forward, s->matrix, ritz_in(node, 0), node->value.data);
}

static void combine_vjp(const ritz_node *node) {
  const combine_state *s = node->state;
  if (ritz_gin(node, 0))
    ritz_gemm_run(&s->adjoint[node->add[0]], s->matrix, node->gradient.data, ritz_gin(node, 0));
}

static double combine_flops(const ritz_node *node) {
  const combine_attr *attr = node->attr;
  return 2.0 * (double)ritz_shape_count(&node->shape) *
         (double)slices(&node->in[0]->shape, attr->axes);
}

const ritz_op ritz_op_combine = {
    .name = "combine",
    .distribution = RITZ_LOCAL,
    .infer = combine_infer,
    .plan = combine_plan,
    .destroy = combine_destroy,
    .forward = combine_forward,
    .vjp = combine_vjp,
    .flops = combine_flops,
};

ritz_var ritz_combine(ritz_graph *graph, ritz_var x, int axes, ritz_shape shape,
                      const double *matrix) {
  combine_attr *attr;
  if (!x) return RITZ_NO_VAR;
  const int rest = x->shape.rank - axes;
  const ritz_index count =
      slices(&x->shape, axes) * slices(&shape, rest < shape.rank ? shape.rank - rest : 0);
  const size_t bytes = sizeof *attr + (size_t)count * sizeof *matrix;
  const ritz_status status = ritz_calloc((ritz_index)bytes, 1, (void **)&attr);
  if (status != RITZ_OK) return ritz_graph_latch(graph, status);
  attr->axes = axes;
  attr->shape = shape;
  memcpy(attr->matrix, matrix, (size_t)count * sizeof *matrix);
  ritz_var y = ritz_graph_add(graph, &ritz_op_combine, 1, &x, attr, bytes);
  ritz_free(attr);
  return y;
}
