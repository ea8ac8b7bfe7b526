/* SPDX-License-Identifier: BSD-3-Clause
 * The parts of the list in operator_samples.h. */
#ifndef RITZ_TESTS_OPERATOR_SAMPLE_ROWS_H
#define RITZ_TESTS_OPERATOR_SAMPLE_ROWS_H

#include "operator_samples.h"

/* training, kinks, rounding, grad_rounding. Kinks come with norms over few points and thousands of
 * roundings in a row. */
#define SMOOTH        false, false, 1e-5, 1e-5
#define TRAINED       true, false, 1e-5, 1e-5
#define KINKS         false, true, 1e-4, 1e-3
#define TRAINED_KINKS true, true, 1e-4, 1e-3

/* A sample, its fields in their order. */
#define SAMPLE(...) \
  { __VA_ARGS__ }

typedef struct operator_rows {
  int count;
  const operator_sample *row;
} operator_rows;

extern const operator_rows fourier_rows, grid_rows, deeponet_rows;

#endif
