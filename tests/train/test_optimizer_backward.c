/* SPDX-License-Identifier: BSD-3-Clause
 * Steps of large parameters within the backward pass: the same bits as a step after it. */
#include <math.h>
#include <ritz/operator.h>
#include <string.h>

#include "graph/plan.h"
#include "loss_cases.h"
#include "one_graph.h"
#include "optimizer_setup.h"

/* More modes than the first axis has: rows of weights without a mode. */
static const char small[] = "{\"n_modes\": [16, 6], \"hidden_channels\": 20, \"n_layers\": 3}";
/* Three samples, of which one thread or three do whole ones, and two share each. */
static const char box[] = "{\"n_modes\": [4, 6, 6], \"hidden_channels\": 9, \"n_layers\": 3}";

typedef struct problem {
  one_graph g;
  ritz_operator *op;
  ritz_params *params; /* of g */
  ritz_plan *plan;
  ritz_optimizer *optimizer;
  ritz_var x;
} problem;

static void fill(problem *p, ritz_var var, uint32_t stream) {
  const ritz_shape shape = ritz_var_shape(var);
  fill_uniform_as(ritz_params_dtype(p->params), stream, ritz_shape_count(&shape),
                  ritz_plan_value(p->plan, var));
}

/* An FNO of two or three dimensions, applied so many times, and its relative L2 loss. */
static problem make_problem(ritz_dtype dtype, int threads, const char *op, int times,
                            const char *optimizer, const char *yaml) {
  const ritz_shape shape = op == box ? RITZ_SHAPE(3, 6, 10, 8, 1) : RITZ_SHAPE(3, 14, 11, 1);
  const ritz_plan_options options = {.gradients = true};
  problem p = {.g = one_graph_with_threads(dtype, 1, threads)};
  ritz_graph *graph = p.g.graph;
  p.params = p.g.params;
  assert_ok(ritz_operator_create(p.g.context, "fno", op, &p.op));
  ritz_var y = p.x = ritz_input(graph, "x", shape);
  for (int i = 0; i < times; i++) y = ritz_operator_build(p.op, graph, p.params, y);
  const ritz_var truth = ritz_input(graph, "truth", ritz_var_shape(y));
  const ritz_var loss = ritz_loss(graph, loss_named("rel_l2"), y, truth, NULL);
  one_graph_plan(&p.g, 1, &loss, &options);
  p.plan = p.g.plan;
  fill(&p, p.x, 1);
  fill(&p, truth, 2);
  p.optimizer = optimizer_from(p.g.context, p.params, optimizer, yaml);
  return p;
}

static void clear_problem(problem *p) {
  ritz_optimizer_destroy(&p->optimizer);
  ritz_operator_destroy(&p->op);
  one_graph_end(&p->g);
}

static void step(problem *p, bool at_once) {
  const void *gradient = ritz_plan_parameter_gradient(p->plan);
  ritz_plan_forward(p->plan);
  if (at_once)
    assert_ok(ritz_optimizer_backward(p->optimizer, p->plan, 0.01));
  else
    ritz_plan_backward(p->plan);
  assert_ok(ritz_optimizer_check(p->optimizer, gradient));
  assert_ok(ritz_optimizer_step(p->optimizer, 0.01, gradient));
}

static int streamed(const problem *p) {
  int count = 0;
  for (int i = 0; i < ritz_params_count(p->params); i++) count += ritz_plan_streamed(p->plan)[i];
  return count;
}

/* Whether the gradients of streamed parameters are all zeros, as before the first run. */
static bool never_written(const problem *p) {
  for (int i = 0; i < ritz_params_count(p->params); i++) {
    const ritz_param_info *info = ritz_params_info(p->params, i);
    for (ritz_index k = 0; ritz_plan_streamed(p->plan)[i] && k < info->count; k++)
      if (ritz_number_get(ritz_params_dtype(p->params), ritz_plan_parameter_gradient(p->plan),
                          info->offset + k) != 0)
        return false;
  }
  return true;
}

static void compare(ritz_dtype dtype, const char *op, int times, const char *optimizer,
                    const char *yaml, int want, bool written) {
  problem apart = make_problem(dtype, 1, op, times, optimizer, yaml);
  const size_t bytes = (size_t)ritz_params_length(apart.params) * ritz_dtype_size(dtype);
  for (int k = 0; k < 3; k++) step(&apart, false);
  for (int threads = 1; threads <= 3; threads++) {
    problem p = make_problem(dtype, threads, op, times, optimizer, yaml);
    assert_int_equal(streamed(&p), want);
    for (int k = 0; k < 3; k++) step(&p, true);
    assert_memory_equal(ritz_params_data(p.params), ritz_params_data(apart.params), bytes);
    assert_int_equal(ritz_optimizer_steps(p.optimizer), 3);
    assert_int_equal(never_written(&p), !written);
    step(&p, false); /* one after the other is the same too */
    step(&p, true);
    problem again = make_problem(dtype, threads, op, times, optimizer, yaml);
    for (int k = 0; k < 5; k++) step(&again, false);
    assert_memory_equal(ritz_params_data(p.params), ritz_params_data(again.params), bytes);
    clear_problem(&again);
    clear_problem(&p);
  }
  clear_problem(&apart);
}

static void steps_are_the_same_bits(void **state) {
  int count;
  const ritz_optimizer_type *const *type = ritz_optimizer_types(&count);
  for (int i = 0; i < count; i++) compare(RITZ_FLOAT32, small, 1, type[i]->name, "{}", 3, false);
  compare(RITZ_FLOAT64, small, 1, "adamw", "{weight_decay: 0.1}", 3, false);
  compare(RITZ_FLOAT32, box, 1, "adamw", "{}", 3, false);
  compare(RITZ_FLOAT32, small, 1, "adam", "{weight_decay: 0.1, complex: parts}", 3, false);
}

/* All of the gradient is wanted first. */
static void a_clipped_step_waits(void **state) {
  compare(RITZ_FLOAT32, small, 1, "adamw", "{clip_norm: 0.5}", 3, true);
}

/* A second use of a parameter adds to its gradient; factors have maps in front. */
static void shared_parameters_wait(void **state) {
  compare(RITZ_FLOAT32, small, 2, "adamw", "{}", 0, false);
  compare(RITZ_FLOAT32,
          "{\"n_modes\": [8, 6], \"hidden_channels\": 12, \"n_layers\": 1, "
          "\"factorization\": \"tucker\", \"rank\": 0.3}",
          1, "adamw", "{}", 0, false);
}

/* The same number is named, in the middle of a parameter that has been stepped or not. */
static void a_gradient_that_is_not_finite_is_named(void **state) {
  char message[2][512];
  for (int at_once = 0; at_once < 2; at_once++) {
    problem p = make_problem(RITZ_FLOAT32, 2, small, 1, "adamw", "{}");
    ((float *)ritz_plan_value(p.plan, p.x))[5] = NAN;
    ritz_plan_forward(p.plan);
    if (at_once)
      assert_ok(ritz_optimizer_backward(p.optimizer, p.plan, 0.01));
    else
      ritz_plan_backward(p.plan);
    /* Of these alone. */
    char *gradient = ritz_plan_parameter_gradient(p.plan);
    for (int i = 0; i < ritz_params_count(p.params); i++) {
      const ritz_param_info *info = ritz_params_info(p.params, i);
      if (!ritz_plan_streamed(p.plan)[i])
        memset(gradient + (size_t)info->offset * sizeof(float), 0,
               (size_t)info->count * sizeof(float));
    }
    assert_int_equal(ritz_optimizer_check(p.optimizer, gradient), RITZ_ERR_NUMERIC);
    strncpy(message[at_once], ritz_error_message(), 511);
    clear_problem(&p);
  }
  assert_string_equal(message[0], message[1]);
  assert_non_null(strstr(message[0], "is nan"));
}

static void a_bad_rate_is_refused_before_anything_runs(void **state) {
  problem p = make_problem(RITZ_FLOAT32, 1, small, 1, "adamw", "{}");
  ritz_plan_forward(p.plan);
  assert_int_equal(ritz_optimizer_backward(p.optimizer, p.plan, -1), RITZ_ERR_ARGUMENT);
  assert_int_equal(ritz_optimizer_steps(p.optimizer), 0);
  clear_problem(&p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(steps_are_the_same_bits),
      cmocka_unit_test(a_clipped_step_waits),
      cmocka_unit_test(shared_parameters_wait),
      cmocka_unit_test(a_gradient_that_is_not_finite_is_named),
      cmocka_unit_test(a_bad_rate_is_refused_before_anything_runs),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
