/* SPDX-License-Identifier: BSD-3-Clause
 * The Gaussian random field of gaussian3.h over slabs, with its bits: the sums of each number run
 * in the same order. */
#ifndef RITZ_SOLVERS_SPLIT_GAUSSIAN_H
#define RITZ_SOLVERS_SPLIT_GAUSSIAN_H

#include "dist/layout.h"
#include "solvers/fields/gaussian3.h"

typedef struct ritz_split_gaussian ritz_split_gaussian;

/**
 * @param layout   Of the nodes, cut along axis 0. Kept by the caller.
 * @param options  With the layout's nodes.
 * @param out      Holds 32 bytes per node of this rank, for as many modes as nodes. NULL on
 * failure, which is the rank's own.
 */
ritz_status ritz_split_gaussian_create(const ritz_layout *layout,
                                       const ritz_gaussian3_options *options,
                                       ritz_split_gaussian **out);
void ritz_split_gaussian_destroy(ritz_split_gaussian **gaussian);

/**
 * field = this rank's planes of sample number @p sample of @p seed. Collective; allocates nothing.
 *
 * Each rank draws the normals of its share of mode planes, and sums over the modes of axes 2 and 1;
 * exchanged for a share of rows, these are summed over the modes of axis 0 and exchanged for
 * planes. Cost: the flops of gaussian3.h, shared out; of P ranks each sends (P - 1) / P of its
 * share twice.
 */
ritz_status ritz_split_gaussian_sample(ritz_split_gaussian *gaussian, uint64_t seed,
                                       uint32_t sample, double *field);

#endif
