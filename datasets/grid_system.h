/* SPDX-License-Identifier: BSD-3-Clause
 * Linear systems of generators whose samples have matrices of one pattern on a grid: one solver by
 * name for all of them, its choice, and chains of samples that share a recycle space.
 *
 * Every method is a Krylov method on the true residual; the direct solver is the preconditioner of
 * one that then needs a step or two. */
#ifndef RITZ_DATASETS_GRID_SYSTEM_H
#define RITZ_DATASETS_GRID_SYSTEM_H

#include <ritz/krylov.h>
#include <ritz/sparse.h>

#include "core/options.h"

/** What solves; in the order of the option's names. */
typedef enum ritz_grid_solver {
  RITZ_GRID_SOLVER_AUTO,
  RITZ_GRID_SOLVER_DIRECT,
  RITZ_GRID_SOLVER_GMRES,
  RITZ_GRID_SOLVER_GCRODR,
  RITZ_GRID_SOLVER_MINRES,
  RITZ_GRID_SOLVER_BICGSTAB
} ritz_grid_solver;

/** Options; a config begins with this struct and its table with RITZ_GRID_SYSTEM_OPTIONS. */
typedef struct ritz_grid_system_config {
  int solver, preconditioner;
  double tolerance;
  ritz_index max_iterations, restart, recycle, chain;
} ritz_grid_system_config;

#define RITZ_GRID_SYSTEM_OPTIONS(solver_, preconditioner_)                                        \
  RITZ_OPTION_CHOICE(ritz_grid_system_config, solver, "auto|direct|gmres|gcrodr|minres|bicgstab", \
                     solver_, "direct: nested dissection; gcrodr: GMRES with a recycle space"),   \
      RITZ_OPTION_CHOICE(ritz_grid_system_config, preconditioner, "auto|poisson|ilu|jacobi|none", \
                         preconditioner_,                                                         \
                         "of the others; poisson: the mean coefficients, by fast transforms"),    \
      RITZ_OPTION_REAL(ritz_grid_system_config, tolerance, 1e-14, 1, "1e-8",                      \
                       "true relative residual to reach"),                                        \
      RITZ_OPTION_INT(ritz_grid_system_config, max_iterations, 1, 1000000, "1000",                \
                      "limit per linear system"),                                                 \
      RITZ_OPTION_INT(ritz_grid_system_config, restart, 2, 1000, "60", "directions of a cycle"),  \
      RITZ_OPTION_INT(ritz_grid_system_config, recycle, 1, 500, "20", "gcrodr: directions kept"), \
      RITZ_OPTION_INT(ritz_grid_system_config, chain, 1, 1024, "16",                              \
                      "gcrodr: samples that share a recycle space, nearest next")

typedef struct ritz_grid_systems_spec {
  const ritz_grid_system_config *config; /* borrowed */
  const ritz_sparse *pattern;            /* RITZ_REAL_DOUBLE; borrowed until creation is over */
  int dim;
  const int32_t *place; /* [rows][dim] node of each unknown */
  ritz_index box[2];    /* unknowns are all nodes of such a rectangle; 0: they are not */
  bool symmetric;       /* minres may be asked for */
  double gmres; /* steps that it takes with the preconditioner poisson, about; 0: not to be had */
  double bicgstab; /* the same; 0: not to be relied upon */
} ritz_grid_systems_spec;

/** What the options of a generator say, settled; unchanged after creation, threads share it. */
typedef struct ritz_grid_systems ritz_grid_systems;

/** What ranges cannot say. RITZ_ERR_CONFIG */
ritz_status ritz_grid_system_check(const ritz_grid_system_config *config, bool symmetric, bool box);

ritz_status ritz_grid_systems_create(const ritz_grid_systems_spec *spec, ritz_grid_systems **out);
void ritz_grid_systems_destroy(ritz_grid_systems **systems);

/** What solves, and why so. */
const char *ritz_grid_systems_method(const ritz_grid_systems *systems);
ritz_index ritz_grid_systems_unknowns(const ritz_grid_systems *systems);
ritz_index ritz_grid_systems_entries(const ritz_grid_systems *systems);
/** @return  Samples of a chain; 1: each is solved by itself. */
ritz_index ritz_grid_systems_chain(const ritz_grid_systems *systems);

/** The matrix and solver of one thread. */
typedef struct ritz_grid_system ritz_grid_system;

ritz_status ritz_grid_system_create(const ritz_grid_systems *systems, ritz_grid_system **out);
void ritz_grid_system_destroy(ritz_grid_system **system);

/** [entries] of the pattern, to be written before ritz_grid_system_update(). */
double *ritz_grid_system_values(ritz_grid_system *system);
/** The values have changed. Allocates nothing; a failure comes out of the solves that follow. */
void ritz_grid_system_update(ritz_grid_system *system);
/** Forgets what the samples before have left. */
void ritz_grid_system_begin(ritz_grid_system *system);
/** x = A^-1 b. */
void ritz_grid_system_solve(ritz_grid_system *system, const double *b, double *x,
                            ritz_solve_report *report);

/** Order in which a chain is solved, nearest next, from its fields [count][numbers].
 * @param order  [count], out. */
void ritz_grid_system_order(ritz_index count, ritz_index numbers, const double *fields,
                            ritz_index *order);

#endif
