/* SPDX-License-Identifier: BSD-3-Clause */
#include "operators/convolution.h"

#include <math.h>
#include <stdio.h>

#include "graph/op.h"

ritz_var ritz_layer_conv(ritz_graph *g, ritz_params *p, ritz_var x, ritz_index out,
                         ritz_index kernel, ritz_index stride, const ritz_conv_style *style,
                         const char *name) {
  if (!x) return RITZ_NO_VAR;
  const int d = ritz_grid_dim(x);
  ritz_conv_options options = {.groups = 1};
  ritz_shape shape = {.rank = d + 2};
  ritz_index fan_in = ritz_channels(x);
  for (int a = 0; a < d; a++) {
    shape.n[a] = kernel;
    fan_in *= kernel;
    options.window.stride[a] = stride;
    options.window.boundary[a] = style->boundary;
    options.window.low[a] = options.window.high[a] = (kernel - 1) / 2;
  }
  shape.n[d] = ritz_channels(x);
  shape.n[d + 1] = out;
  const ritz_init init = {RITZ_INIT_SYMMETRIC, 1 / sqrt((double)fan_in)};
  ritz_var w = ritz_parameter(g, p, init, shape, -1, "%s.weight", name);
  ritz_var b =
      style->bias ? ritz_parameter(g, p, init, RITZ_SHAPE(out), -1, "%s.bias", name) : RITZ_NO_VAR;
  return ritz_conv(g, x, w, b, &options);
}

ritz_var ritz_layer_conv_unit(ritz_graph *g, ritz_params *p, ritz_var x, ritz_index out,
                              const ritz_conv_style *style, const char *name, int number) {
  char path[64];
  snprintf(path, sizeof path, "%s.conv.%d", name, number);
  x = ritz_layer_conv(g, p, x, out, style->kernel, 1, style, path);
  snprintf(path, sizeof path, "%s.norm.%d", name, number);
  return style->sigma(g, ritz_layer_norm_of(g, p, x, style->norm, style->groups, path));
}

ritz_var ritz_layer_double_conv(ritz_graph *g, ritz_params *p, ritz_var x, ritz_index middle,
                                ritz_index out, const ritz_conv_style *style, const char *name) {
  x = ritz_layer_conv_unit(g, p, x, middle, style, name, 0);
  return ritz_layer_conv_unit(g, p, x, out, style, name, 1);
}

ritz_var ritz_layer_halve(ritz_graph *g, ritz_var x) {
  return ritz_max_pool(g, x, (ritz_index[]){2, 2, 2}, NULL);
}

ritz_var ritz_layer_double(ritz_graph *g, ritz_var x) {
  ritz_index grid[3] = {0};
  for (int a = 0; x && a < ritz_grid_dim(x); a++) grid[a] = 2 * x->shape.n[a + 1];
  return ritz_interpolate(g, x, grid, RITZ_INTERPOLATE_LINEAR, true);
}

ritz_var ritz_layer_join(ritz_graph *g, ritz_var skip, ritz_var x) {
  ritz_index before[3] = {0}, after[3] = {0};
  bool same = true;
  for (int a = 0; skip && x && a < ritz_grid_dim(x); a++) {
    const ritz_index missing = skip->shape.n[a + 1] - x->shape.n[a + 1];
    before[a] = missing / 2;
    after[a] = missing - before[a];
    same = same && missing == 0;
  }
  return ritz_concat(g, 2, (ritz_var[]){skip, same ? x : ritz_pad(g, x, before, after)});
}
