/* SPDX-License-Identifier: BSD-3-Clause
 * Normalisation over the grid, the batch or the channels.
 * Conventions: ritz/ops.h. */
#ifndef RITZ_OPS_NORM_H
#define RITZ_OPS_NORM_H

#include <ritz/graph.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Group norm over the grid and the channels of a group, for each sample; biased variance.
 * groups = C is instance norm.
 *
 * @param w, b  [C] parameters, both or neither.
 * Wu & He 2018, arXiv:1803.08494.
 */
RITZ_API ritz_var ritz_group_norm(ritz_graph *graph, ritz_var x, ritz_index groups, double eps,
                                  ritz_var w, ritz_var b);

/**
 * Batch norm over batch and grid, channel by channel.
 *
 * In a training graph: statistics of the batch (biased variance), and a forward run moves the
 * running ones, r += momentum (batch - r), with the unbiased variance. Else the running ones.
 *
 * @param w, b            [C] parameters.
 * @param mean, variance  [C] untrained parameters.
 * Ioffe & Szegedy 2015, arXiv:1502.03167.
 */
RITZ_API ritz_var ritz_batch_norm(ritz_graph *graph, ritz_var x, double eps, double momentum,
                                  ritz_var w, ritz_var b, ritz_var mean, ritz_var variance);

/**
 * Global response norm, y_c = (1 + w_c G_c / (mean over channels of G + eps)) x_c + b_c with
 * G_c = |x_c| over the grid points of a sample. Woo et al. 2023, arXiv:2301.00808, Sec. 3.1.
 *
 * @param w, b  [C] parameters; zeros: the identity.
 * Distribution: a reduction. Cost: 4 P C flops, two sweeps over x.
 */
RITZ_API ritz_var ritz_response_norm(ritz_graph *graph, ritz_var x, double eps, ritz_var w,
                                     ritz_var b);

/**
 * Layer norm over the channels of each point, y = (x - mean) / sqrt(variance + eps) w + b; biased
 * variance. Ba, Kiros & Hinton 2016, arXiv:1607.06450.
 *
 * @param w, b  [C] parameters, both or neither.
 */
RITZ_API ritz_var ritz_layer_norm(ritz_graph *graph, ritz_var x, double eps, ritz_var w,
                                  ritz_var b);

/**
 * Root-mean-square norm over the channels of each point, y = x / sqrt(mean of x^2 + eps) w.
 * Zhang & Sennrich 2019, arXiv:1910.07467.
 *
 * @param w  [C] parameter, or RITZ_NO_VAR.
 */
RITZ_API ritz_var ritz_rms_norm(ritz_graph *graph, ritz_var x, double eps, ritz_var w);

#ifdef __cplusplus
}
#endif
#endif
