/* SPDX-License-Identifier: BSD-3-Clause
 * A trigonometric series of each number, with coefficients of its own for each channel:
 *
 *     y[r, c] = sum over m = 0 ... b-1 of w[m, c] sin(pi m x/b) + w[b + m, c] cos(pi m x/b).
 *
 * Wu et al. 2023, arXiv:2301.12664, Sec. 3.2. vjp: gx += gy dy/dx, gw[m, c] += sum over rows of
 * gy sin(pi m x/b), gw[b + m, c] += ... cos. */
#include "core/fail.h"
#include "graph/ops/ops.h"

static ritz_status series_infer(ritz_node *node) {
  const ritz_shape *x = &node->in[0]->shape, *w = &node->in[1]->shape;
  char a[128], b[128];
  RITZ_REQUIRE(
      w->rank == 2 && w->n[1] == ritz_channels(node->in[0]) && w->n[0] >= 2 && w->n[0] % 2 == 0,
      RITZ_ERR_SHAPE, "trigonometric_series: x is %s, weight is %s, wanted [2 b, %td]",
      ritz_shape_text(x, a), ritz_shape_text(w, b), ritz_channels(node->in[0]));
  return ritz_infer_same(node);
}

static ritz_index terms(const ritz_node *node) { return node->in[1]->shape.n[0] / 2; }

static void series_rows(const ritz_node *node, const ritz_tile *tile) {
  node->graph->kernels->trigonometric_series(tile->count, ritz_channels(node), terms(node),
                                             tile->in[0], tile->in[1], tile->out);
}

static void series_vjp(const ritz_node *node, const ritz_tile *tile) {
  node->graph->kernels->trigonometric_series_vjp(tile->count, ritz_channels(node), terms(node),
                                                 tile->in[0], tile->in[1], tile->gout, tile->gin[0],
                                                 tile->add[0], tile->gin[1]);
}

static double series_flops(const ritz_node *node) {
  return 10.0 * (double)terms(node) * (double)ritz_shape_count(&node->shape);
}

const ritz_op ritz_op_trigonometric_series = {
    .name = "trigonometric_series",
    .distribution = RITZ_LOCAL,
    .reads_in = 1u << 0 | 1u << 1,
    .parameters = 1u << 1,
    .infer = series_infer,
    .rows = series_rows,
    .rows_vjp = series_vjp,
    .flops = series_flops,
};

ritz_var ritz_trigonometric_series(ritz_graph *graph, ritz_var x, ritz_var w) {
  return ritz_graph_add(graph, &ritz_op_trigonometric_series, 2, (ritz_var[]){x, w}, NULL, 0);
}
