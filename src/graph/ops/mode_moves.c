/* SPDX-License-Identifier: BSD-3-Clause */
#include "graph/ops/mode_moves.h"

#include "core/threads.h"
#include "dist/comm.h"

typedef struct move {
  const ritz_mover *mover;
  const void *what;
  bool back, add;
  const char *from;
  char *to;
} move;

/* `rows` rows of `width` numbers that lie `before` numbers from the beginning and `ld_before` apart
 * on the one side, `after` and `ld_after` on the other. */
static void copy(const move *m, ritz_index rows, ritz_index width, ritz_index before,
                 ritz_index ld_before, ritz_index after, ritz_index ld_after) {
  const size_t number = m->mover->number;
  m->mover->kernels->row_copy(rows, width, m->from + (size_t)(m->back ? after : before) * number,
                              m->back ? ld_after : ld_before,
                              m->to + (size_t)(m->back ? before : after) * number,
                              m->back ? ld_before : ld_after, m->add);
}

/* Point `chunk` of the batch's split axes. */
static void axes_task(void *arg, ritz_index chunk, int thread) {
  const move *m = arg;
  const ritz_front *f = m->what;
  const ritz_index sample = chunk / f->split, split = chunk % f->split;
  copy(m, f->front, f->inner, (sample * f->front * f->split + split) * f->inner,
       f->split * f->inner, chunk * f->front * f->inner, f->inner);
}

void ritz_move_axes(const ritz_mover *mover, const ritz_front *field, bool back, bool add,
                    const char *from, char *to) {
  move m = {mover, field, back, add, from, to};
  ritz_parallel(mover->threads, field->batch * field->split, axes_task, &m);
}

static void columns_task(void *arg, ritz_index point, int thread) {
  const move *m = arg;
  const ritz_columns_cut *c = m->what;
  for (int r = 0; r < c->ranks; r++) {
    ritz_index first, count;
    ritz_share_of(r, c->ranks, c->columns, &first, &count);
    const ritz_index width = count * c->width;
    copy(m, 1, width, (point * c->columns + first) * c->width, width,
         first * c->points * c->width + point * width, width);
  }
}

void ritz_move_columns(const ritz_mover *mover, const ritz_columns_cut *cut, bool back,
                       const char *from, char *to) {
  move m = {mover, cut, back, false, from, to};
  ritz_parallel(mover->threads, cut->points, columns_task, &m);
}

/* Part `chunk` of all outer ones. */
static void parts_task(void *arg, ritz_index chunk, int thread) {
  const move *m = arg;
  const ritz_parts_laid *l = m->what;
  const ritz_index outer = chunk / l->parts, first = l->offset[chunk % l->parts];
  const ritz_index own = l->offset[chunk % l->parts + 1] - first;
  copy(m, own, l->width, (l->outer * first + outer * own) * l->width, l->width,
       (outer * l->offset[l->parts] + first) * l->width, l->width);
}

void ritz_move_parts(const ritz_mover *mover, const ritz_parts_laid *laid, bool back,
                     const char *from, char *to) {
  move m = {mover, laid, back, false, from, to};
  ritz_parallel(mover->threads, laid->outer * laid->parts, parts_task, &m);
}

/* Modes that a thread takes at once. */
enum { TOGETHER = 256 };

static void modes_task(void *arg, ritz_index chunk, int thread) {
  const move *m = arg;
  const ritz_modes_ordered *o = m->what;
  const ritz_mode_order_of *p = &o->at_place, *q = &o->in_order;
  const bool side_by_side = p->plane == o->channels && q->plane == o->channels;
  const ritz_index planes = side_by_side ? 1 : 2,
                   width = side_by_side ? 2 * o->channels : o->channels;
  const ritz_index first = chunk * TOGETHER;
  const ritz_index end = first + TOGETHER < o->count ? first + TOGETHER : o->count;
  for (ritz_index i = first, n; i < end; i += n) {
    for (n = 1; i + n < end && o->place[i + n] == o->place[i] + n;) n++;
    for (ritz_index part = 0; part < o->batch * planes; part++) {
      const ritz_index b = part / planes, plane = part % planes;
      copy(m, n, width, o->place[i] * p->mode + b * p->sample + plane * p->plane, p->mode,
           i * q->mode + b * q->sample + plane * q->plane, q->mode);
    }
  }
}

void ritz_move_modes(const ritz_mover *mover, const ritz_modes_ordered *modes, bool back,
                     const char *from, char *to) {
  move m = {mover, modes, back, false, from, to};
  ritz_parallel(mover->threads, (modes->count + TOGETHER - 1) / TOGETHER, modes_task, &m);
}
