/* SPDX-License-Identifier: BSD-3-Clause
 * Depthwise convolution: chunks of lines over threads. */
#include "kernels/depthwise.h"

#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "core/threads.h"
#include "kernels/depthwise_plan.h"
#include "kernels/kernels.h"

/* chunks: enough for any number of threads here; flush: points summed in the field's format. */
enum { wanted_chunks = 32, flush_points = 2048 };

static ritz_index most(ritz_index a, ritz_index b) { return a > b ? a : b; }
static size_t number_size(const ritz_depthwise *plan) { return ritz_dtype_size(plan->shape.dtype); }

static void plan_scratch(ritz_depthwise *plan, bool gradients) {
  const size_t size = number_size(plan);
  const size_t numbers = (size_t)((plan->taps + 1) * plan->w_step); /* weights and bias */
  plan->scratch.packed = ritz_aligned(numbers * size);
  const size_t folded = (size_t)(2 * plan->backward.most_folded * plan->shape.channels);
  plan->scratch.fold = ritz_aligned(folded * size);
  if (gradients) {
    plan->scratch.sums = ritz_aligned(numbers * sizeof(double));
    plan->scratch.partial = plan->scratch.packed;
  }
  const size_t threads = (size_t)plan->threads;
  const size_t map = plan->scratch.packed + threads * plan->scratch.fold;
  const size_t sums = (size_t)plan->chunks * plan->scratch.sums + threads * plan->scratch.partial;
  plan->scratch.total = map > sums ? map : sums;
}

static ritz_status plan_tiles(ritz_depthwise *plan, bool gradients) {
  for (int adjoint = 0; adjoint < 2; adjoint++) {
    const ritz_index tile = plan->shape.direct ? 0 : ritz_depthwise_tile(&plan->shape, adjoint);
    if (tile == 0) continue;
    RITZ_TRY(ritz_depthwise_tiles_create(&plan->shape, tile, adjoint, plan->threads,
                                         &plan->tiles[adjoint]));
    for (int gradient = 0; gradient < (gradients && !adjoint ? 2 : 1); gradient++) {
      const size_t bytes = ritz_depthwise_tiles_scratch(plan->tiles[adjoint], gradient);
      if (bytes > plan->scratch.total) plan->scratch.total = bytes;
    }
  }
  return RITZ_OK;
}

ritz_status ritz_depthwise_create(const ritz_depthwise_shape *shape, bool gradients, int threads,
                                  ritz_depthwise **out) {
  const ritz_window *window = &shape->window;
  ritz_depthwise *plan;
  *out = NULL;
  RITZ_TRY(RITZ_NEW(1, &plan));
  plan->shape = *shape;
  plan->kernels = ritz_kernels_get(shape->dtype);
  plan->threads = threads;
  plan->taps = ritz_window_taps(window);
  plan->rows = window->axis[0].kernel * window->axis[1].kernel;
  plan->w_step = most(shape->channels, ritz_depthwise_wide);
  ritz_status status;
  RITZ_TRY_DONE(ritz_depthwise_pass_init(window, false, shape->batch, &plan->forward));
  RITZ_TRY_DONE(ritz_depthwise_pass_init(window, true, shape->batch, &plan->backward));
  plan->units_per_chunk = (plan->forward.units + wanted_chunks - 1) / wanted_chunks;
  plan->chunks = (plan->forward.units + plan->units_per_chunk - 1) / plan->units_per_chunk;
  plan->most_lines = most(plan->forward.most_lines, plan->backward.most_lines);
  plan_scratch(plan, gradients);
  RITZ_TRY_DONE(plan_tiles(plan, gradients));
  RITZ_TRY_DONE(RITZ_NEW(threads * plan->most_lines, &plan->lines));
  *out = plan;
  return RITZ_OK;
done:
  ritz_depthwise_destroy(&plan);
  return status;
}

void ritz_depthwise_destroy(ritz_depthwise **plan) {
  if (!plan || !*plan) return;
  ritz_depthwise_pass_release(&(*plan)->forward);
  ritz_depthwise_pass_release(&(*plan)->backward);
  for (int i = 0; i < 2; i++) ritz_depthwise_tiles_destroy(&(*plan)->tiles[i]);
  ritz_free((*plan)->lines);
  ritz_free(*plan);
  *plan = NULL;
}

size_t ritz_depthwise_scratch(const ritz_depthwise *plan) { return plan->scratch.total; }

double ritz_depthwise_flops(const ritz_depthwise *plan) {
  return 2.0 * (double)plan->shape.batch * (double)ritz_window_points_out(&plan->shape.window) *
         (double)plan->taps * (double)plan->shape.channels;
}

/* -- Units: a segment of a pair of lines of outputs -------------------------------------------- */

typedef struct job {
  const ritz_depthwise *plan;
  const ritz_depthwise_pass *pass;
  const char *x;        /* what outputs of the pass see */
  const char *w, *bias; /* packed */
  char *y;
  bool add;
  ritz_index units_per_chunk;
  char *fold;           /* per thread */
  char *partial, *sums; /* weight gradient: per thread, per chunk */
} job;

/* The lines of unit @p unit and where its outputs begin. */
static ritz_depthwise_task task_of(const job *j, ritz_index unit, int thread, ritz_index *segment) {
  const ritz_depthwise_pass *pass = j->pass;
  const ritz_depthwise *plan = j->plan;
  const size_t point = (size_t)plan->shape.channels * number_size(plan);
  const size_t x_line = (size_t)pass->in[2] * point, y_line = (size_t)pass->out[2] * point;
  *segment = unit % pass->segments;
  const ritz_index line = unit / pass->segments, p = line % pass->pairs;
  const ritz_index plane = line / pass->pairs; /* over samples and outputs along the first axis */
  const ritz_index b = plane / pass->out[0], o = plane % pass->out[0];
  const ritz_depthwise_pair *pair = &pass->pair[p];
  ritz_depthwise_line *to = plan->lines + thread * plan->most_lines;
  ritz_depthwise_task task = {.channels = plan->shape.channels,
                              .w_step = plan->w_step,
                              .taps_stride = plan->shape.window.axis[2].kernel,
                              .line = to,
                              .y_step = plan->shape.channels,
                              .add = j->add};
  const struct ritz_depthwise_view *view = pair->view;
  for (int group = 0; group < 3; group++) {
    for (ritz_index k = pass->planes.start[o]; k < pass->planes.start[o + 1]; k++) {
      const ritz_sight *plane_seen = &pass->planes.entry[k];
      const ritz_index first = (b * pass->in[0] + plane_seen->point) * pass->in[1];
      const ritz_index row = plane_seen->tap * plan->shape.window.axis[1].kernel;
      for (ritz_index v = 0; v < pair->lines[group]; v++, to++) {
        to->x = j->x + (size_t)(first + view[v].point) * x_line;
        to->tap[0] = row + view[v].tap[0];
        to->tap[1] = row + view[v].tap[1];
      }
      task.lines[group] += pair->lines[group];
    }
    view += pair->lines[group];
  }
  task.y[0] = j->y + (size_t)(plane * pass->out[1] + 2 * p) * y_line;
  if (2 * p + 1 < pass->out[1]) task.y[1] = (char *)task.y[0] + y_line;
  return task;
}

/* The outputs of one part of the line that belong to a segment. */
static void take_part(const ritz_depthwise_pass *pass, const ritz_depthwise_part *part,
                      ritz_index segment, ritz_depthwise_task *task) {
  const ritz_index count = part->stream.count, blocks = ritz_depthwise_block * pass->segments;
  const ritz_index length = (count + blocks - 1) / blocks * ritz_depthwise_block;
  task->stream = &part->stream;
  task->begin = segment * length < count ? segment * length : count;
  task->end = task->begin + length < count ? task->begin + length : count;
}

/* Adds the outputs of a margin to the points they stand for. */
static void fold(const job *j, const ritz_depthwise_part *part, ritz_depthwise_task task,
                 int thread) {
  const ritz_depthwise *plan = j->plan;
  const ritz_index c = plan->shape.channels;
  const size_t point = (size_t)c * number_size(plan);
  void *const line[2] = {task.y[0], task.y[1]};
  char *margin = j->fold + (size_t)thread * plan->scratch.fold;
  task.y[0] = margin;
  if (task.y[1]) task.y[1] = margin + (size_t)plan->backward.most_folded * point;
  task.add = false;
  task.bias = NULL; /* once is enough */
  plan->kernels->depthwise_lines(&task);
  for (int k = 0; k < 2 && line[k]; k++)
    for (ritz_index m = 0; m < part->stream.count; m++) {
      char *to = (char *)line[k] + (size_t)part->fold[m] * point;
      plan->kernels->add(c, to, (const char *)task.y[k] + (size_t)m * point, to);
    }
}

static bool touches(const void *arg, const ritz_halo *halo, ritz_index chunk) {
  const job *j = arg;
  const ritz_depthwise_pass *pass = j->pass;
  const ritz_index begin = chunk * j->units_per_chunk, end = begin + j->units_per_chunk;
  for (ritz_index unit = begin; unit < end && unit < pass->units; unit++) {
    const ritz_index line = unit / pass->segments, o = 2 * (line % pass->pairs);
    const ritz_index plane = line / pass->pairs % pass->out[0];
    ritz_depthwise_task task = {.channels = 0};
    if (pass->segments > 1) take_part(pass, pass->part, unit % pass->segments, &task);
    const bool whole = pass->segments == 1 || pass->parts > 1;
    const ritz_index from[3] = {plane, o, whole ? 0 : pass->part->first + task.begin};
    const ritz_index to[3] = {plane + 1, o + 2 < pass->out[1] ? o + 2 : pass->out[1],
                              whole ? pass->out[2] : pass->part->first + task.end};
    if (ritz_halo_touches(halo, from, to)) return true;
  }
  return false;
}

static void map_chunk(void *arg, ritz_index chunk, int thread) {
  const job *j = arg;
  const ritz_depthwise *plan = j->plan;
  const size_t size = number_size(plan), point = (size_t)plan->shape.channels * size;
  const ritz_index begin = chunk * j->units_per_chunk, end = begin + j->units_per_chunk;
  for (ritz_index unit = begin; unit < end && unit < j->pass->units; unit++) {
    ritz_index segment;
    const ritz_depthwise_task whole = task_of(j, unit, thread, &segment);
    for (int i = 0; i < j->pass->parts; i++) {
      const ritz_depthwise_part *part = &j->pass->part[i];
      ritz_depthwise_task task = whole;
      take_part(j->pass, part, segment, &task);
      task.w = j->w + (size_t)(part->first_tap * plan->w_step) * size;
      task.bias = j->bias;
      if (part->fold) {
        fold(j, part, task, thread);
        continue;
      }
      for (int k = 0; k < 2 && task.y[k]; k++)
        task.y[k] = (char *)task.y[k] + (size_t)part->first * point;
      task.y_step = part->stride * plan->shape.channels;
      plan->kernels->depthwise_lines(&task);
    }
  }
}

/* -- Weights ----------------------------------------------------------------------------------- */

/* The channels of one tap, over and over up to w_step numbers. */
static void pack_tap(const ritz_depthwise *plan, const char *from, char *to) {
  const size_t size = number_size(plan), channels = (size_t)plan->shape.channels * size;
  const size_t bytes = (size_t)plan->w_step * size;
  for (size_t at = 0; at < bytes; at += channels)
    memcpy(to + at, from, bytes - at < channels ? bytes - at : channels);
}

static void run_pass(const ritz_depthwise *plan, const ritz_depthwise_pass *pass, const void *x,
                     const void *w, const void *bias, void *y, bool add, char *scratch,
                     const ritz_halo *halo) {
  const size_t size = number_size(plan), from_tap = (size_t)plan->shape.channels * size;
  const size_t to_tap = (size_t)plan->w_step * size;
  const ritz_index k2 = plan->shape.window.axis[2].kernel;
  const bool repeats = plan->w_step != plan->shape.channels;
  job j = {.plan = plan,
           .pass = pass,
           .x = x,
           .w = w,
           .bias = bias,
           .y = y,
           .add = add,
           .fold = scratch + plan->scratch.packed};
  if (repeats || pass->permuted) {
    for (ritz_index i = 0; i < plan->rows * k2; i++) {
      const ritz_index tap = i / k2 * k2 + pass->order[i % k2];
      pack_tap(plan, (const char *)w + (size_t)tap * from_tap, scratch + (size_t)i * to_tap);
    }
    j.w = scratch;
  }
  if (repeats && bias) {
    j.bias = scratch + (size_t)plan->taps * to_tap;
    pack_tap(plan, bias, scratch + (size_t)plan->taps * to_tap);
  }
  j.units_per_chunk = (pass->units + wanted_chunks - 1) / wanted_chunks;
  ritz_parallel_halo(halo, touches, plan->threads,
                     (pass->units + j.units_per_chunk - 1) / j.units_per_chunk, map_chunk, &j);
}

void ritz_depthwise_forward(const ritz_depthwise *plan, bool add, const void *x, const void *w,
                            const void *bias, void *y, void *scratch, const ritz_halo *halo) {
  if (plan->tiles[0])
    ritz_depthwise_tiles_run(plan->tiles[0], add, x, w, bias, y, scratch, halo);
  else
    run_pass(plan, &plan->forward, x, w, bias, y, add, scratch, halo);
}

void ritz_depthwise_adjoint(const ritz_depthwise *plan, bool add, const void *y, const void *w,
                            const void *bias, void *x, void *scratch, const ritz_halo *halo) {
  if (plan->tiles[1])
    ritz_depthwise_tiles_run(plan->tiles[1], add, y, w, bias, x, scratch, halo);
  else
    run_pass(plan, &plan->backward, y, w, bias, x, add, scratch, halo);
}

/* -- Weight gradient --------------------------------------------------------------------------- */

/* sums += partial, partial = 0. */
static void flush(const ritz_depthwise *plan, void *partial, double *sums) {
  const ritz_index count = (plan->taps + 1) * plan->w_step;
  if (plan->shape.dtype == RITZ_FLOAT64)
    for (ritz_index i = 0; i < count; i++) sums[i] += ((double *)partial)[i];
  else
    for (ritz_index i = 0; i < count; i++) sums[i] += (double)((float *)partial)[i];
  memset(partial, 0, plan->scratch.partial);
}

static void sum_chunk(void *arg, ritz_index chunk, int thread) {
  const job *j = arg;
  const ritz_depthwise *plan = j->plan;
  const size_t bias = (size_t)(plan->taps * plan->w_step) * number_size(plan);
  char *partial = j->partial + (size_t)thread * plan->scratch.partial;
  double *sums = (double *)(void *)(j->sums + (size_t)chunk * plan->scratch.sums);
  const ritz_index begin = chunk * j->units_per_chunk, end = begin + j->units_per_chunk;
  ritz_index points = 0;
  memset(partial, 0, plan->scratch.partial);
  memset(sums, 0, plan->scratch.sums);
  for (ritz_index unit = begin; unit < end && unit < j->pass->units; unit++) {
    ritz_index segment;
    ritz_depthwise_task task = task_of(j, unit, thread, &segment);
    take_part(j->pass, j->pass->part, segment, &task);
    task.gw = partial;
    task.gb = partial + bias;
    plan->kernels->depthwise_weights(&task);
    points += (task.end - task.begin) * (task.y[1] ? 2 : 1);
    if (points < flush_points) continue;
    flush(plan, partial, sums);
    points = 0;
  }
  flush(plan, partial, sums);
}

/* One number: over chunks and repetitions of the channels. */
static double total(const ritz_depthwise *plan, const char *sums, ritz_index tap, ritz_index c) {
  const ritz_index channels = plan->shape.channels, step = plan->w_step;
  double sum = 0;
  for (ritz_index chunk = 0; chunk < plan->chunks; chunk++) {
    const double *row =
        (const double *)(const void *)(sums + (size_t)chunk * plan->scratch.sums) + tap * step;
    for (ritz_index i = c; i < step; i += channels) sum += row[i];
  }
  return sum;
}

static void put_totals(const ritz_depthwise *plan, const char *sums, ritz_index first,
                       ritz_index taps, void *to, bool add) {
  const ritz_dtype dtype = plan->shape.dtype;
  const ritz_index channels = plan->shape.channels;
  for (ritz_index i = 0; i < taps * channels; i++) {
    const double before = add ? ritz_number_get(dtype, to, i) : 0;
    ritz_number_set(dtype, to, i, before + total(plan, sums, first + i / channels, i % channels));
  }
}

void ritz_depthwise_weight_gradient(const ritz_depthwise *plan, const void *x, const void *gy,
                                    void *gw, bool add_weight, void *gbias, bool add_bias,
                                    void *scratch) {
  if (plan->tiles[0]) {
    ritz_depthwise_tiles_gradient(plan->tiles[0], x, gy, gw, add_weight, gbias, add_bias, scratch);
    return;
  }
  job j = {.plan = plan,
           .pass = &plan->forward,
           .x = x,
           .y = (char *)gy, /* only read */
           .units_per_chunk = plan->units_per_chunk,
           .sums = scratch,
           .partial = (char *)scratch + (size_t)plan->chunks * plan->scratch.sums};
  ritz_parallel(plan->threads, plan->chunks, sum_chunk, &j);
  if (gw) put_totals(plan, j.sums, 0, plan->taps, gw, add_weight);
  if (gbias) put_totals(plan, j.sums, plan->taps, 1, gbias, add_bias);
}
