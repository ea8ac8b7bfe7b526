/* SPDX-License-Identifier: BSD-3-Clause
 * Resampling of a field along one axis: a small banded matrix, planned once.
 *
 * Grid ends coincide (align_corners): output i sits at input position i (N - 1)/(N' - 1), and at 0
 * where N' = 1. Several axes: one after the other; the result does not depend on the order, the
 * cost does (shrinking axes first). */
#ifndef RITZ_KERNELS_RESIZE_H
#define RITZ_KERNELS_RESIZE_H

#include <ritz/status.h>

typedef enum ritz_resampling_kind {
  RITZ_RESIZE_LINEAR, /* two neighbours */
  RITZ_RESIZE_CUBIC   /* four neighbours, Keys 1981 with a = -3/4; border values repeat outside */
} ritz_resampling_kind;

/** A matrix by rows: row i has weight[k] in column[k], k from start[i] to start[i + 1] - 1. */
typedef struct ritz_band {
  ritz_index rows, columns;
  ritz_index *start, *column;
  double *weight;
} ritz_band;

typedef struct ritz_resampling {
  ritz_band forward; /* [N', N]; at most 2 or 4 weights a row, none zero, clamped ones merged */
  ritz_band adjoint; /* its transpose */
} ritz_resampling;

/**
 * @param from,to  N and N', at least 1.
 * @param out      Zero-filled on failure; release with ritz_resampling_release().
 *                 RITZ_ERR_SHAPE  an extent below 1
 *                 RITZ_ERR_MEMORY
 *
 * Memory: about 150 bytes per grid point of the longer side.
 */
ritz_status ritz_resampling_init(ritz_resampling_kind kind, ritz_index from, ritz_index to,
                                 ritz_resampling *out);
void ritz_resampling_release(ritz_resampling *resize);

/**
 * y (+)= R x along the middle axis, x [outer, N, inner] to y [outer, N', inner]; with @p adjoint
 * y (+)= R^T x, x [outer, N', inner] to y [outer, N, inner]. x and y do not overlap. Never
 * allocates.
 *
 * @param threads  At most this many; each row of y is one thread's, so the count changes nothing.
 *
 * Cost: 2 outer inner flops per stored weight; reads x about twice (linear) or four times (cubic),
 * mostly from cache.
 */
void ritz_resampling_run(const ritz_resampling *resize, bool adjoint, bool add, ritz_dtype dtype,
                         ritz_index outer, ritz_index inner, const void *x, void *y, int threads);

#endif
