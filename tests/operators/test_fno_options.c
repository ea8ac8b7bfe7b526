/* SPDX-License-Identifier: BSD-3-Clause
 * The operators fno and fno_2020: published parameter counts, options that cannot be, more modes
 * than the grid has. */
#include "operator_checks.h"

/* -- numbers of parameters --------------------------------------------------------------------- */

/* fno with square modes m, one channel in and out, two axes, everything else default. */
static ritz_index fno_numbers(ritz_index m, ritz_index width, ritz_index projection_ratio) {
  const ritz_index lift = 2 * width, project = projection_ratio * width, half = width / 2;
  const ritz_index lifting = 3 * lift + lift + lift * width + width;
  const ritz_index projection = width * project + project + project + 1;
  const ritz_index convolution = 2 * width * width * m * (m / 2 + 1) + width;
  const ritz_index mlp = width * half + half + half * width + width;
  return lifting + projection + 4 * (convolution + width * width + mlp + width);
}

static void parameters_are_as_many_as_published(void **state) {
  const ritz_shape x = RITZ_SHAPE(1, 8, 8, 1);
  check_numbers("fno", "{n_modes: [8, 8], hidden_channels: 24}", x, 191881); /* gallery */
  assert_int_equal(fno_numbers(8, 24, 2), 191881);
  check_numbers("fno", "{n_modes: [16, 16], hidden_channels: 24}", x, 671113); /* FNO_Small2d */
  check_numbers("fno", "{n_modes: [6, 6], hidden_channels: 8, projection_channel_ratio: 4}", x,
                fno_numbers(6, 8, 4));
  assert_int_equal(fno_numbers(64, 64, 4), 69265345); /* FNO_Medium2d: too large to build here */
}

static void original_parameters_are_as_many_as_published(void **state) {
  check_numbers("fno_2020", "{modes: 16, width: 64}", RITZ_SHAPE(1, 8, 1), 549569); /* Burgers */
  check_numbers("fno_2020", "{modes: [12, 12], width: 32, padding: 9}", RITZ_SHAPE(1, 8, 8, 1),
                2368001); /* Darcy */
  /* Navier-Stokes in time: the script also owns four batch norms it does not use */
  check_numbers("fno_2020", "{modes: [12, 12], width: 20, in_channels: 10}",
                RITZ_SHAPE(1, 8, 8, 10), 926517 - 160);
  /* the paper's tables: 8 modes, the architecture of 2020 */
  check_numbers("fno_2020", "{modes: [8, 8, 8], width: 20, in_channels: 10, form: 2020}",
                RITZ_SHAPE(1, 4, 4, 4, 10), 6558537);
  check_numbers("fno_2020", "{modes: [8, 8], width: 20, in_channels: 10, form: 2020}",
                RITZ_SHAPE(1, 8, 8, 10), 414517);
}

/* -- what cannot be ---------------------------------------------------------------------------- */

static void wrong_options_are_named(void **state) {
  static const operator_refusal rows[] = {
#define FIELD {4, {1, 8, 8, 1}}
      {"fnoo", "{n_modes: [4, 4]}", FIELD, RITZ_ERR_NOT_FOUND, "'fnoo'"},
      {"fno", "{n_modes: [4, 4], hiden_channels: 4}", FIELD, RITZ_ERR_CONFIG, "hiden_channels"},
      {"fno", "{n_modes: [4, 4], hiden_channels: 4}", FIELD, RITZ_ERR_CONFIG, "hidden_channels"},
      {"fno", "{hidden_channels: 4}", FIELD, RITZ_ERR_CONFIG, "n_modes"},
      {"fno", NULL, FIELD, RITZ_ERR_CONFIG, "n_modes"},
      {"fno", "{n_modes: [4, 4, 4, 4]}", FIELD, RITZ_ERR_CONFIG,
       "n_modes has 4 axes, wanted 1 to 3"},
      {"fno", "{n_modes: [4, 0]}", FIELD, RITZ_ERR_CONFIG, "n_modes"},
      {"fno", "{n_modes: [4, 4], max_n_modes: 6}", FIELD, RITZ_ERR_CONFIG,
       "max_n_modes has 1 axes, n_modes has 2"},
      {"fno", "{n_modes: [4, 4], output_shape: [8, 8, 8]}", FIELD, RITZ_ERR_CONFIG,
       "output_shape has 3 axes, n_modes has 2"},
      {"fno", "{n_modes: [4, 4], domain_padding: [0.1, 0.1, 0.1]}", FIELD, RITZ_ERR_CONFIG,
       "domain_padding has 3 axes, n_modes has 2"},
      {"fno", "{n_modes: [4, 4], resolution_scaling_factor: [1, 2]}", FIELD, RITZ_ERR_CONFIG,
       "resolution_scaling_factor has 2 numbers for 4 layers"},
      {"fno", "{n_modes: [4, 4], grid_boundaries: [0, 1]}", FIELD, RITZ_ERR_CONFIG,
       "grid_boundaries has 2 numbers, wanted 4"},
      {"fno", "{n_modes: [4, 4], hidden_channels: 6, norm: group_norm, norm_groups: 4}", FIELD,
       RITZ_ERR_CONFIG, "norm_groups 4 does not divide the 6 channels"},
      {"fno", "{n_modes: [4, 4], hidden_channels: 1}", FIELD, RITZ_ERR_CONFIG,
       "channel_mlp_expansion 0.5 leaves no channel"},
      {"fno", "{n_modes: [4, 4], projection_channel_ratio: 0}", FIELD, RITZ_ERR_CONFIG,
       "projection_channel_ratio 0 leaves no channel"},
      {"fno", "{n_modes: [4, 4], norm: layer_norm}", FIELD, RITZ_ERR_CONFIG, "instance_norm"},
      {"fno", "{n_modes: [4, 4], conv_bias_kernel: 3}", FIELD, RITZ_ERR_CONFIG, "conv_bias_kernel"},
      {"fno", "{n_modes: [4, 4], factorization: svd}", FIELD, RITZ_ERR_CONFIG, "factorization"},
      {"fno", "{n_modes: [4, 4], in_channels: 2}", FIELD, RITZ_ERR_SHAPE,
       "fno: x is [1, 8, 8, 1], wanted [B, 2 grid axes, 2 channels]"},
      {"fno", "{n_modes: [4, 4, 4]}", FIELD, RITZ_ERR_SHAPE,
       "fno: x is [1, 8, 8, 1], wanted [B, 3 grid axes, 1 channels]"},
      {"fno",
       "{n_modes: [4, 4], resolution_scaling_factor: 0.05, fno_skip: null, "
       "channel_mlp_skip: null}",
       FIELD, RITZ_ERR_SHAPE,
       "resolution_scaling_factor 0.05 leaves no point of the 8 along axis 0"},
      {"fno_2020", "{}", FIELD, RITZ_ERR_CONFIG, "modes"},
      {"fno_2020", "{modes: [4, 4], padding: [1, 2, 3]}", FIELD, RITZ_ERR_CONFIG,
       "padding has 3 axes, modes has 2"},
      {"fno_2020", "{modes: 4}", FIELD, RITZ_ERR_SHAPE, "fno_2020: x is [1, 8, 8, 1]"},
#undef FIELD
  };
  check_refusals(sizeof rows / sizeof *rows, rows);
}

/* -- more modes than the grid has -------------------------------------------------------------- */

/* The kept block is what an operator with as many modes as the grid has takes from weights of the
 * same size; same names and shapes, so both start with the same values. */
static void modes_beyond_the_grid_are_clipped(void **state) {
  static const struct {
    const char *more, *clipped;
    ritz_shape x;
  } rows[] = {
      {"{n_modes: [12, 14], hidden_channels: 4}",
       "{n_modes: [8, 8], max_n_modes: [12, 8], hidden_channels: 4}",
       {4, {2, 8, 8, 1}}},
      {"{n_modes: [12, 14], hidden_channels: 4}",
       "{n_modes: [7, 9], max_n_modes: [12, 8], hidden_channels: 4}",
       {4, {2, 7, 9, 1}}},
      {"{n_modes: 9, hidden_channels: 4}",
       "{n_modes: 1, max_n_modes: 5, hidden_channels: 4}",
       {3, {2, 1, 1}}},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    const operator_case a = {"fno", rows[i].more, rows[i].x, false};
    const operator_case b = {"fno", rows[i].clipped, rows[i].x, false};
    graph_result more = run_graph(RITZ_FLOAT64, 1, a.x, build_operator, &a);
    graph_result clipped = run_graph(RITZ_FLOAT64, 1, b.x, build_operator, &b);
    assert_int_equal(more.gradient_count, clipped.gradient_count);
    assert_memory_equal(more.y, clipped.y, (size_t)more.y_count * sizeof *more.y);
    assert_memory_equal(more.gradient, clipped.gradient,
                        (size_t)more.gradient_count * sizeof *more.gradient);
    graph_result_free(&more);
    graph_result_free(&clipped);
  }
}

static void training_grids_with_too_few_points_are_refused(void **state) {
  check_training_grid("fno", "{n_modes: [8, 9]}", 2, (ritz_index[]){8, 9}, NULL);
  check_training_grid("fno", "{n_modes: [8, 9]}", 2, (ritz_index[]){8, 8},
                      "n_modes keeps 9 modes along axis 1, the training grid has only 8 points");
  check_training_grid("fno", "{n_modes: [8, 9]}", 2, (ritz_index[]){7, 9}, "8 modes along axis 0");
  /* per corner: 2 x 4 rows of 8 frequencies, 5 of the half spectrum */
  check_training_grid("fno_2020", "{modes: [4, 5]}", 2, (ritz_index[]){8, 8}, NULL);
  check_training_grid("fno_2020", "{modes: [4, 5]}", 2, (ritz_index[]){7, 8}, "4 along axis 0");
  check_training_grid("fno_2020", "{modes: [4, 5]}", 2, (ritz_index[]){8, 7}, "5 along axis 1");
  check_training_grid("fno_2020", "{modes: [4, 5], padding: 1}", 2, (ritz_index[]){7, 7}, NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(parameters_are_as_many_as_published),
      cmocka_unit_test(original_parameters_are_as_many_as_published),
      cmocka_unit_test(wrong_options_are_named),
      cmocka_unit_test(modes_beyond_the_grid_are_clipped),
      cmocka_unit_test(training_grids_with_too_few_points_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
