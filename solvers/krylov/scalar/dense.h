/* SPDX-License-Identifier: BSD-3-Clause
 * Small Hermitian problems, by columns. */
#ifndef RITZ_SOLVERS_KRYLOV_DENSE_H
#define RITZ_SOLVERS_KRYLOV_DENSE_H

#include "solvers/krylov/scalar/scalar.h"

#define ritz_dense_cholesky       RITZ_SCALAR_NAME(dense_cholesky)
#define ritz_dense_cholesky_solve RITZ_SCALAR_NAME(dense_cholesky_solve)
#define ritz_dense_orthonormal    RITZ_SCALAR_NAME(dense_orthonormal)
#define ritz_dense_multiply_upper RITZ_SCALAR_NAME(dense_multiply_upper)
#define ritz_dense_solve_upper    RITZ_SCALAR_NAME(dense_solve_upper)
#define ritz_dense_least          RITZ_SCALAR_NAME(dense_least)
#define ritz_dense_identity       RITZ_SCALAR_NAME(dense_identity)
#define ritz_dense_part           RITZ_SCALAR_NAME(dense_part)
#define ritz_dense_scratch        RITZ_SCALAR_NAME(dense_scratch)

/** a [n][n] becomes its Cholesky factor. @return  false: not positive definite. */
bool ritz_dense_cholesky(int n, wide *a);
/** x = A^-1 x with the factor. */
void ritz_dense_cholesky_solve(int n, const wide *factor, wide *x);

/** From gram [n][n] = C* C the upper triangle t [n][n] that makes C t orthonormal, in its place:
 * Cholesky QR. @param factor  Out: the inverse of t, [n][n]; may be NULL. @param condition  Of C in
 * the Frobenius norm, n at best: C t is orthonormal up to EPSILON condition^2. @return  false:
 * columns so close to dependent that t has no digits. */
bool ritz_dense_orthonormal(int n, wide *gram, wide *factor, double *condition);

/** a = a t of upper triangles [n][n]. */
void ritz_dense_multiply_upper(int n, wide *a, const wide *t);

/** x = a^-1 x with an upper triangle a [n][n]. */
void ritz_dense_solve_upper(int n, const wide *a, wide *x);

/** a [n][n] becomes the identity. */
void ritz_dense_identity(int n, wide *a);

/** What x has of C = c unit with orthonormal columns, from x [n] = c* x: @p part [n] = unit* x, and
 * x becomes unit part, its combination of c. @return  The square of the length of `part`. */
double ritz_dense_part(int n, const wide *unit, wide *x, wide *part);

/** Numbers of scratch for ritz_dense_least. */
ritz_index ritz_dense_scratch(int n);
/**
 * The @p k eigenvectors of least theta of a y = theta b y, b positive definite; both are
 * overwritten.
 *
 * @param y  Out: [k][n].
 * @return   min(k, n), or 0 if the problem cannot be solved.
 */
int ritz_dense_least(int n, wide *a, wide *b, int k, wide *y, wide *scratch);

#endif
