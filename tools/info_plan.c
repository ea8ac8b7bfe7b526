/* SPDX-License-Identifier: BSD-3-Clause */
#include "tools/info_plan.h"

#include <math.h>
#include <stdio.h>

#include "core/fail.h"
#include "graph/roofline.h"
#include "kernels/machine.h"

static const double measure_seconds = 0.3;
enum { runs_least = 5, runs_most = 1000 };

static ritz_status measure_steps(ritz_plan *plan, ritz_info_plan *out) {
  RITZ_TRY(ritz_plan_measure(plan, 1, &out->cost));
  const double runs = measure_seconds / fmax(out->cost->seconds, 1e-9);
  ritz_plan_cost_destroy(&out->cost);
  return ritz_plan_measure(plan, (int)fmin(fmax(runs, runs_least), runs_most), &out->cost);
}

ritz_status ritz_info_plan_measure(const ritz_context *context, ritz_dtype dtype, ritz_plan *plan,
                                   ritz_info_plan *out) {
  ritz_status status;
  *out =
      (ritz_info_plan){.threads = ritz_context_threads(context), .bytes = ritz_plan_memory(plan)};
  out->peak = out->threads * ritz_machine_peak(dtype, 0.05);
  RITZ_TRY_DONE(ritz_machine_bandwidth(out->threads, out->bytes, 0.1, &out->bandwidth));
  RITZ_TRY_DONE(measure_steps(plan, out));
  /* Clocks change with the load: the better of before and after. */
  out->peak = fmax(out->peak, out->threads * ritz_machine_peak(dtype, 0.05));
done:
  if (status != RITZ_OK) ritz_info_plan_release(out);
  return status;
}

void ritz_info_plan_release(ritz_info_plan *plan) { ritz_plan_cost_destroy(&plan->cost); }

static ritz_roofline machine(const ritz_info_plan *plan) {
  return (ritz_roofline){.flops = plan->peak, .bytes = plan->bandwidth};
}

static double predict(const ritz_info_plan *plan, const ritz_step_cost *step) {
  const ritz_roofline roof = machine(plan);
  return ritz_step_least(&roof, step);
}

static double predict_all(const ritz_info_plan *plan) {
  const ritz_roofline roof = machine(plan);
  return ritz_plan_least(&roof, plan->cost);
}

static double fraction(const ritz_info_plan *plan, double flops, double seconds) {
  return seconds > 0 ? flops / seconds / plan->peak : 0;
}

static void print_row(const ritz_info_plan *plan, double flops, double bytes, double predicted,
                      double seconds) {
  printf(" %10.3f %10.3f %10.4f %10.4f %6.1f %%", flops * 1e-6, bytes / (1 << 20), predicted * 1e3,
         seconds * 1e3, 100 * fraction(plan, flops, seconds));
}

void ritz_info_plan_print(const ritz_info_plan *plan) {
  const ritz_plan_cost *cost = plan->cost;
  printf("%-4s %-9s %10s %10s %10s %10s %8s  %s\n", "step", "direction", "Mflop", "MiB moved",
         "least ms", "ms", "of peak", "ops");
  for (int s = 0; s < cost->steps; s++) {
    const ritz_step_cost *step = &cost->step[s];
    printf("%-4d %-9s", s, step->backward ? "backward" : "forward");
    print_row(plan, step->flops, step->bytes, predict(plan, step), step->seconds);
    printf("  %s\n", step->ops);
  }
  printf("%-14s", "all");
  print_row(plan, cost->flops, cost->bytes, predict_all(plan), cost->seconds);
  printf(
      "\n\nMeasured now on %d thread%s: ms, medians within whole runs; peak %.0f Gflop/s, a "
      "product "
      "in the\nfirst-level cache; %.1f GB/s, a copy of the %.1f MiB the plan holds. \"least\" is "
      "the "
      "larger of\nflops by the peak and bytes by that copy.\n",
      plan->threads, plan->threads == 1 ? "" : "s", plan->peak * 1e-9, plan->bandwidth * 1e-9,
      (double)plan->bytes / (1 << 20));
}

static void add_costs(ritz_json *json, const ritz_info_plan *plan, double flops, double bytes,
                      double predicted, double seconds) {
  ritz_json_number(json, "flops", flops);
  ritz_json_number(json, "bytes", bytes);
  ritz_json_number(json, "least_ms", predicted * 1e3);
  ritz_json_number(json, "ms", seconds * 1e3);
  ritz_json_number(json, "peak_fraction", fraction(plan, flops, seconds));
}

void ritz_info_plan_add(ritz_json *json, const ritz_info_plan *plan) {
  const ritz_plan_cost *cost = plan->cost;
  ritz_json_open(json, "plan");
  ritz_json_integer(json, "threads", plan->threads);
  ritz_json_number(json, "peak_gflops", plan->peak * 1e-9);
  ritz_json_number(json, "copy_gbytes_per_s", plan->bandwidth * 1e-9);
  add_costs(json, plan, cost->flops, cost->bytes, predict_all(plan), cost->seconds);
  ritz_json_open_list(json, "steps");
  for (int s = 0; s < cost->steps; s++) {
    const ritz_step_cost *step = &cost->step[s];
    ritz_json_open(json, NULL);
    ritz_json_bool(json, "backward", step->backward);
    ritz_json_text(json, "ops", step->ops);
    add_costs(json, plan, step->flops, step->bytes, predict(plan, step), step->seconds);
    ritz_json_close(json);
  }
  ritz_json_close_list(json);
  ritz_json_close(json);
}
