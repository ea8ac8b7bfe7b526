/* SPDX-License-Identifier: BSD-3-Clause
 * Symbols as in mode_lines_state.h. */
#include "graph/ops/mode_lines.h"

#include <string.h>

#include "core/fail.h"
#include "core/threads.h"
#include "graph/ops/mode_lines_state.h"

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

/* ---- what is moved here -------------------------------------------------------------------- */

/* S to the messages of the ranks of the line, or back. */
static void cut_columns(const ritz_mode_lines *l, const ritz_line_step *at, bool back, buffers *b) {
  const ritz_columns_cut cut = {.ranks = at->ranks,
                                .points = at->outer * at->own,
                                .columns = at->columns,
                                .width = 2 * l->channels};
  ritz_move_columns(&l->mover, &cut, back, b->from, b->to);
  turn(b);
}

/* What comes of the ranks of the line to rows, or back; of one of O it is there already. */
static void lay_rows(const ritz_mode_lines *l, const ritz_line_step *at, bool back, buffers *b) {
  const ritz_parts_laid laid = {.parts = at->ranks,
                                .offset = ritz_layout_offsets(l->columns.layout, at->axis),
                                .outer = at->outer,
                                .width = 2 * at->count * l->channels};
  if (at->outer == 1) return;
  ritz_move_parts(&l->mover, &laid, back, b->from, b->to);
  turn(b);
}

/* Modes as owners send and get them: (Re, Im) of each sample. */
static ritz_mode_order_of in_messages(const ritz_mode_lines *l) {
  const ritz_index c = l->channels;
  return (ritz_mode_order_of){.mode = 2 * l->columns.batch * c, .sample = 2 * c, .plane = c};
}

/* The made modes as the last step has them to messages, or back. */
static void order_made(const ritz_mode_lines *l, bool back, buffers *b) {
  const ritz_index c = l->channels;
  const ritz_modes_ordered made = {
      .count = l->made,
      .batch = l->columns.batch,
      .channels = c,
      .place = l->position,
      .at_place = {.mode = 2 * c, .sample = 2 * c * l->made, .plane = c},
      .in_order = in_messages(l)};
  if (l->in_order && l->columns.batch == 1) return;
  ritz_move_modes(&l->mover, &made, back, b->from, b->to);
  turn(b);
}

/* What comes of the makers to the own modes, or @p back, in so many row blocks. */
static void order_own(const ritz_mode_lines *l, bool back, int blocks, const char *from, char *to) {
  const ritz_index c = l->channels, block = l->columns.batch * c;
  const ritz_modes_ordered own = {
      .count = l->share.count,
      .batch = l->columns.batch,
      .channels = c,
      .place = l->slot,
      .at_place = in_messages(l),
      .in_order = {.mode = blocks * block, .sample = c, .plane = block}};
  ritz_move_modes(&l->mover, &own, back, from, to);
}

/* ---- to modes and back --------------------------------------------------------------------- */

/* The local transforms of all points. */
typedef struct local_run {
  const ritz_mode_lines *lines;
  bool back, adjoint, add;
  char *field, *columns, *scratch;
} local_run;

static void local_task(void *arg, ritz_index point, int thread) {
  const local_run *r = arg;
  const ritz_mode_lines *l = r->lines;
  const size_t number = ritz_number_size(l->field);
  char *x = r->field + (size_t)(point * l->axes.front * l->axes.inner) * number;
  char *s = r->columns + (size_t)(point * l->step[0].at.columns * 2 * l->channels) * number;
  char *scratch = r->scratch + (size_t)thread * l->local_scratch;
  if (r->back)
    ritz_transform_from_modes(l->local, r->adjoint, r->add, s, x, scratch);
  else
    ritz_transform_to_modes(l->local, r->adjoint, false, x, s, scratch);
}

static void run_local(const ritz_mode_lines *l, local_run *run) {
  if (l->local) ritz_parallel(l->mover.threads, ritz_mode_lines_points(l), local_task, run);
}

/* Rows to S', or back. */
static void run_step(const ritz_mode_lines *l, const ritz_mode_step *s, bool back, bool adjoint,
                     buffers *b) {
  const size_t number = (size_t)(2 * s->at.count * l->channels) * ritz_number_size(l->field);
  const size_t rows = (size_t)s->at.points * number, modes = (size_t)s->at.modes * number;
  for (ritz_index o = 0; s->lines && o < s->at.outer; o++) {
    char *from = b->from + (size_t)o * (back ? modes : rows);
    char *to = b->to + (size_t)o * (back ? rows : modes);
    if (back)
      ritz_transform_modes_to_rows(s->lines, adjoint, from, to, b->scratch);
    else
      ritz_transform_rows_to_modes(s->lines, adjoint, false, from, to, b->scratch);
  }
  turn(b);
}

static void step_to(const ritz_mode_lines *l, int i, bool adjoint, buffers *b) {
  const ritz_mode_step *s = &l->step[i];
  cut_columns(l, &s->at, false, b);
  exchange(l, i, false, b);
  lay_rows(l, &s->at, false, b);
  run_step(l, s, false, adjoint, b);
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
  local_run run = {.lines = l,
                   .adjoint = backward,
                   .field = (char *)field,
                   .columns = b.to,
                   .scratch = b.scratch};
  run_local(l, &run);
  turn(&b);
  for (int i = 0; i < l->columns.steps; i++) step_to(l, i, backward, &b);
  order_made(l, false, &b);
  exchange(l, l->columns.steps, false, &b);
  order_own(l, false, l->share.plain ? 2 : 3, b.from, (char *)own + behind);
  ritz_mode_share_complete(&l->share, l->field, backward, block, own);
}

static void step_from(const ritz_mode_lines *l, int i, bool adjoint, buffers *b) {
  const ritz_mode_step *s = &l->step[i];
  run_step(l, s, true, adjoint, b);
  lay_rows(l, &s->at, true, b);
  exchange(l, i, true, b);
  cut_columns(l, &s->at, true, b);
}

void ritz_mode_lines_from_own(const ritz_mode_lines *l, bool adjoint, bool add, const void *own,
                              void *field, void *work) {
  const bool permuted = l->axes.front > 1;
  buffers b = buffers_in(l, work);
  order_own(l, true, 2, own, b.to);
  turn(&b);
  exchange(l, l->columns.steps, true, &b);
  order_made(l, true, &b);
  for (int i = l->columns.steps - 1; i >= 0; i--) step_from(l, i, adjoint, &b);
  local_run run = {.lines = l,
                   .back = true,
                   .adjoint = adjoint,
                   .add = add && !permuted,
                   .field = permuted ? b.to : field,
                   .columns = b.from,
                   .scratch = b.scratch};
  run_local(l, &run);
  if (permuted) ritz_move_axes(&l->mover, &l->axes, true, add, b.to, field);
}
