/* SPDX-License-Identifier: BSD-3-Clause
 * Running a plan. Chunks of rows go to threads; within a chunk, each tile passes through the whole
 * chain of row ops before the next one starts. Nothing here allocates or fails. */
#include <string.h>

#include "core/context.h"
#include "core/threads.h"
#include "graph/plan.h"

typedef struct tiled_run {
  const ritz_plan *plan;
  const ritz_step *step;
} tiled_run;

/* Rows of a field from `first` on: in the whole buffer, or in this thread's tile memory. */
static void *rows_of(const ritz_node *node, const ritz_buffer *buffer, ritz_index first,
                     char *tile) {
  if (!buffer->data) return tile + buffer->tile;
  return (char *)buffer->data + (size_t)(first * ritz_channels(node)) * ritz_number_size(node);
}

static const void *operand(const ritz_node *in, ritz_index first, char *tile) {
  if (in->kind == RITZ_NODE_PARAMETER) return in->value.data;
  return rows_of(in, &in->value, first, tile);
}

static ritz_tile tile_at(const ritz_step *step, ritz_index first, ritz_index end) {
  const ritz_index left = end - first;
  return (ritz_tile){.first = first, .count = left < RITZ_TILE_ROWS ? left : RITZ_TILE_ROWS};
}

/* Rows of the tile after this one, within the same chunk. */
static ritz_index next_end(const ritz_tile *tile, ritz_index end) {
  const ritz_index stop = tile->first + tile->count + RITZ_TILE_ROWS;
  return stop < end ? stop : end;
}

static void forward_tile(const ritz_plan *plan, const ritz_step *step, ritz_tile tile,
                         ritz_index end, char *memory) {
  tile.scratch = memory + step->tile_scratch;
  for (int j = 0; j < step->count; j++) {
    const ritz_node *node = plan->order[step->first + j];
    ritz_step_fetch(step, tile.first + tile.count, next_end(&tile, end), j, step->count);
    for (int i = 0; i < node->arity; i++) tile.in[i] = operand(node->in[i], tile.first, memory);
    tile.out = rows_of(node, &node->value, tile.first, memory);
    node->op->rows(node, &tile);
  }
}

static void forward_chunk(void *arg, ritz_index chunk, int thread) {
  const tiled_run *run = arg;
  const ritz_step *step = run->step;
  char *memory = (char *)run->plan->tiles + (size_t)thread * run->plan->tile_bytes;
  ritz_index end = (chunk + 1) * step->chunk;
  if (end > step->rows) end = step->rows;
  for (ritz_index first = chunk * step->chunk; first < end; first += RITZ_TILE_ROWS)
    forward_tile(run->plan, step, tile_at(step, first, end), end, memory);
}

static void backward_node(const ritz_node *node, ritz_tile tile, char *memory, char **partial) {
  const size_t size = ritz_number_size(node);
  for (int i = 0; i < node->arity; i++) {
    const ritz_node *in = node->in[i];
    tile.in[i] = operand(in, tile.first, memory);
    tile.gin[i] = NULL;
    tile.add[i] = node->add[i];
    if (in->kind == RITZ_NODE_PARAMETER) {
      tile.gin[i] = *partial;
      tile.add[i] = true;
      *partial += (size_t)ritz_shape_count(&in->shape) * size;
    } else if (in->wants_gradient) {
      tile.gin[i] = rows_of(in, &in->gradient, tile.first, memory);
    }
  }
  tile.out = rows_of(node, &node->value, tile.first, memory);
  tile.gout = rows_of(node, &node->gradient, tile.first, memory);
  node->op->rows_vjp(node, &tile);
}

static void backward_chunk(void *arg, ritz_index chunk, int thread) {
  const tiled_run *run = arg;
  const ritz_step *step = run->step;
  char *memory = (char *)run->plan->tiles + (size_t)thread * run->plan->tile_bytes;
  const size_t bytes = (size_t)step->partial * ritz_dtype_size(run->plan->graph->dtype);
  char *partials = (char *)step->partials + (size_t)chunk * bytes;
  memset(partials, 0, bytes);
  ritz_index end = (chunk + 1) * step->chunk;
  if (end > step->rows) end = step->rows;
  for (ritz_index first = chunk * step->chunk; first < end; first += RITZ_TILE_ROWS) {
    ritz_tile tile = tile_at(step, first, end);
    tile.scratch = memory + step->tile_scratch;
    char *partial = partials;
    for (int j = step->count - 1; j >= 0; j--) {
      const ritz_node *node = run->plan->order[step->first + j];
      ritz_step_fetch(step, tile.first + tile.count, next_end(&tile, end), j, step->count);
      if (ritz_is_active(node)) backward_node(node, tile, memory, &partial);
    }
  }
}

/* Parameter gradients: the chunks' partial sums, added in chunk order. */
static void reduce_partials(const ritz_plan *plan, const ritz_step *step) {
  const ritz_kernels *k = plan->graph->kernels;
  const size_t size = ritz_dtype_size(plan->graph->dtype);
  const size_t bytes = (size_t)step->partial * size;
  char *sum = (char *)step->partials + (size_t)step->chunks * bytes;
  memset(sum, 0, bytes);
  k->row_sum(step->chunks, step->partial, step->partials, sum);
  for (int j = step->count - 1; j >= 0; j--) {
    const ritz_node *node = plan->order[step->first + j];
    for (int i = 0; ritz_is_active(node) && i < node->arity; i++) {
      const ritz_node *in = node->in[i];
      if (in->kind != RITZ_NODE_PARAMETER) continue;
      const ritz_index count = ritz_shape_count(&in->shape);
      k->scale(count, 1, sum, in->gradient.data, node->add[i]);
      sum += (size_t)count * size;
    }
  }
}

static void run_forward(const ritz_plan *plan, const ritz_step *step) {
  if (!step->tiled) {
    const ritz_node *node = plan->order[step->first];
    node->op->forward(node);
    return;
  }
  tiled_run run = {plan, step};
  ritz_parallel(plan->graph->context->threads, step->chunks, forward_chunk, &run);
}

static void run_backward(const ritz_plan *plan, const ritz_step *step) {
  bool active = false;
  for (int j = 0; j < step->count; j++) {
    const ritz_node *node = plan->order[step->first + j];
    if (!ritz_is_active(node)) continue;
    active = true;
    if (!step->tiled)
      node->op->vjp(node);
    else if (node->op->before_vjp)
      node->op->before_vjp(node);
  }
  if (!active || !step->tiled) return;
  tiled_run run = {plan, step};
  ritz_parallel(plan->graph->context->threads, step->chunks, backward_chunk, &run);
  if (step->partial > 0) reduce_partials(plan, step);
}

void ritz_step_run(const ritz_plan *plan, const ritz_step *step) {
  if (step->backward)
    run_backward(plan, step);
  else
    run_forward(plan, step);
}

void ritz_plan_forward(ritz_plan *plan) {
  for (int s = 0; s < plan->forward_steps; s++) ritz_step_run(plan, &plan->step[s]);
}

void ritz_plan_backward(ritz_plan *plan) {
  for (int s = plan->forward_steps; s < plan->steps; s++) ritz_step_run(plan, &plan->step[s]);
}
