/* SPDX-License-Identifier: BSD-3-Clause
 * Fetching ahead. A chain of row ops reads a tile of several arrays, works on it for a while in
 * cache, and goes on: hardware prefetchers lose such streams at every page. So while a tile is
 * computed, the next one is fetched, a few lines before each piece of work: about as many as a core
 * can have under way (some 24 on the processors measured), because the next one waits. */
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

static void add_recomputed(ritz_step *step, const ritz_node *node) {
  for (int i = 0; node->recomputed && i < node->arity; i++)
    add_stream(step, node->in[i], &node->in[i]->value);
}

static void add_backward(ritz_step *step, const ritz_node *node) {
  if (!ritz_is_active(node)) return;
  add_stream(step, node, &node->gradient);
  if (node->op->reads_out) add_stream(step, node, &node->value);
  for (int i = 0; i < node->arity; i++) {
    if (node->op->reads_in & 1u << i) add_stream(step, node->in[i], &node->in[i]->value);
    if (node->in[i]->wants_gradient) add_gradient(step, node->in[i]);
  }
}

ritz_status ritz_plan_find_streams(ritz_plan *plan) {
  for (int s = 0; s < plan->steps; s++) {
    ritz_step *step = &plan->step[s];
    if (!step->tiled || step->merged) continue;
    RITZ_TRY(RITZ_NEW((step->count + 1) * 4 * (RITZ_MAX_INPUTS + 1), &step->stream));
    ritz_node *const *node = plan->order + step->first;
    const int last = step->count - 1;
    for (int j = 0; !step->backward && j <= last; j++) add_forward(step, node[j]);
    if (step->backward && step->gives) add_gradient(step, node[last]);
    if (ritz_step_turns_back(step)) {
      for (int j = 0; j <= last; j++) add_recomputed(step, node[j]);
      for (int j = last; j >= 0; j--) add_backward(step, node[j]);
    }
    for (int i = 1; step->turn && i < step->turn->arity; i++)
      add_stream(step, step->turn->in[i], &step->turn->in[i]->value);
  }
  return RITZ_OK;
}

void ritz_fetch_ahead(ritz_ahead *ahead) {
  enum { line = 64, lines = 32 }; /* 2 to 8 % of an FNO step off 16 on Zen 4; 48: no gain */
  if (!ahead) return;
  for (size_t bytes = lines * line; bytes > 0 && ahead->stream < ahead->step->streams;) {
    const ritz_stream *stream = &ahead->step->stream[ahead->stream];
    const size_t all = (size_t)ahead->rows * stream->row;
    const char *place = stream->base + (size_t)ahead->first * stream->row + ahead->done;
    const size_t part = bytes < all - ahead->done ? bytes : all - ahead->done;
    for (size_t i = 0; i < part; i += line) __builtin_prefetch(place + i, 0, 2);
    bytes -= part;
    ahead->done += part;
    if (ahead->done == all) ahead->stream++, ahead->done = 0;
  }
}
