/* SPDX-License-Identifier: BSD-3-Clause
 * The convolutions that bench/conv.c and bench/compare_onednn.c time: fields in float, zero
 * boundary, "same" padding. A new case is a new line of the table. */
#ifndef RITZ_BENCH_CONV_CASES_H
#define RITZ_BENCH_CONV_CASES_H

#include "kernels/conv.h"

typedef struct conv_case {
  const char *name; /* kernel-grid-channels */
  int dim;
  ritz_index batch, grid, channels_in, channels_out, kernel, stride, dilation, groups;
} conv_case;

extern const conv_case conv_cases[];
extern const int conv_case_count;

typedef enum conv_direction {
  CONV_FORWARD,
  CONV_INPUT,
  CONV_WEIGHT,
  CONV_DIRECTIONS
} conv_direction;
extern const char *const conv_direction_names[CONV_DIRECTIONS];

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

/** Ends the program on failure. */
conv_problem conv_problem_create(const conv_case *c, int threads);
void conv_problem_destroy(conv_problem *p);
ritz_index conv_result_count(const conv_problem *p, conv_direction direction);
void conv_problem_run(conv_problem *p, conv_direction direction);
/** @return  Largest error of some entries of a result against the defining sum in double, relative
 * to the sum of magnitudes. */
double conv_problem_error(const conv_problem *p, conv_direction direction);

/** GFLOP/s of a 64 x 64 product in the first-level cache, one thread. */
double gemm_peak(void);

/** Median and minimum of @p count times, sorted in place. */
void summarise(int count, double *time, double *median, double *least);

#endif
