/* SPDX-License-Identifier: BSD-3-Clause */
#ifdef RITZ_WITH_HYPRE
#include "solvers/precond/hypre.h"

pthread_mutex_t ritz_hypre_turn = PTHREAD_MUTEX_INITIALIZER;

ritz_status ritz_hypre_check(ritz_scalar format) {
  int running = 0, starter = 0, provided = MPI_THREAD_SINGLE;
  RITZ_REQUIRE(format == RITZ_REAL_DOUBLE, RITZ_ERR_ARGUMENT, "matrix is %s; hypre works in double",
               ritz_scalar_text(format));
  MPI_Initialized(&running);
  RITZ_REQUIRE(running, RITZ_ERR_COMMUNICATION,
               "hypre works over MPI, which the program has not started: MPI_Init()");
  MPI_Is_thread_main(&starter);
  MPI_Query_thread(&provided);
  RITZ_REQUIRE(starter || provided >= MPI_THREAD_SERIALIZED, RITZ_ERR_COMMUNICATION,
               "hypre works over MPI, which this thread may not call: start MPI by "
               "MPI_Init_thread() with MPI_THREAD_SERIALIZED or more");
  return RITZ_OK;
}
#else
typedef int ritz_hypre_is_not_built;
#endif
