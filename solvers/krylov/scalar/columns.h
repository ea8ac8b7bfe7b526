/* SPDX-License-Identifier: BSD-3-Clause
 * Several right-hand sides of one matrix under way together: what all block methods have in common.
 */
#ifndef RITZ_SOLVERS_KRYLOV_COLUMNS_H
#define RITZ_SOLVERS_KRYLOV_COLUMNS_H

#include "solvers/krylov/scalar/scalar.h"

#define ritz_columns_create RITZ_SCALAR_NAME(columns_create)
#define ritz_columns_clear  RITZ_SCALAR_NAME(columns_clear)
#define ritz_columns_worst  RITZ_SCALAR_NAME(columns_worst)
#define ritz_columns_solve  RITZ_SCALAR_NAME(columns_solve)

/** Those that are to be solved: finite, and not zero. Residuals count in units of their columns,
 * so that solver->goal serves all of them: relative, or absolute where rtol = 0. */
typedef struct ritz_columns {
  int count;
  scalar *x, *r; /* [count] */
  double *unit;  /* [count] */
  double *norm;  /* [count], of the residuals, in the sense of solver->norm */
  double *size;  /* [count], of the right-hand sides */
  int *index;    /* [count], their places among all */
} ritz_columns;

/** Room for @p most. Release with ritz_columns_clear(), also after a failure. */
ritz_status ritz_columns_create(ritz_krylov *solver, int most, ritz_columns *out);
void ritz_columns_clear(ritz_columns *columns);

/** @return  The largest residual in its unit; not finite if one is not. */
double ritz_columns_worst(const ritz_columns *columns);

/** As `iterate` of a method, for all columns together; solver->scale is 1. */
typedef ritz_solve_reason ritz_columns_iterate(ritz_krylov *solver, void *method,
                                               ritz_columns *columns);

/** As ritz_krylov_solve_many() for at most as many columns as there is room for: iterations and
 * looks at the true residuals in turn, a reason for each column. */
void ritz_columns_solve(ritz_krylov *solver, ritz_columns *columns, int count, const scalar *b,
                        scalar *x, ritz_solve_report *reports, ritz_columns_iterate *iterate,
                        void *method);

#endif
