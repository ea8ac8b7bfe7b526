/* SPDX-License-Identifier: BSD-3-Clause
 * Samples of operators of Fourier modes and their kin. */
#include "operator_sample_rows.h"

#define MG_TFNO "n_modes: [4, 4], hidden_channels: 4, n_layers: 2, rank: 0.5"
#define T1      "width: 3, n_layers: 2, head_channels: 5, head_std: 0.7, "
#define UNO     "hidden_channels: 4, lifting_channels: 6, projection_channels: 5, "

static const operator_sample samples[] = {
    SAMPLE("fno",
           "{n_modes: [6, 5], hidden_channels: 6, n_layers: 2, in_channels: 2, out_channels: 3}",
           {4, {2, 7, 5, 2}}, {4, {3, 29, 29, 2}}, SMOOTH),
    SAMPLE("fno", "{n_modes: 5, hidden_channels: 4, n_layers: 2, norm: batch_norm}",
           {3, {3, 17, 1}}, {3, {3, 29, 1}}, TRAINED),
    SAMPLE("fno", "{n_modes: [4, 4], hidden_channels: 4, n_layers: 2, output_shape: [9, 6]}",
           {4, {2, 6, 7, 1}}, {4, {3, 29, 29, 1}}, SMOOTH),
    SAMPLE("fno",
           "{n_modes: [4, 4], hidden_channels: 4, n_layers: 2, resolution_scaling_factor: [0.5, "
           "2], domain_padding: [0.2, 0.1]}",
           {4, {1, 10, 8, 1}}, {4, {3, 30, 30, 1}}, SMOOTH),
    SAMPLE("fno",
           "{n_modes: [2, 3, 4], hidden_channels: 4, n_layers: 2, resolution_scaling_factor: 1.5, "
           "norm: group_norm, norm_groups: 2, non_linearity: tanh}",
           {5, {1, 4, 5, 4, 1}}, {5, {3, 11, 11, 11, 1}}, SMOOTH),
    SAMPLE("fno",
           "{n_modes: [4, 4], hidden_channels: 6, n_layers: 2, channel_mlp_dropout: 0.3, "
           "lifting_channel_ratio: 0, grid_boundaries: [0, 2, -1, 1]}",
           {4, {2, 7, 9, 1}}, {4, {3, 29, 29, 1}}, TRAINED),
    SAMPLE("fno_2020", "{modes: [3, 2], width: 4, padding: [2, 3], in_channels: 2}",
           {4, {2, 5, 6, 2}}, {4, {3, 29, 29, 2}}, SMOOTH),
    SAMPLE("fno_2020", "{modes: [1, 2, 3], width: 3, n_layers: 2, padding: [0, 0, 3]}",
           {5, {2, 3, 5, 4, 1}}, {5, {3, 11, 11, 11, 1}}, SMOOTH),
    SAMPLE("tfno", "{hidden_channels: 4, n_layers: 2, n_modes: [5, 4], rank: 0.4}",
           {4, {2, 7, 5, 1}}, {4, {2, 17, 16, 1}}, SMOOTH),
    SAMPLE("tfno",
           "{hidden_channels: 4, n_layers: 2, n_modes: [3, 4, 3], factorization: cp, "
           "implementation: factorized}",
           {5, {1, 4, 5, 3, 1}}, {5, {2, 8, 9, 7, 1}}, SMOOTH),
    SAMPLE("mg_tfno", "{" MG_TFNO "}", {4, {1, 8, 12, 1}}, {4, {3, 16, 12, 1}}, SMOOTH),
    SAMPLE("mg_tfno",
           "{" MG_TFNO
           ", levels: 2, padding_fraction: [0.0625, 0], in_channels: 2, out_channels: 3}",
           {4, {1, 16, 16, 2}}, {4, {2, 32, 16, 2}}, SMOOTH),
    SAMPLE("mg_tfno", "{" MG_TFNO ", random_patches: true}", {4, {2, 8, 12, 1}},
           {4, {3, 16, 12, 1}}, TRAINED),
    SAMPLE("uno",
           "{" UNO "n_layers: 3, uno_out_channels: [3, 5, 4], uno_n_modes: [[4, 3], [3, 3], [4, "
           "4]], uno_scalings: [[1, 1], [0.5, 0.5], [2, 2]], channel_mlp_skip: linear}",
           {4, {2, 7, 6, 1}}, {4, {3, 29, 31, 1}}, SMOOTH),
    SAMPLE("uno", /* two skips from one block, onto other grids */
           "{" UNO
           "n_layers: 4, uno_out_channels: [5, 5, 4, 4], uno_n_modes: [[3, 3], [2, 2], [3, 2], [3, "
           "3]], uno_scalings: [[0.5, 0.7], [1, 1], [1.5, 2], [2, 1]], channel_mlp_skip: null, "
           "horizontal_skips_map: {\"3\": 0, \"2\": 0}, horizontal_skip: soft-gating, norm: "
           "group_norm, resample: reference, in_channels: 2, out_channels: 3}",
           {4, {1, 6, 7, 2}}, {4, {3, 30, 20, 2}}, SMOOTH),
    SAMPLE("uno",
           "{hidden_channels: 4, projection_channels: 5, n_layers: 2, uno_out_channels: [4, 4], "
           "uno_n_modes: [4, 4], uno_scalings: [0.5, 2], horizontal_skips_map: [], preactivation: "
           "true, norm: batch_norm, domain_padding: 0.3, channel_mlp_skip: soft-gating, fno_skip: "
           "identity, stabilizer: tanh, lifting_channels: 0, separable: true, non_linearity: tanh}",
           {3, {3, 13, 1}}, {3, {3, 130, 1}}, TRAINED),
    SAMPLE("uno",
           "{" UNO "n_layers: 2, uno_out_channels: [3, 4], uno_n_modes: [[2, 3, 2], [2, 2, 3]], "
           "uno_scalings: [[0.5, 1, 0.6], [2, 1, 1.5]], channel_mlp_skip: linear, horizontal_skip: "
           "identity, channel_mlp_dropout: 0.2, grid_boundaries: [0, 1, 0, 2, -1, 1]}",
           {5, {1, 4, 3, 5, 1}}, {5, {2, 9, 8, 11, 1}}, TRAINED),
    SAMPLE("uno_2022",
           "{modes: [[2, 2], [1, 2], [1, 1], [1, 2], [2, 3]], width: 3, in_channels: 2, residual: "
           "true, norm_blocks: [1, 4], domain_padding: [0.4, 0.2], projection_channel_ratio: 1.5}",
           {4, {2, 7, 9, 2}}, {4, {3, 29, 31, 2}}, SMOOTH),
    SAMPLE("uno_2022",
           "{modes: [2, 1, 3], depth: 1, width: 4, positional_embedding: periodic, lifting_skip: "
           "true, out_channels: 3}",
           {3, {2, 11, 1}}, {3, {3, 130, 1}}, SMOOTH),
    SAMPLE("uno_2022",
           "{modes: [[1, 1, 2], [1, 1, 1], [1, 2, 1]], depth: 1, width: 2, positional_embedding: "
           "null}",
           {5, {1, 4, 5, 6, 1}}, {5, {2, 9, 8, 11, 1}}, SMOOTH),
    SAMPLE("t1", "{" T1 "modes: [3, 3], signal_resolution: [7, 6]}", {4, {2, 7, 6, 1}},
           {4, {3, 29, 31, 1}}, SMOOTH),
    SAMPLE("t1",
           "{" T1 "modes: 4, signal_resolution: 9, padding: 3, non_linearity: sine, weight_init: "
           "fan_in, basis: fourier, in_channels: 2, out_channels: 2}",
           {3, {2, 9, 2}}, {3, {3, 200, 2}}, SMOOTH),
    SAMPLE("t1",
           "{" T1 "modes: [2, 3, 2], signal_resolution: [4, 4, 3], non_linearity: tanh, padding: "
           "[0, 1, 2], perform_inverse: false}",
           {5, {1, 4, 3, 5, 1}}, {5, {2, 9, 8, 11, 1}}, SMOOTH),
    SAMPLE("t1u", "{modes: [4, 6], signal_resolution: [7, 6], channel_exponent: 1, depth: 2}",
           {4, {3, 7, 6, 1}}, {4, {3, 29, 31, 1}}, TRAINED_KINKS),
    SAMPLE("t1u",
           "{modes: 10, signal_resolution: 11, channel_exponent: 2, depth: 3, padding: 2, "
           "weight_init: fan_in, basis: fourier, non_linearity: tanh, in_channels: 2, "
           "out_channels: 2}",
           {3, {2, 11, 2}}, {3, {3, 200, 2}}, KINKS),
    SAMPLE("t1u",
           "{modes: [2, 4, 2], signal_resolution: [4, 5, 3], channel_exponent: 1, depth: 1, "
           "perform_inverse: false}",
           {5, {1, 4, 5, 3, 1}}, {5, {2, 9, 8, 11, 1}}, KINKS),
    SAMPLE("local_no",
           "{n_modes: [4, 4], hidden_channels: 4, n_layers: 2, default_in_shape: [7, 6]}",
           {4, {2, 7, 6, 1}}, {4, {3, 14, 13, 1}}, SMOOTH),
    SAMPLE("local_no",
           "{n_modes: [4, 4], hidden_channels: 4, n_layers: 2, default_in_shape: [6, 7], "
           "use_channel_mlp: true, norm: group_norm, in_channels: 2, diff_layers: last, "
           "mix_derivatives: false, conv_padding_mode: zeros, disco_groups: 2, disco_bias: false, "
           "disco_kernel_shape: [3, 3], radius_cutoff: 1.2, domain_length: [2, 3]}",
           {4, {1, 6, 7, 2}}, {4, {2, 12, 15, 2}}, SMOOTH),
    SAMPLE("local_no",
           "{n_modes: 4, hidden_channels: 4, n_layers: 2, default_in_shape: 9, disco_layers: none, "
           "preactivation: true, fin_diff_kernel_size: 5, conv_padding_mode: replicate, "
           "domain_padding: 0.2, stabilizer: tanh}",
           {3, {2, 9, 1}}, {3, {3, 100, 1}}, SMOOTH),
    SAMPLE("local_no",
           "{n_modes: [2, 2, 2], hidden_channels: 3, n_layers: 2, default_in_shape: [4, 4, 4], "
           "disco_layers: none, conv_padding_mode: reflect, positional_embedding: null}",
           {5, {1, 4, 3, 5, 1}}, {5, {2, 5, 6, 7, 1}}, SMOOTH),
    SAMPLE("afno",
           "{img_size: [6, 8], patch_size: [2, 2], embed_dim: 6, depth: 2, num_blocks: 3, "
           "mlp_ratio: 2}",
           {4, {1, 6, 8, 1}}, {4, {3, 6, 8, 1}}, KINKS),
    SAMPLE("afno",
           "{img_size: 15, patch_size: 3, embed_dim: 4, depth: 2, num_blocks: 1, mlp_ratio: 1.5, "
           "in_channels: 2, out_channels: 3, double_skip: false, drop_rate: 0.2}",
           {3, {1, 15, 2}}, {3, {3, 15, 2}}, TRAINED_KINKS),
    SAMPLE("afno",
           "{img_size: [4, 6, 4], patch_size: [2, 2, 1], embed_dim: 3, depth: 2, mixer: gfn, "
           "mlp_ratio: 2}",
           {5, {1, 4, 6, 4, 1}}, {5, {3, 4, 6, 4, 1}}, SMOOTH),
    SAMPLE("sfno",
           "{modes: [2, 2, 2], width: 4, n_layers: 2, in_channels: 3, latent_steps: 3, "
           "out_channels: 2}",
           {4, {2, 4, 5, 3}}, {4, {3, 11, 13, 3}}, false, false, 1e-4, 1e-4),
    SAMPLE("sfno",
           "{modes: [1, 3, 1], width: 5, n_layers: 3, in_channels: 4, latent_steps: 1, "
           "out_channels: 1, activation: tanh, channel_expansion: 1, beta: -1, bias_scale: 1}",
           {4, {1, 5, 7, 4}}, {4, {2, 9, 17, 4}}, false, false, 1e-4, 1e-4),
};

const operator_rows fourier_rows = {sizeof samples / sizeof *samples, samples};
