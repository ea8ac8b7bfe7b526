/* SPDX-License-Identifier: BSD-3-Clause
 * Running a chain of row ops. Chunks of rows go to threads; within a chunk, each tile passes
 * through the whole chain before the next one starts. With attached ends (attach.c) the tiles of a
 * group of lines pass between the lines' arrival and their departure. With a turn (turn.c) a tile
 * goes forward and back at once. Nothing here allocates or fails. */
#include <string.h>

#include "core/context.h"
#include "core/threads.h"
#include "graph/plan.h"

/* A thread at work on a group of rows, and on its way to the next tile. */
typedef struct worker {
  const ritz_plan *plan;
  const ritz_step *step;
  char *memory;     /* this thread's */
  ritz_index group; /* first row */
  ritz_index end;   /* of the chunk */
  ritz_ahead ahead;
} worker;

/* Rows of a field from `first` on: in the whole buffer, or in this thread's tile memory. */
static void *rows_of(const worker *w, const ritz_node *node, const ritz_buffer *buffer,
                     ritz_index first) {
  const size_t row = (size_t)ritz_channels(node) * ritz_number_size(node);
  if (buffer->data) return (char *)buffer->data + (size_t)first * row;
  return w->memory + buffer->tile + (buffer->grouped ? (size_t)(first - w->group) * row : 0);
}

/* Bytes to what a tile shows of a parameter. */
static size_t shown_from(const ritz_node *node, int i, ritz_index first) {
  const ritz_node *in = node->in[i];
  if (node->op->parameters & 1u << i) return 0;
  return (size_t)(first * ritz_channels(in)) * ritz_number_size(in);
}

static const void *operand(const worker *w, const ritz_node *node, int i, ritz_index first) {
  const ritz_node *in = node->in[i];
  if (in->kind == RITZ_NODE_PARAMETER)
    return (const char *)in->value.data + shown_from(node, i, first);
  return rows_of(w, in, &in->value, first);
}

/* The same in the backward pass. */
static const void *operand_again(const worker *w, const ritz_node *node, int i, ritz_index first) {
  return node->in[i]->recomputed ? w->memory + node->in[i]->again.tile : operand(w, node, i, first);
}

/* ---- a tile ---------------------------------------------------------------------------------- */

/* The tile after this one, if it belongs to the same chunk. */
static ritz_ahead look_ahead(const worker *w, const ritz_tile *tile) {
  const ritz_index first = tile->first + tile->count, end = first + RITZ_TILE_ROWS;
  return ritz_step_look_ahead(w->step, first, end < w->end ? end : w->end);
}

/* A part of it, beside an op or by the op. */
static void fetch_beside(worker *w, const ritz_node *node, ritz_tile *tile) {
  tile->next = NULL;
  if (node->op->fetches)
    tile->next = ritz_ahead_take(&w->ahead, (size_t)ritz_channels(node) * ritz_number_size(node));
  else
    ritz_ahead_burst(&w->ahead);
}

static void forward_tile(worker *w, ritz_tile *tile) {
  for (int j = 0; j < w->step->count; j++) {
    const ritz_node *node = w->plan->order[w->step->first + j];
    fetch_beside(w, node, tile);
    for (int i = 0; i < node->arity; i++) tile->in[i] = operand(w, node, i, tile->first);
    tile->out = rows_of(w, node, &node->value, tile->first);
    node->op->rows(node, tile);
  }
}

static void recompute_node(worker *w, const ritz_node *node, ritz_tile *tile) {
  fetch_beside(w, node, tile);
  for (int i = 0; i < node->arity; i++) tile->in[i] = operand_again(w, node, i, tile->first);
  tile->out = w->memory + node->again.tile;
  node->op->rows(node, tile);
}

/* @param partial  Where the next parameter's partial gradient goes; moved on. */
static void backward_node(worker *w, const ritz_node *node, ritz_tile *tile, char **partial) {
  fetch_beside(w, node, tile);
  for (int i = 0; i < node->arity; i++) {
    const ritz_node *in = node->in[i];
    tile->in[i] = operand_again(w, node, i, tile->first);
    tile->gin[i] = NULL;
    tile->add[i] = node->add[i];
    if (in->kind == RITZ_NODE_PARAMETER) {
      tile->gin[i] = *partial + shown_from(node, i, tile->first);
      tile->add[i] = true;
      *partial += (size_t)ritz_shape_count(&in->shape) * ritz_number_size(node);
    } else if (in->wants_gradient) {
      tile->gin[i] = rows_of(w, in, &in->gradient, tile->first);
    }
  }
  tile->out =
      node->recomputed ? w->memory + node->again.tile : rows_of(w, node, &node->value, tile->first);
  tile->gout = rows_of(w, node, &node->gradient, tile->first);
  node->op->rows_vjp(node, tile);
}

static void backward_tile(worker *w, ritz_tile *tile, char *partial) {
  const ritz_step *step = w->step;
  for (int j = 0; j < step->count; j++) {
    const ritz_node *node = w->plan->order[step->first + j];
    if (node->recomputed) recompute_node(w, node, tile);
  }
  for (int j = step->count - 1; j >= 0; j--) {
    const ritz_node *node = w->plan->order[step->first + j];
    if (ritz_is_active(node)) backward_node(w, node, tile, &partial);
  }
}

/* The op behind the chain, of one tile: sums, and a cotangent up to a factor. */
static void turn_tile(worker *w, ritz_tile *tile, double *sums) {
  const ritz_node *turn = w->step->turn;
  for (int i = 0; i < turn->arity; i++) tile->in[i] = operand(w, turn, i, tile->first);
  tile->gin[0] = rows_of(w, turn->in[0], &turn->in[0]->gradient, tile->first);
  turn->op->turn->rows(turn, tile, sums);
}

/* ---- the lines of attached ends -------------------------------------------------------------- */

/* Where the row of the line that starts at field row `first` stands, going forward or back. */
static char *row_at(const worker *w, const ritz_node *node, bool back, int end, size_t in_memory,
                    ritz_index first) {
  const ritz_step *step = w->step;
  if (step->by_sample)
    return w->memory + in_memory + (size_t)(first % step->part / step->line) * node->need.row[end];
  return (char *)node->rows[back].data + (size_t)(first / step->part) * node->need.rows[end] +
         (size_t)(first % step->part / step->line) * node->need.row[end];
}

static void give_lines(const worker *w) {
  const ritz_step *step = w->step;
  const ritz_node *node = step->gives, *field = step->backward ? node->in[0] : node;
  const ritz_buffer *buffer = step->backward ? &field->gradient : &field->value;
  for (ritz_index r = w->group; r < w->group + step->group; r += step->line)
    node->op->ends->give_line(node, step->backward, step->backward && node->add[0],
                              row_at(w, node, step->backward, !step->backward, step->give_rows, r),
                              rows_of(w, field, buffer, r), w->memory + step->tile_scratch);
}

static void take_lines(const worker *w) {
  const ritz_step *step = w->step;
  const bool back = ritz_step_turns_back(step);
  const ritz_node *node = step->takes, *field = back ? node : node->in[0];
  const ritz_buffer *buffer = back ? &field->gradient : &field->value;
  for (ritz_index r = w->group; r < w->group + step->group; r += step->line)
    node->op->ends->take_line(node, back, rows_of(w, field, buffer, r),
                              row_at(w, node, back, back, step->take_rows, r),
                              w->memory + step->tile_scratch);
}

/* ---- groups, chunks, samples ----------------------------------------------------------------- */

static void do_group(worker *w, char *partial, double *sums) {
  const ritz_step *step = w->step;
  ritz_index end = w->group + step->group;
  if (end > w->end) end = w->end;
  if (step->gives) give_lines(w);
  for (ritz_index first = w->group; first < end; first += RITZ_TILE_ROWS) {
    const ritz_index left = end - first;
    ritz_tile tile = {.first = first,
                      .count = left < RITZ_TILE_ROWS ? left : RITZ_TILE_ROWS,
                      .scratch = w->memory + step->tile_scratch};
    w->ahead = look_ahead(w, &tile);
    if (!step->backward) forward_tile(w, &tile);
    if (step->turn) turn_tile(w, &tile, sums);
    if (ritz_step_turns_back(step)) backward_tile(w, &tile, partial);
  }
  if (step->takes) take_lines(w);
}

/* Numbers of partial parameter gradients stand in a row per chunk. */
static void do_chunk(worker *w, ritz_index chunk) {
  const ritz_step *step = w->step;
  const size_t bytes = (size_t)step->partial * ritz_dtype_size(w->plan->graph->dtype);
  char *partial = (char *)step->partials + (size_t)chunk * bytes;
  if (bytes) memset(partial, 0, bytes);
  const size_t numbers = step->turn ? step->turn->op->turn->sums(step->turn) : 0;
  double *sums = numbers ? step->sums + (size_t)chunk * numbers : NULL;
  for (size_t i = 0; i < numbers; i++) sums[i] = 0;
  const ritz_index part = chunk / step->chunks_per_part, within = chunk % step->chunks_per_part;
  w->group = part * step->part + within * step->chunk;
  w->end = w->group + step->chunk;
  if (w->end > (part + 1) * step->part) w->end = (part + 1) * step->part;
  for (; w->group < w->end; w->group += step->group) do_group(w, partial, sums);
}

static worker start(const worker *task, int thread) {
  worker w = *task;
  w.memory = (char *)w.plan->tiles + (size_t)thread * w.plan->tile_bytes;
  return w;
}

static void chunk_task(void *arg, ritz_index chunk, int thread) {
  worker w = start(arg, thread);
  do_chunk(&w, chunk);
}

static void sample_task(void *arg, ritz_index sample, int thread) {
  worker w = start(arg, thread);
  const ritz_step *step = w.step;
  const ritz_index first = sample * step->chunks_per_part;
  char *scratch = w.memory + step->tile_scratch;
  if (step->gives)
    step->gives->op->ends->give_sample(step->gives, step->backward, sample,
                                       w.memory + step->give_rows, scratch);
  for (ritz_index c = first; c < first + step->chunks_per_part; c++) do_chunk(&w, c);
  if (step->turn)
    ritz_step_finish_sample(w.plan, step, sample, step->takes ? w.memory + step->take_rows : NULL);
  if (step->takes)
    step->takes->op->ends->take_sample(step->takes, ritz_step_turns_back(step), sample,
                                       w.memory + step->take_rows, scratch);
}

/* The end of a sample whose chunks went to several threads. */
static void turn_task(void *arg, ritz_index sample, int thread) {
  const worker *w = arg;
  const ritz_node *takes = w->step->takes;
  char *rows = takes ? (char *)takes->rows[1].data + (size_t)sample * takes->need.rows[1] : NULL;
  ritz_step_finish_sample(w->plan, w->step, sample, rows);
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

void ritz_step_run_tiles(const ritz_plan *plan, const ritz_step *step) {
  worker task = {.plan = plan, .step = step};
  const int threads = plan->graph->context->threads;
  if (step->by_sample)
    ritz_parallel(threads, step->chunks / step->chunks_per_part, sample_task, &task);
  else
    ritz_parallel(threads, step->chunks, chunk_task, &task);
  if (step->turn && !step->by_sample)
    ritz_parallel(threads, step->chunks / step->chunks_per_part, turn_task, &task);
  if (step->partial > 0) reduce_partials(plan, step);
}
