/* SPDX-License-Identifier: BSD-3-Clause
 * What stands for the orthonormal C of a recycle space. */
#include "krylov_matrix.h"

enum { n = 97, k = 6 };

static ritz_krylov *create(matrix *m, ritz_orthogonalization how, ritz_krylov_side side) {
  ritz_krylov_options options;
  ritz_krylov *solver;
  ritz_krylov_options_defaults(&options);
  options.restart = 15, options.recycle = k, options.rtol = 1e-10, options.side = side;
  options.orthogonalization = how;
  assert_ok(ritz_krylov_create(RITZ_REAL_DOUBLE, n, &options, &solver));
  ritz_krylov_set_operator(solver, multiply, m);
  return solver;
}

static ritz_solve_reason solve(ritz_krylov *solver, const matrix *m, unsigned seed) {
  double b[n], x[n];
  ritz_solve_report report;
  fill_uniform(seed, n, b);
  assert_ok(ritz_krylov_solve(solver, b, x, &report));
  assert_near(residual(m, b, x), report.residual, 1e-13);
  return report.reason;
}

/* C* C = I and A U = C F. */
static void check(const ritz_recycle *space, matrix *m) {
  double c[k][n], step[n], product[n];
  for (int j = 0; j < space->dimension; j++) product_of(space, j, c[j]);
  for (int j = 0; j < space->dimension; j++) {
    step_of(space, j, step);
    multiply(m, step, product);
    for (int i = 0; i < n; i++) assert_near(product[i], c[j][i], 1e-10);
    for (int l = 0; l < space->dimension; l++) {
      double sum = 0;
      for (int i = 0; i < n; i++) sum += c[j][i] * c[l][i];
      assert_near(sum, j == l, 1e-12);
    }
  }
}

static bool is_identity(const ritz_recycle *space, const void *of) {
  const double *unit = of;
  for (int i = 0; i < space->dimension * space->dimension; i++)
    if (unit[i] != (i % (space->dimension + 1) == 0)) return false;
  return true;
}

/* Forty updates and more of one operator add up no more than rounding; columns that are projected
 * out one by one are orthonormal themselves. */
static void updates_keep_products_orthonormal(void **state) {
  static matrix m;
  fill(&m, n, RITZ_REAL_DOUBLE, false, true);
  for (int mgs = 0; mgs < 2; mgs++) {
    ritz_krylov *solver =
        create(&m, mgs ? RITZ_ORTHOGONALIZE_MGS : RITZ_ORTHOGONALIZE_CGS2, RITZ_RIGHT);
    for (unsigned system = 0; system < 20; system++) {
      assert_int_equal(solve(solver, &m, 10 + system), RITZ_SOLVE_CONVERGED);
      const ritz_recycle *space = ritz_krylov_recycle(solver);
      check(space, &m);
      assert_int_equal(is_identity(space, space->unit), mgs);
    }
    ritz_krylov_destroy(&solver);
  }
}

/* Columns that have come to lengths far apart, where a choice among them would cost digits. */
static void products_close_to_dependent_are_made_whole(void **state) {
  static matrix m;
  fill(&m, n, RITZ_REAL_DOUBLE, false, true);
  ritz_krylov *solver = create(&m, RITZ_ORTHOGONALIZE_CGS2, RITZ_LEFT);
  assert_int_equal(solve(solver, &m, 10), RITZ_SOLVE_CONVERGED);
  ritz_recycle *space = ritz_krylov_recycle(solver);
  double *c = space->c, *unit = space->unit;
  assert_false(is_identity(space, space->unit));
  for (int i = 0; i < n; i++) c[i] /= 1024;
  for (int j = 0; j < space->dimension; j++) unit[j * space->dimension] *= 1024;
  check(space, &m);
  solver->options.max_iterations = 9; /* one cycle, one update */
  assert_int_equal(solve(solver, &m, 11), RITZ_SOLVE_MAX_ITERATIONS);
  check(space, &m);
  assert_true(is_identity(space, space->unit));
  ritz_krylov_destroy(&solver);
}

/* Column 1 of a matrix becomes column 0 and little of what it was. */
static void lean(ritz_index rows, ritz_index ld, void *of) {
  double *column = of;
  for (ritz_index i = 0; i < rows; i++) column[ld + i] = column[i] + 1e-5 * column[ld + i];
}

/* Directions that many updates have brought close to dependent: the next one makes a basis whose
 * products are orthonormal. */
static void directions_close_to_dependent_are_made_anew(void **state) {
  static matrix m;
  fill(&m, n, RITZ_REAL_DOUBLE, false, true);
  for (int side = RITZ_LEFT; side <= RITZ_RIGHT; side++) {
    ritz_krylov *solver = create(&m, RITZ_ORTHOGONALIZE_CGS2, (ritz_krylov_side)side);
    assert_int_equal(solve(solver, &m, 10), RITZ_SOLVE_CONVERGED);
    ritz_recycle *space = ritz_krylov_recycle(solver);
    assert_false(is_identity(space, space->f));
    assert_true(space->dimension > 1);
    lean(n, space->ld, space->u);
    if (space->t) lean(n, space->ld, space->t);
    lean(space->dimension, space->dimension, space->f);
    lean(space->dimension, space->dimension, space->s);
    check(space, &m);
    solver->options.max_iterations = 9; /* one cycle, one update */
    assert_int_equal(solve(solver, &m, 11), RITZ_SOLVE_MAX_ITERATIONS);
    check(space, &m);
    assert_true(is_identity(space, space->f));
    solver->options.max_iterations = 1000;
    assert_int_equal(solve(solver, &m, 12), RITZ_SOLVE_CONVERGED);
    check(space, &m);
    ritz_krylov_destroy(&solver);
  }
}

typedef struct glance {
  ritz_krylov *solver;
  matrix *m;
  int seen;
} glance;

/* T of a space that had none, before the first cycle has renewed it: A U. */
static bool look_at_targets(void *user, int iteration, double value) {
  glance *w = user;
  const ritz_recycle *space = w->solver->space;
  const double *t = space->t;
  double product[n];
  if (iteration != 0) return true;
  assert_true(space->has_targets);
  for (int j = 0; j < space->dimension; j++) {
    multiply(w->m, ritz_recycle_direction(space, j), product);
    for (int i = 0; i < n; i++) assert_near(t[j * space->ld + i], product[i], 1e-10);
  }
  w->seen++;
  return true;
}

static void targets_are_guessed_from_any_basis(void **state) {
  static matrix m;
  fill(&m, n, RITZ_REAL_DOUBLE, false, true);
  ritz_krylov *solver = create(&m, RITZ_ORTHOGONALIZE_CGS2, RITZ_RIGHT);
  assert_int_equal(solve(solver, &m, 10), RITZ_SOLVE_CONVERGED);
  const ritz_recycle *space = ritz_krylov_recycle(solver);
  assert_false(is_identity(space, space->unit));
  glance w = {solver, &m, 0};
  ritz_krylov_set_preconditioner(solver, by_diagonal, &m);
  assert_ok(ritz_krylov_add_monitor(solver, look_at_targets, &w));
  assert_int_equal(solve(solver, &m, 11), RITZ_SOLVE_CONVERGED);
  assert_int_equal(w.seen, 1);
  check(space, &m);
  ritz_krylov_destroy(&solver);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(updates_keep_products_orthonormal),
      cmocka_unit_test(products_close_to_dependent_are_made_whole),
      cmocka_unit_test(directions_close_to_dependent_are_made_anew),
      cmocka_unit_test(targets_are_guessed_from_any_basis),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
