/* SPDX-License-Identifier: BSD-3-Clause
 * Curves as marks on a canvas. */
#include "io/figure/curve.h"

#include <math.h>

/* The part of the segment from `from` to `to` pixels after its start. */
static void mark_part(ritz_pencil *p, double dx, double dy, double from, double to) {
  ritz_canvas_mark(p->canvas, p->x + from * dx, p->y + from * dy, p->x + to * dx, p->y + to * dy,
                   p->radius);
}

static void stroke_to(ritz_pencil *p, double x, double y) {
  const double length = hypot(x - p->x, y - p->y);
  if (p->dash == 0 || length == 0) {
    ritz_canvas_mark(p->canvas, p->x, p->y, x, y, p->radius);
  } else {
    const double dx = (x - p->x) / length, dy = (y - p->y) / length;
    const double period = 2 * p->dash;
    for (double start = -fmod(p->walked, period); start < length; start += period) {
      const double from = fmax(start, 0), to = fmin(start + p->dash, length);
      if (to > from) mark_part(p, dx, dy, from, to);
    }
  }
  p->walked += length;
  p->x = x, p->y = y;
}

static void finish_column(ritz_pencil *p) {
  if (!p->waiting) return;
  p->waiting = false;
  stroke_to(p, p->x, p->least);
  stroke_to(p, p->x, p->most);
  stroke_to(p, p->x, p->exit);
}

void ritz_pencil_to(ritz_pencil *p, double x, double y) {
  p->points += p->points < 2;
  if (p->dense && p->points == 2 && (int)floor(x) == p->column) {
    p->least = fmin(p->least, y);
    p->most = fmax(p->most, y);
    p->exit = y;
    p->waiting = true;
    return;
  }
  finish_column(p);
  if (p->points == 1)
    p->x = x, p->y = y, p->walked = 0;
  else
    stroke_to(p, x, y);
  p->column = (int)floor(x);
  p->least = p->most = p->exit = y;
}

void ritz_pencil_lift(ritz_pencil *p) {
  finish_column(p);
  if (p->points == 1) ritz_canvas_mark(p->canvas, p->x, p->y, p->x, p->y, 2.2 * p->radius);
  p->points = 0;
}
