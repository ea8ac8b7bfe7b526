/* SPDX-License-Identifier: BSD-3-Clause
 * Fixed weights of the grid points, y[b, p, c] = w[p] x[b, p, c]. vjp: gx += w gy. */
#include "core/fail.h"
#include "core/memory.h"
#include "graph/ops/ops.h"

static ritz_index points_of(const ritz_shape *shape) {
  ritz_index points = 1;
  for (int a = 1; a < shape->rank - 1; a++) points *= shape->n[a];
  return points;
}

static ritz_status weigh_infer(ritz_node *node) {
  char text[128];
  const int dim = ritz_grid_dim(node->in[0]);
  RITZ_REQUIRE(dim >= 1 && dim <= 3, RITZ_ERR_SHAPE, "weigh: x is %s, wanted [B, 1 to 3 axes, C]",
               ritz_shape_text(&node->in[0]->shape, text));
  return ritz_infer_same(node);
}

/* Where the point at place p of this rank's part of the grid stands in the whole one. */
static ritz_index in_whole(const ritz_node *node, ritz_index p) {
  ritz_index at = 0, stride = 1;
  for (int a = ritz_grid_dim(node) - 1; a >= 0; a--) {
    const ritz_index n = node->shape.n[a + 1];
    at += (ritz_first_point(node, a) + p % n) * stride;
    stride *= ritz_extent(node, a);
    p /= n;
  }
  return at;
}

/* The weights of a sample, once for every number. */
static ritz_status weigh_plan(ritz_node *node, bool gradients) {
  const double *weight = node->attr;
  const ritz_dtype dtype = node->graph->dtype;
  const ritz_index points = points_of(&node->shape), c = ritz_channels(node);
  RITZ_TRY(ritz_calloc(points * c, ritz_dtype_size(dtype), &node->state));
  for (ritz_index p = 0; p < points; p++)
    for (ritz_index k = 0; k < c; k++)
      ritz_number_set(dtype, node->state, p * c + k, weight[in_whole(node, p)]);
  return RITZ_OK;
}

static void weigh_destroy(ritz_node *node) { ritz_free(node->state); }

/* A tile may reach from one sample into the next. */
static void weigh(const ritz_node *node, const ritz_tile *tile, const void *x, void *y, bool add) {
  const ritz_index points = points_of(&node->shape), c = ritz_channels(node);
  const size_t row = (size_t)c * ritz_number_size(node);
  for (ritz_index r = 0, count; r < tile->count; r += count) {
    const ritz_index p = (tile->first + r) % points;
    count = tile->count - r < points - p ? tile->count - r : points - p;
    const char *from = (const char *)x + (size_t)r * row;
    const char *w = (const char *)node->state + (size_t)p * row;
    char *to = (char *)y + (size_t)r * row;
    if (add)
      node->graph->kernels->multiply_onto(count * c, w, from, to);
    else
      node->graph->kernels->multiply(count * c, w, from, to);
  }
}

static void weigh_rows(const ritz_node *node, const ritz_tile *tile) {
  weigh(node, tile, tile->in[0], tile->out, false);
}

static void weigh_vjp(const ritz_node *node, const ritz_tile *tile) {
  if (tile->gin[0]) weigh(node, tile, tile->gout, tile->gin[0], tile->add[0]);
}

const ritz_op ritz_op_weigh = {
    .name = "weigh",
    .distribution = RITZ_LOCAL,
    .infer = weigh_infer,
    .plan = weigh_plan,
    .destroy = weigh_destroy,
    .rows = weigh_rows,
    .rows_vjp = weigh_vjp,
};

ritz_var ritz_weigh(ritz_graph *graph, ritz_var x, const double *weights) {
  const size_t bytes = x ? (size_t)points_of(&x->shape) * sizeof *weights : 0;
  return ritz_graph_add(graph, &ritz_op_weigh, 1, &x, weights, bytes);
}
