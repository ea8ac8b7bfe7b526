/* SPDX-License-Identifier: BSD-3-Clause
 * What the last update of a system leaves to the next. */
#include "krylov_matrix.h"

/* What a system with another operator leaves out of its last update is made up for from the bases
 * of the cycle: without products where that operator stays, and to the bit what a solver makes
 * whose space is looked at. One that has seen its operator before leaves out nothing. */
static void put_off_products_cost_nothing(void **state) {
  static matrix m;
  double b[most], x[2][most];
  fill(&m, 97, RITZ_REAL_DOUBLE, false, true);
  for (int side = RITZ_LEFT; side <= RITZ_RIGHT; side++) {
    ritz_solve_report report[2];
    ritz_krylov *solver[2];
    ritz_krylov_options options;
    ritz_krylov_options_defaults(&options);
    options.restart = 15, options.recycle = 6, options.rtol = 1e-9, options.side = side;
    for (int looked = 0; looked < 2; looked++) {
      assert_ok(ritz_krylov_create(RITZ_REAL_DOUBLE, 97, &options, &solver[looked]));
      ritz_krylov_set_operator(solver[looked], multiply, &m);
      ritz_krylov_set_preconditioner(solver[looked], by_diagonal, &m);
      for (int system = 0; system < 4; system++) {
        const ritz_recycle *space = solver[looked]->space;
        const int fresh = system == 1 ? space->dimension : 0; /* directions to be multiplied */
        if (fresh) ritz_krylov_set_operator(solver[looked], multiply, &m);
        fill_uniform(10 + (unsigned)system, 97, b);
        assert_ok(ritz_krylov_solve(solver[looked], b, x[looked], &report[looked]));
        assert_int_equal(report[looked].reason, RITZ_SOLVE_CONVERGED);
        assert_int_equal(report[looked].products, report[looked].iterations + 1 + fresh);
        assert_true(space->debtor == (fresh ? solver[looked] : NULL));
        assert_int_equal(space->current, fresh == 0);
        if (looked) assert_true(ritz_krylov_recycle(solver[looked])->current);
      }
    }
    assert_memory_equal(x[0], x[1], 97 * sizeof(double));
    for (int i = 0; i < 2; i++) ritz_krylov_destroy(&solver[i]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(put_off_products_cost_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
