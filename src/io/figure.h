/* SPDX-License-Identifier: BSD-3-Clause
 * Pictures that explain themselves: PNG figures of 2-D fields and of curves.
 *
 * Plain structs in, one file out. A zeroed struct is valid apart from the data it must point at;
 * every text may be NULL. Texts are UTF-8: printable ASCII, the Greek letters and signs listed in
 * figure/glyphs.c, and the markup ^{...} and _{...} for superscripts and subscripts. A text too
 * long for its place is set smaller, then cut. The file appears under its name only when complete
 * (PATH.tmp, then rename).
 *
 * Values that are not finite (or beyond 1e300 in size) are drawn grey, counted in the picture and
 * take no part in any scale. Nothing here depends on the locale. */
#ifndef RITZ_IO_FIGURE_H
#define RITZ_IO_FIGURE_H

#include <ritz/status.h>

/* Limits; beyond them a call gives RITZ_ERR_ARGUMENT. */
enum {
  RITZ_FIGURE_MAX_PANELS = 64,
  RITZ_FIGURE_MAX_SERIES = 32,      /**< per panel */
  RITZ_FIGURE_MAX_POINTS = 1 << 20, /**< per series */
  RITZ_FIGURE_MAX_EXTENT = 1 << 15, /**< grid points along one axis */
  RITZ_FIGURE_MIN_WIDTH = 300,      /**< pixels */
  RITZ_FIGURE_MAX_PIXELS = 1 << 14  /**< width and height of the picture */
};

typedef enum ritz_map_colors {
  RITZ_MAP_SEQUENTIAL, /**< dark violet, teal, yellow: from the least to the greatest value */
  RITZ_MAP_DIVERGING   /**< blue, white, red: symmetric about zero, for signed errors */
} ritz_map_colors;

/** One 2-D field with title above and colour bar below. */
typedef struct ritz_map_panel {
  const char *title;    /**< "prediction" */
  const char *subtitle; /**< "relative L2 error 1.42 %" */
  const char *grey;     /**< What is grey where values are not finite; NULL: so many of them. */
  const char *unit;     /**< Beneath the colour bar: "pressure (Pa)". */
  /** [n0, n1] numbers of dtype, lent for the call: value (i, j) is number (i n1 + j) step. The
   * first axis is x and runs to the right, the second is y and runs upwards. */
  const void *values;
  ritz_dtype dtype;
  ritz_index n0, n1;
  ritz_index step;        /**< C for one channel of a [n0, n1, C] field; 0 means 1. */
  ritz_map_colors colors; /**< The same within a scale group. */
  int scale_group;        /**< Panels of one number other than 0 share one scale. */
  double low, high;       /**< With low < high: this scale; values outside take the end colours. */
} ritz_map_panel;

typedef struct ritz_map_figure {
  const char *title;
  const char *x_label, *y_label; /**< NULL: "x", "y"; "": none. */
  double x_low, x_high;          /**< Physical x of the left and right edge; both 0: 0 to n0. */
  double y_low, y_high;          /**< Physical y of the lower and upper edge; both 0: 0 to n1. */
  const ritz_map_panel *panel;
  int panels;
  int columns; /**< Panels side by side; 0: up to 4, 2 for fields wider than high. */
  int width;   /**< Pixels; 0: 400 per column, at least 800. Text keeps its share of it. */
} ritz_map_figure;

/**
 * Draws fields side by side: input | truth | prediction | error.
 *
 * A grid point is a block of constant colour; where the grid is finer than the picture, a pixel is
 * the average over its area. The aspect ratio is the physical one, held between 1:4 and 4:1.
 *
 * RITZ_ERR_ARGUMENT  no panel, no values, an empty or reversed extent, a limit above
 * RITZ_ERR_MEMORY    the canvas (4 bytes a pixel) does not fit
 * RITZ_ERR_IO        the file cannot be written; the message names it, and it is left as it was
 */
ritz_status ritz_figure_maps(const ritz_map_figure *figure, const char *path);

typedef enum ritz_line_scale {
  RITZ_LINE_AUTO, /**< Logarithmic if every value is positive and the largest 50 times the least. */
  RITZ_LINE_LINEAR, /**< Equal steps are equal differences. */
  RITZ_LINE_LOG     /**< Equal steps are equal ratios; values <= 0 count as not finite. */
} ritz_line_scale;

/** One curve. Values that are not finite interrupt it and leave a grey band. */
typedef struct ritz_line_series {
  const char *name;    /**< In the legend; NULL: not listed. */
  const double *x, *y; /**< count numbers each, lent for the call; x NULL: 0, 1, 2, ... */
  ritz_index count;
  bool dashed; /**< Say, for the prediction that lies on the truth. */
} ritz_line_series;

typedef struct ritz_line_panel {
  const char *title, *subtitle;
  const char *x_label, *y_label; /**< NULL: none. */
  const ritz_line_series *series;
  int count;
  ritz_line_scale y_scale;
} ritz_line_panel;

typedef struct ritz_line_figure {
  const char *title;
  const ritz_line_panel *panel;
  int panels;
  int columns; /**< Panels side by side; 0: up to 3. */
  int width;   /**< Pixels; 0: 1000 for one column, 1600 otherwise. */
} ritz_line_figure;

/**
 * Draws curves over x: loss and metrics over epochs, 1-D fields.
 *
 * Colours are those of Okabe and Ito (told apart with any colour vision); from the eighth series of
 * a panel on they return with dashes of another length.
 *
 * RITZ_ERR_ARGUMENT  no panel, an empty panel or series, no finite point to draw in a panel, a
 * limit RITZ_ERR_MEMORY, RITZ_ERR_IO  as ritz_figure_maps()
 */
ritz_status ritz_figure_lines(const ritz_line_figure *figure, const char *path);

#endif
