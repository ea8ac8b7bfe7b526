/* SPDX-License-Identifier: BSD-3-Clause
 * Speed of the Darcy generator: `ritz-bench-darcy` prints one JSON line per case, after checking
 * that every sample reached its tolerance. */
#include <math.h>
#include <ritz/generator.h>
#include <stdio.h>

#include "core/clock.h"
#include "core/fail.h"
#include "core/memory.h"

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

typedef struct outcome {
  double seconds, iterations, residual; /* fastest turn; mean; largest */
  bool converged;
} outcome;

static ritz_status measure(ritz_generator *generator, ritz_index samples, float *x, float *y,
                           ritz_solve_report *reports, outcome *out) {
  *out = (outcome){.seconds = INFINITY, .converged = true};
  for (int turn = 0; turn < 4; turn++) { /* the first one warms up */
    const double start = ritz_clock_seconds();
    const ritz_status status =
        ritz_generator_run(generator, 1, 0, samples, RITZ_FLOAT32, x, y, reports);
    if (status != RITZ_OK) return status;
    if (turn > 0) out->seconds = fmin(out->seconds, ritz_clock_seconds() - start);
  }
  for (ritz_index i = 0; i < samples; i++) {
    out->iterations += (double)reports[i].iterations / (double)samples;
    out->residual = fmax(out->residual, reports[i].residual);
    out->converged &= reports[i].reason > 0;
  }
  return RITZ_OK;
}

static void print(const bench_case *c, int threads, double n, const outcome *o) {
  const double per_sample = o->seconds / (double)c->samples;
  printf(
      "{\"bench\": \"darcy\", \"options\": \"%s\", \"samples\": %td, \"threads\": %d, "
      "\"seconds\": %.4f, \"ms_per_sample\": %.4f, \"iterations\": %.2f, "
      "\"largest_residual\": %.2e, \"gflops\": %.1f, \"converged\": %s}\n",
      c->options, c->samples, threads, o->seconds, 1e3 * per_sample, o->iterations, o->residual,
      1e-9 * flops(n, o->iterations) / per_sample, o->converged ? "true" : "false");
}

static ritz_status run(ritz_context *context, const bench_case *c) {
  ritz_generator *generator;
  ritz_status status = ritz_generator_create(context, "darcy", c->options, &generator);
  if (status != RITZ_OK) return status;
  const ritz_index n = ritz_generator_describe(generator)->nodes[0];
  float *x = NULL, *y = NULL;
  ritz_solve_report *reports = NULL;
  outcome o;
  RITZ_TRY_DONE(RITZ_NEW(c->samples * n * n, &x));
  RITZ_TRY_DONE(RITZ_NEW(c->samples * n * n, &y));
  RITZ_TRY_DONE(RITZ_NEW(c->samples, &reports));
  RITZ_TRY_DONE(measure(generator, c->samples, x, y, reports, &o));
  print(c, ritz_context_threads(context), (double)n, &o);
  if (!o.converged) status = RITZ_FAIL(RITZ_ERR_NUMERIC, "%s: not converged", c->options);
done:
  ritz_free(x);
  ritz_free(y);
  ritz_free(reports);
  ritz_generator_destroy(&generator);
  return status;
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
