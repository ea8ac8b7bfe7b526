/* SPDX-License-Identifier: BSD-3-Clause
 * Chunks of a sequence over threads, each with one solver and a recycle space of its own. */
#include <ritz/sequence.h>

#include "core/fail.h"
#include "core/memory.h"
#include "core/threads.h"

typedef struct run {
  const ritz_sequence *sequence;
  ritz_index length;    /* of a chunk, at most all systems */
  ritz_krylov **solver; /* [workers] */
  ritz_solve_report *reports;
  ritz_index *failed; /* [chunks]: 1 + the sample a worker ended at */
} run;

static void solve_chunk(void *arg, ritz_index chunk, int thread) {
  const run *r = arg;
  const ritz_sequence *s = r->sequence;
  ritz_krylov *solver = r->solver[thread];
  const ritz_index first = chunk * r->length, last = first + r->length;
  if (ritz_krylov_recycle(solver)) ritz_recycle_reset(ritz_krylov_recycle(solver));
  for (ritz_index k = first; k < last && k < s->count; k++) {
    const ritz_index sample = s->order ? s->order[k] : k;
    const void *b;
    void *x;
    if (s->set(s->worker[thread], sample, solver, &b, &x) != 0 ||
        ritz_krylov_solve(solver, b, x, &r->reports[sample]) != RITZ_OK) {
      r->failed[chunk] = sample + 1;
      return;
    }
  }
}

static ritz_status solve(run *r) {
  const ritz_sequence *s = r->sequence;
  const ritz_index chunks = s->count > 0 ? (s->count + r->length - 1) / r->length : 0;
  ritz_krylov_options options;
  ritz_krylov_options_defaults(&options);
  if (s->krylov) options = *s->krylov;
  options.threads = 1;
  RITZ_TRY(RITZ_NEW(chunks, &r->failed));
  RITZ_TRY(RITZ_NEW(s->workers, &r->solver));
  for (int w = 0; w < s->workers; w++)
    RITZ_TRY(ritz_krylov_create(s->scalar, s->n, &options, &r->solver[w]));
  ritz_parallel(s->workers, chunks, solve_chunk, r);
  for (ritz_index c = 0; c < chunks; c++)
    RITZ_REQUIRE(r->failed[c] == 0, RITZ_ERR_NUMERIC,
                 "the system of sample %td could not be set up: a worker ended the sequence",
                 r->failed[c] - 1);
  return RITZ_OK;
}

ritz_status ritz_sequence_solve(const ritz_sequence *s, ritz_solve_report *reports) {
  RITZ_TRY(ritz_reserved_check(s->reserved, "sequence"));
  RITZ_REQUIRE(s->chunk >= 1, RITZ_ERR_ARGUMENT, "chunk is %td systems, wanted at least 1",
               s->chunk);
  RITZ_REQUIRE(s->workers >= 1, RITZ_ERR_ARGUMENT, "%d workers, wanted at least 1", s->workers);
  RITZ_REQUIRE(s->count >= 0, RITZ_ERR_ARGUMENT, "%td systems, wanted at least 0", s->count);
  const ritz_index length = s->chunk < s->count ? s->chunk : s->count;
  run r = {.sequence = s, .length = length, .reports = reports};
  const ritz_status status = solve(&r);
  for (int w = 0; r.solver && w < s->workers; w++) ritz_krylov_destroy(&r.solver[w]);
  ritz_free(r.solver);
  ritz_free(r.failed);
  return status;
}
