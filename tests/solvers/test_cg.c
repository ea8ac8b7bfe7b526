/* SPDX-License-Identifier: BSD-3-Clause
 * Conjugate gradients of ritz_krylov in double: what is known of them beyond the conformance of all
 * methods in test_krylov.c. */
#include <math.h>
#include <ritz/krylov.h>
#include <string.h>

#include "support.h"

static ritz_krylov_options wish(double tolerance, int iterations) {
  ritz_krylov_options o;
  ritz_krylov_options_defaults(&o);
  o.method = "cg";
  o.rtol = tolerance;
  o.max_iterations = iterations;
  o.recycle = 0;
  o.threads = 1;
  return o;
}

static ritz_solve_report solve(int n, const ritz_krylov_options *options, ritz_krylov_map *apply,
                               void *user, ritz_krylov_map *preconditioner, const double *b,
                               double *x) {
  ritz_krylov *solver;
  ritz_solve_report report;
  assert_ok(ritz_krylov_create(RITZ_REAL_DOUBLE, n, options, &solver));
  ritz_krylov_set_operator(solver, apply, user);
  ritz_krylov_set_preconditioner(solver, preconditioner, user);
  assert_ok(ritz_krylov_solve(solver, b, x, &report));
  ritz_krylov_destroy(&solver);
  return report;
}

/* Five distinct eigenvalues, 1 ... 5. */
static int scale_by_index(void *user, const void *xv, void *yv) {
  const double *x = xv;
  double *y = yv;
  for (int i = 0; i < *(int *)user; i++) y[i] = (i % 5 + 1) * x[i];
  return 0;
}

static int divide_by_index(void *user, const void *xv, void *yv) {
  const double *x = xv;
  double *y = yv;
  for (int i = 0; i < *(int *)user; i++) y[i] = x[i] / (i % 5 + 1);
  return 0;
}

static int negate(void *user, const void *xv, void *yv) {
  const double *x = xv;
  double *y = yv;
  for (int i = 0; i < *(int *)user; i++) y[i] = -x[i];
  return 0;
}

/* Solves with scale_by_index() in exactly so many steps. */
static void takes_steps(int n, ritz_krylov_map *preconditioner, int steps) {
  double b[61], x[61];
  fill_uniform(6, n, b);
  const ritz_krylov_options o = wish(1e-12, 9);
  const ritz_solve_report report = solve(n, &o, scale_by_index, &n, preconditioner, b, x);
  assert_int_equal(report.reason, RITZ_SOLVE_CONVERGED);
  assert_int_equal(report.iterations, steps);
  for (int i = 0; i < n; i++) assert_near(x[i], b[i] / (i % 5 + 1), 1e-11);
}

static void needs_as_many_steps_as_distinct_eigenvalues(void **state) { takes_steps(61, NULL, 5); }
static void exact_inverse_as_preconditioner_needs_one_step(void **state) {
  takes_steps(33, divide_by_index, 1);
}

static void indefinite_preconditioner_is_a_reason(void **state) {
  int n = 10;
  double b[10], x[10];
  fill_uniform(8, n, b);
  const ritz_krylov_options o = wish(1e-8, 9);
  assert_int_equal(solve(n, &o, scale_by_index, &n, negate, b, x).reason,
                   RITZ_SOLVE_INDEFINITE_PRECONDITIONER);
}

static void every_reason_has_a_text(void **state) {
#define CHECK(name, number, text) assert_string_equal(ritz_solve_reason_text(name), text);
  RITZ_SOLVE_REASON_LIST(CHECK)
#undef CHECK
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(needs_as_many_steps_as_distinct_eigenvalues),
      cmocka_unit_test(exact_inverse_as_preconditioner_needs_one_step),
      cmocka_unit_test(indefinite_preconditioner_is_a_reason),
      cmocka_unit_test(every_reason_has_a_text),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
