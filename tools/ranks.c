/* SPDX-License-Identifier: BSD-3-Clause
 * Ranks, with MPI or without. */
#define _GNU_SOURCE /* sched_getaffinity */
#include "tools/ranks.h"

#include <omp.h>

#if !RITZ_WITH_MPI

void ritz_ranks_begin(void) {}

int ritz_ranks_end(int code) { return code; }

bool ritz_ranks_first(void) { return true; }

/* The OpenMP library knows OMP_NUM_THREADS, OMP_THREAD_LIMIT and the affinity mask. */
int ritz_ranks_threads(void) { return omp_get_max_threads(); }

ritz_status ritz_ranks_context(const ritz_context_options *options, ritz_context **out) {
  return ritz_context_create(options, out);
}

#else

#include <ritz/mpi.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const double patience = 30; /* seconds */

static int rank_of_world(void) {
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  return rank;
}

void ritz_ranks_begin(void) {
  int provided;
  MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
  if (!ritz_ranks_first() && !freopen("/dev/null", "w", stdout)) MPI_Abort(MPI_COMM_WORLD, 1);
}

bool ritz_ranks_first(void) { return rank_of_world() == 0; }

/* Others may sit in a collective that this rank will never join. */
static void give_up(int code) {
  fprintf(stderr, "ritz: rank %d failed alone: %s\n", rank_of_world(), ritz_error_message());
  MPI_Abort(MPI_COMM_WORLD, code);
}

int ritz_ranks_end(int code) {
  const struct timespec moment = {.tv_nsec = 1000000};
  int largest = code, arrived = 0;
  MPI_Request request;
  MPI_Iallreduce(&code, &largest, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD, &request);
  MPI_Test(&request, &arrived, MPI_STATUS_IGNORE);
  for (const double start = MPI_Wtime(); !arrived;) {
    if (code != 0 && MPI_Wtime() - start > patience) give_up(code);
    nanosleep(&moment, NULL);
    MPI_Test(&request, &arrived, MPI_STATUS_IGNORE);
  }
  MPI_Finalize();
  return largest;
}

/* users[c]: ranks of this machine that may run on processor c. */
static void count_users(const cpu_set_t *mask, int users[CPU_SETSIZE]) {
  MPI_Comm machine;
  for (int c = 0; c < CPU_SETSIZE; c++) users[c] = CPU_ISSET(c, mask) != 0;
  MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &machine);
  MPI_Allreduce(MPI_IN_PLACE, users, CPU_SETSIZE, MPI_INT, MPI_SUM, machine);
  MPI_Comm_free(&machine);
}

int ritz_ranks_threads(void) {
  const int most = omp_get_max_threads();
  int users[CPU_SETSIZE], ranks;
  cpu_set_t mask;
  double share = 1e-9; /* against rounding of 1/3 + 1/3 + 1/3 */
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  if (ranks == 1) return most;
  CPU_ZERO(&mask);
  sched_getaffinity(0, sizeof mask, &mask); /* the call stays collective where this fails */
  count_users(&mask, users);
  for (int c = 0; c < CPU_SETSIZE; c++)
    if (CPU_ISSET(c, &mask)) share += 1.0 / users[c];
  if (getenv("OMP_NUM_THREADS")) return most;
  const int fair = share < 1 ? 1 : (int)share;
  return fair < most ? fair : most;
}

ritz_status ritz_ranks_context(const ritz_context_options *options, ritz_context **out) {
  return ritz_context_create_mpi(MPI_COMM_WORLD, options, out);
}

#endif
