/* SPDX-License-Identifier: BSD-3-Clause
 * The operator of a method that obeys options.side: B = M A on the left, A on the right. */
#ifndef RITZ_SOLVERS_KRYLOV_SIDED_H
#define RITZ_SOLVERS_KRYLOV_SIDED_H

#include "solvers/krylov/scalar/vectors.h"

static inline bool ritz_sided_left(const ritz_krylov *solver) {
  return solver->options.side == RITZ_LEFT && solver->precondition;
}

static inline bool ritz_sided_right(const ritz_krylov *solver) {
  return solver->options.side == RITZ_RIGHT && solver->precondition;
}

/** y = B x; solver->w is overwritten. */
static inline void ritz_sided_product(ritz_krylov *solver, const scalar *x, scalar *y) {
  if (!ritz_sided_left(solver)) {
    ritz_vectors_apply(solver, x, y);
    return;
  }
  ritz_vectors_apply(solver, x, solver->w);
  ritz_vectors_precondition(solver, solver->w, y);
}

#endif
