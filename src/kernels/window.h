/* SPDX-License-Identifier: BSD-3-Clause
 * The geometry of sliding windows: extents, sources of the margins, and who sees whom. */
#ifndef RITZ_KERNELS_WINDOW_H
#define RITZ_KERNELS_WINDOW_H

#include <ritz/status.h>
#include <ritz/window.h>

typedef struct ritz_window_axis {
  ritz_index in, kernel, stride, dilation, low, high;
  ritz_boundary boundary;
  ritz_index out;
} ritz_window_axis;

/** Three axes always: missing leading ones have one point and a window of one. */
typedef struct ritz_window {
  int dim;
  ritz_window_axis axis[3];
} ritz_window;

/**
 * @param who       Begins the sentence of a failure: "depthwise_conv".
 * @param dim       1 to 3 axes, the last @p dim of the three.
 * @param in        Extents of the grid; @p kernel those of the window.
 * @param options   NULL: all defaults.
 *
 * RITZ_ERR_ARGUMENT  a negative stride, dilation or margin, or no such boundary
 * RITZ_ERR_SHAPE     the window does not fit, or N points are to be reflected to a margin of N
 */
ritz_status ritz_window_make(const char *who, int dim, const ritz_index *in,
                             const ritz_index *kernel, const ritz_window_options *options,
                             ritz_window *out);

/** @return  The grid point that stands at @p position, -low <= position < in + high; -1: zero. */
ritz_index ritz_window_source(const ritz_window_axis *axis, ritz_index position);

/** Points of the grid and of the window, of all axes together. */
ritz_index ritz_window_points_in(const ritz_window *window);
ritz_index ritz_window_points_out(const ritz_window *window);
ritz_index ritz_window_taps(const ritz_window *window);

/** One point that another one sees, and through which tap of the window. */
typedef struct ritz_sight {
  ritz_index point, tap;
} ritz_sight;

/** Row i sees entry[k], k = start[i] ... start[i + 1] - 1, with ascending taps. */
typedef struct ritz_sights {
  ritz_index rows, *start;
  ritz_sight *entry;
} ritz_sights;

/**
 * Rows are outputs and see inputs, margins resolved and zeros left out; with @p adjoint rows are
 * inputs and see the outputs they reach. Zero-filled on failure (RITZ_ERR_MEMORY).
 */
ritz_status ritz_sights_init(const ritz_window_axis *axis, bool adjoint, ritz_sights *out);
void ritz_sights_release(ritz_sights *sights);

#endif
