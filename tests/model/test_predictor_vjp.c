/* SPDX-License-Identifier: BSD-3-Clause
 * Predictors run backward: against central differences in physical units, in both formats and in
 * other layouts. */
#include <ritz/predictor.h>
#include <stdlib.h>
#include <string.h>

#include "allocations.h"
#include "heap.h"
#include "one_context.h"
#include "small_model.h"

enum { most = 2000 };
static const ritz_index grid[3] = {7, 6, 5};

static ritz_index points_of(int dim) {
  ritz_index points = 2;
  for (int a = 0; a < dim; a++) points *= grid[a];
  return points;
}

/* A predictor for two fields, planned to run backward. */
static ritz_predictor *predictor_of(ritz_dtype dtype, int dim) {
  ritz_model *model = small_model_create(context, dtype, dim, "");
  ritz_predictor *p;
  assert_ok(ritz_predictor_create(model, dim, grid, 2, &p));
  assert_ok(ritz_predictor_plan_vjp(p));
  ritz_model_destroy(&model);
  return p;
}

static double dot(ritz_index count, const double *a, const double *b) {
  double sum = 0;
  for (ritz_index i = 0; i < count; i++) sum += a[i] * b[i];
  return sum;
}

/* <v, (y(x + h d) - y(x - h d)) / 2h>. */
static double difference(ritz_predictor *p, int dim, const double *x, const double *d,
                         const double *v, double h) {
  static double there[most], y[2][most];
  for (int side = 0; side < 2; side++) {
    for (ritz_index i = 0; i < points_of(dim) * small_in; i++)
      there[i] = x[i] + (side ? -h : h) * d[i];
    assert_ok(ritz_predictor_run_f64(p, there, y[side]));
  }
  const ritz_index count = points_of(dim) * small_out;
  return (dot(count, v, y[0]) - dot(count, v, y[1])) / (2 * h);
}

static void gradients_match_central_differences(void **state) {
  static double x[most], d[most], v[most], g[most], y[most];
  for (int dim = 1; dim <= 3; dim++) {
    const ritz_index in = points_of(dim) * small_in, out = points_of(dim) * small_out;
    ritz_predictor *p = predictor_of(RITZ_FLOAT64, dim);
    fill_uniform(1, in, x);
    fill_uniform(2, out, v);
    for (uint32_t k = 3; k < 6; k++) {
      fill_uniform(k, in, d);
      const double expected = difference(p, dim, x, d, v, 1e-5);
      assert_ok(ritz_predictor_run_f64(p, x, y));
      assert_ok(ritz_predictor_vjp_f64(p, v, g));
      assert_near(dot(in, g, d), expected, 1e-7 * (1 + expected * expected));
    }
    ritz_predictor_destroy(&p);
  }
}

static void formats_and_layouts_agree(void **state) {
  static double x[most], v[most], g[most], y[most], turned[most];
  static float xs[most], vs[most], gs[most], ys[most];
  static ritz_index place[most]; /* of a number of g where axes are turned */
  const ritz_index in = points_of(2) * small_in, out = points_of(2) * small_out;
  const ritz_index n = 42, first[4] = {n * small_in, 1, 7, n};
  ritz_predictor *exact = predictor_of(RITZ_FLOAT64, 2), *rough = predictor_of(RITZ_FLOAT32, 2);
  fill_uniform(1, in, x);
  fill_uniform(2, out, v);
  for (ritz_index i = 0; i < in; i++) xs[i] = (float)x[i];
  for (ritz_index i = 0; i < out; i++) vs[i] = (float)v[i];
  assert_ok(ritz_predictor_run_f64(exact, x, y));
  assert_ok(ritz_predictor_vjp_f64(exact, v, g));
  assert_ok(ritz_predictor_vjp_strided_f64(
      exact, v, (ritz_index[]){n * small_out, 6 * small_out, small_out, 1}, turned, first));
  for (ritz_index i = 0; i < in; i++) {
    const ritz_index b = i / small_in / n, row = i / small_in % n, c = i % small_in;
    place[i] = b * first[0] + row / 6 * first[1] + row % 6 * first[2] + c * first[3];
    assert_true(turned[place[i]] == g[i]);
  }
  assert_ok(ritz_predictor_run_f32(rough, xs, ys));
  assert_ok(ritz_predictor_vjp_f32(rough, vs, gs));
  for (ritz_index i = 0; i < in; i++) turned[i] = gs[i];
  assert_true(relative_error(in, turned, g) < 1e-4);
  assert_ok(ritz_predictor_vjp_strided_f32(
      rough, vs, (ritz_index[]){n * small_out, 6 * small_out, small_out, 1}, ys, first));
  for (ritz_index i = 0; i < in; i++) assert_true(ys[place[i]] == gs[i]);
  ritz_predictor_destroy(&exact);
  ritz_predictor_destroy(&rough);
}

static void what_is_not_planned_or_not_finite_is_named(void **state) {
  static double x[most], y[most], v[most], g[most];
  ritz_model *model = small_model_create(context, RITZ_FLOAT64, 1, "");
  ritz_predictor *p;
  assert_ok(ritz_predictor_create(model, 1, grid, 2, &p));
  assert_ok(ritz_predictor_run_f64(p, x, y));
  assert_int_equal(ritz_predictor_vjp_f64(p, v, g), RITZ_ERR_ARGUMENT);
  assert_message_contains("ritz_predictor_plan_vjp");
  assert_ok(ritz_predictor_plan_vjp(p));
  assert_ok(ritz_predictor_plan_vjp(p)); /* a second time there is nothing to do */
  assert_int_equal(ritz_predictor_vjp_f64(p, v, g), RITZ_ERR_ARGUMENT);
  assert_message_contains("has not run");
  assert_ok(ritz_predictor_run_f64(p, x, y));
  v[4] = 1.0 / 0.0;
  g[0] = 5;
  assert_int_equal(ritz_predictor_vjp_f64(p, v, g), RITZ_ERR_NUMERIC);
  assert_message_contains("cotangent of channel");
  assert_true(g[0] == 5);
  ritz_predictor_destroy(&p);
  ritz_model_destroy(&model);
}

static void running_backward_takes_nothing_from_the_heap(void **state) {
  static double x[most], y[most], v[most], g[most];
  ritz_predictor *p = predictor_of(RITZ_FLOAT32, 2);
  assert_ok(ritz_predictor_run_f64(p, x, y));
  assert_ok(ritz_predictor_vjp_f64(p, v, g));
  heap_count_begin();
  assert_ok(ritz_predictor_run_f64(p, x, y));
  assert_ok(ritz_predictor_vjp_f64(p, v, g));
  assert_int_equal(heap_count_end(), 0);
  ritz_predictor_destroy(&p);
}

static void a_plan_that_fails_leaves_the_predictor(void **state) {
  static double x[most], y[most], again[most], g[most];
  ritz_model *model = small_model_create(context, RITZ_FLOAT32, 2, "");
  ritz_predictor *p;
  bool failed = true;
  assert_ok(ritz_predictor_create(model, 2, grid, 2, &p));
  fill_uniform(1, points_of(2) * small_in, x);
  assert_ok(ritz_predictor_run_f64(p, x, y));
  for (long k = 0; failed; k++) {
    failed = memory_fails(k, ritz_predictor_plan_vjp(p));
    assert_ok(ritz_predictor_run_f64(p, x, again));
    assert_true(relative_error(points_of(2) * small_out, again, y) < 1e-5);
  }
  assert_ok(ritz_predictor_vjp_f64(p, y, g));
  ritz_predictor_destroy(&p);
  ritz_model_destroy(&model);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gradients_match_central_differences),
      cmocka_unit_test(formats_and_layouts_agree),
      cmocka_unit_test(what_is_not_planned_or_not_finite_is_named),
      cmocka_unit_test(running_backward_takes_nothing_from_the_heap),
      cmocka_unit_test(a_plan_that_fails_leaves_the_predictor),
  };
  return cmocka_run_group_tests(tests, context_begin, context_end);
}
