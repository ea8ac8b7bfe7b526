/* SPDX-License-Identifier: BSD-3-Clause
 * Gradients that go to a sink piece by piece. A large parameter's gradient is written to memory to
 * be read once, by the optimizer; where an op is the only one to use the parameter, the numbers can
 * be stepped while they are in cache, and those of the parameter too. */
#include "core/fail.h"
#include "core/memory.h"
#include "graph/params.h"
#include "graph/plan.h"

static int users_of(const ritz_plan *plan, int param) {
  int users = 0;
  for (int k = 0; k < plan->ordered; k++)
    for (int i = 0; i < plan->order[k]->arity; i++) {
      const ritz_node *in = plan->order[k]->in[i];
      users += in->kind == RITZ_NODE_PARAMETER && in->param == param;
    }
  return users;
}

static int streamed_of(const ritz_plan *plan, const ritz_node *node) {
  for (int i = 0; node->op->streams && ritz_is_active(node) && i < node->arity; i++) {
    const ritz_node *in = node->in[i];
    if (in->kind == RITZ_NODE_PARAMETER && in->wants_gradient && node->op->streams(node, i) &&
        users_of(plan, in->param) == 1)
      return i;
  }
  return -1;
}

ritz_status ritz_plan_find_streamed(ritz_plan *plan) {
  if (!plan->params) return RITZ_OK;
  RITZ_TRY(RITZ_NEW(ritz_params_count(plan->params), &plan->streamed));
  for (int k = 0; k < plan->ordered; k++) {
    ritz_node *node = plan->order[k];
    node->streamed = streamed_of(plan, node);
    if (node->streamed >= 0) plan->streamed[node->in[node->streamed]->param] = true;
  }
  return RITZ_OK;
}

const bool *ritz_plan_streamed(const ritz_plan *plan) { return plan->streamed; }

void ritz_plan_set_sink(ritz_plan *plan, const ritz_gradient_sink *sink) {
  for (int k = 0; plan->params && k < plan->ordered; k++)
    if (plan->order[k]->streamed >= 0) plan->order[k]->sink = sink;
}
