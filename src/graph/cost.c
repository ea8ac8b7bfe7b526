/* SPDX-License-Identifier: BSD-3-Clause
 * Flops and bytes of every step of a plan. */
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

static double bytes_of(const ritz_buffer *buffer) {
  return buffer->data ? (double)buffer->bytes : 0;
}

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

static void count_node(bool backward, const ritz_node *node, ritz_builder *names,
                       ritz_step_cost *out) {
  if (!runs(backward, node)) return;
  if (names->length > 0) ritz_builder_add(names, " ");
  ritz_builder_add(names, node->op->name);
  out->bytes += bytes_of_node(backward, node);
  if (node->op->flops) out->flops += (backward ? 2 : 1) * node->op->flops(node);
}

static ritz_status count_step(const ritz_plan *plan, const ritz_step *step, ritz_step_cost *out) {
  ritz_builder names = {0};
  out->backward = step->backward;
  for (int j = 0; !step->backward && j < step->count; j++)
    count_node(false, node_at(plan, step, j), &names, out);
  for (int half = 0; step->turn && half < 2; half++) count_node(half, step->turn, &names, out);
  for (int j = step->count - 1; ritz_step_turns_back(step) && j >= 0; j--) {
    const ritz_node *node = node_at(plan, step, j);
    if (node->recomputed && node->op->flops) out->flops += node->op->flops(node);
    count_node(true, node, &names, out);
  }
  return ritz_builder_take(&names, (char **)&out->ops);
}

static ritz_status count(const ritz_plan *plan, ritz_plan_cost *cost) {
  RITZ_TRY(RITZ_NEW(plan->steps, &cost->step));
  for (int s = 0; s < plan->steps; s++) {
    if (!ritz_step_works(plan, &plan->step[s])) continue;
    RITZ_TRY(count_step(plan, &plan->step[s], &cost->step[cost->steps++]));
    cost->flops += cost->step[cost->steps - 1].flops;
    cost->bytes += cost->step[cost->steps - 1].bytes;
  }
  return RITZ_OK;
}

ritz_status ritz_plan_count_cost(const ritz_plan *plan, ritz_plan_cost **out) {
  *out = NULL;
  RITZ_TRY(RITZ_NEW(1, out));
  const ritz_status status = count(plan, *out);
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
