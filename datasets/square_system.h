/* SPDX-License-Identifier: BSD-3-Clause
 * Linear problems on the unit square: what their generators share beyond the equation. Unknowns are
 * the inner nodes, u = 0 on the boundary, coupled in five points; or all nodes, in nine. */
#ifndef RITZ_DATASETS_SQUARE_SYSTEM_H
#define RITZ_DATASETS_SQUARE_SYSTEM_H

#include "datasets/grid_system.h"
#include "datasets/square.h"

/** The systems of inner nodes. @param gmres,bicgstab  See ritz_grid_systems_spec. */
ritz_status ritz_square_systems(const ritz_square *square, const ritz_grid_system_config *config,
                                bool symmetric, double gmres, double bicgstab,
                                ritz_grid_systems **out);

/** A pattern, rows and columns in the order of nodes: of the inner ones in five points, or of all
 * in nine. */
ritz_status ritz_square_pattern(const ritz_square *square, bool inner, ritz_sparse **out);
/** The systems of all nodes. */
ritz_status ritz_square_systems_all(const ritz_square *square,
                                    const ritz_grid_system_config *config, bool symmetric,
                                    ritz_grid_systems **out);

/** What they say about a generator: method and chains. */
void ritz_square_system_describe(const ritz_grid_systems *systems, ritz_generator_info *info);

/** Writes the row of inner node (i, j), couplings to the north, west, itself, east and south, to
 * where it stands among the values, rows in the order of nodes. Couplings to the boundary are left
 * out. @return  Behind the row. */
double *ritz_square_put(const ritz_square *square, ritz_index i, ritz_index j, const double row[5],
                        double *values);

/** An equation; both calls are of one thread's worker. */
typedef struct ritz_square_problem {
  void *user;
  int channels; /* of x */
  /* x [n0, n1, channels] of a sample. */
  void (*draw)(void *user, int thread, uint64_t seed, uint32_t sample, double *x);
  /* Its matrix, of the systems' pattern, and right-hand side at the unknowns. */
  void (*fill)(void *user, int thread, uint64_t seed, uint32_t sample, const double *x,
               double *values, double *b);
  /* y [n0, n1, targets] from the unknowns; NULL: u of one channel, 0 on the boundary if that has
   * no unknowns. */
  void (*store)(void *user, const double *u, double *y);
  int targets; /* channels of y where there is `store` */
} ritz_square_problem;

/** A thread's system and vectors. */
typedef struct ritz_square_system ritz_square_system;

ritz_status ritz_square_system_create(const ritz_square *square, const ritz_grid_systems *systems,
                                      ritz_square_system **out);
void ritz_square_system_destroy(ritz_square_system **system);

/** The system itself, and room for the unknowns' numbers: right-hand side, solution. */
ritz_grid_system *ritz_square_system_get(ritz_square_system *system, double **b, double **u);

/** u at the inner nodes, 0 on the boundary. */
void ritz_square_embed(const ritz_square *square, const double *inner, double *u);

/** A generator's run: draws all samples, solves them (chains nearest next), fills y. */
void ritz_square_system_run(ritz_square_system *system, const ritz_square_problem *problem,
                            int thread, uint64_t seed, uint32_t first, ritz_index count, double *x,
                            double *y, ritz_solve_report *reports);

#endif
