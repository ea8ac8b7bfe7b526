/* SPDX-License-Identifier: BSD-3-Clause
 * Other grids, other extents, and the same numbers in another place.
 * Conventions: ritz/ops.h. */
#ifndef RITZ_OPS_GRID_H
#define RITZ_OPS_GRID_H

#include <ritz/graph.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Where the nodes of a grid lie between the ends of its axes. */
typedef enum ritz_grid_kind {
  RITZ_GRID_PERIODIC, /**< x_i = start + (end - start) i / N, end left out */
  RITZ_GRID_BOUNDED   /**< x_i = start + (end - start) i / (N - 1), both ends; N = 1: start */
} ritz_grid_kind;

/**
 * Appends one channel per grid axis with the coordinates of the nodes: [..., C] -> [..., C + d].
 *
 * @param ends  [d][2] start and end of each axis; NULL: 0 and 1.
 */
RITZ_API ritz_var ritz_grid_embedding(ritz_graph *graph, ritz_var x, ritz_grid_kind kind,
                                      const double (*ends)[2]);

/** Zeros around the grid: before[j] and after[j] points along axis j (d entries each). */
RITZ_API ritz_var ritz_pad(ritz_graph *graph, ritz_var x, const ritz_index *before,
                           const ritz_index *after);

/** Removes before[j] and after[j] points along axis j; the adjoint of ritz_pad. */
RITZ_API ritz_var ritz_crop(ritz_graph *graph, ritz_var x, const ritz_index *before,
                            const ritz_index *after);

/**
 * Resamples a field to another grid as neuraloperator's skip connections do: 1-D linear, 2-D
 * bicubic (a = -0.75), both with aligned corners; 3-D by its spectrum.
 *
 * @param grid  d extents of the new grid.
 */
RITZ_API ritz_var ritz_resize(ritz_graph *graph, ritz_var x, const ritz_index *grid);

typedef enum ritz_interpolation {
  RITZ_INTERPOLATE_NEAREST, /**< point floor(i N / N') */
  RITZ_INTERPOLATE_LINEAR,
  RITZ_INTERPOLATE_CUBIC, /**< Keys 1981 with a = -3/4 */
  RITZ_INTERPOLATE_SMOOTH /**< Antialiased: Keys 1981 with a = -1/2, onto a coarser grid stretched
                               to its spacing; points beyond the border are left out */
} ritz_interpolation;

/**
 * Interpolation to another grid, axis by axis (bilinear, bicubic, ... for several), all but the
 * smooth kind as PyTorch's interpolate; values at the border repeat beyond it.
 *
 * @param grid           New extents, one per grid axis.
 * @param align_corners  Ends of old and new grid coincide; else points are centres of cells that
 *                       fill the same interval. Nearest: no difference.
 * Cost: 2, 4, 8 flops per point of each resampled axis (nearest, linear, cubic);
 * smooth: 8 per point of the finer of both grids.
 */
RITZ_API ritz_var ritz_interpolate(ritz_graph *graph, ritz_var x, const ritz_index *grid,
                                   ritz_interpolation kind, bool align_corners);

/**
 * Blocks of p0 x p1 ... points become channels, [B, X0, ..., C] -> [B, X0 / p0, ..., p0 p1 ... C]:
 * y[h, w, (i p1 + j) C + c] = x[h p0 + i, w p1 + j, c].
 *
 * @param size  p0, p1, ..., one per grid axis; each divides its axis.
 */
RITZ_API ritz_var ritz_patchify(ritz_graph *graph, ritz_var x, const ritz_index *size);

/** The inverse of ritz_patchify. */
RITZ_API ritz_var ritz_unpatchify(ritz_graph *graph, ritz_var x, const ritz_index *size);

/**
 * Channels become blocks of points, [B, X0, ..., C r0 r1 ...] -> [B, X0 r0, ..., C]:
 * y[h r0 + i, w r1 + j, c] = x[h, w, c r0 r1 + i r1 + j], PyTorch's order of channels.
 * Shi et al. 2016, arXiv:1609.05158.
 *
 * @param size  r0, r1, ..., one per grid axis.
 */
RITZ_API ritz_var ritz_pixel_shuffle(ritz_graph *graph, ritz_var x, const ritz_index *size);

/** The inverse of ritz_pixel_shuffle. */
RITZ_API ritz_var ritz_pixel_unshuffle(ritz_graph *graph, ritz_var x, const ritz_index *size);

/**
 * A periodic plane cut into 2^L x 2^L patches that see their surroundings on L coarser levels,
 * [B, N0, N1, C] -> [B 4^L, N0 / 2^L + 2 p0, N1 / 2^L + 2 p1, (L + 1) C]: on level l every 2^l-th
 * point around the same place. Patches of a sample follow each other, row by row.
 * Kossaifi et al. 2023, arXiv:2310.00120, Sec. 4.
 *
 * @param levels   L; 2^L divides the extents, which are 4^L at least.
 * @param padding  p0, p1: points around a patch.
 */
RITZ_API ritz_var ritz_multigrid_patches(ritz_graph *graph, ritz_var x, int levels,
                                         const ritz_index *padding);

/** Patches without their padding side by side: [B 4^L, n0 + 2 p0, n1 + 2 p1, C] -> [B, 2^L n0,
 * 2^L n1, C]. */
RITZ_API ritz_var ritz_stitch_patches(ritz_graph *graph, ritz_var x, int levels,
                                      const ritz_index *padding);

/**
 * A periodic field moved by a random number of points along each axis, each sample by its own, or
 * with @p back undone: y[(i + s) mod N] = x[i]. Only in training, else x itself.
 *
 * @param key  Shifts are a function of (seed, run, key, sample): the way back has that of the way.
 */
RITZ_API ritz_var ritz_random_shift(ritz_graph *graph, ritz_var x, uint32_t key, bool back);

/** Channels of 1 to 5 fields on one grid, side by side in the order given. */
RITZ_API ritz_var ritz_concat(ritz_graph *graph, int count, const ritz_var *x);
/** Channels first ... first + count - 1. */
RITZ_API ritz_var ritz_slice(ritz_graph *graph, ritz_var x, ritz_index first, ritz_index count);
/** Entry @p i of the first axis: [N, ...] -> [...]. */
RITZ_API ritz_var ritz_select(ritz_graph *graph, ritz_var x, ritz_index i);
/** The same numbers in the same order with other extents, [B, X, Y, T] -> [B, X, Y, T, 1]. */
RITZ_API ritz_var ritz_reshape(ritz_graph *graph, ritz_var x, ritz_shape shape);

#ifdef __cplusplus
}
#endif
#endif
