/* SPDX-License-Identifier: BSD-3-Clause
 * How a chain of row ops sweeps over its rows, and whose lines it takes along.
 *
 * An op with ends (op.h) between two chains would read the field the first one has just written and
 * write the field the second one is about to read. Attached, its work along the last axis is done
 * in the chains' own sweeps: of its input and output only those lines exist that are in cache. */
#include "core/context.h"
#include "graph/plan.h"

/* A group of lines has to stay in a second-level cache with all else a chain touches. */
enum { GROUP_BYTES = 1 << 18 };

static ritz_node *only_node(const ritz_plan *plan, const ritz_step *step) {
  return plan->order[step->first];
}

static bool is_in(const ritz_plan *plan, const ritz_step *step, const ritz_node *node) {
  for (int j = 0; j < step->count; j++)
    if (plan->order[step->first + j] == node) return true;
  return false;
}

static ritz_index last_extent(const ritz_node *field) {
  return field->shape.n[ritz_grid_dim(field)];
}

static bool fits(const ritz_node *field, int end, const ritz_node *op) {
  return op->need.row[end] > 0 &&
         (size_t)(last_extent(field) * ritz_channels(field)) * ritz_number_size(field) <=
             GROUP_BYTES;
}

/* The op of step s, if its output can come to the chain of step s + 1 line by line. */
static ritz_node *giver(const ritz_plan *plan, int s) {
  if (s < 0 || plan->step[s].tiled) return NULL;
  ritz_node *node = only_node(plan, &plan->step[s]);
  const ritz_step *chain = &plan->step[s + 1];
  return node->op->ends && ritz_rows(node) == chain->rows && fits(node, 1, node) ? node : NULL;
}

/* The op of step s, if its input comes from the chain of step s - 1. */
static ritz_node *taker(const ritz_plan *plan, int s) {
  if (s >= plan->forward_steps || plan->step[s].tiled) return NULL;
  ritz_node *node = only_node(plan, &plan->step[s]);
  return node->op->ends && is_in(plan, &plan->step[s - 1], node->in[0]) &&
                 fits(node->in[0], 0, node)
             ? node
             : NULL;
}

/* The cotangent of a value is complete after the backward steps of all its users. */
static bool used_beyond(const ritz_plan *plan, const ritz_node *value, const ritz_step *chain) {
  for (int i = 0; i < plan->ordered; i++) {
    const ritz_node *user = plan->order[i];
    for (int j = 0; j < user->arity; j++)
      if (user->in[j] == value && !is_in(plan, chain, user)) return true;
  }
  for (int i = 0; i < plan->outputs; i++)
    if (plan->output[i] == value) return true;
  return false;
}

/* Largest number of lines that fill no more than a tile and divide a sample, or its slabs. */
static ritz_index lines_together(ritz_index lines, ritz_index points) {
  ritz_index together = RITZ_TILE_ROWS / points;
  if (together < 1) together = 1;
  if (together > lines) together = lines;
  while (lines % together) together--;
  return together;
}

/* Chunks are a function of the shape alone: about 32, which balance a few threads, and at most 4096
 * rows, which keeps float sums of parameter gradients accurate. */
static void cut(ritz_step *step, ritz_index part, ritz_index group) {
  ritz_index groups = step->rows / 32 / group;
  if (groups > 4096 / group) groups = 4096 / group;
  if (groups < 1) groups = 1;
  step->part = part;
  step->group = group;
  step->chunk = groups * group;
  if (step->chunk < 2 * RITZ_TILE_ROWS)
    step->chunk = (2 * RITZ_TILE_ROWS + group - 1) / group * group;
  step->chunks_per_part = (part + step->chunk - 1) / step->chunk;
  step->chunks = part ? step->rows / part * step->chunks_per_part : 0;
}

static void cut_into_lines(const ritz_plan *plan, ritz_step *step, const ritz_node *field,
                           ritz_index slab) {
  const ritz_index batch = field->shape.n[0], part = step->rows / batch;
  step->line = last_extent(field);
  const ritz_index lines = slab > 0 ? slab : part / step->line;
  cut(step, part, step->line * lines_together(lines, step->line));
  const int threads = plan->graph->context->threads;
  step->by_sample = threads == 1 || batch % threads == 0 || batch >= 4 * threads;
}

static void attach(ritz_plan *plan, int s) {
  ritz_step *step = &plan->step[s], *back = &plan->step[plan->steps - 1 - s];
  ritz_node *before = giver(plan, s - 1), *after = taker(plan, s + 1);
  const ritz_node *field = before ? before : after ? after->in[0] : NULL;
  const ritz_index slab = before ? before->need.slab[1] : after ? after->need.slab[0] : 0;
  if (!field || ritz_rows(field) == 0) {
    cut(step, step->turn ? step->rows / step->turn->in[0]->shape.n[0] : step->rows, RITZ_TILE_ROWS);
  } else {
    cut_into_lines(plan, step, field, slab);
    const ritz_end end = step->by_sample ? RITZ_END_SAMPLE : RITZ_END_ROWS;
    step->gives = before;
    step->takes = after;
    if (before) before->give[0] = end;
    if (after) after->take[0] = end;
  }
  if (!plan->options.gradients) return;
  const ritz_step own = *back;
  *back = *step;
  back->backward = own.backward, back->merged = own.merged;
  back->gives = after && ritz_is_active(after) && after->in[0]->wants_gradient ? after : NULL;
  back->takes =
      before && ritz_is_active(before) && !used_beyond(plan, before, step) ? before : NULL;
  const ritz_end end = step->by_sample ? RITZ_END_SAMPLE : RITZ_END_ROWS;
  if (back->gives) back->gives->give[1] = end;
  if (back->takes) back->takes->take[1] = end;
  if (step->turn) step->takes = back->takes;
}

void ritz_plan_attach_ends(ritz_plan *plan) {
  for (int s = 0; s < plan->forward_steps; s++) {
    if (!plan->step[s].tiled) continue;
    attach(plan, s);
    const ritz_step *step = &plan->step[s];
    for (int j = 0; j < step->count; j++) {
      ritz_node *node = plan->order[step->first + j];
      const ritz_index group = step->line ? step->group : step->part;
      node->tile_rows[0] = group < RITZ_TILE_ROWS ? group : RITZ_TILE_ROWS;
      node->tile_rows[1] = group < RITZ_TILE_ROWS ? 0 : group % RITZ_TILE_ROWS;
    }
  }
}
