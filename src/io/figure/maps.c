/* SPDX-License-Identifier: BSD-3-Clause
 * Figures of 2-D fields: check, measure, draw. */
#include <assert.h>
#include <math.h>
#include <stdio.h>

#include "core/fail.h"
#include "io/figure.h"
#include "io/figure/axes.h"
#include "io/figure/colormap.h"
#include "io/figure/field.h"

/* Everything a panel's drawing needs to know, in pixels. */
typedef struct layout {
  ritz_measure m;
  int columns, rows, width, height;
  int margin; /* around the whole figure */
  int left;   /* y axis of the first column */
  int gap;    /* between panels */
  int image_width, image_height;
  int title, head; /* figure title; panel title and subtitle */
  bool subtitles;  /* some panel has one: all titles stand on the upper line */
  int row;         /* from the top of one row of panels to the next */
  ritz_axis x, y;
} layout;

typedef struct scales {
  ritz_field_range range[RITZ_FIGURE_MAX_PANELS]; /* own range, then the one in use */
} scales;

static const char *or_else(const char *text, const char *otherwise) {
  return text ? text : otherwise;
}

static int at_most(int a, int b) { return a < b ? a : b; }

static bool has_text(const char *text) { return text && *text; }

static ritz_status check_panel(const ritz_map_figure *f, int k) {
  const ritz_map_panel *p = &f->panel[k];
  RITZ_REQUIRE(p->values, RITZ_ERR_ARGUMENT, "panel %d of the figure has no values", k);
  RITZ_REQUIRE(p->n0 >= 1 && p->n1 >= 1 && p->n0 <= RITZ_FIGURE_MAX_EXTENT &&
                   p->n1 <= RITZ_FIGURE_MAX_EXTENT,
               RITZ_ERR_ARGUMENT, "panel %d of the figure is [%td, %td], extents are 1 to %d", k,
               p->n0, p->n1, RITZ_FIGURE_MAX_EXTENT);
  RITZ_REQUIRE(p->dtype == RITZ_FLOAT32 || p->dtype == RITZ_FLOAT64, RITZ_ERR_ARGUMENT,
               "panel %d of the figure has the unknown number format %d", k, (int)p->dtype);
  RITZ_REQUIRE(p->step >= 0, RITZ_ERR_ARGUMENT, "panel %d of the figure has step %td", k, p->step);
  RITZ_REQUIRE(
      (p->low == 0 && p->high == 0) ||
          (ritz_drawable(p->low) && ritz_drawable(p->high) && ritz_range_open(p->low, p->high)),
      RITZ_ERR_ARGUMENT, "panel %d of the figure has the scale %g to %g", k, p->low, p->high);
  for (int i = 0; p->scale_group != 0 && i < k; i++)
    RITZ_REQUIRE(f->panel[i].scale_group != p->scale_group || f->panel[i].colors == p->colors,
                 RITZ_ERR_ARGUMENT, "panels %d and %d share scale group %d but not their colours",
                 i, k, p->scale_group);
  return RITZ_OK;
}

/* Both zero: index coordinates. */
static ritz_status axis_range(const char *name, double low, double high, ritz_index n,
                              ritz_axis *out) {
  if (low == 0 && high == 0) high = (double)n;
  RITZ_REQUIRE(ritz_drawable(low) && ritz_drawable(high) && ritz_range_open(low, high),
               RITZ_ERR_ARGUMENT, "the figure's %s axis runs from %g to %g", name, low, high);
  out->low = low;
  out->high = high;
  return RITZ_OK;
}

static ritz_status check_figure(const ritz_map_figure *f, layout *l) {
  RITZ_TRY(ritz_figure_check(f->panel ? f->panels : 0, f->columns, f->width));
  assert(f->panel);
  for (int k = 0; k < f->panels; k++) RITZ_TRY(check_panel(f, k));
  RITZ_TRY(axis_range("x", f->x_low, f->x_high, f->panel[0].n0, &l->x));
  return axis_range("y", f->y_low, f->y_high, f->panel[0].n1, &l->y);
}

static void union_of_group(const ritz_map_figure *f, int k, const scales *own,
                           ritz_field_range *out) {
  for (int i = 0; i < f->panels; i++) {
    if (i != k &&
        (f->panel[k].scale_group == 0 || f->panel[i].scale_group != f->panel[k].scale_group))
      continue;
    out->low = fmin(out->low, own->range[i].low);
    out->high = fmax(out->high, own->range[i].high);
  }
}

static void choose_scales(const ritz_map_figure *f, scales *s) {
  scales own;
  for (int k = 0; k < f->panels; k++) own.range[k] = ritz_field_range_of(&f->panel[k]);
  for (int k = 0; k < f->panels; k++) {
    const ritz_map_panel *p = &f->panel[k];
    ritz_field_range *r = &s->range[k];
    *r = own.range[k];
    union_of_group(f, k, &own, r);
    if (r->low > r->high) r->low = r->high = 0; /* nothing to show: any scale will do */
    if (p->colors == RITZ_MAP_DIVERGING) {
      r->high = fmax(fabs(r->low), fabs(r->high));
      r->low = -r->high;
    }
    if (p->low < p->high) {
      r->low = p->low;
      r->high = p->high;
      continue;
    }
    ritz_range_widen(&r->low, &r->high);
    ritz_range_round(&r->low, &r->high);
  }
}

static int choose_columns(const ritz_map_figure *f, double aspect) {
  if (f->columns > 0) return at_most(f->columns, f->panels);
  return at_most(f->panels, aspect < 0.55 ? 2 : 4);
}

static int bar_gap(ritz_measure m) { return (int)(0.6 * m.text); }
static int bar_height(ritz_measure m) { return (int)(0.75 * m.text); }

/* Room of the colour bar with numbers, unit and exponent; the same for all panels. */
static int bar_room(const ritz_map_figure *f, const layout *l, const scales *s) {
  int room = 0;
  for (int k = 0; k < f->panels; k++) {
    ritz_axis axis = {.low = s->range[k].low, .high = s->range[k].high};
    ritz_axis_fit_x(&axis, l->image_width, l->m);
    const int needed = ritz_axis_x_height(&axis, f->panel[k].unit, l->m);
    if (needed > room) room = needed;
  }
  return bar_gap(l->m) + bar_height(l->m) + l->m.line + room;
}

static void arrange_head(const ritz_map_figure *f, const scales *s, layout *l) {
  bool title = false;
  l->subtitles = l->y.ticks.exponent != 0; /* the exponent of the y axis stands there, too */
  for (int k = 0; k < f->panels; k++) {
    title |= has_text(f->panel[k].title);
    l->subtitles |= has_text(f->panel[k].subtitle) || s->range[k].not_finite > 0;
  }
  l->head = (int)(l->m.text * (0.5 + (title ? 1.35 : 0) + (l->subtitles ? 1.3 : 0)));
}

static ritz_status arrange(const ritz_map_figure *f, const scales *s, layout *l) {
  const double physical = (l->y.high - l->y.low) / (l->x.high - l->x.low);
  const double aspect = fmin(fmax(physical, 0.25), 4);
  l->columns = choose_columns(f, aspect);
  l->rows = (f->panels + l->columns - 1) / l->columns;
  l->width =
      f->width > 0 ? f->width : at_most((int)fmax(800, 400 * l->columns), RITZ_FIGURE_MAX_PIXELS);
  l->m = ritz_measure_of(fmax(l->width / (18 * fmax(l->columns, 2)), 11));
  const double text = l->m.text;
  l->margin = (int)(0.8 * text);
  l->left = (int)(3.5 * text);
  for (int pass = 0; pass < 2; pass++) { /* tick labels depend on the size and the size on them */
    l->gap = (int)(2.1 * text);
    const int room =
        l->width - 2 * l->margin - l->left - l->gap * (l->columns - 1) - (int)(0.8 * text);
    l->image_width = room / l->columns;
    RITZ_REQUIRE(l->image_width >= 3 * text, RITZ_ERR_ARGUMENT,
                 "%d columns do not fit into a figure %d pixels wide", l->columns, l->width);
    l->image_height = (int)fmax(lround(l->image_width * aspect), 8);
    ritz_axis_fit_x(&l->x, l->image_width, l->m);
    ritz_axis_fit_y(&l->y, l->image_height, l->m);
    l->left = ritz_axis_y_width(&l->y, or_else(f->y_label, "y"), l->m);
  }
  l->title = has_text(f->title) ? (int)(2.1 * text) : 0;
  arrange_head(f, s, l);
  l->row = l->head + l->image_height + ritz_axis_x_height(&l->x, or_else(f->x_label, "x"), l->m) +
           bar_room(f, l, s) + (int)(0.7 * text);
  const double height = 2.0 * l->margin + l->title + (double)l->row * l->rows - (int)(0.7 * text);
  RITZ_REQUIRE(height <= RITZ_FIGURE_MAX_PIXELS, RITZ_ERR_ARGUMENT,
               "the figure would be %.0f pixels high, more than %d", height,
               RITZ_FIGURE_MAX_PIXELS);
  l->height = (int)height;
  return RITZ_OK;
}

static void draw_bar(ritz_canvas *canvas, const layout *l, ritz_box bar, const ritz_map_panel *p,
                     const ritz_colormap *map, const ritz_field_range *range) {
  const int width = bar.x1 - bar.x0;
  for (int x = 0; x < width; x++)
    ritz_canvas_fill(canvas, (ritz_box){bar.x0 + x, bar.y0, bar.x0 + x + 1, bar.y1},
                     ritz_colormap_at(map, 0, width, x + 0.5));
  ritz_canvas_frame(canvas, bar, l->m.line, RITZ_COLOR_TEXT);
  ritz_axis axis = {.low = range->low, .high = range->high};
  ritz_axis_fit_x(&axis, width, l->m);
  ritz_axis_draw_x(canvas, &axis, bar, p->unit, l->m);
}

/* Title and subtitle; the subtitle also owns up to values that are not finite. */
static void draw_head(ritz_canvas *canvas, const layout *l, const ritz_map_panel *p,
                      ritz_index not_finite, double middle, int image_top) {
  const double text = l->m.text, room = l->image_width + 0.8 * l->gap;
  char note[1024];
  note[0] = 0;
  if (not_finite > 0 && p->grey)
    snprintf(note, sizeof note, "%.900s%s%s (grey)", or_else(p->subtitle, ""),
             has_text(p->subtitle) ? ", " : "", p->grey);
  else if (not_finite > 0)
    snprintf(note, sizeof note, "%.900s%s%td value%s not finite (grey)", or_else(p->subtitle, ""),
             has_text(p->subtitle) ? ", " : "", not_finite, not_finite > 1 ? "s" : "");
  const char *subtitle = not_finite > 0 ? note : p->subtitle;
  /* The exponent of the y axis needs the left end of the subtitle's line. */
  const double sub_room = l->y.ticks.exponent != 0 ? l->image_width - 2.6 * text : room;
  const double baseline = image_top - 0.55 * text;
  ritz_text_draw(
      canvas, subtitle, middle, baseline,
      (ritz_text_style){
          .size = 0.95 * text, .align = 0.5, .room = sub_room, .color = RITZ_COLOR_SOFT_TEXT});
  ritz_text_draw(
      canvas, p->title, middle, baseline - (l->subtitles ? 1.25 * text : 0),
      (ritz_text_style){
          .size = 1.15 * text, .align = 0.5, .room = room, .bold = true, .color = RITZ_COLOR_TEXT});
}

static void draw_panel(ritz_canvas *canvas, const ritz_map_figure *f, const layout *l, int k,
                       const ritz_colormap *map, const ritz_field_range *range) {
  const ritz_map_panel *p = &f->panel[k];
  const int column = k % l->columns, row = k / l->columns;
  const int x = l->margin + l->left + column * (l->image_width + l->gap);
  const int y = l->margin + l->title + row * l->row + l->head;
  const ritz_box image = {x, y, x + l->image_width, y + l->image_height};
  draw_head(canvas, l, p, range->not_finite, x + 0.5 * l->image_width, y);
  ritz_field_draw(canvas, image, p, map, range->low, range->high);
  ritz_canvas_frame(canvas, image, l->m.line, RITZ_COLOR_TEXT);
  ritz_axis_draw_x(canvas, &l->x, image, or_else(f->x_label, "x"), l->m);
  ritz_axis_draw_y(canvas, &l->y, image, or_else(f->y_label, "y"), column == 0, l->m);
  const int top =
      image.y1 + ritz_axis_x_height(&l->x, or_else(f->x_label, "x"), l->m) + bar_gap(l->m);
  draw_bar(canvas, l, (ritz_box){image.x0, top, image.x1, top + bar_height(l->m)}, p, map, range);
}

ritz_status ritz_figure_maps(const ritz_map_figure *figure, const char *path) {
  RITZ_REQUIRE(figure && path, RITZ_ERR_ARGUMENT, "the figure or its path is NULL");
  layout l = {0};
  RITZ_TRY(check_figure(figure, &l));
  scales s;
  choose_scales(figure, &s);
  RITZ_TRY(arrange(figure, &s, &l));
  ritz_canvas canvas;
  RITZ_TRY(ritz_canvas_init(&canvas, l.width, l.height));
  ritz_draw_title(&canvas, figure->title, l.margin, l.m);
  ritz_colormap map[2];
  ritz_colormap_build(RITZ_MAP_SEQUENTIAL, &map[0]);
  ritz_colormap_build(RITZ_MAP_DIVERGING, &map[1]);
  for (int k = 0; k < figure->panels; k++)
    draw_panel(&canvas, figure, &l, k, &map[figure->panel[k].colors == RITZ_MAP_DIVERGING],
               &s.range[k]);
  const ritz_status status = ritz_canvas_write_png(&canvas, path);
  ritz_canvas_clear(&canvas);
  return status;
}
