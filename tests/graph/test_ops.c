/* SPDX-License-Identifier: BSD-3-Clause
 * Every op of ops.def, in the sample graphs of samples_<topic>.c. Shapes are awkward on purpose:
 * odd, prime, 1, more and fewer rows than a tile. */
#include <math.h>
#include <string.h>

#include "samples.h"

static const struct {
  const char *name;
  gradient_builder *build;
} samples[] = {
#define RITZ_OP(name) {#name, sample_##name},
#include "graph/ops/ops.def"
#undef RITZ_OP
};

static const ritz_shape shapes[] = {{3, {2, 17, 3}},       /* 1-D, prime */
                                    {4, {3, 5, 7, 4}},     /* 2-D */
                                    {4, {2, 13, 11, 17}},  /* several tiles and chunks */
                                    {5, {1, 4, 5, 6, 2}}}; /* 3-D */

static void gradients_match_central_differences(void **state) {
  for (size_t s = 0; s < sizeof samples / sizeof *samples; s++)
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
      print_message("  %s on shape %zu\n", samples[s].name, i);
      check_gradients(shapes[i], samples[s].build, NULL);
    }
}

static void results_do_not_depend_on_threads(void **state) {
  for (size_t s = 0; s < sizeof samples / sizeof *samples; s++) {
    graph_result one = run_graph(RITZ_FLOAT32, 1, shapes[2], samples[s].build, NULL);
    graph_result two = run_graph(RITZ_FLOAT32, 2, shapes[2], samples[s].build, NULL);
    assert_memory_equal(one.y, two.y, (size_t)one.y_count * sizeof *one.y);
    assert_memory_equal(one.gx, two.gx, (size_t)one.x_count * sizeof *one.gx);
    if (one.gradient_count)
      assert_memory_equal(one.gradient, two.gradient,
                          (size_t)one.gradient_count * sizeof *one.gradient);
    graph_result_free(&one);
    graph_result_free(&two);
  }
}

/* Sums of a few hundred products of numbers near 1: a few hundred float roundings at the most. */
static void float_agrees_with_double(void **state) {
  for (size_t s = 0; s < sizeof samples / sizeof *samples; s++)
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
      graph_result f = run_graph(RITZ_FLOAT32, 2, shapes[i], samples[s].build, NULL);
      graph_result d = run_graph(RITZ_FLOAT64, 2, shapes[i], samples[s].build, NULL);
      assert_true(relative_error(f.y_count, f.y, d.y) < 1e-5);
      assert_true(relative_error(f.x_count, f.gx, d.gx) < 1e-5);
      assert_true(relative_error(f.gradient_count, f.gradient, d.gradient) < 1e-5);
      graph_result_free(&f);
      graph_result_free(&d);
    }
}

static void grid_coordinates_are_where_they_should_be(void **state) {
  ritz_context *context;
  ritz_graph *g;
  ritz_plan *plan;
  assert_ok(ritz_context_create(NULL, &context));
  assert_ok(ritz_graph_create(context, RITZ_FLOAT64, &g));
  ritz_var x = ritz_input(g, "x", RITZ_SHAPE(1, 4, 5, 1));
  const double ends[2][2] = {{0, 1}, {-1, 3}};
  ritz_var y = ritz_grid_embedding(g, ritz_grid_embedding(g, x, RITZ_GRID_PERIODIC, NULL),
                                   RITZ_GRID_BOUNDED, ends);
  assert_ok(ritz_graph_plan(g, 1, &y, NULL, &plan));
  ritz_plan_forward(plan);
  const double *row = (double *)ritz_plan_value(plan, y) + (1 * 5 + 2) * 5; /* node (1, 2) */
  const double expected[5] = {0, 0.25, 0.4, 1.0 / 3, 1};
  for (int i = 0; i < 5; i++) assert_near(row[i], expected[i], 1e-15);
  ritz_plan_destroy(&plan);
  ritz_context_destroy(&context);
}

static void wrong_shapes_latch_a_message(void **state) {
  ritz_context *context;
  ritz_params *params;
  ritz_graph *g;
  ritz_plan *plan;
  assert_ok(ritz_context_create(NULL, &context));
  assert_ok(ritz_params_create(context, RITZ_FLOAT32, 1, &params));
  assert_ok(ritz_graph_create(context, RITZ_FLOAT32, &g));
  ritz_var x = ritz_input(g, "x", RITZ_SHAPE(2, 8, 3));
  ritz_var y = ritz_linear(g, x, weight(g, params, "w", 4, 5), RITZ_NO_VAR);
  assert_null(y);
  y = ritz_gelu(g, y);
  assert_null(y);
  assert_int_equal(ritz_graph_plan(g, 1, &y, NULL, &plan), RITZ_ERR_SHAPE);
  assert_null(plan);
  assert_message_contains("x is [2, 8, 3], weight is [4, 5]");
  ritz_graph_destroy(&g);
  ritz_params_destroy(&params);
  ritz_context_destroy(&context);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gradients_match_central_differences),
      cmocka_unit_test(results_do_not_depend_on_threads),
      cmocka_unit_test(float_agrees_with_double),
      cmocka_unit_test(grid_coordinates_are_where_they_should_be),
      cmocka_unit_test(wrong_shapes_latch_a_message),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
