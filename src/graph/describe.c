/* SPDX-License-Identifier: BSD-3-Clause
 * A plan as text: one line per step. */
#include "core/builder.h"
#include "core/fail.h"
#include "graph/cost.h"

static const double mebi = 1 << 20;

static void describe(const ritz_plan *plan, const ritz_plan_cost *cost, ritz_builder *text) {
  ritz_builder_format(text, "%-4s %-9s %12s %12s  %s\n", "step", "direction", "Mflop", "MiB moved",
                      "ops");
  for (int s = 0; s < cost->steps; s++) {
    const ritz_step_cost *step = &cost->step[s];
    ritz_builder_format(text, "%-4d %-9s %12.3f %12.3f  %s\n", s,
                        step->backward ? "backward" : "forward", step->flops * 1e-6,
                        step->bytes / mebi, step->ops);
  }
  ritz_builder_format(text, "buffers %.2f MiB, gradients %.2f MiB, %.3f Gflop per run\n",
                      (double)plan->block_bytes / mebi, (double)plan->gradient_bytes / mebi,
                      ritz_plan_flops(plan) * 1e-9);
}

ritz_status ritz_plan_describe(const ritz_plan *plan, char **out) {
  ritz_builder text = {0};
  ritz_plan_cost *cost;
  *out = NULL;
  RITZ_TRY(ritz_plan_count_cost(plan, NULL, &cost));
  describe(plan, cost, &text);
  ritz_plan_cost_destroy(&cost);
  return ritz_builder_take(&text, out);
}
