/* SPDX-License-Identifier: BSD-3-Clause
 * A solve in one number format. */
#ifndef RITZ_SOLVERS_KRYLOV_SOLVE_H
#define RITZ_SOLVERS_KRYLOV_SOLVE_H

#include "solvers/krylov/scalar/scalar.h"

#define ritz_krylov_solve_scalar  RITZ_SCALAR_NAME(krylov_solve)
#define ritz_krylov_method_norm   RITZ_SCALAR_NAME(krylov_method_norm)
#define ritz_krylov_true_residual RITZ_SCALAR_NAME(krylov_true_residual)
#define ritz_krylov_after_look    RITZ_SCALAR_NAME(krylov_after_look)

/** As ritz_krylov_solve(), with counters already reset; fills the report but for the reason. */
ritz_solve_reason ritz_krylov_solve_scalar(ritz_krylov *solver, const void *b, void *x);

/** Norm of a residual in the method's sense, from its true form in r, which becomes the form that
 * the method works on. */
double ritz_krylov_method_norm(ritz_krylov *solver, scalar *r, double true_norm);

/** r = b - A x and its norm. */
double ritz_krylov_true_residual(ritz_krylov *solver, const scalar *b, const scalar *x, scalar *r);

/** What follows when the recurrence ended for @p reason and the residual is still above the goal: a
 * recurrence that was wrong about it, or broke down, starts again from x as long as that helps. */
ritz_solve_reason ritz_krylov_after_look(const ritz_krylov *solver, ritz_solve_reason reason,
                                         bool gained);

#endif
