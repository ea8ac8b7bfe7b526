/* SPDX-License-Identifier: BSD-3-Clause
 * Losses behind a chain of row ops, which then runs forward and backward at once: losses and
 * gradients are those of the same graph where the planner cannot do so, and the same bits on any
 * number of threads. */
#include <ritz/ops.h>
#include <stdlib.h>
#include <string.h>

#include "loss_cases.h"
#include "one_graph.h"

enum { inside = 5, batch = 3 };

typedef struct turn_case {
  const char *loss;
  ritz_shape x;
  bool spectral; /* ends to attach on both sides of the chain */
  ritz_index channels;
} turn_case;

static const turn_case cases[] = {
    {"rel_l2", {3, {batch, 150, 2}}, true, 1},
    {"rel_l2", {4, {batch, 9, 14, 2}}, true, 3},
    {"rel_l1", {4, {batch, 8, 8, 2}}, true, 1},
    {"mse", {3, {batch, 7, 2}}, false, 2},
    {"l2", {4, {batch, 33, 31, 2}}, false, 1},
    {"l2_per_channel", {4, {batch, 9, 14, 2}}, true, 3}, /* a slope per channel: no turn */
    {"rel_h1", {3, {batch, 20, 2}}, true, 1},            /* reads neighbours: no turn */
};

typedef struct run {
  double loss[batch], *gradient;
  ritz_index length;
  bool turned;
} run;

static ritz_var weight(ritz_graph *g, ritz_params *p, const char *name, ritz_shape shape,
                       int complex_axis) {
  return ritz_parameter(g, p, (ritz_init){RITZ_INIT_SYMMETRIC, 0.7}, shape, complex_axis, "%s",
                        name);
}

/* v = [spectral] x, then skip and gate around a small network, to the channels of the case. */
static ritz_var build(ritz_graph *g, ritz_params *p, ritz_var x, const turn_case *c) {
  const int dim = c->x.rank - 2;
  ritz_var v = ritz_linear(g, x, weight(g, p, "w0", RITZ_SHAPE(2, inside), -1),
                           weight(g, p, "b0", RITZ_SHAPE(inside), -1));
  ritz_var u = v;
  if (c->spectral) {
    const ritz_spectral_options options = {.modes = {3, 3}};
    const ritz_shape shape =
        dim == 1 ? RITZ_SHAPE(3, 2, inside, inside) : RITZ_SHAPE(3, 3, 2, inside, inside);
    u = ritz_spectral_conv(g, v, weight(g, p, "r", shape, dim), &options);
  }
  u = ritz_add(g, u,
               ritz_linear(g, v, weight(g, p, "w1", RITZ_SHAPE(inside, inside), -1),
                           weight(g, p, "b1", RITZ_SHAPE(inside), -1)));
  u = ritz_add(g, ritz_gelu(g, u), ritz_gate(g, v, weight(g, p, "v", RITZ_SHAPE(inside), -1)));
  return ritz_linear(g, ritz_tanh(g, u), weight(g, p, "w2", RITZ_SHAPE(inside, c->channels), -1),
                     RITZ_NO_VAR);
}

static void fill(ritz_plan *plan, ritz_var var) {
  const ritz_shape shape = ritz_var_shape(var);
  fill_uniform(1, ritz_shape_count(&shape), ritz_plan_value(plan, var));
}

/* A truth behind an op is no input: the loss then runs on its own. */
static run train(const turn_case *c, int threads, bool apart) {
  ritz_plan_cost *cost;
  run r = {0};
  one_graph t = one_graph_with_threads(RITZ_FLOAT64, 1, threads);
  ritz_var x = ritz_input(t.graph, "x", c->x), y = build(t.graph, t.params, x, c);
  ritz_var truth = ritz_input(t.graph, "y", ritz_var_shape(y));
  ritz_var loss = ritz_loss(t.graph, loss_named(c->loss), y,
                            apart ? ritz_concat(t.graph, 1, &truth) : truth, NULL);
  one_graph_plan(&t, 1, &loss, &(ritz_plan_options){.gradients = true});
  fill(t.plan, x);
  fill(t.plan, truth);
  for (int b = 0; b < batch; b++) ((double *)ritz_plan_cotangent(t.plan))[b] = 0.5 + b;
  ritz_plan_forward(t.plan);
  memcpy(r.loss, ritz_plan_value(t.plan, loss), sizeof r.loss);
  ritz_plan_backward(t.plan);
  r.length = ritz_params_length(t.params);
  r.gradient = malloc((size_t)r.length * sizeof *r.gradient);
  memcpy(r.gradient, ritz_plan_parameter_gradient(t.plan), (size_t)r.length * sizeof *r.gradient);
  assert_ok(ritz_plan_measure(t.plan, 0, &cost));
  for (int s = 0; s < cost->steps; s++)
    r.turned |= !cost->step[s].backward && strstr(cost->step[s].ops, "loss loss");
  ritz_plan_cost_destroy(&cost);
  one_graph_end(&t);
  return r;
}

static void gradients_are_those_of_separate_steps(void **state) {
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    run one = train(&cases[i], 1, false), apart = train(&cases[i], 1, true);
    assert_false(apart.turned);
    assert_int_equal(one.turned, i < 5);
    assert_true(relative_error(batch, one.loss, apart.loss) < 1e-13);
    assert_true(relative_error(one.length, one.gradient, apart.gradient) < 1e-12);
    free(one.gradient);
    free(apart.gradient);
  }
}

static void threads_do_not_change_a_bit(void **state) {
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    run one = train(&cases[i], 1, false);
    for (int threads = 2; threads <= 3; threads++) {
      run many = train(&cases[i], threads, false);
      assert_memory_equal(one.loss, many.loss, sizeof one.loss);
      assert_memory_equal(one.gradient, many.gradient, (size_t)one.length * sizeof *one.gradient);
      free(many.gradient);
    }
    free(one.gradient);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gradients_are_those_of_separate_steps),
      cmocka_unit_test(threads_do_not_change_a_bit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
