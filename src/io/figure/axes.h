/* SPDX-License-Identifier: BSD-3-Clause
 * Axes around a box of pixels, the common measures of both kinds of figure. */
#ifndef RITZ_IO_FIGURE_AXES_H
#define RITZ_IO_FIGURE_AXES_H

#include "io/figure/canvas.h"
#include "io/figure/text.h"
#include "io/figure/ticks.h"

#define RITZ_COLOR_TEXT      ((ritz_rgb){25, 25, 25})
#define RITZ_COLOR_SOFT_TEXT ((ritz_rgb){80, 80, 80})
#define RITZ_COLOR_GRID      ((ritz_rgb){228, 228, 228})

/** The outline of a figure of either kind: numbers of panels and columns, width in pixels (0: its
 * own choice). RITZ_ERR_ARGUMENT */
ritz_status ritz_figure_check(int panels, int columns, int width);

/** Text heights and gaps, all proportional to the width of a picture's columns. */
typedef struct ritz_measure {
  double text; /**< em of tick and axis labels, pixels */
  int line;    /**< thickness of frames and ticks */
  int tick;    /**< length of a tick */
} ritz_measure;

ritz_measure ritz_measure_of(double text);

/** The title of a figure, between its margins. */
void ritz_draw_title(ritz_canvas *canvas, const char *title, double margin, ritz_measure m);

typedef struct ritz_axis {
  double low, high; /**< low < high */
  bool log;
  ritz_ticks ticks;
} ritz_axis;

/** @return  Position of @p value: 0 at low, 1 at high. */
double ritz_axis_at(const ritz_axis *axis, double value);

/** Chooses as many ticks as fit @p pixels without labels touching. */
void ritz_axis_fit_x(ritz_axis *axis, double pixels, ritz_measure m);
void ritz_axis_fit_y(ritz_axis *axis, double pixels, ritz_measure m);

/** @return  Pixels of the widest tick label, the exponent label included. */
double ritz_axis_label_width(const ritz_axis *axis, ritz_measure m);

/** "×10^{3}" for the exponent of @p ticks; empty for 0. */
void ritz_exponent_label(const ritz_ticks *ticks, char label[RITZ_TICK_LABEL]);

/** Ticks and numbers below @p box, the axis label beneath them, the exponent at its right end. */
void ritz_axis_draw_x(ritz_canvas *canvas, const ritz_axis *axis, ritz_box box, const char *label,
                      ritz_measure m);
/** @return  Pixels ritz_axis_draw_x() needs below the box. */
int ritz_axis_x_height(const ritz_axis *axis, const char *label, ritz_measure m);

/** Ticks left of @p box; with @p numbers also their labels and the axis label. */
void ritz_axis_draw_y(ritz_canvas *canvas, const ritz_axis *axis, ritz_box box, const char *label,
                      bool numbers, ritz_measure m);
/** @return  Pixels ritz_axis_draw_y() needs left of the box. */
int ritz_axis_y_width(const ritz_axis *axis, const char *label, ritz_measure m);

#endif
