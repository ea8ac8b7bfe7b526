/* SPDX-License-Identifier: BSD-3-Clause
 * The outlines behind text.h: one stroke path per character. */
#ifndef RITZ_IO_FIGURE_GLYPHS_H
#define RITZ_IO_FIGURE_GLYPHS_H

#include <stdint.h>

/* The grid glyphs are drawn on, y upwards, baseline 0. */
enum {
  RITZ_GLYPH_EM = 44,
  RITZ_GLYPH_CAP = 28,   /* height of capitals and digits */
  RITZ_GLYPH_DESCENT = 8 /* depth of g, p, q, y */
};

/**
 * A character: room on the left, width of the path, room on the right, and the path. Commands,
 * followed by integers:
 *   M x y    move            L x y    line          D x y    dot
 *   H x y    quarter of an ellipse that leaves horizontally and arrives vertically
 *   V x y    the same, leaving vertically and arriving horizontally
 *   C x1 y1 x2 y2 x y    cubic Bezier curve
 */
typedef struct ritz_glyph {
  uint32_t code; /**< Unicode */
  signed char left, width, right;
  const char *path;
} ritz_glyph;

/** @return  The glyph of @p code, a box for a character the font does not have. */
const ritz_glyph *ritz_glyph_find(uint32_t code);

#endif
