/* SPDX-License-Identifier: BSD-3-Clause
 * Samples of operators of branches and trunks. */
#include "operator_sample_rows.h"

#define DEEPONET "branch: [5, 4], trunk: [6, 3], "

static const operator_sample samples[] = {
    SAMPLE("deeponet", "{" DEEPONET "latent: 3}", {3, {3, 7, 1}}, {3, {19, 7, 1}}, SMOOTH),
    SAMPLE("deeponet",
           "{" DEEPONET "latent: 3, in_channels: 2, out_channels: 2, outputs: independent, "
           "activation: sine, frequencies: [1, 2], grid: periodic}",
           {4, {2, 4, 5, 2}}, {4, {9, 4, 5, 2}}, SMOOTH),
    SAMPLE("deeponet",
           "{" DEEPONET "latent: 4, out_channels: 3, outputs: split_branch, activation: silu}",
           {5, {2, 3, 2, 3, 1}}, {5, {17, 3, 2, 3, 1}}, SMOOTH),
    SAMPLE("deeponet",
           "{" DEEPONET "latent: 4, in_channels: 3, out_channels: 2, outputs: split_trunk, "
           "coordinates: 2, activation: gelu, initialization: glorot_uniform}",
           {3, {2, 9, 3}}, {3, {18, 9, 3}}, SMOOTH),
    SAMPLE("deeponet",
           "{" DEEPONET
           "latent: 2, in_channels: 6, coordinates: 1, shared_points: true, sensors: repeated}",
           {3, {2, 11, 6}}, {3, {18, 71, 6}}, SMOOTH),
    SAMPLE("deeponet", "{" DEEPONET "latent: 3, branch_conv: [3, 4], in_channels: 2}",
           {4, {2, 9, 12, 2}}, {4, {9, 9, 12, 2}}, false, true, 1e-5, 1e-4),
    SAMPLE("multionet", "{width: 6, layers: 3, used: 2, in_channels: 2, out_channels: 2}",
           {3, {2, 7, 2}}, {3, {17, 7, 2}}, SMOOTH),
    SAMPLE("multionet", "{width: 5, layers: 2, in_channels: 3, coordinates: 2, activation: silu}",
           {3, {2, 9, 3}}, {3, {17, 9, 3}}, SMOOTH),
    SAMPLE("pod_deeponet", "{branch: [4], modes: 3, out_channels: 2}", {4, {2, 3, 5, 1}},
           {4, {17, 3, 5, 1}}, SMOOTH),
    SAMPLE("pod_deeponet",
           "{branch: [4], trunk: [5], modes: 2, learned: 3, in_channels: 2, out_channels: 2}",
           {3, {2, 8, 2}}, {3, {17, 8, 2}}, SMOOTH),
};

const operator_rows deeponet_rows = {sizeof samples / sizeof *samples, samples};
