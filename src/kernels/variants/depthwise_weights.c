/* SPDX-License-Identifier: BSD-3-Clause
 * Depthwise convolution, gradient of the weights: the same blocks as in depthwise.c with outputs
 * and weights in exchanged roles. The cotangent of a block stays in registers and every point of x
 * meets all of it that sees the point through a run of taps. */
#include "kernels/variants/depthwise_block.h"

/* sum[k][t] += sum over i of gy[k][i] x[i + t]. */
static ALWAYS_INLINE void slide(walk x, int taps, int which, const vec gy[2][block],
                                vec sum[2][most_run]) {
#pragma GCC unroll 16
  for (int j = 0; j < block + taps - 1; j++) {
    const vec point = walk_point(&x);
#pragma GCC unroll 8
    for (int t = 0; t < taps; t++) {
      const int i = j - t;
      if (i < 0 || i >= block) continue;
      if (which & 1) sum[0][t] += gy[0][i] * point;
      if (which & 2) sum[1][t] += gy[1][i] * point;
    }
  }
}

static ALWAYS_INLINE real *add_to(real *at, vec sum, vec_bits mask, ritz_index step) {
  vec_store(at, vec_load(at) + vec_keep(sum, mask));
  return (real *)next(at, step);
}

static ALWAYS_INLINE void add_run(walk x, int taps, int which, const vec gy[2][block],
                                  vec_bits mask, real *w0, real *w1, ritz_index w_step) {
  vec sum[2][most_run];
#pragma GCC unroll 8
  for (int t = 0; t < taps; t++) sum[0][t] = sum[1][t] = (vec){0};
  slide(x, taps, which, gy, sum);
#pragma GCC unroll 8
  for (int t = 0; t < taps; t++) {
    if (which & 1) w0 = add_to(w0, sum[0][t], mask, w_step);
    if (which & 2) w1 = add_to(w1, sum[1][t], mask, w_step);
  }
}

/* One tap and any stride; four sums each, so that they do not wait for each other. */
static ALWAYS_INLINE void add_tap(walk x, int which, const vec gy[2][block], vec_bits mask,
                                  real *w0, real *w1) {
  vec sum0[4] = {{0}}, sum1[4] = {{0}};
#pragma GCC unroll 8
  for (int i = 0; i < block; i++) {
    const vec point = walk_point(&x);
    if (which & 1) sum0[i % 4] += gy[0][i] * point;
    if (which & 2) sum1[i % 4] += gy[1][i] * point;
  }
  if (which & 1)
    vec_store(w0, vec_load(w0) + vec_keep((sum0[0] + sum0[1]) + (sum0[2] + sum0[3]), mask));
  if (which & 2)
    vec_store(w1, vec_load(w1) + vec_keep((sum1[0] + sum1[1]) + (sum1[2] + sum1[3]), mask));
}

static ALWAYS_INLINE void add_lines(const ritz_depthwise_task *task, int run, int which, bool inner,
                                    ritz_index m, ritz_index c, vec_bits mask,
                                    const ritz_depthwise_line *line, ritz_index lines,
                                    const vec gy[2][block]) {
  const ritz_depthwise_stream *s = task->stream;
  const ritz_index w_step = task->w_step, row = task->taps_stride * w_step;
  for (ritz_index l = 0; l < lines; l++) {
    const real *x = (const real *)line[l].x + c;
    real *w0 = (real *)task->gw + c + line[l].tap[0] * row;
    real *w1 = (real *)task->gw + c + line[l].tap[1] * row;
    ritz_index t = 0;
    for (; run > 1 && t + run <= s->taps; t += run) {
      add_run(walk_from(task, x, m + t, 1, inner), run, which, gy, mask, w0, w1, w_step);
      w0 += run * w_step, w1 += run * w_step;
    }
    for (; t < s->taps; t++) {
      const ritz_index j = m * s->stride + t * s->dilation;
      add_tap(walk_from(task, x, j, s->stride, inner), which, gy, mask, w0, w1);
      w0 += w_step, w1 += w_step;
    }
  }
}

static ALWAYS_INLINE void do_block(const ritz_depthwise_task *task, int run, bool inner,
                                   ritz_index m, ritz_index c, vec_bits mask) {
  const ritz_depthwise_line *line = task->line;
  vec gy[2][block], total = {0};
#pragma GCC unroll 8
  for (int i = 0; i < block; i++) {
    const bool inside = m + i < task->end;
    const ritz_index at = (m + i) * task->y_step + c;
    gy[0][i] = gy[1][i] = (vec){0};
    if (inside) gy[0][i] = vec_load((const real *)task->y[0] + at);
    if (inside && task->y[1]) gy[1][i] = vec_load((const real *)task->y[1] + at);
    total += gy[0][i] + gy[1][i];
  }
  if (task->gb) {
    real *gb = (real *)task->gb + c;
    vec_store(gb, vec_load(gb) + vec_keep(total, mask));
  }
  add_lines(task, run, 1, inner, m, c, mask, line, task->lines[0], gy);
  line += task->lines[0];
  add_lines(task, run, 3, inner, m, c, mask, line, task->lines[1], gy);
  line += task->lines[1];
  add_lines(task, run, 2, inner, m, c, mask, line, task->lines[2], gy);
}

/* -- Fewer channels than a register has lanes -------------------------------------------------- */

static ALWAYS_INLINE void narrow_block(const ritz_depthwise_task *task, int k, int wide,
                                       ritz_index m, narrow n) {
  const ritz_depthwise_stream *s = task->stream;
  const ritz_depthwise_line *line = task->line + (k ? task->lines[0] : 0);
  const ritz_index lines = task->lines[1] + task->lines[k ? 2 : 0], c = task->channels;
  vec gy[block], total = {0};
  for (int i = 0; i < wide; i++) {
    gy[i] = vec_keep(vec_load((const real *)task->y[k] + m * c + i * n.span), n.mask);
    total += gy[i];
  }
  if (task->gb) vec_store(task->gb, vec_load(task->gb) + total);
  for (ritz_index l = 0; l < lines; l++) {
    real *w = (real *)task->gw + line[l].tap[k] * task->taps_stride * task->w_step;
    for (ritz_index t = 0; t < s->taps; t++) {
      const real *x = (const real *)line[l].x + (m + t * s->dilation + s->shift) * c;
      real *at = w + t * task->w_step;
      vec sum[2] = {{0}};
#pragma GCC unroll 8
      for (int i = 0; i < wide; i++) sum[i % 2] += gy[i] * vec_load(x + i * n.span);
      /* 0 times what lies beyond may be NaN. */
      vec_store(at, vec_load(at) + vec_keep(sum[0] + sum[1], n.mask));
    }
  }
}

static void narrow_point(const ritz_depthwise_task *task, int k, ritz_index m) {
  const ritz_depthwise_stream *s = task->stream;
  const ritz_depthwise_line *line = task->line + (k ? task->lines[0] : 0);
  const ritz_index lines = task->lines[1] + task->lines[k ? 2 : 0], c = task->channels;
  const real *gy = (const real *)task->y[k] + m * task->y_step;
  for (ritz_index i = 0; task->gb && i < c; i++) ((real *)task->gb)[i] += gy[i];
  for (ritz_index l = 0; l < lines; l++) {
    real *w = (real *)task->gw + line[l].tap[k] * task->taps_stride * task->w_step;
    for (ritz_index t = 0; t < s->taps; t++, w += task->w_step) {
      const ritz_index at = s->source[m * s->stride + t * s->dilation];
      if (at < 0) continue;
      const real *x = (const real *)line[l].x + at * c;
      for (ritz_index i = 0; i < c; i++) w[i] += gy[i] * x[i];
    }
  }
}

DEPTHWISE_KERNEL(depthwise_weights)
