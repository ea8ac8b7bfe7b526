/* SPDX-License-Identifier: BSD-3-Clause
 * What the two multigrid methods of hypre share. Debian's hypre is in double and over MPI; a matrix
 * belongs to its rank alone (MPI_COMM_SELF). It counts errors for the whole process, and MPI may
 * be called by one thread at a time only, so threads take turns. */
#ifndef RITZ_SOLVERS_PRECOND_HYPRE_H
#define RITZ_SOLVERS_PRECOND_HYPRE_H

#include <mpi.h>
#include <pthread.h>

#include "core/fail.h"
#include "solvers/scalar_size.h"

/** A preconditioner's `turn`. */
extern pthread_mutex_t ritz_hypre_turn;

/** Whether this thread may call hypre, which calls MPI: the library never starts it.
 * RITZ_ERR_ARGUMENT       another format than double
 * RITZ_ERR_COMMUNICATION  MPI is not running, or is for other threads only */
ritz_status ritz_hypre_check(ritz_scalar format);

#endif
