/* SPDX-License-Identifier: BSD-3-Clause
 * Many vectors side by side, X [n][ld], m columns: products among them, panel by panel of rows in a
 * fixed order. Columns m ... ld - 1 are zero and stay so. */
#ifndef RITZ_SOLVERS_EIGEN_BLOCK_H
#define RITZ_SOLVERS_EIGEN_BLOCK_H

#include <ritz/status.h>

typedef struct ritz_block ritz_block;

ritz_status ritz_block_create(ritz_index n, ritz_index m, ritz_block **out);
void ritz_block_destroy(ritz_block **block);

/** @return  Distance of rows, of the vectors and of small matrices: m rounded up to 8. */
ritz_index ritz_block_ld(ritz_index m);

/** g [m][ld] = X^T Y.  2 n m^2 flops. */
void ritz_block_gram(const ritz_block *block, const double *x, const double *y, double *g);
/** X = X t, t [m][ld].  2 n m^2 flops. */
void ritz_block_multiply(ritz_block *block, double *x, const double *t);

/**
 * Orthonormal columns of the same span by Cholesky factors of the Gram matrix: once where the
 * columns are nearly orthogonal, twice else, with a shift first where they are nearly dependent
 * (shifted CholeskyQR3, Fukaya, Kannan, Nakatsukasa, Yamamoto & Yanagisawa 2020,
 * doi:10.1137/18M1218212).
 *
 * @param g,t  [m][ld] of scratch.
 * @return     false: a column is zero or not finite, or they stay dependent.
 */
bool ritz_block_orthonormalize(ritz_block *block, double *x, double *g, double *t);

#endif
