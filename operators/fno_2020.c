/* SPDX-License-Identifier: BSD-3-Clause
 * The original Fourier neural operator, as in the authors' scripts of 2020 and 2022.
 * Li et al. 2021, arXiv:2010.08895.
 *
 *     v_0 = P (a, x),   v_{i+1} = sigma( K_i v_i + W_i v_i + b_i ),   u = Q2 sigma( Q1 v_L + ...)
 *
 * Four layers, sigma after the first three only; P one linear map; the grid includes both ends and
 * comes last; padding on the far side only. Form 2022: GELU; form 2020: batch norm of K v + W v +
 * b, then ReLU. `modes` counts modes per corner: the spectral weight has 2m rows (-m ... m-1) on
 * every axis but the last, which has m. */
#include <math.h>
#include <stdio.h>

#include "core/fail.h"
#include "operators/layers.h"
#include "operators/operator.h"

enum { form_2022, form_2020 };

typedef struct fno_2020_config {
  ritz_ints modes, padding;
  ritz_index in_channels, out_channels, width, n_layers, projection_channels;
  int form;
} config_2020;

static const ritz_option fno_2020_options[] = {
    RITZ_OPTION_INTS(config_2020, modes, 1, 1 << 20, NULL, "modes per corner along each axis"),
    RITZ_OPTION_INT(config_2020, in_channels, 1, 1 << 20, "1", "channels of the input"),
    RITZ_OPTION_INT(config_2020, out_channels, 1, 1 << 20, "1", "channels of the output"),
    RITZ_OPTION_INT(config_2020, width, 1, 1 << 20, "32", "channels of all layers"),
    RITZ_OPTION_INT(config_2020, n_layers, 1, 1000, "4", "number of layers"),
    RITZ_OPTION_INT(config_2020, projection_channels, 1, 1 << 20, "128",
                    "hidden channels of the projection"),
    RITZ_OPTION_INTS(config_2020, padding, 0, 1 << 20, "null",
                     "zeros after the end of each axis (Darcy 9; NS-3D 6 in time)"),
    RITZ_OPTION_CHOICE(config_2020, form, "2022|2020", "2022",
                       "2022: GELU, no norm; 2020: batch norm and ReLU"),
    RITZ_OPTION_END,
};

static ritz_status check(const void *config) {
  const config_2020 *c = config;
  const int d = c->modes.count;
  RITZ_REQUIRE(d >= 1 && d <= 3, RITZ_ERR_CONFIG, "modes has %d axes, wanted 1 to 3", d);
  RITZ_REQUIRE(c->padding.count <= 1 || c->padding.count == d, RITZ_ERR_CONFIG,
               "padding has %d axes, modes has %d", c->padding.count, d);
  return RITZ_OK;
}

static ritz_status check_grid(const void *config, int dim, const ritz_index *grid) {
  const config_2020 *c = config;
  for (int a = 0; a < dim && a < c->modes.count; a++) {
    const ritz_index n = grid[a] + ritz_ints_at(&c->padding, a, 0);
    const ritz_index most = a == c->modes.count - 1 ? n / 2 + 1 : n / 2;
    RITZ_REQUIRE(c->modes.n[a] <= most, RITZ_ERR_CONFIG,
                 "modes asks for %td along axis %d, the training grid of %td points has only %td",
                 c->modes.n[a], a, n, most);
  }
  return RITZ_OK;
}

/* K v: weights uniform in [0, 1) / (Ci Co), real and imaginary part. */
static ritz_var spectral(ritz_graph *g, ritz_params *p, ritz_var v, const config_2020 *c,
                         int layer) {
  const int d = c->modes.count;
  ritz_spectral_options options = {0};
  ritz_shape shape = {.rank = d + 3};
  for (int a = 0; a < d; a++)
    options.modes[a] = shape.n[a] = a == d - 1 ? c->modes.n[a] : 2 * c->modes.n[a];
  shape.n[d] = 2;
  shape.n[d + 1] = shape.n[d + 2] = c->width;
  const ritz_init init = {RITZ_INIT_UNIFORM, 1 / ((double)c->width * (double)c->width)};
  ritz_var w = ritz_parameter(g, p, init, shape, d, "layer.%d.spectral.weight", layer);
  return ritz_spectral_conv(g, v, w, &options);
}

static ritz_var activate(ritz_graph *g, ritz_var x, const config_2020 *c) {
  return c->form == form_2020 ? ritz_relu(g, x) : ritz_gelu(g, x);
}

static ritz_var layer(ritz_graph *g, ritz_params *p, ritz_var v, const config_2020 *c, int i) {
  char name[32];
  snprintf(name, sizeof name, "layer.%d.skip", i);
  ritz_var k = spectral(g, p, v, c, i);                          /* K v      */
  ritz_var w = ritz_layer_linear(g, p, v, c->width, true, name); /* W v + b  */
  ritz_var u = ritz_add(g, k, w);
  if (c->form == form_2020) {
    snprintf(name, sizeof name, "batch_norm.%d", i);
    u = ritz_layer_norm_of(g, p, u, RITZ_NORM_BATCH, 1, name);
  }
  return i < c->n_layers - 1 ? activate(g, u, c) : u;
}

static ritz_var build(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const config_2020 *c = config;
  const ritz_index before[3] = {0};
  ritz_index after[3];
  if (!ritz_layer_check_field(g, x, "fno_2020", c->modes.count, c->in_channels)) return RITZ_NO_VAR;
  for (int a = 0; a < c->modes.count; a++) after[a] = ritz_ints_at(&c->padding, a, 0);

  x = ritz_grid_embedding(g, x, RITZ_GRID_BOUNDED, NULL);
  ritz_var v = ritz_layer_linear(g, p, x, c->width, true, "lifting");
  if (c->padding.count) v = ritz_pad(g, v, before, after);
  for (int i = 0; i < c->n_layers; i++) v = layer(g, p, v, c, i);
  if (c->padding.count) v = ritz_crop(g, v, before, after);
  v = activate(g, ritz_layer_linear(g, p, v, c->projection_channels, true, "projection.0"), c);
  return ritz_layer_linear(g, p, v, c->out_channels, true, "projection.1");
}

static const ritz_reference_name names[] = {
    {"fc0.weight", "lifting.weight", RITZ_REFERENCE_LINEAR, 0},
    {"fc0.bias", "lifting.bias", RITZ_REFERENCE_SAME, 0},
    {"conv%d.weights1", "layer.%d.spectral.weight", RITZ_REFERENCE_CORNER, 0},
    {"conv%d.weights2", "layer.%d.spectral.weight", RITZ_REFERENCE_CORNER, 1},
    {"conv%d.weights3", "layer.%d.spectral.weight", RITZ_REFERENCE_CORNER, 2},
    {"conv%d.weights4", "layer.%d.spectral.weight", RITZ_REFERENCE_CORNER, 3},
    {"w%d.weight", "layer.%d.skip.weight", RITZ_REFERENCE_LINEAR, 0},
    {"w%d.bias", "layer.%d.skip.bias", RITZ_REFERENCE_SAME, 0},
    {"bn%d.weight", "batch_norm.%d.weight", RITZ_REFERENCE_SAME, 0},
    {"bn%d.bias", "batch_norm.%d.bias", RITZ_REFERENCE_SAME, 0},
    {"bn%d.running_mean", "batch_norm.%d.running_mean", RITZ_REFERENCE_SAME, 0},
    {"bn%d.running_var", "batch_norm.%d.running_var", RITZ_REFERENCE_SAME, 0},
    {"fc1.weight", "projection.0.weight", RITZ_REFERENCE_LINEAR, 0},
    {"fc1.bias", "projection.0.bias", RITZ_REFERENCE_SAME, 0},
    {"fc2.weight", "projection.1.weight", RITZ_REFERENCE_LINEAR, 0},
    {"fc2.bias", "projection.1.bias", RITZ_REFERENCE_SAME, 0},
    {0},
};

const ritz_operator_type ritz_operator_fno_2020 = {
    .name = "fno_2020",
    .summary = "the original Fourier neural operator: two-corner spectral weights, four layers",
    .paper = "Li et al. 2021, arXiv:2010.08895, the authors' scripts of 2020 and 2022",
    .config_size = sizeof(config_2020),
    .options = fno_2020_options,
    .check = check,
    .check_grid = check_grid,
    .build = build,
    .reference = "fno-2020",
    .names = names,
};
