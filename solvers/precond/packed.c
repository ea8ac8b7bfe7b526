/* SPDX-License-Identifier: BSD-3-Clause
 * Patterns in slices: levels, rows in their order, terms of each slice. */
#include "solvers/precond/packed.h"

#include <string.h>

#include "core/fail.h"
#include "core/memory.h"

enum {
  MOST_LANES = 16,
  MOST_TERMS = 64, /* of a slice whose rows are aligned with each other */
  /* Mean rows of a slice below which row after row is as fast: a slice of few rows takes what two
   * or three rows take. */
  LEAST_ROWS = 3,
  GATHER_COST = 4 /* of a term that is gathered, in terms that are one load */
};

/* What is being packed. */
typedef struct packing {
  const ritz_pattern *of;
  bool above;
  int stride;
  const ritz_packed *below;
  ritz_packed *out;
  ritz_index term_room, lists, list_room;
} packing;

/* Terms of one slice. */
typedef struct slice {
  const int32_t *row; /* [lanes] */
  ritz_index ready;   /* positions of earlier levels end here */
  int terms;
  int32_t base[MOST_TERMS]; /* position of a term's unknown less its lane */
  int32_t entry[MOST_TERMS][MOST_LANES];
} slice;

static ritz_index row_first(const packing *p, ritz_index i) {
  return p->above ? p->of->diagonal[i] + 1 : p->of->start[i];
}

static ritz_index row_last(const packing *p, ritz_index i) {
  return p->above ? p->of->start[i + 1] : p->of->diagonal[i];
}

/* Levels -------------------------------------------------------------------------------------- */

/* depth[i]: level of row i. @return  Levels. */
static ritz_index find_depth(const packing *p, int32_t *depth) {
  int32_t most = -1;
  for (ritz_index k = 0; k < p->of->n; k++) {
    const ritz_index i = p->above ? p->of->n - 1 - k : k;
    int32_t level = 0;
    for (ritz_index e = row_first(p, i); e < row_last(p, i); e++)
      if (depth[p->of->column[e]] >= level) level = depth[p->of->column[e]] + 1;
    depth[i] = level;
    if (level > most) most = level;
  }
  return most + 1;
}

/* level[l]: first slice of level l, from the rows of each. @return  Slices. */
static ritz_index count_slices(const packing *p, const int32_t *depth, ritz_index *level) {
  ritz_packed *out = p->out;
  for (ritz_index i = 0; i < p->of->n; i++) level[depth[i] + 1]++;
  for (ritz_index l = 0; l < out->levels; l++)
    level[l + 1] = level[l] + (level[l + 1] + out->lanes - 1) / out->lanes;
  return level[out->levels];
}

/* Rows of a level in ascending order, one per lane. @param next  [levels], zero. */
static void place_rows(const packing *p, const int32_t *depth, ritz_index *next) {
  ritz_packed *out = p->out;
  for (ritz_index k = 0; k < out->slices.count * out->lanes; k++) out->row[k] = -1;
  for (ritz_index i = 0; i < p->of->n; i++) {
    const ritz_index at = out->level[depth[i]] * out->lanes + next[depth[i]]++;
    out->row[at] = (int32_t)i;
    out->position[i] = (int32_t)(at + out->lanes);
  }
}

/* Levels and slices; none where they are not worth it. */
static ritz_status make_levels(packing *p, int32_t *depth) {
  ritz_packed *out = p->out;
  ritz_index *next;
  out->levels = find_depth(p, depth);
  if (out->levels * LEAST_ROWS > p->of->n) return RITZ_OK;
  RITZ_TRY(RITZ_NEW(out->levels + 1, &out->level));
  const ritz_index count = count_slices(p, depth, out->level);
  if (count * LEAST_ROWS > p->of->n) return RITZ_OK;
  out->slices.count = count;
  out->slices.room = (count + 2) * out->lanes; /* zeros in front, and behind for whole loads */
  RITZ_TRY(RITZ_NEW(count * out->lanes, &out->row));
  RITZ_TRY(RITZ_NEW(p->of->n, &out->position));
  RITZ_TRY(RITZ_NEW(count, &out->slices.source));
  RITZ_TRY(RITZ_NEW(count + 1, &out->slices.first));
  RITZ_TRY(RITZ_NEW(out->levels, &next));
  place_rows(p, depth, next);
  ritz_free(next);
  return RITZ_OK;
}

/* Terms --------------------------------------------------------------------------------------- */

static int32_t unknown(const packing *p, int32_t entry) {
  return p->out->position[p->of->column[entry]];
}

/* Where a term is one load. Lanes without an entry, times zero, may read what has been computed
 * before, never what is left from another right-hand side. @return  -1: it is not. */
static int32_t find_run(const packing *p, const slice *s, const int32_t *entry) {
  int32_t base = -1;
  for (int k = 0; k < p->out->lanes; k++) {
    if (entry[k] < 0) continue;
    const int32_t here = unknown(p, entry[k]) - k;
    if (here < 0 || (base >= 0 && here != base)) return -1;
    base = here;
  }
  for (int k = 0; k < p->out->lanes; k++)
    if (entry[k] < 0 && base + k >= s->ready) return -1;
  return base;
}

/* Rows aligned by the distance of their unknowns, each in its order. @return  false: too many. */
static bool align(const packing *p, slice *s) {
  s->terms = 0;
  for (int k = 0; k < p->out->lanes && s->row[k] >= 0; k++) {
    int at = 0;
    for (ritz_index e = row_first(p, s->row[k]); e < row_last(p, s->row[k]); e++, at++) {
      const int32_t base = unknown(p, (int32_t)e) - k;
      int t = at;
      while (t < s->terms && s->base[t] != base) t++;
      if (t == s->terms) { /* a new term between the last and the next of this row */
        if (s->terms == MOST_TERMS) return false;
        memmove(s->base + at + 1, s->base + at, (size_t)(s->terms - at) * sizeof *s->base);
        memmove(s->entry + at + 1, s->entry + at, (size_t)(s->terms - at) * sizeof *s->entry);
        memset(s->entry[at], -1, sizeof *s->entry);
        s->base[at] = base;
        s->terms++;
        t = at;
      }
      s->entry[at = t][k] = (int32_t)e;
    }
  }
  return true;
}

/* The t-th entries of the rows. @return  false: none has so many. */
static bool take_in_turn(const packing *p, const slice *s, ritz_index t, int32_t *entry) {
  bool any = false;
  for (int k = 0; k < p->out->lanes; k++) {
    const ritz_index i = s->row[k];
    const bool has = i >= 0 && row_first(p, i) + t < row_last(p, i);
    entry[k] = has ? (int32_t)(row_first(p, i) + t) : -1;
    any = any || has;
  }
  return any;
}

/* A list of positions. @return  Its place. */
static ritz_status add_list(packing *p, const int32_t *position, int32_t *place) {
  ritz_packed *out = p->out;
  const size_t bytes = (size_t)out->lanes * sizeof *position;
  if (p->lists == p->list_room) {
    const ritz_index room = 2 * p->list_room + 64;
    RITZ_TRY(ritz_grow(p->list_room, room, bytes, (void **)&out->slices.index));
    p->list_room = room;
  }
  memcpy(out->slices.index + p->lists * out->lanes, position, bytes);
  *place = ~(int32_t)p->lists++;
  return RITZ_OK;
}

static ritz_status add_term(packing *p, const slice *s, const int32_t *entry) {
  ritz_packed *out = p->out;
  if (out->terms == p->term_room) {
    const ritz_index room = 2 * p->term_room + 64;
    RITZ_TRY(ritz_grow(p->term_room, room, sizeof *out->slices.place, (void **)&out->slices.place));
    RITZ_TRY(ritz_grow(p->term_room, room, (size_t)out->lanes * sizeof *out->entry,
                       (void **)&out->entry));
    p->term_room = room;
  }
  int32_t place = find_run(p, s, entry);
  if (place < 0) {
    int32_t position[MOST_LANES];
    for (int k = 0; k < out->lanes; k++) position[k] = entry[k] < 0 ? 0 : unknown(p, entry[k]);
    RITZ_TRY(add_list(p, position, &place));
  }
  out->slices.place[out->terms] = place;
  memcpy(out->entry + out->terms++ * out->lanes, entry, (size_t)out->lanes * sizeof *entry);
  return RITZ_OK;
}

static ritz_status add_terms(packing *p, slice *s) {
  int32_t entry[MOST_LANES] = {0};
  const bool aligned = align(p, s);
  int cost = 0, other = 0;
  for (int t = 0; aligned && t < s->terms; t++)
    cost += find_run(p, s, s->entry[t]) < 0 ? GATHER_COST : 1;
  for (ritz_index t = 0; take_in_turn(p, s, t, entry); t++)
    other += find_run(p, s, entry) < 0 ? GATHER_COST : 1;
  if (aligned && cost <= other) {
    for (int t = 0; t < s->terms; t++) RITZ_TRY(add_term(p, s, s->entry[t]));
    return RITZ_OK;
  }
  for (ritz_index t = 0; take_in_turn(p, s, t, entry); t++) RITZ_TRY(add_term(p, s, entry));
  return RITZ_OK;
}

/* Right-hand sides of a slice. Lanes without a row take that of the first; only a working vector
 * may be read beyond its rows. */
static ritz_status add_source(packing *p, const slice *s, int32_t *place) {
  int32_t position[MOST_LANES] = {0};
  bool run = true;
  for (int k = 0; k < p->out->lanes; k++) {
    const int32_t i = s->row[s->row[k] < 0 ? 0 : k];
    position[k] = p->below ? p->below->position[i] : p->stride * i;
    run = run && (s->row[k] < 0 ? p->below != NULL : position[k] == position[0] + k);
  }
  *place = position[0];
  return run ? RITZ_OK : add_list(p, position, place);
}

static ritz_status make_terms(packing *p) {
  ritz_packed *out = p->out;
  slice s;
  for (ritz_index l = 0; l < out->levels; l++) {
    s.ready = (out->level[l] + 1) * out->lanes;
    for (ritz_index i = out->level[l]; i < out->level[l + 1]; i++) {
      s.row = out->row + i * out->lanes;
      RITZ_TRY(add_source(p, &s, &out->slices.source[i]));
      RITZ_TRY(add_terms(p, &s));
      out->slices.first[i + 1] = out->terms;
    }
  }
  return RITZ_OK;
}

ritz_status ritz_packed_create(const ritz_pattern *of, bool above, int lanes, int stride,
                               const ritz_packed *below, ritz_packed *out) {
  packing p = {.of = of, .above = above, .stride = stride, .below = below, .out = out};
  *out = (ritz_packed){.lanes = lanes};
  int32_t *depth;
  /* Positions, places and entries are 32 bits wide. */
  const ritz_index most = INT32_MAX / 8;
  if (of->n > most || of->start[of->n] > most) return RITZ_OK;
  RITZ_TRY(RITZ_NEW(of->n, &depth));
  ritz_status status = make_levels(&p, depth);
  ritz_free(depth);
  if (status == RITZ_OK && out->slices.count > 0) status = make_terms(&p);
  return status;
}

void ritz_packed_clear(ritz_packed *packed) {
  void *const blocks[] = {packed->level,         packed->row,          packed->position,
                          packed->entry,         packed->slices.first, packed->slices.source,
                          packed->slices.place,  packed->slices.index, packed->slices.values,
                          packed->slices.before, packed->slices.after};
  for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) ritz_free(blocks[i]);
  *packed = (ritz_packed){0};
}
