/* SPDX-License-Identifier: BSD-3-Clause
 * Conjugate gradients for several right-hand sides. */
#ifndef RITZ_SOLVERS_KRYLOV_BLOCK_CG_H
#define RITZ_SOLVERS_KRYLOV_BLOCK_CG_H

#include "solvers/krylov/scalar/scalar.h"

#define ritz_block_cg RITZ_SCALAR_NAME(block_cg)

/** As ritz_krylov_solve_many(). */
ritz_status ritz_block_cg(ritz_krylov *solver, int count, const void *b, void *x,
                          ritz_solve_report *reports);

#endif
