/* SPDX-License-Identifier: BSD-3-Clause
 * Resampling through a graph of one op. */
#include "tools/resample.h"

#include <ritz/ops.h>
#include <string.h>

#include "core/dtype.h"
#include "core/fail.h"

static bool same_grid(const ritz_dataset_info *data, const ritz_index *grid) {
  for (int a = 0; a < data->dim; a++)
    if (data->grid[a] != grid[a]) return false;
  return true;
}

static ritz_status check(const ritz_dataset_info *data) {
  RITZ_REQUIRE(data->coordinates == 0, RITZ_ERR_UNSUPPORTED,
               "%s holds scattered points: there is no other grid to bring them to", data->path);
  for (int a = 0; a < data->dim; a++) {
    RITZ_REQUIRE(data->periodic[a] >= 0, RITZ_ERR_UNSUPPORTED,
                 "%s does not say whether its grid is bounded or periodic, which resampling has to "
                 "know: --data '{grid: bounded}' or '{grid: periodic}'",
                 data->path);
    RITZ_REQUIRE(data->periodic[a] == data->periodic[0], RITZ_ERR_UNSUPPORTED,
                 "%s: grids with periodic and bounded axes cannot be resampled", data->path);
  }
  RITZ_REQUIRE(data->dim < 3 || data->periodic[0], RITZ_ERR_UNSUPPORTED,
               "%s: bounded grids of three axes cannot be resampled", data->path);
  return RITZ_OK;
}

ritz_status ritz_resampler_create(ritz_context *context, const ritz_dataset_info *data,
                                  ritz_dtype dtype, const ritz_index *grid, ritz_index batch,
                                  ritz_resampler *out) {
  *out = (ritz_resampler){0};
  if (same_grid(data, grid)) return RITZ_OK;
  RITZ_TRY(check(data));
  ritz_graph *graph;
  ritz_shape shape = {.rank = data->dim + 2, .n = {batch}};
  for (int a = 0; a < data->dim; a++) shape.n[a + 1] = data->grid[a];
  shape.n[data->dim + 1] = data->channels_in;
  out->bytes = ritz_dtype_size(dtype);
  for (int a = 0; a < shape.rank; a++) out->bytes *= (size_t)shape.n[a];
  RITZ_TRY(ritz_graph_create(context, dtype, &graph));
  out->x = ritz_input(graph, "x", shape);
  out->y = data->periodic[0] ? ritz_spectral_resize(graph, out->x, grid)
                             : ritz_resize(graph, out->x, grid);
  const ritz_status status = ritz_graph_plan(graph, 1, &out->y, NULL, &out->plan);
  if (status != RITZ_OK) ritz_graph_destroy(&graph);
  return status;
}

void ritz_resampler_destroy(ritz_resampler *resampler) { ritz_plan_destroy(&resampler->plan); }

const void *ritz_resample(ritz_resampler *resampler, const void *x) {
  if (!resampler->plan) return x;
  memcpy(ritz_plan_value(resampler->plan, resampler->x), x, resampler->bytes);
  ritz_plan_forward(resampler->plan);
  return ritz_plan_value(resampler->plan, resampler->y);
}
