/* SPDX-License-Identifier: BSD-3-Clause
 * The original U-shaped neural operator, as in the authors' scripts.
 * Rahman, Ross & Azizzadenesheli 2023 (TMLR), arXiv:2204.11127.
 *
 *     v_0 = P (a, x),   v_(l+1) = B_l v_l                      onto D / 2^(l+1) points
 *     u_L = B_L v_L,    u_l = ( B_(2L-l) u_(l+1) | v_l )       back to D / 2^l,   u = Q u_0
 *     B v = sigma( norm( K v + R (W v + b) ) )
 *
 * There are 2^l w channels on level l; P two layers with sigma after both; K as in fno_2020; R
 * antialiased resampling, | side by side; D the points of an axis with padding on the far side. */
#include <math.h>
#include <stdio.h>

#include "core/fail.h"
#include "graph/op.h"
#include "operators/layers.h"
#include "operators/operator.h"

enum { most_levels = 8 };
enum { embed_none, embed_grid, embed_periodic };

typedef struct uno_2022_config {
  ritz_ints modes, norm_blocks;
  ritz_reals domain_padding;
  ritz_index in_channels, out_channels, width, depth;
  double projection_channel_ratio;
  int positional_embedding;
  bool residual, lifting_skip;
} uno_2022_config;

static const ritz_option uno_2022_options[] = {
    RITZ_OPTION_INT_ROWS(uno_2022_config, modes, 1, 1 << 20, NULL,
                         "modes per corner along each axis in each block, [[m0, m1], ...]"),
    RITZ_OPTION_INT(uno_2022_config, depth, 1, most_levels, "2",
                    "L, how often the grid is halved; there are 2 L + 1 blocks"),
    RITZ_OPTION_INT(uno_2022_config, in_channels, 1, 1 << 20, "1", "channels of the input"),
    RITZ_OPTION_INT(uno_2022_config, out_channels, 1, 1 << 20, "1", "channels of the output"),
    RITZ_OPTION_INT(uno_2022_config, width, 2, 1 << 16, "32",
                    "w, channels on the finest level; twice as many on each further one"),
    RITZ_OPTION_REAL(uno_2022_config, projection_channel_ratio, 1e-3, 1000, "1",
                     "hidden width of the projection / width"),
    RITZ_OPTION_CHOICE(uno_2022_config, positional_embedding, "null|grid|periodic", "grid",
                       "append coordinates from 0 to 1, or their sines and cosines of one turn"),
    RITZ_OPTION_INTS(uno_2022_config, norm_blocks, 0, 2 * most_levels, "null",
                     "blocks with an instance norm, counted from 0"),
    RITZ_OPTION_REALS(uno_2022_config, domain_padding, 0, 100, "null",
                      "zeros after the end of each axis, as a fraction of the grid"),
    RITZ_OPTION_BOOL(uno_2022_config, residual, "false",
                     "add the input of the block on the coarsest grid to its output"),
    RITZ_OPTION_BOOL(uno_2022_config, lifting_skip, "false",
                     "the last layer also reads the hidden layer of the lifting"),
    RITZ_OPTION_END,
};

static int block_count(const uno_2022_config *c) { return 2 * (int)c->depth + 1; }
static int grid_axes(const uno_2022_config *c) { return c->modes.count / block_count(c); }

static ritz_status uno_2022_check(const void *config) {
  const uno_2022_config *c = config;
  const int blocks = block_count(c), d = grid_axes(c);
  RITZ_REQUIRE(c->modes.count % blocks == 0 && d >= 1 && d <= 3, RITZ_ERR_CONFIG,
               "modes has %d numbers, wanted 1 to 3 for each of the %d blocks of depth %td",
               c->modes.count, blocks, c->depth);
  RITZ_REQUIRE(c->domain_padding.count <= 1 || c->domain_padding.count == d, RITZ_ERR_CONFIG,
               "domain_padding has %d axes, modes has %d", c->domain_padding.count, d);
  for (int k = 0; k < c->norm_blocks.count; k++)
    RITZ_REQUIRE(c->norm_blocks.n[k] < blocks, RITZ_ERR_CONFIG,
                 "norm_blocks names block %td, the last one is %d", c->norm_blocks.n[k],
                 blocks - 1);
  return RITZ_OK;
}

/* Level onto which block i leads: 1, ..., L, L, L-1, ..., 0. */
static int level_after(const uno_2022_config *c, int i) {
  return i < c->depth ? i + 1 : 2 * (int)c->depth - i;
}

/* The coarser of the grids that block i joins holds its modes. */
static ritz_status uno_2022_check_grid(const void *config, int dim, const ritz_index *grid) {
  const uno_2022_config *c = config;
  const int d = grid_axes(c), coarsest = (int)c->depth;
  for (int a = 0; a < dim && a < d; a++) {
    const ritz_index n = grid[a] + ritz_padding_points(&c->domain_padding, a, grid[a]);
    for (int i = 0; i < block_count(c); i++) {
      const int level = i < coarsest ? i + 1 : 2 * coarsest - i + (i > coarsest);
      const ritz_index points = n >> level, modes = c->modes.n[i * d + a];
      const ritz_index most = a == d - 1 ? points / 2 + 1 : points / 2;
      RITZ_REQUIRE(points >= 1 && modes <= most, RITZ_ERR_CONFIG,
                   "modes asks for %td along axis %d in block %d, whose coarser grid of %td points "
                   "has only %td when training on %td",
                   modes, a, i, points, most, grid[a]);
    }
  }
  return RITZ_OK;
}

static ritz_var embed(ritz_graph *g, ritz_var x, const uno_2022_config *c) {
  const double one_turn = 2;
  if (c->positional_embedding == embed_none) return x;
  ritz_var with = ritz_grid_embedding(g, x, RITZ_GRID_BOUNDED, NULL);
  if (c->positional_embedding == embed_grid) return with;
  ritz_var s = ritz_slice(g, with, c->in_channels, grid_axes(c));
  return ritz_concat(g, 2, (ritz_var[]){x, ritz_harmonics(g, s, 1, &one_turn)});
}

static ritz_var resample(ritz_graph *g, ritz_var v, const ritz_index *grid) {
  return ritz_interpolate(g, v, grid, RITZ_INTERPOLATE_SMOOTH, true);
}

/* B_i onto the grid of level_after(i); `finest` are the points of level 0. R and W commute: the
 * one that leaves less to the other goes first. */
static ritz_var block(ritz_graph *g, ritz_params *p, ritz_var v, const uno_2022_config *c, int i,
                      const ritz_index *finest) {
  if (!v) return RITZ_NO_VAR;
  const int d = grid_axes(c), level = level_after(c, i);
  const ritz_index out = c->width << level;
  ritz_index grid[3];
  char name[48];
  for (int a = 0; a < d; a++) grid[a] = finest[a] >> level;
  snprintf(name, sizeof name, "block.%d.spectral", i);
  const ritz_init init = {RITZ_INIT_NORMAL, 0.5 / sqrt((double)ritz_channels(v))};
  ritz_var k = ritz_layer_corner_conv(g, p, v, c->modes.n + i * d, out, grid, init, name);
  snprintf(name, sizeof name, "block.%d.skip", i);
  if (i < c->depth) v = resample(g, v, grid);
  v = ritz_layer_linear(g, p, v, out, true, name);
  ritz_var u = ritz_add(g, k, i > c->depth ? resample(g, v, grid) : v);
  snprintf(name, sizeof name, "block.%d.norm", i);
  for (int j = 0; j < c->norm_blocks.count; j++)
    if (c->norm_blocks.n[j] == i) u = ritz_layer_norm_of(g, p, u, RITZ_NORM_INSTANCE, 1, name);
  return ritz_gelu(g, u);
}

static ritz_var blocks(ritz_graph *g, ritz_params *p, ritz_var v, const uno_2022_config *c) {
  const ritz_shape shape = ritz_var_shape(v);
  const ritz_index *finest = shape.n + 1;
  const int depth = (int)c->depth;
  ritz_var at[most_levels + 1] = {v};
  for (int l = 0; l < depth; l++) at[l + 1] = block(g, p, at[l], c, l, finest);
  ritz_var u = block(g, p, at[depth], c, depth, finest);
  if (c->residual) u = ritz_add(g, u, at[depth]);
  for (int l = depth - 1; l >= 0; l--)
    u = ritz_concat(g, 2, (ritz_var[]){block(g, p, u, c, 2 * depth - l, finest), at[l]});
  return u;
}

static ritz_var uno_2022_build(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const uno_2022_config *c = config;
  const ritz_index none[3] = {0};
  const int d = grid_axes(c);
  ritz_index after[3];
  if (!ritz_layer_check_field(g, x, "uno_2022", d, c->in_channels)) return RITZ_NO_VAR;
  for (int a = 0; a < d; a++) {
    after[a] = ritz_padding_points(&c->domain_padding, a, x->shape.n[a + 1]);
    if ((x->shape.n[a + 1] + after[a]) >> c->depth == 0)
      return ritz_graph_latch(g, uno_2022_check_grid(c, d, x->shape.n + 1));
  }
  ritz_var hidden = ritz_layer_linear(g, p, embed(g, x, c), c->width / 2, true, "lifting.0");
  hidden = ritz_gelu(g, hidden);
  ritz_var v = ritz_gelu(g, ritz_layer_linear(g, p, hidden, c->width, true, "lifting.1"));
  if (c->domain_padding.count) v = ritz_pad(g, v, none, after);
  v = blocks(g, p, v, c);
  if (c->domain_padding.count) v = ritz_crop(g, v, none, after);
  const ritz_index projection = (ritz_index)rint(c->projection_channel_ratio * (double)c->width);
  v = ritz_gelu(g, ritz_layer_linear(g, p, v, projection, true, "projection.0"));
  if (c->lifting_skip) v = ritz_concat(g, 2, (ritz_var[]){v, hidden});
  return ritz_layer_linear(g, p, v, c->out_channels, true, "projection.1");
}

const ritz_operator_type ritz_operator_uno_2022 = {
    .name = "uno_2022",
    .summary =
        "the original U-shaped neural operator: a Fourier layer per block, antialiased skips",
    .paper = "Rahman et al. 2023, arXiv:2204.11127, the authors' scripts",
    .config_size = sizeof(uno_2022_config),
    .options = uno_2022_options,
    .check = uno_2022_check,
    .check_grid = uno_2022_check_grid,
    .build = uno_2022_build,
};
