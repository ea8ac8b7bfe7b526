/* SPDX-License-Identifier: BSD-3-Clause
 * A solve in one number format. */
#ifndef RITZ_SOLVERS_KRYLOV_SOLVE_H
#define RITZ_SOLVERS_KRYLOV_SOLVE_H

#include "solvers/krylov/scalar/scalar.h"

#define ritz_krylov_solve_scalar RITZ_SCALAR_NAME(krylov_solve)

/** As ritz_krylov_solve(), with counters already reset; fills the report but for the reason. */
ritz_solve_reason ritz_krylov_solve_scalar(ritz_krylov *solver, const void *b, void *x);

#endif
