/* SPDX-License-Identifier: BSD-3-Clause
 * Mode product Y = T x_j U of complex tensors. Kolda & Bader 2009, SIAM Review 51:455, Sec. 2.5:
 *     y[p, l, q, 2, :] = sum over a of u[l, a] t[p, a, q, 2, :]. */
#include "kernels/axis_product.h"

#include "core/context.h"
#include "core/fail.h"
#include "graph/ops/ops.h"

typedef struct mode_attr {
  int axis, inner;
} mode_attr;

static ritz_status infer(ritz_node *node) {
  const mode_attr *attr = node->attr;
  const ritz_shape *t = &node->in[0]->shape, *u = &node->in[1]->shape;
  const int planes = t->rank - 1 - attr->inner; /* the axis of (Re, Im) */
  char have[128], matrix[128];
  RITZ_REQUIRE(attr->inner >= 1 && attr->axis >= 0 && attr->axis < planes && t->n[planes] == 2 &&
                   u->rank >= 2 && u->n[u->rank - 2] == 2 && u->n[u->rank - 1] == t->n[attr->axis],
               RITZ_ERR_SHAPE, "mode_product: tensor is %s, matrix is %s, axis %d, %d inner axes",
               ritz_shape_text(t, have), ritz_shape_text(u, matrix), attr->axis, attr->inner);
  const int more = u->rank - 2;
  RITZ_REQUIRE(t->rank - 1 + more <= RITZ_MAX_RANK, RITZ_ERR_SHAPE,
               "mode_product: the product of %s and %s has more than %d axes", have, matrix,
               RITZ_MAX_RANK);
  ritz_shape *y = &node->shape;
  y->rank = 0;
  for (int i = 0; i < attr->axis; i++) y->n[y->rank++] = t->n[i];
  for (int i = 0; i < more; i++) y->n[y->rank++] = u->n[i];
  for (int i = attr->axis + 1; i < t->rank; i++) y->n[y->rank++] = t->n[i];
  return RITZ_OK;
}

static ritz_index extent(const ritz_shape *shape, int from, int to) {
  ritz_index n = 1;
  for (int i = from; i < to; i++) n *= shape->n[i];
  return n;
}

static ritz_axis_product_shape product_shape(const ritz_node *node) {
  const mode_attr *attr = node->attr;
  const ritz_shape *t = &node->in[0]->shape, *u = &node->in[1]->shape;
  const int planes = t->rank - 1 - attr->inner;
  return (ritz_axis_product_shape){.dtype = node->graph->dtype,
                                   .p = extent(t, 0, attr->axis),
                                   .a = t->n[attr->axis],
                                   .l = extent(u, 0, u->rank - 2),
                                   .q = extent(t, attr->axis + 1, planes),
                                   .n = extent(t, planes + 1, t->rank)};
}

static ritz_status plan(ritz_node *node, bool gradients) {
  const ritz_axis_product_shape shape = product_shape(node);
  ritz_axis_product *product;
  RITZ_TRY(ritz_axis_product_create(&shape, node->graph->context->threads, &product));
  node->state = product;
  node->need.scratch = ritz_axis_product_scratch(product);
  return RITZ_OK;
}

static void destroy(ritz_node *node) {
  ritz_axis_product *product = node->state;
  if (product) ritz_axis_product_destroy(&product);
}

static void forward(const ritz_node *node) {
  ritz_axis_product_forward(node->state, ritz_in(node, 0), ritz_in(node, 1), node->value.data,
                            node->scratch.data);
}

static void vjp(const ritz_node *node) {
  if (ritz_gin(node, 0))
    ritz_axis_product_vjp_tensor(node->state, node->gradient.data, ritz_in(node, 1), node->add[0],
                                 ritz_gin(node, 0), node->scratch.data);
  if (ritz_gin(node, 1))
    ritz_axis_product_vjp_matrix(node->state, ritz_in(node, 0), node->gradient.data, node->add[1],
                                 ritz_gin(node, 1), node->scratch.data);
}

static double flops(const ritz_node *node) {
  const ritz_axis_product_shape s = product_shape(node);
  return 8.0 * (double)(s.p * s.q * s.n) * (double)(s.a * s.l);
}

const ritz_op ritz_op_mode_product = {
    .name = "mode_product",
    .distribution = RITZ_LOCAL,
    .reads_in = 1u << 0 | 1u << 1,
    .infer = infer,
    .plan = plan,
    .destroy = destroy,
    .forward = forward,
    .vjp = vjp,
    .flops = flops,
};

ritz_var ritz_mode_product(ritz_graph *graph, ritz_var t, ritz_var u, int axis, int inner) {
  const mode_attr attr = {axis, inner};
  return ritz_graph_add(graph, &ritz_op_mode_product, 2, (ritz_var[]){t, u}, &attr, sizeof attr);
}
