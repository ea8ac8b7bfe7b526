/* SPDX-License-Identifier: BSD-3-Clause
 * A table of all methods on samples of the generator darcy. */
#ifndef RITZ_BENCH_TABLE_DARCY_H
#define RITZ_BENCH_TABLE_DARCY_H

#include "bench/bench.h"
#include "solvers/grid/diffusion.h"

typedef struct table_darcy_case {
  bench_case base;
  const char *options;
  ritz_face_mean mean; /* that they ask for */
  ritz_index samples;
} table_darcy_case;

/** bench_case.run of one. */
ritz_status table_darcy_run(const bench_case *self, const bench_call *call);

#endif
