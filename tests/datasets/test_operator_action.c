/* SPDX-License-Identifier: BSD-3-Clause
 * The generator operator_action: the stored pair satisfies the discrete equation, and solutions are
 * combinations of the basis. */
#include <math.h>
#include <ritz/random.h>
#include <string.h>

#include "generated.h"
#include "support.h"

/* (a(k) + a(l)) / 2 (u(k) - u(l)) */
static double flux(const double *x, const double *u, int k, int l) {
  return 0.5 * (x[2 * k] + x[2 * l]) * (u[k] - u[l]);
}

static void check_equation(const char *options, int n0, int n1) {
  generated s = generate("operator_action", options, 4);
  const double h0 = 1.0 / (n0 - 1), h1 = 1.0 / (n1 - 1);
  for (int k = 0; k < 4; k++) {
    const double *x = s.x + k * s.x_numbers, *u = s.y + k * s.y_numbers;
    double largest = 0;
    for (int i = 0; i < n0 * n1; i++) largest = fmax(largest, fabs(x[2 * i + 1]));
    assert_true(largest > 0);
    for (int i = 0; i < n0; i++)
      for (int j = 0; j < n1; j++) {
        const int at = i * n1 + j;
        if (i == 0 || j == 0 || i == n0 - 1 || j == n1 - 1) {
          assert_true(u[at] == 0 && x[2 * at + 1] == 0);
          continue;
        }
        const double f = (flux(x, u, at, at - n1) + flux(x, u, at, at + n1)) / (h0 * h0) +
                         (flux(x, u, at, at - 1) + flux(x, u, at, at + 1)) / (h1 * h1);
        assert_near(x[2 * at + 1], f, 1e-11 * largest);
      }
    assert_true(s.reports[k].residual < 1e-14);
    assert_int_equal(s.reports[k].iterations, 0);
  }
  generated_release(&s);
}

static void pairs_satisfy_the_equation(void **state) {
  check_equation("{resolution: [17, 12]}", 17, 12);
  check_equation("{resolution: [9, 16], weights: normal, noise: 0.2, basis: 3}", 9, 16);
  check_equation("{resolution: 11, coefficient: piecewise}", 11, 11);
}

/* With mu from the sample's stream, two weighted solutions differ from a third by what the weights
 * say: all are in a span of one basis. */
static void solutions_are_combinations_of_one_basis(void **state) {
  generated s = generate("operator_action", "{resolution: 13, basis: 2, weights: normal}", 3);
  double mu[3][2], a, b, det;
  for (uint32_t k = 0; k < 3; k++) /* samples 3, 4, 5 of seed 11 */
    ritz_random_normals((ritz_random){11, RITZ_RANDOM_NOISE, 3 + k}, 0, 2, mu[k]);
  det = mu[0][0] * mu[1][1] - mu[0][1] * mu[1][0];
  a = (mu[2][0] * mu[1][1] - mu[2][1] * mu[1][0]) / det;
  b = (mu[0][0] * mu[2][1] - mu[0][1] * mu[2][0]) / det;
  for (ritz_index i = 0; i < s.y_numbers; i++)
    assert_near(s.y[2 * s.y_numbers + i], a * s.y[i] + b * s.y[s.y_numbers + i], 1e-12);
  generated_release(&s);
}

/* One solution with weight 1: the same for any sample, and another for another seed of the basis.
 */
static void the_basis_has_a_seed_of_its_own(void **state) {
  generated a = generate("operator_action", "{resolution: 13, basis: 1}", 2);
  generated b = generate("operator_action", "{resolution: 13, basis: 1, basis_seed: 1}", 1);
  assert_near(relative_error(a.y_numbers, a.y + a.y_numbers, a.y), 0, 1e-14);
  assert_true(relative_error(a.y_numbers, b.y, a.y) > 0.1);
  assert_true(relative_error(a.x_numbers, a.x + a.x_numbers, a.x) > 0.01);
  generated_release(&a);
  generated_release(&b);
}

/* Beyond the span, by as much as asked for, smoothly. */
static void noise_has_its_size(void **state) {
  generated a = generate("operator_action", "{resolution: 33, weights: normal}", 2);
  generated b = generate("operator_action", "{resolution: 33, weights: normal, noise: 0.1}", 2);
  for (int k = 0; k < 2; k++) {
    double difference = 0, size = 0;
    for (ritz_index i = k * a.y_numbers; i < (k + 1) * a.y_numbers; i++) {
      difference += (b.y[i] - a.y[i]) * (b.y[i] - a.y[i]);
      size += a.y[i] * a.y[i];
    }
    assert_near(sqrt(difference / size), 0.1, 1e-12);
  }
  generated_release(&a);
  generated_release(&b);
}

static void a_basis_that_cannot_be_solved_is_an_error(void **state) {
  generator_refused("operator_action", "{resolution: 33, max_iterations: 1}", RITZ_ERR_NUMERIC,
                    "solution 0 of the basis");
}

static void the_method_says_that_nothing_is_solved(void **state) {
  generated s = generate("operator_action", "{resolution: 9, basis: 5}", 1);
  assert_non_null(strstr(s.method, "applying the operator to combinations of 5 solutions"));
  generated_release(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(pairs_satisfy_the_equation),
      cmocka_unit_test(solutions_are_combinations_of_one_basis),
      cmocka_unit_test(the_basis_has_a_seed_of_its_own),
      cmocka_unit_test(noise_has_its_size),
      cmocka_unit_test(a_basis_that_cannot_be_solved_is_an_error),
      cmocka_unit_test(the_method_says_that_nothing_is_solved),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
