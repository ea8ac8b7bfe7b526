/* SPDX-License-Identifier: BSD-3-Clause
 * Latent spectral model. Wu et al. 2023, arXiv:2301.12664.
 *
 *     x_1 = D_0(P (a, s)),  x_(l+1) = D_l(half of x_l)            l = 1 ... 4
 *     y_5 = B_5(x_5),       y_l = U_l( B_l(x_l), twice y_(l+1) )   l = 4 ... 1
 *     u = Q (C y_1)
 *
 * P one linear map, s coordinates with both ends, D and U two convolutions each with norm and ReLU,
 * C one linear map, Q a pointwise MLP. The neural spectral block B (Sec. 3.2) works in patches: T
 * learned tokens z ask the points of a patch, a trigonometric series solves for each number of
 * them, and the points ask the tokens:
 *
 *     t = attention(z; K x, V x) + z,   t := t + sum_m w_m sin(pi m t/b) + v_m cos(pi m t/b),
 *     B(x) = attention(Q x; t, t) + x,  scores without a scale.
 *
 * Patches have the same extents on every level, so the coarsest one may be a single patch. */
#include <stdio.h>

#include "core/fail.h"
#include "graph/op.h"
#include "operators/convolution.h"
#include "operators/operator.h"

enum { levels = 5 };
enum { norm_batch, norm_instance };

typedef struct lsm_config {
  ritz_ints patch, padding;
  ritz_index in_channels, out_channels, width, tokens, basis, heads, projection_channels;
  int norm;
} lsm_config;

static const ritz_option lsm_options[] = {
    RITZ_OPTION_INTS(lsm_config, patch, 1, 1 << 20, NULL,
                     "points of a patch along each axis, the same on all five levels"),
    RITZ_OPTION_INT(lsm_config, in_channels, 1, 1 << 20, "1", "channels of the input"),
    RITZ_OPTION_INT(lsm_config, out_channels, 1, 1 << 20, "1", "channels of the output"),
    RITZ_OPTION_INT(lsm_config, width, 1, 1 << 16, "64",
                    "channels on the finest level; 2, 4, 8 and 8 times as many on the others"),
    RITZ_OPTION_INT(lsm_config, tokens, 1, 1 << 16, "4", "latent tokens of a patch"),
    RITZ_OPTION_INT(lsm_config, basis, 1, 1 << 16, "12", "sines, and cosines, of the series"),
    RITZ_OPTION_INT(lsm_config, heads, 1, 1 << 16, "8", "heads of attention; they divide width"),
    RITZ_OPTION_INT(lsm_config, projection_channels, 1, 1 << 20, "128",
                    "hidden channels of the projection"),
    RITZ_OPTION_INTS(lsm_config, padding, 0, 1 << 20, "null", "zeros after the end of each axis"),
    RITZ_OPTION_CHOICE(lsm_config, norm, "batch_norm|instance_norm", "batch_norm",
                       "norm after each convolution"),
    RITZ_OPTION_END,
};

static ritz_status lsm_check(const void *config) {
  const lsm_config *c = config;
  const int d = c->patch.count;
  RITZ_REQUIRE(d >= 1 && d <= 3, RITZ_ERR_CONFIG, "patch has %d axes, wanted 1 to 3", d);
  RITZ_REQUIRE(c->padding.count <= 1 || c->padding.count == d, RITZ_ERR_CONFIG,
               "padding has %d axes, patch has %d", c->padding.count, d);
  RITZ_REQUIRE(c->width % c->heads == 0, RITZ_ERR_CONFIG, "%td heads do not divide the width, %td",
               c->heads, c->width);
  return RITZ_OK;
}

static ritz_index padding(const lsm_config *c, int axis) {
  if (c->padding.count == 0) return 0;
  return c->padding.n[c->padding.count == 1 ? 0 : axis];
}

/* Patches must fill the padded grid on every level. */
static ritz_status lsm_check_grid(const void *config, int dim, const ritz_index *grid) {
  const lsm_config *c = config;
  for (int a = 0; a < dim && a < c->patch.count; a++)
    for (int l = 0; l < levels; l++) {
      const ritz_index n = (grid[a] + padding(c, a)) >> l;
      RITZ_REQUIRE(n > 0 && n % c->patch.n[a] == 0, RITZ_ERR_CONFIG,
                   "patches of %td points do not fill the %td of axis %d on level %d of lsm (%td "
                   "and %td of padding on level 1)",
                   c->patch.n[a], n, a, l + 1, grid[a], padding(c, a));
    }
  return RITZ_OK;
}

static void lsm_channels(const void *config, ritz_index *in, ritz_index *out) {
  const lsm_config *c = config;
  *in = c->in_channels;
  *out = c->out_channels;
}

/* B: from the points of a patch to its tokens and back. */
static ritz_var spectral_block(ritz_graph *g, ritz_params *p, ritz_var x, const lsm_config *c,
                               int level) {
  const ritz_index width = x ? ritz_channels(x) : 1;
  const ritz_attention_options attention = {.heads = c->heads, .scale = 1};
  const ritz_init init = {RITZ_INIT_UNIFORM, 1 / (double)width};
  ritz_attention_windows patches = {.periodic = false};
  char name[32];
  for (int a = 0; a < c->patch.count; a++) patches.window[a] = c->patch.n[a];
  ritz_var z =
      ritz_parameter(g, p, init, RITZ_SHAPE(c->tokens, width), -1, "block.%d.latent", level);
  ritz_var w =
      ritz_parameter(g, p, init, RITZ_SHAPE(2 * c->basis, width), -1, "block.%d.series", level);
  snprintf(name, sizeof name, "block.%d.encode", level);
  ritz_var kv = ritz_layer_linear(g, p, x, 2 * width, true, name);
  ritz_var k = ritz_slice(g, kv, 0, width), v = ritz_slice(g, kv, width, width);
  snprintf(name, sizeof name, "block.%d.decode", level);
  ritz_var q = ritz_layer_linear(g, p, x, width, true, name);

  ritz_var t = ritz_add_broadcast(g, ritz_window_attention(g, z, k, v, &attention, &patches), z);
  t = ritz_add(g, ritz_trigonometric_series(g, t, w), t);
  return ritz_add(g, ritz_window_attention(g, q, t, t, &attention, &patches), x);
}

static ritz_var u_net(ritz_graph *g, ritz_params *p, ritz_var x, const lsm_config *c) {
  static const ritz_index wide[levels] = {1, 2, 4, 8, 8};
  const ritz_conv_style style = {
      .kernel = 3,
      .boundary = RITZ_BOUNDARY_ZERO,
      .norm = c->norm == norm_batch ? RITZ_NORM_BATCH : RITZ_NORM_INSTANCE,
      .sigma = ritz_relu};
  ritz_var at[levels];
  char name[32];
  for (int l = 0; l < levels; l++) {
    const ritz_index channels = c->width * wide[l];
    snprintf(name, sizeof name, "down.%d", l);
    if (l > 0) x = ritz_layer_halve(g, x);
    at[l] = x = ritz_layer_double_conv(g, p, x, channels, channels, &style, name);
  }
  ritz_var y = spectral_block(g, p, x, c, levels);
  for (int l = levels - 2; l >= 0; l--) {
    const ritz_index middle = c->width * wide[l], out = l > 0 ? c->width * wide[l - 1] : c->width;
    snprintf(name, sizeof name, "up.%d", levels - 1 - l);
    y = ritz_layer_join(g, spectral_block(g, p, at[l], c, l + 1), ritz_layer_double(g, y));
    y = ritz_layer_double_conv(g, p, y, middle, out, &style, name);
  }
  return y;
}

static ritz_var lsm_build(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const lsm_config *c = config;
  const int d = c->patch.count;
  const ritz_index before[3] = {0};
  ritz_index after[3] = {0}, padded = 0;
  if (!ritz_layer_check_field(g, x, "lsm", d, c->in_channels)) return RITZ_NO_VAR;
  const ritz_status status = lsm_check_grid(c, d, x->shape.n + 1);
  if (status != RITZ_OK) return ritz_graph_latch(g, status);
  for (int a = 0; a < d; a++) padded += after[a] = padding(c, a);

  ritz_var v = ritz_grid_embedding(g, x, RITZ_GRID_BOUNDED, NULL);
  v = ritz_layer_linear(g, p, v, c->width, true, "lifting");
  if (padded) v = ritz_pad(g, v, before, after);
  v = ritz_layer_linear(g, p, u_net(g, p, v, c), c->width, true, "output");
  if (padded) v = ritz_crop(g, v, before, after);
  return ritz_layer_mlp(g, p, v, c->projection_channels, c->out_channels, ritz_gelu, 0,
                        "projection");
}

/* Convolution and norm k (0, 1) of two in a row: places 3k and 3k + 1 of a torch Sequential. */
#define CONV_UNIT(theirs, ours, conv, norm, k)                                                    \
  {theirs ".double_conv." conv ".weight", ours ".conv." k ".weight", RITZ_REFERENCE_KERNEL, 0},   \
      {theirs ".double_conv." norm ".weight", ours ".norm." k ".weight", RITZ_REFERENCE_SAME, 0}, \
      {theirs ".double_conv." norm ".bias", ours ".norm." k ".bias", RITZ_REFERENCE_SAME, 0},     \
      {theirs ".double_conv." norm ".running_mean", ours ".norm." k ".running_mean",              \
       RITZ_REFERENCE_SAME, 0},                                                                   \
  {                                                                                               \
    theirs ".double_conv." norm ".running_var", ours ".norm." k ".running_var",                   \
        RITZ_REFERENCE_SAME, 0                                                                    \
  }
#define DOUBLE_CONV(theirs, ours) \
  CONV_UNIT(theirs, ours, "0", "1", "0"), CONV_UNIT(theirs, ours, "3", "4", "1")

static const ritz_reference_name lsm_names[] = {
    {"fc0.weight", "lifting.weight", RITZ_REFERENCE_LINEAR, 0},
    {"fc0.bias", "lifting.bias", RITZ_REFERENCE_SAME, 0},
    DOUBLE_CONV("inc", "down.0"),
    DOUBLE_CONV("down%d.maxpool_conv.1", "down.%d"),
    DOUBLE_CONV("up%d.conv", "up.%d"),
    {"process%d.latent", "block.%d.latent", RITZ_REFERENCE_HEADS, 0},
    {"process%d.weights", "block.%d.series", RITZ_REFERENCE_LINEAR, 0},
    {"process%d.encoder_attn.weight", "block.%d.encode.weight", RITZ_REFERENCE_PAIRS, 0},
    {"process%d.encoder_attn.bias", "block.%d.encode.bias", RITZ_REFERENCE_PAIRS, 0},
    {"process%d.decoder_attn.weight", "block.%d.decode.weight", RITZ_REFERENCE_LINEAR, 0},
    {"process%d.decoder_attn.bias", "block.%d.decode.bias", RITZ_REFERENCE_SAME, 0},
    {"outc.conv.weight", "output.weight", RITZ_REFERENCE_LINEAR, 0},
    {"outc.conv.bias", "output.bias", RITZ_REFERENCE_SAME, 0},
    {"fc1.weight", "projection.0.weight", RITZ_REFERENCE_LINEAR, 0},
    {"fc1.bias", "projection.0.bias", RITZ_REFERENCE_SAME, 0},
    {"fc2.weight", "projection.1.weight", RITZ_REFERENCE_LINEAR, 0},
    {"fc2.bias", "projection.1.bias", RITZ_REFERENCE_SAME, 0},
    {0},
};

const ritz_operator_type ritz_operator_lsm = {
    .name = "lsm",
    .summary = "latent spectral model: a U-net whose patches are solved in a few latent tokens",
    .paper = "Wu et al. 2023, arXiv:2301.12664, the authors' LSM_2D and LSM_3D",
    .config_size = sizeof(lsm_config),
    .options = lsm_options,
    .check = lsm_check,
    .check_grid = lsm_check_grid,
    .build = lsm_build,
    .channels = lsm_channels,
    .reference = "lsm",
    .names = lsm_names,
};
