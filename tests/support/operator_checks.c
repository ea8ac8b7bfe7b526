/* SPDX-License-Identifier: BSD-3-Clause */
#include "operator_checks.h"

#include <math.h>
#include <ritz/operator.h>

#include "graph/op.h"
#include "operators/operator.h"

double *evaluate_operator(const operator_case *c, const double *x) {
  return evaluate_graph(c->x, build_operator, c, x, NULL, NULL);
}

void check_thread_counts(const operator_case *c) {
  for (ritz_dtype dtype = RITZ_FLOAT32; dtype <= RITZ_FLOAT64; dtype++) {
    graph_result one = run_graph(dtype, 1, c->x, build_operator, c);
    graph_result two = run_graph(dtype, 2, c->x, build_operator, c);
    assert_memory_equal(one.y, two.y, (size_t)one.y_count * sizeof *one.y);
    assert_memory_equal(one.gx, two.gx, (size_t)one.x_count * sizeof *one.gx);
    assert_memory_equal(one.gradient, two.gradient,
                        (size_t)one.gradient_count * sizeof *one.gradient);
    graph_result_free(&one);
    graph_result_free(&two);
  }
}

void check_formats(const operator_case *c, double rounding, double gradient_rounding) {
  graph_result f = run_graph(RITZ_FLOAT32, 1, c->x, build_operator, c);
  graph_result d = run_graph(RITZ_FLOAT64, 1, c->x, build_operator, c);
  assert_true(relative_error(f.y_count, f.y, d.y) < rounding);
  assert_true(relative_error(f.x_count, f.gx, d.gx) < gradient_rounding);
  assert_true(relative_error(f.gradient_count, f.gradient, d.gradient) < gradient_rounding);
  graph_result_free(&f);
  graph_result_free(&d);
}

void check_parameters_are_used(const operator_case *c) {
  ritz_context *context;
  ritz_params *params;
  ritz_graph *graph;
  ritz_plan *plan;
  const ritz_plan_options options = {.gradients = true};
  assert_ok(ritz_context_create(NULL, &context));
  assert_ok(ritz_params_create(context, RITZ_FLOAT64, 1, &params));
  assert_ok(ritz_graph_create(context, RITZ_FLOAT64, &graph));
  ritz_graph_set_training(graph, c->training, 3);
  ritz_var x = ritz_input(graph, "x", c->x), y = build_operator(graph, params, x, c);
  assert_ok(ritz_graph_plan(graph, 1, &y, &options, &plan));
  fill_uniform(1, ritz_shape_count(&c->x), ritz_plan_value(plan, x));
  ritz_plan_forward(plan);
  ritz_plan_backward(plan);
  const double *g = ritz_plan_parameter_gradient(plan);
  for (int i = 0; i < ritz_params_count(params); i++) {
    const ritz_param_info *info = ritz_params_info(params, i);
    double largest = 0;
    for (ritz_index k = 0; k < info->count; k++) largest = fmax(largest, fabs(g[info->offset + k]));
    if (info->trainable && !(largest > 0))
      fail_msg("%s %s: %s has no gradient", c->type, c->options, info->name);
  }
  ritz_plan_destroy(&plan);
  ritz_params_destroy(&params);
  ritz_context_destroy(&context);
}

ritz_status build_status(const char *type, const char *options, ritz_shape x, ritz_index *numbers) {
  ritz_context *context;
  ritz_operator *op;
  ritz_params *params = NULL;
  ritz_graph *graph = NULL;
  assert_ok(ritz_context_create(NULL, &context));
  ritz_status status = ritz_operator_create(context, type, options, &op);
  if (status == RITZ_OK) {
    assert_ok(ritz_params_create(context, RITZ_FLOAT32, 1, &params));
    assert_ok(ritz_graph_create(context, RITZ_FLOAT32, &graph));
    ritz_var y = ritz_operator_build(op, graph, params, ritz_input(graph, "x", x));
    status = ritz_graph_status(graph);
    assert_int_equal(y != RITZ_NO_VAR, status == RITZ_OK);
    if (numbers) *numbers = ritz_params_numbers(params);
  } else {
    assert_null(op);
  }
  ritz_graph_destroy(&graph);
  ritz_params_destroy(&params);
  ritz_operator_destroy(&op);
  ritz_context_destroy(&context);
  return status;
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
