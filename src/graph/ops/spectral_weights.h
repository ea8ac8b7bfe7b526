/* SPDX-License-Identifier: BSD-3-Clause
 * W of a spectral convolution and the maps around it, as one rank uses them.
 *
 * Of a split field each rank mixes its share of the modes. Where the modes are all those of W, in
 * order, nothing else of W is read here, and no room is needed for more of gW. */
#ifndef RITZ_GRAPH_SPECTRAL_WEIGHTS_H
#define RITZ_GRAPH_SPECTRAL_WEIGHTS_H

#include "graph/ops/mode_share.h"
#include "graph/ops/ops.h"
#include "kernels/spectral_chain.h"

/** Operands 2 and 3 are the maps that are there, A first. */
typedef struct ritz_spectral_attr {
  ritz_spectral_options options;
  bool map_in, map_out;
} ritz_spectral_attr;

/** Rows of W that are used here: [first, first + count) of all. */
typedef struct ritz_weight_rows {
  ritz_index all, first, count;
  bool own; /* which no other rank uses */
} ritz_weight_rows;

/** @return  The map A or C, or NULL. */
const ritz_node *ritz_map_in(const ritz_node *node);
const ritz_node *ritz_map_out(const ritz_node *node);

/** Checks W and the maps against each other and the channels of operand 0. @param planes  Of W: 2,
 * of real spectra 1. @param co  Channels of the output. RITZ_ERR_SHAPE */
ritz_status ritz_spectral_weights_check(const ritz_node *node, int planes, ritz_index *co);

/** @param modes  Of all ranks, @p share of which are mixed here. */
ritz_weight_rows ritz_weight_rows_of(const ritz_node *node, ritz_index modes,
                                     const ritz_mode_share *share);

/** Operands and gradients for the chain, whose row 0 of W is rows->first. */
ritz_mode_weights ritz_spectral_weights(const ritz_node *node, const ritz_weight_rows *rows);
ritz_mode_gradients ritz_spectral_gradients(const ritz_node *node, const ritz_weight_rows *rows);

/** op->streams: gW row by row. */
bool ritz_spectral_streams(const ritz_node *node, int i);

#endif
