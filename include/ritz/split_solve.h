/* SPDX-License-Identifier: BSD-3-Clause
 * One large system -div(a grad u) = f over all ranks: operator, multigrid and conjugate gradients
 * for a grid that no rank has whole, as a simulation with a layout of its own wants them. All
 * functions but the queries are collective: every rank calls them alike.
 *
 * Vectors are this rank's part of all nodes, boundary included, row by row in double. There the
 * operator gives zero, so that a right-hand side, a direction and a solution which are zero on the
 * boundary (Dirichlet) stay so. Rows of the matrix are multiplied by the volume of a cell, which
 * keeps it symmetric: in three dimensions
 *
 *   (A u)_p = sum over both faces on each axis of (area / distance) a_face (u_p - u_beyond)
 *           = h0 h1 h2 f_p,
 *
 * in two dimensions the same with h0 h1. Operator and cycle give any number their bits whatever the
 * cut; so does ritz_split_diffusion_solve(), which adds up sums plane by plane. */
#ifndef RITZ_SPLIT_SOLVE_H
#define RITZ_SPLIT_SOLVE_H

#include <ritz/krylov.h>
#include <ritz/layout.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Coefficient on the face between two nodes: (a + b) / 2, or 2 a b / (a + b). */
typedef enum ritz_face_mean { RITZ_FACE_ARITHMETIC, RITZ_FACE_HARMONIC } ritz_face_mean;

/** How a multigrid cycle visits coarse grids: each once; each twice as often as the next finer one;
 * each by an F cycle, then by a V cycle, which is not symmetric. */
typedef enum ritz_cycle { RITZ_CYCLE_V, RITZ_CYCLE_W, RITZ_CYCLE_F } ritz_cycle;

typedef struct ritz_split_options {
  ritz_cycle cycle;   /**< V or W. Default RITZ_CYCLE_V */
  int sweeps;         /**< Of the smoother on either way, 1 ... 8. Default 2 */
  ritz_dtype dtype;   /**< Of the cycle. Default RITZ_FLOAT32: half the time of double */
  double tolerance;   /**< Of a solve, on the true ||b - A x|| / ||b||. Default 1e-8 */
  int max_iterations; /**< Of a solve. Default 200 */
  uint64_t reserved[RITZ_RESERVED]; /**< Zeros: room for fields to come. */
} ritz_split_options;

/** Fills @p options with the defaults stated at its fields. */
RITZ_API void ritz_split_options_defaults(ritz_split_options *options);

typedef struct ritz_split_diffusion ritz_split_diffusion;

/**
 * @param layout   Of all nodes, in two or three dimensions, at least 3 along each axis, in slabs:
 *                 axis 0 is cut, at any offsets, the others are not. Kept.
 * @param h        [dim] distance between nodes, positive. Copied.
 * @param options  Copied; NULL: the defaults.
 * @param out      In float: holds some 63 bytes per node of this rank, and where slabs have fewer
 *                 than 2 sweeps + 2 planes, 27 per node of the first grid that has such slabs. NULL
 *                 on failure, on all ranks alike.
 *                 RITZ_ERR_ARGUMENT  one of them out of range; pencils and blocks
 */
RITZ_API ritz_status ritz_split_diffusion_create(ritz_layout *layout, const double *h,
                                                 const ritz_split_options *options,
                                                 ritz_split_diffusion **out);
/** Not collective; accepts NULL and clears the pointer. */
RITZ_API void ritz_split_diffusion_destroy(ritz_split_diffusion **solver);

/**
 * Takes over the coefficient at this rank's nodes and makes the coarse grids. Allocates nothing.
 *
 * Cost: that of a few cycles; a plane of @p a and, for each level, the planes of ghosts of its
 * couplings travel to each neighbour.
 *
 * @return  RITZ_ERR_NUMERIC  one is not a positive number, on all ranks alike; before the next call
 *          that succeeds nothing else may be called
 *          RITZ_ERR_COMMUNICATION
 */
RITZ_API ritz_status ritz_split_diffusion_set(ritz_split_diffusion *solver, const double *a,
                                              ritz_face_mean mean);

/** y = A x, a ritz_krylov_map whose user is the solver; the planes between slabs travel while those
 * that see none of them are computed. Cost: 24 bytes of memory a node; a plane to each neighbour.
 * @return  Not 0 where communication failed. */
RITZ_API int ritz_split_diffusion_apply(void *solver, const void *x, void *y);

/** z = M r, a ritz_krylov_map: one cycle of geometric multigrid, with red-black Gauss-Seidel and
 * trilinear transfer (Trottenberg, Oosterlee & Schueller 2001), symmetric and, with V cycles,
 * positive. It is as good as constant where the coefficient jumps by up to about 100. r is scaled
 * to unit length on the way, so that a cycle in float neither over- nor underflows. Cost with s
 * sweeps, in float: some 90 bytes of memory a node; on each level 4 s + 1 planes of it and s + 1 of
 * the next to each neighbour. @return  Not 0 where communication failed. */
RITZ_API int ritz_split_diffusion_cycle(void *solver, const void *r, void *z);

/** A ritz_krylov_sum whose user is a ritz_layout: over its ranks, in their order. Cost: a rank
 * sends about 2 count numbers. @return  Not 0 where communication failed. */
RITZ_API int ritz_split_sum(void *layout, double *values, int count);

/**
 * Solves A x = b from zero by conjugate gradients with the cycle as preconditioner. Allocates
 * nothing. Not converging is a reason in the report, not a failure; the report is the same on all
 * ranks. Cost of a step: a product, a cycle, and three sums of a number for each plane.
 *
 * @param b  This rank's nodes; the boundary counts as zero.
 * @param x  The solution, zero on the boundary.
 *           RITZ_ERR_COMMUNICATION
 */
RITZ_API ritz_status ritz_split_diffusion_solve(ritz_split_diffusion *solver, const double *b,
                                                double *x, ritz_solve_report *report);

typedef struct ritz_split_poisson ritz_split_poisson;

/**
 * A direct solver for -Laplace u + sigma u = f on the same nodes: sines diagonalise axes 1 and 2,
 * and of the tridiagonal system that is left for each mode every rank eliminates its own planes
 * (substructuring, Wang 1981, doi:10.1145/355945.355947), which leaves two unknowns a rank.
 *
 * @param layout  As above; kept.
 * @param h       As above.
 * @param sigma   At least 0.
 * @param out     Holds 16 bytes per node of this rank and some planes. NULL on failure, on all
 *                ranks alike.
 *                RITZ_ERR_ARGUMENT  one of them out of range; pencils and blocks
 */
RITZ_API ritz_status ritz_split_poisson_create(ritz_layout *layout, const double *h, double sigma,
                                               ritz_split_poisson **out);
/** Not collective; accepts NULL and clears the pointer. */
RITZ_API void ritz_split_poisson_destroy(ritz_split_poisson **poisson);

/**
 * x = A^-1 b, a ritz_krylov_map whose user is the solver: the operator above for a = 1, to which
 * sigma adds h0 h1 h2 sigma u. The boundary of b counts as zero. Good as preconditioner of
 * coefficients that vary little.
 *
 * Cost for N nodes along each axis: 4 N flops a node. The grid never travels: of M modes of a
 * plane, about N^2, a rank sends 2 M (P - 1) / P numbers twice.
 *
 * @return  Not 0 where communication failed.
 */
RITZ_API int ritz_split_poisson_solve(void *poisson, const void *b, void *x);

#ifdef __cplusplus
}
#endif
#endif
