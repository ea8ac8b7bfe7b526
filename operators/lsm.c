/* SPDX-License-Identifier: BSD-3-Clause
 * Latent spectral model. Wu et al. 2023, arXiv:2301.12664.
 *
 *     x_1 = D_0(P (a, s)),  x_(l+1) = D_l(half of x_l)            l = 1 ... 4
 *     y_5 = B_5(x_5),       y_l = U_l( B_l(x_l), twice y_(l+1) )   l = 4 ... 1
 *     u = Q (C y_1)
 *
 * P one linear map, s coordinates with both ends, C one linear map, Q a pointwise MLP; D, B, U are
 * those of latent_unet.h. */
#include "core/fail.h"
#include "graph/op.h"
#include "operators/latent_unet.h"
#include "operators/operator.h"

typedef struct lsm_config {
  ritz_latent_unet unet; /* first, as its options want it */
  ritz_ints padding;
  ritz_index in_channels, out_channels, projection_channels;
} lsm_config;

static const ritz_option lsm_options[] = {
    RITZ_LATENT_UNET_OPTIONS,
    RITZ_OPTION_INT(lsm_config, in_channels, 1, 1 << 20, "1", "channels of the input"),
    RITZ_OPTION_INT(lsm_config, out_channels, 1, 1 << 20, "1", "channels of the output"),
    RITZ_OPTION_INT(lsm_config, projection_channels, 1, 1 << 20, "128",
                    "hidden channels of the projection"),
    RITZ_OPTION_INTS(lsm_config, padding, 0, 1 << 20, "null", "zeros after the end of each axis"),
    RITZ_OPTION_END,
};

static ritz_status lsm_check(const void *config) {
  const lsm_config *c = config;
  const int d = c->unet.patch.count;
  RITZ_TRY(ritz_latent_unet_check(&c->unet));
  RITZ_REQUIRE(c->padding.count <= 1 || c->padding.count == d, RITZ_ERR_CONFIG,
               "padding has %d axes, patch has %d", c->padding.count, d);
  return RITZ_OK;
}

static ritz_status lsm_check_grid(const void *config, int dim, const ritz_index *grid) {
  const lsm_config *c = config;
  for (int a = 0; a < dim && a < c->unet.patch.count; a++)
    RITZ_TRY(ritz_latent_unet_check_axis(&c->unet, a, grid[a], ritz_ints_at(&c->padding, a, 0)));
  return RITZ_OK;
}

static ritz_var lsm_build(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const lsm_config *c = config;
  const int d = c->unet.patch.count;
  const ritz_index before[3] = {0};
  ritz_index after[3] = {0}, padded = 0;
  if (!ritz_layer_check_field(g, x, "lsm", d, c->in_channels)) return RITZ_NO_VAR;
  const ritz_status status = lsm_check_grid(c, d, x->shape.n + 1);
  if (status != RITZ_OK) return ritz_graph_latch(g, status);
  for (int a = 0; a < d; a++) padded += after[a] = ritz_ints_at(&c->padding, a, 0);

  ritz_var v = ritz_grid_embedding(g, x, RITZ_GRID_BOUNDED, NULL);
  v = ritz_layer_linear(g, p, v, c->unet.width, true, "lifting");
  if (padded) v = ritz_pad(g, v, before, after);
  v = ritz_layer_linear(g, p, ritz_layer_latent_unet(g, p, v, &c->unet), c->unet.width, true,
                        "output");
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
    .reference = "lsm",
    .names = lsm_names,
};
