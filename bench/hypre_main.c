/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/hypre_main.h"

#ifdef RITZ_WITH_HYPRE
#include <mpi.h>

int bench_main_with_hypre(int argc, char **argv, const char *program, int count, size_t size,
                          const void *cases) {
  int provided;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_SERIALIZED, &provided);
  const int status = bench_main(argc, argv, program, count, size, cases);
  MPI_Finalize();
  return status;
}
#else
int bench_main_with_hypre(int argc, char **argv, const char *program, int count, size_t size,
                          const void *cases) {
  return bench_main(argc, argv, program, count, size, cases);
}
#endif
