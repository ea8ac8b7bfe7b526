/* SPDX-License-Identifier: BSD-3-Clause
 * Gaussian random field on the unit square with covariance tau^(2 alpha - 2) (-Laplace +
 * tau^2)^(-alpha), Neumann boundary, mean zero (Li et al. 2021, arXiv:2010.08895, appendix A.3.2):
 *
 *   g(x, y) = sum over (i, j) != (0, 0) of L_ij c_i cos(pi i x) c_j cos(pi j y),  c_0 = 1, else
 * sqrt(2), L_ij = tau^(alpha - 1) (pi^2 (i^2 + j^2) + tau^2)^(-alpha / 2) xi_ij,
 *
 * with independent standard normals xi, evaluated at the nodes x_k = k / (n - 1).
 *
 * xi_ij is number m^2 + j (for i = m) or m^2 + m + 1 + i (for j = m > i) of its sample's stream, m
 * = max(i, j): a numbering by shells that knows no grid. Sample s is therefore the same function on
 * every grid with the same modes, and with more modes it gains detail without changing what it had.
 */
#ifndef RITZ_SOLVERS_FIELDS_GAUSSIAN_H
#define RITZ_SOLVERS_FIELDS_GAUSSIAN_H

#include <ritz/status.h>

typedef struct ritz_gaussian_options {
  ritz_index nodes[2]; /* at least 2 per axis */
  ritz_index modes[2]; /* i < modes[0], j < modes[1]; at least 1; may exceed the nodes */
  double alpha;        /* smoothness, at least 0; pointwise finite as modes grow above 1 */
  double tau;          /* inverse length, positive */
} ritz_gaussian_options;

/** Cosines and amplitudes; unchanged after creation, so threads may share it. */
typedef struct ritz_gaussian ritz_gaussian;

ritz_status ritz_gaussian_create(const ritz_gaussian_options *options, ritz_gaussian **out);
void ritz_gaussian_destroy(ritz_gaussian **gaussian);

/** @return  Bytes of scratch ritz_gaussian_sample() needs, 64-byte aligned. */
size_t ritz_gaussian_scratch(const ritz_gaussian *gaussian);

/**
 * field [nodes0, nodes1] = sample number @p sample of @p seed. Allocates nothing.
 *
 * Cost: modes0 modes1 normals (about 20 ns each) and modes0 nodes1 (modes1 + nodes0) flops.
 */
void ritz_gaussian_sample(const ritz_gaussian *gaussian, uint64_t seed, uint32_t sample,
                          double *field, void *scratch);

#endif
