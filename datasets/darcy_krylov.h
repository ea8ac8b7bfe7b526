/* SPDX-License-Identifier: BSD-3-Clause
 * One Darcy sample at a time by conjugate gradients in double and a preconditioner. */
#ifndef RITZ_DATASETS_DARCY_KRYLOV_H
#define RITZ_DATASETS_DARCY_KRYLOV_H

#include <ritz/solve.h>
#include <ritz/status.h>

#include "datasets/darcy_choice.h"
#include "solvers/grid/diffusion.h"
#include "solvers/multigrid/multigrid.h"
#include "solvers/precond/fast_poisson.h"

typedef struct ritz_darcy_krylov_options {
  ritz_index n0, n1; /* nodes */
  ritz_darcy_preconditioner preconditioner;
  const ritz_fast_poisson *poisson; /* of POISSON; borrowed */
  bool symmetric;                   /* POISSON: scaled by the diagonal on both sides */
  ritz_cycle cycle;                 /* of CYCLE; V or W */
  int sweeps;                       /* of CYCLE */
  ritz_face_mean mean;
  double tolerance;
  int max_iterations;
} ritz_darcy_krylov_options;

/** Work space of one thread. */
typedef struct ritz_darcy_krylov ritz_darcy_krylov;

ritz_status ritz_darcy_krylov_create(const ritz_darcy_krylov_options *options,
                                     ritz_darcy_krylov **out);
void ritz_darcy_krylov_destroy(ritz_darcy_krylov **krylov);

/** Coefficient a, right-hand side b = h0 h1 f (0 on the boundary) and solution u, all [n0, n1].
 * Allocates nothing. */
void ritz_darcy_krylov_solve(ritz_darcy_krylov *krylov, const double *a, const double *b, double *u,
                             ritz_solve_report *report);

#endif
