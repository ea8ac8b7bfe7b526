/* SPDX-License-Identifier: BSD-3-Clause
 * Steepest descent (Saad 2003, Alg. 5.2), preconditioned: z = M r, x += (r . z) / (z . A z) z. */
#include "solvers/krylov/scalar/vectors.h"

enum { Z, Q, VECTORS }; /* Q = A z */

static ritz_status create(ritz_krylov *solver) { return ritz_vectors_work(solver, VECTORS); }

static ritz_solve_reason iterate(ritz_krylov *solver, void *residual, void *solution) {
  scalar *const z = ritz_vectors_column(solver, solver->work, Z);
  scalar *const q = ritz_vectors_column(solver, solver->work, Q);
  scalar *const r = residual, *const x = solution;
  for (;;) {
    ritz_vectors_precondition(solver, r, z);
    ritz_vectors_apply(solver, z, q);
    const double rz = REAL(ritz_vectors_dot(solver, r, z));
    const double zq = REAL(ritz_vectors_dot(solver, z, q));
    if (solver->failure) return solver->failure;
    if (!isfinite(rz) || !isfinite(zq)) return RITZ_SOLVE_NOT_FINITE;
    if (zq <= 0) return RITZ_SOLVE_INDEFINITE_OPERATOR;
    ritz_vectors_add(solver, rz / zq, z, x);
    ritz_vectors_add(solver, -rz / zq, q, r);
    const double norm = ritz_vectors_norm(solver, r);
    const ritz_solve_reason reason =
        solver->failure ? solver->failure : ritz_krylov_record(solver, norm);
    if (reason) return reason;
  }
}

const ritz_krylov_kind RITZ_SCALAR_NAME(steepest_descent) = {
    .create = create, .destroy = ritz_vectors_work_free, .iterate = iterate};
