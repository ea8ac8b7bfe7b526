/* SPDX-License-Identifier: BSD-3-Clause
 * The sequence of diffusion problems that the published iteration counts belong to: n x n unknowns
 * of the unit square, Dirichlet boundary, arithmetic means on the faces, right-hand side h^2, and
 *   K_s = exp(0.8 sum over p, q = 1 ... 4 of sin(s (0.031 p + 0.047 q) + 1.7 p - 0.9 q)
 *                                            cos(p pi x) cos(q pi y) / sqrt(p^2 + q^2)). */
#ifndef RITZ_BENCH_KRYLOV_PROBLEM_H
#define RITZ_BENCH_KRYLOV_PROBLEM_H

#include <ritz/sparse.h>

typedef struct krylov_problem {
  int n, systems;
  double *b, *x; /* [n][n] */
  ritz_sparse *matrix;
  double *values; /* [systems][entries of the matrix] */
} krylov_problem;

/** Assembles all systems. Release with krylov_problem_clear(), also after a failure. */
ritz_status krylov_problem_create(int n, int systems, krylov_problem *p);
void krylov_problem_clear(krylov_problem *p);
/** The matrix becomes that of system s. */
void krylov_problem_set(krylov_problem *p, int s);

#endif
