/* SPDX-License-Identifier: BSD-3-Clause
 * One graph with all that it needs, for a test to build, plan and run:
 *
 *   one_graph t = one_graph_begin(RITZ_FLOAT64, 1);
 *   ritz_var x = ritz_input(t.graph, "x", shape), y = ritz_tanh(t.graph, x);
 *   one_graph_plan(&t, 1, &y, NULL);
 *   ritz_plan_forward(t.plan);
 *   one_graph_end(&t);
 */
#ifndef RITZ_TESTS_ONE_GRAPH_H
#define RITZ_TESTS_ONE_GRAPH_H

#include <ritz/graph.h>

#include "support.h"

typedef struct one_graph {
  ritz_context *context;
  ritz_params *params; /**< Empty. */
  ritz_graph *graph;   /**< Empty; once it is planned the plan owns it. */
  ritz_plan *plan;     /**< NULL until then. */
} one_graph;

/** An empty graph, parameters of @p seed. The test fails where there is no such thing. */
one_graph one_graph_begin(ritz_dtype dtype, uint64_t seed);
/** The same with @p threads threads instead of one. */
one_graph one_graph_with_threads(ritz_dtype dtype, uint64_t seed, int threads);

/** Plans it; the test fails where that cannot be. @param options  NULL: the defaults. */
void one_graph_plan(one_graph *graph, int outputs, const ritz_var *output,
                    const ritz_plan_options *options);

/** The first number of a parameter in double. The test fails if there is none of that name. */
double *one_graph_parameter(const one_graph *graph, const char *name);

/** Releases all, whether it was planned or not. */
void one_graph_end(one_graph *graph);

#endif
