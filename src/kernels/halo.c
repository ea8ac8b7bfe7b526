/* SPDX-License-Identifier: BSD-3-Clause */
#include "kernels/halo.h"

typedef struct half {
  const ritz_halo *halo;
  ritz_touch *touch;
  ritz_task *task;
  void *arg;
  bool touching; /* which half */
} half;

/* Thread 0 is the caller: the one that may talk to other ranks. */
static void run_chunk(void *arg, ritz_index chunk, int thread) {
  const half *h = arg;
  if (h->touch(h->arg, h->halo, chunk) != h->touching) return;
  h->task(h->arg, chunk, thread);
  if (thread == 0) h->halo->move_on(h->halo->arg);
}

void ritz_parallel_halo(const ritz_halo *halo, ritz_touch *touch, int threads, ritz_index chunks,
                        ritz_task *task, void *arg) {
  if (!halo) {
    ritz_parallel(threads, chunks, task, arg);
    return;
  }
  half h = {halo, touch, task, arg, halo->leaves};
  ritz_parallel(threads, chunks, run_chunk, &h);
  halo->meet(halo->arg);
  h.touching = !h.touching;
  ritz_parallel(threads, chunks, run_chunk, &h);
}
