/* SPDX-License-Identifier: BSD-3-Clause
 * The operator lsm on grids and options that the authors' numbers do not have. */

#include "operator_checks.h"

static void impossible_patches_are_refused(void **state) {
  static const operator_refusal rows[] = {
#define ROW(...) {"lsm", __VA_ARGS__}
      ROW("{patch: [3, 3], width: 8}", {4, {1, 48, 41, 1}}, RITZ_ERR_CONFIG,
          "patches of 3 points do not fill the 41 of axis 1 on level 1"),
      ROW("{patch: [3, 3], width: 8, padding: [0, 1]}", {4, {1, 48, 41, 1}}, RITZ_ERR_CONFIG,
          "do not fill the 10 of axis 1 on level 3"),
      ROW("{patch: 1, width: 8}", {3, {1, 15, 1}}, RITZ_ERR_CONFIG,
          "do not fill the 0 of axis 0 on level 5"),
      ROW("{patch: [3, 3], width: 12}", {4, {1, 48, 48, 1}}, RITZ_ERR_CONFIG,
          "8 heads do not divide"),
      ROW("{patch: [1, 1, 1, 1]}", {3, {1, 16, 1}}, RITZ_ERR_CONFIG, "patch has 4 axes"),
      ROW("{patch: [1, 1], padding: [1, 1, 1]}", {4, {1, 16, 16, 1}}, RITZ_ERR_CONFIG,
          "padding has 3 axes"),
      ROW("{patch: [1, 1]}", {4, {1, 16, 16, 2}}, RITZ_ERR_SHAPE,
          "wanted [B, 2 grid axes, 1 channels]"),
  };
  check_refusals(sizeof rows / sizeof *rows, rows);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(impossible_patches_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
