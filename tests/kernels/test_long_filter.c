/* SPDX-License-Identifier: BSD-3-Clause
 * Long convolutions in both forms against the sum, and their gradients by the adjoint. */
#include <math.h>
#include <string.h>

#include "allocations.h"
#include "core/memory.h"
#include "kernels/kernels.h"
#include "kernels/long_filter.h"
#include "support.h"

/* y (way 0), gx of the cotangent in y (1) or gk of it (2), in double, one term after the other. */
static void reference(const ritz_long_filter_shape *s, int way, double *x, double *k, double *y) {
  const ritz_index n = s->points, c = s->channels;
  for (ritz_index b = 0; b < s->lines; b++)
    for (ritz_index i = 0; i < n; i++)
      for (ritz_index j = 0; j < s->taps; j++) {
        if (s->causal && i < j) continue;
        for (ritz_index q = 0; q < c; q++) {
          double *in = &x[(b * n + (i - j + n) % n) * c + q], *tap = &k[j * c + q];
          double *out = &y[(b * n + i) * c + q];
          if (way == 0) *out += *in * *tap;
          if (way == 1) *in += *out * *tap;
          if (way == 2) *tap += *in * *out;
        }
      }
}

static double *doubles(ritz_dtype dtype, ritz_index count, const void *x) {
  double *out = zeros(RITZ_FLOAT64, count);
  for (ritz_index i = 0; x && i < count; i++) out[i] = ritz_number_get(dtype, x, i);
  return out;
}

/* Sums of up to 200 products of size one. */
static void assert_same(ritz_dtype dtype, ritz_index count, const void *got, const double *want) {
  for (ritz_index i = 0; i < count; i++)
    assert_near(ritz_number_get(dtype, got, i), want[i], dtype == RITZ_FLOAT64 ? 1e-12 : 1e-4);
}

static void check(const ritz_long_filter_shape *s) {
  const ritz_dtype t = s->dtype;
  const ritz_index size = s->lines * s->points * s->channels, taps = s->taps * s->channels;
  void *x = random_numbers(t, 1, size), *k = random_numbers(t, 2, taps),
       *gy = random_numbers(t, 3, size);
  void *y = random_numbers(t, 4, size), *gx = random_numbers(t, 5, size),
       *gk = random_numbers(t, 6, taps);
  double *dx = doubles(t, size, x), *dk = doubles(t, taps, k), *dgy = doubles(t, size, gy);
  double *dy = doubles(t, size, NULL), *dgx = doubles(t, size, gx), *dgk = doubles(t, taps, gk);
  ritz_long_filter *plan;
  void *saved, *scratch;
  assert_ok(ritz_long_filter_create(s, true, 2, &plan));
  assert_ok(ritz_calloc((ritz_index)ritz_long_filter_saved(plan) + 1, 1, &saved));
  assert_ok(ritz_calloc((ritz_index)ritz_long_filter_scratch(plan), 1, &scratch));
  ritz_long_filter_forward(plan, x, k, saved, y, scratch);
  reference(s, 0, dx, dk, dy);
  assert_same(t, size, y, dy);
  ritz_long_filter_vjp(plan, x, k, saved, gy, gx, true, gk, true, scratch);
  reference(s, 1, dgx, dk, dgy);
  reference(s, 2, dx, dgk, dgy);
  assert_same(t, size, gx, dgx);
  assert_same(t, taps, gk, dgk);
  ritz_long_filter_vjp(plan, x, k, saved, gy, gx, false, NULL, false, scratch); /* written anew */
  memset(dgx, 0, (size_t)size * sizeof *dgx);
  reference(s, 1, dgx, dk, dgy);
  assert_same(t, size, gx, dgx);
  ritz_long_filter_destroy(&plan);
  assert_null(plan);
  void *all[] = {x, k, gy, y, gx, gk, dx, dk, dgy, dy, dgx, dgk, saved, scratch};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) ritz_free(all[i]);
}

/* Full and partial kernels, odd and even lines, prime ones, a single point. */
static void both_forms_match_the_sum(void **state) {
  const ritz_index sizes[][4] = {{2, 17, 3, 17}, {1, 64, 20, 64}, {3, 101, 1, 30},
                                 {2, 1, 5, 1},   {1, 8, 16, 3},   {2, 200, 2, 199}};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
    for (int which = 0; which < 12; which++) {
      const ritz_long_filter_shape s = {.dtype = (ritz_dtype)(which % 2),
                                        .lines = sizes[i][0],
                                        .points = sizes[i][1],
                                        .channels = sizes[i][2],
                                        .taps = sizes[i][3],
                                        .causal = which / 2 % 2,
                                        .form = (ritz_long_form)(which / 4)};
      check(&s);
    }
}

/* Few of the kernel's frequencies: the convolution with the kernel that has only those. */
static void few_modes_are_a_smoother_kernel(void **state) {
  enum { N = 24, MODES = 4 };
  const ritz_long_filter_shape s = {
      .dtype = RITZ_FLOAT64, .lines = 2, .points = N, .channels = 1, .taps = N, .modes = MODES};
  double x[2 * N], k[N], y[2 * N], smooth[N] = {0}, want[2 * N] = {0};
  fill_uniform(1, 2 * N, x);
  fill_uniform(2, N, k);
  for (int m = 0; m < MODES; m++)
    for (int i = 0; i < N; i++)
      for (int j = 0; j < N; j++)
        smooth[i] += (m ? 2 : 1) * k[j] * cos(2 * acos(-1.0) * m * (i - j) / N) / N;
  reference(&s, 0, x, smooth, want);
  ritz_long_filter *plan;
  void *saved, *scratch;
  assert_ok(ritz_long_filter_create(&s, false, 1, &plan));
  assert_false(ritz_long_filter_is_sum(plan));
  assert_ok(ritz_calloc((ritz_index)ritz_long_filter_saved(plan), 1, &saved));
  assert_ok(ritz_calloc((ritz_index)ritz_long_filter_scratch(plan), 1, &scratch));
  ritz_long_filter_forward(plan, x, k, saved, y, scratch);
  for (int i = 0; i < 2 * N; i++) assert_near(y[i], want[i], 1e-13);
  ritz_free(saved);
  ritz_free(scratch);
  ritz_long_filter_destroy(&plan);
}

static void bad_shapes_and_lost_allocations_are_reported(void **state) {
  ritz_long_filter_shape s = {.lines = 1, .points = 64, .channels = 2, .taps = 65};
  ritz_long_filter *plan;
  assert_int_equal(ritz_long_filter_create(&s, true, 1, &plan), RITZ_ERR_ARGUMENT);
  assert_message_contains("64 points and 2 channels with 65 taps");
  s.taps = 64, s.modes = 3, s.form = RITZ_LONG_SUM;
  assert_int_equal(ritz_long_filter_create(&s, true, 1, &plan), RITZ_ERR_ARGUMENT);
  s.modes = 0;
  for (int form = 0; form < 3; form++) {
    s.form = (ritz_long_form)form;
    long k = 0;
    while (creation_fails(k, plan, ritz_long_filter_create(&s, true, 1, &plan))) k++;
    ritz_long_filter_destroy(&plan);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(both_forms_match_the_sum),
      cmocka_unit_test(few_modes_are_a_smoother_kernel),
      cmocka_unit_test(bad_shapes_and_lost_allocations_are_reported),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
