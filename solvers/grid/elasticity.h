/* SPDX-License-Identifier: BSD-3-Clause
 * Plane linear elasticity on a rectangle of nodes,
 *
 *   -div sigma = f,   sigma = E (lambda tr(eps) 1 + 2 mu eps),   eps = (grad u + grad u^T) / 2,
 *
 * by bilinear elements (Q1; Ciarlet 1978, The Finite Element Method for Elliptic Problems). E is
 * Young's modulus, bilinear between its values at the nodes and integrated exactly; lambda and mu
 * are those of E = 1 and Poisson's ratio nu:
 *
 *   mu = 1 / (2 (1 + nu)),   lambda = nu / ((1 + nu) (1 - 2 nu)) in plane strain,
 *                            lambda = nu / (1 - nu^2)            in plane stress.
 *
 * Unknowns are the displacements along both axes of a node, one after the other, nodes in their
 * order. The matrix is symmetric, and positive definite where given nodes hold the body. */
#ifndef RITZ_SOLVERS_GRID_ELASTICITY_H
#define RITZ_SOLVERS_GRID_ELASTICITY_H

#include <ritz/sparse.h>

/** What is constant across the plane; in the order of the option's names. */
typedef enum ritz_plane { RITZ_PLANE_STRAIN, RITZ_PLANE_STRESS } ritz_plane;

typedef struct ritz_elasticity_options {
  ritz_index nodes[2]; /* at least 2 per axis */
  double h[2];         /* distance of nodes, positive */
  const uint8_t *kind; /* [nodes], RITZ_GRID_UNKNOWN or RITZ_GRID_PRESCRIBED; read once */
  ritz_plane plane;
  double poisson_ratio; /* above -1 and below 0.5 */
} ritz_elasticity_options;

/** Pattern and cell matrices; unchanged after creation, so threads may share it. */
typedef struct ritz_elasticity ritz_elasticity;

/** RITZ_ERR_ARGUMENT  an option out of range */
ritz_status ritz_elasticity_create(const ritz_elasticity_options *options, ritz_elasticity **out);
void ritz_elasticity_destroy(ritz_elasticity **elasticity);

/** The matrix's pattern, of zeros; and the node [unknowns][2] of each unknown. */
const ritz_sparse *ritz_elasticity_pattern(const ritz_elasticity *elasticity);
const int32_t *ritz_elasticity_places(const ritz_elasticity *elasticity);

/**
 * The matrix for a modulus. Allocates nothing.
 *
 * @param modulus  [nodes], positive.
 * @param given    [nodes, 2] displacements of the prescribed nodes; NULL: zeros.
 * @param values   [entries] of the pattern, out.
 * @param b        [unknowns]: the prescribed nodes' columns times @p given are taken off it.
 *
 * Cost: 512 flops a cell and its 64 additions to the matrix.
 */
void ritz_elasticity_fill(const ritz_elasticity *elasticity, const double *modulus,
                          const double *given, double *values, double *b);

/** field [nodes, 2]: u [unknowns] at its nodes; the prescribed ones keep what they have. */
void ritz_elasticity_scatter(const ritz_elasticity *elasticity, const double *u, double *field);

#endif
