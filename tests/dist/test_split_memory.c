/* SPDX-License-Identifier: BSD-3-Clause
 * What a rank holds of a training step on a split grid: its share, and little more. */
#include <ritz/operator.h>
#include <stdio.h>
#include <stdlib.h>

#include "dist/layout.h"
#include "graph/op.h"
#include "ranks.h"
#include "train/loss.h"

/* Bytes of a step of a 3-D FNO on n^3 points; @p ranks NULL: this rank does all of it. */
static double step_bytes(ritz_context *ranks, ritz_index n, const char *options_text) {
  ritz_context *used;
  ritz_layout *layout = NULL;
  ritz_operator *op;
  ritz_params *params;
  ritz_graph *g;
  ritz_plan *plan;
  const ritz_loss_type *type;
  const ritz_index grid[] = {n, n, n};
  if (ranks)
    used = ritz_context_retain(ranks);
  else
    assert_ok(ritz_context_create(NULL, &used));
  if (ranks) assert_ok(ritz_layout_create(used, 3, grid, (int[]){size, 1, 1}, NULL, &layout));
  assert_ok(ritz_operator_create(used, "fno", options_text, &op));
  assert_ok(ritz_params_create(used, RITZ_FLOAT32, 1, &params));
  assert_ok(ritz_graph_create(used, RITZ_FLOAT32, &g));
  const ritz_shape shape = RITZ_SHAPE(1, n, n, n, 1);
  ritz_var x = layout ? ritz_input_split(g, "x", shape, layout) : ritz_input(g, "x", shape);
  ritz_var truth = layout ? ritz_input_split(g, "y", shape, layout) : ritz_input(g, "y", shape);
  ritz_var y = ritz_operator_build(op, g, params, x);
  assert_ok(ritz_loss_type_find("rel_l2", &type));
  ritz_var loss = ritz_loss(g, type, y, truth, NULL);
  const ritz_plan_options options = {.gradients = true, .own_gradients = true};
  assert_ok(ritz_graph_plan(g, 1, &loss, &options, &plan));
  const double bytes =
      (double)ritz_plan_memory(plan) + (double)ritz_params_length(params) * sizeof(float);
  ritz_plan_destroy(&plan);
  ritz_params_destroy(&params);
  ritz_operator_destroy(&op);
  ritz_layout_destroy(&layout);
  ritz_context_destroy(&used);
  return bytes;
}

/* Weights are whole on every rank, here a tenth of a step on one rank.
 * RITZ_TEST_POINTS=128 shows the step of docs/scaling.md. */
static void a_rank_holds_its_share(void **state) {
  const char *points = getenv("RITZ_TEST_POINTS");
  const char *large = "{n_modes: [16, 16, 16], hidden_channels: 32}";
  const char *small = "{n_modes: [8, 8, 8], hidden_channels: 12, n_layers: 2}";
  const ritz_index n = points ? atoi(points) : 24;
  const double one = step_bytes(NULL, n, points ? large : small);
  const double part = step_bytes(together, n, points ? large : small);
  print_message("  %td^3: %.1f MiB on one rank, %.1f MiB on each of %d (%.3f)\n", n, one / 1048576,
                part / 1048576, size, part / one);
  assert_true(part <= one * (0.2 + 1.0 / size));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(a_rank_holds_its_share)};
  ranks_begin();
  return ranks_end(cmocka_run_group_tests(tests, NULL, NULL));
}
