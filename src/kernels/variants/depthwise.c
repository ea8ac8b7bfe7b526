/* SPDX-License-Identifier: BSD-3-Clause
 * Depthwise convolution, outputs. A block holds eight outputs of one or two lines, one register of
 * channels each. In a run of taps without strides a point of x is loaded once and meets all of the
 * taps: 28 loads serve 112 multiplications for seven taps and two lines. */
#include "kernels/depthwise_task.h"
#include "kernels/variants/depthwise_block.h"

/* acc[k][i] += sum over t of w_k[t] x[i + t], for the outputs k of `which` (bits). */
static ALWAYS_INLINE void slide(walk x, int taps, int which, const real *w0, const real *w1,
                                ritz_index w_step, vec acc[2][block]) {
  vec weight[2][most_run];
#pragma GCC unroll 8
  for (int t = 0; t < taps; t++) {
    if (which & 1) weight[0][t] = vec_load(w0), w0 = next(w0, w_step);
    if (which & 2) weight[1][t] = vec_load(w1), w1 = next(w1, w_step);
  }
#pragma GCC unroll 16
  for (int j = 0; j < block + taps - 1; j++) {
    const vec point = walk_point(&x);
#pragma GCC unroll 8
    for (int t = 0; t < taps; t++) {
      const int i = j - t;
      if (i < 0 || i >= block) continue;
      if (which & 1) acc[0][i] += weight[0][t] * point;
      if (which & 2) acc[1][i] += weight[1][t] * point;
    }
  }
}

/* The same for one tap and any stride. */
static ALWAYS_INLINE void jump(walk x, int which, const real *w0, const real *w1,
                               vec acc[2][block]) {
  vec weight0 = {0}, weight1 = {0};
  if (which & 1) weight0 = vec_load(w0);
  if (which & 2) weight1 = vec_load(w1);
#pragma GCC unroll 8
  for (int i = 0; i < block; i++) {
    const vec point = walk_point(&x);
    if (which & 1) acc[0][i] += weight0 * point;
    if (which & 2) acc[1][i] += weight1 * point;
  }
}

/* All taps of the lines that `which` outputs see, in runs of `run` and then one by one. */
static ALWAYS_INLINE void add_lines(const ritz_depthwise_task *task, int run, int which, bool inner,
                                    ritz_index m, ritz_index c, const ritz_depthwise_line *line,
                                    ritz_index lines, vec acc[2][block]) {
  const ritz_depthwise_stream *s = task->stream;
  const ritz_index w_step = task->w_step, row = task->taps_stride * w_step;
  for (ritz_index l = 0; l < lines; l++) {
    const real *x = (const real *)line[l].x + c;
    const real *w0 = (const real *)task->w + c + line[l].tap[0] * row;
    const real *w1 = (const real *)task->w + c + line[l].tap[1] * row;
    ritz_index t = 0;
    for (; run > 1 && t + run <= s->taps; t += run) {
      slide(walk_from(task, x, m + t, 1, inner), run, which, w0, w1, w_step, acc);
      w0 += run * w_step, w1 += run * w_step;
    }
    for (; t < s->taps; t++) {
      const ritz_index j = m * s->stride + t * s->dilation;
      jump(walk_from(task, x, j, s->stride, inner), which, w0, w1, acc);
      w0 += w_step, w1 += w_step;
    }
  }
}

/* Lanes of `mask` are new; the others have been stored before. */
static ALWAYS_INLINE void store(const ritz_depthwise_task *task, int k, ritz_index m, ritz_index c,
                                ritz_index count, vec_bits mask, const vec acc[block]) {
  real *y = (real *)task->y[k] + m * task->y_step + c;
#pragma GCC unroll 8
  for (int i = 0; i < block; i++) {
    if (i >= count) return;
    real *at = y + i * task->y_step;
    vec_store(at, task->add ? vec_load(at) + vec_keep(acc[i], mask) : acc[i]);
  }
}

/* Outputs m ... m + 7 (up to the end of the line) in channels c ... c + lanes - 1. */
static ALWAYS_INLINE void do_block(const ritz_depthwise_task *task, int run, bool inner,
                                   ritz_index m, ritz_index c, vec_bits mask) {
  const ritz_depthwise_line *line = task->line;
  vec acc[2][block], start = {0};
  if (task->bias) start = vec_load((const real *)task->bias + c);
#pragma GCC unroll 8
  for (int i = 0; i < block; i++) acc[0][i] = acc[1][i] = start;
  add_lines(task, run, 1, inner, m, c, line, task->lines[0], acc);
  line += task->lines[0];
  add_lines(task, run, 3, inner, m, c, line, task->lines[1], acc);
  line += task->lines[1];
  add_lines(task, run, 2, inner, m, c, line, task->lines[2], acc);
  store(task, 0, m, c, task->end - m, mask, acc[0]);
  if (task->y[1]) store(task, 1, m, c, task->end - m, mask, acc[1]);
}

/* -- Fewer channels than a register has lanes -------------------------------------------------- */

/* `wide` registers of outputs from m on, each with several whole points. */
static ALWAYS_INLINE void narrow_block(const ritz_depthwise_task *task, int k, int wide,
                                       ritz_index m, narrow n) {
  const ritz_depthwise_stream *s = task->stream;
  const ritz_depthwise_line *line = task->line + (k ? task->lines[0] : 0);
  const ritz_index lines = task->lines[1] + task->lines[k ? 2 : 0], c = task->channels;
  vec acc[block], start = {0};
  if (task->bias) start = vec_load(task->bias);
  for (int i = 0; i < wide; i++) acc[i] = start;
  for (ritz_index l = 0; l < lines; l++) {
    const real *w = (const real *)task->w + line[l].tap[k] * task->taps_stride * task->w_step;
    for (ritz_index t = 0; t < s->taps; t++) {
      const real *x = (const real *)line[l].x + (m + t * s->dilation + s->shift) * c;
      const vec weight = vec_load(w + t * task->w_step);
#pragma GCC unroll 8
      for (int i = 0; i < wide; i++) acc[i] += weight * vec_load(x + i * n.span);
    }
  }
  real *y = (real *)task->y[k] + m * c;
  for (int i = 0; i < wide; i++) { /* what spills over into the next point is written later */
    real *at = y + i * n.span;
    vec_store(at, task->add ? vec_load(at) + vec_keep(acc[i], n.mask) : acc[i]);
  }
}

/* One output, a number at a time. */
static void narrow_point(const ritz_depthwise_task *task, int k, ritz_index m) {
  const ritz_depthwise_stream *s = task->stream;
  const ritz_depthwise_line *line = task->line + (k ? task->lines[0] : 0);
  const ritz_index lines = task->lines[1] + task->lines[k ? 2 : 0], c = task->channels;
  real acc[lanes] = {0};
  for (ritz_index i = 0; task->bias && i < c; i++) acc[i] = ((const real *)task->bias)[i];
  for (ritz_index l = 0; l < lines; l++) {
    const real *w = (const real *)task->w + line[l].tap[k] * task->taps_stride * task->w_step;
    for (ritz_index t = 0; t < s->taps; t++, w += task->w_step) {
      const ritz_index at = s->source[m * s->stride + t * s->dilation];
      if (at < 0) continue;
      const real *x = (const real *)line[l].x + at * c;
      for (ritz_index i = 0; i < c; i++) acc[i] += w[i] * x[i];
    }
  }
  real *y = (real *)task->y[k] + m * task->y_step;
  for (ritz_index i = 0; i < c; i++) y[i] = task->add ? y[i] + acc[i] : acc[i];
}

DEPTHWISE_KERNEL(depthwise_lines)
