/* SPDX-License-Identifier: BSD-3-Clause
 * Losses at the edge: zero truth, no error, numbers that are not finite, misuse, no memory. */
#include <math.h>

#include "allocations.h"
#include "gradient.h"
#include "io/yaml.h"
#include "loss_formula.h"

static void a_truth_of_zero_is_divided_by_eps(void **state) {
  loss_case c = loss_case_of("rel_l2", RITZ_SHAPE(2, 5, 4, 3));
  c.truth_scale = 0;
  check_loss_values(&c);
  check_gradients(c.shape, build_loss, &c);
  c.name = "h1_per_channel";
  check_loss_values(&c);
}

/* Where prediction = truth the norm has no derivative; zero is the subgradient to take. */
static void a_perfect_prediction_has_no_gradient(void **state) {
  int count;
  const ritz_loss_type *const *types = ritz_loss_types(&count);
  for (int t = 0; t < count; t++) {
    if (!ritz_loss_has_gradient(types[t])) continue;
    const loss_case c = loss_case_of(types[t]->name, RITZ_SHAPE(2, 5, 2));
    loss_graph g;
    assert_ok(loss_graph_plan(&c, RITZ_FLOAT32, true, &g));
    fill_uniform_as(RITZ_FLOAT32, 4, 20, ritz_plan_value(g.plan, g.prediction));
    fill_uniform_as(RITZ_FLOAT32, 4, 20, ritz_plan_value(g.plan, g.truth));
    ritz_plan_forward(g.plan);
    ritz_plan_backward(g.plan);
    for (int b = 0; b < 2; b++) assert_true(((float *)ritz_plan_value(g.plan, g.loss))[b] == 0);
    for (int i = 0; i < 20; i++) {
      assert_true(((const float *)ritz_plan_input_gradient(g.plan, g.prediction))[i] == 0);
      assert_true(((const float *)ritz_plan_input_gradient(g.plan, g.truth))[i] == 0);
    }
    loss_graph_release(&g);
  }
}

static void a_nan_reaches_the_loss_of_its_sample_only(void **state) {
  int count;
  const ritz_loss_type *const *types = ritz_loss_types(&count);
  for (int t = 0; t < count; t++)
    for (int place = 0; place < 2 * 134; place += 19) {
      const loss_case c = loss_case_of(types[t]->name, RITZ_SHAPE(2, 67, 2));
      loss_graph g;
      assert_ok(loss_graph_plan(&c, RITZ_FLOAT32, false, &g));
      fill_uniform_as(RITZ_FLOAT32, 4, 268, ritz_plan_value(g.plan, g.prediction));
      fill_uniform_as(RITZ_FLOAT32, 5, 268, ritz_plan_value(g.plan, g.truth));
      ((float *)ritz_plan_value(g.plan, g.prediction))[place] = NAN;
      ritz_plan_forward(g.plan);
      const float *value = ritz_plan_value(g.plan, g.loss);
      assert_true(isnan(value[place / 134]));
      assert_true(isfinite(value[1 - place / 134]));
      loss_graph_release(&g);
    }
}

static ritz_status status_of(const loss_case *c, bool gradients) {
  loss_graph g;
  const ritz_status status = loss_graph_plan(c, RITZ_FLOAT32, gradients, &g);
  loss_graph_release(&g);
  return status;
}

static void misuse_is_named(void **state) {
  loss_case c = loss_case_of("rel_h1", RITZ_SHAPE(2, 8, 3, 1));
  assert_ok(status_of(&c, true));
  c.truth_shape = RITZ_SHAPE(2, 8, 3, 2);
  assert_int_equal(status_of(&c, false), RITZ_ERR_SHAPE);
  assert_message_contains("loss rel_h1: prediction is [2, 8, 3, 1], truth is [2, 8, 3, 2]");
  c.truth_shape = c.shape;
  c.options.periodic = false;
  assert_int_equal(status_of(&c, false), RITZ_ERR_SHAPE);
  assert_message_contains("grid axis 1 has 3 points");
  c = loss_case_of("l2", RITZ_SHAPE(2, 8, 3, 1));
  c.options.lengths.count = 3;
  assert_int_equal(status_of(&c, false), RITZ_ERR_ARGUMENT);
  assert_message_contains("3 lengths for 2 grid axes");
  c.options.lengths = (ritz_reals){.count = 1, .v = {-1}};
  assert_int_equal(status_of(&c, false), RITZ_ERR_ARGUMENT);
  c = loss_case_of("l2", RITZ_SHAPE(2, 8));
  assert_int_equal(status_of(&c, false), RITZ_ERR_SHAPE);
  c = loss_case_of("rel_max", RITZ_SHAPE(2, 8, 1));
  assert_ok(status_of(&c, false));
  assert_int_equal(status_of(&c, true), RITZ_ERR_UNSUPPORTED);
  assert_message_contains("rel_max is a metric");
  c = loss_case_of("rel_l2", RITZ_SHAPE(2, 8, 1));
  c.construct = ritz_loss_by_channel;
  assert_int_equal(status_of(&c, true), RITZ_ERR_UNSUPPORTED);
  assert_message_contains("rel_l2 by channel is a metric");
  const ritz_loss_type *type;
  assert_int_equal(ritz_loss_type_find("rel_l3", &type), RITZ_ERR_NOT_FOUND);
  assert_message_contains("rel_l");
}

static void options_are_read_by_type(void **state) {
  ritz_value *map;
  ritz_loss_options options;
  assert_ok(ritz_yaml_read_text("{lengths: [2, 1], periodic: false}", "loss", &map));
  assert_ok(ritz_loss_options_read(loss_named("rel_h1"), map, &options));
  assert_int_equal(options.lengths.count, 2);
  assert_near(options.lengths.v[0], 2, 0);
  assert_near(options.eps, 1e-8, 0);
  assert_false(options.periodic);
  assert_int_equal(ritz_loss_options_read(loss_named("rel_l2"), map, &options), RITZ_ERR_CONFIG);
  assert_message_contains("lengths");
  ritz_value_destroy(&map);
  assert_ok(ritz_loss_options_read(loss_named("mse"), NULL, &options));
  assert_true(options.periodic);
}

static ritz_status plan_loss(ritz_graph *g, const char *name, ritz_var x, ritz_var y,
                             ritz_plan **plan) {
  const ritz_var loss = ritz_loss(g, loss_named(name), x, y, NULL);
  const ritz_plan_options options = {.gradients = true, .input_gradients = true};
  return ritz_graph_plan(g, 1, &loss, &options, plan);
}

static void survive_failed_allocations(const char *name) {
  const ritz_shape shape = RITZ_SHAPE(2, 8, 3, 1);
  for (int k = 0;; k++) {
    one_graph t = one_graph_begin(RITZ_FLOAT32, 1);
    ritz_var x = ritz_input(t.graph, "x", shape), y = ritz_input(t.graph, "y", shape);
    const bool fails = creation_fails(k, t.plan, plan_loss(t.graph, name, x, y, &t.plan));
    one_graph_end(&t);
    if (!fails) break;
  }
}

static void every_failed_allocation_is_survived(void **state) {
  survive_failed_allocations("rel_h1");
  survive_failed_allocations("rel_h1_fourier");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_truth_of_zero_is_divided_by_eps),
      cmocka_unit_test(a_perfect_prediction_has_no_gradient),
      cmocka_unit_test(a_nan_reaches_the_loss_of_its_sample_only),
      cmocka_unit_test(misuse_is_named),
      cmocka_unit_test(options_are_read_by_type),
      cmocka_unit_test(every_failed_allocation_is_survived),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
