/* SPDX-License-Identifier: BSD-3-Clause
 * An operator applied to its own output: from the last frames to the next ones, again and again.
 *
 * The state is the operator's input, its channels being frames in the order of time; a step's
 * output follows them, and the last channels_in of both are the next state. */
#ifndef RITZ_MODEL_ROLLOUT_H
#define RITZ_MODEL_ROLLOUT_H

#include "model/model.h"

typedef struct ritz_rollout {
  ritz_index steps; /* at least 1 */
  ritz_index first; /* steps whose output is left out: first ... steps - 1 are the result */
  bool detach;      /* states after the first are constants to the gradient */
} ritz_rollout;

/** Adds the steps to a graph. @return  [B, X0, ..., (steps - first) channels_out]. */
ritz_var ritz_rollout_build(const ritz_operator *op, ritz_graph *graph, ritz_params *params,
                            ritz_var x, const ritz_rollout *rollout);

/**
 * How many steps lead from a model to @p channels_out channels of data; 1 where they are its own.
 * RITZ_ERR_SHAPE  not a whole number of steps
 */
ritz_status ritz_rollout_steps(const ritz_model *model, int channels_out, ritz_index *steps);

#endif
