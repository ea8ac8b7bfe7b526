/* SPDX-License-Identifier: BSD-3-Clause
 * Grids as words: 64, 64x32, 64x32x16. */
#ifndef RITZ_TOOLS_GRID_TEXT_H
#define RITZ_TOOLS_GRID_TEXT_H

#include <ritz/status.h>

/** Reads --resolution for a grid of @p dim axes; one number serves all of them.
 * RITZ_ERR_ARGUMENT  something else, or another number of axes */
ritz_status ritz_grid_parse(const char *text, int dim, ritz_index *grid);

/** Reads --parts, parts of each axis; one number cuts the first axis alone, as in `train.grid`.
 * RITZ_ERR_ARGUMENT */
ritz_status ritz_parts_parse(const char *text, int dim, ritz_index *parts);

/** "64 x 32". @return @p out. */
const char *ritz_grid_text(int dim, const ritz_index *grid, char out[80]);

#endif
