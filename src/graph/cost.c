/* SPDX-License-Identifier: BSD-3-Clause
 * Flops, bytes and messages of every step of a plan. */
#include "graph/cost.h"

#include "core/builder.h"
#include "core/fail.h"
#include "core/memory.h"

static const ritz_node *node_at(const ritz_plan *plan, const ritz_step *step, int position) {
  return plan->order[step->first + position];
}

static bool runs(bool backward, const ritz_node *node) { return !backward || ritz_is_active(node); }

bool ritz_step_works(const ritz_plan *plan, const ritz_step *step) {
  if (step->merged) return false;
  for (int j = 0; j < step->count; j++)
    if (runs(step->backward, node_at(plan, step, j))) return true;
  return false;
}

/* None of what exists as tiles only. */
static double bytes_of(const ritz_buffer *buffer) { return (double)buffer->bytes; }

/* A value in whose place another is computed stays in cache until then. */
static double bytes_of_value(const ritz_node *node) {
  return node->taken_over ? 0 : bytes_of(&node->value);
}

/* What attached ends leave in memory counts at the op between them. */
static double bytes_of_node(bool backward, const ritz_node *node) {
  double bytes = backward ? bytes_of(&node->gradient) : bytes_of_value(node);
  bytes +=
      bytes_of(&node->saved) + bytes_of(&node->carried[backward]) + bytes_of(&node->rows[backward]);
  for (int i = 0; i < node->arity; i++) {
    const ritz_node *in = node->in[i];
    if (!backward || node->op->reads_in & 1u << i) bytes += bytes_of_value(in);
    if (backward && in->wants_gradient) bytes += bytes_of(&in->gradient);
  }
  return bytes;
}

static void count_traffic(bool backward, const ritz_node *node, ritz_traffic *all,
                          ritz_step_cost *out) {
  ritz_traffic traffic = {.network = all->network};
  if (!node->op->traffic) return;
  node->op->traffic(node, backward, &traffic);
  ritz_traffic_add(all, &traffic);
  out->messages += traffic.messages;
  out->sent += traffic.bytes;
}

static void count_node(bool backward, const ritz_node *node, ritz_builder *names, ritz_traffic *all,
                       ritz_step_cost *out) {
  if (!runs(backward, node)) return;
  if (names->length > 0) ritz_builder_add(names, " ");
  ritz_builder_add(names, node->op->label ? node->op->label(node) : node->op->name);
  out->bytes += bytes_of_node(backward, node);
  if (node->op->flops) out->flops += (backward ? 2 : 1) * node->op->flops(node);
  count_traffic(backward, node, all, out);
}

static ritz_status count_step(const ritz_plan *plan, const ritz_step *step, ritz_traffic *all,
                              ritz_step_cost *out) {
  ritz_builder names = {0};
  out->backward = step->backward;
  for (int j = 0; !step->backward && j < step->count; j++)
    count_node(false, node_at(plan, step, j), &names, all, out);
  for (int half = 0; step->turn && half < 2; half++) count_node(half, step->turn, &names, all, out);
  for (int j = step->count - 1; ritz_step_turns_back(step) && j >= 0; j--) {
    const ritz_node *node = node_at(plan, step, j);
    if (node->recomputed && node->op->flops) out->flops += node->op->flops(node);
    count_node(true, node, &names, all, out);
  }
  return ritz_builder_take(&names, (char **)&out->ops);
}

static ritz_status count(const ritz_plan *plan, ritz_traffic *all, ritz_plan_cost *cost) {
  RITZ_TRY(RITZ_NEW(plan->steps, &cost->step));
  for (int s = 0; s < plan->steps; s++) {
    if (!ritz_step_works(plan, &plan->step[s])) continue;
    ritz_step_cost *step = &cost->step[cost->steps++];
    RITZ_TRY(count_step(plan, &plan->step[s], all, step));
    cost->flops += step->flops;
    cost->bytes += step->bytes;
    cost->messages += step->messages;
    cost->sent += step->sent;
  }
  return RITZ_OK;
}

ritz_status ritz_plan_count_cost(const ritz_plan *plan, ritz_traffic *traffic,
                                 ritz_plan_cost **out) {
  ritz_traffic unasked = {0};
  *out = NULL;
  RITZ_TRY(RITZ_NEW(1, out));
  const ritz_status status = count(plan, traffic ? traffic : &unasked, *out);
  if (status != RITZ_OK) ritz_plan_cost_destroy(out);
  return status;
}

void ritz_plan_cost_destroy(ritz_plan_cost **cost) {
  if (!cost || !*cost) return;
  for (int s = 0; s < (*cost)->steps; s++) ritz_free((char *)(*cost)->step[s].ops);
  ritz_free((*cost)->step);
  ritz_free(*cost);
  *cost = NULL;
}
