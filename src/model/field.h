/* SPDX-License-Identifier: BSD-3-Clause
 * Between a caller's field and a graph's buffer: strides, number format and normaliser in one pass
 * over lines. Axes whose strides fit together are one line, so a contiguous field of one channel is
 * a single loop over unit strides. */
#ifndef RITZ_MODEL_FIELD_H
#define RITZ_MODEL_FIELD_H

#include <ritz/types.h>

/** A caller's field; neighbours along axis a are stride[a] numbers apart, any sign. */
typedef struct ritz_field {
  ritz_dtype dtype;
  void *data;       /**< of the first point of all axes; not written by loading */
  ritz_shape shape; /**< [B, X0, ..., C] */
  ritz_index stride[RITZ_MAX_RANK];
} ritz_field;

/** Strides of a contiguous field. */
void ritz_field_contiguous(ritz_field *field);

/**
 * inside = (field - mean) / deviation, channel by channel, contiguous in @p dtype.
 *
 * @return  Position in @p inside of a number that is not finite there, -1 if there is none.
 */
ritz_index ritz_field_load(const ritz_field *field, const double *mean, const double *deviation,
                           ritz_dtype dtype, void *inside);

/** field = mean + deviation inside. Nothing is written where a number would not be finite in the
 * field's format. @return  As above. */
ritz_index ritz_field_store(const ritz_field *field, const double *mean, const double *deviation,
                            ritz_dtype dtype, const void *inside);

#endif
