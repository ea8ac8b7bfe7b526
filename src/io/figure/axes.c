/* SPDX-License-Identifier: BSD-3-Clause
 * Axes: as many ticks as fit, numbers, labels. */
#include "io/figure/axes.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/fail.h"
#include "io/figure.h"

ritz_status ritz_figure_check(int panels, int columns, int width) {
  RITZ_REQUIRE(panels >= 1 && panels <= RITZ_FIGURE_MAX_PANELS, RITZ_ERR_ARGUMENT,
               "a figure has 1 to %d panels, got %d", RITZ_FIGURE_MAX_PANELS, panels);
  RITZ_REQUIRE(columns >= 0, RITZ_ERR_ARGUMENT, "the figure has %d columns", columns);
  RITZ_REQUIRE(width == 0 || (width >= RITZ_FIGURE_MIN_WIDTH && width <= RITZ_FIGURE_MAX_PIXELS),
               RITZ_ERR_ARGUMENT, "the figure is %d pixels wide, expected %d to %d", width,
               RITZ_FIGURE_MIN_WIDTH, RITZ_FIGURE_MAX_PIXELS);
  return RITZ_OK;
}

ritz_measure ritz_measure_of(double text) {
  const int line = (int)fmax(1, floor(text / 14));
  return (ritz_measure){text, line, (int)ceil(0.3 * text)};
}

void ritz_draw_title(ritz_canvas *canvas, const char *title, double margin, ritz_measure m) {
  ritz_text_draw(canvas, title, 0.5 * canvas->width, margin + 1.05 * m.text,
                 (ritz_text_style){.size = 1.35 * m.text,
                                   .align = 0.5,
                                   .bold = true,
                                   .room = canvas->width - 2 * margin,
                                   .color = RITZ_COLOR_TEXT});
}

double ritz_axis_at(const ritz_axis *axis, double value) {
  if (axis->log) return log(value / axis->low) / log(axis->high / axis->low);
  return (value - axis->low) / (axis->high - axis->low);
}

static void place_ticks(ritz_axis *axis, int most) {
  if (axis->log)
    ritz_ticks_log(axis->low, axis->high, most, &axis->ticks);
  else
    ritz_ticks_linear(axis->low, axis->high, most, &axis->ticks);
}

static bool labels_touch(const ritz_axis *axis, double pixels, double text) {
  double last = -1e9; /* end of the previous label */
  for (int i = 0; i < axis->ticks.count; i++) {
    const double half = 0.5 * ritz_text_width(axis->ticks.label[i], text);
    const double at = pixels * ritz_axis_at(axis, axis->ticks.value[i]);
    if (at - half < last + text) return true;
    last = at + half;
  }
  return false;
}

void ritz_axis_fit_x(ritz_axis *axis, double pixels, ritz_measure m) {
  int most = 8;
  do place_ticks(axis, most);
  while (labels_touch(axis, pixels, m.text) && --most >= 2);
}

void ritz_axis_fit_y(ritz_axis *axis, double pixels, ritz_measure m) {
  place_ticks(axis, (int)fmin(fmax(pixels / (2.4 * m.text), 2), 8));
}

void ritz_exponent_label(const ritz_ticks *ticks, char label[RITZ_TICK_LABEL]) {
  label[0] = 0;
  if (ticks->exponent == 0) return;
  snprintf(label, RITZ_TICK_LABEL, "\u00d710^{%s%d}", ticks->exponent < 0 ? "\u2212" : "",
           abs(ticks->exponent));
}

double ritz_axis_label_width(const ritz_axis *axis, ritz_measure m) {
  char exponent[RITZ_TICK_LABEL];
  ritz_exponent_label(&axis->ticks, exponent);
  double widest = ritz_text_width(exponent, m.text) - 1.2 * m.text; /* it reaches over the box */
  for (int i = 0; i < axis->ticks.count; i++)
    widest = fmax(widest, ritz_text_width(axis->ticks.label[i], m.text));
  return fmax(widest, 0);
}

static bool has_text(const char *text) { return text && *text; }

int ritz_axis_x_height(const ritz_axis *axis, const char *label, ritz_measure m) {
  const bool row = has_text(label) || axis->ticks.exponent != 0;
  return m.line + m.tick + (int)(1.1 * m.text) + (row ? (int)(1.35 * m.text) : 0);
}

void ritz_axis_draw_x(ritz_canvas *canvas, const ritz_axis *axis, ritz_box box, const char *label,
                      ritz_measure m) {
  const double width = box.x1 - box.x0;
  const int top = box.y1 + m.line;
  ritz_text_style style = {.size = m.text, .align = 0.5, .color = RITZ_COLOR_TEXT};
  const double baseline = top + m.tick + 0.95 * m.text;
  const double over = 0.75 * m.text; /* how far a label may stick out of the box */
  for (int i = 0; i < axis->ticks.count; i++) {
    const double x = box.x0 + width * ritz_axis_at(axis, axis->ticks.value[i]);
    const int left = (int)lround(x - 0.5 * m.line);
    ritz_canvas_fill(canvas, (ritz_box){left, top, left + m.line, top + m.tick}, RITZ_COLOR_TEXT);
    const double half = 0.5 * ritz_text_width(axis->ticks.label[i], m.text);
    const double middle = fmin(fmax(x, box.x0 - over + half), box.x1 + over - half);
    ritz_text_draw(canvas, axis->ticks.label[i], middle, baseline, style);
  }
  char exponent[RITZ_TICK_LABEL];
  ritz_exponent_label(&axis->ticks, exponent);
  style.room = width - 2 * ritz_text_width(exponent, m.text);
  ritz_text_draw(canvas, label, box.x0 + 0.5 * width, baseline + 1.3 * m.text, style);
  style.align = 1;
  style.room = 0;
  ritz_text_draw(canvas, exponent, box.x1, baseline + 1.3 * m.text, style);
}

int ritz_axis_y_width(const ritz_axis *axis, const char *label, ritz_measure m) {
  const double numbers = ritz_axis_label_width(axis, m);
  return m.line + m.tick + (int)ceil(0.3 * m.text + numbers) +
         (has_text(label) ? (int)(1.35 * m.text) : 0);
}

/* Short ticks at 2, 3, ... 9 times each power of ten, where these are labelled. */
static void draw_minor_ticks(ritz_canvas *canvas, const ritz_axis *axis, ritz_box box,
                             ritz_measure m) {
  const ritz_ticks *t = &axis->ticks;
  if (!axis->log || t->count < 2 || fabs(t->value[1] / t->value[0] - 10) > 1e-6) return;
  const int right = box.x0 - m.line;
  for (int k = -1; k < t->count; k++)
    for (int i = 2; i < 10; i++) {
      const double v = i * (k < 0 ? t->value[0] / 10 : t->value[k]);
      if (v < axis->low || v > axis->high) continue;
      const double y = box.y1 - (box.y1 - box.y0) * ritz_axis_at(axis, v);
      const int top = (int)lround(y - 0.5 * m.line);
      ritz_canvas_fill(canvas, (ritz_box){right - m.tick / 2, top, right, top + m.line},
                       RITZ_COLOR_TEXT);
    }
}

void ritz_axis_draw_y(ritz_canvas *canvas, const ritz_axis *axis, ritz_box box, const char *label,
                      bool numbers, ritz_measure m) {
  const double height = box.y1 - box.y0;
  const int right = box.x0 - m.line;
  ritz_text_style style = {.size = m.text, .align = 1, .color = RITZ_COLOR_TEXT};
  for (int i = 0; i < axis->ticks.count; i++) {
    const double y = box.y1 - height * ritz_axis_at(axis, axis->ticks.value[i]);
    const int top = (int)lround(y - 0.5 * m.line);
    ritz_canvas_fill(canvas, (ritz_box){right - m.tick, top, right, top + m.line}, RITZ_COLOR_TEXT);
    if (numbers)
      ritz_text_draw(canvas, axis->ticks.label[i], right - m.tick - 0.3 * m.text, y + 0.32 * m.text,
                     style);
  }
  draw_minor_ticks(canvas, axis, box, m);
  if (!numbers) return;
  char exponent[RITZ_TICK_LABEL];
  ritz_exponent_label(&axis->ticks, exponent);
  ritz_text_draw(canvas, exponent, box.x0 + 1.2 * m.text, box.y0 - 0.5 * m.text, style);
  style.align = 0.5;
  style.upwards = true;
  style.room = height;
  const double across = right - m.tick - 0.3 * m.text - ritz_axis_label_width(axis, m);
  ritz_text_draw(canvas, label, across - 0.6 * m.text, 0.5 * (box.y0 + box.y1), style);
}
