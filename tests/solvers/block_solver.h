/* SPDX-License-Identifier: BSD-3-Clause
 * What tests of block methods share: options of small blocks, a solver of a dense matrix. */
#ifndef BLOCK_SOLVER_H
#define BLOCK_SOLVER_H

#include "krylov_matrix.h"

enum { wide = 5 };

static inline ritz_krylov_options options_of(const char *method, int block) {
  ritz_krylov_options options;
  ritz_krylov_options_defaults(&options);
  options.method = method, options.block = block;
  options.restart = 8, options.recycle = 3, options.rtol = 1e-9;
  options.max_iterations = 400;
  return options;
}

static inline ritz_krylov *solver_with(const ritz_krylov_options *options, matrix *m) {
  ritz_krylov *solver;
  assert_ok(ritz_krylov_create(m->scalar, m->n, options, &solver));
  ritz_krylov_set_operator(solver, multiply, m);
  return solver;
}

#endif
