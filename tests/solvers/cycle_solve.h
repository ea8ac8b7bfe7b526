/* SPDX-License-Identifier: BSD-3-Clause
 * A system solved by ritz_krylov with multigrid cycles as its preconditioner. */
#ifndef CYCLE_SOLVE_H
#define CYCLE_SOLVE_H

#include <ritz/krylov.h>

#include "solvers/multigrid/map.h"
#include "support.h"

/* u [n] = A^-1 b from zero, by CG for V- and W-cycles and GMRES for F, which are not symmetric. */
static inline ritz_solve_report solve_by_cycles(ritz_index n, ritz_krylov_map *apply, void *user,
                                                ritz_cycle cycle, ritz_multigrid_map *map,
                                                double rtol, const double *b, double *u) {
  ritz_krylov_options options;
  ritz_krylov *krylov;
  ritz_solve_report report;
  ritz_krylov_options_defaults(&options);
  options.method = cycle == RITZ_CYCLE_F ? "gmres" : "cg";
  options.rtol = rtol;
  options.recycle = 0;
  assert_ok(ritz_krylov_create(RITZ_REAL_DOUBLE, n, &options, &krylov));
  ritz_krylov_set_operator(krylov, apply, user);
  ritz_krylov_set_preconditioner(krylov, ritz_multigrid_map_apply, map);
  assert_ok(ritz_krylov_solve(krylov, b, u, &report));
  ritz_krylov_destroy(&krylov);
  return report;
}

#endif
