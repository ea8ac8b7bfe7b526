/* SPDX-License-Identifier: BSD-3-Clause
 * Running a plan, step by step. Nothing here allocates or fails. */
#include "graph/plan.h"

/* False if the step has no gradients to compute. */
static bool prepare_vjps(const ritz_plan *plan, const ritz_step *step) {
  bool active = false;
  for (int j = 0; j < step->count; j++) {
    const ritz_node *node = plan->order[step->first + j];
    if (!ritz_is_active(node)) continue;
    active = true;
    if (node->op->before_vjp) node->op->before_vjp(node);
  }
  return active;
}

static void run_forward(const ritz_plan *plan, const ritz_step *step) {
  if (!step->tiled) {
    for (int j = 0; j < step->count; j++) {
      const ritz_node *node = plan->order[step->first + j];
      node->op->forward(node);
    }
    return;
  }
  if (step->turn) prepare_vjps(plan, step);
  ritz_step_run_tiles(plan, step);
}

static void run_backward(const ritz_plan *plan, const ritz_step *step) {
  if (step->tiled) {
    if (prepare_vjps(plan, step)) ritz_step_run_tiles(plan, step);
    return;
  }
  for (int j = step->count - 1; j >= 0; j--) {
    const ritz_node *node = plan->order[step->first + j];
    if (ritz_is_active(node)) node->op->vjp(node);
  }
}

void ritz_step_run(const ritz_plan *plan, const ritz_step *step) {
  if (step->merged) return;
  if (step->backward)
    run_backward(plan, step);
  else
    run_forward(plan, step);
}

void ritz_plan_forward(ritz_plan *plan) {
  for (int s = 0; s < plan->forward_steps; s++) ritz_step_run(plan, &plan->step[s]);
}

void ritz_plan_backward_with(ritz_plan *plan, const ritz_gradient_sink *sink,
                             void (*between)(void *user, int steps), void *user) {
  if (sink) ritz_plan_set_sink(plan, sink);
  if (between) between(user, 0);
  for (int s = plan->forward_steps; s < plan->steps; s++) {
    ritz_step_run(plan, &plan->step[s]);
    if (between) between(user, s + 1 - plan->forward_steps);
  }
  if (sink) ritz_plan_set_sink(plan, NULL);
}

void ritz_plan_backward(ritz_plan *plan) { ritz_plan_backward_with(plan, NULL, NULL, NULL); }
