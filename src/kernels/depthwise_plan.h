/* SPDX-License-Identifier: BSD-3-Clause
 * A depthwise convolution as planned: one pass over lines of outputs for each direction. */
#ifndef RITZ_KERNELS_DEPTHWISE_PLAN_H
#define RITZ_KERNELS_DEPTHWISE_PLAN_H

#include "kernels/depthwise.h"
#include "kernels/depthwise_task.h"
#include "kernels/depthwise_tiles.h"

/** Outputs along the last axis that see their points alike. */
typedef struct ritz_depthwise_part {
  ritz_depthwise_stream stream;
  ritz_index first_tap;     /* where the weights of its taps begin in a packed row */
  ritz_index first, stride; /* output m is point first + m stride of the line ... */
  ritz_index *fold;         /* ... or, where not NULL, is added to point fold[m] */
} ritz_depthwise_part;

/** Lines of inputs that a pair of neighbouring lines of outputs sees along the middle axis. */
typedef struct ritz_depthwise_pair {
  ritz_index lines[3]; /* seen by the first alone, by both, by the second alone */
  struct ritz_depthwise_view {
    ritz_index point, tap[2];
  } * view;
} ritz_depthwise_pair;

/** Everything about one direction: outputs of the pass see inputs of the pass. */
typedef struct ritz_depthwise_pass {
  ritz_index in[3], out[3];
  ritz_sights planes; /* along the first axis */
  ritz_index pairs, segments, units;
  ritz_depthwise_pair *pair;
  struct ritz_depthwise_view *views; /* of all pairs */
  int parts;
  ritz_depthwise_part *part; /* those that fold come last */
  ritz_index *order;         /* a packed row of weights holds tap order[i] in place i */
  bool permuted;
  ritz_index most_lines, most_folded;
} ritz_depthwise_pass;

struct ritz_depthwise {
  ritz_depthwise_shape shape;
  const struct ritz_kernels *kernels;
  int threads;
  ritz_index taps, rows, w_step; /* of the window; along its first two axes; see the task */
  ritz_depthwise_pass forward, backward;
  ritz_depthwise_tiles *tiles[2]; /* forward, backward; NULL: the sums of the pass */
  ritz_depthwise_line *lines;     /* per thread */
  ritz_index most_lines;
  /* Weight gradient: chunks of units, each with sums in double. */
  ritz_index chunks, units_per_chunk;
  struct {
    size_t packed, fold, sums, partial, total; /* bytes; fold and partial per thread */
  } scratch;
};

/** Plans a pass; @p backward: over the inputs of the window, which see outputs. On failure what
 * has been made stays for ritz_depthwise_pass_release(). */
ritz_status ritz_depthwise_pass_init(const ritz_window *window, bool backward, ritz_index batch,
                                     ritz_depthwise_pass *out);
void ritz_depthwise_pass_release(ritz_depthwise_pass *pass);

#endif
