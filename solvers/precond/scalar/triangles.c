/* SPDX-License-Identifier: BSD-3-Clause
 * Triangular solves in row order, or level by level where levels are long enough for threads. */
#include "solvers/precond/scalar/triangles.h"

#include "core/fail.h"
#include "core/memory.h"
#include "core/threads.h"

enum {
  LEVEL_ROWS = 2048, /* mean below which waking threads costs more than they save */
  CHUNK_ROWS = 512
};

/* Levels -------------------------------------------------------------------------------------- */

/* depth[i]: level of row i. @return  Levels. */
static ritz_index find_depth(const ritz_triangles *t, bool above, int32_t *depth) {
  int32_t most = -1;
  for (ritz_index k = 0; k < t->n; k++) {
    const ritz_index i = above ? t->n - 1 - k : k;
    const ritz_index first = above ? t->diagonal[i] + 1 : t->start[i];
    const ritz_index last = above ? t->start[i + 1] : t->diagonal[i];
    int32_t level = 0;
    for (ritz_index e = first; e < last; e++)
      if (depth[t->column[e]] >= level) level = depth[t->column[e]] + 1;
    depth[i] = level;
    if (level > most) most = level;
  }
  return most + 1;
}

static ritz_status make_levels(const ritz_triangles *t, bool above, int32_t *depth,
                               ritz_levels *levels) {
  levels->count = find_depth(t, above, depth);
  if (levels->count * LEVEL_ROWS > t->n) return RITZ_OK;
  RITZ_TRY(RITZ_NEW(levels->count + 2, &levels->first));
  RITZ_TRY(RITZ_NEW(t->n, &levels->row));
  for (ritz_index i = 0; i < t->n; i++) levels->first[depth[i] + 2]++;
  for (ritz_index l = 0; l < levels->count; l++) levels->first[l + 2] += levels->first[l + 1];
  for (ritz_index i = 0; i < t->n; i++) levels->row[levels->first[depth[i] + 1]++] = (int32_t)i;
  return RITZ_OK;
}

ritz_status ritz_triangles_create(ritz_index n, const ritz_index *start, const int32_t *column,
                                  ritz_triangles *out) {
  *out = (ritz_triangles){.n = n, .start = start, .column = column};
  ritz_status status;
  int32_t *depth = NULL;
  RITZ_TRY_DONE(RITZ_NEW(n, &out->diagonal));
  RITZ_TRY_DONE(RITZ_NEW(n, &depth));
  for (ritz_index i = 0; i < n; i++) {
    ritz_index e = start[i];
    while (e < start[i + 1] && column[e] < i) e++;
    out->diagonal[i] = e;
    if (e == start[i + 1] || column[e] != i)
      RITZ_TRY_DONE(RITZ_FAIL(RITZ_ERR_NUMERIC, "row %td has no diagonal entry", i));
  }
  RITZ_TRY_DONE(make_levels(out, false, depth, &out->below));
  RITZ_TRY_DONE(make_levels(out, true, depth, &out->above));
done:
  ritz_free(depth);
  if (status != RITZ_OK) ritz_triangles_clear(out);
  return status;
}

void ritz_triangles_clear(ritz_triangles *t) {
  ritz_free(t->diagonal);
  ritz_free(t->below.first);
  ritz_free(t->below.row);
  ritz_free(t->above.first);
  ritz_free(t->above.row);
  *t = (ritz_triangles){0};
}

/* Solves --------------------------------------------------------------------------------------- */

typedef struct sweep {
  const ritz_triangles *t;
  const scalar *r;
  scalar *y;
  bool unit;
  const int32_t *row; /* of a level */
  ritz_index rows;
} sweep;

static inline void lower_row(const sweep *s, ritz_index i) {
  const ritz_triangles *t = s->t;
  scalar sum = s->r[i];
  for (ritz_index e = t->start[i]; e < t->diagonal[i]; e++)
    sum -= t->values[e] * s->y[t->column[e]];
  s->y[i] = s->unit ? sum : sum * t->inverse[i];
}

static inline void upper_row(const sweep *s, ritz_index i) {
  const ritz_triangles *t = s->t;
  scalar sum = s->r[i];
  for (ritz_index e = t->diagonal[i] + 1; e < t->start[i + 1]; e++)
    sum -= t->values[e] * s->y[t->column[e]];
  s->y[i] = sum * t->inverse[i];
}

static ritz_index chunk_end(const sweep *s, ritz_index chunk) {
  const ritz_index end = (chunk + 1) * CHUNK_ROWS;
  return end < s->rows ? end : s->rows;
}

static void lower_chunk(void *arg, ritz_index chunk, int thread) {
  const sweep *s = arg;
  for (ritz_index k = chunk * CHUNK_ROWS; k < chunk_end(s, chunk); k++) lower_row(s, s->row[k]);
}

static void upper_chunk(void *arg, ritz_index chunk, int thread) {
  const sweep *s = arg;
  for (ritz_index k = chunk * CHUNK_ROWS; k < chunk_end(s, chunk); k++) upper_row(s, s->row[k]);
}

static void by_levels(const ritz_levels *levels, int threads, ritz_task *task, sweep *s) {
  for (ritz_index l = 0; l < levels->count; l++) {
    s->row = levels->row + levels->first[l];
    s->rows = levels->first[l + 1] - levels->first[l];
    ritz_parallel(threads, (s->rows + CHUNK_ROWS - 1) / CHUNK_ROWS, task, s);
  }
}

void ritz_triangles_lower(const ritz_triangles *t, int threads, bool unit, const scalar *r,
                          scalar *y) {
  sweep s = {.t = t, .r = r, .y = y, .unit = unit};
  if (threads > 1 && t->below.first)
    by_levels(&t->below, threads, lower_chunk, &s);
  else
    for (ritz_index i = 0; i < t->n; i++) lower_row(&s, i);
}

void ritz_triangles_upper(const ritz_triangles *t, int threads, const scalar *r, scalar *y) {
  sweep s = {.t = t, .r = r, .y = y};
  if (threads > 1 && t->above.first)
    by_levels(&t->above, threads, upper_chunk, &s);
  else
    for (ritz_index i = t->n; i-- > 0;) upper_row(&s, i);
}
