/* SPDX-License-Identifier: BSD-3-Clause
 * What stands for the orthonormal C of a recycle space. */
#include "krylov_matrix.h"

enum { n = 97, k = 6 };

static bool is_float(ritz_scalar scalar) {
  return scalar == RITZ_REAL_FLOAT || scalar == RITZ_COMPLEX_FLOAT;
}

static ritz_krylov *create(matrix *m, ritz_orthogonalization how, ritz_krylov_side side) {
  ritz_krylov_options options;
  ritz_krylov *solver;
  ritz_krylov_options_defaults(&options);
  options.restart = 15, options.recycle = k, options.rtol = is_float(m->scalar) ? 1e-4 : 1e-10;
  options.side = side, options.orthogonalization = how;
  assert_ok(ritz_krylov_create(m->scalar, n, &options, &solver));
  ritz_krylov_set_operator(solver, multiply, m);
  return solver;
}

static ritz_solve_reason solve(ritz_krylov *solver, const matrix *m, unsigned seed) {
  double _Complex b[n], x[n];
  ritz_solve_report report;
  fill_vector(m->scalar, n, seed, b);
  assert_ok(ritz_krylov_solve(solver, b, x, &report));
  assert_near(residual(m, b, x), report.residual, is_float(m->scalar) ? 1e-5 : 1e-13);
  return report.reason;
}

static bool is_identity(const ritz_recycle *space, const void *of) {
  for (int i = 0; i < space->dimension * space->dimension; i++)
    if (get(wide_scalar(space), of, i) != (i % (space->dimension + 1) == 0)) return false;
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
      check_products(space, &m, 1e-10, 1e-12);
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
  check_products(space, &m, 1e-10, 1e-12);
  solver->options.max_iterations = 9; /* one cycle, one update */
  assert_int_equal(solve(solver, &m, 11), RITZ_SOLVE_MAX_ITERATIONS);
  check_products(space, &m, 1e-10, 1e-12);
  assert_true(is_identity(space, space->unit));
  ritz_krylov_destroy(&solver);
}

/* Column 1 of a matrix becomes column 0 and little of what it was. */
static void lean(ritz_scalar scalar, double little, ritz_index rows, ritz_index ld, void *of) {
  for (int i = 0; i < rows; i++) {
    const int at = (int)ld + i;
    set(scalar, of, at, get(scalar, of, i) + little * get(scalar, of, at));
  }
}

/* Directions that many updates have brought close to dependent: the next one makes a basis whose
 * products are orthonormal. */
static void directions_close_to_dependent_are_made_anew(void **state) {
  static matrix m;
  for (int run = 0; run < 8; run++) {
    const ritz_scalar scalar = (ritz_scalar)(run / 2);
    const bool narrow = is_float(scalar);
    const double little = narrow ? 1e-3 : 1e-5; /* what it takes off the digits of A U = C F: */
    const double equal = narrow ? 1e-4 : 1e-10, orthonormal = narrow ? 1e-5 : 1e-12;
    fill(&m, n, scalar, false, true);
    ritz_krylov *solver =
        create(&m, RITZ_ORTHOGONALIZE_CGS2, run % 2 == 0 ? RITZ_LEFT : RITZ_RIGHT);
    assert_int_equal(solve(solver, &m, 10), RITZ_SOLVE_CONVERGED);
    ritz_recycle *space = ritz_krylov_recycle(solver);
    const int dimension = space->dimension;
    assert_false(is_identity(space, space->f));
    assert_true(dimension > 1);
    lean(scalar, little, n, space->ld, space->u);
    if (space->t) lean(scalar, little, n, space->ld, space->t);
    lean(wide_scalar(space), little, dimension, dimension, space->f);
    lean(wide_scalar(space), little, dimension, dimension, space->s);
    check_products(space, &m, equal, orthonormal);
    solver->options.max_iterations = 9; /* one cycle, one update */
    solver->options.rtol /= 1e3;
    assert_int_equal(solve(solver, &m, 11), RITZ_SOLVE_MAX_ITERATIONS);
    check_products(space, &m, equal, orthonormal);
    assert_true(is_identity(space, space->f));
    solver->options.max_iterations = 1000;
    solver->options.rtol *= 1e3;
    assert_int_equal(solve(solver, &m, 12), RITZ_SOLVE_CONVERGED);
    check_products(space, &m, equal, orthonormal);
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
  check_products(space, &m, 1e-10, 1e-12);
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
