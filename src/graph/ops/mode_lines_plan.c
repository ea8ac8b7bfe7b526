/* SPDX-License-Identifier: BSD-3-Clause
 * Symbols as in mode_lines_state.h. */
#include "core/context.h"
#include "core/fail.h"
#include "core/memory.h"
#include "graph/ops/mode_lines_state.h"

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
  ritz_transform_shape shape = {
      .dtype = all->dtype, .batch = 1, .channels = all->channels, .others = 1, .plain = true};
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
  if (ritz_mode_lines_points(l) == 0) return RITZ_OK;
  return ritz_transform_create(&shape, RITZ_SPECTRAL_AUTO, 1, &l->local);
}

/* Rows of J complex numbers are those of J modes of a last axis of one point. */
static ritz_status plan_step(ritz_mode_lines *l, const ritz_transform_shape *all,
                             ritz_mode_step *s) {
  const ritz_line_step *at = &s->at;
  ritz_index *zeros;
  if (at->outer * at->count * at->modes == 0) return RITZ_OK;
  RITZ_TRY(RITZ_NEW(at->count, &zeros));
  const ritz_transform_shape shape = {
      .dtype = all->dtype,
      .dim = 2,
      .batch = 1,
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
  if (l->local) l->local_scratch = ritz_aligned(ritz_transform_scratch(l->local));
  ask(&l->scratch, (size_t)l->mover.threads * l->local_scratch);
  if (l->axes.front > 1)
    ask(&l->buffer, (size_t)(batch * l->axes.front * l->axes.split * l->axes.inner) * number);
  for (int i = 0; i < l->columns.steps; i++) {
    const ritz_mode_step *s = &l->step[i];
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
  double flops = l->local ? ritz_transform_flops(l->local) * (double)ritz_mode_lines_points(l) : 0;
  for (int i = 0; i < l->columns.steps; i++) {
    const ritz_mode_step *s = &l->step[i];
    if (s->lines) flops += ritz_transform_rows_flops(s->lines) * (double)s->at.outer;
  }
  return flops;
}
