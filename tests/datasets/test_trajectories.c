/* SPDX-License-Identifier: BSD-3-Clause
 * The generators burgers and navier_stokes: fields, determinism, frames, estimates. */
#include <math.h>

#include "generated.h"
#include "support.h"

static const char *const small_burgers = "{resolution: 40, frames: 3, interval: 0.1, dt: 1e-2}";
static const char *const small_flow =
    "{resolution: [16, 20], frames: 2, interval: 0.5, start: 0.2, dt: 0.05}";

/* 21 samples: more than are stepped side by side, and not a multiple. */
enum { several = 21 };

static void check_same_bits(const char *type, const char *options) {
  generated one = generate_with(type, options, 1, 0, several);
  generated two = generate_with(type, options, 2, 0, several);
  generated part = generate_with(type, options, 2, 3, 2);
  const size_t x = (size_t)one.x_numbers * sizeof(double),
               y = (size_t)one.y_numbers * sizeof(double);
  assert_memory_equal(one.x, two.x, several * x);
  assert_memory_equal(one.y, two.y, several * y);
  assert_memory_equal(one.x + 3 * one.x_numbers, part.x, 2 * x);
  assert_memory_equal(one.y + 3 * one.y_numbers, part.y, 2 * y);
  for (int i = 0; i < several; i++) {
    assert_int_equal(one.reports[i].reason, RITZ_SOLVE_CONVERGED);
    assert_true(one.reports[i].residual > 0 && one.reports[i].residual < 1e-3);
  }
  generated_release(&one);
  generated_release(&two);
  generated_release(&part);
}

static void samples_do_not_depend_on_threads_or_blocks(void **state) {
  check_same_bits("burgers", small_burgers);
  check_same_bits("navier_stokes", small_flow);
}

static void frames_lead_and_axes_are_periodic(void **state) {
  ritz_generator *g = generator_of("navier_stokes", small_flow, 1);
  const ritz_generator_info *info = ritz_generator_describe(g);
  assert_int_equal(info->y.frames, 2);
  assert_int_equal(info->y.shape.n[0], 2);
  assert_true(info->periodic[0] && info->periodic[1]);
  ritz_generator_destroy(&g);
}

/* Root mean square over samples and points. */
static double deviation(const generated *r, ritz_index count) {
  double sum = 0;
  for (ritz_index i = 0; i < count * r->x_numbers; i++) sum += r->x[i] * r->x[i];
  return sqrt(sum / (double)(count * r->x_numbers));
}

/* Covariances 625 (-Laplace + 25)^(-2) and 7^3 (-Laplace + 49)^(-2.5): 0.594 and 0.185. */
static void initial_fields_have_the_published_deviation(void **state) {
  generated r = generate_with("burgers", "{resolution: 64, interval: 1e-3, dt: 1e-3}", 1, 0, 256);
  assert_near(deviation(&r, 256), 0.594, 0.05);
  generated_release(&r);
  r = generate_with("navier_stokes", "{resolution: 32, frames: 1, interval: 1e-2}", 1, 0, 256);
  assert_near(deviation(&r, 256), 0.185, 0.01);
  generated_release(&r);
}

/* Sample i is the same function on every grid: nodes that two grids share hold nearly the same
 * values, up to the modes that only the finer one has. */
static void a_sample_is_one_function_on_all_grids(void **state) {
  generated coarse =
      generate_with("navier_stokes", "{resolution: 32, frames: 1, alpha: 6}", 1, 0, 2);
  generated fine = generate_with("navier_stokes", "{resolution: 64, frames: 1, alpha: 6}", 1, 0, 2);
  for (int s = 0; s < 2; s++)
    for (int i = 0; i < 32; i++)
      for (int j = 0; j < 32; j++) {
        const int a = (s * 32 + i) * 32 + j, b = (s * 64 + 2 * i) * 64 + 2 * j;
        assert_near(coarse.x[a], fine.x[b], 1e-6);
        assert_near(coarse.y[a], fine.y[b], 1e-6);
      }
  generated_release(&fine);
  fine =
      generate_with("navier_stokes", "{resolution: 16, refine: 2, frames: 1, alpha: 6}", 1, 0, 2);
  for (int s = 0; s < 2; s++)
    for (int i = 0; i < 16; i++)
      for (int j = 0; j < 16; j++)
        assert_true(fine.x[(s * 16 + i) * 16 + j] == coarse.x[(s * 32 + 2 * i) * 32 + 2 * j]);
  generated_release(&fine);
  generated_release(&coarse);
}

static void frames_of_a_longer_interval_are_every_other_one(void **state) {
  generated a =
      generate_with("burgers", "{resolution: 32, frames: 4, interval: 0.1, dt: 1e-2}", 1, 0, 1);
  generated b =
      generate_with("burgers", "{resolution: 32, frames: 2, interval: 0.2, dt: 1e-2}", 1, 0, 1);
  for (int i = 0; i < 32; i++) {
    assert_near(a.y[32 + i], b.y[i], 1e-13);
    assert_near(a.y[3 * 32 + i], b.y[32 + i], 1e-13);
  }
  generated_release(&b);
  b = generate_with("burgers", "{resolution: 32, frames: 1, interval: 0.2, start: 0.2, dt: 1e-2}",
                    1, 0, 1);
  for (int i = 0; i < 32; i++) {
    assert_near(a.y[32 + i], b.x[i], 1e-13);
    assert_near(a.y[3 * 32 + i], b.y[i], 1e-13);
  }
  generated_release(&b);
  generated_release(&a);
}

/* The estimate is the size of the true error. */
static void the_estimate_tells_the_error(void **state) {
  generated good = generate_with("burgers", "{resolution: 64, viscosity: 0.02, dt: 1e-3}", 1, 0, 3);
  generated rough = generate_with(
      "burgers", "{resolution: 64, viscosity: 0.02, dt: 2e-2, scheme: rk4_cn}", 1, 0, 3);
  for (int s = 0; s < 3; s++) {
    const double error = relative_error(64, rough.y + 64 * s, good.y + 64 * s);
    assert_true(rough.reports[s].residual > 0.2 * error);
    assert_true(rough.reports[s].residual < 20 * error);
  }
  generated_release(&good);
  generated_release(&rough);
}

static void steps_too_large_are_reported(void **state) {
  generated r = generate_with(
      "burgers", "{resolution: 64, dt: 1, viscosity: 0.01, scheme: euler_cn}", 1, 0, 2);
  assert_int_equal(r.reports[0].reason, RITZ_SOLVE_INACCURATE);
  assert_true(r.reports[0].residual > 1e-3);
  generated_release(&r);
  r = generate_with(
      "navier_stokes",
      "{resolution: 16, frames: 400, dt: 1, scale: 1e9, viscosity: 0, scheme: euler_cn}", 1, 0, 1);
  assert_int_equal(r.reports[0].reason, RITZ_SOLVE_NOT_FINITE);
  for (ritz_index i = 0; i < r.y_numbers; i++) assert_true(isfinite(r.y[i]));
  generated_release(&r);
}

static void mcwilliams_flow_has_its_energy(void **state) {
  generated r = generate_with(
      "navier_stokes",
      "{resolution: 32, initial: mcwilliams, length: 6.283185307179586, forcing: none, frames: 1, "
      "energy: 0.5}",
      1, 0, 2);
  double sum = 0, sum2 = 0;
  for (int i = 0; i < 32 * 32; i++) sum += r.x[i], sum2 += r.x[i] * r.x[i];
  assert_near(sum, 0, 1e-9);
  assert_true(sum2 / 1024 > 1); /* energy 1/2 at wave numbers above 1: enstrophy above it */
  generated_release(&r);
}

static void wrong_options_are_named(void **state) {
  generator_refused("burgers", "{resolution: [8, 8]}", RITZ_ERR_CONFIG, "resolution has 2 numbers");
  generator_refused("navier_stokes", "{resolution: [8, 8, 8]}", RITZ_ERR_CONFIG,
                    "wanted N or [N0, N1]");
  generator_refused("navier_stokes", "{resolution: 8, wavenumber: 3}", RITZ_ERR_CONFIG,
                    "wavenumber 3");
  generator_refused("navier_stokes", "{dt: 1e-9, interval: 1e3}", RITZ_ERR_CONFIG, "steps");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(samples_do_not_depend_on_threads_or_blocks),
      cmocka_unit_test(frames_lead_and_axes_are_periodic),
      cmocka_unit_test(initial_fields_have_the_published_deviation),
      cmocka_unit_test(a_sample_is_one_function_on_all_grids),
      cmocka_unit_test(frames_of_a_longer_interval_are_every_other_one),
      cmocka_unit_test(the_estimate_tells_the_error),
      cmocka_unit_test(steps_too_large_are_reported),
      cmocka_unit_test(mcwilliams_flow_has_its_energy),
      cmocka_unit_test(wrong_options_are_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
