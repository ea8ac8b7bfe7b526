/* SPDX-License-Identifier: BSD-3-Clause
 * What the steps of a plan cost. */
#include <ritz/ops.h>
#include <string.h>

#include "allocations.h"
#include "support.h"

enum { batch = 2, points = 12, in = 3, inside = 5 };

typedef struct net {
  ritz_context *context;
  ritz_params *params;
  ritz_plan *plan;
  ritz_var x;
} net;

/* linear, gelu, spectral convolution, bias: a chain of row ops, one other op, a chain again. */
static void create(net *n, bool gradients) {
  ritz_graph *g;
  const ritz_init init = {RITZ_INIT_SYMMETRIC, 1};
  const ritz_spectral_options spectral = {.modes = {3}};
  assert_ok(ritz_context_create(NULL, &n->context));
  assert_ok(ritz_params_create(n->context, RITZ_FLOAT64, 1, &n->params));
  assert_ok(ritz_graph_create(n->context, RITZ_FLOAT64, &g));
  n->x = ritz_input(g, "x", RITZ_SHAPE(batch, points, in));
  const ritz_var w = ritz_parameter(g, n->params, init, RITZ_SHAPE(in, inside), -1, "w");
  const ritz_var r = ritz_parameter(g, n->params, init, RITZ_SHAPE(3, 2, inside, inside), 1, "r");
  const ritz_var b = ritz_parameter(g, n->params, init, RITZ_SHAPE(inside), -1, "b");
  const ritz_var v = ritz_gelu(g, ritz_linear(g, n->x, w, RITZ_NO_VAR));
  const ritz_var y = ritz_bias(g, ritz_spectral_conv(g, v, r, &spectral), b);
  const ritz_plan_options options = {.gradients = gradients};
  assert_ok(ritz_graph_plan(g, 1, &y, &options, &n->plan));
}

static void destroy(net *n) {
  ritz_plan_destroy(&n->plan);
  ritz_params_destroy(&n->params);
  ritz_context_destroy(&n->context);
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
  net n;
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
  destroy(&n);
}

static void timing_runs_the_whole_plan(void **state) {
  net n;
  ritz_plan_cost *cost;
  create(&n, true);
  double *x = ritz_plan_value(n.plan, n.x), before[64], sum = 0;
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
  destroy(&n);
}

static void without_gradients_there_is_no_way_back(void **state) {
  net n;
  ritz_plan_cost *cost;
  create(&n, false);
  assert_ok(ritz_plan_measure(n.plan, 1, &cost));
  for (int s = 0; s < cost->steps; s++) assert_false(cost->step[s].backward);
  ritz_plan_cost_destroy(&cost);
  assert_int_equal(ritz_plan_measure(n.plan, -1, &cost), RITZ_ERR_ARGUMENT);
  assert_null(cost);
  destroy(&n);
}

static void every_allocation_may_fail(void **state) {
  net n;
  ritz_plan_cost *cost;
  create(&n, true);
  long k = 0;
  while (creation_fails(k, cost, ritz_plan_measure(n.plan, 1, &cost))) k++;
  assert_true(k > 3);
  ritz_plan_cost_destroy(&cost);
  destroy(&n);
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
