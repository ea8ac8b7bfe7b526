/* SPDX-License-Identifier: BSD-3-Clause
 * Properties of the operator uno. Its numbers are compared in test_golden_uno.c and tests/parity.
 */
#include <math.h>
#include <stdlib.h>

#include "graph/op.h"
#include "operator_checks.h"

#define U(options) "{hidden_channels: 4, lifting_channels: 6, projection_channels: 5, " options "}"

static void parameters_are_as_many_as_published(void **state) {
  check_numbers(
      "uno",
      "{hidden_channels: 64, projection_channels: 64, n_layers: 5, "
      "uno_out_channels: [32, 64, 64, 64, 32], uno_n_modes: [[8,8], [8,8], [4,4], [8,8], [8,8]], "
      "uno_scalings: [[1,1], [.5,.5], [1,1], [2,2], [1,1]], channel_mlp_skip: linear}",
      RITZ_SHAPE(1, 16, 16, 1), 1405761); /* gallery */
}

static void one_block_is_an_fno_of_one_layer(void **state) {
#define COMMON "hidden_channels: 8, n_layers: 1, norm: instance_norm, domain_padding: 0.1"
  const operator_case uno = {"uno",
                             "{" COMMON
                             ", lifting_channels: 16, projection_channels: 16, "
                             "uno_out_channels: 8, uno_n_modes: [[6, 4]], uno_scalings: [[1, 1]]}",
                             {4, {2, 11, 12, 1}},
                             false};
  const operator_case fno = {"fno", "{" COMMON ", n_modes: [6, 4]}", {4, {2, 11, 12, 1}}, false};
  graph_result a = run_graph(RITZ_FLOAT64, 1, uno.x, build_operator, &uno);
  graph_result b = run_graph(RITZ_FLOAT64, 1, fno.x, build_operator, &fno);
  assert_int_equal(a.gradient_count, b.gradient_count);
  assert_memory_equal(a.y, b.y, (size_t)a.y_count * sizeof *a.y);
  assert_memory_equal(a.gx, b.gx, (size_t)a.x_count * sizeof *a.gx);
  graph_result_free(&a);
  graph_result_free(&b);
}

/* Scalings whose product is 1 give back the grid, also of odd extents. */
static void the_grid_comes_back(void **state) {
  const operator_case c = {
      "uno",
      U("n_layers: 5, uno_out_channels: [4, 6, 8, 6, 4], channel_mlp_skip: linear, "
        "uno_n_modes: [[5, 5], [5, 5], [5, 5], [5, 5], [5, 5]], domain_padding: [0.2, 0.2], "
        "uno_scalings: [[1, 1], [.5, .25], [1, 1], [1, 1], [2, 4]]"),
      {4, {1, 133, 95, 1}},
      false};
  graph_result r = run_graph(RITZ_FLOAT32, 1, c.x, build_operator, &c);
  assert_int_equal(r.y_count, 133 * 95);
  graph_result_free(&r);
}

/* Largest difference at the points that n and 2n have in common. */
static double change_on_doubling(const char *options, ritz_index n) {
  double *y[2], change = 0;
  for (int k = 0; k < 2; k++) {
    const ritz_index m = n << k;
    const operator_case c = {"uno", options, {3, {1, m, 1}}, false};
    double *x = malloc((size_t)m * sizeof *x);
    for (ritz_index i = 0; i < m; i++) {
      const double s = 2 * acos(-1.0) * (double)i / (double)m;
      x[i] = 0.3 + sin(s) - 0.7 * cos(2 * s);
    }
    y[k] = evaluate_operator(&c, x);
    free(x);
  }
  for (ritz_index i = 0; i < n; i++) change = fmax(change, fabs(y[0][i] - y[1][2 * i]));
  free(y[0]);
  free(y[1]);
  return change;
}

/* Without coordinates and without skips, which are interpolated, everything but GELU keeps a
 * band-limited field so, and the spectrum of GELU of one decays exponentially. */
static void refining_the_grid_converges_exponentially(void **state) {
  check_exponential_refinement(
      U("n_layers: 4, uno_out_channels: [6, 8, 6, 4], uno_n_modes: [6, 4, 6, 6], fno_skip: null, "
        "uno_scalings: [1, .5, 1, 2], channel_mlp_skip: null, horizontal_skips_map: [], "
        "positional_embedding: null"),
      change_on_doubling);
}

static void wrong_options_are_named(void **state) {
#define ROW(options, status, message) \
  { "uno", U(options), {4, {1, 8, 8, 1}}, status, message }
#define TWO                                                                \
  "n_layers: 2, uno_out_channels: [4, 4], uno_n_modes: [[2, 2], [2, 2]], " \
  "uno_scalings: [[1, 1], [1, 1]]"
  static const operator_refusal rows[] = {
      ROW("n_layers: 2", RITZ_ERR_CONFIG, "uno_out_channels"),
      ROW("n_layers: 2, uno_out_channels: [4], uno_n_modes: [[2, 2], [2, 2]], "
          "uno_scalings: [[1, 1], [1, 1]]",
          RITZ_ERR_CONFIG, "uno_out_channels has 1 numbers for 2 layers"),
      ROW("n_layers: 2, uno_out_channels: [4, 4], uno_n_modes: [2, 2, 2], uno_scalings: [1, 1]",
          RITZ_ERR_CONFIG, "uno_n_modes has 3 numbers for 2 layers, wanted 1 to 3 for each"),
      ROW("n_layers: 2, uno_out_channels: [4, 4], uno_n_modes: [[2, 2], [2, 2]], "
          "uno_scalings: [1, 1]",
          RITZ_ERR_CONFIG, "uno_scalings has 2 numbers, uno_n_modes 4"),
      ROW("n_layers: 2, uno_out_channels: [4, 4], uno_n_modes: [[2, 2], [2]], "
          "uno_scalings: [[1, 1], [1, 1]]",
          RITZ_ERR_CONFIG, "uno_n_modes wants lists of one length"),
      ROW(TWO, RITZ_ERR_CONFIG,
          "block 1 leads from 8 to 4 channels: channel_mlp_skip must be linear"),
      ROW(TWO ", channel_mlp_skip: null, fno_skip: identity", RITZ_ERR_CONFIG,
          "block 1 leads from 8 to 4 channels: fno_skip must be linear"),
      ROW(TWO ", channel_mlp_skip: null, separable: true", RITZ_ERR_CONFIG,
          "separable must be false"),
      ROW(TWO ", horizontal_skips_map: [[0, 1]]", RITZ_ERR_CONFIG, "leads from block 1 to 0"),
      ROW(TWO ", horizontal_skips_map: [[2, 1]]", RITZ_ERR_CONFIG, "from block 1 to 2 of 2"),
      ROW(TWO ", horizontal_skips_map: [1]", RITZ_ERR_CONFIG, "wanted pairs"),
      ROW(TWO ", horizontal_skips_map: [[1, 0], [1, 0]]", RITZ_ERR_CONFIG, "to block 1 twice"),
      ROW(TWO ", domain_padding: [0.1, 0.1, 0.1]", RITZ_ERR_CONFIG, "domain_padding has 3 axes"),
      ROW(TWO ", grid_boundaries: [0, 1]", RITZ_ERR_CONFIG, "grid_boundaries has 2 numbers"),
      ROW(TWO ", channel_mlp_skip: linear, norm: group_norm, norm_groups: 3", RITZ_ERR_CONFIG,
          "norm_groups 3 does not divide the 4 channels"),
      ROW(TWO ", channel_mlp_skip: linear, in_channels: 2", RITZ_ERR_SHAPE,
          "uno: x is [1, 8, 8, 1], wanted [B, 2 grid axes, 2 channels]"),
      ROW("n_layers: 2, uno_out_channels: [4, 4], uno_n_modes: [[2, 2], [2, 2]], "
          "uno_scalings: [[1, 0.01], [1, 1]], channel_mlp_skip: linear",
          RITZ_ERR_SHAPE, "leave no point of 8 along axis 1 after block 0"),
  };
  check_refusals(sizeof rows / sizeof *rows, rows);
}

static void training_grids_with_too_few_points_are_refused(void **state) {
  const char *options =
      U("n_layers: 3, uno_out_channels: [4, 4, 4], uno_n_modes: [[8, 8], [4, 4], [4, 8]], "
        "uno_scalings: [[0.5, 1], [1, 0.5], [2, 2]], channel_mlp_skip: linear");
  check_training_grid("uno", options, 2, (ritz_index[]){16, 16}, NULL);
  check_training_grid("uno", options, 2, (ritz_index[]){14, 16},
                      "8 modes along axis 0 in block 0, whose grids have only 7 points");
  check_training_grid("uno", options, 2, (ritz_index[]){16, 14}, "8 modes along axis 1 in block 2");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(parameters_are_as_many_as_published),
      cmocka_unit_test(one_block_is_an_fno_of_one_layer),
      cmocka_unit_test(the_grid_comes_back),
      cmocka_unit_test(refining_the_grid_converges_exponentially),
      cmocka_unit_test(wrong_options_are_named),
      cmocka_unit_test(training_grids_with_too_few_points_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
