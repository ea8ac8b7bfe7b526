/* SPDX-License-Identifier: BSD-3-Clause
 * Steps over the two sections of the parameters: common ones and owned ones. */
#include "train/optimizer.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>

#include "core/context.h"
#include "core/fail.h"
#include "core/memory.h"
#include "core/threads.h"
#include "dist/comm.h"
#include "graph/params.h"
#include "graph/plan.h"
#include "io/finite.h"
#include "train/optimizer_inside.h"

/* Frozen parameters are state of all. */
static ritz_status take_owners(ritz_optimizer *o, const ritz_optimizer_owners *owners) {
  const int count = ritz_params_count(o->params);
  bool any = false;
  RITZ_TRY(RITZ_NEW(count, &o->shares));
  for (int i = 0; owners && i < count; i++) {
    if (ritz_params_info(o->params, i)->trainable) o->shares[i] = owners->shares[i];
    any = any || o->shares[i] > 0;
  }
  if (!any) return RITZ_OK;
  o->domain = ritz_context_retain(owners->domain);
  if (owners->siblings) o->siblings = ritz_context_retain(owners->siblings);
  return RITZ_OK;
}

/* Numbers of a chunk: enough to be worth a call, and few enough that thousands of ranks, who get
 * whole chunks, have parts of nearly one size. What modes leave in common may be little: then
 * about as many chunks as there may be ranks. */
static ritz_index chunk_numbers(const ritz_optimizer *o, const ritz_section *section) {
  enum { most = 2048, least = 16, ranks = 8192 };
  const ritz_index each = section->length / ranks;
  return !o->domain || each > most ? most : each > least ? each : least;
}

static ritz_status make_sections(ritz_optimizer *o) {
  ritz_param_part *part;
  ritz_index common;
  RITZ_TRY(RITZ_NEW(ritz_params_count(o->params), &part));
  const ritz_index all =
      ritz_params_parts(o->params, o->shares, ritz_optimizer_comm_of(o->domain), part, &common);
  ritz_status status =
      ritz_section_init(&o->common, o->params, ritz_optimizer_comm_of(o->context), 0, common);
  if (status == RITZ_OK)
    status =
        ritz_section_init(&o->owned, o->params, ritz_optimizer_comm_of(o->siblings), common, all);
  for (int i = 0; status == RITZ_OK && i < ritz_params_count(o->params); i++)
    ritz_section_add(ritz_optimizer_section_of(o, i), i, &part[i]);
  ritz_free(part);
  return status;
}

static ritz_status deal_out(ritz_optimizer *o) {
  RITZ_TRY(make_sections(o));
  RITZ_TRY(ritz_section_deal_out(&o->common, chunk_numbers(o, &o->common), o->type->slots));
  return ritz_section_deal_out(&o->owned, chunk_numbers(o, &o->owned), o->type->slots);
}

static const ritz_reals *clip_norm(const ritz_optimizer *o) { return o->config; }

static ritz_status read_options(ritz_optimizer *o, const ritz_value *options) {
  char owner[64];
  snprintf(owner, sizeof owner, "optimizer %s", o->type->name);
  RITZ_TRY(ritz_calloc(1, o->type->config_size, &o->config));
  RITZ_TRY(ritz_options_read(o->type->options, owner, options, o->config));
  ritz_status status = RITZ_OK;
  if (clip_norm(o)->count > 1)
    status = RITZ_FAIL(RITZ_ERR_CONFIG, "%s: clip_norm has %d numbers, wanted one", owner,
                       clip_norm(o)->count);
  else if (o->type->check)
    status = o->type->check(o->config);
  return status != RITZ_OK && options ? ritz_value_blame(options, status) : status;
}

ritz_status ritz_optimizer_create(ritz_context *context, ritz_params *params, const char *type,
                                  const ritz_value *options, const ritz_optimizer_owners *owners,
                                  ritz_optimizer **out) {
  ritz_optimizer *o;
  ritz_status status;
  *out = NULL;
  RITZ_TRY(RITZ_NEW(1, &o));
  o->context = ritz_context_retain(context);
  o->params = ritz_params_retain(params);
  o->kernels = ritz_kernels_get(ritz_params_dtype(params));
  o->length = ritz_params_length(params);
  RITZ_TRY_DONE(ritz_optimizer_type_find(type, &o->type));
  RITZ_TRY_DONE(read_options(o, options));
  RITZ_TRY_DONE(take_owners(o, owners));
  RITZ_TRY_DONE(deal_out(o));
  *out = o;
  o = NULL;
done:
  ritz_optimizer_destroy(&o);
  return status;
}

void ritz_optimizer_destroy(ritz_optimizer **optimizer) {
  if (!optimizer || !*optimizer) return;
  ritz_optimizer *o = *optimizer;
  *optimizer = NULL;
  if (o->config) ritz_options_clear(o->type->options, o->config);
  ritz_free(o->config);
  ritz_free(o->shares);
  ritz_section_clear(&o->common);
  ritz_section_clear(&o->owned);
  ritz_params_destroy(&o->params);
  ritz_context_destroy(&o->siblings);
  ritz_context_destroy(&o->domain);
  ritz_context_destroy(&o->context);
  ritz_free(o);
}

/* ---- gradients ----------------------------------------------------------------------------- */

ritz_index ritz_optimizer_numbers(const ritz_optimizer *o) {
  return o->common.length + o->owned.length;
}

void ritz_optimizer_begin_sum(ritz_optimizer *o, void *gradient) {
  ritz_section_begin_sum(&o->common, gradient);
  ritz_section_begin_sum(&o->owned, gradient);
}

void ritz_optimizer_go_on(ritz_optimizer *o, const int *final, int steps) {
  ritz_section_go_on(&o->common, final, steps);
  ritz_section_go_on(&o->owned, final, steps);
}

ritz_status ritz_optimizer_finish_sum(ritz_optimizer *o) {
  RITZ_TRY(ritz_section_finish_sum(&o->common));
  return ritz_section_finish_sum(&o->owned);
}

ritz_status ritz_optimizer_sum(ritz_optimizer *o, void *gradient) {
  ritz_optimizer_begin_sum(o, gradient);
  return ritz_optimizer_finish_sum(o);
}

/* Siblings have the same sum of what they own, and a domain all that is owned. */
ritz_status ritz_optimizer_norm(ritz_optimizer *o, const void *gradient, double *norm) {
  const int threads = o->context->threads;
  double common, owned;
  RITZ_TRY(ritz_section_squares(&o->common, threads, gradient, &common));
  RITZ_TRY(ritz_section_squares(&o->owned, threads, gradient, &owned));
  RITZ_TRY(ritz_comm_sum(ritz_optimizer_comm_of(o->domain), RITZ_FLOAT64, 1, &owned));
  *norm = sqrt(common + owned);
  return RITZ_OK;
}

/* Where a number is that is not finite, and which of the three it is, as one that is the larger the
 * earlier it comes; exact: below 2^53. */
static double code_at(ritz_index place, double value) {
  return -(3.0 * (double)place + (isnan(value) ? 0 : value > 0 ? 1 : 2));
}

static double code_of(const ritz_optimizer *o, ritz_section *section, const void *gradient) {
  double value = 0;
  const ritz_index place = ritz_section_not_finite(section, o->context->threads, gradient, &value);
  return place < 0 ? -INFINITY : code_at(place, value);
}

ritz_status ritz_optimizer_check(ritz_optimizer *o, const void *gradient) {
  static const double values[] = {NAN, INFINITY, -INFINITY};
  double code = fmax(code_of(o, &o->common, gradient), code_of(o, &o->owned, gradient));
  if (o->common.done) code = fmax(code, o->bad);
  RITZ_TRY(ritz_comm_largest(ritz_optimizer_comm_of(o->context), 1, &code));
  if (code == -INFINITY) return RITZ_OK;
  const ritz_index first = (ritz_index)-code / 3;
  int i = 0;
  while (first >= ritz_params_info(o->params, i)->offset + ritz_params_info(o->params, i)->count)
    i++;
  const ritz_param_info *info = ritz_params_info(o->params, i);
  return RITZ_FAIL(RITZ_ERR_NUMERIC, "the gradient of %s is %g at number %td of %td", info->name,
                   values[(ritz_index)-code % 3], first - info->offset, info->count);
}

/* As the sum, the check and the step do it. */
void ritz_optimizer_traffic(const ritz_optimizer *o, ritz_traffic *traffic) {
  const bool clipped = clip_norm(o)->count > 0;
  ritz_section_traffic(&o->common, clipped, traffic);
  ritz_section_traffic(&o->owned, clipped, traffic);
  ritz_traffic_add_largest(traffic, ritz_optimizer_comm_of(o->context), 1);
  if (clipped) ritz_traffic_add_sum(traffic, ritz_optimizer_comm_of(o->domain), RITZ_FLOAT64, 1);
}

double ritz_optimizer_shadow(const ritz_optimizer *o, ritz_network network, const int *final,
                             int steps, const double *done) {
  return fmin(done[steps], ritz_section_shadow(&o->common, network, final, steps, done) +
                               ritz_section_shadow(&o->owned, network, final, steps, done));
}

size_t ritz_optimizer_memory(const ritz_optimizer *o) {
  return ritz_section_memory(&o->common) + ritz_section_memory(&o->owned);
}

/* ---- a step -------------------------------------------------------------------------------- */

/* What the chunks of one call share. */
typedef struct walk {
  ritz_optimizer *optimizer;
  const ritz_section *section;
  const char *gradient;
  double rate, scale;
  ritz_index first; /* own chunk */
} walk;

/* @param gradient  Of the chunk. */
static void update(const ritz_optimizer *o, const ritz_section *section, const ritz_chunk *chunk,
                   double rate, double scale, const void *gradient) {
  const ritz_index size = ritz_section_number(section);
  ritz_optimizer_part numbers = {.kernels = o->kernels,
                                 .step = o->steps,
                                 .rate = rate,
                                 .scale = scale,
                                 .count = chunk->count,
                                 .inner = chunk->inner,
                                 .gradient = gradient,
                                 .p = (char *)ritz_params_data(o->params) + chunk->first * size};
  for (int i = 0; i < o->type->slots; i++)
    numbers.slot[i] = (char *)section->slot[i] + chunk->held * size;
  o->type->update(o->config, &numbers);
}

static void update_chunk(void *arg, ritz_index c, int thread) {
  const walk *w = arg;
  const ritz_chunk *chunk = &w->section->chunk[w->first + c];
  if (w->section->done && w->section->done[chunk->param]) return;
  update(w->optimizer, w->section, chunk, w->rate, w->scale,
         w->gradient + (w->section->base + chunk->place) * ritz_section_number(w->section));
}

static ritz_status step_section(walk *w, ritz_section *section) {
  w->section = section;
  const ritz_index count = ritz_section_own(section, &w->first);
  ritz_parallel(w->optimizer->context->threads, count, update_chunk, w);
  return ritz_section_gather(section, ritz_params_data(w->optimizer->params));
}

static ritz_status check_rate(const ritz_optimizer *o, double rate) {
  RITZ_REQUIRE(rate >= 0 && isfinite(rate), RITZ_ERR_ARGUMENT,
               "optimizer %s: learning rate is %g, wanted 0 or more", o->type->name, rate);
  RITZ_REQUIRE(ritz_params_length(o->params) == o->length, RITZ_ERR_ARGUMENT,
               "optimizer %s: the parameter set grew from %td to %td numbers since it was made",
               o->type->name, o->length, ritz_params_length(o->params));
  return RITZ_OK;
}

ritz_status ritz_optimizer_step(ritz_optimizer *o, double rate, const void *gradient) {
  RITZ_TRY(check_rate(o, rate));
  walk w = {.optimizer = o, .gradient = gradient, .rate = rate, .scale = 1};
  if (clip_norm(o)->count) { /* 1e-6 as in PyTorch's clip_grad_norm_ */
    double norm;
    RITZ_TRY(ritz_optimizer_norm(o, gradient, &norm));
    const double scale = clip_norm(o)->v[0] / (norm + 1e-6);
    w.scale = scale < 1 ? scale : 1;
  }
  if (!o->common.done) o->steps++;
  const ritz_status status = step_section(&w, &o->common);
  o->common.done = NULL;
  return status == RITZ_OK ? step_section(&w, &o->owned) : status;
}

/* One of the threads of a backward pass has numbers of a gradient in cache. */
static void take_piece(void *arg, int param, ritz_index first, ritz_index count,
                       const void *gradient) {
  ritz_optimizer *o = arg;
  const ritz_dtype dtype = ritz_params_dtype(o->params);
  const ritz_chunk piece = ritz_section_piece(&o->common, param, first, count);
  const ritz_index at = ritz_first_not_finite(dtype, count, gradient);
  if (at >= 0) {
    const double code = code_at(piece.first + at, ritz_number_get(dtype, gradient, at));
    double most = o->bad;
    while (code > most && !atomic_compare_exchange_weak(&o->bad, &most, code)) continue;
  }
  update(o, &o->common, &piece, o->rate, 1, gradient);
}

static ritz_status step_on_the_way(ritz_optimizer *o, ritz_plan *plan, double rate) {
  RITZ_TRY(check_rate(o, rate));
  o->common.done = ritz_plan_streamed(plan);
  o->steps++;
  o->rate = rate;
  o->bad = -INFINITY;
  ritz_plan_backward_with(plan, &(ritz_gradient_sink){.take = take_piece, .arg = o}, NULL, NULL);
  return ritz_plan_status(plan);
}

/* What a pass has finished goes to the other ranks. */
typedef struct pass {
  ritz_optimizer *optimizer;
  const int *final;
} pass;

static void send_what_is_final(void *user, int steps) {
  const pass *p = user;
  ritz_optimizer_go_on(p->optimizer, p->final, steps);
}

static ritz_status sum_on_the_way(ritz_optimizer *o, ritz_plan *plan) {
  pass p = {o, ritz_plan_final_steps(plan)};
  ritz_optimizer_begin_sum(o, ritz_plan_parameter_gradient(plan));
  ritz_plan_backward_with(plan, NULL, send_what_is_final, &p);
  const ritz_status status = ritz_plan_status(plan);
  if (status != RITZ_ERR_COMMUNICATION) RITZ_TRY(ritz_optimizer_finish_sum(o));
  return status;
}

ritz_status ritz_optimizer_backward(ritz_optimizer *o, ritz_plan *plan, double rate) {
  const bool shared = ritz_comm_size(ritz_optimizer_comm_of(o->context)) > 1 || o->domain;
  return shared || clip_norm(o)->count ? sum_on_the_way(o, plan) : step_on_the_way(o, plan, rate);
}

ritz_status ritz_optimizer_options(const ritz_optimizer *o, ritz_value **out) {
  return ritz_options_write(o->type->options, o->config, out);
}
int ritz_optimizer_slots(const ritz_optimizer *o) { return o->type->slots; }
const char *ritz_optimizer_slot_name(const ritz_optimizer *o, int slot) {
  return o->type->slot_name[slot];
}
ritz_index ritz_optimizer_steps(const ritz_optimizer *o) { return o->steps; }
void ritz_optimizer_set_steps(ritz_optimizer *o, ritz_index steps) { o->steps = steps; }
