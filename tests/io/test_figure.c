/* SPDX-License-Identifier: BSD-3-Clause */
#define _XOPEN_SOURCE 700
#include <math.h>
#include <png.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/memory.h"
#include "files.h"
#include "io/figure.h"
#include "io/figure/colormap.h"
#include "io/figure/text.h"
#include "io/figure/ticks.h"

typedef struct picture {
  int width, height;
  unsigned char *rgb;
} picture;

static char path[96], missing_path[96];

static int make_folder(void **state) {
  if (folder_create(state) != 0) return -1;
  snprintf(path, sizeof path, "%s/figure.png", folder_name());
  snprintf(missing_path, sizeof missing_path, "%s/none/figure.png", folder_name());
  return 0;
}

static int remove_folder(void **state) {
  remove(path);
  return rmdir(folder_name()); /* fails if a temporary file was left over */
}

static picture read_picture(void) {
  png_image image = {.version = PNG_IMAGE_VERSION};
  assert_true(png_image_begin_read_from_file(&image, path));
  image.format = PNG_FORMAT_RGB;
  picture p = {(int)image.width, (int)image.height, malloc(PNG_IMAGE_SIZE(image))};
  assert_non_null(p.rgb);
  assert_true(png_image_finish_read(&image, NULL, p.rgb, 0, NULL));
  return p;
}

static const unsigned char *at(picture p, int x, int y) { return p.rgb + 3 * (y * p.width + x); }

static bool same_color(const unsigned char *a, ritz_rgb b) {
  return a[0] == b.r && a[1] == b.g && a[2] == b.b;
}

static int count_color(picture p, ritz_rgb color) {
  int count = 0;
  for (int i = 0; i < p.width * p.height; i++) count += same_color(p.rgb + 3 * i, color);
  return count;
}

/* Box around all pixels of one colour. */
static ritz_box box_of(picture p, ritz_rgb color) {
  ritz_box b = {p.width, p.height, 0, 0};
  for (int y = 0; y < p.height; y++)
    for (int x = 0; x < p.width; x++) {
      if (!same_color(at(p, x, y), color)) continue;
      if (x < b.x0) b.x0 = x;
      if (y < b.y0) b.y0 = y;
      if (x >= b.x1) b.x1 = x + 1;
      if (y >= b.y1) b.y1 = y + 1;
    }
  return b;
}

static ritz_rgb end_color(bool high) {
  ritz_colormap map;
  ritz_colormap_build(RITZ_MAP_SEQUENTIAL, &map);
  return map.color[high ? RITZ_COLORMAP_SIZE - 1 : 0];
}

static void assert_labels(const ritz_ticks *t, int count, const char *const *label) {
  assert_int_equal(t->count, count);
  for (int i = 0; i < count; i++) assert_string_equal(t->label[i], label[i]);
}

static void linear_ticks_are_nice_numbers(void **state) {
  ritz_ticks t;
  ritz_ticks_linear(0, 1, 6, &t);
  assert_labels(&t, 6, (const char *[]){"0.0", "0.2", "0.4", "0.6", "0.8", "1.0"});
  ritz_ticks_linear(-0.3, 0.31, 5, &t);
  assert_labels(&t, 3, (const char *[]){"−0.2", "0.0", "0.2"});
  ritz_ticks_linear(0.3, 0.9, 2, &t);
  assert_labels(&t, 2, (const char *[]){"0.50", "0.75"});
  ritz_ticks_linear(0, 85, 6, &t);
  assert_labels(&t, 5, (const char *[]){"0", "20", "40", "60", "80"});
  assert_int_equal(t.exponent, 0);
}

static void large_and_small_ticks_share_an_exponent(void **state) {
  ritz_ticks t;
  ritz_ticks_linear(0, 250000, 4, &t);
  assert_labels(&t, 3, (const char *[]){"0", "1", "2"});
  assert_int_equal(t.exponent, 5);
  ritz_ticks_linear(-1.5e-4, 1.5e-4, 4, &t);
  assert_labels(&t, 3, (const char *[]){"−1", "0", "1"});
  assert_int_equal(t.exponent, -4);
}

/* Every tick lies in the range and there are never more than asked for. */
static void ticks_stay_in_their_range(void **state) {
  double u[200];
  fill_uniform(1, 200, u);
  for (int i = 0; i < 200; i += 2)
    for (int most = 2; most <= RITZ_TICKS_MAX; most++) {
      double low = u[i] * pow(10, 200 * u[i + 1]), high = low + fabs(u[i + 1]) * pow(10, 40 * u[i]);
      ritz_range_widen(&low, &high);
      ritz_ticks t;
      ritz_ticks_linear(low, high, most, &t);
      assert_in_range(t.count, 0, most);
      const double tolerance = 1e-6 * (high - low);
      for (int k = 0; k < t.count; k++) {
        assert_true(t.value[k] >= low - tolerance && t.value[k] <= high + tolerance);
        assert_true(k == 0 || t.value[k] > t.value[k - 1]);
      }
    }
}

static void log_ticks_are_powers_of_ten(void **state) {
  ritz_ticks t;
  ritz_ticks_log(3e-3, 2, 8, &t);
  assert_labels(&t, 3, (const char *[]){"10^{−2}", "10^{−1}", "10^{0}"});
  ritz_ticks_log(1, 10, 8, &t);
  assert_labels(&t, 4, (const char *[]){"1", "2", "5", "10"});
  ritz_ticks_log(5e-7, 2e-6, 8, &t);
  assert_labels(&t, 3, (const char *[]){"5×10^{−7}", "10^{−6}", "2×10^{−6}"});
  ritz_ticks_log(1e-2, 1e2, 3, &t);
  assert_labels(&t, 3, (const char *[]){"10^{−2}", "10^{0}", "10^{2}"});
  ritz_ticks_log(0.21, 0.24, 4, &t); /* no 1, 2, 5 in there */
  assert_labels(&t, 4, (const char *[]){"0.21", "0.22", "0.23", "0.24"});
}

static void constant_ranges_open_and_near_ends_become_round(void **state) {
  double low = 7, high = 7;
  ritz_range_widen(&low, &high);
  assert_near(low, 6.3, 1e-12);
  assert_near(high, 7.7, 1e-12);
  low = high = 0;
  ritz_range_widen(&low, &high);
  assert_true(low == -1 && high == 1);
  low = 1, high = 500;
  ritz_range_round(&low, &high);
  assert_true(low == 0 && high == 500);
  low = 0.0013, high = 0.9987;
  ritz_range_round(&low, &high);
  assert_true(low == 0);
  assert_near(high, 1, 1e-15);
  low = 0.3, high = 0.91;
  ritz_range_round(&low, &high);
  assert_true(low == 0.3 && high == 0.91);
}

/* Eight bits per channel blur lightness by less than 0.004. */
static void lightness_is_linear_along_the_maps(void **state) {
  ritz_colormap map;
  ritz_colormap_build(RITZ_MAP_SEQUENTIAL, &map);
  for (int i = 0; i < RITZ_COLORMAP_SIZE; i++)
    assert_near(ritz_color_lightness(map.color[i]), 0.25 + 0.67 * i / (RITZ_COLORMAP_SIZE - 1.0),
                0.004);
  ritz_colormap_build(RITZ_MAP_DIVERGING, &map);
  for (int i = 0; i < RITZ_COLORMAP_SIZE; i++)
    assert_near(ritz_color_lightness(map.color[i]),
                0.97 - 0.52 * fabs(2.0 * i / (RITZ_COLORMAP_SIZE - 1) - 1), 0.004);
  assert_true(map.color[0].b > map.color[0].r);
  assert_true(map.color[RITZ_COLORMAP_SIZE - 1].r > map.color[RITZ_COLORMAP_SIZE - 1].b);
}

static void digits_have_one_width_and_bad_utf8_is_drawn(void **state) {
  const double zero = ritz_text_width("0", 20);
  for (const char *c = "123456789"; *c; c++)
    assert_near(ritz_text_width((char[]){*c, 0}, 20), zero, 1e-12);
  assert_true(ritz_text_width(NULL, 20) == 0 && ritz_text_width("", 20) == 0);
  assert_near(ritz_text_width("10^{0}", 20), ritz_text_width("10", 20) + 0.72 * zero, 1e-9);
  ritz_canvas canvas;
  assert_ok(ritz_canvas_init(&canvas, 40, 30));
  const char *const texts[] = {"\xff\xc3", "\xe2\x88", "^{", "a_{}}b^{c", "Ω∂∇‖…²"};
  for (int i = 0; i < 5; i++)
    ritz_text_draw(&canvas, texts[i], 35, 20, (ritz_text_style){.size = 30, .room = 25});
  ritz_canvas_clear(&canvas);
}

/* Long segments, far outside on all sides, keep to the canvas and its clip. */
static void strokes_are_clipped(void **state) {
  ritz_canvas canvas;
  assert_ok(ritz_canvas_init(&canvas, 31, 17));
  ritz_canvas_clip(&canvas, (ritz_box){10, -5, 20, 100});
  ritz_canvas_mark(&canvas, -1e5, -5e4, 1e5, 5e4, 2);
  ritz_canvas_mark(&canvas, 15, -1e5, 16, 1e5, 2);
  ritz_canvas_mark(&canvas, NAN, 0, 1, 1, 2);
  ritz_canvas_mark(&canvas, 0, 8, INFINITY, 8, 2);
  ritz_canvas_paint(&canvas, (ritz_rgb){0, 0, 0});
  for (int y = 0; y < 17; y++)
    for (int x = 0; x < 31; x++) {
      const unsigned char value = canvas.pixels[3 * (31 * y + x)];
      if (x < 10 || x >= 20) assert_int_equal(value, 255);
      if (x == 15) assert_int_equal(value, 0);
    }
  ritz_canvas_clear(&canvas);
}

static picture draw_maps(ritz_map_figure figure) {
  assert_ok(ritz_figure_maps(&figure, path));
  return read_picture();
}

static ritz_map_panel panel_of(const double *values, ritz_index n0, ritz_index n1) {
  return (ritz_map_panel){.values = values, .dtype = RITZ_FLOAT64, .n0 = n0, .n1 = n1};
}

static void first_axis_runs_right_and_second_up(void **state) {
  const double values[] = {0, 1, 2, 3}; /* (i, j) = (0, 0), (0, 1), (1, 0), (1, 1) */
  const float padded[] = {0, 9, 1, 9, 2, 9, 3, 9};
  ritz_map_panel panel = panel_of(values, 2, 2);
  for (int pass = 0; pass < 2; pass++) {
    picture p = draw_maps((ritz_map_figure){.panel = &panel, .panels = 1});
    p.height = p.height * 3 / 4; /* above the colour bar */
    const ritz_box low = box_of(p, end_color(false)), high = box_of(p, end_color(true));
    assert_true(low.x1 > low.x0 && high.x1 > high.x0);
    assert_true(low.x1 <= high.x0 + 1 && high.y1 <= low.y0 + 1);
    free(p.rgb);
    panel = (ritz_map_panel){.values = padded, .dtype = RITZ_FLOAT32, .n0 = 2, .n1 = 2, .step = 2};
  }
}

static void pictures_have_the_promised_width(void **state) {
  const double values[15] = {1, 2, 3};
  ritz_map_panel panel[5];
  for (int k = 0; k < 5; k++) panel[k] = panel_of(values, 5, 3);
  const int expected[] = {800, 800, 1200, 1600, 1600};
  for (int k = 0; k < 5; k++) {
    picture p = draw_maps((ritz_map_figure){.panel = panel, .panels = k + 1});
    assert_int_equal(p.width, expected[k]);
    free(p.rgb);
  }
  picture p = draw_maps((ritz_map_figure){.panel = panel, .panels = 2, .width = 641, .columns = 1});
  assert_int_equal(p.width, 641);
  free(p.rgb);
}

static void a_group_shares_its_scale(void **state) {
  const double truth[] = {0, 1}, prediction[] = {0.5, 0.5};
  ritz_map_panel panel[2] = {panel_of(truth, 1, 2), panel_of(prediction, 1, 2)};
  ritz_colormap map;
  ritz_colormap_build(RITZ_MAP_SEQUENTIAL, &map);
  panel[0].scale_group = panel[1].scale_group = 3;
  const ritz_map_figure figure = {.panel = panel, .panels = 2, .x_high = 1, .y_high = 1};
  picture p = draw_maps(figure);
  assert_true(count_color(p, end_color(false)) > 10000);
  assert_true(count_color(p, end_color(true)) > 10000);
  assert_true(count_color(p, ritz_colormap_at(&map, 0, 1, 0.5)) > 20000);
  free(p.rgb);
}

static int count_in(picture p, ritz_box box, ritz_rgb color) {
  int count = 0;
  for (int y = box.y0; y < box.y1; y++)
    for (int x = box.x0; x < box.x1; x++) count += same_color(at(p, x, y), color);
  return count;
}

static void one_bad_value_in_a_fine_grid_stays_visible(void **state) {
  enum { n = 701 };
  static double values[n * n];
  for (int i = 0; i < n * n; i++) values[i] = 1;
  const double bad[] = {NAN, INFINITY, -INFINITY, 1e301};
  for (int k = 0; k < 4; k++) {
    values[300 * n + 511] = bad[k];
    const ritz_map_panel panel = panel_of(values, n, n);
    picture p = draw_maps((ritz_map_figure){.panel = &panel, .panels = 1, .width = 400});
    ritz_colormap map;
    ritz_colormap_build(RITZ_MAP_SEQUENTIAL, &map);
    picture above = p;
    above.height = p.height * 3 / 4;
    const ritz_box image = box_of(above, ritz_colormap_at(&map, 0.9, 1.1, 1));
    assert_true(image.x1 - image.x0 > 200);
    assert_in_range(count_in(p, image, RITZ_COLOR_NOT_FINITE), 1, 4);
    free(p.rgb);
  }
}

static void fine_grids_are_averaged(void **state) {
  enum { n = 1024 };
  static double values[n * n];
  for (int i = 0; i < n * n; i++) values[i] = (i / n + i % n) % 2;
  const ritz_map_panel panel = panel_of(values, n, n);
  picture p = draw_maps((ritz_map_figure){.panel = &panel, .panels = 1, .width = 400});
  const unsigned char *middle = at(p, p.width / 2, p.height / 2);
  const double lightness = ritz_color_lightness((ritz_rgb){middle[0], middle[1], middle[2]});
  assert_near(lightness, 0.25 + 0.67 / 2, 0.1);
  free(p.rgb);
}

static void odd_fields_are_drawn(void **state) {
  const double one = -4, nothing[] = {NAN, NAN, INFINITY}, huge[] = {-1e300, 1e300, 0};
  const double tiny[] = {5e-324, 0, 1e-310};
  const ritz_map_panel panel[] = {panel_of(&one, 1, 1), panel_of(nothing, 3, 1),
                                  panel_of(huge, 1, 3), panel_of(tiny, 3, 1)};
  for (int k = 0; k < 4; k++) {
    ritz_map_panel signed_panel = panel[k];
    signed_panel.colors = RITZ_MAP_DIVERGING;
    free(draw_maps((ritz_map_figure){.panel = &panel[k], .panels = 1}).rgb);
    free(draw_maps((ritz_map_figure){.panel = &signed_panel, .panels = 1}).rgb);
  }
  const ritz_map_figure all = {.title = "∂u",
                               .x_label = "",
                               .y_label = "",
                               .x_low = -1e6,
                               .x_high = 1e6,
                               .y_low = 1,
                               .y_high = 1.001,
                               .panel = panel,
                               .panels = 4,
                               .columns = 3};
  free(draw_maps(all).rgb);
}

static void assert_maps_refused(ritz_map_figure figure, ritz_status status, const char *text) {
  assert_int_equal(ritz_figure_maps(&figure, path), status);
  assert_message_contains(text);
}

static void bad_maps_are_refused(void **state) {
  const double values[4] = {0};
  const ritz_map_panel good = panel_of(values, 2, 2);
  ritz_map_panel bad[2] = {good, good};
  const ritz_map_figure figure = {.panel = bad, .panels = 2};
  ritz_map_figure f = figure;
  f.panels = 0;
  assert_maps_refused(f, RITZ_ERR_ARGUMENT, "1 to 64 panels");
  f = figure, f.x_low = 1;
  assert_maps_refused(f, RITZ_ERR_ARGUMENT, "x axis");
  f = figure, f.y_high = NAN;
  assert_maps_refused(f, RITZ_ERR_ARGUMENT, "y axis");
  f = figure, f.width = 20;
  assert_maps_refused(f, RITZ_ERR_ARGUMENT, "20 pixels wide");
  f = figure, f.columns = 1, f.width = 16000, f.x_high = 1, f.y_high = 4;
  assert_maps_refused(f, RITZ_ERR_ARGUMENT, "pixels high");
  bad[1].values = NULL;
  assert_maps_refused(figure, RITZ_ERR_ARGUMENT, "panel 1 of the figure has no values");
  bad[1] = good, bad[1].n1 = 0;
  assert_maps_refused(figure, RITZ_ERR_ARGUMENT, "[2, 0]");
  bad[1] = good, bad[1].n0 = 100000;
  assert_maps_refused(figure, RITZ_ERR_ARGUMENT, "[100000, 2]");
  bad[1] = good, bad[1].low = 2, bad[1].high = 1;
  assert_maps_refused(figure, RITZ_ERR_ARGUMENT, "scale 2 to 1");
  bad[1] = good, bad[1].colors = RITZ_MAP_DIVERGING, bad[0].scale_group = bad[1].scale_group = 1;
  assert_maps_refused(figure, RITZ_ERR_ARGUMENT, "share scale group 1");
  assert_int_equal(ritz_figure_maps(&figure, NULL), RITZ_ERR_ARGUMENT);
}

static const double rising[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
static const ritz_rgb first_color = {0, 114, 178};

static picture draw_lines(ritz_line_figure figure) {
  assert_ok(ritz_figure_lines(&figure, path));
  return read_picture();
}

static picture draw_series(ritz_line_series series, ritz_line_scale scale) {
  const ritz_line_panel panel = {.series = &series, .count = 1, .y_scale = scale};
  return draw_lines((ritz_line_figure){.panel = &panel, .panels = 1});
}

static void a_rising_curve_ends_at_the_upper_right(void **state) {
  picture p = draw_series((ritz_line_series){.x = rising, .y = rising, .count = 11}, 0);
  assert_int_equal(p.width, 1000);
  const ritz_box box = box_of(p, first_color);
  assert_true(box.x1 - box.x0 > 800 && box.y1 - box.y0 > 400);
  picture upper = p; /* half of the curve: nothing left of the middle */
  upper.height = (box.y0 + box.y1) / 2;
  assert_true(box_of(upper, first_color).x0 > p.width / 3);
  free(p.rgb);
}

/* Powers of two are a straight line on a logarithmic axis; linear, the middle would sag. */
static void positive_values_over_decades_get_a_log_axis(void **state) {
  double power[11];
  for (int i = 0; i < 11; i++) power[i] = ldexp(1, i);
  picture p = draw_series((ritz_line_series){.y = power, .count = 11}, RITZ_LINE_AUTO);
  ritz_box box = box_of(p, first_color);
  const ritz_box middle = {(box.x0 + box.x1) / 2 - 4, (box.y0 + box.y1) / 2 - 6,
                           (box.x0 + box.x1) / 2 + 4, (box.y0 + box.y1) / 2 + 6};
  assert_true(count_in(p, middle, first_color) > 0);
  free(p.rgb);
  p = draw_series((ritz_line_series){.y = power, .count = 11}, RITZ_LINE_LINEAR);
  assert_int_equal(count_in(p, middle, first_color), 0);
  free(p.rgb);
}

static void gaps_leave_a_grey_band_and_lone_points_a_dot(void **state) {
  double broken[11];
  memcpy(broken, rising, sizeof broken);
  broken[4] = broken[6] = NAN; /* broken[5] stands alone */
  picture p = draw_series((ritz_line_series){.y = broken, .count = 11, .dashed = true}, 0);
  const ritz_box middle = {p.width * 2 / 5, 0, p.width * 7 / 10, p.height};
  assert_true(count_in(p, middle, RITZ_COLOR_NOT_FINITE) > 10000);
  assert_true(count_in(p, middle, first_color) > 20);
  free(p.rgb);
  p = draw_series((ritz_line_series){.y = rising, .count = 1}, 0);
  assert_in_range(count_color(p, first_color), 10, 100);
  free(p.rgb);
}

static void dense_curves_and_long_legends_are_drawn(void **state) {
  enum { n = 100003 };
  static double noise[n];
  fill_uniform(2, n, noise);
  ritz_line_series series[RITZ_FIGURE_MAX_SERIES];
  for (int k = 0; k < RITZ_FIGURE_MAX_SERIES; k++)
    series[k] = (ritz_line_series){.name = "a name as long as they come: α^{2} ≥ β_{max}",
                                   .y = k ? rising : noise,
                                   .count = k ? 11 : n,
                                   .dashed = k == 1};
  ritz_line_panel panel[] = {
      {.title = "noise", .series = series, .count = 1},
      {.subtitle = "many", .x_label = "x", .y_label = "y", .series = series, .count = 32},
      {.series = series + 1, .count = 2, .y_scale = RITZ_LINE_LOG},
      {.series = series + 1, .count = 1}};
  picture p = draw_lines((ritz_line_figure){.title = "t", .panel = panel, .panels = 4});
  assert_int_equal(p.width, 1600);
  free(p.rgb);
}

static void assert_lines_refused(const ritz_line_panel *panel, const char *text) {
  const ritz_line_figure figure = {.panel = panel, .panels = 1};
  assert_int_equal(ritz_figure_lines(&figure, path), RITZ_ERR_ARGUMENT);
  assert_message_contains(text);
}

static void bad_lines_are_refused(void **state) {
  const double bad[] = {NAN, -1, 0};
  ritz_line_series series = {.name = "loss", .y = bad};
  ritz_line_panel panel = {.series = &series};
  assert_lines_refused(&panel, "has 0 series");
  panel.count = 1;
  assert_lines_refused(&panel, "series 0 (loss) in panel 0 of the figure has 0 points");
  series.count = 1;
  assert_lines_refused(&panel, "no point that can be drawn");
  series.count = 3;
  panel.y_scale = RITZ_LINE_LOG;
  assert_lines_refused(&panel, "logarithmic");
  const ritz_line_figure none = {.panels = 3};
  assert_int_equal(ritz_figure_lines(&none, path), RITZ_ERR_ARGUMENT);
  assert_int_equal(ritz_figure_lines(NULL, path), RITZ_ERR_ARGUMENT);
}

static void unwritable_paths_are_named_and_nothing_is_left(void **state) {
  const ritz_line_series series = {.y = rising, .count = 11};
  const ritz_line_panel panel = {.series = &series, .count = 1};
  const ritz_line_figure figure = {.panel = &panel, .panels = 1, .width = 300};
  assert_int_equal(ritz_figure_lines(&figure, missing_path), RITZ_ERR_IO);
  assert_message_contains(missing_path);
  assert_message_contains("No such file");
  assert_int_equal(ritz_figure_lines(&figure, folder_name()), RITZ_ERR_IO); /* a directory */
  assert_message_contains(folder_name());
  char temporary[128];
  snprintf(temporary, sizeof temporary, "%s.tmp", folder_name());
  assert_int_not_equal(access(temporary, F_OK), 0);
}

/* A file size limit stands for the full disk: the earlier picture survives. */
static void a_full_disk_leaves_the_old_picture(void **state) {
  const ritz_line_series series = {.y = rising, .count = 11};
  const ritz_line_panel panel = {.series = &series, .count = 1};
  picture before = draw_lines((ritz_line_figure){.panel = &panel, .panels = 1, .width = 400});
  const ritz_line_figure figure = {.panel = &panel, .panels = 1, .width = 300};
  struct rlimit limit, small;
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
  small = limit;
  small.rlim_cur = 200;
  signal(SIGXFSZ, SIG_IGN);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
  const ritz_status status = ritz_figure_lines(&figure, path);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
  assert_int_equal(status, RITZ_ERR_IO);
  assert_message_contains(path);
  picture after = read_picture();
  assert_int_equal(after.width, 400);
  char temporary[128];
  snprintf(temporary, sizeof temporary, "%s.tmp", path);
  assert_int_not_equal(access(temporary, F_OK), 0);
  free(before.rgb);
  free(after.rgb);
}

static void every_failing_allocation_is_reported(void **state) {
  const ritz_map_panel map = panel_of(rising, 5, 2);
  const ritz_map_figure maps = {.panel = &map, .panels = 1, .width = 300};
  const ritz_line_series series = {.y = rising, .count = 11};
  const ritz_line_panel panel = {.series = &series, .count = 1};
  const ritz_line_figure lines = {.panel = &panel, .panels = 1, .width = 300};
  for (int kind = 0; kind < 2; kind++)
    for (int k = 0;; k++) {
      remove(path);
      ritz_test_fail_allocation(k);
      const ritz_status status =
          kind ? ritz_figure_lines(&lines, path) : ritz_figure_maps(&maps, path);
      ritz_test_fail_allocation(-1);
      assert_int_equal(access(path, F_OK) == 0, status == RITZ_OK);
      if (status == RITZ_OK) {
        assert_true(k >= 3);
        break;
      }
      assert_int_equal(status, RITZ_ERR_MEMORY);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(linear_ticks_are_nice_numbers),
      cmocka_unit_test(large_and_small_ticks_share_an_exponent),
      cmocka_unit_test(ticks_stay_in_their_range),
      cmocka_unit_test(log_ticks_are_powers_of_ten),
      cmocka_unit_test(constant_ranges_open_and_near_ends_become_round),
      cmocka_unit_test(lightness_is_linear_along_the_maps),
      cmocka_unit_test(digits_have_one_width_and_bad_utf8_is_drawn),
      cmocka_unit_test(strokes_are_clipped),
      cmocka_unit_test(first_axis_runs_right_and_second_up),
      cmocka_unit_test(pictures_have_the_promised_width),
      cmocka_unit_test(a_group_shares_its_scale),
      cmocka_unit_test(one_bad_value_in_a_fine_grid_stays_visible),
      cmocka_unit_test(fine_grids_are_averaged),
      cmocka_unit_test(odd_fields_are_drawn),
      cmocka_unit_test(bad_maps_are_refused),
      cmocka_unit_test(a_rising_curve_ends_at_the_upper_right),
      cmocka_unit_test(positive_values_over_decades_get_a_log_axis),
      cmocka_unit_test(gaps_leave_a_grey_band_and_lone_points_a_dot),
      cmocka_unit_test(dense_curves_and_long_legends_are_drawn),
      cmocka_unit_test(bad_lines_are_refused),
      cmocka_unit_test(unwritable_paths_are_named_and_nothing_is_left),
      cmocka_unit_test(a_full_disk_leaves_the_old_picture),
      cmocka_unit_test(every_failing_allocation_is_reported),
  };
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
