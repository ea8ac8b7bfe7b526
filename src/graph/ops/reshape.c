/* SPDX-License-Identifier: BSD-3-Clause
 * The same numbers with other extents, [B, X, Y, T] <-> [B, X, Y, T, 1]; vjp: gx += gy. */
#include <string.h>

#include "core/fail.h"
#include "graph/ops/ops.h"

static ritz_status reshape_infer(ritz_node *node) {
  const ritz_shape *shape = node->attr;
  char a[128], b[128];
  RITZ_REQUIRE(shape->rank >= 1 && shape->rank <= RITZ_MAX_RANK &&
                   ritz_shape_count(shape) == ritz_shape_count(&node->in[0]->shape),
               RITZ_ERR_SHAPE, "reshape: x is %s, which has not as many numbers as %s",
               ritz_shape_text(&node->in[0]->shape, a), ritz_shape_text(shape, b));
  node->shape = *shape;
  return RITZ_OK;
}

static size_t bytes(const ritz_node *node) {
  return (size_t)ritz_shape_count(&node->shape) * ritz_number_size(node);
}

static void reshape_forward(const ritz_node *node) {
  memcpy(node->value.data, ritz_in(node, 0), bytes(node));
}

static void reshape_vjp(const ritz_node *node) {
  if (ritz_gin(node, 0))
    node->graph->kernels->scale(ritz_shape_count(&node->shape), 1, node->gradient.data,
                                ritz_gin(node, 0), node->add[0]);
}

const ritz_op ritz_op_reshape = {
    .name = "reshape",
    .distribution = RITZ_REGRID,
    .infer = reshape_infer,
    .forward = reshape_forward,
    .vjp = reshape_vjp,
};

ritz_var ritz_reshape(ritz_graph *graph, ritz_var x, ritz_shape shape) {
  return ritz_graph_add(graph, &ritz_op_reshape, 1, &x, &shape, sizeof shape);
}
