/* SPDX-License-Identifier: BSD-3-Clause
 * Fetching ahead. A chain of row ops reads a tile of several arrays, works on it for a while in
 * cache, and goes on: hardware prefetchers lose such streams at every page. So while a tile is
 * computed, the next one is fetched, a few lines beside each op: many at once would wait for each
 * other. */
#include "core/fail.h"
#include "core/memory.h"
#include "graph/plan.h"

static void add_stream(ritz_step *step, const ritz_node *node, const ritz_buffer *buffer,
                       bool written) {
  if (!buffer->data || node->kind == RITZ_NODE_PARAMETER || ritz_rows(node) != step->rows) return;
  if (step->backward && node->recomputed && buffer == &node->value) return;
  for (int i = 0; i < step->streams; i++)
    if (step->stream[i].base == buffer->data) return;
  step->stream[step->streams++] =
      (ritz_stream){.base = buffer->data,
                    .row = (size_t)ritz_channels(node) * ritz_number_size(node),
                    .written = written};
}

static void add_forward(ritz_step *step, const ritz_node *node) {
  add_stream(step, node, &node->value, true); /* first: its readers in this step find it in cache */
  for (int i = 0; i < node->arity; i++) add_stream(step, node->in[i], &node->in[i]->value, false);
}

/* With a turn, what the backward half leaves in memory wants its factor. */
static void add_gradient(ritz_step *step, const ritz_node *node) {
  add_stream(step, node, &node->gradient, true);
  for (int i = 0; step->turn && i < step->streams; i++)
    if (step->stream[i].base == node->gradient.data) step->stream[i].unscaled = true;
}

static void add_backward(ritz_step *step, const ritz_node *node) {
  for (int i = 0; node->recomputed && i < node->arity; i++)
    add_stream(step, node->in[i], &node->in[i]->value, false);
  if (!ritz_is_active(node)) return;
  add_stream(step, node, &node->gradient, false);
  if (node->op->reads_out) add_stream(step, node, &node->value, false);
  for (int i = 0; i < node->arity; i++) {
    if (node->op->reads_in & 1u << i) add_stream(step, node->in[i], &node->in[i]->value, false);
    if (node->in[i]->wants_gradient) add_gradient(step, node->in[i]);
  }
}

ritz_status ritz_plan_find_streams(ritz_plan *plan) {
  for (int s = 0; s < plan->steps; s++) {
    ritz_step *step = &plan->step[s];
    if (!step->tiled || step->merged) continue;
    RITZ_TRY(RITZ_NEW((step->count + 1) * 4 * (RITZ_MAX_INPUTS + 1), &step->stream));
    for (int j = 0; j < step->count; j++) {
      const ritz_node *node = plan->order[step->first + j];
      if (!step->backward) add_forward(step, node);
      if (ritz_step_turns_back(step)) add_backward(step, node);
    }
    for (int i = 1; step->turn && i < step->turn->arity; i++)
      add_stream(step, step->turn->in[i], &step->turn->in[i]->value, false);
  }
  return RITZ_OK;
}

void ritz_step_fetch(const ritz_step *step, ritz_index first, ritz_index end, int part, int parts) {
  enum { line = 64 };
  for (int s = 0; s < step->streams; s++) {
    const ritz_stream *stream = &step->stream[s];
    const size_t lines = (size_t)(end - first) * stream->row / line + 1;
    const char *at = stream->base + (size_t)first * stream->row;
    const char *stop = at + lines * (size_t)(part + 1) / (size_t)parts * line;
    at += lines * (size_t)part / (size_t)parts * line;
    if (stream->written)
      for (; at < stop; at += line) __builtin_prefetch(at, 1, 2);
    else
      for (; at < stop; at += line) __builtin_prefetch(at, 0, 2);
  }
}
