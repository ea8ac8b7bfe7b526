/* SPDX-License-Identifier: BSD-3-Clause
 * A batch of five- or seven-point diffusion systems A u = b in lanes, and what conjugate gradients
 * ask of them: residual, preconditioner, product, step. In two dimensions and in three.
 *
 * Numbers of a lane are arrays [lanes]. x is in double; r, z, p and q in the format of the cycle.
 */
#ifndef RITZ_DIFFUSION_SYSTEM_H
#define RITZ_DIFFUSION_SYSTEM_H

#include "solvers/multigrid/cuboid.h"
#include "solvers/multigrid/diffusion_batch.h"

typedef struct ritz_diffusion_system {
  ritz_multigrid_options options;
  const ritz_solver_kernels *kernels;
  int dim;
  ritz_index n[3];   /* nodes */
  ritz_index size;   /* of all of them */
  ritz_index length; /* numbers of a field in the hierarchy's shape */
  /* Two dimensions */
  ritz_multigrid *multigrid;
  const ritz_box *box;
  ritz_coupling_rows rows;
  bool strips; /* one sample in all lanes of the box */
  /* Three */
  ritz_cuboid_multigrid *cuboid_multigrid;
  const ritz_cuboid *cuboid;
  ritz_cuboid_rows cuboid_rows;

  int count; /* of fields in the hierarchy's shape */
  void *fields;
  void *r, *z, *p, *q;  /* at the first corner of the boundary */
  double *iterates, *x; /* the block of x, NULL without steps; its first corner */
  double *buffers;      /* rows of the couplings, and f */
  double *f;
} ritz_diffusion_system;

/**
 * @param steps   Whether it is to be solved; else it has no x, p and q and is for
 *                ritz_diffusion_precondition() alone.
 * @param system  Release with ritz_diffusion_system_clear(), also after a failure.
 *                RITZ_ERR_ARGUMENT  dimensions, nodes, distances or an option out of range
 */
ritz_status ritz_diffusion_system_init(int dim, const ritz_index *n, const double *h,
                                       const ritz_multigrid_options *options, bool steps,
                                       ritz_diffusion_system *system);
void ritz_diffusion_system_clear(ritz_diffusion_system *system);

/** Other coefficients, one array of all nodes per lane; they and the list stay the caller's. */
void ritz_diffusion_coefficients(ritz_diffusion_system *system, const double *const *a,
                                 ritz_face_mean mean);

/** The same, and the hierarchy for them. */
void ritz_diffusion_setup(ritz_diffusion_system *system, const double *const *a,
                          ritz_face_mean mean);

/** x = 0 and all that may have been left by earlier systems. */
void ritz_diffusion_zero(ritz_diffusion_system *system);

/** The norm of a right-hand side at the unknowns. */
double ritz_diffusion_norm(const ritz_diffusion_system *system, const double *b);

/** r = scale (b - A x), rr = |b - A x|^2, with couplings made anew in double. */
void ritz_diffusion_residual(ritz_diffusion_system *system, const double *const *b,
                             const double *scale, double *rr);

/** z = M r, rz = r . z. */
void ritz_diffusion_cycle(ritz_diffusion_system *system, double *rz);

/** z = M r for vectors over all nodes, zero on the boundary, of a system with one lane. r is scaled
 * to unit length on the way, so that a cycle in float neither over- nor underflows. */
void ritz_diffusion_precondition(ritz_diffusion_system *system, const double *r, double *z);

/** z = a first guess at A^-1 r from coarser grids. */
void ritz_diffusion_start(ritz_diffusion_system *system);

/** p = z + beta p, q = A p, pq = p . q. */
void ritz_diffusion_direction(ritz_diffusion_system *system, const double *beta, double *pq);

/** x += alpha size p, r -= alpha q, rr = |r|^2. */
void ritz_diffusion_step(ritz_diffusion_system *system, const double *alpha, const double *size,
                         double *rr);

/** x of the lanes whose @p u is not NULL, at all nodes; boundaries are zero. */
void ritz_diffusion_take(const ritz_diffusion_system *system, double *const *u);

/** Hierarchy, x, r and p of lanes of @p from into others of @p to, a system of the same kind. */
void ritz_diffusion_move(ritz_diffusion_system *to, const ritz_diffusion_system *from, int pairs,
                         const ritz_lane_pair *pair);

#endif
