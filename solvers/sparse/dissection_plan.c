/* SPDX-License-Identifier: BSD-3-Clause
 * Nested dissection of a grid's pattern: the order, and which numbers meet in which front. */
#include "solvers/sparse/dissection_plan.h"

#include <stdlib.h>

#include "core/fail.h"
#include "core/memory.h"
#include "solvers/sparse/sparse.h"

/* Fewer unknowns than that are eliminated at once. */
enum { LEAF = 8 };

typedef struct builder {
  const ritz_sparse *a;
  int dim;
  const int32_t *place;
  ritz_dissection *d;
  int32_t *unknown;        /* [n] being parted; in the end by position */
  int32_t *scratch;        /* [n] */
  int32_t *seen;           /* [n]: the last front that counted it, + 1 */
  ritz_index eliminated;   /* positions given so far */
  ritz_index around, room; /* of boundary, used and there */
  int front_room;
} builder;

/* Fronts -------------------------------------------------------------------------------------- */

/* Counts an unknown among those around the front, once. */
static ritz_status surround(builder *s, int32_t unknown) {
  ritz_dissection *d = s->d;
  ritz_front *f = &d->front[d->fronts];
  if (d->position[unknown] >= 0 || s->seen[unknown] == d->fronts + 1) return RITZ_OK;
  s->seen[unknown] = d->fronts + 1;
  if (s->around == s->room) {
    const ritz_index room = 2 * s->room + 64;
    RITZ_TRY(ritz_grow(s->room, room, sizeof *d->boundary, (void **)&d->boundary));
    s->room = room;
  }
  d->boundary[s->around++] = unknown;
  f->around++;
  return RITZ_OK;
}

/* The front of `count` pivots with what surrounds them; its number is *out. */
static ritz_status add_front(builder *s, const int32_t *pivot, ritz_index count, const int child[2],
                             int *out) {
  ritz_dissection *d = s->d;
  if (d->fronts == s->front_room) {
    const int room = 2 * s->front_room + 16;
    RITZ_TRY(ritz_grow(s->front_room, room, sizeof *d->front, (void **)&d->front));
    s->front_room = room;
  }
  ritz_front *f = &d->front[d->fronts];
  *f = (ritz_front){.first = s->eliminated,
                    .pivots = (int)count,
                    .child = {child[0], child[1]},
                    .boundary = s->around};
  for (ritz_index k = 0; k < count; k++) d->position[pivot[k]] = (int32_t)s->eliminated++;
  for (int c = 0; c < 2; c++) {
    if (child[c] < 0) continue;
    const ritz_front *of = &d->front[child[c]];
    for (int k = 0; k < of->around; k++) RITZ_TRY(surround(s, d->boundary[of->boundary + k]));
  }
  for (ritz_index k = 0; k < count; k++)
    for (ritz_index e = s->a->start[pivot[k]]; e < s->a->start[pivot[k] + 1]; e++)
      RITZ_TRY(surround(s, s->a->column[e]));
  *out = d->fronts++;
  return RITZ_OK;
}

/* Axis of the largest extent of some unknowns, and its middle; false: too small to be cut. */
static bool find_cut(const builder *s, const int32_t *unknown, ritz_index count, int *axis,
                     int32_t *middle) {
  int32_t widest = 1;
  for (int d = 0; d < s->dim; d++) {
    int32_t low = INT32_MAX, high = INT32_MIN;
    for (ritz_index k = 0; k < count; k++) {
      const int32_t at = s->place[unknown[k] * s->dim + d];
      if (at < low) low = at;
      if (at > high) high = at;
    }
    if (high - low <= widest) continue;
    widest = high - low;
    *axis = d;
    *middle = low + (high - low) / 2;
  }
  return count > LEAF && widest > 1;
}

/* Puts the unknowns before the cut first, those behind it next, those on it last. */
static void part(const builder *s, int32_t *unknown, ritz_index count, int axis, int32_t middle,
                 ritz_index sizes[2]) {
  ritz_index used = 0;
  for (int side = 0; side < 3; side++) {
    for (ritz_index k = 0; k < count; k++) {
      const int32_t at = s->place[unknown[k] * s->dim + axis];
      if ((side == 0 && at < middle) || (side == 1 && at > middle) || (side == 2 && at == middle))
        s->scratch[used++] = unknown[k];
    }
    if (side < 2) sizes[side] = side ? used - sizes[0] : used;
  }
  for (ritz_index k = 0; k < count; k++) unknown[k] = s->scratch[k];
}

static ritz_status dissect(builder *s, int32_t *unknown, ritz_index count, int *out) {
  int axis = 0, child[2] = {-1, -1};
  int32_t middle = 0;
  ritz_index sizes[2];
  if (!find_cut(s, unknown, count, &axis, &middle)) return add_front(s, unknown, count, child, out);
  part(s, unknown, count, axis, middle, sizes);
  RITZ_TRY(dissect(s, unknown, sizes[0], &child[0]));
  RITZ_TRY(dissect(s, unknown + sizes[0], sizes[1], &child[1]));
  const ritz_index before = sizes[0] + sizes[1];
  return add_front(s, unknown + before, count - before, child, out);
}

/* Places -------------------------------------------------------------------------------------- */

static int compare(const void *x, const void *y) {
  return (*(const int32_t *)x > *(const int32_t *)y) - (*(const int32_t *)x < *(const int32_t *)y);
}

/* Row of a position in the front's matrix. */
static ritz_index row_of(const ritz_dissection *d, const ritz_front *f, int32_t position) {
  if (position < f->first + f->pivots) return position - f->first;
  const int32_t *around = d->boundary + f->boundary;
  int low = 0, high = f->around - 1;
  while (low < high) {
    const int middle = (low + high) / 2;
    if (around[middle] < position)
      low = middle + 1;
    else
      high = middle;
  }
  return f->pivots + low;
}

/* Where a front's rest goes in its parent's matrix. */
static void fill_runs(const ritz_dissection *d, const ritz_front *parent, ritz_front *f,
                      ritz_index *used) {
  f->run = *used;
  for (int k = 0; k < f->around; k++) {
    const int32_t to = (int32_t)row_of(d, parent, d->boundary[f->boundary + k]);
    int32_t(*run)[3] = d->run + *used;
    if (f->runs > 0 && run[-1][1] + run[-1][2] == to) {
      run[-1][2]++;
      continue;
    }
    run[0][0] = k, run[0][1] = to, run[0][2] = 1;
    ++*used;
    f->runs++;
  }
}

/* Positions instead of unknowns, and where rests go. */
static ritz_status fill_maps(builder *s) {
  ritz_dissection *d = s->d;
  ritz_index used = 0;
  RITZ_TRY(RITZ_NEW(s->around, &d->run));
  for (ritz_index k = 0; k < s->around; k++) d->boundary[k] = d->position[d->boundary[k]];
  for (int i = 0; i < d->fronts; i++) {
    const ritz_front *f = &d->front[i];
    if (f->around > 0) /* else there may be no boundary at all */
      qsort(d->boundary + f->boundary, (size_t)f->around, sizeof *d->boundary, compare);
  }
  for (int i = 0; i < d->fronts; i++)
    for (int c = 0; c < 2; c++)
      if (d->front[i].child[c] >= 0)
        fill_runs(d, &d->front[i], &d->front[d->front[i].child[c]], &used);
  return RITZ_OK;
}

/* Every entry comes in with the earlier one of its row and column: rows and columns of a front's
 * pivots, as far as they are not in an earlier front. */
static ritz_status fill_entries(builder *s) {
  ritz_dissection *d = s->d;
  const ritz_sparse *a = s->a;
  ritz_index used = 0;
  RITZ_TRY(RITZ_NEW(a->entries, &d->from));
  RITZ_TRY(RITZ_NEW(a->entries, &d->to));
  for (int i = 0; i < d->fronts; i++) {
    ritz_front *f = &d->front[i];
    const ritz_index ld = ritz_front_ld(f->pivots + f->around);
    f->entry = used;
    for (ritz_index k = f->first; k < f->first + f->pivots; k++) {
      const int32_t row = s->unknown[k];
      for (ritz_index e = a->start[row]; e < a->start[row + 1]; e++) {
        const int32_t other = a->column[e], at = d->position[other];
        if (at < f->first) continue;
        const ritz_index there = row_of(d, f, at), here = k - f->first;
        d->from[used] = e;
        d->to[used++] = here * ld + there;
        if (at < f->first + f->pivots) continue;
        d->from[used] = ritz_sparse_find(a, other, row);
        d->to[used++] = there * ld + here;
      }
    }
    f->end = used;
  }
  return RITZ_OK;
}

static ritz_index most(ritz_index a, ritz_index b) { return a > b ? a : b; }

static ritz_index rest(const ritz_front *f) { return f->around * ritz_front_ld(f->around); }

static void measure(ritz_dissection *d) {
  ritz_index waiting = 0;
  for (int i = 0; i < d->fronts; i++) {
    ritz_front *f = &d->front[i];
    const ritz_index p = f->pivots, b = f->around;
    f->numbers = d->numbers;
    d->numbers += (p + b) * ritz_front_ld(p) + p * ritz_front_ld(b);
    d->widest = most(d->widest, p + b);
    d->frame = most(d->frame, (p + b) * ritz_front_ld(p + b));
    /* Its rest is written before those of its children are given up. */
    waiting += rest(f);
    d->stack = most(d->stack, waiting);
    for (int c = 0; c < 2; c++)
      if (f->child[c] >= 0) waiting -= rest(&d->front[f->child[c]]);
  }
}

/* All ----------------------------------------------------------------------------------------- */

static ritz_status check(const ritz_sparse *a, int dim, const int32_t *place) {
  RITZ_REQUIRE(a->scalar == RITZ_REAL_DOUBLE && a->rows == a->columns, RITZ_ERR_ARGUMENT,
               "matrix is [%td, %td], wanted a square one in double", a->rows, a->columns);
  RITZ_REQUIRE(dim >= 1 && dim <= 3, RITZ_ERR_ARGUMENT, "places have %d axes, wanted 1 ... 3", dim);
  for (ritz_index i = 0; i < a->rows; i++)
    for (ritz_index e = a->start[i]; e < a->start[i + 1]; e++) {
      const int32_t j = a->column[e];
      RITZ_REQUIRE(ritz_sparse_find(a, j, i) >= 0, RITZ_ERR_ARGUMENT,
                   "row %td has an entry in column %d, row %d none in column %td", i, (int)j,
                   (int)j, i);
      for (int d = 0; d < dim; d++)
        RITZ_REQUIRE(labs((long)place[i * dim + d] - (long)place[j * dim + d]) <= 1,
                     RITZ_ERR_ARGUMENT, "rows %td and %d are coupled and no neighbours", i, (int)j);
    }
  return RITZ_OK;
}

static ritz_status build(builder *s) {
  ritz_dissection *d = s->d;
  int root;
  d->n = s->a->rows;
  RITZ_TRY(RITZ_NEW(d->n, &d->position));
  RITZ_TRY(RITZ_NEW(d->n, &s->unknown));
  RITZ_TRY(RITZ_NEW(d->n, &s->scratch));
  RITZ_TRY(RITZ_NEW(d->n, &s->seen));
  for (ritz_index i = 0; i < d->n; i++) s->unknown[i] = (int32_t)i, d->position[i] = -1;
  RITZ_TRY(dissect(s, s->unknown, d->n, &root));
  RITZ_TRY(fill_maps(s));
  RITZ_TRY(fill_entries(s));
  measure(d);
  return RITZ_OK;
}

ritz_status ritz_dissection_create(const ritz_sparse *matrix, int dim, const int32_t *place,
                                   ritz_dissection **out) {
  *out = NULL;
  RITZ_TRY(check(matrix, dim, place));
  builder s = {.a = matrix, .dim = dim, .place = place};
  RITZ_TRY(RITZ_NEW(1, &s.d));
  const ritz_status status = build(&s);
  ritz_free(s.unknown);
  ritz_free(s.scratch);
  ritz_free(s.seen);
  if (status != RITZ_OK) ritz_dissection_destroy(&s.d);
  *out = s.d;
  return status;
}

void ritz_dissection_destroy(ritz_dissection **dissection) {
  if (!dissection || !*dissection) return;
  ritz_dissection *d = *dissection;
  ritz_free(d->front);
  ritz_free(d->position);
  ritz_free(d->boundary);
  ritz_free(d->run);
  ritz_free(d->from);
  ritz_free(d->to);
  ritz_free(d);
  *dissection = NULL;
}

double ritz_dissection_flops(const ritz_dissection *d) {
  double flops = 0;
  for (int i = 0; i < d->fronts; i++) {
    const double p = d->front[i].pivots, b = d->front[i].around;
    flops += 2 * p * (p * p + p * b + b * b);
  }
  return flops;
}

double ritz_dissection_solve_flops(const ritz_dissection *d) {
  double flops = 0;
  for (int i = 0; i < d->fronts; i++) {
    const double p = d->front[i].pivots, b = d->front[i].around;
    flops += 2 * p * (p + 2 * b);
  }
  return flops;
}
