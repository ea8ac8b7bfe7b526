/* SPDX-License-Identifier: BSD-3-Clause
 * Problems of the plane, several at once, by conjugate gradients with multigrid cycles. */
#include <math.h>

#include "cycle_solve.h"
#include "multigrid_problem.h"
#include "solvers/grid/diffusion.h"

static const double pi = 3.14159265358979323846;

static void converges(ritz_index n0, ritz_index n1, double contrast, int limit) {
  problem p = prepare(n0, n1, 3, 5, contrast);
  const ritz_multigrid_options options = wish();
  solve(&p, 0, 3, &options);
  for (int s = 0; s < 3; s++) {
    assert_int_equal(p.report[s].reason, RITZ_SOLVE_CONVERGED);
    assert_true(p.report[s].residual <= 1e-8);
    assert_near(p.report[s].residual, residual(&p, s), 1e-10);
    if (p.report[s].iterations > limit)
      fail_msg("[%td, %td] contrast %g: %d iterations", n0, n1, contrast, p.report[s].iterations);
  }
  discard(&p);
}

static void iterations_hardly_depend_on_size_or_contrast(void **state) {
  static const ritz_index sizes[][2] = {{9, 9},   {16, 17}, {32, 32}, {33, 40},
                                        {64, 64}, {65, 65}, {66, 71}};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    converges(sizes[i][0], sizes[i][1], 1, 5);
    converges(sizes[i][0], sizes[i][1], 4, 6);
    converges(sizes[i][0], sizes[i][1], 100, 9);
    converges(sizes[i][0], sizes[i][1], 1e4, 10);
  }
  converges(128, 130, 1, 5);
  converges(128, 130, 4, 6);
  converges(3, 3, 100, 2);
  converges(3, 50, 100, 3);
  converges(41, 5, 100, 3);
}

/* The factor of a V cycle for the Laplacian with two red-black sweeps on either side is about 0.08.
 */
static void stationary_cycles_have_their_convergence_factor(void **state) {
  static const int limits[] = {7, 7, 7};
  for (int cycle = RITZ_CYCLE_V; cycle <= RITZ_CYCLE_F; cycle++) {
    problem p = prepare(65, 65, 2, 5, 1);
    ritz_multigrid_options options = wish();
    options.cycle = (ritz_cycle)cycle;
    options.stationary = true;
    solve(&p, 0, 2, &options);
    for (int s = 0; s < 2; s++) {
      assert_int_equal(p.report[s].reason, RITZ_SOLVE_CONVERGED);
      assert_true(p.report[s].iterations <= limits[cycle]);
      assert_near(residual(&p, s), p.report[s].residual, 1e-10);
    }
    discard(&p);
  }
}

static void more_sweeps_take_fewer_iterations(void **state) {
  int before = 1000;
  for (int sweeps = 1; sweeps <= 4; sweeps += sweeps == 1 ? 1 : 2) {
    problem p = prepare(65, 70, 4, 5, 100);
    ritz_multigrid_options options = wish();
    options.sweeps = sweeps;
    solve(&p, 0, 4, &options);
    int sum = 0;
    for (int s = 0; s < 4; s++) {
      assert_int_equal(p.report[s].reason, RITZ_SOLVE_CONVERGED);
      assert_near(p.report[s].residual, residual(&p, s), 1e-10);
      sum += p.report[s].iterations;
    }
    assert_true(sum < before);
    before = sum;
    discard(&p);
  }
}

/* Three regions meeting in one node, or a channel one node wide, are lost on the coarser grids: the
 * more grids, the more a second visit of each saves. */
static void second_visits_make_up_for_what_coarser_grids_lose(void **state) {
  problem p = prepare(257, 257, 4, 3, 1e4);
  ritz_multigrid_options options = wish();
  int sum[2] = {0};
  for (int cycle = RITZ_CYCLE_V; cycle <= RITZ_CYCLE_W; cycle++) {
    options.cycle = (ritz_cycle)cycle;
    solve(&p, 0, 4, &options);
    for (int s = 0; s < 4; s++) {
      assert_int_equal(p.report[s].reason, RITZ_SOLVE_CONVERGED);
      assert_near(p.report[s].residual, residual(&p, s), 1e-10);
      sum[cycle] += p.report[s].iterations;
    }
  }
  if (sum[RITZ_CYCLE_W] > 0.9 * sum[RITZ_CYCLE_V])
    fail_msg("iterations of four samples: V %d, W %d", sum[RITZ_CYCLE_V], sum[RITZ_CYCLE_W]);
  discard(&p);
}

static void cycles_in_double_need_no_fewer_iterations(void **state) {
  problem p = prepare(65, 65, 3, 5, 1e4), q = prepare(65, 65, 3, 5, 1e4);
  ritz_multigrid_options options = wish();
  solve(&p, 0, 3, &options);
  options.dtype = RITZ_FLOAT64;
  solve(&q, 0, 3, &options);
  for (int s = 0; s < 3; s++) {
    assert_true(p.report[s].iterations <= q.report[s].iterations + 1);
    assert_near(relative_error(65 * 65, p.u[s], q.u[s]), 0, 1e-6);
  }
  discard(&p);
  discard(&q);
}

static int apply(void *diffusion, const void *x, void *y) {
  ritz_diffusion_apply(diffusion, x, y);
  return 0;
}

/* The same problem through ritz_krylov: conjugate gradients take V and W, flexible GMRES takes F.
 */
static void cycles_precondition_krylov_methods(void **state) {
  enum { n0 = 50, n1 = 41 };
  problem p = prepare(n0, n1, 1, 5, 100);
  ritz_multigrid_options options = wish();
  solve(&p, 0, 1, &options);
  ritz_diffusion *diffusion;
  assert_ok(ritz_diffusion_create(n0, n1, 1.0 / (n0 - 1), 1.0 / (n1 - 1), &diffusion));
  ritz_diffusion_set(diffusion, p.a[0], RITZ_FACE_HARMONIC);
  for (int j = 0; j < n1; j++) p.b[j] = p.b[(n0 - 1) * n1 + j] = 0;
  for (int i = 0; i < n0; i++) p.b[i * n1] = p.b[i * n1 + n1 - 1] = 0;
  for (int cycle = RITZ_CYCLE_V; cycle <= RITZ_CYCLE_F; cycle++) {
    ritz_multigrid_map *map;
    double u[n0 * n1];
    options.cycle = (ritz_cycle)cycle;
    assert_ok(ritz_multigrid_map_create(
        2, (ritz_index[]){n0, n1}, (double[]){1.0 / (n0 - 1), 1.0 / (n1 - 1)}, &options, &map));
    ritz_multigrid_map_set(map, p.a[0], RITZ_FACE_HARMONIC);
    const ritz_solve_report report =
        solve_by_cycles(n0 * n1, apply, diffusion, (ritz_cycle)cycle, map, 1e-8, p.b, u);
    assert_int_equal(report.reason, RITZ_SOLVE_CONVERGED);
    assert_true(report.iterations <= 11);
    assert_near(relative_error(n0 * n1, u, p.u[0]), 0, 1e-6);
    ritz_multigrid_map_destroy(&map);
  }
  ritz_diffusion_destroy(&diffusion);
  discard(&p);
}

/* u = sin(pi x) sin(2 pi y), a = exp(x + y / 2): f by hand. */
static double manufactured_error(ritz_index n0, ritz_index n1) {
  problem p = prepare(n0, n1, 1, 4, 1);
  const double h0 = 1.0 / (double)(n0 - 1), h1 = 1.0 / (double)(n1 - 1);
  for (ritz_index i = 0; i < n0; i++)
    for (ritz_index j = 0; j < n1; j++) {
      const double x = (double)i * h0, y = (double)j * h1, a = exp(x + 0.5 * y);
      const double u = sin(pi * x) * sin(2 * pi * y);
      const double ux = pi * cos(pi * x) * sin(2 * pi * y);
      const double uy = 2 * pi * sin(pi * x) * cos(2 * pi * y);
      p.a[0][i * n1 + j] = a;
      p.b[i * n1 + j] = h0 * h1 * a * (5 * pi * pi * u - ux - 0.5 * uy);
    }
  ritz_multigrid_options options = wish();
  options.tolerance = 1e-11;
  solve(&p, 0, 1, &options);
  assert_int_equal(p.report[0].reason, RITZ_SOLVE_CONVERGED);
  double error = 0;
  for (ritz_index i = 0; i < n0; i++)
    for (ritz_index j = 0; j < n1; j++)
      error = fmax(error, fabs(p.u[0][i * n1 + j] -
                               sin(pi * (double)i * h0) * sin(2 * pi * (double)j * h1)));
  discard(&p);
  return error;
}

static void converges_at_second_order(void **state) {
  const double coarse = manufactured_error(17, 25), middle = manufactured_error(33, 49);
  const double fine = manufactured_error(65, 97);
  assert_near(log2(coarse / middle), 2, 0.1);
  assert_near(log2(middle / fine), 2, 0.05);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(iterations_hardly_depend_on_size_or_contrast),
      cmocka_unit_test(stationary_cycles_have_their_convergence_factor),
      cmocka_unit_test(more_sweeps_take_fewer_iterations),
      cmocka_unit_test(second_visits_make_up_for_what_coarser_grids_lose),
      cmocka_unit_test(cycles_in_double_need_no_fewer_iterations),
      cmocka_unit_test(cycles_precondition_krylov_methods),
      cmocka_unit_test(converges_at_second_order),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
