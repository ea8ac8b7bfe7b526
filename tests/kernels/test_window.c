/* SPDX-License-Identifier: BSD-3-Clause
 * Geometry of windows: extents, margins, and what is refused. */
#include "kernels/window.h"

#include "support.h"

#include "core/memory.h"

static ritz_window_axis axis(ritz_index in, ritz_index kernel, ritz_window_options o) {
  ritz_window w;
  assert_ok(ritz_window_make("test", 1, &in, &kernel, &o, &w));
  return w.axis[2];
}

static void extents_follow_the_rule(void **state) {
  assert_int_equal(axis(64, 3, (ritz_window_options){.low = {1}, .high = {1}}).out, 64);
  assert_int_equal(axis(64, 3, (ritz_window_options){.stride = {2}, .low = {1}}).out, 32);
  assert_int_equal(axis(7, 2, (ritz_window_options){.stride = {2}}).out, 3);
  assert_int_equal(axis(9, 3, (ritz_window_options){.dilation = {4}}).out, 1);
  assert_int_equal(axis(1, 1, (ritz_window_options){.low = {0}}).out, 1);
}

static void margins_hold_what_their_boundary_says(void **state) {
  const struct {
    ritz_boundary boundary;
    ritz_index source[8]; /* of positions -2 ... 5 around 4 points */
  } cases[] = {{RITZ_BOUNDARY_ZERO, {-1, -1, 0, 1, 2, 3, -1, -1}},
               {RITZ_BOUNDARY_PERIODIC, {2, 3, 0, 1, 2, 3, 0, 1}},
               {RITZ_BOUNDARY_REFLECT, {2, 1, 0, 1, 2, 3, 2, 1}},
               {RITZ_BOUNDARY_REPLICATE, {0, 0, 0, 1, 2, 3, 3, 3}}};
  for (int k = 0; k < 4; k++) {
    const ritz_window_axis w =
        axis(4, 5, (ritz_window_options){.low = {2}, .high = {2}, .boundary = {cases[k].boundary}});
    for (int i = 0; i < 8; i++) assert_int_equal(ritz_window_source(&w, i - 2), cases[k].source[i]);
  }
  const ritz_window_axis wide = /* more than once around */
      axis(3, 9, (ritz_window_options){.low = {7}, .boundary = {RITZ_BOUNDARY_PERIODIC}});
  for (ritz_index i = -7; i < 3; i++) assert_int_equal(ritz_window_source(&wide, i), (i + 9) % 3);
}

/* Every pair that one list holds stands in the other. */
static void sights_go_both_ways(void **state) {
  const ritz_window_axis w = axis(7, 3,
                                  (ritz_window_options){.stride = {2},
                                                        .dilation = {2},
                                                        .low = {3},
                                                        .high = {2},
                                                        .boundary = {RITZ_BOUNDARY_REFLECT}});
  ritz_sights there, back;
  assert_ok(ritz_sights_init(&w, false, &there));
  assert_ok(ritz_sights_init(&w, true, &back));
  assert_int_equal(there.rows, w.out);
  assert_int_equal(back.rows, 7);
  assert_int_equal(there.start[w.out], back.start[7]);
  for (ritz_index o = 0; o < w.out; o++)
    for (ritz_index k = there.start[o]; k < there.start[o + 1]; k++) {
      const ritz_sight s = there.entry[k];
      bool found = false;
      for (ritz_index q = back.start[s.point]; q < back.start[s.point + 1]; q++)
        found = found || (back.entry[q].point == o && back.entry[q].tap == s.tap);
      assert_true(found);
    }
  ritz_sights_release(&there);
  ritz_sights_release(&back);
}

static void refuse(ritz_index in, ritz_index kernel, ritz_window_options o, ritz_status status,
                   const char *text) {
  ritz_window w;
  assert_int_equal(ritz_window_make("conv", 1, &in, &kernel, &o, &w), status);
  assert_message_contains("conv: ");
  assert_message_contains(text);
}
static void misfits_are_named(void **state) {
  refuse(4, 6, (ritz_window_options){.low = {1}}, RITZ_ERR_SHAPE, "covers 6 points of axis 0");
  refuse(0, 1, (ritz_window_options){.low = {1}}, RITZ_ERR_SHAPE, "0 points");
  refuse(4, 3, (ritz_window_options){.stride = {-1}}, RITZ_ERR_ARGUMENT, "stride -1");
  refuse(4, 3, (ritz_window_options){.high = {-2}}, RITZ_ERR_ARGUMENT, "margins 0 and -2");
  refuse(4, 3, (ritz_window_options){.high = {4}, .boundary = {RITZ_BOUNDARY_REFLECT}},
         RITZ_ERR_SHAPE, "4 reflected points fill 3");
  refuse(4, 3, (ritz_window_options){.boundary = {(ritz_boundary)7}}, RITZ_ERR_ARGUMENT,
         "boundary (7)");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(extents_follow_the_rule),
      cmocka_unit_test(margins_hold_what_their_boundary_says),
      cmocka_unit_test(sights_go_both_ways),
      cmocka_unit_test(misfits_are_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
