/* SPDX-License-Identifier: BSD-3-Clause
 * New directions made orthogonal to the ones before them, the way options.orthogonalization says.
 */
#ifndef RITZ_SOLVERS_KRYLOV_ORTHOGONALIZE_H
#define RITZ_SOLVERS_KRYLOV_ORTHOGONALIZE_H

#include "solvers/krylov/scalar/scalar.h"

#define ritz_project             RITZ_SCALAR_NAME(project)
#define ritz_orthogonalize       RITZ_SCALAR_NAME(orthogonalize)
#define ritz_orthogonalize_block RITZ_SCALAR_NAME(orthogonalize_block)

/** The columns C [k] and V [a] to be orthogonal to: V and C unit are orthonormal. */
typedef struct ritz_bases {
  int k, a;
  scalar *c, *v;
  const wide *unit; /* [k][k] by columns; the identity for RITZ_ORTHOGONALIZE_MGS */
} ritz_bases;

/** Length of a direction once it is orthogonal, and whether it has been divided by it. */
typedef struct ritz_extent {
  double length;
  bool scaled;
} ritz_extent;

/** x -= V s with s = V* x, of a columns; adds s to coefficients[a]. @param t  [a], scratch. */
void ritz_project(ritz_krylov *solver, int a, const scalar *v, scalar *x, wide *t,
                  wide *coefficients);

/** x -= C unit s + V t; adds s to e[k] and t to h[a]. @param t  [2 k + a + 1], scratch. */
ritz_extent ritz_orthogonalize(ritz_krylov *solver, const ritz_bases *bases, wide *e, wide *h,
                               scalar *x, wide *t);

/**
 * A block of directions, the @p count columns behind V: made orthonormal to the bases and to each
 * other, dependent ones dropped and the rest moved together. Bases are read once for all columns
 * unless they are taken in turn (RITZ_ORTHOGONALIZE_MGS).
 *
 * @param e,h  In zero; out the coefficients [count][k] and [count][ldh], of the new columns too.
 * @param t    [count (k + a) + 2 k + a + count + 1], scratch.
 * @return     Columns left.
 */
int ritz_orthogonalize_block(ritz_krylov *solver, const ritz_bases *bases, int count, wide *e,
                             wide *h, int ldh, wide *t);

#endif
