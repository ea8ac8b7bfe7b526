/* SPDX-License-Identifier: BSD-3-Clause
 * A table of the solvers that a generator may be asked for, and which of them it takes by itself.
 */
#ifndef RITZ_BENCH_TABLE_AUTO_H
#define RITZ_BENCH_TABLE_AUTO_H

#include "bench/bench.h"

typedef struct table_auto_case {
  bench_case base;
  const char *generator, *options; /* "resolution: 64", what all rows have */
  const char *const *solvers;      /* "solver: direct" and so on, NULL at the end */
  ritz_index samples;
} table_auto_case;

/** bench_case.run of one. */
ritz_status table_auto_run(const bench_case *self, const bench_call *call);

#endif
