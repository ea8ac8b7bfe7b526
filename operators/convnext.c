/* SPDX-License-Identifier: BSD-3-Clause
 * U-net of ConvNeXt blocks. Liu et al. 2022, arXiv:2201.03545; as an operator of fields: Ohana et
 * al. 2024, arXiv:2412.00568. With `response_norm`, blocks of ConvNeXt V2: Woo et al. 2023,
 * arXiv:2301.00808, B(v) = v + W2 R gelu( W1 N D v ), R the global response norm.
 *
 *     B(v) = v + g (W2 gelu( W1 N D v ))      D depthwise, N layer norm, W pointwise, g one number
 *                                             per channel
 *     x_0 = B...B K x,   x_(l+1) = B...B H N x_l,   y_l = B...B M (x_l, G N y_(l+1)),   u = Q y_0
 *
 * K a convolution 3 x 3, H one 2 x 2 with stride 2, G its transpose, M and Q linear maps; 2^l width
 * channels on level l. */
#include <math.h>
#include <stdio.h>

#include "core/fail.h"
#include "graph/op.h"
#include "operators/convolution.h"
#include "operators/operator.h"

typedef struct convnext_config {
  ritz_ints blocks;
  ritz_index dim, in_channels, out_channels, width, kernel, expansion;
  double layer_scale;
  bool response_norm;
  int boundary;
} convnext_config;

static const ritz_option convnext_options[] = {
    RITZ_OPTION_INT(convnext_config, dim, 1, 3, "2", "grid axes"),
    RITZ_OPTION_INT(convnext_config, in_channels, 1, 1 << 20, "1", "channels of the input"),
    RITZ_OPTION_INT(convnext_config, out_channels, 1, 1 << 20, "1", "channels of the output"),
    RITZ_OPTION_INT(convnext_config, width, 1, 1 << 16, "48",
                    "channels on the finest level; twice as many on each further one"),
    RITZ_OPTION_INTS(convnext_config, blocks, 0, 1000, "[2, 2, 2, 2]",
                     "blocks of each level, finest first, on the way down and again up"),
    RITZ_OPTION_INT(convnext_config, kernel, 1, 101, "7",
                    "extent of the depthwise convolutions along each axis, odd"),
    RITZ_OPTION_INT(convnext_config, expansion, 1, 1000, "4",
                    "hidden channels of a block / its channels"),
    RITZ_OPTION_REAL(convnext_config, layer_scale, 0, 1e3, "1e-6", "g at the start"),
    RITZ_OPTION_BOOL(convnext_config, response_norm, "false",
                     "blocks of ConvNeXt V2: a global response norm of the hidden channels, no g"),
    RITZ_OPTION_CHOICE(convnext_config, boundary, RITZ_LAYER_BOUNDARIES, "zero",
                       "what convolutions see beyond the grid"),
    RITZ_OPTION_END,
};

static ritz_status convnext_check(const void *config) {
  const convnext_config *c = config;
  RITZ_REQUIRE(c->kernel % 2 == 1, RITZ_ERR_CONFIG, "kernel is %td, wanted an odd extent",
               c->kernel);
  RITZ_REQUIRE(c->blocks.count >= 1 && c->blocks.count <= 16, RITZ_ERR_CONFIG,
               "blocks has %d levels, wanted 1 to 16", c->blocks.count);
  return RITZ_OK;
}

static ritz_status convnext_check_grid(const void *config, int dim, const ritz_index *grid) {
  const convnext_config *c = config;
  for (int a = 0; a < dim; a++)
    RITZ_REQUIRE(grid[a] >> (c->blocks.count - 1) > 0, RITZ_ERR_CONFIG,
                 "convnext: %td points along axis %d cannot be halved %d times", grid[a], a,
                 c->blocks.count - 1);
  return RITZ_OK;
}

/* D v, uniform in +-1/sqrt(K ...). */
static ritz_var depthwise(ritz_graph *g, ritz_params *p, ritz_var v, const convnext_config *c,
                          const char *name) {
  const int d = (int)c->dim;
  const ritz_index channels = ritz_channels(v);
  ritz_conv_options options = {.groups = channels};
  ritz_shape shape = {.rank = d + 2};
  double taps = 1;
  for (int a = 0; a < d; a++) {
    shape.n[a] = c->kernel;
    taps *= (double)c->kernel;
    options.window.low[a] = options.window.high[a] = c->kernel / 2;
    options.window.boundary[a] = (ritz_boundary)c->boundary;
  }
  shape.n[d] = 1;
  shape.n[d + 1] = channels;
  const ritz_init init = {RITZ_INIT_SYMMETRIC, 1 / sqrt(taps)};
  ritz_var w = ritz_parameter(g, p, init, shape, -1, "%s.weight", name);
  ritz_var b = ritz_parameter(g, p, init, RITZ_SHAPE(channels), -1, "%s.bias", name);
  return ritz_conv(g, v, w, b, &options);
}

static ritz_var norm(ritz_graph *g, ritz_params *p, ritz_var v, const char *owner) {
  if (!v) return RITZ_NO_VAR;
  const ritz_init one = {RITZ_INIT_CONSTANT, 1}, zero = {RITZ_INIT_ZERO, 0};
  const ritz_shape shape = RITZ_SHAPE(ritz_channels(v));
  ritz_var w = ritz_parameter(g, p, one, shape, -1, "%s.norm.weight", owner);
  ritz_var b = ritz_parameter(g, p, zero, shape, -1, "%s.norm.bias", owner);
  return ritz_layer_norm(g, v, 1e-6, w, b);
}

/* R of the hidden channels, at first the identity. */
static ritz_var second_mlp(ritz_graph *g, ritz_params *p, ritz_var u, const convnext_config *c,
                           ritz_index channels, const char *path) {
  const ritz_index hidden = c->expansion * channels;
  char name[64];
  snprintf(name, sizeof name, "%s.mlp.0", path);
  u = ritz_gelu(g, ritz_layer_linear(g, p, u, hidden, true, name));
  const ritz_init zero = {RITZ_INIT_ZERO, 0};
  ritz_var w = ritz_parameter(g, p, zero, RITZ_SHAPE(hidden), -1, "%s.response.weight", path);
  ritz_var b = ritz_parameter(g, p, zero, RITZ_SHAPE(hidden), -1, "%s.response.bias", path);
  snprintf(name, sizeof name, "%s.mlp.1", path);
  return ritz_layer_linear(g, p, ritz_response_norm(g, u, 1e-6, w, b), channels, true, name);
}

static ritz_var block(ritz_graph *g, ritz_params *p, ritz_var v, const convnext_config *c,
                      const char *path) {
  if (!v) return RITZ_NO_VAR;
  const ritz_index channels = ritz_channels(v);
  char name[48];
  snprintf(name, sizeof name, "%s.conv", path);
  ritz_var u = norm(g, p, depthwise(g, p, v, c, name), path);
  if (c->response_norm) return ritz_add(g, v, second_mlp(g, p, u, c, channels, path));
  snprintf(name, sizeof name, "%s.mlp", path);
  u = ritz_layer_mlp(g, p, u, c->expansion * channels, channels, ritz_gelu, 0, name);
  ritz_var scale = ritz_parameter(g, p, (ritz_init){RITZ_INIT_CONSTANT, c->layer_scale},
                                  RITZ_SHAPE(channels), -1, "%s.scale", path);
  return ritz_add(g, v, ritz_gate(g, u, scale));
}

static ritz_var blocks(ritz_graph *g, ritz_params *p, ritz_var v, const convnext_config *c,
                       const char *side, int level) {
  char name[32];
  for (int k = 0; k < c->blocks.n[level]; k++) {
    snprintf(name, sizeof name, "%s.%d.block.%d", side, level, k);
    v = block(g, p, v, c, name);
  }
  return v;
}

static ritz_var convnext_build(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const convnext_config *c = config;
  const ritz_conv_style style = {.boundary = (ritz_boundary)c->boundary, .bias = true};
  const int levels = c->blocks.count;
  ritz_var at[RITZ_OPTION_LIST];
  char name[32];
  if (!ritz_layer_check_field(g, x, "convnext", (int)c->dim, c->in_channels)) return RITZ_NO_VAR;
  const ritz_status status = convnext_check_grid(c, (int)c->dim, x->shape.n + 1);
  if (status != RITZ_OK) return ritz_graph_latch(g, status);

  ritz_var v = ritz_layer_conv(g, p, x, c->width, 3, 1, 1, &style, "lifting");
  for (int l = 0; l < levels; l++) {
    snprintf(name, sizeof name, "down.%d.halve", l);
    if (l > 0) v = ritz_layer_conv(g, p, norm(g, p, v, name), c->width << l, 2, 2, 1, &style, name);
    at[l] = v = blocks(g, p, v, c, "down", l);
  }
  for (int l = levels - 2; l >= 0; l--) {
    snprintf(name, sizeof name, "up.%d.double", l);
    v = ritz_layer_conv_transpose(g, p, norm(g, p, v, name), c->width << l, 2, 2, name);
    snprintf(name, sizeof name, "up.%d.merge", l);
    v = ritz_layer_linear(g, p, ritz_layer_join(g, at[l], v), c->width << l, true, name);
    v = blocks(g, p, v, c, "up", l);
  }
  return ritz_layer_linear(g, p, v, c->out_channels, true, "output");
}

const ritz_operator_type ritz_operator_convnext = {
    .name = "convnext",
    .summary = "U-net of ConvNeXt blocks: wide depthwise convolutions and pointwise networks",
    .paper = "Liu et al. 2022, arXiv:2201.03545; Ohana et al. 2024, arXiv:2412.00568",
    .config_size = sizeof(convnext_config),
    .options = convnext_options,
    .check = convnext_check,
    .check_grid = convnext_check_grid,
    .build = convnext_build,
};
