/* SPDX-License-Identifier: BSD-3-Clause
 * Figures of curves: check, measure, draw. The legend stands above the axes, where no curve can run
 * into it. */
#include <math.h>

#include "core/fail.h"
#include "core/memory.h"
#include "io/figure.h"
#include "io/figure/axes.h"
#include "io/figure/colormap.h"
#include "io/figure/curve.h"

/* What the data of one panel ask for. */
typedef struct view {
  ritz_axis x, y;
  bool gaps; /* some y is not finite */
} view;

typedef struct layout {
  ritz_measure m;
  int columns, rows, width, height;
  int margin, left, gap;
  int plot_width, plot_height;
  int title; /* above everything */
  int foot;  /* below the axes: numbers, label */
} layout;

static const double least_log = 1e-300; /* logarithmic axes start here at the lowest */

static bool has_text(const char *text) { return text && *text; }

static double x_at(const ritz_line_series *s, ritz_index i) { return s->x ? s->x[i] : (double)i; }

static bool usable(double y, bool log) { return ritz_drawable(y) && (!log || y >= least_log); }

/* Okabe and Ito 2008, "Color Universal Design", without the yellow that white paper swallows. */
static ritz_rgb series_color(int k) {
  static const ritz_rgb palette[] = {{0, 114, 178}, {213, 94, 0},   {0, 158, 115}, {204, 121, 167},
                                     {230, 159, 0}, {86, 180, 233}, {0, 0, 0}};
  return palette[k % 7];
}

static ritz_status check_panel(const ritz_line_panel *p, int k) {
  RITZ_REQUIRE(p->series && p->count >= 1 && p->count <= RITZ_FIGURE_MAX_SERIES, RITZ_ERR_ARGUMENT,
               "panel %d of the figure has %d series, expected 1 to %d", k,
               p->series ? p->count : 0, RITZ_FIGURE_MAX_SERIES);
  RITZ_REQUIRE(
      p->y_scale == RITZ_LINE_AUTO || p->y_scale == RITZ_LINE_LINEAR || p->y_scale == RITZ_LINE_LOG,
      RITZ_ERR_ARGUMENT, "panel %d of the figure has the unknown scale %d", k, (int)p->y_scale);
  for (int i = 0; i < p->count; i++) {
    const ritz_line_series *s = &p->series[i];
    RITZ_REQUIRE(s->y && s->count >= 1 && s->count <= RITZ_FIGURE_MAX_POINTS, RITZ_ERR_ARGUMENT,
                 "series %d (%s) in panel %d of the figure has %td points, expected 1 to %d", i,
                 s->name ? s->name : "no name", k, s->y ? s->count : 0, RITZ_FIGURE_MAX_POINTS);
  }
  return RITZ_OK;
}

static ritz_status check_figure(const ritz_line_figure *f) {
  RITZ_TRY(ritz_figure_check(f->panel ? f->panels : 0, f->columns, f->width));
  for (int k = 0; k < f->panels; k++) RITZ_TRY(check_panel(&f->panel[k], k));
  return RITZ_OK;
}

/* Least and greatest x and y of the points that can be drawn; low > high if there are none. */
static void find_ranges(const ritz_line_panel *p, bool log, view *v) {
  v->x.low = v->y.low = INFINITY;
  v->x.high = v->y.high = -INFINITY;
  v->gaps = false;
  for (int k = 0; k < p->count; k++)
    for (ritz_index i = 0; i < p->series[k].count; i++) {
      const double x = x_at(&p->series[k], i), y = p->series[k].y[i];
      if (!ritz_drawable(x)) continue;
      v->x.low = fmin(v->x.low, x); /* a gap at the end of a run is part of the run */
      v->x.high = fmax(v->x.high, x);
      if (!usable(y, log)) {
        v->gaps = true;
        continue;
      }
      v->y.low = fmin(v->y.low, y);
      v->y.high = fmax(v->y.high, y);
    }
}

static ritz_status find_view(const ritz_line_panel *p, int k, view *v) {
  *v = (view){.gaps = false};
  find_ranges(p, p->y_scale == RITZ_LINE_LOG, v);
  RITZ_REQUIRE(v->y.low <= v->y.high, RITZ_ERR_ARGUMENT,
               "panel %d of the figure has no point that can be drawn%s", k,
               p->y_scale == RITZ_LINE_LOG ? " on a logarithmic axis" : "");
  v->y.log = p->y_scale == RITZ_LINE_LOG ||
             (p->y_scale == RITZ_LINE_AUTO && v->y.low >= least_log && v->y.high / 50 >= v->y.low);
  ritz_range_widen(&v->x.low, &v->x.high);
  ritz_range_round(&v->x.low, &v->x.high);
  if (v->y.log) {
    const double room = fmax(pow(v->y.high / v->y.low, 0.04), v->y.high / v->y.low < 1.5 ? 2 : 1);
    v->y.low /= room;
    v->y.high *= room;
  } else {
    ritz_range_widen(&v->y.low, &v->y.high);
    const double room = 0.04 * (v->y.high - v->y.low);
    v->y.low -= room;
    v->y.high += room;
  }
  return RITZ_OK;
}

static double line_radius(ritz_measure m) { return fmax(0.06 * m.text, 0.7); }
/* Length of the dashes of series k, 0 for a full line: every seven series, when the colours return,
 * another one; `dashed` asks for the next. */
static double dash_length(const ritz_line_panel *p, int k, ritz_measure m) {
  static const double length[] = {0, 0.4, 0.16, 0.8, 1.4, 0.25};
  return length[k / 7 + p->series[k].dashed] * m.text;
}

static void draw_sample(ritz_canvas *canvas, const ritz_line_panel *p, int k, double x, double y,
                        ritz_measure m) {
  if (k == p->count) {
    const int size = (int)(0.7 * m.text);
    const int x0 = (int)x + (int)(0.4 * m.text), y0 = (int)y - size / 2;
    ritz_canvas_fill(canvas, (ritz_box){x0, y0, x0 + size, y0 + size}, RITZ_COLOR_NOT_FINITE);
    return;
  }
  ritz_pencil pencil = {
      .canvas = canvas, .radius = 1.2 * line_radius(m), .dash = dash_length(p, k, m)};
  ritz_pencil_to(&pencil, x, y);
  ritz_pencil_to(&pencil, x + 1.6 * m.text, y);
  ritz_pencil_lift(&pencil);
  ritz_canvas_paint(canvas, series_color(k));
}

/* Names from left to right, in as many rows as they need; without a canvas only counts the rows.
 * The entry after the last series explains the grey bands. */
static int legend(ritz_canvas *canvas, const ritz_line_panel *p, bool gaps, double left, double top,
                  double width, ritz_measure m) {
  const double lead = 2.1 * m.text, between = 1.2 * m.text;
  double x = 0;
  int row = 0, listed = 0;
  for (int k = 0; k < p->count + (gaps ? 1 : 0); k++) {
    const char *name = k < p->count ? p->series[k].name : "not finite";
    if (!has_text(name)) continue;
    const double taken = fmin(lead + ritz_text_width(name, m.text), width);
    if (x > 0 && x + taken > width) x = 0, row++;
    if (canvas) {
      const double baseline = top + (1.3 * row + 0.9) * m.text;
      draw_sample(canvas, p, k, left + x, baseline - 0.3 * m.text, m);
      ritz_text_draw(
          canvas, name, left + x + lead, baseline,
          (ritz_text_style){.size = m.text, .room = width - lead, .color = RITZ_COLOR_TEXT});
    }
    x += taken + between;
    listed++;
  }
  return listed > 0 ? row + 1 : 0;
}

/* What stands above the axes of one row of panels; the same for all of them so that they line up.
 */
typedef struct head {
  bool titles, subtitles;
  int legends, exponent; /* pixels */
  int height;            /* of all together */
} head;

static head head_of_row(const ritz_line_figure *f, const view *v, const layout *l, int row) {
  const double text = l->m.text;
  head h = {.titles = false};
  for (int k = row * l->columns; k < f->panels && k < (row + 1) * l->columns; k++) {
    h.titles |= has_text(f->panel[k].title);
    h.subtitles |= has_text(f->panel[k].subtitle);
    const int rows = legend(NULL, &f->panel[k], v[k].gaps, 0, 0, l->plot_width, l->m);
    if (1.3 * text * rows > h.legends) h.legends = (int)(1.3 * text * rows);
    if (v[k].y.ticks.exponent != 0) h.exponent = (int)(1.2 * text);
  }
  h.height =
      (int)(text * (0.4 + (h.titles ? 1.6 : 0) + (h.subtitles ? 1.3 : 0))) + h.legends + h.exponent;
  return h;
}

/* Upper edge of a row of panels, its head included; of the row after the last: the lower edge. */
static double row_top(const ritz_line_figure *f, const view *v, const layout *l, int row) {
  double top = l->margin + l->title;
  for (int r = 0; r < row; r++)
    top += head_of_row(f, v, l, r).height + l->plot_height + l->foot + (int)(0.9 * l->m.text);
  return top;
}

static ritz_status arrange(const ritz_line_figure *f, view *v, layout *l) {
  l->columns = f->columns > 0 ? f->columns : 3;
  if (l->columns > f->panels) l->columns = f->panels;
  l->rows = (f->panels + l->columns - 1) / l->columns;
  l->width = f->width > 0 ? f->width : l->columns == 1 ? 1000 : 1600;
  const double share = (double)l->width / l->columns;
  l->m = ritz_measure_of(fmax(fmin(share / 26, l->width / (l->columns == 1 ? 50.0 : 76.0)), 11));
  const double text = l->m.text;
  l->margin = (int)(0.8 * text);
  l->gap = (int)(1.6 * text);
  l->left = (int)(5 * text);
  for (int pass = 0; pass < 2; pass++) { /* tick labels depend on the size and the size on them */
    const int room = l->width - 2 * l->margin - (l->columns - 1) * l->gap - (int)(0.8 * text);
    l->plot_width = room / l->columns - l->left;
    RITZ_REQUIRE(l->plot_width >= 4 * text, RITZ_ERR_ARGUMENT,
                 "%d columns do not fit into a figure %d pixels wide", l->columns, l->width);
    l->plot_height = (int)(0.62 * l->plot_width);
    l->left = l->foot = 0;
    for (int k = 0; k < f->panels; k++) {
      ritz_axis_fit_x(&v[k].x, l->plot_width, l->m);
      ritz_axis_fit_y(&v[k].y, l->plot_height, l->m);
      const int side = ritz_axis_y_width(&v[k].y, f->panel[k].y_label, l->m);
      const int below = ritz_axis_x_height(&v[k].x, f->panel[k].x_label, l->m);
      if (side > l->left) l->left = side;
      if (below > l->foot) l->foot = below;
    }
  }
  l->title = has_text(f->title) ? (int)(2.1 * text) : 0;
  const double height = row_top(f, v, l, l->rows) - (int)(0.9 * text) + l->margin;
  RITZ_REQUIRE(height <= RITZ_FIGURE_MAX_PIXELS, RITZ_ERR_ARGUMENT,
               "the figure would be %.0f pixels high, more than %d", height,
               RITZ_FIGURE_MAX_PIXELS);
  l->height = (int)height;
  return RITZ_OK;
}

static double pixel_x(const view *v, ritz_box box, double x) {
  return box.x0 + (box.x1 - box.x0) * ritz_axis_at(&v->x, x);
}

static double pixel_y(const view *v, ritz_box box, double y) {
  return box.y1 - (box.y1 - box.y0) * ritz_axis_at(&v->y, y);
}

/* Half way to both neighbours of a point that has no place on the y axis. */
static void draw_bands(ritz_canvas *canvas, const ritz_line_series *s, const view *v,
                       ritz_box box) {
  for (ritz_index i = 0; i < s->count; i++) {
    const double x = x_at(s, i);
    if (usable(s->y[i], v->y.log) || !ritz_drawable(x)) continue;
    const double before = i > 0 && ritz_drawable(x_at(s, i - 1)) ? x_at(s, i - 1) : x;
    const double after = i + 1 < s->count && ritz_drawable(x_at(s, i + 1)) ? x_at(s, i + 1) : x;
    const double from = pixel_x(v, box, 0.5 * (x + before)),
                 to = pixel_x(v, box, 0.5 * (x + after));
    const int x0 = (int)floor(fmin(from, to) - 0.5), x1 = (int)ceil(fmax(from, to) + 0.5);
    ritz_canvas_fill(canvas, (ritz_box){x0, box.y0, x1, box.y1}, RITZ_COLOR_NOT_FINITE);
  }
}

static void draw_series(ritz_canvas *canvas, const ritz_line_panel *p, int k, const view *v,
                        ritz_box box, ritz_measure m) {
  const ritz_line_series *s = &p->series[k];
  ritz_pencil pencil = {.canvas = canvas,
                        .radius = line_radius(m),
                        .dash = dash_length(p, k, m),
                        .dense = s->count > 4 * (box.x1 - box.x0)};
  for (ritz_index i = 0; i < s->count; i++) {
    const double x = x_at(s, i), y = s->y[i];
    if (ritz_drawable(x) && usable(y, v->y.log))
      ritz_pencil_to(&pencil, pixel_x(v, box, x), pixel_y(v, box, y));
    else
      ritz_pencil_lift(&pencil);
  }
  ritz_pencil_lift(&pencil);
  ritz_canvas_paint(canvas, series_color(k));
}

static void draw_grid(ritz_canvas *canvas, const view *v, ritz_box box, ritz_measure m) {
  for (int i = 0; i < v->x.ticks.count; i++) {
    const int x = (int)lround(pixel_x(v, box, v->x.ticks.value[i]) - 0.5 * m.line);
    ritz_canvas_fill(canvas, (ritz_box){x, box.y0, x + m.line, box.y1}, RITZ_COLOR_GRID);
  }
  for (int i = 0; i < v->y.ticks.count; i++) {
    const int y = (int)lround(pixel_y(v, box, v->y.ticks.value[i]) - 0.5 * m.line);
    ritz_canvas_fill(canvas, (ritz_box){box.x0, y, box.x1, y + m.line}, RITZ_COLOR_GRID);
  }
}

static void draw_head(ritz_canvas *canvas, const ritz_line_panel *p, const view *v, ritz_box box,
                      head h, const layout *l) {
  const double text = l->m.text, middle = 0.5 * (box.x0 + box.x1);
  const double room = l->plot_width + l->left, top = box.y0 - h.height;
  ritz_text_draw(
      canvas, p->title, middle, top + 1.15 * text,
      (ritz_text_style){
          .size = 1.15 * text, .align = 0.5, .room = room, .bold = true, .color = RITZ_COLOR_TEXT});
  ritz_text_draw(
      canvas, p->subtitle, middle, top + (h.titles ? 2.45 : 0.85) * text,
      (ritz_text_style){
          .size = 0.95 * text, .align = 0.5, .room = room, .color = RITZ_COLOR_SOFT_TEXT});
  const int rows = legend(NULL, p, v->gaps, 0, 0, l->plot_width, l->m);
  const double bottom = box.y0 - 0.4 * text - h.exponent;
  legend(canvas, p, v->gaps, box.x0, bottom - 1.3 * text * rows, l->plot_width, l->m);
}

static void draw_panel(ritz_canvas *canvas, const ritz_line_figure *f, const view *views, int k,
                       const layout *l) {
  const ritz_line_panel *p = &f->panel[k];
  const view *v = &views[k];
  const int column = k % l->columns, row = k / l->columns;
  const head h = head_of_row(f, views, l, row);
  const int x = l->margin + l->left + column * (l->plot_width + l->left + l->gap);
  const int y = (int)row_top(f, views, l, row) + h.height;
  const ritz_box box = {x, y, x + l->plot_width, y + l->plot_height};
  draw_head(canvas, p, v, box, h, l);
  ritz_canvas_clip(canvas, box);
  for (int i = 0; i < p->count; i++) draw_bands(canvas, &p->series[i], v, box);
  draw_grid(canvas, v, box, l->m);
  ritz_canvas_unclip(canvas);
  ritz_canvas_frame(canvas, box, l->m.line, RITZ_COLOR_TEXT);
  for (int i = 0; i < p->count; i++) draw_series(canvas, p, i, v, box, l->m);
  ritz_axis_draw_x(canvas, &v->x, box, p->x_label, l->m);
  ritz_axis_draw_y(canvas, &v->y, box, p->y_label, true, l->m);
}

ritz_status ritz_figure_lines(const ritz_line_figure *figure, const char *path) {
  RITZ_REQUIRE(figure && path, RITZ_ERR_ARGUMENT, "the figure or its path is NULL");
  RITZ_TRY(check_figure(figure));
  ritz_status status;
  ritz_canvas canvas = {0};
  layout l = {0};
  view *v = NULL;
  RITZ_TRY_DONE(RITZ_NEW(figure->panels, &v));
  for (int k = 0; k < figure->panels; k++) RITZ_TRY_DONE(find_view(&figure->panel[k], k, &v[k]));
  RITZ_TRY_DONE(arrange(figure, v, &l));
  RITZ_TRY_DONE(ritz_canvas_init(&canvas, l.width, l.height));
  ritz_draw_title(&canvas, figure->title, l.margin, l.m);
  for (int k = 0; k < figure->panels; k++) draw_panel(&canvas, figure, v, k, &l);
  status = ritz_canvas_write_png(&canvas, path);
done:
  ritz_canvas_clear(&canvas);
  ritz_free(v);
  return status;
}
