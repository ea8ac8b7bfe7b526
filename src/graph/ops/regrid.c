/* SPDX-License-Identifier: BSD-3-Clause
 * A field on another grid, axis after axis. With a sample for each thread a thread takes a sample
 * through all axes, so that what lies between them stays in its cache. */
#include "graph/ops/regrid.h"

#include "core/context.h"
#include "core/fail.h"
#include "core/memory.h"
#include "core/threads.h"
#include "graph/halo.h"

ritz_regrid_grid ritz_regrid_copy(ritz_var x, const ritz_index *grid) {
  ritz_regrid_grid copy = {{0}};
  for (int a = 0; x && a < 3 && a < ritz_grid_dim(x); a++) copy.n[a] = grid[a];
  return copy;
}

ritz_status ritz_regrid_infer(ritz_node *node, const ritz_regrid_grid *grid) {
  const int d = ritz_grid_dim(node->in[0]);
  char text[128];
  RITZ_REQUIRE(d >= 1 && d <= 3, RITZ_ERR_SHAPE, "%s: x is %s, wanted [B, 1 to 3 axes, C]",
               node->op->name, ritz_shape_text(&node->in[0]->shape, text));
  node->shape = node->in[0]->shape;
  for (int a = 0; a < d; a++) {
    RITZ_REQUIRE(grid->n[a] >= 1, RITZ_ERR_SHAPE, "%s: axis %d would have %td points",
                 node->op->name, a, grid->n[a]);
    node->shape.n[a + 1] = grid->n[a];
  }
  return RITZ_OK;
}

/* Numbers of a sample in which the axes from @p axis on have been resampled. */
static ritz_index numbers_between(const ritz_node *node, int axis) {
  ritz_index count = ritz_channels(node);
  for (int a = 0; a < ritz_grid_dim(node); a++)
    count *= a < axis ? node->in[0]->shape.n[a + 1] : node->shape.n[a + 1];
  return count;
}

ritz_status ritz_regrid_plan(ritz_node *node, ritz_regrid_axis *make) {
  const int threads = node->graph->context->threads, d = ritz_grid_dim(node);
  ritz_regrid_state *state;
  RITZ_TRY(RITZ_NEW(1, &state));
  node->state = state;
  for (int a = 0; a < d; a++) {
    RITZ_TRY(make(node, a, ritz_extent(ritz_whole_operand(node), a), ritz_extent(node, a),
                  &state->axis[a]));
    if (!node->layout || ritz_layout_ranks(node->layout, a) == 1) continue;
    ritz_index first, count;
    ritz_layout_part(node->layout, a, &first, &count);
    RITZ_TRY(ritz_resampling_cut(&state->axis[a], first, count));
  }
  RITZ_TRY(ritz_halo_see_band(node->in[0], &state->axis[d - 1].forward));
  /* One sample after the other would leave all but the first without work while halos travel. */
  state->by_sample = node->shape.n[0] >= threads && !ritz_halo_of(node->in[0], false);
  ritz_index largest = 0;
  for (int a = 1; a < d; a++)
    if (numbers_between(node, a) > largest) largest = numbers_between(node, a);
  const ritz_index copies = state->by_sample ? 1 : node->shape.n[0];
  state->between = ritz_aligned((size_t)(largest * copies) * ritz_number_size(node));
  node->need.scratch = (size_t)(state->by_sample ? threads : 1) * (size_t)(d - 1) * state->between;
  return RITZ_OK;
}

void ritz_regrid_destroy(ritz_node *node) {
  ritz_regrid_state *state = node->state;
  if (!state) return;
  for (int a = 0; a < 3; a++) ritz_resampling_release(&state->axis[a]);
  ritz_free(state);
}

/* What each part of an axis of the new grid reads of the old one. */
static ritz_status find_reach(const ritz_node *whole, int axis, const ritz_layout *out,
                              ritz_regrid_axis *make, ritz_reach *reach) {
  ritz_resampling matrix;
  RITZ_TRY(make(whole, axis, whole->in[0]->shape.n[axis + 1], whole->shape.n[axis + 1], &matrix));
  const ritz_index *offset = out->offset[axis];
  for (int r = 0; r < out->ranks[axis]; r++)
    ritz_band_reach(&matrix.forward, offset[r], offset[r + 1] - offset[r], &reach->first[r],
                    &reach->count[r]);
  ritz_resampling_release(&matrix);
  return RITZ_OK;
}

ritz_var ritz_regrid_add_split(const ritz_addition *a, ritz_regrid_axis *make) {
  ritz_layout *out = NULL;
  ritz_reach reach[3];
  ritz_node whole;
  ritz_status status;
  RITZ_TRY_DONE(ritz_infer_whole(a, &whole));
  RITZ_TRY_DONE(ritz_layout_for(a->graph, a->in[0]->layout, &whole.shape, &out));
  RITZ_TRY_DONE(ritz_reach_all(a->graph, a->in[0]->layout, reach));
  for (int i = 0; i < out->dim; i++)
    if (out->ranks[i] > 1) RITZ_TRY_DONE(find_reach(&whole, i, out, make, &reach[i]));
done:
  if (status != RITZ_OK) ritz_layout_destroy(&out);
  if (status != RITZ_OK) return ritz_graph_latch(a->graph, status);
  const ritz_var boxes = ritz_fetch(a->graph, a->in[0], reach);
  const ritz_var y = ritz_split_node(ritz_add_as(a, &boxes, a->attr), out, 1);
  ritz_layout_destroy(&out);
  return y;
}

typedef struct move {
  const ritz_node *node;
  bool adjoint, add;
  const char *from;
  char *to;
  size_t from_sample, to_sample; /* bytes */
} move;

/* @p samples samples through all axes: from, between, ..., to. */
static void move_samples(const move *m, ritz_index first, ritz_index samples, char *between,
                         int threads) {
  const ritz_node *node = m->node;
  const ritz_regrid_state *state = node->state;
  const int d = ritz_grid_dim(node);
  const char *from = m->from + (size_t)first * m->from_sample;
  for (int step = 0; step < d; step++) {
    const int axis = m->adjoint ? step : d - 1 - step;
    const bool last = step == d - 1;
    /* Axes behind this one are those of the output, those before it of the input, in both
     * directions. */
    ritz_index outer = samples, inner = ritz_channels(node);
    for (int a = 0; a < axis; a++) outer *= node->in[0]->shape.n[a + 1];
    for (int a = axis + 1; a < d; a++) inner *= node->shape.n[a + 1];
    char *to =
        last ? m->to + (size_t)first * m->to_sample : between + (size_t)step * state->between;
    ritz_resampling_run(&state->axis[axis], m->adjoint, last && m->add, node->graph->dtype, outer,
                        inner, from, to, threads,
                        axis == d - 1 ? ritz_halo_of(node->in[0], m->adjoint) : NULL);
    from = to;
  }
}

static void move_sample(void *arg, ritz_index sample, int thread) {
  const move *m = arg;
  const ritz_regrid_state *state = m->node->state;
  const size_t each = (size_t)(ritz_grid_dim(m->node) - 1) * state->between;
  move_samples(m, sample, 1, (char *)m->node->scratch.data + (size_t)thread * each, 1);
}

static void run(const ritz_node *node, bool adjoint, bool add, const void *from, void *to) {
  const int threads = node->graph->context->threads;
  const ritz_regrid_state *state = node->state;
  const ritz_index batch = node->shape.n[0];
  const size_t in = (size_t)numbers_between(node, 3) * ritz_number_size(node);
  const size_t out = (size_t)numbers_between(node, 0) * ritz_number_size(node);
  move m = {node, adjoint, add, from, to, adjoint ? out : in, adjoint ? in : out};
  if (state->by_sample)
    ritz_parallel(threads, batch, move_sample, &m);
  else
    move_samples(&m, 0, batch, node->scratch.data, threads);
}

void ritz_regrid_forward(const ritz_node *node) {
  run(node, false, false, ritz_in(node, 0), node->value.data);
}

void ritz_regrid_vjp(const ritz_node *node) {
  if (ritz_gin(node, 0)) run(node, true, node->add[0], node->gradient.data, ritz_gin(node, 0));
}

double ritz_regrid_flops(const ritz_node *node) {
  const ritz_regrid_state *state = node->state;
  double flops = 0;
  for (int a = 0; a < ritz_grid_dim(node); a++) {
    const ritz_band *band = &state->axis[a].forward;
    if (band->rows == 0) return 0;
    flops += 2.0 * (double)band->start[band->rows] * (double)numbers_between(node, a) /
             (double)band->rows;
  }
  return flops * (double)node->shape.n[0];
}
