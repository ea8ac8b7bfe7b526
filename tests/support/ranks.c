/* SPDX-License-Identifier: BSD-3-Clause */
#include "ranks.h"

#if RITZ_WITH_MPI
#include <ritz/mpi.h>

void ranks_begin(void) {
  int provided;
  MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
}

void ranks_end(void) { MPI_Finalize(); }

ritz_context *ranks_context(void) {
  ritz_context *context;
  assert_ok(ritz_context_create_mpi(MPI_COMM_WORLD, NULL, &context));
  return context;
}

int ranks_result(int failures) {
  if (failures) MPI_Abort(MPI_COMM_WORLD, 1);
  return failures;
}
#else
void ranks_begin(void) {}

void ranks_end(void) {}

ritz_context *ranks_context(void) {
  ritz_context *context;
  assert_ok(ritz_context_create(NULL, &context));
  return context;
}

int ranks_result(int failures) { return failures; }
#endif
