/* SPDX-License-Identifier: BSD-3-Clause
 * Text on a canvas: UTF-8 in a scalable stroke font, with ^{superscripts} and _{subscripts}. */
#ifndef RITZ_IO_FIGURE_TEXT_H
#define RITZ_IO_FIGURE_TEXT_H

#include "io/figure/canvas.h"

typedef struct ritz_text_style {
  double size;  /**< Pixels per em; capitals are 0.64 of it high. */
  double align; /**< Part of the text before the anchor: 0 starts there, 0.5 centred, 1 ends. */
  double room;  /**< Pixels available; 0: any. Wider text shrinks to 0.7, then is cut with "…". */
  bool bold;    /**< Heavier strokes, for titles. */
  bool upwards; /**< Turned by 90 degrees to the left, for y labels. */
  ritz_rgb color;
} ritz_text_style;

/** @return  Pixels from the start to the end of @p text; 0 for NULL. */
double ritz_text_width(const char *text, double size);

/** Draws @p text with the anchor (x, y) on its baseline; NULL draws nothing. */
void ritz_text_draw(ritz_canvas *canvas, const char *text, double x, double y,
                    ritz_text_style style);

#endif
