/* SPDX-License-Identifier: BSD-3-Clause */
#include "operator_checks.h"

#include <math.h>
#include <ritz/operator.h>

#include "graph/op.h"
#include "one_graph.h"
#include "operators/operator.h"

double *evaluate_operator(const operator_case *c, const double *x) {
  return evaluate_graph(c->x, build_operator, c, x, NULL, NULL);
}

void check_parameters_are_used(const operator_case *c) {
  one_graph t = one_graph_begin(RITZ_FLOAT64, 1);
  ritz_var x = ritz_input(t.graph, "x", c->x), y = build_operator(t.graph, t.params, x, c);
  one_graph_plan(&t, 1, &y, &(ritz_plan_options){.gradients = true});
  fill_uniform(1, ritz_shape_count(&c->x), ritz_plan_value(t.plan, x));
  ritz_plan_forward(t.plan);
  ritz_plan_backward(t.plan);
  const double *g = ritz_plan_parameter_gradient(t.plan);
  for (int i = 0; i < ritz_params_count(t.params); i++) {
    const ritz_param_info *info = ritz_params_info(t.params, i);
    double largest = 0;
    for (ritz_index k = 0; k < info->count; k++) largest = fmax(largest, fabs(g[info->offset + k]));
    if (info->trainable && !(largest > 0))
      fail_msg("%s %s: %s has no gradient", c->type, c->options, info->name);
  }
  one_graph_end(&t);
}

ritz_status build_status(const char *type, const char *options, ritz_shape x, ritz_index *numbers) {
  ritz_operator *op;
  one_graph t = one_graph_begin(RITZ_FLOAT32, 1);
  ritz_status status = ritz_operator_create(t.context, type, options, &op);
  if (status == RITZ_OK) {
    ritz_var y = ritz_operator_build(op, t.graph, t.params, ritz_input(t.graph, "x", x));
    status = ritz_graph_status(t.graph);
    assert_int_equal(y != RITZ_NO_VAR, status == RITZ_OK);
    if (numbers) *numbers = ritz_params_numbers(t.params);
  } else {
    assert_null(op);
  }
  ritz_operator_destroy(&op);
  one_graph_end(&t);
  return status;
}

ritz_index numbers_of(const char *type, const char *options, ritz_shape x) {
  ritz_index numbers = 0;
  assert_ok(build_status(type, options, x, &numbers));
  return numbers;
}

void check_numbers(const char *type, const char *options, ritz_shape x, ritz_index wanted) {
  const ritz_index numbers = numbers_of(type, options, x);
  if (numbers != wanted)
    fail_msg("%s %s: %td parameters, wanted %td", type, options, numbers, wanted);
}

void check_exponential_refinement(const char *options,
                                  double (*change)(const char *options, ritz_index n)) {
  const double coarse = change(options, 16), medium = change(options, 32),
               fine = change(options, 64);
  print_message("  change on doubling 16, 32, 64: %.2e %.2e %.2e\n", coarse, medium, fine);
  assert_true(coarse > 1e-12 && coarse < 1e-2);
  assert_true(medium < 1e-3 * coarse);
  assert_true(fine < 1e-12);
}

void check_refusals(int count, const operator_refusal *r) {
  for (int i = 0; i < count; i++) {
    const ritz_status status = build_status(r[i].type, r[i].options, r[i].x, NULL);
    if (status != r[i].status)
      fail_msg("%s gives %s: %s", r[i].options, ritz_status_text(status), ritz_error_message());
    assert_message_contains(r[i].message);
  }
}

void check_training_grid(const char *type, const char *options, int dim, const ritz_index *grid,
                         const char *message) {
  ritz_context *context;
  ritz_operator *op;
  assert_ok(ritz_context_create(NULL, &context));
  assert_ok(ritz_operator_create(context, type, options, &op));
  const ritz_status status = op->type->check_grid(op->config, dim, grid);
  assert_int_equal(status, message ? RITZ_ERR_CONFIG : RITZ_OK);
  if (message) assert_message_contains(message);
  ritz_operator_destroy(&op);
  ritz_context_destroy(&context);
}
