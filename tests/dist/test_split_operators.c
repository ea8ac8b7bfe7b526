/* SPDX-License-Identifier: BSD-3-Clause
 * Every operator on fields that are split over ranks. */
#include <ritz/operator.h>

#include "allocations.h"
#include "core/fail.h"
#include "dist/layout.h"
#include "graph/op.h"
#include "operator_samples.h"
#include "split_check.h"

static void operators_give_what_they_give_on_one_rank(void **state) {
  for (int k = 0; k < operator_sample_count(); k++) {
    const operator_case c = small_case(operator_sample_at(k));
    print_message("  %s %s\n", c.type, c.options);
    check_splits(c.type, c.x, build_operator, &c);
  }
}

static void every_operator_has_a_sample(void **state) { check_every_operator_has_a_sample(); }

/* Fields of which some rank wants all. */
static int gathered_fields(const operator_case *c) {
  const int parts[] = {size, 1, 1};
  ritz_layout *layout;
  ritz_params *params;
  ritz_graph *g;
  int count = 0;
  assert_ok(ritz_layout_create(together, c->x.rank - 2, c->x.n + 1, parts, NULL, &layout));
  assert_ok(ritz_params_create(together, RITZ_FLOAT32, 1, &params));
  assert_ok(ritz_graph_create(together, RITZ_FLOAT32, &g));
  assert_non_null(build_operator(g, params, ritz_input_split(g, "x", c->x, layout), c));
  for (int i = 0; i < g->count; i++) count += g->node[i]->gathered != NULL;
  ritz_graph_destroy(&g);
  ritz_params_destroy(&params);
  ritz_layout_destroy(&layout);
  return count;
}

/* These take only what they need of other ranks, on the defaults of their paper or code. */
static void local_operators_gather_nothing(void **state) {
  static const operator_case local[] = {
      {"fno",
       "{n_modes: [12, 12], hidden_channels: 8, norm: group_norm}",
       {4, {1, 64, 64, 1}},
       true},
      {"fno",
       "{n_modes: [8, 8], hidden_channels: 8, domain_padding: 0.1}",
       {4, {1, 64, 64, 1}},
       true},
      {"fno_2020", "{modes: [8, 8], width: 8, padding: 9}", {4, {1, 64, 64, 1}}, true},
      {"tfno", "{n_modes: [12, 12], hidden_channels: 8}", {4, {1, 64, 64, 1}}, true},
      {"uno",
       "{hidden_channels: 8, n_layers: 3, uno_out_channels: [8, 8, 8], uno_n_modes: [[8, 8], [8, "
       "8], [8, 8]], "
       "uno_scalings: [[1, 1], [0.5, 0.5], [2, 2]], channel_mlp_skip: linear}",
       {4, {1, 64, 64, 1}},
       true},
      {"uno",
       "{hidden_channels: 4, n_layers: 2, uno_out_channels: [4, 4], uno_n_modes: [[4, 4, 4], [4, "
       "4, 4]], "
       "uno_scalings: [[0.5, 0.5, 0.5], [2, 2, 2]], channel_mlp_skip: linear}",
       {5, {1, 32, 32, 32, 1}},
       true},
      {"uno_2022",
       "{modes: [[6, 6], [4, 4], [4, 4], [4, 4], [6, 6]], width: 8, norm_blocks: [1, 3], "
       "domain_padding: 0.1}",
       {4, {1, 64, 64, 1}},
       true},
      {"local_no",
       "{n_modes: [8, 8], hidden_channels: 8, default_in_shape: [64, 64]}",
       {4, {1, 64, 64, 1}},
       true},
      {"mgno", "{pre_smoothing: [1, 1, 1], hidden_channels: 8}", {4, {1, 129, 129, 1}}, true},
      {"unet", "{width: 4}", {4, {1, 128, 128, 1}}, true},
      {"resnet", "{width: 8}", {4, {1, 64, 64, 1}}, true},
      {"convnext", "{width: 8}", {4, {1, 64, 64, 1}}, true},
      {"lsm", "{patch: [4, 4], width: 4, heads: 2}", {4, {1, 512, 64, 1}}, true},
  };
  for (size_t k = 0; k < sizeof local / sizeof *local; k++) {
    const int count = gathered_fields(&local[k]);
    if (count > 0) fail_msg("%s, case %zu gathers %d fields", local[k].type, k, count);
  }
}

/* A split graph of an operator, as far as memory goes. */
static ritz_status plan_case(const operator_case *c) {
  ritz_layout *layout = NULL;
  ritz_operator *op = NULL;
  ritz_params *params = NULL;
  ritz_graph *graph = NULL;
  ritz_plan *plan = NULL;
  const ritz_plan_options options = {.gradients = true, .input_gradients = true};
  ritz_status status;
  RITZ_TRY_DONE(
      ritz_layout_create(together, c->x.rank - 2, c->x.n + 1, (int[]){1, 1, 1}, NULL, &layout));
  RITZ_TRY_DONE(ritz_operator_create(together, c->type, c->options, &op));
  RITZ_TRY_DONE(ritz_params_create(together, RITZ_FLOAT64, 5, &params));
  RITZ_TRY_DONE(ritz_graph_create(together, RITZ_FLOAT64, &graph));
  ritz_graph_set_training(graph, c->training, 3);
  ritz_var x = ritz_input_split(graph, "x", c->x, layout);
  ritz_var y = ritz_operator_build(op, graph, params, x);
  RITZ_TRY_DONE(ritz_graph_plan(graph, 1, &y, &options, &plan));
  graph = NULL;
done:
  ritz_graph_destroy(&graph);
  ritz_plan_destroy(&plan);
  ritz_params_destroy(&params);
  ritz_operator_destroy(&op);
  ritz_layout_destroy(&layout);
  return status;
}

/* On one rank, whose part is all of the grid: the same calls. */
static void every_allocation_may_fail(void **state) {
  if (size > 1) return;
  for (int i = 0; i < operator_sample_count(); i++) {
    const operator_case c = small_case(operator_sample_at(i));
    long k = 0;
    while (memory_fails(k, plan_case(&c))) k += 1 + k / 8;
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_operator_has_a_sample),
      cmocka_unit_test(local_operators_gather_nothing),
      cmocka_unit_test(every_allocation_may_fail),
      cmocka_unit_test(operators_give_what_they_give_on_one_rank),
  };
  return run_split_tests(sizeof tests / sizeof *tests, tests);
}
