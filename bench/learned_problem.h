/* SPDX-License-Identifier: BSD-3-Clause
 * Systems that a learned preconditioner was not trained on: -div(a grad u) = f on the unit square,
 * u = 0 on its boundary, five points, a = 1 or two-valued as in the generator darcy. */
#ifndef RITZ_BENCH_LEARNED_PROBLEM_H
#define RITZ_BENCH_LEARNED_PROBLEM_H

#include <ritz/generator.h>
#include <ritz/sparse.h>

#include "solvers/multigrid/map.h"

typedef enum learned_source {
  LEARNED_NOISE,    /* white */
  LEARNED_CONSTANT, /* 1 */
  LEARNED_POINT,    /* one node at a random place */
  learned_sources
} learned_source;

typedef struct learned_problem {
  int nodes; /* per axis, boundary included */
  ritz_index unknowns;
  ritz_generator *media; /* NULL: a = 1 */
  double *a, *u;         /* [nodes^2] coefficient; the generator's solution */
  double *b;             /* [unknowns] */
  uint8_t *kind;
  ritz_sparse_grid grid;
  ritz_sparse *matrix;
  /* A multigrid cycle for it, and vectors over all nodes. */
  ritz_multigrid_map *cycle;
  double *r, *z;
} learned_problem;

/** Release with learned_problem_clear(), also after a failure. */
ritz_status learned_problem_create(ritz_context *context, int nodes, bool darcy,
                                   learned_problem *p);
void learned_problem_clear(learned_problem *p);

/** Coefficient, matrix and right-hand side of system @p number. */
ritz_status learned_problem_set(learned_problem *p, learned_source source, uint32_t number);

/** z = M r, the cycle once ritz_multigrid_map_set() has been called; a ritz_krylov_map. */
int learned_problem_cycle(void *problem, const void *r, void *z);

#endif
