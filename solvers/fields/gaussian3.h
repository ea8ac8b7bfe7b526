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

#include "kernels/gemm.h"

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

/** What sums a field, or the part of it that a rank makes (solvers/split/gaussian.h). */
typedef struct ritz_gaussian3_series {
  double *amplitude;    /* [modes of axis 0][modes1][modes2]: L_k / xi_k */
  double *cosine[3];    /* axes 0 and 1: [node][mode]; axis 2: [mode][node] */
  ritz_gemm product[3]; /* coefficients times cosine[2]; cosine[1] and cosine[0] times those */
} ritz_gaussian3_series;

/**
 * @param first, count  Modes of axis 0 whose amplitudes are wanted.
 * @param rows          Nodes of axis 1 that lie side by side when axis 0 is summed.
 * @param series        Release with ritz_gaussian3_series_clear(), also after a failure.
 *                      RITZ_ERR_ARGUMENT  an option out of range
 */
ritz_status ritz_gaussian3_series_init(const ritz_gaussian3_options *options, ritz_index first,
                                       ritz_index count, ritz_index rows,
                                       ritz_gaussian3_series *series);
void ritz_gaussian3_series_clear(ritz_gaussian3_series *series);

#endif
