/* SPDX-License-Identifier: BSD-3-Clause
 * Rectangles, and strokes by distance: the coverage of a pixel is its centre's depth in the stroke,
 * clamped to one pixel. */
#include "io/figure/canvas.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"

static int max_int(int a, int b) { return a > b ? a : b; }
static int min_int(int a, int b) { return a < b ? a : b; }

static ritz_box intersection(ritz_box a, ritz_box b) {
  return (ritz_box){max_int(a.x0, b.x0), max_int(a.y0, b.y0), min_int(a.x1, b.x1),
                    min_int(a.y1, b.y1)};
}

static void forget_marks(ritz_canvas *canvas) {
  canvas->dirty = (ritz_box){canvas->width, canvas->height, 0, 0};
}

ritz_status ritz_canvas_init(ritz_canvas *canvas, int width, int height) {
  *canvas = (ritz_canvas){.width = width, .height = height};
  ritz_status status = ritz_calloc((ritz_index)width * height, 3, (void **)&canvas->pixels);
  if (status == RITZ_OK)
    status = ritz_calloc((ritz_index)width * height, 1, (void **)&canvas->mask);
  if (status != RITZ_OK) {
    ritz_canvas_clear(canvas);
    return status;
  }
  memset(canvas->pixels, 255, (size_t)width * (size_t)height * 3);
  ritz_canvas_unclip(canvas);
  forget_marks(canvas);
  return RITZ_OK;
}

void ritz_canvas_clear(ritz_canvas *canvas) {
  ritz_free(canvas->pixels);
  ritz_free(canvas->mask);
  *canvas = (ritz_canvas){0};
}

void ritz_canvas_unclip(ritz_canvas *canvas) {
  canvas->clip = (ritz_box){0, 0, canvas->width, canvas->height};
}

void ritz_canvas_clip(ritz_canvas *canvas, ritz_box box) {
  canvas->clip = intersection(box, (ritz_box){0, 0, canvas->width, canvas->height});
}

static unsigned char *pixel(ritz_canvas *canvas, int x, int y) {
  return canvas->pixels + 3 * ((size_t)y * (size_t)canvas->width + (size_t)x);
}

void ritz_canvas_fill(ritz_canvas *canvas, ritz_box box, ritz_rgb color) {
  const ritz_box b = intersection(box, canvas->clip);
  for (int y = b.y0; y < b.y1; y++)
    for (int x = b.x0; x < b.x1; x++) memcpy(pixel(canvas, x, y), &color, 3);
}

void ritz_canvas_frame(ritz_canvas *canvas, ritz_box b, int t, ritz_rgb color) {
  ritz_canvas_fill(canvas, (ritz_box){b.x0 - t, b.y0 - t, b.x1 + t, b.y0}, color);
  ritz_canvas_fill(canvas, (ritz_box){b.x0 - t, b.y1, b.x1 + t, b.y1 + t}, color);
  ritz_canvas_fill(canvas, (ritz_box){b.x0 - t, b.y0, b.x0, b.y1}, color);
  ritz_canvas_fill(canvas, (ritz_box){b.x1, b.y0, b.x1 + t, b.y1}, color);
}

/* First and last pixel, within [low, high), that a stroke of half-width reach around v can touch.
 */
static void touched(double from, double to, double reach, int low, int high, int *first,
                    int *last) {
  *first = (int)fmin(fmax(floor(from - reach), low), high);
  *last = (int)fmax(fmin(ceil(to + reach), high), low);
}

typedef struct segment {
  double ax, ay, dx, dy, inverse; /* inverse: 1 / |d|^2, 0 for a point */
  double radius;
} segment;

static void mark_pixel(ritz_canvas *canvas, const segment *s, int x, int y) {
  const double px = x + 0.5 - s->ax, py = y + 0.5 - s->ay;
  const double t = fmin(fmax((px * s->dx + py * s->dy) * s->inverse, 0), 1);
  const double depth = s->radius + 0.5 - hypot(px - t * s->dx, py - t * s->dy);
  if (depth <= 0) return;
  const unsigned char cover = (unsigned char)(fmin(depth, 1) * 255 + 0.5);
  unsigned char *m = canvas->mask + (size_t)y * (size_t)canvas->width + (size_t)x;
  if (cover > *m) *m = cover;
}

/* Walks along the longer side of the segment and tests only the pixels near it, so that the cost is
 * its length, not the area of its bounding box. */
void ritz_canvas_mark(ritz_canvas *canvas, double ax, double ay, double bx, double by,
                      double radius) {
  const double dx = bx - ax, dy = by - ay, square = dx * dx + dy * dy;
  if (!(square < 1e12)) return; /* far outside any canvas, or not a number */
  const segment s = {ax, ay, dx, dy, square > 0 ? 1 / square : 0, radius};
  const double reach = radius + 1;
  const ritz_box c = canvas->clip;
  int x0, x1, y0, y1;
  touched(fmin(ax, bx), fmax(ax, bx), reach, c.x0, c.x1, &x0, &x1);
  touched(fmin(ay, by), fmax(ay, by), reach, c.y0, c.y1, &y0, &y1);
  if (x0 >= x1 || y0 >= y1) return;
  const ritz_box d = canvas->dirty;
  canvas->dirty =
      (ritz_box){min_int(d.x0, x0), min_int(d.y0, y0), max_int(d.x1, x1), max_int(d.y1, y1)};
  const bool flat = fabs(dx) >= fabs(dy);
  const double slope = square == 0 ? 0 : flat ? dy / dx : dx / dy;
  const double across = reach * sqrt(1 + slope * slope) + fabs(slope);
  int first, last;
  if (flat) {
    for (int x = x0; x < x1; x++) {
      const double centre = ay + slope * (x + 0.5 - ax);
      touched(centre, centre, across, y0, y1, &first, &last);
      for (int y = first; y < last; y++) mark_pixel(canvas, &s, x, y);
    }
  } else {
    for (int y = y0; y < y1; y++) {
      const double centre = ax + slope * (y + 0.5 - ay);
      touched(centre, centre, across, x0, x1, &first, &last);
      for (int x = first; x < last; x++) mark_pixel(canvas, &s, x, y);
    }
  }
}

void ritz_canvas_paint(ritz_canvas *canvas, ritz_rgb color) {
  const ritz_box d = canvas->dirty;
  const int ink[3] = {color.r, color.g, color.b};
  for (int y = d.y0; y < d.y1; y++) {
    unsigned char *mask = canvas->mask + (size_t)y * (size_t)canvas->width;
    for (int x = d.x0; x < d.x1; x++) {
      if (!mask[x]) continue;
      unsigned char *p = pixel(canvas, x, y);
      for (int k = 0; k < 3; k++)
        p[k] = (unsigned char)((p[k] * (255 - mask[x]) + ink[k] * mask[x] + 127) / 255);
      mask[x] = 0;
    }
  }
  forget_marks(canvas);
}
