/* SPDX-License-Identifier: BSD-3-Clause
 * Ops on split fields: local, put together by themselves, or gathered. */
#include "graph/distribute.h"

#include <assert.h>

#include "core/arena.h"
#include "core/context.h"
#include "core/fail.h"
#include "graph/ops/ops.h"

ritz_layout *ritz_layout_of_operands(int arity, const ritz_var *in) {
  for (int i = 0; i < arity; i++)
    if (in[i] && in[i]->layout) return in[i]->layout;
  return NULL;
}

bool ritz_any_split(int arity, const ritz_var *in) {
  return ritz_layout_of_operands(arity, in) != NULL;
}

static ritz_status check_split(const ritz_node *node, const ritz_layout *layout, int first_axis) {
  char text[128];
  RITZ_REQUIRE(layout, RITZ_ERR_ARGUMENT, "a split field has no layout");
  RITZ_REQUIRE(ritz_layout_comm(layout) == node->graph->context->comm, RITZ_ERR_ARGUMENT,
               "a layout over other ranks than those of the graph's context");
  bool fits = first_axis + layout->dim <= node->shape.rank;
  for (int a = 0; fits && a < layout->dim; a++)
    fits = first_axis + a < 0 || node->shape.n[first_axis + a] == layout->grid[a];
  RITZ_REQUIRE(fits, RITZ_ERR_SHAPE,
               "a field %s cannot be split by a layout of %d axes, the first of %td points",
               ritz_shape_text(&node->shape, text), layout->dim, layout->grid[0]);
  return RITZ_OK;
}

ritz_var ritz_split_node(ritz_var node, ritz_layout *layout, int first_axis) {
  if (!node) return RITZ_NO_VAR;
  const ritz_status status = check_split(node, layout, first_axis);
  if (status != RITZ_OK) return ritz_graph_latch(node->graph, status);
  node->layout = ritz_layout_retain(layout);
  node->part = node->shape;
  for (int a = 0; a < layout->dim; a++) {
    ritz_index first, count;
    ritz_layout_part(layout, a, &first, &count);
    if (first_axis + a >= 0) node->part.n[first_axis + a] = count;
  }
  return node;
}

ritz_var ritz_boxes_as_parts(ritz_var boxes, ritz_layout *layout, ritz_shape whole) {
  if (!boxes) return RITZ_NO_VAR;
  boxes->layout = ritz_layout_retain(layout);
  boxes->part = boxes->shape;
  boxes->shape = whole;
  return boxes;
}

static bool same_grid(const ritz_layout *layout, const ritz_shape *shape) {
  bool same = shape->rank == layout->dim + 2;
  for (int a = 0; same && a < layout->dim; a++) same = shape->n[a + 1] == layout->grid[a];
  return same;
}

/* From one layout to another, directly. */
static ritz_var move_parts(ritz_graph *graph, ritz_var x, ritz_layout *layout) {
  ritz_reach reach[3];
  const ritz_status status = ritz_reach_all(graph, layout, reach);
  if (status != RITZ_OK) return ritz_graph_latch(graph, status);
  for (int a = 0; a < layout->dim; a++)
    for (int r = 0; r < layout->ranks[a]; r++) {
      reach[a].first[r] = layout->offset[a][r];
      reach[a].count[r] = layout->offset[a][r + 1] - layout->offset[a][r];
    }
  return ritz_boxes_as_parts(ritz_fetch(graph, x, reach), layout, x->shape);
}

static bool same_ranks(const ritz_layout *a, const ritz_layout *b) {
  bool same = a->dim == b->dim;
  for (int i = 0; same && i < a->dim; i++) same = a->ranks[i] == b->ranks[i];
  return same;
}

ritz_var ritz_split_like(ritz_graph *graph, ritz_var x, ritz_layout *layout) {
  if (!x || !x->layout) return ritz_split(graph, x, layout, 1);
  if (ritz_layout_same(x->layout, layout)) return x;
  if (same_ranks(x->layout, layout)) return move_parts(graph, x, layout);
  return ritz_split(graph, ritz_gather(graph, x), layout, 1);
}

ritz_var ritz_add_as(const ritz_addition *a, const ritz_var *in, const void *attr) {
  return ritz_graph_append(a->graph, a->op, a->arity, in, attr, a->attr_bytes);
}

ritz_var ritz_add_local(const ritz_addition *a) {
  ritz_layout *layout = ritz_layout_of_operands(a->arity, a->in);
  ritz_var in[RITZ_MAX_INPUTS];
  for (int i = 0; i < a->arity; i++) {
    const bool field = a->in[i] && a->in[i]->kind != RITZ_NODE_PARAMETER;
    in[i] = field ? ritz_split_like(a->graph, a->in[i], layout) : a->in[i];
  }
  return ritz_split_node(ritz_add_as(a, in, a->attr), layout, 1);
}

ritz_var ritz_add_on_points(const ritz_addition *a) {
  ritz_layout *layout = ritz_layout_of_operands(a->arity, a->in);
  ritz_var in[RITZ_MAX_INPUTS] = {ritz_split_like(a->graph, a->in[0], layout)};
  for (int i = 1; i < a->arity; i++) in[i] = ritz_split(a->graph, a->in[i], layout, 0);
  return ritz_split_node(ritz_add_as(a, in, a->attr), layout, 1);
}

/* Parts of fewer points are left to every rank: what they cost is less than to talk about them. */
enum { least_points = 2 };

static bool is_worth_parts(const ritz_layout *layout, const ritz_shape *shape) {
  bool worth = shape->rank == layout->dim + 2;
  for (int a = 0; worth && a < layout->dim; a++)
    worth = layout->ranks[a] == 1 || shape->n[a + 1] >= least_points * layout->ranks[a];
  return worth;
}

/* The result of an op on gathered operands; `layout` was that of operand 0. */
static ritz_var split_result(const ritz_addition *a, ritz_var y, ritz_layout *layout) {
  const bool coefficients = a->op->distribution == RITZ_SPECTRAL;
  ritz_layout *other;
  if (!y || !layout ||
      (!same_grid(layout, &y->shape) && (coefficients || !is_worth_parts(layout, &y->shape))))
    return y;
  if (same_grid(layout, &y->shape)) return ritz_split(a->graph, y, layout, 1);
  const ritz_status status = ritz_layout_for(a->graph, layout, &y->shape, &other);
  if (status != RITZ_OK) return ritz_graph_latch(a->graph, status);
  y = ritz_split(a->graph, y, other, 1);
  ritz_layout_destroy(&other);
  return y;
}

ritz_var ritz_add_gathered(const ritz_addition *a) {
  ritz_var in[RITZ_MAX_INPUTS];
  for (int i = 0; i < a->arity; i++) in[i] = ritz_gather(a->graph, a->in[i]);
  return split_result(a, ritz_add_as(a, in, a->attr), a->in[0] ? a->in[0]->layout : NULL);
}

ritz_var ritz_add_distributed(const ritz_addition *a) {
  if (a->op->add_split) return a->op->add_split(a);
  return a->op->rows ? ritz_add_local(a) : ritz_add_gathered(a);
}

ritz_status ritz_infer_whole(const ritz_addition *a, ritz_node *probe) {
  *probe = (ritz_node){.kind = RITZ_NODE_OP, .graph = a->graph, .op = a->op, .arity = a->arity};
  probe->attr = (void *)a->attr;
  for (int i = 0; i < a->arity; i++) {
    RITZ_REQUIRE(a->in[i], RITZ_ERR_ARGUMENT, "%s: operand %d is missing", a->op->name, i);
    probe->in[i] = a->in[i];
  }
  return a->op->infer(probe);
}

ritz_status ritz_layout_for(ritz_graph *graph, const ritz_layout *layout, const ritz_shape *whole,
                            ritz_layout **out) {
  *out = NULL;
  for (int i = 0; i < graph->count; i++) {
    ritz_layout *other = graph->node[i]->layout;
    if (!other || !same_ranks(layout, other) || !same_grid(other, whole)) continue;
    *out = ritz_layout_retain(other);
    return RITZ_OK;
  }
  return ritz_layout_scale(layout, whole->n + 1, out);
}

ritz_status ritz_reach_all(ritz_graph *graph, const ritz_layout *layout, ritz_reach reach[3]) {
  const int dim = layout->dim;
  for (int a = 0; a < dim; a++) {
    const size_t bytes = (size_t)layout->ranks[a] * sizeof *reach->first;
    reach[a] = (ritz_reach){0};
    RITZ_TRY(ritz_arena_take(graph->arena, bytes, (void **)&reach[a].first));
    RITZ_TRY(ritz_arena_take(graph->arena, bytes, (void **)&reach[a].count));
    for (int r = 0; r < layout->ranks[a]; r++) reach[a].count[r] = layout->grid[a];
  }
  return RITZ_OK;
}

ritz_var ritz_gather(ritz_graph *graph, ritz_var x) {
  if (!x || !x->layout) return x;
  if (x->gathered) return x->gathered;
  ritz_reach reach[3];
  const ritz_status status = ritz_reach_all(graph, x->layout, reach);
  if (status != RITZ_OK) return ritz_graph_latch(graph, status);
  x->gathered = ritz_fetch(graph, x, reach);
  return x->gathered;
}

ritz_var ritz_fetch_windows(ritz_graph *graph, ritz_var x, const ritz_window *window,
                            const ritz_layout *out) {
  const int dim = out->dim;
  ritz_reach reach[3];
  assert(x->layout->dim == dim);
  const ritz_status status = ritz_reach_all(graph, x->layout, reach);
  if (status != RITZ_OK) return ritz_graph_latch(graph, status);
  for (int a = 0; a < dim; a++) {
    const ritz_window_axis *w = &window->axis[3 - dim + a];
    if (out->ranks[a] == 1) continue;
    reach[a].boundary = w->boundary;
    for (int r = 0; r < out->ranks[a]; r++) {
      const ritz_index first = out->offset[a][r], last = out->offset[a][r + 1] - 1;
      reach[a].first[r] = first * w->stride - w->low;
      reach[a].count[r] = (last - first) * w->stride + w->dilation * (w->kernel - 1) + 1;
    }
  }
  return ritz_fetch(graph, x, reach);
}

void ritz_close_margins(const ritz_layout *layout, ritz_window_options *options) {
  for (int a = 0; a < layout->dim; a++)
    if (layout->ranks[a] > 1) options->low[a] = options->high[a] = 0;
}

void ritz_add_over_ranks(const ritz_node *node, const ritz_layout *layout, ritz_index count,
                         void *values) {
  const ritz_status status =
      ritz_comm_sum(ritz_layout_comm(layout), node->graph->dtype, count, values);
  if (status != RITZ_OK) ritz_graph_latch(node->graph, status);
}

ritz_index ritz_whole_rows(const ritz_node *node, ritz_index row, ritz_index most,
                           ritz_index *rows) {
  const ritz_index all = ritz_shape_count(&node->whole) / ritz_channels(node);
  const ritz_index before = node->graph->first_sample * (all / node->whole.n[0]);
  *rows = most;
  if (!node->layout) return before + row;
  ritz_index out = 0, stride = 1;
  const int d = node->layout->dim;
  const ritz_index line = node->shape.n[d] - row % node->shape.n[d];
  if (line < most) *rows = line;
  for (int a = d - 1; a >= 0; a--) {
    out += (row % node->shape.n[a + 1] + ritz_first_point(node, a)) * stride;
    row /= node->shape.n[a + 1];
    stride *= ritz_extent(node, a);
  }
  return before + out + row * stride;
}
