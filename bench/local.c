/* SPDX-License-Identifier: BSD-3-Clause
 * Ops that see neighbours, single precision: one JSON line per case and direction.
 *
 *   ritz-measure-local [seconds per measurement, default 0.2]
 *
 * All of them are linear in x (max pooling where the places stay), so y . r = x . gx for the
 * gradient gx of y . r: checked before anything is timed. "backward" takes all gradients of the op.
 * "gbytes_per_s" counts x and y once each way; "peak_fraction" is by the rate of a product of
 * matrices in the first-level caches, on the same threads in the same run. */
#include <math.h>
#include <ritz/ops.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/clock.h"
#include "core/memory.h"
#include "core/threads.h"
#include "graph/op.h"
#include "kernels/gemm.h"

typedef struct bench_case {
  const char *name;
  ritz_index batch, channels, grid, size; /* size: of the window, factor or new grid */
  ritz_var (*build)(ritz_graph *g, ritz_params *p, ritz_var x, ritz_index size);
} bench_case;

static void must(ritz_status status) {
  if (status == RITZ_OK) return;
  fprintf(stderr, "%s\n", ritz_error_message());
  exit(1);
}

/* -- Cases
 * ------------------------------------------------------------------------------------------ */

static ritz_var depthwise(ritz_graph *g, ritz_params *p, ritz_var x, ritz_index k) {
  const ritz_conv_options around = {.window = {.low = {k / 2, k / 2}, .high = {k / 2, k / 2}},
                                    .groups = ritz_channels(x)};
  ritz_var w = ritz_parameter(g, p, (ritz_init){RITZ_INIT_SYMMETRIC, 1},
                              RITZ_SHAPE(k, k, 1, ritz_channels(x)), -1, "w");
  return ritz_conv(g, x, w, RITZ_NO_VAR, &around);
}
static ritz_var max_pool(ritz_graph *g, ritz_params *p, ritz_var x, ritz_index k) {
  return ritz_max_pool(g, x, (ritz_index[]){k, k}, NULL);
}
static ritz_var average_pool(ritz_graph *g, ritz_params *p, ritz_var x, ritz_index k) {
  return ritz_average_pool(g, x, (ritz_index[]){k, k}, NULL, false);
}
static ritz_var nearest(ritz_graph *g, ritz_params *p, ritz_var x, ritz_index n) {
  return ritz_interpolate(g, x, (ritz_index[]){n, n}, RITZ_INTERPOLATE_NEAREST, false);
}
static ritz_var linear(ritz_graph *g, ritz_params *p, ritz_var x, ritz_index n) {
  return ritz_interpolate(g, x, (ritz_index[]){n, n}, RITZ_INTERPOLATE_LINEAR, true);
}
static ritz_var cubic(ritz_graph *g, ritz_params *p, ritz_var x, ritz_index n) {
  return ritz_interpolate(g, x, (ritz_index[]){n, n}, RITZ_INTERPOLATE_CUBIC, true);
}
static ritz_var shuffle(ritz_graph *g, ritz_params *p, ritz_var x, ritz_index r) {
  return ritz_pixel_shuffle(g, x, (ritz_index[]){r, r});
}
static ritz_var patches(ritz_graph *g, ritz_params *p, ritz_var x, ritz_index size) {
  return ritz_patchify(g, x, (ritz_index[]){size, size});
}

static const bench_case cases[] = {
    {"depthwise/3x3-64-64", 16, 64, 64, 3, depthwise},
    {"depthwise/7x7-64-64", 16, 64, 64, 7, depthwise},
    {"depthwise/7x7-64-256", 2, 64, 256, 7, depthwise},
    {"depthwise/31x31-64-64", 2, 64, 64, 31, depthwise},
    {"max_pool/2x2-64-128", 8, 64, 128, 2, max_pool},
    {"average_pool/2x2-64-128", 8, 64, 128, 2, average_pool},
    {"resize/nearest-64-64-to-128", 8, 64, 64, 128, nearest},
    {"resize/linear-64-64-to-128", 8, 64, 64, 128, linear},
    {"resize/cubic-64-64-to-128", 8, 64, 64, 128, cubic},
    {"pixel_shuffle/2x2-64-64", 8, 64, 64, 2, shuffle},
    {"patchify/4x4-32-128", 8, 32, 128, 4, patches},
};

/* -- Peak
 * ------------------------------------------------------------------------------------------- */

enum { side = 64, products = 200 };
typedef struct peak_job {
  ritz_gemm gemm;
  float *data; /* three matrices per chunk */
} peak_job;

static void multiply(void *arg, ritz_index chunk, int thread) {
  const peak_job *j = arg;
  float *a = j->data + chunk * 3 * side * side;
  for (int i = 0; i < products; i++)
    ritz_gemm_run(&j->gemm, a, a + side * side, a + 2 * side * side);
}

/* @return  Flops per second. */
static double measure_peak(int threads, double budget) {
  peak_job j = {.gemm =
                    ritz_gemm_plan(RITZ_FLOAT32, false, false, side, side, side, side, side, side)};
  must(RITZ_NEW((ritz_index)threads * 3 * side * side, &j.data));
  double best = INFINITY;
  for (double end = ritz_clock_seconds() + budget; ritz_clock_seconds() < end;) {
    const double begin = ritz_clock_seconds();
    ritz_parallel(threads, threads, multiply, &j);
    best = fmin(best, ritz_clock_seconds() - begin);
  }
  ritz_free(j.data);
  return 2.0 * side * side * side * products * threads / best;
}

/* -- Measuring
 * -------------------------------------------------------------------------------------- */

static void fill(float *v, ritz_index n, int step) {
  for (ritz_index i = 0; i < n; i++) v[i] = (float)(i * step % 2003) / 1001.5f - 1.0f;
}

/* |a . b - c . d| relative to the sum of the magnitudes. */
static double mismatch(ritz_index n, const float *a, const float *b, ritz_index m, const float *c,
                       const float *d) {
  double left = 0, right = 0, scale = 1e-30;
  for (ritz_index i = 0; i < n; i++)
    left += (double)a[i] * b[i], scale += fabs((double)a[i] * b[i]);
  for (ritz_index i = 0; i < m; i++) right += (double)c[i] * d[i];
  return fabs(left - right) / scale;
}

static int ascending(const void *a, const void *b) {
  return (*(const double *)a > *(const double *)b) - (*(const double *)a < *(const double *)b);
}

static void measure(const bench_case *c, ritz_plan *plan, void (*run)(ritz_plan *plan),
                    const char *direction, double flops, double bytes, double peak, double budget,
                    double error) {
  enum { most_runs = 1000 };
  static double times[most_runs];
  int runs = 0;
  for (double end = ritz_clock_seconds() + budget;
       runs == 0 || (runs < most_runs && ritz_clock_seconds() < end); runs++) {
    const double begin = ritz_clock_seconds();
    run(plan);
    times[runs] = ritz_clock_seconds() - begin;
  }
  qsort(times, (size_t)runs, sizeof *times, ascending);
  const double median = times[runs / 2];
  printf(
      "{\"bench\": \"local\", \"case\": \"%s\", \"direction\": \"%s\", \"median_ms\": %.4f, "
      "\"min_ms\": %.4f, \"gflops\": %.2f, \"gbytes_per_s\": %.2f, \"peak_fraction\": %.4f, "
      "\"error\": %.1e, \"agree\": %s}\n",
      c->name, direction, 1e3 * median, 1e3 * times[0], flops / median / 1e9, bytes / median / 1e9,
      flops / median / peak, error, error < 1e-6 ? "true" : "false");
  fflush(stdout);
}

/* @return  Whether the gradient is the transpose. */
static bool run_case(ritz_context *context, const bench_case *c, double peak, double budget) {
  ritz_params *params;
  ritz_graph *g;
  ritz_plan *plan;
  must(ritz_params_create(context, RITZ_FLOAT32, 1, &params));
  must(ritz_graph_create(context, RITZ_FLOAT32, &g));
  ritz_var x = ritz_input(g, "x", RITZ_SHAPE(c->batch, c->grid, c->grid, c->channels));
  ritz_var y = c->build(g, params, x, c->size);
  must(ritz_graph_plan(g, 1, &y, &(ritz_plan_options){true, true}, &plan));
  const ritz_index n = ritz_shape_count(&x->shape), m = ritz_shape_count(&y->shape);
  float *xs = ritz_plan_value(plan, x), *r = ritz_plan_cotangent(plan);
  fill(xs, n, 7919);
  fill(r, m, 104729);
  ritz_plan_forward(plan);
  ritz_plan_backward(plan);
  const double error =
      mismatch(m, ritz_plan_value(plan, y), r, n, ritz_plan_input_gradient(plan, x), xs);
  const double flops = y->op->flops ? y->op->flops(y) : 0, bytes = 4.0 * (double)(n + m);
  const double gradients = ritz_params_count(params) ? 2 : 1; /* of x, and of weights */
  measure(c, plan, ritz_plan_forward, "forward", flops, bytes, peak, budget, error);
  measure(c, plan, ritz_plan_backward, "backward", gradients * flops, bytes, peak, budget, error);
  ritz_plan_destroy(&plan);
  ritz_params_destroy(&params);
  return error < 1e-6;
}

int main(int argc, char **argv) {
  const double budget = argc > 1 ? atof(argv[1]) : 0.2;
  ritz_context *context;
  ritz_context_options options;
  bool agree = true;
  ritz_context_options_defaults(&options);
  options.threads = ritz_threads_available();
  must(ritz_context_create(&options, &context));
  const double peak = measure_peak(options.threads, budget);
  printf("{\"bench\": \"local\", \"case\": \"peak\", \"threads\": %d, \"gflops\": %.1f}\n",
         options.threads, peak / 1e9);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    agree &= run_case(context, &cases[i], peak, budget);
  ritz_context_destroy(&context);
  return agree ? 0 : 1;
}
