/* SPDX-License-Identifier: BSD-3-Clause
 * What the steps of a plan cost, counted. */
#ifndef RITZ_GRAPH_COST_H
#define RITZ_GRAPH_COST_H

#include "dist/traffic.h"
#include "graph/plan.h"

/**
 * As ritz_plan_measure() with no runs; the plan is not touched, and may be an outline.
 *
 * @param traffic  What this rank sends in a run is added, with its time on the network; NULL: not
 *                 asked.
 */
ritz_status ritz_plan_count_cost(const ritz_plan *plan, ritz_traffic *traffic,
                                 ritz_plan_cost **out);

/** False for a backward step without gradients to compute: it costs nothing and is not listed. */
bool ritz_step_works(const ritz_plan *plan, const ritz_step *step);

#endif
