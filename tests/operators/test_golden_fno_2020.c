/* SPDX-License-Identifier: BSD-3-Clause
 * The operator fno_2020 against numbers of the authors' scripts in their form of 2022, for hashed
 * weights and inputs. Their fields are [B, X0, ..., C] as ours. */
#include "golden.h"

static const golden_table table = {"fno_2020", 1.0, false};

static const golden_row rows[] = {
    GOLDEN_ROW("Darcy, 2-D", "modes: [4, 4], width: 4, padding: 9", {4, {2, 8, 10, 1}}, 0,
               -75.81887, 70.86773, {-1.318547, -1.794615, -1.575048, -0.8992853}, 0.09574619),
    GOLDEN_ROW("Burgers, 1-D", "modes: 6, width: 4", {3, {2, 16, 1}}, 0, 117.2292, 905.5192,
               {8.19372, 5.489345, 7.957882, 4.886935}, 4.883161),
};

/* These two scripts also own four batch norms they never call: p counts their parameters. */
static const golden_row rows_with_norms[] = {
    GOLDEN_ROW("Navier-Stokes, 2-D, one step", "modes: [4, 4], width: 4, in_channels: 10",
               {4, {2, 8, 8, 10}}, 0, 1483.341, 24332.22, {15.7669, 11.23122, 18.81159, 10.74434},
               16.29286),
    GOLDEN_ROW("Navier-Stokes, 3-D",
               "modes: [2, 3, 2], width: 4, in_channels: 10, padding: [0, 0, 6]",
               {5, {1, 6, 7, 5, 10}}, 0, 467.2063, 3426.582,
               {3.981516, 4.411646, 2.931826, -0.1609206}, -3.178973),
};

static void check_rows(ritz_dtype dtype) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    golden_check_row(&table, &rows[i], dtype, 0);
  for (size_t i = 0; i < sizeof rows_with_norms / sizeof *rows_with_norms; i++)
    golden_check_row(&table, &rows_with_norms[i], dtype, 4);
}

static void outputs_agree_in_double(void **state) { check_rows(RITZ_FLOAT64); }

static void outputs_agree_in_float(void **state) { check_rows(RITZ_FLOAT32); }

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(outputs_agree_in_double),
      cmocka_unit_test(outputs_agree_in_float),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
