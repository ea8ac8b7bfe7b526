/* SPDX-License-Identifier: BSD-3-Clause
 * What ranks gain that share the batches of a training step: the step of `ritz bench
 * train/fno2d-64`, with its whole batch on one rank while the others sleep, then shared.
 *
 *     mpirun -n P ritz-compare-ranks [SECONDS]
 *
 * One thread a rank, steps as train/trainer.c makes them. Checked first: both ways give the same
 * parameters after three steps. Prints one line of JSON: medians of whole steps, their ratio and
 * that of the shortest steps, means of what a step is made of, and the sum of the gradients by
 * itself. */
#include <math.h>
#include <ritz/operator.h>
#include <ritz/random.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "bench/ranks_main.h"
#include "core/clock.h"
#include "core/fail.h"
#include "core/median.h"
#include "core/memory.h"
#include "dist/comm.h"
#include "graph/op.h"
#include "train/loss.h"
#include "train/optimizer.h"

enum { grid = 64, batch = 16, readings_most = 10000, sections = 3 };
static const char options_text[] = "{\"n_modes\": [24, 24], \"hidden_channels\": 32}";
static const char *const section_name[sections] = {"forward_ms", "backward_and_sum_ms", "step_ms"};

/* One rank's share of a step. */
typedef struct problem {
  ritz_operator *op;
  ritz_params *params;
  ritz_optimizer *optimizer;
  ritz_plan *plan;
  ritz_var x, truth, loss;
} problem;

static void fill(problem *p, ritz_var var, uint32_t stream, ritz_index first, ritz_index count) {
  const ritz_random random = {1, RITZ_RANDOM_TEST, stream};
  float *data = ritz_plan_value(p->plan, var);
  const ritz_index points = grid * grid;
  for (ritz_index i = 0; i < count * points; i++)
    data[i] = (float)(ritz_random_uniform(random, (uint64_t)(first * points + i)) - 0.3);
}

static void destroy(problem *p) {
  ritz_optimizer_destroy(&p->optimizer);
  ritz_plan_destroy(&p->plan);
  ritz_params_destroy(&p->params);
  ritz_operator_destroy(&p->op);
}

static ritz_status create(ritz_context *context, problem *p) {
  const ritz_plan_options options = {.gradients = true};
  const ritz_loss_type *type;
  ritz_context *own;
  ritz_graph *graph;
  ritz_index first, share;
  *p = (problem){0};
  ritz_comm_share(context->comm, batch, &first, &share);
  RITZ_TRY(ritz_context_create(NULL, &own));
  RITZ_TRY(ritz_loss_type_find("rel_l2", &type));
  RITZ_TRY(ritz_operator_create(own, "fno", options_text, &p->op));
  RITZ_TRY(ritz_params_create(own, RITZ_FLOAT32, 1, &p->params));
  RITZ_TRY(ritz_graph_create(own, RITZ_FLOAT32, &graph));
  p->x = ritz_input(graph, "x", RITZ_SHAPE(share, grid, grid, 1));
  p->truth = ritz_input(graph, "y", RITZ_SHAPE(share, grid, grid, 1));
  p->loss =
      ritz_loss(graph, type, ritz_operator_build(p->op, graph, p->params, p->x), p->truth, NULL);
  RITZ_TRY(ritz_graph_plan(graph, 1, &p->loss, &options, &p->plan));
  ritz_context_destroy(&own);
  fill(p, p->x, 1, first, share);
  fill(p, p->truth, 2, first, share);
  return ritz_optimizer_create(context, p->params, "adamw", NULL, NULL, &p->optimizer);
}

/* Adds what its sections took. */
static ritz_status step(problem *p, double took[sections]) {
  const double rate = 1e-3;
  void *gradient = ritz_plan_parameter_gradient(p->plan);
  const double start = ritz_clock_seconds();
  ritz_plan_forward(p->plan);
  const double forward = ritz_clock_seconds();
  RITZ_TRY(ritz_optimizer_backward(p->optimizer, p->plan, rate));
  const double summed = ritz_clock_seconds();
  RITZ_TRY(ritz_optimizer_check(p->optimizer, gradient));
  RITZ_TRY(ritz_optimizer_step(p->optimizer, rate, gradient));
  took[0] += forward - start;
  took[1] += summed - forward;
  took[2] += ritz_clock_seconds() - summed;
  return RITZ_OK;
}

/* Whole steps for so many seconds, by the clock of the first rank. */
static ritz_status measure(ritz_context *context, problem *p, double seconds, double *median,
                           double *least, double mean[sections]) {
  static double reading[readings_most];
  int count = 0;
  bool more = true;
  for (int s = 0; s < sections; s++) mean[s] = 0;
  const double begin = ritz_clock_seconds();
  for (; more && count < readings_most; count++) {
    const double start = ritz_clock_seconds();
    RITZ_TRY(step(p, mean));
    reading[count] = ritz_clock_seconds() - start;
    more = ritz_clock_seconds() - begin < seconds || count < 4;
    RITZ_TRY(ritz_comm_broadcast(context->comm, 0, sizeof more, &more));
  }
  *median = ritz_median(count, reading);
  *least = reading[0];
  for (int s = 0; s < sections; s++) mean[s] /= count;
  return RITZ_OK;
}

/* The sum of a gradient when no rank has to wait for another. */
static ritz_status measure_sum(problem *p, double *seconds) {
  enum { runs = 20 };
  double begin = 0;
  for (int i = -3; i < runs; i++) {
    if (i == 0) begin = ritz_clock_seconds();
    RITZ_TRY(ritz_optimizer_sum(p->optimizer, ritz_plan_parameter_gradient(p->plan)));
  }
  *seconds = (ritz_clock_seconds() - begin) / runs;
  return RITZ_OK;
}

/* Waits without using a processor. */
static void sleep_until_all_are_here(void) {
  const struct timespec moment = {.tv_nsec = 2000000};
  MPI_Request request;
  int arrived = 0;
  MPI_Ibarrier(MPI_COMM_WORLD, &request);
  while (MPI_Test(&request, &arrived, MPI_STATUS_IGNORE), !arrived) nanosleep(&moment, NULL);
}

static double difference(problem *a, problem *b) {
  const float *x = ritz_params_data(a->params), *y = ritz_params_data(b->params);
  double error = 0, length = 0;
  for (ritz_index i = 0; i < ritz_params_length(a->params); i++) {
    error += ((double)x[i] - y[i]) * ((double)x[i] - y[i]);
    length += (double)y[i] * y[i];
  }
  return sqrt(error / length);
}

static ritz_status compare(ritz_context *ranks, int argc, char **argv) {
  const double seconds = argc > 1 ? atof(argv[1]) : 3;
  const int rank = ritz_comm_rank(ranks->comm), size = ritz_comm_size(ranks->comm);
  ritz_context *alone;
  problem whole, part;
  double one = 0, all, least_one = 0, least_all, sum, of_one[sections], of_all[sections];
  RITZ_TRY(ritz_context_create(NULL, &alone));
  RITZ_TRY(create(alone, &whole));
  RITZ_TRY(create(ranks, &part));
  if (rank == 0)
    for (int i = 0; i < 3; i++) RITZ_TRY(step(&whole, of_one));
  sleep_until_all_are_here();
  for (int i = 0; i < 3; i++) RITZ_TRY(step(&part, of_all));
  const double error = rank == 0 ? difference(&part, &whole) : 0;
  /* Adam makes a whole step of a gradient that is rounding; in float such numbers are some. */
  RITZ_REQUIRE(error <= 1e-3, RITZ_ERR_NUMERIC, "the parameters are off by %.2g", error);
  if (rank == 0) RITZ_TRY(measure(alone, &whole, seconds, &one, &least_one, of_one));
  sleep_until_all_are_here();
  RITZ_TRY(measure(ranks, &part, seconds, &all, &least_all, of_all));
  RITZ_TRY(measure_sum(&part, &sum));
  if (rank == 0) {
    printf(
        "{\"case\": \"ranks/fno2d-64\", \"ranks\": %d, \"threads\": 1, \"batch\": %d, "
        "\"parameters\": %td, \"error\": %.1e, \"one_rank_ms\": %.3f, \"ms\": %.3f, "
        "\"speedup\": %.3f, \"speedup_of_least\": %.3f",
        size, batch, ritz_params_numbers(part.params), error, one * 1e3, all * 1e3, one / all,
        least_one / least_all);
    for (int s = 0; s < sections; s++)
      printf(", \"one_rank_%s\": %.3f, \"%s\": %.3f", section_name[s], of_one[s] * 1e3,
             section_name[s], of_all[s] * 1e3);
    printf(", \"sum_alone_ms\": %.3f}\n", sum * 1e3);
  }
  destroy(&whole);
  destroy(&part);
  ritz_context_destroy(&alone);
  return RITZ_OK;
}

int main(int argc, char **argv) { return ranks_main(argc, argv, "ritz-compare-ranks", compare); }
