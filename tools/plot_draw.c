/* SPDX-License-Identifier: BSD-3-Clause
 * A sample as figure: input | truth | prediction | error. */
#include <stdio.h>

#include "core/memory.h"
#include "io/figure.h"
#include "tools/plot.h"

enum { panels_most = 4, series_most = 2 };

/* prediction - truth; NULL if one of them is missing. */
static ritz_status difference(const ritz_plot_sample *s, double **out) {
  *out = NULL;
  if (!s->truth.values || !s->prediction.values) return RITZ_OK;
  const ritz_index count = s->n[0] * s->n[1];
  ritz_status status = RITZ_NEW(count, out);
  for (ritz_index i = 0; status == RITZ_OK && i < count; i++)
    (*out)[i] = s->prediction.values[i] - s->truth.values[i];
  return status;
}

static void error_text(const ritz_plot_sample *s, char out[64]) {
  out[0] = 0;
  if (s->error >= 0) snprintf(out, 64, "relative L_{2} error %.3g %%", 100 * s->error);
}

static void add_map(const ritz_plot_sample *s, const char *title, const ritz_plot_field *field,
                    int scale_group, ritz_map_figure *figure, ritz_map_panel *panel) {
  if (!field->values) return;
  panel[figure->panels++] = (ritz_map_panel){.title = title,
                                             .grey = s->grey,
                                             .unit = field->unit,
                                             .values = field->values,
                                             .dtype = RITZ_FLOAT64,
                                             .n0 = s->n[0],
                                             .n1 = s->n[1],
                                             .scale_group = scale_group};
}

/* A grid point is the middle of its block of colour. */
static void set_edges(const ritz_plot_sample *s, ritz_map_figure *f) {
  f->x_low = s->first[0] - 0.5 * s->step[0];
  f->x_high = f->x_low + (double)s->n[0] * s->step[0];
  f->y_low = s->first[1] - 0.5 * s->step[1];
  f->y_high = f->y_low + (double)s->n[1] * s->step[1];
}

static ritz_status draw_maps(const ritz_plot_sample *s, double *error, const char *path) {
  ritz_map_panel panel[panels_most];
  ritz_map_figure figure = {
      .title = s->title, .x_label = s->label[0], .y_label = s->label[1], .panel = panel};
  char text[64];
  error_text(s, text);
  set_edges(s, &figure);
  add_map(s, "input", &s->input, 0, &figure, panel);
  add_map(s, "truth", &s->truth, 1, &figure, panel);
  add_map(s, "prediction", &s->prediction, 1, &figure, panel);
  if (error) {
    const ritz_plot_field field = {.values = error};
    add_map(s, "prediction − truth", &field, 0, &figure, panel);
    panel[figure.panels - 1].unit = s->truth.unit;
    panel[figure.panels - 1].colors = RITZ_MAP_DIVERGING;
    panel[figure.panels - 1].subtitle = text;
  }
  return ritz_figure_maps(&figure, path);
}

static ritz_line_series line(const ritz_plot_sample *s, const char *name, const double *x,
                             const double *y) {
  return (ritz_line_series){.name = name, .x = x, .y = y, .count = s->n[0]};
}

static ritz_status draw_lines(const ritz_plot_sample *s, const double *x, const double *error,
                              const char *path) {
  ritz_line_series series[3][series_most];
  ritz_line_panel panel[3];
  ritz_line_figure figure = {.title = s->title, .panel = panel};
  char text[64];
  error_text(s, text);
  series[0][0] = line(s, NULL, x, s->input.values);
  panel[figure.panels++] =
      (ritz_line_panel){.title = "input", .y_label = s->input.unit, .count = 1};
  if (s->truth.values || s->prediction.values) {
    ritz_line_panel *p = &panel[figure.panels++];
    *p = (ritz_line_panel){.title = "output", .y_label = s->truth.unit};
    if (s->truth.values) series[1][p->count++] = line(s, "truth", x, s->truth.values);
    if (s->prediction.values) {
      series[1][p->count] = line(s, "prediction", x, s->prediction.values);
      series[1][p->count++].dashed = true;
    }
  }
  if (error) {
    series[2][0] = line(s, NULL, x, error);
    panel[figure.panels++] = (ritz_line_panel){
        .title = "prediction − truth", .subtitle = text, .y_label = s->truth.unit, .count = 1};
  }
  for (int p = 0; p < figure.panels; p++) {
    panel[p].series = series[p];
    panel[p].x_label = s->label[0];
    panel[p].y_scale = RITZ_LINE_LINEAR;
  }
  return ritz_figure_lines(&figure, path);
}

ritz_status ritz_plot_sample_draw(const ritz_plot_sample *s, const char *path) {
  double *error, *x = NULL;
  ritz_status status = difference(s, &error);
  if (status == RITZ_OK) status = RITZ_NEW(s->n[0], &x);
  for (ritz_index i = 0; status == RITZ_OK && i < s->n[0]; i++)
    x[i] = s->first[0] + (double)i * s->step[0];
  if (status == RITZ_OK)
    status = s->axes == 1 ? draw_lines(s, x, error, path) : draw_maps(s, error, path);
  ritz_free(error);
  ritz_free(x);
  return status;
}
