/* SPDX-License-Identifier: BSD-3-Clause
 * One entry of the first axis: y = x[i]. */
#include <string.h>

#include "core/fail.h"
#include "graph/ops/ops.h"

static ritz_status infer(ritz_node *node) {
  const ritz_shape *x = &node->in[0]->shape;
  const ritz_index i = *(const ritz_index *)node->attr;
  char text[128];
  RITZ_REQUIRE(x->rank >= 2 && i >= 0 && i < x->n[0], RITZ_ERR_SHAPE,
               "select: x is %s, wanted entry %td of its first axis", ritz_shape_text(x, text), i);
  node->shape.rank = x->rank - 1;
  memcpy(node->shape.n, x->n + 1, (size_t)(x->rank - 1) * sizeof *x->n);
  return RITZ_OK;
}

static size_t entry_bytes(const ritz_node *node) {
  return (size_t)ritz_shape_count(&node->shape) * ritz_number_size(node);
}

static size_t offset(const ritz_node *node) {
  return (size_t) * (const ritz_index *)node->attr * entry_bytes(node);
}

static void forward(const ritz_node *node) {
  memcpy(node->value.data, (const char *)ritz_in(node, 0) + offset(node), entry_bytes(node));
}

static void vjp(const ritz_node *node) {
  char *gx = ritz_gin(node, 0);
  if (!gx) return;
  if (!node->add[0]) memset(gx, 0, entry_bytes(node) * (size_t)node->in[0]->shape.n[0]);
  node->graph->kernels->scale(ritz_shape_count(&node->shape), 1, node->gradient.data,
                              gx + offset(node), node->add[0]);
}

const ritz_op ritz_op_select = {
    .name = "select",
    .distribution = RITZ_LOCAL,
    .infer = infer,
    .forward = forward,
    .vjp = vjp,
};

ritz_var ritz_select(ritz_graph *graph, ritz_var x, ritz_index i) {
  return ritz_graph_add(graph, &ritz_op_select, 1, &x, &i, sizeof i);
}
