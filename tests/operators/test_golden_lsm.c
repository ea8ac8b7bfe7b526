/* SPDX-License-Identifier: BSD-3-Clause
 * The operator lsm against numbers of the authors' LSM_2D, for hashed weights and inputs, and the
 * parameter counts of their models. */
#include "golden.h"
#include "operator_checks.h"

static const golden_table table = {"lsm", 0.3, false};

static const golden_row rows[] = {
    GOLDEN_ROW("Running statistics", "patch: [2, 2], width: 8", {4, {1, 32, 32, 1}}, 306945,
               -178.9602, 31.28041, {-.1747095, -.1721359, -.1715964, -.1715956}, -.1804956),
    GOLDEN_ROW("Padding", "patch: [2, 2], width: 8, padding: [5, 3]", {4, {1, 27, 29, 1}}, 306945,
               -136.369, 23.75056, {-.174686, -.1721112, -.1715715, -.171605}, -.1741987),
};

static const golden_row training_row =
    GOLDEN_ROW("Statistics of the batch", "patch: [2, 2], width: 8", {4, {2, 32, 32, 1}}, 306945,
               -371.5254, 70.79263, {-.2481017, -.2225321, -.1386882, -.1420286}, -.2247161);

static void outputs_agree(void **state) {
  golden_check_rows(&table, sizeof rows / sizeof *rows, rows);
}

static void outputs_in_training_agree_in_double(void **state) {
  golden_check_training_row(&table, &training_row, RITZ_FLOAT64);
}

/* The benchmarks of the paper. */
static void models_have_the_published_numbers_of_parameters(void **state) {
#define DARCY      "{patch: [6, 6], padding: 11}"
#define FLOW       "{patch: [4, 4], in_channels: 10}"
#define AIRFOIL    "{patch: [14, 4], padding: [3, 13], in_channels: 2, width: 32}"
#define PIPE       "{patch: [9, 9], padding: 15, in_channels: 2, width: 48}"
#define ELASTICITY "{patch: [3, 3], padding: 7, width: 32}"
#define PLASTICITY "{patch: [7, 2, 2], padding: [11, 1, 12], out_channels: 4, width: 32}"
  check_numbers("lsm", DARCY, RITZ_SHAPE(1, 85, 85, 1), 19187457);
  check_numbers("lsm", FLOW, RITZ_SHAPE(1, 64, 64, 10), 19188033);
  check_numbers("lsm", AIRFOIL, RITZ_SHAPE(1, 221, 51, 2), 4812833);
  check_numbers("lsm", PIPE, RITZ_SHAPE(1, 129, 129, 2), 10804913);
  check_numbers("lsm", ELASTICITY, RITZ_SHAPE(1, 41, 41, 1), 4812801); /* on a grid */
  check_numbers("lsm", PLASTICITY, RITZ_SHAPE(1, 101, 31, 20, 1), 13457828);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(outputs_agree),
      cmocka_unit_test(outputs_in_training_agree_in_double),
      cmocka_unit_test(models_have_the_published_numbers_of_parameters),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
