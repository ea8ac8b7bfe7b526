/* SPDX-License-Identifier: BSD-3-Clause
 * Deep operator network. Lu, Jin, Pang, Zhang & Karniadakis 2021,
 * doi:10.1038/s42256-021-00302-5, arXiv:1910.03193, eq. (2):
 *
 *     u(y) = sum over k of b_k(a(x_1), ..., a(x_m)) t_k(y) + b_0
 *
 * b the branch, whose last layer is linear, t the trunk, whose last layer is not. Several outputs
 * as in Lu et al. 2022, arXiv:2111.05512, Sec. 3.1.6: networks of their own, or groups of the last
 * layer of both, of the branch or of the trunk. */
#include <stdio.h>

#include "core/fail.h"
#include "graph/op.h"
#include "operators/branch_trunk.h"
#include "operators/operator.h"

enum { independent, split_both, split_branch, split_trunk };

typedef struct deeponet_config {
  ritz_branch_trunk_config common; /* first, as its options want it */
  ritz_ints branch, trunk;
  ritz_index latent;
  int outputs;
} deeponet_config;

static const ritz_option deeponet_options[] = {
    RITZ_BRANCH_TRUNK_OPTIONS,
    RITZ_OPTION_INTS(deeponet_config, branch, 1, 1 << 20, "[128, 128, 128]",
                     "widths of the hidden layers of the branch"),
    RITZ_OPTION_INTS(deeponet_config, trunk, 1, 1 << 20, "[128, 128, 128]",
                     "widths of the hidden layers of the trunk"),
    RITZ_OPTION_INT(deeponet_config, latent, 1, 1 << 20, "128", "products summed: k"),
    RITZ_OPTION_CHOICE(deeponet_config, outputs, "independent|split_both|split_branch|split_trunk",
                       "split_both",
                       "several output channels: networks of their own, or groups of the last "
                       "layers"),
    RITZ_OPTION_END,
};

static ritz_status deeponet_check(const void *config) { return ritz_branch_trunk_check(config); }

/* sum over k of b_k t_k for `channels` outputs. */
static ritz_var network(ritz_graph *g, ritz_params *p, ritz_var a, ritz_var y,
                        const deeponet_config *c, ritz_index channels, int number) {
  const ritz_index b = c->outputs == split_trunk ? c->latent : c->latent * channels;
  const ritz_index t = c->outputs == split_branch ? c->latent : c->latent * channels;
  char name[32];
  snprintf(name, sizeof name, "branch.%d", number);
  a = ritz_dense_net(g, p, a, &c->branch, b, false, &c->common, name);
  snprintf(name, sizeof name, "trunk.%d", number);
  y = ritz_dense_net(g, p, y, &c->trunk, t, true, &c->common, name);
  return ritz_pairing(g, a, y, channels);
}

static ritz_var deeponet_build(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const deeponet_config *c = config;
  const ritz_index channels = c->common.out_channels;
  const bool several = c->outputs == independent;
  ritz_var a = ritz_branch_input(g, p, x, &c->common, "deeponet");
  ritz_var y = a ? ritz_trunk_input(g, x, &c->common) : a;
  ritz_var u = network(g, p, a, y, c, several ? 1 : channels, 0);
  for (int i = 1; several && i < channels; i++)
    u = ritz_concat(g, 2, (ritz_var[]){u, network(g, p, a, y, c, 1, i)});
  const ritz_init zero = {RITZ_INIT_ZERO, 0};
  return ritz_bias(g, u, ritz_parameter(g, p, zero, RITZ_SHAPE(channels), -1, "bias"));
}

const ritz_operator_type ritz_operator_deeponet = {
    .name = "deeponet",
    .summary = "deep operator network: coefficients from sensors times functions of the place",
    .paper = "Lu et al. 2021, doi:10.1038/s42256-021-00302-5",
    .config_size = sizeof(deeponet_config),
    .options = deeponet_options,
    .check = deeponet_check,
    .build = deeponet_build,
};
