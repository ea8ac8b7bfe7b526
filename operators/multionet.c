/* SPDX-License-Identifier: BSD-3-Clause
 * MultiONet: a deep operator network that pairs the hidden layers of branch and trunk, all of one
 * width. Zang, Koutsourelakis 2025, arXiv:2502.06250, Sec. 3.3:
 *
 *     u(y) = sum over the last l layers j of w_j < t_j(y), b_j(a) > + b_0
 *
 * w_j a number for each output channel, which starts at s/l: the authors write w_j/l and s = 0. */
#include "core/fail.h"
#include "graph/op.h"
#include "operators/branch_trunk.h"
#include "operators/operator.h"

typedef struct multionet_config {
  ritz_branch_trunk_config common; /* first, as its options want it */
  ritz_index width, layers, used;
  double layer_weight;
} multionet_config;

static const ritz_option multionet_options[] = {
    RITZ_BRANCH_TRUNK_OPTIONS,
    RITZ_OPTION_INT(multionet_config, width, 1, 1 << 20, "128",
                    "width of all layers; the output channels share it"),
    RITZ_OPTION_INT(multionet_config, layers, 1, 1000, "5", "layers of the branch, of the trunk"),
    RITZ_OPTION_INT(multionet_config, used, 0, 1000, "0", "last layers that are paired; 0: all"),
    RITZ_OPTION_REAL(multionet_config, layer_weight, -1e6, 1e6, "1",
                     "s: the weights of the layers start at s / used"),
    RITZ_OPTION_END,
};

static ritz_status multionet_check(const void *config) {
  const multionet_config *c = config;
  RITZ_REQUIRE(c->used <= c->layers, RITZ_ERR_CONFIG, "used is %td, there are %td layers", c->used,
               c->layers);
  RITZ_REQUIRE(c->width % c->common.out_channels == 0, RITZ_ERR_CONFIG,
               "%td out_channels do not divide the width %td", c->common.out_channels, c->width);
  return ritz_branch_trunk_check(config);
}

static ritz_var multionet_build(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const multionet_config *c = config;
  const ritz_shape channels = RITZ_SHAPE(c->common.out_channels);
  const ritz_index used = c->used ? c->used : c->layers;
  const ritz_init start = {RITZ_INIT_CONSTANT, c->layer_weight / (double)used};
  const ritz_init zero = {RITZ_INIT_ZERO, 0};
  ritz_var b = ritz_branch_input(g, p, x, &c->common, "multionet");
  ritz_var t = b ? ritz_trunk_input(g, x, &c->common) : b, u = RITZ_NO_VAR;
  for (int j = 0; j < c->layers; j++) {
    b = ritz_dense_layer(g, p, b, c->width, true, &c->common, "branch", j);
    t = ritz_dense_layer(g, p, t, c->width, true, &c->common, "trunk", j);
    if (j < c->layers - used) continue;
    ritz_var w = ritz_parameter(g, p, start, channels, -1, "layer_weight.%d", j);
    u = ritz_layer_add(g, ritz_gate(g, ritz_pairing(g, b, t, c->common.out_channels), w), u);
  }
  return ritz_bias(g, u, ritz_parameter(g, p, zero, channels, -1, "bias"));
}

const ritz_operator_type ritz_operator_multionet = {
    .name = "multionet",
    .summary = "deep operator network that pairs several layers of branch and trunk",
    .paper = "Zang & Koutsourelakis 2025, arXiv:2502.06250",
    .config_size = sizeof(multionet_config),
    .options = multionet_options,
    .check = multionet_check,
    .build = multionet_build,
};
