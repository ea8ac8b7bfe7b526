/* SPDX-License-Identifier: BSD-3-Clause
 * The diagonal of a sparse matrix. */
#include "solvers/precond/scalar/diagonal.h"

#include "core/fail.h"

ritz_status ritz_diagonal_invert(const ritz_sparse *a, double factor, bool positive,
                                 scalar *inverse) {
  const scalar *values = a->values;
  for (ritz_index i = 0; i < a->rows; i++) {
    const ritz_index at = ritz_sparse_find(a, i, i);
    const wide d = at < 0 ? 0 : values[at];
    RITZ_REQUIRE(ABS(d) > 0 && isfinite(ABS(d)), RITZ_ERR_NUMERIC,
                 "the diagonal entry of row %td is %s", i,
                 at < 0       ? "missing"
                 : ABS(d) > 0 ? "not finite"
                              : "zero");
    RITZ_REQUIRE(!positive || REAL(d) > 0, RITZ_ERR_NUMERIC,
                 "the diagonal entry of row %td is %g: the matrix is not positive definite", i,
                 REAL(d));
    inverse[i] = (scalar)(factor / d);
  }
  return RITZ_OK;
}
