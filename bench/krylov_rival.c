/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/krylov_rival.h"

#include "core/fail.h"

ritz_status krylov_rival_create(const ritz_krylov_options *options, krylov_problem *problem,
                                ritz_preconditioner *m, krylov_rival *rival) {
  *rival = (krylov_rival){.problem = problem};
  RITZ_TRY(ritz_krylov_create(RITZ_REAL_DOUBLE, problem->n * problem->n, options, &rival->solver));
  ritz_krylov_set_operator(rival->solver, ritz_sparse_apply, problem->matrix);
  ritz_krylov_set_preconditioner(rival->solver, ritz_preconditioner_apply, m);
  return RITZ_OK;
}

void krylov_rival_run(void *rival) {
  krylov_rival *r = rival;
  const ritz_status status = ritz_krylov_solve(r->solver, r->problem->b, r->problem->x, &r->report);
  if (status != RITZ_OK) r->status = status;
}

ritz_status krylov_rival_check(const krylov_rival *r, const char *name) {
  RITZ_TRY(r->status);
  RITZ_REQUIRE(r->report.reason > 0, RITZ_ERR_NUMERIC, "%s: %s at %g", name,
               ritz_solve_reason_text(r->report.reason), r->report.residual);
  return RITZ_OK;
}
