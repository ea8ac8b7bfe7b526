/* SPDX-License-Identifier: BSD-3-Clause
 * Max pooling of a line: for each output, a few registers of channels at a time go through all that
 * it sees. */
#include "kernels/variants/vector.h"
#include "kernels/window.h"

enum { wide = 4 }; /* registers of channels at a time */

/* What output m of a line sees. */
typedef struct view {
  ritz_index lines, channels, begin, end;
  const ritz_pool_line *line;
  const struct ritz_sight *entry;
} view;

/* a where the mask is set, else b. */
static ALWAYS_INLINE vec choose(vec_bits mask, vec a, vec b) {
  return (vec)(((vec_bits)a & mask) | ((vec_bits)b & ~mask));
}

/* One point against the maxima so far. NaN differs from itself and is not below any number. */
static ALWAYS_INLINE void meet(vec x, vec tap, vec *best, vec *place) {
  const vec_bits wins = ~(vec_bits)(x <= *best) & (vec_bits)(*best == *best);
  *best = choose(wins, x, *best);
  *place = choose(wins, tap, *place);
}

/* Maxima and their places in `registers` of channels from c on. */
static ALWAYS_INLINE void find_maxima(const view *v, int registers, ritz_index c, real *y,
                                      real *to_place) {
  vec best[wide] = {{0}}, place[wide] = {{0}};
  for (ritz_index l = 0; l < v->lines; l++)
    for (ritz_index k = v->begin; k < v->end; k++) {
      const real *x = (const real *)v->line[l].data + v->entry[k].point * v->channels + c;
      const vec tap = (real)(v->line[l].tap + v->entry[k].tap) - (vec){0};
      const bool first = l == 0 && k == v->begin;
#pragma GCC unroll 4
      for (int i = 0; i < registers; i++) {
        const vec point = vec_load(x + i * lanes);
        if (first)
          best[i] = point, place[i] = tap;
        else
          meet(point, tap, &best[i], &place[i]);
      }
    }
#pragma GCC unroll 4
  for (int i = 0; i < registers; i++) {
    vec_store(y + c + i * lanes, best[i]);
    if (to_place) vec_store(to_place + c + i * lanes, place[i]);
  }
}

/* The same for one channel. */
static void find_maximum(const view *v, ritz_index c, real *y, real *to_place) {
  real best = 0, place = -1;
  for (ritz_index l = 0; l < v->lines; l++)
    for (ritz_index k = v->begin; k < v->end; k++) {
      const real x = ((const real *)v->line[l].data)[v->entry[k].point * v->channels + c];
      if (place >= 0 && (x <= best || best != best)) continue;
      best = x;
      place = (real)(v->line[l].tap + v->entry[k].tap);
    }
  y[c] = best;
  if (to_place) to_place[c] = place;
}

RITZ_KERNEL_DEFINE(pool_max)
(ritz_index count, ritz_index c, ritz_index lines, const ritz_pool_line *line,
 const ritz_index *start, const struct ritz_sight *entry, void *yv, void *placev) {
  for (ritz_index m = 0; m < count; m++) {
    const view v = {lines, c, start[m], start[m + 1], line, entry};
    real *y = (real *)yv + m * c, *place = placev ? (real *)placev + m * c : NULL;
    ritz_index i = 0;
    for (; i + wide * lanes <= c; i += wide * lanes) find_maxima(&v, wide, i, y, place);
    for (; i + lanes <= c; i += lanes) find_maxima(&v, 1, i, y, place);
    if (i < c && c >= lanes) /* some of them again */
      find_maxima(&v, 1, c - lanes, y, place);
    else
      for (; i < c; i++) find_maximum(&v, i, y, place);
  }
}

/* Cotangents of what an input is the maximum of; lanes outside the mask have had theirs. */
static ALWAYS_INLINE void collect(const view *v, int registers, ritz_index c, real *gx, bool add,
                                  vec_bits mask) {
  vec sum[wide] = {{0}};
  for (ritz_index l = 0; l < v->lines; l++)
    for (ritz_index k = v->begin; k < v->end; k++) {
      const ritz_index at = v->entry[k].point * v->channels + c;
      const real *gy = (const real *)v->line[l].data + at;
      const real *place = (const real *)v->line[l].place + at;
      const vec tap = (real)(v->line[l].tap + v->entry[k].tap) - (vec){0};
#pragma GCC unroll 4
      for (int i = 0; i < registers; i++)
        sum[i] += vec_keep(vec_load(gy + i * lanes), vec_load(place + i * lanes) == tap);
    }
#pragma GCC unroll 4
  for (int i = 0; i < registers; i++) {
    real *to = gx + c + i * lanes;
    vec_store(to, add ? vec_load(to) + vec_keep(sum[i], mask) : sum[i]);
  }
}

static void collect_one(const view *v, ritz_index c, real *gx, bool add) {
  real sum = add ? gx[c] : 0;
  for (ritz_index l = 0; l < v->lines; l++)
    for (ritz_index k = v->begin; k < v->end; k++) {
      const ritz_index at = v->entry[k].point * v->channels + c;
      const real tap = (real)(v->line[l].tap + v->entry[k].tap);
      if (((const real *)v->line[l].place)[at] == tap) sum += ((const real *)v->line[l].data)[at];
    }
  gx[c] = sum;
}

RITZ_KERNEL_DEFINE(pool_max_vjp)
(ritz_index count, ritz_index c, ritz_index lines, const ritz_pool_line *line,
 const ritz_index *start, const struct ritz_sight *entry, void *gxv, bool add) {
  const vec_bits all = vec_from(0);
  for (ritz_index m = 0; m < count; m++) {
    const view v = {lines, c, start[m], start[m + 1], line, entry};
    real *gx = (real *)gxv + m * c;
    ritz_index i = 0;
    for (; i + wide * lanes <= c; i += wide * lanes) collect(&v, wide, i, gx, add, all);
    for (; i + lanes <= c; i += lanes) collect(&v, 1, i, gx, add, all);
    if (i < c && c >= lanes)
      collect(&v, 1, c - lanes, gx, add, vec_from(i - (c - lanes)));
    else
      for (; i < c; i++) collect_one(&v, i, gx, add);
  }
}
