/* SPDX-License-Identifier: BSD-3-Clause
 * The generator poisson: its equation, order and distribution. */
#include <math.h>
#include <ritz/generator.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

typedef struct sample {
  int n;
  double *x, *y;
  ritz_solve_report report;
} sample;

static sample make(const char *options, int n0, int n1, int channels) {
  ritz_context *context;
  ritz_generator *generator;
  sample s = {.n = n0};
  s.x = malloc((size_t)(n0 * n1 * channels) * sizeof *s.x);
  s.y = malloc((size_t)(n0 * n1) * sizeof *s.y);
  assert_ok(ritz_context_create(NULL, &context));
  assert_ok(ritz_generator_create(context, "poisson", options, &generator));
  const ritz_shape shape = ritz_generator_describe(generator)->x.shape;
  assert_int_equal(shape.rank, channels > 1 ? 3 : 2);
  assert_ok(ritz_generator_run(generator, 7, 2, 1, RITZ_FLOAT64, s.x, s.y, &s.report));
  assert_int_equal(s.report.reason, RITZ_SOLVE_CONVERGED);
  ritz_generator_destroy(&generator);
  ritz_context_destroy(&context);
  return s;
}

static void release(sample *s) {
  free(s->x);
  free(s->y);
}

/* The scheme written out, and the boundary values. */
static void check(const char *options, int n0, int n1) {
  sample s = make(options, n0, n1, 2);
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
  /* Relative to the right-hand side with the boundary in it, which is larger than f. */
  assert_true(sqrt(rr / ff) <= 1e-8 * fmax(1, 1e4));
  assert_true(s.report.residual <= 1e-8);
  release(&s);
}

static void solutions_satisfy_the_scheme(void **state) {
  check("{resolution: 33}", 33, 33);
  check("{resolution: [17, 40]}", 17, 40);
  check("{resolution: [3, 9]}", 3, 9);
  check("{resolution: 33, solver: multigrid}", 33, 33);
}

static void solvers_agree(void **state) {
  sample a = make("{resolution: 40, solver: fast}", 40, 40, 2);
  sample b = make("{resolution: 40, solver: multigrid}", 40, 40, 2);
  assert_memory_equal(a.x, b.x, 3200 * sizeof(double));
  assert_near(relative_error(1600, b.y, a.y), 0, 1e-6);
  assert_int_equal(a.report.iterations, 1);
  assert_true(a.report.residual < 1e-11);
  release(&a);
  release(&b);
}

/* With one term f and the edges are constants: u against its series on the unit square. */
static void constants_give_the_known_solution(void **state) {
  sample s = make("{resolution: 101, terms: 1, edges: zero}", 101, 101, 1);
  assert_near(s.y[50 * 101 + 50] / s.x[0], 0.07367135328, 1e-5);
  release(&s);
}

/* Largest difference at common nodes well inside: the series of two edges differ at their corner,
 * where u is not smooth. */
static double distance(const sample *coarse, const sample *fine) {
  const int n = coarse->n;
  double most = 0;
  for (int i = n / 4; i <= 3 * n / 4; i++)
    for (int j = n / 4; j <= 3 * n / 4; j++)
      most = fmax(most, fabs(coarse->y[i * n + j] - fine->y[2 * i * fine->n + 2 * j]));
  return most;
}

static void check_order(const char *const options[3], int channels) {
  sample s[3];
  for (int i = 0; i < 3; i++) s[i] = make(options[i], (32 << i) + 1, (32 << i) + 1, channels);
  assert_near(log2(distance(&s[0], &s[1]) / distance(&s[1], &s[2])), 2, 0.1);
  for (int i = 0; i < 3; i++) release(&s[i]);
}

static void solutions_are_of_second_order(void **state) {
  check_order((const char *[]){"{resolution: 33}", "{resolution: 65}", "{resolution: 129}"}, 2);
  check_order((const char *[]){"{resolution: 33, source: gaussian, modes: 8, edges: zero}",
                               "{resolution: 65, source: gaussian, modes: 8, edges: zero}",
                               "{resolution: 129, source: gaussian, modes: 8, edges: zero}"},
              1);
}

/* At the centre T_k(0)^2 is 1 for even k and 0 for odd: f is a sum of nine of variance 1/3. */
static void coefficients_are_uniform(void **state) {
  enum { samples = 2000 };
  static double x[samples][25][2], y[samples][25];
  static ritz_solve_report reports[samples];
  ritz_context *context;
  ritz_generator *generator;
  assert_ok(ritz_context_create(NULL, &context));
  assert_ok(ritz_generator_create(context, "poisson", "{resolution: 5}", &generator));
  assert_ok(ritz_generator_run(generator, 3, 0, samples, RITZ_FLOAT64, x, y, reports));
  double mean = 0, square = 0, edge = 0;
  for (int s = 0; s < samples; s++) {
    mean += x[s][12][0] / samples;
    square += x[s][12][0] * x[s][12][0] / samples;
    edge += x[s][2][1] * x[s][2][1] / samples;
  }
  assert_near(mean, 0, 0.15);
  assert_near(square, 3, 0.3);
  assert_near(edge, 1, 0.1);
  ritz_generator_destroy(&generator);
  ritz_context_destroy(&context);
}

static void the_choice_is_told(void **state) {
  static const char *const cases[][2] = {{"{resolution: 64}", "fast, by the model"},
                                         {"{resolution: 1200}", "multigrid, by the model"},
                                         {"{resolution: 16, solver: multigrid}", "multigrid, as"}};
  ritz_context *context;
  assert_ok(ritz_context_create(NULL, &context));
  for (int i = 0; i < 3; i++) {
    ritz_generator *generator;
    assert_ok(ritz_generator_create(context, "poisson", cases[i][0], &generator));
    const char *method = ritz_generator_describe(generator)->method;
    if (strncmp(method, cases[i][1], strlen(cases[i][1])) != 0) fail_msg("%s", method);
    ritz_generator_destroy(&generator);
  }
  ritz_context_destroy(&context);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(solutions_satisfy_the_scheme), cmocka_unit_test(solvers_agree),
      cmocka_unit_test(constants_give_the_known_solution),
      cmocka_unit_test(solutions_are_of_second_order), cmocka_unit_test(coefficients_are_uniform),
      cmocka_unit_test(the_choice_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
