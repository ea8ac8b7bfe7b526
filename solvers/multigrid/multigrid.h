/* SPDX-License-Identifier: BSD-3-Clause
 * Structured black-box multigrid for -div(a grad u) on a rectangle, Dirichlet boundary, of several
 * samples side by side, or of one in strips: operator-dependent interpolation and Galerkin coarse
 * operators (Dendy 1982, doi:10.1016/0021-9991(82)90057-2) for grids of any size, even or odd.
 *
 * A cycle starts from zero, so it is a linear map x = M b. V and W cycles are symmetric positive
 * definite and may precondition conjugate gradients; an F cycle visits a coarse level by F, then by
 * V, and is not symmetric: it is for stationary iterations and flexible methods. */
#ifndef RITZ_SOLVERS_MULTIGRID_MULTIGRID_H
#define RITZ_SOLVERS_MULTIGRID_MULTIGRID_H

#include <ritz/split_solve.h> /* ritz_cycle */

#include "kernels/box.h"
#include "kernels/solver_kernels.h"
#include "solvers/grid/diffusion.h"

/* Of a hierarchy, and of the solver in diffusion_batch.h. */
typedef struct ritz_multigrid_options {
  ritz_cycle cycle;  /* Default V */
  int sweeps;        /* of the smoother on either way. Default 2 */
  ritz_dtype dtype;  /* of the cycle. Default RITZ_FLOAT32, which a batch needs */
  ritz_index lanes;  /* samples side by side, 1 ... 64. Default 8 */
  ritz_index strips; /* two dimensions: at least 2 puts one sample at a time in up to so many strips
                        of columns side by side, as many as fit a vector, instead of samples, so
                        that large grids stay in the cache; lanes must be 1. Default 0 */
  bool galerkin;   /* three dimensions: operator-dependent transfer and Galerkin coarse operators of
                      27 points, as two dimensions have nine; else trilinear transfer and seven
                      points on every level. Default false */
  bool gather;     /* batch: the slow samples of several groups of lanes go on together; twice the
                      memory, not with strips. Default false */
  bool stationary; /* batch: x += M r instead of conjugate gradients. Default false */
  double tolerance;   /* batch: on the true ||b - A x|| / ||b||. Default 1e-8 */
  int max_iterations; /* batch: cycles per sample. Default 200 */
} ritz_multigrid_options;

enum { ritz_multigrid_most_lanes = 64 };

void ritz_multigrid_options_defaults(ritz_multigrid_options *options);

/** Walks over the rows of nodes of all lanes, samples or strips, and makes their couplings in
 * double: those of row i are east [n1 + 1] from column 0 on, and south with north, towards rows i +
 * 1 and i - 1. */
typedef struct ritz_coupling_rows {
  const ritz_solver_kernels *kernels; /* of double */
  const double *const *a;             /* [lanes] coefficients [n0 + 2][n1 + 2], boundary included */
  ritz_index n1, lanes;               /* of the box */
  const ritz_box *strips;             /* the box if it is in strips: a [1], of its columns */
  double c0, c1;                      /* h1/h0, h0/h1 */
  ritz_face_mean mean;
  double *here, *below, *north, *south, *east, *padded; /* [n1 + 2][lanes] */
} ritz_coupling_rows;

/** To row 0, of which only south means anything. */
void ritz_coupling_rows_begin(ritz_coupling_rows *rows);
/** To row @p i, after row i - 1. */
void ritz_coupling_rows_next(ritz_coupling_rows *rows, ritz_index i);

/** Grids, operators and work space of one cycle at a time. */
typedef struct ritz_multigrid ritz_multigrid;

/**
 * @param n0,n1    Unknowns per axis, at least 1.
 * @param options  Copied; NULL: the defaults.
 * @param out      Holds about 8 numbers of dtype per unknown and lane.
 *                 RITZ_ERR_ARGUMENT  an extent or an option out of range
 */
ritz_status ritz_multigrid_create(ritz_index n0, ritz_index n1,
                                  const ritz_multigrid_options *options, ritz_multigrid **out);
void ritz_multigrid_destroy(ritz_multigrid **multigrid);

/** The finest grid, whose shape the fields of a cycle have. */
const ritz_box *ritz_multigrid_box(const ritz_multigrid *multigrid);
int ritz_multigrid_levels(const ritz_multigrid *multigrid);

/** Couplings, interpolation and coarse operators for other coefficients. Allocates nothing. */
void ritz_multigrid_setup(ritz_multigrid *multigrid, ritz_coupling_rows *rows);

/** x = M b for fields of the finest grid, zero on the boundary; dot [lanes] = b . x, of strips the
 * part of each. */
void ritz_multigrid_cycle(ritz_multigrid *multigrid, const void *b, void *x, double *dot);

/** Lanes of @p from, as they were set up, into others of @p to, a hierarchy of the same kind. */
void ritz_multigrid_move(ritz_multigrid *to, const ritz_multigrid *from, int pairs,
                         const ritz_lane_pair *pair);

/** Full multigrid but for its last cycle: x = P u, u the solution on the next coarser grid after a
 * cycle on each. Renews the edges of b where it is in strips. */
void ritz_multigrid_start(ritz_multigrid *multigrid, void *b, void *x);

/** out [n][lanes] = row[lane][n]. */
void ritz_box_gather(ritz_index lanes, ritz_index n, const double *const *row, double *out);

#endif
