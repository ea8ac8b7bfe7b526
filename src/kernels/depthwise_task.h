/* SPDX-License-Identifier: BSD-3-Clause
 * What the kernels of depthwise convolution do in one call: up to two lines of outputs, that is,
 * neighbours along the last grid axis, all their channels.
 *
 *     y_k[m, :] (+)= b + sum over lines l that output k sees, t < taps, of
 *                    w[tap_k(l), t, :] x_l[source[m stride + t dilation], :],   k = 0, 1
 *
 * Both outputs together, because lines above each other see nearly the same inputs. */
#ifndef RITZ_KERNELS_DEPTHWISE_TASK_H
#define RITZ_KERNELS_DEPTHWISE_TASK_H

#include <ritz/types.h>

enum {
  ritz_depthwise_block = 8, /* outputs in registers; tables are padded to a multiple */
  ritz_depthwise_wide = 16  /* fewer channels: weights repeat up to this many numbers */
};

/** A line of inputs and the row of the window through which each output sees it. */
typedef struct ritz_depthwise_line {
  const void *x;
  ritz_index tap[2];
} ritz_depthwise_line;

/** The last axis: which points the outputs see. */
typedef struct ritz_depthwise_stream {
  ritz_index points, count; /* of a line of inputs, of outputs */
  ritz_index taps, stride, dilation;
  ritz_index *source;                /* -1: zero, also wherever an output >= count would look */
  ritz_index inner_begin, inner_end; /* these outputs see source[j] = j + shift only */
  ritz_index shift;
} ritz_depthwise_stream;

typedef struct ritz_depthwise_task {
  const ritz_depthwise_stream *stream;
  ritz_index begin, end; /* outputs to do */
  ritz_index channels;
  ritz_index lines[3]; /* seen by output 0 alone, by both, by output 1 alone; in this order */
  const ritz_depthwise_line *line;
  /* Row t of tap r stands at (r taps_stride + t) w_step; w_step is the channel count, or
   * ritz_depthwise_wide for fewer channels, then with number i in place i, i + channels, ... */
  ritz_index w_step, taps_stride;
  const void *w, *bias; /* bias [w_step] or NULL */
  void *y[2];           /* output 0 of each line; the second may be NULL, then lines[1, 2] are 0 */
  ritz_index y_step;    /* numbers between outputs */
  bool add;
  /* Of the weight gradient, in the place of w and bias; always added to. Numbers beyond the last
   * whole repetition of the channels stay untouched. y holds the cotangent. */
  void *gw, *gb;
} ritz_depthwise_task;

#endif
