/* SPDX-License-Identifier: BSD-3-Clause
 * A trained operator as one file: architecture, weights, normalisers, what the channels mean, and a
 * golden pair that proves it still computes what it did when it was saved. */
#ifndef RITZ_MODEL_H
#define RITZ_MODEL_H

#include <ritz/operator.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ritz_model ritz_model;

/** What a model is; texts belong to the model. */
typedef struct ritz_model_info {
  const char *operator_name;    /**< "fno" */
  const char *operator_options; /**< One-line JSON, all options. */
  ritz_dtype dtype;
  ritz_index parameters; /**< Trainable real numbers; a complex one counts twice. */
  int dim;               /**< Grid axes, 1 to 3. */
  ritz_index grid[3];    /**< Training grid. */
  double length[3];      /**< Physical extents; 0: not known. */
  int periodic[3];       /**< 1 periodic, 0 bounded, -1 not known. */
  int channels_in, channels_out;
  const char *const *x_channel;  /**< [channels_in] names. */
  const char *const *y_channel;  /**< [channels_out] names. */
  const char *x_units, *y_units; /**< NULL: not known. */
  const double *x_mean, *x_std;  /**< [channels_in] normaliser: (x - mean) / std. */
  const double *y_mean, *y_std;  /**< [channels_out]: y = mean + std * output. */
  const char *provenance; /**< JSON: version, seed, configuration, best epoch ...; NULL: none. */
} ritz_model_info;

/**
 * Reads a model file (or the model inside a checkpoint).
 *
 * @param out  NULL on failure.
 *             RITZ_ERR_IO, RITZ_ERR_FORMAT  missing, cut short, no model, an unknown version
 *             RITZ_ERR_SHAPE                weights that do not fit the architecture
 *             RITZ_ERR_NUMERIC              weights that are not finite
 */
RITZ_API ritz_status ritz_model_load(ritz_context *context, const char *path, ritz_model **out);
/** Drops one reference; predictors keep theirs. Accepts NULL and clears the pointer. */
RITZ_API void ritz_model_destroy(ritz_model **model);

/** What it is; owned by the model. */
RITZ_API const ritz_model_info *ritz_model_get_info(const ritz_model *model);

/**
 * Recomputes the golden pair. Cost: one prediction on the training grid, planned for it.
 *
 * @param error  max|y - golden| / max|golden|.
 *               RITZ_ERR_NUMERIC    above 1e-4 in float, 1e-10 in double
 *               RITZ_ERR_NOT_FOUND  the file has no golden pair
 */
RITZ_API ritz_status ritz_model_check(ritz_model *model, double *error);

#ifdef __cplusplus
}
#endif
#endif
