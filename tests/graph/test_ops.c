/* SPDX-License-Identifier: BSD-3-Clause
 * Every op of ops.def has a sample here; the list expands to sample_<op>, so an op without one does
 * not link. Shapes are awkward on purpose: odd, prime, 1, more and fewer rows than a tile. */
#include <math.h>
#include <string.h>

#include "gradient.h"
#include "graph/op.h"

static ritz_var weight(ritz_graph *g, ritz_params *p, const char *name, ritz_index a,
                       ritz_index b) {
  return random_parameter(g, p, name, RITZ_SHAPE(a, b), -1);
}
static ritz_var vector(ritz_graph *g, ritz_params *p, const char *name, ritz_index c) {
  return random_parameter(g, p, name, RITZ_SHAPE(c), -1);
}
static ritz_index channels(ritz_var x) { return ritz_channels(x); }

static ritz_var sample_linear(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  ritz_var y = ritz_linear(g, x, weight(g, p, "w1", channels(x), 7), vector(g, p, "b1", 7));
  return ritz_linear(g, y, weight(g, p, "w2", 7, 1), RITZ_NO_VAR);
}
static ritz_var sample_gelu(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  return ritz_gelu(g, x);
}
static ritz_var sample_tanh(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  return ritz_tanh(g, x);
}
static ritz_var sample_relu(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  return ritz_relu(g, x);
}
/* x is used three times: gradients of all users add up. */
static ritz_var sample_add(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  return ritz_add(g, ritz_add(g, x, ritz_gelu(g, x)), x);
}
static ritz_var sample_gate(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  ritz_var w = vector(g, p, "w", channels(x)); /* one parameter in two ops */
  return ritz_gate(g, ritz_tanh(g, ritz_gate(g, x, w)), w);
}
static ritz_var sample_bias(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  return ritz_gelu(g, ritz_bias(g, x, vector(g, p, "b", channels(x))));
}
static ritz_var sample_grid_embedding(ritz_graph *g, ritz_params *p, ritz_var x,
                                      const void *config) {
  ritz_var y = ritz_grid_embedding(g, x, RITZ_GRID_PERIODIC, NULL);
  return ritz_linear(g, y, weight(g, p, "w", channels(y), 3), RITZ_NO_VAR);
}
static ritz_var sample_pad(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  return ritz_tanh(g, ritz_pad(g, x, (ritz_index[]){1, 0, 2}, (ritz_index[]){2, 3, 0}));
}
static ritz_var sample_crop(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  ritz_var wide = ritz_pad(g, ritz_gelu(g, x), (ritz_index[]){2, 1, 1}, (ritz_index[]){2, 1, 1});
  return ritz_crop(g, wide, (ritz_index[]){1, 2, 1}, (ritz_index[]){3, 0, 1});
}

static ritz_var sample_group_norm(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const ritz_index c = channels(x);
  ritz_var y = ritz_group_norm(g, x, c, 1e-5, RITZ_NO_VAR, RITZ_NO_VAR);
  y = ritz_tanh(g, ritz_add(g, x, y));
  return ritz_group_norm(g, y, c % 2 ? 1 : 2, 1e-3, vector(g, p, "w", c), vector(g, p, "b", c));
}
static ritz_var running(ritz_graph *g, ritz_params *p, const char *name, ritz_index c) {
  return ritz_untrained(
      ritz_parameter(g, p, (ritz_init){RITZ_INIT_UNIFORM, 2}, RITZ_SHAPE(c), -1, "%s", name));
}
/* Training form (its running statistics do not enter the result), then evaluation form. */
static ritz_var sample_batch_norm(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const ritz_index c = channels(x);
  ritz_graph_set_training(g, true, 0);
  ritz_var y = ritz_batch_norm(g, x, 1e-3, 0.1, vector(g, p, "w1", c), vector(g, p, "b1", c),
                               running(g, p, "m1", c), running(g, p, "v1", c));
  ritz_graph_set_training(g, false, 0);
  return ritz_batch_norm(g, ritz_gelu(g, y), 1e-3, 0.1, vector(g, p, "w2", c),
                         vector(g, p, "b2", c), running(g, p, "m2", c), running(g, p, "v2", c));
}
static ritz_var sample_dropout(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  ritz_graph_set_training(g, true, 3);
  return ritz_dropout(g, ritz_tanh(g, ritz_dropout(g, x, 0.5)), 0.2);
}
static ritz_shape spectral_shape(ritz_var x, ritz_index modes, bool separable) {
  const int d = ritz_grid_dim(x);
  ritz_shape shape = {.rank = d + (separable ? 2 : 3)};
  for (int a = 0; a < d; a++) shape.n[a] = modes;
  shape.n[d] = 2;
  shape.n[d + 1] = channels(x);
  if (!separable) shape.n[d + 2] = 3;
  return shape;
}
/* Weights wider than the modes used, then separable ones on another grid in both ways. */
static ritz_var sample_spectral_conv(ritz_graph *g, ritz_params *p, ritz_var x,
                                     const void *config) {
  const int d = ritz_grid_dim(x);
  ritz_spectral_options options = {.modes = {3, 4, 3}};
  ritz_var y = ritz_spectral_conv(
      g, x, random_parameter(g, p, "w1", spectral_shape(x, 5, false), d), &options);
  options = (ritz_spectral_options){.modes = {9, 4, 3}, .grid = {6, 9, 4}, .separable = true};
  y = ritz_spectral_conv(g, ritz_gelu(g, y),
                         random_parameter(g, p, "w2", spectral_shape(y, 4, true), d), &options);
  options = (ritz_spectral_options){
      .modes = {6, 5, 4}, .grid = {9, 5, 7}, .resample = RITZ_RESAMPLE_REFERENCE};
  return ritz_spectral_conv(g, ritz_tanh(g, y),
                            random_parameter(g, p, "w3", spectral_shape(y, 6, false), d), &options);
}
static ritz_var sample_resize(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  ritz_var y = ritz_resize(g, ritz_gelu(g, x), (ritz_index[]){9, 4, 5});
  return ritz_add(g, y, ritz_resize(g, x, (ritz_index[]){9, 4, 5}));
}
static ritz_var sample_spectral_resize(ritz_graph *g, ritz_params *p, ritz_var x,
                                       const void *config) {
  return ritz_tanh(g, ritz_spectral_resize(g, x, (ritz_index[]){9, 4, 5}));
}

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
