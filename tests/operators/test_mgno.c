/* SPDX-License-Identifier: BSD-3-Clause
 * The operator mgno: published parameter counts, gradients, shifts, changes of the grid, and what
 * cannot be. */
#include <ritz/operator.h>
#include <stdlib.h>

#include "graph/op.h"
#include "operator_checks.h"
#include "operators/operator.h"

#define SIX_LEVELS "pre_smoothing: [1, 1, 1, 1, 1, 2]"
#define PERIODIC   "boundary: periodic, skip: null, smoother_bias: true, add_input: true, "

static void parameters_are_as_many_as_published(void **state) {
  check_numbers("mgno", "{" SIX_LEVELS "}", RITZ_SHAPE(1, 256, 256, 1), 572661);
  check_numbers("mgno", "{" SIX_LEVELS ", in_channels: 3}", RITZ_SHAPE(1, 256, 256, 3), 578685);
  check_numbers("mgno", "{" SIX_LEVELS ", n_layers: 5, up_kernel: [3, 4, 3, 3, 4]}",
                RITZ_SHAPE(1, 211, 211, 1), 678093);
  check_numbers("mgno",
                "{pre_smoothing: [1, 1, 1, 2, 2], n_layers: 5, hidden_channels: 32, " PERIODIC
                "cycle_norm: affine}",
                RITZ_SHAPE(1, 64, 64, 1), 2885194);
  check_numbers("mgno",
                "{" SIX_LEVELS ", post_smoothing: [0, 0, 0, 0, 1, 0], n_layers: 5, in_channels: 2}",
                RITZ_SHAPE(1, 128, 128, 2), 783876);
  /* each of the five cycles owns a first A that it does not use */
  check_numbers("mgno",
                "{pre_smoothing: [1, 1, 1, 1, 2], hidden_channels: 20, boundary: reflect, skip: "
                "null, smoother_bias: true, layer_norm: affine, transfer_margin: 0, up_kernel: [3, "
                "4, 4, 3], widening: true, head: cycle}",
                RITZ_SHAPE(1, 101, 101, 1), 5351806 - 11241);
}

/* -- Grids ------------------------------------------------------------------------------------ */

/* Output for one channel of x, in double. */
static double *evaluate(const char *options, ritz_shape shape, const double *x) {
  return evaluate_operator(&(operator_case){"mgno", options, shape, false}, x);
}

/* Largest relative change of how the operator commutes with a shift by `by` points. */
static double shift_error(const char *options, int by) {
  enum { n = 16 };
  double x[n], moved[n], expected[n];
  fill_uniform(7, n, x);
  for (int i = 0; i < n; i++) moved[(i + by) % n] = x[i];
  double *y = evaluate(options, RITZ_SHAPE(1, n, 1), x);
  double *y_moved = evaluate(options, RITZ_SHAPE(1, n, 1), moved);
  for (int i = 0; i < n; i++) expected[(i + by) % n] = y[i];
  const double error = relative_error(n, y_moved, expected);
  free(y), free(y_moved);
  return error;
}

/* The published prolongation drops what wraps around. */
static void a_periodic_cycle_commutes_with_shifts_by_coarse_points(void **state) {
  const char *wrapped = "{pre_smoothing: [1, 1, 1], boundary: periodic, wrap_prolongation: true}";
  assert_true(shift_error(wrapped, 4) < 1e-13);
  assert_true(shift_error(wrapped, 2) > 1e-3);
  assert_true(shift_error("{pre_smoothing: [1, 1, 1], boundary: periodic}", 4) > 1e-3);
}

/* Nodes that a grid shares with the reference grid see the same numbers in every cycle and in every
 * pointwise map. */
static void a_reference_grid_makes_common_nodes_agree(void **state) {
  const char *options = "{pre_smoothing: [1, 1, 2], hidden_channels: 5, reference_grid: 9}";
  enum { n = 9, fine = 17 };
  double x[fine * fine], common[n * n];
  fill_uniform(8, fine * fine, x);
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) common[i * n + j] = x[2 * i * fine + 2 * j];
  double *y = evaluate(options, RITZ_SHAPE(1, fine, fine, 1), x);
  double *expected = evaluate(options, RITZ_SHAPE(1, n, n, 1), common);
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) common[i * n + j] = y[2 * i * fine + 2 * j];
  assert_true(relative_error(n * n, common, expected) < 1e-13);
  free(y), free(expected);
}

static void what_cannot_be_is_named(void **state) {
#define FIELD           \
  {                     \
    4, { 1, 12, 20, 1 } \
  }
  static const operator_refusal rows[] = {
      {"mgno", "{}", FIELD, RITZ_ERR_CONFIG, "pre_smoothing"},
      {"mgno", "{pre_smoothing: [0, 1]}", FIELD, RITZ_ERR_CONFIG, "1 or more on the finest"},
      {"mgno", "{pre_smoothing: [1, 1], post_smoothing: [1]}", FIELD, RITZ_ERR_CONFIG,
       "post_smoothing has 1 levels, pre_smoothing has 2"},
      {"mgno", "{pre_smoothing: [1, 1], up_kernel: [3, 4]}", FIELD, RITZ_ERR_CONFIG,
       "up_kernel has 2 numbers, wanted 1 or one for each of 1 transfers"},
      {"mgno", "{pre_smoothing: [1, 1], up_kernel: 5}", FIELD, RITZ_ERR_CONFIG, "up_kernel"},
      {"mgno", "{pre_smoothing: [1, 1], reference_grid: [4, 4, 4, 4]}", FIELD, RITZ_ERR_CONFIG,
       "reference_grid has 4 axes"},
      {"mgno", "{pre_smoothing: [1, 1], reference_grid: [4, 4, 4]}", FIELD, RITZ_ERR_SHAPE,
       "reference_grid has 3 axes, the field has 2"},
      {"mgno", "{pre_smoothing: [1, 1], add_input: true, out_channels: 2}", FIELD, RITZ_ERR_CONFIG,
       "add_input wants in_channels 1 equal to out_channels 2"},
      {"mgno", "{pre_smoothing: [1, 1], wrap_prolongation: true}", FIELD, RITZ_ERR_CONFIG,
       "boundary: periodic"},
      {"mgno", "{pre_smoothing: [1, 1], transfer_margin: 0, boundary: periodic}", FIELD,
       RITZ_ERR_CONFIG, "transfer_margin 0"},
      {"mgno", "{pre_smoothing: [1, 1, 1, 1], boundary: periodic}", FIELD, RITZ_ERR_SHAPE,
       "periodic axis 0 of 12 points has 3 on level 2, wanted an even number: a multiple of 8"},
      {"mgno", "{pre_smoothing: [1, 1, 1, 1, 1, 1], boundary: reflect}", FIELD, RITZ_ERR_SHAPE,
       "axis 0 of 12 points has 1 left on level 4 of 6, wanted 2 or more"},
      {"mgno", "{pre_smoothing: [1, 1, 1, 1], transfer_margin: 0}", FIELD, RITZ_ERR_SHAPE,
       "axis 0 of 12 points has 2 left on level 2 of 4, wanted 3 or more"},
      {"mgno", "{pre_smoothing: [1, 1], in_channels: 2}", FIELD, RITZ_ERR_SHAPE, "2 channels"},
      {"mgno", "{pre_smoothing: [1, 1]}", {2, {3, 1}}, RITZ_ERR_SHAPE, "grid axes"},
  };
  check_refusals(sizeof rows / sizeof *rows, rows);
}

/* Before training, without a graph. */
static void training_grids_are_checked(void **state) {
  static const struct {
    const char *options, *message;
    ritz_index grid;
  } rows[] = {{"{pre_smoothing: [1, 1, 1], boundary: periodic}", NULL, 16},
              {"{pre_smoothing: [1, 1, 1], boundary: periodic}", "wanted an even number", 18},
              {"{pre_smoothing: [1, 1], reference_grid: [4, 4, 4]}", "the field has 2", 18}};
  ritz_context *context;
  assert_ok(ritz_context_create(NULL, &context));
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    ritz_operator *op;
    assert_ok(ritz_operator_create(context, "mgno", rows[i].options, &op));
    const ritz_status status =
        op->type->check_grid(op->config, 2, (ritz_index[]){16, rows[i].grid});
    assert_int_equal(status, rows[i].message ? RITZ_ERR_SHAPE : RITZ_OK);
    if (rows[i].message) assert_message_contains(rows[i].message);
    ritz_operator_destroy(&op);
  }
  ritz_context_destroy(&context);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(parameters_are_as_many_as_published),
      cmocka_unit_test(a_periodic_cycle_commutes_with_shifts_by_coarse_points),
      cmocka_unit_test(a_reference_grid_makes_common_nodes_agree),
      cmocka_unit_test(what_cannot_be_is_named),
      cmocka_unit_test(training_grids_are_checked),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
