/* SPDX-License-Identifier: BSD-3-Clause */
#include "operator_samples.h"

#include <string.h>

/* training, kinks, rounding, grad_rounding. Kinks come with norms over few points and thousands of
 * roundings in a row. */
#define SMOOTH        false, false, 1e-5, 1e-5
#define TRAINED       true, false, 1e-5, 1e-5
#define KINKS         false, true, 1e-4, 1e-3
#define TRAINED_KINKS true, true, 1e-4, 1e-3

#define DEEPONET "branch: [5, 4], trunk: [6, 3], "
#define LSM_MAP                                                                                    \
  "patch: [1, 1], width: 4, heads: 2, tokens: 2, basis: 2, latent_grid: [32, 33], modes: [2, 3], " \
  "projection_channels: 5"
#define MG_TFNO "n_modes: [4, 4], hidden_channels: 4, n_layers: 2, rank: 0.5"
#define T1      "width: 3, n_layers: 2, head_channels: 5, head_std: 0.7, "
#define UNO     "hidden_channels: 4, lifting_channels: 6, projection_channels: 5, "

const operator_sample operator_samples[] = {
    {"fno",
     "{n_modes: [6, 5], hidden_channels: 6, n_layers: 2, in_channels: 2, out_channels: 3}",
     {4, {2, 7, 5, 2}},
     {4, {3, 29, 29, 2}},
     SMOOTH},
    {"fno",
     "{n_modes: 5, hidden_channels: 4, n_layers: 2, norm: batch_norm}",
     {3, {3, 17, 1}},
     {3, {3, 29, 1}},
     TRAINED},
    {"fno",
     "{n_modes: [4, 4], hidden_channels: 4, n_layers: 2, output_shape: [9, 6]}",
     {4, {2, 6, 7, 1}},
     {4, {3, 29, 29, 1}},
     SMOOTH},
    {"fno",
     "{n_modes: [4, 4], hidden_channels: 4, n_layers: 2, resolution_scaling_factor: [0.5, 2], "
     "domain_padding: [0.2, 0.1]}",
     {4, {1, 10, 8, 1}},
     {4, {3, 30, 30, 1}},
     SMOOTH},
    {"fno",
     "{n_modes: [2, 3, 4], hidden_channels: 4, n_layers: 2, resolution_scaling_factor: 1.5, "
     "norm: group_norm, norm_groups: 2, non_linearity: tanh}",
     {5, {1, 4, 5, 4, 1}},
     {5, {3, 11, 11, 11, 1}},
     SMOOTH},
    {"fno",
     "{n_modes: [4, 4], hidden_channels: 6, n_layers: 2, channel_mlp_dropout: 0.3, "
     "lifting_channel_ratio: 0, grid_boundaries: [0, 2, -1, 1]}",
     {4, {2, 7, 9, 1}},
     {4, {3, 29, 29, 1}},
     TRAINED},
    {"fno_2020",
     "{modes: [3, 2], width: 4, padding: [2, 3], in_channels: 2}",
     {4, {2, 5, 6, 2}},
     {4, {3, 29, 29, 2}},
     SMOOTH},
    {"fno_2020",
     "{modes: [1, 2, 3], width: 3, n_layers: 2, padding: [0, 0, 3]}",
     {5, {2, 3, 5, 4, 1}},
     {5, {3, 11, 11, 11, 1}},
     SMOOTH},
    {"tfno",
     "{hidden_channels: 4, n_layers: 2, n_modes: [5, 4], rank: 0.4}",
     {4, {2, 7, 5, 1}},
     {4, {2, 17, 16, 1}},
     SMOOTH},
    {"tfno",
     "{hidden_channels: 4, n_layers: 2, n_modes: [3, 4, 3], factorization: cp, implementation: "
     "factorized}",
     {5, {1, 4, 5, 3, 1}},
     {5, {2, 8, 9, 7, 1}},
     SMOOTH},
    {"mg_tfno", "{" MG_TFNO "}", {4, {1, 8, 12, 1}}, {4, {3, 16, 12, 1}}, SMOOTH},
    {"mg_tfno",
     "{" MG_TFNO ", levels: 2, padding_fraction: [0.0625, 0], in_channels: 2, out_channels: 3}",
     {4, {1, 16, 16, 2}},
     {4, {2, 32, 16, 2}},
     SMOOTH},
    {"uno",
     "{" UNO "n_layers: 3, uno_out_channels: [3, 5, 4], uno_n_modes: [[4, 3], [3, 3], [4, 4]], "
     "uno_scalings: [[1, 1], [0.5, 0.5], [2, 2]], channel_mlp_skip: linear}",
     {4, {2, 7, 6, 1}},
     {4, {3, 29, 31, 1}},
     SMOOTH},
    {"uno", /* two skips from one block, onto other grids */
     "{" UNO "n_layers: 4, uno_out_channels: [5, 5, 4, 4], "
     "uno_n_modes: [[3, 3], [2, 2], [3, 2], [3, 3]], "
     "uno_scalings: [[0.5, 0.7], [1, 1], [1.5, 2], [2, 1]], channel_mlp_skip: null, "
     "horizontal_skips_map: {\"3\": 0, \"2\": 0}, horizontal_skip: soft-gating, "
     "norm: group_norm, resample: reference, in_channels: 2, out_channels: 3}",
     {4, {1, 6, 7, 2}},
     {4, {3, 30, 20, 2}},
     SMOOTH},
    {"uno",
     "{hidden_channels: 4, projection_channels: 5, n_layers: 2, uno_out_channels: [4, 4], "
     "uno_n_modes: [4, 4], uno_scalings: [0.5, 2], horizontal_skips_map: [], preactivation: true, "
     "norm: batch_norm, domain_padding: 0.3, channel_mlp_skip: soft-gating, fno_skip: identity, "
     "stabilizer: tanh, lifting_channels: 0, separable: true, non_linearity: tanh}",
     {3, {3, 13, 1}},
     {3, {3, 130, 1}},
     TRAINED},
    {"uno",
     "{" UNO "n_layers: 2, uno_out_channels: [3, 4], uno_n_modes: [[2, 3, 2], [2, 2, 3]], "
     "uno_scalings: [[0.5, 1, 0.6], [2, 1, 1.5]], channel_mlp_skip: linear, "
     "horizontal_skip: identity, channel_mlp_dropout: 0.2, "
     "grid_boundaries: [0, 1, 0, 2, -1, 1]}",
     {5, {1, 4, 3, 5, 1}},
     {5, {2, 9, 8, 11, 1}},
     TRAINED},
    {"t1",
     "{" T1 "modes: [3, 3], signal_resolution: [7, 6]}",
     {4, {2, 7, 6, 1}},
     {4, {3, 29, 31, 1}},
     SMOOTH},
    {"t1",
     "{" T1 "modes: 4, signal_resolution: 9, padding: 3, non_linearity: sine, "
     "weight_init: fan_in, basis: fourier, in_channels: 2, out_channels: 2}",
     {3, {2, 9, 2}},
     {3, {3, 200, 2}},
     SMOOTH},
    {"t1",
     "{" T1 "modes: [2, 3, 2], signal_resolution: [4, 4, 3], non_linearity: tanh, "
     "padding: [0, 1, 2], perform_inverse: false}",
     {5, {1, 4, 3, 5, 1}},
     {5, {2, 9, 8, 11, 1}},
     SMOOTH},
    {"local_no",
     "{n_modes: [4, 4], hidden_channels: 4, n_layers: 2, default_in_shape: [7, 6]}",
     {4, {2, 7, 6, 1}},
     {4, {3, 14, 13, 1}},
     SMOOTH},
    {"local_no",
     "{n_modes: [4, 4], hidden_channels: 4, n_layers: 2, default_in_shape: [6, 7], "
     "use_channel_mlp: true, norm: group_norm, in_channels: 2, diff_layers: last, "
     "mix_derivatives: false, conv_padding_mode: zeros, disco_groups: 2, disco_bias: false, "
     "disco_kernel_shape: [3, 3], radius_cutoff: 1.2, domain_length: [2, 3]}",
     {4, {1, 6, 7, 2}},
     {4, {2, 12, 15, 2}},
     SMOOTH},
    {"local_no",
     "{n_modes: 4, hidden_channels: 4, n_layers: 2, default_in_shape: 9, disco_layers: none, "
     "preactivation: true, fin_diff_kernel_size: 5, conv_padding_mode: replicate, "
     "domain_padding: 0.2, stabilizer: tanh}",
     {3, {2, 9, 1}},
     {3, {3, 100, 1}},
     SMOOTH},
    {"local_no",
     "{n_modes: [2, 2, 2], hidden_channels: 3, n_layers: 2, default_in_shape: [4, 4, 4], "
     "disco_layers: none, conv_padding_mode: reflect, positional_embedding: null}",
     {5, {1, 4, 3, 5, 1}},
     {5, {2, 5, 6, 7, 1}},
     SMOOTH},
    {"afno",
     "{img_size: [6, 8], patch_size: [2, 2], embed_dim: 6, depth: 2, num_blocks: 3, mlp_ratio: 2}",
     {4, {1, 6, 8, 1}},
     {4, {3, 6, 8, 1}},
     KINKS},
    {"afno",
     "{img_size: 15, patch_size: 3, embed_dim: 4, depth: 2, num_blocks: 1, mlp_ratio: 1.5, "
     "in_channels: 2, out_channels: 3, double_skip: false, drop_rate: 0.2}",
     {3, {1, 15, 2}},
     {3, {3, 15, 2}},
     TRAINED_KINKS},
    {"afno",
     "{img_size: [4, 6, 4], patch_size: [2, 2, 1], embed_dim: 3, depth: 2, mixer: gfn, "
     "mlp_ratio: 2}",
     {5, {1, 4, 6, 4, 1}},
     {5, {3, 4, 6, 4, 1}},
     SMOOTH},
    {"sfno",
     "{modes: [2, 2, 2], width: 4, n_layers: 2, in_channels: 3, latent_steps: 3, out_channels: 2}",
     {4, {2, 4, 5, 3}},
     {4, {3, 11, 13, 3}},
     false,
     false,
     1e-4,
     1e-4},
    {"sfno",
     "{modes: [1, 3, 1], width: 5, n_layers: 3, in_channels: 4, latent_steps: 1, "
     "out_channels: 1, activation: tanh, channel_expansion: 1, beta: -1, bias_scale: 1}",
     {4, {1, 5, 7, 4}},
     {4, {2, 9, 17, 4}},
     false,
     false,
     1e-4,
     1e-4},

    {"mgno", /* one layer each: a whole network only repeats it */
     "{pre_smoothing: [1, 0], post_smoothing: [1, 1], hidden_channels: 2, n_layers: 1, "
     "in_channels: 2, out_channels: 3, restrict_residual: true}",
     {4, {2, 7, 5, 2}},
     {4, {2, 17, 33, 2}},
     SMOOTH},
    {"mgno",
     "{pre_smoothing: [1, 1], hidden_channels: 2, n_layers: 1, non_linearity: tanh, "
     "boundary: periodic, skip: null, smoother_bias: true, add_input: true, cycle_norm: affine, "
     "wrap_prolongation: true}",
     {4, {2, 6, 4, 1}},
     {4, {3, 18, 32, 1}},
     SMOOTH},
    {"mgno",
     "{pre_smoothing: [1, 1, 1], up_kernel: [4, 3], hidden_channels: 2, n_layers: 1, "
     "boundary: periodic, reference_grid: [8, 4], non_linearity: silu}",
     {4, {1, 5, 7, 1}},
     {4, {2, 12, 23, 1}},
     SMOOTH},
    {"mgno",
     "{pre_smoothing: [2, 1], hidden_channels: 2, n_layers: 1, boundary: reflect, skip: null, "
     "smoother_bias: true, layer_norm: affine, transfer_margin: 0, up_kernel: 3, widening: true, "
     "cycle_norm: plain}",
     {4, {2, 5, 6, 1}},
     {4, {2, 17, 30, 1}},
     SMOOTH},
    {"mgno",
     "{pre_smoothing: [1, 1, 1, 1], hidden_channels: 2, n_layers: 1, layer_norm: plain, "
     "transfer_init: textbook, non_linearity: relu}",
     {3, {3, 17, 1}},
     {3, {3, 129, 1}},
     SMOOTH},
    {"mgno",
     "{pre_smoothing: [1, 1], hidden_channels: 2, n_layers: 1, boundary: reflect, head: cycle, "
     "reference_grid: 3, transfer_init: textbook}",
     {5, {1, 4, 3, 2, 1}},
     {5, {2, 8, 7, 6, 1}},
     SMOOTH},

    {"lsm",
     "{patch: 1, width: 4, heads: 2, in_channels: 2}",
     {3, {3, 37, 2}},
     {3, {3, 130, 2}},
     TRAINED_KINKS},
    {"lsm",
     "{patch: [1, 1], width: 6, heads: 3, tokens: 3, basis: 2, in_channels: 2, out_channels: 3, "
     "projection_channels: 5}",
     {4, {3, 17, 22, 2}},
     {4, {3, 33, 40, 2}},
     TRAINED_KINKS},
    {"lsm",
     "{patch: [1, 2], width: 4, heads: 1, tokens: 2, padding: [0, 3], norm: instance_norm}",
     {4, {1, 17, 29, 1}},
     {4, {3, 17, 29, 1}},
     KINKS},
    {"lsm",
     "{patch: [1, 1, 1], width: 2, heads: 2, tokens: 2, basis: 3, padding: [0, 1, 2]}",
     {5, {2, 16, 16, 16, 1}},
     {5, {3, 16, 16, 16, 1}},
     TRAINED_KINKS},
    {"lsm",
     "{patch: [2, 1], width: 4, heads: 2, basis: 3}",
     {4, {2, 32, 35, 1}},
     {4, {3, 32, 35, 1}},
     KINKS},
    {"lsm_irregular", /* harmonics of the map multiply roundings by 400 */
     "{" LSM_MAP "}",
     {3, {2, 19, 2}},
     {3, {3, 67, 2}},
     true,
     true,
     1e-3,
     1e-2},
    {"lsm_irregular",
     "{" LSM_MAP ", in_channels: 6, out_channels: 2, code_channels: 3, mirror: exact, "
     "norm: instance_norm}",
     {3, {1, 19, 6}},
     {3, {3, 67, 6}},
     false,
     true,
     1e-3,
     1e-2},

    {"unet",
     "{width: 3, depth: 2, in_channels: 2, out_channels: 3}",
     {4, {3, 9, 14, 2}},
     {4, {3, 18, 28, 2}},
     TRAINED_KINKS},
    {"unet",
     "{dim: 1, width: 4, depth: 3, up: linear, norm: group_norm, norm_groups: 2, activation: silu, "
     "boundary: periodic}",
     {3, {2, 37, 1}},
     {3, {3, 137, 1}},
     KINKS},
    {"unet",
     "{dim: 3, width: 2, depth: 1, norm: 'null', activation: tanh, boundary: reflect}",
     {5, {1, 5, 4, 7, 1}},
     {5, {2, 5, 9, 7, 1}},
     KINKS},
    {"unet_modern",
     "{width: 8, multipliers: [1, 2, 2]}",
     {4, {1, 8, 12, 1}},
     {4, {3, 8, 12, 1}},
     KINKS},
    {"unet_modern",
     "{dim: 1, width: 5, multipliers: [2, 1], norm: 'null', activation: relu, boundary: periodic, "
     "in_channels: 2, out_channels: 3}",
     {3, {2, 14, 2}},
     {3, {3, 140, 2}},
     KINKS},
    {"unet_modern",
     "{dim: 3, width: 8, multipliers: 1, boundary: replicate}",
     {5, {1, 3, 4, 5, 1}},
     {5, {2, 3, 4, 5, 1}},
     KINKS},
    {"resnet",
     "{width: 5, n_blocks: 2, in_channels: 2, out_channels: 3, padding: [2, 0]}",
     {4, {2, 7, 10, 2}},
     {4, {3, 17, 20, 2}},
     TRAINED_KINKS},
    {"resnet",
     "{dim: 1, width: 4, n_blocks: 1, dilations: [1, 2, 4, 2], norm: layer_norm, kernel: 5, "
     "activation: silu, boundary: periodic}",
     {3, {2, 23, 1}},
     {3, {3, 130, 1}},
     KINKS},
    {"resnet",
     "{dim: 3, width: 4, n_blocks: 1, dilations: [1, 2], norm: instance_norm, padding: 1}",
     {5, {1, 4, 5, 6, 1}},
     {5, {2, 4, 5, 6, 1}},
     KINKS},
    {"convnext",
     "{width: 3, blocks: [1, 2, 1], layer_scale: 0.5, in_channels: 2, out_channels: 3}",
     {4, {2, 13, 18, 2}},
     {4, {3, 26, 18, 2}},
     KINKS},
    {"convnext",
     "{dim: 1, width: 5, blocks: [2, 0], kernel: 3, expansion: 2, layer_scale: 1, "
     "boundary: periodic}",
     {3, {2, 17, 1}},
     {3, {3, 170, 1}},
     KINKS},
    {"convnext",
     "{dim: 3, width: 2, blocks: 1, kernel: 5, layer_scale: 2}",
     {5, {1, 5, 4, 6, 1}},
     {5, {2, 5, 8, 6, 1}},
     KINKS},
    {"convnext",
     "{width: 3, blocks: [1, 1], kernel: 3, expansion: 3, response_norm: true}",
     {4, {2, 7, 6, 1}},
     {4, {3, 17, 26, 1}},
     KINKS},

    {"deeponet", "{" DEEPONET "latent: 3}", {3, {3, 7, 1}}, {3, {19, 7, 1}}, SMOOTH},
    {"deeponet",
     "{" DEEPONET "latent: 3, in_channels: 2, out_channels: 2, outputs: independent, "
     "activation: sine, frequencies: [1, 2], grid: periodic}",
     {4, {2, 4, 5, 2}},
     {4, {9, 4, 5, 2}},
     SMOOTH},
    {"deeponet",
     "{" DEEPONET "latent: 4, out_channels: 3, outputs: split_branch, activation: silu}",
     {5, {2, 3, 2, 3, 1}},
     {5, {17, 3, 2, 3, 1}},
     SMOOTH},
    {"deeponet",
     "{" DEEPONET "latent: 4, in_channels: 3, out_channels: 2, outputs: split_trunk, "
     "coordinates: 2, activation: gelu, initialization: glorot_uniform}",
     {3, {2, 9, 3}},
     {3, {18, 9, 3}},
     SMOOTH},
    {"deeponet",
     "{" DEEPONET "latent: 2, in_channels: 6, coordinates: 1, shared_points: true, "
     "sensors: repeated}",
     {3, {2, 11, 6}},
     {3, {18, 71, 6}},
     SMOOTH},
    {"deeponet",
     "{" DEEPONET "latent: 3, branch_conv: [3, 4], in_channels: 2}",
     {4, {2, 9, 12, 2}},
     {4, {9, 9, 12, 2}},
     false,
     true,
     1e-5,
     1e-4},
    {"multionet",
     "{width: 6, layers: 3, used: 2, in_channels: 2, out_channels: 2}",
     {3, {2, 7, 2}},
     {3, {17, 7, 2}},
     SMOOTH},
    {"multionet",
     "{width: 5, layers: 2, in_channels: 3, coordinates: 2, activation: silu}",
     {3, {2, 9, 3}},
     {3, {17, 9, 3}},
     SMOOTH},
    {"pod_deeponet",
     "{branch: [4], modes: 3, out_channels: 2}",
     {4, {2, 3, 5, 1}},
     {4, {17, 3, 5, 1}},
     SMOOTH},
    {"pod_deeponet",
     "{branch: [4], trunk: [5], modes: 2, learned: 3, in_channels: 2, out_channels: 2}",
     {3, {2, 8, 2}},
     {3, {17, 8, 2}},
     SMOOTH},
};
const int operator_sample_count = sizeof operator_samples / sizeof *operator_samples;

operator_case small_case(const operator_sample *s) {
  return (operator_case){s->type, s->options, s->small, s->training};
}

operator_case large_case(const operator_sample *s) {
  return (operator_case){s->type, s->options, s->large, s->training};
}

void check_every_operator_has_a_sample(void) {
  static const char *const names[] = {
#define RITZ_OPERATOR(name) #name,
#include "operators/operators.def"
#undef RITZ_OPERATOR
  };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    bool found = false;
    for (int k = 0; k < operator_sample_count; k++)
      found = found || strcmp(operator_samples[k].type, names[i]) == 0;
    if (!found) fail_msg("%s has no sample in tests/support/operator_samples.c", names[i]);
  }
}
