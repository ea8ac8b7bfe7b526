/* SPDX-License-Identifier: BSD-3-Clause
 * Threads with preconditioners of their own do not disturb each other. */
#include <stdatomic.h>
#include <stdlib.h>

#include "core/memory.h"
#include "core/threads.h"
#include "preconditioned.h"

enum { problems = 6, rounds = 2000, threads = 4 };

typedef struct race {
  const char *type;
  ritz_sparse *a[problems];
  double x[problems][most], y[problems][most]; /* y = M x by one thread */
  atomic_int failures;
} race;

/* Made, made anew, applied and released. */
static bool apply_once(const race *r, int i, double *y) {
  char text[64];
  ritz_preconditioner *p;
  if (ritz_preconditioner_create(r->type, options_of(r->type, 5 + i, side, text), r->a[i], &p))
    return false;
  const bool done =
      ritz_preconditioner_update(p) == RITZ_OK && ritz_preconditioner_apply(p, r->x[i], y) == 0;
  ritz_preconditioner_destroy(&p);
  return done;
}

static void run_round(void *arg, ritz_index round, int thread) {
  race *r = arg;
  const int i = (int)(round % problems);
  double y[most];
  const size_t bytes = (size_t)r->a[i]->rows * sizeof *y;
  if (!apply_once(r, i, y) || memcmp(y, r->y[i], bytes) != 0) atomic_fetch_add(&r->failures, 1);
}

static void each_thread_has_its_own(void **state) {
  static race r;
  for (int t = 0; t < ritz_preconditioner_count(); t++) {
    r.type = ritz_preconditioner_name(t);
    for (int i = 0; i < problems; i++) {
      r.a[i] = diffusion(RITZ_REAL_DOUBLE, 5 + i, side, 0);
      fill_vector(RITZ_REAL_DOUBLE, r.a[i]->rows, (uint32_t)i, r.x[i]);
      assert_true(apply_once(&r, i, r.y[i]));
    }
    ritz_parallel(threads, rounds, run_round, &r);
    for (int i = 0; i < problems; i++) ritz_sparse_destroy(&r.a[i]);
    if (atomic_load(&r.failures) > 0) fail_msg("%s: %d fail", r.type, atomic_load(&r.failures));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(each_thread_has_its_own)};
  return RUN_PRECONDITIONER_TESTS_OVER(MPI_THREAD_SERIALIZED, tests);
}
