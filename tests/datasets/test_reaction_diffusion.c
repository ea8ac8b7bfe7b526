/* SPDX-License-Identifier: BSD-3-Clause
 * The generator reaction_diffusion: its equation, order and Newton's method. */
#include <math.h>
#include <stdio.h>

#include "generated.h"
#include "support.h"

static double reaction(const char *name, double rate, double u) {
  return rate * (name[0] == 'l' ? u : name[0] == 'c' ? u * u * u : sinh(u));
}

/* The scheme written out. */
static void check(const char *name, const char *more, double nu, double rate) {
  char options[160];
  snprintf(options, sizeof options, "{resolution: [21, 30], reaction: %s, %s}", name, more);
  generated s = generate("reaction_diffusion", options, 3);
  enum { n0 = 21, n1 = 30 };
  for (int k = 0; k < 3; k++) {
    const double *f = s.x + k * s.x_numbers, *u = s.y + k * s.y_numbers;
    double rr = 0, ff = 0, largest = 0;
    for (int i = 1; i < n0 - 1; i++)
      for (int j = 1; j < n1 - 1; j++) {
        const int at = i * n1 + j;
        const double laplace = (u[at - n1] + u[at + n1] - 2 * u[at]) * (n0 - 1) * (n0 - 1) +
                               (u[at - 1] + u[at + 1] - 2 * u[at]) * (n1 - 1) * (n1 - 1);
        rr += pow(f[at] + nu * laplace - reaction(name, rate, u[at]), 2);
        ff += f[at] * f[at];
        largest = fmax(largest, fabs(u[at]));
      }
    assert_near(sqrt(rr / ff), s.reports[k].residual, 1e-10);
    assert_true(s.reports[k].residual <= 1e-8);
    assert_true(largest > 0.1); /* far from linear where it is not */
    for (int j = 0; j < n1; j++) assert_true(u[j] == 0 && u[(n0 - 1) * n1 + j] == 0);
  }
  generated_release(&s);
}

static void solutions_satisfy_the_scheme(void **state) {
  check("linear", "rate: 2", 0.01, 2);
  check("cubic", "source: 50, rate: 3", 0.01, 3);
  check("sinh", "source: 1e4, diffusion: 0.1, solver: gmres", 0.1, 1);
  check("cubic", "solver: bicgstab, preconditioner: jacobi", 0.01, 1);
}

/* Without reaction, f = 1: the known value at the centre. */
static void pure_diffusion_gives_the_known_solution(void **state) {
  generated s =
      generate("reaction_diffusion",
               "{resolution: 101, rate: 0, source: 0, mean_source: 1, diffusion: 0.5}", 1);
  assert_near(s.y[50 * 101 + 50], 2 * 0.07367135328, 2e-5);
  generated_release(&s);
}

static void solutions_are_of_second_order(void **state) {
  generated_second_order("reaction_diffusion", 33, "modes: 6, source: 10, tolerance: 1e-11", 0,
                         0.1);
}

/* One step for each digit doubled, after some that are cut. */
static void newton_needs_few_steps(void **state) {
  generated s = generate("reaction_diffusion", "{resolution: 24, source: 1e3, solver: direct}", 4);
  for (int k = 0; k < 4; k++) assert_in_range(s.reports[k].iterations, 4, 25);
  generated_release(&s);
  s = generate("reaction_diffusion", "{resolution: 24, reaction: linear, solver: direct}", 4);
  for (int k = 0; k < 4; k++) assert_int_equal(s.reports[k].iterations, 1);
  generated_release(&s);
}

static void solvers_agree(void **state) {
  static const char *const options[] = {"{resolution: 30, solver: gmres}",
                                        "{resolution: 30, solver: minres}",
                                        "{resolution: 30, preconditioner: ilu}"};
  generated a = generate("reaction_diffusion", "{resolution: 30, solver: direct}", 3);
  generated_agree(&a, "reaction_diffusion", 3, options, 1e-6);
  generated_release(&a);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(solutions_satisfy_the_scheme),
      cmocka_unit_test(pure_diffusion_gives_the_known_solution),
      cmocka_unit_test(solutions_are_of_second_order),
      cmocka_unit_test(newton_needs_few_steps),
      cmocka_unit_test(solvers_agree),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
