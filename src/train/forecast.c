/* SPDX-License-Identifier: BSD-3-Clause
 * A job on imagined ranks. */
#include "train/forecast.h"

#include <math.h>

#include "core/fail.h"
#include "core/memory.h"
#include "dist/imagined.h"
#include "graph/cost.h"
#include "graph/params.h"
#include "train/trainer.h"

/* One imagined rank. */
typedef struct job {
  const ritz_forecast_request *request;
  ritz_context *world;
  ritz_domain domain;
  ritz_layout *layout;
  ritz_plan *plan;
  ritz_optimizer *optimizer;
} job;

static void clear(job *j) {
  ritz_optimizer_destroy(&j->optimizer);
  ritz_plan_destroy(&j->plan);
  ritz_layout_destroy(&j->layout);
  ritz_domain_clear(&j->domain);
  ritz_context_destroy(&j->world);
}

/* As ritz_domain_create() of a rank of the first domain. */
static ritz_status imagine(job *j, int rank) {
  const ritz_forecast_request *r = j->request;
  ritz_context_options options;
  ritz_context_options_defaults(&options);
  options.threads = r->threads;
  RITZ_TRY(ritz_domain_describe(rank, r->ranks, &r->parts, &j->domain));
  RITZ_TRY(ritz_context_imagine(&options, rank, r->ranks, &j->world));
  if (!j->domain.split) {
    j->domain.context = ritz_context_retain(j->world);
    j->domain.siblings = ritz_context_retain(j->world);
    return RITZ_OK;
  }
  RITZ_TRY(ritz_context_imagine(&options, rank, r->ranks / j->domain.groups, &j->domain.context));
  if (j->domain.groups > 1)
    RITZ_TRY(ritz_context_imagine(&options, 0, j->domain.groups, &j->domain.siblings));
  return ritz_domain_layout(&j->domain, r->dim, r->grid, &j->layout);
}

static ritz_status build(job *j, ritz_graph *graph) {
  const ritz_forecast_request *r = j->request;
  const ritz_plan_options options = {.gradients = r->train, .own_gradients = true};
  ritz_shape shape = {.rank = r->dim + 2};
  ritz_index first;
  ritz_domain_share(&j->domain, r->batch, &first, &shape.n[0]);
  for (int a = 0; a < r->dim; a++) shape.n[a + 1] = r->grid[a];
  shape.n[r->dim + 1] = r->channels_in;
  ritz_graph_set_training(graph, r->train, 0);
  ritz_var x = ritz_domain_input(graph, "x", shape, j->layout);
  ritz_var y = ritz_operator_build(r->op, graph, r->params, x);
  RITZ_TRY(ritz_graph_status(graph));
  if (r->train) {
    RITZ_TRY(ritz_domain_check_ops(&j->domain, graph));
    shape = ritz_var_shape(y);
    y = ritz_loss(graph, r->loss, y, ritz_domain_input(graph, "y", shape, j->layout),
                  r->loss_options);
  }
  return ritz_graph_outline(graph, 1, &y, &options, &j->plan);
}

static ritz_status create_optimizer(job *j) {
  const ritz_forecast_request *r = j->request;
  const ritz_optimizer_owners owners = {j->domain.context, j->domain.siblings,
                                        ritz_plan_shares(j->plan)};
  return ritz_optimizer_create(j->world, r->params, r->optimizer, r->optimizer_options, &owners,
                               &j->optimizer);
}

static ritz_status outline(job *j) {
  const ritz_forecast_request *r = j->request;
  ritz_graph *graph;
  RITZ_TRY(ritz_graph_create(j->domain.context, ritz_params_dtype(r->params), &graph));
  const ritz_status status = build(j, graph);
  if (status != RITZ_OK) ritz_graph_destroy(&graph);
  RITZ_TRY(status);
  return r->train ? create_optimizer(j) : RITZ_OK;
}

static size_t larger(size_t a, size_t b) { return a > b ? a : b; }

static void keep_slower(ritz_traffic *most, const ritz_traffic *traffic) {
  most->messages = fmax(most->messages, traffic->messages);
  most->bytes = fmax(most->bytes, traffic->bytes);
  most->seconds = fmax(most->seconds, traffic->seconds);
}

static void count_memory(const job *j, ritz_forecast *out) {
  const ritz_forecast_request *r = j->request;
  const size_t size = ritz_dtype_size(ritz_params_dtype(r->params));
  const size_t weights = (size_t)ritz_params_length(r->params) * size;
  out->weights = weights;
  out->plan = larger(out->plan, ritz_plan_memory(j->plan) - j->plan->gradient_bytes);
  if (!r->train) return;
  out->gradient = larger(out->gradient, j->plan->gradient_bytes);
  out->best = weights;
  out->checkpoint = larger(out->checkpoint, (size_t)ritz_optimizer_room(j->optimizer) * size);
  out->optimizer = larger(out->optimizer, ritz_optimizer_memory(j->optimizer));
}

/* What is not in the shadow of the backward pass, if that takes as long as it computes. */
static ritz_status count_exposed(const job *j, const ritz_plan_cost *cost, double seconds,
                                 double *out) {
  const ritz_plan *plan = j->plan;
  const int steps = plan->steps - plan->forward_steps;
  double *done;
  RITZ_TRY(RITZ_NEW(steps + 1, &done));
  for (int s = 0, at = 0; s < plan->steps; s++) {
    const double least = ritz_step_works(plan, &plan->step[s])
                             ? ritz_step_least(&j->request->machine, &cost->step[at++])
                             : 0;
    const int n = s - plan->forward_steps;
    if (n >= 0) done[n + 1] = done[n] + least;
  }
  const double hidden = ritz_optimizer_shadow(j->optimizer, j->request->network,
                                              ritz_plan_final_steps(plan), steps, done);
  *out = fmax(*out, seconds - hidden);
  ritz_free(done);
  return RITZ_OK;
}

/* What a rank does and sends; the largest of all that are asked. */
static ritz_status count(const job *j, ritz_forecast *out) {
  const ritz_forecast_request *r = j->request;
  ritz_traffic grid = {.network = r->network}, gradients = {.network = r->network};
  ritz_plan_cost *cost;
  RITZ_TRY(ritz_plan_count_cost(j->plan, &grid, &cost));
  if (r->train) ritz_trainer_step_traffic(&j->domain, j->world->comm, j->optimizer, &gradients);
  const ritz_status status =
      r->train ? count_exposed(j, cost, gradients.seconds, &out->exposed) : RITZ_OK;
  out->flops = fmax(out->flops, cost->flops);
  out->moved = fmax(out->moved, cost->bytes);
  out->compute = fmax(out->compute, ritz_plan_least(&r->machine, cost));
  keep_slower(&out->grid, &grid);
  keep_slower(&out->gradients, &gradients);
  ritz_plan_cost_destroy(&cost);
  count_memory(j, out);
  return status;
}

/* The grid's parts: the first one is the largest. */
static ritz_status describe(const ritz_forecast_request *r, const ritz_domain *domain,
                            ritz_forecast *out) {
  ritz_index first;
  out->domains = domain->groups;
  ritz_domain_share(domain, r->batch, &first, &out->samples);
  for (int a = 0; a < r->dim; a++) {
    RITZ_REQUIRE(domain->parts[a] <= r->grid[a], RITZ_ERR_SHAPE,
                 "grid axis %d has %td points, which are to be split into %d parts", a, r->grid[a],
                 domain->parts[a]);
    ritz_share_of(0, domain->parts[a], r->grid[a], &first, &out->part[a]);
  }
  return RITZ_OK;
}

static ritz_status ask(const ritz_forecast_request *request, int rank, ritz_forecast *out) {
  job j = {.request = request};
  ritz_status status;
  RITZ_TRY_DONE(imagine(&j, rank));
  RITZ_TRY_DONE(describe(request, &j.domain, out));
  RITZ_TRY_DONE(outline(&j));
  RITZ_TRY_DONE(count(&j, out));
done:
  clear(&j);
  return status;
}

/* The rank in the middle of the first domain: it has neighbours on all sides. */
static int middle_rank(const ritz_forecast_request *r) {
  int rank = 0;
  for (int a = 0; a < r->parts.count; a++)
    rank = rank * (int)r->parts.n[a] + (int)r->parts.n[a] / 2;
  return rank;
}

ritz_status ritz_forecast_job(const ritz_forecast_request *request, ritz_forecast *out) {
  *out = (ritz_forecast){0};
  RITZ_REQUIRE(request->ranks >= 1 && request->batch >= 1, RITZ_ERR_ARGUMENT,
               "%d ranks and a batch of %td, wanted at least 1 of both", request->ranks,
               request->batch);
  RITZ_TRY(ask(request, 0, out));
  return middle_rank(request) > 0 ? ask(request, middle_rank(request), out) : RITZ_OK;
}

size_t ritz_forecast_memory(const ritz_forecast *f, bool first_rank) {
  const size_t each = f->plan + f->weights + f->gradient + f->optimizer;
  return first_rank ? each + f->best + f->checkpoint : each;
}

double ritz_forecast_seconds(const ritz_forecast *f) {
  return f->compute + f->grid.seconds + f->exposed;
}
