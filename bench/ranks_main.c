/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/ranks_main.h"

#include <stdio.h>

int ranks_main(int argc, char **argv, const char *program,
               ritz_status (*run)(ritz_context *ranks, int argc, char **argv)) {
  int provided;
  ritz_context *ranks;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
  ritz_status status = ritz_context_create_mpi(MPI_COMM_WORLD, NULL, &ranks);
  if (status == RITZ_OK) status = run(ranks, argc, argv);
  if (status != RITZ_OK) {
    fprintf(stderr, "%s: %s\n", program, ritz_error_message());
    MPI_Abort(MPI_COMM_WORLD, 1);
  }
  ritz_context_destroy(&ranks);
  MPI_Finalize();
  return 0;
}
