/* SPDX-License-Identifier: BSD-3-Clause
 * How the products of a batch are spread over threads: whole samples each, or all threads in one
 * sample, units and then pieces of axis 0 (backwards: pieces and then units). Of a transform in two
 * stages, `staged` rows stand in the place of the field's lines. */
#include "core/threads.h"
#include "kernels/spectral_plan.h"

/* One run and where it stands. */
typedef struct work {
  const ritz_spectral_run *run;
  bool to_modes;
  char *staged;      /* rows of samples `first` and on, or NULL for a run from or to a field */
  bool units;        /* units of one sample in the place of its rows */
  ritz_index first;  /* sample */
  ritz_index sample; /* under way */
  ritz_index together;
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

static char *sample_slot(const ritz_spectral_run *run, int slot) {
  return run->scratch + (size_t)slot * run->transform->sample_scratch;
}

static char *thread_work(const ritz_spectral_run *run, int thread) {
  const ritz_transform *t = run->transform;
  return sample_slot(run, t->sample_slots) + (size_t)thread * t->thread_scratch;
}

static size_t field_bytes(const ritz_transform *t) {
  return (size_t)(t->gemm.units * t->gemm.lines * t->axis[t->shape.dim - 1].count *
                  t->shape.channels) *
         t->size;
}

static char *staged_rows(const work *w) {
  return w->staged + (size_t)(w->sample - w->first) * ritz_transform_rows_bytes(w->run->transform);
}

/* In up to two dimensions staged rows are the units' already. */
static bool staged_units(const work *w) {
  return w->staged && (w->units || w->run->transform->shape.dim < 3);
}

static char *unit_rows(const work *w, char *slot) {
  return staged_units(w) ? staged_rows(w) : slot;
}

static void do_units(const work *w, ritz_index begin, ritz_index end, char *rows, char *scratch) {
  const ritz_transform *t = w->run->transform;
  const size_t sample = (size_t)w->sample * field_bytes(t);
  const size_t slab = (size_t)t->gemm.lines * ritz_spectral_row_bytes(t);
  for (ritz_index u = begin; u < end; u++)
    if (w->staged && w->to_modes)
      ritz_spectral_slab_to_unit(w->run, staged_rows(w) + (size_t)u * slab, u, rows, scratch);
    else if (w->staged)
      ritz_spectral_unit_to_slab(w->run, rows, u, staged_rows(w) + (size_t)u * slab, scratch);
    else if (w->to_modes)
      ritz_spectral_unit_to_modes(w->run, w->run->in + sample, u, rows, scratch);
    else
      ritz_spectral_unit_from_modes(w->run, rows, u, w->run->out + sample, scratch);
}

static void do_pieces(const work *w, ritz_index begin, ritz_index end, char *rows, char *scratch) {
  for (ritz_index i = begin; i < end; i++)
    if (w->to_modes)
      ritz_spectral_piece_to_modes(w->run, w->sample, i, rows, scratch);
    else
      ritz_spectral_piece_from_modes(w->run, w->sample, i, rows, scratch);
}

static void do_sample(const work *w, char *slot, char *scratch) {
  const ritz_transform *t = w->run->transform;
  char *rows = unit_rows(w, slot);
  const ritz_index units = staged_units(w) ? 0 : t->gemm.units;
  if (w->to_modes) do_units(w, 0, units, rows, scratch);
  do_pieces(w, 0, pieces_of(t), rows, scratch);
  if (!w->to_modes) do_units(w, 0, units, rows, scratch);
}

static void samples_task(void *arg, ritz_index chunk, int thread) {
  work w = *(const work *)arg;
  const ritz_index end = chunk_end(chunk, w.together, w.run->transform->shape.batch);
  for (w.sample = chunk * w.together; w.sample < end; w.sample++)
    do_sample(&w, sample_slot(w.run, thread), thread_work(w.run, thread));
}

static void units_task(void *arg, ritz_index chunk, int thread) {
  const work *w = arg;
  const ritz_index end = chunk_end(chunk, w->together, w->run->transform->gemm.units);
  do_units(w, chunk * w->together, end, sample_slot(w->run, 0), thread_work(w->run, thread));
}

static void pieces_task(void *arg, ritz_index chunk, int thread) {
  const work *w = arg;
  do_pieces(w, chunk, chunk + 1, unit_rows(w, sample_slot(w->run, 0)), thread_work(w->run, thread));
}

static void spread(const ritz_spectral_run *run, bool to_modes, char *staged) {
  const ritz_transform *t = run->transform;
  const ritz_spectral_gemm *g = &t->gemm;
  work w = {.run = run, .to_modes = to_modes, .staged = staged};
  if (g->by_sample) {
    w.together = g->samples_together;
    ritz_parallel(t->threads, chunks_of(t->shape.batch, w.together), samples_task, &w);
    return;
  }
  w.together = (g->units + 31) / 32;
  const ritz_index chunks = staged_units(&w) ? 0 : chunks_of(g->units, w.together);
  for (w.sample = 0; w.sample < t->shape.batch; w.sample++) {
    if (to_modes) ritz_parallel(t->threads, chunks, units_task, &w);
    ritz_parallel(t->threads, pieces_of(t), pieces_task, &w);
    if (!to_modes) ritz_parallel(t->threads, chunks, units_task, &w);
  }
}

void ritz_spectral_gemm_to_modes(const ritz_spectral_run *run) { spread(run, true, NULL); }
void ritz_spectral_gemm_from_modes(const ritz_spectral_run *run) { spread(run, false, NULL); }

/* ---- two stages ---------------------------------------------------------------------------- */

/* A run that has rows in the place of a field. */
static ritz_spectral_run staged_run(const ritz_transform *t, ritz_spectral_scale scale,
                                    bool for_gradient, const void *in, void *out, void *scratch) {
  return (ritz_spectral_run){.transform = t,
                             .scale = scale,
                             .order = ritz_spectral_order(t, for_gradient),
                             .in = in,
                             .out = out,
                             .scratch = scratch};
}

static void one_sample(const ritz_spectral_run *run, bool to_modes, ritz_index sample, bool units,
                       char *rows) {
  const work w = {.run = run,
                  .to_modes = to_modes,
                  .staged = rows,
                  .units = units,
                  .first = sample,
                  .sample = sample};
  do_sample(&w, ritz_spectral_units_in(run->transform, run->scratch), run->scratch);
}

bool ritz_transform_staged(const ritz_transform *t) { return t->gemm.place != NULL; }

ritz_index ritz_transform_lines(const ritz_transform *t) { return t->gemm.units * t->gemm.lines; }

size_t ritz_transform_row_bytes(const ritz_transform *t) { return ritz_spectral_row_bytes(t); }

size_t ritz_transform_rows_bytes(const ritz_transform *t) {
  return (size_t)ritz_transform_lines(t) * ritz_spectral_row_bytes(t);
}

ritz_index ritz_transform_slab_lines(const ritz_transform *t) {
  return t->shape.dim > 2 ? t->gemm.lines : 0;
}

size_t ritz_transform_units_bytes(const ritz_transform *t) { return t->sample_scratch; }

size_t ritz_transform_stage_scratch(const ritz_transform *t) {
  const ritz_spectral_gemm *g = &t->gemm;
  return g->line_bytes + g->sums_bytes + g->between_bytes +
         (t->shape.dim > 2 ? t->sample_scratch : 0);
}

void ritz_transform_line_to_row(const ritz_transform *t, bool adjoint, const void *x, void *row,
                                void *scratch) {
  const ritz_spectral_run run = {.transform = t,
                                 .scale = adjoint ? RITZ_SCALE_PAIRS : RITZ_SCALE_MEAN};
  ritz_spectral_line_to_row(&run, x, NULL, row, scratch);
}

void ritz_transform_row_to_line(const ritz_transform *t, bool adjoint, bool add, const void *row,
                                void *x, void *scratch) {
  const ritz_spectral_run run = {
      .transform = t, .scale = adjoint ? RITZ_SCALE_MEAN : RITZ_SCALE_PAIRS, .add = add};
  ritz_spectral_row_to_line(&run, row, NULL, x, scratch);
}

static ritz_spectral_scale scale_to(bool adjoint) {
  return adjoint ? RITZ_SCALE_PAIRS : RITZ_SCALE_MEAN;
}
static ritz_spectral_scale scale_from(bool adjoint) { return scale_to(!adjoint); }

void ritz_transform_slab_to_unit(const ritz_transform *t, bool adjoint, ritz_index u, void *rows,
                                 void *units, void *scratch) {
  const ritz_spectral_run run = {.transform = t, .scale = scale_to(adjoint)};
  ritz_spectral_slab_to_unit(&run, rows, u, units, scratch);
}

void ritz_transform_unit_to_slab(const ritz_transform *t, bool adjoint, ritz_index u, void *units,
                                 void *rows, void *scratch) {
  const ritz_spectral_run run = {.transform = t, .scale = scale_from(adjoint)};
  ritz_spectral_unit_to_slab(&run, units, u, rows, scratch);
}

void ritz_transform_sample_to_modes(const ritz_transform *t, bool adjoint, bool for_gradient,
                                    ritz_index sample, bool units, void *rows, void *spectrum,
                                    void *scratch) {
  const ritz_spectral_run run =
      staged_run(t, scale_to(adjoint), for_gradient, NULL, spectrum, scratch);
  one_sample(&run, true, sample, units, rows);
}

void ritz_transform_sample_from_modes(const ritz_transform *t, bool adjoint, ritz_index sample,
                                      bool units, const void *spectrum, void *rows, void *scratch) {
  const ritz_spectral_run run = staged_run(t, scale_from(adjoint), false, spectrum, NULL, scratch);
  one_sample(&run, false, sample, units, rows);
}

void ritz_transform_rows_to_modes(const ritz_transform *t, bool adjoint, bool for_gradient,
                                  void *rows, void *spectrum, void *scratch) {
  const ritz_spectral_run run =
      staged_run(t, scale_to(adjoint), for_gradient, NULL, spectrum, scratch);
  spread(&run, true, rows);
}

void ritz_transform_modes_to_rows(const ritz_transform *t, bool adjoint, const void *spectrum,
                                  void *rows, void *scratch) {
  const ritz_spectral_run run = staged_run(t, scale_from(adjoint), false, spectrum, NULL, scratch);
  spread(&run, false, rows);
}
