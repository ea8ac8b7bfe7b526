/* SPDX-License-Identifier: BSD-3-Clause
 * The convolutions that bench/conv.c and bench/compare_onednn.c time: fields in float, zero
 * boundary, "same" padding. A new case is a new line of the table. */
#ifndef RITZ_BENCH_CONV_CASES_H
#define RITZ_BENCH_CONV_CASES_H

#include "bench/bench.h"
#include "kernels/conv.h"

typedef enum conv_direction {
  CONV_FORWARD,
  CONV_INPUT,
  CONV_WEIGHT,
  CONV_DIRECTIONS
} conv_direction;
extern const char *const conv_direction_names[CONV_DIRECTIONS];

struct conv_problem;

/** Times one direction of a problem whose answer has the relative error @p error, and prints. */
typedef ritz_status conv_measure(struct conv_problem *p, conv_direction direction,
                                 const bench_call *call, double error);

typedef struct conv_case {
  bench_case base; /* conv/kernel-grid-channels, depthwise/kernel-grid-channels */
  int dim;
  ritz_index batch, grid, channels_in, channels_out, kernel, stride, dilation, groups;
  conv_measure *measure;
} conv_case;

/** main() of a program that does @p measure with every case and direction, after checking some
 * entries of the result against the defining sum in double. */
int conv_main(int argc, char **argv, const char *program, conv_measure *measure);

/** A case with its fields: x, w, y (y is what K^T and the weight gradient start from) and the three
 * results. */
typedef struct conv_problem {
  const conv_case *c;
  ritz_conv_shape shape;
  ritz_convolution *conv;
  ritz_index nx, ny, nw;
  float *x, *y, *w, *result[CONV_DIRECTIONS]; /* K x, K^T y, d<K x, y>/dw */
  void *scratch;
} conv_problem;

/** Grid axis @p a of the case. */
static inline const ritz_window_axis *conv_problem_axis(const conv_problem *p, int a) {
  return &p->shape.window.axis[3 - p->c->dim + a];
}

ritz_index conv_result_count(const conv_problem *p, conv_direction direction);
void conv_problem_run(conv_problem *p, conv_direction direction);

/** One direction of a problem, as a bench_job. */
typedef struct conv_run {
  conv_problem *p;
  conv_direction direction;
} conv_run;
void conv_run_job(void *conv_run);

/** The line, but for its times. */
bench_line conv_line(const conv_problem *p);

#endif
