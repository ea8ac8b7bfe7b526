/* SPDX-License-Identifier: BSD-3-Clause
 * U-shaped neural operator, as in neuraloperator 2.0.
 * Rahman, Ross & Azizzadenesheli 2023 (TMLR), arXiv:2204.11127.
 *
 *     v_0 = P(a, x),   v_{i+1} = B_i( v_i | R H v_{h(i)+1} ),   u = Q v_L
 *
 * P, Q lifting and projection; B_i the block of fno_block.h onto another grid and width, each the
 * last of an operator of its own: no sigma outside its channel MLP. H is a horizontal skip from
 * block h(i) on the way down, R resamples it to the grid of v_i, | puts channels side by side. */
#include <math.h>
#include <stdio.h>

#include "core/fail.h"
#include "graph/op.h"
#include "operators/fno_block.h"
#include "operators/operator.h"

typedef struct uno_config {
  ritz_fno_block_config block; /* first, as its options want it */
  ritz_ints uno_out_channels, uno_n_modes, horizontal_skips_map;
  ritz_reals uno_scalings, domain_padding, grid_boundaries;
  ritz_index in_channels, out_channels, hidden_channels, lifting_channels, projection_channels,
      n_layers;
  int positional_embedding, horizontal_skip;
} uno_config;

static const ritz_option uno_options[] = {
    RITZ_OPTION_INTS(uno_config, uno_out_channels, 1, 1 << 20, NULL, "width of each block"),
    RITZ_OPTION_INT_ROWS(uno_config, uno_n_modes, 1, 1 << 20, NULL,
                         "modes kept per axis by each block, [[m0, m1], ...]; the last is halved"),
    RITZ_OPTION_REAL_ROWS(uno_config, uno_scalings, 1e-3, 1000, NULL,
                          "output grid / input grid per axis of each block, [[s0, s1], ...]"),
    RITZ_OPTION_INT(uno_config, n_layers, 1, RITZ_OPTION_LIST, "4", "number of blocks"),
    RITZ_OPTION_INT(uno_config, in_channels, 1, 1 << 20, "1", "channels of the input"),
    RITZ_OPTION_INT(uno_config, out_channels, 1, 1 << 20, "1", "channels of the output"),
    RITZ_OPTION_INT(uno_config, hidden_channels, 1, 1 << 20, NULL, "width before the first block"),
    RITZ_OPTION_INT(uno_config, lifting_channels, 0, 1 << 20, "256",
                    "hidden width of the lifting MLP; 0: one linear map"),
    RITZ_OPTION_INT(uno_config, projection_channels, 1, 1 << 20, "256",
                    "hidden width of the projection MLP"),
    RITZ_OPTION_CHOICE(uno_config, positional_embedding, "null|grid", "grid",
                       "append the coordinates i/N to the input"),
    RITZ_OPTION_REALS(uno_config, grid_boundaries, -1e300, 1e300, "null",
                      "start and end of each axis for the embedding, [s0, e0, s1, ...]"),
    RITZ_OPTION_INT_ROWS(
        uno_config, horizontal_skips_map, 0, RITZ_OPTION_LIST, "null",
        "blocks joined, [[to, from], ...]; null: last with first and so on; []: none"),
    RITZ_OPTION_CHOICE(uno_config, horizontal_skip, "linear|identity|soft-gating", "linear",
                       "H, the map of a horizontal skip"),
    RITZ_OPTION_REALS(uno_config, domain_padding, 0, 100, "null",
                      "zeros on both sides of the blocks, as a fraction of the grid"),
    RITZ_FNO_BLOCK_OPTIONS,
    RITZ_OPTION_END,
};

static int grid_axes(const uno_config *c) { return c->uno_n_modes.count / (int)c->n_layers; }

/* The block whose output comes to block i beside v_i, -1 for none. */
static int skip_source(const uno_config *c, int i) {
  const ritz_ints *map = &c->horizontal_skips_map;
  const int layers = (int)c->n_layers;
  if (map->count == 0 && !map->is_list) return i > layers - 1 - layers / 2 ? layers - 1 - i : -1;
  for (int k = 0; k + 1 < map->count; k += 2)
    if (map->n[k] == i) return (int)map->n[k + 1];
  return -1;
}

static bool is_source(const uno_config *c, int block) {
  for (int i = 0; i < c->n_layers; i++)
    if (skip_source(c, i) == block) return true;
  return false;
}

/* Channels that come into block i. */
static ritz_index channels_into(const uno_config *c, int i) {
  const int from = skip_source(c, i);
  const ritz_index before = i ? c->uno_out_channels.n[i - 1] : c->hidden_channels;
  return before + (from < 0 ? 0 : c->uno_out_channels.n[from]);
}

static ritz_status check_map(const uno_config *c) {
  const ritz_ints *map = &c->horizontal_skips_map;
  RITZ_REQUIRE(map->count % 2 == 0, RITZ_ERR_CONFIG,
               "horizontal_skips_map has %d numbers, wanted pairs {to: from}", map->count);
  for (int k = 0; k < map->count; k += 2) {
    const ritz_index to = map->n[k], from = map->n[k + 1];
    RITZ_REQUIRE(from < to && to < c->n_layers, RITZ_ERR_CONFIG,
                 "horizontal_skips_map leads from block %td to %td of %td blocks", from, to,
                 c->n_layers);
    for (int j = 0; j < k; j += 2)
      RITZ_REQUIRE(map->n[j] != to, RITZ_ERR_CONFIG,
                   "horizontal_skips_map leads to block %td twice", to);
  }
  return RITZ_OK;
}

/* Skips that keep the number of channels want blocks that do so. */
static ritz_status check_block(const uno_config *c, int i) {
  const ritz_index in = channels_into(c, i), out = c->uno_out_channels.n[i];
  const struct {
    const char *name;
    int kind;
  } skip[] = {{"fno_skip", c->block.fno_skip}, {"channel_mlp_skip", c->block.channel_mlp_skip}};
  for (int k = 0; k < 2; k++)
    RITZ_REQUIRE(skip[k].kind == RITZ_SKIP_NONE || skip[k].kind == RITZ_SKIP_LINEAR || in == out,
                 RITZ_ERR_CONFIG, "block %d leads from %td to %td channels: %s must be linear", i,
                 in, out, skip[k].name);
  RITZ_REQUIRE(!c->block.separable || in == out, RITZ_ERR_CONFIG,
               "block %d leads from %td to %td channels: separable must be false", i, in, out);
  return ritz_fno_block_check(&c->block, out, true);
}

static ritz_status uno_check(const void *config) {
  const uno_config *c = config;
  const int modes = c->uno_n_modes.count, layers = (int)c->n_layers, d = grid_axes(c);
  RITZ_REQUIRE(modes % layers == 0 && d >= 1 && d <= 3, RITZ_ERR_CONFIG,
               "uno_n_modes has %d numbers for %d layers, wanted 1 to 3 for each", modes, layers);
  RITZ_REQUIRE(c->uno_scalings.count == modes, RITZ_ERR_CONFIG,
               "uno_scalings has %d numbers, uno_n_modes %d", c->uno_scalings.count, modes);
  RITZ_REQUIRE(c->uno_out_channels.count == layers, RITZ_ERR_CONFIG,
               "uno_out_channels has %d numbers for %d layers", c->uno_out_channels.count, layers);
  RITZ_TRY(ritz_fno_check_ends("uno_n_modes", d, &c->domain_padding, &c->grid_boundaries));
  RITZ_TRY(check_map(c));
  for (int i = 0; i < layers; i++) RITZ_TRY(check_block(c, i));
  return RITZ_OK;
}

/* Grid after block i; `first` is the one before block 0, which alone decides the last. */
static ritz_status next_grid(const uno_config *c, int i, const ritz_index *first,
                             const ritz_index *before, ritz_index *grid) {
  const int d = grid_axes(c), last = (int)c->n_layers - 1;
  for (int a = 0; a < d; a++) {
    double factor = c->uno_scalings.v[i * d + a];
    for (int k = 0; i == last && k < last; k++) factor *= c->uno_scalings.v[k * d + a];
    const ritz_index from = i == last ? first[a] : before[a];
    grid[a] = (ritz_index)rint(factor * (double)from);
    RITZ_REQUIRE(grid[a] >= 1, RITZ_ERR_SHAPE,
                 "uno: uno_scalings leave no point of %td along axis %d after block %d", from, a,
                 i);
  }
  return RITZ_OK;
}

static ritz_status uno_check_grid(const void *config, int dim, const ritz_index *grid) {
  const uno_config *c = config;
  const int d = grid_axes(c);
  ritz_index first[3], before[3], after[3];
  if (dim != d) return RITZ_OK; /* the builder's complaint */
  for (int a = 0; a < d; a++)
    before[a] = first[a] = grid[a] + 2 * ritz_padding_points(&c->domain_padding, a, grid[a]);
  for (int i = 0; i < c->n_layers; i++) {
    RITZ_TRY(next_grid(c, i, first, before, after));
    for (int a = 0; a < d; a++) {
      const ritz_index modes = c->uno_n_modes.n[i * d + a];
      const ritz_index most = before[a] < after[a] ? before[a] : after[a];
      RITZ_REQUIRE(modes <= most, RITZ_ERR_CONFIG,
                   "uno_n_modes keeps %td modes along axis %d in block %d, whose grids have only "
                   "%td points when training on %td",
                   modes, a, i, most, grid[a]);
      before[a] = after[a];
    }
  }
  return RITZ_OK;
}

static ritz_var block(ritz_graph *g, ritz_params *p, ritz_var v, const uno_config *c, int i,
                      const ritz_index *first) {
  ritz_fno_block b = {.config = &c->block,
                      .number = i,
                      .last = true,
                      .own_norms = true,
                      .use_channel_mlp = true,
                      .dim = grid_axes(c),
                      .channels = c->uno_out_channels.n[i]};
  const ritz_shape shape = ritz_var_shape(v);
  for (int a = 0; a < b.dim; a++)
    b.modes[a] = b.rows[a] = ritz_stored_modes(c->uno_n_modes.n[i * b.dim + a], a == b.dim - 1);
  const ritz_status status = next_grid(c, i, first, shape.n + 1, b.grid);
  return status == RITZ_OK ? ritz_layer_fno_block(g, p, v, &b) : ritz_graph_latch(g, status);
}

static ritz_var blocks(ritz_graph *g, ritz_params *p, ritz_var v, const uno_config *c) {
  ritz_var stored[RITZ_OPTION_LIST] = {0};
  const ritz_shape first = ritz_var_shape(v);
  for (int i = 0; v && i < c->n_layers; i++) {
    const int from = skip_source(c, i);
    if (from >= 0)
      v = ritz_concat(g, 2,
                      (ritz_var[]){v, ritz_layer_resize(g, stored[from], ritz_var_shape(v).n + 1)});
    v = block(g, p, v, c, i, first.n + 1);
    if (!v || !is_source(c, i)) continue;
    char name[48];
    snprintf(name, sizeof name, "horizontal_skip.%d", i);
    stored[i] = ritz_layer_skip(g, p, v, c->uno_out_channels.n[i],
                                (ritz_skip_kind)(RITZ_SKIP_LINEAR + c->horizontal_skip), name);
  }
  return v;
}

static ritz_var uno_build(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const uno_config *c = config;
  ritz_padding padding;
  if (!ritz_layer_check_field(g, x, "uno", grid_axes(c), c->in_channels)) return RITZ_NO_VAR;
  const ritz_fno_ends ends = {.embedding = c->positional_embedding,
                              .boundaries = &c->grid_boundaries,
                              .fraction = &c->domain_padding,
                              .lifting = c->lifting_channels,
                              .projection = c->projection_channels,
                              .hidden = c->hidden_channels,
                              .out = c->out_channels,
                              .lifting_sigma = ritz_gelu,
                              .sigma = ritz_fno_block_activation(&c->block)};
  ritz_var v = ritz_layer_fno_lifting(g, p, x, &ends, &padding);
  return ritz_layer_fno_projection(g, p, blocks(g, p, v, c), &ends, &padding);
}

static const ritz_reference_name uno_names[] = {
    {"lifting.fcs.%d.weight", "lifting.%d.weight", RITZ_REFERENCE_LINEAR, 0},
    {"lifting.fcs.%d.bias", "lifting.%d.bias", RITZ_REFERENCE_SAME, 0},
    {"projection.fcs.%d.weight", "projection.%d.weight", RITZ_REFERENCE_LINEAR, 0},
    {"projection.fcs.%d.bias", "projection.%d.bias", RITZ_REFERENCE_SAME, 0},
    {"horizontal_skips.%d.conv.weight", "horizontal_skip.%d.weight", RITZ_REFERENCE_LINEAR, 0},
    {"horizontal_skips.%d.weight", "horizontal_skip.%d.gate", RITZ_REFERENCE_SAME, 0},
    {"fno_blocks.%d.convs.0.weight.tensor", "block.%d.spectral.weight", RITZ_REFERENCE_SPECTRAL, 0},
    {"fno_blocks.%d.convs.0.bias", "block.%d.spectral.bias", RITZ_REFERENCE_SAME, 0},
    {"fno_blocks.%d.fno_skips.0.conv.weight", "block.%d.skip.weight", RITZ_REFERENCE_LINEAR, 0},
    {"fno_blocks.%d.fno_skips.0.weight", "block.%d.skip.gate", RITZ_REFERENCE_SAME, 0},
    {"fno_blocks.%d.channel_mlp.0.fcs.0.weight", "block.%d.mlp.0.weight", RITZ_REFERENCE_LINEAR, 0},
    {"fno_blocks.%d.channel_mlp.0.fcs.0.bias", "block.%d.mlp.0.bias", RITZ_REFERENCE_SAME, 0},
    {"fno_blocks.%d.channel_mlp.0.fcs.1.weight", "block.%d.mlp.1.weight", RITZ_REFERENCE_LINEAR, 0},
    {"fno_blocks.%d.channel_mlp.0.fcs.1.bias", "block.%d.mlp.1.bias", RITZ_REFERENCE_SAME, 0},
    {"fno_blocks.%d.channel_mlp_skips.0.conv.weight", "block.%d.mlp_skip.weight",
     RITZ_REFERENCE_LINEAR, 0},
    {"fno_blocks.%d.channel_mlp_skips.0.weight", "block.%d.mlp_skip.gate", RITZ_REFERENCE_SAME, 0},
#define NORM(theirs, ours)                                                                       \
  {"fno_blocks.%d.norm." theirs "weight", "block.%d." ours ".weight", RITZ_REFERENCE_SAME, 0}, { \
    "fno_blocks.%d.norm." theirs "bias", "block.%d." ours ".bias", RITZ_REFERENCE_SAME, 0        \
  }
    NORM("0.", "norm.0"),
    NORM("1.", "norm.1"),
#define BATCH_NORM(n)                                                                          \
  NORM(n ".norm.", "batch_norm." n),                                                           \
      {"fno_blocks.%d.norm." n ".norm.running_mean", "block.%d.batch_norm." n ".running_mean", \
       RITZ_REFERENCE_SAME, 0},                                                                \
  {                                                                                            \
    "fno_blocks.%d.norm." n ".norm.running_var", "block.%d.batch_norm." n ".running_var",      \
        RITZ_REFERENCE_SAME, 0                                                                 \
  }
    BATCH_NORM("0"),
    BATCH_NORM("1"),
    {0},
};

const ritz_operator_type ritz_operator_uno = {
    .name = "uno",
    .summary = "U-shaped neural operator: FNO blocks over coarser grids and back, with skips",
    .paper = "Rahman et al. 2023, arXiv:2204.11127; form of neuraloperator 2.0, arXiv:2412.10354",
    .config_size = sizeof(uno_config),
    .options = uno_options,
    .check = uno_check,
    .check_grid = uno_check_grid,
    .build = uno_build,
    .reference = "uno",
    .names = uno_names,
};
