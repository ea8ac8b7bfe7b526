/* SPDX-License-Identifier: BSD-3-Clause
 * What the backward pass computes again instead of keeping.
 *
 * A chain of row ops leaves many values that only its own vjps read: activations, hidden layers.
 * Written out and read back each costs two sweeps over memory; computed again tile by tile, from
 * what is kept anyway, it stays in cache. So a value is recomputed if
 *   - only vjps of its own step read it,
 *   - it is cheap: no sum over more than CHEAP_INNER channels,
 *   - all it depends on is kept or recomputed itself.
 * The last rule keeps, of a chain v = s + W u, u and v but not s: one of a sum must stay. */
#include "core/fail.h"
#include "core/memory.h"
#include "graph/plan.h"

/* A product with an inner length up to here runs faster than its result comes back from memory. */
enum { CHEAP_INNER = 64 };

typedef struct choice {
  const ritz_plan *plan;
  int *step_of;    /* [graph nodes] forward step of an op, -1 of a leaf */
  bool *read;      /* [graph nodes] some vjp reads the value */
  bool *elsewhere; /* ... in the backward step of another chain */
  bool *reachable; /* [graph nodes] could be computed again from what is kept */
} choice;

static bool is_cheap(const ritz_node *node) {
  if (!node->op->rows) return false;
  const double flops = node->op->flops ? node->op->flops(node) : 0;
  return flops <= 2.0 * CHEAP_INNER * (double)ritz_shape_count(&node->shape);
}

static void note_reader(choice *c, const ritz_node *value, int step) {
  c->read[value->id] = true;
  if (c->step_of[value->id] != step) c->elsewhere[value->id] = true;
}

static void find_readers(choice *c) {
  const ritz_plan *plan = c->plan;
  for (int i = 0; i < plan->graph->count; i++) c->step_of[i] = -1;
  for (int s = 0; s < plan->forward_steps; s++)
    for (int j = 0; j < plan->step[s].count; j++)
      c->step_of[plan->order[plan->step[s].first + j]->id] = s;
  for (int n = 0; n < plan->ordered; n++) {
    const ritz_node *node = plan->order[n];
    if (!ritz_is_active(node)) continue;
    const int step = c->step_of[node->id];
    if (node->op->reads_out) note_reader(c, node, step);
    for (int i = 0; i < node->arity; i++)
      if (node->op->reads_in & 1u << i) note_reader(c, node->in[i], step);
  }
  for (int i = 0; i < plan->outputs; i++) c->elsewhere[plan->output[i]->id] = true;
}

/* Leaves always lie in memory; of ops, what a vjp reads and nobody recomputes. */
static bool is_kept(const choice *c, const ritz_node *node) {
  return node->kind != RITZ_NODE_OP || (c->read[node->id] && !node->recomputed);
}

static void mark_reachable(choice *c, ritz_node *node) {
  bool reachable = is_cheap(node) && !c->elsewhere[node->id] &&
                   !(c->plan->turn >= 0 && c->step_of[node->id] == c->plan->turn); /* still there */
  for (int i = 0; i < node->arity; i++) {
    const ritz_node *in = node->in[i];
    const bool same_step = c->step_of[in->id] == c->step_of[node->id];
    reachable = reachable && (is_kept(c, in) || (same_step && c->reachable[in->id]));
  }
  c->reachable[node->id] = reachable;
  node->recomputed = reachable && c->read[node->id];
}

/* What a recomputed value depends on and nobody keeps is recomputed, too. */
static void mark_dependences(const choice *c, const ritz_node *node) {
  if (!node->recomputed) return;
  for (int i = 0; i < node->arity; i++)
    if (!is_kept(c, node->in[i])) node->in[i]->recomputed = true;
}

ritz_status ritz_plan_choose_recomputed(ritz_plan *plan) {
  const int count = plan->graph->count;
  choice c = {.plan = plan};
  ritz_status status = RITZ_OK;
  if (!plan->options.gradients) return RITZ_OK;
  RITZ_TRY_DONE(RITZ_NEW(count, &c.step_of));
  RITZ_TRY_DONE(RITZ_NEW(count, &c.read));
  RITZ_TRY_DONE(RITZ_NEW(count, &c.elsewhere));
  RITZ_TRY_DONE(RITZ_NEW(count, &c.reachable));
  find_readers(&c);
  for (int n = 0; n < plan->ordered; n++) mark_reachable(&c, plan->order[n]);
  for (int n = plan->ordered - 1; n >= 0; n--) mark_dependences(&c, plan->order[n]);
done:
  ritz_free(c.step_of);
  ritz_free(c.read);
  ritz_free(c.elsewhere);
  ritz_free(c.reachable);
  return status;
}
