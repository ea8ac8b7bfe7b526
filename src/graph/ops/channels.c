/* SPDX-License-Identifier: BSD-3-Clause
 * Channels of several fields side by side, and some channels of one.
 *
 * concat: gx_i += the channels of gy that x_i gave. slice: gx += gy in its channels, 0 elsewhere.
 */
#include <string.h>

#include "core/fail.h"
#include "graph/ops/ops.h"

static ritz_status concat_infer(ritz_node *node) {
  const ritz_shape *first = &node->in[0]->shape;
  char a[128], b[128];
  node->shape = *first;
  ritz_index *c = &node->shape.n[first->rank - 1];
  for (int i = 1; i < node->arity; i++) {
    const ritz_shape *x = &node->in[i]->shape;
    bool same = x->rank == first->rank;
    for (int axis = 0; same && axis < x->rank - 1; axis++) same = x->n[axis] == first->n[axis];
    RITZ_REQUIRE(same, RITZ_ERR_SHAPE, "concat: field 0 is %s, field %d is %s on another grid",
                 ritz_shape_text(first, a), i, ritz_shape_text(x, b));
    *c += ritz_channels(node->in[i]);
  }
  return RITZ_OK;
}

static void concat_rows(const ritz_node *node, const ritz_tile *tile) {
  char *to = tile->out;
  for (int i = 0; i < node->arity; i++) {
    const ritz_index c = ritz_channels(node->in[i]);
    node->graph->kernels->row_copy(tile->count, c, tile->in[i], c, to, ritz_channels(node), false);
    to += (size_t)c * ritz_number_size(node);
  }
}

static void concat_vjp(const ritz_node *node, const ritz_tile *tile) {
  const char *from = tile->gout;
  for (int i = 0; i < node->arity; i++) {
    const ritz_index c = ritz_channels(node->in[i]);
    if (tile->gin[i])
      node->graph->kernels->row_copy(tile->count, c, from, ritz_channels(node), tile->gin[i], c,
                                     tile->add[i]);
    from += (size_t)c * ritz_number_size(node);
  }
}

const ritz_op ritz_op_concat = {
    .name = "concat",
    .distribution = RITZ_LOCAL,
    .infer = concat_infer,
    .rows = concat_rows,
    .rows_vjp = concat_vjp,
};

ritz_var ritz_concat(ritz_graph *graph, int count, const ritz_var *x) {
  if (count < 1 || count > RITZ_MAX_INPUTS)
    return ritz_graph_latch(graph, RITZ_FAIL(RITZ_ERR_ARGUMENT, "concat: %d fields, wanted 1 to %d",
                                             count, RITZ_MAX_INPUTS));
  return ritz_graph_add(graph, &ritz_op_concat, count, x, NULL, 0);
}

typedef struct slice_attr {
  ritz_index first, count;
} slice_attr;

static ritz_status slice_infer(ritz_node *node) {
  const slice_attr *attr = node->attr;
  const ritz_index c = ritz_channels(node->in[0]);
  char text[128];
  RITZ_REQUIRE(attr->first >= 0 && attr->count >= 1 && attr->count <= c - attr->first,
               RITZ_ERR_SHAPE, "slice: x is %s, which has no channels %td to %td",
               ritz_shape_text(&node->in[0]->shape, text), attr->first,
               attr->first + attr->count - 1);
  node->shape = node->in[0]->shape;
  node->shape.n[node->shape.rank - 1] = attr->count;
  return RITZ_OK;
}

static void slice_rows(const ritz_node *node, const ritz_tile *tile) {
  const slice_attr *attr = node->attr;
  const char *from = (const char *)tile->in[0] + (size_t)attr->first * ritz_number_size(node);
  node->graph->kernels->row_copy(tile->count, attr->count, from, ritz_channels(node->in[0]),
                                 tile->out, attr->count, false);
}

static void slice_vjp(const ritz_node *node, const ritz_tile *tile) {
  const slice_attr *attr = node->attr;
  const ritz_index c = ritz_channels(node->in[0]);
  const size_t size = ritz_number_size(node);
  if (!tile->gin[0]) return;
  if (!tile->add[0]) memset(tile->gin[0], 0, (size_t)(tile->count * c) * size);
  node->graph->kernels->row_copy(tile->count, attr->count, tile->gout, attr->count,
                                 (char *)tile->gin[0] + (size_t)attr->first * size, c,
                                 tile->add[0]);
}

const ritz_op ritz_op_slice = {
    .name = "slice",
    .distribution = RITZ_LOCAL,
    .infer = slice_infer,
    .rows = slice_rows,
    .rows_vjp = slice_vjp,
};

ritz_var ritz_slice(ritz_graph *graph, ritz_var x, ritz_index first, ritz_index count) {
  const slice_attr attr = {first, count};
  return ritz_graph_add(graph, &ritz_op_slice, 1, &x, &attr, sizeof attr);
}
