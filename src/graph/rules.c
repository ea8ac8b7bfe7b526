/* SPDX-License-Identifier: BSD-3-Clause
 * What many ops have in common: rules of shapes, gradients that pass unchanged. */
#include "core/fail.h"
#include "graph/op.h"
#include "kernels/kernels.h"

ritz_status ritz_infer_same(ritz_node *node) {
  node->shape = node->in[0]->shape;
  return RITZ_OK;
}

ritz_status ritz_infer_per_channel(ritz_node *node) {
  char x[128], w[128];
  for (int i = 1; i < node->arity; i++)
    RITZ_REQUIRE(ritz_shape_count(&node->in[i]->shape) == ritz_channels(node->in[0]),
                 RITZ_ERR_SHAPE, "%s: x is %s, parameter %d is %s, wanted one number per channel",
                 node->op->name, ritz_shape_text(&node->in[0]->shape, x), i,
                 ritz_shape_text(&node->in[i]->shape, w));
  return ritz_infer_same(node);
}

ritz_status ritz_infer_alike(ritz_node *node) {
  char x[128], y[128];
  RITZ_REQUIRE(ritz_shape_equal(&node->in[0]->shape, &node->in[1]->shape), RITZ_ERR_SHAPE,
               "%s: x is %s, y is %s", node->op->name, ritz_shape_text(&node->in[0]->shape, x),
               ritz_shape_text(&node->in[1]->shape, y));
  return ritz_infer_same(node);
}

void ritz_pass_gradient(const ritz_node *node, const ritz_tile *tile, int i) {
  if (tile->gin[i] && tile->gin[i] != tile->gout)
    node->graph->kernels->scale(tile->count * ritz_channels(node), 1, tile->gout, tile->gin[i],
                                tile->add[i]);
}
