/* SPDX-License-Identifier: BSD-3-Clause
 * The block of neuraloperator 2.0 that FNO and its relatives are made of, and the options that all
 * of them have. Kossaifi et al. 2024, arXiv:2412.10354.
 *
 *     w = sigma( K v + b + W v ),   v' = sigma( M w + G v )
 *
 * K spectral convolution, W skip, M channel MLP, G its skip; a block that is the last of its
 * operator has no sigma outside M. */
#ifndef RITZ_OPERATORS_FNO_BLOCK_H
#define RITZ_OPERATORS_FNO_BLOCK_H

#include "core/options.h"
#include "operators/layers.h"
#include "operators/tensor_weight.h"

/** Options of a block: the first member of an operator's configuration, whose table lists
 * RITZ_FNO_BLOCK_OPTIONS. */
typedef struct ritz_fno_block_config {
  ritz_tensor_config tensor; /* first, as its options want it */
  int non_linearity, norm, fno_skip, channel_mlp_skip, stabilizer, resample, fno_block_precision;
  ritz_index norm_groups;
  double channel_mlp_expansion, channel_mlp_dropout;
  bool separable, preactivation, enforce_hermitian_symmetry;
} ritz_fno_block_config;

#define RITZ_FNO_BLOCK_OPTIONS RITZ_FACTORIZED_BLOCK_OPTIONS("null", "1")

/** The same with another factorization and rank by default. */
#define RITZ_FACTORIZED_BLOCK_OPTIONS(factorization_, rank_)                                      \
  RITZ_OPTION_CHOICE(ritz_fno_block_config, non_linearity, "gelu|relu|tanh", "gelu",              \
                     "activation of blocks, lifting and projection"),                             \
      RITZ_OPTION_CHOICE(ritz_fno_block_config, norm, "null|instance_norm|group_norm|batch_norm", \
                         "null", "norm after convolution and channel MLP"),                       \
      RITZ_OPTION_INT(ritz_fno_block_config, norm_groups, 1, 1 << 20, "1",                        \
                      "groups of group_norm"),                                                    \
      RITZ_OPTION_REAL(ritz_fno_block_config, channel_mlp_expansion, 0, 1000, "0.5",              \
                       "hidden width of the channel MLP / channels of the block"),                \
      RITZ_OPTION_REAL(                                                                           \
          ritz_fno_block_config, channel_mlp_dropout, 0, 0.999, "0",                              \
          "probability that a number is dropped after each of its layers, in training"),          \
      RITZ_OPTION_CHOICE(ritz_fno_block_config, fno_skip, "null|linear|identity|soft-gating",     \
                         "linear", "W, the skip around the convolution"),                         \
      RITZ_OPTION_CHOICE(ritz_fno_block_config, channel_mlp_skip,                                 \
                         "null|linear|identity|soft-gating", "soft-gating",                       \
                         "G, the skip around the channel MLP"),                                   \
      RITZ_OPTION_CHOICE(ritz_fno_block_config, resample, "correct|reference", "correct",         \
                         "how spectra change grids; reference: as neuraloperator 2.0 does"),      \
      RITZ_OPTION_CHOICE(ritz_fno_block_config, stabilizer, "null|tanh", "null",                  \
                         "applied to the input of the convolution"),                              \
      RITZ_TENSOR_OPTIONS(factorization_, rank_),                                                 \
      RITZ_OPTION_BOOL(ritz_fno_block_config, separable, "false",                                 \
                       "spectral weights act channel by channel"),                                \
      RITZ_OPTION_BOOL(ritz_fno_block_config, preactivation, "false",                             \
                       "activation and norm before the maps"),                                    \
      RITZ_OPTION_CHOICE(ritz_fno_block_config, fno_block_precision, "full", "full",              \
                         "precision of a block"),                                                 \
      RITZ_OPTION_BOOL(                                                                           \
          ritz_fno_block_config, enforce_hermitian_symmetry, "true",                              \
          "named by the reference; either value means the complex-to-real convention")

/** What is wrong with the options of blocks with @p channels channels. */
ritz_status ritz_fno_block_check(const ritz_fno_block_config *config, ritz_index channels,
                                 bool use_channel_mlp);

/** RITZ_ERR_CONFIG unless the training grid has as many points as `n_modes` keeps modes. */
ritz_status ritz_fno_check_modes(const ritz_ints *n_modes, int dim, const ritz_index *grid);

/** RITZ_ERR_CONFIG unless `domain_padding` and `grid_boundaries` (NULL: no such option) are for the
 * @p dim axes of the option called @p modes. */
ritz_status ritz_fno_check_ends(const char *modes, int dim, const ritz_reals *padding,
                                const ritz_reals *boundaries);

/** The activation sigma. */
ritz_activation *ritz_fno_block_activation(const ritz_fno_block_config *config);

struct ritz_fno_block;

/** What an operator adds to the convolution of a block, from the same input. */
typedef ritz_var ritz_fno_branch(ritz_graph *g, ritz_params *p, ritz_var v,
                                 const struct ritz_fno_block *block, const void *owner);

/** One block of an operator. */
typedef struct ritz_fno_block {
  const ritz_fno_block_config *config;
  int number;     /* of block.NUMBER.* */
  bool last;      /* no sigma outside M */
  bool own_norms; /* its norms are block.NUMBER.norm.0 and .1; else norm.2 NUMBER and the next */
  bool use_channel_mlp; /* else w is all */
  int dim;
  ritz_index modes[3];              /* kept per axis; the last one counts frequencies >= 0 */
  ritz_index rows[3];               /* of the spectral weight per axis, >= modes */
  ritz_index channels;              /* of v' */
  const ritz_tensor_weight *weight; /* of all blocks together; NULL: each has its own */
  ritz_index grid[3];               /* of v' */
  bool one_norm;                    /* without a channel MLP: one norm and one sigma, not two */
  ritz_fno_branch *branch;          /* added to K v + b before the norm; NULL: nothing */
  const void *owner;                /* handed to it */
} ritz_fno_block;

/** v' with the parameters block.NUMBER.*. Skips move to the grid of v' by ritz_resize(). */
ritz_var ritz_layer_fno_block(ritz_graph *g, ritz_params *p, ritz_var v,
                              const ritz_fno_block *block);

/** Stored modes of an axis: of n_modes = n the last axis keeps the non-negative half, n / 2 + 1. */
static inline ritz_index ritz_stored_modes(ritz_index n, bool last_axis) {
  return last_axis ? n / 2 + 1 : n;
}

/** What stands around the blocks: lifting of the field and its coordinates, zeros around it,
 * projection. */
typedef struct ritz_fno_ends {
  bool embedding;                 /* coordinates i/N are appended */
  const ritz_reals *boundaries;   /* start and end of each axis for them; NULL or empty: 0 and 1 */
  const ritz_reals *fraction;     /* of zeros */
  ritz_index lifting, projection; /* hidden widths */
  ritz_index hidden, out;
  ritz_activation *lifting_sigma, *sigma;
} ritz_fno_ends;

/** Field x lifted to `hidden` channels, with zeros around it. */
ritz_var ritz_layer_fno_lifting(ritz_graph *g, ritz_params *p, ritz_var x,
                                const ritz_fno_ends *ends, ritz_padding *padding);
/** Field v without what is left of the zeros, projected to `out` channels. */
ritz_var ritz_layer_fno_projection(ritz_graph *g, ritz_params *p, ritz_var v,
                                   const ritz_fno_ends *ends, const ritz_padding *padding);

#endif
