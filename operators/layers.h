/* SPDX-License-Identifier: BSD-3-Clause
 * Pieces that several architectures share: parameters and ops of one layer together. */
#ifndef RITZ_OPERATORS_LAYERS_H
#define RITZ_OPERATORS_LAYERS_H

#include <ritz/ops.h>

#include "core/options.h"

typedef ritz_var ritz_activation(ritz_graph *graph, ritz_var x);

/** Choices of an option, in the order of ritz_layer_activation(), which has "sine" behind them. */
#define RITZ_LAYER_ACTIVATIONS "relu|gelu|silu|tanh"
ritz_activation *ritz_layer_activation(int choice);

/** Latches a sentence and returns false unless x is [B, dim grid axes, channels]. */
bool ritz_layer_check_field(ritz_graph *g, ritz_var x, const char *owner, int dim,
                            ritz_index channels);

/** Linear map NAME.weight [Ci, Co], NAME.bias; both uniform in +-1/sqrt(Ci). */
ritz_var ritz_layer_linear(ritz_graph *g, ritz_params *p, ritz_var x, ritz_index out, bool bias,
                           const char *name);

/** Pointwise MLP NAME.0, NAME.1: Ci -> hidden -> out with sigma between; hidden = 0: one linear map
 * NAME.0. Dropout after every layer when its rate is positive. */
ritz_var ritz_layer_mlp(ritz_graph *g, ritz_params *p, ritz_var x, ritz_index hidden,
                        ritz_index out, ritz_activation *sigma, double dropout, const char *name);

/** Spectral convolution with modes[a] modes per corner and axis: NAME.weight [2 m0, ..., 2, Ci, Co]
 * has the frequencies -m ... m-1 of every axis but the last, 0 ... m-1 there.
 * @param grid  Of the output; NULL: that of x. */
ritz_var ritz_layer_corner_conv(ritz_graph *g, ritz_params *p, ritz_var x, const ritz_index *modes,
                                ritz_index out, const ritz_index *grid, ritz_init init,
                                const char *name);

typedef enum ritz_skip_kind {
  RITZ_SKIP_NONE,
  RITZ_SKIP_LINEAR, /* NAME.weight, no bias */
  RITZ_SKIP_IDENTITY,
  RITZ_SKIP_SOFT_GATING /* NAME.gate, starts as 1 */
} ritz_skip_kind;

/** Skip connection with @p out channels; RITZ_NO_VAR for none. RITZ_ERR_CONFIG: x has another
 * number of channels and the skip is not linear. */
ritz_var ritz_layer_skip(ritz_graph *g, ritz_params *p, ritz_var x, ritz_index out,
                         ritz_skip_kind kind, const char *name);

/** x + y, or x where y is RITZ_NO_VAR because there is none. */
ritz_var ritz_layer_add(ritz_graph *g, ritz_var x, ritz_var y);

/** x on another grid (ritz_resize), or x itself where the grid is the same. */
ritz_var ritz_layer_resize(ritz_graph *g, ritz_var x, const ritz_index *grid);

/** Zeros on both sides of each axis: points on one side, and the grid without them. */
typedef struct ritz_padding {
  ritz_index points[3], plain[3];
} ritz_padding;

/** round(fraction N) for an axis of @p n points: one fraction for all axes or one each, none: 0. */
ritz_index ritz_padding_points(const ritz_reals *fraction, int axis, ritz_index n);

/** Adds round(fraction N) zeros on both sides of each axis; without a fraction x itself. */
ritz_var ritz_layer_pad(ritz_graph *g, ritz_var x, const ritz_reals *fraction, ritz_padding *out);

/** Removes what is left of the padding: as much of x, on whatever grid, as it was of the grid
 * before. */
ritz_var ritz_layer_unpad(ritz_graph *g, ritz_var x, const ritz_padding *padding);

/** Instance norm without parameters, eps 1e-5. */
ritz_var ritz_layer_instance_norm(ritz_graph *g, ritz_var x);

/** Choices of an option, in the order of ritz_norm_kind. */
#define RITZ_LAYER_NORMS "null|batch_norm|instance_norm|group_norm|layer_norm"
typedef enum ritz_norm_kind {
  RITZ_NORM_NONE,
  RITZ_NORM_BATCH,    /* running statistics NAME.running_mean and NAME.running_var, momentum 0.1 */
  RITZ_NORM_INSTANCE, /* each channel over the grid of a sample */
  RITZ_NORM_GROUP,    /* groups of channels over the grid of a sample */
  RITZ_NORM_LAYER     /* the channels of each point */
} ritz_norm_kind;

/** RITZ_ERR_CONFIG unless the groups of a group norm, the option norm_groups, divide the channels.
 */
ritz_status ritz_layer_check_groups(ritz_index groups, ritz_index channels);

/** Norm with affine parameters NAME.weight and NAME.bias (1 and 0), eps 1e-5. @param groups  Of a
 * group norm. */
ritz_var ritz_layer_norm_of(ritz_graph *g, ritz_params *p, ritz_var x, ritz_norm_kind kind,
                            ritz_index groups, const char *name);

#endif
