/* SPDX-License-Identifier: BSD-3-Clause
 * Mixing of channels through maps that all modes share, Y[m] = X[m] A W[m] C for each mode m: the
 * weights A W[m] C without writing them down. A or C may be missing. Blocks as in spectral.h. */
#ifndef RITZ_KERNELS_SPECTRAL_CHAIN_H
#define RITZ_KERNELS_SPECTRAL_CHAIN_H

#include "kernels/spectral.h"

typedef struct ritz_mode_chain ritz_mode_chain;

/** Weights, of a real mixing without the 2: A [2, Ci, Ri], W [weight modes, 2, Ri, Ro] (separable:
 * [weight modes, 2, R]) and C [2, Ro, Co]; NULL where there is none. */
typedef struct ritz_mode_weights {
  const void *in, *mixing, *out;
} ritz_mode_weights;

/** Their gradients; NULL: not wanted. `add`: to what is there. Without maps W's can go to `take`
 * row by row, and W may change there (ritz_mixing_vjp_rows()). */
typedef struct ritz_mode_gradients {
  void *in, *mixing, *out;
  bool add_in, add_mixing, add_out;
  ritz_index weight_modes;
  ritz_mixing_taker *take;
  void *taker;
} ritz_mode_gradients;

/**
 * @param mixing        Of W: channels_in = Ri, channels_out = Ro. Third blocks are set here.
 * @param channels_in   Ci with a map A; 0: no map, X has Ri channels.
 * @param channels_out  Co with a map C; 0: no map, Y has Ro channels.
 * @param threads       Threads the runs may use; results do not depend on it.
 * @param out           NULL on failure.
 */
ritz_status ritz_mode_chain_create(const ritz_mixing_shape *mixing, ritz_index channels_in,
                                   ritz_index channels_out, int threads, ritz_mode_chain **out);
void ritz_mode_chain_destroy(ritz_mode_chain **chain);

/** @return  Bytes between the runs: X A and X A W. */
size_t ritz_mode_chain_saved(const ritz_mode_chain *chain);
/** @return  Bytes of scratch each run needs; the caller provides both, 64-byte aligned. */
size_t ritz_mode_chain_scratch(const ritz_mode_chain *chain);
/** @return  Flops of one forward run. */
double ritz_mode_chain_flops(const ritz_mode_chain *chain);

/** Y [modes, 2, B, Co] of X [modes, 3, B, Ci]; fills @p saved. */
void ritz_mode_chain_forward(const ritz_mode_chain *chain, const void *x,
                             const ritz_mode_weights *weights, void *saved, void *y, void *scratch);
/**
 * The gradients of all weights that are wanted and of X.
 *
 * @param gy  [modes, 3, B, Co] in gradient order.
 * @param gx  [modes, 2, B, Ci]; NULL: not wanted.
 */
void ritz_mode_chain_vjp(const ritz_mode_chain *chain, const void *x, const void *saved,
                         const void *gy, const ritz_mode_weights *weights,
                         const ritz_mode_gradients *gradients, void *gx, void *scratch);

#endif
