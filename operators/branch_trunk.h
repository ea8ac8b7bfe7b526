/* SPDX-License-Identifier: BSD-3-Clause
 * Two networks, one that sees a function at its sensors and one that sees where it is asked for:
 * what the operators of Lu et al. 2021, doi:10.1038/s42256-021-00302-5, have in common.
 *
 * On a grid the sensors are all points, and so are the places asked for. Of scattered points the
 * last `coordinates` channels say where they are. */
#ifndef RITZ_OPERATORS_BRANCH_TRUNK_H
#define RITZ_OPERATORS_BRANCH_TRUNK_H

#include "operators/layers.h"

typedef struct ritz_branch_trunk_config {
  ritz_index in_channels, out_channels, coordinates;
  int sensors, grid, activation, initialization;
  bool shared_points;
  ritz_ints branch_conv;
  ritz_reals frequencies;
} ritz_branch_trunk_config;

/** Options of an operator whose struct starts with that configuration, called `common`. */
#define RITZ_BRANCH_TRUNK_OPTIONS                                                                  \
  RITZ_OPTION_INT(ritz_branch_trunk_config, in_channels, 1, 1 << 20, "1",                          \
                  "channels of the input, coordinates included"),                                  \
      RITZ_OPTION_INT(ritz_branch_trunk_config, out_channels, 1, 1 << 20, "1",                     \
                      "channels of the output"),                                                   \
      RITZ_OPTION_INT(ritz_branch_trunk_config, coordinates, 0, 3, "0",                            \
                      "so many of the last channels say where a point is; 0: the nodes of the "    \
                      "grid, from 0 to 1"),                                                        \
      RITZ_OPTION_BOOL(ritz_branch_trunk_config, shared_points, "false",                           \
                       "all samples have the coordinates of the first of a batch: the trunk is "   \
                       "evaluated once"),                                                          \
      RITZ_OPTION_CHOICE(ritz_branch_trunk_config, grid, "bounded|periodic", "bounded",            \
                         "whether the last node of an axis is its end or one step before it"),     \
      RITZ_OPTION_CHOICE(ritz_branch_trunk_config, sensors, "field|repeated", "field",             \
                         "what the branch sees: the field at all points, or channels that are "    \
                         "the same at all points"),                                                \
      RITZ_OPTION_INTS(ritz_branch_trunk_config, branch_conv, 1, 1 << 16, "null",                  \
                       "channels of convolutions (5 points, stride 2, relu) in front of the "      \
                       "branch"),                                                                  \
      RITZ_OPTION_REALS(ritz_branch_trunk_config, frequencies, -1e6, 1e6, "null",                  \
                        "the trunk sees sin and cos(2 pi f x) of each coordinate x instead of "    \
                        "x"),                                                                      \
      RITZ_OPTION_CHOICE(ritz_branch_trunk_config, activation, RITZ_LAYER_ACTIVATIONS "|sine",     \
                         "tanh", "sigma"),                                                         \
      RITZ_OPTION_CHOICE(ritz_branch_trunk_config, initialization, "glorot_normal|glorot_uniform", \
                         "glorot_normal", "how weights start; biases start at 0")

/** What no single option can see. */
ritz_status ritz_branch_trunk_check(const ritz_branch_trunk_config *config);

/** The function at its sensors, [B, 1, ..., S]; its convolutions are NAME.conv.0 ... Latches an
 * error unless x is a field with the channels of @p config. */
ritz_var ritz_branch_input(ritz_graph *g, ritz_params *p, ritz_var x,
                           const ritz_branch_trunk_config *config, const char *owner);

/** Where the function is asked for, [X0, ..., d] for all samples or [B, X0, ..., d]. */
ritz_var ritz_trunk_input(ritz_graph *g, ritz_var x, const ritz_branch_trunk_config *config);

/** sigma( W x + b ) or, not @p active, W x + b; called NAME.NUMBER. */
ritz_var ritz_dense_layer(ritz_graph *g, ritz_params *p, ritz_var x, ritz_index out, bool active,
                          const ritz_branch_trunk_config *config, const char *name, int number);

/** Such layers NAME.0, NAME.1, ... of the widths @p hidden, then one of @p out channels. */
ritz_var ritz_dense_net(ritz_graph *g, ritz_params *p, ritz_var x, const ritz_ints *hidden,
                        ritz_index out, bool active, const ritz_branch_trunk_config *config,
                        const char *name);

#endif
