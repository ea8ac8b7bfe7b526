/* SPDX-License-Identifier: BSD-3-Clause
 * Gaussian noise, y = x + deviation xi. vjp: gx += gy.
 *
 * xi is a function of (seed, run, op, element of the whole batch): no split of the work over
 * threads or ranks changes it. */
#include <math.h>
#include <ritz/random.h>

#include "core/fail.h"
#include "graph/distribute.h"
#include "graph/ops/ops.h"

static ritz_status noise_infer(ritz_node *node) {
  const double deviation = *(const double *)node->attr;
  RITZ_REQUIRE(deviation >= 0 && isfinite(deviation), RITZ_ERR_ARGUMENT,
               "noise: the deviation is %g, wanted 0 or more", deviation);
  return ritz_infer_same(node);
}

static ritz_status noise_plan(ritz_node *node, bool gradients) {
  (void)gradients;
  node->need.tile_scratch = (size_t)(RITZ_TILE_ROWS * ritz_channels(node)) * sizeof(double);
  return RITZ_OK;
}

static void noise_rows(const ritz_node *node, const ritz_tile *tile) {
  const double deviation = *(const double *)node->attr;
  const ritz_index c = ritz_channels(node), count = tile->count * c;
  const ritz_random stream = {.seed = node->graph->seed ^ node->graph->step << 32,
                              .purpose = RITZ_RANDOM_NOISE,
                              .sample = (uint32_t)node->number};
  double *xi = tile->scratch;
  for (ritz_index r = 0, rows; r < tile->count; r += rows) {
    const ritz_index row = ritz_whole_rows(node, tile->first + r, tile->count - r, &rows);
    ritz_random_normals(stream, (uint64_t)(row * c), rows * c, xi + r * c);
  }
  for (ritz_index i = 0; i < count; i++)
    ritz_number_set(node->graph->dtype, tile->out, i,
                    ritz_number_get(node->graph->dtype, tile->in[0], i) + deviation * xi[i]);
}

static void noise_vjp(const ritz_node *node, const ritz_tile *tile) {
  ritz_pass_gradient(node, tile, 0);
}

const ritz_op ritz_op_noise = {
    .name = "noise",
    .distribution = RITZ_LOCAL,
    .passes = 1u << 0,
    .in_place = 1u << 0,
    .infer = noise_infer,
    .plan = noise_plan,
    .rows = noise_rows,
    .rows_vjp = noise_vjp,
};

ritz_var ritz_noise(ritz_graph *graph, ritz_var x, double deviation) {
  if (!graph->training) return x;
  return ritz_graph_add(graph, &ritz_op_noise, 1, &x, &deviation, sizeof deviation);
}
