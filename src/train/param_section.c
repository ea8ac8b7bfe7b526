/* SPDX-License-Identifier: BSD-3-Clause */
#include "train/param_section.h"

#include <math.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "core/threads.h"
#include "io/finite.h"
#include "kernels/kernels.h"

static ritz_index number_bytes(const ritz_section *s) {
  return (ritz_index)ritz_dtype_size(ritz_params_dtype(s->params));
}
static ritz_index own_first(const ritz_section *s) { return s->offset[ritz_comm_rank(s->comm)]; }
static ritz_index own_end(const ritz_section *s) { return s->offset[ritz_comm_rank(s->comm) + 1]; }

ritz_index ritz_section_own(const ritz_section *s, ritz_index *first) {
  const int rank = ritz_comm_rank(s->comm);
  *first = s->bound[rank];
  return s->bound[rank + 1] - s->bound[rank];
}

/* ---- chunks and parts ---------------------------------------------------------------------- */

ritz_status ritz_section_init(ritz_section *s, ritz_params *params, ritz_comm *comm,
                              ritz_index base, ritz_index end) {
  *s = (ritz_section){.params = params, .comm = comm, .base = base, .length = end - base};
  return RITZ_NEW(ritz_params_count(params), &s->run);
}

void ritz_section_clear(ritz_section *s) {
  ritz_free(s->run);
  ritz_free(s->packed);
  ritz_free(s->chunk);
  ritz_free(s->square);
  ritz_free(s->offset);
  ritz_free(s->bound);
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

/* Numbers after the axis of (re, im); 0 for a real parameter. */
static ritz_index inner_of(const ritz_param_info *info) {
  ritz_index inner = info->complex_axis >= 0;
  for (int a = info->complex_axis + 1; inner && a < info->shape.rank; a++)
    inner *= info->shape.n[a];
  return inner;
}

/* Adds the chunks of a run to @p out, or only counts them when it is NULL. */
static ritz_index cut(const ritz_section *s, const ritz_run *run, ritz_index chunk,
                      ritz_chunk *out) {
  const ritz_param_info *info = ritz_params_info(s->params, run->param);
  const ritz_index inner = inner_of(info), block = inner ? 2 * inner : 1;
  const ritz_index length = (chunk + block - 1) / block * block;
  ritz_index chunks = 0;
  for (ritz_index done = 0; info->trainable && done < run->count; done += length, chunks++) {
    const ritz_index left = run->count - done;
    if (out)
      out[chunks] = (ritz_chunk){.first = run->first + done,
                                 .count = left < length ? left : length,
                                 .place = run->place + done,
                                 .inner = inner,
                                 .param = run->param};
  }
  return chunks;
}

ritz_chunk ritz_section_piece(const ritz_section *s, int param, ritz_index first,
                              ritz_index count) {
  const ritz_run *run = ritz_section_run(s, param);
  return (ritz_chunk){.first = run->first + first,
                      .count = count,
                      .place = run->place + first,
                      .inner = inner_of(ritz_params_info(s->params, param)),
                      .param = param};
}

static ritz_status cut_all(ritz_section *s, ritz_index chunk) {
  for (int i = 0; i < s->runs; i++) s->chunks += cut(s, &s->run[i], chunk, NULL);
  RITZ_TRY(RITZ_NEW(s->chunks, &s->chunk));
  RITZ_TRY(RITZ_NEW(s->chunks, &s->square));
  ritz_index done = 0;
  for (int i = 0; i < s->runs; i++) done += cut(s, &s->run[i], chunk, s->chunk + done);
  return RITZ_OK;
}

/* Whole chunks for each rank, about as many numbers; what is in no chunk goes with what follows. */
static ritz_status find_parts(ritz_section *s) {
  const int ranks = ritz_comm_size(s->comm);
  RITZ_TRY(RITZ_NEW(ranks + 1, &s->offset));
  RITZ_TRY(RITZ_NEW(ranks + 1, &s->bound));
  ritz_index c = 0, first, share;
  for (int r = 1; r < ranks; r++) {
    ritz_share_of(r, ranks, s->length, &first, &share);
    while (c < s->chunks && s->chunk[c].place < first) c++;
    s->bound[r] = c;
    s->offset[r] = c < s->chunks ? s->chunk[c].place : s->length;
  }
  s->bound[ranks] = s->chunks;
  s->offset[ranks] = s->length;
  return RITZ_OK;
}

static bool lies_side_by_side(const ritz_section *s) {
  if (s->runs == 0) return true;
  const ritz_run *last = &s->run[s->runs - 1];
  return last->place == last->first - s->run[0].first;
}

ritz_status ritz_section_deal_out(ritz_section *s, ritz_index chunk, int slots) {
  const size_t size = (size_t)number_bytes(s);
  RITZ_TRY(cut_all(s, chunk));
  RITZ_TRY(find_parts(s));
  if (ritz_comm_size(s->comm) > 1 && !lies_side_by_side(s))
    RITZ_TRY(ritz_calloc(s->length, size, &s->packed));
  s->slots = slots;
  for (int i = 0; i < slots; i++)
    RITZ_TRY(ritz_calloc(own_end(s) - own_first(s), size, &s->slot[i]));
  return RITZ_OK;
}

size_t ritz_section_memory(const ritz_section *s) {
  const ritz_index state = s->slots * (own_end(s) - own_first(s));
  return (size_t)((s->packed ? s->length : 0) + state) * (size_t)number_bytes(s);
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
  const ritz_index size = number_bytes(s);
  for (const ritz_run *run = s->run; run < s->run + s->runs; run++) {
    ritz_index first = from, last = end;
    if (!clip(run, &first, &last)) continue;
    char *a = flat + (run->first + first - run->place) * size, *b = packed + first * size;
    memcpy(pack ? b : a, pack ? a : b, (size_t)((last - first) * size));
  }
}

ritz_status ritz_section_sum(ritz_section *s, void *gradient) {
  return ritz_comm_sum_part(s->comm, ritz_params_dtype(s->params), s->offset,
                            (char *)gradient + s->base * number_bytes(s));
}

ritz_status ritz_section_gather(ritz_section *s, void *array) {
  const ritz_index size = number_bytes(s);
  if (ritz_comm_size(s->comm) == 1 || s->runs == 0) return RITZ_OK;
  if (!s->packed)
    return ritz_comm_gather_parts(s->comm, size, s->offset, (char *)array + s->run[0].first * size);
  copy_runs(s, own_first(s), own_end(s), array, s->packed, true);
  RITZ_TRY(ritz_comm_gather_parts(s->comm, size, s->offset, s->packed));
  copy_runs(s, 0, s->length, array, s->packed, false);
  return RITZ_OK;
}

void ritz_section_traffic(const ritz_section *s, bool squares, ritz_traffic *traffic) {
  ritz_traffic_add_sum_part(traffic, s->comm, ritz_params_dtype(s->params), s->offset);
  ritz_traffic_add_gather_parts(traffic, s->comm, number_bytes(s), s->offset);
  if (squares) ritz_traffic_add_gather_parts(traffic, s->comm, sizeof *s->square, s->bound);
}

ritz_status ritz_section_collect(ritz_section *s, int slot, const ritz_run *run, void *room) {
  const ritz_index size = number_bytes(s);
  const int rank = ritz_comm_rank(s->comm);
  for (int r = 0; r < ritz_comm_size(s->comm); r++) {
    ritz_index first = s->offset[r], end = s->offset[r + 1];
    if ((rank != 0 && rank != r) || !clip(run, &first, &end)) continue;
    char *there = (char *)room + (rank == 0 ? first - run->place : 0) * size;
    char *state = (char *)s->slot[slot] + (rank == r ? first - own_first(s) : 0) * size;
    if (r > 0)
      RITZ_TRY(ritz_comm_move(s->comm, r, 0, (end - first) * size, rank == 0 ? there : state));
    else
      memcpy(there, state, (size_t)((end - first) * size));
  }
  return RITZ_OK;
}

void ritz_section_set_slot(ritz_section *s, int slot, const ritz_run *run, const void *state) {
  const ritz_index size = number_bytes(s);
  ritz_index first = own_first(s), end = own_end(s);
  if (!clip(run, &first, &end)) return;
  memcpy((char *)s->slot[slot] + (first - own_first(s)) * size,
         (const char *)state + (first - run->place) * size, (size_t)((end - first) * size));
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
  const char *g = w->gradient + (w->section->base + chunk->place) * number_bytes(w->section);
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
  for (ritz_index c = 0; c < s->chunks; c++) *sum += s->square[c];
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
    const char *g = (const char *)gradient + (s->base + c->place) * number_bytes(s);
    const ritz_index at = ritz_first_not_finite(dtype, c->count, g);
    if (at < 0) continue;
    *value = ritz_number_get(dtype, g, at);
    return c->first + at;
  }
  return -1;
}
