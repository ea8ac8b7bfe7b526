/* SPDX-License-Identifier: BSD-3-Clause
 * The conformance test of all Krylov methods in all scalars. */
#include "allocations.h"
#include "krylov_matrix.h"

static void solves_systems_of_awkward_sizes(void **state) {
  static const int sizes[] = {1, 2, 3, 17, 64, 101};
  static matrix m;
  double _Complex b[most], x[most];
  int count;
  const ritz_krylov_method *method = ritz_krylov_methods(&count);
  for (int k = 0; k < count; k++)
    for (ritz_scalar scalar = RITZ_REAL_FLOAT; scalar <= RITZ_COMPLEX_DOUBLE; scalar++)
      for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int preconditioned = 0; preconditioned < 2; preconditioned++) {
          const int n = sizes[i];
          const double rtol = scalar % 2 ? 1e-10 : 2e-5;
          fill(&m, n, scalar, method[k].hermitian, false);
          fill_vector(scalar, n, 4, b);
          ritz_krylov *solver = solver_of(method[k].name, scalar, n, rtol);
          ritz_krylov_set_operator(solver, multiply, &m);
          if (preconditioned) ritz_krylov_set_preconditioner(solver, by_diagonal, &m);
          for (int turn = 0; turn < 3; turn++) { /* the later ones start from a recycle space */
            ritz_solve_report report;
            assert_ok(ritz_krylov_solve(solver, b, x, &report));
            if (report.reason != RITZ_SOLVE_CONVERGED)
              fail_msg("%s, scalar %d, n = %d, turn %d: %s at %g", method[k].name, scalar, n, turn,
                       ritz_solve_reason_text(report.reason), report.residual);
            const double limit = method[k].norm == RITZ_NORM_NATURAL ? 5 * rtol : rtol;
            assert_true(report.residual <= limit * (1 + 1e-4));
            assert_near(report.residual, residual(&m, b, x), 2e-6);
          }
          ritz_krylov_destroy(&solver);
          assert_null(solver);
        }
}

static void indefinite_systems_are_for_minres_and_gmres(void **state) {
  static const char *const names[] = {"minres", "recycled_minres", "gmres", "gcrodr"};
  static matrix m;
  double _Complex b[most], x[most];
  for (int k = 0; k < 4; k++)
    for (ritz_scalar scalar = RITZ_REAL_DOUBLE; scalar <= RITZ_COMPLEX_DOUBLE; scalar += 2) {
      fill(&m, 41, scalar, true, true);
      fill_vector(scalar, 41, 4, b);
      ritz_krylov *solver = solver_of(names[k], scalar, 41, 1e-9);
      ritz_krylov_set_operator(solver, multiply, &m);
      for (int turn = 0; turn < 3; turn++) {
        ritz_solve_report report;
        assert_ok(ritz_krylov_solve(solver, b, x, &report));
        assert_int_equal(report.reason, RITZ_SOLVE_CONVERGED);
        assert_true(residual(&m, b, x) <= 1e-9 * (1 + 1e-6));
      }
      ritz_krylov_destroy(&solver);
    }
}

/* Vectors of several chunks and more columns than complex kernels take at once; the diagonal is far
 * from real. */
typedef struct ladder {
  int n;
  ritz_scalar scalar;
} ladder;

static int climb(void *user, const void *x, void *y) {
  const ladder *l = user;
  for (int i = 0; i < l->n; i++) {
    double _Complex sum =
        CMPLX(2.2, l->scalar >= RITZ_COMPLEX_FLOAT ? 0.3 : 0) * get(l->scalar, x, i);
    if (i > 0) sum -= get(l->scalar, x, i - 1);
    if (i + 1 < l->n) sum -= 0.9 * get(l->scalar, x, i + 1);
    set(l->scalar, y, i, sum);
  }
  return 0;
}

static void long_vectors_are_solved(void **state) {
  enum { n = 4999 };
  static double _Complex b[n], x[n], r[n];
  for (ritz_scalar scalar = RITZ_REAL_FLOAT; scalar <= RITZ_COMPLEX_DOUBLE; scalar++) {
    ladder l = {n, scalar};
    ritz_krylov_options options;
    ritz_krylov_options_defaults(&options);
    options.rtol = scalar % 2 ? 1e-10 : 1e-4;
    options.restart = 50, options.recycle = 13;
    ritz_krylov *solver;
    assert_ok(ritz_krylov_create(scalar, n, &options, &solver));
    ritz_krylov_set_operator(solver, climb, &l);
    for (int system = 0; system < 2; system++) {
      for (int i = 0; i < n; i++) set(scalar, b, i, CMPLX(sin(i + system), cos(3 * i)));
      ritz_solve_report report;
      assert_ok(ritz_krylov_solve(solver, b, x, &report));
      assert_int_equal(report.reason, RITZ_SOLVE_CONVERGED);
      climb(&l, x, r);
      double rr = 0, bb = 0;
      for (int i = 0; i < n; i++) {
        rr += pow(cabs(get(scalar, b, i) - get(scalar, r, i)), 2);
        bb += pow(cabs(get(scalar, b, i)), 2);
      }
      assert_true(sqrt(rr / bb) < 1.1 * options.rtol);
    }
    ritz_krylov_destroy(&solver);
  }
}

enum { several = 5 };

/* Column 3 repeats column 1, column 4 is zero. */
static void fill_columns(const matrix *m, char *b) {
  const size_t column = (size_t)m->n * ritz_scalar_size(m->scalar);
  for (int j = 0; j < 3; j++) fill_vector(m->scalar, m->n, 20 + (unsigned)j, b + j * column);
  memcpy(b + 3 * column, b + column, column);
  for (int i = 0; i < m->n; i++) set(m->scalar, b + 4 * column, i, 0);
}

static void several_right_hand_sides_are_solved(void **state) {
  static const int sizes[] = {1, 4, 17, 64};
  static matrix m;
  static double _Complex b[several * most], x[several * most];
  int count;
  const ritz_krylov_method *method = ritz_krylov_methods(&count);
  for (int k = 0; k < count; k++)
    for (ritz_scalar scalar = RITZ_REAL_FLOAT; scalar <= RITZ_COMPLEX_DOUBLE; scalar++)
      for (int i = 0; i < 4; i++) {
        const double rtol = scalar % 2 ? 1e-9 : 5e-5;
        const size_t column = (size_t)sizes[i] * ritz_scalar_size(scalar);
        ritz_solve_report reports[several], alone;
        fill(&m, sizes[i], scalar, method[k].hermitian, false);
        fill_columns(&m, (char *)b);
        ritz_krylov *solver = solver_of(method[k].name, scalar, sizes[i], rtol);
        ritz_krylov_set_operator(solver, multiply, &m);
        ritz_krylov_set_preconditioner(solver, by_diagonal, &m);
        assert_ok(ritz_krylov_solve_many(solver, several, b, x, reports));
        for (int j = 0; j < several; j++) {
          const char *bj = (const char *)b + (size_t)j * column;
          const char *xj = (const char *)x + (size_t)j * column;
          assert_int_equal(reports[j].reason, j < 4 ? RITZ_SOLVE_CONVERGED : RITZ_SOLVE_ZERO_RHS);
          if (j < 4) assert_true(residual(&m, bj, xj) <= 6 * rtol);
          if (j < 4) assert_near(reports[j].residual, residual(&m, bj, xj), 2e-6);
          if (j == 4) assert_true(get(scalar, xj, 0) == 0);
        }
        assert_ok(ritz_krylov_solve(solver, b, x, &alone));
        assert_int_equal(alone.reason, RITZ_SOLVE_CONVERGED);
        if (strcmp(method[k].name, "cg") == 0 || strcmp(method[k].name, "block_gmres") == 0)
          assert_true(reports[0].iterations <= alone.iterations);
        assert_ok(ritz_krylov_solve_many(solver, 0, b, x, reports));
        assert_int_equal(ritz_krylov_solve_many(solver, -1, b, x, reports), RITZ_ERR_ARGUMENT);
        ritz_krylov_destroy(&solver);
      }
}

/* Reasons are those of one right-hand side; guesses are taken; memory may fail. */
static void blocks_have_reasons_too(void **state) {
  static matrix m;
  static double b[several * most], x[several * most];
  ritz_solve_report reports[several];
  ritz_krylov_options options;
  ritz_krylov_options_defaults(&options);
  options.method = "cg", options.rtol = 1e-9, options.initial_guess = true;
  ritz_krylov *solver;
  assert_ok(ritz_krylov_create(RITZ_REAL_DOUBLE, 40, &options, &solver));
  ritz_krylov_set_operator(solver, multiply, &m);
  fill(&m, 40, RITZ_REAL_DOUBLE, true, false);
  fill_columns(&m, (char *)b);
  fill_uniform(3, several * 40, x);
  assert_ok(ritz_krylov_solve_many(solver, 3, b, x, reports));
  assert_int_equal(reports[2].reason, RITZ_SOLVE_CONVERGED);
  assert_true(reports[2].initial_residual > 0.5 && reports[2].iterations > 1);
  assert_ok(ritz_krylov_solve_many(solver, 3, b, x, reports));
  assert_int_equal(reports[0].iterations, 0); /* the guess is the solution */
  long k = 0;
  while (memory_fails(k, ritz_krylov_solve_many(solver, 4, b, x, reports))) {
    assert_ok(ritz_krylov_solve(solver, b, x, reports)); /* it still works */
    k++;
  }
  m.fail_at = m.calls + 9;
  fill_uniform(3, several * 40, x);
  assert_ok(ritz_krylov_solve_many(solver, 3, b, x, reports));
  assert_int_equal(reports[1].reason, RITZ_SOLVE_OPERATOR_FAILED);
  m.fail_at = 0;
  b[50] = NAN;
  assert_ok(ritz_krylov_solve_many(solver, 3, b, x, reports));
  assert_int_equal(reports[1].reason, RITZ_SOLVE_NOT_FINITE);
  assert_int_equal(reports[0].reason, RITZ_SOLVE_CONVERGED); /* none the worse */
  fill_columns(&m, (char *)b);
  fill(&m, 40, RITZ_REAL_DOUBLE, true, true);
  assert_ok(ritz_krylov_solve_many(solver, 3, b, x, reports));
  assert_int_equal(reports[0].reason, RITZ_SOLVE_INDEFINITE_OPERATOR);
  ritz_krylov_destroy(&solver);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(solves_systems_of_awkward_sizes),
      cmocka_unit_test(indefinite_systems_are_for_minres_and_gmres),
      cmocka_unit_test(long_vectors_are_solved),
      cmocka_unit_test(several_right_hand_sides_are_solved),
      cmocka_unit_test(blocks_have_reasons_too),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
