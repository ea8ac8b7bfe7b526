/* SPDX-License-Identifier: BSD-3-Clause
 * z_i = r_i / a_ii */
#include "core/fail.h"
#include "core/memory.h"
#include "solvers/precond/preconditioner.h"
#include "solvers/precond/scalar/diagonal.h"

static ritz_status create(ritz_preconditioner *p) {
  return ritz_calloc(p->n, sizeof(scalar), &p->work);
}

static ritz_status update(ritz_preconditioner *p) {
  return ritz_diagonal_invert(p->matrix, 1, false, p->work);
}

static int apply(ritz_preconditioner *p, const void *rv, void *zv) {
  const scalar *restrict r = rv, *restrict inverse = p->work;
  scalar *restrict z = zv;
  for (ritz_index i = 0; i < p->n; i++) z[i] = r[i] * inverse[i];
  return 0;
}

static void destroy(ritz_preconditioner *p) { ritz_free(p->work); }

const ritz_preconditioner_kind RITZ_SCALAR_NAME(precond_jacobi) = {
    .create = create, .update = update, .apply = apply, .destroy = destroy};
