/* SPDX-License-Identifier: BSD-3-Clause
 * Fetching ahead. A chain of row ops reads a tile of several arrays, works on it for a while in
 * cache, and goes on: hardware prefetchers lose such streams at every page. So while a tile is
 * computed, the next one is fetched: line by line within the loops of ops that can, the rest a few
 * lines beside each of the others. Many at once would wait for each other. */
#include "core/fail.h"
#include "core/memory.h"
#include "graph/plan.h"

static void add_stream(ritz_step *step, const ritz_node *node, const ritz_buffer *buffer) {
  if (!buffer->data || node->kind == RITZ_NODE_PARAMETER || ritz_rows(node) != step->rows) return;
  if (step->backward && node->recomputed && buffer == &node->value) return;
  for (int i = 0; i < step->streams; i++)
    if (step->stream[i].base == buffer->data) return;
  step->stream[step->streams++] = (ritz_stream){
      .base = buffer->data, .row = (size_t)ritz_channels(node) * ritz_number_size(node)};
}

static void add_forward(ritz_step *step, const ritz_node *node) {
  add_stream(step, node, &node->value);
  for (int i = 0; i < node->arity; i++) add_stream(step, node->in[i], &node->in[i]->value);
}

/* With a turn, what the backward half leaves in memory wants its factor. */
static void add_gradient(ritz_step *step, const ritz_node *node) {
  add_stream(step, node, &node->gradient);
  for (int i = 0; step->turn && i < step->streams; i++)
    if (step->stream[i].base == node->gradient.data) step->stream[i].unscaled = true;
}

static void add_backward(ritz_step *step, const ritz_node *node) {
  for (int i = 0; node->recomputed && i < node->arity; i++)
    add_stream(step, node->in[i], &node->in[i]->value);
  if (!ritz_is_active(node)) return;
  add_stream(step, node, &node->gradient);
  if (node->op->reads_out) add_stream(step, node, &node->value);
  for (int i = 0; i < node->arity; i++) {
    if (node->op->reads_in & 1u << i) add_stream(step, node->in[i], &node->in[i]->value);
    if (node->in[i]->wants_gradient) add_gradient(step, node->in[i]);
  }
}

/* A run of an op in the step. */
static void count_run(ritz_step *step, const ritz_node *node) {
  if (node->op->fetches)
    step->fetched += (size_t)ritz_channels(node) * ritz_number_size(node);
  else
    step->bursts++;
}

ritz_status ritz_plan_find_streams(ritz_plan *plan) {
  for (int s = 0; s < plan->steps; s++) {
    ritz_step *step = &plan->step[s];
    if (!step->tiled || step->merged) continue;
    RITZ_TRY(RITZ_NEW((step->count + 1) * 4 * (RITZ_MAX_INPUTS + 1), &step->stream));
    for (int j = 0; j < step->count; j++) {
      const ritz_node *node = plan->order[step->first + j];
      if (!step->backward) add_forward(step, node), count_run(step, node);
      if (!ritz_step_turns_back(step)) continue;
      add_backward(step, node);
      if (node->recomputed) count_run(step, node);
      if (ritz_is_active(node)) count_run(step, node);
    }
    for (int i = 1; step->turn && i < step->turn->arity; i++)
      add_stream(step, step->turn->in[i], &step->turn->in[i]->value);
  }
  return RITZ_OK;
}

ritz_ahead ritz_step_look_ahead(const ritz_step *step, ritz_index first, ritz_index end) {
  ritz_ahead ahead = {.step = step, .first = first, .rows = end - first};
  if (ahead.rows <= 0) return ahead;
  for (int s = 0; s < step->streams; s++) ahead.left += (size_t)ahead.rows * step->stream[s].row;
  ahead.fetched = (size_t)ahead.rows * step->fetched;
  ahead.bursts = step->bursts;
  return ahead;
}

/* Moves on by @p bytes, but not beyond the stream. @return  How many. */
static size_t move_on(ritz_ahead *ahead, size_t bytes) {
  const size_t all = (size_t)ahead->rows * ahead->step->stream[ahead->stream].row;
  if (bytes > all - ahead->done) bytes = all - ahead->done;
  ahead->done += bytes;
  ahead->left -= bytes;
  if (ahead->done == all) ahead->stream++, ahead->done = 0;
  return bytes;
}

static const char *place_of(const ritz_ahead *ahead) {
  const ritz_stream *stream = &ahead->step->stream[ahead->stream];
  return stream->base + (size_t)ahead->first * stream->row + ahead->done;
}

const void *ritz_ahead_take(ritz_ahead *ahead, size_t row_bytes) {
  const size_t bytes = (size_t)ahead->rows * row_bytes;
  ahead->fetched -= bytes < ahead->fetched ? bytes : ahead->fetched;
  if (ahead->left == 0) return NULL;
  const char *place = place_of(ahead);
  move_on(ahead, bytes);
  return place;
}

void ritz_ahead_burst(ritz_ahead *ahead) {
  enum { line = 64 };
  const size_t rest = ahead->left > ahead->fetched ? ahead->left - ahead->fetched : 0;
  size_t share = ahead->bursts > 1 ? rest / (size_t)ahead->bursts : rest;
  ahead->bursts--;
  while (share > 0 && ahead->left > 0) {
    const char *place = place_of(ahead);
    const size_t bytes = move_on(ahead, share);
    for (size_t i = 0; i < bytes; i += line) __builtin_prefetch(place + i, 0, 2);
    share -= bytes;
  }
}
