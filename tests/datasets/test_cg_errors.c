/* SPDX-License-Identifier: BSD-3-Clause
 * The generator cg_errors: the pairs are residuals and errors of one system, scaled, and those that
 * conjugate gradients meet. */
#include <math.h>
#include <string.h>

#include "generated.h"
#include "support.h"

/* (A u)_k / (h0 h1) of node (i, j), a in channel 1 of x if there is one. */
static double operator_at(const double *x, int channels, const double *u, int n0, int n1, int i,
                          int j) {
  const int k = i * n1 + j, to[4] = {k - n1, k + n1, k - 1, k + 1};
  double sum = 0;
  for (int t = 0; t < 4; t++) {
    const double a = channels > 1 ? 0.5 * (x[2 * k + 1] + x[2 * to[t] + 1]) : 1;
    const double h = 1.0 / ((t < 2 ? n0 : n1) - 1);
    sum += a * (u[k] - u[to[t]]) / (h * h);
  }
  return sum;
}

static void check_pairs(const char *options, int channels, int n0, int n1, int count) {
  generated s = generate_with("cg_errors", options, 1, 0, count);
  assert_int_equal(s.x_numbers, channels * n0 * n1);
  for (int p = 0; p < count; p++) {
    const double *x = s.x + p * s.x_numbers, *e = s.y + p * s.y_numbers;
    double square = 0;
    for (int i = 0; i < n0; i++)
      for (int j = 0; j < n1; j++) {
        const int k = i * n1 + j;
        if (i == 0 || j == 0 || i == n0 - 1 || j == n1 - 1) {
          assert_true(e[k] == 0 && x[channels * k] == 0);
          continue;
        }
        square += x[channels * k] * x[channels * k];
        assert_near(x[channels * k], operator_at(x, channels, e, n0, n1, i, j), 1e-10);
      }
    assert_near(square / ((n0 - 2) * (n1 - 2)), 1, 1e-12);
    assert_int_equal(s.reports[p].reason, RITZ_SOLVE_CONVERGED);
    assert_true(s.reports[p].residual < 1e-13);
  }
  generated_release(&s);
}

static void pairs_satisfy_the_equation(void **state) {
  check_pairs("{resolution: [17, 12], pairs: 6}", 2, 17, 12, 6);
  check_pairs("{resolution: 14, pairs: 7, equation: poisson, every: 1, noise: 0}", 1, 14, 14, 14);
  check_pairs("{resolution: 11, pairs: 3, coefficient: lognormal}", 2, 11, 11, 6);
}

static double dot(const generated *s, int p, int q) {
  double sum = 0;
  for (ritz_index k = 0; k < s->y_numbers; k++)
    sum += s->x[p * s->x_numbers + k] * s->x[q * s->x_numbers + k];
  return sum / (double)s->y_numbers;
}

/* Residuals of conjugate gradients are orthogonal, and errors shorter in the norm of A. */
static void pairs_are_those_of_conjugate_gradients(void **state) {
  generated s = generate_with("cg_errors",
                              "{resolution: 20, pairs: 8, every: 1, equation: poisson}", 1, 0, 8);
  for (int p = 0; p < 8; p++) {
    assert_int_equal(s.reports[p].iterations, p);
    for (int q = 0; q < p; q++) assert_near(dot(&s, p, q), 0, 1e-10);
  }
  generated_release(&s);
  s = generate_with("cg_errors", "{resolution: 20, pairs: 4, every: 3, equation: poisson}", 1, 0,
                    4);
  for (int p = 0; p < 4; p++) assert_int_equal(s.reports[p].iterations, 3 * p);
  generated_release(&s);
}

/* Few unknowns: the iteration ends long before there are 30 pairs, and begins again. */
static void chains_of_small_systems_begin_again(void **state) {
  generated s = generate_with("cg_errors", "{resolution: 5, pairs: 30, every: 1}", 1, 30, 30);
  int begun = 0;
  for (int p = 0; p < 30; p++) {
    begun += s.reports[p].iterations == 0;
    assert_true(s.reports[p].iterations < 15);
    for (ritz_index k = 0; k < s.y_numbers; k++) /* of one coefficient */
      assert_true(s.x[p * s.x_numbers + 2 * k + 1] == s.x[2 * k + 1]);
  }
  assert_true(begun > 1);
  generated_release(&s);
}

/* A coefficient of exp(5000 g) has infinite and vanishing values. */
static void a_chain_without_a_solution_ends(void **state) {
  generated s = generate_with("cg_errors",
                              "{resolution: 8, pairs: 4, coefficient: lognormal, log_scale: 5, "
                              "alpha: 0, tau: 1e-3, start: 0}",
                              1, 0, 4);
  for (int p = 0; p < 4; p++) {
    assert_true(s.reports[p].reason < 0);
    for (ritz_index k = 0; k < s.y_numbers; k++)
      assert_true(s.y[p * s.y_numbers + k] == 0 && s.x[p * s.x_numbers + 2 * k] == 0);
  }
  generated_release(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(pairs_satisfy_the_equation),
      cmocka_unit_test(pairs_are_those_of_conjugate_gradients),
      cmocka_unit_test(chains_of_small_systems_begin_again),
      cmocka_unit_test(a_chain_without_a_solution_ends),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
