/* SPDX-License-Identifier: BSD-3-Clause
 * A recycle space from a cycle: the small problem that methods of GCRO-DR's kind share. A cycle has
 *   B [X D, Z] = [C, V] G,  G = [D, E; 0, H],  [C, V]* [C, V] = I,  V* Z = [I; 0],  C* Z = 0
 * with k columns of X and C, D the inverse lengths of X, j columns of Z and more of V: one more, or
 * as many as a block has. */
#ifndef RITZ_SOLVERS_KRYLOV_REFRESH_H
#define RITZ_SOLVERS_KRYLOV_REFRESH_H

#include "solvers/krylov/scalar/ritz_pairs.h"
#include "solvers/krylov/scalar/vectors.h"

#define ritz_refresh_create RITZ_SCALAR_NAME(refresh_create)
#define ritz_refresh_clear  RITZ_SCALAR_NAME(refresh_clear)
#define ritz_refresh_run    RITZ_SCALAR_NAME(refresh_run)

typedef struct ritz_refresh {
  wide *g, *s, *p, *c; /* [most][most] each */
  ritz_pairs *pairs;
} ritz_refresh;

typedef struct ritz_relation {
  int k, j, rows;       /* columns of C and X; of Z; of V, at least j */
  const double *length; /* [k], of the columns of X */
  const wide *e;        /* E [j][k] by columns */
  const wide *h;        /* H [j][ldh] by columns */
  int ldh;
  const scalar *c, *v, *x;
} ritz_relation;

/** For k + rows <= @p most; 0: none. Release with ritz_refresh_clear(), also after a failure. */
ritz_status ritz_refresh_create(int most, ritz_refresh *out);
void ritz_refresh_clear(ritz_refresh *refresh);

/** Harmonic Ritz vectors of least |theta|: [X, Z] p are the directions [kept][k + j], [C, V] c
 * their products [kept][k + rows]. @return  kept <= options.recycle, 0 if there are none. */
int ritz_refresh_run(ritz_krylov *solver, ritz_refresh *refresh, const ritz_relation *relation);

#endif
