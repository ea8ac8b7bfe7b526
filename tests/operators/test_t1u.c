/* SPDX-License-Identifier: BSD-3-Clause
 * Properties of the operator t1u. The coefficients are those of test_t1.c. */
#include <stdlib.h>

#include "operator_checks.h"

/* Counted layer by layer: the authors' widths for Navier-Stokes and for airfoils. */
static void parameters_are_as_many_as_derived(void **state) {
  check_numbers("t1u", "{modes: [24, 24], signal_resolution: [64, 64], channel_exponent: 5}",
                RITZ_SHAPE(1, 64, 64, 1), 425933);
  check_numbers("t1u",
                "{modes: [100, 100], signal_resolution: [128, 128], channel_exponent: 6, depth: 6, "
                "in_channels: 3, out_channels: 3}",
                RITZ_SHAPE(1, 128, 128, 3), 13327953);
}

/* What is given as coefficients has zeros beyond the modes, and the same norm as the field. */
static void the_field_has_the_norm_of_the_coefficients(void **state) {
  enum { n0 = 11, n1 = 9 };
#define SMALL "modes: [8, 6], signal_resolution: [11, 9], channel_exponent: 2, depth: 2"
  const operator_case field = {"t1u", "{" SMALL "}", {4, {1, n0, n1, 1}}, false};
  const operator_case of = {"t1u", "{" SMALL ", perform_inverse: false}", field.x, false};
  double x[n0 * n1], sum[2] = {0};
  fill_uniform(2, n0 * n1, x);
  double *y = evaluate_operator(&field, x), *z = evaluate_operator(&of, x);
  for (int i = 0; i < n0 * n1; i++) {
    sum[0] += y[i] * y[i];
    sum[1] += z[i] * z[i];
    if (i / n1 >= 8 || i % n1 >= 6) assert_true(z[i] == 0);
  }
  assert_true(sum[1] > 0);
  assert_near(sum[0], sum[1], 1e-12 * sum[1]);
  free(y);
  free(z);
}

static void wrong_options_are_named(void **state) {
#define ROW(options, status, message) \
  { "t1u", "{" options "}", {4, {1, 16, 16, 1}}, status, message }
  static const operator_refusal rows[] = {
      ROW("modes: [16, 15], signal_resolution: [16, 16]", RITZ_ERR_CONFIG,
          "modes keeps 15 coefficients along axis 1: depth 4 wants an even number of at least 16"),
      ROW("modes: [16, 14], signal_resolution: [16, 16]", RITZ_ERR_CONFIG, "at least 16"),
      ROW("modes: [16, 16], signal_resolution: 16", RITZ_ERR_CONFIG, "signal_resolution has 1"),
      ROW("modes: 16, signal_resolution: 16", RITZ_ERR_SHAPE, "t1u: x is [1, 16, 16, 1]"),
  };
  check_refusals(sizeof rows / sizeof *rows, rows);
  check_training_grid("t1u", "{modes: [8, 10], signal_resolution: [8, 8], depth: 3}", 2,
                      (ritz_index[]){8, 8}, "10 coefficients along axis 1");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(parameters_are_as_many_as_derived),
      cmocka_unit_test(the_field_has_the_norm_of_the_coefficients),
      cmocka_unit_test(wrong_options_are_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
