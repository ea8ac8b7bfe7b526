/* SPDX-License-Identifier: BSD-3-Clause
 * The diagonal of a sparse matrix. */
#ifndef RITZ_SOLVERS_PRECOND_DIAGONAL_H
#define RITZ_SOLVERS_PRECOND_DIAGONAL_H

#include "solvers/scalar.h"
#include "solvers/sparse/sparse.h"

#define ritz_diagonal_invert RITZ_SCALAR_NAME(diagonal_invert)

/** inverse[i] = factor / a_ii. RITZ_ERR_NUMERIC  one is missing, zero or not finite, or not
 * positive where @p positive */
ritz_status ritz_diagonal_invert(const ritz_sparse *a, double factor, bool positive,
                                 scalar *inverse);

#endif
