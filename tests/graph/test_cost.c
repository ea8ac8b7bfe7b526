/* SPDX-License-Identifier: BSD-3-Clause
 * What the steps of a plan cost. */
#include <ritz/ops.h>
#include <string.h>

#include "allocations.h"
#include "one_graph.h"

enum { batch = 2, points = 12, in = 3, inside = 5 };

/* linear, gelu, spectral convolution, bias: a chain of row ops, one other op, a chain again.
 * @return  The input. */
static ritz_var create(one_graph *n, bool gradients) {
  const ritz_init init = {RITZ_INIT_SYMMETRIC, 1};
  const ritz_spectral_options spectral = {.modes = {3}};
  *n = one_graph_begin(RITZ_FLOAT64, 1);
  const ritz_var x = ritz_input(n->graph, "x", RITZ_SHAPE(batch, points, in));
  const ritz_var w = ritz_parameter(n->graph, n->params, init, RITZ_SHAPE(in, inside), -1, "w");
  const ritz_var r =
      ritz_parameter(n->graph, n->params, init, RITZ_SHAPE(3, 2, inside, inside), 1, "r");
  const ritz_var b = ritz_parameter(n->graph, n->params, init, RITZ_SHAPE(inside), -1, "b");
  const ritz_var v = ritz_gelu(n->graph, ritz_linear(n->graph, x, w, RITZ_NO_VAR));
  const ritz_var y = ritz_bias(n->graph, ritz_spectral_conv(n->graph, v, r, &spectral), b);
  one_graph_plan(n, 1, &y, &(ritz_plan_options){.gradients = gradients});
  return x;
}

/* The ops of all steps in one direction, however they are grouped. */
static void join(const ritz_plan_cost *cost, bool backward, char out[256]) {
  out[0] = 0;
  for (int s = 0; s < cost->steps; s++) {
    if (cost->step[s].backward != backward) continue;
    if (out[0]) strcat(out, " ");
    strcat(out, cost->step[s].ops);
  }
}

static void every_step_is_counted(void **state) {
  one_graph n;
  ritz_plan_cost *cost;
  char ops[256];
  double flops = 0, bytes = 0;
  create(&n, true);
  assert_ok(ritz_plan_measure(n.plan, 0, &cost));
  join(cost, false, ops);
  assert_string_equal(ops, "linear gelu spectral_conv bias");
  join(cost, true, ops);
  assert_string_equal(ops, "bias spectral_conv gelu linear");
  for (int s = 0; s < cost->steps; s++) {
    assert_true(cost->step[s].bytes > 0 && cost->step[s].seconds == 0);
    flops += cost->step[s].flops, bytes += cost->step[s].bytes;
  }
  assert_near(flops, ritz_plan_flops(n.plan), 1e-12 * flops);
  assert_true(cost->flops == flops && cost->bytes == bytes && cost->seconds == 0);
  ritz_plan_cost_destroy(&cost);
  ritz_plan_cost_destroy(&cost);
  assert_null(cost);
  one_graph_end(&n);
}

static void timing_runs_the_whole_plan(void **state) {
  one_graph n;
  ritz_plan_cost *cost;
  const ritz_var field = create(&n, true);
  double *x = ritz_plan_value(n.plan, field), before[64], sum = 0;
  const ritz_index length = ritz_params_length(n.params);
  assert_true(length <= 256);
  for (int i = 0; i < batch * points * in; i++) x[i] = 0.1 * i - 1;
  ritz_plan_forward(n.plan);
  ritz_plan_backward(n.plan);
  double *gradient = ritz_plan_parameter_gradient(n.plan);
  for (int i = 0; i < in * inside; i++) before[i] = gradient[i], gradient[i] = 0;
  assert_ok(ritz_plan_measure(n.plan, 3, &cost));
  for (int i = 0; i < in * inside; i++) assert_true(before[i] == gradient[i]);
  for (int s = 0; s < cost->steps; s++) sum += cost->step[s].seconds;
  assert_true(cost->seconds == sum && sum >= 0);
  ritz_plan_cost_destroy(&cost);
  one_graph_end(&n);
}

static void without_gradients_there_is_no_way_back(void **state) {
  one_graph n;
  ritz_plan_cost *cost;
  create(&n, false);
  assert_ok(ritz_plan_measure(n.plan, 1, &cost));
  assert_true(cost->steps > 0);
  for (int s = 0; s < cost->steps; s++) assert_false(cost->step[s].backward);
  ritz_plan_cost_destroy(&cost);
  assert_int_equal(ritz_plan_measure(n.plan, -1, &cost), RITZ_ERR_ARGUMENT);
  assert_null(cost);
  one_graph_end(&n);
}

static void every_allocation_may_fail(void **state) {
  one_graph n;
  ritz_plan_cost *cost;
  create(&n, true);
  long k = 0;
  while (creation_fails(k, cost, ritz_plan_measure(n.plan, 1, &cost))) k++;
  assert_true(k > 3);
  ritz_plan_cost_destroy(&cost);
  one_graph_end(&n);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_step_is_counted),
      cmocka_unit_test(timing_runs_the_whole_plan),
      cmocka_unit_test(without_gradients_there_is_no_way_back),
      cmocka_unit_test(every_allocation_may_fail),
  };
  return cmocka_run_group_tests_name("graph.cost", tests, NULL, NULL);
}
