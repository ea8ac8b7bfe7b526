/* SPDX-License-Identifier: BSD-3-Clause
 * Multigrid for -div(a grad u) on a box in three dimensions, Dirichlet boundary, of several samples
 * side by side. Either seven points on every level and trilinear transfer; or black-box multigrid
 * as in two dimensions (multigrid.h): operator-dependent interpolation and Galerkin coarse
 * operators of 27 points (kernels/variants/cuboid_setup.c), for coefficients that jump. Grids
 * coarsen along all axes together until one has a single unknown, or until there is a factor: boxes
 * whose axes differ much in their number of nodes take more cycles.
 *
 * Cycles as in multigrid.h. With Galerkin operators V and W are symmetric positive definite. With
 * seven points V is, and W is symmetric, and positive as long as no coarser grid overshoots twice
 * what it should correct: where the coefficient jumps by 1e4 from node to node, seven points on
 * coarser grids couple too weakly for that. */
#ifndef RITZ_SOLVERS_MULTIGRID_CUBOID_H
#define RITZ_SOLVERS_MULTIGRID_CUBOID_H

#include "kernels/cuboid.h"
#include "solvers/multigrid/multigrid.h"

/** Makes the couplings of a row of nodes of all lanes in double. */
typedef struct ritz_cuboid_rows {
  const ritz_solver_kernels *kernels; /* of double */
  const double *const *a; /* [lanes] coefficients [n0 + 2][n1 + 2][n2 + 2], boundary included */
  ritz_index n[3], lanes;
  double c[3]; /* area of a face over the distance across it, per axis */
  ritz_face_mean mean;
  double *node[5];     /* [n2 + 2][lanes]: the row, those before and after it on axis 0 and 1 */
  double *coupling[5]; /* with those four; and along the row, from column 0 on */
} ritz_cuboid_rows;

/** All couplings of row (i, j), 1 <= i <= n0, 1 <= j <= n1. */
void ritz_cuboid_rows_make(ritz_cuboid_rows *rows, ritz_index i, ritz_index j);

typedef struct ritz_cuboid_multigrid ritz_cuboid_multigrid;

/**
 * @param n        Unknowns per axis, at least 1.
 * @param options  cycle, sweeps, dtype, lanes and galerkin are obeyed; NULL: the defaults.
 *                 RITZ_ERR_ARGUMENT  an extent or an option out of range
 */
ritz_status ritz_cuboid_multigrid_create(const ritz_index n[3],
                                         const ritz_multigrid_options *options,
                                         ritz_cuboid_multigrid **out);
void ritz_cuboid_multigrid_destroy(ritz_cuboid_multigrid **multigrid);

/** The finest grid, whose shape the fields of a cycle have. */
const ritz_cuboid *ritz_cuboid_multigrid_box(const ritz_cuboid_multigrid *multigrid);

/** Couplings and coarse grids for other coefficients. Allocates nothing. */
void ritz_cuboid_multigrid_setup(ritz_cuboid_multigrid *multigrid, ritz_cuboid_rows *rows);

/** Lanes of @p from, as they were set up, into others of @p to, a hierarchy of the same kind. */
void ritz_cuboid_multigrid_move(ritz_cuboid_multigrid *to, const ritz_cuboid_multigrid *from,
                                int pairs, const ritz_lane_pair *pair);

/** x = M b for fields of the finest grid, zero on the boundary; dot [lanes] = b . x. */
void ritz_cuboid_multigrid_cycle(ritz_cuboid_multigrid *multigrid, const void *b, void *x,
                                 double *dot);

/** Full multigrid but for its last cycle: x = P u, u the solution on the next coarser grid after a
 * cycle on each. */
void ritz_cuboid_multigrid_start(ritz_cuboid_multigrid *multigrid, void *b, void *x);

#endif
