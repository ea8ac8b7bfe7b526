/* SPDX-License-Identifier: BSD-3-Clause
 * Why Krylov methods stop where they do not converge, and what they refuse. */
#include "allocations.h"
#include "krylov_matrix.h"

/* Runs one method on m and gives the reason; the report never claims what x does not hold. */
static ritz_solve_reason reason_of(const char *method, matrix *m, const double *b) {
  double x[most];
  ritz_krylov *solver = solver_of(method, RITZ_REAL_DOUBLE, m->n, 1e-8);
  ritz_krylov_set_operator(solver, multiply, m);
  ritz_solve_report report;
  assert_ok(ritz_krylov_solve(solver, b, x, &report));
  if (report.reason == RITZ_SOLVE_CONVERGED) assert_true(residual(m, b, x) <= 1e-8 * (1 + 1e-6));
  ritz_krylov_destroy(&solver);
  return report.reason;
}

static void everything_bad_has_a_reason(void **state) {
  static matrix m;
  double b[most], zero[most] = {0};
  int count;
  const ritz_krylov_method *method = ritz_krylov_methods(&count);
  fill_uniform(4, most, b);
  for (int k = 0; k < count; k++) {
    const char *name = method[k].name;
    fill(&m, 30, RITZ_REAL_DOUBLE, true, false);
    assert_int_equal(reason_of(name, &m, zero), RITZ_SOLVE_ZERO_RHS);
    m.fail_at = m.calls + 3;
    assert_int_equal(reason_of(name, &m, b), RITZ_SOLVE_OPERATOR_FAILED);
    m.a[7][7] = NAN;
    assert_int_equal(reason_of(name, &m, b), RITZ_SOLVE_NOT_FINITE);
    fill(&m, 30, RITZ_REAL_DOUBLE, true, false);
    const double kept = b[3];
    b[3] = INFINITY;
    assert_int_equal(reason_of(name, &m, b), RITZ_SOLVE_NOT_FINITE);
    b[3] = kept;
    memset(m.a, 0, sizeof m.a); /* nothing can be solved */
    assert_true(reason_of(name, &m, b) < 0);
    for (int i = 0; i < 29; i++) m.a[i][i] = i + 1; /* singular, b not in the range */
    assert_true(reason_of(name, &m, b) < 0);
  }
}

static void conjugate_gradients_refuse_indefinite_operators(void **state) {
  static matrix m;
  double b[most];
  fill_uniform(4, most, b);
  fill(&m, 30, RITZ_REAL_DOUBLE, true, true);
  assert_int_equal(reason_of("cg", &m, b), RITZ_SOLVE_INDEFINITE_OPERATOR);
  assert_int_equal(reason_of("deflated_cg", &m, b), RITZ_SOLVE_INDEFINITE_OPERATOR);
  assert_int_equal(reason_of("flexible_cg", &m, b), RITZ_SOLVE_INDEFINITE_OPERATOR);
}

static bool stop_at_three(void *user, int iteration, double value) {
  ++*(int *)user;
  return iteration < 3;
}

static void monitors_are_stacked_and_can_stop(void **state) {
  static matrix m;
  double b[most], x[most];
  int count, calls[2] = {0};
  const ritz_krylov_method *method = ritz_krylov_methods(&count);
  fill_uniform(4, most, b);
  for (int k = 0; k < count; k++) {
    fill(&m, 50, RITZ_REAL_DOUBLE, true, false);
    ritz_krylov *solver = solver_of(method[k].name, RITZ_REAL_DOUBLE, 50, 1e-12);
    ritz_krylov_set_operator(solver, multiply, &m);
    assert_ok(ritz_krylov_add_monitor(solver, stop_at_three, &calls[0]));
    assert_ok(ritz_krylov_add_monitor(solver, stop_at_three, &calls[1]));
    calls[0] = calls[1] = 0;
    ritz_solve_report report;
    assert_ok(ritz_krylov_solve(solver, b, x, &report));
    assert_int_equal(report.reason, RITZ_SOLVE_STOPPED);
    assert_int_equal(report.iterations, 3);
    assert_int_equal(calls[0], 4);
    assert_int_equal(calls[1], 4);
    const double *history;
    assert_int_equal(ritz_krylov_history(solver, &history), 4);
    assert_near(history[0], 1, 1e-12);
    if (strcmp(method[k].name, "bicgstab") != 0)
      assert_near(report.residual, residual(&m, b, x), 1e-14);
    ritz_krylov_destroy(&solver);
  }
}

static void limits_are_reasons(void **state) {
  static matrix m;
  double b[most], x[most];
  fill_uniform(4, most, b);
  fill(&m, 90, RITZ_REAL_DOUBLE, true, false);
  ritz_krylov_options options;
  ritz_krylov_options_defaults(&options);
  options.rtol = 1e-14;
  options.max_iterations = 5;
  int count;
  const ritz_krylov_method *method = ritz_krylov_methods(&count);
  for (int k = 0; k < count; k++) {
    options.method = method[k].name;
    ritz_krylov *solver;
    ritz_solve_report report;
    assert_ok(ritz_krylov_create(RITZ_REAL_DOUBLE, 90, &options, &solver));
    ritz_krylov_set_operator(solver, multiply, &m);
    assert_ok(ritz_krylov_solve(solver, b, x, &report));
    assert_int_equal(report.reason, RITZ_SOLVE_MAX_ITERATIONS);
    assert_int_equal(report.iterations, 5);
    ritz_krylov_destroy(&solver);
  }
}

/* A product correct to six digits only, other ones each time: the recurrence believes itself. */
static int sloppy(void *user, const void *xv, void *yv) {
  int *const calls = user;
  const double *x = xv;
  double *y = yv;
  ++*calls;
  for (int i = 0; i < 40; i++) y[i] = (i + 1) * x[i] * (1 + 1e-6 * sin(i + 7.0 * *calls));
  return 0;
}

/* The recurrence meets the tolerance in the very last iteration, x does not: the limit holds. */
static void the_limit_holds_where_the_recurrence_errs(void **state) {
  double b[40], x[40];
  fill_uniform(7, 40, b);
  int count, limit = 500;
  const ritz_krylov_method *method = ritz_krylov_methods(&count);
  for (int k = 0; k < count; k++) {
    limit = 500;
    for (int turn = 0; turn < 2; turn++) {
      ritz_krylov_options options;
      ritz_krylov_options_defaults(&options);
      options.method = method[k].name, options.rtol = 1e-10, options.max_iterations = limit;
      int calls = 0;
      ritz_krylov *solver;
      ritz_solve_report report;
      assert_ok(ritz_krylov_create(RITZ_REAL_DOUBLE, 40, &options, &solver));
      ritz_krylov_set_operator(solver, sloppy, &calls);
      assert_ok(ritz_krylov_solve(solver, b, x, &report));
      assert_true(report.reason < 0 && report.residual > 1e-10);
      assert_true(report.iterations <= limit);
      const double *history;
      const int recorded = ritz_krylov_history(solver, &history);
      assert_true(recorded <= limit + 1);
      for (int i = 0; i < recorded && turn == 0; i++)
        if (history[i] <= 1e-10 && i < limit) limit = i;
      ritz_krylov_destroy(&solver);
    }
  }
}

static int add_nothing(void *user, double *values, int count) {
  int *const left = user;
  return (*left)-- == 0;
}

static void a_failed_sum_is_a_reason(void **state) {
  static matrix m;
  double b[most], x[most];
  int count;
  const ritz_krylov_method *method = ritz_krylov_methods(&count);
  fill_uniform(4, most, b);
  fill(&m, 30, RITZ_REAL_DOUBLE, true, false);
  for (int k = 0; k < count; k++)
    for (int after = 0; after < 12; after++) {
      int left = after;
      ritz_krylov *solver = solver_of(method[k].name, RITZ_REAL_DOUBLE, 30, 1e-12);
      ritz_krylov_set_operator(solver, multiply, &m);
      ritz_krylov_set_sum(solver, add_nothing, &left);
      ritz_solve_report report;
      assert_ok(ritz_krylov_solve(solver, b, x, &report));
      assert_int_equal(report.reason, RITZ_SOLVE_SUM_FAILED);
      ritz_krylov_destroy(&solver);
    }
}

static void refuses_bad_options(void **state) {
  ritz_krylov *solver;
  ritz_krylov_options good, bad;
  ritz_krylov_options_defaults(&good);
#define REFUSED(field, value)                                                                  \
  bad = good;                                                                                  \
  bad.field = value;                                                                           \
  assert_int_equal(ritz_krylov_create(RITZ_REAL_DOUBLE, 5, &bad, &solver), RITZ_ERR_ARGUMENT); \
  assert_message_contains(#field);                                                             \
  assert_null(solver)
  REFUSED(rtol, -1);
  REFUSED(rtol, NAN);
  REFUSED(atol, -1);
  REFUSED(dtol, 0.5);
  REFUSED(max_iterations, -1);
  REFUSED(restart, 0);
  REFUSED(recycle, -1);
  REFUSED(recycle, good.restart);
  REFUSED(block, 0);
  REFUSED(side, 7);
  REFUSED(orthogonalization, 7);
  REFUSED(qr, 7);
  REFUSED(threads, -1);
#undef REFUSED
  bad = good;
  bad.method = "gcrdor";
  assert_int_equal(ritz_krylov_create(RITZ_REAL_DOUBLE, 5, &bad, &solver), RITZ_ERR_NOT_FOUND);
  assert_message_contains("gcrodr");
  assert_int_equal(ritz_krylov_create(RITZ_REAL_DOUBLE, -1, &good, &solver), RITZ_ERR_ARGUMENT);
  double b[5] = {1}, x[5];
  ritz_solve_report report;
  assert_ok(ritz_krylov_create(RITZ_REAL_DOUBLE, 5, &good, &solver));
  assert_int_equal(ritz_krylov_solve(solver, b, x, &report), RITZ_ERR_ARGUMENT);
  char text[1024];
  assert_true(ritz_krylov_view(solver, sizeof text, text) < (int)sizeof text);
  assert_non_null(strstr(text, "restart: 30"));
  ritz_krylov_destroy(&solver);
}

static void survives_every_failed_allocation(void **state) {
  int count;
  const ritz_krylov_method *method = ritz_krylov_methods(&count);
  for (int k = 0; k < count; k++) {
    ritz_krylov_options options;
    ritz_krylov_options_defaults(&options);
    options.method = method[k].name;
    ritz_krylov *solver;
    long fail = 0;
    while (
        creation_fails(fail, solver, ritz_krylov_create(RITZ_REAL_DOUBLE, 10, &options, &solver)))
      fail++;
    assert_true(fail > 5);
    ritz_krylov_destroy(&solver);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(everything_bad_has_a_reason),
      cmocka_unit_test(conjugate_gradients_refuse_indefinite_operators),
      cmocka_unit_test(monitors_are_stacked_and_can_stop),
      cmocka_unit_test(limits_are_reasons),
      cmocka_unit_test(the_limit_holds_where_the_recurrence_errs),
      cmocka_unit_test(a_failed_sum_is_a_reason),
      cmocka_unit_test(refuses_bad_options),
      cmocka_unit_test(survives_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
