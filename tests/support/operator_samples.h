/* SPDX-License-Identifier: BSD-3-Clause
 * Combinations of options of every operator. The tests of what all operators must keep run over
 * this one list: gradients, threads and formats, memory, grids split over ranks. */
#ifndef RITZ_TESTS_OPERATOR_SAMPLES_H
#define RITZ_TESTS_OPERATOR_SAMPLES_H

#include "gradient.h"

typedef struct operator_sample {
  const char *type;
  const char *options;  /* YAML */
  ritz_shape small;     /* input where every number is tried */
  ritz_shape large;     /* input of several chunks of work */
  bool training;        /* batch statistics, dropout */
  bool kinks;           /* ReLU, maxima: differences by short steps along directions */
  double rounding;      /* of outputs in float against double, relative */
  double grad_rounding; /* the same of gradients */
} operator_sample;

int operator_sample_count(void);
/** @param number  From 0 on. */
const operator_sample *operator_sample_at(int number);

/** A sample as a graph to check. */
operator_case small_case(const operator_sample *sample);
operator_case large_case(const operator_sample *sample);

/** Fails unless every operator of operators.def has a sample. */
void check_every_operator_has_a_sample(void);

#endif
