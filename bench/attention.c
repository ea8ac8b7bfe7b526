/* SPDX-License-Identifier: BSD-3-Clause
 * Attention, forward and with all gradients, single precision: one JSON line per case, direction
 * and thread count.
 *
 *   ritz-measure-attention [seconds per measurement, default 0.3]
 *
 * "gflops" counts the products alone (five halves of forward's for the gradients; "both" is the sum
 * of the two), "gbytes_per_s" operands, results and their gradients once each, "peak_fraction" =
 * gflops / (threads * rate of an L1-resident product on one thread in the same run). Before
 * anything is timed, some outputs are compared with the definition in double, and the gradients
 * with two sums they must have. */
#include <math.h>
#include <ritz/ops.h>
#include <ritz/random.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "graph/op.h"
#include "kernels/gemm.h"

typedef struct bench_case {
  const char *name;
  ritz_index batch, queries, keys, heads, width;
  ritz_index window, shift; /* of a grid keys x keys; 0: attention over all tokens */
  bool latent;              /* queries: tokens, the same for all windows; else the grid's points */
} bench_case;

static const bench_case cases[] = {
    {"1024-64-4", 2, 1024, 1024, 4, 64, 0, 0, false},
    {"4096-32-4", 1, 4096, 4096, 4, 32, 0, 0, false},
    {"windows-8", 4, 64, 64, 3, 32, 8, 4, false},    /* 8 x 8 windows of a 64 x 64 grid */
    {"windows-16", 8, 32, 32, 3, 16, 16, 8, false},  /* the first stage of scOT-T */
    {"latent-patches", 20, 4, 64, 8, 8, 4, 0, true}, /* the first level of LSM for Navier-Stokes */
    {"latent-encode", 4, 16, 4096, 8, 32, 0, 0, false},
    {"latent-decode", 4, 4096, 16, 8, 32, 0, 0, false},
};

static void must(ritz_status status) {
  if (status == RITZ_OK) return;
  fprintf(stderr, "ritz-measure-attention: %s\n", ritz_error_message());
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

/* -- One case as a graph ------------------------------------------------------------------------
 */

typedef struct attention {
  const bench_case *c;
  ritz_context *context;
  ritz_params *params;
  ritz_plan *plan;
  ritz_var q, k, v, out;
} attention;

static void fill(ritz_plan *plan, ritz_var var, uint32_t stream) {
  const ritz_random random = {1, RITZ_RANDOM_TEST, stream};
  for (ritz_index i = 0; i < ritz_shape_count(&var->shape); i++)
    ((float *)ritz_plan_value(plan, var))[i] =
        (float)(2 * ritz_random_uniform(random, (uint64_t)i) - 1);
}

static attention create(const bench_case *c, int threads) {
  attention a = {.c = c};
  ritz_graph *graph;
  const ritz_index n = c->keys, w = c->window, channels = c->heads * c->width;
  const ritz_context_options options = {.threads = threads, .log_level = RITZ_LOG_WARNING};
  const ritz_plan_options plan_options = {.gradients = true, .input_gradients = true};
  const ritz_init init = {RITZ_INIT_SYMMETRIC, 1};
  must(ritz_context_create(&options, &a.context));
  must(ritz_params_create(a.context, RITZ_FLOAT32, 0, &a.params));
  must(ritz_graph_create(a.context, RITZ_FLOAT32, &graph));
  const ritz_shape grid = RITZ_SHAPE(c->batch, n, n, channels);
  const ritz_shape queries = RITZ_SHAPE(c->batch, c->queries, channels);
  const ritz_shape latent = RITZ_SHAPE(c->queries, channels);
  const ritz_shape keys = RITZ_SHAPE(c->batch, c->keys, channels);
  a.q = ritz_input(graph, "q", c->latent ? latent : w ? grid : queries);
  a.k = ritz_input(graph, "k", w ? grid : keys);
  a.v = ritz_input(graph, "v", w ? grid : keys);
  ritz_attention_options o = {.heads = c->heads};
  const ritz_attention_windows windows = {.window = {w, w}, .shift = {c->shift, c->shift}};
  if (w && !c->latent)
    o.bias = ritz_parameter(graph, a.params, init, RITZ_SHAPE(2 * w - 1, 2 * w - 1, c->heads), -1,
                            "bias");
  a.out = w ? ritz_window_attention(graph, a.q, a.k, a.v, &o, &windows)
            : ritz_attention(graph, a.q, a.k, a.v, &o);
  must(ritz_graph_plan(graph, 1, &a.out, &plan_options, &a.plan));
  fill(a.plan, a.q, 1);
  fill(a.plan, a.k, 2);
  fill(a.plan, a.v, 3);
  return a;
}

static void destroy(attention *a) {
  ritz_plan_destroy(&a->plan);
  ritz_params_destroy(&a->params);
  ritz_context_destroy(&a->context);
}

/* -- Checking ---------------------------------------------------------------------------------- */

/* Whether point j of a sample's grid is a key of query i, and the bias. */
static bool sees(const attention *a, ritz_index i, ritz_index j, ritz_index head, double *bias) {
  const ritz_index n = a->c->keys, w = a->c->window, shift = a->c->shift;
  *bias = 0;
  if (!w) return true;
  const ritz_index key[2] = {j / n, j % n};
  if (a->c->latent) return i / a->c->queries == key[0] / w * (n / w) + key[1] / w;
  const ritz_index at[2] = {i / n, i % n};
  for (int d = 0; d < 2; d++)
    if ((at[d] - shift + n) % n / w != (key[d] - shift + n) % n / w || labs(at[d] - key[d]) >= w)
      return false;
  const ritz_index row = (at[0] - key[0] + w - 1) * (2 * w - 1) + at[1] - key[1] + w - 1;
  *bias = ((const float *)ritz_params_data(a->params))[row * a->c->heads + head];
  return true;
}

/* Largest error of the output of a few queries of the first sample. */
static double output_error(const attention *a) {
  const bench_case *c = a->c;
  const ritz_index channels = c->heads * c->width;
  const ritz_index keys = ritz_rows(a->k) / c->batch, queries = ritz_rows(a->out) / c->batch;
  const float *q = ritz_plan_value(a->plan, a->q), *k = ritz_plan_value(a->plan, a->k);
  const float *v = ritz_plan_value(a->plan, a->v), *out = ritz_plan_value(a->plan, a->out);
  double worst = 0;
  for (ritz_index i = 0; i < queries; i += queries / 7 + 1)
    for (ritz_index h = 0; h < c->heads; h++) {
      double sum = 0, mean = 0, bias;
      const float *query = q + (c->latent ? i % c->queries : i) * channels;
      for (ritz_index j = 0; j < keys; j++) {
        if (!sees(a, i, j, h, &bias)) continue;
        double score = 0;
        for (ritz_index d = h * c->width; d < (h + 1) * c->width; d++)
          score += (double)query[d] * (double)k[j * channels + d];
        const double weight = exp(score / sqrt((double)c->width) + bias);
        sum += weight;
        mean += weight * (double)v[j * channels + h * c->width];
      }
      worst = fmax(worst, fabs((double)out[i * channels + h * c->width] - mean / sum));
    }
  return worst;
}

/* The cotangent is all ones: each channel of v's gradient sums to the number of queries, and the
 * gradients of q and k agree on q . gq = k . gk, the sum of score gradients times scores. */
static double gradient_error(const attention *a) {
  const ritz_index count = ritz_shape_count(&a->q->shape), keys = ritz_shape_count(&a->k->shape);
  const ritz_index queries = ritz_shape_count(&a->out->shape);
  const float *q = ritz_plan_value(a->plan, a->q), *k = ritz_plan_value(a->plan, a->k);
  const float *gq = ritz_plan_input_gradient(a->plan, a->q);
  const float *gk = ritz_plan_input_gradient(a->plan, a->k);
  const float *gv = ritz_plan_input_gradient(a->plan, a->v);
  double along_q = 0, along_k = 0, size = 0, sum = 0;
  for (ritz_index i = 0; i < count; i++) {
    along_q += (double)q[i] * (double)gq[i];
    size += fabs((double)q[i] * (double)gq[i]);
  }
  for (ritz_index i = 0; i < keys; i++) {
    along_k += (double)k[i] * (double)gk[i];
    sum += (double)gv[i];
  }
  return fmax(fabs(along_q - along_k) / size, fabs(sum / (double)queries - 1));
}

/* -- Timing ------------------------------------------------------------------------------------ */

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void report(const attention *a, const char *direction, int threads, int count, double *time,
                   double flops, double bytes, double rate) {
  qsort(time, (size_t)count, sizeof *time, ascending);
  const double median = time[count / 2];
  printf(
      "{\"case\": \"attention/%s\", \"direction\": \"%s\", \"threads\": %d, \"isa\": \"%s\", "
      "\"median_ms\": %.4f, \"min_ms\": %.4f, \"gflops\": %.1f, \"gbytes_per_s\": %.2f, "
      "\"peak\": %.1f, \"peak_fraction\": %.3f}\n",
      a->c->name, direction, threads, ritz_kernels_get(RITZ_FLOAT32)->isa, median * 1e3,
      time[0] * 1e3, flops / median * 1e-9, bytes / median * 1e-9, rate,
      flops / median * 1e-9 / (threads * rate));
}

static void run(const bench_case *c, int threads, double seconds, double rate) {
  enum { most = 20000 };
  static double forward[most], both[most];
  attention a = create(c, threads);
  float *cotangent = ritz_plan_cotangent(a.plan);
  for (ritz_index i = 0; i < ritz_shape_count(&a.out->shape); i++) cotangent[i] = 1;
  ritz_plan_forward(a.plan);
  ritz_plan_backward(a.plan);
  const double error = fmax(output_error(&a), gradient_error(&a));
  if (!(error < 1e-4)) {
    fprintf(stderr, "ritz-measure-attention: %s: wrong by %g\n", c->name, error);
    exit(1);
  }
  fill(a.plan, a.out, 4); /* a cotangent without a pattern */
  memcpy(cotangent, ritz_plan_value(a.plan, a.out),
         (size_t)ritz_shape_count(&a.out->shape) * sizeof *cotangent);
  int count = 0;
  for (double total = 0; (total < seconds && count < most) || count < 3; count++) {
    const double start = ritz_clock_seconds();
    ritz_plan_forward(a.plan);
    forward[count] = ritz_clock_seconds() - start;
    ritz_plan_backward(a.plan);
    both[count] = ritz_clock_seconds() - start;
    total += both[count];
  }
  const double q = 4.0 * (double)ritz_shape_count(&a.q->shape);
  const double k = 4.0 * (double)ritz_shape_count(&a.k->shape);
  const double flops = a.out->op->flops(a.out);
  const double out = 4.0 * (double)ritz_shape_count(&a.out->shape);
  report(&a, "forward", threads, count, forward, flops, q + 2 * k + out, rate);
  report(&a, "both", threads, count, both, 3.5 * flops, 3 * q + 6 * k + 3 * out, rate);
  fflush(stdout);
  destroy(&a);
}

int main(int argc, char **argv) {
  const double seconds = argc > 1 ? atof(argv[1]) : 0.3;
  const double rate = peak();
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    for (int threads = 1; threads <= 2; threads++) run(&cases[i], threads, seconds, rate);
  return 0;
}
