/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <stdlib.h>

#include "allocations.h"
#include "core/memory.h"
#include "solvers/fields/gaussian.h"
#include "support.h"

static const double pi = 3.14159265358979323846;

typedef struct sampler {
  ritz_gaussian *gaussian;
  void *scratch;
} sampler;

static sampler make(ritz_index n0, ritz_index n1, ritz_index m0, ritz_index m1, double alpha,
                    double tau) {
  const ritz_gaussian_options options = {
      .nodes = {n0, n1}, .modes = {m0, m1}, .alpha = alpha, .tau = tau};
  sampler s;
  assert_ok(ritz_gaussian_create(&options, &s.gaussian));
  assert_ok(ritz_calloc((ritz_index)ritz_gaussian_scratch(s.gaussian), 1, &s.scratch));
  return s;
}

static void release(sampler *s) {
  ritz_free(s->scratch);
  ritz_gaussian_destroy(&s->gaussian);
  assert_null(s->gaussian);
}

static double amplitude(int i, int j, double alpha, double tau) {
  if (i == 0 && j == 0) return 0;
  return pow(tau, alpha - 1) * pow(pi * pi * (i * i + j * j) + tau * tau, -alpha / 2);
}

static double wave(int k, double x) { return k == 0 ? 1 : sqrt(2) * cos(pi * k * x); }

/* The series of the header, term by term. */
static double series(uint32_t sample, int m0, int m1, double alpha, double tau, double x,
                     double y) {
  const ritz_random stream = {.seed = 5, .purpose = RITZ_RANDOM_FIELD, .sample = sample};
  double sum = 0;
  for (int i = 0; i < m0; i++)
    for (int j = 0; j < m1; j++) {
      const int m = i > j ? i : j;
      double xi;
      ritz_random_normals(stream, (uint64_t)(i == m ? m * m + j : m * m + m + 1 + i), 1, &xi);
      sum += amplitude(i, j, alpha, tau) * xi * wave(i, x) * wave(j, y);
    }
  return sum;
}

static void equals_the_series_at_awkward_sizes(void **state) {
  static const int cases[][4] = {{2, 2, 1, 1},   {2, 3, 2, 3},   {5, 4, 5, 4},  {9, 16, 7, 12},
                                 {17, 6, 20, 3}, {6, 13, 2, 15}, {21, 8, 4, 30}};
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    const int n0 = cases[k][0], n1 = cases[k][1], m0 = cases[k][2], m1 = cases[k][3];
    sampler s = make(n0, n1, m0, m1, 2.5, 4);
    double field[21 * 16];
    ritz_gaussian_sample(s.gaussian, 5, 9, field, s.scratch);
    for (int i = 0; i < n0; i++)
      for (int j = 0; j < n1; j++)
        assert_near(field[i * n1 + j], series(9, m0, m1, 2.5, 4, i / (n0 - 1.0), j / (n1 - 1.0)),
                    1e-13);
    release(&s);
  }
}

static void is_the_same_function_on_every_grid(void **state) {
  sampler coarse = make(17, 9, 12, 12, 2, 3), fine = make(65, 33, 12, 12, 2, 3);
  double a[17 * 9], b[65 * 33];
  ritz_gaussian_sample(coarse.gaussian, 1, 4, a, coarse.scratch);
  ritz_gaussian_sample(fine.gaussian, 1, 4, b, fine.scratch);
  for (int i = 0; i < 17; i++)
    for (int j = 0; j < 9; j++) assert_near(a[i * 9 + j], b[4 * i * 33 + 4 * j], 1e-13);
  release(&coarse);
  release(&fine);
}

/* Cosines below the node count are orthogonal under the trapezoid rule, which therefore recovers
 * each coefficient; its variance over the draws is known to 2 / draws of itself. */
static void each_mode_has_its_variance(void **state) {
  enum { n = 9, modes = 4, draws = 4000 };
  sampler s = make(n, n, modes, modes, 2, 3);
  double square[modes][modes] = {{0}}, field[n * n];
  for (uint32_t sample = 0; sample < draws; sample++) {
    ritz_gaussian_sample(s.gaussian, 3, sample, field, s.scratch);
    for (int k = 0; k < modes; k++)
      for (int l = 0; l < modes; l++) {
        double c = 0;
        for (int i = 0; i < n; i++)
          for (int j = 0; j < n; j++) {
            const double weight = (i % (n - 1) ? 1 : 0.5) * (j % (n - 1) ? 1 : 0.5) / 64;
            c += weight * field[i * n + j] * wave(k, i / 8.0) * wave(l, j / 8.0);
          }
        square[k][l] += c * c / draws;
      }
  }
  assert_near(square[0][0], 0, 1e-25);
  for (int k = 0; k < modes; k++)
    for (int l = 0; l < modes; l++) {
      const double variance = pow(amplitude(k, l, 2, 3), 2);
      assert_near(square[k][l], variance, 5 * sqrt(2.0 / draws) * variance + 1e-25);
    }
  release(&s);
}

/* The Darcy field, alpha 2 and tau 3: standard deviation 0.292, averaged over the square. */
static void darcy_field_has_its_published_size(void **state) {
  enum { n = 33, draws = 2000 };
  sampler s = make(n, n, n, n, 2, 3);
  static double square[n * n], field[n * n];
  for (uint32_t sample = 0; sample < draws; sample++) {
    ritz_gaussian_sample(s.gaussian, 8, sample, field, s.scratch);
    for (int k = 0; k < n * n; k++) square[k] += field[k] * field[k] / draws;
  }
  double mean = 0;
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++)
      mean += (i % (n - 1) ? 1 : 0.5) * (j % (n - 1) ? 1 : 0.5) * sqrt(square[i * n + j]) / 1024;
  /* The two lowest modes carry two thirds of the variance: about 3 degrees of freedom a draw. */
  assert_near(mean, 0.292, 5 * 0.292 / sqrt(2.0 * draws));
  release(&s);
}

static void samples_and_seeds_differ(void **state) {
  sampler s = make(8, 8, 8, 8, 2, 3);
  double a[64], b[64], c[64], again[64];
  ritz_gaussian_sample(s.gaussian, 1, 0, a, s.scratch);
  ritz_gaussian_sample(s.gaussian, 1, 1, b, s.scratch);
  ritz_gaussian_sample(s.gaussian, 2, 0, c, s.scratch);
  ritz_gaussian_sample(s.gaussian, 1, 0, again, s.scratch);
  assert_true(relative_error(64, a, b) > 0.1);
  assert_true(relative_error(64, a, c) > 0.1);
  assert_memory_equal(a, again, sizeof a);
  release(&s);
}

static void refuses_bad_options(void **state) {
  const ritz_gaussian_options good = {.nodes = {8, 8}, .modes = {8, 8}, .alpha = 2, .tau = 3};
  ritz_gaussian *g;
  ritz_gaussian_options o = good;
  o.nodes[1] = 1;
  assert_int_equal(ritz_gaussian_create(&o, &g), RITZ_ERR_ARGUMENT);
  assert_message_contains("nodes along axis 1 are 1");
  o = (ritz_gaussian_options){{1 << 20, 2}, {1, 1}, 2, 3};
  assert_ok(ritz_gaussian_create(&o, &g));
  ritz_gaussian_destroy(&g);
  o.nodes[0]++;
  assert_int_equal(ritz_gaussian_create(&o, &g), RITZ_ERR_ARGUMENT);
  assert_message_contains("wanted 2 ... 2^20");
  o = good, o.modes[0] = 0;
  assert_int_equal(ritz_gaussian_create(&o, &g), RITZ_ERR_ARGUMENT);
  o = good, o.tau = 0;
  assert_int_equal(ritz_gaussian_create(&o, &g), RITZ_ERR_ARGUMENT);
  o = good, o.alpha = NAN;
  assert_int_equal(ritz_gaussian_create(&o, &g), RITZ_ERR_ARGUMENT);
  assert_null(g);
}

static void survives_every_failed_allocation(void **state) {
  const ritz_gaussian_options options = {.nodes = {8, 5}, .modes = {8, 5}, .alpha = 2, .tau = 3};
  ritz_gaussian *g;
  long k = 0;
  while (creation_fails(k, g, ritz_gaussian_create(&options, &g))) k++;
  assert_int_equal(k, 6);
  ritz_gaussian_destroy(&g);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(equals_the_series_at_awkward_sizes),
      cmocka_unit_test(is_the_same_function_on_every_grid),
      cmocka_unit_test(each_mode_has_its_variance),
      cmocka_unit_test(darcy_field_has_its_published_size),
      cmocka_unit_test(samples_and_seeds_differ),
      cmocka_unit_test(refuses_bad_options),
      cmocka_unit_test(survives_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
