/* SPDX-License-Identifier: BSD-3-Clause
 * Maps: axes, scales, averages, values that are not finite. */
#define _XOPEN_SOURCE 700
#include <math.h>

#include "io/figure/axes.h"
#include "picture.h"

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

static void the_subtitle_says_what_is_grey(void **state) {
  const double values[4] = {1, 2, NAN, 3};
  const char *const grey[] = {NULL, "no point near", "."};
  int pixels[3];
  for (int k = 0; k < 3; k++) {
    ritz_map_panel panel = panel_of(values, 2, 2);
    panel.grey = grey[k];
    picture p = draw_maps((ritz_map_figure){.panel = &panel, .panels = 1});
    pixels[k] = count_color(p, RITZ_COLOR_SOFT_TEXT);
    free(p.rgb);
  }
  assert_true(pixels[0] > pixels[2] && pixels[1] > pixels[2] && pixels[2] > 0);
}

static void odd_fields_are_drawn(void **state) {
  const double one = -4, nothing[] = {NAN, NAN, INFINITY}, huge[] = {-1e300, 1e300, 0};
  const double tiny[] = {5e-324, 0, 1e-310};
  const ritz_map_panel panel[] = {panel_of(&one, 1, 1), panel_of(nothing, 3, 1),
                                  panel_of(huge, 1, 3), panel_of(tiny, 3, 1)};
  for (int k = 0; k < 4; k++) {
    ritz_map_panel signed_panel = panel[k];
    signed_panel.colors = RITZ_MAP_DIVERGING;
    const ritz_map_panel *const ways[] = {&panel[k], &signed_panel};
    for (int way = 0; way < 2; way++) {
      picture p = draw_maps((ritz_map_figure){.panel = ways[way], .panels = 1});
      const int grey = count_color(p, RITZ_COLOR_NOT_FINITE);
      assert_true(k == 1 ? grey > 10000 : grey < 10000); /* all of the map, or none */
      free(p.rgb);
    }
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
  picture p = draw_maps(all);
  assert_int_equal(p.width, 1200);
  free(p.rgb);
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

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(first_axis_runs_right_and_second_up),
      cmocka_unit_test(pictures_have_the_promised_width),
      cmocka_unit_test(a_group_shares_its_scale),
      cmocka_unit_test(one_bad_value_in_a_fine_grid_stays_visible),
      cmocka_unit_test(fine_grids_are_averaged),
      cmocka_unit_test(the_subtitle_says_what_is_grey),
      cmocka_unit_test(odd_fields_are_drawn),
      cmocka_unit_test(bad_maps_are_refused),
  };
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
