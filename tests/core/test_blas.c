/* SPDX-License-Identifier: BSD-3-Clause */
#include <cblas.h>
#include <ritz/krylov.h>

#include "core/blas.h"
#include "core/threads.h"
#include "support.h"

/* Two threads of OpenBLAS, as it has by itself wherever there are two processors. */
static int two_threads(void **state) {
  openblas_set_num_threads(2);
  return openblas_get_num_threads() == 2 ? 0 : -1;
}

static void setting_comes_back_with_last_release(void **state) {
  ritz_blas_hold();
  ritz_blas_hold();
  assert_int_equal(openblas_get_num_threads(), 1);
  ritz_blas_release();
  assert_int_equal(openblas_get_num_threads(), 1);
  ritz_blas_release();
  assert_int_equal(openblas_get_num_threads(), 2);
}

static void look(void *arg, ritz_index chunk, int thread) {
  ((int *)arg)[chunk] = openblas_get_num_threads();
}

static void tasks_have_blas_to_themselves(void **state) {
  for (int threads = 1; threads <= 2; threads++) {
    int seen[3] = {0};
    ritz_parallel(threads, 3, look, seen);
    for (int i = 0; i < 3; i++) assert_int_equal(seen[i], 1);
    assert_int_equal(openblas_get_num_threads(), 2);
  }
}

/* y = 2 x, and what the caller's own code finds set. */
static int twice(void *seen, const void *x, void *y) {
  *(int *)seen = openblas_get_num_threads();
  for (int i = 0; i < 4; i++) ((double *)y)[i] = 2 * ((const double *)x)[i];
  return 0;
}

static void callbacks_of_solvers_find_the_callers_setting(void **state) {
  const double b[4] = {1, 2, 3, 4};
  double x[4] = {0};
  int seen = 0;
  ritz_krylov *solver;
  ritz_solve_report report;
  assert_ok(ritz_krylov_create(RITZ_REAL_DOUBLE, 4, NULL, &solver));
  ritz_krylov_set_operator(solver, twice, &seen);
  assert_ok(ritz_krylov_solve(solver, b, x, &report));
  assert_true(report.reason > 0);
  assert_int_equal(seen, 2);
  assert_int_equal(openblas_get_num_threads(), 2);
  ritz_krylov_destroy(&solver);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(setting_comes_back_with_last_release),
      cmocka_unit_test(tasks_have_blas_to_themselves),
      cmocka_unit_test(callbacks_of_solvers_find_the_callers_setting),
  };
  return cmocka_run_group_tests(tests, two_threads, NULL);
}
