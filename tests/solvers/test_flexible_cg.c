/* SPDX-License-Identifier: BSD-3-Clause
 * Flexible conjugate gradients, and which methods take a preconditioner that changes: what is known
 * beyond the conformance of all methods in test_krylov.c. */
#include <math.h>
#include <string.h>

#include "five_point.h"
#include "solvers/krylov/method.h"
#include "support.h"

enum { side = 14, n = side * side, steps = 40 };

typedef struct problem {
  five_point a;
  double k[(side + 2) * (side + 2)], b[n], x[n];
  int calls;                       /* of the preconditioner */
  double previous[n], d[steps][n]; /* steps of x */
} problem;

static void fill(problem *p) {
  *p = (problem){.a = {.n = side, .k = p->k}};
  five_point_fill(&p->a, 2);
  fill_uniform(5, n, p->b);
}

/* The same direction, of another length in every call. */
static int jacobi_of_any_length(void *user, const void *r, void *z) {
  problem *p = user;
  five_point_jacobi(&p->a, r, z);
  for (int i = 0; i < n; i++) ((double *)z)[i] *= 1 + 0.9 * sin(p->calls);
  p->calls++;
  return 0;
}

/* Another direction in every call, and not linear. */
static int wayward(void *user, const void *rv, void *zv) {
  problem *p = user;
  const double *r = rv;
  double *z = zv;
  five_point_jacobi(&p->a, r, z);
  for (int i = 0; i < n; i++) z[i] *= 1 + 0.3 * sin(i * ++p->calls) + 0.1 * tanh(r[i]);
  return 0;
}

static int backwards(void *user, const void *r, void *z) {
  for (int i = 0; i < n; i++) ((double *)z)[i] = -((const double *)r)[i];
  return 0;
}

static bool keep_step(void *user, int iteration, double residual) {
  problem *p = user;
  for (int i = 0; iteration > 0 && iteration <= steps && i < n; i++)
    p->d[iteration - 1][i] = p->x[i] - p->previous[i];
  memcpy(p->previous, p->x, sizeof p->x);
  return true;
}

typedef struct outcome {
  ritz_solve_report report;
  double history[400];
} outcome;

static outcome solve(problem *p, const char *method, int restart, int refresh, ritz_krylov_map *m) {
  ritz_krylov_options o;
  ritz_krylov *solver;
  outcome out;
  const double *history;
  ritz_krylov_options_defaults(&o);
  o.method = method;
  o.rtol = 1e-9;
  o.restart = restart;
  o.recycle = 0;
  o.refresh = refresh;
  o.max_iterations = 399;
  fill(p);
  assert_ok(ritz_krylov_create(RITZ_REAL_DOUBLE, n, &o, &solver));
  ritz_krylov_set_operator(solver, five_point_apply, &p->a);
  ritz_krylov_set_preconditioner(solver, m, p);
  assert_ok(ritz_krylov_add_monitor(solver, keep_step, p));
  assert_ok(ritz_krylov_solve(solver, p->b, p->x, &out.report));
  const int count = ritz_krylov_history(solver, &history);
  memcpy(out.history, history, (size_t)count * sizeof *history);
  ritz_krylov_destroy(&solver);
  return out;
}

static int jacobi(void *user, const void *r, void *z) {
  return five_point_jacobi(&((problem *)user)->a, r, z);
}

/* Rounding errors take different courses later on. */
static void assert_same_course(const outcome *a, const outcome *b) {
  assert_int_equal(a->report.reason, RITZ_SOLVE_CONVERGED);
  assert_in_range(a->report.iterations, b->report.iterations - 1, b->report.iterations + 1);
  for (int i = 0; i <= 15; i++) assert_near(a->history[i] / b->history[i], 1, 1e-8);
}

/* The identity too: whatever the window, and wherever r comes from. */
static void a_fixed_preconditioner_gives_conjugate_gradients(void **state) {
  static problem p;
  static const int restart[] = {1, 2, 20}, refresh[] = {0, 1, 7};
  ritz_krylov_map *const m[] = {NULL, jacobi};
  for (int k = 0; k < 2; k++) {
    const outcome cg = solve(&p, "cg", 1, 0, m[k]);
    for (int i = 0; i < 3; i++)
      for (int j = 0; j < 3; j++) {
        const outcome flexible = solve(&p, "flexible_cg", restart[i], refresh[j], m[k]);
        assert_same_course(&flexible, &cg);
      }
  }
}

static void the_length_of_an_answer_does_not_matter(void **state) {
  static problem p;
  const outcome fixed = solve(&p, "cg", 1, 0, jacobi);
  const outcome flexible = solve(&p, "flexible_cg", 2, 0, jacobi_of_any_length);
  assert_same_course(&flexible, &fixed);
}

/* |d_i . A d_j| over their lengths in the norm of A. */
static double angle(problem *p, int i, int j) {
  static double ad[n], ae[n];
  double ij = 0, ii = 0, jj = 0;
  five_point_apply(&p->a, p->d[i], ad);
  five_point_apply(&p->a, p->d[j], ae);
  for (int k = 0; k < n; k++) {
    ij += p->d[j][k] * ad[k];
    ii += p->d[i][k] * ad[k];
    jj += p->d[j][k] * ae[k];
  }
  return fabs(ij) / sqrt(ii * jj);
}

static void directions_are_conjugate_within_the_window(void **state) {
  static problem p;
  enum { window = 3 };
  const outcome out = solve(&p, "flexible_cg", window, 0, wayward);
  assert_int_equal(out.report.reason, RITZ_SOLVE_CONVERGED);
  assert_true(out.report.iterations >= 20);
  double within = 0, beyond = 0;
  for (int i = 0; i < 20; i++)
    for (int j = 0; j < i; j++) {
      double *const largest = i - j <= window ? &within : &beyond;
      *largest = fmax(*largest, angle(&p, i, j));
    }
  assert_true(within < 1e-9); /* differences of x have lost digits */
  assert_true(beyond > 1e-3);
}

static void short_recurrences_are_slower_with_a_changing_preconditioner(void **state) {
  static problem p;
  const ritz_solve_report flexible = solve(&p, "flexible_cg", 30, 0, wayward).report;
  const ritz_solve_report plain = solve(&p, "cg", 1, 0, wayward).report;
  assert_int_equal(flexible.reason, RITZ_SOLVE_CONVERGED);
  assert_true(plain.reason < 0 || plain.iterations > 1.2 * flexible.iterations);
}

static void a_refreshed_residual_costs_a_product(void **state) {
  static problem p;
  const outcome plain = solve(&p, "flexible_cg", 2, 0, wayward);
  const outcome deep = solve(&p, "flexible_cg", 2, 1, wayward);
  assert_int_equal(plain.report.products, plain.report.iterations + 1);
  assert_int_equal(deep.report.products, 2 * deep.report.iterations);
  assert_true(deep.report.residual <= 1e-9);
}

static void directions_that_go_up_are_a_reason(void **state) {
  static problem p;
  assert_int_equal(solve(&p, "flexible_cg", 2, 0, backwards).report.reason,
                   RITZ_SOLVE_INDEFINITE_PRECONDITIONER);
}

static ritz_status set_changing(const char *method, ritz_krylov_side at) {
  ritz_krylov_options o;
  ritz_krylov *solver;
  ritz_krylov_options_defaults(&o);
  o.method = method;
  o.side = at;
  assert_ok(ritz_krylov_create(RITZ_REAL_DOUBLE, n, &o, &solver));
  const ritz_status status = ritz_krylov_set_flexible_preconditioner(solver, backwards, NULL);
  ritz_krylov_destroy(&solver);
  return status;
}

static void methods_that_need_a_fixed_preconditioner_refuse_others(void **state) {
  int count;
  const ritz_krylov_method *method = ritz_krylov_methods(&count);
  for (int k = 0; k < count; k++)
    for (int s = 0; s < 2; s++) {
      const ritz_krylov_side at = s ? RITZ_RIGHT : RITZ_LEFT;
      const char *name = method[k].name;
      const bool takes = strcmp(name, "flexible_cg") == 0 ||
                         (s && (strstr(name, "gmres") || strstr(name, "gcrodr")));
      assert_int_equal(set_changing(name, at), takes ? RITZ_OK : RITZ_ERR_ARGUMENT);
      if (takes) continue;
      assert_message_contains(name);
      assert_message_contains("flexible_cg, gmres with M on the right, gcrodr");
    }
}

static void refresh_is_not_negative(void **state) {
  ritz_krylov_options o;
  ritz_krylov *solver;
  ritz_krylov_options_defaults(&o);
  o.refresh = -1;
  assert_int_equal(ritz_krylov_create(RITZ_REAL_DOUBLE, n, &o, &solver), RITZ_ERR_ARGUMENT);
  assert_message_contains("refresh is -1");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_fixed_preconditioner_gives_conjugate_gradients),
      cmocka_unit_test(the_length_of_an_answer_does_not_matter),
      cmocka_unit_test(directions_are_conjugate_within_the_window),
      cmocka_unit_test(short_recurrences_are_slower_with_a_changing_preconditioner),
      cmocka_unit_test(a_refreshed_residual_costs_a_product),
      cmocka_unit_test(directions_that_go_up_are_a_reason),
      cmocka_unit_test(methods_that_need_a_fixed_preconditioner_refuse_others),
      cmocka_unit_test(refresh_is_not_negative),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
