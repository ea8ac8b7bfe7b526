/* SPDX-License-Identifier: BSD-3-Clause
 * Spectra of split fields. With the DFT as a matrix each rank's points give a part of a sum to
 * every kept mode: the parts are added so that each rank gets its share of the modes, works on
 * those, and all get the results. What travels is the kept modes, whatever the grid. */
#ifndef RITZ_GRAPH_MODE_SHARE_H
#define RITZ_GRAPH_MODE_SHARE_H

#include "dist/traffic.h"
#include "graph/distribute.h"
#include "kernels/spectral.h"

typedef struct ritz_mode_share {
  ritz_comm *comm;
  ritz_index modes;        /* of all ranks */
  ritz_index first, count; /* of this one */
  /* Set by the caller: spectra of one row block; of two, (Re, Im), both ways. */
  bool real, plain;
} ritz_mode_share;

/** All modes where @p layout is NULL; complex ones. */
ritz_mode_share ritz_mode_share_of(const ritz_layout *layout, ritz_index modes);

/** Adds an op that does so for itself; the result is split like operand 0, on its own grid. */
ritz_var ritz_add_on_modes(const ritz_addition *addition);

/** Says in @p shape what of the grid of @p field is here. */
void ritz_mode_share_grid(const ritz_node *field, ritz_transform_shape *shape);

/**
 * The own modes' sums over the ranks of spectra that are sums over each one's points.
 *
 * @param gradient  Row blocks (Re, Im, -Re), else (-Im, Re, Im), of both spectra.
 * @param block     Numbers of a row block, B C.
 * @param parts     [modes, 3 (real: 1, plain: 2), block].
 * @param sums      [count, 3 (real: 1, plain: 2), block].
 * @param work      ritz_mode_share_work() bytes.
 */
void ritz_mode_share_sum(const ritz_mode_share *share, const ritz_node *node, bool gradient,
                         ritz_index block, const void *parts, void *sums, void *work);
size_t ritz_mode_share_work(const ritz_mode_share *share, const ritz_node *node, ritz_index block);

/** Sets the third row block of each of the own modes, whose (Re, Im) stand where @p gradient says
 * above; nothing of real and plain spectra. */
void ritz_mode_share_complete(const ritz_mode_share *share, const ritz_node *node, bool gradient,
                              ritz_index block, void *own);

/** What the sum above, or the gather below, sends. */
void ritz_mode_share_sum_traffic(const ritz_mode_share *share, const ritz_node *node,
                                 ritz_index block, ritz_traffic *traffic);
void ritz_mode_share_gather_traffic(const ritz_mode_share *share, const ritz_node *node,
                                    ritz_index block, ritz_traffic *traffic);

/** All ranks' modes: own [count, 2, block] -> all [modes, 2, block]; one
 * plane of real spectra. */
void ritz_mode_share_gather(const ritz_mode_share *share, const ritz_node *node, ritz_index block,
                            const void *own, void *all);

#endif
