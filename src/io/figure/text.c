/* SPDX-License-Identifier: BSD-3-Clause
 * UTF-8 to glyphs, glyph paths to strokes. */
#include "io/figure/text.h"

#include <math.h>

#include "io/figure/glyphs.h"

static const double script_size = 0.72; /* of superscripts and subscripts */
static const double smallest_shrink = 0.7;
static const double tracking = 1; /* between any two characters, glyph units */

/* One character and where it stands on the line: em units of the base size. */
typedef struct placed_glyph {
  const ritz_glyph *glyph;
  double scale, raise;
} placed_glyph;

typedef struct text_cursor {
  const unsigned char *at;
  double scale, raise;
} text_cursor;

/* Next code point. A malformed byte counts as one unknown character. */
static uint32_t next_code(const unsigned char **at) {
  const unsigned char lead = *(*at)++;
  if (lead < 0x80) return lead;
  const int more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc2 ? 1 : 0;
  if (more == 0 || lead > 0xf4) return 0xfffd;
  uint32_t code = lead & (0x3fu >> more);
  for (int i = 0; i < more; i++) {
    if (((*at)[i] & 0xc0) != 0x80) return 0xfffd;
    code = code << 6 | ((*at)[i] & 0x3fu);
  }
  *at += more;
  return code;
}

static bool next_glyph(text_cursor *c, placed_glyph *out) {
  while (c->at[0] == '}' && c->scale != 1) c->at++, c->scale = 1, c->raise = 0;
  while ((c->at[0] == '^' || c->at[0] == '_') && c->at[1] == '{') {
    c->scale = script_size;
    c->raise = c->at[0] == '^' ? 13 : -6;
    c->at += 2;
    while (c->at[0] == '}') c->at++, c->scale = 1, c->raise = 0;
  }
  if (!c->at[0]) return false;
  const uint32_t code = next_code(&c->at);
  *out = (placed_glyph){ritz_glyph_find(code), c->scale, c->raise};
  if (code == 0xb2 || code == 0xb3) /* superscript two and three */
    *out = (placed_glyph){ritz_glyph_find(code - 0xb2 + '2'), script_size, 13};
  return true;
}

static double advance(const placed_glyph *p) {
  return p->scale * (p->glyph->left + p->glyph->width + p->glyph->right + tracking);
}

static text_cursor start_of(const char *text) {
  return (text_cursor){(const unsigned char *)text, 1, 0};
}

double ritz_text_width(const char *text, double size) {
  if (!text) return 0;
  double width = 0;
  placed_glyph p;
  for (text_cursor c = start_of(text); next_glyph(&c, &p);) width += advance(&p);
  return width * size / RITZ_GLYPH_EM;
}

/* Where glyph units land on the canvas. */
typedef struct pen {
  ritz_canvas *canvas;
  double x, y;   /* of the glyph's origin */
  double unit;   /* pixels per glyph unit */
  double radius; /* of the stroke, pixels */
  bool upwards;
  double px, py; /* current point, glyph units */
} pen;

static void line_to(pen *p, double x, double y) {
  const double u = p->unit;
  if (p->upwards)
    ritz_canvas_mark(p->canvas, p->x - u * p->py, p->y - u * p->px, p->x - u * y, p->y - u * x,
                     p->radius);
  else
    ritz_canvas_mark(p->canvas, p->x + u * p->px, p->y - u * p->py, p->x + u * x, p->y - u * y,
                     p->radius);
  p->px = x, p->py = y;
}

static void curve_to(pen *p, const double c[6]) {
  const double x0 = p->px, y0 = p->py;
  const int pieces = 5 + (int)fmin(4 * p->unit, 15); /* more where the glyph is larger */
  for (int i = 1; i <= pieces; i++) {
    const double t = (double)i / pieces, s = 1 - t;
    const double b0 = s * s * s, b1 = 3 * s * s * t, b2 = 3 * s * t * t, b3 = t * t * t;
    line_to(p, b0 * x0 + b1 * c[0] + b2 * c[2] + b3 * c[4],
            b0 * y0 + b1 * c[1] + b2 * c[3] + b3 * c[5]);
  }
}

/* A quarter of an ellipse as one cubic; 0.5523 makes it round, a little more suits letters. */
static void quarter_to(pen *p, double x, double y, bool horizontal_first) {
  const double k = 0.58;
  if (horizontal_first)
    curve_to(p, (double[]){p->px + k * (x - p->px), p->py, x, y - k * (y - p->py), x, y});
  else
    curve_to(p, (double[]){p->px, p->py + k * (y - p->py), x - k * (x - p->px), y, x, y});
}

static const char *read_integers(const char *path, int count, double *out) {
  for (int i = 0; i < count; i++) {
    while (*path == ' ') path++;
    const bool negative = *path == '-';
    if (negative) path++;
    int value = 0;
    for (; *path >= '0' && *path <= '9'; path++) value = 10 * value + (*path - '0');
    out[i] = negative ? -value : value;
  }
  return path;
}

static void draw_glyph(pen *p, const char *path) {
  double v[6];
  while (*path) {
    const char command = *path;
    path = read_integers(path + 1, command == 'C' ? 6 : 2, v);
    if (command == 'M' || command == 'D') p->px = v[0], p->py = v[1];
    if (command == 'L') line_to(p, v[0], v[1]);
    if (command == 'H' || command == 'V') quarter_to(p, v[0], v[1], command == 'H');
    if (command == 'C') curve_to(p, v);
    if (command == 'D') { /* dots look thinner than stems of the same width */
      const double radius = p->radius;
      p->radius *= 1.25;
      line_to(p, v[0], v[1]);
      p->radius = radius;
    }
  }
}

static void draw_placed(pen *p, const placed_glyph *g, double along, double unit) {
  pen local = *p;
  const double forward = along + g->scale * g->glyph->left * unit;
  local.x = p->upwards ? p->x - g->raise * unit : p->x + forward;
  local.y = p->upwards ? p->y - forward : p->y - g->raise * unit;
  local.unit = g->scale * unit;
  local.radius = p->radius * (0.5 + 0.5 * g->scale); /* keep the colour of small characters */
  draw_glyph(&local, g->glyph->path);
}

void ritz_text_draw(ritz_canvas *canvas, const char *text, double x, double y,
                    ritz_text_style style) {
  if (!text || !*text) return;
  double width = ritz_text_width(text, style.size), size = style.size;
  const double shrink =
      style.room > 0 && width > style.room ? fmax(style.room / width, smallest_shrink) : 1;
  size *= shrink;
  width *= shrink;
  const bool cut = style.room > 0 && width > style.room * 1.001;
  const double unit = size / RITZ_GLYPH_EM;
  const placed_glyph dots = {ritz_glyph_find(0x2026), 1, 0};
  const double end = cut ? style.room - advance(&dots) * unit : width;
  const double back = style.align * (cut ? style.room : width);
  pen p = {.canvas = canvas, .x = x, .y = y, .upwards = style.upwards};
  if (style.upwards)
    p.y += back;
  else
    p.x -= back;
  p.radius = fmax((style.bold ? 2.35 : 1.75) * unit, 0.5);
  double along = 0;
  placed_glyph g;
  for (text_cursor c = start_of(text); next_glyph(&c, &g); along += advance(&g) * unit) {
    if (cut && along + advance(&g) * unit > end) {
      draw_placed(&p, &dots, along, unit);
      break;
    }
    draw_placed(&p, &g, along, unit);
  }
  ritz_canvas_paint(canvas, style.color);
}
