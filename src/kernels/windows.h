/* SPDX-License-Identifier: BSD-3-Clause
 * A grid cut into windows, shifted cyclically: Swin transformer's. Liu et al. 2021,
 * arXiv:2103.14030, Sec. 3.2. */
#ifndef RITZ_KERNELS_WINDOWS_H
#define RITZ_KERNELS_WINDOWS_H

#include <ritz/status.h>

typedef struct ritz_windows_shape {
  int dim;
  ritz_index grid[3], window[3]; /* each window divides its grid */
  ritz_index shift[3];           /* 0 <= shift < window; ignored where one window spans the axis */
} ritz_windows_shape;

/** Windows and their tokens are in row-major order. */
typedef struct ritz_windows {
  ritz_index count, tokens; /* of a grid; of a window */
  ritz_index *row;          /* [count][tokens] grid point (flat) of a token */
  int *label;         /* [count][tokens] tokens of one label are neighbours on the grid itself; a
                         shift puts points of opposite ends into one window */
  bool *mixed;        /* [count]: more than one label */
  ritz_index offsets; /* prod (2 window - 1) */
  int *offset;        /* [tokens][tokens] key, query: query - key, flat in [2 window - 1]... */
} ritz_windows;

/** @param out  Released with ritz_windows_release(), also after a failure. */
ritz_status ritz_windows_init(const ritz_windows_shape *shape, ritz_windows *out);
void ritz_windows_release(ritz_windows *windows);

#endif
