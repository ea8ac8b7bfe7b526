/* SPDX-License-Identifier: BSD-3-Clause
 * Neural operator with localized kernels: FNO blocks with differential and local integral kernels
 * beside the spectral convolution. Liu-Schiaffini et al. 2024, arXiv:2402.16845.
 *
 *     w = sigma( norm( K v + b + D v + I v ) + W v )
 *
 * D v  = (conv(v, k) - (sum of k) v) / h: a first derivative as h -> 0 (Sec. 3.1)
 * I v  = integral over |z| < r of kappa(z) v(x + z) dz, kappa = sum over b of theta_b psi_b: hats
 * in radius and angle (Sec. 3.2)
 *
 * Stencils follow the grid, so that both converge as it is refined. Both are convolutions with
 * combinations of their parameters. Options keep neuraloperator's names. */
#include <math.h>
#include <stdio.h>

#include "core/fail.h"
#include "graph/op.h"
#include "operators/fno_block.h"
#include "operators/local_kernel.h"
#include "operators/operator.h"

enum { layers_all, layers_last, layers_none };

typedef struct local_no_config {
  ritz_fno_block_config block; /* first, as its options want it */
  ritz_ints n_modes, default_in_shape, disco_kernel_shape;
  ritz_reals domain_length, domain_padding;
  ritz_index in_channels, out_channels, hidden_channels, n_layers, fin_diff_kernel_size,
      disco_groups;
  double lifting_channel_ratio, projection_channel_ratio, radius_cutoff;
  int positional_embedding, diff_layers, disco_layers, conv_padding_mode;
  bool use_channel_mlp, mix_derivatives, disco_bias;
} local_no_config;

static const ritz_option local_no_options[] = {
    RITZ_OPTION_INTS(local_no_config, n_modes, 1, 1 << 20, NULL,
                     "modes kept per axis, negative ones included; the last is halved"),
    RITZ_OPTION_INTS(local_no_config, default_in_shape, 1, 1 << 30, NULL,
                     "points per axis of the training grid: the unit of h and of the radius"),
    RITZ_OPTION_INT(local_no_config, in_channels, 1, 1 << 20, "1", "channels of the input"),
    RITZ_OPTION_INT(local_no_config, out_channels, 1, 1 << 20, "1", "channels of the output"),
    RITZ_OPTION_INT(local_no_config, hidden_channels, 1, 1 << 20, "32", "width of all blocks"),
    RITZ_OPTION_INT(local_no_config, n_layers, 1, 1000, "4", "number of blocks"),
    RITZ_OPTION_REAL(local_no_config, lifting_channel_ratio, 0, 1000, "2",
                     "hidden width of the lifting MLP / hidden_channels; 0: one linear map"),
    RITZ_OPTION_REAL(local_no_config, projection_channel_ratio, 0, 1000, "2",
                     "hidden width of the projection MLP / hidden_channels"),
    RITZ_OPTION_CHOICE(local_no_config, positional_embedding, "null|grid", "grid",
                       "append the coordinates i/N to the input"),
    RITZ_OPTION_CHOICE(local_no_config, diff_layers, "all|last|none", "all",
                       "blocks with a differential kernel"),
    RITZ_OPTION_INT(local_no_config, fin_diff_kernel_size, 3, 9, "3",
                    "taps of that kernel along each axis, odd"),
    RITZ_OPTION_BOOL(local_no_config, mix_derivatives, "true",
                     "a kernel for every pair of channels; false: one for each channel"),
    RITZ_OPTION_CHOICE(local_no_config, disco_layers, "all|last|none", "all",
                       "blocks with a local integral kernel, 2-D only"),
    RITZ_OPTION_INTS(local_no_config, disco_kernel_shape, 1, 100, "[2, 4]",
                     "hats of that kernel in radius and angle"),
    RITZ_OPTION_REAL(local_no_config, radius_cutoff, 0, 1e300, "0",
                     "radius of its support; 0: two cells of default_in_shape"),
    RITZ_OPTION_REALS(local_no_config, domain_length, 1e-300, 1e300, "[2, 2]",
                      "lengths of the domain along its axes, the unit of the radius"),
    RITZ_OPTION_INT(local_no_config, disco_groups, 1, 1 << 20, "1",
                    "groups of channels that it does not mix"),
    RITZ_OPTION_BOOL(local_no_config, disco_bias, "true", "it has a bias"),
    RITZ_OPTION_CHOICE(local_no_config, conv_padding_mode, "periodic|zeros|replicate|reflect",
                       "periodic", "what both kernels see beyond the ends of the grid"),
    RITZ_OPTION_REALS(local_no_config, domain_padding, 0, 100, "null",
                      "zeros on both sides of the blocks, as a fraction of the grid"),
    RITZ_OPTION_BOOL(local_no_config, use_channel_mlp, "false", "pointwise MLP in every block"),
    RITZ_FNO_BLOCK_OPTIONS,
    RITZ_OPTION_END,
};

static ritz_status local_no_check(const void *config) {
  const local_no_config *c = config;
  const int d = c->n_modes.count;
  RITZ_REQUIRE(d >= 1 && d <= 3, RITZ_ERR_CONFIG, "n_modes has %d axes, wanted 1 to 3", d);
  RITZ_REQUIRE(c->default_in_shape.count == d, RITZ_ERR_CONFIG,
               "default_in_shape has %d axes, n_modes has %d", c->default_in_shape.count, d);
  RITZ_TRY(ritz_fno_check_ends("n_modes", d, &c->domain_padding, NULL));
  RITZ_REQUIRE(c->fin_diff_kernel_size % 2 == 1, RITZ_ERR_CONFIG,
               "fin_diff_kernel_size is %td, wanted an odd number", c->fin_diff_kernel_size);
  RITZ_REQUIRE((ritz_index)(c->projection_channel_ratio * (double)c->hidden_channels) >= 1,
               RITZ_ERR_CONFIG, "projection_channel_ratio %g leaves no channel",
               c->projection_channel_ratio);
  RITZ_TRY(ritz_fno_block_check(&c->block, c->hidden_channels, c->use_channel_mlp));
  if (c->disco_layers == layers_none) return RITZ_OK;
  RITZ_REQUIRE(d == 2, RITZ_ERR_CONFIG, "disco_layers must be none with %d axes", d);
  RITZ_REQUIRE(c->disco_kernel_shape.count == 2, RITZ_ERR_CONFIG,
               "disco_kernel_shape has %d numbers, wanted 2: radius and angle",
               c->disco_kernel_shape.count);
  RITZ_REQUIRE(c->domain_length.count == 2, RITZ_ERR_CONFIG,
               "domain_length has %d numbers, wanted 2", c->domain_length.count);
  RITZ_REQUIRE(c->hidden_channels % c->disco_groups == 0, RITZ_ERR_CONFIG,
               "disco_groups %td does not divide hidden_channels %td", c->disco_groups,
               c->hidden_channels);
  return RITZ_OK;
}

static ritz_status local_no_check_grid(const void *config, int dim, const ritz_index *grid) {
  const local_no_config *c = config;
  return ritz_fno_check_modes(&c->n_modes, dim, grid);
}

/* A network on a grid; the padding around it has the same spacing. */
typedef struct local_no {
  const local_no_config *config;
  const ritz_index *grid;
} local_no;

static bool in_block(int layers, const ritz_fno_block *b) {
  return layers == layers_all || (layers == layers_last && b->last);
}

static ritz_boundary boundary(const local_no_config *c) {
  static const ritz_boundary kinds[] = {RITZ_BOUNDARY_PERIODIC, RITZ_BOUNDARY_ZERO,
                                        RITZ_BOUNDARY_REPLICATE, RITZ_BOUNDARY_REFLECT};
  return kinds[c->conv_padding_mode];
}

/* D v; h counts cells of the training grid, as in the reference. */
static ritz_var differential(ritz_graph *g, ritz_params *p, ritz_var v, const local_no *net,
                             const ritz_fno_block *b) {
  const local_no_config *c = net->config;
  char name[48];
  if (!v || !in_block(c->diff_layers, b)) return RITZ_NO_VAR;
  snprintf(name, sizeof name, "block.%d.differential.weight", b->number);
  const ritz_difference_kernel kernel = {
      .taps = c->fin_diff_kernel_size,
      .spacing = (double)c->default_in_shape.n[0] / (double)net->grid[b->dim - 1],
      .out = b->channels,
      .groups = c->mix_derivatives ? 1 : b->channels,
      .boundary = boundary(c)};
  return ritz_layer_difference(g, p, v, &kernel, name);
}

/* I v. */
static ritz_var integral(ritz_graph *g, ritz_params *p, ritz_var v, const local_no *net,
                         const ritz_fno_block *b) {
  const local_no_config *c = net->config;
  char name[48];
  if (!v || !in_block(c->disco_layers, b)) return RITZ_NO_VAR;
  snprintf(name, sizeof name, "block.%d.integral", b->number);
  ritz_integral_kernel kernel = {.rings = c->disco_kernel_shape.n[0],
                                 .angles = c->disco_kernel_shape.n[1],
                                 .radius = c->radius_cutoff,
                                 .groups = c->disco_groups,
                                 .bias = c->disco_bias,
                                 .boundary = boundary(c)};
  for (int a = 0; a < 2; a++) {
    const double cell = c->domain_length.v[a] / (double)c->default_in_shape.n[a];
    kernel.spacing[a] = c->domain_length.v[a] / (double)net->grid[a];
    if (c->radius_cutoff == 0) kernel.radius = fmax(kernel.radius, 2 * cell);
  }
  return ritz_layer_integral(g, p, v, &kernel, name);
}

/* D v + I v. */
static ritz_var local_branch(ritz_graph *g, ritz_params *p, ritz_var v, const ritz_fno_block *b,
                             const void *owner) {
  ritz_var local = differential(g, p, v, owner, b), around = integral(g, p, v, owner, b);
  return local ? ritz_layer_add(g, local, around) : around;
}

static ritz_var blocks(ritz_graph *g, ritz_params *p, ritz_var v, const local_no *net) {
  const local_no_config *c = net->config;
  for (int i = 0; v && i < c->n_layers; i++) {
    ritz_fno_block b = {.config = &c->block,
                        .number = i,
                        .last = i == c->n_layers - 1,
                        .use_channel_mlp = c->use_channel_mlp,
                        .one_norm = true,
                        .dim = c->n_modes.count,
                        .channels = c->hidden_channels,
                        .branch = local_branch,
                        .owner = net};
    for (int a = 0; a < b.dim; a++) {
      b.modes[a] = b.rows[a] = ritz_stored_modes(c->n_modes.n[a], a == b.dim - 1);
      b.grid[a] = v->shape.n[a + 1];
    }
    v = ritz_layer_fno_block(g, p, v, &b);
  }
  return v;
}

static ritz_var local_no_build(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const local_no_config *c = config;
  ritz_padding padding;
  if (!ritz_layer_check_field(g, x, "local_no", c->n_modes.count, c->in_channels))
    return RITZ_NO_VAR;
  const double width = (double)c->hidden_channels;
  ritz_activation *sigma = ritz_fno_block_activation(&c->block);
  const ritz_fno_ends ends = {.embedding = c->positional_embedding,
                              .fraction = &c->domain_padding,
                              .lifting = (ritz_index)(c->lifting_channel_ratio * width),
                              .projection = (ritz_index)(c->projection_channel_ratio * width),
                              .hidden = c->hidden_channels,
                              .out = c->out_channels,
                              .lifting_sigma = sigma,
                              .sigma = sigma};
  ritz_var v = ritz_layer_fno_lifting(g, p, x, &ends, &padding);
  const local_no net = {c, padding.plain};
  return ritz_layer_fno_projection(g, p, blocks(g, p, v, &net), &ends, &padding);
}

const ritz_operator_type ritz_operator_local_no = {
    .name = "local_no",
    .summary = "FNO with differential and local integral kernels beside the spectral ones",
    .paper = "Liu-Schiaffini et al. 2024, arXiv:2402.16845",
    .config_size = sizeof(local_no_config),
    .options = local_no_options,
    .check = local_no_check,
    .check_grid = local_no_check_grid,
    .build = local_no_build,
};
