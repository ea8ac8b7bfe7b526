/* SPDX-License-Identifier: BSD-3-Clause
 * The time a plan needs at least: no step is faster than its arithmetic or its memory traffic
 * allows. Williams, Waterman & Patterson 2009, doi:10.1145/1498765.1498785. */
#ifndef RITZ_GRAPH_ROOFLINE_H
#define RITZ_GRAPH_ROOFLINE_H

#include <ritz/graph.h>

typedef struct ritz_roofline {
  double flops; /* per second, of all threads */
  double bytes; /* per second, read and written */
} ritz_roofline;

static inline double ritz_step_least(const ritz_roofline *machine, const ritz_step_cost *step) {
  const double compute = step->flops / machine->flops, move = step->bytes / machine->bytes;
  return compute > move ? compute : move;
}

static inline double ritz_plan_least(const ritz_roofline *machine, const ritz_plan_cost *cost) {
  double seconds = 0;
  for (int s = 0; s < cost->steps; s++) seconds += ritz_step_least(machine, &cost->step[s]);
  return seconds;
}

#endif
