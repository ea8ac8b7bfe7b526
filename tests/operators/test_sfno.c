/* SPDX-License-Identifier: BSD-3-Clause
 * The operator sfno: gradients, numbers of parameters, other lengths and grids, known functions. */
#include <math.h>
#include <ritz/operator.h>
#include <stdlib.h>
#include <string.h>

#include "graph/op.h"
#include "operator_checks.h"

/* Numbers of the authors' networks; a complex one counts twice. */
static void parameters_are_as_many_as_published(void **state) {
  const ritz_shape x = RITZ_SHAPE(1, 64, 64, 10);
  check_numbers("sfno", "{modes: [12, 12, 5], width: 20}", x, 9242461);
  check_numbers("sfno", "{modes: [32, 32, 5], width: 10}", x, 16469791);
}

/* y of an operator with these parameters; malloc'ed. */
static double *run(ritz_context *context, ritz_params *params, const char *options, ritz_shape x,
                   double (*value)(double, double, ritz_index)) {
  ritz_operator *op;
  ritz_graph *graph;
  ritz_plan *plan;
  assert_ok(ritz_operator_create(context, "sfno", options, &op));
  assert_ok(ritz_graph_create(context, RITZ_FLOAT64, &graph));
  ritz_var in = ritz_input(graph, "x", x), y = ritz_operator_build(op, graph, params, in);
  assert_ok(ritz_graph_plan(graph, 1, &y, NULL, &plan));
  double *to = ritz_plan_value(plan, in);
  for (ritz_index i = 0; i < x.n[1]; i++)
    for (ritz_index j = 0; j < x.n[2]; j++)
      for (ritz_index t = 0; t < x.n[3]; t++)
        *to++ = value((double)i / (double)x.n[1], (double)j / (double)x.n[2], t);
  ritz_plan_forward(plan);
  const ritz_shape shape = ritz_var_shape(y);
  const ritz_index count = ritz_shape_count(&shape);
  double *copy = malloc((size_t)count * sizeof *copy);
  for (ritz_index i = 0; i < count; i++) copy[i] = ((const double *)ritz_plan_value(plan, y))[i];
  ritz_plan_destroy(&plan);
  ritz_operator_destroy(&op);
  return copy;
}

static double smooth(double x, double y, ritz_index t) {
  const double turn = 2 * 3.14159265358979323846;
  return sin(turn * (x + 0.01 * (double)t)) * cos(turn * 2 * y) + 0.2 * cos(turn * (x - y));
}

/* The same parameters serve finer grids, more input frames and more output frames. */
static void lengths_and_grids_are_free(void **state) {
  ritz_context *context;
  ritz_params *params;
  assert_ok(ritz_context_create(NULL, &context));
  assert_ok(ritz_params_create(context, RITZ_FLOAT64, 1, &params));
  const char *const short_one = "{modes: [4, 4, 5], width: 6, n_layers: 2, activation: tanh}";
  const char *const long_one =
      "{modes: [4, 4, 5], width: 6, n_layers: 2, in_channels: 20, out_channels: 40}";
  free(run(context, params, short_one, RITZ_SHAPE(1, 16, 16, 10), smooth));
  const int count = ritz_params_count(params);
  free(run(context, params, long_one, RITZ_SHAPE(1, 16, 24, 20), smooth));
  assert_int_equal(ritz_params_count(params), count);
  /* Twice the grid, the same function. The coordinates i / (N - 1) are no function of space alone
   * in the reference: they leave a difference of their size over N. */
  double *coarse = run(context, params, short_one, RITZ_SHAPE(1, 32, 32, 10), smooth);
  double *fine = run(context, params, short_one, RITZ_SHAPE(1, 64, 64, 10), smooth);
  double largest = 0, difference = 0;
  for (int i = 0; i < 32; i++)
    for (int j = 0; j < 32; j++)
      for (int t = 0; t < 10; t++) {
        const double a = coarse[(i * 32 + j) * 10 + t], b = fine[(2 * i * 64 + 2 * j) * 10 + t];
        largest = fmax(largest, fabs(b));
        difference = fmax(difference, fabs(a - b));
      }
  assert_true(difference < 0.05 * largest);
  free(coarse);
  free(fine);
  ritz_params_destroy(&params);
  ritz_context_destroy(&context);
}

/* With every weight of the last convolution zero the output is the last frame; with b alone it is
 * the last frame plus 0.1 (b of mode 0). */
static void the_output_is_a_correction_of_the_last_frame(void **state) {
  ritz_context *context;
  ritz_params *params;
  assert_ok(ritz_context_create(NULL, &context));
  assert_ok(ritz_params_create(context, RITZ_FLOAT64, 1, &params));
  const char *const options =
      "{modes: [2, 2, 2], width: 4, n_layers: 2, in_channels: 3, latent_steps: 3, out_channels: 2}";
  free(run(context, params, options, RITZ_SHAPE(1, 6, 8, 3), smooth));
  for (int p = 0; p < ritz_params_count(params); p++) {
    const ritz_param_info *info = ritz_params_info(params, p);
    double *v = (double *)ritz_params_data(params) + info->offset;
    if (strcmp(info->name, "out.spectral.weight") == 0)
      for (ritz_index i = 0; i < info->count; i++) v[i] = 0;
    if (strcmp(info->name, "out.bias") == 0) v[(2 * 4 + 2) * 2 * 2] = 7; /* q = (0, 0), time 0 */
  }
  double *y = run(context, params, options, RITZ_SHAPE(1, 6, 8, 3), smooth);
  for (int i = 0; i < 6; i++)
    for (int j = 0; j < 8; j++)
      for (int t = 0; t < 2; t++)
        assert_near(y[(i * 8 + j) * 2 + t], smooth(i / 6.0, j / 8.0, 2) + 0.7, 1e-12);
  free(y);
  ritz_params_destroy(&params);
  ritz_context_destroy(&context);
}

static void impossible_options_are_refused(void **state) {
  static const operator_refusal refusals[] = {
      {"sfno", "{modes: [2, 2]}", {4, {1, 8, 8, 10}}, RITZ_ERR_CONFIG, "modes has 2 numbers"},
      {"sfno", "{modes: [2, 2, 7]}", {4, {1, 8, 8, 10}}, RITZ_ERR_CONFIG, "have only 6"},
      {"sfno",
       "{modes: [2, 2, 2], in_channels: 4}",
       {4, {1, 8, 8, 4}},
       RITZ_ERR_CONFIG,
       "latent_steps 10 are more than the 4 input frames"},
      {"sfno", "{modes: [2, 2, 2]}", {4, {1, 8, 8, 9}}, RITZ_ERR_SHAPE, "10 channels"},
  };
  check_refusals(4, refusals);
  check_training_grid("sfno", "{modes: [4, 5, 2]}", 2, (ritz_index[]){8, 9}, "asks for 5");
  check_training_grid("sfno", "{modes: [4, 4, 2]}", 1, (ritz_index[]){8}, "two grid axes");
  check_training_grid("sfno", "{modes: [4, 4, 2]}", 2, (ritz_index[]){8, 9}, NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(parameters_are_as_many_as_published),
      cmocka_unit_test(lengths_and_grids_are_free),
      cmocka_unit_test(the_output_is_a_correction_of_the_last_frame),
      cmocka_unit_test(impossible_options_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
