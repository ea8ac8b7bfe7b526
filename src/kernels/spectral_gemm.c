/* SPDX-License-Identifier: BSD-3-Clause
 * Kept-mode transforms as small products, one axis after the other.
 *
 * Symbols: C channels, K kept modes of the last axis, N points and D distinct |f| of another axis.
 *
 *   line  [N][C]      -> fold -> cosine [K, N/2+1], sine [K, (N-1)/2] -> [K][Re, Im][C]
 *   pass  [N][g][2C]  -> fold -> P = cosine rows, Q = sine rows, [D][g][2C]
 *                     -> X(+f) = P + i Q, X(-f) = P - i Q
 *
 * and backwards with the transposed matrices. A unit is what one point of axis 0 needs: a line in
 * 2-D, a slab of lines and a pass over axis 1 in 3-D. Every sum is taken by the same product of the
 * same shape however samples, units and pieces are spread over threads. */
#include "core/threads.h"
#include "kernels/spectral_plan.h"

/* Numbers beside each other in one piece of a pass: a row of P then has 512 bytes. */
static ritz_index piece_of(ritz_index groups, ritz_index channels, size_t size) {
  const ritz_index most = (ritz_index)(RITZ_PRODUCT_ROW_BYTES / size) / (2 * channels);
  const ritz_index lanes = (ritz_index)(64 / size);
  if (most <= 1) return 1;
  if (groups <= most) return groups > 0 ? groups : 1;
  for (ritz_index p = most; p > 1; p--) /* whole vectors if that loses few columns */
    if (p * 2 * channels % lanes == 0 && 2 * p > most) return p;
  return most;
}

static void plan_pass(ritz_transform *t, ritz_index axis, ritz_index groups,
                      ritz_spectral_pass *pass) {
  const ritz_dtype dtype = t->shape.dtype;
  const ritz_index c = t->shape.channels, inner = groups * 2 * c;
  const ritz_spectral_axis *a = &t->axis[axis];
  pass->axis = a;
  pass->groups = groups;
  pass->piece = piece_of(groups, c, t->size);
  pass->pieces = (groups + pass->piece - 1) / pass->piece;
  const ritz_index ld = pass->piece * 2 * c;
  for (int last = 0; last < 2; last++) {
    const ritz_index g = last ? groups - (pass->pieces - 1) * pass->piece : pass->piece;
    const ritz_index w = pass->pieces > 0 ? g * 2 * c : 0;
    pass->to_cosine[last] =
        ritz_product_plan(dtype, false, false, a->rows, w, a->even, a->even, inner, ld);
    pass->to_sine[last] =
        ritz_product_plan(dtype, false, false, a->sines, w, a->odd, a->odd, inner, ld);
    pass->from_cosine[last] =
        ritz_product_plan(dtype, true, false, a->even, w, a->rows, a->even, ld, inner);
    pass->from_sine[last] =
        ritz_product_plan(dtype, true, false, a->odd, w, a->sines, a->odd, ld, inner);
  }
}

static void plan_lines(ritz_transform *t) {
  ritz_spectral_gemm *g = &t->gemm;
  const ritz_dtype dtype = t->shape.dtype;
  const ritz_index c = t->shape.channels;
  const ritz_spectral_axis *a = &t->axis[t->shape.dim - 1];
  g->line_to_cosine =
      ritz_product_plan(dtype, false, false, a->rows, c, a->even, a->even, c, 2 * c);
  g->line_to_sine = ritz_product_plan(dtype, false, false, a->sines, c, a->odd, a->odd, c, 2 * c);
  g->line_from_cosine =
      ritz_product_plan(dtype, true, false, a->even, c, a->rows, a->even, 2 * c, c);
  g->line_from_sine = ritz_product_plan(dtype, true, false, a->odd, c, a->sines, a->odd, 2 * c, c);
}

/* Bytes of the parts of a thread's scratch: a folded line, P and Q, a slab. */
static size_t line_bytes(const ritz_transform *t) {
  return ritz_spectral_round((size_t)(t->axis[t->shape.dim - 1].n * t->shape.channels) * t->size);
}

static size_t sums_bytes(const ritz_transform *t) {
  size_t most = 0;
  for (int i = 0; i < t->shape.dim - 1; i++) {
    const ritz_spectral_pass *p = &t->gemm.pass[i];
    const ritz_index numbers = (p->axis->rows + p->axis->sines) * p->piece * 2 * t->shape.channels;
    const size_t bytes = (size_t)numbers * t->size;
    if (bytes > most) most = bytes;
  }
  return ritz_spectral_round(most);
}

static size_t slab_bytes(const ritz_transform *t) {
  if (t->shape.dim < 3) return 0;
  const ritz_index row = t->axis[2].modes * 2 * t->shape.channels;
  return ritz_spectral_round((size_t)(t->axis[1].n * row) * t->size);
}

void ritz_spectral_gemm_plan(ritz_transform *t) {
  ritz_spectral_gemm *g = &t->gemm;
  const int dim = t->shape.dim;
  const ritz_index c = t->shape.channels, batch = t->shape.batch;
  plan_lines(t);
  g->units = dim > 1 ? t->axis[0].n : 1;
  g->lines = dim > 2 ? t->axis[1].n : 1;
  g->row = t->axis[dim - 1].modes * 2 * c;
  if (dim > 2) {
    plan_pass(t, 1, t->axis[2].modes, &g->pass[1]);
    g->row *= t->axis[1].modes;
  }
  if (dim > 1) plan_pass(t, 0, g->row / (2 * c), &g->pass[0]);
  g->flops = ritz_spectral_gemm_flops(t);

  /* A chunk should be worth some 10 us, and there should be chunks for many threads. */
  const double worth = 1e6 / (g->flops + 1);
  g->samples_together = worth < 1 ? 1 : worth > (double)batch / 16 ? batch / 16 : (ritz_index)worth;
  if (g->samples_together < 1) g->samples_together = 1;
  g->by_sample = t->threads == 1 || batch % t->threads == 0 || batch >= 4 * t->threads;
  t->sample_slots = g->by_sample ? t->threads : 1;
  t->sample_scratch = ritz_spectral_round((size_t)(g->units * g->row) * t->size);
  t->thread_scratch = line_bytes(t) + sums_bytes(t) + slab_bytes(t);
}

static char *sample_rows(const ritz_spectral_run *run, int slot) {
  return run->scratch + (size_t)slot * run->transform->sample_scratch;
}

static char *thread_line(const ritz_spectral_run *run, int thread) {
  const ritz_transform *t = run->transform;
  return sample_rows(run, t->sample_slots) + (size_t)thread * t->thread_scratch;
}

static char *thread_sums(const ritz_spectral_run *run, int thread) {
  return thread_line(run, thread) + line_bytes(run->transform);
}

static char *thread_slab(const ritz_spectral_run *run, int thread) {
  return thread_sums(run, thread) + sums_bytes(run->transform);
}

/* ---- to modes ------------------------------------------------------------------------------ */

/* x [N][C] -> row [K][Re, Im][C] */
static void line_to_modes(const ritz_spectral_run *run, const char *x, char *row, int thread) {
  const ritz_transform *t = run->transform;
  const ritz_spectral_axis *a = &t->axis[t->shape.dim - 1];
  const ritz_index c = t->shape.channels;
  char *folded = thread_line(run, thread);
  t->kernels->butterfly(a->n, c, x, c, folded, c, false);
  ritz_product_run(&t->gemm.line_to_cosine, a->cosine[run->scale], folded, row);
  ritz_product_run(&t->gemm.line_to_sine, a->sine[run->scale],
                   folded + (size_t)(a->even * c) * t->size, row + (size_t)c * t->size);
}

/* rows [N][groups][2C], folded in place -> modes [M][groups] of `order`, `step` numbers apart. */
static void pass_to_modes(const ritz_spectral_run *run, const ritz_spectral_pass *pass,
                          ritz_index piece, char *rows, char *out, ritz_index step,
                          ritz_index plane, ritz_mode_order order, int thread) {
  const ritz_transform *t = run->transform;
  const ritz_spectral_axis *a = pass->axis;
  const bool last = piece == pass->pieces - 1;
  const ritz_index c = t->shape.channels, ld = pass->piece * 2 * c, inner = pass->groups * 2 * c;
  const ritz_index first = piece * pass->piece;
  const ritz_index groups = last ? pass->groups - first : pass->piece;
  char *p = thread_sums(run, thread), *q = p + (size_t)(a->rows * ld) * t->size;

  rows += (size_t)(first * 2 * c) * t->size;
  t->kernels->butterfly(a->n, groups * 2 * c, rows, inner, rows, inner, false);
  ritz_product_run(&pass->to_cosine[last], a->cosine[0], rows, p);
  ritz_product_run(&pass->to_sine[last], a->sine[0], rows + (size_t)(a->even * inner) * t->size, q);
  for (ritz_index m = 0; m < a->modes; m++) {
    const size_t sums = (size_t)(a->row[m] * ld) * t->size;
    t->kernels->mode_join(groups, c, p + sums, a->row[m] < a->sines ? q + sums : NULL, a->sign[m],
                          out + (size_t)((m * pass->groups + first) * step) * t->size, step, plane,
                          order);
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
  for (ritz_index i = 0; i < g->pass[1].pieces; i++)
    pass_to_modes(run, &g->pass[1], i, slab, row, 2 * c, c, RITZ_MODE_PLAIN, thread);
}

/* Where sample b starts in a spectrum of `planes` blocks, and the distances inside. */
static size_t sample_in_mode(const ritz_transform *t, ritz_index b) {
  return (size_t)(b * t->shape.channels) * t->size;
}

static void piece_to_modes(const ritz_spectral_run *run, ritz_index b, ritz_index piece, char *rows,
                           int thread) {
  const ritz_transform *t = run->transform;
  const ritz_index c = t->shape.channels, plane = t->shape.batch * c;
  char *out = run->out + sample_in_mode(t, b);
  if (t->shape.dim > 1)
    pass_to_modes(run, &t->gemm.pass[0], piece, rows, out, 3 * plane, plane, run->order, thread);
  else
    t->kernels->mode_join(t->modes, c, rows, NULL, 1, out, 3 * plane, plane, run->order);
}

/* ---- from modes ---------------------------------------------------------------------------- */

/* row [K][Re, Im][C] -> x [N][C] */
static void line_from_modes(const ritz_spectral_run *run, const char *row, char *x, int thread) {
  const ritz_transform *t = run->transform;
  const ritz_spectral_axis *a = &t->axis[t->shape.dim - 1];
  const ritz_index c = t->shape.channels;
  char *folded = thread_line(run, thread);
  ritz_product_run(&t->gemm.line_from_cosine, a->cosine[run->scale], row, folded);
  ritz_product_run(&t->gemm.line_from_sine, a->sine[run->scale], row + (size_t)c * t->size,
                   folded + (size_t)(a->even * c) * t->size);
  t->kernels->butterfly(a->n, c, folded, c, x, c, run->add);
}

/* modes [M][groups] in planes (Re, Im), `step` numbers apart -> rows [N][groups][2C] */
static void pass_from_modes(const ritz_spectral_run *run, const ritz_spectral_pass *pass,
                            ritz_index piece, const char *in, ritz_index step, ritz_index plane,
                            char *rows, int thread) {
  const ritz_transform *t = run->transform;
  const ritz_spectral_axis *a = pass->axis;
  const bool last = piece == pass->pieces - 1;
  const ritz_index c = t->shape.channels, ld = pass->piece * 2 * c, inner = pass->groups * 2 * c;
  const ritz_index first = piece * pass->piece;
  const ritz_index groups = last ? pass->groups - first : pass->piece;
  const size_t mode = (size_t)(pass->groups * step) * t->size;
  char *u = thread_sums(run, thread), *v = u + (size_t)(a->rows * ld) * t->size;

  in += (size_t)(first * step) * t->size;
  for (ritz_index r = 0; r < a->rows; r++) {
    const size_t sums = (size_t)(r * ld) * t->size;
    t->kernels->mode_split(groups, c, a->plus[r] < 0 ? NULL : in + (size_t)a->plus[r] * mode,
                           a->minus[r] < 0 ? NULL : in + (size_t)a->minus[r] * mode, step, plane,
                           false, u + sums, r < a->sines ? v + sums : NULL);
  }
  for (ritz_index m = 0; m < a->modes; m++) { /* frequencies that the list holds again */
    const ritz_index r = a->row[m];
    if (a->plus[r] == m || a->minus[r] == m) continue;
    const size_t sums = (size_t)(r * ld) * t->size;
    const char *x = in + (size_t)m * mode;
    t->kernels->mode_split(groups, c, a->sign[m] > 0 ? x : NULL, a->sign[m] > 0 ? NULL : x, step,
                           plane, true, u + sums, r < a->sines ? v + sums : NULL);
  }
  rows += (size_t)(first * 2 * c) * t->size;
  ritz_product_run(&pass->from_cosine[last], a->cosine[0], u, rows);
  ritz_product_run(&pass->from_sine[last], a->sine[0], v,
                   rows + (size_t)(a->even * inner) * t->size);
  t->kernels->butterfly(a->n, groups * 2 * c, rows, inner, rows, inner, false);
}

static void unit_from_modes(const ritz_spectral_run *run, const char *rows, ritz_index u, char *x,
                            int thread) {
  const ritz_transform *t = run->transform;
  const ritz_spectral_gemm *g = &t->gemm;
  const ritz_index c = t->shape.channels;
  const size_t line = (size_t)(t->axis[t->shape.dim - 1].n * c) * t->size;
  const char *row = rows + (size_t)(u * g->row) * t->size;
  if (t->shape.dim < 3) {
    line_from_modes(run, row, x + (size_t)u * line, thread);
    return;
  }
  char *slab = thread_slab(run, thread);
  const size_t slab_row = (size_t)(t->axis[2].modes * 2 * c) * t->size;
  for (ritz_index i = 0; i < g->pass[1].pieces; i++)
    pass_from_modes(run, &g->pass[1], i, row, 2 * c, c, slab, thread);
  for (ritz_index l = 0; l < g->lines; l++)
    line_from_modes(run, slab + (size_t)l * slab_row, x + (size_t)(u * g->lines + l) * line,
                    thread);
}

static void piece_from_modes(const ritz_spectral_run *run, ritz_index b, ritz_index piece,
                             char *rows, int thread) {
  const ritz_transform *t = run->transform;
  const ritz_index c = t->shape.channels, plane = t->shape.batch * c;
  const char *in = run->in + sample_in_mode(t, b);
  if (t->shape.dim > 1)
    pass_from_modes(run, &t->gemm.pass[0], piece, in, 2 * plane, plane, rows, thread);
  else
    t->kernels->mode_split(t->modes, c, in, NULL, 2 * plane, plane, false, rows, NULL);
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

void ritz_spectral_gemm_to_modes(const ritz_spectral_run *run) {
  spread(run, true);
}
void ritz_spectral_gemm_from_modes(const ritz_spectral_run *run) {
  spread(run, false);
}
