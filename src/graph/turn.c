/* SPDX-License-Identifier: BSD-3-Clause
 * Where forward turns into backward.
 *
 * Of a chain of row ops before a loss nothing need be kept or computed again, if the loss can say
 * the cotangent of a row up to a factor of its sample: each tile then goes through the chain, the
 * loss, and back, while all its values are in cache. Everything behind is linear in the cotangent,
 * so the factor is put in when it is known, at the end of the sample: into the sums of parameter
 * gradients, the rows of attached lines (all of them: so the numbers are the same however threads
 * share the work) and the gradients that the step leaves in memory. */
#include "graph/plan.h"

static bool is_used_by(const ritz_plan *plan, const ritz_node *value, const ritz_node *user) {
  for (int i = 0; i < plan->ordered; i++)
    for (int j = 0; j < plan->order[i]->arity; j++)
      if (plan->order[i]->in[j] == value && plan->order[i] != user) return false;
  return true;
}

static bool can_turn(const ritz_plan *plan, int s) {
  const ritz_step *chain = &plan->step[s];
  const ritz_node *last = plan->order[plan->step[s + 1].first], *x = last->in[0];
  if (plan->step[s + 1].tiled || last != plan->target || !last->op->turn || !chain->tiled)
    return false;
  bool in_chain = false;
  for (int j = 0; j < chain->count; j++) in_chain |= plan->order[chain->first + j] == x;
  for (int i = 1; i < last->arity; i++) /* what it compares with lies in memory */
    if (last->in[i]->kind != RITZ_NODE_INPUT || last->in[i]->wants_gradient) return false;
  return in_chain && x->wants_gradient && chain->rows > 0 && is_used_by(plan, x, last) &&
         last->op->turn->applies(last);
}

void ritz_plan_choose_turn(ritz_plan *plan) {
  const int chain = plan->forward_steps - 2;
  plan->turn = -1;
  if (!plan->options.gradients || plan->graph->split || chain < 0 || !can_turn(plan, chain)) return;
  plan->turn = chain;
  plan->step[chain].turn = plan->order[plan->step[chain + 1].first];
  for (int s = chain + 1; s <= chain + 3; s++) plan->step[s].merged = true;
}

static void scale(const ritz_plan *plan, size_t bytes, double factor, void *x) {
  const size_t size = ritz_dtype_size(plan->graph->dtype);
  plan->graph->kernels->scale((ritz_index)(bytes / size), factor, x, x, false);
}

void ritz_step_finish_sample(const ritz_plan *plan, const ritz_step *step, ritz_index sample,
                             void *rows) {
  const ritz_node *turn = step->turn;
  const ritz_index chunks = step->chunks_per_part, first = sample * chunks;
  const size_t size = ritz_dtype_size(plan->graph->dtype);
  const size_t partial = (size_t)step->partial * size;
  const double factor = turn->op->turn->sample(
      turn, sample, chunks, step->sums + (size_t)first * turn->op->turn->sums(turn));
  scale(plan, (size_t)chunks * partial, factor, (char *)step->partials + (size_t)first * partial);
  if (rows) scale(plan, step->takes->need.rows[1], factor, rows);
  for (int i = 0; i < step->streams; i++) {
    const ritz_stream *s = &step->stream[i];
    if (s->unscaled)
      scale(plan, (size_t)step->part * s->row, factor,
            (char *)s->base + (size_t)(sample * step->part) * s->row);
  }
}
