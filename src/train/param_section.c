/* SPDX-License-Identifier: BSD-3-Clause */
#include "train/param_section.h"

#include <math.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "core/threads.h"
#include "io/finite.h"
#include "kernels/kernels.h"

static ritz_index own_slice(const ritz_section *s, int bucket, ritz_index *end) {
  return ritz_section_slice(s, bucket, ritz_comm_rank(s->comm), end);
}

ritz_index ritz_section_own(const ritz_section *s, ritz_index *first) {
  const int rank = ritz_comm_rank(s->comm);
  *first = s->bound[rank];
  return s->bound[rank + 1] - s->bound[rank];
}

/* ---- runs ---------------------------------------------------------------------------------- */

ritz_status ritz_section_init(ritz_section *s, ritz_params *params, ritz_comm *comm,
                              ritz_index base, ritz_index end) {
  *s = (ritz_section){.params = params, .comm = comm, .base = base, .length = end - base};
  return RITZ_NEW(ritz_params_count(params), &s->run);
}

void ritz_section_clear(ritz_section *s) {
  ritz_free(s->run);
  ritz_free(s->packed);
  ritz_buckets_destroy(&s->moving);
  ritz_free(s->chunk);
  ritz_free(s->bound);
  ritz_free(s->sorted);
  ritz_free(s->square);
  ritz_free(s->offset);
  ritz_free(s->held);
  for (int i = 0; i < 2; i++) ritz_free(s->slot[i]);
}

void ritz_section_add(ritz_section *s, int param, const ritz_param_part *part) {
  s->run[s->runs++] = (ritz_run){
      .param = param, .first = part->first, .count = part->count, .place = part->place - s->base};
}

const ritz_run *ritz_section_run(const ritz_section *s, int param) {
  const ritz_run *run = s->run;
  while (run->param != param) run++;
  return run;
}

size_t ritz_section_memory(const ritz_section *s) {
  const ritz_index state = s->slots * s->held[s->buckets];
  return (size_t)((s->packed ? s->length : 0) + state) * (size_t)ritz_section_number(s) +
         (s->moving ? ritz_buckets_memory(s->moving) : 0);
}

/* ---- what travels -------------------------------------------------------------------------- */

/* What a run has of the numbers [*first, *end) of the section; @return whether it is anything. */
static bool clip(const ritz_run *run, ritz_index *first, ritz_index *end) {
  const ritz_index run_end = run->place + run->count;
  if (*first < run->place) *first = run->place;
  if (*end > run_end) *end = run_end;
  return *first < *end;
}

/* Numbers [from, end) of the section, between the flat array and the packed one. */
static void copy_runs(const ritz_section *s, ritz_index from, ritz_index end, char *flat,
                      char *packed, bool pack) {
  const ritz_index size = ritz_section_number(s);
  for (const ritz_run *run = s->run; run < s->run + s->runs; run++) {
    ritz_index first = from, last = end;
    if (!clip(run, &first, &last)) continue;
    char *a = flat + (run->first + first - run->place) * size, *b = packed + first * size;
    memcpy(pack ? b : a, pack ? a : b, (size_t)((last - first) * size));
  }
}

void ritz_section_begin_sum(ritz_section *s, void *gradient) {
  s->summed = (char *)gradient + s->base * ritz_section_number(s);
  if (s->moving) ritz_buckets_begin_sum(s->moving, s->summed);
}

/* Is all of a bucket there? */
static bool is_ready(const ritz_section *s, int bucket, const int *final, int steps) {
  const ritz_index *offset = s->offset + (ritz_index)bucket * (ritz_comm_size(s->comm) + 1);
  for (const ritz_run *run = s->run; run < s->run + s->runs; run++) {
    ritz_index first = offset[0], end = offset[ritz_comm_size(s->comm)];
    if (clip(run, &first, &end) && final[run->param] > steps) return false;
  }
  return true;
}

void ritz_section_go_on(ritz_section *s, const int *final, int steps) {
  int ready = 0;
  if (!s->moving) return;
  while (ready < s->buckets && is_ready(s, ready, final, steps)) ready++;
  ritz_buckets_go_on(s->moving, ready);
}

double ritz_section_shadow(const ritz_section *s, ritz_network network, const int *final, int steps,
                           const double *done) {
  double all = 0, end = 0;
  for (int b = 0; s->moving && b < s->buckets; b++) {
    ritz_traffic traffic = {.network = network};
    int step = 0;
    while (step < steps && !is_ready(s, b, final, step)) step++;
    ritz_buckets_add_sum(s->moving, b, &traffic);
    end = fmax(end, done[step]) + traffic.seconds;
    all += traffic.seconds;
  }
  return all - fmax(0, end - done[steps]);
}

ritz_status ritz_section_finish_sum(ritz_section *s) {
  if (s->moving) return ritz_buckets_finish_sum(s->moving);
  return ritz_comm_sum_part(s->comm, ritz_params_dtype(s->params), s->offset, s->summed);
}

/* Slices of all ranks, of numbers that lie as those of the section do. */
static ritz_status gather(ritz_section *s, void *numbers) {
  if (s->moving) return ritz_buckets_gather(s->moving, numbers);
  return ritz_comm_gather_parts(s->comm, ritz_section_number(s), s->offset, numbers);
}

ritz_status ritz_section_gather(ritz_section *s, void *array) {
  if (ritz_comm_size(s->comm) == 1 || s->runs == 0) return RITZ_OK;
  if (!s->packed) return gather(s, (char *)array + s->run[0].first * ritz_section_number(s));
  for (int b = 0; b < s->buckets; b++) {
    ritz_index end;
    const ritz_index first = own_slice(s, b, &end);
    copy_runs(s, first, end, array, s->packed, true);
  }
  RITZ_TRY(gather(s, s->packed));
  copy_runs(s, 0, s->length, array, s->packed, false);
  return RITZ_OK;
}

void ritz_section_traffic(const ritz_section *s, bool squares, ritz_traffic *traffic) {
  if (s->moving) {
    for (int b = 0; b < s->buckets; b++) ritz_buckets_add_sum(s->moving, b, traffic);
    ritz_buckets_add_gather(s->moving, traffic);
  } else {
    ritz_traffic_add_sum_part(traffic, s->comm, ritz_params_dtype(s->params), s->offset);
    ritz_traffic_add_gather_parts(traffic, s->comm, ritz_section_number(s), s->offset);
  }
  if (squares) ritz_traffic_add_gather_parts(traffic, s->comm, sizeof *s->square, s->bound);
}

char *ritz_section_state(const ritz_section *s, int slot, const ritz_run *run, int bucket,
                         ritz_index *first, ritz_index *end) {
  const ritz_index slice = own_slice(s, bucket, end);
  *first = slice;
  if (!clip(run, first, end)) return NULL;
  return (char *)s->slot[slot] + (s->held[bucket] + *first - slice) * ritz_section_number(s);
}

/* What rank r has of a run in one bucket. */
static ritz_status collect(ritz_section *s, int slot, const ritz_run *run, int bucket, int r,
                           char *room) {
  const ritz_index size = ritz_section_number(s);
  const int rank = ritz_comm_rank(s->comm);
  ritz_index own, own_end, end, first = ritz_section_slice(s, bucket, r, &end);
  if ((rank != 0 && rank != r) || !clip(run, &first, &end)) return RITZ_OK;
  const ritz_index bytes = (end - first) * size;
  char *there = room + (rank == 0 ? first - run->place : 0) * size;
  char *state = rank == r ? ritz_section_state(s, slot, run, bucket, &own, &own_end) : NULL;
  if (r > 0) return ritz_comm_move(s->comm, r, 0, bytes, rank == 0 ? there : state);
  memcpy(there, state, (size_t)bytes);
  return RITZ_OK;
}

ritz_status ritz_section_collect(ritz_section *s, int slot, const ritz_run *run, void *room) {
  for (int r = 0; r < ritz_comm_size(s->comm); r++)
    for (int b = 0; b < s->buckets; b++) RITZ_TRY(collect(s, slot, run, b, r, room));
  return RITZ_OK;
}

/* ---- a look at the gradient ---------------------------------------------------------------- */

typedef struct walk {
  ritz_section *section;
  const ritz_kernels *kernels;
  const char *gradient;
  ritz_index first; /* chunk */
} walk;

static void add_squares(void *arg, ritz_index i, int thread) {
  const walk *w = arg;
  const ritz_chunk *chunk = &w->section->chunk[w->first + i];
  const char *g = w->gradient + (w->section->base + chunk->place) * ritz_section_number(w->section);
  w->section->square[w->first + i] = 0;
  if (w->section->done && w->section->done[chunk->param]) return;
  w->kernels->dot(chunk->count, g, g, &w->section->square[w->first + i]);
}

static void square_own(ritz_section *s, int threads, const void *gradient) {
  walk w = {.section = s,
            .kernels = ritz_kernels_get(ritz_params_dtype(s->params)),
            .gradient = gradient};
  const ritz_index count = ritz_section_own(s, &w.first);
  ritz_parallel(threads, count, add_squares, &w);
}

ritz_status ritz_section_squares(ritz_section *s, int threads, const void *gradient, double *sum) {
  square_own(s, threads, gradient);
  RITZ_TRY(ritz_comm_gather_parts(s->comm, sizeof *s->square, s->bound, s->square));
  *sum = 0;
  for (ritz_index c = 0; c < s->chunks; c++) *sum += s->square[s->sorted[c]];
  return RITZ_OK;
}

ritz_index ritz_section_not_finite(ritz_section *s, int threads, const void *gradient,
                                   double *value) {
  const ritz_dtype dtype = ritz_params_dtype(s->params);
  ritz_index first;
  const ritz_index end = ritz_section_own(s, &first) + first;
  square_own(s, threads, gradient);
  for (const ritz_chunk *c = s->chunk + first; c < s->chunk + end; c++) {
    if (isfinite(s->square[c - s->chunk])) continue;
    const char *g = (const char *)gradient + (s->base + c->place) * ritz_section_number(s);
    const ritz_index at = ritz_first_not_finite(dtype, c->count, g);
    if (at < 0) continue;
    *value = ritz_number_get(dtype, g, at);
    return c->first + at;
  }
  return -1;
}
