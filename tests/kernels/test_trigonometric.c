/* SPDX-License-Identifier: BSD-3-Clause
 * Trigonometric series against the library's sine and cosine, on every instruction set. Gradients
 * are checked with their op (tests/graph). */
#define _POSIX_C_SOURCE 200112L
#include "support.h"

#include <math.h>

#include "isa.h"

enum { rows = 3, most = 131, b = 12 };
static const ritz_index widths[] = {1, 5, 16, 64, most};
static double x[rows * most], w[2 * b * most], y[rows * most]; /* numbers of either format */

/* Rounding of x/b, of the term's factors and of m rotations: (1 + m) eps and less. */
static void check_series(ritz_dtype dtype, const ritz_kernels *k, double scale) {
  const double epsilon = dtype == RITZ_FLOAT64 ? 2.2e-16 : 1.2e-7;
  const long double pi = acosl(-1);
  for (size_t n = 0; n < sizeof widths / sizeof *widths; n++) {
    const ritz_index c = widths[n];
    fill_uniform_as(dtype, 1, rows * c, x);
    fill_uniform_as(dtype, 2, 2 * b * c, w);
    for (ritz_index i = 0; i < rows * c; i++) /* integers and halves too */
      ritz_number_set(dtype, x, i,
                      i % 7 ? scale * ritz_number_get(dtype, x, i) : (double)(i % 5) * b / 2);
    k->trigonometric_series(rows, c, b, x, w, y);
    for (ritz_index i = 0; i < rows * c; i++) {
      const long double t = (long double)ritz_number_get(dtype, x, i) / b;
      long double sum = 0;
      for (int m = 0; m < b; m++)
        sum += ritz_number_get(dtype, w, m * c + i % c) * sinl(pi * m * t) +
               ritz_number_get(dtype, w, (b + m) * c + i % c) * cosl(pi * m * t);
      const double error = epsilon * b * b * (4 + (double)fabsl(4 * t));
      assert_near(ritz_number_get(dtype, y, i), (double)sum, error);
    }
  }
}
static void check_scales(ritz_dtype dtype, const ritz_kernels *k) {
  check_series(dtype, k, 1e-3);
  check_series(dtype, k, 2);
  check_series(dtype, k, 300);
}
static void series_follow_their_definition(void **state) { for_each_table(check_scales); }

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(series_follow_their_definition),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
