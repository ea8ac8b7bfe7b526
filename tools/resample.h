/* SPDX-License-Identifier: BSD-3-Clause
 * Fields on another grid over the same domain: by the spectrum where every axis is periodic;
 * between the ends of bounded axes linear on a line and bicubic in the plane, as
 * neuraloperator resamples. */
#ifndef RITZ_TOOLS_RESAMPLE_H
#define RITZ_TOOLS_RESAMPLE_H

#include <ritz/dataset.h>
#include <ritz/graph.h>

typedef struct ritz_resampler {
  ritz_plan *plan; /* NULL: the grids are the same */
  ritz_var x, y;
  size_t bytes; /* of all fields of x */
} ritz_resampler;

/**
 * @param data   Grid, channels and periodicity of the fields.
 * @param grid   [dim] new points per axis.
 * @param batch  Fields per call.
 *               RITZ_ERR_UNSUPPORTED  it is not known whether the axes are periodic, some are and
 *                                     some are not, or bounded in three dimensions
 */
ritz_status ritz_resampler_create(ritz_context *context, const ritz_dataset_info *data,
                                  ritz_dtype dtype, const ritz_index *grid, ritz_index batch,
                                  ritz_resampler *out);
void ritz_resampler_destroy(ritz_resampler *resampler);

/** @param x  [batch, old grid, channels]. @return  [batch, new grid, channels], @p x itself if the
 * grids are the same, else owned by the resampler. */
const void *ritz_resample(ritz_resampler *resampler, const void *x);

#endif
