/* SPDX-License-Identifier: BSD-3-Clause
 * Who sees whom in a depthwise convolution, in both directions.
 *
 * Backward along the last axis: place p = i + low of the extended axis gets w[s] gy[o] from all
 * o stride + s dilation = p. For p = r + stride m these are, with g = gcd(stride, dilation), the
 * taps s = s0 + (stride/g) q and the outputs o = m + e - (dilation/g) q: for each remainder r a sum
 * without stride. Places in the margins are sums of their own that are folded onto the grid. */
#include "core/fail.h"
#include "core/memory.h"
#include "kernels/depthwise_plan.h"

static ritz_index least(ritz_index a, ritz_index b) { return a < b ? a : b; }
static ritz_index most(ritz_index a, ritz_index b) { return a > b ? a : b; }
static ritz_index whole_blocks(ritz_index n) {
  return (n + ritz_depthwise_block - 1) / ritz_depthwise_block * ritz_depthwise_block;
}

/* -- The last axis ----------------------------------------------------------------------------- */

static ritz_index table_length(const ritz_depthwise_stream *s) {
  return (whole_blocks(s->count) - 1) * s->stride + most(s->taps - 1, 0) * s->dilation + 1;
}

/* Outputs whose points all follow each other evenly: from the first such one as far as it goes. */
static void find_inner(ritz_depthwise_stream *s) {
  for (ritz_index m = 0; m < s->count; m++) {
    bool even = true;
    for (ritz_index t = 0; t < s->taps && even; t++) {
      const ritz_index j = m * s->stride + t * s->dilation;
      even = s->source[j] >= 0 && s->source[j] == j + s->shift;
    }
    if (!even && s->inner_end > s->inner_begin) return;
    if (even && s->inner_end == s->inner_begin) s->inner_begin = m;
    if (even) s->inner_end = m + 1;
  }
}

static ritz_status forward_part(const ritz_window_axis *w, ritz_depthwise_part *part) {
  ritz_depthwise_stream *s = &part->stream;
  part->stride = 1;
  *s = (ritz_depthwise_stream){.points = w->in,
                               .count = w->out,
                               .taps = w->kernel,
                               .stride = w->stride,
                               .dilation = w->dilation,
                               .shift = -w->low};
  const ritz_index length = table_length(s);
  RITZ_TRY(RITZ_NEW(length, &s->source));
  for (ritz_index j = 0; j < length; j++)
    s->source[j] = j - w->low < w->in + w->high ? ritz_window_source(w, j - w->low) : -1;
  find_inner(s);
  return RITZ_OK;
}

static ritz_index divisor(ritz_index a, ritz_index b) { return b ? divisor(b, a % b) : a; }

/* Taps that meet remainder r: the first one and their number. Their distance is stride/g. */
static ritz_index taps_of_remainder(const ritz_window_axis *w, ritz_index r, ritz_index *first) {
  const ritz_index step = w->stride / divisor(w->stride, w->dilation);
  for (*first = 0; *first < least(w->kernel, step); ++*first)
    if ((*first * w->dilation - r) % w->stride == 0) return (w->kernel - 1 - *first) / step + 1;
  return 0;
}

/* Around a periodic axis without stride every input sees outputs like any other. */
static bool is_circular(const ritz_window_axis *w) {
  return w->boundary == RITZ_BOUNDARY_PERIODIC && w->stride == 1 && w->out == w->in;
}

static ritz_index wrap(ritz_index o, ritz_index n) { return (o % n + n) % n; }

/* Places begin ... end - 1 of the extended axis with remainder r. */
static ritz_status backward_part(const ritz_window_axis *w, ritz_index r, ritz_index begin,
                                 ritz_index end, ritz_depthwise_part *part) {
  const ritz_index m0 = begin > r ? (begin - r + w->stride - 1) / w->stride : 0;
  const ritz_index count = end > r ? (end - r + w->stride - 1) / w->stride - m0 : 0;
  const ritz_index distance = w->dilation / divisor(w->stride, w->dilation);
  ritz_index tap;
  ritz_depthwise_stream *s = &part->stream;
  *s = (ritz_depthwise_stream){
      .points = w->out, .count = most(count, 0), .stride = 1, .dilation = distance};
  s->taps = taps_of_remainder(w, r, &tap);
  part->first = r + w->stride * m0 - w->low;
  part->stride = w->stride;
  s->shift = m0 + (s->taps ? (r - tap * w->dilation) / w->stride - (s->taps - 1) * distance : 0);
  const ritz_index length = most(table_length(s), 0);
  RITZ_TRY(RITZ_NEW(length, &s->source));
  for (ritz_index j = 0; j < length; j++) {
    const ritz_index o = j + s->shift;
    s->source[j] = is_circular(w) ? wrap(o, w->out) : o >= 0 && o < w->out ? o : -1;
  }
  find_inner(s);
  return RITZ_OK;
}

static ritz_status fold_part(const ritz_window_axis *w, ritz_depthwise_part *part) {
  RITZ_TRY(RITZ_NEW(part->stream.count, &part->fold));
  for (ritz_index m = 0; m < part->stream.count; m++)
    part->fold[m] = ritz_window_source(w, part->first + m * part->stride);
  return RITZ_OK;
}

/* The grid, and unless nothing comes back from there, the low and the high margin. */
static ritz_status backward_parts(const ritz_window_axis *w, ritz_depthwise_pass *pass) {
  const bool folds = w->boundary != RITZ_BOUNDARY_ZERO && !is_circular(w);
  const ritz_index ends[4] = {0, w->low, w->low + w->in, w->low + w->in + w->high};
  const int regions[3] = {1, 0, 2};
  pass->permuted = true;
  RITZ_TRY(RITZ_NEW(3 * w->stride, &pass->part));
  for (int region = 0; region < (folds ? 3 : 1); region++) {
    ritz_index packed = 0;
    for (ritz_index r = 0; r < w->stride; r++) {
      ritz_depthwise_part *part = &pass->part[pass->parts++];
      const ritz_index *end = &ends[regions[region]],
                       step = w->stride / divisor(w->stride, w->dilation);
      ritz_index tap;
      RITZ_TRY(backward_part(w, r, end[0], end[1], part));
      part->first_tap = packed;
      taps_of_remainder(w, r, &tap);
      for (ritz_index t = part->stream.taps - 1; t >= 0; t--)
        pass->order[packed++] = tap + t * step;
      if (region > 0) RITZ_TRY(fold_part(w, part));
      if (region > 0) pass->most_folded = most(pass->most_folded, part->stream.count);
    }
  }
  return RITZ_OK;
}

/* -- The middle axis --------------------------------------------------------------------------- */

/* What rows i and i + 1 see, seen points in common first taken together. */
static void fill_pair(const ritz_sights *s, ritz_index i, struct ritz_depthwise_view *view,
                      ritz_depthwise_pair *pair) {
  const ritz_sight *a = s->entry + s->start[i], *b = s->entry + s->start[i + 1];
  const ritz_index as = s->start[i + 1] - s->start[i];
  const ritz_index bs = i + 1 < s->rows ? s->start[i + 2] - s->start[i + 1] : 0;
  ritz_index n = 0;
  pair->view = view;
  for (int group = 0; group < 3; group++) {
    const ritz_index before = n;
    const ritz_sight *mine = group == 2 ? b : a, *other = group == 2 ? a : b;
    const ritz_index count = group == 2 ? bs : as, others = group == 2 ? as : bs;
    for (ritz_index k = 0; k < count; k++) {
      /* The n-th sight of a point by one row belongs to the n-th by the other. */
      ritz_index rank = 0, match = -1;
      for (ritz_index q = 0; q < k; q++) rank += mine[q].point == mine[k].point;
      for (ritz_index q = 0; q < others && match < 0; q++)
        if (other[q].point == mine[k].point && rank-- == 0) match = q;
      if ((match >= 0) != (group == 1)) continue;
      view[n].point = mine[k].point;
      view[n].tap[group == 2] = mine[k].tap;
      view[n].tap[group != 2] = group == 1 ? other[match].tap : mine[k].tap;
      n++;
    }
    pair->lines[group] = n - before;
  }
}

static ritz_status make_pairs(const ritz_window_axis *w, bool backward, ritz_depthwise_pass *pass) {
  ritz_sights s;
  RITZ_TRY(ritz_sights_init(w, backward, &s));
  ritz_status status;
  pass->pairs = (s.rows + 1) / 2;
  RITZ_TRY_DONE(RITZ_NEW(pass->pairs, &pass->pair));
  RITZ_TRY_DONE(RITZ_NEW(s.start[s.rows], &pass->views));
  ritz_index widest = 0, deepest = 0;
  for (ritz_index p = 0; p < pass->pairs; p++) {
    ritz_depthwise_pair *pair = &pass->pair[p];
    fill_pair(&s, 2 * p, pass->views + s.start[2 * p], pair);
    widest = most(widest, pair->lines[0] + pair->lines[1] + pair->lines[2]);
  }
  for (ritz_index i = 0; i < pass->planes.rows; i++)
    deepest = most(deepest, pass->planes.start[i + 1] - pass->planes.start[i]);
  pass->most_lines = widest * deepest;
done:
  ritz_sights_release(&s);
  return status;
}

/* -- Together ---------------------------------------------------------------------------------- */

/* Few lines are cut into segments so that there is work for some threads. Folded margins would
 * reach from one segment into another: those lines stay whole. */
static void cut(ritz_index batch, ritz_depthwise_pass *pass) {
  enum { wanted = 32, shortest = 64 };
  const ritz_index units = batch * pass->out[0] * pass->pairs;
  pass->segments = 1;
  if (units < wanted && !pass->part[pass->parts - 1].fold)
    pass->segments = least((wanted + units - 1) / units, (pass->out[2] + shortest - 1) / shortest);
  pass->units = units * pass->segments;
}

ritz_status ritz_depthwise_pass_init(const ritz_window *window, bool backward, ritz_index batch,
                                     ritz_depthwise_pass *out) {
  const ritz_window_axis *last = &window->axis[2];
  *out = (ritz_depthwise_pass){0};
  for (int a = 0; a < 3; a++) {
    out->in[a] = backward ? window->axis[a].out : window->axis[a].in;
    out->out[a] = backward ? window->axis[a].in : window->axis[a].out;
  }
  RITZ_TRY(ritz_sights_init(&window->axis[0], backward, &out->planes));
  RITZ_TRY(make_pairs(&window->axis[1], backward, out));
  RITZ_TRY(RITZ_NEW(last->kernel, &out->order));
  if (backward) {
    RITZ_TRY(backward_parts(last, out));
  } else {
    for (ritz_index t = 0; t < last->kernel; t++) out->order[t] = t;
    out->parts = 1;
    RITZ_TRY(RITZ_NEW(1, &out->part));
    RITZ_TRY(forward_part(last, out->part));
  }
  cut(batch, out);
  return RITZ_OK;
}

void ritz_depthwise_pass_release(ritz_depthwise_pass *pass) {
  for (int i = 0; pass->part && i < pass->parts; i++) {
    ritz_free(pass->part[i].stream.source);
    ritz_free(pass->part[i].fold);
  }
  ritz_sights_release(&pass->planes);
  ritz_free(pass->pair);
  ritz_free(pass->views);
  ritz_free(pass->part);
  ritz_free(pass->order);
  *pass = (ritz_depthwise_pass){0};
}
