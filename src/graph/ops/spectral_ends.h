/* SPDX-License-Identifier: BSD-3-Clause
 * The two ends of a spectral convolution, x and y: a field there, its modes here.
 *
 * How they come there says mode_end.h. What a transform does along the last axis chains of row ops
 * may do in its place (op.h). */
#ifndef RITZ_GRAPH_SPECTRAL_ENDS_H
#define RITZ_GRAPH_SPECTRAL_ENDS_H

#include "graph/ops/mode_end.h"
#include "graph/ops/spectral_modes.h"
#include "graph/ops/spectral_weights.h"
#include "kernels/spectral_chain.h"

typedef struct ritz_spectral_state {
  ritz_axis_modes axis[3];
  ritz_index modes;
  ritz_mode_share share; /* what is mixed here: all modes unless the field is split */
  ritz_weight_rows rows; /* of W */
  ritz_mode_end end[2];  /* of x, of y */
  ritz_mode_chain *chain;
  size_t blocks, planes; /* of a mode that a transform gives, and that it takes; real: 1 */
} ritz_spectral_state;

/** Plans both ends of a node whose modes and mixing are planned, and asks for all its memory. */
ritz_status ritz_spectral_ends_plan(ritz_node *node, bool gradients);
void ritz_spectral_ends_destroy(ritz_spectral_state *state);

/** X of x, which is saved, or backward G of gy. @return the own modes, [count, 3 (real: 1), B, C].
 */
const void *ritz_spectral_take(const ritz_node *node, bool backward);
/** @return  Room for Y, or backward GX: the own modes, [count, 2 (real: 1), B, C]. */
void *ritz_spectral_room(const ritz_node *node, bool backward);
/** y of Y, or gx (+)= of GX, which are there. */
void ritz_spectral_give(const ritz_node *node, bool backward);

/** Room for what the chain wants to see again, behind the saved X. */
char *ritz_spectral_saved_by_chain(const ritz_node *node);
/** Scratch that is free for all. */
char *ritz_spectral_work(const ritz_node *node);

void ritz_spectral_traffic(const ritz_node *node, bool backward, ritz_traffic *traffic);

extern const ritz_line_ends ritz_spectral_line_ends;

#endif
