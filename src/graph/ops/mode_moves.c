/* SPDX-License-Identifier: BSD-3-Clause */
#include "graph/ops/mode_moves.h"

#include "core/threads.h"

typedef struct move {
  const ritz_mover *mover;
  const void *what; /* a ritz_front, or ritz_line_rows */
  bool back, add;
  const char *from;
  char *to;
} move;

/* Point `chunk` of the batch's split axes. */
static void axes_task(void *arg, ritz_index chunk, int thread) {
  const move *m = arg;
  const ritz_front *f = m->what;
  const ritz_index sample = chunk / f->split, wide = f->split * f->inner;
  const size_t inner = (size_t)f->inner * m->mover->number;
  const size_t before = (size_t)(sample * f->front * f->split + chunk % f->split) * inner;
  const size_t after = (size_t)(chunk * f->front) * inner;
  m->mover->kernels->row_copy(f->front, f->inner, m->from + (m->back ? after : before),
                              m->back ? f->inner : wide, m->to + (m->back ? before : after),
                              m->back ? wide : f->inner, m->add);
}

void ritz_move_axes(const ritz_mover *mover, const ritz_front *field, bool back, bool add,
                    const char *from, char *to) {
  move m = {mover, field, back, add, from, to};
  ritz_parallel(mover->threads, field->batch * field->split, axes_task, &m);
}

/* Point `chunk` of all outer ones: of the axis, a part's points of one sample side by side. */
static void rows_task(void *arg, ritz_index chunk, int thread) {
  const move *m = arg;
  const ritz_line_rows *r = m->what;
  const ritz_index points = r->offset[r->parts], outer = chunk / points, point = chunk % points;
  int p = 0;
  while (point >= r->offset[p + 1]) p++;
  const ritz_index c = r->channels, own = r->offset[p + 1] - r->offset[p];
  const ritz_index ld = r->outer * own * c;
  const ritz_index place = outer * own + point - r->offset[p];
  const size_t message =
      (size_t)((r->planes * r->outer * r->offset[p] + place) * c) * m->mover->number;
  const size_t row = (size_t)(chunk * r->planes * c) * m->mover->number;
  m->mover->kernels->row_copy(r->planes, c, m->from + (m->back ? row : message), m->back ? c : ld,
                              m->to + (m->back ? message : row), m->back ? ld : c, false);
}

void ritz_move_rows(const ritz_mover *mover, const ritz_line_rows *rows, bool back,
                    const char *from, char *to) {
  move m = {mover, rows, back, false, from, to};
  ritz_parallel(mover->threads, rows->outer * rows->offset[rows->parts], rows_task, &m);
}

/* Modes that a thread takes at once. */
enum { TOGETHER = 256 };

typedef struct modes_move {
  const ritz_mover *mover;
  ritz_index count, numbers, step;
  const ritz_index *place;
  bool scatter;
  const char *from;
  char *to;
} modes_move;

static void modes_task(void *arg, ritz_index chunk, int thread) {
  const modes_move *m = arg;
  const ritz_index *place = m->place;
  const ritz_index first = chunk * TOGETHER;
  const ritz_index end = first + TOGETHER < m->count ? first + TOGETHER : m->count;
  for (ritz_index i = first, n; i < end; i += n) {
    for (n = 1; i + n < end && place[i + n] == place[i] + n;) n++;
    const ritz_index x = m->scatter ? i : place[i], y = m->scatter ? place[i] : i;
    m->mover->kernels->row_copy(n, m->numbers,
                                m->from + (size_t)(x * m->numbers) * m->mover->number, m->numbers,
                                m->to + (size_t)(y * m->step) * m->mover->number, m->step, false);
  }
}

void ritz_move_modes(const ritz_mover *mover, ritz_index count, const ritz_index *place,
                     bool scatter, ritz_index numbers, ritz_index step, const char *from,
                     char *to) {
  modes_move m = {mover, count, numbers, step, place, scatter, from, to};
  ritz_parallel(mover->threads, (count + TOGETHER - 1) / TOGETHER, modes_task, &m);
}
