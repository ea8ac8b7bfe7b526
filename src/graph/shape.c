/* SPDX-License-Identifier: BSD-3-Clause
 * Extents: counting, comparing, printing; shape rules of many ops. */
#include <stdio.h>

#include "core/fail.h"
#include "graph/op.h"

ritz_index ritz_shape_count(const ritz_shape *shape) {
  ritz_index count = 1;
  for (int i = 0; i < shape->rank; i++) count *= shape->n[i];
  return count;
}

bool ritz_shape_equal(const ritz_shape *a, const ritz_shape *b) {
  if (a->rank != b->rank) return false;
  for (int i = 0; i < a->rank; i++)
    if (a->n[i] != b->n[i]) return false;
  return true;
}

const char *ritz_shape_text(const ritz_shape *shape, char text[128]) {
  int used = snprintf(text, 128, "[");
  for (int i = 0; i < shape->rank && used < 127; i++)
    used += snprintf(text + used, (size_t)(128 - used), "%s%td", i ? ", " : "", shape->n[i]);
  if (used < 127) snprintf(text + used, (size_t)(128 - used), "]");
  return text;
}

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
