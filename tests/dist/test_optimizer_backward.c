/* SPDX-License-Identifier: BSD-3-Clause
 * Gradients that travel within the backward pass: the same bits as a sum after it. */
#include <ritz/operator.h>
#include <string.h>

#include "../train/optimizer_setup.h"
#include "graph/plan.h"
#include "loss_cases.h"
#include "ranks_train.h"

/* An FNO whose weights fill several buckets, and the loss of this rank's samples. */
static const char wide[] = "{\"n_modes\": [16, 16], \"hidden_channels\": 32, \"n_layers\": 3}";

typedef struct problem {
  ritz_operator *op;
  ritz_params *params;
  ritz_plan *plan;
  ritz_optimizer *optimizer;
} problem;

static void fill(problem *p, ritz_var var, uint32_t stream) {
  const ritz_shape shape = ritz_var_shape(var);
  fill_uniform_as(ritz_params_dtype(p->params), 100 * stream + (uint32_t)rank,
                  ritz_shape_count(&shape), ritz_plan_value(p->plan, var));
}

static problem make_problem(ritz_dtype dtype, const char *yaml) {
  const ritz_plan_options options = {.gradients = true};
  ritz_graph *graph;
  problem p;
  assert_ok(ritz_operator_create(single, "fno", wide, &p.op));
  assert_ok(ritz_params_create(single, dtype, 1, &p.params));
  assert_ok(ritz_graph_create(single, dtype, &graph));
  const ritz_var x = ritz_input(graph, "x", RITZ_SHAPE(1 + rank % 2, 18, 17, 1));
  const ritz_var y = ritz_operator_build(p.op, graph, p.params, x);
  const ritz_var truth = ritz_input(graph, "truth", ritz_var_shape(y));
  const ritz_var loss = ritz_loss(graph, loss_named("rel_l2"), y, truth, NULL);
  assert_ok(ritz_graph_plan(graph, 1, &loss, &options, &p.plan));
  fill(&p, x, 1);
  fill(&p, truth, 2);
  p.optimizer = optimizer_from(together, p.params, "adamw", yaml);
  return p;
}

static void clear_problem(problem *p) {
  ritz_optimizer_destroy(&p->optimizer);
  ritz_plan_destroy(&p->plan);
  ritz_params_destroy(&p->params);
  ritz_operator_destroy(&p->op);
}

static size_t bytes_of(const problem *p) {
  return (size_t)ritz_params_length(p->params) * ritz_dtype_size(ritz_params_dtype(p->params));
}

/* An idle rank has no pass and adds zeros. */
static void step(problem *p, bool on_the_way, bool idle) {
  void *gradient = ritz_plan_parameter_gradient(p->plan);
  ritz_plan_forward(p->plan);
  if (on_the_way && !idle) {
    assert_ok(ritz_optimizer_backward(p->optimizer, p->plan, 0.01));
  } else {
    ritz_plan_backward(p->plan);
    if (idle) memset(gradient, 0, bytes_of(p));
    assert_ok(ritz_optimizer_sum(p->optimizer, gradient));
  }
  assert_ok(ritz_optimizer_check(p->optimizer, gradient));
  assert_ok(ritz_optimizer_step(p->optimizer, 0.01, gradient));
}

static void compare(ritz_dtype dtype, const char *yaml, bool idle) {
  problem after = make_problem(dtype, yaml), ours = make_problem(dtype, yaml);
  assert_true(bytes_of(&ours) > (size_t)3 << 20);
  for (int k = 0; k < 3; k++) {
    step(&after, false, idle);
    step(&ours, true, idle);
    assert_memory_equal(ritz_params_data(ours.params), ritz_params_data(after.params),
                        bytes_of(&ours));
  }
  clear_problem(&after);
  clear_problem(&ours);
}

static void steps_are_the_same_bits(void **state) {
  compare(RITZ_FLOAT32, "{}", false);
  compare(RITZ_FLOAT64, "{}", false);
  compare(RITZ_FLOAT32, "{clip_norm: 0.5}", false);
}

static void a_rank_without_samples_joins_the_sum(void **state) {
  compare(RITZ_FLOAT32, "{}", size > 1 && rank == size - 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(steps_are_the_same_bits),
      cmocka_unit_test(a_rank_without_samples_joins_the_sum),
  };
  ranks_begin();
  return ranks_end(cmocka_run_group_tests(tests, NULL, NULL));
}
