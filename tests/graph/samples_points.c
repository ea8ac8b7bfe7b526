/* SPDX-License-Identifier: BSD-3-Clause
 * Samples of ops on scattered points and on patches of the plane. */
#include "samples.h"

ritz_var sample_multiply(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  ritz_var y = ritz_multiply(g, ritz_tanh(g, x), x);
  return ritz_add(g, ritz_multiply(g, y, y), y);
}

/* More, fewer and as many channels. */
ritz_var sample_mode_linear(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const int d = ritz_grid_dim(x);
  ritz_var z = ritz_linear(g, x, weight(g, p, "w", channels(x), 6), RITZ_NO_VAR);
  ritz_shape shape = {.rank = d + 3};
  for (int a = 0; a < d; a++) shape.n[a] = ritz_var_shape(x).n[a + 1];
  shape.n[d] = 2;
  shape.n[d + 1] = 3;
  shape.n[d + 2] = 5;
  ritz_var y = ritz_mode_linear(g, ritz_tanh(g, z), random_parameter(g, p, "w1", shape, d));
  shape.n[d + 1] = 5;
  ritz_var w = random_parameter(g, p, "w2", shape, d);
  y = ritz_add(g, y, ritz_mode_linear(g, ritz_mode_linear(g, y, w), w));
  shape.n[d + 2] = 2;
  return ritz_mode_linear(g, y, random_parameter(g, p, "w3", shape, d));
}

static ritz_var points(ritz_graph *g, ritz_params *p, ritz_var x) {
  return ritz_sigmoid(g, ritz_linear(g, x, weight(g, p, "points", channels(x), 2), RITZ_NO_VAR));
}

/* On fields of other dimensions there is nothing to sum: the op needs a line. */
ritz_var sample_points_to_modes(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const ritz_index modes[2] = {4, 3};
  if (ritz_grid_dim(x) > 1) return ritz_tanh(g, x);
  ritz_var at = points(g, p, x);
  ritz_var z = ritz_points_to_modes(g, ritz_tanh(g, x), at, modes);
  ritz_var y = ritz_points_to_modes(g, ritz_add(g, x, ritz_gelu(g, x)), at, modes);
  return ritz_add(g, ritz_tanh(g, z), y);
}

ritz_var sample_modes_to_points(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const ritz_index modes[2] = {5, 3};
  if (ritz_grid_dim(x) > 1) return ritz_tanh(g, x);
  ritz_var at = points(g, p, x), z = ritz_points_to_modes(g, x, at, modes);
  ritz_var y = ritz_modes_to_points(g, ritz_tanh(g, z), at, RITZ_MIRROR_EXACT);
  return ritz_add(g, y, ritz_modes_to_points(g, z, ritz_tanh(g, at), RITZ_MIRROR_SHIFTED));
}

/* The plane of a grid of two axes, brought to extents that can be cut. */
static ritz_var sized(ritz_graph *g, ritz_var x) {
  const ritz_index grid[2] = {16, 32};
  return ritz_interpolate(g, x, grid, RITZ_INTERPOLATE_LINEAR, true);
}

ritz_var sample_multigrid_patches(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const ritz_index padding[2] = {1, 3};
  if (ritz_grid_dim(x) != 2) return ritz_tanh(g, x);
  ritz_var y = sized(g, x);
  y = ritz_add(g, y, ritz_tanh(g, y));
  return ritz_add(g, ritz_multigrid_patches(g, y, 2, padding),
                  ritz_tanh(g, ritz_multigrid_patches(g, ritz_gelu(g, y), 2, padding)));
}

ritz_var sample_random_shift(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  ritz_graph_set_training(g, true, 3);
  ritz_var y = ritz_add(g, x, ritz_random_shift(g, ritz_tanh(g, x), 1, false));
  return ritz_add(g, y, ritz_random_shift(g, ritz_gelu(g, y), 2, true));
}

ritz_var sample_stitch_patches(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const ritz_index padding[2] = {2, 1};
  if (ritz_grid_dim(x) != 2) return ritz_tanh(g, x);
  ritz_var y = ritz_multigrid_patches(g, sized(g, x), 1, padding);
  return ritz_add(g, ritz_stitch_patches(g, y, 1, padding),
                  ritz_stitch_patches(g, ritz_gelu(g, y), 1, padding));
}
