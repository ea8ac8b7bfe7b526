/* SPDX-License-Identifier: BSD-3-Clause
 * The generators helmholtz and helmholtz_neumann: equations, order, distributions. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "generated.h"
#include "support.h"

static const double pi = 3.14159265358979323846;

/* -Laplace u - k^2 u = 1, u = 0 on the boundary, at the centre. */
static double centre(double k) {
  double sum = 0;
  for (int m = 1; m < 2000; m += 2)
    for (int n = 1; n < 2000; n += 2)
      sum += ((m + n) / 2 % 2 ? 16.0 : -16.0) /
             (pi * pi * m * n * (pi * pi * (m * m + n * n) - k * k));
  return sum;
}

static void constant_wave_numbers_give_the_series(void **state) {
  static const double k[] = {0, 3, 8, 12};
  for (int i = 0; i < 4; i++) {
    double error[2];
    for (int fine = 0; fine < 2; fine++) {
      const int n = fine ? 129 : 65;
      char options[128];
      snprintf(options, sizeof options, "{resolution: %d, contrast: 0, wave_number: %g}", n, k[i]);
      generated s = generate("helmholtz", options, 1);
      error[fine] = s.y[n / 2 * n + n / 2] - centre(k[i]);
      generated_release(&s);
    }
    assert_near(log2(error[0] / error[1]), 2, 0.1);
    assert_near(error[1] / centre(k[i]), 0, 0.03);
  }
}

/* Both forms written out. */
static void check(const char *options, bool skr, int n0, int n1) {
  generated s = generate("helmholtz", options, 3);
  const int channels = skr ? 2 : 1;
  for (int k = 0; k < 3; k++) {
    const double *x = s.x + k * s.x_numbers, *u = s.y + k * s.y_numbers;
    double rr = 0, ff = 0;
    for (int i = 1; i < n0 - 1; i++)
      for (int j = 1; j < n1 - 1; j++) {
        const int at = i * n1 + j, of[5] = {at, at - n1, at + n1, at - 1, at + 1};
        double v[5];
        for (int e = 0; e < 5; e++) v[e] = (skr ? x[2 * of[e]] : 1) * u[of[e]];
        const double wave = skr ? x[2 * at + 1] : x[channels * at];
        const double laplace = (v[1] + v[2] - 2 * v[0]) * (n0 - 1) * (n0 - 1) +
                               (v[3] + v[4] - 2 * v[0]) * (n1 - 1) * (n1 - 1);
        rr += pow(1 + laplace + wave * wave * u[at], 2);
        ff += 1;
      }
    assert_near(sqrt(rr / ff), s.reports[k].residual, 1e-9);
    assert_true(s.reports[k].residual <= 1e-8);
  }
  generated_release(&s);
}

static void solutions_satisfy_the_scheme(void **state) {
  check("{resolution: [20, 33]}", false, 20, 33);
  check("{resolution: [20, 33], form: skr, wave_number: 1}", true, 20, 33);
  check("{resolution: 31, form: skr, wave_number: 12, solver: gmres}", true, 31, 31);
}

static void solutions_are_of_second_order(void **state) {
  generated_second_order("helmholtz", 65, "modes: 6, wave_number: 6", 0, 0.25);
}

/* log w is periodic, of standard deviation 0.185; k uniform in 0 ... 1. */
static void published_fields_are_met(void **state) {
  enum { samples = 300, n = 17 };
  generated s = generate("helmholtz", "{resolution: 17, form: skr, wave_number: 1}", samples);
  double square = 0, mean = 0;
  for (int k = 0; k < samples; k++) {
    const double *x = s.x + k * s.x_numbers;
    for (int i = 0; i < n; i++) {
      assert_true(x[2 * i] == x[2 * ((n - 1) * n + i)]);
      square += pow(log(x[2 * (i * n + 3)]), 2) / (samples * n);
    }
    assert_true(x[1] >= 0 && x[1] < 1 && x[1] == x[2 * n + 1]);
    mean += x[1] / samples;
  }
  assert_near(sqrt(square), 0.185, 0.015);
  assert_near(mean, 0.5, 0.06);
  generated_release(&s);
}

static void solvers_agree(void **state) {
  static const char *const options[] = {
      "{resolution: 30, solver: gmres}", "{resolution: 30, solver: minres}",
      "{resolution: 30, solver: gcrodr, chain: 4}", "{resolution: 30, preconditioner: ilu}"};
  generated a = generate("helmholtz", "{resolution: 30, solver: direct}", 5);
  generated_agree(&a, "helmholtz", 4, options, 1e-5);
  generated_release(&a);
}

/* Indefinite systems, each with another matrix: what recycled directions lose from system to system
 * does not add up. */
static void chains_keep_their_digits(void **state) {
  enum { seed = 1, first = 48, samples = 16 }; /* a chain that is hard on them */
  ritz_context *context;
  ritz_generator *generator;
  assert_ok(ritz_context_create(NULL, &context));
  assert_ok(ritz_generator_create(context, "helmholtz",
                                  "{resolution: 64, wave_number: 20, solver: gcrodr}", &generator));
  generated s = generated_room(generator, samples);
  assert_ok(ritz_generator_run(generator, seed, first, samples, RITZ_FLOAT64, s.x, s.y, s.reports));
  for (int k = 0; k < samples; k++) {
    assert_int_equal(s.reports[k].reason, RITZ_SOLVE_CONVERGED);
    assert_true(s.reports[k].residual <= 1e-8);
  }
  generated_release(&s);
  ritz_generator_destroy(&generator);
  ritz_context_destroy(&context);
}

/* Many waves: still a step or two. */
static void high_frequencies_are_solved(void **state) {
  generated s = generate("helmholtz", "{resolution: 100, wave_number: 60}", 3);
  assert_true(strstr(s.method, "direct, by the model") == s.method);
  for (int k = 0; k < 3; k++) assert_true(s.reports[k].iterations <= 3);
  generated_release(&s);
}

/* BiCGStab only where the matrix is hardly indefinite. */
static void the_choice_depends_on_the_form(void **state) {
  generated field = generate("helmholtz", "{resolution: 64}", 1);
  assert_true(strstr(field.method, "gmres, poisson, by the model") == field.method);
  generated_release(&field);
  generated skr = generate("helmholtz", "{resolution: 64, form: skr, wave_number: 1}", 1);
  assert_true(strstr(skr.method, "bicgstab, poisson, by the model") == skr.method);
  assert_true(skr.reports[0].residual <= 1e-8);
  generated_release(&skr);
}

/* With one speed: u = sum of g_n cos(n pi x) phi_n(y), phi_n'' = (n^2 pi^2 - q^2) phi_n,
 * phi_n'(0) = 0, phi_n'(1) = 1, g_n the cosine series of the part that drives. */
static double driven(double q, double x, double y) {
  double sum = 0;
  for (int n = 0; n < 400; n++) {
    const double g = n ? 2 * (sin(n * pi * 0.65) - sin(n * pi * 0.35)) / (n * pi) : 0.3;
    const double s = n * n * pi * pi - q * q, r = sqrt(fabs(s));
    const double phi = s < 0 ? -cos(r * y) / (r * sin(r))
                             : (exp(r * (y - 1)) + exp(-r * (y + 1))) / (r * (1 - exp(-2 * r)));
    sum += g * cos(n * pi * x) * phi;
  }
  return sum;
}

static double driven_error(int n, double frequency) {
  char options[128];
  snprintf(options, sizeof options, "{resolution: %d, contrast: 0, frequency: %g}", n, frequency);
  generated s = generate("helmholtz_neumann", options, 1);
  double most = 0, size = 0;
  for (int i = 0; i < n; i += n / 8)
    for (int j = 0; j < 3 * n / 4; j += n / 8) { /* away from the ends of what drives */
      const double u = driven(frequency / 20, i / (n - 1.0), j / (n - 1.0));
      most = fmax(most, fabs(s.y[i * n + j] - u));
      size = fmax(size, fabs(u));
    }
  generated_release(&s);
  return most / size;
}

static void one_speed_gives_the_series(void **state) {
  const double a = driven_error(41, 150), b = driven_error(81, 150);
  assert_true(b < 0.02);
  assert_near(log2(a / b), 2, 0.25);
}

/* The published standard deviation of tanh's argument, 0.097, of c here as good as that. */
static void speeds_are_as_published(void **state) {
  enum { samples = 400, n = 21 };
  generated s = generate("helmholtz_neumann", "{resolution: 21, frequency: 1}", samples);
  double square = 0;
  for (ritz_index k = 0; k < samples * s.x_numbers; k++)
    square += pow(s.x[k] - 20, 2) / (double)(samples * s.x_numbers);
  assert_near(sqrt(square), 0.097, 0.008);
  generated_release(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(constant_wave_numbers_give_the_series),
      cmocka_unit_test(solutions_satisfy_the_scheme),
      cmocka_unit_test(solutions_are_of_second_order),
      cmocka_unit_test(published_fields_are_met),
      cmocka_unit_test(solvers_agree),
      cmocka_unit_test(chains_keep_their_digits),
      cmocka_unit_test(high_frequencies_are_solved),
      cmocka_unit_test(the_choice_depends_on_the_form),
      cmocka_unit_test(one_speed_gives_the_series),
      cmocka_unit_test(speeds_are_as_published),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
