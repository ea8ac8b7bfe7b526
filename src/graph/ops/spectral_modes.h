/* SPDX-License-Identifier: BSD-3-Clause
 * Which modes of one axis a spectral convolution keeps, and which rows of its weight they use. */
#ifndef RITZ_GRAPH_OPS_SPECTRAL_MODES_H
#define RITZ_GRAPH_OPS_SPECTRAL_MODES_H

#include <ritz/ops.h>

/** Frequency on x's grid, on y's grid, and the row of W between them; one block, that of `in`. */
typedef struct ritz_axis_modes {
  ritz_index count;
  ritz_index *in, *out, *row;
} ritz_axis_modes;

typedef struct ritz_axis_choice {
  ritz_axis_transform transform;
  ritz_resample_mode resample;
  bool half;             /* the axis with the half spectrum of a real field */
  ritz_index most, rows; /* modes asked for, rows of W */
  ritz_index in, out;    /* points of x and y, of the whole grid */
} ritz_axis_choice;

/** @param modes  Zero; release modes->in with ritz_free(). */
ritz_status ritz_axis_modes_choose(const ritz_axis_choice *choice, ritz_axis_modes *modes);

#endif
