/* SPDX-License-Identifier: BSD-3-Clause
 * Max pooling against the textbook loop; means against the same; ties and NaN. */
#define _POSIX_C_SOURCE 200112L
#include "kernels/pooling.h"

#include "support.h"

#include <math.h>

#include "allocations.h"
#include "isa.h"
#include "kernels/resize.h"
#include "window_walk.h"

enum { room = 1 << 13 };
static double x[room], y[room], place[room], gy[room], gx[room], want[room], want_place[room];

static void put(ritz_dtype dtype, void *array, ritz_index i, double value) {
  ritz_number_set(dtype, array, i, value);
}

/* The textbook: maxima and their taps of one plan. */
static void textbook(const ritz_pooling_shape *s) {
  const ritz_index outs = ritz_window_points_out(&s->window), c = s->channels;
  for (ritz_index i = 0; i < s->batch * outs * c; i++) {
    const ritz_index b = i / c / outs, o = i / c % outs;
    want[i] = -INFINITY, want_place[i] = -1;
    for (ritz_index t = 0; t < ritz_window_taps(&s->window); t++) {
      const ritz_index in = window_reads(&s->window, b, o, t);
      if (in < 0) continue;
      const double value = ritz_number_get(s->dtype, x, in * c + i % c);
      if (value > want[i]) want[i] = value, want_place[i] = (double)t;
    }
  }
}

static const struct {
  int dim;
  ritz_index batch, channels, in[3], window[3];
  ritz_window_options o;
} cases[] = {
    {2, 2, 16, {6, 8}, {2, 2}, {.stride = {2, 2}}},
    {2, 1, 5, {7, 9}, {3, 3}, {.stride = {2, 2}, .low = {1, 1}, .high = {1, 1}}},
    {2,
     1,
     70,
     {5, 6},
     {2, 3},
     {.low = {1, 2}, .high = {0, 2}, .boundary = {RITZ_BOUNDARY_REFLECT, RITZ_BOUNDARY_PERIODIC}}},
    {1, 3, 1, {11}, {4}, {.stride = {3}, .dilation = {2}, .low = {2}, .high = {3}}},
    {3,
     1,
     3,
     {4, 5, 3},
     {2, 2, 2},
     {.stride = {2, 1, 2},
      .high = {0, 0, 1},
      .boundary = {RITZ_BOUNDARY_ZERO, RITZ_BOUNDARY_ZERO, RITZ_BOUNDARY_REPLICATE}}},
    {1, 1, 1, {1}, {1}, {.stride = {1}}},
};

static void check_maxima(ritz_dtype dtype, const ritz_kernels *kernels) {
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    ritz_pooling_shape s = {.dtype = dtype, .batch = cases[k].batch, .channels = cases[k].channels};
    ritz_pooling *plan;
    assert_ok(ritz_window_make("test", cases[k].dim, cases[k].in, cases[k].window, &cases[k].o,
                               &s.window));
    assert_ok(ritz_pooling_create(&s, 2, &plan));
    const ritz_index ins = s.batch * ritz_window_points_in(&s.window) * s.channels;
    const ritz_index outs = s.batch * ritz_window_points_out(&s.window) * s.channels;
    fill_uniform_as(dtype, 1, ins, x);
    fill_uniform_as(dtype, 2, outs, gy);
    textbook(&s);
    ritz_pooling_forward(plan, x, y, place, NULL);
    double sum = 0, collected = 0;
    for (ritz_index i = 0; i < outs; i++) {
      assert_near(ritz_number_get(dtype, y, i), want[i], 0);
      assert_near(ritz_number_get(dtype, place, i), want_place[i], 0);
      sum += ritz_number_get(dtype, gy, i) * want[i];
    }
    /* The map is linear where the places stay: <gy, y> = <gx, x>. */
    for (int add = 0; add <= 1; add++) {
      ritz_pooling_vjp(plan, gy, place, gx, add, NULL);
      collected = 0;
      for (ritz_index i = 0; i < ins; i++)
        collected += ritz_number_get(dtype, gx, i) * ritz_number_get(dtype, x, i);
      assert_near(collected, (add + 1) * sum, dtype == RITZ_FLOAT64 ? 1e-12 : 1e-4);
    }
    ritz_pooling_forward(plan, x, gx, NULL, NULL);
    assert_memory_equal(gx, y, (size_t)outs * ritz_dtype_size(dtype));
    ritz_pooling_destroy(&plan);
  }
}
static void maxima_agree_with_the_textbook(void **state) { for_each_table(check_maxima); }

/* 3 points of 2 channels, windows of 2: equal numbers and NaN. */
static void check_ties(ritz_dtype dtype, const ritz_kernels *kernels) {
  const double numbers[] = {1, NAN, 1, 2, 0, 3};
  const double largest[] = {1, NAN, 1, 3}, taps[] = {0, 0, 0, 1};
  ritz_pooling_shape s = {.dtype = dtype, .batch = 1, .channels = 2};
  ritz_pooling *plan;
  assert_ok(ritz_window_make("test", 1, (ritz_index[]){3}, (ritz_index[]){2}, NULL, &s.window));
  assert_ok(ritz_pooling_create(&s, 1, &plan));
  for (int i = 0; i < 6; i++) put(dtype, x, i, numbers[i]);
  ritz_pooling_forward(plan, x, y, place, NULL);
  for (int i = 0; i < 4; i++) {
    if (isnan(largest[i]))
      assert_true(isnan(ritz_number_get(dtype, y, i)));
    else
      assert_near(ritz_number_get(dtype, y, i), largest[i], 0);
    assert_near(ritz_number_get(dtype, place, i), taps[i], 0);
  }
  ritz_pooling_destroy(&plan);
}
static void the_first_of_equals_wins_and_nan_beats_all(void **state) { for_each_table(check_ties); }

/* Windows of 3 around 4 points 1 2 4 8, zero margins of 1 and both ways to count them. */
static void means_count_zeros_or_not(void **state) {
  const double points[] = {1, 2, 4, 8};
  const double counted[] = {1, 7.0 / 3, 14.0 / 3, 4}, seen[] = {1.5, 7.0 / 3, 14.0 / 3, 6};
  const ritz_window_options options = {.low = {1}, .high = {1}};
  for (int count_zeros = 0; count_zeros <= 1; count_zeros++) {
    ritz_window w;
    ritz_resampling plan;
    double means[4];
    assert_ok(ritz_window_make("test", 1, (ritz_index[]){4}, (ritz_index[]){3}, &options, &w));
    assert_ok(ritz_resampling_init_mean(&w.axis[2], count_zeros, &plan));
    ritz_resampling_run(&plan, false, false, RITZ_FLOAT64, 1, 1, points, means, 1, NULL);
    for (int i = 0; i < 4; i++) assert_near(means[i], count_zeros ? counted[i] : seen[i], 1e-15);
    ritz_resampling_release(&plan);
  }
}

static void lost_memory_is_reported(void **state) {
  ritz_pooling_shape s = {.dtype = RITZ_FLOAT32, .batch = 1, .channels = 2};
  ritz_pooling *plan;
  assert_ok(ritz_window_make("test", 1, (ritz_index[]){3}, (ritz_index[]){2}, NULL, &s.window));
  long k = 0;
  while (creation_fails(k, plan, ritz_pooling_create(&s, 1, &plan))) assert_true(++k <= 30);
  ritz_pooling_destroy(&plan);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(maxima_agree_with_the_textbook),
      cmocka_unit_test(the_first_of_equals_wins_and_nan_beats_all),
      cmocka_unit_test(means_count_zeros_or_not),
      cmocka_unit_test(lost_memory_is_reported),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
