/* SPDX-License-Identifier: BSD-3-Clause
 * The operators deeponet, pod_deeponet and multionet. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "graph/op.h"
#include "operator_checks.h"
#include "operators/pod.h"

#define NETS "branch: [5, 4], trunk: [6, 3], "
static void parameters_are_as_many_as_counted(void **state) {
  const ritz_shape line = RITZ_SHAPE(1, 100, 1);
  const ritz_index branch = (100 * 40 + 40) + (40 * 40 + 40), trunk = (40 + 40) + (40 * 40 + 40);
  assert_int_equal(numbers_of("deeponet", "{branch: 40, trunk: 40, latent: 40}", line),
                   branch + trunk + 1);
  /* Two hidden layers of 40 and the last of 40 are three layers: l + 1 numbers more. */
  assert_int_equal(numbers_of("multionet", "{width: 40, layers: 2}", line), branch + trunk + 3);
  assert_int_equal(numbers_of("pod_deeponet", "{branch: 40, modes: 40}", line), branch);
  assert_int_equal(numbers_of("deeponet",
                              "{branch: 40, trunk: 40, latent: 40, out_channels: 3, outputs: "
                              "independent}",
                              line),
                   3 * (branch + trunk + 1));
}

/* The same points for all samples: evaluated once or for each. */
static void shared_and_own_points_agree(void **state) {
  operator_case own = {
      "deeponet", "{" NETS "latent: 4, in_channels: 3, coordinates: 2}", {3, {3, 9, 3}}, false};
  operator_case shared = own;
  shared.options = "{" NETS "latent: 4, in_channels: 3, coordinates: 2, shared_points: true}";
  double x[3][9][3];
  fill_uniform(4, 81, &x[0][0][0]);
  for (int b = 1; b < 3; b++)
    for (int p = 0; p < 9; p++) memcpy(&x[b][p][1], &x[0][p][1], 2 * sizeof(double));
  double *y = evaluate_operator(&own, &x[0][0][0]), *z = evaluate_operator(&shared, &x[0][0][0]);
  for (int i = 0; i < 27; i++) assert_near(y[i], z[i], 1e-14);
  free(y);
  free(z);
}

/* Without sensors at the points the points may be others, and as many as wanted. */
static void repeated_sensors_leave_the_points_free(void **state) {
  operator_case c = {"deeponet",
                     "{" NETS
                     "latent: 4, in_channels: 3, coordinates: 1, sensors: "
                     "repeated}",
                     {3, {1, 4, 3}},
                     false};
  const double all[12] = {.3, -.2, 0, .3, -.2, .5, .3, -.2, .1, .3, -.2, 1};
  double *y = evaluate_operator(&c, all);
  c.x.n[1] = 2;
  double *z = evaluate_operator(&c, all + 6);
  assert_near(z[0], y[2], 1e-15);
  assert_near(z[1], y[3], 1e-15);
  free(y);
  free(z);
}

/* n fields of `count` numbers in a space of `rank` directions and some noise. */
static void check_pod(ritz_index n, ritz_index count, ritz_index modes) {
  double *y = malloc((size_t)(n * count) * sizeof *y), *basis = calloc((size_t)(count * modes), 8);
  double *mean = calloc((size_t)count, 8), *kept = malloc((size_t)(n * count) * sizeof *y);
  double rest, all = 0, left = 0;
  fill_uniform(8, n * count, y);
  for (ritz_index i = 0; i < n; i++)
    for (ritz_index j = 0; j < count; j++)
      y[i * count + j] = 0.01 * y[i * count + j] + 1 + sin(1.7 * (double)i) * cos(0.3 * (double)j) +
                         0.2 * cos(2.9 * (double)i) * sin(0.5 * (double)j);
  memcpy(kept, y, (size_t)(n * count) * sizeof *y);
  assert_ok(ritz_pod(n, count, modes, y, mean, basis, &rest));
  for (ritz_index k = 0; k < modes; k++)
    for (ritz_index l = 0; l < modes; l++) {
      double sum = 0;
      for (ritz_index j = 0; j < count; j++) sum += basis[j * modes + k] * basis[j * modes + l];
      assert_near(sum / (double)count, k == l, 1e-10);
    }
  for (ritz_index i = 0; i < n; i++) { /* what the modes leave of a field */
    double *field = kept + i * count;
    for (ritz_index j = 0; j < count; j++) field[j] -= mean[j], all += field[j] * field[j];
    for (ritz_index k = 0; k < modes; k++) {
      double sum = 0;
      for (ritz_index j = 0; j < count; j++) sum += field[j] * basis[j * modes + k];
      for (ritz_index j = 0; j < count; j++) field[j] -= sum / (double)count * basis[j * modes + k];
    }
    for (ritz_index j = 0; j < count; j++) left += field[j] * field[j];
  }
  assert_near(left / all, rest, 1e-6 * rest + 1e-14);
  free(y);
  free(basis);
  free(mean);
  free(kept);
}

static void modes_are_orthonormal_and_leave_what_they_say(void **state) {
  check_pod(100, 23, 4); /* more fields than points */
  check_pod(23, 137, 5); /* fewer */
  check_pod(20, 20, 2);
}

static void too_many_modes_are_refused(void **state) {
  double y[3][4] = {{1, 2, 3, 4}, {2, 3, 4, 5}, {0, 1, 2, 3}}, mean[4], basis[8], rest;
  assert_int_equal(ritz_pod(3, 4, 2, &y[0][0], mean, basis, &rest), RITZ_ERR_NUMERIC);
  assert_message_contains("3 fields of 4 numbers do not have 2 modes");
}

static void layer_weights_start_where_they_are_told(void **state) {
  operator_case c = {"multionet", "{width: 6, layers: 3, layer_weight: 0}", {3, {1, 5, 1}}, false};
  const double x[5] = {1, 2, 3, 4, 5};
  double *y = evaluate_operator(&c, x);
  for (int i = 0; i < 5; i++) assert_true(y[i] == 0);
  free(y);
}

static void wrong_options_are_named(void **state) {
  static const operator_refusal rows[] = {
      {"deeponet", "{coordinates: 1}", {3, {1, 8, 1}}, RITZ_ERR_CONFIG, "none is left"},
      {"deeponet",
       "{in_channels: 3, coordinates: 2, branch_conv: 4}",
       {3, {1, 8, 3}},
       RITZ_ERR_CONFIG,
       "branch_conv wants the field on a grid"},
      {"deeponet", "{shared_points: true}", {3, {1, 8, 1}}, RITZ_ERR_CONFIG, "shared_points"},
      {"deeponet",
       "{in_channels: 3, coordinates: 2}",
       {4, {1, 8, 8, 3}},
       RITZ_ERR_SHAPE,
       "deeponet: x is [1, 8, 8, 3], wanted [B, 1 grid axes, 3 channels]"},
      {"multionet", "{used: 6}", {3, {1, 8, 1}}, RITZ_ERR_CONFIG, "used is 6, there are 5 layers"},
      {"multionet",
       "{width: 7, out_channels: 2}",
       {3, {1, 8, 1}},
       RITZ_ERR_CONFIG,
       "2 out_channels do not divide the width 7"},
      {"pod_deeponet", "{in_channels: 2}", {3, {1, 8, 1}}, RITZ_ERR_SHAPE, "pod_deeponet: x is"},
  };
  check_refusals(sizeof rows / sizeof *rows, rows);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(parameters_are_as_many_as_counted),
      cmocka_unit_test(shared_and_own_points_agree),
      cmocka_unit_test(repeated_sensors_leave_the_points_free),
      cmocka_unit_test(modes_are_orthonormal_and_leave_what_they_say),
      cmocka_unit_test(too_many_modes_are_refused),
      cmocka_unit_test(layer_weights_start_where_they_are_told),
      cmocka_unit_test(wrong_options_are_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
