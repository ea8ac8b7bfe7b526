/* SPDX-License-Identifier: BSD-3-Clause
 * Residual network at full resolution. He et al. 2016, arXiv:1512.03385; with dilations the
 * Dil-ResNet of Stachenfeld et al. 2022, arXiv:2112.15275.
 *
 *     v_0 = sigma( P2 sigma( P1 x ) ),   v_(i+1) = v_i + F_i(v_i),   u = Q2 sigma( Q1 v_L )
 *
 * F a chain of units sigma( N( K v ) ), one for each of `dilations`; P and Q pointwise. Nothing
 * acts on a sum (He et al. 2016, arXiv:1603.05027), as in Gupta & Brandstetter 2022,
 * arXiv:2209.15616. */
#include <stdio.h>

#include "core/fail.h"
#include "graph/op.h"
#include "operators/convolution.h"
#include "operators/operator.h"

typedef struct resnet_config {
  ritz_ints dilations, padding;
  ritz_index dim, in_channels, out_channels, width, n_blocks, kernel, norm_groups;
  int norm, activation, boundary;
} resnet_config;

static const ritz_option resnet_options[] = {
    RITZ_OPTION_INT(resnet_config, dim, 1, 3, "2", "grid axes"),
    RITZ_OPTION_INT(resnet_config, in_channels, 1, 1 << 20, "1", "channels of the input"),
    RITZ_OPTION_INT(resnet_config, out_channels, 1, 1 << 20, "1", "channels of the output"),
    RITZ_OPTION_INT(resnet_config, width, 1, 1 << 16, "128", "channels of all blocks"),
    RITZ_OPTION_INT(resnet_config, n_blocks, 1, 1000, "4", "number of blocks"),
    RITZ_OPTION_INTS(resnet_config, dilations, 1, 1 << 16, "[1, 1]",
                     "one convolution per entry; Dil-ResNet: [1, 2, 4, 8, 4, 2, 1]"),
    RITZ_OPTION_INT(resnet_config, kernel, 1, 101, "3",
                    "extent of the convolutions along each axis, odd"),
    RITZ_OPTION_CHOICE(resnet_config, norm, RITZ_LAYER_NORMS, "batch_norm",
                       "norm after each convolution"),
    RITZ_OPTION_INT(resnet_config, norm_groups, 1, 1 << 16, "1", "groups of group_norm"),
    RITZ_OPTION_CHOICE(resnet_config, activation, RITZ_LAYER_ACTIVATIONS, "gelu", "sigma"),
    RITZ_OPTION_CHOICE(resnet_config, boundary, RITZ_LAYER_BOUNDARIES, "zero",
                       "what convolutions see beyond the grid"),
    RITZ_OPTION_INTS(resnet_config, padding, 0, 1 << 20, "null",
                     "zeros after the end of each axis, around the blocks"),
    RITZ_OPTION_END,
};

static ritz_status resnet_check(const void *config) {
  const resnet_config *c = config;
  RITZ_REQUIRE(c->kernel % 2 == 1, RITZ_ERR_CONFIG, "kernel is %td, wanted an odd extent",
               c->kernel);
  RITZ_REQUIRE(c->dilations.count >= 1, RITZ_ERR_CONFIG, "dilations is empty");
  RITZ_REQUIRE(c->padding.count <= 1 || c->padding.count == c->dim, RITZ_ERR_CONFIG,
               "padding has %d axes, dim is %td", c->padding.count, c->dim);
  return c->norm == RITZ_NORM_GROUP ? ritz_layer_check_groups(c->norm_groups, c->width) : RITZ_OK;
}

/* v + F(v). */
static ritz_var block(ritz_graph *g, ritz_params *p, ritz_var v, const resnet_config *c,
                      const ritz_conv_style *style, int number) {
  ritz_var u = v;
  char name[48];
  for (int k = 0; k < c->dilations.count; k++) {
    snprintf(name, sizeof name, "block.%d.conv.%d", number, k);
    u = ritz_layer_conv(g, p, u, c->width, c->kernel, 1, c->dilations.n[k], style, name);
    snprintf(name, sizeof name, "block.%d.norm.%d", number, k);
    u = style->sigma(g, ritz_layer_norm_of(g, p, u, style->norm, style->groups, name));
  }
  return ritz_add(g, v, u);
}

static ritz_var resnet_build(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const resnet_config *c = config;
  const ritz_conv_style style = {.boundary = (ritz_boundary)c->boundary,
                                 .bias = !ritz_norm_takes_bias((ritz_norm_kind)c->norm),
                                 .norm = (ritz_norm_kind)c->norm,
                                 .groups = c->norm_groups,
                                 .sigma = ritz_layer_activation(c->activation)};
  const ritz_index before[3] = {0};
  ritz_index after[3] = {0};
  if (!ritz_layer_check_field(g, x, "resnet", (int)c->dim, c->in_channels)) return RITZ_NO_VAR;
  for (int a = 0; a < c->dim; a++) after[a] = ritz_ints_at(&c->padding, a, 0);

  ritz_var v = ritz_layer_mlp(g, p, x, c->width, c->width, style.sigma, 0, "lifting");
  v = style.sigma(g, v);
  if (c->padding.count) v = ritz_pad(g, v, before, after);
  for (int i = 0; i < c->n_blocks; i++) v = block(g, p, v, c, &style, i);
  if (c->padding.count) v = ritz_crop(g, v, before, after);
  return ritz_layer_mlp(g, p, v, c->width, c->out_channels, style.sigma, 0, "projection");
}

const ritz_operator_type ritz_operator_resnet = {
    .name = "resnet",
    .summary = "residual network at full resolution, plain or dilated",
    .paper = "He et al. 2016, arXiv:1512.03385; Stachenfeld et al. 2022, arXiv:2112.15275",
    .config_size = sizeof(resnet_config),
    .options = resnet_options,
    .check = resnet_check,
    .build = resnet_build,
};
