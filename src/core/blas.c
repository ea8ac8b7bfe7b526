/* SPDX-License-Identifier: BSD-3-Clause
 * The number of threads of OpenBLAS is one of the process, so holds of all threads are counted
 * together. */
#include "core/blas.h"

#include <cblas.h>
#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int holds, found; /* guarded by lock; threads before the first hold */

void ritz_blas_hold(void) {
  pthread_mutex_lock(&lock);
  if (holds++ == 0) {
    found = openblas_get_num_threads();
    if (found > 1) openblas_set_num_threads(1);
  }
  pthread_mutex_unlock(&lock);
}

void ritz_blas_release(void) {
  pthread_mutex_lock(&lock);
  if (--holds == 0 && found > 1) openblas_set_num_threads(found);
  pthread_mutex_unlock(&lock);
}
