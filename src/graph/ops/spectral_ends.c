/* SPDX-License-Identifier: BSD-3-Clause
 * Where spectra lie: X (signal order) is saved, and what the chain wants to see again behind it; Y
 * is carried forward; G (gradient order) and GX backward. Of a split field these are the own modes,
 * Y, G and GX in front of the scratch; and by sums, what is carried are all modes, once on their
 * way in and once on their way out. */
#include "graph/ops/spectral_ends.h"

#include <string.h>

#include "core/context.h"
#include "core/fail.h"
#include "core/memory.h"

/* ---- planning ------------------------------------------------------------------------------ */

static ritz_status plan_end(const ritz_node *node, const ritz_node *field, bool out) {
  ritz_spectral_state *state = node->state;
  ritz_transform_shape shape = {.dtype = node->graph->dtype,
                                .dim = ritz_grid_dim(node),
                                .batch = node->shape.n[0],
                                .channels = ritz_channels(field)};
  for (int a = 0; a < shape.dim; a++) {
    shape.modes[a] = state->axis[a].count;
    shape.frequency[a] = out ? state->axis[a].out : state->axis[a].in;
    shape.transform[a] = ((const ritz_spectral_attr *)node->attr)->options.transform[a];
  }
  return ritz_mode_end_plan(field, &state->share, &shape, &state->end[out]);
}

static size_t larger(size_t a, size_t b) { return a > b ? a : b; }

/* Of the own Y, or G and then GX. */
static size_t own_bytes(const ritz_spectral_state *s) {
  return ritz_aligned(s->blocks * s->end[1].own) + ritz_aligned(s->planes * s->end[0].own);
}

static void ask_for_lines(ritz_node *node, const ritz_transform *transform, int end) {
  if (!transform || !ritz_transform_staged(transform)) return;
  node->need.row[end] = ritz_transform_row_bytes(transform);
  node->need.rows[end] = ritz_transform_rows_bytes(transform);
  node->need.slab[end] = ritz_transform_slab_lines(transform);
  node->need.units[end] = ritz_transform_units_bytes(transform);
  node->need.end_scratch = larger(node->need.end_scratch, ritz_transform_stage_scratch(transform));
}

static void ask_for_buffers(ritz_node *node, bool gradients) {
  const ritz_spectral_state *s = node->state;
  const ritz_mode_end *x = &s->end[0], *y = &s->end[1];
  const size_t all_x = ritz_mode_end_all(x), all_y = ritz_mode_end_all(y);
  node->need.saved = ritz_aligned(s->blocks * x->own) + ritz_mode_chain_saved(s->chain);
  node->need.scratch =
      larger(larger(ritz_mode_end_work(x, &s->share, node), ritz_mode_end_work(y, &s->share, node)),
             ritz_mode_chain_scratch(s->chain));
  if (!node->layout) {
    node->need.carried[0] = ritz_aligned(s->planes * all_y);
    if (gradients) node->need.carried[1] = ritz_aligned(s->blocks * all_y) + s->planes * all_x;
    return;
  }
  node->need.carried[0] = larger(s->blocks * all_x, s->planes * all_y);
  if (gradients) node->need.carried[1] = larger(s->blocks * all_y, s->planes * all_x);
  node->need.scratch += own_bytes(s);
}

ritz_status ritz_spectral_ends_plan(ritz_node *node, bool gradients) {
  const ritz_spectral_state *state = node->state;
  RITZ_TRY(plan_end(node, node->in[0], false));
  RITZ_TRY(plan_end(node, node, true));
  ask_for_buffers(node, gradients);
  for (int end = 0; end < 2; end++) ask_for_lines(node, state->end[end].transform, end);
  return RITZ_OK;
}

void ritz_spectral_ends_destroy(ritz_spectral_state *state) {
  for (int end = 0; end < 2; end++) ritz_mode_end_clear(&state->end[end]);
}

/* ---- places -------------------------------------------------------------------------------- */

char *ritz_spectral_saved_by_chain(const ritz_node *node) {
  const ritz_spectral_state *state = node->state;
  return (char *)node->saved.data + ritz_aligned(state->blocks * state->end[0].own);
}
char *ritz_spectral_work(const ritz_node *node) {
  return (char *)node->scratch.data + (node->layout ? own_bytes(node->state) : 0);
}

/* All modes on their way in and out, X and G, Y and GX. */
static char *all_taken(const ritz_node *node, bool backward) {
  return backward || node->layout ? node->carried[backward].data : node->saved.data;
}
static char *all_given(const ritz_node *node, bool backward) {
  const ritz_spectral_state *s = node->state;
  const bool behind_g = backward && !node->layout;
  return (char *)node->carried[backward].data +
         (behind_g ? ritz_aligned(s->blocks * s->end[1].all) : 0);
}

/* The own ones, which are all of them without a split. */
static char *own_taken(const ritz_node *node, bool backward) {
  if (!node->layout) return all_taken(node, backward);
  return backward ? node->scratch.data : node->saved.data;
}
void *ritz_spectral_room(const ritz_node *node, bool backward) {
  const ritz_spectral_state *s = node->state;
  if (!node->layout) return all_given(node, backward);
  return (char *)node->scratch.data + (backward ? ritz_aligned(s->blocks * s->end[1].own) : 0);
}

/* ---- runs ---------------------------------------------------------------------------------- */

/* The end where fields come in serves y's cotangent backward, the other one x's. */
static const ritz_mode_end *taking(const ritz_node *node, bool backward) {
  return &((const ritz_spectral_state *)node->state)->end[backward];
}
static const ritz_mode_end *giving(const ritz_node *node, bool backward) {
  return taking(node, !backward);
}

/* To all modes, as far as no chain does it. */
static void take_all(const ritz_node *node, bool backward, const void *field) {
  const ritz_spectral_state *s = node->state;
  const ritz_mode_end *end = taking(node, backward);
  char *spectrum = all_taken(node, backward), *work = ritz_spectral_work(node);
  if (!end->transform)
    memset(spectrum, 0, s->blocks * end->all);
  else if (node->take[backward] == RITZ_END_OWN)
    ritz_transform_to_modes(end->transform, backward, backward, field, spectrum, work);
  else if (node->take[backward] == RITZ_END_ROWS)
    ritz_transform_rows_to_modes(end->transform, backward, backward, node->rows[backward].data,
                                 spectrum, work);
}

const void *ritz_spectral_take(const ritz_node *node, bool backward) {
  const ritz_spectral_state *s = node->state;
  const ritz_mode_end *end = taking(node, backward);
  const void *field = backward ? node->gradient.data : ritz_in(node, 0);
  char *own = own_taken(node, backward), *work = ritz_spectral_work(node);
  if (end->lines) {
    ritz_mode_lines_to_own(end->lines, backward, field, own, work);
    return own;
  }
  take_all(node, backward, field);
  if (node->layout)
    ritz_mode_share_sum(&s->share, node, backward, end->block, all_taken(node, backward), own,
                        work);
  return own;
}

void ritz_spectral_give(const ritz_node *node, bool backward) {
  const ritz_spectral_state *s = node->state;
  const ritz_mode_end *end = giving(node, backward);
  void *field = backward ? ritz_gin(node, 0) : node->value.data;
  const bool add = backward && node->add[0];
  char *own = ritz_spectral_room(node, backward), *all = all_given(node, backward);
  char *work = ritz_spectral_work(node);
  if (end->lines) {
    ritz_mode_lines_from_own(end->lines, backward, add, own, field, work);
    return;
  }
  if (node->layout) ritz_mode_share_gather(&s->share, node, end->block, own, all);
  if (end->transform && node->give[backward] == RITZ_END_OWN)
    ritz_transform_from_modes(end->transform, backward, add, all, field, work);
  else if (end->transform && node->give[backward] == RITZ_END_ROWS)
    ritz_transform_modes_to_rows(end->transform, backward, all, node->rows[backward].data, work);
}

/* ---- what chains do ------------------------------------------------------------------------ */

static void take_line(const ritz_node *node, bool backward, const void *line, void *row,
                      void *scratch) {
  ritz_transform_line_to_row(taking(node, backward)->transform, backward, line, row, scratch);
}

static void take_slab(const ritz_node *node, bool backward, ritz_index u, void *rows, void *units,
                      void *scratch) {
  ritz_transform_slab_to_unit(taking(node, backward)->transform, backward, u, rows, units, scratch);
}

static void take_sample(const ritz_node *node, bool backward, ritz_index sample, bool units,
                        void *rows, void *scratch) {
  ritz_transform_sample_to_modes(taking(node, backward)->transform, backward, backward, sample,
                                 units, rows, all_taken(node, backward), scratch);
}

static void give_sample(const ritz_node *node, bool backward, ritz_index sample, bool units,
                        void *rows, void *scratch) {
  ritz_transform_sample_from_modes(giving(node, backward)->transform, backward, sample, units,
                                   all_given(node, backward), rows, scratch);
}

static void give_slab(const ritz_node *node, bool backward, ritz_index u, void *units, void *rows,
                      void *scratch) {
  ritz_transform_unit_to_slab(giving(node, backward)->transform, backward, u, units, rows, scratch);
}

static void give_line(const ritz_node *node, bool backward, bool add, const void *row, void *line,
                      void *scratch) {
  ritz_transform_row_to_line(giving(node, backward)->transform, backward, add, row, line, scratch);
}

const ritz_line_ends ritz_spectral_line_ends = {
    .take_line = take_line,
    .take_sample = take_sample,
    .give_sample = give_sample,
    .take_slab = take_slab,
    .give_slab = give_slab,
    .give_line = give_line,
};

/* ---- cost ---------------------------------------------------------------------------------- */

/* As the runs do it: the modes of one end in, those of the other out. */
void ritz_spectral_traffic(const ritz_node *node, bool backward, ritz_traffic *traffic) {
  const ritz_spectral_state *s = node->state;
  ritz_mode_end_traffic(taking(node, backward), &s->share, node, false, traffic);
  if (!backward || node->in[0]->wants_gradient)
    ritz_mode_end_traffic(giving(node, backward), &s->share, node, true, traffic);
}
