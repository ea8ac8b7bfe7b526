/* SPDX-License-Identifier: BSD-3-Clause
 * Gaussian noise, y = x + deviation xi. vjp: gx += gy.
 *
 * xi is a function of (seed, run, op, element of the whole batch): no split of the work over
 * threads or ranks changes it. */
#include <math.h>
#include <ritz/random.h>

#include "core/fail.h"
#include "dist/layout.h"
#include "graph/ops/ops.h"
#include "graph/ops/whole_row.h"

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

/* out = in + noise over @p count numbers, the first of which is element @p first of the batch. */
static void noise_run(const ritz_node *node, uint64_t first, ritz_index count, const void *in,
                      void *out, double *xi) {
  const double deviation = *(const double *)node->attr;
  const ritz_random stream = {.seed = node->graph->seed ^ node->graph->step << 32,
                              .purpose = RITZ_RANDOM_NOISE,
                              .sample = (uint32_t)node->number};
  ritz_random_normals(stream, first, count, xi);
  for (ritz_index i = 0; i < count; i++)
    ritz_number_set(node->graph->dtype, out, i,
                    ritz_number_get(node->graph->dtype, in, i) + deviation * xi[i]);
}

static void noise_rows(const ritz_node *node, const ritz_tile *tile) {
  const ritz_index c = ritz_channels(node), rows = ritz_shape_count(&node->whole) / c;
  const ritz_index before = node->graph->first_sample * (rows / node->whole.n[0]);
  /* Rows of a part do not follow each other in the whole field. */
  const ritz_index run = node->layout ? 1 : tile->count;
  for (ritz_index r = 0; r < tile->count; r += run) {
    const ritz_index row = tile->first + r;
    const size_t at = (size_t)(r * c) * ritz_number_size(node);
    noise_run(node, (uint64_t)((before + (node->layout ? ritz_whole_row(node, row) : row)) * c),
              run * c, (const char *)tile->in[0] + at, (char *)tile->out + at, tile->scratch);
  }
}

static void noise_vjp(const ritz_node *node, const ritz_tile *tile) {
  if (tile->gin[0] && tile->gin[0] != tile->gout)
    node->graph->kernels->scale(tile->count * ritz_channels(node), 1, tile->gout, tile->gin[0],
                                tile->add[0]);
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
