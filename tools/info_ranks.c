/* SPDX-License-Identifier: BSD-3-Clause */
#include "tools/info_ranks.h"

#include <stdio.h>

#include "core/context.h"
#include "core/fail.h"
#include "core/number.h"
#include "graph/params.h"
#include "kernels/machine.h"
#include "tools/grid_text.h"
#include "train/domain.h"

/* Of no network in particular: about what a rank gets that has a 100 Gbit/s adapter to itself. */
static const double usual_latency = 2e-6, usual_bandwidth = 1e10;

/* Enough bytes to leave the caches behind. */
enum { copied_bytes = 1 << 28 };

bool ritz_info_wants_ranks(const ritz_info_request *request) {
  return request->ranks || request->parts;
}

static ritz_status read_rate(const char *name, const char *text, double usual, double *out) {
  *out = usual;
  if (!text) return RITZ_OK;
  RITZ_REQUIRE(ritz_text_to_real(text, out) && *out > 0, RITZ_ERR_ARGUMENT,
               "--%s takes a number > 0, not '%.64s'", name, text);
  return RITZ_OK;
}

/* "2x2" as parts; their number as that of the ranks, if that is not given. */
static ritz_status read_ranks(const ritz_info_request *request, int dim,
                              ritz_forecast_request *out) {
  ritz_index all = 1;
  if (request->parts) {
    RITZ_TRY(ritz_parts_parse(request->parts, dim, out->parts.n));
    out->parts.count = dim;
  }
  for (int a = 0; a < out->parts.count; a++) {
    RITZ_REQUIRE(out->parts.n[a] <= RITZ_INFO_RANKS_MOST / all, RITZ_ERR_ARGUMENT,
                 "--parts %s makes more than %d ranks", request->parts, RITZ_INFO_RANKS_MOST);
    all *= out->parts.n[a];
  }
  out->ranks = (int)(request->ranks ? request->ranks : all);
  return RITZ_OK;
}

static ritz_status read_network(const ritz_info_request *request, ritz_network *out) {
  double bandwidth;
  RITZ_TRY(read_rate("latency", request->latency, usual_latency, &out->latency));
  RITZ_TRY(read_rate("bandwidth", request->bandwidth, usual_bandwidth, &bandwidth));
  out->byte_time = 1 / bandwidth;
  return RITZ_OK;
}

ritz_status ritz_info_ranks_read(ritz_model *model, const ritz_info_request *request,
                                 const ritz_index *grid, ritz_info_ranks *out) {
  const ritz_model_info *info = ritz_model_get_info(model);
  ritz_forecast_request *ask = &out->request;
  ritz_domain domain;
  *out = (ritz_info_ranks){0};
  *ask = (ritz_forecast_request){.op = model->op,
                                 .params = model->params,
                                 .dim = info->dim,
                                 .batch = request->batch,
                                 .channels_in = info->channels_in,
                                 .threads = ritz_context_threads(model->context),
                                 .optimizer = "adamw"};
  for (int a = 0; a < info->dim; a++) ask->grid[a] = grid[a];
  RITZ_TRY(ritz_loss_type_find("rel_l2", &ask->loss));
  RITZ_TRY(read_ranks(request, info->dim, ask));
  RITZ_TRY(ritz_domain_describe(0, ask->ranks, &ask->parts, &domain));
  RITZ_TRY(read_network(request, &ask->network));
  RITZ_TRY(read_rate("flop-rate", request->flop_rate, 0, &ask->machine.flops));
  return read_rate("memory-rate", request->memory_rate, 0, &ask->machine.bytes);
}

ritz_status ritz_info_ranks_ask(ritz_dtype dtype, ritz_info_ranks *ranks) {
  ritz_forecast_request *ask = &ranks->request;
  ritz_roofline *machine = &ask->machine;
  ranks->measured = machine->flops == 0 || machine->bytes == 0;
  if (machine->flops == 0) machine->flops = ask->threads * ritz_machine_peak(dtype, 0.05);
  if (machine->bytes == 0)
    RITZ_TRY(ritz_machine_bandwidth(ask->threads, copied_bytes, 0.1, &machine->bytes));
  RITZ_TRY(ritz_forecast_job(ask, &ranks->predict));
  ask->train = true;
  return ritz_forecast_job(ask, &ranks->train);
}

static void print_split(const ritz_info_ranks *r) {
  char parts[80], points[80], grid[80];
  const ritz_forecast_request *q = &r->request;
  const ritz_index one[3] = {1, 1, 1};
  ritz_info_line("ranks", "%d: %d domain%s of %s, each with %td of %td samples", q->ranks,
                 r->train.domains, r->train.domains == 1 ? "" : "s",
                 ritz_grid_text(q->dim, q->parts.count ? q->parts.n : one, parts), r->train.samples,
                 q->batch);
  ritz_info_line("", "%s of %s points a rank, %d thread%s",
                 ritz_grid_text(q->dim, r->train.part, points),
                 ritz_grid_text(q->dim, q->grid, grid), q->threads, q->threads == 1 ? "" : "s");
}

static void print_memory(const ritz_forecast *f) {
  char all[32], plan[32], weights[32], gradient[32], state[32], first[32];
  ritz_info_line("to train", "%s a rank: plan %s, weights %s, gradients %s, state of Adam %s",
                 ritz_info_bytes(ritz_forecast_memory(f, false), all),
                 ritz_info_bytes(f->plan, plan), ritz_info_bytes(f->weights, weights),
                 ritz_info_bytes(f->gradient, gradient), ritz_info_bytes(f->optimizer, state));
  ritz_info_line("", "%s on rank 0, which has the best weights and room for one tensor, too",
                 ritz_info_bytes(ritz_forecast_memory(f, true), first));
}

static void print_step(const ritz_forecast *f) {
  char grid[32], gradients[32];
  ritz_info_line("", "sends %s in %.0f messages for the grid, %s in %.0f for the gradients",
                 ritz_info_bytes((size_t)f->grid.bytes, grid), f->grid.messages,
                 ritz_info_bytes((size_t)f->gradients.bytes, gradients), f->gradients.messages);
  ritz_info_line("",
                 "%.4g ms a step at least: %.4g computing, %.4g for the grid, %.4g for the "
                 "gradients after it",
                 ritz_forecast_seconds(f) * 1e3, f->compute * 1e3, f->grid.seconds * 1e3,
                 f->exposed * 1e3);
}

void ritz_info_ranks_print(const ritz_info_ranks *r) {
  char bytes[32], sent[32];
  const ritz_forecast *p = &r->predict;
  const ritz_forecast_request *q = &r->request;
  print_split(r);
  print_memory(&r->train);
  print_step(&r->train);
  ritz_info_line("to predict",
                 "%s a rank; sends %s; %.4g ms at least: %.4g computing, %.4g for "
                 "the grid",
                 ritz_info_bytes(ritz_forecast_memory(p, false), bytes),
                 ritz_info_bytes((size_t)p->grid.bytes, sent), ritz_forecast_seconds(p) * 1e3,
                 p->compute * 1e3, p->grid.seconds * 1e3);
  ritz_info_line("assuming",
                 "%.3g us a message, %.3g GB/s sent by a rank, %.4g Gflop/s and %.3g "
                 "GB/s of memory%s",
                 q->network.latency * 1e6, 1e-9 / q->network.byte_time, q->machine.flops * 1e-9,
                 q->machine.bytes * 1e-9, r->measured ? ", measured here where not given" : "");
}

static void add_job(ritz_json *json, const char *key, const ritz_forecast *f, bool train) {
  ritz_json_open(json, key);
  ritz_json_integer(json, "rank_bytes", (ritz_index)ritz_forecast_memory(f, false));
  ritz_json_integer(json, "plan_bytes", (ritz_index)f->plan);
  ritz_json_integer(json, "weights_bytes", (ritz_index)f->weights);
  if (train) {
    ritz_json_integer(json, "gradient_bytes", (ritz_index)f->gradient);
    ritz_json_integer(json, "optimizer_bytes", (ritz_index)f->optimizer);
    ritz_json_integer(json, "first_rank_bytes", (ritz_index)ritz_forecast_memory(f, true));
    ritz_json_number(json, "gradient_messages", f->gradients.messages);
    ritz_json_number(json, "gradient_sent_bytes", f->gradients.bytes);
    ritz_json_number(json, "gradient_ms", f->gradients.seconds * 1e3);
    ritz_json_number(json, "gradient_exposed_ms", f->exposed * 1e3);
  }
  ritz_json_number(json, "flops", f->flops);
  ritz_json_number(json, "moved_bytes", f->moved);
  ritz_json_number(json, "grid_messages", f->grid.messages);
  ritz_json_number(json, "grid_sent_bytes", f->grid.bytes);
  ritz_json_number(json, "grid_ms", f->grid.seconds * 1e3);
  ritz_json_number(json, "compute_ms", f->compute * 1e3);
  ritz_json_number(json, "least_ms", ritz_forecast_seconds(f) * 1e3);
  ritz_json_close(json);
}

void ritz_info_ranks_add(ritz_json *json, const ritz_info_ranks *r) {
  const ritz_forecast_request *q = &r->request;
  ritz_json_open(json, "ranks");
  ritz_json_integer(json, "count", q->ranks);
  ritz_json_integers(json, "parts", q->parts.count, q->parts.n);
  ritz_json_integer(json, "domains", r->train.domains);
  ritz_json_integer(json, "samples", r->train.samples);
  ritz_json_integers(json, "part", q->dim, r->train.part);
  ritz_json_integer(json, "threads", q->threads);
  add_job(json, "train", &r->train, true);
  add_job(json, "predict", &r->predict, false);
  ritz_json_number(json, "latency_s", q->network.latency);
  ritz_json_number(json, "bandwidth", 1 / q->network.byte_time);
  ritz_json_number(json, "flop_rate", q->machine.flops);
  ritz_json_number(json, "memory_rate", q->machine.bytes);
  ritz_json_close(json);
}
