/* SPDX-License-Identifier: BSD-3-Clause
 * Activations, normalisation and resampling in the first-level cache: one JSON line per case.
 *
 *   ritz-bench-elementwise [seconds per measurement, default 0.05]
 *
 * Every instruction set and number format works on 64 points of 16 channels, alternately with the
 * textbook loop and the C library's functions; the minima count. "ns" is per number, "per_vector"
 * the same for 64 bytes of numbers, "speedup" the textbook's time over ours. "error" is the largest
 * difference between the two, checked before anything is timed. Overrides RITZ_ISA. */
#define _POSIX_C_SOURCE 200112L
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "kernels/kernels.h"
#include "kernels/norm.h"
#include "kernels/resize.h"

enum { points = 64, channels = 16, count = points * channels, repeats = 16 };

typedef struct arrays {
  ritz_dtype dtype;
  const ritz_kernels *kernels;
  _Alignas(64) double x[count], g[count], ours[count], textbook[count]; /* numbers of dtype */
  ritz_resampling cubic;
} arrays;

typedef void job(arrays *a);

/* -- The library ------------------------------------------------------------------------------ */

static void gelu(arrays *a) { a->kernels->gelu(count, a->x, a->ours); }
static void gelu_vjp(arrays *a) { a->kernels->gelu_vjp(count, a->x, a->g, a->ours, false); }
static void tanh_value(arrays *a) { a->kernels->tanh(count, a->x, a->ours); }

static void instance_norm(arrays *a) {
  double mean[channels], m2_rstd[channels];
  a->kernels->norm_moments(points, channels, a->x, mean, m2_rstd);
  ritz_norm_finish(channels, channels, points, 1e-5, mean, m2_rstd);
  a->kernels->norm_apply(points, channels, a->x, mean, m2_rstd, NULL, NULL, a->ours);
}

static void resize_cubic(arrays *a) { /* 32 points of the input to 64 */
  ritz_resampling_run(&a->cubic, false, false, a->dtype, 1, channels, a->x, a->ours, 1);
}

/* -- The textbook, in either format ------------------------------------------------------------ */

#define TEXTBOOK(T, format, ERF, EXP, TANH)                                                \
  static void gelu_##format(arrays *a) {                                                   \
    const T *x = (const T *)a->x;                                                          \
    for (int i = 0; i < count; i++)                                                        \
      ((T *)a->textbook)[i] = (T)0.5 * x[i] * (1 + ERF(x[i] * (T)0.70710678118654752440)); \
  }                                                                                        \
  static void gelu_vjp_##format(arrays *a) {                                               \
    const T *x = (const T *)a->x, *g = (const T *)a->g;                                    \
    for (int i = 0; i < count; i++)                                                        \
      ((T *)a->textbook)[i] =                                                              \
          g[i] * ((T)0.5 * (1 + ERF(x[i] * (T)0.70710678118654752440)) +                   \
                  x[i] * (T)0.39894228040143267794 * EXP((T)-0.5 * x[i] * x[i]));          \
  }                                                                                        \
  static void tanh_value_##format(arrays *a) {                                             \
    for (int i = 0; i < count; i++) ((T *)a->textbook)[i] = TANH(((T *)a->x)[i]);          \
  }                                                                                        \
  static void instance_norm_##format(arrays *a) {                                          \
    const T *x = (const T *)a->x;                                                          \
    for (int c = 0; c < channels; c++) {                                                   \
      double mean = 0, square = 0;                                                         \
      for (int r = 0; r < points; r++) mean += x[r * channels + c] / (double)points;       \
      for (int r = 0; r < points; r++)                                                     \
        square += (x[r * channels + c] - mean) * (x[r * channels + c] - mean) / points;    \
      const double rstd = 1 / sqrt(square + 1e-5);                                         \
      for (int r = 0; r < points; r++)                                                     \
        ((T *)a->textbook)[r * channels + c] = (T)((x[r * channels + c] - mean) * rstd);   \
    }                                                                                      \
  }                                                                                        \
  static void resize_cubic_##format(arrays *a) {                                           \
    const T *x = (const T *)a->x;                                                          \
    const ritz_band *band = &a->cubic.forward;                                             \
    for (int r = 0; r < points; r++)                                                       \
      for (int c = 0; c < channels; c++) {                                                 \
        T sum = 0;                                                                         \
        for (ritz_index k = band->start[r]; k < band->start[r + 1]; k++)                   \
          sum += (T)band->weight[k] * x[band->column[k] * channels + c];                   \
        ((T *)a->textbook)[r * channels + c] = sum;                                        \
      }                                                                                    \
  }
TEXTBOOK(float, f32, erff, expf, tanhf)
TEXTBOOK(double, f64, erf, exp, tanh)

#define CASE(name)                          \
  {                                         \
#name, name, { name##_f32, name##_f64 } \
  }
static const struct {
  const char *name;
  job *ours, *textbook[2]; /* by format */
} cases[] = {CASE(gelu), CASE(gelu_vjp), CASE(tanh_value), CASE(instance_norm), CASE(resize_cubic)};

/* -- Measuring --------------------------------------------------------------------------------- */

static void put(ritz_dtype dtype, void *array, int i, double value) {
  if (dtype == RITZ_FLOAT64)
    ((double *)array)[i] = value;
  else
    ((float *)array)[i] = (float)value;
}

static double largest_difference(const arrays *a) {
  double worst = 0;
  for (int i = 0; i < count; i++) {
    const double d = a->dtype == RITZ_FLOAT64
                         ? a->ours[i] - a->textbook[i]
                         : (double)((const float *)a->ours)[i] - ((const float *)a->textbook)[i];
    if (!(fabs(d) <= worst)) worst = fabs(d);
  }
  return worst;
}

static double seconds(job *run, arrays *a) {
  const double begin = ritz_clock_seconds();
  for (int i = 0; i < repeats; i++) run(a);
  return (ritz_clock_seconds() - begin) / repeats;
}

/* @return  Whether the answers agree. */
static bool measure(size_t index, arrays *a, double budget) {
  job *textbook = cases[index].textbook[a->dtype];
  cases[index].ours(a);
  textbook(a);
  const double error = largest_difference(a);
  const bool agree = error <= (a->dtype == RITZ_FLOAT64 ? 1e-14 : 3e-6);
  double best = INFINITY, best_textbook = INFINITY;
  const double end = ritz_clock_seconds() + budget;
  while (agree && ritz_clock_seconds() < end) {
    best = fmin(best, seconds(cases[index].ours, a));
    best_textbook = fmin(best_textbook, seconds(textbook, a));
  }
  const double ns = 1e9 * best / count;
  printf("{\"bench\": \"elementwise\", \"case\": \"%s\", \"dtype\": \"%s\", \"isa\": \"%s\", ",
         cases[index].name, a->dtype == RITZ_FLOAT64 ? "float64" : "float32", a->kernels->isa);
  if (agree)
    printf("\"ns\": %.4f, \"per_vector\": %.2f, \"speedup\": %.2f, ", ns,
           ns * 64 / (double)ritz_dtype_size(a->dtype), best_textbook / best);
  printf("\"error\": %.1e, \"agree\": %s}\n", error, agree ? "true" : "false");
  return agree;
}

int main(int argc, char **argv) {
  static arrays a;
  const double budget = argc > 1 ? atof(argv[1]) : 0.05;
  static const char *const isas[] = {"base", "avx2", "avx512", "native"};
  bool agree = true;
  if (ritz_resampling_init(RITZ_RESIZE_CUBIC, RITZ_ALIGN_ENDS, points / 2, points, &a.cubic) !=
      RITZ_OK) {
    fprintf(stderr, "%s\n", ritz_error_message());
    return 1;
  }
  for (size_t isa = 0; isa < sizeof isas / sizeof *isas; isa++) {
    setenv("RITZ_ISA", isas[isa], 1);
    for (a.dtype = RITZ_FLOAT32; a.dtype <= RITZ_FLOAT64; a.dtype++) {
      a.kernels = ritz_kernels_get(a.dtype);
      if (strcmp(a.kernels->isa, isas[isa]) != 0) continue;
      for (int i = 0; i < count;
           i++) { /* spread over [-4, 4] in no order a processor could learn */
        put(a.dtype, a.x, i, (i * 7919 % 2003) / 250.375 - 4);
        put(a.dtype, a.g, i, (i * 104729 % 1009) / 504.5 - 1);
      }
      for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) agree &= measure(i, &a, budget);
    }
  }
  ritz_resampling_release(&a.cubic);
  return agree ? 0 : 1;
}
