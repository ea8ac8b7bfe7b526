/* SPDX-License-Identifier: BSD-3-Clause
 * Legs of a cycle: waves of half sweeps over the planes of a slab, around what travels. */
#include <string.h>

#include "core/dtype.h"
#include "solvers/multigrid/visits.h"
#include "solvers/split/hierarchy.h"

enum { most_stages = 2 * ritz_split_most_sweeps + 2 };

/* What is done to plane after plane: stage t, a plane behind stage t - 1, on planes [lo[t], hi[t]).
 */
typedef struct wave {
  ritz_split_hierarchy *h;
  int l, stages;
  bool guess;
  const void *b;
  void *x;
  ritz_index lo[most_stages], hi[most_stages];
  ritz_index coarse_lo, coarse_hi; /* planes that get a right-hand side */
  void (*stage)(const struct wave *w, int t, ritz_index plane);
} wave;

static void run(const wave *w) {
  ritz_index front = w->lo[0], end = w->hi[0];
  for (int t = 1; t < w->stages; t++) {
    if (w->lo[t] + t < front) front = w->lo[t] + t;
    if (w->hi[t] + t > end) end = w->hi[t] + t;
  }
  for (; front < end; front++)
    for (int t = 0; t < w->stages; t++)
      if (front - t >= w->lo[t] && front - t < w->hi[t]) w->stage(w, t, front - t);
}

static ritz_index at_least(ritz_index value, ritz_index least) {
  return value < least ? least : value;
}
static ritz_index at_most(ritz_index value, ritz_index most) { return value > most ? most : value; }

/* Stage t on planes [lo + t, hi - t), but from the boundary where that lies behind them. */
static void narrow(wave *w, ritz_index lo, ritz_index hi, bool from_boundary, bool to_boundary) {
  const ritz_index n = w->h->level[w->l].slab.n[0];
  for (int t = 0; t < w->stages; t++) {
    w->lo[t] = from_boundary ? 1 : at_least(lo + t, 1);
    w->hi[t] = to_boundary ? n + 1 : at_most(hi - t, n + 1);
  }
}

/* -- Down -------------------------------------------------------------------------------------- */

/* Half sweeps; last, what the residual of a plane gives to the coarser grid. */
static void descend_stage(const wave *w, int t, ritz_index i) {
  const ritz_split_hierarchy *h = w->h;
  const ritz_split_level *v = &h->level[w->l], *coarse = v + 1;
  if (t == 0 && !w->guess) {
    h->kernels->slab_begin(&v->slab, i, w->b, w->x);
    return;
  }
  if (t + 1 < w->stages) {
    h->kernels->slab_relax(&v->slab, i, t % 2, w->b, w->x);
    return;
  }
  const ritz_index plane = coarse->slab.plane * (ritz_index)ritz_dtype_size(h->dtype);
  if (v->slab.factor[0] == 1) {
    h->kernels->slab_restrict(&v->slab, &coarse->slab, i, w->b, w->x, h->work,
                              ritz_split_plane(h, coarse, coarse->b, i));
    return;
  }
  char *const ring[] = {h->ring + (i + 2) % 4 * plane, h->ring + (i + 3) % 4 * plane,
                        h->ring + i % 4 * plane};
  if (i <= v->slab.n[0])
    h->kernels->slab_restrict(&v->slab, &coarse->slab, i, w->b, w->x, h->work, ring[2]);
  else
    memset(ring[2], 0, (size_t)plane);
  if (i % 2 && i / 2 >= w->coarse_lo && i / 2 < w->coarse_hi)
    h->kernels->slab_collect(&coarse->slab, ring[0], ring[1], ring[2],
                             ritz_split_plane(h, coarse, coarse->b, i / 2));
}

/* The last stage of a wave that makes coarse planes [lo, hi). */
static void restrict_to(wave *w, ritz_index lo, ritz_index hi) {
  const int factor = w->h->level[w->l].slab.factor[0], last = w->stages - 1;
  w->coarse_lo = lo;
  w->coarse_hi = hi;
  w->lo[last] = lo < hi ? factor * lo - (factor - 1) : 1;
  w->hi[last] = lo < hi ? factor * (hi - 1) + factor : 1;
}

/* Ghost planes included: all that the slab's own x and coarse right-hand side take. */
static void whole_descent(wave *w) {
  const ritz_split_level *v = &w->h->level[w->l];
  const ritz_index reach = 2 * w->h->sweeps + 1;
  const bool part = !v->whole;
  narrow(w, part ? v->first - reach : 1, part ? v->end + reach : v->end, v->whole, v->whole);
  if (part)
    restrict_to(w, ritz_slabs_first(&v[1].owners), ritz_slabs_end(&v[1].owners));
  else
    restrict_to(w, v[1].first, v[1].end);
}

/* What sees no ghost planes. @return  Whether every stage has some of it. */
static bool inner_descent(wave *w) {
  const ritz_split_level *v = &w->h->level[w->l];
  const int last = w->stages - 1, factor = v->slab.factor[0];
  const bool from = v->owners.below < 0, to = v->owners.above < 0;
  narrow(w, v->first, v->end, from, to);
  ritz_index lo = ritz_slabs_first(&v[1].owners), hi = ritz_slabs_end(&v[1].owners);
  if (!from) lo = (w->lo[last] + 2 * (factor - 1)) / factor;
  if (!to) hi = (w->hi[last] - factor) / factor + 1;
  for (int t = 0; t < w->stages; t++)
    if (w->lo[t] >= w->hi[t]) return false;
  restrict_to(w, lo, hi);
  return lo < hi;
}

/* All of `all` but what `inner` did, in two waves. */
static void run_rest(const wave *all, const wave *inner) {
  wave low = *all, high = *all;
  const int halves = all->coarse_hi > all->coarse_lo ? all->stages - 1 : all->stages;
  for (int t = 0; t < halves; t++) {
    low.hi[t] = inner->lo[t];
    high.lo[t] = inner->hi[t];
  }
  if (halves < all->stages) {
    restrict_to(&low, all->coarse_lo, inner->coarse_lo);
    restrict_to(&high, inner->coarse_hi, all->coarse_hi);
  }
  run(&low);
  run(&high);
}

/* -- Up ---------------------------------------------------------------------------------------- */

static void ascend_stage(const wave *w, int t, ritz_index i) {
  const ritz_split_hierarchy *h = w->h;
  const ritz_split_level *v = &h->level[w->l];
  if (t == 0)
    h->kernels->slab_correct(&v->slab, &v[1].slab, i, v[1].x, h->work, w->x);
  else
    h->kernels->slab_relax(&v->slab, i, t % 2, w->b, w->x);
}

static void whole_ascent(wave *w) {
  const ritz_split_level *v = &w->h->level[w->l];
  const ritz_index reach = v->whole ? 0 : 2 * w->h->sweeps;
  narrow(w, v->first - reach, v->end + reach, v->whole, v->whole);
}

static bool inner_ascent(wave *w) {
  const ritz_split_level *v = &w->h->level[w->l];
  const int factor = v->slab.factor[0];
  narrow(w, factor * v[1].first, factor * (v[1].end - 1) + 1, v->owners.below < 0,
         v->owners.above < 0);
  for (int t = 0; t < w->stages; t++)
    if (w->lo[t] >= w->hi[t]) return false;
  return true;
}

/* -- Legs -------------------------------------------------------------------------------------- */

static void latch(ritz_split_hierarchy *h, ritz_status status) {
  if (h->status == RITZ_OK) h->status = status;
}

static void start(ritz_split_hierarchy *h, ritz_split_level *v, ritz_ghosts *ghosts,
                  ritz_index depth, const void *field) {
  latch(h, ritz_ghosts_start(ghosts, depth, ritz_split_plane(h, v, field, v->first),
                             ritz_split_plane(h, v, field, v->first - depth),
                             ritz_split_plane(h, v, field, v->end)));
}

/* All half sweeps of a leg, and the step before or behind them that meets the coarser grid. */
static wave leg(ritz_split_hierarchy *h, int l, bool guess, const void *b, void *x,
                void (*stage)(const wave *w, int t, ritz_index plane)) {
  return (wave){
      .h = h, .l = l, .stages = 2 * h->sweeps + 1, .guess = guess, .b = b, .x = x, .stage = stage};
}

/* A wave over the slab, and meanwhile what `ghosts` bring. */
static void run_around(const wave *w, bool (*inner_of)(wave *w), ritz_ghosts *ghosts) {
  wave inner = *w;
  const bool some = inner_of(&inner);
  if (some) run(&inner);
  latch(w->h, ritz_ghosts_wait(ghosts));
  if (some)
    run_rest(w, &inner);
  else
    run(w);
}

static void descend(void *hierarchy, int l, bool guess, const void *b, void *x) {
  ritz_split_hierarchy *h = hierarchy;
  ritz_split_level *v = &h->level[l], *coarse = v + 1;
  wave w = leg(h, l, guess, b, x, descend_stage);
  whole_descent(&w);
  if (v->whole) {
    run(&w);
    return;
  }
  if (guess) { /* b has not changed since it came */
    start(h, v, &v->ghosts_x, 2 * h->sweeps + 2, x);
    latch(h, ritz_ghosts_wait(&v->ghosts_x));
    run(&w);
  } else {
    start(h, v, &v->ghosts_b, 2 * h->sweeps + 1, b);
    run_around(&w, inner_descent, &v->ghosts_b);
  }
  start(h, v, &v->ghosts_x, 2 * h->sweeps, x); /* for the way up */
  if (coarse->whole)
    latch(h, ritz_comm_gather_parts(coarse->owners.comm,
                                    coarse->slab.plane * (ritz_index)ritz_dtype_size(h->dtype),
                                    coarse->owners.offset, coarse->b));
}

static void ascend(void *hierarchy, int l, bool guess, const void *b, void *x, double *dot) {
  (void)dot;
  ritz_split_hierarchy *h = hierarchy;
  ritz_split_level *v = &h->level[l], *coarse = v + 1;
  wave w = leg(h, l, guess, b, x, ascend_stage);
  whole_ascent(&w);
  if (v->whole) {
    run(&w);
    return;
  }
  latch(h, ritz_ghosts_wait(&v->ghosts_x));
  if (coarse->whole) {
    run(&w);
    return;
  }
  const ritz_index depth = v->slab.factor[0] == 1 ? 2 * h->sweeps : h->sweeps + 1;
  start(h, coarse, &coarse->ghosts_e, depth, coarse->x);
  run_around(&w, inner_ascent, &coarse->ghosts_e);
}

/* One unknown: a half sweep is exact. */
static void bottom(void *hierarchy, const void *b, void *x, double *dot) {
  (void)dot;
  const ritz_split_hierarchy *h = hierarchy;
  const ritz_slab *s = &h->level[h->levels - 1].slab;
  h->kernels->slab_begin(s, 1, b, x);
}

static void fields(void *hierarchy, int l, void **b, void **x) {
  ritz_split_hierarchy *h = hierarchy;
  *b = h->level[l].b;
  *x = h->level[l].x;
}

static const ritz_visits visits = {
    .descend = descend, .ascend = ascend, .bottom = bottom, .fields = fields};

ritz_status ritz_split_hierarchy_cycle(ritz_split_hierarchy *h) {
  const ritz_split_level *v = &h->level[0];
  h->status = RITZ_OK;
  if (v->whole && v->owners.size > 1)
    latch(h, ritz_comm_gather_parts(v->owners.comm,
                                    v->slab.plane * (ritz_index)ritz_dtype_size(h->dtype),
                                    v->owners.offset, v->b));
  ritz_visit(&visits, h, h->levels, 0, h->cycle, false, v->b, v->x, NULL);
  return h->status;
}
