/* SPDX-License-Identifier: BSD-3-Clause
 * U-net. Ronneberger, Fischer & Brox 2015, arXiv:1505.04597, on grids that keep their size.
 *
 *     x_0 = D_0 x,  x_(l+1) = D_l(half of x_l)                  l = 0 ... depth - 1
 *     y_depth = x_depth,  y_l = U_l( x_l, G_l y_(l+1) )         l = depth - 1 ... 0
 *     u = Q y_0
 *
 * D and U two convolutions 3 x 3, each with norm and sigma; G doubles the grid and halves the
 * channels, of which there are width 2^l on level l; Q one linear map. */
#include <stdio.h>

#include "core/fail.h"
#include "graph/op.h"
#include "operators/convolution.h"
#include "operators/operator.h"

enum { up_transposed, up_linear };
enum { most_levels = 9 };

typedef struct unet_config {
  ritz_index dim, in_channels, out_channels, width, depth, norm_groups;
  int norm, activation, boundary, up;
} unet_config;

static const ritz_option unet_options[] = {
    RITZ_OPTION_INT(unet_config, dim, 1, 3, "2", "grid axes"),
    RITZ_OPTION_INT(unet_config, in_channels, 1, 1 << 20, "1", "channels of the input"),
    RITZ_OPTION_INT(unet_config, out_channels, 1, 1 << 20, "1", "channels of the output"),
    RITZ_OPTION_INT(unet_config, width, 1, 1 << 16, "64",
                    "channels on the finest level; twice as many on each further one"),
    RITZ_OPTION_INT(unet_config, depth, 1, most_levels - 1, "4", "how often the grid is halved"),
    RITZ_OPTION_CHOICE(unet_config, norm, RITZ_LAYER_NORMS, "batch_norm",
                       "norm after each convolution"),
    RITZ_OPTION_INT(unet_config, norm_groups, 1, 1 << 16, "1", "groups of group_norm"),
    RITZ_OPTION_CHOICE(unet_config, activation, RITZ_LAYER_ACTIVATIONS, "relu", "sigma"),
    RITZ_OPTION_CHOICE(unet_config, boundary, RITZ_LAYER_BOUNDARIES, "zero",
                       "what convolutions see beyond the grid"),
    RITZ_OPTION_CHOICE(unet_config, up, "transposed|linear", "transposed",
                       "G: transposed convolution 2 x 2, or linear interpolation and a linear map"),
    RITZ_OPTION_END,
};

static ritz_status unet_check(const void *config) {
  const unet_config *c = config;
  return c->norm == RITZ_NORM_GROUP ? ritz_layer_check_groups(c->norm_groups, c->width) : RITZ_OK;
}

static ritz_status unet_check_grid(const void *config, int dim, const ritz_index *grid) {
  const unet_config *c = config;
  for (int a = 0; a < dim; a++)
    RITZ_REQUIRE(grid[a] >> c->depth > 0, RITZ_ERR_CONFIG,
                 "unet: %td points along axis %d cannot be halved %td times", grid[a], a, c->depth);
  return RITZ_OK;
}

static ritz_var grow(ritz_graph *g, ritz_params *p, ritz_var y, const unet_config *c, int level) {
  const ritz_index out = c->width << level;
  char name[32];
  snprintf(name, sizeof name, "up.%d.grow", level);
  return c->up == up_linear ? ritz_layer_linear(g, p, ritz_layer_double(g, y), out, true, name)
                            : ritz_layer_conv_transpose(g, p, y, out, 2, 2, name);
}

static ritz_var unet_build(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const unet_config *c = config;
  const ritz_conv_style style = {.kernel = 3,
                                 .boundary = (ritz_boundary)c->boundary,
                                 .bias = !ritz_norm_takes_bias((ritz_norm_kind)c->norm),
                                 .norm = (ritz_norm_kind)c->norm,
                                 .groups = c->norm_groups,
                                 .sigma = ritz_layer_activation(c->activation)};
  ritz_var at[most_levels];
  char name[32];
  if (!ritz_layer_check_field(g, x, "unet", (int)c->dim, c->in_channels)) return RITZ_NO_VAR;
  const ritz_status status = unet_check_grid(c, (int)c->dim, x->shape.n + 1);
  if (status != RITZ_OK) return ritz_graph_latch(g, status);

  for (int l = 0; l <= c->depth; l++) {
    snprintf(name, sizeof name, "down.%d", l);
    if (l > 0) x = ritz_layer_halve(g, x);
    at[l] = x = ritz_layer_double_conv(g, p, x, c->width << l, c->width << l, &style, name);
  }
  ritz_var y = x;
  for (int l = (int)c->depth - 1; l >= 0; l--) {
    snprintf(name, sizeof name, "up.%d", l);
    y = ritz_layer_join(g, at[l], grow(g, p, y, c, l));
    y = ritz_layer_double_conv(g, p, y, c->width << l, c->width << l, &style, name);
  }
  return ritz_layer_linear(g, p, y, c->out_channels, true, "output");
}

const ritz_operator_type ritz_operator_unet = {
    .name = "unet",
    .summary = "U-net: convolutions on grids halved again and again, and back",
    .paper = "Ronneberger, Fischer & Brox 2015, arXiv:1505.04597",
    .config_size = sizeof(unet_config),
    .options = unet_options,
    .check = unet_check,
    .check_grid = unet_check_grid,
    .build = unet_build,
};
