/* SPDX-License-Identifier: BSD-3-Clause
 * The one place where OpenMP threads start: fixed chunks, one level deep.
 *
 * A caller cuts its work into chunks by shape alone, so results do not depend on the number of
 * threads; sums across chunks are taken by the caller in chunk order. */
#ifndef RITZ_CORE_THREADS_H
#define RITZ_CORE_THREADS_H

#include <ritz/types.h>

/** Does chunk @p chunk; @p thread < threads names the scratch it may use. Must not fail. */
typedef void ritz_task(void *arg, ritz_index chunk, int thread);

/** Runs task(arg, c, t) for c = 0 ... chunks-1 on up to @p threads threads and waits. Thread t
 * begins with its share of the chunks, those from t chunks / threads on. */
void ritz_parallel(int threads, ritz_index chunks, ritz_task *task, void *arg);

/** @return  Processors in the affinity mask of this process, at least 1. */
int ritz_threads_available(void);

#endif
