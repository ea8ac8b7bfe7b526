/* SPDX-License-Identifier: BSD-3-Clause
 * The generator eigen: pairs of the scheme, known values, starts. */
#include <math.h>
#include <string.h>

#include "generated.h"
#include "support.h"

static const double pi = 3.14159265358979323846;

/* Samples with their lists. */
typedef struct pairs {
  generated of;
  ritz_index count;
  double value[8 * 16], residual[8 * 16];
} pairs;

static pairs make(const char *options, ritz_index samples) {
  ritz_generator *g = generator_of("eigen", options, 1);
  pairs p = {.of = generated_room(g, samples)};
  const ritz_generator_info *info = ritz_generator_describe(g);
  assert_int_equal(info->lists, 2);
  assert_string_equal(info->list[0].name, "eigenvalue");
  p.count = info->list[0].count;
  assert_true(p.count * samples <= 8 * 16);
  double *const list[] = {p.value, p.residual};
  assert_ok(ritz_generator_run_lists(g, 11, 0, samples, RITZ_FLOAT64, p.of.x, p.of.y, list,
                                     p.of.reports));
  for (ritz_index i = 0; i < samples; i++) assert_true(p.of.reports[i].reason > 0);
  ritz_generator_destroy(&g);
  return p;
}

/* Pairs satisfy the scheme of x as far as their residual says; functions have unit norm, are zero
 * on the boundary and orthogonal. */
static void check_scheme(const char *options, bool helmholtz, ritz_index n0, ritz_index n1) {
  pairs p = make(options, 5);
  const double h0 = 1.0 / (double)(n0 - 1), h1 = 1.0 / (double)(n1 - 1);
  for (ritz_index s = 0; s < 5; s++)
    for (ritz_index l = 0; l < p.count; l++) {
      const double *x = p.of.x + s * n0 * n1, *y = p.of.y + s * p.of.y_numbers;
      const double value = p.value[s * p.count + l];
      double square = 0, norm = 0, dot = 0;
      for (ritz_index i = 0; i < n0; i++)
        for (ritz_index j = 0; j < n1; j++) {
          const ritz_index at = i * n1 + j;
          const double u = y[at * p.count + l];
          norm += h0 * h1 * u * u;
          dot += h0 * h1 * u * y[at * p.count];
          if (i == 0 || j == 0 || i == n0 - 1 || j == n1 - 1) {
            assert_true(u == 0);
            continue;
          }
          const ritz_index to[] = {at - n1, at + n1, at - 1, at + 1};
          double r = -value * u - (helmholtz ? x[at] * x[at] * u : 0);
          for (int e = 0; e < 4; e++)
            r += (helmholtz ? 1 : 0.5 * (x[at] + x[to[e]])) * (u - y[to[e] * p.count + l]) /
                 (e < 2 ? h0 * h0 : h1 * h1);
          square += h0 * h1 * r * r;
        }
      const double residual = sqrt(square) / fmax(fabs(value), helmholtz ? 2 * pi * pi : 0);
      assert_near(norm, 1, 1e-12);
      assert_near(dot, l == 0, 1e-12);
      assert_near(residual, p.residual[s * p.count + l], 1e-11);
      assert_true(residual <= 1e-8);
      if (l > 0) assert_true(value >= p.value[s * p.count + l - 1]);
    }
  generated_release(&p.of);
}

static void pairs_satisfy_the_scheme(void **state) {
  check_scheme("{resolution: [14, 19], pairs: 6, chain: 4}", false, 14, 19);
  check_scheme("{resolution: 12, pairs: 3, coefficient: piecewise, start: random}", false, 12, 12);
  check_scheme("{resolution: [17, 12], form: helmholtz, pairs: 7}", true, 17, 12);
  check_scheme("{resolution: 12, pairs: 1}", false, 12, 12);
}

/* Constant a and k: values of the five-point scheme, pi^2 (k^2 + l^2) as h goes to 0. */
static void constant_coefficients_give_the_sines(void **state) {
  const double h = 1.0 / 32, s1 = 4 * pow(sin(pi * h / 2) / h, 2), s2 = 4 * pow(sin(pi * h) / h, 2);
  pairs a = make("{resolution: 33, pairs: 4, coefficient: piecewise, low: 2, high: 2}", 1);
  assert_near(a.value[0], 2 * (s1 + s1), 1e-6);
  assert_near(a.value[1], 2 * (s1 + s2), 1e-6);
  assert_near(a.value[2], 2 * (s1 + s2), 1e-6);
  assert_near(a.value[3], 2 * (s2 + s2), 1e-6);
  for (int i = 0; i < 33; i++)
    for (int j = 0; j < 33; j++)
      assert_near(a.of.y[4 * (33 * i + j)], 2 * sin(pi * i * h) * sin(pi * j * h), 1e-7);
  pairs b = make("{resolution: 33, pairs: 1, form: helmholtz, contrast: 0, wave_number: 5}", 1);
  assert_near(b.value[0], 2 * s1 - 25, 1e-6);
  generated_release(&a.of);
  generated_release(&b.of);
}

/* Values of one sample agree; warm ones need fewest products. */
static void starts_agree(void **state) {
  pairs warm = make("{resolution: 24, pairs: 6, chain: 8}", 8);
  pairs sines = make("{resolution: 24, pairs: 6, start: sines}", 8);
  pairs any = make("{resolution: 24, pairs: 6, start: random}", 8);
  int products[3] = {0};
  for (int s = 0; s < 8; s++) {
    products[0] += warm.of.reports[s].products;
    products[1] += sines.of.reports[s].products;
    products[2] += any.of.reports[s].products;
    for (int l = 0; l < 6; l++) {
      const double value = warm.value[6 * s + l];
      assert_near(sines.value[6 * s + l], value, 1e-8 * value);
      assert_near(any.value[6 * s + l], value, 1e-8 * value);
    }
  }
  assert_true(products[1] < products[2] && products[0] < products[2]);
  generated_release(&warm.of);
  generated_release(&sines.of);
  generated_release(&any.of);
}

/* A sample's numbers are its own whichever block asks for them. */
static void lists_are_cut_as_samples_are(void **state) {
  static const char options[] = "{resolution: 11, pairs: 2, chain: 4}";
  pairs whole = make(options, 8);
  ritz_generator *g = generator_of("eigen", options, 2);
  generated part = generated_room(g, 3);
  double value[6], residual[6], *const list[] = {value, residual};
  assert_ok(
      ritz_generator_run_lists(g, 11, 3, 3, RITZ_FLOAT64, part.x, part.y, list, part.reports));
  assert_memory_equal(value, whole.value + 6, sizeof value);
  assert_memory_equal(residual, whole.residual + 6, sizeof residual);
  assert_memory_equal(part.y, whole.of.y + 3 * part.y_numbers,
                      (size_t)(3 * part.y_numbers) * sizeof *part.y);
  ritz_generator_destroy(&g);
  generated_release(&part);
  generated_release(&whole.of);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(pairs_satisfy_the_scheme),
      cmocka_unit_test(constant_coefficients_give_the_sines),
      cmocka_unit_test(starts_agree),
      cmocka_unit_test(lists_are_cut_as_samples_are),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
