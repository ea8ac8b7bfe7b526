/* SPDX-License-Identifier: BSD-3-Clause
 * Who has which chunks of a section: buckets, and in each a slice for every rank. */
#include <assert.h>

#include "core/fail.h"
#include "core/memory.h"
#include "train/param_section.h"

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
  assert(ritz_comm_size(s->comm) == 1);
  return (ritz_chunk){.first = run->first + first,
                      .count = count,
                      .place = run->place + first,
                      .inner = inner_of(ritz_params_info(s->params, param)),
                      .held = run->place + first,
                      .param = param};
}

static ritz_status cut_all(ritz_section *s, ritz_index chunk) {
  for (int i = 0; i < s->runs; i++) s->chunks += cut(s, &s->run[i], chunk, NULL);
  RITZ_TRY(RITZ_NEW(s->chunks, &s->chunk));
  RITZ_TRY(RITZ_NEW(s->chunks, &s->sorted));
  RITZ_TRY(RITZ_NEW(s->chunks, &s->square));
  ritz_index done = 0;
  for (int i = 0; i < s->runs; i++) done += cut(s, &s->run[i], chunk, s->chunk + done);
  return RITZ_OK;
}

/* As many as there can be if none is short. Slices are worth a message each and have some chunks,
 * lest one rank has much more than another; where that would make buckets, for which there has to
 * be room, too large, or where there is too little for two, there is one. */
static int count_buckets(const ritz_section *s) {
  enum { usual = 1 << 20, most = 1 << 23, least_chunks = 4 };
  const ritz_index ranks = ritz_comm_size(s->comm), size = ritz_section_number(s);
  ritz_index slice = RITZ_LONG_BYTES;
  for (const ritz_chunk *c = s->chunk; c < s->chunk + s->chunks; c++)
    if (least_chunks * c->count * size > slice) slice = least_chunks * c->count * size;
  const ritz_index bucket = ranks * slice > usual ? ranks * slice : usual;
  const ritz_index count = s->length * size / bucket;
  return ranks > 1 && bucket <= most && count > 1 ? (int)count : 1;
}

/* The first chunk from a place on, and where it begins; behind the last one: the end. */
static ritz_index chunk_from(const ritz_section *s, ritz_index place) {
  ritz_index first = 0, end = s->chunks;
  while (first < end) {
    const ritz_index middle = (first + end) / 2;
    if (s->chunk[middle].place < place)
      first = middle + 1;
    else
      end = middle;
  }
  return first;
}

static ritz_index place_from(const ritz_section *s, ritz_index place) {
  const ritz_index c = chunk_from(s, place);
  return c < s->chunks ? s->chunk[c].place : s->length;
}

/* Part i of n of the numbers [from, end), of whole chunks, about as many numbers each; what is in
 * no chunk goes with what is before it. */
static ritz_index part_from(const ritz_section *s, int i, int n, ritz_index from, ritz_index end) {
  ritz_index first, share;
  if (i == 0 || i == n) return i == 0 ? from : end;
  ritz_share_of(i, n, end - from, &first, &share);
  const ritz_index place = place_from(s, from + first);
  return place < end ? place : end;
}

static ritz_status find_slices(ritz_section *s) {
  const int ranks = ritz_comm_size(s->comm);
  s->buckets = count_buckets(s);
  RITZ_TRY(RITZ_NEW((ritz_index)s->buckets * (ranks + 1), &s->offset));
  RITZ_TRY(RITZ_NEW(s->buckets + 1, &s->held));
  for (int b = 0; b < s->buckets; b++) {
    const int turned = s->buckets - 1 - b;
    const ritz_index from = part_from(s, turned, s->buckets, 0, s->length);
    const ritz_index end = part_from(s, turned + 1, s->buckets, 0, s->length);
    ritz_index own_end;
    for (int r = 0; r <= ranks; r++)
      s->offset[(ritz_index)b * (ranks + 1) + r] = part_from(s, r, ranks, from, end);
    const ritz_index own = ritz_section_slice(s, b, ritz_comm_rank(s->comm), &own_end);
    s->held[b + 1] = s->held[b] + own_end - own;
  }
  return RITZ_OK;
}

/* Chunks come by place; each rank's slices are in ascending order again. */
static ritz_status sort_by_rank(ritz_section *s) {
  const int ranks = ritz_comm_size(s->comm), rank = ritz_comm_rank(s->comm);
  ritz_chunk *by_rank;
  ritz_index done = 0;
  RITZ_TRY(RITZ_NEW(ranks + 1, &s->bound));
  RITZ_TRY(RITZ_NEW(s->chunks, &by_rank));
  for (int r = 0; r < ranks; r++) {
    for (int b = s->buckets - 1; b >= 0; b--) {
      ritz_index end;
      const ritz_index first = ritz_section_slice(s, b, r, &end);
      for (ritz_index c = chunk_from(s, first); c < s->chunks && s->chunk[c].place < end; c++) {
        s->sorted[c] = done;
        by_rank[done] = s->chunk[c];
        by_rank[done++].held = r == rank ? s->held[b] + s->chunk[c].place - first : 0;
      }
    }
    s->bound[r + 1] = done;
  }
  ritz_free(s->chunk);
  s->chunk = by_rank;
  return RITZ_OK;
}

static bool lies_side_by_side(const ritz_section *s) {
  if (s->runs == 0) return true;
  const ritz_run *last = &s->run[s->runs - 1];
  return last->place == last->first - s->run[0].first;
}

ritz_status ritz_section_deal_out(ritz_section *s, ritz_index chunk, int slots) {
  const size_t size = (size_t)ritz_section_number(s);
  RITZ_TRY(cut_all(s, chunk));
  RITZ_TRY(find_slices(s));
  RITZ_TRY(sort_by_rank(s));
  if (s->buckets > 1)
    RITZ_TRY(ritz_buckets_create(s->comm, ritz_params_dtype(s->params), s->buckets, s->offset,
                                 &s->moving));
  if (ritz_comm_size(s->comm) > 1 && !lies_side_by_side(s))
    RITZ_TRY(ritz_calloc(s->length, size, &s->packed));
  s->slots = slots;
  for (int i = 0; i < slots; i++) RITZ_TRY(ritz_calloc(s->held[s->buckets], size, &s->slot[i]));
  return RITZ_OK;
}
