/* SPDX-License-Identifier: BSD-3-Clause
 * z = r */
#include <string.h>

#include "solvers/precond/preconditioner.h"
#include "solvers/scalar.h"

static int apply(ritz_preconditioner *p, const void *r, void *z) {
  memcpy(z, r, (size_t)p->n * sizeof(scalar));
  return 0;
}

const ritz_preconditioner_kind RITZ_SCALAR_NAME(precond_none) = {.apply = apply};
