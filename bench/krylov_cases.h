/* SPDX-License-Identifier: BSD-3-Clause
 * Cases of Krylov methods: what each measures is in the file of its function. */
#ifndef RITZ_BENCH_KRYLOV_CASES_H
#define RITZ_BENCH_KRYLOV_CASES_H

#include "bench/bench.h"

typedef struct krylov_case {
  bench_case base;
  int n; /* unknowns per axis */
} krylov_case;

ritz_status krylov_table(const krylov_case *self, const bench_call *call);
ritz_status krylov_step(const krylov_case *self, const bench_call *call);
ritz_status krylov_block(const krylov_case *self, const bench_call *call);

#endif
