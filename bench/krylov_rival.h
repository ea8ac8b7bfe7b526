/* SPDX-License-Identifier: BSD-3-Clause
 * A Krylov solver of ours on the system of krylov_problem.h, to be timed: a run is a whole solve.
 */
#ifndef RITZ_BENCH_KRYLOV_RIVAL_H
#define RITZ_BENCH_KRYLOV_RIVAL_H

#include <ritz/krylov.h>
#include <ritz/preconditioner.h>

#include "bench/krylov_problem.h"

typedef struct krylov_rival {
  ritz_krylov *solver;
  krylov_problem *problem;
  ritz_solve_report report;
  ritz_status status; /* the first failure of a run */
} krylov_rival;

/** The problem's present matrix, preconditioned. Destroy `solver`, also after a failure. */
ritz_status krylov_rival_create(const ritz_krylov_options *options, krylov_problem *problem,
                                ritz_preconditioner *m, krylov_rival *rival);

/** The run of a bench_job. @param rival  a krylov_rival. */
void krylov_rival_run(void *rival);

/** The status of the runs; RITZ_ERR_NUMERIC where the last one did not converge. */
ritz_status krylov_rival_check(const krylov_rival *rival, const char *name);

#endif
