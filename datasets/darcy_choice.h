/* SPDX-License-Identifier: BSD-3-Clause
 * Which solver the Darcy generator uses, from a model of iterations and costs: a function of the
 * options alone, so that a data set can be made again anywhere. */
#ifndef RITZ_DATASETS_DARCY_CHOICE_H
#define RITZ_DATASETS_DARCY_CHOICE_H

#include "solvers/multigrid/multigrid.h"

enum {
  ritz_darcy_samples = 8,                          /* side by side in multigrid */
  ritz_darcy_strips = 16,                          /* of one, at most */
  ritz_darcy_longest_run = 4 * ritz_darcy_samples, /* samples of a thread at once */
};

typedef enum ritz_darcy_solver {
  RITZ_DARCY_SOLVER_AUTO,
  RITZ_DARCY_MULTIGRID,
  RITZ_DARCY_CG
} ritz_darcy_solver;

typedef enum ritz_darcy_preconditioner {
  RITZ_DARCY_PRECONDITIONER_AUTO,
  RITZ_DARCY_POISSON,
  RITZ_DARCY_CYCLE, /* of multigrid */
  RITZ_DARCY_JACOBI,
  RITZ_DARCY_NONE
} ritz_darcy_preconditioner;

typedef enum ritz_darcy_cycles {
  RITZ_DARCY_CYCLES_AUTO,
  RITZ_DARCY_CYCLES_V,
  RITZ_DARCY_CYCLES_W
} ritz_darcy_cycles;

/* What SIMD lanes of multigrid hold in two dimensions. */
typedef enum ritz_darcy_lanes {
  RITZ_DARCY_LANES_AUTO,
  RITZ_DARCY_SAMPLES, /* one each */
  RITZ_DARCY_STRIPS   /* of one sample */
} ritz_darcy_lanes;

/* Coarse grids of multigrid in three dimensions. */
typedef enum ritz_darcy_transfer {
  RITZ_DARCY_TRANSFER_AUTO,
  RITZ_DARCY_TRILINEAR, /* seven points on every level */
  RITZ_DARCY_GALERKIN   /* operator-dependent, 27 points */
} ritz_darcy_transfer;

/* What the options ask for. */
typedef struct ritz_darcy_wish {
  ritz_darcy_solver solver;
  ritz_darcy_preconditioner preconditioner;
  ritz_darcy_cycles cycles;
  int sweeps; /* 0: open */
  ritz_darcy_lanes lanes;
  ritz_darcy_transfer transfer;
} ritz_darcy_wish;

typedef struct ritz_darcy_problem {
  int dim;         /* 2 or 3 */
  ritz_index n[3]; /* unknowns per axis */
  bool lognormal;
  double jump;      /* piecewise: ratio of the two values, at least 1 */
  double log_scale; /* lognormal */
  double alpha;     /* smoothness of the field */
} ritz_darcy_problem;

typedef struct ritz_darcy_choice {
  ritz_darcy_solver solver;                 /* never AUTO */
  ritz_darcy_preconditioner preconditioner; /* of CG; never AUTO */
  ritz_cycle cycle;                         /* of multigrid */
  int sweeps;                               /* of multigrid */
  bool strips;                              /* of multigrid as solver: lanes hold strips */
  bool galerkin;                            /* of multigrid in three dimensions */
  ritz_index run;                           /* samples of a thread at once */
  char text[256];                           /* what, and why */
} ritz_darcy_choice;

/**
 * Fills in what @p wish leaves open.
 *
 * Squares: V-cycles with two sweeps, but W-cycles where many coarser grids err at jumps of the
 * coefficient and steps would be more than ten: on 600 x 600 unknowns and more where it jumps by a
 * factor above 10, on 300 x 300 and more above 100, there with three sweeps from 600 x 600 on. Up
 * to a ratio of 100 they save steps, not time. Lanes hold strips of one sample from 200 x 200
 * unknowns on where rows have at least 128.
 *
 * Cubes: trilinear transfer, V-cycles with two sweeps, but W-cycles, which save a step, where the
 * coefficient is lognormal with alpha >= 2 and log_scale <= 3. Where it jumps by a factor above 100
 * coarse grids have Galerkin operators; if trilinear transfer is asked for, there are three sweeps.
 *
 * Above a ratio of 100 some samples take twice the steps of others: runs are longer than the lanes
 * then, and slow samples of several groups go on together, where that takes at most 64 MiB.
 */
void ritz_darcy_choose(const ritz_darcy_problem *problem, const ritz_darcy_wish *wish,
                       ritz_darcy_choice *out);

#endif
