/* SPDX-License-Identifier: BSD-3-Clause
 * Activations, normalisation and resampling in the first-level cache, on one thread.
 *
 * Every instruction set and number format works on 64 points of 16 channels, in turn with the
 * textbook loop and the C library's functions. "ns" is per number, "per_vector" the same for 64
 * bytes of numbers, "speedup" the textbook's median over ours. "error" is the largest difference
 * between the two, checked before anything is timed. Overrides RITZ_ISA. */
#define _POSIX_C_SOURCE 200112L
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"
#include "kernels/kernels.h"
#include "kernels/norm.h"
#include "kernels/resize.h"

enum { points = 64, channels = 16, count = points * channels };

typedef struct arrays {
  ritz_dtype dtype;
  const ritz_kernels *kernels;
  _Alignas(64) double x[count], g[count], ours[count], textbook[count]; /* numbers of dtype */
  ritz_resampling cubic;
} arrays;

typedef void job(arrays *a);

typedef struct kernel_case {
  bench_case base;
  job *ours, *textbook[2]; /* by format */
} kernel_case;

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
  ritz_resampling_run(&a->cubic, false, false, a->dtype, 1, channels, a->x, a->ours, 1, NULL);
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

/* -- Measuring --------------------------------------------------------------------------------- */

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

typedef struct rival {
  job *run;
  arrays *arrays;
} rival;

static void run_rival(void *arg) {
  const rival *r = arg;
  r->run(r->arrays);
}

static ritz_status measure(const kernel_case *c, const bench_call *call, arrays *a) {
  rival rivals[2] = {{c->ours, a}, {c->textbook[a->dtype], a}};
  const bench_job jobs[2] = {{run_rival, &rivals[0]}, {run_rival, &rivals[1]}};
  bench_times times[2];
  bench_call brief = *call; /* the loops take microseconds */
  brief.seconds /= 20;
  for (int i = 0; i < 2; i++) run_rival(&rivals[i]);
  const double error = largest_difference(a);
  RITZ_REQUIRE(error <= (a->dtype == RITZ_FLOAT64 ? 1e-14 : 3e-6), RITZ_ERR_NUMERIC,
               "off the textbook by %.1e with %s", error, a->kernels->isa);
  RITZ_TRY(bench_measure(&brief, a->dtype, 2, jobs, times));
  const double size = (double)ritz_dtype_size(a->dtype), ns = 1e9 * times[0].median / count;
  const bench_line line = {.of = &c->base,
                           .dtype = a->dtype,
                           .isa = a->kernels->isa,
                           .times = times[0],
                           .bytes = 2 * count * size};
  bench_print(call, &line, "\"ns\": %.4f, \"per_vector\": %.2f, \"speedup\": %.2f, \"error\": %.1e",
              ns, ns * 64 / size, times[1].median / times[0].median, error);
  return RITZ_OK;
}

/* Spread over [-4, 4] in no order a processor could learn. */
static void fill(arrays *a) {
  for (int i = 0; i < count; i++) {
    ritz_number_set(a->dtype, a->x, i, (i * 7919 % 2003) / 250.375 - 4);
    ritz_number_set(a->dtype, a->g, i, (i * 104729 % 1009) / 504.5 - 1);
  }
}

static ritz_status run(const bench_case *self, const bench_call *call) {
  static arrays a;
  static const char *const isas[] = {"base", "avx2", "avx512", "native"};
  if (call->threads > 1) return RITZ_OK;
  ritz_status status =
      ritz_resampling_init(RITZ_RESIZE_CUBIC, RITZ_ALIGN_ENDS, points / 2, points, &a.cubic);
  for (size_t isa = 0; isa < sizeof isas / sizeof *isas; isa++) {
    setenv("RITZ_ISA", isas[isa], 1);
    for (a.dtype = RITZ_FLOAT32; a.dtype <= RITZ_FLOAT64 && status == RITZ_OK; a.dtype++) {
      a.kernels = ritz_kernels_get(a.dtype);
      if (strcmp(a.kernels->isa, isas[isa]) != 0) continue;
      fill(&a);
      status = measure((const kernel_case *)self, call, &a);
    }
  }
  unsetenv("RITZ_ISA");
  ritz_resampling_release(&a.cubic);
  return status;
}

#define CASE(name, about)                                           \
  {                                                                 \
    {"kernel/" #name, about, run}, name, { name##_f32, name##_f64 } \
  }

static const kernel_case cases[] = {
    CASE(gelu, "x Phi(x)"),
    CASE(gelu_vjp, "its derivative times a cotangent"),
    CASE(tanh_value, "tanh"),
    CASE(instance_norm, "moments and normalisation of 64 points, each channel"),
    CASE(resize_cubic, "32 points to 64, cubic"),
};

int main(int argc, char **argv) {
  return bench_main(argc, argv, "ritz-bench-elementwise", sizeof cases / sizeof *cases,
                    sizeof *cases, cases);
}
