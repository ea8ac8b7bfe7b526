/* SPDX-License-Identifier: BSD-3-Clause
 * Solvers of the Darcy generator: which one is taken, what it costs, that all agree. */
#include <math.h>

#include "generated.h"
#include "support.h"

/* The table of docs/generators/darcy.md in small; `ritz bench generate` has large grids. */
static void iterations_hardly_depend_on_the_contrast(void **state) {
  static const struct {
    const char *options;
    double mean;
  } cases[] = {
      {"{resolution: 64}", 5},
      {"{resolution: 64, low: 1, high: 100}", 7.5},
      {"{resolution: 64, low: 1, high: 100, sweeps: 3}", 7},
      {"{resolution: 64, low: 1, high: 1e4, tau: 15}", 12},
      {"{resolution: 100, low: 1, high: 1e4, tau: 15}", 13},
      {"{resolution: 202, low: 1, high: 100, cycle: W}", 8.5},
      {"{resolution: 202, low: 1, high: 1e4, tau: 15, cycle: W, lanes: samples}", 12.5},
      {"{resolution: 302, low: 1, high: 1e4, tau: 15}", 13},
      {"{resolution: [34, 34, 34], coefficient: lognormal, log_scale: 3}", 6},
      {"{resolution: [34, 34, 34], coefficient: lognormal, log_scale: 3, cycle: V}", 7},
      {"{resolution: [34, 34, 34], coefficient: lognormal, log_scale: 3, sweeps: 1}", 10},
      {"{resolution: [34, 34, 34], low: 1, high: 100, tau: 15}", 18},
      {"{resolution: [34, 34, 34], low: 1, high: 100, tau: 15, transfer: galerkin}", 14},
      {"{resolution: [34, 34, 34], low: 1, high: 1e3, tau: 15}", 20},
      {"{resolution: [34, 34, 34], low: 1, high: 1e4, tau: 15}", 27},
      {"{resolution: [34, 34, 34], low: 1, high: 1e4, tau: 15, cycle: W}", 25},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    generated p = generate("darcy", cases[i].options, 8);
    double mean = 0;
    for (int s = 0; s < 8; s++) {
      assert_int_equal(p.reports[s].reason, RITZ_SOLVE_CONVERGED);
      mean += p.reports[s].iterations / 8.0;
    }
    if (mean > cases[i].mean) fail_msg("%s: %g iterations", cases[i].options, mean);
    generated_release(&p);
  }
}

static void every_solver_reaches_the_same_solution(void **state) {
  static const char *const others[] = {
      "{resolution: 40, solver: multigrid}",
      "{resolution: 40, solver: multigrid, cycle: W}",
      "{resolution: 40, solver: multigrid, sweeps: 1}",
      "{resolution: 40, solver: multigrid, lanes: strips}",
      "{resolution: 40, solver: cg, preconditioner: multigrid}",
  };
  generated a = generate("darcy", "{resolution: 40, solver: cg}", 2);
  for (int o = 0; o < 5; o++) {
    generated b = generate("darcy", others[o], 2);
    assert_memory_equal(a.x, b.x, (size_t)(2 * a.x_numbers) * sizeof(double));
    assert_near(relative_error(2 * a.x_numbers, b.y, a.y), 0, 1e-6);
    assert_true(b.reports[0].iterations <= 10);
    generated_release(&b);
  }
  generated_release(&a);
}

static void the_choice_of_solver_is_told(void **state) {
  static const struct {
    const char *options, *method;
  } cases[] = {
      {"{resolution: 40}", "multigrid, by the model"},
      {"{resolution: 40, low: 5, high: 5}", "cg, poisson, by the model"},
      {"{resolution: [300, 12]}", "cg, poisson, by the model"},
      {"{resolution: 40, solver: cg}", "cg, poisson, as asked for"},
      {"{resolution: 40, preconditioner: jacobi}", "cg, jacobi, as asked for"},
      {"{resolution: [6, 5, 7]}", "multigrid, the solver in three"},
      {"{resolution: [6, 5, 7], cycle: W}", "multigrid with W-cycles, the solver in three"},
      {"{resolution: [6, 5, 7], coefficient: lognormal, log_scale: 3}", "multigrid with W-cycles"},
      {"{resolution: [6, 5, 7], coefficient: lognormal, alpha: 1.5}", "multigrid, the solver"},
      {"{resolution: [6, 5, 7], coefficient: lognormal, log_scale: 4}", "multigrid, the solver"},
      {"{resolution: [6, 5, 7], low: 1, high: 100}", "multigrid, the solver"},
      {"{resolution: [6, 5, 7], low: 1, high: 101}", "multigrid with Galerkin operators, the"},
      {"{resolution: [6, 5, 7], transfer: galerkin, cycle: W}",
       "multigrid with Galerkin operators and W-cycles, the"},
      {"{resolution: [6, 5, 7], low: 1, high: 1e3, transfer: trilinear}", "multigrid, the solver"},
      {"{resolution: 602, low: 1, high: 10}", "multigrid in strips of a sample, by the model"},
      {"{resolution: 201, low: 1, high: 101}", "multigrid, by the model"},
      {"{resolution: 301, low: 1, high: 101}", "multigrid in strips of a sample, by the model"},
      {"{resolution: 302, low: 1, high: 101}", "multigrid with W-cycles in strips of a sample, by"},
      {"{resolution: 602, low: 1, high: 100}", "multigrid with W-cycles in strips of a sample, by"},
      {"{resolution: 602, low: 1, high: 100, cycle: V}", "multigrid in strips of a sample, by"},
      {"{resolution: 201}", "multigrid, by the model"},
      {"{resolution: 202, lanes: samples}", "multigrid, by the model"},
      {"{resolution: [900, 100], solver: multigrid}", "multigrid, as asked for"},
      {"{resolution: [100, 900], solver: multigrid}", "multigrid in strips of a sample, as asked"},
      {"{resolution: 40, lanes: strips, cycle: W}", "multigrid with W-cycles in strips of a"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    generated_by("darcy", cases[i].options, cases[i].method);
}

/* With residuals of coarser grids by sums instead of differences, rounding would leave the W-cycle
 * of this sample indefinite. */
static void w_cycles_stay_definite_across_sharp_jumps(void **state) {
  enum { n = 421 };
  static double x[n * n], y[n * n];
  ritz_solve_report report;
  ritz_generator *g =
      generator_of("darcy", "{resolution: 421, low: 1, high: 1e4, tau: 15, cycle: W}", 1);
  assert_ok(ritz_generator_run(g, 1, 6, 1, RITZ_FLOAT64, x, y, &report));
  assert_int_equal(report.reason, RITZ_SOLVE_CONVERGED);
  assert_in_range(report.iterations, 1, 20);
  ritz_generator_destroy(&g);
}

static void every_preconditioner_reaches_the_same_solution(void **state) {
  generated a = generate("darcy", "{resolution: 40, preconditioner: poisson}", 2);
  generated b = generate("darcy", "{resolution: 40, preconditioner: jacobi}", 2);
  generated c = generate("darcy", "{resolution: 40, preconditioner: none}", 2);
  assert_memory_equal(a.x, b.x, (size_t)(2 * a.x_numbers) * sizeof(double));
  assert_near(relative_error(2 * a.x_numbers, b.y, a.y), 0, 1e-6);
  assert_near(relative_error(2 * a.x_numbers, c.y, a.y), 0, 1e-6);
  assert_true(a.reports[0].iterations < 25);
  assert_true(b.reports[0].iterations > 60);
  assert_true(c.reports[0].iterations > b.reports[0].iterations);
  generated_release(&a);
  generated_release(&b);
  generated_release(&c);
}

/* The preconditioner is the exact inverse up to its single precision, about 1e-5 in the residual:
 * the second step is a step of iterative refinement. */
static void constant_coefficient_needs_two_iterations(void **state) {
  generated p = generate("darcy", "{resolution: 31, low: 5, high: 5}", 1);
  assert_int_equal(p.reports[0].iterations, 2);
  generated_release(&p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(iterations_hardly_depend_on_the_contrast),
      cmocka_unit_test(every_solver_reaches_the_same_solution),
      cmocka_unit_test(the_choice_of_solver_is_told),
      cmocka_unit_test(w_cycles_stay_definite_across_sharp_jumps),
      cmocka_unit_test(every_preconditioner_reaches_the_same_solution),
      cmocka_unit_test(constant_coefficient_needs_two_iterations),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
