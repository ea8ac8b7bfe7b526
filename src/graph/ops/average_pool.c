/* SPDX-License-Identifier: BSD-3-Clause
 * Means over windows, axis after axis (graph/ops/regrid.h): the mean over a box is the mean of
 * means over its rows, and so is the number of points that it sees. */
#include "core/fail.h"
#include "graph/ops/ops.h"
#include "graph/ops/pool.h"
#include "graph/ops/regrid.h"

typedef struct average_attr {
  ritz_pool_attr pool;
  bool count_zeros;
} average_attr;

static ritz_status average_infer(ritz_node *node) {
  ritz_window window;
  const average_attr *attr = node->attr;
  return ritz_pool_infer(node, &attr->pool, &window);
}

static ritz_status average_axis(const ritz_node *node, int axis, ritz_index from, ritz_index to,
                                ritz_resampling *out) {
  const average_attr *attr = node->attr;
  const ritz_window_options *o = &attr->pool.options;
  const ritz_window_options one = {.stride = {o->stride[axis]},
                                   .dilation = {o->dilation[axis]},
                                   .low = {o->low[axis]},
                                   .high = {o->high[axis]},
                                   .boundary = {o->boundary[axis]}};
  ritz_window window;
  RITZ_TRY(ritz_window_make(node->op->name, 1, &from, &attr->pool.window[axis], &one, &window));
  return ritz_resampling_init_mean(&window.axis[2], attr->count_zeros, out);
}

static ritz_status average_plan(ritz_node *node, bool gradients) {
  return ritz_regrid_plan(node, average_axis);
}

static ritz_var average_add_split(const ritz_addition *addition) {
  return ritz_regrid_add_split(addition, average_axis);
}

const ritz_op ritz_op_average_pool = {
    .name = "average_pool",
    .distribution = RITZ_REGRID,
    .meets_halo = true,
    .infer = average_infer,
    .add_split = average_add_split,
    .plan = average_plan,
    .destroy = ritz_regrid_destroy,
    .forward = ritz_regrid_forward,
    .vjp = ritz_regrid_vjp,
    .flops = ritz_regrid_flops,
};

ritz_var ritz_average_pool(ritz_graph *graph, ritz_var x, const ritz_index *window,
                           const ritz_window_options *options, bool count_zeros) {
  const average_attr attr = {ritz_pool_attr_of(graph, x, window, options), count_zeros};
  return ritz_graph_add(graph, &ritz_op_average_pool, 1, &x, &attr, sizeof attr);
}

ritz_var ritz_global_average_pool(ritz_graph *graph, ritz_var x) {
  return ritz_average_pool(graph, x, x ? x->shape.n + 1 : NULL, NULL, false);
}
