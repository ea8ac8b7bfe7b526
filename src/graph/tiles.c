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
  char *partial;    /* gradients of parameters, of this chunk */
  ritz_index group; /* first row */
  ritz_index end;   /* of the chunk */
} worker;

/* Rows of an operand from `first` on. */
static void *rows_at(const worker *w, const ritz_spot *spot, ritz_index first) {
  switch (spot->at) {
    case RITZ_AT_NOTHING: return NULL;
    case RITZ_AT_FIELD: return spot->base + (size_t)first * spot->row;
    case RITZ_AT_MEMORY: return w->memory + spot->offset + (size_t)(first - w->group) * spot->row;
    case RITZ_AT_PARTIAL: return w->partial + spot->offset + (size_t)first * spot->row;
  }
  return NULL;
}

/* ---- a tile ---------------------------------------------------------------------------------- */

/* The tile that starts at row `first`, if it belongs to the same chunk. */
static ritz_ahead look_ahead(const worker *w, ritz_index first) {
  const ritz_index end = first + RITZ_TILE_ROWS;
  return (ritz_ahead){
      .step = w->step, .first = first, .rows = (end < w->end ? end : w->end) - first};
}

static void locate(const worker *w, const ritz_row_call *call, ritz_tile *tile) {
  for (int i = 0; i < call->node->arity; i++) {
    tile->in[i] = rows_at(w, &call->in[i], tile->first);
    tile->gin[i] = rows_at(w, &call->gin[i], tile->first);
    tile->add[i] = call->add[i];
  }
  tile->out = rows_at(w, &call->out, tile->first);
  tile->gout = rows_at(w, &call->gout, tile->first);
}

static void do_tile(const worker *w, ritz_tile *tile, double *sums) {
  const ritz_step *step = w->step;
  for (const ritz_row_call *call = step->call, *end = call + step->calls; call < end; call++) {
    locate(w, call, tile);
    ritz_fetch_ahead(tile->ahead);
    if (call->run)
      call->run(call->node, tile);
    else
      call->node->op->turn->rows(call->node, tile, sums);
  }
}

/* ---- the lines of attached ends -------------------------------------------------------------- */

/* Where the row of the line that starts at field row `first` stands, going forward or back. */
static char *row_at(const worker *w, const ritz_node *node, bool back, int end, size_t in_memory,
                    ritz_index slab, ritz_index first) {
  const ritz_step *step = w->step;
  if (step->by_sample) {
    const ritz_index line = first % step->part / step->line;
    return w->memory + in_memory + (size_t)(slab ? line % slab : line) * node->need.row[end];
  }
  return (char *)node->rows[back].data + (size_t)(first / step->part) * node->need.rows[end] +
         (size_t)(first % step->part / step->line) * node->need.row[end];
}

/* Whether a slab, of so many lines, begins or has ended at a field row. @param u  The slab that
 * begins, one behind the one that has ended. */
static bool is_at_slab(const worker *w, ritz_index slab, ritz_index row, ritz_index *u) {
  const ritz_step *step = w->step;
  if (!step->by_sample || slab == 0) return false;
  const ritz_index sample = w->group / step->part;
  *u = (row - sample * step->part) / step->line / slab;
  return (row - sample * step->part) / step->line % slab == 0;
}

static void give_lines(const worker *w) {
  const ritz_step *step = w->step;
  const ritz_node *node = step->gives;
  char *scratch = w->memory + step->tile_scratch;
  ritz_index slab;
  if (is_at_slab(w, step->give_slab, w->group, &slab))
    node->op->ends->give_slab(node, step->backward, slab, w->memory + step->give_units,
                              w->memory + step->give_rows, scratch);
  for (ritz_index r = w->group; r < w->group + step->group; r += step->line)
    node->op->ends->give_line(
        node, step->backward, step->backward && node->add[0],
        row_at(w, node, step->backward, !step->backward, step->give_rows, step->give_slab, r),
        rows_at(w, &step->given, r), scratch);
}

static void take_lines(const worker *w) {
  const ritz_step *step = w->step;
  const bool back = ritz_step_turns_back(step);
  const ritz_node *node = step->takes;
  char *scratch = w->memory + step->tile_scratch;
  const ritz_index end = w->group + step->group;
  for (ritz_index r = w->group; r < end; r += step->line)
    node->op->ends->take_line(node, back, rows_at(w, &step->taken, r),
                              row_at(w, node, back, back, step->take_rows, step->take_slab, r),
                              scratch);
  ritz_index slab;
  if (is_at_slab(w, step->take_slab, end, &slab))
    node->op->ends->take_slab(node, back, slab - 1, w->memory + step->take_rows,
                              w->memory + step->take_units, scratch);
}

/* ---- groups, chunks, samples ----------------------------------------------------------------- */

static void do_group(const worker *w, double *sums) {
  const ritz_step *step = w->step;
  ritz_index end = w->group + step->group;
  if (end > w->end) end = w->end;
  if (step->gives) give_lines(w);
  for (ritz_index first = w->group; first < end; first += RITZ_TILE_ROWS) {
    const ritz_index left = end - first, count = left < RITZ_TILE_ROWS ? left : RITZ_TILE_ROWS;
    ritz_ahead ahead = look_ahead(w, first + count);
    ritz_tile tile = {.first = first,
                      .count = count,
                      .scratch = w->memory + step->tile_scratch,
                      .ahead = ahead.rows > 0 ? &ahead : NULL};
    do_tile(w, &tile, sums);
  }
  if (step->takes) take_lines(w);
}

/* Numbers of partial parameter gradients stand in a row per chunk. */
static void do_chunk(worker *w, ritz_index chunk) {
  const ritz_step *step = w->step;
  const size_t bytes = (size_t)step->partial * ritz_dtype_size(w->plan->graph->dtype);
  w->partial = (char *)step->partials + (size_t)chunk * bytes;
  if (bytes) memset(w->partial, 0, bytes);
  const size_t numbers = step->turn ? step->turn->op->turn->sums(step->turn) : 0;
  double *sums = numbers ? step->sums + (size_t)chunk * numbers : NULL;
  for (size_t i = 0; i < numbers; i++) sums[i] = 0;
  const ritz_index part = chunk / step->chunks_per_part, within = chunk % step->chunks_per_part;
  w->group = part * step->part + within * step->chunk;
  w->end = w->group + step->chunk;
  if (w->end > (part + 1) * step->part) w->end = (part + 1) * step->part;
  for (; w->group < w->end; w->group += step->group) do_group(w, sums);
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
    step->gives->op->ends->give_sample(
        step->gives, step->backward, sample, step->give_slab > 0,
        w.memory + (step->give_slab ? step->give_units : step->give_rows), scratch);
  for (ritz_index c = first; c < first + step->chunks_per_part; c++) do_chunk(&w, c);
  if (step->turn)
    ritz_step_finish_sample(w.plan, step, sample, step->takes ? w.memory + step->take_rows : NULL);
  if (step->takes)
    step->takes->op->ends->take_sample(
        step->takes, ritz_step_turns_back(step), sample, step->take_slab > 0,
        w.memory + (step->take_slab ? step->take_units : step->take_rows), scratch);
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
