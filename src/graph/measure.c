/* SPDX-License-Identifier: BSD-3-Clause
 * The time of every step of a plan. Steps are timed within whole runs: each finds the caches as the
 * step before leaves them, as it does in use. */
#include "core/clock.h"
#include "core/fail.h"
#include "core/median.h"
#include "core/memory.h"
#include "graph/cost.h"

/* seconds[step of the cost][run]. */
static void time_run(const ritz_plan *plan, int runs, int run, double *seconds) {
  int at = 0;
  double start = ritz_clock_seconds();
  for (int s = 0; s < plan->steps; s++) {
    if (!ritz_step_works(plan, &plan->step[s])) continue;
    ritz_step_run(plan, &plan->step[s]);
    const double end = ritz_clock_seconds();
    seconds[at++ * runs + run] = end - start;
    start = end;
  }
}

static ritz_status measure(const ritz_plan *plan, int runs, ritz_plan_cost *cost) {
  double *seconds;
  RITZ_TRY(RITZ_NEW((ritz_index)cost->steps * runs, &seconds));
  time_run(plan, runs, 0, seconds); /* warms up: the first run proper writes over it */
  for (int r = 0; r < runs; r++) time_run(plan, runs, r, seconds);
  for (int s = 0; s < cost->steps; s++) {
    double *of_step = seconds + (ritz_index)s * runs;
    cost->step[s].seconds = ritz_median(runs, of_step);
    cost->seconds += cost->step[s].seconds;
  }
  ritz_free(seconds);
  return RITZ_OK;
}

ritz_status ritz_plan_measure(ritz_plan *plan, int runs, ritz_plan_cost **out) {
  *out = NULL;
  RITZ_REQUIRE(runs >= 0, RITZ_ERR_ARGUMENT, "%d runs, wanted 0 or more", runs);
  RITZ_TRY(ritz_plan_count_cost(plan, NULL, out));
  const ritz_status status = runs > 0 ? measure(plan, runs, *out) : RITZ_OK;
  if (status != RITZ_OK) ritz_plan_cost_destroy(out);
  return status;
}
