/* SPDX-License-Identifier: BSD-3-Clause
 * Symbols of one step (ritz_line_step): O outer, N points of the axis and n of them here, K columns
 * and J of them here, k modes.
 *
 *   to modes   S [K, 2, O, n, C]  -> to each rank of the line [its J, 2, O, n, C], and of each
 *              [J, 2, O, its n, C] -> rows [O, N, J, 2, C] -> S' [k J, 2, O, C]
 *   back       S' [k J, 2, O, C] -> rows -> messages, the other way round -> S [K, 2, O, n, C]
 *
 * S' is the S of the next step, whose own points are part of O here. Everything goes to and fro
 * between two buffers. */
#include "graph/ops/mode_lines.h"

#include <string.h>

#include "core/context.h"
#include "core/fail.h"
#include "core/memory.h"
#include "graph/ops/mode_columns.h"
#include "graph/ops/mode_moves.h"

typedef struct step {
  ritz_line_step at;
  ritz_transform *lines; /* between rows and S'; NULL: nothing here */
} step;

struct ritz_mode_lines {
  const ritz_node *field;
  ritz_mode_columns columns;
  ritz_mode_share share;
  ritz_index channels;
  ritz_transform *local; /* of the axes that are not split; NULL: no points here */
  ritz_front axes;       /* of the field; the local transform wants the split ones in front */
  ritz_mover mover;
  step step[RITZ_LINE_STEPS];
  ritz_index made;      /* modes of the last step */
  ritz_index *position; /* [made], in the order of all modes: where the last step has them */
  bool in_order;        /* in that order */
  ritz_index *slot;     /* [own modes] place among those that come from their makers */
  ritz_index *out, *in; /* [ranks + 1] offsets among the made modes, and among those that come */
  ritz_message *message;
  size_t buffer, scratch; /* bytes of one of two buffers, and of the transforms' scratch */
};

/* ---- planning ------------------------------------------------------------------------------ */

static ritz_status is_wanted(const ritz_node *field, const ritz_mode_columns *columns,
                             bool *wanted) {
  ritz_index lines, sums;
  *wanted = field->graph->modes_way == RITZ_MODES_LINES;
  if (field->graph->modes_way != RITZ_MODES_AUTO) return RITZ_OK;
  RITZ_TRY(ritz_mode_columns_sent(columns, &lines, &sums));
  *wanted = lines <= sums;
  return RITZ_OK;
}

static ritz_status plan_local(ritz_mode_lines *l, const ritz_transform_shape *all) {
  ritz_transform_shape shape = {.dtype = all->dtype,
                                .batch = all->batch,
                                .channels = all->channels,
                                .others = 1,
                                .plain = true};
  l->axes = (ritz_front){all->batch, 1, 1, all->channels};
  for (int a = 0; a < all->dim; a++) {
    if (ritz_mode_columns_split(&l->columns, a)) {
      l->axes.split *= l->field->shape.n[a + 1];
      if (all->transform[a] == RITZ_TRANSFORM_FOURIER) shape.others *= all->grid[a];
      continue;
    }
    *(a < l->columns.axis[0] ? &l->axes.front : &l->axes.inner) *= all->grid[a];
    shape.grid[shape.dim] = all->grid[a];
    shape.modes[shape.dim] = all->modes[a];
    shape.frequency[shape.dim] = all->frequency[a];
    shape.transform[shape.dim++] = all->transform[a];
  }
  shape.batch *= l->axes.split;
  if (shape.batch == 0) return RITZ_OK;
  return ritz_transform_create(&shape, RITZ_SPECTRAL_AUTO, l->field->graph->context->threads,
                               &l->local);
}

/* Rows of J complex numbers are those of J modes of a last axis of one point. */
static ritz_status plan_step(ritz_mode_lines *l, const ritz_transform_shape *all, step *s) {
  const ritz_line_step *at = &s->at;
  ritz_index *zeros;
  if (at->outer * at->count * at->modes == 0) return RITZ_OK;
  RITZ_TRY(RITZ_NEW(at->count, &zeros));
  const ritz_transform_shape shape = {
      .dtype = all->dtype,
      .dim = 2,
      .batch = at->outer,
      .channels = all->channels,
      .grid = {at->points, 1},
      .modes = {at->modes, at->count},
      .frequency = {all->frequency[at->axis], zeros},
      .transform = {all->transform[at->axis], RITZ_TRANSFORM_FOURIER},
      .plain = true};
  const ritz_status status = ritz_transform_create(&shape, RITZ_SPECTRAL_GEMM,
                                                   l->field->graph->context->threads, &s->lines);
  ritz_free(zeros);
  return status;
}

/* Messages hold modes in the order of all, in which owners follow each other. */
static ritz_status list_modes(ritz_mode_lines *l, int rank, int ranks) {
  const ritz_index all = l->share.modes, first = l->share.first, own = l->share.count;
  ritz_index position, made = 0;
  l->in_order = true;
  RITZ_TRY(RITZ_NEW(l->made, &l->position));
  RITZ_TRY(RITZ_NEW(own, &l->slot));
  RITZ_TRY(RITZ_NEW(ranks + 1, &l->out));
  RITZ_TRY(RITZ_NEW(ranks + 1, &l->in));
  RITZ_TRY(RITZ_NEW(ranks, &l->message));
  for (ritz_index m = 0; m < all; m++) {
    const int maker = ritz_mode_columns_maker(&l->columns, m, &position);
    if (m >= first && m < first + own) l->slot[m - first] = l->in[maker + 1]++;
    if (maker != rank) continue;
    l->in_order = l->in_order && position == made;
    l->position[made++] = position;
    l->out[ritz_mode_owner(ranks, all, m) + 1]++;
  }
  for (int r = 0; r < ranks; r++) l->out[r + 1] += l->out[r], l->in[r + 1] += l->in[r];
  for (ritz_index i = 0; i < own; i++)
    l->slot[i] += l->in[ritz_mode_columns_maker(&l->columns, first + i, &position)];
  return RITZ_OK;
}

static void ask(size_t *most, size_t bytes) {
  if (bytes > *most) *most = ritz_aligned(bytes);
}

static void ask_for_buffers(ritz_mode_lines *l) {
  const ritz_index c = l->channels, batch = l->columns.batch;
  const size_t number = ritz_number_size(l->field);
  if (l->local) ask(&l->scratch, ritz_transform_scratch(l->local));
  if (l->axes.front > 1)
    ask(&l->buffer, (size_t)(batch * l->axes.front * l->axes.split * l->axes.inner) * number);
  for (int i = 0; i < l->columns.steps; i++) {
    const step *s = &l->step[i];
    const ritz_index of_column = s->at.outer * c;
    ask(&l->buffer, (size_t)(2 * s->at.columns * of_column * s->at.own) * number);
    ask(&l->buffer, (size_t)(2 * s->at.count * of_column * s->at.points) * number);
    ask(&l->buffer, (size_t)(2 * s->at.count * s->at.modes * of_column) * number);
    if (s->lines) ask(&l->scratch, ritz_transform_scratch(s->lines));
  }
  ask(&l->buffer, (size_t)(2 * l->share.count * batch * c) * number);
}

ritz_status ritz_mode_lines_create(const ritz_node *field, const ritz_transform_shape *shape,
                                   const ritz_mode_share *share, ritz_mode_lines **out) {
  ritz_mode_columns columns;
  ritz_status status;
  bool wanted;
  *out = NULL;
  if (!ritz_mode_columns_of(field->layout, shape->dim, shape->batch, shape->modes,
                            ritz_transform_half(shape), &columns))
    return RITZ_OK;
  RITZ_TRY(is_wanted(field, &columns, &wanted));
  if (!wanted) return RITZ_OK;
  ritz_mode_lines *l;
  const int rank = ritz_comm_rank(share->comm), ranks = ritz_comm_size(share->comm);
  ritz_line_step at[RITZ_LINE_STEPS];
  RITZ_TRY(RITZ_NEW(1, &l));
  *l = (ritz_mode_lines){
      .field = field,
      .columns = columns,
      .share = *share,
      .channels = shape->channels,
      .mover = {field->graph->kernels, field->graph->context->threads, ritz_number_size(field)}};
  l->made = ritz_mode_columns_steps(&columns, rank, at);
  for (int i = 0; i < columns.steps; i++) {
    l->step[i].at = at[i];
    RITZ_TRY_DONE(plan_step(l, shape, &l->step[i]));
  }
  RITZ_TRY_DONE(plan_local(l, shape));
  RITZ_TRY_DONE(list_modes(l, rank, ranks));
  ask_for_buffers(l);
done:
  if (status != RITZ_OK) ritz_mode_lines_destroy(&l);
  *out = l;
  return status;
}

void ritz_mode_lines_destroy(ritz_mode_lines **lines) {
  ritz_mode_lines *l = *lines;
  *lines = NULL;
  if (!l) return;
  ritz_transform_destroy(&l->local);
  for (int i = 0; i < RITZ_LINE_STEPS; i++) ritz_transform_destroy(&l->step[i].lines);
  ritz_free(l->position);
  ritz_free(l->slot);
  ritz_free(l->out);
  ritz_free(l->in);
  ritz_free(l->message);
  ritz_free(l);
}

size_t ritz_mode_lines_work(const ritz_mode_lines *l) { return 2 * l->buffer + l->scratch; }

double ritz_mode_lines_flops(const ritz_mode_lines *l) {
  double flops = l->local ? ritz_transform_flops(l->local) : 0;
  for (int i = 0; i < l->columns.steps; i++)
    if (l->step[i].lines) flops += ritz_transform_rows_flops(l->step[i].lines);
  return flops;
}

/* ---- what travels -------------------------------------------------------------------------- */

/* The next stage reads `from` and writes `to`. */
typedef struct buffers {
  char *from, *to, *scratch;
} buffers;

static buffers buffers_in(const ritz_mode_lines *l, void *work) {
  char *first = work;
  return (buffers){first, first + l->buffer, first + 2 * l->buffer};
}

static void turn(buffers *b) {
  char *from = b->from;
  b->from = b->to;
  b->to = from;
}

/* Between the columns at own points, cut among the ranks of the line, and the own columns at all
 * points, cut at their parts: what both have of each, as they stand in a buffer. */
typedef struct meeting {
  int rank;
  size_t columns_at, columns; /* bytes */
  size_t points_at, points;
} meeting;

static meeting meet_in_line(const ritz_mode_lines *l, const ritz_line_step *at, int place) {
  const ritz_layout *layout = l->columns.layout;
  const ritz_index *offset = ritz_layout_offsets(layout, at->axis) + place;
  const size_t point = (size_t)(2 * at->outer * l->channels) * ritz_number_size(l->field);
  ritz_index first, count;
  int places[3] = {layout->place[0], layout->place[1], layout->place[2]};
  places[at->axis] = place;
  ritz_share_of(place, at->ranks, at->columns, &first, &count);
  return (meeting){.rank = ritz_layout_rank_at(layout, places),
                   .columns_at = (size_t)(first * at->own) * point,
                   .columns = (size_t)(count * at->own) * point,
                   .points_at = (size_t)(at->count * offset[0]) * point,
                   .points = (size_t)(at->count * (offset[1] - offset[0])) * point};
}

/* The made modes, and the own ones by their makers. */
static meeting meet_owner(const ritz_mode_lines *l, int r) {
  const size_t mode = (size_t)(2 * l->columns.batch * l->channels) * ritz_number_size(l->field);
  return (meeting){.rank = r,
                   .columns_at = (size_t)l->out[r] * mode,
                   .columns = (size_t)(l->out[r + 1] - l->out[r]) * mode,
                   .points_at = (size_t)l->in[r] * mode,
                   .points = (size_t)(l->in[r + 1] - l->in[r]) * mode};
}

/* Step i, or the way to the owners behind the last one. */
static int meetings(const ritz_mode_lines *l, int i) {
  return i < l->columns.steps ? l->step[i].at.ranks : ritz_comm_size(l->share.comm);
}
static meeting meet(const ritz_mode_lines *l, int i, int r) {
  return i < l->columns.steps ? meet_in_line(l, &l->step[i].at, r) : meet_owner(l, r);
}

static void exchange(const ritz_mode_lines *l, int i, bool back, buffers *b) {
  int count = 0;
  for (int r = 0; r < meetings(l, i); r++) {
    const meeting m = meet(l, i, r);
    const size_t out = back ? m.points_at : m.columns_at, in = back ? m.columns_at : m.points_at;
    if (m.rank == ritz_comm_rank(l->share.comm)) {
      memcpy(b->to + in, b->from + out, m.columns);
    } else if (m.columns || m.points) {
      l->message[count++] = (ritz_message){.rank = m.rank,
                                           .out = b->from + out,
                                           .out_bytes = (ritz_index)(back ? m.points : m.columns),
                                           .in = b->to + in,
                                           .in_bytes = (ritz_index)(back ? m.columns : m.points)};
    }
  }
  const ritz_status status = ritz_comm_swap(l->share.comm, count, l->message);
  if (status != RITZ_OK) ritz_graph_latch(l->field->graph, status);
  turn(b);
}

void ritz_mode_lines_traffic(const ritz_mode_lines *l, bool back, ritz_traffic *traffic) {
  for (int i = 0; i <= l->columns.steps; i++)
    for (int r = 0; r < meetings(l, i); r++) {
      const meeting m = meet(l, i, r);
      if (m.rank != ritz_comm_rank(l->share.comm))
        ritz_traffic_add_message(traffic, (ritz_index)(back ? m.points : m.columns));
    }
}

/* Messages of the ranks of the line to rows, or back. */
static void lay_rows(const ritz_mode_lines *l, const ritz_line_step *at, bool back, buffers *b) {
  const ritz_line_rows rows = {.parts = at->ranks,
                               .offset = ritz_layout_offsets(l->columns.layout, at->axis),
                               .outer = at->outer,
                               .planes = 2 * at->count,
                               .channels = l->channels};
  ritz_move_rows(&l->mover, &rows, back, b->from, b->to);
  turn(b);
}

/* The made modes as the last step has them, to the order of all modes, or back. */
static void order_made(const ritz_mode_lines *l, bool back, buffers *b) {
  const ritz_index mode = 2 * l->columns.batch * l->channels;
  if (l->in_order) return;
  ritz_move_modes(&l->mover, l->made, l->position, back, mode, mode, b->from, b->to);
  turn(b);
}

/* ---- to modes and back --------------------------------------------------------------------- */

static void step_to(const ritz_mode_lines *l, int i, bool adjoint, buffers *b) {
  const step *s = &l->step[i];
  exchange(l, i, false, b);
  lay_rows(l, &s->at, false, b);
  if (s->lines) ritz_transform_rows_to_modes(s->lines, adjoint, false, b->from, b->to, b->scratch);
  turn(b);
}

void ritz_mode_lines_to_own(const ritz_mode_lines *l, bool backward, const void *field, void *own,
                            void *work) {
  const ritz_index block = l->columns.batch * l->channels;
  const size_t behind = l->share.plain || backward ? 0 : (size_t)block * ritz_number_size(l->field);
  buffers b = buffers_in(l, work);
  if (l->axes.front > 1) {
    ritz_move_axes(&l->mover, &l->axes, false, false, field, b.to);
    turn(&b);
    field = b.from;
  }
  if (l->local) ritz_transform_to_modes(l->local, backward, false, field, b.to, b.scratch);
  turn(&b);
  for (int i = 0; i < l->columns.steps; i++) step_to(l, i, backward, &b);
  order_made(l, false, &b);
  exchange(l, l->columns.steps, false, &b);
  ritz_move_modes(&l->mover, l->share.count, l->slot, false, 2 * block,
                  (l->share.plain ? 2 : 3) * block, b.from, (char *)own + behind);
  ritz_mode_share_complete(&l->share, l->field, backward, block, own);
}

static void step_from(const ritz_mode_lines *l, int i, bool adjoint, buffers *b) {
  const step *s = &l->step[i];
  if (s->lines) ritz_transform_modes_to_rows(s->lines, adjoint, b->from, b->to, b->scratch);
  turn(b);
  lay_rows(l, &s->at, true, b);
  exchange(l, i, true, b);
}

void ritz_mode_lines_from_own(const ritz_mode_lines *l, bool adjoint, bool add, const void *own,
                              void *field, void *work) {
  const ritz_index mode = 2 * l->columns.batch * l->channels;
  buffers b = buffers_in(l, work);
  ritz_move_modes(&l->mover, l->share.count, l->slot, true, mode, mode, own, b.to);
  turn(&b);
  exchange(l, l->columns.steps, true, &b);
  order_made(l, true, &b);
  for (int i = l->columns.steps - 1; i >= 0; i--) step_from(l, i, adjoint, &b);
  if (!l->local) return;
  const bool permuted = l->axes.front > 1;
  ritz_transform_from_modes(l->local, adjoint, add && !permuted, b.from, permuted ? b.to : field,
                            b.scratch);
  if (permuted) ritz_move_axes(&l->mover, &l->axes, true, add, b.to, field);
}
