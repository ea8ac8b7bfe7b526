/* SPDX-License-Identifier: BSD-3-Clause
 * The generator poisson: its equation, order and distribution. */
#include <math.h>

#include "generated.h"
#include "support.h"

/* The scheme written out, and the boundary values. */
static void check(const char *options, int n0, int n1, double tolerance) {
  generated s = generate("poisson", options, 1);
  double rr = 0, ff = 0;
  for (int i = 0; i < n0; i++)
    for (int j = 0; j < n1; j++) {
      const int k = i * n1 + j;
      if (i == 0 || j == 0 || i == n0 - 1 || j == n1 - 1) {
        assert_true(s.y[k] == s.x[2 * k + 1]);
        continue;
      }
      assert_true(s.x[2 * k + 1] == 0);
      const double s0 = (n0 - 1.0) * (n0 - 1.0), s1 = (n1 - 1.0) * (n1 - 1.0);
      const double r = s.x[2 * k] - s0 * (2 * s.y[k] - s.y[k - n1] - s.y[k + n1]) -
                       s1 * (2 * s.y[k] - s.y[k - 1] - s.y[k + 1]);
      rr += r * r;
      ff += s.x[2 * k] * s.x[2 * k];
    }
  assert_near(sqrt(rr / ff), 0, tolerance);
  assert_true(s.reports[0].residual <= 1e-8);
  generated_release(&s);
}

static void solutions_satisfy_the_scheme(void **state) {
  check("{resolution: 33}", 33, 33, 1e-11);
  check("{resolution: [17, 40]}", 17, 40, 1e-11);
  check("{resolution: [3, 9]}", 3, 9, 1e-12);
  /* 1e-8 of the right-hand side with the boundary in it, which is larger than f. */
  check("{resolution: 33, solver: multigrid}", 33, 33, 1e-6);
}

static void solvers_agree(void **state) {
  generated a = generate("poisson", "{resolution: 40, solver: fast}", 1);
  generated b = generate("poisson", "{resolution: 40, solver: multigrid}", 1);
  assert_memory_equal(a.x, b.x, 3200 * sizeof(double));
  assert_near(relative_error(1600, b.y, a.y), 0, 1e-6);
  assert_int_equal(a.reports[0].iterations, 1);
  assert_true(a.reports[0].residual < 1e-11);
  generated_release(&a);
  generated_release(&b);
}

/* With one term f and the edges are constants: u against its series on the unit square. */
static void constants_give_the_known_solution(void **state) {
  generated s = generate("poisson", "{resolution: 101, terms: 1, edges: zero}", 1);
  assert_near(s.y[50 * 101 + 50] / s.x[0], 0.07367135328, 1e-5);
  generated_release(&s);
}

/* Well inside: the series of two edges differ at their corner, where u is not smooth. */
static void solutions_are_of_second_order(void **state) {
  generated_second_order("poisson", 33, "terms: 5", 0.25, 0.1);
  generated_second_order("poisson", 33, "source: gaussian, modes: 8, edges: zero", 0.25, 0.1);
}

/* At the centre T_k(0)^2 is 1 for even k and 0 for odd: f is a sum of nine of variance 1/3. */
static void coefficients_are_uniform(void **state) {
  enum { samples = 2000 };
  generated p = generate("poisson", "{resolution: 5}", samples);
  double mean = 0, square = 0, edge = 0;
  for (int s = 0; s < samples; s++) {
    const double *x = p.x + s * p.x_numbers, f = x[2 * 12], g = x[2 * 2 + 1];
    mean += f / samples;
    square += f * f / samples;
    edge += g * g / samples;
  }
  assert_near(mean, 0, 0.15);
  assert_near(square, 3, 0.3);
  assert_near(edge, 1, 0.1);
  generated_release(&p);
}

static void the_choice_is_told(void **state) {
  generated_by("poisson", "{resolution: 64}", "fast, by the model");
  generated_by("poisson", "{resolution: 1200}", "multigrid, by the model");
  generated_by("poisson", "{resolution: 16, solver: multigrid}", "multigrid, as");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(solutions_satisfy_the_scheme),
      cmocka_unit_test(solvers_agree),
      cmocka_unit_test(constants_give_the_known_solution),
      cmocka_unit_test(solutions_are_of_second_order),
      cmocka_unit_test(coefficients_are_uniform),
      cmocka_unit_test(the_choice_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
