/* SPDX-License-Identifier: BSD-3-Clause
 * An RGB picture in memory: rectangles, anti-aliased strokes, PNG output.
 *
 * Pixel (0, 0) is the upper left one and covers [0, 1) x [0, 1). Strokes are collected in a
 * coverage mask and painted at once, so that joints and crossings of one line are not painted
 * twice. */
#ifndef RITZ_IO_FIGURE_CANVAS_H
#define RITZ_IO_FIGURE_CANVAS_H

#include <ritz/status.h>

typedef struct ritz_rgb {
  unsigned char r, g, b;
} ritz_rgb;

/** Pixels [x0, x1) x [y0, y1). */
typedef struct ritz_box {
  int x0, y0, x1, y1;
} ritz_box;

typedef struct ritz_canvas {
  int width, height;
  unsigned char *pixels; /**< [height, width, 3] */
  unsigned char *mask;   /**< [height, width] coverage of the marks made since the last paint */
  ritz_box clip;         /**< Strokes and rectangles stay inside. */
  ritz_box dirty;        /**< Where mask may differ from zero. */
} ritz_canvas;

/** A white canvas. RITZ_ERR_MEMORY leaves @p canvas empty; release with ritz_canvas_clear(). */
ritz_status ritz_canvas_init(ritz_canvas *canvas, int width, int height);
void ritz_canvas_clear(ritz_canvas *canvas);

/** Restricts drawing to @p box and the canvas. */
void ritz_canvas_clip(ritz_canvas *canvas, ritz_box box);
/** Lifts the restriction. */
void ritz_canvas_unclip(ritz_canvas *canvas);

void ritz_canvas_fill(ritz_canvas *canvas, ritz_box box, ritz_rgb color);
/** A border of @p thickness pixels just outside @p box. */
void ritz_canvas_frame(ritz_canvas *canvas, ritz_box box, int thickness, ritz_rgb color);

/** Adds to the mask all points within @p radius of the segment a-b (a = b: a disc). */
void ritz_canvas_mark(ritz_canvas *canvas, double ax, double ay, double bx, double by,
                      double radius);
/** Paints the mask in @p color and empties it. */
void ritz_canvas_paint(ritz_canvas *canvas, ritz_rgb color);

/** Writes PATH.tmp and renames it to @p path. RITZ_ERR_IO names the path; no file is left over. */
ritz_status ritz_canvas_write_png(const ritz_canvas *canvas, const char *path);

#endif
