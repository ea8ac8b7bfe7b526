/* SPDX-License-Identifier: BSD-3-Clause
 * Norms, softmax and soft shrinkage of rows against their definitions, on every instruction set.
 * Gradients are checked with their ops (tests/graph). */
#define _POSIX_C_SOURCE 200112L
#include "support.h"

#include <math.h>

#include "isa.h"

enum { rows = 3, most = 131 };
static const ritz_index widths[] = {1, 2, 5, 16, 17, 32, most};
static double x[rows * most], y[rows * most], w[most], b[most]; /* numbers of either format */

static double epsilon(ritz_dtype dtype) { return dtype == RITZ_FLOAT64 ? 2.2e-16 : 1.2e-7; }

static void fill(ritz_dtype dtype, double mean) {
  fill_uniform_as(dtype, 1, rows * most, x);
  fill_uniform_as(dtype, 2, most, w);
  fill_uniform_as(dtype, 3, most, b);
  for (ritz_index i = 0; i < rows * most; i++)
    ritz_number_set(dtype, x, i, mean + ritz_number_get(dtype, x, i));
}

/* A mean of 1000 costs its own rounding in x, and nothing more. The reference takes numbers
 * relative to the first of a row: on emulated processors long double may be no more than double. */
static void check_layer_norm(ritz_dtype dtype, const ritz_kernels *k) {
  for (int form = 0; form < 8; form++)
    for (size_t n = 0; n < sizeof widths / sizeof *widths; n++) {
      const ritz_index c = widths[n];
      const bool centre = form & 1, affine = form & 2;
      fill(dtype, form & 4 ? 1000 : 0);
      k->layer_norm(rows, c, centre, 1e-3, x, affine ? w : NULL, affine ? b : NULL, y);
      for (ritz_index r = 0; r < rows; r++) {
        const double origin = centre ? ritz_number_get(dtype, x, r * c) : 0;
        long double mean = 0, square = 0;
        for (ritz_index i = 0; centre && i < c; i++)
          mean += (ritz_number_get(dtype, x, r * c + i) - origin) / (long double)c;
        for (ritz_index i = 0; i < c; i++)
          square += powl(ritz_number_get(dtype, x, r * c + i) - origin - mean, 2) / (long double)c;
        for (ritz_index i = 0; i < c; i++) {
          double expected = (double)((ritz_number_get(dtype, x, r * c + i) - origin - mean) /
                                     sqrtl(square + 1e-3L));
          if (affine)
            expected = expected * ritz_number_get(dtype, w, i) + ritz_number_get(dtype, b, i);
          assert_near(ritz_number_get(dtype, y, r * c + i), expected, 30 * epsilon(dtype));
        }
      }
    }
}
static void layer_norm_follows_its_definition(void **state) { for_each_table(check_layer_norm); }

static void check_softmax(ritz_dtype dtype, const ritz_kernels *k) {
  for (size_t n = 0; n < sizeof widths / sizeof *widths; n++) {
    const ritz_index c = widths[n];
    fill(dtype, 0);
    for (ritz_index i = 0; i < rows * c; i++) /* of every size, far beyond exp's range */
      ritz_number_set(dtype, x, i, pow(1000, (double)(i % 3) - 1) * ritz_number_get(dtype, x, i));
    k->softmax(rows, c, x, y);
    for (ritz_index r = 0; r < rows; r++) {
      double peak = -INFINITY, sum = 0;
      for (ritz_index i = 0; i < c; i++) peak = fmax(peak, ritz_number_get(dtype, x, r * c + i));
      for (ritz_index i = 0; i < c; i++) sum += exp(ritz_number_get(dtype, x, r * c + i) - peak);
      for (ritz_index i = 0; i < c; i++)
        assert_near(ritz_number_get(dtype, y, r * c + i),
                    exp(ritz_number_get(dtype, x, r * c + i) - peak) / sum, 100 * epsilon(dtype));
    }
    ritz_number_set(dtype, x, 0, NAN);
    k->softmax(rows, c, x, y);
    assert_true(isnan(ritz_number_get(dtype, y, 0)));
  }
}
static void softmax_follows_its_definition(void **state) { for_each_table(check_softmax); }

static void check_softshrink(ritz_dtype dtype, const ritz_kernels *k) {
  const double in[] = {-3, -1, -0.5, -0.25, 0, 0.5, 0.75, INFINITY, -INFINITY};
  const double out[] = {-2.5, -0.5, 0, 0, 0, 0, 0.25, INFINITY, -INFINITY};
  const double slope[] = {1, 1, 0, 0, 0, 0, 1, 1, 1};
  enum { n = 9 };
  double g[n], ones[n];
  for (int i = 0; i < n; i++) {
    ritz_number_set(dtype, x, i, in[i]);
    ritz_number_set(dtype, ones, i, 1);
  }
  k->softshrink(n, 0.5, x, y);
  k->softshrink_vjp(n, y, ones, g, false);
  for (int i = 0; i < n; i++) {
    assert_true(ritz_number_get(dtype, y, i) == out[i]);
    assert_true(ritz_number_get(dtype, g, i) == slope[i]);
  }
  ritz_number_set(dtype, x, 0, NAN);
  k->softshrink(n, 0.5, x, y);
  assert_true(isnan(ritz_number_get(dtype, y, 0)));
}
static void softshrink_follows_its_definition(void **state) { for_each_table(check_softshrink); }

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(layer_norm_follows_its_definition),
      cmocka_unit_test(softmax_follows_its_definition),
      cmocka_unit_test(softshrink_follows_its_definition),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
