/* SPDX-License-Identifier: BSD-3-Clause
 * The kernel against a plain loop, in each format and instruction set. */
#define _POSIX_C_SOURCE 200112L
#include "support.h"

#include "isa.h"

static void check(ritz_dtype dtype, const ritz_kernels *kernels) {
  enum { n = 37 };
  double x[n], y[n];
  for (int i = 0; i < n; i++) ritz_number_set(dtype, x, i, 0.25 * i - 3);
  kernels->square(n, x, y);
  for (int i = 0; i < n; i++)
    assert_near(ritz_number_get(dtype, y, i), (0.25 * i - 3) * (0.25 * i - 3), 0);
}

static void squares_are_exact(void **state) { for_each_table(check); }

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(squares_are_exact)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
