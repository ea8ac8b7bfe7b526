/* SPDX-License-Identifier: BSD-3-Clause
 * A grid in slabs along axis 0: who has which planes, what travels between neighbours, and sums
 * that do not depend on the cut. */
#ifndef RITZ_SOLVERS_SPLIT_SLABS_H
#define RITZ_SOLVERS_SPLIT_SLABS_H

#include "dist/layout.h"
#include "dist/transfer.h"

/** Planes of a grid over ranks. */
typedef struct ritz_slabs {
  ritz_comm *comm;
  int rank, size;
  ritz_index *offset; /* [size + 1]: those of rank r are offset[r] ... offset[r + 1] - 1 */
  int below, above;   /* the next ranks on either side that have planes; -1: none */
} ritz_slabs;

/** @param slabs  Its offsets are 0 then, and nobody is beside. Release with ritz_slabs_clear(). */
ritz_status ritz_slabs_init(ritz_comm *comm, ritz_slabs *slabs);
void ritz_slabs_clear(ritz_slabs *slabs);

/** The planes of nodes of a layout, and who is beside. @param h  [dim] distances between nodes.
 * RITZ_ERR_ARGUMENT  no grid of at least 3 nodes per axis in slabs, in two or three dimensions */
ritz_status ritz_slabs_of_layout(const ritz_layout *layout, const double *h, ritz_slabs *slabs);

/** Who is beside, once the offsets are set. */
void ritz_slabs_find_neighbours(ritz_slabs *slabs);

/** First plane of this rank, and the one behind its last. */
static inline ritz_index ritz_slabs_first(const ritz_slabs *slabs) {
  return slabs->offset[slabs->rank];
}
static inline ritz_index ritz_slabs_end(const ritz_slabs *slabs) {
  return slabs->offset[slabs->rank + 1];
}
/** Planes of the rank with the fewest. */
ritz_index ritz_slabs_thinnest(const ritz_slabs *slabs);

/**
 * sum[c] = value[p][c] over all planes p from 0 on, added in that order: the same bits for any cut
 * and on all ranks.
 *
 * @param value  [all planes][count]; those of this rank's are read, the others written.
 * Cost: a rank sends size - 1 times count numbers for each plane of the thickest slab.
 */
ritz_status ritz_slabs_sum(const ritz_slabs *slabs, int count, double *value, double *sum);

/* -- Ghost layers ------------------------------------------------------------------------------ */

/** The planes next to a slab, on either side, as its neighbours have them. */
typedef struct ritz_ghosts {
  const ritz_slabs *slabs;
  ritz_transfer *transfer; /* NULL: nobody is beside */
  ritz_index depth, bytes;
} ritz_ghosts;

/** For @p depth planes of @p bytes each; every rank has so many, or none and then its neighbours
 * are each other's (depth 1). The slabs must outlive it. @param ghosts  Release with
 * ritz_ghosts_clear(), also after a failure. */
ritz_status ritz_ghosts_init(const ritz_slabs *slabs, ritz_index depth, ritz_index bytes,
                             ritz_ghosts *ghosts);
void ritz_ghosts_clear(ritz_ghosts *ghosts);

/**
 * Sends what the neighbours want of the slab and has theirs come. Until ritz_ghosts_wait() the
 * planes sent must not change. All ranks start their exchanges in the same order.
 *
 * @param depth          At most that of the exchange.
 * @param before, after  [depth] planes: those right before the first own one, right behind the
 *                       last.
 * Cost: a rank sends depth bytes to each of its two neighbours.
 */
ritz_status ritz_ghosts_start(ritz_ghosts *ghosts, ritz_index depth, const void *own, void *before,
                              void *after);
ritz_status ritz_ghosts_wait(ritz_ghosts *ghosts);

#endif
