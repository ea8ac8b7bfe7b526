/* SPDX-License-Identifier: BSD-3-Clause
 * A model that was never trained: random weights, uneven normalisers, names and units. */
#ifndef RITZ_TESTS_SMALL_MODEL_H
#define RITZ_TESTS_SMALL_MODEL_H

#include "model/model.h"
#include "support.h"

enum { small_in = 2, small_out = 3 };

/**
 * An fno with 2 channels in and 3 out, golden pair included.
 *
 * @param dim   1 to 3; grid 9, 12, 5 along the axes.
 * @param more  Further options of the operator, ", norm: batch_norm"; "" for none.
 */
ritz_model *small_model_create(ritz_context *context, ritz_dtype dtype, int dim, const char *more);

#endif
