/* SPDX-License-Identifier: BSD-3-Clause
 * Samples of the convolutions: strides, dilation, groups and every boundary in turn. */
#include "samples.h"

static ritz_shape kernel_shape(ritz_var x, ritz_index extent, ritz_index from, ritz_index to) {
  const int d = ritz_grid_dim(x);
  ritz_shape shape = {.rank = d + 2};
  for (int a = 0; a < d; a++) shape.n[a] = a == 1 ? extent - 1 : extent;
  shape.n[d] = from;
  shape.n[d + 1] = to;
  return shape;
}

/* 3 x 2 x 3 taps onto a smaller grid, channel by channel, then one channel from all. */
ritz_var sample_conv(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const ritz_index c = channels(x);
  const ritz_conv_options onto = {
      .window = {.stride = {2, 1, 1},
                 .low = {1, 1, 2},
                 .high = {1, 0, 1},
                 .boundary = {RITZ_BOUNDARY_REFLECT, RITZ_BOUNDARY_PERIODIC}}};
  const ritz_conv_options alone = {
      .window = {.dilation = {2, 1, 1},
                 .low = {2, 0, 1},
                 .high = {2, 1, 1},
                 .boundary = {RITZ_BOUNDARY_REPLICATE, RITZ_BOUNDARY_REPLICATE,
                              RITZ_BOUNDARY_REFLECT}},
      .groups = 9};
  ritz_var y = ritz_conv(g, x, random_parameter(g, p, "w1", kernel_shape(x, 3, c, 9), -1),
                         vector(g, p, "b1", 9), &onto);
  y = ritz_conv(g, ritz_gelu(g, y), random_parameter(g, p, "w2", kernel_shape(x, 3, 1, 9), -1),
                vector(g, p, "b2", 9), &alone);
  return ritz_conv(g, y, random_parameter(g, p, "w3", kernel_shape(x, 2, 9, 1), -1), RITZ_NO_VAR,
                   &(ritz_conv_options){.window = {.high = {1, 1, 1}}});
}

/* Groups, then each channel alone. */
ritz_var sample_conv_transpose(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const ritz_index c = channels(x);
  const ritz_conv_options onto = {
      .window = {.stride = {2, 1, 2},
                 .low = {1, 1, 0},
                 .high = {1, 0, 1},
                 .boundary = {RITZ_BOUNDARY_ZERO, RITZ_BOUNDARY_PERIODIC}},
      .extra = {1, 0, 0}};
  const ritz_conv_options grouped = {
      .window = {.low = {1, 0, 1},
                 .high = {1, 1, 1},
                 .boundary = {RITZ_BOUNDARY_REFLECT, RITZ_BOUNDARY_REPLICATE,
                              RITZ_BOUNDARY_PERIODIC}},
      .groups = 2};
  const ritz_conv_options alone = {
      .window = {.stride = {1, 2, 3}, .low = {1, 1, 1}, .boundary = {RITZ_BOUNDARY_REPLICATE}},
      .groups = 2};
  ritz_var y = ritz_conv_transpose(g, x, random_parameter(g, p, "w1", kernel_shape(x, 3, 6, c), -1),
                                   vector(g, p, "b1", 6), &onto);
  y = ritz_conv_transpose(g, ritz_tanh(g, y),
                          random_parameter(g, p, "w2", kernel_shape(x, 3, 1, 6), -1),
                          vector(g, p, "b2", 2), &grouped);
  return ritz_conv_transpose(g, ritz_tanh(g, y),
                             random_parameter(g, p, "w3", kernel_shape(x, 3, 1, 2), -1),
                             vector(g, p, "b3", 2), &alone);
}
