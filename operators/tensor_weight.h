/* SPDX-License-Identifier: BSD-3-Clause
 * Spectral weights given by factors. Kossaifi et al. 2023, arXiv:2310.00120, Sec. 3.
 *
 * The weight D[(l,) i, o, k0, k1, ...] of extents Ci, Co and the rows of the modes (with l, the
 * layer, where all layers share one tensor; with one channel axis where it acts channel by
 * channel) is
 *
 *   tucker  sum over a.. of core[a..] prod over axes of U_axis[index, a_axis]
 *   cp      sum over r of weights[r] prod over axes of U_axis[index, r]
 *   tt      G_0[i] G_1[o] G_2[k0] ..., a product of matrices
 *
 * A convolution with it either passes the spectrum through the channel factors (factorized) or
 * writes the dense weight down first (reconstructed); results agree to rounding. */
#ifndef RITZ_OPERATORS_TENSOR_WEIGHT_H
#define RITZ_OPERATORS_TENSOR_WEIGHT_H

#include <ritz/ops.h>

#include "operators/tensor_rank.h"

typedef enum ritz_tensor_implementation {
  RITZ_TENSOR_AUTO, /* fewer flops, see ritz_tensor_cost() */
  RITZ_TENSOR_FACTORIZED,
  RITZ_TENSOR_RECONSTRUCTED
} ritz_tensor_implementation;

/** Options of a factorised weight: the first member of a configuration whose table lists
 * RITZ_TENSOR_OPTIONS. */
typedef struct ritz_tensor_config {
  int factorization, implementation;
  ritz_reals rank;
  ritz_ints fixed_rank_modes;
} ritz_tensor_config;

#define RITZ_TENSOR_OPTIONS(factorization_, rank_)                                             \
  RITZ_OPTION_CHOICE(ritz_tensor_config, factorization,                                        \
                     "null|tucker|cp|tt|dense|Tucker|CP|TT|Dense", factorization_,             \
                     "spectral weights as factors; null: dense"),                              \
      RITZ_OPTION_REALS(ritz_tensor_config, rank, 1e-9, 1e9, rank_,                            \
                        "up to 1: share of the dense numbers; above 1, or a list: the ranks"), \
      RITZ_OPTION_INTS(ritz_tensor_config, fixed_rank_modes, 0, RITZ_TENSOR_AXES - 1, "null",  \
                       "tucker: axes (channels in, channels out, modes) that keep full rank"), \
      RITZ_OPTION_CHOICE(ritz_tensor_config, implementation, "auto|factorized|reconstructed",  \
                         "auto", "spectra through the factors, or dense weights; auto: cheaper")

/** Of the names twice in the list, the second ones as the reference spells them. */
static inline ritz_factorization ritz_factorization_of(const ritz_tensor_config *config) {
  return (ritz_factorization)(config->factorization % 4);
}

/** What a weight is for. */
typedef struct ritz_tensor_shape {
  const ritz_tensor_config *config;
  const char *name; /* its parameters are NAME.core, NAME.in, ... */
  int dim;
  ritz_index in, out;
  ritz_index rows[3]; /* per mode axis */
  bool separable;     /* in = out */
  int layers;         /* that share one tensor; 0: the tensor is of one layer */
} ritz_tensor_shape;

/** The parameters of a weight in a graph. */
typedef struct ritz_tensor_weight {
  ritz_tensor_shape shape;
  int order;                         /* of D */
  ritz_index rank[RITZ_TENSOR_AXES]; /* as ritz_tensor_ranks() gives them */
  ritz_var layers;                   /* [layers, 2, R], factor of the layer axis */
  ritz_var in, out;                  /* [2, Ci, R0], [2, R1, Co] (not tt) */
  ritz_var channels;                 /* separable: [R, 2, C] */
  ritz_var core;    /* tucker [.., 2, R0, R1], cp weights [2, R], tt [R, 2, R1, Co] */
  ritz_var mode[3]; /* tucker, cp [K, 2, R]; tt the matrices' product in mode[0], [K.., 2, R] */
} ritz_tensor_weight;

/** Flops of one convolution with @p modes modes and @p batch samples, forward. */
typedef struct ritz_tensor_costs {
  double factorized, reconstructed;
} ritz_tensor_costs;

/** What is wrong with rank or fixed_rank_modes for this weight. */
ritz_status ritz_tensor_check(const ritz_tensor_shape *shape);

/** Adds the parameters, complex normals whose product has standard deviation
 * sqrt(2 / (in + out)); tt: smaller, as in the reference. An error latches in the graph. */
ritz_tensor_weight ritz_tensor_weight_add(ritz_graph *g, ritz_params *p,
                                          const ritz_tensor_shape *shape);

/** Costs of the two ways; equal for separable weights, which have but one. */
ritz_tensor_costs ritz_tensor_cost(const ritz_tensor_weight *weight, ritz_index modes,
                                   ritz_index batch);

/** Spectral convolution of @p v with the weight of @p layer (0 unless layers share it). */
ritz_var ritz_tensor_conv(ritz_graph *g, ritz_var v, const ritz_tensor_weight *weight, int layer,
                          const ritz_spectral_options *options);

#endif
