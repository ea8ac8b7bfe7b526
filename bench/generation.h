/* SPDX-License-Identifier: BSD-3-Clause
 * Samples of a generator as a job that can be timed. */
#ifndef RITZ_BENCH_GENERATION_H
#define RITZ_BENCH_GENERATION_H

#include <ritz/generator.h>

typedef struct generation {
  ritz_generator *generator;
  ritz_index samples;
  ritz_dtype dtype;
  void *x, *y; /* [samples] fields of dtype */
  ritz_solve_report *reports;
  ritz_status status; /* of the last failure */
} generation;

/** Makes samples 0 ... samples - 1 of seed 1. @param generation  A generation. */
void generation_run(void *generation);

#endif
