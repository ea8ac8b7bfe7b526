/* SPDX-License-Identifier: BSD-3-Clause
 * Where everything lies: each value, gradient and saved intermediate gets a place in one block for
 * the steps between its first write and its last read. What lives within one chain of row ops never
 * exists as a whole: it gets a place in each thread's tile memory. */
#include "core/context.h"
#include "core/fail.h"
#include "core/memory.h"
#include "dist/comm.h"
#include "graph/lifetimes.h"
#include "graph/params.h"

typedef struct allocation {
  ritz_plan *plan;
  ritz_lifetimes life;
  ritz_lease *lease;    /* whole buffers */
  ritz_buffer **leased; /* who gets lease i */
  int leases;
  ritz_lease *tile; /* buffers of tiles, per step */
  ritz_buffer **tiled;
  int tiles, *tile_step;
} allocation;

static void lease_whole(allocation *a, ritz_buffer *buffer, int start, int end) {
  a->lease[a->leases] = (ritz_lease){.bytes = buffer->bytes, .start = start, .end = end};
  a->leased[a->leases++] = buffer;
}

static void lease_tile(allocation *a, ritz_buffer *buffer, ritz_index channels, size_t size,
                       const ritz_lifetime *life) {
  const ritz_index rows = buffer->grouped ? a->plan->step[life->start].group : RITZ_TILE_ROWS;
  /* What holds a group is not free again before all tiles of the group have passed. */
  a->tile[a->tiles] = (ritz_lease){.bytes = (size_t)(rows * channels) * size,
                                   .start = buffer->grouped ? 0 : life->first_node,
                                   .end = buffer->grouped ? 1 << 30 : life->last_node};
  a->tile_step[a->tiles] = life->start;
  a->tiled[a->tiles++] = buffer;
}

/* A field that is written and read within one tiled step needs no whole buffer. */
static void lease(allocation *a, const ritz_node *node, ritz_buffer *buffer,
                  const ritz_lifetime *life) {
  const size_t size = ritz_dtype_size(node->graph->dtype);
  if (life->end < 0) return;
  if (life->start == life->end && a->plan->step[life->start].tiled && node->kind == RITZ_NODE_OP) {
    lease_tile(a, buffer, ritz_channels(node), size, life);
    return;
  }
  buffer->bytes = (size_t)ritz_shape_count(&node->shape) * size;
  lease_whole(a, buffer, life->start, life->end);
}

static size_t larger(size_t a, size_t b) { return a > b ? a : b; }

static void lease_own(allocation *a, ritz_buffer *buffer, size_t bytes, int start, int end) {
  buffer->bytes = bytes;
  if (bytes) lease_whole(a, buffer, start, end);
}

/* What an op asked for: saved from its input to its vjp, carried from one end to the other. */
static void lease_needs(allocation *a, ritz_node *node) {
  const ritz_moments at = ritz_moments_of(&a->life, node);
  const ritz_need *need = &node->need;
  const size_t rows = larger(need->rows[0], need->rows[1]) * (size_t)node->shape.n[0];
  const bool forward = node->take[0] == RITZ_END_ROWS || node->give[0] == RITZ_END_ROWS;
  const bool backward = node->take[1] == RITZ_END_ROWS || node->give[1] == RITZ_END_ROWS;
  lease_own(a, &node->saved, need->saved, at.input,
            ritz_is_active(node) ? at.backward : at.forward);
  lease_own(a, &node->carried[0], need->carried[0], at.input, at.output);
  lease_own(a, &node->rows[0], forward ? rows : 0, at.input, at.output);
  if (!ritz_is_active(node)) return;
  lease_own(a, &node->carried[1], need->carried[1], at.gout, at.gin);
  lease_own(a, &node->rows[1], backward ? rows : 0, at.gout, at.gin);
}

static void lease_all(allocation *a) {
  const ritz_graph *g = a->plan->graph;
  for (int i = 0; i < g->count; i++) {
    ritz_node *node = g->node[i];
    if (node->kind == RITZ_NODE_PARAMETER) continue;
    if (!node->taken_over) lease(a, node, &node->value, &a->life.value[i]);
    lease(a, node, &node->again, &a->life.again[i]);
    if (node->wants_gradient && a->life.shares[i] == node)
      lease(a, node, &node->gradient, &a->life.gradient[i]);
    if (node->kind == RITZ_NODE_OP && node->needed) lease_needs(a, node);
  }
}

/* Places what either end of a step by samples has from line to line, from @p at on: rows of a
 * sample, or of a slab and the units. What has been given is free for what is taken of the same
 * lines: ends that are alike share one place, which keeps it in the second-level cache. @return Its
 * end. */
static size_t place_ends(ritz_step *step, const ritz_need *given, const ritz_need *taken,
                         size_t at) {
  const int from = !step->backward, to = ritz_step_turns_back(step);
  step->give_slab = given->slab[from];
  step->take_slab = step->turn ? 0 : taken->slab[to];
  const bool alike = given->row[from] == taken->row[to] && step->give_slab == step->take_slab &&
                     given->units[from] == taken->units[to];
  const size_t units[2] = {step->give_slab ? ritz_aligned(given->units[from]) : 0,
                           step->take_slab ? ritz_aligned(taken->units[to]) : 0};
  const size_t rows[2] = {
      ritz_aligned(step->give_slab ? (size_t)step->give_slab * given->row[from]
                                   : given->rows[from]),
      ritz_aligned(step->take_slab ? (size_t)step->take_slab * taken->row[to] : taken->rows[to])};
  step->give_units = at;
  step->give_rows = at + units[0];
  const size_t end = step->give_rows + rows[0];
  step->take_units = alike ? at : end;
  step->take_rows = step->take_units + units[1];
  return larger(end, step->take_rows + rows[1]);
}

/* A thread's memory in a step: @p tiles bytes of tiles, what attached ends have, scratch. */
static size_t thread_memory(const ritz_plan *plan, ritz_step *step, size_t tiles) {
  const ritz_need none = {0}, *given = step->gives ? &step->gives->need : &none;
  const ritz_need *taken = step->takes ? &step->takes->need : &none;
  size_t scratch = larger(given->end_scratch, taken->end_scratch);
  step->tile_scratch = step->by_sample ? place_ends(step, given, taken, tiles) : tiles;
  for (int j = 0; j < step->count; j++)
    scratch = larger(scratch, plan->order[step->first + j]->need.tile_scratch);
  return step->tile_scratch + scratch;
}

/* Tile memory of each step is placed on its own; a thread holds the largest. */
static ritz_status place_tiles(allocation *a, size_t *bytes) {
  ritz_plan *plan = a->plan;
  *bytes = 0;
  for (int s = 0; s < plan->steps; s++) {
    int first = a->tiles, count = 0;
    for (int i = 0; i < a->tiles; i++) { /* tiles of one step come apart: gather them */
      if (a->tile_step[i] != s) continue;
      if (count == 0) first = i;
      const ritz_lease lease = a->tile[i];
      ritz_buffer *buffer = a->tiled[i];
      a->tile[i] = a->tile[first + count], a->tiled[i] = a->tiled[first + count];
      a->tile_step[i] = a->tile_step[first + count];
      a->tile[first + count] = lease, a->tiled[first + count] = buffer;
      a->tile_step[first + count++] = s;
    }
    size_t total = 0;
    RITZ_TRY(ritz_place(count, a->tile + first, &total));
    for (int i = first; i < first + count; i++) a->tiled[i]->tile = a->tile[i].offset;
    *bytes = larger(*bytes, thread_memory(plan, &plan->step[s], total));
  }
  *bytes = (*bytes + 4095) / 4096 * 4096; /* threads never share a page */
  return RITZ_OK;
}

/* Scratch of a step: that of its ops one after the other, then the partial parameter gradients
 * and the sums of a turn. */
static size_t step_scratch(ritz_plan *plan, ritz_step *step, char *base) {
  size_t used = 0;
  if (step->merged) return 0;
  for (int j = 0; j < step->count; j++) {
    ritz_node *node = plan->order[step->first + j];
    if (base) node->scratch.data = base + used;
    used += ritz_aligned(node->need.scratch);
    for (int i = 0; !base && ritz_step_turns_back(step) && step->tiled && ritz_is_active(node) &&
                    i < node->arity;
         i++)
      if (node->in[i]->kind == RITZ_NODE_PARAMETER)
        step->partial += ritz_shape_count(&node->in[i]->shape);
  }
  if (base) step->partials = base + used;
  used += ritz_aligned((size_t)((step->chunks + 1) * step->partial) *
                       ritz_dtype_size(plan->graph->dtype));
  if (!step->turn) return used;
  if (base) step->sums = (double *)(base + used);
  return used + ritz_aligned((size_t)step->chunks * step->turn->op->turn->sums(step->turn) *
                             sizeof *step->sums);
}

static void bind_parameters(ritz_plan *plan) {
  const ritz_graph *g = plan->graph;
  const size_t size = ritz_dtype_size(g->dtype);
  for (int i = 0; i < g->count; i++) {
    ritz_node *node = g->node[i];
    if (node->kind != RITZ_NODE_PARAMETER) continue;
    const ritz_param_info *info = ritz_params_info(plan->params, node->param);
    const ritz_param_part *part = &plan->part[node->param];
    node->owned = plan->options.own_gradients && plan->shares[node->param] > 0;
    node->value.data = (char *)ritz_params_data(plan->params) + (size_t)info->offset * size;
    node->value.bytes = (size_t)info->count * size;
    node->gradient.bytes = (size_t)part->count * size;
    if (plan->gradient) node->gradient.data = (char *)plan->gradient + (size_t)part->place * size;
  }
}

/* Chooses where all buffers lie, and counts. @param buffers  Bytes before the scratch. */
static ritz_status place_all(allocation *a, size_t *buffers) {
  ritz_plan *plan = a->plan;
  size_t scratch = 0;
  RITZ_TRY(ritz_place(a->leases, a->lease, buffers));
  for (int s = 0; s < plan->steps; s++) {
    const size_t wish = step_scratch(plan, &plan->step[s], NULL);
    if (wish > scratch) scratch = wish;
  }
  RITZ_TRY(place_tiles(a, &plan->tile_bytes));
  plan->block_bytes = *buffers + scratch;
  return RITZ_OK;
}

static ritz_status take_memory(allocation *a, size_t buffers) {
  ritz_plan *plan = a->plan;
  RITZ_TRY(ritz_calloc((ritz_index)plan->block_bytes, 1, &plan->block));
  RITZ_TRY(ritz_calloc(plan->graph->context->threads, plan->tile_bytes, &plan->tiles));
  if (plan->options.gradients && plan->params)
    RITZ_TRY(ritz_calloc((ritz_index)plan->gradient_bytes, 1, &plan->gradient));
  for (int i = 0; i < a->leases; i++) a->leased[i]->data = (char *)plan->block + a->lease[i].offset;
  for (int s = 0; s < plan->steps; s++)
    step_scratch(plan, &plan->step[s], (char *)plan->block + buffers);
  return RITZ_OK;
}

/* What has no buffer of its own. */
static void bind_shared(allocation *a) {
  for (int i = 0; i < a->plan->graph->count; i++) {
    ritz_node *node = a->plan->graph->node[i];
    if (a->life.shares[i] != node) node->gradient = a->life.shares[i]->gradient;
    if (node->taken_over) node->value = ritz_value_place(node)->value;
  }
}

/* Of a value that all ranks hold the cotangents add up: it comes from one of them. */
static void fill_with_ones(ritz_plan *plan) {
  const bool partial = plan->graph->split && !plan->target->layout;
  if (partial && !ritz_is_first_rank(plan->graph->context)) return;
  const ritz_index count = ritz_shape_count(&plan->target->shape);
  for (ritz_index i = 0; i < count; i++)
    ritz_number_set(plan->graph->dtype, plan->target->gradient.data, i, 1);
}

ritz_status ritz_plan_allocate(ritz_plan *plan) {
  const int count = plan->graph->count;
  allocation a = {.plan = plan};
  size_t buffers;
  ritz_status status;
  RITZ_TRY_DONE(ritz_lifetimes_of(plan, &a.life));
  RITZ_TRY_DONE(RITZ_NEW(7 * count, &a.lease));
  RITZ_TRY_DONE(RITZ_NEW(7 * count, &a.leased));
  RITZ_TRY_DONE(RITZ_NEW(3 * count, &a.tile));
  RITZ_TRY_DONE(RITZ_NEW(3 * count, &a.tiled));
  RITZ_TRY_DONE(RITZ_NEW(3 * count, &a.tile_step));
  lease_all(&a);
  RITZ_TRY_DONE(place_all(&a, &buffers));
  if (!plan->outline) RITZ_TRY_DONE(take_memory(&a, buffers));
  bind_shared(&a);
  bind_parameters(plan);
  if (!plan->outline && plan->options.gradients && plan->target->wants_gradient)
    fill_with_ones(plan);
done:
  ritz_lifetimes_clear(&a.life);
  ritz_free(a.lease);
  ritz_free(a.leased);
  ritz_free(a.tile);
  ritz_free(a.tiled);
  ritz_free(a.tile_step);
  return status;
}
