/* SPDX-License-Identifier: BSD-3-Clause
 * The own part of what all ranks hold (graph/distribute.h): a field [B, X0, ..., C], or numbers of
 * each grid point [X0, ..., C].
 *
 * vjp: the own part in zeros, no communication: cotangents of what all ranks hold are partial. */
#include <string.h>

#include "core/fail.h"
#include "graph/distribute.h"
#include "graph/ops/ops.h"

typedef struct split_attr {
  ritz_layout *layout; /* the node's */
  int first_axis;
} split_attr;

/* The whole [outer][n0][n1][n2][inner], and the part of it. */
typedef struct window {
  ritz_index outer, inner, whole[3], first[3], count[3];
} window;

static window window_of(const ritz_node *node) {
  const split_attr *attr = node->attr;
  const ritz_shape *whole = &node->in[0]->shape;
  const int d = node->layout->dim;
  window w = {.outer = 1, .inner = 1, .whole = {1, 1, 1}, .count = {1, 1, 1}};
  for (int i = 0; i < whole->rank; i++) {
    const int a = i - attr->first_axis, at = 3 - d + a;
    if (a < 0)
      w.outer *= whole->n[i];
    else if (a >= d)
      w.inner *= whole->n[i];
    else
      w.whole[at] = whole->n[i], ritz_layout_part(node->layout, a, &w.first[at], &w.count[at]);
  }
  return w;
}

static void move(const ritz_node *node, bool back, bool add, const char *from, char *to) {
  const window w = window_of(node);
  const size_t size = ritz_number_size(node);
  const ritz_index line = w.count[2] * w.inner;
  for (ritz_index b = 0; b < w.outer; b++)
    for (ritz_index i = 0; i < w.count[0]; i++)
      for (ritz_index j = 0; j < w.count[1]; j++) {
        const ritz_index row = (b * w.whole[0] + w.first[0] + i) * w.whole[1] + w.first[1] + j;
        const size_t whole = (size_t)((row * w.whole[2] + w.first[2]) * w.inner) * size;
        const size_t part = (size_t)(((b * w.count[0] + i) * w.count[1] + j) * line) * size;
        node->graph->kernels->row_copy(1, line, from + (back ? part : whole), line,
                                       to + (back ? whole : part), line, add);
      }
}

static void split_forward(const ritz_node *node) {
  move(node, false, false, ritz_in(node, 0), node->value.data);
}

static void split_vjp(const ritz_node *node) {
  char *gx = ritz_gin(node, 0);
  if (!gx) return;
  if (!node->add[0])
    memset(gx, 0, (size_t)ritz_shape_count(&node->in[0]->shape) * ritz_number_size(node));
  move(node, true, true, node->gradient.data, gx);
}

const ritz_op ritz_op_split = {
    .name = "split",
    .distribution = RITZ_LOCAL,
    .infer = ritz_infer_same,
    .forward = split_forward,
    .vjp = split_vjp,
};

ritz_var ritz_split(ritz_graph *graph, ritz_var x, ritz_layout *layout, int first_axis) {
  const split_attr attr = {layout, first_axis};
  ritz_var y = ritz_graph_append(graph, &ritz_op_split, 1, &x, &attr, sizeof attr);
  if (y) y->moves = true;
  return ritz_split_node(y, layout, first_axis);
}
