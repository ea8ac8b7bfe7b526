/* SPDX-License-Identifier: BSD-3-Clause
 * Optimizers by name, their state, and the walk over parameters. */
#include "train/optimizer.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/context.h"
#include "core/fail.h"
#include "core/list.h"
#include "core/memory.h"
#include "core/threads.h"
#include "dist/comm.h"
#include "graph/params.h"

#define RITZ_OPTIMIZER(name) extern const ritz_optimizer_type ritz_optimizer_##name;
#include "train/optimizers.def"
#undef RITZ_OPTIMIZER

static const ritz_optimizer_type *const types[] = {
#define RITZ_OPTIMIZER(name) &ritz_optimizer_##name,
#include "train/optimizers.def"
#undef RITZ_OPTIMIZER
};
enum { type_count = sizeof types / sizeof *types };

/* Numbers of a chunk, about: enough to be worth a call, and few enough that thousands of ranks, who
 * get whole chunks, have parts of nearly one size. */
enum { chunk_numbers = 2048 };

/* A run of numbers of one parameter. */
typedef struct chunk {
  int param;
  ritz_index first, count; /* in the flat array */
  ritz_index inner;        /* complex: blocks of [2, inner]; 0: real */
} chunk;

struct ritz_optimizer {
  ritz_context *context;
  ritz_params *params;
  const ritz_kernels *kernels;
  const ritz_optimizer_type *type;
  void *config;
  size_t size; /* bytes of a number */
  ritz_index length, steps, chunks;
  chunk *chunk;
  double *square; /* [chunks] partial sums of the norm */

  /* Of the ranks: rank r has the numbers from offset[r] on and the chunks from bound[r] on. */
  ritz_index *offset, *bound;
  ritz_index own_chunks; /* from bound[rank] on */
  void *slot[2];         /* of the own numbers */
};

static ritz_comm *comm_of(const ritz_optimizer *o) { return o->context->comm; }
static int rank_of(const ritz_optimizer *o) { return ritz_comm_rank(comm_of(o)); }
static ritz_index own_first(const ritz_optimizer *o) { return o->offset[rank_of(o)]; }
static ritz_index own_count(const ritz_optimizer *o) {
  return o->offset[rank_of(o) + 1] - own_first(o);
}

const ritz_optimizer_type *const *ritz_optimizer_types(int *count) {
  *count = type_count;
  return types;
}

ritz_status ritz_optimizer_type_find(const char *name, const ritz_optimizer_type **out) {
  const char *names[type_count];
  for (int i = 0; i < type_count; i++) {
    names[i] = types[i]->name;
    if (strcmp(name, names[i]) != 0) continue;
    *out = types[i];
    return RITZ_OK;
  }
  return ritz_fail_unknown(RITZ_ERR_NOT_FOUND, "optimizer", name, "", names, type_count);
}

/* Numbers after the axis of (re, im); 0 for a real parameter. */
static ritz_index inner_of(const ritz_param_info *info) {
  ritz_index inner = info->complex_axis >= 0;
  for (int a = info->complex_axis + 1; inner && a < info->shape.rank; a++)
    inner *= info->shape.n[a];
  return inner;
}

/* Adds the chunks of parameter i to @p out, or only counts them when it is NULL. */
static ritz_index cut(const ritz_param_info *info, int i, chunk *out) {
  const ritz_index inner = inner_of(info), block = inner ? 2 * inner : 1;
  const ritz_index length = (chunk_numbers + block - 1) / block * block;
  ritz_index chunks = 0;
  for (ritz_index done = 0; info->trainable && done < info->count; done += length, chunks++) {
    const ritz_index left = info->count - done;
    if (out)
      out[chunks] = (chunk){.param = i,
                            .first = info->offset + done,
                            .count = left < length ? left : length,
                            .inner = inner};
  }
  return chunks;
}

static ritz_status cut_all(ritz_optimizer *o) {
  const int count = ritz_params_count(o->params);
  for (int i = 0; i < count; i++) o->chunks += cut(ritz_params_info(o->params, i), i, NULL);
  RITZ_TRY(RITZ_NEW(o->chunks, &o->chunk));
  RITZ_TRY(RITZ_NEW(o->chunks, &o->square));
  ritz_index done = 0;
  for (int i = 0; i < count; i++) done += cut(ritz_params_info(o->params, i), i, o->chunk + done);
  return RITZ_OK;
}

/* Whole chunks for each rank, about as many numbers; what is in no chunk goes with what follows. */
static ritz_status deal_out(ritz_optimizer *o) {
  const int ranks = ritz_comm_size(comm_of(o));
  RITZ_TRY(RITZ_NEW(ranks + 1, &o->offset));
  RITZ_TRY(RITZ_NEW(ranks + 1, &o->bound));
  ritz_index c = 0;
  for (int r = 1; r < ranks; r++) {
    while (c < o->chunks && o->chunk[c].first < o->length / ranks * r) c++;
    o->bound[r] = c;
    o->offset[r] = c < o->chunks ? o->chunk[c].first : o->length;
  }
  o->bound[ranks] = o->chunks;
  o->offset[ranks] = o->length;
  o->own_chunks = o->bound[rank_of(o) + 1] - o->bound[rank_of(o)];
  return RITZ_OK;
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
                                  const ritz_value *options, ritz_optimizer **out) {
  ritz_optimizer *o;
  ritz_status status;
  *out = NULL;
  RITZ_TRY(RITZ_NEW(1, &o));
  o->context = ritz_context_retain(context);
  o->params = ritz_params_retain(params);
  o->kernels = ritz_kernels_get(ritz_params_dtype(params));
  o->size = ritz_dtype_size(ritz_params_dtype(params));
  o->length = ritz_params_length(params);
  RITZ_TRY_DONE(ritz_optimizer_type_find(type, &o->type));
  RITZ_TRY_DONE(read_options(o, options));
  RITZ_TRY_DONE(cut_all(o));
  RITZ_TRY_DONE(deal_out(o));
  for (int i = 0; i < o->type->slots; i++)
    RITZ_TRY_DONE(ritz_calloc(own_count(o), o->size, &o->slot[i]));
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
  ritz_free(o->chunk);
  ritz_free(o->square);
  ritz_free(o->offset);
  ritz_free(o->bound);
  for (int i = 0; i < 2; i++) ritz_free(o->slot[i]);
  ritz_params_destroy(&o->params);
  ritz_context_destroy(&o->context);
  ritz_free(o);
}

/* What the chunks of one call share. */
typedef struct walk {
  ritz_optimizer *optimizer;
  const void *gradient;
  double rate, scale;
} walk;

static const void *at(const ritz_optimizer *o, const void *array, ritz_index i) {
  return (const char *)array + (size_t)i * o->size;
}

static ritz_index own_chunk(const ritz_optimizer *o, ritz_index c) {
  return o->bound[rank_of(o)] + c;
}

static void add_squares(void *arg, ritz_index i, int thread) {
  const walk *w = arg;
  const ritz_index c = own_chunk(w->optimizer, i);
  const chunk *part = &w->optimizer->chunk[c];
  const void *g = at(w->optimizer, w->gradient, part->first);
  w->optimizer->kernels->dot(part->count, g, g, &w->optimizer->square[c]);
}

static void sum_squares(ritz_optimizer *o, const void *gradient) {
  walk w = {.optimizer = o, .gradient = gradient};
  ritz_parallel(o->context->threads, o->own_chunks, add_squares, &w);
}

/* The sum over chunks in their order, whoever has them. */
ritz_status ritz_optimizer_norm(ritz_optimizer *o, const void *gradient, double *norm) {
  double sum = 0;
  sum_squares(o, gradient);
  RITZ_TRY(ritz_comm_gather_parts(comm_of(o), sizeof *o->square, o->bound, o->square));
  for (ritz_index c = 0; c < o->chunks; c++) sum += o->square[c];
  *norm = sqrt(sum);
  return RITZ_OK;
}

static double number(const ritz_optimizer *o, const void *array, ritz_index i) {
  return o->size == sizeof(double) ? ((const double *)array)[i] : (double)((const float *)array)[i];
}

/* The first of the own numbers that is not finite; -1: none. */
static ritz_index first_not_finite(ritz_optimizer *o, const void *gradient) {
  sum_squares(o, gradient);
  for (ritz_index c = 0; c < o->own_chunks; c++) {
    const chunk *part = &o->chunk[own_chunk(o, c)];
    if (isfinite(o->square[own_chunk(o, c)])) continue;
    for (ritz_index i = part->first; i < part->first + part->count; i++)
      if (!isfinite(number(o, gradient, i))) return i;
  }
  return -1;
}

ritz_status ritz_optimizer_check(ritz_optimizer *o, const void *gradient) {
  const ritz_index own = first_not_finite(o, gradient);
  double place = own >= 0 ? -(double)own : -INFINITY; /* exact: below 2^53 */
  RITZ_TRY(ritz_comm_largest(comm_of(o), 1, &place));
  if (place == -INFINITY) return RITZ_OK;
  const ritz_index first = (ritz_index)-place;
  int owner = 0;
  while (first >= o->offset[owner + 1]) owner++;
  double value = number(o, gradient, first);
  RITZ_TRY(ritz_comm_broadcast(comm_of(o), owner, sizeof value, &value));
  int i = 0;
  while (first >= ritz_params_info(o->params, i)->offset + ritz_params_info(o->params, i)->count)
    i++;
  const ritz_param_info *info = ritz_params_info(o->params, i);
  return RITZ_FAIL(RITZ_ERR_NUMERIC, "the gradient of %s is %g at number %td of %td", info->name,
                   value, first - info->offset, info->count);
}

/* As the sum, the check and the step do it. */
void ritz_optimizer_traffic(const ritz_optimizer *o, ritz_traffic *traffic) {
  ritz_traffic_add_sum_part(traffic, comm_of(o), ritz_params_dtype(o->params), o->offset);
  ritz_traffic_add_largest(traffic, comm_of(o), 1);
  if (clip_norm(o)->count)
    ritz_traffic_add_gather_parts(traffic, comm_of(o), sizeof *o->square, o->bound);
  ritz_traffic_add_gather_parts(traffic, comm_of(o), (ritz_index)o->size, o->offset);
}

size_t ritz_optimizer_memory(const ritz_optimizer *o) {
  return (size_t)o->type->slots * (size_t)own_count(o) * o->size;
}

ritz_status ritz_optimizer_sum(ritz_optimizer *o, void *gradient) {
  return ritz_comm_sum_part(comm_of(o), ritz_params_dtype(o->params), o->offset, gradient);
}

static void update_chunk(void *arg, ritz_index c, int thread) {
  const walk *w = arg;
  ritz_optimizer *o = w->optimizer;
  const chunk *part = &o->chunk[own_chunk(o, c)];
  const size_t offset = (size_t)part->first * o->size;
  ritz_optimizer_part numbers = {.kernels = o->kernels,
                                 .step = o->steps,
                                 .rate = w->rate,
                                 .scale = w->scale,
                                 .count = part->count,
                                 .inner = part->inner,
                                 .gradient = at(o, w->gradient, part->first),
                                 .p = (char *)ritz_params_data(o->params) + offset};
  for (int i = 0; i < o->type->slots; i++)
    numbers.slot[i] = (char *)o->slot[i] + (size_t)(part->first - own_first(o)) * o->size;
  o->type->update(o->config, &numbers);
}

ritz_status ritz_optimizer_step(ritz_optimizer *o, double rate, const void *gradient) {
  RITZ_REQUIRE(rate >= 0 && isfinite(rate), RITZ_ERR_ARGUMENT,
               "optimizer %s: learning rate is %g, wanted 0 or more", o->type->name, rate);
  RITZ_REQUIRE(ritz_params_length(o->params) == o->length, RITZ_ERR_ARGUMENT,
               "optimizer %s: the parameter set grew from %td to %td numbers since it was made",
               o->type->name, o->length, ritz_params_length(o->params));
  walk w = {.optimizer = o, .gradient = gradient, .rate = rate, .scale = 1};
  if (clip_norm(o)->count) { /* 1e-6 as in PyTorch's clip_grad_norm_ */
    double norm;
    RITZ_TRY(ritz_optimizer_norm(o, gradient, &norm));
    const double scale = clip_norm(o)->v[0] / (norm + 1e-6);
    w.scale = scale < 1 ? scale : 1;
  }
  o->steps++;
  ritz_parallel(o->context->threads, o->own_chunks, update_chunk, &w);
  return ritz_comm_gather_parts(comm_of(o), (ritz_index)o->size, o->offset,
                                ritz_params_data(o->params));
}

ritz_status ritz_optimizer_collect(ritz_optimizer *o, int slot, void *whole) {
  const int ranks = ritz_comm_size(comm_of(o)), rank = rank_of(o);
  if (rank == 0) memcpy(whole, o->slot[slot], (size_t)own_count(o) * o->size);
  for (int r = 1; r < ranks; r++) {
    const ritz_index size = (ritz_index)o->size;
    const ritz_index bytes = (o->offset[r + 1] - o->offset[r]) * size;
    char *const to = rank == 0 ? (char *)whole + o->offset[r] * size : o->slot[slot];
    RITZ_TRY(ritz_comm_move(comm_of(o), r, 0, bytes, to));
  }
  return RITZ_OK;
}

const void *ritz_optimizer_slot(const ritz_optimizer *o, int slot) { return o->slot[slot]; }

void ritz_optimizer_set_slot(ritz_optimizer *o, int slot, const void *whole) {
  memcpy(o->slot[slot], at(o, whole, own_first(o)), (size_t)own_count(o) * o->size);
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
