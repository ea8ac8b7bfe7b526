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

static ritz_status average_plan(ritz_node *node, bool gradients) {
  const average_attr *attr = node->attr;
  const int d = ritz_grid_dim(node);
  ritz_regrid_state *state;
  ritz_window window;
  RITZ_TRY(ritz_pool_infer(node, &attr->pool, &window));
  RITZ_TRY(ritz_regrid_plan(node, &state));
  for (int a = 0; a < d; a++)
    RITZ_TRY(
        ritz_resampling_init_mean(&window.axis[3 - d + a], attr->count_zeros, &state->axis[a]));
  return RITZ_OK;
}

const ritz_op ritz_op_average_pool = {
    .name = "average_pool",
    .distribution = RITZ_REGRID,
    .infer = average_infer,
    .plan = average_plan,
    .destroy = ritz_regrid_destroy,
    .forward = ritz_regrid_forward,
    .vjp = ritz_regrid_vjp,
    .flops = ritz_regrid_flops,
};

ritz_var ritz_average_pool(ritz_graph *graph, ritz_var x, const ritz_index *window,
                           const ritz_window_options *options, bool count_zeros) {
  const average_attr attr = {ritz_pool_attr_of(x, window, options), count_zeros};
  return ritz_graph_add(graph, &ritz_op_average_pool, 1, &x, &attr, sizeof attr);
}

ritz_var ritz_global_average_pool(ritz_graph *graph, ritz_var x) {
  return ritz_average_pool(graph, x, x ? x->shape.n + 1 : NULL, NULL, false);
}
