/* SPDX-License-Identifier: BSD-3-Clause
 * The reader input_output. */
#include "set_file.h"

static void data_sets_input_and_output_are_found(void **state) {
  make_file(2, (made[]){{"input", 2, {5, 12}, 0}, {"output", 2, {5, 12}, 100}});
  ritz_dataset *set;
  assert_ok(ritz_dataset_open(context, path, NULL, &set));
  const ritz_dataset_info *info = ritz_dataset_get_info(set);
  assert_string_equal(info->reader, "input_output");
  assert_int_equal(info->samples, 5);
  double x[12], y[12];
  const ritz_index sample = 2;
  assert_ok(ritz_dataset_read(set, 1, &sample, RITZ_FLOAT64, x, y));
  assert_near(x[11], 35, 0);
  assert_near(y[0], 124, 0);
  ritz_dataset_close(&set);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(data_sets_input_and_output_are_found)};
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
