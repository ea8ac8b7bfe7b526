/* SPDX-License-Identifier: BSD-3-Clause
 * What `ritz info --ranks` tells of training steps on split grids, beside the steps themselves.
 *
 *     mpirun -n P ritz-compare-forecast [SECONDS]
 *
 * One thread a rank. First the network: pairs of ranks swap messages of 8 bytes to 4 MiB, all pairs
 * at once, and alpha + beta n is fitted to the medians. Then the machine: peak and copy rate of a
 * rank while all others do the same. Then steps (forward and backward) of FNOs. Checked: the bytes
 * a rank sends and the memory of its plan are those told. Lines of JSON: least_ms is the roofline
 * of computing plus the network's time; alone_ms the step of a grid of the part's size, by each
 * rank for itself and all at once (it mixes all modes, where ranks share them); told_ms that plus
 * the network's time; ms the step. */
#include <math.h>
#include <ritz/random.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/ranks_main.h"
#include "core/clock.h"
#include "core/fail.h"
#include "core/median.h"
#include "core/memory.h"
#include "dist/layout.h"
#include "graph/plan.h"
#include "kernels/machine.h"
#include "train/forecast.h"

enum { runs_most = 1000, swap_runs = 200, sizes = 20, copied_bytes = 1 << 26 };

static const struct {
  const char *name, *options;
  int dim;
  ritz_index n;
} cases[] = {{"fno2d-256", "{n_modes: [24, 24], hidden_channels: 32}", 2, 256},
             {"fno3d-32", "{n_modes: [12, 12, 12], hidden_channels: 20}", 3, 32},
             {"fno3d-48", "{n_modes: [12, 12, 12], hidden_channels: 20}", 3, 48}};

/* ---- the network --------------------------------------------------------------------------- */

/* alpha + beta n with the least sum of squared relative errors. */
static ritz_network fit(const double *n, const double *t) {
  double w = 0, wn = 0, wnn = 0, wt = 0, wnt = 0;
  for (int i = 0; i < sizes; i++) {
    const double weight = 1 / (t[i] * t[i]);
    w += weight, wn += weight * n[i], wnn += weight * n[i] * n[i];
    wt += weight * t[i], wnt += weight * n[i] * t[i];
  }
  const double beta = (w * wnt - wn * wt) / (w * wnn - wn * wn);
  return (ritz_network){.latency = (wt - beta * wn) / w, .byte_time = beta};
}

static ritz_status measure_network(ritz_comm *comm, ritz_network *out) {
  const int other = ritz_comm_rank(comm) ^ 1;
  const bool paired = other < ritz_comm_size(comm);
  double n[sizes], t[sizes], seconds[swap_runs];
  char *data;
  RITZ_TRY(ritz_calloc(2, 8u << (sizes - 1), (void **)&data));
  for (int i = 0; i < sizes; i++) {
    const ritz_index bytes = (ritz_index)8 << i;
    const ritz_message message = {
        .rank = other, .out_bytes = bytes, .in_bytes = bytes, .out = data, .in = data + bytes};
    for (int k = 0; k < swap_runs; k++) {
      const double start = ritz_clock_seconds();
      RITZ_TRY(ritz_comm_swap(comm, paired, &message));
      seconds[k] = ritz_clock_seconds() - start;
    }
    n[i] = (double)bytes;
    t[i] = ritz_median(swap_runs, seconds);
  }
  ritz_free(data);
  *out = fit(n, t);
  double both[2] = {out->latency, out->byte_time};
  RITZ_TRY(ritz_comm_broadcast(comm, 0, sizeof both, both));
  *out = (ritz_network){both[0], both[1]};
  return RITZ_OK;
}

/* ---- steps --------------------------------------------------------------------------------- */

typedef struct step {
  ritz_plan *plan;
  ritz_params *params;
  ritz_layout *layout;
} step;

static void fill(ritz_plan *plan, ritz_var var, uint32_t stream) {
  const ritz_random random = {1, RITZ_RANDOM_TEST, stream};
  const ritz_shape shape = ritz_var_part(var);
  float *data = ritz_plan_value(plan, var);
  for (ritz_index i = 0; i < ritz_shape_count(&shape); i++)
    data[i] = (float)(ritz_random_uniform(random, (uint64_t)i) - 0.3);
}

static ritz_status create(ritz_context *context, const ritz_operator *op, int dim,
                          const ritz_index *grid, const int *parts, step *s) {
  const ritz_plan_options options = {.gradients = true, .own_gradients = true};
  ritz_shape shape = {.rank = dim + 2, .n = {1}};
  const ritz_loss_type *type;
  ritz_graph *graph;
  *s = (step){0};
  for (int a = 0; a < dim; a++) shape.n[a + 1] = grid[a];
  shape.n[dim + 1] = 1;
  RITZ_TRY(ritz_layout_create(context, dim, grid, parts, NULL, &s->layout));
  RITZ_TRY(ritz_loss_type_find("rel_l2", &type));
  RITZ_TRY(ritz_params_create(context, RITZ_FLOAT32, 1, &s->params));
  RITZ_TRY(ritz_graph_create(context, RITZ_FLOAT32, &graph));
  ritz_var x = ritz_input_split(graph, "x", shape, s->layout);
  ritz_var truth = ritz_input_split(graph, "y", shape, s->layout);
  ritz_var loss = ritz_loss(graph, type, ritz_operator_build(op, graph, s->params, x), truth, NULL);
  RITZ_TRY(ritz_graph_plan(graph, 1, &loss, &options, &s->plan));
  fill(s->plan, x, 1);
  fill(s->plan, truth, 2);
  return RITZ_OK;
}

static void destroy(step *s) {
  ritz_plan_destroy(&s->plan);
  ritz_params_destroy(&s->params);
  ritz_layout_destroy(&s->layout);
}

static ritz_status time_step(ritz_comm *comm, step *s, double *seconds) {
  RITZ_TRY(ritz_comm_barrier(comm));
  const double start = ritz_clock_seconds();
  ritz_plan_forward(s->plan);
  ritz_plan_backward(s->plan);
  RITZ_TRY(ritz_comm_barrier(comm));
  *seconds = ritz_clock_seconds() - start;
  return ritz_plan_status(s->plan);
}

/* Medians of two kinds of steps, in turn, for so many seconds by the clock of the first rank. All
 * ranks begin together and wait for the last. */
static ritz_status measure(ritz_comm *comm, step *one, step *other, double seconds, double out[2]) {
  static double reading[2][runs_most];
  bool more = true;
  int count = 0;
  double warm;
  RITZ_TRY(time_step(comm, one, &warm));
  RITZ_TRY(time_step(comm, other, &warm));
  const double begin = ritz_clock_seconds();
  for (; more && count < runs_most; count++) {
    RITZ_TRY(time_step(comm, one, &reading[0][count]));
    RITZ_TRY(time_step(comm, other, &reading[1][count]));
    more = ritz_clock_seconds() - begin < seconds || count < 4;
    RITZ_TRY(ritz_comm_broadcast(comm, 0, sizeof more, &more));
  }
  for (int i = 0; i < 2; i++) out[i] = ritz_median(count, reading[i]);
  return RITZ_OK;
}

/* Bytes of one step, and of the plan, of the rank with most of them. */
static ritz_status count(ritz_comm *comm, const step *s, double out[2]) {
  const uint64_t before = ritz_comm_bytes(comm);
  ritz_plan_forward(s->plan);
  ritz_plan_backward(s->plan);
  out[0] = (double)(ritz_comm_bytes(comm) - before);
  out[1] = (double)ritz_plan_memory(s->plan);
  return ritz_comm_largest(comm, 2, out);
}

/* As cubic as can be. */
static void choose_parts(int size, int dim, int parts[3]) {
  for (int a = 0; a < 3; a++) parts[a] = 1;
  for (int factor = 2; size > 1; factor++)
    while (size % factor == 0) {
      int least = 0;
      for (int a = 1; a < dim; a++)
        if (parts[a] < parts[least]) least = a;
      parts[least] *= factor;
      size /= factor;
    }
}

static ritz_status compare(ritz_context *ranks, const ritz_network *network,
                           const ritz_roofline *machine, int k, double seconds) {
  const int dim = cases[k].dim, size = ritz_comm_size(ranks->comm);
  ritz_context *own;
  ritz_operator *op;
  ritz_forecast told;
  step split, alone;
  int parts[3];
  double counted[2], seconds_of[2];
  choose_parts(size, dim, parts);
  RITZ_TRY(ritz_context_create(NULL, &own));
  RITZ_TRY(ritz_operator_create(own, "fno", cases[k].options, &op));
  ritz_forecast_request request = {.op = op,
                                   .dim = dim,
                                   .batch = 1,
                                   .channels_in = 1,
                                   .ranks = size,
                                   .threads = 1,
                                   .parts = {.count = dim},
                                   .train = true,
                                   .optimizer = "adamw",
                                   .network = *network,
                                   .machine = *machine};
  for (int a = 0; a < dim; a++) request.grid[a] = cases[k].n, request.parts.n[a] = parts[a];
  RITZ_TRY(ritz_loss_type_find("rel_l2", &request.loss));
  RITZ_TRY(create(ranks, op, dim, request.grid, parts, &split));
  request.params = split.params;
  RITZ_TRY(ritz_forecast_job(&request, &told));
  RITZ_TRY(create(own, op, dim, told.part, (int[]){1, 1, 1}, &alone));
  RITZ_TRY(count(ranks->comm, &split, counted));
  RITZ_REQUIRE(counted[0] == told.grid.bytes && counted[1] == (double)(told.plan + told.gradient),
               RITZ_ERR_NUMERIC, "%s: %.0f bytes sent and %.0f held, told were %.0f and %zu",
               cases[k].name, counted[0], counted[1], told.grid.bytes, told.plan + told.gradient);
  RITZ_TRY(measure(ranks->comm, &alone, &split, seconds, seconds_of));
  if (ritz_comm_rank(ranks->comm) == 0)
    printf(
        "{\"case\": \"%s\", \"ranks\": %d, \"parts\": [%d, %d, %d], \"sent\": %.0f, \"messages\": "
        "%.0f, \"plan\": %.0f, \"network_ms\": %.3f, \"least_ms\": %.3f, \"alone_ms\": %.3f, "
        "\"told_ms\": %.3f, \"ms\": %.3f}\n",
        cases[k].name, size, parts[0], parts[1], parts[2], counted[0], told.grid.messages,
        counted[1], told.grid.seconds * 1e3, (told.compute + told.grid.seconds) * 1e3,
        seconds_of[0] * 1e3, (seconds_of[0] + told.grid.seconds) * 1e3, seconds_of[1] * 1e3);
  destroy(&split);
  destroy(&alone);
  ritz_operator_destroy(&op);
  ritz_context_destroy(&own);
  return RITZ_OK;
}

static ritz_status run(ritz_context *ranks, int argc, char **argv) {
  const double seconds = argc > 1 ? atof(argv[1]) : 0.5;
  ritz_network network;
  ritz_roofline machine;
  RITZ_REQUIRE(ritz_comm_size(ranks->comm) > 1, RITZ_ERR_ARGUMENT,
               "one rank has nobody to talk to");
  RITZ_TRY(measure_network(ranks->comm, &network));
  RITZ_TRY(ritz_comm_barrier(ranks->comm));
  machine.flops = ritz_machine_peak(RITZ_FLOAT32, 0.2);
  RITZ_TRY(ritz_machine_bandwidth(1, copied_bytes, 0.2, &machine.bytes));
  if (ritz_comm_rank(ranks->comm) == 0)
    printf(
        "{\"ranks\": %d, \"latency_us\": %.2f, \"gbytes_per_s\": %.2f, \"gflops\": %.0f, "
        "\"memory_gbytes_per_s\": %.1f}\n",
        ritz_comm_size(ranks->comm), network.latency * 1e6, 1e-9 / network.byte_time,
        machine.flops * 1e-9, machine.bytes * 1e-9);
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
    RITZ_TRY(compare(ranks, &network, &machine, (int)k, seconds));
  return RITZ_OK;
}

int main(int argc, char **argv) { return ranks_main(argc, argv, "ritz-compare-forecast", run); }
