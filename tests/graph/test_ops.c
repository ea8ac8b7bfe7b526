/* SPDX-License-Identifier: BSD-3-Clause
 * Every op of ops.def, in the sample graphs of samples_<topic>.c. Shapes are awkward on purpose:
 * odd, prime, 1, more and fewer rows than a tile. */
#include <math.h>

#include "allocations.h"
#include "every_sample.h"
#include "one_graph.h"

static const ritz_shape shapes[] = {{3, {2, 17, 3}},       /* 1-D, prime */
                                    {4, {3, 5, 7, 4}},     /* 2-D */
                                    {4, {2, 13, 11, 17}},  /* several tiles and chunks */
                                    {5, {1, 4, 5, 6, 2}}}; /* 3-D */

static void gradients_match_central_differences(void **state) {
  for (int s = 0; s < sample_count; s++)
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
      print_message("  %s on shape %zu\n", samples[s].name, i);
      check_gradients(shapes[i], samples[s].build, NULL);
    }
}

static void results_do_not_depend_on_threads(void **state) {
  for (int s = 0; s < sample_count; s++) check_thread_counts(shapes[2], samples[s].build, NULL);
}

/* Sums of a few hundred products of numbers near 1: a few hundred float roundings at the most. */
static void float_agrees_with_double(void **state) {
  for (int s = 0; s < sample_count; s++)
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
      check_formats(shapes[i], samples[s].build, NULL, 1e-5, 1e-5);
}

/* Planning the k-th time; false once nothing fails. */
static bool planning_fails(gradient_builder *build, long k) {
  const ritz_plan_options options = {.gradients = true, .input_gradients = true};
  one_graph t = one_graph_begin(RITZ_FLOAT32, 1);
  ritz_graph_set_training(t.graph, true, 1);
  ritz_var y = build(t.graph, t.params, ritz_input(t.graph, "x", shapes[1]), NULL);
  const bool fails = creation_fails(k, t.plan, ritz_graph_plan(t.graph, 1, &y, &options, &t.plan));
  one_graph_end(&t);
  return fails;
}

/* Ever fewer: ops meet those between at other numbers. */
static void every_allocation_of_a_plan_may_fail(void **state) {
  for (int s = 0; s < sample_count; s++) {
    long k = 0;
    while (planning_fails(samples[s].build, k)) k += 1 + k / 2;
    assert_true(k > 4);
  }
}

static void grid_coordinates_are_where_they_should_be(void **state) {
  one_graph t = one_graph_begin(RITZ_FLOAT64, 1);
  ritz_var x = ritz_input(t.graph, "x", RITZ_SHAPE(1, 4, 5, 1));
  const double ends[2][2] = {{0, 1}, {-1, 3}};
  ritz_var y = ritz_grid_embedding(
      t.graph, ritz_grid_embedding(t.graph, x, RITZ_GRID_PERIODIC, NULL), RITZ_GRID_BOUNDED, ends);
  one_graph_plan(&t, 1, &y, NULL);
  ritz_plan_forward(t.plan);
  const double *row = (double *)ritz_plan_value(t.plan, y) + (1 * 5 + 2) * 5; /* node (1, 2) */
  const double expected[5] = {0, 0.25, 0.4, 1.0 / 3, 1};
  for (int i = 0; i < 5; i++) assert_near(row[i], expected[i], 1e-15);
  one_graph_end(&t);
}

/* Samples of more rows than a chunk of sums has. */
static ritz_var long_sums(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  ritz_var y = ritz_response_norm(g, x, 1e-6, vector(g, p, "w1", 2), vector(g, p, "b1", 2));
  return ritz_group_norm(g, ritz_tanh(g, y), 1, 1e-3, vector(g, p, "w2", 2), vector(g, p, "b2", 2));
}

/* Ops whose operand wants no gradient, and those whose operand has other users. */
static ritz_var one_sided(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  ritz_var place = ritz_slice(g, ritz_grid_embedding(g, x, RITZ_GRID_BOUNDED, NULL), 3, 1);
  ritz_var fixed = ritz_detach(g, ritz_concat(g, 3, (ritz_var[]){place, place, place}));
  ritz_var w = vector(g, p, "w", 3);
  ritz_var y = ritz_add(g, ritz_gate(g, fixed, w), ritz_gate(g, x, w));
  ritz_var thin = ritz_linear(g, fixed, weight(g, p, "thin", 3, 1), RITZ_NO_VAR);
  ritz_var again = ritz_linear(g, x, weight(g, p, "again", 3, 1), RITZ_NO_VAR);
  return ritz_concat(g, 4, (ritz_var[]){y, thin, again, ritz_tanh(g, x)});
}

/* Parameters as fields, of more rows than a tile has. */
static ritz_var computed_tables(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  ritz_var table = random_parameter(g, p, "t", x->shape, -1);
  ritz_var other = random_parameter(g, p, "s", x->shape, -1);
  ritz_var grown = ritz_linear(g, ritz_gelu(g, table), weight(g, p, "w", 3, 3), RITZ_NO_VAR);
  grown = ritz_add(g, grown, ritz_multiply(g, ritz_subtract(g, x, table), other));
  return ritz_add(g, ritz_bias(g, table, vector(g, p, "b", 3)), ritz_tanh(g, grown));
}

static void rare_forms_of_gradients_match_too(void **state) {
  check_gradients((ritz_shape){3, {2, 700, 3}}, computed_tables, NULL);
  check_gradients((ritz_shape){3, {2, 9001, 2}}, long_sums, NULL);
  check_gradients((ritz_shape){3, {2, 17, 3}}, one_sided, NULL);
}

static void a_global_filter_is_a_product_of_spectra(void **state) {
  one_graph t = one_graph_begin(RITZ_FLOAT64, 1);
  ritz_plan_options options;
  ritz_var x = ritz_input(t.graph, "x", RITZ_SHAPE(1, 6, 5, 2));
  ritz_var w = random_parameter(t.graph, t.params, "w", RITZ_SHAPE(6, 3, 2, 2), 2);
  ritz_var y = ritz_global_filter(t.graph, x, w);
  ritz_plan_options_defaults(&options);
  one_graph_plan(&t, 1, &y, &options);
  assert_null(ritz_var_layout(y));
  /* One wave, e^(2 pi i (k0 n0 / 6 + k1 n1 / 5)): row k0 + 3 of w, in channel 1. */
  const double pi = acos(-1.0);
  const int k0 = -2, k1 = 1;
  double *in = ritz_plan_value(t.plan, x), re = 0, im = 0;
  for (int i = 0; i < 30; i++)
    in[2 * i] = 0, in[2 * i + 1] = cos(2 * pi * (k0 * (i / 5) / 6.0 + k1 * (i % 5) / 5.0));
  ritz_plan_forward(t.plan);
  const double *weight = one_graph_parameter(&t, "w"), *out = ritz_plan_value(t.plan, y);
  re = weight[(((k0 + 3) * 3 + k1) * 2 + 0) * 2 + 1];
  im = weight[(((k0 + 3) * 3 + k1) * 2 + 1) * 2 + 1];
  for (int i = 0; i < 30; i++) {
    const double turn = 2 * pi * (k0 * (i / 5) / 6.0 + k1 * (i % 5) / 5.0);
    assert_near(out[2 * i], 0, 1e-14);
    assert_near(out[2 * i + 1], re * cos(turn) - im * sin(turn), 1e-14);
  }
  one_graph_end(&t);
}

static void wrong_operands_are_named(void **state) {
  static const struct {
    ritz_status status;
    const char *message;
  } wanted[] = {
      {RITZ_ERR_ARGUMENT, "gate: operand 1 is an input or computed, [3], wanted a parameter"},
      {RITZ_ERR_ARGUMENT, "linear: operand 1 is an input or computed, [3, 3], wanted a parameter"},
      {RITZ_ERR_ARGUMENT, "harmonics: 0 frequencies"},
      {RITZ_ERR_SHAPE, "affine: x is [2, 700, 3], parameter 1 is [3]"}};
  for (int i = 0; i < 4; i++) {
    one_graph t = one_graph_begin(RITZ_FLOAT32, 1);
    ritz_graph *g = t.graph;
    ritz_var x = ritz_input(g, "x", RITZ_SHAPE(2, 700, 3)), y = RITZ_NO_VAR;
    switch (i) {
      case 0: y = ritz_gate(g, x, ritz_input(g, "w", RITZ_SHAPE(3))); break;
      case 1: y = ritz_linear(g, x, ritz_input(g, "w", RITZ_SHAPE(3, 3)), RITZ_NO_VAR); break;
      case 2: y = ritz_harmonics(g, x, 0, NULL); break;
      default: y = ritz_affine(g, x, vector(g, t.params, "w", 3), vector(g, t.params, "b", 3));
    }
    assert_null(y);
    assert_int_equal(ritz_graph_plan(g, 1, &y, NULL, &t.plan), wanted[i].status);
    assert_message_contains(wanted[i].message);
    one_graph_end(&t);
  }
}

static void wrong_shapes_latch_a_message(void **state) {
  one_graph t = one_graph_begin(RITZ_FLOAT32, 1);
  ritz_var x = ritz_input(t.graph, "x", RITZ_SHAPE(2, 8, 3));
  ritz_var y = ritz_linear(t.graph, x, weight(t.graph, t.params, "w", 4, 5), RITZ_NO_VAR);
  assert_null(y);
  y = ritz_gelu(t.graph, y);
  assert_null(y);
  t.plan = not_an_object();
  assert_int_equal(ritz_graph_plan(t.graph, 1, &y, NULL, &t.plan), RITZ_ERR_SHAPE);
  assert_null(t.plan);
  assert_message_contains("x is [2, 8, 3], weight is [4, 5]");
  one_graph_end(&t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gradients_match_central_differences),
      cmocka_unit_test(results_do_not_depend_on_threads),
      cmocka_unit_test(float_agrees_with_double),
      cmocka_unit_test(every_allocation_of_a_plan_may_fail),
      cmocka_unit_test(grid_coordinates_are_where_they_should_be),
      cmocka_unit_test(rare_forms_of_gradients_match_too),
      cmocka_unit_test(a_global_filter_is_a_product_of_spectra),
      cmocka_unit_test(wrong_operands_are_named),
      cmocka_unit_test(wrong_shapes_latch_a_message),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
