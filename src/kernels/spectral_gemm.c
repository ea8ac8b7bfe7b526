/* SPDX-License-Identifier: BSD-3-Clause
 * Kept-mode transforms as small products, one axis after the other.
 *
 * Symbols: C channels, K kept modes of the last axis, N points and D distinct |f| of another axis.
 *
 *   line  [N][C]      -> fold -> cosine and sine tables x blocks of rows -> [K][Re, Im][C]
 *   pass  [N][g][2C]  -> fold -> the same: P = cosine sums, Q = sine sums, [D][g][2C]
 *                     -> X(+f) = P + i Q, X(-f) = P - i Q
 *
 * and backwards with the transposed matrices. A unit is what one point of axis 0 needs: a line in
 * 2-D, a slab of lines and a pass over axis 1 in 3-D. Every sum is taken by the same product of the
 * same shape however samples, units and pieces are spread over threads. */
#include "core/threads.h"
#include "kernels/spectral_plan.h"

static char *sample_rows(const ritz_spectral_run *run, int slot) {
  return run->scratch + (size_t)slot * run->transform->sample_scratch;
}

static char *thread_line(const ritz_spectral_run *run, int thread) {
  const ritz_transform *t = run->transform;
  return sample_rows(run, t->sample_slots) + (size_t)thread * t->thread_scratch;
}

static char *thread_sums(const ritz_spectral_run *run, int thread) {
  return thread_line(run, thread) + run->transform->gemm.line_bytes;
}

static char *thread_slab(const ritz_spectral_run *run, int thread) {
  return thread_sums(run, thread) + run->transform->gemm.sums_bytes;
}

static void fold(const ritz_transform *t, const ritz_spectral_axis *a, ritz_index width,
                 const void *x, ritz_index xs, void *y, ritz_index ys, const void *next, bool add) {
  (a->twice ? t->kernels->fold_twice : t->kernels->fold_once)(a->n, width, x, xs, y, ys, next, add);
}

/* Where block b's sums stand: cosines and sines in separate arrays, the even frequencies first. */
static char *sums_of(const ritz_spectral_axis *a, int b, char *cosines, char *sines, size_t row) {
  char *sums = b < RITZ_SINE_EVEN ? cosines : sines;
  const bool odd = b == RITZ_COSINE_ODD || b == RITZ_SINE_ODD;
  return sums + (odd ? (size_t)a->rows[b - 1] * row : 0);
}

/* ---- to modes ------------------------------------------------------------------------------ */

/* x [N][C] -> row [K][Re, Im][C] */
static void line_to_modes(const ritz_spectral_run *run, const char *x, char *row, int thread) {
  const ritz_transform *t = run->transform;
  const ritz_spectral_axis *a = &t->axis[t->shape.dim - 1];
  const ritz_index c = t->shape.channels;
  const size_t point = (size_t)c * t->size;
  if (a->plain) {
    ritz_product_run(&t->gemm.line.to[0], a->table[run->scale][0], x, row);
    return;
  }
  char *folded = thread_line(run, thread);
  fold(t, a, c, x, c, folded, c, x + (size_t)a->n * point, false);
  for (int b = 0; b < RITZ_BLOCKS; b++)
    ritz_product_run(&t->gemm.line.to[b], a->table[run->scale][b],
                     folded + (size_t)a->start[b] * point,
                     sums_of(a, b, row, row + point, 2 * point));
}

/* Where a pass writes or reads: mode m's group g is (m groups + place[g]) step numbers further. */
typedef struct mode_view {
  char *base;
  const ritz_index *place;
  ritz_index step, plane;
  ritz_mode_order order;
} mode_view;

/* rows [N][groups][2C], folded in place -> modes [M][groups] */
static void pass_to_modes(const ritz_spectral_run *run, const ritz_spectral_pass *pass,
                          ritz_index piece, char *rows, const mode_view *out, int thread) {
  const ritz_transform *t = run->transform;
  const ritz_spectral_axis *a = pass->axis;
  const bool last = piece == pass->pieces - 1;
  const ritz_index pair = 2 * t->shape.channels, inner = pass->groups * pair;
  const ritz_index first = piece * pass->piece;
  const ritz_index groups = last ? pass->groups - first : pass->piece;
  const size_t row = (size_t)(pass->piece * pair) * t->size;
  char *p = thread_sums(run, thread), *q = p + (size_t)a->cosines * row;

  rows += (size_t)(first * pair) * t->size;
  fold(t, a, groups * pair, rows, inner, rows, inner, NULL, false);
  for (int b = 0; b < RITZ_BLOCKS; b++)
    ritz_product_run(&pass->blocks[last].to[b], a->table[0][b],
                     rows + (size_t)(a->start[b] * inner) * t->size, sums_of(a, b, p, q, row));
  for (ritz_index m = 0; m < a->modes; m++) {
    const ritz_index sine = a->sine_row[m];
    t->kernels->mode_join(groups, t->shape.channels, p + (size_t)a->cosine_row[m] * row,
                          sine < 0 ? NULL : q + (size_t)sine * row, a->sign[m],
                          out->base + (size_t)(m * pass->groups * out->step) * t->size,
                          out->place + first, out->step, out->plane, out->order);
  }
}

/* Unit u of a sample x -> its row in rows. */
static void unit_to_modes(const ritz_spectral_run *run, const char *x, ritz_index u, char *rows,
                          int thread) {
  const ritz_transform *t = run->transform;
  const ritz_spectral_gemm *g = &t->gemm;
  const ritz_index c = t->shape.channels;
  const size_t line = (size_t)(t->axis[t->shape.dim - 1].n * c) * t->size;
  char *row = rows + (size_t)(u * g->row) * t->size;
  if (t->shape.dim < 3) {
    line_to_modes(run, x + (size_t)u * line, row, thread);
    return;
  }
  char *slab = thread_slab(run, thread);
  const size_t slab_row = (size_t)(t->axis[2].modes * 2 * c) * t->size;
  for (ritz_index l = 0; l < g->lines; l++)
    line_to_modes(run, x + (size_t)(u * g->lines + l) * line, slab + (size_t)l * slab_row, thread);
  const mode_view view = {row, g->same, 2 * c, c, RITZ_MODE_PLAIN};
  for (ritz_index i = 0; i < g->pass[1].pieces; i++)
    pass_to_modes(run, &g->pass[1], i, slab, &view, thread);
}

/* Sample b in a spectrum of `planes` row blocks. */
static mode_view view_sample(const ritz_spectral_run *run, ritz_index b, char *spectrum,
                             int planes) {
  const ritz_transform *t = run->transform;
  const ritz_index c = t->shape.channels, plane = t->shape.batch * c;
  return (mode_view){spectrum + (size_t)(b * c) * t->size, t->gemm.place, planes * plane, plane,
                     run->order};
}

static void piece_to_modes(const ritz_spectral_run *run, ritz_index b, ritz_index piece, char *rows,
                           int thread) {
  const ritz_transform *t = run->transform;
  const mode_view view = view_sample(run, b, run->out, 3);
  if (t->shape.dim > 1)
    pass_to_modes(run, &t->gemm.pass[0], piece, rows, &view, thread);
  else
    t->kernels->mode_join(t->modes, t->shape.channels, rows, NULL, 1, view.base, view.place,
                          view.step, view.plane, view.order);
}

/* ---- from modes ---------------------------------------------------------------------------- */

/* row [K][Re, Im][C] -> x [N][C] */
static void line_from_modes(const ritz_spectral_run *run, char *row, char *x, int thread) {
  const ritz_transform *t = run->transform;
  const ritz_spectral_axis *a = &t->axis[t->shape.dim - 1];
  const ritz_index c = t->shape.channels;
  const size_t point = (size_t)c * t->size;
  if (a->plain) {
    ritz_product_run(run->add ? &t->gemm.line_add : &t->gemm.line.from[0], a->table[run->scale][0],
                     row, x);
    return;
  }
  char *folded = thread_line(run, thread);
  for (int b = 0; b < RITZ_BLOCKS; b++)
    ritz_product_run(&t->gemm.line.from[b], a->table[run->scale][b],
                     sums_of(a, b, row, row + point, 2 * point),
                     folded + (size_t)a->start[b] * point);
  fold(t, a, c, folded, c, x, c, x + (size_t)a->n * point, run->add);
}

/* One mode m, or a pair m and its negative, into the sums u and v; -1 for none. */
static void gather(const ritz_spectral_run *run, const ritz_spectral_pass *pass, ritz_index first,
                   ritz_index groups, const mode_view *in, ritz_index plus, ritz_index minus,
                   bool add, char *u, char *v) {
  const ritz_transform *t = run->transform;
  const ritz_spectral_axis *a = pass->axis;
  const size_t mode = (size_t)(pass->groups * in->step) * t->size;
  const size_t row = (size_t)(pass->piece * 2 * t->shape.channels) * t->size;
  const ritz_index m = plus < 0 ? minus : plus, sine = a->sine_row[m];
  t->kernels->mode_split(
      groups, t->shape.channels, plus < 0 ? NULL : in->base + (size_t)plus * mode,
      minus < 0 ? NULL : in->base + (size_t)minus * mode, in->place + first, in->step, in->plane,
      add, u + (size_t)a->cosine_row[m] * row, sine < 0 ? NULL : v + (size_t)sine * row);
}

/* modes [M][groups] in planes (Re, Im) -> rows [N][groups][2C] */
static void pass_from_modes(const ritz_spectral_run *run, const ritz_spectral_pass *pass,
                            ritz_index piece, const mode_view *in, char *rows, int thread) {
  const ritz_transform *t = run->transform;
  const ritz_spectral_axis *a = pass->axis;
  const bool last = piece == pass->pieces - 1;
  const ritz_index pair = 2 * t->shape.channels, inner = pass->groups * pair;
  const ritz_index first = piece * pass->piece;
  const ritz_index groups = last ? pass->groups - first : pass->piece;
  const size_t row = (size_t)(pass->piece * pair) * t->size;
  char *u = thread_sums(run, thread), *v = u + (size_t)a->cosines * row;

  for (ritz_index r = 0; r < a->cosines; r++)
    gather(run, pass, first, groups, in, a->plus[r], a->minus[r], false, u, v);
  for (ritz_index m = 0; m < a->modes; m++) { /* frequencies that the list holds again */
    const ritz_index r = a->cosine_row[m];
    if (a->plus[r] == m || a->minus[r] == m) continue;
    gather(run, pass, first, groups, in, a->sign[m] > 0 ? m : -1, a->sign[m] > 0 ? -1 : m, true, u,
           v);
  }
  rows += (size_t)(first * pair) * t->size;
  for (int b = 0; b < RITZ_BLOCKS; b++)
    ritz_product_run(&pass->blocks[last].from[b], a->table[0][b], sums_of(a, b, u, v, row),
                     rows + (size_t)(a->start[b] * inner) * t->size);
  fold(t, a, groups * pair, rows, inner, rows, inner, NULL, false);
}

static void unit_from_modes(const ritz_spectral_run *run, char *rows, ritz_index u, char *x,
                            int thread) {
  const ritz_transform *t = run->transform;
  const ritz_spectral_gemm *g = &t->gemm;
  const ritz_index c = t->shape.channels;
  const size_t line = (size_t)(t->axis[t->shape.dim - 1].n * c) * t->size;
  char *row = rows + (size_t)(u * g->row) * t->size;
  if (t->shape.dim < 3) {
    line_from_modes(run, row, x + (size_t)u * line, thread);
    return;
  }
  char *slab = thread_slab(run, thread);
  const size_t slab_row = (size_t)(t->axis[2].modes * 2 * c) * t->size;
  const mode_view view = {row, g->same, 2 * c, c, RITZ_MODE_PLAIN};
  for (ritz_index i = 0; i < g->pass[1].pieces; i++)
    pass_from_modes(run, &g->pass[1], i, &view, slab, thread);
  for (ritz_index l = 0; l < g->lines; l++)
    line_from_modes(run, slab + (size_t)l * slab_row, x + (size_t)(u * g->lines + l) * line,
                    thread);
}

static void piece_from_modes(const ritz_spectral_run *run, ritz_index b, ritz_index piece,
                             char *rows, int thread) {
  const ritz_transform *t = run->transform;
  const mode_view view = view_sample(run, b, (char *)run->in, 2);
  if (t->shape.dim > 1)
    pass_from_modes(run, &t->gemm.pass[0], piece, &view, rows, thread);
  else
    t->kernels->mode_split(t->modes, t->shape.channels, view.base, NULL, view.place, view.step,
                           view.plane, false, rows, NULL);
}

/* ---- spreading over threads ---------------------------------------------------------------- */

/* Units of one sample, or pieces of its axis 0, in chunks; or whole samples. */
typedef struct work {
  const ritz_spectral_run *run;
  bool to_modes;
  ritz_index sample, together;
} work;

static ritz_index pieces_of(const ritz_transform *t) {
  return t->shape.dim > 1 ? t->gemm.pass[0].pieces : 1;
}

static ritz_index chunks_of(ritz_index count, ritz_index together) {
  return (count + together - 1) / together;
}

static ritz_index chunk_end(ritz_index chunk, ritz_index together, ritz_index count) {
  const ritz_index end = (chunk + 1) * together;
  return end < count ? end : count;
}

static size_t field_bytes(const ritz_transform *t) {
  return (size_t)(t->gemm.units * t->gemm.lines * t->axis[t->shape.dim - 1].n * t->shape.channels) *
         t->size;
}

static void do_units(const work *w, ritz_index begin, ritz_index end, char *rows, int thread) {
  const size_t sample = (size_t)w->sample * field_bytes(w->run->transform);
  for (ritz_index u = begin; u < end; u++)
    if (w->to_modes)
      unit_to_modes(w->run, w->run->in + sample, u, rows, thread);
    else
      unit_from_modes(w->run, rows, u, w->run->out + sample, thread);
}

static void do_pieces(const work *w, ritz_index begin, ritz_index end, char *rows, int thread) {
  for (ritz_index i = begin; i < end; i++)
    if (w->to_modes)
      piece_to_modes(w->run, w->sample, i, rows, thread);
    else
      piece_from_modes(w->run, w->sample, i, rows, thread);
}

static void samples_task(void *arg, ritz_index chunk, int thread) {
  work w = *(const work *)arg;
  const ritz_transform *t = w.run->transform;
  const ritz_index end = chunk_end(chunk, w.together, t->shape.batch);
  char *rows = sample_rows(w.run, thread);
  for (w.sample = chunk * w.together; w.sample < end; w.sample++) {
    if (w.to_modes) do_units(&w, 0, t->gemm.units, rows, thread);
    do_pieces(&w, 0, pieces_of(t), rows, thread);
    if (!w.to_modes) do_units(&w, 0, t->gemm.units, rows, thread);
  }
}

static void units_task(void *arg, ritz_index chunk, int thread) {
  const work *w = arg;
  const ritz_index end = chunk_end(chunk, w->together, w->run->transform->gemm.units);
  do_units(w, chunk * w->together, end, sample_rows(w->run, 0), thread);
}

static void pieces_task(void *arg, ritz_index chunk, int thread) {
  do_pieces(arg, chunk, chunk + 1, sample_rows(((work *)arg)->run, 0), thread);
}

static void spread(const ritz_spectral_run *run, bool to_modes) {
  const ritz_transform *t = run->transform;
  const ritz_spectral_gemm *g = &t->gemm;
  work w = {.run = run, .to_modes = to_modes};
  if (g->by_sample) {
    w.together = g->samples_together;
    ritz_parallel(t->threads, chunks_of(t->shape.batch, w.together), samples_task, &w);
    return;
  }
  w.together = (g->units + 31) / 32;
  for (w.sample = 0; w.sample < t->shape.batch; w.sample++) {
    if (to_modes) ritz_parallel(t->threads, chunks_of(g->units, w.together), units_task, &w);
    ritz_parallel(t->threads, pieces_of(t), pieces_task, &w);
    if (!to_modes) ritz_parallel(t->threads, chunks_of(g->units, w.together), units_task, &w);
  }
}

void ritz_spectral_gemm_to_modes(const ritz_spectral_run *run) { spread(run, true); }
void ritz_spectral_gemm_from_modes(const ritz_spectral_run *run) { spread(run, false); }
