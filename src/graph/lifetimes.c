/* SPDX-License-Identifier: BSD-3-Clause */
#include "graph/lifetimes.h"

#include "core/fail.h"
#include "core/memory.h"

static const ritz_lifetime unused = {
    .start = 1 << 30, .end = -1, .first_node = 1 << 30, .last_node = -1};

static void touch(ritz_lifetime *life, int step, int node) {
  if (step < life->start) life->start = step;
  if (step > life->end) life->end = step;
  if (node < life->first_node) life->first_node = node;
  if (node > life->last_node) life->last_node = node;
}

static void keep_always(ritz_lifetime *life, const ritz_plan *plan) {
  touch(life, 0, 0);
  touch(life, plan->steps, 0);
}

static int backward_step(const ritz_lifetimes *l, const ritz_node *node) {
  return 2 * l->plan->forward_steps - 1 - l->step_of[node->id];
}

/* A value as the backward pass of a step reads it. */
static void touch_value(ritz_lifetimes *l, const ritz_node *node, int step, int moment) {
  touch(node->recomputed ? &l->again[node->id] : &l->value[node->id], step, moment);
}

ritz_moments ritz_moments_of(const ritz_lifetimes *l, const ritz_node *node) {
  const int forward = l->step_of[node->id], backward = backward_step(l, node);
  const ritz_plan *plan = l->plan;
  return (ritz_moments){.input = ritz_time_of(plan, forward - (node->take[0] != RITZ_END_OWN)),
                        .output = ritz_time_of(plan, forward + (node->give[0] != RITZ_END_OWN)),
                        .gout = ritz_time_of(plan, backward - (node->take[1] != RITZ_END_OWN)),
                        .gin = ritz_time_of(plan, backward + (node->give[1] != RITZ_END_OWN)),
                        .forward = ritz_time_of(plan, forward),
                        .backward = ritz_time_of(plan, backward)};
}

static void mark_grouped(ritz_node *node) {
  if (node->give[0]) node->value.grouped = true;
  if (node->take[0]) node->in[0]->value.grouped = true;
  if (node->take[1]) node->gradient.grouped = true;
  if (node->give[1]) node->in[0]->gradient.grouped = true;
}

static void trace_op(ritz_lifetimes *l, ritz_node *node) {
  const ritz_moments at = ritz_moments_of(l, node);
  mark_grouped(node);
  touch(&l->value[node->id], at.output, node->id);
  for (int i = 0; i < node->arity; i++)
    touch(&l->value[node->in[i]->id], i == 0 ? at.input : at.forward, node->id);

  /* A backward step first recomputes, in forward order, then differentiates, against it. */
  const int moment = 2 * l->plan->graph->count - node->id;
  if (node->recomputed) {
    touch(&l->again[node->id], at.backward, node->id);
    for (int i = 0; i < node->arity; i++) touch_value(l, node->in[i], at.backward, node->id);
  }
  if (!ritz_is_active(node)) return;
  if (node->op->reads_out) touch_value(l, node, at.backward, moment);
  touch(&l->gradient[node->id], at.gout, moment);
  for (int i = 0; i < node->arity; i++) {
    if (node->op->reads_in & 1u << i) touch_value(l, node->in[i], at.backward, moment);
    if (node->in[i]->wants_gradient)
      touch(&l->gradient[node->in[i]->id], i == 0 ? at.gin : at.backward, moment);
  }
}

static void trace(ritz_lifetimes *l) {
  const ritz_plan *plan = l->plan;
  const ritz_graph *g = plan->graph;
  for (int i = 0; i < g->count; i++) {
    l->value[i] = l->again[i] = l->gradient[i] = unused;
    if (g->node[i]->kind == RITZ_NODE_INPUT) {
      keep_always(&l->value[i], plan);
      if (g->node[i]->wants_gradient) keep_always(&l->gradient[i], plan);
    }
  }
  for (int s = 0; s < plan->forward_steps; s++)
    for (int j = 0; j < plan->step[s].count; j++)
      l->step_of[plan->order[plan->step[s].first + j]->id] = s;
  for (int i = 0; i < plan->ordered; i++) trace_op(l, plan->order[i]);
  for (int i = 0; i < plan->outputs; i++) keep_always(&l->value[plan->output[i]->id], plan);
  if (plan->options.gradients) keep_always(&l->gradient[plan->target->id], plan);
}

ritz_node *ritz_value_place(ritz_node *node) {
  while (node->taken_over) node = node->taken_over;
  return node;
}

static void join(ritz_lifetime *whole, const ritz_lifetime *part) {
  touch(whole, part->start, part->first_node);
  touch(whole, part->end, part->last_node);
}

static void share_values(ritz_lifetimes *l) {
  const ritz_graph *g = l->plan->graph;
  for (int i = 0; i < g->count; i++) {
    ritz_node *node = g->node[i], *place = ritz_value_place(node);
    if (place == node) continue;
    join(&l->value[place->id], &l->value[i]);
    if (node->value.grouped) place->value.grouped = true;
  }
}

/* Users of a value that have a gradient to add to its own. */
static int gradient_users(const ritz_graph *g, const ritz_node *value) {
  int users = 0;
  for (int i = value->id + 1; i < g->count; i++)
    for (int j = 0; ritz_is_active(g->node[i]) && j < g->node[i]->arity; j++)
      users += g->node[i]->in[j] == value;
  return users;
}

/* Gradients that pass through an op unchanged stay where they are: the operand's gradient takes the
 * place of the output's, for the time of both. Safe with one user, since then nobody adds to it
 * later. The cotangent is the caller's. */
static void share_gradients(ritz_lifetimes *l) {
  const ritz_graph *g = l->plan->graph;
  for (int i = 0; i < g->count; i++) l->shares[i] = g->node[i];
  for (int i = g->count - 1; i >= 0; i--) {
    ritz_node *node = g->node[i], *root = l->shares[i];
    if (node->kind != RITZ_NODE_OP || !ritz_is_active(node) || root == l->plan->target) continue;
    for (int j = 0; j < node->arity; j++) {
      ritz_node *in = node->in[j];
      if (!(node->op->passes & 1u << j) || in->kind != RITZ_NODE_OP || !in->wants_gradient ||
          gradient_users(g, in) != 1)
        continue;
      l->shares[in->id] = root;
      join(&l->gradient[root->id], &l->gradient[in->id]);
      if (in->gradient.grouped) root->gradient.grouped = true;
    }
  }
}

ritz_status ritz_lifetimes_of(const ritz_plan *plan, ritz_lifetimes *out) {
  const int count = plan->graph->count;
  *out = (ritz_lifetimes){.plan = plan};
  RITZ_TRY(RITZ_NEW(count, &out->step_of));
  RITZ_TRY(RITZ_NEW(count, &out->value));
  RITZ_TRY(RITZ_NEW(count, &out->again));
  RITZ_TRY(RITZ_NEW(count, &out->gradient));
  RITZ_TRY(RITZ_NEW(count, &out->shares));
  trace(out);
  share_values(out);
  share_gradients(out);
  return RITZ_OK;
}

void ritz_lifetimes_clear(ritz_lifetimes *l) {
  ritz_free(l->step_of);
  ritz_free(l->value);
  ritz_free(l->again);
  ritz_free(l->gradient);
  ritz_free(l->shares);
}
