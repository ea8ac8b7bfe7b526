/* SPDX-License-Identifier: BSD-3-Clause
 * ritz info --plan: what each step of a plan takes, and what it could take on this machine. */
#ifndef RITZ_TOOLS_INFO_PLAN_H
#define RITZ_TOOLS_INFO_PLAN_H

#include <ritz/graph.h>

#include "tools/json.h"

typedef struct ritz_info_plan {
  ritz_plan_cost *cost; /* NULL: not measured */
  int threads;
  double peak;      /* flops per second of all threads, from the first-level cache */
  double bandwidth; /* bytes per second of a copy of as many bytes as the plan holds */
  size_t bytes;     /* held by the plan */
} ritz_info_plan;

/** Times the plan for about a third of a second and measures the machine beside it. */
ritz_status ritz_info_plan_measure(const ritz_context *context, ritz_dtype dtype, ritz_plan *plan,
                                   ritz_info_plan *out);
void ritz_info_plan_release(ritz_info_plan *plan);

/** A table on stdout. */
void ritz_info_plan_print(const ritz_info_plan *plan);
/** The same as field "plan" of a JSON object. */
void ritz_info_plan_add(ritz_json *json, const ritz_info_plan *plan);

#endif
