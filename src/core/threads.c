/* SPDX-License-Identifier: BSD-3-Clause
 * Chunks over OpenMP threads. Each thread has its share of them, the same one whenever as many
 * chunks are run, since what it wrote the last time is still in its own caches; who is done with
 * his own takes from the others'. */
#define _GNU_SOURCE /* sched_getaffinity */
#include "core/threads.h"

#include <omp.h>
#include <sched.h>
#include <stdatomic.h>

#include "core/blas.h"

enum { line = 64, most_shares = 64 }; /* threads beyond share with another one */

typedef struct share {
  _Alignas(line) _Atomic ritz_index next; /* chunk that nobody has begun */
  ritz_index end;
} share;

int ritz_threads_available(void) {
  cpu_set_t mask;
  if (sched_getaffinity(0, sizeof mask, &mask) != 0) return omp_get_num_procs();
  const int count = CPU_COUNT(&mask);
  return count > 0 ? count : 1;
}

static void run_shares(share *all, int shares, ritz_task *task, void *arg, int thread) {
  for (int i = 0; i < shares; i++) {
    share *from = &all[(thread + i) % shares];
    for (ritz_index c;
         (c = atomic_fetch_add_explicit(&from->next, 1, memory_order_relaxed)) < from->end;)
      task(arg, c, thread);
  }
}

static void run_parallel(int threads, ritz_index chunks, ritz_task *task, void *arg) {
  share all[most_shares];
  const int shares = threads < most_shares ? threads : most_shares;
  for (int i = 0; i < shares; i++) {
    atomic_init(&all[i].next, i * chunks / shares);
    all[i].end = (i + 1) * chunks / shares;
  }
#pragma omp parallel num_threads(threads)
  run_shares(all, shares, task, arg, omp_get_thread_num());
}

void ritz_parallel(int threads, ritz_index chunks, ritz_task *task, void *arg) {
  if (threads > chunks) threads = (int)chunks;
  ritz_blas_hold();
  if (threads <= 1)
    for (ritz_index c = 0; c < chunks; c++) task(arg, c, 0);
  else
    run_parallel(threads, chunks, task, arg);
  ritz_blas_release();
}
