/* SPDX-License-Identifier: BSD-3-Clause
 * Chunks over OpenMP threads. */
#define _GNU_SOURCE /* sched_getaffinity */
#include "core/threads.h"

#include <omp.h>
#include <sched.h>

#include "core/blas.h"

int ritz_threads_available(void) {
  cpu_set_t mask;
  if (sched_getaffinity(0, sizeof mask, &mask) != 0) return omp_get_num_procs();
  const int count = CPU_COUNT(&mask);
  return count > 0 ? count : 1;
}

void ritz_parallel(int threads, ritz_index chunks, ritz_task *task, void *arg) {
  if (threads > chunks) threads = (int)chunks;
  ritz_blas_hold();
  if (threads <= 1) {
    for (ritz_index c = 0; c < chunks; c++) task(arg, c, 0);
  } else {
#pragma omp parallel for num_threads(threads) schedule(dynamic, 1)
    for (ritz_index c = 0; c < chunks; c++) task(arg, c, omp_get_thread_num());
  }
  ritz_blas_release();
}
