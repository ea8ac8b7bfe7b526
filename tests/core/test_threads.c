/* SPDX-License-Identifier: BSD-3-Clause
 * Chunks over threads: each one once, by a thread that has scratch, and nobody idle beside work. */
#include <sched.h>
#include <stdatomic.h>

#include "core/clock.h"
#include "core/threads.h"
#include "support.h"

enum { most_chunks = 300 };

typedef struct record {
  atomic_int times[most_chunks];
  atomic_int outside; /* chunks of a thread that does not exist */
  int threads;
} record;

static void note(void *arg, ritz_index chunk, int thread) {
  record *r = arg;
  atomic_fetch_add(&r->times[chunk], 1);
  if (thread < 0 || thread >= r->threads) atomic_fetch_add(&r->outside, 1);
}

/* More threads than processors, and more than have shares of their own. */
static void every_chunk_runs_once(void **state) {
  static const int threads[] = {1, 2, 3, 7, 64, 67};
  static const ritz_index chunks[] = {0, 1, 2, 5, 64, 65, 66, most_chunks};
  for (size_t t = 0; t < sizeof threads / sizeof *threads; t++)
    for (size_t c = 0; c < sizeof chunks / sizeof *chunks; c++) {
      record r = {.threads = threads[t]};
      ritz_parallel(threads[t], chunks[c], note, &r);
      assert_int_equal(atomic_load(&r.outside), 0);
      for (ritz_index i = 0; i < most_chunks; i++)
        assert_int_equal(atomic_load(&r.times[i]), i < chunks[c]);
    }
}

typedef struct held {
  atomic_int done;
  atomic_bool late; /* the others were not done in time */
} held;

/* The first chunk ends after all others, which are also those of its thread's own share. */
static void hold(void *arg, ritz_index chunk, int thread) {
  held *h = arg;
  const double end = ritz_clock_seconds() + 20;
  while (chunk == 0 && atomic_load(&h->done) < most_chunks - 1 && !atomic_load(&h->late)) {
    if (ritz_clock_seconds() > end) atomic_store(&h->late, true);
    sched_yield();
  }
  atomic_fetch_add(&h->done, 1);
}

static void who_is_done_takes_from_others(void **state) {
  held h = {0};
  ritz_parallel(2, most_chunks, hold, &h);
  assert_false(atomic_load(&h.late));
  assert_int_equal(atomic_load(&h.done), most_chunks);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_chunk_runs_once),
      cmocka_unit_test(who_is_done_takes_from_others),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
