/* SPDX-License-Identifier: BSD-3-Clause
 * Direct solver for the five-point Laplacian on a rectangle, as preconditioner of
 * variable-coefficient problems: c0 D0 + c1 D1 + shift with D = tridiag(-1, 2, -1), its corners by
 * the boundary.
 *
 * Sines, cosines or both diagonalise D, so x = S1 ((S0 r S1) / (c0 lambda0 + c1 lambda1 + shift))
 * S0 up to a factor (Lynch, Rice & Thomas 1964, doi:10.1007/BF01386067). The transforms are matrix
 * products, which keep their speed at any size where the FFT loses it (n + 1 with a large prime
 * factor); mirror symmetry of the vectors halves their flops. */
#ifndef RITZ_SOLVERS_PRECOND_FAST_POISSON_H
#define RITZ_SOLVERS_PRECOND_FAST_POISSON_H

#include <ritz/status.h>

/** What stands beyond the ends of an axis. */
typedef enum ritz_ends {
  RITZ_ENDS_DIRICHLET, /* zero one step beyond: sines */
  RITZ_ENDS_NEUMANN,   /* no flux half a step beyond, the corners of D are 1: cosines */
  RITZ_ENDS_PERIODIC   /* the other end: both, about the middle of the grid */
} ritz_ends;

typedef struct ritz_fast_poisson_problem {
  ritz_index n[2]; /* unknowns per axis, at least 1 */
  double c[2];     /* weights of the axes, positive; 1, 1 for -h^2 Laplace on squares of side h */
  double shift; /* any; where it makes an eigenvalue zero, its part of the solution is left out */
  ritz_ends ends[2];
} ritz_fast_poisson_problem;

/** Matrices and eigenvalues; unchanged by solving, so threads may share it. */
typedef struct ritz_fast_poisson ritz_fast_poisson;

/**
 * @param dtype  Format of the transforms. In RITZ_FLOAT32 the solution has about six digits, at
 *               half the time: enough for a preconditioner.
 * @param out    Holds n0^2 + n1^2 + n0 n1 numbers of dtype.
 *               RITZ_ERR_ARGUMENT  an extent or a weight out of range
 */
ritz_status ritz_fast_poisson_plan(ritz_dtype dtype, const ritz_fast_poisson_problem *problem,
                                   ritz_fast_poisson **out);
/** Takes over other weights and another shift; transforms stay. Allocates nothing.
 * RITZ_ERR_ARGUMENT  other extents or ends, a weight out of range */
ritz_status ritz_fast_poisson_set(ritz_fast_poisson *poisson,
                                  const ritz_fast_poisson_problem *problem);
/** The same as planning for Dirichlet ends without a shift. */
ritz_status ritz_fast_poisson_create(ritz_dtype dtype, ritz_index n0, ritz_index n1, double c0,
                                     double c1, ritz_fast_poisson **out);
void ritz_fast_poisson_destroy(ritz_fast_poisson **poisson);

/** @return  Bytes of scratch a run needs, 64-byte aligned: 5/4 of the unknowns in dtype. */
size_t ritz_fast_poisson_scratch(const ritz_fast_poisson *poisson);

/**
 * Solves for x [n0, n1] with right-hand side r [n0, n1]; rows are ldr and ldx numbers apart. x may
 * be r. Allocates nothing.
 *
 * Cost: 2 n0 n1 (n0 + n1) flops.
 */
void ritz_fast_poisson_solve(const ritz_fast_poisson *poisson, const double *r, ritz_index ldr,
                             double *x, ritz_index ldx, void *scratch);

/* -- Its steps, for planes of a box -------------------------------------------------------------
 */

/** Numbers that the modes of both axes take, padding included. */
ritz_index ritz_fast_poisson_modes(const ritz_fast_poisson *poisson);

/** sum [modes] = c0 lambda0 + c1 lambda1 + shift, 1 in the padding; inverse [modes] what modes are
 * to be multiplied by between forward and backward, 0 in the padding. */
void ritz_fast_poisson_eigenvalues(const ritz_fast_poisson *poisson,
                                   const ritz_fast_poisson_problem *problem, double *sum,
                                   double *inverse);

/** modes [modes], numbers of dtype, of r [n0, n1]. @param scratch  As ritz_fast_poisson_scratch().
 * Cost: n0 n1 (n0 + n1) flops, as backward. */
void ritz_fast_poisson_forward(const ritz_fast_poisson *poisson, const double *r, ritz_index ldr,
                               void *modes, void *scratch);
/** x from @p modes, which are overwritten. */
void ritz_fast_poisson_backward(const ritz_fast_poisson *poisson, void *modes, double *x,
                                ritz_index ldx, void *scratch);

#endif
