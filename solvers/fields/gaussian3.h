/* SPDX-License-Identifier: BSD-3-Clause
 * The Gaussian random field of gaussian.h in three dimensions, on the unit cube:
 *
 *   g(x) = sum over k = (i, j, l) != 0 of L_k c_i cos(pi i x) c_j cos(pi j y) c_l cos(pi l z),
 *   L_k = tau^(alpha - 3/2) (pi^2 |k|^2 + tau^2)^(-alpha / 2) xi_k,  c_0 = 1, else sqrt(2).
 *
 * The normals are numbered by shells m = max(i, j, l), from m^3 on: first those with i = m by (j,
 * l), then j = m by (i < m, l), then l = m by (i < m, j < m). So a sample is the same function on
 * every grid with the same modes, and gains detail with more. */
#ifndef RITZ_SOLVERS_FIELDS_GAUSSIAN3_H
#define RITZ_SOLVERS_FIELDS_GAUSSIAN3_H

#include <ritz/status.h>

typedef struct ritz_gaussian3_options {
  ritz_index nodes[3]; /* at least 2 per axis */
  ritz_index modes[3]; /* at least 1; may exceed the nodes */
  double alpha;        /* smoothness, at least 0; pointwise finite as modes grow above 3/2 */
  double tau;          /* inverse length, positive */
} ritz_gaussian3_options;

/** Cosines and amplitudes; unchanged after creation, so threads may share it. */
typedef struct ritz_gaussian3 ritz_gaussian3;

ritz_status ritz_gaussian3_create(const ritz_gaussian3_options *options, ritz_gaussian3 **out);
void ritz_gaussian3_destroy(ritz_gaussian3 **gaussian);

/** @return  Bytes of scratch ritz_gaussian3_sample() needs, 64-byte aligned. */
size_t ritz_gaussian3_scratch(const ritz_gaussian3 *gaussian);

/**
 * field [nodes0, nodes1, nodes2] = sample number @p sample of @p seed. Allocates nothing.
 *
 * Cost for n modes and nodes per axis: n^3 normals, 6 n^4 flops.
 */
void ritz_gaussian3_sample(const ritz_gaussian3 *gaussian, uint64_t seed, uint32_t sample,
                           double *field, void *scratch);

/** Whether options are in range. RITZ_ERR_ARGUMENT */
ritz_status ritz_gaussian3_check(const ritz_gaussian3_options *options);

/** out [end - first][modes1][modes2] = L_k / xi_k for i from @p first to @p end - 1. */
void ritz_gaussian3_amplitudes(const ritz_gaussian3_options *options, ritz_index first,
                               ritz_index end, double *out);

#endif
