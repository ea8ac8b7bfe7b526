/* SPDX-License-Identifier: BSD-3-Clause */
#include <float.h>
#include <math.h>

#include "core/memory.h"
#include "solvers/krylov/cg.h"
#include "support.h"

enum { most = 97 };

typedef struct matrix {
  int n;
  double a[most][most];
} matrix;

static void multiply(void *user, const double *x, double *y) {
  const matrix *m = user;
  for (int i = 0; i < m->n; i++) {
    y[i] = 0;
    for (int j = 0; j < m->n; j++) y[i] += m->a[i][j] * x[j];
  }
}

/* I + B^T B / n with random B: eigenvalues between 1 and about 2.5. */
static void fill_spd(matrix *m, int n) {
  static double b[most * most];
  fill_uniform(3, n * n, b);
  m->n = n;
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) {
      m->a[i][j] = i == j;
      for (int k = 0; k < n; k++) m->a[i][j] += b[k * n + i] * b[k * n + j] / n;
    }
}

static ritz_solve_report solve(int n, const ritz_cg_options *options, ritz_linear_map *apply,
                               void *user, ritz_linear_map *precondition, void *precondition_user,
                               const double *b, double *x) {
  ritz_cg *cg;
  ritz_solve_report report;
  assert_ok(ritz_cg_create(n, options, &cg));
  ritz_cg_solve(cg, apply, user, precondition, precondition_user, b, x, &report);
  ritz_cg_destroy(&cg);
  assert_null(cg);
  return report;
}

static void solves_random_systems_of_awkward_sizes(void **state) {
  static const int sizes[] = {1, 2, 3, 17, 64, 97};
  static matrix m;
  double b[most], x[most], ax[most];
  for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
    const int n = sizes[k];
    fill_spd(&m, n);
    fill_uniform(4, n, b);
    fill_uniform(5, n, x); /* a guess, not zero */
    const ritz_solve_report report = solve(n, NULL, multiply, &m, NULL, NULL, b, x);
    assert_int_equal(report.reason, RITZ_SOLVE_CONVERGED);
    multiply(&m, x, ax);
    double rr = 0, bb = 0;
    for (int i = 0; i < n; i++) rr += (b[i] - ax[i]) * (b[i] - ax[i]), bb += b[i] * b[i];
    assert_near(report.residual, sqrt(rr / bb), 1e-15);
    assert_true(report.residual <= 1e-8);
    assert_true(report.iterations <= n);
  }
}

static void scale_by_index(void *user, const double *x, double *y) {
  const int n = *(int *)user;
  for (int i = 0; i < n; i++) y[i] = (i % 4 + 1) * x[i];
}

/* A polynomial of degree k in A that vanishes on k eigenvalues: k distinct ones, k steps. */
static void needs_as_many_steps_as_distinct_eigenvalues(void **state) {
  int n = 61;
  double b[61], x[61] = {0};
  fill_uniform(6, n, b);
  const ritz_cg_options options = {.tolerance = 1e-13, .max_iterations = 100};
  const ritz_solve_report report = solve(n, &options, scale_by_index, &n, NULL, NULL, b, x);
  assert_int_equal(report.reason, RITZ_SOLVE_CONVERGED);
  assert_int_equal(report.iterations, 4);
  assert_near(report.initial_residual, 1, 1e-15);
  for (int i = 0; i < n; i++) assert_near(x[i], b[i] / (i % 4 + 1), 1e-12);
}

static void divide_by_index(void *user, const double *x, double *y) {
  const int n = *(int *)user;
  for (int i = 0; i < n; i++) y[i] = x[i] / (i % 4 + 1);
}

static void exact_inverse_as_preconditioner_needs_one_step(void **state) {
  int n = 61;
  double b[61], x[61] = {0};
  fill_uniform(6, n, b);
  const ritz_solve_report report = solve(n, NULL, scale_by_index, &n, divide_by_index, &n, b, x);
  assert_int_equal(report.reason, RITZ_SOLVE_CONVERGED);
  assert_int_equal(report.iterations, 1);
}

static void zero_right_hand_side_gives_zero(void **state) {
  int n = 5;
  double b[5] = {0}, x[5] = {1, 2, 3, 4, 5};
  const ritz_solve_report report = solve(n, NULL, scale_by_index, &n, NULL, NULL, b, x);
  assert_int_equal(report.reason, RITZ_SOLVE_ZERO_RHS);
  assert_int_equal(report.iterations, 0);
  for (int i = 0; i < n; i++) assert_true(x[i] == 0);
  assert_int_equal(solve(0, NULL, scale_by_index, &n, NULL, NULL, b, x).reason,
                   RITZ_SOLVE_ZERO_RHS);
}

static void exact_guess_needs_no_step(void **state) {
  int n = 4;
  double b[4] = {1, 4, 9, 16}, x[4] = {1, 2, 3, 4};
  const ritz_solve_report report = solve(n, NULL, scale_by_index, &n, NULL, NULL, b, x);
  assert_int_equal(report.reason, RITZ_SOLVE_CONVERGED);
  assert_int_equal(report.iterations, 0);
}

static void indefinite_operator_is_a_reason(void **state) {
  static matrix m = {.n = 2, .a = {{1, 0}, {0, -1}}};
  double b[2] = {1, 2}, x[2] = {0};
  assert_int_equal(solve(2, NULL, multiply, &m, NULL, NULL, b, x).reason,
                   RITZ_SOLVE_INDEFINITE_OPERATOR);
}

static void indefinite_preconditioner_is_a_reason(void **state) {
  static matrix m = {.n = 2, .a = {{1, 0}, {0, -1}}};
  int n = 2;
  double b[2] = {1, 2}, x[2] = {0};
  assert_int_equal(solve(2, NULL, scale_by_index, &n, multiply, &m, b, x).reason,
                   RITZ_SOLVE_INDEFINITE_PRECONDITIONER);
}

static void values_that_are_not_finite_are_a_reason(void **state) {
  static matrix bad = {.n = 2, .a = {{1, 0}, {0, NAN}}};
  int n = 2;
  double good[2] = {1, 2}, nan[2] = {1, NAN}, inf[2] = {INFINITY, 1}, x[2] = {0};
  assert_int_equal(solve(2, NULL, scale_by_index, &n, NULL, NULL, nan, x).reason,
                   RITZ_SOLVE_NOT_FINITE);
  assert_int_equal(solve(2, NULL, scale_by_index, &n, NULL, NULL, inf, x).reason,
                   RITZ_SOLVE_NOT_FINITE);
  assert_int_equal(solve(2, NULL, multiply, &bad, NULL, NULL, good, x).reason,
                   RITZ_SOLVE_NOT_FINITE);
  assert_int_equal(solve(2, NULL, scale_by_index, &n, multiply, &bad, good, x).reason,
                   RITZ_SOLVE_NOT_FINITE);
}

static void limit_is_a_reason_and_the_residual_still_true(void **state) {
  int n = 61;
  double b[61], x[61] = {0};
  fill_uniform(6, n, b);
  const ritz_cg_options options = {.tolerance = 1e-13, .max_iterations = 2};
  const ritz_solve_report report = solve(n, &options, scale_by_index, &n, NULL, NULL, b, x);
  assert_int_equal(report.reason, RITZ_SOLVE_MAX_ITERATIONS);
  assert_int_equal(report.iterations, 2);
  double rr = 0, bb = 0;
  for (int i = 0; i < n; i++) rr += pow(b[i] - (i % 4 + 1) * x[i], 2), bb += b[i] * b[i];
  assert_near(report.residual, sqrt(rr / bb), 1e-14);
}

/* A product correct to six digits only, different ones each time: the recurrence believes itself,
 * the true residual cannot follow. */
static void sloppy(void *user, const double *x, double *y) {
  int *const calls = user;
  ++*calls;
  for (int i = 0; i < 40; i++) y[i] = (i + 1) * x[i] * (1 + 1e-6 * sin(i + 7.0 * *calls));
}

static void never_claims_more_than_the_true_residual(void **state) {
  int calls = 0;
  double b[40], x[40] = {0};
  fill_uniform(7, 40, b);
  const ritz_cg_options options = {.tolerance = 1e-10, .max_iterations = 500};
  const ritz_solve_report report = solve(40, &options, sloppy, &calls, NULL, NULL, b, x);
  assert_int_equal(report.reason, RITZ_SOLVE_STAGNATED);
  assert_true(report.residual > 1e-10 && report.residual < 1e-4);
}

static bool stop_at_three(void *user, int iteration, double residual) {
  double *history = user;
  history[iteration - 1] = residual;
  return iteration < 3;
}

static void monitor_sees_each_step_and_can_stop(void **state) {
  int n = 61;
  double b[61], x[61] = {0}, history[3] = {0};
  fill_uniform(6, n, b);
  const ritz_cg_options options = {
      .tolerance = 1e-13, .max_iterations = 9, .monitor = stop_at_three, .monitor_user = history};
  const ritz_solve_report report = solve(n, &options, scale_by_index, &n, NULL, NULL, b, x);
  assert_int_equal(report.reason, RITZ_SOLVE_STOPPED);
  assert_int_equal(report.iterations, 3);
  assert_true(history[0] > history[1] && history[1] > history[2] && history[2] > 0);
  assert_near(history[2], report.residual, 1e-13);
}

static void refuses_bad_options(void **state) {
  ritz_cg *cg;
  ritz_cg_options options = {.tolerance = -1, .max_iterations = 10};
  assert_int_equal(ritz_cg_create(3, &options, &cg), RITZ_ERR_ARGUMENT);
  assert_message_contains("tolerance");
  options.tolerance = NAN;
  assert_int_equal(ritz_cg_create(3, &options, &cg), RITZ_ERR_ARGUMENT);
  options = (ritz_cg_options){.tolerance = 1, .max_iterations = -1};
  assert_int_equal(ritz_cg_create(3, &options, &cg), RITZ_ERR_ARGUMENT);
  assert_int_equal(ritz_cg_create(-1, NULL, &cg), RITZ_ERR_ARGUMENT);
  assert_null(cg);
}

static void survives_every_failed_allocation(void **state) {
  for (long k = 0;; k++) {
    ritz_cg *cg;
    ritz_test_fail_allocation(k);
    const ritz_status status = ritz_cg_create(10, NULL, &cg);
    ritz_test_fail_allocation(-1);
    if (status == RITZ_OK) {
      assert_int_equal(k, 5);
      ritz_cg_destroy(&cg);
      break;
    }
    assert_int_equal(status, RITZ_ERR_MEMORY);
    assert_null(cg);
  }
}

static void every_reason_has_a_text(void **state) {
#define CHECK(name, number, text) assert_string_equal(ritz_solve_reason_text(name), text);
  RITZ_SOLVE_REASON_LIST(CHECK)
#undef CHECK
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(solves_random_systems_of_awkward_sizes),
      cmocka_unit_test(needs_as_many_steps_as_distinct_eigenvalues),
      cmocka_unit_test(exact_inverse_as_preconditioner_needs_one_step),
      cmocka_unit_test(zero_right_hand_side_gives_zero),
      cmocka_unit_test(exact_guess_needs_no_step),
      cmocka_unit_test(indefinite_operator_is_a_reason),
      cmocka_unit_test(indefinite_preconditioner_is_a_reason),
      cmocka_unit_test(values_that_are_not_finite_are_a_reason),
      cmocka_unit_test(limit_is_a_reason_and_the_residual_still_true),
      cmocka_unit_test(never_claims_more_than_the_true_residual),
      cmocka_unit_test(monitor_sees_each_step_and_can_stop),
      cmocka_unit_test(refuses_bad_options),
      cmocka_unit_test(survives_every_failed_allocation),
      cmocka_unit_test(every_reason_has_a_text),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
