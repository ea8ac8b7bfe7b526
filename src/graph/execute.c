/* SPDX-License-Identifier: BSD-3-Clause
 * Running a plan, step by step. Nothing here allocates or fails. */
#include "graph/plan.h"

static void run_forward(const ritz_plan *plan, const ritz_step *step) {
  if (!step->tiled) {
    const ritz_node *node = plan->order[step->first];
    node->op->forward(node);
    return;
  }
  ritz_step_run_tiles(plan, step);
}

static void run_backward(const ritz_plan *plan, const ritz_step *step) {
  bool active = false;
  for (int j = 0; j < step->count; j++) {
    const ritz_node *node = plan->order[step->first + j];
    if (!ritz_is_active(node)) continue;
    active = true;
    if (!step->tiled)
      node->op->vjp(node);
    else if (node->op->before_vjp)
      node->op->before_vjp(node);
  }
  if (active && step->tiled) ritz_step_run_tiles(plan, step);
}

void ritz_step_run(const ritz_plan *plan, const ritz_step *step) {
  if (step->backward)
    run_backward(plan, step);
  else
    run_forward(plan, step);
}

void ritz_plan_forward(ritz_plan *plan) {
  for (int s = 0; s < plan->forward_steps; s++) ritz_step_run(plan, &plan->step[s]);
}

void ritz_plan_backward(ritz_plan *plan) {
  for (int s = plan->forward_steps; s < plan->steps; s++) ritz_step_run(plan, &plan->step[s]);
}
