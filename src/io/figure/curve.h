/* SPDX-License-Identifier: BSD-3-Clause
 * A pencil that follows one curve: gaps, dashes, lone points, more points than pixels. */
#ifndef RITZ_IO_FIGURE_CURVE_H
#define RITZ_IO_FIGURE_CURVE_H

#include "io/figure/canvas.h"

typedef struct ritz_pencil {
  ritz_canvas *canvas;
  double radius; /**< half the line width, pixels */
  double dash;   /**< length of dashes and gaps, pixels; 0: a full line */
  bool dense;    /**< Many points per pixel: draw each column once, from its least to its most. */
  /* State; zero at first. */
  int points;    /* since the last lift */
  double x, y;   /* end of the stroke so far */
  double walked; /* length since the last lift */
  int column;    /* dense: pixels column of (x, y), and what waits to be drawn there */
  bool waiting;
  double least, most, exit;
} ritz_pencil;

/** Continues to (x, y) pixels, or starts there. */
void ritz_pencil_to(ritz_pencil *pencil, double x, double y);

/** Ends the stroke; a stroke of one point leaves a dot. The next point starts a new one. */
void ritz_pencil_lift(ritz_pencil *pencil);

#endif
