/* SPDX-License-Identifier: BSD-3-Clause
 * Properties of the operator uno_2022. */
#include <stdlib.h>

#include "operator_checks.h"

/* The three networks of the authors' scripts, counted layer by layer: UNO_9 and UNO_11
 * for Darcy flow, UNO_P for Navier-Stokes. */
static void parameters_are_as_many_as_published(void **state) {
  check_numbers("uno_2022",
                "{modes: [[18, 18], [8, 8], [8, 8], [8, 8], [18, 18]], norm_blocks: [1, 3]}",
                RITZ_SHAPE(1, 85, 85, 1), 16393665);
  check_numbers("uno_2022",
                "{modes: [[18, 18], [8, 8], [3, 3], [3, 3], [3, 3], [8, 8], [18, 18]], depth: 3, "
                "norm_blocks: [1, 3, 5], residual: true}",
                RITZ_SHAPE(1, 85, 85, 1), 19139009);
  check_numbers("uno_2022",
                "{modes: [[14, 14], [6, 6], [3, 3], [3, 3], [3, 3], [6, 6], [14, 14]], depth: 3, "
                "in_channels: 10, positional_embedding: periodic, projection_channel_ratio: 3, "
                "lifting_skip: true}",
                RITZ_SHAPE(1, 64, 64, 10), 13244289);
}

/* The mean over a period is all that one mode sees: a constant field stays one on every grid. */
static void constants_stay_constant(void **state) {
  const operator_case c = {
      "uno_2022",
      "{modes: [[1, 1], [1, 1], [1, 1], [1, 1], [1, 1]], width: 4, positional_embedding: null}",
      {4, {1, 13, 22, 1}},
      false};
  double x[13 * 22];
  for (int i = 0; i < 13 * 22; i++) x[i] = 0.7;
  double *y = evaluate_operator(&c, x);
  for (int i = 1; i < 13 * 22; i++) assert_near(y[i], y[0], 1e-13);
  free(y);
}

static void wrong_options_are_named(void **state) {
#define ROW(options, status, message) \
  { "uno_2022", "{" options "}", {4, {1, 8, 8, 1}}, status, message }
#define ONE "depth: 1, modes: [[1, 1], [1, 1], [1, 1]]"
  static const operator_refusal rows[] = {
      ROW("depth: 1", RITZ_ERR_CONFIG, "modes"),
      ROW("modes: [[1, 1], [1, 1], [1, 1]]", RITZ_ERR_CONFIG,
          "modes has 6 numbers, wanted 1 to 3 for each of the 5 blocks of depth 2"),
      ROW(ONE ", domain_padding: [0, 0, 0]", RITZ_ERR_CONFIG, "domain_padding has 3 axes"),
      ROW(ONE ", norm_blocks: [0, 3]", RITZ_ERR_CONFIG, "names block 3, the last one is 2"),
      ROW(ONE ", in_channels: 2", RITZ_ERR_SHAPE, "uno_2022: x is [1, 8, 8, 1]"),
      {"uno_2022",
       "{depth: 3, modes: [1, 1, 1, 1, 1, 1, 1]}",
       {3, {1, 7, 1}},
       RITZ_ERR_CONFIG,
       "in block 2, whose coarser grid of 0 points"},
  };
  check_refusals(sizeof rows / sizeof *rows, rows);
}

static void training_grids_with_too_few_points_are_refused(void **state) {
  const char *options = "{depth: 1, modes: [[4, 5], [4, 5], [4, 5]], domain_padding: [0, 0.25]}";
  check_training_grid("uno_2022", options, 2, (ritz_index[]){16, 13}, NULL);
  check_training_grid("uno_2022", options, 2, (ritz_index[]){15, 13},
                      "4 along axis 0 in block 0, whose coarser grid of 7 points has only 3");
  check_training_grid("uno_2022", options, 2, (ritz_index[]){16, 12},
                      "5 along axis 1 in block 0, whose coarser grid of 7 points has only 4");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(parameters_are_as_many_as_published),
      cmocka_unit_test(constants_stay_constant),
      cmocka_unit_test(wrong_options_are_named),
      cmocka_unit_test(training_grids_with_too_few_points_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
