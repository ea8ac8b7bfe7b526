/* SPDX-License-Identifier: BSD-3-Clause
 * The operator t1 and the bases it works in. */
#include <math.h>
#include <stdlib.h>

#include "graph/op.h"
#include "one_graph.h"
#include "operator_checks.h"

static void parameters_are_as_many_as_derived(void **state) {
  check_numbers("t1", "{modes: [24, 24], signal_resolution: [64, 64]}", RITZ_SHAPE(1, 64, 64, 1),
                11065664);
}

/* Coefficients of a field in a basis, or the field back. */
typedef struct harmonics {
  bool analysis;
  ritz_basis basis;
  const ritz_index *extent;
} harmonics;

static ritz_var add_harmonics(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const harmonics *h = config;
  return (h->analysis ? ritz_harmonic_analysis : ritz_harmonic_synthesis)(g, x, h->basis, h->extent,
                                                                          1);
}

static double *transform(ritz_shape shape, bool analysis, ritz_basis basis,
                         const ritz_index *extent, const double *x) {
  const harmonics h = {analysis, basis, extent};
  return evaluate_graph(shape, add_harmonics, &h, x, NULL, NULL);
}

static double squares(ritz_index count, const double *v) {
  double sum = 0;
  for (ritz_index i = 0; i < count; i++) sum += v[i] * v[i];
  return sum;
}

static void bases_are_orthonormal(void **state) {
  static const ritz_index sizes[][2] = {{1, 1}, {2, 3}, {7, 8}, {16, 13}};
  for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++)
    for (ritz_basis basis = RITZ_BASIS_COSINE; basis <= RITZ_BASIS_FOURIER; basis++) {
      const ritz_shape shape = RITZ_SHAPE(1, sizes[k][0], sizes[k][1], 1);
      const ritz_index count = ritz_shape_count(&shape);
      double x[256];
      fill_uniform(1, count, x);
      double *z = transform(shape, true, basis, sizes[k], x);
      double *back = transform(shape, false, basis, sizes[k], z);
      assert_near(squares(count, z), squares(count, x), 1e-13 * (double)count);
      for (ritz_index i = 0; i < count; i++) assert_near(back[i], x[i], 1e-13);
      free(z);
      free(back);
    }
}

/* A constant has one coefficient, value sqrt(N); cos(pi (2 n + 1) k / 2N) has sqrt(N / 2). */
static void single_functions_have_single_coefficients(void **state) {
  const ritz_index n = 12, modes[1] = {6};
  for (ritz_index k = 0; k < 6; k++) {
    double x[12];
    for (ritz_index i = 0; i < n; i++)
      x[i] = cos(acos(-1.0) * (double)((2 * i + 1) * k) / (2.0 * (double)n));
    double *z = transform(RITZ_SHAPE(1, n, 1), true, RITZ_BASIS_COSINE, modes, x);
    for (ritz_index j = 0; j < 6; j++)
      assert_near(z[j], j != k ? 0 : k == 0 ? sqrt(12) : sqrt(6), 1e-14);
    free(z);
  }
}

/* The variance-preserving start: white noise of variance 1 on 64 x 64 points, one matrix of
 * channels with deviation sqrt(N/(w m)) at each of 24 x 24 coefficients: all variance is there
 * again. */
static void variance_is_preserved(void **state) {
  enum { n = 64, m = 24, w = 48 };
  const ritz_init init = {RITZ_INIT_NORMAL, sqrt((double)(n * n) / (double)(w * m * m))};
  one_graph t = one_graph_begin(RITZ_FLOAT32, 5);
  ritz_var x = ritz_input(t.graph, "x", RITZ_SHAPE(1, n, n, w));
  ritz_var z = ritz_harmonic_analysis(t.graph, x, RITZ_BASIS_COSINE, (ritz_index[]){m, m}, 1);
  ritz_var y = ritz_point_linear(
      t.graph, z, ritz_parameter(t.graph, t.params, init, RITZ_SHAPE(m, m, w, w), -1, "w"));
  one_graph_plan(&t, 1, &y, NULL);
  fill_uniform_as(RITZ_FLOAT32, 3, n * n * w, ritz_plan_value(t.plan, x));
  ritz_plan_forward(t.plan);
  double in = 0, out = 0;
  for (ritz_index i = 0; i < n * n * w; i++)
    in += pow(ritz_number_get(RITZ_FLOAT32, ritz_plan_value(t.plan, x), i), 2);
  for (ritz_index i = 0; i < m * m * w; i++)
    out += pow(ritz_number_get(RITZ_FLOAT32, ritz_plan_value(t.plan, y), i), 2);
  assert_near(out / in, 1, 0.03);
  one_graph_end(&t);
}

#define T1(options) "{width: 3, n_layers: 2, head_channels: 5, head_std: 0.7, " options "}"

/* The coefficients that the operator gives are those of the field that it gives. */
static void the_field_has_the_coefficients(void **state) {
  const ritz_index n = 10, m = 10;
  const operator_case field = {
      "t1", T1("modes: [4, 5], signal_resolution: [10, 10]"), {4, {1, n, m, 1}}, false};
  const operator_case coefficients = {
      "t1",
      T1("modes: [4, 5], signal_resolution: [10, 10], perform_inverse: false"),
      {4, {1, n, m, 1}},
      false};
  double x[100];
  fill_uniform(2, n * m, x);
  double *y = evaluate_operator(&field, x), *z = evaluate_operator(&coefficients, x);
  double *of = transform(field.x, true, RITZ_BASIS_COSINE, (ritz_index[]){n, m}, y);
  assert_true(relative_error(n * m, of, z) < 1e-13);
  free(y);
  free(z);
  free(of);
}

/* Functions of the basis sampled on twice the points have nearly the same coefficients but for the
 * scale, which the operator takes out. */
static void a_finer_grid_gives_nearly_the_same_field(void **state) {
  double change[2];
  for (int k = 0; k < 2; k++) {
    double *y[2];
    for (int fine = 0; fine < 2; fine++) {
      const ritz_index n = (ritz_index)(24 << k) << fine;
      const operator_case c = {"t1", T1("modes: 5, signal_resolution: 24"), {3, {1, n, 1}}, false};
      double *x = malloc((size_t)n * sizeof *x);
      for (ritz_index i = 0; i < n; i++) x[i] = cos(acos(-1.0) * ((double)i + 0.5) / (double)n);
      y[fine] = evaluate_operator(&c, x);
      free(x);
    }
    change[k] = 0;
    for (ritz_index i = 0; i < 24 << k; i++) /* the middle of two cells of the finer grid */
      change[k] = fmax(change[k], fabs(y[0][i] - (y[1][2 * i] + y[1][2 * i + 1]) / 2));
    free(y[0]);
    free(y[1]);
  }
  assert_true(change[1] < 0.6 * change[0]); /* coordinates i/(N-1) err by O(1/N) */
  assert_true(change[0] > 0 && change[0] < 0.05);
}

static void starts_are_as_named(void **state) {
  static const struct {
    const char *options;
    double deviation;
  } rows[] = {
      {"{modes: [4, 6], signal_resolution: [8, 12], width: 12}", 0.5773502691896258},
      {"{modes: [4, 6], signal_resolution: [8, 12], width: 12, weight_init: naive}", 1.0 / 144},
      {"{modes: [4, 6], signal_resolution: [8, 12], width: 12, weight_init: tiny}", 1e-8},
      {"{modes: [4, 6], signal_resolution: [8, 12], width: 12, weight_init: fan_in}",
       0.28867513459481287}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    const operator_case c = {"t1", rows[i].options, {4, {1, 8, 12, 1}}, false};
    one_graph t = one_graph_begin(RITZ_FLOAT64, 1);
    build_operator(t.graph, t.params, ritz_input(t.graph, "x", c.x), &c);
    const double *v = one_graph_parameter(&t, "layer.0.channels");
    const ritz_index count =
        ritz_params_info(t.params, ritz_params_find(t.params, "layer.0.channels"))->count;
    assert_near(sqrt(squares(count, v) / (double)count) / rows[i].deviation, 1, 0.05);
    one_graph_end(&t);
  }
}

static void wrong_options_are_named(void **state) {
#define ROW(options, status, message) \
  { "t1", "{" options "}", {4, {1, 8, 8, 1}}, status, message }
  static const operator_refusal rows[] = {
      ROW("modes: [4, 4]", RITZ_ERR_CONFIG, "signal_resolution"),
      ROW("modes: [4, 4], signal_resolution: 8", RITZ_ERR_CONFIG,
          "signal_resolution has 1 axes, modes has 2"),
      ROW("modes: [4, 4, 4, 4], signal_resolution: 8", RITZ_ERR_CONFIG, "modes has 4 axes"),
      ROW("modes: [4, 4], signal_resolution: [8, 8], padding: [1, 1, 1]", RITZ_ERR_CONFIG,
          "padding has 3 axes"),
      ROW("modes: [4, 9], signal_resolution: [8, 8]", RITZ_ERR_SHAPE,
          "axis 1 has 8 points and 9 functions"),
      ROW("modes: 4, signal_resolution: 8", RITZ_ERR_SHAPE, "t1: x is [1, 8, 8, 1]"),
  };
  check_refusals(sizeof rows / sizeof *rows, rows);
  check_training_grid("t1", "{modes: [4, 9], signal_resolution: [8, 8]}", 2, (ritz_index[]){8, 8},
                      "9 coefficients along axis 1, the training grid has only 8 points");
  check_training_grid("t1", "{modes: [4, 9], signal_resolution: [8, 8], padding: [0, 1]}", 2,
                      (ritz_index[]){8, 8}, NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(parameters_are_as_many_as_derived),
      cmocka_unit_test(bases_are_orthonormal),
      cmocka_unit_test(single_functions_have_single_coefficients),
      cmocka_unit_test(variance_is_preserved),
      cmocka_unit_test(the_field_has_the_coefficients),
      cmocka_unit_test(a_finer_grid_gives_nearly_the_same_field),
      cmocka_unit_test(starts_are_as_named),
      cmocka_unit_test(wrong_options_are_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
