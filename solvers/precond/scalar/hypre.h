/* SPDX-License-Identifier: BSD-3-Clause
 * What the two multigrid methods of hypre share. Debian's hypre is in double and over MPI; a matrix
 * belongs to its rank alone (MPI_COMM_SELF). */
#ifndef RITZ_SOLVERS_PRECOND_HYPRE_H
#define RITZ_SOLVERS_PRECOND_HYPRE_H

#include <mpi.h>

#include "core/fail.h"
#include "solvers/scalar_size.h"

/** A solve of hypre needs MPI, which the program starts: the library never does. */
static inline ritz_status ritz_hypre_check(ritz_scalar format) {
  int running = 0;
  MPI_Initialized(&running);
  RITZ_REQUIRE(format == RITZ_REAL_DOUBLE, RITZ_ERR_ARGUMENT, "matrix is %s; hypre works in double",
               ritz_scalar_text(format));
  RITZ_REQUIRE(running, RITZ_ERR_COMMUNICATION,
               "hypre works over MPI, which the program has not started: MPI_Init()");
  return RITZ_OK;
}

#endif
