/* SPDX-License-Identifier: BSD-3-Clause
 * The operator lsm on grids and options that the authors' numbers do not have. */

#include "operator_checks.h"

static void refuses(const char *options, ritz_shape x, const char *message) {
  assert_int_not_equal(build_status("lsm", options, x, NULL), RITZ_OK);
  assert_message_contains(message);
}

static void impossible_patches_are_refused(void **state) {
  refuses("{patch: [3, 3], width: 8}", RITZ_SHAPE(1, 48, 41, 1),
          "patches of 3 points do not fill the 41 of axis 1 on level 1");
  refuses("{patch: [3, 3], width: 8, padding: [0, 1]}", RITZ_SHAPE(1, 48, 41, 1),
          "do not fill the 10 of axis 1 on level 3");
  refuses("{patch: 1, width: 8}", RITZ_SHAPE(1, 15, 1), "do not fill the 0 of axis 0 on level 5");
  refuses("{patch: [3, 3], width: 12}", RITZ_SHAPE(1, 48, 48, 1), "8 heads do not divide");
  refuses("{patch: [1, 1, 1, 1]}", RITZ_SHAPE(1, 16, 1), "patch has 4 axes");
  refuses("{patch: [1, 1], padding: [1, 1, 1]}", RITZ_SHAPE(1, 16, 16, 1), "padding has 3 axes");
  refuses("{patch: [1, 1]}", RITZ_SHAPE(1, 16, 16, 2), "wanted [B, 2 grid axes, 1 channels]");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(impossible_patches_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
