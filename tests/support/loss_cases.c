/* SPDX-License-Identifier: BSD-3-Clause */
#include "loss_cases.h"

#include "graph/op.h"

loss_case loss_case_of(const char *name, ritz_shape shape) {
  loss_case c = {
      .name = name, .shape = shape, .truth_shape = shape, .truth_scale = 1, .construct = ritz_loss};
  ritz_loss_options_defaults(&c.options);
  return c;
}

const ritz_loss_type *loss_named(const char *name) {
  const ritz_loss_type *type;
  assert_ok(ritz_loss_type_find(name, &type));
  return type;
}

/* Number i of the truth. */
static double truth_at(const loss_case *c, ritz_index i) {
  const ritz_random random = {.seed = 1, .purpose = RITZ_RANDOM_TEST, .sample = 77};
  return c->truth_scale * (2 * ritz_random_uniform(random, (uint64_t)i) - 1);
}

void fill_truth(const loss_case *c, double *truth) {
  for (ritz_index i = 0; i < ritz_shape_count(&c->truth_shape); i++) truth[i] = truth_at(c, i);
}

/* An op without operands that gives the truth at every run. */
static ritz_status truth_infer(ritz_node *node) {
  node->shape = ((const loss_case *)node->attr)->truth_shape;
  return RITZ_OK;
}
static void truth_forward(const ritz_node *node) {
  for (ritz_index i = 0; i < ritz_shape_count(&node->shape); i++)
    ritz_number_set(node->graph->dtype, node->value.data, i, truth_at(node->attr, i));
}
static const ritz_op truth_op = {.name = "truth", .infer = truth_infer, .forward = truth_forward};

ritz_var build_loss(ritz_graph *g, ritz_params *params, ritz_var x, const void *config) {
  const loss_case *c = config;
  ritz_var truth = ritz_graph_add(g, &truth_op, 0, NULL, c, sizeof *c);
  return c->construct(g, loss_named(c->name), x, truth, &c->options);
}

ritz_status loss_graph_plan(const loss_case *c, ritz_dtype dtype, bool gradients, loss_graph *out) {
  out->g = one_graph_begin(dtype, 1);
  ritz_graph *g = out->g.graph;
  out->prediction = ritz_input(g, "prediction", c->shape);
  out->truth = ritz_input(g, "truth", c->truth_shape);
  out->loss = c->construct(g, loss_named(c->name), out->prediction, out->truth, &c->options);
  const ritz_plan_options options = {.gradients = gradients, .input_gradients = gradients};
  const ritz_status status = ritz_graph_plan(g, 1, &out->loss, &options, &out->g.plan);
  out->plan = out->g.plan;
  return status;
}

void loss_graph_release(loss_graph *graph) { one_graph_end(&graph->g); }
