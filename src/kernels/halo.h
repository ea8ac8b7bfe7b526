/* SPDX-License-Identifier: BSD-3-Clause
 * Work that goes on while the numbers around it travel.
 *
 * A box of a field has points of this rank and, around them, points of others: its halo. A kernel
 * that reads such a box does first what sees none of the halo, then has it arrive, then does the
 * rest; one that writes the cotangent of the box does first what touches the halo, has that leave,
 * then the rest. Chunks are those without a halo, each as a whole before or after: no bit changes.
 */
#ifndef RITZ_KERNELS_HALO_H
#define RITZ_KERNELS_HALO_H

#include "core/threads.h"

typedef struct ritz_halo {
  bool leaves; /* what touches the halo comes first */
  /* Outputs of the kernel along each of three axes (missing leading ones have one point), and how
   * many of the first i of them touch the halo, [outputs + 1]. */
  ritz_index outputs[3];
  const ritz_index *touching[3];
  void (*meet)(void *arg);    /* between the two: waits for the halo, or sends it */
  void (*move_on)(void *arg); /* now and then, from the calling thread; does not wait */
  void *arg;
} ritz_halo;

/** @return  Whether some of the outputs [first, end) along the three axes touch the halo. */
static inline bool ritz_halo_touches(const ritz_halo *halo, const ritz_index first[3],
                                     const ritz_index end[3]) {
  for (int a = 0; a < 3; a++)
    if (halo->touching[a][end[a]] > halo->touching[a][first[a]]) return true;
  return false;
}

/** Whether chunk @p chunk touches the halo: may say so of too many. */
typedef bool ritz_touch(const void *arg, const ritz_halo *halo, ritz_index chunk);

/** ritz_parallel() around ritz_halo.meet. @param halo  NULL: nothing travels. */
void ritz_parallel_halo(const ritz_halo *halo, ritz_touch *touch, int threads, ritz_index chunks,
                        ritz_task *task, void *arg);

#endif
