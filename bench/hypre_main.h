/* SPDX-License-Identifier: BSD-3-Clause
 * Cases with solvers of hypre, which works over MPI. */
#ifndef RITZ_BENCH_HYPRE_MAIN_H
#define RITZ_BENCH_HYPRE_MAIN_H

#include "bench/bench.h"

/** bench_main() between the start and the end of MPI, which threads call in turn; without hypre
 * that alone. */
int bench_main_with_hypre(int argc, char **argv, const char *program, int count, size_t size,
                          const void *cases);

#endif
