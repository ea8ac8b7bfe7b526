/* SPDX-License-Identifier: BSD-3-Clause
 * Fields by area averaging. */
#include "io/figure/field.h"

#include <math.h>

#include "core/dtype.h"
#include "io/figure/ticks.h"

static double value_at(const ritz_map_panel *p, ritz_index i, ritz_index j) {
  const ritz_index at = (i * p->n1 + j) * (p->step > 0 ? p->step : 1);
  return ritz_number_get(p->dtype, p->values, at);
}

ritz_field_range ritz_field_range_of(const ritz_map_panel *panel) {
  ritz_field_range range = {INFINITY, -INFINITY, 0};
  for (ritz_index i = 0; i < panel->n0; i++)
    for (ritz_index j = 0; j < panel->n1; j++) {
      const double v = value_at(panel, i, j);
      if (!ritz_drawable(v)) {
        range.not_finite++;
        continue;
      }
      range.low = fmin(range.low, v);
      range.high = fmax(range.high, v);
    }
  return range;
}

/* Grid points [first, last] under pixel k of `pixels`, in units of grid points from `from` to `to`.
 */
typedef struct cover {
  ritz_index first, last;
  double from, to;
} cover;

static cover cover_of(int k, int pixels, ritz_index n) {
  cover c = {.from = (double)k * (double)n / pixels, .to = (double)(k + 1) * (double)n / pixels};
  c.first = (ritz_index)(c.from + 1e-9); /* an edge that rounding put just short of its place */
  c.last = (ritz_index)ceil(c.to - 1e-9) - 1;
  if (c.first > n - 1) c.first = n - 1;
  if (c.last < c.first) c.last = c.first;
  if (c.last > n - 1) c.last = n - 1;
  return c;
}

static double overlap(const cover *c, ritz_index i) {
  return fmax(fmin(c->to, (double)i + 1) - fmax(c->from, (double)i), 1e-12);
}

/* NaN if a value under the pixel cannot be drawn. */
static double average(const ritz_map_panel *panel, const cover *x, const cover *y) {
  if (x->first == x->last && y->first == y->last) return value_at(panel, x->first, y->first);
  double sum = 0, weight = 0;
  for (ritz_index i = x->first; i <= x->last; i++) {
    const double wx = overlap(x, i);
    for (ritz_index j = y->first; j <= y->last; j++) {
      const double v = value_at(panel, i, j), w = wx * overlap(y, j);
      if (!ritz_drawable(v)) return NAN;
      sum += w * v;
      weight += w;
    }
  }
  return sum / weight;
}

void ritz_field_draw(ritz_canvas *canvas, ritz_box box, const ritz_map_panel *panel,
                     const ritz_colormap *map, double low, double high) {
  const int width = box.x1 - box.x0, height = box.y1 - box.y0;
  for (int px = 0; px < width; px++) {
    const cover x = cover_of(px, width, panel->n0);
    for (int py = 0; py < height; py++) {
      const cover y = cover_of(height - 1 - py, height, panel->n1);
      const double v = average(panel, &x, &y);
      const ritz_rgb color =
          ritz_drawable(v) ? ritz_colormap_at(map, low, high, v) : RITZ_COLOR_NOT_FINITE;
      const ritz_box at = {box.x0 + px, box.y0 + py, box.x0 + px + 1, box.y0 + py + 1};
      ritz_canvas_fill(canvas, at, color);
    }
  }
}
