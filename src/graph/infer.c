/* SPDX-License-Identifier: BSD-3-Clause
 * Shape rules of many ops. */
#include "core/fail.h"
#include "graph/op.h"

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
