/* SPDX-License-Identifier: BSD-3-Clause
 * Softmax attention over tokens and over windows of the grid.
 * Conventions: ritz/ops.h. */
#ifndef RITZ_OPS_ATTENTION_H
#define RITZ_OPS_ATTENTION_H

#include <ritz/graph.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ritz_attention_options {
  ritz_index heads;   /**< Default 1. Head h has channels h d ... (h + 1) d - 1. */
  double scale;       /**< Default 0: 1 / sqrt(d) with d channels of q per head. */
  ritz_var log_scale; /**< Default none. [heads]: scores are cosines, with q and k divided by their
                           lengths and scale = exp(min(log_scale, log 100)).
                           Liu et al. 2022, arXiv:2111.09883, Sec. 3.2. */
  ritz_var bias;      /**< Default none. Added to the scores; a parameter or a computed value. */
  uint64_t reserved[RITZ_RESERVED]; /**< Zeros: room for fields to come. */
} ritz_attention_options;

/** Fills @p options with the defaults stated at its fields. */
RITZ_API void ritz_attention_options_defaults(ritz_attention_options *options);

/**
 * Attention, out_i = sum over j of p_ij v_j with p_i the softmax over j of
 * scale q_i . k_j + bias_ij, for each head. Vaswani et al. 2017, arXiv:1706.03762.
 *
 * All grid points of a sample are its tokens, in row-major order.
 *
 * @param q        [B, Tq axes, heads d], or [Tq, heads d]: the same queries for all samples.
 * @param k        [B, Tk axes, heads d].
 * @param v        [B, Tk axes, heads dv].
 * @param options  NULL: the defaults. bias is [Tq, Tk, heads].
 * @return         [B, Tq axes, heads dv].
 *
 * Distribution: a ring of keys and values where q and k are split, sums over ranks where only k is;
 * gathered with a bias.
 * Cost: 2 B heads Tq Tk (d + dv) flops, 5/2 of it for the gradients; the scores are never stored.
 */
RITZ_API ritz_var ritz_attention(ritz_graph *graph, ritz_var q, ritz_var k, ritz_var v,
                                 const ritz_attention_options *options);

typedef struct ritz_attention_windows {
  ritz_index window[3]; /**< Points of a window along each axis; 0 ends the list. They divide the
                             grid. */
  ritz_index shift[3];  /**< The windows start at this point of the grid and wrap around its end.
                             Default 0. An axis with one window is not shifted. */
  bool periodic; /**< What a shift brings together across the ends of the grid are neighbours:
                      no mask. Default false: they do not see each other. */
  uint64_t reserved[RITZ_RESERVED]; /**< Zeros: room for fields to come. */
} ritz_attention_windows;

/**
 * Attention within windows of the grid (shifted: Liu et al. 2021, arXiv:2103.14030, Sec. 3.2).
 *
 * q, or k and v together, may instead be tokens of the windows, [B, grid / window, T, C]: what a
 * window's points tell its tokens, and the reverse.
 *
 * @param q        [B, grid, heads d], or tokens, or [T, heads d]: the same tokens for all windows.
 * @param k, v     [B, grid, heads d] and [B, grid, heads dv], or tokens.
 * @param options  NULL: the defaults. bias is [2 w0 - 1, ..., heads] and belongs to the position of
 *                 the query less that of the key; for fields on the grid only.
 * @return         Like q, with heads dv channels.
 * Cost: 2 B heads Nq Wk (d + dv) flops for Nq queries in all and Wk keys of a window.
 */
RITZ_API ritz_var ritz_window_attention(ritz_graph *graph, ritz_var q, ritz_var k, ritz_var v,
                                        const ritz_attention_options *options,
                                        const ritz_attention_windows *windows);

#ifdef __cplusplus
}
#endif
#endif
