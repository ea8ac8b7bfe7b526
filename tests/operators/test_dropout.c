/* SPDX-License-Identifier: BSD-3-Clause
 * Dropout, alone and in the channel MLP of the operator fno. */
#include <math.h>
#include <stdlib.h>

#include "gradient.h"
#include "graph/op.h"
#include "one_graph.h"

/* A plan in training with dropout of seed `seed`, and the way to run it. */
typedef struct trained {
  one_graph g;
  ritz_plan *plan; /* of g */
  ritz_var x, y;
  ritz_index count;
} trained;

static trained plan_training(ritz_dtype dtype, int threads, ritz_shape shape, uint64_t seed,
                             gradient_builder *build, const void *config) {
  const ritz_plan_options options = {.gradients = true, .input_gradients = true};
  trained t = {.g = one_graph_with_threads(dtype, 5, threads)};
  ritz_graph_set_training(t.g.graph, true, seed);
  t.x = ritz_input(t.g.graph, "x", shape);
  t.y = build(t.g.graph, t.g.params, t.x, config);
  one_graph_plan(&t.g, 1, &t.y, &options);
  t.plan = t.g.plan;
  t.count = ritz_shape_count(&t.y->shape);
  return t;
}

static void release(trained *t) { one_graph_end(&t->g); }

/* Output of a run in double, malloc'ed. */
static double *run(trained *t, uint64_t number) {
  double *y = malloc((size_t)t->count * sizeof *y);
  ritz_plan_set_run(t->plan, number);
  ritz_plan_forward(t->plan);
  for (ritz_index i = 0; i < t->count; i++)
    y[i] = ritz_number_get(t->y->graph->dtype, ritz_plan_value(t->plan, t->y), i);
  return y;
}

static const double rate = 0.3;

static ritz_var only_dropout(ritz_graph *g, ritz_params *p, ritz_var x, const void *config) {
  return ritz_dropout(g, x, rate);
}

static trained plan_mask(ritz_dtype dtype, int threads, uint64_t seed) {
  trained t = plan_training(dtype, threads, RITZ_SHAPE(3, 101, 107, 3), seed, only_dropout, NULL);
  for (ritz_index i = 0; i < t.count; i++)
    ritz_number_set(dtype, ritz_plan_value(t.plan, t.x), i, 1);
  return t;
}

/* Numbers are 0 or 1 / (1 - rate); their mean errs by sqrt(rate / (1 - rate) / count). */
static void the_mean_is_preserved(void **state) {
  for (ritz_dtype dtype = RITZ_FLOAT32; dtype <= RITZ_FLOAT64; dtype++) {
    trained t = plan_mask(dtype, 2, 11);
    for (uint64_t number = 0; number < 3; number++) {
      double *y = run(&t, number), mean = 0, pairs = 0;
      for (ritz_index i = 0; i < t.count; i++) {
        assert_true(y[i] == 0 || fabs(y[i] - 1 / (1 - rate)) < 1e-6);
        mean += y[i] / (double)t.count;
        if (i > 0) pairs += y[i] * y[i - 1] / (double)(t.count - 1);
      }
      const double deviation = sqrt(rate / (1 - rate) / (double)t.count);
      assert_near(mean, 1, 5 * deviation);
      assert_near(pairs, 1, 12 * deviation); /* neighbours are independent */
      free(y);
    }
    release(&t);
  }
}

static ritz_index differing(ritz_index count, const double *a, const double *b) {
  ritz_index n = 0;
  for (ritz_index i = 0; i < count; i++) n += a[i] != b[i];
  return n;
}

/* Two independent masks differ in 2 rate (1 - rate) of their numbers: 42 %. */
static void masks_depend_on_run_and_seed_only(void **state) {
  trained one = plan_mask(RITZ_FLOAT32, 1, 11), two = plan_mask(RITZ_FLOAT64, 2, 11),
          other = plan_mask(RITZ_FLOAT32, 1, 12);
  double *a = run(&one, 4), *b = run(&two, 4), *next = run(&one, 5), *seed = run(&other, 4),
         *again = run(&one, 4);
  for (ritz_index i = 0; i < one.count; i++) assert_int_equal(a[i] == 0, b[i] == 0);
  assert_memory_equal(a, again, (size_t)one.count * sizeof *a);
  const double expected = 2 * rate * (1 - rate) * (double)one.count;
  assert_near((double)differing(one.count, a, next), expected, 0.02 * expected);
  assert_near((double)differing(one.count, a, seed), expected, 0.02 * expected);
  free(a), free(b), free(next), free(seed), free(again);
  release(&one), release(&two), release(&other);
}

/* The backward pass drops what the forward pass dropped: for ones in and out the same numbers. */
static void the_backward_pass_uses_the_same_mask(void **state) {
  trained t = plan_mask(RITZ_FLOAT64, 2, 11);
  double *y = run(&t, 9);
  ritz_plan_backward(t.plan);
  assert_memory_equal(y, ritz_plan_input_gradient(t.plan, t.x), (size_t)t.count * sizeof *y);
  free(y);
  release(&t);
}

#define FNO "n_modes: [6, 6], hidden_channels: 8, n_layers: 2"

static void fno_drops_in_training_only(void **state) {
  const ritz_shape x = {4, {2, 13, 17, 1}};
  const operator_case plain = {"fno", "{" FNO "}", x, true},
                      off = {"fno", "{" FNO ", channel_mlp_dropout: 0.5}", x, false},
                      on = {"fno", "{" FNO ", channel_mlp_dropout: 0.5}", x, true};
  graph_result a = run_graph(RITZ_FLOAT32, 1, x, build_operator, &plain);
  graph_result b = run_graph(RITZ_FLOAT32, 1, x, build_operator, &off);
  graph_result c = run_graph(RITZ_FLOAT32, 1, x, build_operator, &on);
  assert_memory_equal(a.y, b.y, (size_t)a.y_count * sizeof *a.y);
  assert_memory_equal(a.gradient, b.gradient, (size_t)a.gradient_count * sizeof *a.gradient);
  assert_true(relative_error(a.y_count, c.y, a.y) > 1e-3);
  graph_result_free(&a), graph_result_free(&b), graph_result_free(&c);
}

static void runs_of_a_training_fno_differ_and_repeat(void **state) {
  const ritz_shape shape = {4, {2, 33, 17, 1}};
  const operator_case c = {"fno", "{" FNO ", channel_mlp_dropout: 0.2}", shape, true};
  trained one = plan_training(RITZ_FLOAT32, 1, shape, 3, build_operator, &c);
  trained two = plan_training(RITZ_FLOAT32, 2, shape, 3, build_operator, &c);
  const ritz_index inputs = ritz_shape_count(&shape);
  fill_uniform_as(RITZ_FLOAT32, 1, inputs, ritz_plan_value(one.plan, one.x));
  fill_uniform_as(RITZ_FLOAT32, 1, inputs, ritz_plan_value(two.plan, two.x));
  double *first = run(&one, 0), *second = run(&one, 1), *same = run(&two, 0);
  assert_memory_equal(first, same, (size_t)one.count * sizeof *first);
  assert_true(relative_error(one.count, second, first) > 1e-3);
  free(first), free(second), free(same);
  release(&one), release(&two);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_mean_is_preserved),
      cmocka_unit_test(masks_depend_on_run_and_seed_only),
      cmocka_unit_test(the_backward_pass_uses_the_same_mask),
      cmocka_unit_test(fno_drops_in_training_only),
      cmocka_unit_test(runs_of_a_training_fno_differ_and_repeat),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
