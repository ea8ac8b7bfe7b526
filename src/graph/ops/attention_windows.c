/* SPDX-License-Identifier: BSD-3-Clause
 * Softmax attention within the windows of a grid, of points or of tokens that a window has. */
#include "core/fail.h"
#include "graph/distribute.h"
#include "graph/ops/attention_op.h"

static int window_dim(const ritz_attention_attr *attr) {
  int dim = 0;
  while (dim < 3 && attr->windows.window[dim] > 0) dim++;
  return dim;
}

/* A field on the grid, not tokens of its windows. */
static bool on_grid(const ritz_attention_attr *attr, const ritz_node *operand) {
  return operand->shape.rank == window_dim(attr) + 2 && !ritz_attention_is_shared(operand);
}

static ritz_windows_shape windows_shape(const ritz_node *node) {
  const ritz_attention_attr *attr = node->attr;
  ritz_windows_shape shape = {.dim = window_dim(attr)};
  const ritz_node *field = node->in[on_grid(attr, node->in[0]) ? 0 : 1];
  for (int a = 0; a < shape.dim; a++) {
    shape.grid[a] = field->shape.n[a + 1];
    shape.window[a] = attr->windows.window[a];
    shape.shift[a] = attr->windows.shift[a];
  }
  return shape;
}

static ritz_status check_window(const ritz_node *node, const ritz_windows_shape *w, int axis) {
  RITZ_REQUIRE(w->grid[axis] % w->window[axis] == 0, RITZ_ERR_SHAPE,
               "window_attention: windows of %td points do not divide the %td of axis %d",
               w->window[axis], w->grid[axis], axis);
  RITZ_REQUIRE(
      w->shift[axis] >= 0 && w->shift[axis] < w->window[axis], RITZ_ERR_ARGUMENT,
      "window_attention: shift is %td along axis %d, wanted 0 to less than the window, %td",
      w->shift[axis], axis, w->window[axis]);
  const ritz_attention_attr *attr = node->attr;
  char text[128];
  for (int i = 0; i < 2; i++) {
    const ritz_node *in = node->in[i];
    if (ritz_attention_is_shared(in)) continue;
    const ritz_index extent = w->grid[axis] / (on_grid(attr, in) ? 1 : w->window[axis]);
    RITZ_REQUIRE(in->shape.n[axis + 1] == extent, RITZ_ERR_SHAPE,
                 "window_attention: %c is %s, wanted %td along axis %d", i ? 'k' : 'q',
                 ritz_shape_text(&in->shape, text), extent, axis);
  }
  return RITZ_OK;
}

ritz_status ritz_window_attention_infer(ritz_node *node) {
  const ritz_attention_attr *attr = node->attr;
  const ritz_node *q = node->in[0], *k = node->in[1], *v = node->in[2];
  const int dim = window_dim(attr);
  char a[128], b[128];
  RITZ_TRY(ritz_attention_check(node));
  RITZ_REQUIRE(dim >= 1, RITZ_ERR_ARGUMENT, "window_attention: no window");
  RITZ_REQUIRE((on_grid(attr, q) || on_grid(attr, k)) &&
                   (on_grid(attr, q) || ritz_attention_is_shared(q) || q->shape.rank == dim + 3) &&
                   (on_grid(attr, k) || k->shape.rank == dim + 3),
               RITZ_ERR_SHAPE,
               "window_attention: q is %s, k is %s, wanted fields on a grid of %d axes, one of "
               "them perhaps tokens of its windows",
               ritz_shape_text(&q->shape, a), ritz_shape_text(&k->shape, b), dim);
  const ritz_windows_shape w = windows_shape(node);
  ritz_index pairs = 1;
  bool shifted = false;
  for (int i = 0; i < dim; i++) {
    RITZ_TRY(check_window(node, &w, i));
    pairs *= 2 * w.window[i] - 1;
    shifted = shifted || w.shift[i];
  }
  const bool within = on_grid(attr, q) && on_grid(attr, k);
  RITZ_REQUIRE(within || !attr->bias, RITZ_ERR_ARGUMENT,
               "window_attention: a bias by position needs q and k on the grid");
  RITZ_REQUIRE(within || !shifted || attr->windows.periodic, RITZ_ERR_ARGUMENT,
               "window_attention: tokens of shifted windows need a periodic grid");
  RITZ_TRY(ritz_attention_check_bias(node, pairs));
  node->shape = ritz_attention_is_shared(q) ? (ritz_shape){.rank = dim + 3} : q->shape;
  if (ritz_attention_is_shared(q)) {
    node->shape.n[0] = k->shape.n[0];
    for (int i = 0; i < dim; i++) node->shape.n[i + 1] = w.grid[i] / w.window[i];
    node->shape.n[dim + 1] = q->shape.n[0];
  }
  node->shape.n[node->shape.rank - 1] = ritz_channels(v);
  return RITZ_OK;
}

ritz_status ritz_window_attention_plan(const ritz_node *node, ritz_windows *windows,
                                       ritz_attention_shape *shape) {
  const ritz_attention_attr *attr = node->attr;
  const ritz_windows_shape w = windows_shape(node);
  RITZ_TRY(ritz_windows_init(&w, windows));
  const bool q_on_grid = on_grid(attr, node->in[0]), k_on_grid = on_grid(attr, node->in[1]);
  shape->windows = windows->count;
  if (!ritz_attention_is_shared(node->in[0])) shape->queries /= windows->count;
  shape->keys /= windows->count;
  if (q_on_grid) shape->query.row = windows->row;
  if (k_on_grid) shape->key.row = windows->row;
  if (q_on_grid && k_on_grid && !attr->windows.periodic) {
    shape->label = windows->label;
    shape->mixed = windows->mixed;
  }
  if (attr->bias) {
    shape->biases = windows->offsets;
    shape->bias_row = windows->offset;
  }
  return RITZ_OK;
}

/* How the windows are split: as their tokens are, or else the field's grid. */
static ritz_status layout_of_windows(const ritz_addition *a, const ritz_node *whole,
                                     ritz_layout **out) {
  const ritz_windows_shape w = windows_shape(whole);
  for (int i = 0; i < 3; i++)
    if (a->in[i]->layout && !on_grid(whole->attr, a->in[i])) {
      *out = ritz_layout_retain(a->in[i]->layout);
      return RITZ_OK;
    }
  ritz_shape windows = {.rank = w.dim + 2, .n = {1, 1, 1, 1, 1}};
  for (int i = 0; i < w.dim; i++) windows.n[i + 1] = w.grid[i] / w.window[i];
  return ritz_layout_for(a->graph, ritz_layout_of_operands(3, a->in), &windows, out);
}

/* Each rank has whole windows, unless they are too few or shifted. */
static ritz_status split_windows(const ritz_addition *a, ritz_layout **windows,
                                 ritz_layout **points, ritz_var *out) {
  const ritz_attention_attr *attr = a->attr;
  ritz_node whole;
  RITZ_TRY(ritz_infer_whole(a, &whole));
  const ritz_windows_shape w = windows_shape(&whole);
  RITZ_TRY(layout_of_windows(a, &whole, windows));
  if (ritz_layout_has_empty(*windows) || w.shift[0] || w.shift[1] || w.shift[2]) {
    *out = ritz_add_gathered(a);
    return RITZ_OK;
  }
  RITZ_TRY(ritz_layout_scale(*windows, w.grid, points));
  ritz_var in[RITZ_MAX_INPUTS] = {0};
  for (int i = 0; i < a->arity; i++) in[i] = a->in[i];
  for (int i = 0; i < 3; i++) {
    if (ritz_attention_is_shared(a->in[i])) continue;
    in[i] = ritz_split_like(a->graph, a->in[i], on_grid(attr, a->in[i]) ? *points : *windows);
    for (int j = 0; j < i; j++)
      if (a->in[j] == a->in[i]) in[i] = in[j];
  }
  const bool field = on_grid(attr, a->in[0]);
  *out = ritz_split_node(ritz_add_as(a, in, attr), field ? *points : *windows, 1);
  return RITZ_OK;
}

ritz_var ritz_window_attention_add_split(const ritz_addition *a) {
  ritz_layout *windows = NULL, *points = NULL;
  ritz_var y = RITZ_NO_VAR;
  const ritz_status status = split_windows(a, &windows, &points, &y);
  ritz_layout_destroy(&windows);
  ritz_layout_destroy(&points);
  return status == RITZ_OK ? y : ritz_graph_latch(a->graph, status);
}
