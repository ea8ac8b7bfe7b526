/* SPDX-License-Identifier: BSD-3-Clause
 * The loss rel_h1_fourier, forward and backward, against a graph that transforms every frequency of
 * every axis and weighs it, then takes rel_l2: the same number. "ratio" is the time of that graph
 * over that of the loss. Both losses are compared before anything is timed. */
#include <math.h>
#include <ritz/ops.h>
#include <stdlib.h>

#include "bench/fields.h"
#include "bench/one_op.h"
#include "graph/op.h"
#include "train/loss.h"

enum { batch = 8 };

typedef struct loss_bench {
  bench_case base;
  ritz_index n; /* points per axis */
} loss_bench;

/* Frequency of function p of the basis 1, cos x, sin x, cos 2x, ..., those from cut on as 0. */
static double frequency(ritz_index p, ritz_index cut) {
  const ritz_index k = (p + 1) / 2;
  return k < cut ? (double)k : 0;
}

static ritz_var weighted(ritz_graph *g, ritz_var x, ritz_index n, ritz_index cut) {
  double *weight = malloc((size_t)(n * n) * sizeof *weight);
  for (ritz_index p = 0; weight && p < n * n; p++)
    weight[p] = sqrt(1 + pow(frequency(p / n, cut), 2) + pow(frequency(p % n, cut), 2));
  ritz_var z = ritz_harmonic_analysis(g, x, RITZ_BASIS_FOURIER, (ritz_index[]){n, n}, 1);
  ritz_var y = weight ? ritz_weigh(g, z, weight) : RITZ_NO_VAR;
  free(weight);
  return y;
}

static ritz_status build(const bench_call *call, ritz_index n, bool all, one_op *op) {
  const ritz_loss_type *type;
  ritz_loss_options options;
  ritz_loss_options_defaults(&options);
  const ritz_shape shape = RITZ_SHAPE(batch, n, n, 1);
  RITZ_TRY(ritz_loss_type_find(all ? "rel_l2" : "rel_h1_fourier", &type));
  RITZ_TRY(one_op_begin(call->context, op));
  op->inputs = 2;
  for (int i = 0; i < 2; i++) op->in[i] = ritz_input(op->graph, i ? "truth" : "prediction", shape);
  ritz_var x = op->in[0], y = op->in[1];
  if (all) {
    x = weighted(op->graph, x, n, options.cut);
    y = weighted(op->graph, y, n, options.cut);
  }
  op->out = ritz_loss(op->graph, type, x, y, &options);
  return one_op_plan(op);
}

static void run_op(void *op) { one_op_run(op); }

static ritz_status run(const bench_case *self, const bench_call *call) {
  const ritz_index n = ((const loss_bench *)self)->n;
  one_op op[2] = {{0}, {0}};
  bench_times times[2];
  ritz_status status;
  for (int all = 0; all < 2; all++) {
    RITZ_TRY_DONE(build(call, n, all, &op[all]));
    one_op_run(&op[all]);
  }
  const double error = bench_difference(batch, ritz_plan_value(op[0].plan, op[0].out),
                                        ritz_plan_value(op[1].plan, op[1].out));
  if (!(error < 1e-5)) {
    status = RITZ_FAIL(RITZ_ERR_NUMERIC, "the losses are %.1e apart", error);
    goto done;
  }
  RITZ_TRY_DONE(bench_measure(call, RITZ_FLOAT32, 2,
                              (bench_job[]){{run_op, &op[0]}, {run_op, &op[1]}}, times));
  const bench_line line = {.of = self, .dtype = RITZ_FLOAT32, .times = times[0]};
  bench_print(call, &line,
              "\"grid\": %td, \"batch\": %d, \"all_ms\": %.4g, \"ratio\": %.2f, "
              "\"error\": %.1e",
              n, batch, 1e3 * times[1].median, times[1].median / times[0].median, error);
done:
  for (int all = 0; all < 2; all++) one_op_end(&op[all]);
  return status;
}

static const loss_bench cases[] = {
    {{"loss/h1-fourier-64", "64^2, a batch of 8", run}, 64},
    {{"loss/h1-fourier-128", "128^2, a batch of 8", run}, 128},
    {{"loss/h1-fourier-256", "256^2, a batch of 8", run}, 256},
};

int main(int argc, char **argv) {
  return bench_main(argc, argv, "ritz-bench-loss", sizeof cases / sizeof *cases, sizeof *cases,
                    cases);
}
