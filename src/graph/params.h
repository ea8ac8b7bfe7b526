/* SPDX-License-Identifier: BSD-3-Clause
 * The inside of a parameter set. */
#ifndef RITZ_GRAPH_PARAMS_H
#define RITZ_GRAPH_PARAMS_H

#include <ritz/params.h>

#include "dist/comm.h"

ritz_params *ritz_params_retain(ritz_params *params);

/** Finds @p name or adds it with initial values. RITZ_ERR_SHAPE if it is there with another shape.
 */
ritz_status ritz_params_require(ritz_params *params, const char *name, ritz_shape shape,
                                int complex_axis, ritz_init init, int *position);

/** From now on a tensor that would make the set hold more than @p numbers is refused with
 * RITZ_ERR_SHAPE before memory is asked for: what comes from a file cannot want more than it holds.
 */
void ritz_params_set_limit(ritz_params *params, double numbers);

/**
 * What a rank holds of an array of gradients where ranks own shares of some tensors: all of the
 * other tensors, padded as in the flat array, and behind them its shares.
 *
 * @param shares  [tensors] equal blocks of which a rank owns those of ritz_comm_share(); 0: all
 *                ranks hold all. NULL: so do they of every tensor.
 * @param part    Out: [tensors].
 * @param common  Out: numbers in front of the shares.
 * @return        Numbers of the array; where nothing is owned it is the flat one.
 */
ritz_index ritz_params_parts(const ritz_params *params, const ritz_index *shares,
                             const ritz_comm *comm, ritz_param_part *part, ritz_index *common);

/** No optimizer changes tensor @p i from now on. */
void ritz_params_freeze(ritz_params *params, int i);

#endif
