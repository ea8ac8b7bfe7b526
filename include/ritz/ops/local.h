/* SPDX-License-Identifier: BSD-3-Clause
 * Windows that move over the grid: convolution and pooling.
 * Conventions: ritz/ops.h. */
#ifndef RITZ_OPS_LOCAL_H
#define RITZ_OPS_LOCAL_H

#include <ritz/graph.h>
#include <ritz/window.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Options of a convolution; all zero is the default. */
typedef struct ritz_conv_options {
  ritz_window_options window; /**< Of the map from the larger grid to the smaller. */
  ritz_index groups;   /**< Channels fall into groups that do not mix; 0 (default): 1. As many as
                            channels: each channel has a window of its own (depthwise). */
  ritz_index extra[3]; /**< conv_transpose only: points more at the high end of y, < stride. */
  bool direct; /**< Products and sums as in the formula only. Default false: where they are faster,
                    transforms whose products are fewer: Winograd's minimal filtering of 3 x 3 taps
                    at stride 1 and 4 x 4 at 2 (Lavin & Gray 2016, arXiv:1509.09308), Fourier's of
                    tiles for large windows of channels alone. Errors go by the largest results, not
                    by each: Winograd's in float with 64 channels are up to 1.3e-6 of the largest,
                    those of sums 0.7e-6. */
  uint64_t reserved[RITZ_RESERVED]; /**< Zeros: room for fields to come. */
} ritz_conv_options;

/**
 * Convolution (a cross-correlation: no flip),
 *     y[b, p, k] = bias[k] + sum over t, c of w[t, c, k] x[b, p stride - low + t dilation, c].
 *
 * @param x        [B, X0, ..., Ci], 1 to 3 grid axes.
 * @param w        [K0, ..., Ci / groups, Co] parameter; group of k: k / (Co / groups).
 * @param bias     [Co] parameter, or RITZ_NO_VAR.
 * @param options  NULL: the defaults.
 * @return         [B, Y0, ..., Co], extents by the rule of ritz_window_options.
 *
 * Distribution: a halo. Cost: 2 B Y0 ... K0 ... Ci / groups Co flops.
 */
RITZ_API ritz_var ritz_conv(ritz_graph *graph, ritz_var x, ritz_var w, ritz_var bias,
                            const ritz_conv_options *options);

/**
 * Transposed convolution: the adjoint of ritz_conv() with the same weight and options, plus a bias.
 * With a boundary other than zeros, what leaves the grid of y comes back as the adjoint wants it
 * (periodic: on the other side).
 *
 * @param x     [B, X0, ..., Ci].
 * @param w     [K0, ..., Co / groups, Ci] parameter.
 * @param bias  [Co] parameter, or RITZ_NO_VAR.
 * @return      [B, Y0, ..., Co], Y = (X - 1) stride + dilation (K - 1) + 1 + extra - low - high.
 *
 * Distribution: a halo. Cost: 2 B X0 ... K0 ... Ci Co / groups flops.
 */
RITZ_API ritz_var ritz_conv_transpose(ritz_graph *graph, ritz_var x, ritz_var w, ritz_var bias,
                                      const ritz_conv_options *options);

/**
 * Largest number in each window, channel by channel: [B, X0, ..., C] -> [B, Y0, ..., C].
 *
 * Margins with RITZ_BOUNDARY_ZERO hold nothing, not zeros. The gradient goes to the largest number,
 * the first of equal ones in the window (last axis fastest); NaN counts as larger than any number.
 *
 * @param window   Extents, one per grid axis.
 * @param options  A stride of 0 means the window's extent. NULL: windows side by side, no margins.
 *                 RITZ_ERR_SHAPE  a window without any point
 * Cost: one sweep over x and y; training keeps the places, as large as y.
 */
RITZ_API ritz_var ritz_max_pool(ritz_graph *graph, ritz_var x, const ritz_index *window,
                                const ritz_window_options *options);

/**
 * Mean over each window, as ritz_max_pool.
 *
 * @param count_zeros  Divide by the extent of the window, as if zero margins held zeros
 *                     (PyTorch's count_include_pad); else by the number of points in it.
 */
RITZ_API ritz_var ritz_average_pool(ritz_graph *graph, ritz_var x, const ritz_index *window,
                                    const ritz_window_options *options, bool count_zeros);

/** Mean over the grid: [B, X0, ..., C] -> [B, 1, ..., C]. */
RITZ_API ritz_var ritz_global_average_pool(ritz_graph *graph, ritz_var x);

#ifdef __cplusplus
}
#endif
#endif
