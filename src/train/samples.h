/* SPDX-License-Identifier: BSD-3-Clause
 * Training samples: a data set with its normalisers, in memory if it is small, else streamed. */
#ifndef RITZ_TRAIN_SAMPLES_H
#define RITZ_TRAIN_SAMPLES_H

#include <ritz/dataset.h>
#include <ritz/layout.h>

#include "core/value.h"
#include "model/model.h"

typedef struct ritz_samples {
  ritz_dataset *set;
  const ritz_dataset_info *info;
  ritz_dtype dtype;
  ritz_index first[3], extent[3]; /* the part of the grid that is read */
  ritz_index x_count, y_count;    /* numbers of one sample there */
  void *x, *y;                    /* all samples, normalised; NULL: streamed */
  double *mean[2], *deviation[2];
} ritz_samples;

/** Opens a data set given by a file name or a mapping. RITZ_ERR_SHAPE if it has no y. */
ritz_status ritz_samples_open(ritz_context *context, const ritz_value *where, ritz_dtype dtype,
                              ritz_samples *out);
void ritz_samples_close(ritz_samples *source);

/**
 * Fits the normalisers, mean and unbiased standard deviation of each channel in one streaming pass;
 * a channel without variation keeps the deviation 1.
 *
 * @param fit_x, fit_y  What to fit; the other side keeps 0 and 1.
 */
ritz_status ritz_samples_fit(ritz_samples *source, bool fit_x, bool fit_y);

/** One mean and deviation for all channels of x, and the same for y: frames of one field. After
 * ritz_samples_fit() of x. */
void ritz_samples_pool(ritz_samples *source);

/** Reads this rank's part of the grid from now on; @p layout NULL: all of it. */
void ritz_samples_take_part(ritz_samples *source, const ritz_layout *layout);

/** Reads everything, normalised, if it takes at most @p bytes. */
ritz_status ritz_samples_cache(ritz_samples *source, double bytes);

/** Normalised samples: x [count, grid, Ci], y [count, grid, Co], of the part. */
ritz_status ritz_samples_batch(ritz_samples *source, ritz_index count, const ritz_index *sample,
                               void *x, void *y);

/** Normalised outputs of samples first ... first + count - 1, [count, grid, Co] in double. */
ritz_status ritz_samples_outputs(ritz_samples *source, ritz_index first, ritz_index count,
                                 double *y);

/** What a model trained on this set should know of it, of the first @p channels_out channels of y.
 * Release with ritz_model_data_clear(). */
ritz_status ritz_samples_describe(const ritz_samples *source, int channels_out,
                                  ritz_model_data *data);

#endif
