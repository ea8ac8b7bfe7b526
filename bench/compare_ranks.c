/* SPDX-License-Identifier: BSD-3-Clause
 * What ranks gain that share the batches of a training step: the step of `ritz bench
 * train/fno2d-64`, with its whole batch on one rank while the others sleep, then shared.
 *
 *     mpirun -n P ritz-compare-ranks [SECONDS]
 *
 * One thread a rank, steps as train/trainer.c makes them; in turn with them such that sum the
 * gradients after the backward pass instead of during it. Checked first: both ways give the same
 * parameters after three steps. Prints one line of JSON: medians of whole steps, their ratio and
 * that of the shortest steps, medians of what a step is made of, and the sum of the gradients by
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

/* Seconds of whole steps and of their sections. */
typedef struct readings {
  int count;
  double whole[readings_most], section[sections][readings_most];
} readings;

static ritz_status backward(problem *p, bool sums_after, double rate) {
  if (!sums_after) return ritz_optimizer_backward(p->optimizer, p->plan, rate);
  ritz_plan_backward(p->plan);
  return ritz_optimizer_sum(p->optimizer, ritz_plan_parameter_gradient(p->plan));
}

/* @param r  Takes what it took. */
static ritz_status step(problem *p, bool sums_after, readings *r) {
  const double rate = 1e-3;
  void *gradient = ritz_plan_parameter_gradient(p->plan);
  double at[sections + 1] = {ritz_clock_seconds()};
  ritz_plan_forward(p->plan);
  at[1] = ritz_clock_seconds();
  RITZ_TRY(backward(p, sums_after, rate));
  at[2] = ritz_clock_seconds();
  RITZ_TRY(ritz_optimizer_check(p->optimizer, gradient));
  RITZ_TRY(ritz_optimizer_step(p->optimizer, rate, gradient));
  at[3] = ritz_clock_seconds();
  r->whole[r->count] = at[sections] - at[0];
  for (int s = 0; s < sections; s++) r->section[s][r->count] = at[s + 1] - at[s];
  r->count++;
  return RITZ_OK;
}

/* Steps for so many seconds, by the clock of the first rank; in turn with others where there is
 * room for those. */
static ritz_status measure(ritz_context *context, problem *p, double seconds, readings *r,
                           readings *after) {
  bool more = true;
  const double begin = ritz_clock_seconds();
  r->count = 0;
  if (after) after->count = 0;
  while (more && r->count < readings_most) {
    RITZ_TRY(step(p, false, r));
    if (after) RITZ_TRY(step(p, true, after));
    more = ritz_clock_seconds() - begin < seconds || r->count < 4;
    RITZ_TRY(ritz_comm_broadcast(context->comm, 0, sizeof more, &more));
  }
  return RITZ_OK;
}

/* Sorts the whole steps: the shortest comes first. */
static double median_ms(int count, double *seconds) { return ritz_median(count, seconds) * 1e3; }

static void print_sections(const char *prefix, readings *r) {
  for (int s = 0; s < sections; s++)
    printf(", \"%s%s\": %.3f", prefix, section_name[s], median_ms(r->count, r->section[s]));
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

static void print(int ranks, const problem *p, double error, double sum, readings *one,
                  readings *all, readings *after) {
  const double one_ms = median_ms(one->count, one->whole), ms = median_ms(all->count, all->whole);
  printf(
      "{\"case\": \"ranks/fno2d-64\", \"ranks\": %d, \"threads\": 1, \"batch\": %d, "
      "\"parameters\": %td, \"error\": %.1e, \"one_rank_ms\": %.3f, \"ms\": %.3f, "
      "\"speedup\": %.3f, \"speedup_of_least\": %.3f, \"sum_after_ms\": %.3f",
      ranks, batch, ritz_params_numbers(p->params), error, one_ms, ms, one_ms / ms,
      one->whole[0] / all->whole[0], median_ms(after->count, after->whole));
  print_sections("one_rank_", one);
  print_sections("", all);
  print_sections("sum_after_", after);
  printf(", \"sum_alone_ms\": %.3f}\n", sum * 1e3);
}

static ritz_status compare(ritz_context *ranks, int argc, char **argv) {
  static readings one, all, after;
  const double seconds = argc > 1 ? atof(argv[1]) : 3;
  const bool first = ritz_comm_rank(ranks->comm) == 0;
  ritz_context *alone;
  problem whole, part;
  double sum;
  RITZ_TRY(ritz_context_create(NULL, &alone));
  RITZ_TRY(create(alone, &whole));
  RITZ_TRY(create(ranks, &part));
  for (int i = 0; first && i < 3; i++) RITZ_TRY(step(&whole, false, &one));
  sleep_until_all_are_here();
  for (int i = 0; i < 3; i++) RITZ_TRY(step(&part, i == 1, &all));
  const double error = first ? difference(&part, &whole) : 0;
  /* Adam makes a whole step of a gradient that is rounding; in float such numbers are some. */
  RITZ_REQUIRE(error <= 1e-3, RITZ_ERR_NUMERIC, "the parameters are off by %.2g", error);
  if (first) RITZ_TRY(measure(alone, &whole, seconds, &one, NULL));
  sleep_until_all_are_here();
  RITZ_TRY(measure(ranks, &part, 2 * seconds, &all, &after));
  RITZ_TRY(measure_sum(&part, &sum));
  if (first) print(ritz_comm_size(ranks->comm), &part, error, sum, &one, &all, &after);
  destroy(&whole);
  destroy(&part);
  ritz_context_destroy(&alone);
  return RITZ_OK;
}

int main(int argc, char **argv) { return ranks_main(argc, argv, "ritz-compare-ranks", compare); }
