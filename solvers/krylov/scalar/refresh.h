/* SPDX-License-Identifier: BSD-3-Clause
 * A recycle space from a cycle: the small problem that methods of GCRO-DR's kind share. A cycle has
 *   B [X, Z] = [C, V] G,  G = [F, E; 0, H],  [C, V]* [C, V] = I,  V* Z = [I; 0],  C* Z = 0
 * with k columns of X and C, j columns of Z and more of V: one more, or as many as a block has. The
 * problem is solved for X D, D the inverse lengths of X. */
#ifndef RITZ_SOLVERS_KRYLOV_REFRESH_H
#define RITZ_SOLVERS_KRYLOV_REFRESH_H

#include "solvers/krylov/scalar/ritz_pairs.h"
#include "solvers/krylov/scalar/vectors.h"

#define ritz_refresh_create      RITZ_SCALAR_NAME(refresh_create)
#define ritz_refresh_clear       RITZ_SCALAR_NAME(refresh_clear)
#define ritz_refresh_orthonormal RITZ_SCALAR_NAME(refresh_orthonormal)
#define ritz_refresh_chosen      RITZ_SCALAR_NAME(refresh_chosen)

/* A basis that costs half as much to form as one of the same space that leaves no column as it is:
 * column i is column chosen[i] of the one before and a combination of the rest. */
typedef struct ritz_choice {
  bool whole;   /* every column is a combination of all */
  int *chosen;  /* [kept] */
  int *rest;    /* the others in their order */
  wide *weight; /* [kept][rest], or [kept][all] */
} ritz_choice;

typedef struct ritz_refresh {
  wide *g, *s; /* [most][most] each */
  wide *p, *c; /* of the new directions and their products, [kept][k + j], [kept][k + rows] */
  wide *f;     /* [kept][kept] */
  ritz_choice of_x, of_c;
  ritz_pairs *pairs;
} ritz_refresh;

typedef struct ritz_relation {
  int k, j, rows;       /* columns of C and X; of Z; of V, at least j */
  const double *length; /* [k], of the columns of X */
  const wide *unit;     /* [k][k] by columns; what stands for C is `c` unit; NULL: the identity */
  const wide *f;        /* F [k][k] by columns, an upper triangle; NULL: the identity */
  const wide *shadow;   /* C* X [k][k] by columns; NULL: to be computed */
  const wide *e;        /* E [j][k] by columns */
  const wide *h;        /* H [j][ldh] by columns */
  int ldh;
  const scalar *c, *v, *x;
} ritz_relation;

/** For k + rows <= @p most; 0: none. Release with ritz_refresh_clear(), also after a failure. */
ritz_status ritz_refresh_create(int most, ritz_refresh *out);
void ritz_refresh_clear(ritz_refresh *refresh);

/** Harmonic Ritz vectors of least |theta|: [X, Z] p are the directions, [C, V] c their products,
 * orthonormal. @return  kept <= options.recycle, 0 if there are none. */
int ritz_refresh_orthonormal(ritz_krylov *solver, ritz_refresh *refresh,
                             const ritz_relation *relation);

/** Another basis of the same space that costs half as much to form, refresh->of_x of [X, Z]. Its
 * products are [C, V] c f with C' = [C, V] c orthonormal, and so are those of refresh->of_c, of
 * [`c`, V], times @p unit [kept][kept]. What comes close to dependent in this way is made whole:
 * directions, with f the identity, and products, with unit the identity. The shadows C'* X
 * [kept][kept] go to @p shadow. Both may be those of the relation. */
int ritz_refresh_chosen(ritz_krylov *solver, ritz_refresh *refresh, const ritz_relation *relation,
                        wide *unit, wide *shadow);

#endif
