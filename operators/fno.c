/* SPDX-License-Identifier: BSD-3-Clause
 * Fourier neural operator, as in neuraloperator 2.0.
 * Li et al. 2021, arXiv:2010.08895; Kossaifi et al. 2024, arXiv:2412.10354.
 *
 *     v_0 = P(a, x),   v_{i+1} = sigma( M( sigma( K_i v_i + W_i v_i ) ) + G_i v_i ),   u = Q v_L
 *
 * P, Q lifting and projection (pointwise MLPs), the rest in fno_block.h. Options keep the
 * reference's names.
 *
 * tfno is the same operator with factorised weights by default, Kossaifi et al. 2023,
 * arXiv:2310.00120. */
#include "operators/fno.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/fail.h"
#include "graph/op.h"

static const ritz_option fno_options[] = {RITZ_FNO_OPTIONS("null", "1"), RITZ_OPTION_END};
static const ritz_option tfno_options[] = {RITZ_FNO_OPTIONS("tucker", "0.1"), RITZ_OPTION_END};

/* Stored rows of the spectral weights along an axis. */
static ritz_index weight_rows(const ritz_fno_config *c, int axis) {
  if (c->max_n_modes.count) return c->max_n_modes.n[axis];
  return ritz_stored_modes(c->n_modes.n[axis], axis == c->n_modes.count - 1);
}

static ritz_tensor_shape joint_shape(const ritz_fno_config *c) {
  ritz_tensor_shape shape = {.config = &c->block.tensor,
                             .name = "spectral",
                             .dim = c->n_modes.count,
                             .in = c->hidden_channels,
                             .out = c->hidden_channels,
                             .separable = c->block.separable,
                             .layers = c->joint_factorization ? (int)c->n_layers : 0};
  for (int a = 0; a < shape.dim; a++) shape.rows[a] = weight_rows(c, a);
  return shape;
}

ritz_status ritz_fno_check(const void *config) {
  const ritz_fno_config *c = config;
  const int d = c->n_modes.count;
  RITZ_REQUIRE(d >= 1 && d <= 3, RITZ_ERR_CONFIG, "n_modes has %d axes, wanted 1 to 3", d);
  RITZ_REQUIRE(c->max_n_modes.count == 0 || c->max_n_modes.count == d, RITZ_ERR_CONFIG,
               "max_n_modes has %d axes, n_modes has %d", c->max_n_modes.count, d);
  RITZ_REQUIRE(c->output_shape.count == 0 || c->output_shape.count == d, RITZ_ERR_CONFIG,
               "output_shape has %d axes, n_modes has %d", c->output_shape.count, d);
  RITZ_TRY(ritz_fno_check_ends("n_modes", d, &c->domain_padding, &c->grid_boundaries));
  const int scales = c->resolution_scaling_factor.count;
  RITZ_REQUIRE(scales <= 1 || scales == c->n_layers, RITZ_ERR_CONFIG,
               "resolution_scaling_factor has %d numbers for %td layers", scales, c->n_layers);
  RITZ_REQUIRE((ritz_index)(c->projection_channel_ratio * (double)c->hidden_channels) >= 1,
               RITZ_ERR_CONFIG, "projection_channel_ratio %g leaves no channel",
               c->projection_channel_ratio);
  RITZ_REQUIRE(!c->joint_factorization || ritz_factorization_of(&c->block.tensor) != RITZ_DENSE,
               RITZ_ERR_CONFIG, "joint_factorization wants a factorization");
  const ritz_tensor_shape weight = joint_shape(c);
  RITZ_TRY(ritz_tensor_check(&weight));
  return ritz_fno_block_check(&c->block, c->hidden_channels, c->use_channel_mlp);
}

ritz_status ritz_fno_check_grid(const void *config, int dim, const ritz_index *grid) {
  const ritz_fno_config *c = config;
  return ritz_fno_check_modes(&c->n_modes, dim, grid);
}

/* Dense weights have all axes of the grid, of factors each one has its own. */
int ritz_fno_mode_axis(const void *config, const ritz_param_info *info, int axis) {
  const ritz_fno_config *c = config;
  const char *name = strstr(info->name, ".spectral.");
  const int first = c->block.separable ? 1 : 2; /* factors of channels come before */
  int number;
  if (!name) return -1;
  name += strlen(".spectral.");
  if (strcmp(name, "weight") == 0) return axis < c->n_modes.count ? axis : -1;
  if (sscanf(name, "factor.%d", &number) != 1 && sscanf(name, "train.%d", &number) != 1) return -1;
  return axis == 0 && number >= first ? number - first : -1;
}

/* Grid after block i, given the grid before it. */
static ritz_status next_grid(const ritz_fno_config *c, int i, const ritz_shape *before,
                             ritz_index *grid) {
  const ritz_reals *scale = &c->resolution_scaling_factor;
  const bool given = c->output_shape.count && i == c->n_layers - 1;
  for (int a = 0; a < c->n_modes.count; a++) {
    const double factor = ritz_reals_at(scale, i, 1);
    grid[a] = given ? c->output_shape.n[a] : (ritz_index)rint(factor * (double)before->n[a + 1]);
    RITZ_REQUIRE(grid[a] >= 1, RITZ_ERR_SHAPE,
                 "fno: resolution_scaling_factor %g leaves no point of the %td along axis %d",
                 factor, before->n[a + 1], a);
  }
  return RITZ_OK;
}

static ritz_var block(ritz_graph *g, ritz_params *p, ritz_var v, const ritz_fno_config *c, int i,
                      const ritz_index *grid, const ritz_tensor_weight *weight) {
  ritz_fno_block b = {.config = &c->block,
                      .number = i,
                      .last = i == c->n_layers - 1,
                      .use_channel_mlp = c->use_channel_mlp,
                      .dim = c->n_modes.count,
                      .channels = c->hidden_channels,
                      .weight = weight};
  for (int a = 0; a < b.dim; a++) {
    b.modes[a] = ritz_stored_modes(c->n_modes.n[a], a == b.dim - 1);
    b.rows[a] = weight_rows(c, a);
    b.grid[a] = grid[a];
  }
  return ritz_layer_fno_block(g, p, v, &b);
}

static ritz_var blocks(ritz_graph *g, ritz_params *p, ritz_var v, const ritz_fno_config *c) {
  ritz_tensor_weight joint;
  const ritz_tensor_shape weight = joint_shape(c);
  if (c->joint_factorization) joint = ritz_tensor_weight_add(g, p, &weight);
  for (int i = 0; v && i < c->n_layers; i++) {
    ritz_index grid[3];
    const ritz_shape shape = ritz_var_shape(v);
    const ritz_status status = next_grid(c, i, &shape, grid);
    v = status == RITZ_OK ? block(g, p, v, c, i, grid, c->joint_factorization ? &joint : NULL)
                          : ritz_graph_latch(g, status);
  }
  return v;
}

ritz_var ritz_fno_build(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const ritz_fno_config *c = config;
  if (!ritz_layer_check_field(g, x, "fno", c->n_modes.count, c->in_channels)) return RITZ_NO_VAR;
  const double width = (double)c->hidden_channels;
  ritz_activation *sigma = ritz_fno_block_activation(&c->block);
  const ritz_fno_ends ends = {.embedding = c->positional_embedding,
                              .boundaries = &c->grid_boundaries,
                              .fraction = &c->domain_padding,
                              .lifting = (ritz_index)(c->lifting_channel_ratio * width),
                              .projection = (ritz_index)(c->projection_channel_ratio * width),
                              .hidden = c->hidden_channels,
                              .out = c->out_channels,
                              .lifting_sigma = sigma,
                              .sigma = sigma};
  ritz_padding padding;
  ritz_var v = ritz_layer_fno_lifting(g, p, x, &ends, &padding);
  return ritz_layer_fno_projection(g, p, blocks(g, p, v, c), &ends, &padding);
}

static const ritz_reference_name fno_names[] = {
    {"lifting.fcs.%d.weight", "lifting.%d.weight", RITZ_REFERENCE_LINEAR, 0},
    {"lifting.fcs.%d.bias", "lifting.%d.bias", RITZ_REFERENCE_SAME, 0},
    {"projection.fcs.%d.weight", "projection.%d.weight", RITZ_REFERENCE_LINEAR, 0},
    {"projection.fcs.%d.bias", "projection.%d.bias", RITZ_REFERENCE_SAME, 0},
    {"fno_blocks.convs.%d.weight.tensor", "block.%d.spectral.weight", RITZ_REFERENCE_SPECTRAL, 0},
    {"fno_blocks.convs.%d.weight.core", "block.%d.spectral.core", RITZ_REFERENCE_SPECTRAL, 0},
    {"fno_blocks.convs.%d.weight.weights", "block.%d.spectral.weights", RITZ_REFERENCE_SAME, 0},
    {"fno_blocks.convs.%d.weight.factors.factor_0", "block.%d.spectral.in", RITZ_REFERENCE_SAME, 0},
    {"fno_blocks.convs.%d.weight.factors.factor_0", "block.%d.spectral.channels",
     RITZ_REFERENCE_SPECTRAL, 0},
    {"fno_blocks.convs.%d.weight.factors.factor_1", "block.%d.spectral.out", RITZ_REFERENCE_LINEAR,
     0},
    {"fno_blocks.convs.%d.weight.factors.factor_%d", "block.%d.spectral.factor.%d",
     RITZ_REFERENCE_ROWS, 0},
    {"fno_blocks.convs.%d.weight.factors.factor_%d", "block.%d.spectral.train.%d",
     RITZ_REFERENCE_SPECTRAL, 0},
    {"fno_blocks.convs.%d.bias", "block.%d.spectral.bias", RITZ_REFERENCE_SAME, 0},
    {"fno_blocks.fno_skips.%d.conv.weight", "block.%d.skip.weight", RITZ_REFERENCE_LINEAR, 0},
    {"fno_blocks.fno_skips.%d.weight", "block.%d.skip.gate", RITZ_REFERENCE_SAME, 0},
    {"fno_blocks.channel_mlp.%d.fcs.0.weight", "block.%d.mlp.0.weight", RITZ_REFERENCE_LINEAR, 0},
    {"fno_blocks.channel_mlp.%d.fcs.0.bias", "block.%d.mlp.0.bias", RITZ_REFERENCE_SAME, 0},
    {"fno_blocks.channel_mlp.%d.fcs.1.weight", "block.%d.mlp.1.weight", RITZ_REFERENCE_LINEAR, 0},
    {"fno_blocks.channel_mlp.%d.fcs.1.bias", "block.%d.mlp.1.bias", RITZ_REFERENCE_SAME, 0},
    {"fno_blocks.channel_mlp_skips.%d.conv.weight", "block.%d.mlp_skip.weight",
     RITZ_REFERENCE_LINEAR, 0},
    {"fno_blocks.channel_mlp_skips.%d.weight", "block.%d.mlp_skip.gate", RITZ_REFERENCE_SAME, 0},
    {"fno_blocks.norm.%d.weight", "norm.%d.weight", RITZ_REFERENCE_SAME, 0},
    {"fno_blocks.norm.%d.bias", "norm.%d.bias", RITZ_REFERENCE_SAME, 0},
    {"fno_blocks.norm.%d.norm.weight", "batch_norm.%d.weight", RITZ_REFERENCE_SAME, 0},
    {"fno_blocks.norm.%d.norm.bias", "batch_norm.%d.bias", RITZ_REFERENCE_SAME, 0},
    {"fno_blocks.norm.%d.norm.running_mean", "batch_norm.%d.running_mean", RITZ_REFERENCE_SAME, 0},
    {"fno_blocks.norm.%d.norm.running_var", "batch_norm.%d.running_var", RITZ_REFERENCE_SAME, 0},
    {0},
};

const ritz_operator_type ritz_operator_fno = {
    .name = "fno",
    .summary = "Fourier neural operator: pointwise maps and convolutions on kept modes",
    .paper = "Li et al. 2021, arXiv:2010.08895; form of neuraloperator 2.0, arXiv:2412.10354",
    .config_size = sizeof(ritz_fno_config),
    .options = fno_options,
    .check = ritz_fno_check,
    .check_grid = ritz_fno_check_grid,
    .build = ritz_fno_build,
    .mode_axis = ritz_fno_mode_axis,
    .reference = "fno",
    .names = fno_names,
};

const ritz_operator_type ritz_operator_tfno = {
    .name = "tfno",
    .summary = "the operator fno with factorised spectral weights: tucker, cp or tensor train",
    .paper = "Kossaifi et al. 2023, arXiv:2310.00120",
    .config_size = sizeof(ritz_fno_config),
    .options = tfno_options,
    .check = ritz_fno_check,
    .check_grid = ritz_fno_check_grid,
    .build = ritz_fno_build,
    .mode_axis = ritz_fno_mode_axis,
    .reference = "tfno",
    .names = fno_names,
};
