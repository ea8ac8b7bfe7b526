/* SPDX-License-Identifier: BSD-3-Clause
 * Filters of all modes between patches: adaptive Fourier neural operator, Guibas et al. 2022,
 * arXiv:2111.13587, in the form of FourCastNet, Pathak et al. 2022, arXiv:2202.11214; and the
 * global filter network, Rao et al. 2021, arXiv:2107.00645.
 *
 *     v_0 = E patches(a) + e,   u = patches^-1( H v_L )
 *     afno:  w = v + x + F^-1 m( F x ),  x = LN v;   v' = w + MLP( LN w )
 *            m(z) = shrink( W2 relu( W1 z + b1 ) + b2 )
 *     gfn:   v' = v + MLP( LN F^-1( K . F LN v ) )
 *
 * F is orthonormal. W1, W2 are complex and the same for all modes, relu and shrinkage act on real
 * and imaginary parts; K is a complex number for each mode and channel. */
#include <math.h>
#include <stdio.h>

#include "core/fail.h"
#include "graph/op.h"
#include "operators/layers.h"
#include "operators/operator.h"

enum { mixer_afno, mixer_gfn };

typedef struct afno_config {
  ritz_ints img_size, patch_size;
  ritz_index in_channels, out_channels, embed_dim, depth, num_blocks;
  double mlp_ratio, sparsity_threshold, drop_rate;
  int mixer;
  bool double_skip;
} afno_config;

static const ritz_option afno_options[] = {
    RITZ_OPTION_INTS(afno_config, img_size, 1, 1 << 30, NULL,
                     "points of the grid per axis, which position embedding and filters belong to"),
    RITZ_OPTION_INTS(afno_config, patch_size, 1, 1 << 20, NULL, "points of a patch per axis"),
    RITZ_OPTION_INT(afno_config, in_channels, 1, 1 << 20, "1", "channels of the input"),
    RITZ_OPTION_INT(afno_config, out_channels, 1, 1 << 20, "1", "channels of the output"),
    RITZ_OPTION_INT(afno_config, embed_dim, 1, 1 << 20, "768", "channels of all blocks"),
    RITZ_OPTION_INT(afno_config, depth, 1, 1000, "12", "number of blocks"),
    RITZ_OPTION_CHOICE(afno_config, mixer, "afno|gfn", "afno",
                       "filter of a block: a network over channels, or a number for each mode"),
    RITZ_OPTION_INT(afno_config, num_blocks, 1, 1 << 20, "8",
                    "groups of channels that the complex matrices do not mix"),
    RITZ_OPTION_REAL(afno_config, mlp_ratio, 0.001, 1000, "4",
                     "hidden width of the MLP / embed_dim"),
    RITZ_OPTION_REAL(afno_config, sparsity_threshold, 0, 1e300, "0.01",
                     "what the shrinkage takes off"),
    RITZ_OPTION_REAL(
        afno_config, drop_rate, 0, 0.999, "0",
        "probability that a number is dropped after each layer of the MLP, in training"),
    RITZ_OPTION_BOOL(afno_config, double_skip, "true",
                     "afno: v is added before the MLP, too; false: w = x + F^-1 m( F x )"),
    RITZ_OPTION_END,
};

static ritz_status afno_check(const void *config) {
  const afno_config *c = config;
  const int d = c->patch_size.count;
  RITZ_REQUIRE(d >= 1 && d <= 3, RITZ_ERR_CONFIG, "patch_size has %d axes, wanted 1 to 3", d);
  RITZ_REQUIRE(c->img_size.count == d, RITZ_ERR_CONFIG, "img_size has %d axes, patch_size has %d",
               c->img_size.count, d);
  for (int a = 0; a < d; a++)
    RITZ_REQUIRE(c->img_size.n[a] % c->patch_size.n[a] == 0, RITZ_ERR_CONFIG,
                 "patch_size %td does not divide img_size %td along axis %d", c->patch_size.n[a],
                 c->img_size.n[a], a);
  RITZ_REQUIRE(c->mixer != mixer_afno || c->embed_dim % c->num_blocks == 0, RITZ_ERR_CONFIG,
               "num_blocks %td does not divide embed_dim %td", c->num_blocks, c->embed_dim);
  RITZ_REQUIRE((ritz_index)(c->mlp_ratio * (double)c->embed_dim) >= 1, RITZ_ERR_CONFIG,
               "mlp_ratio %g leaves no channel", c->mlp_ratio);
  return RITZ_OK;
}

static ritz_status afno_check_grid(const void *config, int dim, const ritz_index *grid) {
  const afno_config *c = config;
  for (int a = 0; a < dim && a < c->img_size.count; a++)
    RITZ_REQUIRE(grid[a] == c->img_size.n[a], RITZ_ERR_CONFIG,
                 "afno: axis %d has %td points, img_size says %td", a, grid[a], c->img_size.n[a]);
  return RITZ_OK;
}

static const ritz_init start = {RITZ_INIT_NORMAL, 0.02};

/* Patches along each axis, stored modes of them, and the root of their number: of all axes. */
typedef struct tokens {
  int dim;
  ritz_index grid[3], modes[3];
  double root;
} tokens;

static tokens tokens_of(const afno_config *c) {
  tokens t = {.dim = c->patch_size.count, .root = 1};
  for (int a = 0; a < t.dim; a++) {
    t.grid[a] = c->img_size.n[a] / c->patch_size.n[a];
    t.modes[a] = a == t.dim - 1 ? t.grid[a] / 2 + 1 : t.grid[a];
    t.root *= sqrt((double)t.grid[a]);
  }
  return t;
}

static ritz_var complex_layer(ritz_graph *g, ritz_params *p, ritz_var z, const afno_config *c,
                              int block, int number) {
  const ritz_index width = c->embed_dim / c->num_blocks;
  ritz_var w = ritz_parameter(g, p, start, RITZ_SHAPE(2, c->num_blocks, width, width), 0,
                              "block.%d.filter.%d.weight", block, number);
  ritz_var b = ritz_parameter(g, p, start, RITZ_SHAPE(2, c->embed_dim), 0,
                              "block.%d.filter.%d.bias", block, number);
  return ritz_complex_linear(g, z, w, b);
}

/* x + F^-1 m( F x ) */
static ritz_var adaptive_filter(ritz_graph *g, ritz_params *p, ritz_var x, const afno_config *c,
                                const tokens *t, int block) {
  ritz_var z = ritz_fourier_modes(g, x, t->modes, t->root);
  z = complex_layer(g, p, ritz_relu(g, complex_layer(g, p, z, c, block, 0)), c, block, 1);
  z = ritz_softshrink(g, z, c->sparsity_threshold);
  return ritz_add(g, x, ritz_fourier_field(g, z, t->grid, 1 / t->root));
}

/* F^-1( K . F x ) */
static ritz_var global_filter(ritz_graph *g, ritz_params *p, ritz_var x, const afno_config *c,
                              const tokens *t, int block) {
  ritz_spectral_options options = {.separable = true};
  ritz_shape shape = {.rank = t->dim + 2};
  for (int a = 0; a < t->dim; a++) shape.n[a] = options.modes[a] = t->modes[a];
  shape.n[t->dim] = 2;
  shape.n[t->dim + 1] = c->embed_dim;
  ritz_var k = ritz_parameter(g, p, start, shape, t->dim, "block.%d.filter.weight", block);
  return ritz_spectral_conv(g, x, k, &options);
}

static ritz_var norm(ritz_graph *g, ritz_params *p, ritz_var x, const afno_config *c, int block,
                     int number) {
  const ritz_init one = {RITZ_INIT_CONSTANT, 1}, zero = {RITZ_INIT_CONSTANT, 0};
  const ritz_shape shape = RITZ_SHAPE(c->embed_dim);
  ritz_var w = ritz_parameter(g, p, one, shape, -1, "block.%d.norm.%d.weight", block, number);
  ritz_var b = ritz_parameter(g, p, zero, shape, -1, "block.%d.norm.%d.bias", block, number);
  return ritz_layer_norm(g, x, 1e-6, w, b);
}

static ritz_var afno_block(ritz_graph *g, ritz_params *p, ritz_var v, const afno_config *c,
                           const tokens *t, int block) {
  char name[48];
  ritz_var skip = v, w = norm(g, p, v, c, block, 0);
  if (c->mixer == mixer_gfn) {
    w = global_filter(g, p, w, c, t, block);
  } else {
    w = adaptive_filter(g, p, w, c, t, block);
    if (c->double_skip) skip = w = ritz_add(g, v, w);
  }
  snprintf(name, sizeof name, "block.%d.mlp", block);
  w = ritz_layer_mlp(g, p, norm(g, p, w, c, block, 1),
                     (ritz_index)(c->mlp_ratio * (double)c->embed_dim), c->embed_dim, ritz_gelu,
                     c->drop_rate, name);
  return ritz_add(g, skip, w);
}

static ritz_var afno_build(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const afno_config *c = config;
  const tokens t = tokens_of(c);
  if (!ritz_layer_check_field(g, x, "afno", t.dim, c->in_channels)) return RITZ_NO_VAR;
  const ritz_status status = afno_check_grid(c, t.dim, x->shape.n + 1);
  if (status != RITZ_OK) return ritz_graph_latch(g, status);
  ritz_shape place = {.rank = t.dim + 1};
  ritz_index points = 1;
  for (int a = 0; a < t.dim; a++) {
    place.n[a] = t.grid[a];
    points *= c->patch_size.n[a];
  }
  place.n[t.dim] = c->embed_dim;
  ritz_var v = ritz_patchify(g, x, c->patch_size.n);
  v = ritz_layer_linear(g, p, v, c->embed_dim, true, "embedding");
  v = ritz_add_broadcast(g, v, ritz_parameter(g, p, start, place, -1, "position"));
  for (int i = 0; i < c->depth; i++) v = afno_block(g, p, v, c, &t, i);
  v = ritz_layer_linear(g, p, v, points * c->out_channels, false, "head");
  return ritz_unpatchify(g, v, c->patch_size.n);
}

const ritz_operator_type ritz_operator_afno = {
    .name = "afno",
    .summary = "adaptive Fourier neural operator, and global filter network: filters over patches",
    .paper = "Guibas et al. 2022, arXiv:2111.13587; Rao et al. 2021, arXiv:2107.00645",
    .config_size = sizeof(afno_config),
    .options = afno_options,
    .check = afno_check,
    .check_grid = afno_check_grid,
    .build = afno_build,
};
