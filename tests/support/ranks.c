/* SPDX-License-Identifier: BSD-3-Clause */
#include "ranks.h"

ritz_context *together, *single;
int rank, size;

#if RITZ_WITH_MPI
#include <ritz/mpi.h>

static void begin(void) {
  int provided;
  MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
  assert_ok(ritz_context_create_mpi(MPI_COMM_WORLD, NULL, &together));
}

static void stop_all(void) { MPI_Abort(MPI_COMM_WORLD, 1); }

static void end(void) { MPI_Finalize(); }
#else
static void begin(void) { assert_ok(ritz_context_create(NULL, &together)); }

static void stop_all(void) {}

static void end(void) {}
#endif

void ranks_begin(void) {
  begin();
  assert_ok(ritz_context_create(NULL, &single));
  rank = ritz_comm_rank(together->comm);
  size = ritz_comm_size(together->comm);
}

int ranks_end(int failures) {
  if (failures) stop_all();
  ritz_context_destroy(&together);
  ritz_context_destroy(&single);
  end();
  return failures;
}
