/* SPDX-License-Identifier: BSD-3-Clause
 * Columns of block methods that are dependent, solved from the start, or bad: each has a reason of
 * its own. */
#include "block_solver.h"

static int products_of(ritz_krylov *solver, const matrix *m, int count, const char *b, char *x,
                       double limit) {
  const size_t column = (size_t)m->n * ritz_scalar_size(m->scalar);
  ritz_solve_report reports[wide];
  assert_ok(ritz_krylov_solve_many(solver, count, b, x, reports));
  for (int j = 0; j < count; j++) {
    assert_int_equal(reports[j].reason, RITZ_SOLVE_CONVERGED);
    assert_true(residual(m, b + j * column, x + j * column) <= limit);
    assert_near(reports[j].residual, residual(m, b + j * column, x + j * column), 2e-6);
  }
  return reports[0].products;
}

/* Columns 2 ... 4 are combinations of the first two, exactly or to `noise`. */
static void fill_dependent(const matrix *m, double noise, void *b) {
  static double _Complex first[2][most], other[most];
  for (unsigned j = 0; j < 2; j++) fill_vector(m->scalar, m->n, 30 + j, first[j]);
  for (int j = 0; j < wide; j++) {
    fill_vector(m->scalar, m->n, 40 + (unsigned)j, other);
    for (int i = 0; i < m->n; i++) {
      const double _Complex u = get(m->scalar, first[0], i), v = get(m->scalar, first[1], i);
      const double _Complex w = get(m->scalar, other, i);
      const double _Complex sum = j == 0 ? u : j == 1 ? v : j == 2 ? u : u + j * v;
      set(m->scalar, b, j * m->n + i, j < 2 ? sum : sum + noise * w);
    }
  }
}

static void dependent_columns_cost_nothing(void **state) {
  static matrix m;
  static double _Complex b[wide * most], x[wide * most];
  for (ritz_scalar scalar = RITZ_REAL_FLOAT; scalar <= RITZ_COMPLEX_DOUBLE; scalar++)
    for (int n = 2; n < most; n += 47) {
      const double rtol = scalar % 2 ? 1e-9 : 5e-5;
      int products[2];
      for (int all = 0; all < 2; all++) {
        ritz_krylov_options options = options_of("block_gcrodr", wide);
        options.rtol = rtol;
        fill(&m, n, scalar, false, false);
        fill_dependent(&m, 0, b);
        ritz_krylov *solver = solver_with(&options, &m);
        products[all] = products_of(solver, &m, all ? wide : 2, (char *)b, (char *)x, 1.01 * rtol);
        fill_dependent(&m, 10 * rtol, b); /* nearly */
        products_of(solver, &m, wide, (char *)b, (char *)x, 1.01 * rtol);
        ritz_krylov_destroy(&solver);
      }
      assert_in_range(products[1], products[0], products[0] + 2 * (wide - 2)); /* the looks */
    }
}

/* A column that its guess solves costs no products but looks, and keeps its bits. */
static void solved_columns_are_left_alone(void **state) {
  enum { n = 70 };
  static matrix m;
  double b[2 * n], x[2 * n], kept[n];
  ritz_solve_report alone, both[2];
  ritz_krylov_options options = options_of("block_gmres", 2);
  fill(&m, n, RITZ_REAL_DOUBLE, false, false);
  fill_uniform(5, 2 * n, b);
  options.initial_guess = true;
  ritz_krylov *solver = solver_with(&options, &m);
  memset(x, 0, sizeof x);
  assert_ok(ritz_krylov_solve(solver, b + n, x + n, &alone));
  memcpy(kept, x + n, sizeof kept);
  memset(x, 0, n * sizeof *x);
  assert_ok(ritz_krylov_solve(solver, b, x, &alone));
  memset(x, 0, n * sizeof *x);
  assert_ok(ritz_krylov_solve_many(solver, 2, b, x, both));
  assert_int_equal(both[0].iterations, alone.iterations);
  assert_int_equal(both[0].products, alone.products + 2);
  assert_memory_equal(x + n, kept, sizeof kept);
  assert_true(both[1].initial_residual <= 1e-9 && both[1].reason == RITZ_SOLVE_CONVERGED);
  ritz_krylov_destroy(&solver);
}

/* Reasons of three columns of m; none claims what its x does not hold. */
static void reasons_of(matrix *m, const double *b, const ritz_krylov_options *options,
                       ritz_solve_reason *reasons) {
  static double x[3 * most];
  ritz_solve_report reports[3];
  ritz_krylov *solver = solver_with(options, m);
  assert_ok(ritz_krylov_solve_many(solver, 3, b, x, reports));
  for (int j = 0; j < 3; j++) {
    reasons[j] = reports[j].reason;
    if (reasons[j] == RITZ_SOLVE_CONVERGED)
      assert_true(residual(m, b + j * m->n, x + j * m->n) <= options->rtol * 1.001);
    else
      assert_true(reasons[j] < 0 || reasons[j] == RITZ_SOLVE_ZERO_RHS);
  }
  ritz_krylov_destroy(&solver);
}

static int add_nothing(void *user, double *values, int count) {
  int *const left = user;
  return (*left)-- == 0;
}

static void every_column_has_its_reason(void **state) {
  enum { n = 30 };
  static matrix m;
  double b[3 * n];
  ritz_solve_reason r[3];
  ritz_krylov_options options = options_of("block_gcrodr", 3);
  fill(&m, n, RITZ_REAL_DOUBLE, true, false);
  fill_uniform(4, 3 * n, b);
  b[n + 3] = NAN; /* the others are none the worse */
  memset(b + 2 * n, 0, n * sizeof *b);
  reasons_of(&m, b, &options, r);
  assert_int_equal(r[0], RITZ_SOLVE_CONVERGED);
  assert_int_equal(r[1], RITZ_SOLVE_NOT_FINITE);
  assert_int_equal(r[2], RITZ_SOLVE_ZERO_RHS);
  fill_uniform(4, 3 * n, b);
  for (int i = 0; i < n; i++) b[2 * n + i] = m.a[i][4] + m.a[i][9]; /* two columns of A */
  options.max_iterations = 3;
  reasons_of(&m, b, &options, r);
  assert_int_equal(r[0], RITZ_SOLVE_MAX_ITERATIONS);
  options.max_iterations = 400;
  m.fail_at = m.calls + 7;
  reasons_of(&m, b, &options, r);
  for (int j = 0; j < 3; j++) assert_int_equal(r[j], RITZ_SOLVE_OPERATOR_FAILED);
  m.a[7][7] = NAN;
  reasons_of(&m, b, &options, r);
  for (int j = 0; j < 3; j++) assert_int_equal(r[j], RITZ_SOLVE_NOT_FINITE);
  memset(m.a, 0, sizeof m.a);
  reasons_of(&m, b, &options, r);
  for (int j = 0; j < 3; j++) assert_true(r[j] < 0);
  for (int i = 0; i < n - 1; i++) m.a[i][i] = i + 1; /* singular: one column is in its range */
  b[2 * n - 1] = 0;
  reasons_of(&m, b, &options, r);
  assert_true(r[0] < 0 && r[2] < 0);
}

static void sums_may_fail_anywhere(void **state) {
  static matrix m;
  double b[3 * 30], x[3 * 30];
  ritz_krylov_options options = options_of("block_gcrodr", 3);
  options.rtol = 1e-12;
  fill(&m, 30, RITZ_REAL_DOUBLE, true, false);
  fill_uniform(4, 3 * 30, b);
  for (int after = 0; after < 60; after++) {
    int left = after;
    ritz_solve_report reports[3];
    ritz_krylov *solver = solver_with(&options, &m);
    ritz_krylov_set_sum(solver, add_nothing, &left);
    assert_ok(ritz_krylov_solve_many(solver, 3, b, x, reports));
    for (int j = 0; j < 3; j++) assert_int_equal(reports[j].reason, RITZ_SOLVE_SUM_FAILED);
    ritz_krylov_destroy(&solver);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(dependent_columns_cost_nothing),
      cmocka_unit_test(solved_columns_are_left_alone),
      cmocka_unit_test(every_column_has_its_reason),
      cmocka_unit_test(sums_may_fail_anywhere),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
