/* SPDX-License-Identifier: BSD-3-Clause
 * Activations against long double libm on every instruction set, their limits, their gradients. */
#define _POSIX_C_SOURCE 200112L
#include "support.h"

#include <float.h>
#include <math.h>

#include "isa.h"

typedef void map(ritz_index n, const void *x, void *y);
typedef void vjp(ritz_index n, const void *x, const void *gy, void *gx, bool add);

static long double cdf(long double x) { return 0.5L * erfcl(-x * 0.707106781186547524401L); }
static long double gelu(long double x) { return x * cdf(x); }
static long double gelu_slope(long double x) {
  return cdf(x) + x * 0.398942280401432677940L * expl(-0.5L * x * x);
}

static long double logistic(long double x) { return 1 / (1 + expl(-x)); }
static long double silu(long double x) { return x * logistic(x); }
static long double silu_slope(long double x) { return logistic(x) * (1 + x * logistic(-x)); }

enum { samples = 40001 };
static double x[samples], y[samples], ones[samples], g[samples];

/* x: [-bound, bound] evenly, in steps that no table width divides. */
static void fill_line(ritz_dtype dtype, double bound) {
  for (ritz_index i = 0; i < samples; i++) {
    ritz_number_set(dtype, x, i, bound * (2.0 * (double)i / (samples - 1) - 1));
    ritz_number_set(dtype, ones, i, 1);
  }
}

/* Largest |values - reference(x)| / max(1, |x|). */
static double error_on_line(ritz_dtype dtype, const double *values,
                            long double (*reference)(long double)) {
  long double worst = 0;
  for (ritz_index i = 0; i < samples; i++) {
    const long double at = ritz_number_get(dtype, x, i);
    const long double error = fabsl(ritz_number_get(dtype, values, i) - reference(at));
    if (!(error / fmaxl(1, fabsl(at)) <= worst)) worst = error / fmaxl(1, fabsl(at));
  }
  return (double)worst;
}

/* One rounding of the result costs 6e-8 (1.1e-16); the rest is the approximation's. */
static void check_gelu_accuracy(ritz_dtype dtype, const ritz_kernels *kernels) {
  fill_line(dtype, 10);
  kernels->gelu(samples, x, y);
  kernels->gelu_vjp(samples, x, ones, g, false);
  const bool wide = dtype == RITZ_FLOAT64;
  assert_near(error_on_line(dtype, y, gelu), 0, wide ? 1e-15 : 2e-7);
  assert_near(error_on_line(dtype, g, gelu_slope), 0, wide ? 2e-15 : 5e-7);
}
static void gelu_is_accurate(void **state) { for_each_table(check_gelu_accuracy); }

/* tanh keeps its relative accuracy down to tiny arguments. */
static void check_tanh_accuracy(ritz_dtype dtype, const ritz_kernels *kernels) {
  const double bounds[] = {25, 1, 1e-3, 1e-20};
  for (int b = 0; b < 4; b++) {
    fill_line(dtype, bounds[b]);
    kernels->tanh(samples, x, y);
    for (ritz_index i = 0; i < samples; i++) {
      const double exact = (double)tanhl(ritz_number_get(dtype, x, i));
      const double epsilon = dtype == RITZ_FLOAT64 ? DBL_EPSILON : FLT_EPSILON;
      assert_near(ritz_number_get(dtype, y, i), exact, 4 * epsilon * fabs(exact));
    }
  }
}
static void tanh_is_accurate(void **state) { for_each_table(check_tanh_accuracy); }

/* Both tails keep their relative accuracy. */
static void check_sigmoid_accuracy(ritz_dtype dtype, const ritz_kernels *kernels) {
  const bool wide = dtype == RITZ_FLOAT64;
  const double bounds[] = {wide ? 700 : 86, 20, 1, 1e-3};
  for (int b = 0; b < 4; b++) {
    fill_line(dtype, bounds[b]);
    kernels->sigmoid(samples, x, y);
    for (ritz_index i = 0; i < samples; i++) {
      const double exact = (double)logistic(ritz_number_get(dtype, x, i));
      assert_near(ritz_number_get(dtype, y, i), exact, (wide ? 5e-16 : 3e-7) * exact);
    }
    kernels->silu(samples, x, y);
    kernels->silu_vjp(samples, x, ones, g, false);
    assert_near(error_on_line(dtype, y, silu), 0, wide ? 5e-16 : 3e-7);
    assert_near(error_on_line(dtype, g, silu_slope), 0, wide ? 1e-15 : 5e-7);
  }
}

static void check_sigmoid_limits(ritz_dtype dtype, const ritz_kernels *kernels) {
  const double points[] = {INFINITY, -INFINITY, 1e30, -1e30, 0, NAN};
  const double chance[] = {1, 0, 1, 0, 0.5}, product[] = {INFINITY, 0, 1e30, 0, 0};
  double in[6], s[6], v[6], slope[6], unit[6];
  for (int i = 0; i < 6; i++)
    ritz_number_set(dtype, in, i, points[i]), ritz_number_set(dtype, unit, i, 1);
  kernels->sigmoid(6, in, s);
  kernels->silu(6, in, v);
  kernels->silu_vjp(6, in, unit, slope, false);
  for (int i = 0; i < 5; i++) {
    assert_near(ritz_number_get(dtype, s, i), chance[i], 0);
    assert_near(ritz_number_get(dtype, slope, i), chance[i], 0);
    if (i > 0)
      assert_near(ritz_number_get(dtype, v, i), (double)(float)product[i], 1e-7 * product[i]);
  }
  assert_true(ritz_number_get(dtype, v, 0) == INFINITY);
  assert_true(isnan(ritz_number_get(dtype, s, 5)) && isnan(ritz_number_get(dtype, v, 5)));
  assert_true(isnan(ritz_number_get(dtype, slope, 5)));
}
static void sigmoid_and_silu_have_their_limits(void **state) {
  for_each_table(check_sigmoid_limits);
}

static void sigmoid_and_silu_are_accurate(void **state) { for_each_table(check_sigmoid_accuracy); }

static void check_leaky(ritz_dtype dtype, const ritz_kernels *kernels) {
  enum { n = 37 };
  double in[n], out[n], gout[n], gradient[n];
  fill_uniform_as(dtype, 1, n, in);
  fill_uniform_as(dtype, 2, n, gout);
  ritz_number_set(dtype, in, 3, NAN);
  ritz_number_set(dtype, in, 4, 0);
  kernels->leaky_relu(n, 0.25, in, out);
  kernels->leaky_relu_vjp(n, 0.25, out, gout, gradient, false);
  kernels->leaky_relu_vjp(n, 0.25, out, gout, gradient, true);
  assert_true(isnan(ritz_number_get(dtype, out, 3)));
  for (int i = 0; i < n; i++) {
    const double v = ritz_number_get(dtype, in, i), slope = v > 0 ? 1 : 0.25;
    if (i != 3) assert_near(ritz_number_get(dtype, out, i), slope * v, 0);
    if (i != 3)
      assert_near(ritz_number_get(dtype, gradient, i), 2 * slope * ritz_number_get(dtype, gout, i),
                  0);
  }
}
static void leaky_relu_has_two_slopes(void **state) { for_each_table(check_leaky); }

static void check_limits(ritz_dtype dtype, const ritz_kernels *kernels) {
  const double points[] = {INFINITY, -INFINITY, NAN, 0.0, -0.0, 30, -30, 1e30, -1e30, -NAN};
  const double value[] = {INFINITY, 0, NAN, 0, 0, 30, 0, 1e30, 0, NAN};
  const double slope[] = {1, 0, NAN, 0.5, 0.5, 1, 0, 1, 0, NAN};
  const double bounded[] = {1, -1, NAN, 0, 0, 1, -1, 1, -1, NAN};
  const double positive[] = {INFINITY, 0, NAN, 0, 0, 30, 0, 1e30, 0, NAN};
  enum { count = 10 };
  const struct {
    map *run;
    const double *expected;
  } maps[] = {{kernels->gelu, value}, {kernels->tanh, bounded}, {kernels->relu, positive}};
  double in[count], out[count], unit[count], gradient[count];
  for (int i = 0; i < count; i++)
    ritz_number_set(dtype, in, i, points[i]), ritz_number_set(dtype, unit, i, 1);
  kernels->gelu_vjp(count, in, unit, gradient, false);
  for (int m = 0; m < 3; m++) {
    maps[m].run(count, in, out);
    for (int i = 0; i < count; i++) {
      const double expected = maps[m].expected[i], got = ritz_number_get(dtype, out, i);
      if (isnan(expected))
        assert_true(isnan(got));
      else if (isinf(expected))
        assert_true(got == expected);
      else
        assert_near(got, dtype == RITZ_FLOAT64 ? expected : (double)(float)expected, 0);
    }
  }
  for (int i = 0; i < count; i++) {
    if (isnan(slope[i]))
      assert_true(isnan(ritz_number_get(dtype, gradient, i)));
    else
      assert_near(ritz_number_get(dtype, gradient, i), slope[i], 0);
  }
}
static void limits_are_exact_and_nan_stays(void **state) { for_each_table(check_limits); }

/* Any length, misaligned, in place, nothing touched behind the end: each equals one at a time. */
static void check_lengths(ritz_dtype dtype, const ritz_kernels *kernels) {
  const size_t size = ritz_dtype_size(dtype);
  map *const maps[] = {kernels->gelu, kernels->tanh, kernels->relu, kernels->sigmoid,
                       kernels->silu};
  vjp *const vjps[] = {kernels->gelu_vjp, kernels->tanh_vjp, kernels->relu_vjp,
                       kernels->sigmoid_vjp, kernels->silu_vjp};
  enum { longest = 67 };
  char in[(longest + 1) * 8], gout[(longest + 1) * 8], out[(longest + 1) * 8], one[8];
  for (ritz_index n = 0; n <= longest - 1; n++) {
    for (int k = 0; k < 5; k++) {
      fill_uniform_as(dtype, 1, longest + 1, in);
      fill_uniform_as(dtype, 2, longest + 1, gout);
      memcpy(out, in, sizeof out);
      maps[k](n, out + size, out + size); /* in place, off alignment */
      const double tolerance = dtype == RITZ_FLOAT64 ? 4 * DBL_EPSILON : 4 * FLT_EPSILON;
      for (ritz_index i = 0; i < n; i++) {
        maps[k](1, in + (size_t)(i + 1) * size, one);
        assert_near(ritz_number_get(dtype, out, i + 1), ritz_number_get(dtype, one, 0), tolerance);
      }
      assert_memory_equal(out, in, size);
      assert_memory_equal(out + (size_t)(n + 1) * size, in + (size_t)(n + 1) * size, size);
      for (int add = 0; add <= 1; add++) {
        memcpy(out, gout, sizeof out);
        vjps[k](n, in + size, gout + size, out + size, add);
        for (ritz_index i = 0; i < n; i++) {
          memcpy(one, gout + (size_t)(i + 1) * size, size);
          vjps[k](1, in + (size_t)(i + 1) * size, gout + (size_t)(i + 1) * size, one, add);
          assert_near(ritz_number_get(dtype, out, i + 1), ritz_number_get(dtype, one, 0),
                      tolerance);
        }
        assert_memory_equal(out + (size_t)(n + 1) * size, gout + (size_t)(n + 1) * size, size);
      }
    }
  }
}
static void lengths_alignment_and_places_do_not_matter(void **state) {
  for_each_table(check_lengths);
}

/* vjp of s = sum(f(x) r) against (s(x + h) - s(x - h))/2h, all points at once. */
static void check_gradients(ritz_dtype dtype, const ritz_kernels *kernels) {
  if (dtype != RITZ_FLOAT64) return;
  enum { n = 37 };
  const double h = 1e-5;
  double at[n], plus[n], minus[n], up[n], down[n], middle[n], r[n], gradient[n];
  fill_uniform(3, n, at);
  fill_uniform(4, n, r);
  for (int i = 0; i < n; i++) at[i] *= 4, plus[i] = at[i] + h, minus[i] = at[i] - h;
  map *const maps[] = {kernels->gelu, kernels->tanh, kernels->relu, kernels->sigmoid,
                       kernels->silu};
  for (int k = 0; k < 5; k++) {
    maps[k](n, plus, up);
    maps[k](n, minus, down);
    maps[k](n, at, middle);
    if (k == 0) kernels->gelu_vjp(n, at, r, gradient, false);
    if (k == 1) kernels->tanh_vjp(n, middle, r, gradient, false);
    if (k == 2) kernels->relu_vjp(n, middle, r, gradient, false);
    if (k == 3) kernels->sigmoid_vjp(n, middle, r, gradient, false);
    if (k == 4) kernels->silu_vjp(n, at, r, gradient, false);
    for (int i = 0; i < n; i++) assert_near(gradient[i], r[i] * (up[i] - down[i]) / (2 * h), 1e-9);
  }
}
static void gradients_agree_with_central_differences(void **state) {
  for_each_table(check_gradients);
}

static void check_linear(ritz_dtype dtype, const ritz_kernels *kernels) {
  enum { n = 19 };
  double a[n], b[n], sum[n], scaled[n];
  for (int i = 0; i < n; i++)
    ritz_number_set(dtype, a, i, i), ritz_number_set(dtype, b, i, 100 * i);
  kernels->add(n, a, b, sum);
  kernels->scale(n, -0.5, a, scaled, false);
  kernels->scale(n, 2, b, scaled, true);
  for (int i = 0; i < n; i++) {
    assert_near(ritz_number_get(dtype, sum, i), 101 * i, 0);
    assert_near(ritz_number_get(dtype, scaled, i), 199.5 * i, 0);
  }
}
static void add_and_scale_do_arithmetic(void **state) { for_each_table(check_linear); }

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gelu_is_accurate),
      cmocka_unit_test(tanh_is_accurate),
      cmocka_unit_test(sigmoid_and_silu_are_accurate),
      cmocka_unit_test(sigmoid_and_silu_have_their_limits),
      cmocka_unit_test(leaky_relu_has_two_slopes),
      cmocka_unit_test(limits_are_exact_and_nan_stays),
      cmocka_unit_test(lengths_alignment_and_places_do_not_matter),
      cmocka_unit_test(gradients_agree_with_central_differences),
      cmocka_unit_test(add_and_scale_do_arithmetic),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
