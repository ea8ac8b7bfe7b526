/* SPDX-License-Identifier: BSD-3-Clause
 * The operator local_no and its kernels. */
#include <math.h>
#include <stdlib.h>

#include "golden.h"
#include "graph/op.h"
#include "operator_checks.h"
#include "operators/local_kernel.h"

#define LOCAL(options) "{n_modes: [4, 4], hidden_channels: 4, n_layers: 2, " options "}"

/* neuraloperator's model with the same options has as many. */
static void parameters_are_as_many_as_published(void **state) {
  check_numbers("local_no", LOCAL("default_in_shape: [8, 8]"), RITZ_SHAPE(1, 8, 8, 1), 1381);
}

static ritz_var difference(ritz_graph *g, ritz_params *p, ritz_var x, const void *kernel) {
  return ritz_layer_difference(g, p, x, kernel, "w");
}
static ritz_var integral(ritz_graph *g, ritz_params *p, ritz_var x, const void *kernel) {
  return ritz_layer_integral(g, p, x, kernel, "w");
}

/* Numbers of neuraloperator's layer, kernel (3, 2, 3, 3) and input (1, 2, 6, 5) from the hash. */
static void differences_agree_with_published_numbers(void **state) {
  static const double first[4] = {-2.46601, -5.125176, 1.214667, -6.020442}, last = 2.600602;
  const ritz_difference_kernel kernel = {3, 0.5, 3, 1, RITZ_BOUNDARY_PERIODIC};
  double theirs[60], w[54], x[60], sum = 0, squares = 0;
  golden_fill(54, 0, 1, theirs);
  for (int k = 0; k < 54; k++) w[(k % 9 * 2 + k / 9 % 2) * 3 + k / 18] = theirs[k];
  golden_fill(60, golden_input, 1, theirs);
  for (int k = 0; k < 60; k++) x[k % 30 * 2 + k / 30] = theirs[k];
  double *y = evaluate_graph(RITZ_SHAPE(1, 6, 5, 2), difference, &kernel, x, "w", w);
  for (int i = 0; i < 90; i++) sum += y[i], squares += y[i] * y[i];
  assert_near(sum, 0, 1e-4);
  assert_near(squares, 1079.571, 1e-3);
  for (int k = 0; k < 4; k++) assert_near(y[3 * k], first[k], 1e-5);
  assert_near(y[89], last, 1e-5);
  free(y);
}

/* d/dx of sin(2 pi x) by the kernel (-1/2, 0, 1/2) and by (0, -1, 1): orders 2 and 1. */
static void differential_kernels_converge_to_derivatives(void **state) {
  static const double kernels[2][3] = {{-0.5, 0, 0.5}, {0, -1, 1}};
  const double turn = 2 * acos(-1.0);
  for (int k = 0; k < 2; k++) {
    double before = 0;
    for (ritz_index n = 16; n <= 64; n *= 2) {
      const ritz_difference_kernel kernel = {3, 1 / (double)n, 1, 1, RITZ_BOUNDARY_PERIODIC};
      double x[64], error = 0;
      for (ritz_index i = 0; i < n; i++) x[i] = sin(turn * (double)i / (double)n);
      double *y = evaluate_graph(RITZ_SHAPE(1, n, 1), difference, &kernel, x, "w", kernels[k]);
      for (ritz_index i = 0; i < n; i++)
        error = fmax(error, fabs(y[i] - turn * cos(turn * (double)i / (double)n)));
      free(y);
      if (n > 16) assert_near(log2(before / error), k == 0 ? 2 : 1, 0.1);
      before = error;
    }
  }
}

static void constants_have_no_differences_and_the_integral_of_the_kernel(void **state) {
  double x[2 * 9 * 7 * 3], theta[5 * 3 * 3];
  for (size_t i = 0; i < sizeof x / sizeof *x; i++) x[i] = 1 + (double)(i % 3);
  const ritz_difference_kernel d = {5, 0.3, 3, 1, RITZ_BOUNDARY_PERIODIC};
  double *y = evaluate_graph(RITZ_SHAPE(2, 9, 7, 3), difference, &d, x, NULL, NULL);
  for (size_t i = 0; i < sizeof x / sizeof *x; i++) assert_near(y[i], 0, 1e-13);
  free(y);
  const ritz_integral_kernel k = {2, 4, 0.5, {0.2, 0.25}, 1, true, RITZ_BOUNDARY_PERIODIC};
  fill_uniform(3, 45, theta);
  y = evaluate_graph(RITZ_SHAPE(2, 9, 7, 3), integral, &k, x, "w.weight", theta);
  for (size_t i = 0; i < sizeof x / sizeof *x; i++) {
    double sum = 0;
    for (int b = 0; b < 5; b++)
      for (size_t c = 0; c < 3; c++)
        sum += theta[((size_t)b * 3 + c) * 3 + i % 3] * (double)(c + 1);
    assert_near(y[i], sum, 1e-13);
  }
  free(y);
}

/* The same weights on finer and finer grids: the integral converges, on average with order 2. */
static void local_integrals_converge(void **state) {
  double *y[4], change[3];
  const double turn = 2 * acos(-1.0);
  for (int k = 0; k < 4; k++) {
    const ritz_index n = 32 << k;
    const ritz_integral_kernel kernel = {
        3, 4, 0.17, {1 / (double)n, 1 / (double)n}, 1, false, RITZ_BOUNDARY_PERIODIC};
    double *x = malloc((size_t)(n * n) * sizeof *x);
    for (ritz_index i = 0; i < n * n; i++)
      x[i] = exp(sin(turn * (double)(i / n) / (double)n)) * cos(turn * (double)(i % n) / (double)n);
    y[k] = evaluate_graph(RITZ_SHAPE(1, n, n, 1), integral, &kernel, x, NULL, NULL);
    free(x);
  }
  for (int k = 0; k < 3; k++) {
    change[k] = 0;
    for (ritz_index i = 0; i < 32; i++)
      for (ritz_index j = 0; j < 32; j++)
        change[k] = fmax(change[k], fabs(y[k][((i << k) * 32 << k) + (j << k)] -
                                         y[k + 1][((i << k) * 32 << (k + 2)) + (j << (k + 1))]));
  }
  print_message("  change on doubling 32, 64, 128: %.2e %.2e %.2e\n", change[0], change[1],
                change[2]);
  assert_true(change[2] < change[0] / 8);
  for (int k = 0; k < 4; k++) free(y[k]);
}

static void wrong_options_are_named(void **state) {
#define ROW(options, status, message) \
  { "local_no", "{" options "}", {4, {1, 8, 8, 1}}, status, message }
  static const operator_refusal rows[] = {
      ROW("n_modes: [4, 4]", RITZ_ERR_CONFIG, "default_in_shape"),
      ROW("n_modes: [4, 4], default_in_shape: 8", RITZ_ERR_CONFIG, "default_in_shape has 1 axes"),
      ROW("n_modes: 4, default_in_shape: 8", RITZ_ERR_CONFIG, "disco_layers must be none"),
      ROW("n_modes: [4, 4], default_in_shape: [8, 8], fin_diff_kernel_size: 4", RITZ_ERR_CONFIG,
          "wanted an odd number"),
      ROW("n_modes: [4, 4], default_in_shape: [8, 8], disco_groups: 3", RITZ_ERR_CONFIG,
          "disco_groups 3 does not divide hidden_channels 32"),
      ROW("n_modes: [4, 4], default_in_shape: [8, 8], disco_kernel_shape: 3", RITZ_ERR_CONFIG,
          "disco_kernel_shape has 1 numbers"),
      ROW("n_modes: [4, 4], default_in_shape: [8, 8], domain_length: 1", RITZ_ERR_CONFIG,
          "domain_length has 1 numbers"),
      ROW("n_modes: [4, 4], default_in_shape: [8, 8], radius_cutoff: 0.2", RITZ_ERR_SHAPE,
          "radius 0.2 is too small for 2 rings and 4 angles"),
      ROW("n_modes: [4, 4, 4], default_in_shape: [8, 8, 8], disco_layers: none", RITZ_ERR_SHAPE,
          "local_no: x is [1, 8, 8, 1]"),
  };
  check_refusals(sizeof rows / sizeof *rows, rows);
  check_training_grid("local_no", "{n_modes: [4, 9], default_in_shape: [8, 8]}", 2,
                      (ritz_index[]){8, 8}, "9 modes along axis 1");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(parameters_are_as_many_as_published),
      cmocka_unit_test(differences_agree_with_published_numbers),
      cmocka_unit_test(differential_kernels_converge_to_derivatives),
      cmocka_unit_test(constants_have_no_differences_and_the_integral_of_the_kernel),
      cmocka_unit_test(local_integrals_converge),
      cmocka_unit_test(wrong_options_are_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
