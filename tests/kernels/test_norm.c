/* SPDX-License-Identifier: BSD-3-Clause
 * Normalisation against its definition, cut into chunks, and its gradient against differences. */
#define _POSIX_C_SOURCE 200112L
#include "support.h"

#include <float.h>
#include <math.h>

#include "isa.h"
#include "kernels/norm.h"

enum { most_points = 301, most_channels = 70, most = most_points * most_channels };

typedef struct shape {
  ritz_index points, channels, groups, chunk;
} shape;

static const shape shapes[] = {
    {1, 1, 1, 1},     {7, 1, 1, 3},     {301, 3, 3, 64},
    {65, 16, 4, 300}, {131, 70, 5, 50}, {30, 67, 67, 30},
};
enum { shape_count = sizeof shapes / sizeof *shapes };

static const double eps = 1e-5;
static double x[most], gy[most], y[most], gx[most], wide[most];
static double w[most_channels], b[most_channels];
static double mean[most_channels], rstd[most_channels];

/* Mean and 1/sqrt(variance + eps) through the kernels, chunk by chunk. */
static void statistics(ritz_dtype dtype, const ritz_kernels *kernels, const shape *s,
                       const void *field) {
  const size_t row = (size_t)s->channels * ritz_dtype_size(dtype);
  double more_mean[most_channels], more_m2[most_channels];
  memset(mean, 0, sizeof mean);
  memset(rstd, 0, sizeof rstd);
  for (ritz_index r = 0; r < s->points; r += s->chunk) {
    const ritz_index rows = s->points - r < s->chunk ? s->points - r : s->chunk;
    kernels->norm_moments(rows, s->channels, (const char *)field + (size_t)r * row, more_mean,
                          more_m2);
    ritz_norm_merge(s->channels, r, mean, rstd, rows, more_mean, more_m2);
  }
  ritz_norm_finish(s->channels, s->groups, s->points, eps, mean, rstd);
}

/* The definition, in long double. */
static void define(const shape *s, const double *field, double *out) {
  const ritz_index width = s->channels / s->groups;
  for (ritz_index g = 0; g < s->groups; g++) {
    long double centre = 0, square = 0;
    const long double count = (long double)(width * s->points);
    for (ritz_index r = 0; r < s->points; r++)
      for (ritz_index i = g * width; i < (g + 1) * width; i++)
        centre += field[r * s->channels + i] / count;
    for (ritz_index r = 0; r < s->points; r++)
      for (ritz_index i = g * width; i < (g + 1) * width; i++)
        square += powl(field[r * s->channels + i] - centre, 2) / count;
    for (ritz_index r = 0; r < s->points; r++)
      for (ritz_index i = g * width; i < (g + 1) * width; i++) {
        const ritz_index at = r * s->channels + i;
        out[at] = (double)((field[at] - centre) / sqrtl(square + eps) * w[i] + b[i]);
      }
  }
}

static void widen(ritz_dtype dtype, ritz_index n, const void *from, double *to) {
  for (ritz_index i = 0; i < n; i++) to[i] = ritz_number_get(dtype, from, i);
}

static void check_definition(ritz_dtype dtype, const ritz_kernels *kernels) {
  static double typed_w[most_channels], typed_b[most_channels], expected[most], got[most];
  fill_uniform_as(dtype, 2, most_channels, typed_w);
  fill_uniform_as(dtype, 3, most_channels, typed_b);
  for (int k = 0; k < shape_count; k++) {
    const shape *s = &shapes[k];
    const ritz_index n = s->points * s->channels;
    fill_uniform_as(dtype, 1, n, x);
    widen(dtype, n, x, wide);
    for (int affine = 0; affine <= 1; affine++) {
      for (ritz_index i = 0; i < s->channels; i++) {
        w[i] = affine ? ritz_number_get(dtype, typed_w, i) : 1;
        b[i] = affine ? ritz_number_get(dtype, typed_b, i) : 0;
      }
      statistics(dtype, kernels, s, x);
      kernels->norm_apply(s->points, s->channels, x, mean, rstd, affine ? typed_w : NULL,
                          affine ? typed_b : NULL, y);
      define(s, wide, expected);
      widen(dtype, n, y, got);
      assert_near(relative_error(n, got, expected), 0, dtype == RITZ_FLOAT64 ? 1e-14 : 5e-7);
    }
  }
}
static void kernels_agree_with_the_definition(void **state) { for_each_table(check_definition); }

/* A mean a million times the spread: sums of squares would lose every digit of the variance. The
 * sample alternates between c - 1 and c + 1, behind a first row that is far off. */
static void check_offset(ritz_dtype dtype, const ritz_kernels *kernels) {
  enum { points = 257, channels = 5 };
  const shape s = {points, channels, channels, 100};
  for (int far = 0; far <= 1; far++) {
    for (ritz_index r = 0; r < points; r++)
      for (ritz_index i = 0; i < channels; i++) {
        const double value = (r == 0 && far ? 0 : 1048576) + (r % 2 ? 1 : -1) * (double)(i + 1);
        if (dtype == RITZ_FLOAT64)
          x[r * channels + i] = value;
        else
          ((float *)x)[r * channels + i] = (float)value;
      }
    widen(dtype, points * channels, x, wide);
    statistics(dtype, kernels, &s, x);
    for (ritz_index i = 0; i < channels; i++) {
      long double centre = 0, square = 0;
      for (ritz_index r = 0; r < points; r++)
        centre += wide[r * channels + i]; /* exact: integers */
      centre /= points;
      for (ritz_index r = 0; r < points; r++)
        square += powl(wide[r * channels + i] - centre, 2) / points;
      assert_near(mean[i], (double)centre, 1e-15 * 1048576);
      assert_near(rstd[i] * sqrt((double)square + eps), 1, 1e-12);
    }
  }
}
static void variance_survives_a_large_mean(void **state) { for_each_table(check_offset); }

static void chunks_and_empty_chunks_merge(void **state) {
  double m[2] = {0}, m2[2] = {0};
  ritz_norm_merge(2, 0, m, m2, 0, (double[]){9, 9}, (double[]){9, 9});
  assert_near(m[0], 0, 0);
  /* {1, 3} and {5}: mean 3, squares 4 + 0 + 4 */
  ritz_norm_merge(2, 0, m, m2, 2, (double[]){2, -2}, (double[]){2, 2});
  ritz_norm_merge(2, 2, m, m2, 1, (double[]){5, -5}, (double[]){0, 0});
  assert_near(m[0], 3, 1e-15);
  assert_near(m[1], -3, 1e-15);
  assert_near(m2[0], 8, 1e-14);
}

/* gx, gw, gb of one sample, chunk by chunk. */
static void gradient(ritz_dtype dtype, const ritz_kernels *kernels, const shape *s,
                     const void *typed_w, double *gw, double *gb, bool add) {
  const size_t row = (size_t)s->channels * ritz_dtype_size(dtype);
  double part_s[most_channels], part_q[most_channels];
  memset(gw, 0, most_channels * sizeof *gw);
  memset(gb, 0, most_channels * sizeof *gb);
  statistics(dtype, kernels, s, x);
  for (int pass = 0; pass < 2; pass++) {
    for (ritz_index r = 0; r < s->points; r += s->chunk) {
      const ritz_index rows = s->points - r < s->chunk ? s->points - r : s->chunk;
      const size_t at = (size_t)r * row;
      if (pass == 0)
        kernels->norm_vjp_sums(rows, s->channels, (char *)x + at, (char *)gy + at, mean, rstd, gw,
                               gb);
      else
        kernels->norm_vjp(rows, s->channels, (char *)x + at, (char *)gy + at, mean, rstd, typed_w,
                          part_s, part_q, (char *)gx + at, add);
    }
    if (pass == 0)
      ritz_norm_vjp_means(s->channels, s->groups, s->points, typed_w ? w : NULL, gw, gb, part_s,
                          part_q);
  }
}

static double objective(const shape *s, const double *field) {
  static double out[most];
  define(s, field, out);
  double sum = 0;
  for (ritz_index i = 0; i < s->points * s->channels; i++) sum += out[i] * gy[i];
  return sum;
}

/* Central differences of s = sum(y gy) at a few places; h^2 and rounding both leave about 1e-9. */
static void check_gradient(ritz_dtype dtype, const ritz_kernels *kernels) {
  if (dtype != RITZ_FLOAT64) return;
  const double h = 1e-5;
  double gw[most_channels], gb[most_channels];
  for (int k = 1; k < shape_count; k++) {
    const shape *s = &shapes[k];
    const ritz_index n = s->points * s->channels;
    fill_uniform(1, n, x);
    fill_uniform(4, n, gy);
    fill_uniform(2, most_channels, w);
    fill_uniform(3, most_channels, b);
    gradient(dtype, kernels, s, w, gw, gb, false);
    double *const inputs[] = {x, w, b};
    const double *const gradients[] = {gx, gw, gb};
    const ritz_index sizes[] = {n, s->channels, s->channels};
    for (int in = 0; in < 3; in++)
      for (int probe = 0; probe < 3; probe++) {
        const ritz_index at = (sizes[in] - 1) * probe / 2;
        const double kept = inputs[in][at];
        inputs[in][at] = kept + h;
        const double up = objective(s, x);
        inputs[in][at] = kept - h;
        const double down = objective(s, x);
        inputs[in][at] = kept;
        assert_near(gradients[in][at], (up - down) / (2 * h), 1e-7);
      }
  }
}
static void gradients_agree_with_central_differences(void **state) {
  for_each_table(check_gradient);
}

/* Float against double, unit weights, adding to what is there. */
static void check_float_gradient(ritz_dtype dtype, const ritz_kernels *kernels) {
  if (dtype != RITZ_FLOAT32) return;
  const ritz_kernels *reference = ritz_kernels_get(RITZ_FLOAT64);
  static double got[most], expected[most];
  double gw[most_channels], gb[most_channels], gw64[most_channels], gb64[most_channels];
  for (int k = 2; k < shape_count; k++) {
    const shape *s = &shapes[k];
    const ritz_index n = s->points * s->channels;
    fill_uniform_as(RITZ_FLOAT32, 1, n, x);
    fill_uniform_as(RITZ_FLOAT32, 4, n, gy);
    fill_uniform_as(RITZ_FLOAT32, 5, n, gx);
    gradient(RITZ_FLOAT32, kernels, s, NULL, gw, gb, true);
    widen(RITZ_FLOAT32, n, gx, got);
    static float x32[most], gy32[most];
    memcpy(x32, x, sizeof x32);
    memcpy(gy32, gy, sizeof gy32);
    widen(RITZ_FLOAT32, n, x32, x);
    widen(RITZ_FLOAT32, n, gy32, gy);
    fill_uniform(5, n, gx);
    gradient(RITZ_FLOAT64, reference, s, NULL, gw64, gb64, true);
    memcpy(expected, gx, sizeof expected);
    assert_near(relative_error(n, got, expected), 0, 1e-6);
    assert_near(relative_error(s->channels, gw, gw64), 0, 1e-12);
    assert_near(relative_error(s->channels, gb, gb64), 0, 1e-12);
  }
}
static void float_gradients_agree_with_double_and_add(void **state) {
  for_each_table(check_float_gradient);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(kernels_agree_with_the_definition),
      cmocka_unit_test(variance_survives_a_large_mean),
      cmocka_unit_test(chunks_and_empty_chunks_merge),
      cmocka_unit_test(gradients_agree_with_central_differences),
      cmocka_unit_test(float_gradients_agree_with_double_and_add),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
