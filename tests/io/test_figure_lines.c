/* SPDX-License-Identifier: BSD-3-Clause
 * Curves: scales, gaps, legends; files that cannot be written. */
#define _XOPEN_SOURCE 700
#include <math.h>
#include <signal.h>
#include <sys/resource.h>

#include "allocations.h"
#include "picture.h"

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
  for (int kind = 0; kind < 2; kind++) {
    long k = 0;
    remove(path);
    while (
        memory_fails(k, kind ? ritz_figure_lines(&lines, path) : ritz_figure_maps(&maps, path))) {
      assert_int_not_equal(access(path, F_OK), 0);
      k++;
    }
    assert_int_equal(access(path, F_OK), 0);
    assert_true(k >= 3);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
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
