/* SPDX-License-Identifier: BSD-3-Clause
 * The inside of ritz_split_diffusion, <ritz/split_solve.h>. */
#ifndef RITZ_SOLVERS_SPLIT_DIFFUSION_H
#define RITZ_SOLVERS_SPLIT_DIFFUSION_H

#include <ritz/split_solve.h>

#include "kernels/kernels.h"
#include "solvers/split/hierarchy.h"

struct ritz_split_diffusion {
  ritz_layout *layout;
  ritz_split_options options;
  const ritz_kernels *kernels;         /* of double */
  const ritz_solver_kernels *products; /* of double */
  ritz_slabs nodes;
  ritz_ghosts ghosts;
  ritz_index n[3], plane; /* nodes of the grid, of a flat one n[1] = 1; of a plane */
  double c[3];            /* area of a face over the distance across it */
  ritz_face_mean mean;
  double *a;                     /* this rank's planes, and one on either side */
  double *before, *after, *side; /* planes of a vector beside the own ones; a row */
  double *r, *p, *q;             /* of conjugate gradients */
  double *sums;                  /* a number of each plane */
  ritz_split_hierarchy multigrid;
};

/** Nodes of this rank. */
static inline ritz_index ritz_split_count(const ritz_split_diffusion *s) {
  return (ritz_slabs_end(&s->nodes) - ritz_slabs_first(&s->nodes)) * s->plane;
}

/** *out = x . y, the same bits for any cut. */
ritz_status ritz_split_dot(ritz_split_diffusion *s, const double *x, const double *y, double *out);
/** z = M r, r divided by @p length on the way, and z multiplied. */
ritz_status ritz_split_precondition(ritz_split_diffusion *s, double length, const double *r,
                                    double *z);
/** y = A x. */
ritz_status ritz_split_product(ritz_split_diffusion *s, const double *x, double *y);

#endif
