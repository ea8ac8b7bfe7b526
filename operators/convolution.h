/* SPDX-License-Identifier: BSD-3-Clause
 * Pieces that convolutional networks share: parameters and ops of one layer together. */
#ifndef RITZ_OPERATORS_CONVOLUTION_H
#define RITZ_OPERATORS_CONVOLUTION_H

#include "operators/layers.h"

/** Choices of an option, in the order of ritz_boundary. */
#define RITZ_LAYER_BOUNDARIES "zero|periodic|reflect|replicate"

/** What the layers of one network have in common. */
typedef struct ritz_conv_style {
  ritz_index kernel;      /**< Odd extent along every axis; the grid keeps its size. */
  ritz_boundary boundary; /**< What lies beyond the ends of the grid. */
  bool bias;
  ritz_norm_kind norm;
  ritz_index groups; /**< Of a group norm. */
  ritz_activation *sigma;
} ritz_conv_style;

/**
 * Convolution NAME.weight [K, ..., Ci, Co], NAME.bias; both uniform in +-1/sqrt(Ci K ...).
 *
 * @param kernel  Extent along every axis. Odd: y has ceil(N / stride) points; even, and the
 *                stride or 2 more: floor(N / stride).
 */
ritz_var ritz_layer_conv(ritz_graph *g, ritz_params *p, ritz_var x, ritz_index out,
                         ritz_index kernel, ritz_index stride, ritz_index dilation,
                         const ritz_conv_style *style, const char *name);

/** The adjoint of such a convolution with an even kernel, to a grid @p stride times as fine:
 * NAME.weight [K, ..., Co, Ci] and NAME.bias, uniform in +-1/sqrt(Co K ...). */
ritz_var ritz_layer_conv_transpose(ritz_graph *g, ritz_params *p, ritz_var x, ritz_index out,
                                   ritz_index kernel, ritz_index stride, const char *name);

/** sigma( norm( conv( x ) ) ), called NAME.conv.NUMBER and NAME.norm.NUMBER. */
ritz_var ritz_layer_conv_unit(ritz_graph *g, ritz_params *p, ritz_var x, ritz_index out,
                              const ritz_conv_style *style, const char *name, int number);

/** Is a bias in front of this norm without effect? */
bool ritz_norm_takes_bias(ritz_norm_kind norm);

/** Two such units, 0 and 1, with @p middle channels between them. */
ritz_var ritz_layer_double_conv(ritz_graph *g, ritz_params *p, ritz_var x, ritz_index middle,
                                ritz_index out, const ritz_conv_style *style, const char *name);

/** Largest of each block of two points along every axis; a point left over is dropped. */
ritz_var ritz_layer_halve(ritz_graph *g, ritz_var x);

/** Twice the grid, linear with aligned corners. */
ritz_var ritz_layer_double(ritz_graph *g, ritz_var x);

/** Channels of @p skip and then of @p x, which gets zeros on both sides to reach its grid (the odd
 * one at the end). */
ritz_var ritz_layer_join(ritz_graph *g, ritz_var skip, ritz_var x);

#endif
