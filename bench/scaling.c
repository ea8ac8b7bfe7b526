/* SPDX-License-Identifier: BSD-3-Clause
 * How a 3-D FNO scales, told and not measured: the tables of docs/scaling.md.
 *
 *     ritz-scaling [LATENCY [BANDWIDTH [FLOPS [MEMORY]]]]
 *
 * Seconds of a message, bytes per second that a rank sends, flops and bytes of memory per second of
 * a rank. Training steps in single precision, one thread a rank as far as tile memory goes; times
 * are the least that these rates allow; sums of gradients in buckets go on during the backward
 * pass, and nothing else is done at the same time as anything else. */
#include <stdio.h>
#include <stdlib.h>

#include "core/fail.h"
#include "graph/params.h"
#include "train/forecast.h"

typedef struct job {
  ritz_index grid, batch;
  int parts[3], domains;
} job;

typedef struct table {
  const char *title, *options;
  job job[8]; /* up to one without a grid */
} table;

#define FEW  "{n_modes: [16, 16, 16], hidden_channels: 20}"
#define MANY "{n_modes: [32, 32, 32], hidden_channels: 20}"

static const table tables[] = {
    {"64^3 points a rank, 16^3 modes",
     FEW,
     {{64, 1, {1, 1, 1}, 1},
      {128, 1, {2, 2, 2}, 1},
      {256, 1, {4, 4, 4}, 1},
      {512, 1, {8, 8, 8}, 1},
      {1024, 1, {16, 16, 16}, 1}}},
    {"1024^3 points, 16^3 modes",
     FEW,
     {{1024, 1, {2, 2, 2}, 1},
      {1024, 1, {4, 4, 4}, 1},
      {1024, 1, {8, 8, 8}, 1},
      {1024, 1, {16, 16, 16}, 1}}},
    {"1024^3 points, 32^3 modes",
     MANY,
     {{1024, 1, {4, 4, 4}, 1}, {1024, 1, {8, 8, 8}, 1}, {1024, 1, {16, 16, 16}, 1}}},
    {"larger grids, 16^3 modes",
     FEW,
     {{1408, 1, {8, 8, 8}, 1}, {2048, 1, {16, 16, 16}, 1}, {4096, 1, {16, 16, 16}, 1}}},
    {"256^3 points and 64 samples, 16^3 modes",
     FEW,
     {{256, 64, {4, 4, 4}, 1},
      {256, 64, {4, 4, 4}, 8},
      {256, 64, {4, 4, 4}, 64},
      {256, 64, {2, 2, 2}, 64},
      {256, 64, {1, 1, 1}, 64}}},
};

static void print_row(const ritz_forecast_request *r, const ritz_forecast *f) {
  const double mebi = 1 << 20, seconds = ritz_forecast_seconds(f);
  printf(
      "| %td³ | %d | %td x %td x %td | %.0f | %.2f | %.2f | %.2f | %.2f | %.2f | %.2f | %.2f |\n",
      r->grid[0], r->ranks, r->parts.n[0], r->parts.n[1], r->parts.n[2],
      (double)ritz_forecast_memory(f, false) / mebi, f->grid.bytes / mebi,
      f->gradients.bytes / mebi, f->compute * 1e3, f->grid.seconds * 1e3,
      f->gradients.seconds * 1e3, seconds * 1e3, f->compute / seconds);
}

static ritz_status print_table(ritz_context *context, const table *t,
                               const ritz_forecast_request *rates) {
  ritz_forecast_request request = *rates;
  ritz_operator *op = NULL;
  ritz_status status;
  RITZ_TRY_DONE(ritz_operator_create(context, "fno", t->options, &op));
  RITZ_TRY_DONE(ritz_params_create(context, RITZ_FLOAT32, 1, &request.params));
  request.op = op;
  printf(
      "\n%s\n\n| grid | ranks | parts | MiB a rank | grid MiB sent | gradient MiB sent | computing "
      "ms | grid ms | gradient ms | step ms | computing |\n"
      "|---|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|\n",
      t->title);
  for (const job *j = t->job; j < t->job + 8 && j->grid > 0; j++) {
    ritz_forecast told;
    request.batch = j->batch;
    request.ranks = j->domains;
    for (int a = 0; a < 3; a++) {
      request.grid[a] = j->grid;
      request.parts.n[a] = j->parts[a];
      request.ranks *= j->parts[a];
    }
    RITZ_TRY_DONE(ritz_forecast_job(&request, &told));
    print_row(&request, &told);
  }
done:
  ritz_params_destroy(&request.params);
  ritz_operator_destroy(&op);
  return status;
}

static double argument(int argc, char **argv, int i, double usual) {
  return i < argc ? atof(argv[i]) : usual;
}

int main(int argc, char **argv) {
  ritz_forecast_request rates = {.dim = 3,
                                 .channels_in = 1,
                                 .threads = 1,
                                 .parts = {.count = 3},
                                 .train = true,
                                 .optimizer = "adamw"};
  ritz_context *context;
  rates.network.latency = argument(argc, argv, 1, 2e-6);
  rates.network.byte_time = 1 / argument(argc, argv, 2, 1e10);
  rates.machine.flops = argument(argc, argv, 3, 1e12);
  rates.machine.bytes = argument(argc, argv, 4, 5e10);
  printf("%.3g us a message, %.3g GB/s sent by a rank, %.4g Gflop/s and %.3g GB/s of memory\n",
         rates.network.latency * 1e6, 1e-9 / rates.network.byte_time, rates.machine.flops * 1e-9,
         rates.machine.bytes * 1e-9);
  ritz_status status = ritz_context_create(NULL, &context);
  if (status == RITZ_OK) status = ritz_loss_type_find("rel_l2", &rates.loss);
  for (size_t i = 0; status == RITZ_OK && i < sizeof tables / sizeof *tables; i++)
    status = print_table(context, &tables[i], &rates);
  if (status != RITZ_OK) fprintf(stderr, "ritz-scaling: %s\n", ritz_error_message());
  ritz_context_destroy(&context);
  return status != RITZ_OK;
}
