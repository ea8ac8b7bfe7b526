/* SPDX-License-Identifier: BSD-3-Clause
 * Resampling of a field along one axis: a small banded matrix, planned once. Several axes: one
 * after the other; the result does not depend on the order, the cost does (shrinking axes first).
 */
#ifndef RITZ_KERNELS_RESIZE_H
#define RITZ_KERNELS_RESIZE_H

#include "kernels/halo.h"
#include "kernels/window.h"

/* Beyond the border its values repeat, but for the smooth kind. */
typedef enum ritz_resampling_kind {
  RITZ_RESIZE_LINEAR,  /* two neighbours */
  RITZ_RESIZE_CUBIC,   /* four neighbours, Keys 1981 with a = -3/4 */
  RITZ_RESIZE_NEAREST, /* point floor(i N / N'), however the grids lie */
  RITZ_RESIZE_SMOOTH   /* Keys' kernel with a = -1/2, onto a coarser grid stretched to its spacing;
                          points beyond the border are left out, weights sum to 1 */
} ritz_resampling_kind;

/** How the N points of the old grid and the N' of the new one lie. */
typedef enum ritz_alignment {
  RITZ_ALIGN_ENDS, /* ends coincide: output i at position i (N - 1)/(N' - 1), at 0 where N' = 1 */
  RITZ_ALIGN_CELLS /* points are centres of cells: output i at position (i + 1/2) N/N' - 1/2 */
} ritz_alignment;

/** A matrix by rows: row i has weight[k] in column[k], k from start[i] to start[i + 1] - 1. */
typedef struct ritz_band {
  ritz_index rows, columns;
  ritz_index *start, *column;
  double *weight;
} ritz_band;

typedef struct ritz_resampling {
  ritz_band forward; /* [N', N]; clamped neighbours merged, no zero weights */
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
ritz_status ritz_resampling_init(ritz_resampling_kind kind, ritz_alignment alignment,
                                 ritz_index from, ritz_index to, ritz_resampling *out);

/**
 * Means over the points of a window: output o is the sum of what it sees, divided by the extent of
 * the window where @p count_zeros, else by the number of points that it sees (0 where there are
 * none). They differ in zero margins only.
 */
ritz_status ritz_resampling_init_mean(const ritz_window_axis *window, bool count_zeros,
                                      ritz_resampling *out);
/** Columns [*first, *first + *count) that rows [row, row + rows) of a band read; 0, 0 if none. */
void ritz_band_reach(const ritz_band *band, ritz_index row, ritz_index rows, ritz_index *first,
                     ritz_index *count);

/** Keeps the outputs [row, row + rows), of inputs that begin at `first` of their reach. On failure
 * @p resampling is zero-filled. */
ritz_status ritz_resampling_cut(ritz_resampling *resampling, ritz_index row, ritz_index rows);

void ritz_resampling_release(ritz_resampling *resize);

/**
 * y (+)= R x along the middle axis, x [outer, N, inner] to y [outer, N', inner]; with @p adjoint
 * y (+)= R^T x, x [outer, N', inner] to y [outer, N, inner]. x and y do not overlap. Never
 * allocates.
 *
 * @param threads  At most this many; each row of y is one thread's, so the count changes nothing.
 * @param halo     Around x, where it arrives, or y, where it leaves; the axis is the last of its
 *                 three, the outer slabs those of any number of samples. NULL: none.
 *
 * Cost: 2 outer inner flops per stored weight; reads x about twice (linear) or four times (cubic,
 * smooth), mostly from cache.
 */
void ritz_resampling_run(const ritz_resampling *resize, bool adjoint, bool add, ritz_dtype dtype,
                         ritz_index outer, ritz_index inner, const void *x, void *y, int threads,
                         const ritz_halo *halo);

#endif
