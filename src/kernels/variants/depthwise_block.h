/* SPDX-License-Identifier: BSD-3-Clause
 * How the depthwise kernels walk over the points that a block of outputs sees. */
#ifndef RITZ_KERNELS_DEPTHWISE_BLOCK_H
#define RITZ_KERNELS_DEPTHWISE_BLOCK_H

#include "kernels/depthwise_task.h"
#include "kernels/variants/vector.h"

enum {
  block = ritz_depthwise_block,
  most_run = 7, /* with two lines: 16 sums, 14 weights and a point fill 31 registers */
  group = 64    /* channels at a time: lines and weights of a block stay in L1 */
};

static ALWAYS_INLINE ritz_index least(ritz_index a, ritz_index b) { return a < b ? a : b; }

/* p + step, one addition each time: without the barrier compilers plan a pointer for each of twenty
 * points and as many weights, and move them between stack and registers for every line. */
static ALWAYS_INLINE const real *next(const real *p, ritz_index step) {
  p += step;
  __asm__("" : "+r"(p));
  return p;
}

/* A walk over the points seen from place j of the table on, every `stride`-th. */
typedef struct walk {
  const ritz_index *source; /* NULL: evenly */
  const real *at;
  ritz_index step, stride, channels;
} walk;

static ALWAYS_INLINE walk walk_from(const ritz_depthwise_task *task, const real *x, ritz_index j,
                                    ritz_index stride, bool inner) {
  const ritz_depthwise_stream *s = task->stream;
  const ritz_index c = task->channels;
  if (inner) return (walk){NULL, x + (j + s->shift) * c, stride * c, stride, c};
  return (walk){s->source + j, x, 0, stride, c};
}

static ALWAYS_INLINE vec walk_point(walk *w) {
  vec point = {0};
  if (!w->source) {
    point = vec_load(w->at);
    w->at = next(w->at, w->step);
  } else {
    if (*w->source >= 0) point = vec_load(w->at + *w->source * w->channels);
    w->source += w->stride;
  }
  return point;
}

/* Fewer channels than lanes: a register holds `points` whole points of a line, `span` numbers. */
typedef struct narrow {
  ritz_index points, span;
  ritz_index begin,
      end; /* outputs that may be done so: inner ones, with room for whole registers */
  vec_bits mask;
} narrow;

static inline narrow narrow_of(const ritz_depthwise_task *task) {
  const ritz_depthwise_stream *s = task->stream;
  const ritz_index c = task->channels;
  narrow n = {.points = lanes / c};
  n.span = n.points * c;
  n.mask = vec_until(n.span);
  /* A register reaches `over` points beyond those it is about: they must be in both lines. */
  const ritz_index over = n.span < lanes ? 1 : 0, reach = (s->taps - 1) * s->dilation + s->shift;
  n.begin = task->begin > s->inner_begin ? task->begin : s->inner_begin;
  n.end = least(least(task->end - over, s->inner_end), s->points - over - reach);
  if (s->stride > 1 || task->y_step != c) n.end = n.begin;
  return n;
}

/* What a kernel does with a block of outputs from m on in channels from c on; `run` taps at a time;
 * `inner`: no margins in sight; lanes outside `mask` belong to another block. */
typedef void block_job(const ritz_depthwise_task *task, int run, bool inner, ritz_index m,
                       ritz_index c, vec_bits mask);

static ALWAYS_INLINE void each_block(const ritz_depthwise_task *task, int run, block_job *job) {
  const ritz_depthwise_stream *s = task->stream;
  for (ritz_index first = 0; first < task->channels; first += group) {
    const ritz_index end = least(task->channels, first + group);
    for (ritz_index m = task->begin; m < task->end; m += block)
      for (ritz_index c = first; c < end; c += lanes) {
        const ritz_index at = least(c, task->channels - lanes); /* the last may overlap */
        const vec_bits mask = vec_from(c - at);
        if (m >= s->inner_begin && m + block <= s->inner_end)
          job(task, run, true, m, at, mask);
        else
          job(task, run, false, m, at, mask);
      }
  }
}

/* The same for fewer channels than lanes, in line k: `wide` registers of whole points, and one
 * output a number at a time. */
typedef void narrow_job(const ritz_depthwise_task *task, int k, int wide, ritz_index m, narrow n);
typedef void point_job(const ritz_depthwise_task *task, int k, ritz_index m);

static ALWAYS_INLINE void each_narrow(const ritz_depthwise_task *task, int k, narrow_job *job,
                                      point_job *one) {
  const narrow n = narrow_of(task);
  ritz_index m = task->begin;
  for (; m < least(n.begin, task->end); m++) one(task, k, m);
  for (; m + block * n.points <= n.end; m += block * n.points) job(task, k, block, m, n);
  for (; m + n.points <= n.end; m += n.points) job(task, k, 1, m, n);
  for (; m < task->end; m++) one(task, k, m);
}

/* Defines kernel `name` by its jobs. Without strides taps go in runs of up to seven. */
#define DEPTHWISE_KERNEL(name)                                                                    \
  static void name##_7(const ritz_depthwise_task *task) { each_block(task, 7, do_block); }        \
  static void name##_5(const ritz_depthwise_task *task) { each_block(task, 5, do_block); }        \
  static void name##_3(const ritz_depthwise_task *task) { each_block(task, 3, do_block); }        \
  static void name##_1(const ritz_depthwise_task *task) { each_block(task, 1, do_block); }        \
  RITZ_KERNEL_DEFINE(name)(const struct ritz_depthwise_task *task) {                              \
    const ritz_depthwise_stream *s = task->stream;                                                \
    if (task->channels < lanes) {                                                                 \
      for (int k = 0; k < 2 && task->y[k]; k++) each_narrow(task, k, narrow_block, narrow_point); \
    } else if (s->stride > 1 || s->dilation > 1 || s->taps < 3) {                                 \
      name##_1(task);                                                                             \
    } else if (s->taps < 5) {                                                                     \
      name##_3(task);                                                                             \
    } else if (s->taps < 7) {                                                                     \
      name##_5(task);                                                                             \
    } else {                                                                                      \
      name##_7(task);                                                                             \
    }                                                                                             \
  }

#endif
