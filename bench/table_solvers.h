/* SPDX-License-Identifier: BSD-3-Clause
 * Methods that solve the systems of table_systems.h, each to the same true residual. What is timed
 * is the preconditioner of each sample and the iteration; multigrid makes its couplings from the
 * coefficients meanwhile, sparse matrices are there already. */
#ifndef RITZ_BENCH_TABLE_SOLVERS_H
#define RITZ_BENCH_TABLE_SOLVERS_H

#include <ritz/krylov.h>
#include <ritz/preconditioner.h>

#include "bench/table_rows.h"
#include "bench/table_systems.h"
#include "datasets/darcy_krylov.h"
#include "solvers/multigrid/diffusion_batch.h"

/** What takes the systems. */
typedef enum table_kind {
  TABLE_BATCH, /* multigrid of the library, all lanes of a batch */
  TABLE_BOX,   /* conjugate gradients and sine transforms, of the generator */
  TABLE_SPARSE /* a Krylov method and a preconditioner by name */
} table_kind;

typedef struct table_method {
  const char *name;
  table_kind kind;
  bool cube; /* in three dimensions, too */
  /* TABLE_BATCH */
  bool all_double, alone, strips, stationary; /* alone: a sample at a time; strips: so, in strips */
  ritz_cycle cycle;
  int sweeps;
  /* TABLE_SPARSE */
  const char *krylov, *preconditioner;
  const char *options; /* "box": the grid's extents */
  int restart, recycle;
} table_method;

/** One of them at work. */
typedef struct table_solver {
  const table_method *how;
  table_systems *systems;
  ritz_index samples;
  ritz_diffusion_batch *batch;
  ritz_index lanes;
  ritz_fast_poisson *poisson;
  ritz_darcy_krylov *box;
  ritz_krylov *krylov;
  ritz_preconditioner *m;
  double *u; /* [count][size], borrowed */
  ritz_solve_report *reports;
  double deadline; /* when an iteration stops */
  ritz_status status;
} table_solver;

/** @param u  [count][size], room for solutions that solvers may share.
 * Release with table_solver_clear(), also after a failure. */
ritz_status table_solver_create(const table_method *how, table_systems *systems, bool lognormal,
                                double *u, table_solver *out);
void table_solver_clear(table_solver *solver);

/** Solves all samples, or as many as it manages in table_seconds_most(), and fills in the row; its
 * residuals are those of table_systems_residual(). */
ritz_status table_solver_check(const bench_call *call, table_solver *solver, table_row *row);

#endif
