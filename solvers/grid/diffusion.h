/* SPDX-License-Identifier: BSD-3-Clause
 * The five-point scheme of -div(a grad u) on a rectangle, Dirichlet zero, coefficient at the nodes.
 *
 * Vectors hold all nodes [n0, n1], boundary included: there the operator gives zero, so a residual,
 * a direction and a solution that start at zero on the boundary stay there, and a solution needs no
 * copying. Rows are multiplied by h0 h1, which keeps the operator symmetric:
 *
 *   (A u)_ij = h1/h0 sum over the two faces along axis 0 of a_face (u_ij - u_neighbour)
 *            + h0/h1 the same along axis 1  =  h0 h1 f_ij. */
#ifndef RITZ_SOLVERS_GRID_DIFFUSION_H
#define RITZ_SOLVERS_GRID_DIFFUSION_H

#include <ritz/split_solve.h> /* ritz_face_mean */

typedef struct ritz_diffusion ritz_diffusion;

/**
 * @param n0,n1  Nodes per axis, boundary included, at least 3.
 * @param h0,h1  Distance between nodes, positive.
 */
ritz_status ritz_diffusion_create(ritz_index n0, ritz_index n1, double h0, double h1,
                                  ritz_diffusion **out);
void ritz_diffusion_destroy(ritz_diffusion **diffusion);

/** Takes over a [n0, n1], positive. Allocates nothing. */
void ritz_diffusion_set(ritz_diffusion *diffusion, const double *a, ritz_face_mean mean);

/** y = A x for a @p diffusion, [n0, n1]. */
void ritz_diffusion_apply(void *diffusion, const double *x, double *y);

/** diagonal [n0, n1] of A; 1 on the boundary. */
void ritz_diffusion_diagonal(const ritz_diffusion *diffusion, double *diagonal);

#endif
