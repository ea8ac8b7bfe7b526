/* SPDX-License-Identifier: BSD-3-Clause
 * Samples of multigrid, latent spectral and convolutional operators. */
#include "operator_sample_rows.h"

#define LSM_MAP                                                                                    \
  "patch: [1, 1], width: 4, heads: 2, tokens: 2, basis: 2, latent_grid: [32, 33], modes: [2, 3], " \
  "projection_channels: 5"

static const operator_sample samples[] = {
    SAMPLE("mgno", /* one layer each: a whole network only repeats it */
           "{pre_smoothing: [1, 0], post_smoothing: [1, 1], hidden_channels: 2, n_layers: 1, "
           "in_channels: 2, out_channels: 3, restrict_residual: true}",
           {4, {2, 7, 5, 2}}, {4, {2, 17, 33, 2}}, SMOOTH),
    SAMPLE("mgno",
           "{pre_smoothing: [1, 1], hidden_channels: 2, n_layers: 1, non_linearity: tanh, "
           "boundary: periodic, skip: null, smoother_bias: true, add_input: true, cycle_norm: "
           "affine, wrap_prolongation: true}",
           {4, {2, 6, 4, 1}}, {4, {3, 18, 32, 1}}, SMOOTH),
    SAMPLE("mgno",
           "{pre_smoothing: [1, 1, 1], up_kernel: [4, 3], hidden_channels: 2, n_layers: 1, "
           "boundary: periodic, reference_grid: [8, 4], non_linearity: silu}",
           {4, {1, 5, 7, 1}}, {4, {2, 12, 23, 1}}, SMOOTH),
    SAMPLE("mgno",
           "{pre_smoothing: [2, 1], hidden_channels: 2, n_layers: 1, boundary: reflect, skip: "
           "null, smoother_bias: true, layer_norm: affine, transfer_margin: 0, up_kernel: 3, "
           "widening: true, cycle_norm: plain}",
           {4, {2, 5, 6, 1}}, {4, {2, 17, 30, 1}}, SMOOTH),
    SAMPLE("mgno",
           "{pre_smoothing: [1, 1, 1, 1], hidden_channels: 2, n_layers: 1, layer_norm: plain, "
           "transfer_init: textbook, non_linearity: relu}",
           {3, {3, 17, 1}}, {3, {3, 129, 1}}, SMOOTH),
    SAMPLE("mgno",
           "{pre_smoothing: [1, 1], hidden_channels: 2, n_layers: 1, boundary: reflect, head: "
           "cycle, reference_grid: 3, transfer_init: textbook}",
           {5, {1, 4, 3, 2, 1}}, {5, {2, 8, 7, 6, 1}}, SMOOTH),
    SAMPLE("lsm", "{patch: 1, width: 4, heads: 2, in_channels: 2}", {3, {3, 37, 2}},
           {3, {3, 130, 2}}, TRAINED_KINKS),
    SAMPLE("lsm",
           "{patch: [1, 1], width: 6, heads: 3, tokens: 3, basis: 2, in_channels: 2, out_channels: "
           "3, projection_channels: 5}",
           {4, {3, 17, 22, 2}}, {4, {3, 33, 40, 2}}, TRAINED_KINKS),
    SAMPLE("lsm",
           "{patch: [1, 2], width: 4, heads: 1, tokens: 2, padding: [0, 3], norm: instance_norm}",
           {4, {1, 17, 29, 1}}, {4, {3, 17, 29, 1}}, KINKS),
    SAMPLE("lsm", "{patch: [1, 1, 1], width: 2, heads: 2, tokens: 2, basis: 3, padding: [0, 1, 2]}",
           {5, {2, 16, 16, 16, 1}}, {5, {3, 16, 16, 16, 1}}, TRAINED_KINKS),
    SAMPLE("lsm", "{patch: [2, 1], width: 4, heads: 2, basis: 3}", {4, {2, 32, 35, 1}},
           {4, {3, 32, 35, 1}}, KINKS),
    SAMPLE("lsm_irregular", /* harmonics of the map multiply roundings by 400 */
           "{" LSM_MAP "}", {3, {2, 19, 2}}, {3, {3, 67, 2}}, true, true, 1e-3, 1e-2),
    SAMPLE(
        "lsm_irregular",
        "{" LSM_MAP
        ", in_channels: 6, out_channels: 2, code_channels: 3, mirror: exact, norm: instance_norm}",
        {3, {1, 19, 6}}, {3, {3, 67, 6}}, false, true, 1e-3, 1e-2),
    SAMPLE("unet", "{width: 3, depth: 2, in_channels: 2, out_channels: 3}", {4, {3, 9, 14, 2}},
           {4, {3, 18, 28, 2}}, TRAINED_KINKS),
    SAMPLE("unet",
           "{dim: 1, width: 4, depth: 3, up: linear, norm: group_norm, norm_groups: 2, activation: "
           "silu, boundary: periodic}",
           {3, {2, 37, 1}}, {3, {3, 137, 1}}, KINKS),
    SAMPLE("unet",
           "{dim: 3, width: 2, depth: 1, norm: 'null', activation: tanh, boundary: reflect}",
           {5, {1, 5, 4, 7, 1}}, {5, {2, 5, 9, 7, 1}}, KINKS),
    SAMPLE("unet_modern", "{width: 8, multipliers: [1, 2, 2]}", {4, {1, 8, 12, 1}},
           {4, {3, 8, 12, 1}}, KINKS),
    SAMPLE("unet_modern",
           "{dim: 1, width: 5, multipliers: [2, 1], norm: 'null', activation: relu, boundary: "
           "periodic, in_channels: 2, out_channels: 3}",
           {3, {2, 14, 2}}, {3, {3, 140, 2}}, KINKS),
    SAMPLE("unet_modern", "{dim: 3, width: 8, multipliers: 1, boundary: replicate}",
           {5, {1, 3, 4, 5, 1}}, {5, {2, 3, 4, 5, 1}}, KINKS),
    SAMPLE("resnet", "{width: 5, n_blocks: 2, in_channels: 2, out_channels: 3, padding: [2, 0]}",
           {4, {2, 7, 10, 2}}, {4, {3, 17, 20, 2}}, TRAINED_KINKS),
    SAMPLE("resnet",
           "{dim: 1, width: 4, n_blocks: 1, dilations: [1, 2, 4, 2], norm: layer_norm, kernel: 5, "
           "activation: silu, boundary: periodic}",
           {3, {2, 23, 1}}, {3, {3, 130, 1}}, KINKS),
    SAMPLE("resnet",
           "{dim: 3, width: 4, n_blocks: 1, dilations: [1, 2], norm: instance_norm, padding: 1}",
           {5, {1, 4, 5, 6, 1}}, {5, {2, 4, 5, 6, 1}}, KINKS),
    SAMPLE("convnext",
           "{width: 3, blocks: [1, 2, 1], layer_scale: 0.5, in_channels: 2, out_channels: 3}",
           {4, {2, 13, 18, 2}}, {4, {3, 26, 18, 2}}, KINKS),
    SAMPLE("convnext",
           "{dim: 1, width: 5, blocks: [2, 0], kernel: 3, expansion: 2, layer_scale: 1, boundary: "
           "periodic}",
           {3, {2, 17, 1}}, {3, {3, 170, 1}}, KINKS),
    SAMPLE("convnext", "{dim: 3, width: 2, blocks: 1, kernel: 5, layer_scale: 2}",
           {5, {1, 5, 4, 6, 1}}, {5, {2, 5, 8, 6, 1}}, KINKS),
    SAMPLE("convnext", "{width: 3, blocks: [1, 1], kernel: 3, expansion: 3, response_norm: true}",
           {4, {2, 7, 6, 1}}, {4, {3, 17, 26, 1}}, KINKS),
};

const operator_rows grid_rows = {sizeof samples / sizeof *samples, samples};
