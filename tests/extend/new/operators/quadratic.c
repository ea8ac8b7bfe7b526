/* SPDX-License-Identifier: BSD-3-Clause
 * A pointwise network whose activation is the square: an example of an operator.
 *
 *     v_0 = P (a, x),   v_{i+1} = v_i + V_i (W_i v_i + b_i)^2,   u = Q v_L + c */
#include <stdio.h>

#include "operators/layers.h"
#include "operators/operator.h"

typedef struct config {
  ritz_index dim, in_channels, out_channels, width, n_layers;
} config;

static const ritz_option options[] = {
    RITZ_OPTION_INT(config, dim, 1, 3, "2", "axes of the grid"),
    RITZ_OPTION_INT(config, in_channels, 1, 1 << 20, "1", "channels of the input"),
    RITZ_OPTION_INT(config, out_channels, 1, 1 << 20, "1", "channels of the output"),
    RITZ_OPTION_INT(config, width, 1, 1 << 20, "16", "channels of all layers"),
    RITZ_OPTION_INT(config, n_layers, 1, 1000, "2", "number of layers"),
    RITZ_OPTION_END,
};

static ritz_var layer(ritz_graph *g, ritz_params *p, ritz_var v, const config *c, int i) {
  char name[32];
  snprintf(name, sizeof name, "layer.%d.in", i);
  ritz_var w = ritz_square(g, ritz_layer_linear(g, p, v, c->width, true, name));
  snprintf(name, sizeof name, "layer.%d.out", i);
  return ritz_add(g, v, ritz_layer_linear(g, p, w, c->width, false, name));
}

static ritz_var build(ritz_graph *g, ritz_params *p, ritz_var x, const void *config_) {
  const config *c = config_;
  if (!ritz_layer_check_field(g, x, "quadratic", (int)c->dim, c->in_channels)) return RITZ_NO_VAR;
  x = ritz_grid_embedding(g, x, RITZ_GRID_BOUNDED, NULL);
  ritz_var v = ritz_layer_linear(g, p, x, c->width, true, "lifting");
  for (int i = 0; i < c->n_layers; i++) v = layer(g, p, v, c, i);
  return ritz_layer_linear(g, p, v, c->out_channels, true, "projection");
}

const ritz_operator_type ritz_operator_quadratic = {
    .name = "quadratic",
    .summary = "a pointwise network whose activation is the square",
    .paper = "none: an example",
    .config_size = sizeof(config),
    .options = options,
    .build = build,
};
