/* SPDX-License-Identifier: BSD-3-Clause */
#include "operators/convolution.h"

#include <math.h>
#include <stdio.h>

#include "graph/op.h"

/* [K, ..., first, second] for d axes. */
static ritz_shape weight_shape(int d, ritz_index kernel, ritz_index first, ritz_index second) {
  ritz_shape shape = {.rank = d + 2};
  for (int a = 0; a < d; a++) shape.n[a] = kernel;
  shape.n[d] = first;
  shape.n[d + 1] = second;
  return shape;
}

/* Uniform in +-1/sqrt(n), n numbers of the weight for each along its last axis. */
static ritz_init init_of(const ritz_shape *shape) {
  const ritz_index n = ritz_shape_count(shape) / shape->n[shape->rank - 1];
  return (ritz_init){RITZ_INIT_SYMMETRIC, 1 / sqrt((double)n)};
}

ritz_var ritz_layer_conv(ritz_graph *g, ritz_params *p, ritz_var x, ritz_index out,
                         ritz_index kernel, ritz_index stride, ritz_index dilation,
                         const ritz_conv_style *style, const char *name) {
  if (!x) return RITZ_NO_VAR;
  const int d = ritz_grid_dim(x);
  ritz_conv_options options = {.groups = 1};
  for (int a = 0; a < d; a++) {
    options.window.stride[a] = stride;
    options.window.dilation[a] = dilation;
    options.window.boundary[a] = style->boundary;
    options.window.low[a] = options.window.high[a] = dilation * (kernel - 1) / 2;
  }
  const ritz_shape shape = weight_shape(d, kernel, ritz_channels(x), out);
  const ritz_init init = init_of(&shape);
  ritz_var w = ritz_parameter(g, p, init, shape, -1, "%s.weight", name);
  ritz_var b =
      style->bias ? ritz_parameter(g, p, init, RITZ_SHAPE(out), -1, "%s.bias", name) : RITZ_NO_VAR;
  return ritz_conv(g, x, w, b, &options);
}

ritz_var ritz_layer_conv_transpose(ritz_graph *g, ritz_params *p, ritz_var x, ritz_index out,
                                   ritz_index kernel, ritz_index stride, const char *name) {
  if (!x) return RITZ_NO_VAR;
  const int d = ritz_grid_dim(x);
  ritz_conv_options options = {.groups = 1};
  for (int a = 0; a < d; a++) {
    options.window.stride[a] = stride;
    options.window.low[a] = options.window.high[a] = (kernel - stride) / 2;
  }
  const ritz_shape shape = weight_shape(d, kernel, out, ritz_channels(x));
  const ritz_init init = init_of(&shape);
  ritz_var w = ritz_parameter(g, p, init, shape, -1, "%s.weight", name);
  ritz_var b = ritz_parameter(g, p, init, RITZ_SHAPE(out), -1, "%s.bias", name);
  return ritz_conv_transpose(g, x, w, b, &options);
}

bool ritz_norm_takes_bias(ritz_norm_kind norm) {
  return norm == RITZ_NORM_BATCH || norm == RITZ_NORM_INSTANCE;
}

ritz_var ritz_layer_conv_unit(ritz_graph *g, ritz_params *p, ritz_var x, ritz_index out,
                              const ritz_conv_style *style, const char *name, int number) {
  char path[64];
  snprintf(path, sizeof path, "%s.conv.%d", name, number);
  x = ritz_layer_conv(g, p, x, out, style->kernel, 1, 1, style, path);
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
