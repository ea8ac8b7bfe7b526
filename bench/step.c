/* SPDX-License-Identifier: BSD-3-Clause
 * A full training step of an FNO: forward, all gradients, AdamW. One JSON line per case and thread
 * count.
 *
 *   ritz-bench-step [seconds per case, default 2]
 *
 * The cases are those of bench/reference/step.py (PyTorch) and the gallery recipe. "gflops" counts
 * what the plan executes, "peak" is the rate of an L1-resident product on one thread in the same
 * run, "fraction" = gflops / (threads * peak). The loss is checked to fall before anything is
 * timed. */
#include <math.h>
#include <ritz/operator.h>
#include <ritz/random.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/clock.h"
#include "kernels/gemm.h"
#include "kernels/kernels.h"
#include "train/loss.h"
#include "train/optimizer.h"

typedef struct bench_case {
  const char *name, *options;
  ritz_index batch, n;
} bench_case;

static const bench_case cases[] = {
    {"gallery", "{n_modes: [8, 8], hidden_channels: 24}", 64, 16},
    {"A", "{n_modes: [24, 24], hidden_channels: 32}", 16, 64},
    {"B", "{n_modes: [32, 32], hidden_channels: 64}", 4, 128},
};

static void must(ritz_status status) {
  if (status == RITZ_OK) return;
  fprintf(stderr, "ritz-bench-step: %s\n", ritz_error_message());
  exit(1);
}

/* GFLOP/s of C[64, 64] += A[64, 64] B in the first-level cache. */
static double peak(void) {
  enum { n = 64, repeats = 20000 };
  static _Alignas(64) float a[n * n], b[n * n], c[n * n];
  const ritz_gemm gemm = ritz_gemm_plan(RITZ_FLOAT32, false, true, n, n, n, n, n, n);
  double best = 1e300;
  for (int round = 0; round < 5; round++) {
    const double start = ritz_clock_seconds();
    for (int i = 0; i < repeats; i++) ritz_gemm_run(&gemm, a, b, c);
    best = fmin(best, ritz_clock_seconds() - start);
  }
  return 2.0 * n * n * n * repeats / best * 1e-9;
}

typedef struct training {
  ritz_context *context;
  ritz_operator *op;
  ritz_params *params;
  ritz_plan *plan;
  ritz_optimizer *optimizer;
  ritz_var loss;
} training;

static void fill(ritz_plan *plan, ritz_var var, uint32_t stream) {
  const ritz_random random = {1, RITZ_RANDOM_TEST, stream};
  const ritz_shape shape = ritz_var_shape(var);
  ritz_index count = 1;
  for (int a = 0; a < shape.rank; a++) count *= shape.n[a];
  for (ritz_index i = 0; i < count; i++)
    ((float *)ritz_plan_value(plan, var))[i] =
        (float)(ritz_random_uniform(random, (uint64_t)i) - 0.3);
}

static training create(const bench_case *c, int threads) {
  training t = {0};
  ritz_graph *graph;
  const ritz_loss_type *type;
  const ritz_context_options options = {.threads = threads, .log_level = RITZ_LOG_WARNING};
  const ritz_plan_options plan_options = {.gradients = true};
  must(ritz_context_create(&options, &t.context));
  must(ritz_operator_create(t.context, "fno", c->options, &t.op));
  must(ritz_params_create(t.context, RITZ_FLOAT32, 0, &t.params));
  must(ritz_graph_create(t.context, RITZ_FLOAT32, &graph));
  must(ritz_loss_type_find("rel_l2", &type));
  const ritz_shape shape = RITZ_SHAPE(c->batch, c->n, c->n, 1);
  ritz_var x = ritz_input(graph, "x", shape), truth = ritz_input(graph, "y", shape);
  t.loss = ritz_loss(graph, type, ritz_operator_build(t.op, graph, t.params, x), truth, NULL);
  must(ritz_graph_plan(graph, 1, &t.loss, &plan_options, &t.plan));
  must(ritz_optimizer_create(t.context, t.params, "adamw", NULL, &t.optimizer));
  fill(t.plan, x, 1);
  fill(t.plan, truth, 2);
  return t;
}

static void destroy(training *t) {
  ritz_optimizer_destroy(&t->optimizer);
  ritz_plan_destroy(&t->plan);
  ritz_params_destroy(&t->params);
  ritz_operator_destroy(&t->op);
  ritz_context_destroy(&t->context);
}

/* One step. @return the loss of the first sample. */
static double step(training *t) {
  ritz_plan_forward(t->plan);
  const double loss = *(const float *)ritz_plan_value(t->plan, t->loss);
  ritz_plan_backward(t->plan);
  must(ritz_optimizer_step(t->optimizer, 1e-3, ritz_plan_parameter_gradient(t->plan)));
  return loss;
}

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void run(const bench_case *c, int threads, double seconds, double rate) {
  enum { most = 4000 };
  static double time[most];
  training t = create(c, threads);
  const double first = step(&t);
  double last = first;
  for (int i = 0; i < 4; i++) last = step(&t);
  if (!(last < first)) {
    fprintf(stderr, "ritz-bench-step: %s: the loss does not fall: %g, %g\n", c->name, first, last);
    exit(1);
  }
  int count = 0;
  for (double total = 0; (total < seconds && count < most) || count < 5; count++) {
    const double start = ritz_clock_seconds();
    step(&t);
    time[count] = ritz_clock_seconds() - start;
    total += time[count];
  }
  qsort(time, (size_t)count, sizeof *time, ascending);
  const double gflops = ritz_plan_flops(t.plan) / time[count / 2] * 1e-9;
  printf(
      "{\"case\": \"step/%s\", \"threads\": %d, \"isa\": \"%s\", \"median_ms\": %.3f, \"min_ms\": "
      "%.3f, \"gflop\": %.3f, \"gflops\": %.1f, \"peak\": %.1f, \"fraction\": %.3f, "
      "\"plan_mib\": %.1f, \"steps\": %d}\n",
      c->name, threads, ritz_kernels_get(RITZ_FLOAT32)->isa, time[count / 2] * 1e3, time[0] * 1e3,
      ritz_plan_flops(t.plan) * 1e-9, gflops, rate, gflops / (threads * rate),
      (double)ritz_plan_memory(t.plan) / 1048576.0, count);
  fflush(stdout);
  destroy(&t);
}

int main(int argc, char **argv) {
  const double seconds = argc > 1 ? atof(argv[1]) : 2;
  const double rate = peak();
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    for (int threads = 1; threads <= 2; threads++) run(&cases[i], threads, seconds, rate);
  return 0;
}
