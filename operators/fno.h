/* SPDX-License-Identifier: BSD-3-Clause
 * The operator fno as a part of others: its options, checks and graph. */
#ifndef RITZ_OPERATORS_FNO_H
#define RITZ_OPERATORS_FNO_H

#include "operators/fno_block.h"
#include "operators/operator.h"

typedef struct ritz_fno_config {
  ritz_fno_block_config block; /* first, as its options want it */
  ritz_ints n_modes, max_n_modes, output_shape;
  ritz_index in_channels, out_channels, hidden_channels, n_layers, conv_bias_kernel;
  double lifting_channel_ratio, projection_channel_ratio;
  int positional_embedding;
  bool use_channel_mlp, joint_factorization;
  ritz_reals resolution_scaling_factor, domain_padding, grid_boundaries;
} ritz_fno_config;

#define RITZ_FNO_OPTIONS(factorization, rank)                                                     \
  RITZ_OPTION_INTS(ritz_fno_config, n_modes, 1, 1 << 20, NULL,                                    \
                   "modes kept per axis, negative ones included; the last is halved"),            \
      RITZ_OPTION_INT(ritz_fno_config, in_channels, 1, 1 << 20, "1", "channels of the input"),    \
      RITZ_OPTION_INT(ritz_fno_config, out_channels, 1, 1 << 20, "1", "channels of the output"),  \
      RITZ_OPTION_INT(ritz_fno_config, hidden_channels, 1, 1 << 20, "32", "width of all blocks"), \
      RITZ_OPTION_INT(ritz_fno_config, n_layers, 1, 1000, "4", "number of blocks"),               \
      RITZ_OPTION_REAL(ritz_fno_config, lifting_channel_ratio, 0, 1000, "2",                      \
                       "hidden width of the lifting MLP / hidden_channels; 0: one linear map"),   \
      RITZ_OPTION_REAL(ritz_fno_config, projection_channel_ratio, 0, 1000, "2",                   \
                       "hidden width of the projection MLP / hidden_channels"),                   \
      RITZ_OPTION_CHOICE(ritz_fno_config, positional_embedding, "null|grid", "grid",              \
                         "append the coordinates i/N to the input"),                              \
      RITZ_OPTION_REALS(ritz_fno_config, grid_boundaries, -1e300, 1e300, "null",                  \
                        "start and end of each axis for the embedding, [s0, e0, s1, ...]"),       \
      RITZ_OPTION_BOOL(ritz_fno_config, use_channel_mlp, "true", "pointwise MLP in every block"), \
      RITZ_OPTION_INT(ritz_fno_config, conv_bias_kernel, 1, 1, "1",                               \
                      "extent of a linear skip: pointwise"),                                      \
      RITZ_OPTION_REALS(ritz_fno_config, resolution_scaling_factor, 1e-3, 1000, "null",           \
                        "output grid / input grid, one for all blocks or one per block"),         \
      RITZ_OPTION_INTS(ritz_fno_config, output_shape, 1, 1 << 30, "null",                         \
                       "grid after the last block"),                                              \
      RITZ_OPTION_REALS(ritz_fno_config, domain_padding, 0, 100, "null",                          \
                        "zeros on both sides of the blocks, as a fraction of the grid"),          \
      RITZ_OPTION_INTS(ritz_fno_config, max_n_modes, 1, 1 << 20, "null",                          \
                       "rows of the spectral weights, the last axis literally"),                  \
      RITZ_OPTION_BOOL(ritz_fno_config, joint_factorization, "false",                             \
                       "one factorised tensor for the weights of all blocks"),                    \
      RITZ_FACTORIZED_BLOCK_OPTIONS(factorization, rank)

/* As in ritz_operator_type. */
ritz_status ritz_fno_check(const void *config);
ritz_status ritz_fno_check_grid(const void *config, int dim, const ritz_index *grid);
int ritz_fno_mode_axis(const void *config, const ritz_param_info *info, int axis);
ritz_var ritz_fno_build(ritz_graph *g, ritz_params *p, ritz_var x, const void *config);

#endif
