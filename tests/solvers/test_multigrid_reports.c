/* SPDX-License-Identifier: BSD-3-Clause
 * What multigrid says of samples side by side: outcomes, bad input, none touching another. */
#include <math.h>
#include <string.h>

#include "allocations.h"
#include "multigrid_problem.h"

static void a_sample_does_not_see_its_neighbours(void **state) {
  problem together = prepare(37, 30, 7, 4, 1e3), apart = prepare(37, 30, 7, 4, 1e3);
  const ritz_multigrid_options options = wish();
  for (ritz_index k = 0; k < 37 * 30; k++) together.a[2][k] = apart.a[2][k] = 1 + 1e-3 * (double)k;
  solve(&together, 0, 7, &options);
  solve(&apart, 5, 2, &options);
  for (ritz_index s = 0; s < 5; s++) solve(&apart, s, 1, &options);
  for (ritz_index s = 0; s < 7; s++) {
    assert_memory_equal(together.u[s], apart.u[s], 37 * 30 * sizeof(double));
    assert_int_equal(together.report[s].iterations, apart.report[s].iterations);
    assert_true(together.report[s].residual == apart.report[s].residual);
  }
  discard(&together);
  discard(&apart);
}

static void bad_samples_are_reported_and_stay_alone(void **state) {
  problem p = prepare(20, 20, 4, 3, 10), good = prepare(20, 20, 4, 3, 10);
  const ritz_multigrid_options options = wish();
  solve(&good, 0, 4, &options);
  p.a[1][7 * 20 + 9] = NAN;
  p.a[3][7 * 20 + 9] = -5;
  solve(&p, 0, 4, &options);
  assert_int_equal(p.report[1].reason, RITZ_SOLVE_NOT_FINITE);
  assert_true(p.report[3].reason < 0);
  for (int s = 0; s < 4; s += 2) {
    assert_int_equal(p.report[s].reason, RITZ_SOLVE_CONVERGED);
    assert_memory_equal(p.u[s], good.u[s], 400 * sizeof(double));
  }
  discard(&p);
  discard(&good);
}

static void bad_samples_leave_nothing_behind(void **state) {
  const ritz_multigrid_options options = wish();
  bad_sample_leaves_nothing(20, 20, 2, &options);
}

static void outcomes_have_reasons(void **state) {
  problem p = prepare(33, 33, 1, 3, 10);
  ritz_multigrid_options options = wish();
  options.max_iterations = 2;
  solve(&p, 0, 1, &options);
  assert_int_equal(p.report[0].reason, RITZ_SOLVE_MAX_ITERATIONS);
  assert_int_equal(p.report[0].iterations, 2);
  assert_near(p.report[0].residual, residual(&p, 0), 1e-12);
  options.max_iterations = 0;
  solve(&p, 0, 1, &options);
  assert_int_equal(p.report[0].reason, RITZ_SOLVE_MAX_ITERATIONS);
  assert_true(p.report[0].residual == 1 && p.report[0].iterations == 0);
  options = wish();
  options.tolerance = 0; /* cannot be met, but the digits there are come out */
  solve(&p, 0, 1, &options);
  assert_int_equal(p.report[0].reason, RITZ_SOLVE_MAX_ITERATIONS);
  assert_true(p.report[0].residual < 1e-11);
  memset(p.b, 0, 33 * 33 * sizeof *p.b);
  options = wish();
  solve(&p, 0, 1, &options);
  assert_int_equal(p.report[0].reason, RITZ_SOLVE_ZERO_RHS);
  for (int k = 0; k < 33 * 33; k++) assert_true(p.u[0][k] == 0);
  discard(&p);
}

static void refuses_bad_options(void **state) {
  ritz_multigrid_options o = wish();
  ritz_diffusion_batch *batch;
  ritz_multigrid *multigrid;
  const ritz_index thin[] = {9, 2}, n[] = {9, 9, 9};
  const double h[] = {1, 1, 1}, flat[] = {0, 1};
  assert_int_equal(ritz_diffusion_batch_create(2, thin, h, &o, &batch), RITZ_ERR_ARGUMENT);
  assert_message_contains("axis 1 are 2");
  assert_int_equal(ritz_diffusion_batch_create(2, n, flat, &o, &batch), RITZ_ERR_ARGUMENT);
  assert_int_equal(ritz_diffusion_batch_create(4, n, h, &o, &batch), RITZ_ERR_ARGUMENT);
  o.cycle = RITZ_CYCLE_F;
  assert_int_equal(ritz_diffusion_batch_create(2, n, h, &o, &batch), RITZ_ERR_ARGUMENT);
  assert_message_contains("F cycle");
  assert_int_equal(ritz_diffusion_batch_create(3, n, h, &o, &batch), RITZ_ERR_ARGUMENT);
  assert_message_contains("F cycle");
  o = wish(), o.lanes = 65;
  assert_int_equal(ritz_diffusion_batch_create(2, n, h, &o, &batch), RITZ_ERR_ARGUMENT);
  assert_message_contains("65");
  o = wish(), o.sweeps = 0;
  assert_int_equal(ritz_diffusion_batch_create(2, n, h, &o, &batch), RITZ_ERR_ARGUMENT);
  assert_message_contains("sweeps are 0");
  assert_int_equal(ritz_diffusion_batch_create(3, n, h, &o, &batch), RITZ_ERR_ARGUMENT);
  assert_message_contains("sweeps are 0");
  o = wish(), o.tolerance = NAN;
  assert_int_equal(ritz_diffusion_batch_create(2, n, h, &o, &batch), RITZ_ERR_ARGUMENT);
  assert_int_equal(ritz_multigrid_create(0, 9, NULL, &multigrid), RITZ_ERR_ARGUMENT);
  assert_null(batch);
  assert_null(multigrid);
}

static void survives_failed_allocations(int dim, bool gather) {
  const ritz_index n[] = {20, 11, 9};
  const double h[] = {1, 1, 1};
  ritz_multigrid_options o = wish();
  o.gather = gather;
  ritz_diffusion_batch *batch;
  long k = 0;
  while (creation_fails(k, batch, ritz_diffusion_batch_create(dim, n, h, &o, &batch))) k++;
  assert_true(k > 8);
  ritz_diffusion_batch_destroy(&batch);
}

static void survives_every_failed_allocation(void **state) {
  survives_failed_allocations(2, false);
  survives_failed_allocations(2, true);
  survives_failed_allocations(3, true);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_sample_does_not_see_its_neighbours),
      cmocka_unit_test(bad_samples_are_reported_and_stay_alone),
      cmocka_unit_test(bad_samples_leave_nothing_behind),
      cmocka_unit_test(outcomes_have_reasons),
      cmocka_unit_test(refuses_bad_options),
      cmocka_unit_test(survives_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
