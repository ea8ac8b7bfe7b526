/* SPDX-License-Identifier: BSD-3-Clause
 * Samples of ops that see neighbours: depthwise convolution, pooling, resampling, blocks. */
#include "samples.h"

/* Every boundary, then strides and dilations with a bias. */
ritz_var sample_depthwise_conv(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const int d = ritz_grid_dim(x);
  const ritz_index c = channels(x);
  const ritz_shape shapes[3] = {RITZ_SHAPE(3, c), RITZ_SHAPE(4, 3, c), RITZ_SHAPE(3, 2, 5, c)};
  const ritz_window_options around = {
      .low = {1, 2, 2},
      .high = {2, 1, 1},
      .boundary = {RITZ_BOUNDARY_PERIODIC, RITZ_BOUNDARY_REFLECT, RITZ_BOUNDARY_REPLICATE}};
  ritz_var y = ritz_depthwise_conv(
      g, ritz_tanh(g, x), random_parameter(g, p, "w1", shapes[d - 1], -1), RITZ_NO_VAR, &around);
  const ritz_window_options apart = {
      .stride = {2, 1, 3}, .dilation = {1, 2, 1}, .low = {2, 2, 1}, .high = {1, 2, 3}};
  return ritz_depthwise_conv(g, ritz_add(g, ritz_gelu(g, y), y),
                             random_parameter(g, p, "w2", shapes[d - 1], -1), vector(g, p, "b", c),
                             &apart);
}
