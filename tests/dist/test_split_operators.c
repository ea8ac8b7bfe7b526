/* SPDX-License-Identifier: BSD-3-Clause
 * Every operator on fields that are split over ranks. */
#include <ritz/operator.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "dist/layout.h"
#include "graph/op.h"
#include "split_check.h"

static const operator_case cases[] = {
    {"fno",
     "{n_modes: [6, 5], hidden_channels: 6, n_layers: 2, in_channels: 2, out_channels: 3}",
     {4, {2, 7, 5, 2}},
     false},
    {"fno",
     "{n_modes: 5, hidden_channels: 4, n_layers: 2, norm: batch_norm}",
     {3, {3, 17, 1}},
     true},
    {"fno",
     "{n_modes: [4, 4], hidden_channels: 4, n_layers: 2, resolution_scaling_factor: [0.5, 2], "
     "domain_padding: [0.2, 0.1]}",
     {4, {1, 10, 8, 1}},
     false},
    {"fno",
     "{n_modes: [2, 3, 4], hidden_channels: 4, n_layers: 2, resolution_scaling_factor: 1.5, "
     "norm: group_norm, norm_groups: 2, non_linearity: tanh}",
     {5, {1, 4, 5, 4, 1}},
     false},
    {"fno",
     "{n_modes: [4, 4], hidden_channels: 6, n_layers: 2, channel_mlp_dropout: 0.3, "
     "lifting_channel_ratio: 0, grid_boundaries: [0, 2, -1, 1]}",
     {4, {2, 7, 9, 1}},
     true},
    {"fno_2020",
     "{modes: [3, 2], width: 4, padding: [2, 3], in_channels: 2}",
     {4, {2, 5, 6, 2}},
     false},
    {"tfno",
     "{hidden_channels: 4, n_layers: 2, n_modes: [5, 4], rank: 0.4}",
     {4, {2, 7, 5, 1}},
     false},
    {"tfno",
     "{hidden_channels: 4, n_layers: 2, n_modes: [3, 4, 3], factorization: cp}",
     {5, {1, 4, 5, 3, 1}},
     false},
    {"uno",
     "{hidden_channels: 4, projection_channels: 5, n_layers: 3, uno_out_channels: [3, 5, 4], "
     "uno_n_modes: [[4, 3], [3, 3], [4, 4]], uno_scalings: [[1, 1], [0.5, 0.5], [2, 2]], "
     "channel_mlp_skip: linear}",
     {4, {2, 9, 8, 1}},
     false},
    {"uno",
     "{hidden_channels: 4, projection_channels: 5, n_layers: 2, uno_out_channels: [3, 4], "
     "uno_n_modes: [[2, 3, 2], [2, 2, 3]], uno_scalings: [[0.5, 1, 0.6], [2, 1, 1.5]], "
     "channel_mlp_skip: linear, horizontal_skip: identity, channel_mlp_dropout: 0.2}",
     {5, {1, 4, 3, 5, 1}},
     true},
    {"t1",
     "{modes: [3, 3], width: 4, n_layers: 2, signal_resolution: [7, 6]}",
     {4, {2, 7, 6, 1}},
     false},
    {"local_no",
     "{n_modes: [3, 3], hidden_channels: 4, n_layers: 2, default_in_shape: [8, 6]}",
     {4, {2, 8, 6, 1}},
     false},
    {"lsm", "{patch: 1, width: 4, heads: 2, in_channels: 2}", {3, {3, 37, 2}}, true},
    {"lsm",
     "{patch: [1, 1], width: 6, heads: 3, tokens: 3, basis: 2, in_channels: 2, out_channels: 3, "
     "projection_channels: 5}",
     {4, {2, 17, 22, 2}},
     true},
    {"mgno",
     "{pre_smoothing: [1, 1, 1], post_smoothing: [1, 1, 1], hidden_channels: 2, n_layers: 2, "
     "in_channels: 2, out_channels: 3, restrict_residual: true}",
     {4, {2, 17, 15, 2}},
     false},
    {"mgno",
     "{pre_smoothing: [2, 1], hidden_channels: 2, n_layers: 1, boundary: reflect, skip: null, "
     "smoother_bias: true, layer_norm: affine, transfer_margin: 0, up_kernel: 3, widening: true, "
     "cycle_norm: plain}",
     {4, {2, 5, 6, 1}},
     false},
    {"mgno",
     "{pre_smoothing: [1, 1, 1], up_kernel: [4, 3], hidden_channels: 2, n_layers: 1, "
     "boundary: periodic, reference_grid: [8, 4], non_linearity: silu}",
     {4, {1, 12, 7, 1}},
     false},
    {"mgno",
     "{pre_smoothing: [1, 1], hidden_channels: 2, n_layers: 1, boundary: reflect, head: cycle, "
     "reference_grid: 3, transfer_init: textbook}",
     {5, {1, 4, 3, 2, 1}},
     false},
    {"unet", "{width: 3, depth: 2, in_channels: 2, out_channels: 3}", {4, {3, 9, 14, 2}}, true},
    {"unet",
     "{dim: 3, width: 2, depth: 1, norm: 'null', activation: tanh, boundary: reflect}",
     {5, {1, 5, 4, 7, 1}},
     false},
    {"unet_modern", "{width: 8, multipliers: [1, 2, 2]}", {4, {1, 8, 12, 1}}, false},
    {"resnet",
     "{width: 5, n_blocks: 2, in_channels: 2, out_channels: 3, padding: [2, 0]}",
     {4, {2, 7, 10, 2}},
     true},
    {"resnet",
     "{dim: 1, width: 4, n_blocks: 1, dilations: [1, 2, 4, 2], norm: layer_norm, kernel: 5, "
     "activation: silu, boundary: periodic}",
     {3, {2, 23, 1}},
     false},
    {"convnext",
     "{width: 3, blocks: [1, 2, 1], layer_scale: 0.5, in_channels: 2, out_channels: 3}",
     {4, {2, 13, 18, 2}},
     false},
    {"convnext",
     "{dim: 3, width: 2, blocks: 1, kernel: 5, layer_scale: 2}",
     {5, {1, 5, 4, 6, 1}},
     false},
    {"sfno",
     "{modes: [2, 3, 2], width: 5, n_layers: 2, in_channels: 4, latent_steps: 3, out_channels: 2}",
     {4, {2, 7, 8, 4}},
     false},
    {"deeponet",
     "{branch: [5, 4], trunk: [6], latent: 3, in_channels: 2, out_channels: 2, outputs: "
     "independent, activation: sine, frequencies: [1, 2], grid: periodic}",
     {4, {2, 6, 5, 2}},
     false},
    {"deeponet",
     "{branch: [5], trunk: [6], latent: 4, in_channels: 3, out_channels: 2, outputs: split_trunk, "
     "coordinates: 2, activation: gelu}",
     {3, {2, 9, 3}},
     false},
    {"pod_deeponet",
     "{branch: [4], trunk: [5], modes: 2, learned: 3, in_channels: 2, out_channels: 2}",
     {3, {2, 8, 2}},
     false},
    {"multionet",
     "{width: 6, layers: 3, used: 2, in_channels: 2, out_channels: 2}",
     {3, {2, 7, 2}},
     false},
    {"mg_tfno",
     "{n_modes: [6, 6], hidden_channels: 6, n_layers: 2, rank: 0.4, levels: 2}",
     {4, {1, 16, 32, 1}},
     false},
    {"lsm_irregular",
     "{patch: [1, 1], width: 4, heads: 2, basis: 2, latent_grid: [16, 17], modes: [2, 3], "
     "in_channels: 4, code_channels: 1}",
     {3, {2, 70, 4}},
     true},
    {"afno",
     "{img_size: [6, 8], patch_size: [2, 2], embed_dim: 6, depth: 2, num_blocks: 3, mlp_ratio: 2}",
     {4, {2, 6, 8, 1}},
     false},
    {"sfno",
     "{modes: [2, 3, 2], width: 5, n_layers: 2, in_channels: 4, latent_steps: 3}",
     {4, {1, 7, 8, 4}},
     false},
};
enum { case_count = sizeof cases / sizeof *cases };

static void operators_give_what_they_give_on_one_rank(void **state) {
  for (int k = 0; k < case_count; k++) {
    print_message("  %s, case %d\n", cases[k].type, k);
    check_splits(cases[k].type, cases[k].x, build_operator, &cases[k]);
  }
}

static void every_operator_has_a_case(void **state) {
  static const char *const names[] = {
#define RITZ_OPERATOR(name) #name,
#include "operators/operators.def"
#undef RITZ_OPERATOR
  };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    bool found = false;
    for (int k = 0; k < case_count; k++) found = found || strcmp(cases[k].type, names[i]) == 0;
    if (!found) fail_msg("%s has no case", names[i]);
  }
}

/* Fields of which some rank wants all. */
static int gathered_fields(const operator_case *c) {
  ritz_context *context = split_context();
  const int size = ritz_comm_size(context->comm), parts[] = {size, 1, 1};
  ritz_layout *layout;
  ritz_params *params;
  ritz_graph *g;
  int count = 0;
  assert_ok(ritz_layout_create(context, c->x.rank - 2, c->x.n + 1, parts, NULL, &layout));
  assert_ok(ritz_params_create(context, RITZ_FLOAT32, 1, &params));
  assert_ok(ritz_graph_create(context, RITZ_FLOAT32, &g));
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
      {"local_no",
       "{n_modes: [8, 8], hidden_channels: 8, default_in_shape: [64, 64]}",
       {4, {1, 64, 64, 1}},
       true},
      {"mgno", "{pre_smoothing: [1, 1, 1], hidden_channels: 8}", {4, {1, 129, 129, 1}}, true},
      {"unet", "{width: 4}", {4, {1, 128, 128, 1}}, true},
      {"resnet", "{width: 8}", {4, {1, 64, 64, 1}}, true},
      {"convnext", "{width: 8}", {4, {1, 64, 64, 1}}, true},
  };
  for (size_t k = 0; k < sizeof local / sizeof *local; k++) {
    const int count = gathered_fields(&local[k]);
    if (count > 0) fail_msg("%s, case %zu gathers %d fields", local[k].type, k, count);
  }
}

/* A split graph of an operator, as far as memory goes. */
static ritz_status plan_case(const operator_case *c) {
  ritz_context *context = split_context();
  ritz_layout *layout = NULL;
  ritz_operator *op = NULL;
  ritz_params *params = NULL;
  ritz_graph *graph = NULL;
  ritz_plan *plan = NULL;
  const ritz_plan_options options = {.gradients = true, .input_gradients = true};
  ritz_status status;
  RITZ_TRY_DONE(
      ritz_layout_create(context, c->x.rank - 2, c->x.n + 1, (int[]){1, 1, 1}, NULL, &layout));
  RITZ_TRY_DONE(ritz_operator_create(context, c->type, c->options, &op));
  RITZ_TRY_DONE(ritz_params_create(context, RITZ_FLOAT64, 5, &params));
  RITZ_TRY_DONE(ritz_graph_create(context, RITZ_FLOAT64, &graph));
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
  for (int c = 0; ritz_comm_size(split_context()->comm) == 1 && c < case_count; c++)
    for (long k = 0;; k += 1 + k / 8) {
      ritz_test_fail_allocation(k);
      const ritz_status status = plan_case(&cases[c]);
      ritz_test_fail_allocation(-1);
      if (status == RITZ_OK) break;
      if (status != RITZ_ERR_MEMORY) fail_msg("%s: %s", cases[c].type, ritz_error_message());
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_operator_has_a_case),
      cmocka_unit_test(local_operators_gather_nothing),
      cmocka_unit_test(every_allocation_may_fail),
      cmocka_unit_test(operators_give_what_they_give_on_one_rank),
  };
  return run_split_tests(sizeof tests / sizeof *tests, tests);
}
