/* SPDX-License-Identifier: BSD-3-Clause
 * Samples of ops that see neighbours: pooling, resampling, blocks. */
#include "samples.h"

/* Overlapping windows with margins, then windows side by side. Small ones: two numbers closer to
 * each other than the step of the differences would make the comparison fail. */
ritz_var sample_max_pool(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const ritz_window_options options = {
      .stride = {2, 1, 1},
      .dilation = {1, 2, 1},
      .low = {1, 1, 0},
      .high = {1, 0, 1},
      .boundary = {RITZ_BOUNDARY_ZERO, RITZ_BOUNDARY_PERIODIC, RITZ_BOUNDARY_REFLECT}};
  ritz_var mixed = ritz_linear(g, x, weight(g, p, "w", channels(x), 3), RITZ_NO_VAR);
  ritz_var y = ritz_max_pool(g, mixed, (ritz_index[]){3, 2, 1}, &options);
  return ritz_add(g, ritz_max_pool(g, ritz_tanh(g, y), (ritz_index[]){1, 1, 2}, NULL),
                  ritz_max_pool(g, y, (ritz_index[]){1, 1, 2}, NULL));
}
ritz_var sample_average_pool(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const ritz_window_options options = {.stride = {2, 1, 1},
                                       .low = {1, 1, 0},
                                       .high = {2, 0, 1},
                                       .boundary = {RITZ_BOUNDARY_ZERO, RITZ_BOUNDARY_REPLICATE}};
  const ritz_index window[] = {3, 2, 2};
  ritz_var y = ritz_add(g, ritz_average_pool(g, x, window, &options, true),
                        ritz_average_pool(g, ritz_gelu(g, x), window, &options, false));
  ritz_var mean = ritz_global_average_pool(g, y);
  const ritz_shape shape = ritz_var_shape(y);
  return ritz_add(g, y, ritz_interpolate(g, mean, shape.n + 1, RITZ_INTERPOLATE_NEAREST, false));
}
/* The blocks of the second op are single points where the channels are few. */
ritz_var sample_patchify(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  ritz_var even = ritz_interpolate(g, x, (ritz_index[]){6, 4, 10}, RITZ_INTERPOLATE_CUBIC, false);
  ritz_var y = ritz_tanh(g, ritz_patchify(g, even, (ritz_index[]){3, 2, 5}));
  return ritz_add(g, y, ritz_patchify(g, even, (ritz_index[]){3, 2, 5}));
}
static ritz_var many_channels(ritz_graph *g, ritz_params *p, ritz_var x) {
  return ritz_linear(g, x, weight(g, p, "w", channels(x), 24), RITZ_NO_VAR);
}
ritz_var sample_unpatchify(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  return ritz_unpatchify(g, ritz_tanh(g, many_channels(g, p, x)), (ritz_index[]){3, 2, 2});
}
ritz_var sample_pixel_shuffle(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  return ritz_pixel_shuffle(g, ritz_tanh(g, many_channels(g, p, x)), (ritz_index[]){2, 3, 2});
}
ritz_var sample_pixel_unshuffle(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  ritz_var even = ritz_interpolate(g, x, (ritz_index[]){6, 4, 10}, RITZ_INTERPOLATE_LINEAR, false);
  ritz_var y = ritz_tanh(g, ritz_pixel_unshuffle(g, even, (ritz_index[]){2, 4, 5}));
  return ritz_add(g, ritz_pixel_unshuffle(g, even, (ritz_index[]){2, 4, 5}), y);
}
/* One field twice and its parts. */
ritz_var sample_concat(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  ritz_var h = ritz_tanh(g, x);
  return ritz_concat(g, 4, (ritz_var[]){h, x, ritz_slice(g, h, 1, 1), h});
}
ritz_var sample_slice(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const ritz_index c = channels(x);
  ritz_var y = ritz_slice(g, ritz_gelu(g, x), c / 2, c - c / 2);
  return ritz_add(g, y, ritz_slice(g, x, 0, c - c / 2));
}
ritz_var sample_sigmoid(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  return ritz_add(g, ritz_sigmoid(g, x), x);
}
ritz_var sample_silu(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  return ritz_silu(g, ritz_silu(g, x));
}
ritz_var sample_leaky_relu(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  return ritz_leaky_relu(g, x, 0.2);
}
