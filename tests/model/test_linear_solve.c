/* SPDX-License-Identifier: BSD-3-Clause
 * Sparse solves as an op: against the product with A, differences, adjoints; bad operands. */
#include <math.h>
#include <ritz/linear_solve.h>
#include <ritz/ops.h>
#include <stdlib.h>

#include "gradient.h"
#include "graph/op.h"
#include "one_graph.h"
#include "solvers/sparse/sparse.h"

/* An unsymmetric five-point matrix on n0 x n1 unknowns. */
static ritz_sparse *transport(ritz_index n0, ritz_index n1) {
  double *const c = malloc((size_t)(5 * n0 * n1) * sizeof *c);
  for (ritz_index i = 0; i < n0 * n1; i++) {
    const double a = 1 + 0.3 * sin((double)i), row[] = {-a, -1.4, 4.5 + a, -0.6, -1 / a};
    for (int e = 0; e < 5; e++) c[5 * i + e] = row[e];
  }
  const ritz_sparse_grid grid = {.dim = 2, .nodes = {n0, n1}, .length = {1, 1}};
  ritz_sparse *a;
  assert_ok(ritz_sparse_from_stencil(RITZ_REAL_DOUBLE, &grid, 5, NULL, c, &a));
  free(c);
  return a;
}

typedef struct config {
  ritz_sparse *matrix;
  bool values;
  ritz_linear_solve_options options;
} config;

/* Values around those of the matrix: base 1 + 0.2 w, both parameters. */
static ritz_var values_of(ritz_graph *g, ritz_params *p, const ritz_sparse *matrix) {
  const ritz_index entries = matrix->entries;
  const ritz_init one = {RITZ_INIT_CONSTANT, 1.0};
  double *const change = calloc((size_t)(entries * entries), sizeof *change);
  for (ritz_index i = 0; i < entries; i++) change[i * entries + i] = 0.2;
  ritz_var w = random_parameter(g, p, "w", RITZ_SHAPE(entries, 1), -1);
  w = ritz_combine(g, w, 1, RITZ_SHAPE(entries, 1), change);
  free(change);
  ritz_var base = ritz_parameter(g, p, one, RITZ_SHAPE(1, 1), -1, "base");
  base = ritz_combine(g, base, 1, RITZ_SHAPE(entries, 1), matrix->values);
  return ritz_add(g, base, w);
}

/* u = A^-1 f, then something that is not linear in u, then A^-1 again. */
static ritz_var build(ritz_graph *g, ritz_params *p, ritz_var x, const void *arg) {
  const config *c = arg;
  ritz_var values = c->values ? values_of(g, p, c->matrix) : RITZ_NO_VAR;
  ritz_var u = ritz_linear_solve(g, c->matrix, x, values, &c->options);
  return ritz_linear_solve(g, c->matrix, ritz_tanh(g, u), values, &c->options);
}

static void gradients_are_those_of_differences(void **state) {
  static const char *const methods[] = {"gmres", "gcrodr", "bicgstab"};
  static const ritz_index sizes[][2] = {{2, 2}, {3, 5}, {7, 4}};
  for (int m = 0; m < 3; m++)
    for (int s = 0; s < 6; s++) {
      const ritz_index *n = sizes[s / 2];
      config c = {.matrix = transport(n[0], n[1]), .values = s % 2};
      ritz_linear_solve_options_defaults(&c.options);
      c.options.krylov.method = methods[m];
      c.options.krylov.rtol = 1e-13;
      check_gradients(RITZ_SHAPE(2, n[0], n[1], 3), build, &c);
      ritz_sparse_destroy(&c.matrix);
    }
}

/* A u = f, sample by sample and channel by channel, in both formats. */
static void solutions_satisfy_their_systems(void **state) {
  enum { n0 = 9, n1 = 6, n = n0 * n1, samples = 2, channels = 2 };
  config c = {.matrix = transport(n0, n1)};
  ritz_linear_solve_options_defaults(&c.options);
  for (ritz_dtype dtype = RITZ_FLOAT32; dtype <= RITZ_FLOAT64; dtype++) {
    one_graph t = one_graph_begin(dtype, 1);
    ritz_var f = ritz_input(t.graph, "f", RITZ_SHAPE(samples, n0, n1, channels));
    ritz_var u = ritz_linear_solve(t.graph, c.matrix, f, RITZ_NO_VAR, &c.options);
    one_graph_plan(&t, 1, &u, NULL);
    void *const from = ritz_plan_value(t.plan, f);
    fill_uniform_as(dtype, 4, samples * n * channels, from);
    ritz_plan_forward(t.plan);
    for (int b = 0; b < samples; b++)
      for (int channel = 0; channel < channels; channel++) {
        double x[n], y[n];
        const ritz_index first = b * n * channels + channel;
        for (int i = 0; i < n; i++)
          x[i] = ritz_number_get(dtype, ritz_plan_value(t.plan, u), first + i * channels);
        ritz_sparse_apply(c.matrix, x, y);
        for (int i = 0; i < n; i++)
          assert_near(y[i], ritz_number_get(dtype, from, first + i * channels),
                      dtype == RITZ_FLOAT64 ? 1e-9 : 1e-5);
      }
    one_graph_end(&t);
  }
  ritz_sparse_destroy(&c.matrix);
}

static ritz_status plan_of(const ritz_sparse *matrix, ritz_shape shape, ritz_index entries,
                           const ritz_linear_solve_options *options, bool run) {
  one_graph t = one_graph_begin(RITZ_FLOAT64, 1);
  ritz_var f = ritz_input(t.graph, "f", shape);
  ritz_var v = entries ? ritz_input(t.graph, "v", RITZ_SHAPE(entries)) : RITZ_NO_VAR;
  ritz_var u = ritz_linear_solve(t.graph, matrix, f, v, options);
  const ritz_status status = ritz_graph_plan(t.graph, 1, &u, NULL, &t.plan);
  if (status == RITZ_OK && run) {
    fill_uniform_as(RITZ_FLOAT64, 4, ritz_shape_count(&shape), ritz_plan_value(t.plan, f));
    ritz_plan_forward(t.plan);
    assert_true(isnan(ritz_number_get(RITZ_FLOAT64, ritz_plan_value(t.plan, u), 0)));
  }
  one_graph_end(&t);
  return status;
}

static void bad_operands_are_named(void **state) {
  ritz_sparse *a = transport(3, 4);
  ritz_linear_solve_options options;
  assert_int_equal(plan_of(a, RITZ_SHAPE(1, 3, 5, 1), 0, NULL, false), RITZ_ERR_SHAPE);
  assert_message_contains("12 grid points");
  assert_int_equal(plan_of(a, RITZ_SHAPE(1, 3, 4, 1), 5, NULL, false), RITZ_ERR_SHAPE);
  assert_message_contains("the entries of the matrix");
  ritz_linear_solve_options_defaults(&options);
  options.krylov.method = "gmers";
  assert_int_equal(plan_of(a, RITZ_SHAPE(1, 3, 4, 1), 0, &options, false), RITZ_ERR_NOT_FOUND);
  ritz_linear_solve_options_defaults(&options);
  options.preconditioner = "iul";
  assert_int_equal(plan_of(a, RITZ_SHAPE(1, 3, 4, 1), 0, &options, false), RITZ_ERR_NOT_FOUND);
  ritz_sparse_destroy(&a);
}

/* What does not converge, and what has no preconditioner, is not a number. */
static void failures_are_not_numbers(void **state) {
  ritz_sparse *a = transport(3, 4);
  ritz_linear_solve_options options;
  ritz_linear_solve_options_defaults(&options);
  options.krylov.max_iterations = 0;
  assert_ok(plan_of(a, RITZ_SHAPE(1, 3, 4, 1), 0, &options, true));
  ritz_linear_solve_options_defaults(&options);
  /* all values zero */
  assert_ok(plan_of(a, RITZ_SHAPE(1, 3, 4, 1), a->entries, &options, true));
  ritz_sparse_destroy(&a);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gradients_are_those_of_differences),
      cmocka_unit_test(solutions_satisfy_their_systems),
      cmocka_unit_test(bad_operands_are_named),
      cmocka_unit_test(failures_are_not_numbers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
