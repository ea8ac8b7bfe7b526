/* SPDX-License-Identifier: BSD-3-Clause
 * Speed of the Darcy generator: `ritz-bench-darcy` prints one JSON line per case, after checking
 * that every sample reached its tolerance. */
#include <math.h>
#include <ritz/generator.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/clock.h"

typedef struct bench_case {
  const char *options;
  ritz_index samples;
} bench_case;

static const bench_case cases[] = {
    {"{resolution: 64}", 1000},
    {"{resolution: 64, coefficient: lognormal}", 1000},
    {"{resolution: 64, coefficient: lognormal, log_scale: 3}", 1000},
    {"{resolution: 128}", 200},
    {"{resolution: 421}", 20},
    {"{resolution: 421, coefficient: lognormal, log_scale: 3}", 20},
};

/* Flops of one sample on n^2 nodes: sampling, then per iteration four folded sine products, and
 * about 30 per node for the operator and the vectors. */
static double flops(double n, double iterations) {
  return 2 * n * n * n + iterations * (4 * n * n * n + 30 * n * n);
}

static ritz_status run(ritz_context *context, const bench_case *c) {
  ritz_generator *generator;
  ritz_status status = ritz_generator_create(context, "darcy", c->options, &generator);
  if (status != RITZ_OK) return status;
  const ritz_index n = ritz_generator_describe(generator)->nodes[0];
  const size_t numbers = (size_t)(c->samples * n * n);
  float *x = malloc(numbers * sizeof *x), *y = malloc(numbers * sizeof *y);
  ritz_solve_report *reports = malloc((size_t)c->samples * sizeof *reports);
  double best = INFINITY, iterations = 0, worst = 0;
  for (int turn = 0; turn < 4 && status == RITZ_OK; turn++) { /* the first one warms up */
    const double start = ritz_clock_seconds();
    status = ritz_generator_run(generator, 1, 0, c->samples, RITZ_FLOAT32, x, y, reports);
    if (turn > 0) best = fmin(best, ritz_clock_seconds() - start);
  }
  bool converged = true;
  for (ritz_index i = 0; i < c->samples; i++) {
    iterations += (double)reports[i].iterations / (double)c->samples;
    worst = fmax(worst, reports[i].residual);
    converged &= reports[i].reason > 0;
  }
  printf(
      "{\"bench\": \"darcy\", \"options\": \"%s\", \"samples\": %td, \"threads\": %d, "
      "\"seconds\": %.4f, \"ms_per_sample\": %.4f, \"iterations\": %.2f, "
      "\"largest_residual\": %.2e, \"gflops\": %.1f, \"converged\": %s}\n",
      c->options, c->samples, ritz_context_threads(context), best, 1e3 * best / (double)c->samples,
      iterations, worst, 1e-9 * flops((double)n, iterations) * (double)c->samples / best,
      converged ? "true" : "false");
  free(x);
  free(y);
  free(reports);
  ritz_generator_destroy(&generator);
  return converged ? status : RITZ_ERR_NUMERIC;
}

int main(void) {
  for (int threads = 1; threads >= 0; threads--) { /* one, then all */
    ritz_context_options options;
    ritz_context_options_defaults(&options);
    options.threads = threads;
    ritz_context *context;
    ritz_status status = ritz_context_create(&options, &context);
    for (size_t i = 0; i < sizeof cases / sizeof *cases && status == RITZ_OK; i++)
      status = run(context, &cases[i]);
    ritz_context_destroy(&context);
    if (status != RITZ_OK) {
      fprintf(stderr, "ritz-bench-darcy: %s: %s\n", ritz_status_text(status), ritz_error_message());
      return 1;
    }
  }
  return 0;
}
