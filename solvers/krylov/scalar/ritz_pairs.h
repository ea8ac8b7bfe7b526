/* SPDX-License-Identifier: BSD-3-Clause
 * Harmonic Ritz vectors: the small eigenproblem of a Krylov cycle. */
#ifndef RITZ_SOLVERS_KRYLOV_RITZ_PAIRS_H
#define RITZ_SOLVERS_KRYLOV_RITZ_PAIRS_H

#include "solvers/krylov/scalar/scalar.h"

#define ritz_pairs_create    RITZ_SCALAR_NAME(pairs_create)
#define ritz_pairs_destroy   RITZ_SCALAR_NAME(pairs_destroy)
#define ritz_pairs_harmonic  RITZ_SCALAR_NAME(pairs_harmonic)
#define ritz_pairs_choose    RITZ_SCALAR_NAME(pairs_choose)
#define ritz_pairs_condition RITZ_SCALAR_NAME(pairs_condition)
#define ritz_pairs_products  RITZ_SCALAR_NAME(pairs_products)

/** Matrices of a problem with up to @p rows rows. */
typedef struct ritz_pairs ritz_pairs;
ritz_status ritz_pairs_create(int rows, ritz_pairs **out);
void ritz_pairs_destroy(ritz_pairs **pairs);

/**
 * A relation A X = W G with W orthonormal gives the harmonic Ritz pairs of A over X by
 * G* G z = theta G* S z, S = W* X. With G = Q R that is R^{-1} Q* S z = z / theta: no squared
 * condition number, and a standard eigenproblem. Takes the @p k of least |theta|; a complex pair of
 * a real problem comes as two real vectors and is never split, so there may be k - 1.
 *
 * @param q  Columns of G and S, both [q][rows] by columns; at most as many as rows.
 * @param p  Out: [k][q]: X p are the directions.
 * @return   Their number; 0 if G is singular or the eigenproblem fails.
 */
int ritz_pairs_harmonic(ritz_pairs *pairs, int q, int rows, const wide *g, const wide *s, int k,
                        wide *p);

/** Another basis p [k][q] of the same space, the identity in its rows @p chosen [k]: those that
 * elimination with pivots takes, so that the others stay small. @return  false: p is singular. */
bool ritz_pairs_choose(ritz_pairs *pairs, int q, int k, wide *p, int *chosen);

/** Of a [n][n] in the Frobenius norm, n at best; INFINITY: it is singular. */
double ritz_pairs_condition(ritz_pairs *pairs, int n, const wide *a);

/** The products G p = c f: c [k][rows] orthonormal, f [k][k] an upper triangle. @return  false:
 * they are dependent. */
bool ritz_pairs_products(ritz_pairs *pairs, int q, int rows, const wide *g, int k, const wide *p,
                         wide *c, wide *f);

#endif
