/* SPDX-License-Identifier: BSD-3-Clause
 * Value to colour: two maps whose steps look equal. */
#ifndef RITZ_IO_FIGURE_COLORMAP_H
#define RITZ_IO_FIGURE_COLORMAP_H

#include "io/figure.h"
#include "io/figure/canvas.h"

enum { RITZ_COLORMAP_SIZE = 512 };

typedef struct ritz_colormap {
  ritz_rgb color[RITZ_COLORMAP_SIZE];
} ritz_colormap;

/** Where a value is not finite: a grey neither map comes near. */
#define RITZ_COLOR_NOT_FINITE ((ritz_rgb){150, 150, 150})

/** Computes the table of @p colors. */
void ritz_colormap_build(ritz_map_colors colors, ritz_colormap *out);

/** @return  Colour of @p value on the scale low < high; the end colours beyond it. */
ritz_rgb ritz_colormap_at(const ritz_colormap *map, double low, double high, double value);

/** @return  Lightness of a colour in Oklab, 0 (black) to 1 (white). */
double ritz_color_lightness(ritz_rgb color);

#endif
