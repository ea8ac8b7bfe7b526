/* SPDX-License-Identifier: BSD-3-Clause
 * What a hierarchy consists of, for the files that build and walk it. */
#ifndef RITZ_SOLVERS_MULTIGRID_LEVELS_H
#define RITZ_SOLVERS_MULTIGRID_LEVELS_H

#include "solvers/multigrid/multigrid.h"

enum {
  ritz_multigrid_most_levels = 32,
  ritz_multigrid_bottom = 4 /* a grid shorter than this along an axis is solved directly */
};

typedef struct ritz_multigrid_level {
  ritz_box box;
  void *block; /* all its arrays */
  void *b, *x; /* coarser levels: right-hand side and iterate */
  void *rows;  /* [4]: work space, framed by zeros */
} ritz_multigrid_level;

struct ritz_multigrid {
  ritz_multigrid_options options;
  const ritz_solver_kernels *kernels;
  int levels;
  ritz_multigrid_level level[ritz_multigrid_most_levels];
  void *band;            /* factor of the coarsest operator, or: */
  ritz_multigrid *below; /* strips: the coarsest grid again, in fewer strips or whole */
};

#endif
