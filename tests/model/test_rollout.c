/* SPDX-License-Identifier: BSD-3-Clause
 * Roll-outs: values step by step, gradients through all steps and with constant states. */
#include "model/rollout.h"

#include <ritz/predictor.h>

#include "gradient.h"
#include "graph/op.h"
#include "one_graph.h"
#include "small_model.h"

/* ---- an operator with one parameter: y = w x, or of two channels in the last one alone ---------
 */

static ritz_var scale_build(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  ritz_var w = ritz_parameter(g, p, (ritz_init){RITZ_INIT_CONSTANT, 3}, RITZ_SHAPE(1), -1, "w");
  return ritz_gate(g, ritz_slice(g, x, ritz_var_shape(x).n[2] - 1, 1), w);
}
static const ritz_operator_type scale_type = {.name = "scale", .build = scale_build};

/* dS/dw of the sum of the roll-out from the last channel 1 of a single point. */
static double slope(int channels, ritz_rollout rollout, double *value) {
  one_graph t = one_graph_begin(RITZ_FLOAT64, 0);
  const ritz_operator op = {.context = t.context, .type = &scale_type};
  ritz_var x = ritz_input(t.graph, "x", RITZ_SHAPE(1, 1, channels));
  ritz_var y = ritz_rollout_build(&op, t.graph, t.params, x, &rollout);
  assert_int_equal(ritz_var_shape(y).n[2], rollout.steps - rollout.first);
  one_graph_plan(&t, 1, &y, &(ritz_plan_options){.gradients = true});
  for (int c = 0; c < channels; c++) ((double *)ritz_plan_value(t.plan, x))[c] = c == channels - 1;
  ritz_plan_forward(t.plan);
  ritz_plan_backward(t.plan);
  *value = 0;
  for (ritz_index k = 0; k < rollout.steps - rollout.first; k++)
    *value += ((const double *)ritz_plan_value(t.plan, y))[k];
  const double result = ((const double *)ritz_plan_parameter_gradient(t.plan))[0];
  one_graph_end(&t);
  return result;
}

/* y_k = w^k: S = w + w^2 + w^3 with w = 3, and each step's w x with the state held. */
static void gradients_are_those_of_the_powers(void **state) {
  double value;
  for (int channels = 1; channels <= 2; channels++) {
    assert_near(slope(channels, (ritz_rollout){.steps = 3}, &value), 1 + 2 * 3 + 3 * 9, 1e-12);
    assert_near(value, 3 + 9 + 27, 1e-12);
    assert_near(slope(channels, (ritz_rollout){.steps = 3, .detach = true}, &value), 1 + 3 + 9,
                1e-12);
    assert_near(slope(channels, (ritz_rollout){.steps = 3, .first = 2}, &value), 27, 1e-12);
    assert_near(value, 27, 1e-12);
    assert_near(slope(channels, (ritz_rollout){.steps = 3, .first = 2, .detach = true}, &value), 9,
                1e-12);
  }
  assert_near(slope(1, (ritz_rollout){.steps = 13}, &value), 9964519, 1e-6); /* sum k 3^(k-1) */
}

/* ---- fno ---------------------------------------------------------------------------------------
 */

typedef struct rollout_case {
  const char *options;
  ritz_rollout rollout;
} rollout_case;

static ritz_var build_rollout(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  const rollout_case *c = config;
  ritz_operator *op;
  assert_ok(ritz_operator_create(g->context, "fno", c->options, &op));
  ritz_var y = ritz_rollout_build(op, g, p, x, &c->rollout);
  ritz_operator_destroy(&op);
  return y;
}

/* States of as many, more and fewer frames than a step gives; blocks that let x through, or its
 * gradient would drown in rounding after three steps. */
static void gradients_of_three_steps_match_central_differences(void **state) {
  static const rollout_case cases[] = {
      {"{n_modes: [4], in_channels: 2, out_channels: 2, hidden_channels: 8, n_layers: 1, "
       "lifting_channel_ratio: 0, fno_skip: identity}",
       {3, 0, false}},
      {"{n_modes: [4], in_channels: 2, out_channels: 1, hidden_channels: 8, n_layers: 1, "
       "lifting_channel_ratio: 0, fno_skip: identity}",
       {3, 0, false}},
      {"{n_modes: [4], in_channels: 2, out_channels: 3, hidden_channels: 8, n_layers: 1, "
       "lifting_channel_ratio: 0, fno_skip: identity}",
       {3, 1, false}},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    check_gradients(RITZ_SHAPE(2, 7, 2), build_rollout, &cases[i]);
}

/* Products of a run and its backward pass, of three steps of which the last one counts. */
static double products_of_three_steps(bool detach) {
  const rollout_case c = {"{n_modes: [4], in_channels: 2, out_channels: 2, hidden_channels: 8}",
                          {.steps = 3, .first = 2, .detach = detach}};
  one_graph t = one_graph_begin(RITZ_FLOAT64, 0);
  ritz_var y = build_rollout(t.graph, t.params, ritz_input(t.graph, "x", RITZ_SHAPE(2, 16, 2)), &c);
  one_graph_plan(&t, 1, &y, &(ritz_plan_options){.gradients = true});
  const double flops = ritz_plan_flops(t.plan);
  one_graph_end(&t);
  return flops;
}

/* Three runs and one backward pass instead of three: 3 + 2 to 3 + 6. */
static void constant_steps_have_no_backward_pass(void **state) {
  assert_near(products_of_three_steps(true) / products_of_three_steps(false), 5.0 / 9, 0.05);
}

static void the_predictor_goes_step_by_step(void **state) {
  enum { steps = 4, points = 9, most = 3 * steps };
  for (int out = 1; out <= 3; out++) {
    char options[128];
    ritz_context *context;
    ritz_operator *op;
    ritz_params *params;
    ritz_model *model;
    ritz_model_data data;
    ritz_predictor *one, *all;
    double x[points * 2], y[points * 3], whole[points * most];
    snprintf(options, sizeof options,
             "{n_modes: [4], in_channels: 2, out_channels: %d, hidden_channels: 5}", out);
    assert_ok(ritz_context_create(NULL, &context));
    assert_ok(ritz_operator_create(context, "fno", options, &op));
    assert_ok(ritz_params_create(context, RITZ_FLOAT64, 1, &params));
    assert_ok(ritz_model_data_init(&data, 1, (ritz_index[]){points}, 2, out));
    for (int side = 0; side < 2; side++)
      for (int c = 0; c < data.channels[side]; c++)
        data.mean[side][c] = 0.5, data.deviation[side][c] = 2;
    assert_ok(ritz_model_create(context, op, params, &data, &model));
    assert_ok(ritz_predictor_create(model, 1, (ritz_index[]){points}, 1, &one));
    assert_ok(ritz_predictor_create_rollout(model, 1, (ritz_index[]){points}, 1, steps, &all));
    fill_uniform(1, points * 2, x);
    assert_ok(ritz_predictor_run_f64(all, x, whole));
    for (int k = 0; k < steps; k++) {
      assert_ok(ritz_predictor_run_f64(one, x, y));
      for (int p = 0; p < points; p++) {
        double frames[5] = {x[2 * p], x[2 * p + 1]};
        for (int c = 0; c < out; c++) {
          frames[2 + c] = y[p * out + c];
          assert_near(whole[p * out * steps + k * out + c], y[p * out + c], 1e-12);
        }
        for (int c = 0; c < 2; c++) x[2 * p + c] = frames[out + c];
      }
    }
    ritz_predictor_destroy(&one);
    ritz_predictor_destroy(&all);
    ritz_model_destroy(&model);
    ritz_params_destroy(&params);
    ritz_context_destroy(&context);
  }
}

static void models_that_cannot_be_rolled_out_are_refused(void **state) {
  ritz_context *context;
  ritz_predictor *p;
  assert_ok(ritz_context_create(NULL, &context));
  ritz_model *model = small_model_create(context, RITZ_FLOAT32, 1, "");
  const ritz_index grid[] = {9};
  assert_int_equal(ritz_predictor_create_rollout(model, 1, grid, 1, 2, &p), RITZ_ERR_SHAPE);
  assert_message_contains("normalises x and y differently");
  assert_int_equal(ritz_predictor_create_rollout(model, 1, grid, 1, 0, &p), RITZ_ERR_ARGUMENT);
  assert_null(p);
  ritz_index steps;
  assert_int_equal(ritz_rollout_steps(model, small_out + 1, &steps), RITZ_ERR_SHAPE);
  assert_message_contains("whole number of steps");
  ritz_model_destroy(&model);
  ritz_context_destroy(&context);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gradients_are_those_of_the_powers),
      cmocka_unit_test(gradients_of_three_steps_match_central_differences),
      cmocka_unit_test(constant_steps_have_no_backward_pass),
      cmocka_unit_test(the_predictor_goes_step_by_step),
      cmocka_unit_test(models_that_cannot_be_rolled_out_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
