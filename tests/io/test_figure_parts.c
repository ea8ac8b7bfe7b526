/* SPDX-License-Identifier: BSD-3-Clause
 * Ticks, colours, letters and strokes of figures. */
#include <math.h>
#include <string.h>

#include "io/figure/axes.h"
#include "io/figure/colormap.h"
#include "io/figure/text.h"
#include "io/figure/ticks.h"
#include "support.h"

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
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
