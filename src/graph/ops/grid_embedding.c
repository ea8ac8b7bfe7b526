/* SPDX-License-Identifier: BSD-3-Clause
 * Coordinates as channels: [..., C] -> [..., C + d], the channel of axis 0 first. The coordinates
 * have no gradient; vjp: gx += the first C channels of gy. */
#include "core/fail.h"
#include "core/memory.h"
#include "graph/ops/ops.h"

typedef struct embedding_attr {
  ritz_grid_kind kind;
  double ends[3][2];
} embedding_attr;

static ritz_status embedding_infer(ritz_node *node) {
  const ritz_node *x = node->in[0];
  const int d = ritz_grid_dim(x);
  char text[128];
  RITZ_REQUIRE(d >= 1 && d <= 3, RITZ_ERR_SHAPE,
               "grid_embedding: x is %s, wanted [B, 1 to 3 grid axes, C]",
               ritz_shape_text(&x->shape, text));
  node->shape = x->shape;
  node->shape.n[d + 1] += d;
  return RITZ_OK;
}

static double coordinate(const embedding_attr *attr, int axis, ritz_index i, ritz_index n) {
  const double start = attr->ends[axis][0], length = attr->ends[axis][1] - start;
  const ritz_index cells = attr->kind == RITZ_GRID_PERIODIC ? n : n > 1 ? n - 1 : 1;
  return start + length * (double)i / (double)cells;
}

/* All coordinates of all axes, so that rows only look them up: state = [N0 + N1 + ...]. */
static ritz_status embedding_plan(ritz_node *node, bool gradients) {
  const embedding_attr *attr = node->attr;
  const int d = ritz_grid_dim(node);
  ritz_index total = 0;
  for (int a = 0; a < d; a++) total += node->shape.n[a + 1];
  double *table;
  RITZ_TRY(RITZ_NEW(total, &table));
  node->state = table;
  for (int a = 0; a < d; a++)
    for (ritz_index i = 0; i < node->shape.n[a + 1]; i++)
      *table++ = coordinate(attr, a, ritz_first_point(node, a) + i, ritz_extent(node, a));
  return RITZ_OK;
}

static void embedding_destroy(ritz_node *node) { ritz_free(node->state); }

static void put_coordinates(const ritz_node *node, ritz_index row, void *channels) {
  const int d = ritz_grid_dim(node);
  const double *table = node->state;
  ritz_index index[3];
  for (int a = d - 1; a >= 0; a--) {
    index[a] = row % node->shape.n[a + 1];
    row /= node->shape.n[a + 1];
  }
  for (int a = 0; a < d; a++) {
    ritz_number_set(node->graph->dtype, channels, a, table[index[a]]);
    table += node->shape.n[a + 1];
  }
}

static void embedding_rows(const ritz_node *node, const ritz_tile *tile) {
  const ritz_index c = ritz_channels(node->in[0]), wide = ritz_channels(node);
  node->graph->kernels->row_copy(tile->count, c, tile->in[0], c, tile->out, wide, false);
  for (ritz_index r = 0; r < tile->count; r++)
    put_coordinates(node, tile->first + r,
                    (char *)tile->out + (size_t)(r * wide + c) * ritz_number_size(node));
}

static void embedding_vjp(const ritz_node *node, const ritz_tile *tile) {
  const ritz_index c = ritz_channels(node->in[0]), wide = ritz_channels(node);
  if (tile->gin[0])
    node->graph->kernels->row_copy(tile->count, c, tile->gout, wide, tile->gin[0], c, tile->add[0]);
}

const ritz_op ritz_op_grid_embedding = {
    .name = "grid_embedding",
    .distribution = RITZ_LOCAL,
    .infer = embedding_infer,
    .plan = embedding_plan,
    .destroy = embedding_destroy,
    .rows = embedding_rows,
    .rows_vjp = embedding_vjp,
};

ritz_var ritz_grid_embedding(ritz_graph *graph, ritz_var x, ritz_grid_kind kind,
                             const double (*ends)[2]) {
  embedding_attr attr = {.kind = kind};
  for (int a = 0; a < 3; a++) attr.ends[a][1] = 1;
  for (int a = 0; x && ends && a < 3 && a < ritz_grid_dim(x); a++) {
    attr.ends[a][0] = ends[a][0];
    attr.ends[a][1] = ends[a][1];
  }
  return ritz_graph_add(graph, &ritz_op_grid_embedding, 1, &x, &attr, sizeof attr);
}
