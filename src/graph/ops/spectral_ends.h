/* SPDX-License-Identifier: BSD-3-Clause
 * The two ends of a spectral convolution, x and y: a field there, its modes here.
 *
 * Without a split both ends are transforms, whose work along the last axis chains of row ops may do
 * (op.h). Of a split field each rank has its own modes: by sums over the ranks of what their points
 * give to all modes (mode_share.h), or by whole lines (mode_lines.h), whichever sends less. */
#ifndef RITZ_GRAPH_SPECTRAL_ENDS_H
#define RITZ_GRAPH_SPECTRAL_ENDS_H

#include "graph/ops/mode_lines.h"
#include "graph/ops/spectral_modes.h"
#include "graph/ops/spectral_weights.h"
#include "kernels/spectral_chain.h"

typedef struct ritz_spectral_end {
  ritz_transform *transform; /* of the points here; NULL: there are none, or by lines */
  ritz_mode_lines *lines;    /* or NULL */
  ritz_index block;          /* numbers of a row block of a mode */
  size_t rows, own;          /* bytes of one of the row blocks of all modes, of the own ones */
} ritz_spectral_end;

typedef struct ritz_spectral_state {
  ritz_axis_modes axis[3];
  ritz_index modes;
  ritz_mode_share share;    /* what is mixed here: all modes unless the field is split */
  ritz_weight_rows rows;    /* of W */
  ritz_spectral_end end[2]; /* of x, of y */
  ritz_mode_chain *chain;
  size_t blocks, planes; /* of a mode that a transform gives, and that it takes; real: 1 */
} ritz_spectral_state;

/** Plans both ends of a node whose modes are chosen, and asks for all its memory. */
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

double ritz_spectral_ends_flops(const ritz_spectral_state *state);
void ritz_spectral_traffic(const ritz_node *node, bool backward, ritz_traffic *traffic);

extern const ritz_line_ends ritz_spectral_line_ends;

#endif
