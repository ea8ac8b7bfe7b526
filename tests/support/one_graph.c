/* SPDX-License-Identifier: BSD-3-Clause */
#include "one_graph.h"

one_graph one_graph_begin(ritz_dtype dtype, uint64_t seed) {
  return one_graph_with_threads(dtype, seed, 1);
}

one_graph one_graph_with_threads(ritz_dtype dtype, uint64_t seed, int threads) {
  one_graph g = {0};
  ritz_context_options options;
  ritz_context_options_defaults(&options);
  options.threads = threads;
  assert_ok(ritz_context_create(&options, &g.context));
  assert_ok(ritz_params_create(g.context, dtype, seed, &g.params));
  assert_ok(ritz_graph_create(g.context, dtype, &g.graph));
  return g;
}

void one_graph_plan(one_graph *graph, int outputs, const ritz_var *output,
                    const ritz_plan_options *options) {
  assert_ok(ritz_graph_plan(graph->graph, outputs, output, options, &graph->plan));
}

double *one_graph_parameter(const one_graph *graph, const char *name) {
  const int at = ritz_params_find(graph->params, name);
  if (at < 0) fail_msg("there is no parameter %s", name);
  assert_int_equal(ritz_params_dtype(graph->params), RITZ_FLOAT64);
  return (double *)ritz_params_data(graph->params) + ritz_params_info(graph->params, at)->offset;
}

void one_graph_end(one_graph *graph) {
  if (!graph->plan) ritz_graph_destroy(&graph->graph);
  ritz_plan_destroy(&graph->plan);
  ritz_params_destroy(&graph->params);
  ritz_context_destroy(&graph->context);
}
