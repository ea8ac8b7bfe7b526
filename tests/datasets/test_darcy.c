/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "allocations.h"
#include "core/memory.h"
#include "generated.h"
#include "support.h"

/* ||b - A u|| / ||b|| of the scheme written out here, independent of the solver's kernels. */
static double residual(int n0, int n1, bool harmonic, const double *a, const double *u) {
  const double s0 = (n0 - 1.0) * (n0 - 1.0), s1 = (n1 - 1.0) * (n1 - 1.0);
  double rr = 0, bb = 0;
  for (int i = 1; i < n0 - 1; i++)
    for (int j = 1; j < n1 - 1; j++) {
      const int k = i * n1 + j, neighbour[4] = {k - n1, k + n1, k - 1, k + 1};
      double r = 1;
      for (int f = 0; f < 4; f++) {
        const double p = a[k], q = a[neighbour[f]];
        const double face = harmonic ? 2 * p * q / (p + q) : 0.5 * (p + q);
        r -= (f < 2 ? s0 : s1) * face * (u[k] - u[neighbour[f]]);
      }
      rr += r * r;
      bb += 1;
    }
  return sqrt(rr / bb);
}

static void check_solutions(const char *options, int n0, int n1, bool harmonic) {
  generated p = generate("darcy", options, 3);
  assert_int_equal(p.x_numbers, n0 * n1);
  for (int s = 0; s < 3; s++) {
    const double *a = p.x + s * p.x_numbers, *u = p.y + s * p.x_numbers;
    const double r = residual(n0, n1, harmonic, a, u);
    assert_true(r <= 1.001e-8);
    assert_near(r, p.reports[s].residual, 1e-10);
    for (int i = 0; i < n0; i++)
      for (int j = 0; j < n1; j++) {
        const bool boundary = i == 0 || i == n0 - 1 || j == 0 || j == n1 - 1;
        const double value = u[i * n1 + j];
        assert_true(boundary ? value == 0 : value > 0); /* maximum principle for f = 1 */
      }
  }
  generated_release(&p);
}

static void solutions_satisfy_the_scheme(void **state) {
  check_solutions(NULL, 64, 64, false);
  check_solutions("{resolution: [17, 32]}", 17, 32, false);
  check_solutions("{resolution: [40, 3], coefficient: lognormal}", 40, 3, false);
  check_solutions("{resolution: 33, coefficient: lognormal, log_scale: 3}", 33, 33, false);
  check_solutions("{resolution: 3}", 3, 3, false);
  check_solutions("{resolution: 24, high: 1000, low: 1}", 24, 24, true);
  check_solutions("{resolution: 24, faces: harmonic}", 24, 24, true);
}

static void cubes_are_solved_at_second_order(void **state) {
  ritz_generator *g = generator_of("darcy", "{resolution: [9, 12, 10], low: 1, high: 1}", 1);
  const ritz_generator_info *info = ritz_generator_describe(g);
  assert_int_equal(info->dim, 3);
  assert_int_equal(info->y.shape.rank, 3);
  assert_int_equal(info->y.shape.n[1], 12);
  ritz_generator_destroy(&g);
  /* -Laplace u = 1 on the cube: 0.0562125 at the centre (series). */
  static double x[2][33 * 33 * 33], y[2][33 * 33 * 33];
  ritz_solve_report report;
  g = generator_of("darcy", "{resolution: [17, 17, 17], low: 1, high: 1}", 1);
  assert_ok(ritz_generator_run(g, 11, 3, 1, RITZ_FLOAT64, x[0], y[0], &report));
  ritz_generator_destroy(&g);
  g = generator_of("darcy", "{resolution: [33, 33, 33], low: 1, high: 1}", 1);
  assert_ok(ritz_generator_run(g, 11, 3, 1, RITZ_FLOAT64, x[1], y[1], &report));
  ritz_generator_destroy(&g);
  const double coarse = y[0][(8 * 17 + 8) * 17 + 8], fine = y[1][(16 * 33 + 16) * 33 + 16];
  assert_near(fine + (fine - coarse) / 3, 0.0562125, 3e-6);
}

static void coefficient_has_the_two_values_asked_for(void **state) {
  generated p = generate("darcy", "{resolution: 32, low: 2, high: 5}", 20);
  ritz_index high = 0;
  for (ritz_index k = 0; k < p.count * p.x_numbers; k++) {
    assert_true(p.x[k] == 2 || p.x[k] == 5);
    high += p.x[k] == 5;
  }
  /* A field of mean zero: half and half, up to the spread of single samples. */
  assert_near((double)high / (double)(p.count * p.x_numbers), 0.5, 0.15);
  generated_release(&p);
}

/* Series solution of -Laplace u = 1 at the centre: 0.0736713532814... */
static void constant_coefficient_gives_the_known_torsion_value(void **state) {
  generated p = generate("darcy", "{resolution: 101, low: 1, high: 1}", 1);
  assert_near(p.y[50 * 101 + 50], 0.07367135328, 1e-5);
  generated_release(&p);
}

static void lognormal_solutions_converge_at_second_order(void **state) {
  generated a =
      generate("darcy", "{resolution: 33, coefficient: lognormal, modes: 8, tolerance: 1e-11}", 1);
  generated b =
      generate("darcy", "{resolution: 65, coefficient: lognormal, modes: 8, tolerance: 1e-11}", 1);
  generated c =
      generate("darcy", "{resolution: 129, coefficient: lognormal, modes: 8, tolerance: 1e-11}", 1);
  for (int i = 0; i < 33; i++)
    for (int j = 0; j < 33; j++)
      assert_near(a.x[i * 33 + j], b.x[2 * i * 65 + 2 * j], 1e-12); /* one function */
  assert_near(log2(generated_distance(&a, &b, 0) / generated_distance(&b, &c, 0)), 2, 0.1);
  generated_release(&a);
  generated_release(&b);
  generated_release(&c);
}

/* With all modes a finer grid adds detail only: nearly all common nodes keep their side. */
static void piecewise_samples_agree_between_grids(void **state) {
  enum { n = 64, m = 2 * n - 1, samples = 4 };
  generated a = generate("darcy", "{resolution: 64}", samples),
            b = generate("darcy", "{resolution: 127}", samples);
  int different = 0;
  for (int s = 0; s < samples; s++)
    for (int i = 0; i < n; i++)
      for (int j = 0; j < n; j++)
        different += a.x[s * n * n + i * n + j] != b.x[s * m * m + 2 * i * m + 2 * j];
  assert_true(different < samples * n * n / 50);
  for (int s = 0; s < samples; s++) {
    double e = 0, size = 0;
    for (int i = 0; i < n; i++)
      for (int j = 0; j < n; j++) {
        const double u = b.y[s * m * m + 2 * i * m + 2 * j];
        e += pow(a.y[s * n * n + i * n + j] - u, 2), size += u * u;
      }
    assert_near(sqrt(e / size), 0, 0.03);
  }
  generated_release(&a);
  generated_release(&b);
}

static void any_thread_count_gives_the_same_bits(void **state) {
  static const char *const options[] = {
      "{resolution: 23}", "{resolution: 23, coefficient: lognormal}",
      "{resolution: 23, lanes: strips}", "{resolution: [13, 12, 14], low: 1, high: 1e4}"};
  for (int o = 0; o < 4; o++) {
    generated one = generate("darcy", options[o], 9),
              three = generate_with("darcy", options[o], 3, 3, 9);
    const size_t size = (size_t)(9 * one.x_numbers) * sizeof(double);
    assert_memory_equal(one.x, three.x, size);
    assert_memory_equal(one.y, three.y, size);
    for (int s = 0; s < 9; s++) {
      assert_int_equal(one.reports[s].iterations, three.reports[s].iterations);
      assert_true(one.reports[s].residual == three.reports[s].residual);
    }
    generated_release(&one);
    generated_release(&three);
  }
}

static void any_block_of_samples_gives_the_same_bits(void **state) {
  generated whole = generate_with("darcy", "{resolution: 21}", 2, 3, 7);
  ritz_generator *g = generator_of("darcy", "{resolution: 21}", 2);
  generated part = generated_room(g, 7);
  static const int cuts[] = {0, 1, 3, 7};
  for (int c = 2; c >= 0; c--) /* backwards: order does not matter either */
    assert_ok(ritz_generator_run(g, 11, 3 + cuts[c], cuts[c + 1] - cuts[c], RITZ_FLOAT64,
                                 part.x + cuts[c] * 441, part.y + cuts[c] * 441,
                                 part.reports + cuts[c]));
  assert_memory_equal(whole.x, part.x, 7 * 441 * sizeof(double));
  assert_memory_equal(whole.y, part.y, 7 * 441 * sizeof(double));
  ritz_generator_destroy(&g);
  generated_release(&whole);
  generated_release(&part);
}

static void float_samples_are_the_double_ones_rounded(void **state) {
  generated p = generate("darcy", "{resolution: 19, coefficient: lognormal}", 2);
  ritz_generator *g = generator_of("darcy", "{resolution: 19, coefficient: lognormal}", 1);
  float x[2 * 361], y[2 * 361];
  assert_ok(ritz_generator_run(g, 11, 3, 2, RITZ_FLOAT32, x, y, p.reports));
  for (int k = 0; k < 2 * 361; k++) {
    assert_true(x[k] == (float)p.x[k]);
    assert_true(y[k] == (float)p.y[k]);
  }
  ritz_generator_destroy(&g);
  generated_release(&p);
}

static void a_sample_that_does_not_converge_says_so(void **state) {
  ritz_generator *g = generator_of("darcy", "{resolution: 32, max_iterations: 2}", 1);
  generated p = generated_room(g, 1);
  assert_ok(ritz_generator_run(g, 11, 3, 1, RITZ_FLOAT64, p.x, p.y, p.reports));
  assert_int_equal(p.reports[0].reason, RITZ_SOLVE_MAX_ITERATIONS);
  assert_int_equal(p.reports[0].iterations, 2);
  assert_near(p.reports[0].residual, residual(32, 32, false, p.x, p.y), 1e-12);
  ritz_generator_destroy(&g);
  generated_release(&p);
}

static void tells_what_it_makes(void **state) {
  ritz_generator *g = generator_of("darcy", "{resolution: [5, 9]}", 1);
  const ritz_generator_info *info = ritz_generator_describe(g);
  assert_string_equal(info->type, "darcy");
  assert_int_equal(info->dim, 2);
  assert_int_equal(info->x.shape.rank, 2);
  assert_int_equal(info->x.shape.n[0], 5);
  assert_int_equal(info->y.shape.n[1], 9);
  assert_int_equal(info->nodes[1], 9);
  assert_true(info->length[0] == 1 && !info->periodic[0]);
  char *text;
  assert_ok(ritz_generator_options(g, &text));
  assert_non_null(strstr(text, "\"resolution\": [5, 9]"));
  assert_non_null(strstr(text, "\"coefficient\": \"piecewise\""));
  ritz_free(text);
  assert_ok(ritz_generator_help("darcy", &text));
  assert_non_null(strstr(text, "preconditioner"));
  ritz_free(text);
  ritz_generator_destroy(&g);
}

static void generators_are_listed(void **state) {
  bool found = false;
  for (int i = 0; i < ritz_generator_count(); i++) {
    assert_non_null(ritz_generator_summary(i));
    found |= strcmp(ritz_generator_name(i), "darcy") == 0;
  }
  assert_true(found);
  assert_null(ritz_generator_name(-1));
  assert_null(ritz_generator_name(ritz_generator_count()));
}

static void refuses_bad_options_by_name(void **state) {
  static const struct {
    const char *options, *message;
  } cases[] = {
      {"{resolution: 2}", "resolution"},
      {"{resolution: [8, 8, 8, 8]}", "resolution"},
      {"{resolution: [8, 8, 8], solver: cg}", "two dimensions"},
      {"{resolution: [8, 8, 8], preconditioner: jacobi}", "two dimensions"},
      {"{resolution: [8, 8, 8], cycle: F}", "cycle"},
      {"{sweeps: 9}", "sweeps"},
      {"{resolution: [8, 8, 8], lanes: strips}", "lanes strips"},
      {"{lanes: rows}", "strips"},
      {"{resolution: [8, 8, 8], transfer: linear}", "galerkin"},
      {"{transfer: trilinear}", "three dimensions"},
      {"{resolution: []}", "resolution"},
      {"{coefficient: smooth}", "lognormal"},
      {"{low: 0}", "low"},
      {"{tau: -3}", "tau"},
      {"{solver: gmres}", "cg"},
      {"{preconditioner: ilu}", "poisson"},
      {"{tolerance: 0}", "tolerance"},
      {"{max_iterations: 0}", "max_iterations"},
      {"{resolutoin: 64}", "resolution"},
      {"{forcing: .nan}", "forcing"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    generator_refused("darcy", cases[i].options, RITZ_ERR_CONFIG, cases[i].message);
  generator_refused("d'arcy", "{}", RITZ_ERR_NOT_FOUND, "did you mean 'darcy'");
}

static void refuses_sample_numbers_out_of_range(void **state) {
  ritz_generator *g = generator_of("darcy", "{resolution: 5}", 1);
  double x[25], y[25];
  ritz_solve_report report;
  const ritz_index limit = (ritz_index)1 << 32;
  assert_int_equal(ritz_generator_run(g, 1, -1, 1, RITZ_FLOAT64, x, y, &report), RITZ_ERR_ARGUMENT);
  assert_int_equal(ritz_generator_run(g, 1, limit, 1, RITZ_FLOAT64, x, y, &report),
                   RITZ_ERR_ARGUMENT);
  assert_int_equal(ritz_generator_run(g, 1, 0, -1, RITZ_FLOAT64, x, y, &report), RITZ_ERR_ARGUMENT);
  assert_ok(ritz_generator_run(g, 1, limit - 1, 1, RITZ_FLOAT64, x, y, &report));
  assert_ok(ritz_generator_run(g, 1, 0, 0, RITZ_FLOAT64, x, y, &report));
  ritz_generator_destroy(&g);
}

static void survives_every_failed_allocation(void **state) {
  static const char options[] = "{resolution: 7, coefficient: lognormal}";
  ritz_context *context;
  ritz_generator *generator;
  assert_ok(ritz_context_create(NULL, &context));
  long k = 0;
  while (creation_fails(k, generator, ritz_generator_create(context, "darcy", options, &generator)))
    k++;
  assert_true(k > 30);
  ritz_generator_destroy(&generator);
  ritz_context_destroy(&context);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(solutions_satisfy_the_scheme),
      cmocka_unit_test(cubes_are_solved_at_second_order),
      cmocka_unit_test(coefficient_has_the_two_values_asked_for),
      cmocka_unit_test(constant_coefficient_gives_the_known_torsion_value),
      cmocka_unit_test(lognormal_solutions_converge_at_second_order),
      cmocka_unit_test(piecewise_samples_agree_between_grids),
      cmocka_unit_test(any_thread_count_gives_the_same_bits),
      cmocka_unit_test(any_block_of_samples_gives_the_same_bits),
      cmocka_unit_test(float_samples_are_the_double_ones_rounded),
      cmocka_unit_test(a_sample_that_does_not_converge_says_so),
      cmocka_unit_test(tells_what_it_makes),
      cmocka_unit_test(generators_are_listed),
      cmocka_unit_test(refuses_bad_options_by_name),
      cmocka_unit_test(refuses_sample_numbers_out_of_range),
      cmocka_unit_test(survives_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
