/* SPDX-License-Identifier: BSD-3-Clause
 * Incomplete factors A ~ L U of a sparse matrix, L with a unit diagonal. */
#ifndef RITZ_SOLVERS_PRECOND_FACTOR_H
#define RITZ_SOLVERS_PRECOND_FACTOR_H

#include "solvers/precond/scalar/triangles.h"

#define ritz_factor_create  RITZ_SCALAR_NAME(factor_create)
#define ritz_factor_update  RITZ_SCALAR_NAME(factor_update)
#define ritz_factor_solve   RITZ_SCALAR_NAME(factor_solve)
#define ritz_factor_destroy RITZ_SCALAR_NAME(factor_destroy)

enum { RITZ_FILL_ALL = INT32_MAX }; /* complete factors, without pivoting */

typedef struct ritz_factor_options {
  int fill;        /* level of fill kept */
  double modified; /* part of what is dropped that is added to the diagonal */
  double shift;    /* added to each diagonal entry, relative to it (Manteuffel 1980) */
  bool definite;   /* must be Hermitian positive definite */
} ritz_factor_options;

typedef struct ritz_factor ritz_factor;

/** The pattern for that of @p a. RITZ_ERR_NUMERIC  definite, and not symmetric in its pattern */
ritz_status ritz_factor_create(const ritz_sparse *a, const ritz_factor_options *options,
                               ritz_factor **out);
void ritz_factor_destroy(ritz_factor **factor);
/** The numbers for those of @p a, which has the same pattern. RITZ_ERR_NUMERIC  a zero pivot; a
 * pivot that is not positive or an entry that is not Hermitian where the matrix must be definite */
ritz_status ritz_factor_update(ritz_factor *factor, const ritz_sparse *a);
/** z = U^-1 L^-1 r; z may be r. */
void ritz_factor_solve(const ritz_factor *factor, int threads, const scalar *r, scalar *z);

#endif
