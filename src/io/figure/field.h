/* SPDX-License-Identifier: BSD-3-Clause
 * The numbers of a map panel: their range, and the field as pixels. */
#ifndef RITZ_IO_FIGURE_FIELD_H
#define RITZ_IO_FIGURE_FIELD_H

#include "io/figure/colormap.h"

typedef struct ritz_field_range {
  double low, high;      /**< Over the drawable values; low > high if there are none. */
  ritz_index not_finite; /**< Values left out. */
} ritz_field_range;

ritz_field_range ritz_field_range_of(const ritz_map_panel *panel);

/**
 * Fills @p box with the field, x to the right, y upwards. A pixel shows the average of the values
 * over its area, so blocks wider than a pixel stay crisp and fine grids are not thinned out. A
 * pixel that touches a value that is not finite is grey: one such point remains visible on any
 * grid.
 *
 * Cost: a pass over the larger of grid and box.
 */
void ritz_field_draw(ritz_canvas *canvas, ritz_box box, const ritz_map_panel *panel,
                     const ritz_colormap *map, double low, double high);

#endif
