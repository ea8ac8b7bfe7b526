/* SPDX-License-Identifier: BSD-3-Clause
 * z_i = r_i / sum over j of |a_ij| */
#include "core/fail.h"
#include "core/memory.h"
#include "solvers/precond/preconditioner.h"
#include "solvers/scalar.h"

static ritz_status create(ritz_preconditioner *p) {
  return ritz_calloc(p->n, sizeof(real), &p->work);
}

static ritz_status update(ritz_preconditioner *p) {
  const ritz_sparse *a = p->matrix;
  const scalar *value = a->values;
  real *inverse = p->work;
  for (ritz_index i = 0; i < p->n; i++) {
    double sum = 0;
    for (ritz_index e = a->start[i]; e < a->start[i + 1]; e++) sum += ABS(value[e]);
    RITZ_REQUIRE(sum > 0, RITZ_ERR_NUMERIC, "row %td is zero", i);
    inverse[i] = (real)(1 / sum);
  }
  return RITZ_OK;
}

static int apply(ritz_preconditioner *p, const void *rv, void *zv) {
  const scalar *r = rv;
  const real *inverse = p->work;
  scalar *z = zv;
  for (ritz_index i = 0; i < p->n; i++) z[i] = r[i] * inverse[i];
  return 0;
}

static void destroy(ritz_preconditioner *p) { ritz_free(p->work); }

const ritz_preconditioner_kind RITZ_SCALAR_NAME(precond_row_sums) = {
    .create = create, .update = update, .apply = apply, .destroy = destroy};
