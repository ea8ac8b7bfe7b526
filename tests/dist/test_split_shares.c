/* SPDX-License-Identifier: BSD-3-Clause
 * Which weights the ranks of a split field share out. That a rank uses nothing else of them is seen
 * in every check_splits(). */
#include <string.h>

#include "core/memory.h"
#include "dist/layout.h"
#include "graph/plan.h"
#include "split_check.h"

enum { channels = 3 };

/* Layers in a row, with weights of their own or one for all, and how many modes they take. */
typedef struct layers {
  int count;
  bool same;
  ritz_index modes[2];
  bool real;       /* sines and cosines */
  bool maps;       /* mixing between maps that all modes share */
  bool fewer;      /* modes in the second layer */
  ritz_index want; /* shares of the first weight */
} layers;

static const layers cases[] = {
    {1, false, {4, 3}, .want = 12},
    {2, false, {4, 3}, .want = 12},
    {2, true, {4, 3}, .want = 12},
    {1, false, {1, 1}, .want = 1},
    {1, false, {3, 3}, .want = 0},
    {1, false, {4, 3}, .real = true, .want = 12},
    {1, false, {4, 3}, .maps = true, .want = 12},
    {2, true, {4, 3}, .fewer = true, .want = 0},
};
enum { case_count = sizeof cases / sizeof *cases };

/* W [4, 3, planes, 3, 3], or [1, 1, ...] where one mode is taken. */
static ritz_var build(ritz_graph *g, ritz_params *params, ritz_var x, const void *config) {
  const layers *l = config;
  ritz_spectral_options options = {.modes = {l->modes[0], l->modes[1]}};
  const ritz_index planes = l->real ? 1 : 2;
  const bool one = l->modes[0] == 1;
  const ritz_shape shape = RITZ_SHAPE(one ? 1 : 4, one ? 1 : 3, planes, channels, channels);
  for (int a = 0; l->real && a < 2; a++) options.transform[a] = RITZ_TRANSFORM_COSINE;
  ritz_var w = RITZ_NO_VAR, a = RITZ_NO_VAR;
  for (int i = 0; i < l->count; i++) {
    if (!l->same || i == 0)
      w = random_parameter(g, params, i ? "w1" : "w0", shape, l->real ? -1 : 2);
    if (l->fewer && i > 0) options.modes[0] = 3;
    if (l->maps) a = random_parameter(g, params, "a", RITZ_SHAPE(2, channels, channels), 0);
    x = ritz_mapped_spectral_conv(g, x, a, w, RITZ_NO_VAR, &options);
  }
  return x;
}

static ritz_index shares_of_first(const layers *l, bool split) {
  const ritz_index grid[] = {8, 9};
  const int parts[] = {size, 1};
  const ritz_shape shape = RITZ_SHAPE(1, 8, 9, channels);
  const ritz_plan_options options = {.gradients = true};
  ritz_layout *layout;
  ritz_params *params;
  ritz_graph *graph;
  ritz_plan *plan;
  assert_ok(ritz_layout_create(together, 2, grid, parts, NULL, &layout));
  assert_ok(ritz_params_create(together, RITZ_FLOAT64, 1, &params));
  assert_ok(ritz_graph_create(together, RITZ_FLOAT64, &graph));
  ritz_var x = split ? ritz_input_split(graph, "x", shape, layout) : ritz_input(graph, "x", shape);
  ritz_var y = build(graph, params, x, l);
  assert_ok(ritz_graph_outline(graph, 1, &y, &options, &plan));
  const ritz_index *shares = ritz_plan_shares(plan);
  const ritz_index first = shares[ritz_params_find(params, "w0")];
  if (l->maps) assert_int_equal(shares[ritz_params_find(params, "a")], 0);
  ritz_plan_destroy(&plan);
  ritz_params_destroy(&params);
  ritz_layout_destroy(&layout);
  return first;
}

static void modes_in_order_are_shared_out(void **state) {
  for (int i = 0; i < case_count; i++) {
    assert_int_equal(shares_of_first(&cases[i], true), cases[i].want);
    assert_int_equal(shares_of_first(&cases[i], false), 0);
  }
}

static void ranks_use_their_own_modes_alone(void **state) {
  for (int i = 0; i < case_count; i++)
    check_splits("spectral_conv", (ritz_shape)RITZ_SHAPE(2, 8, 9, channels), build, &cases[i]);
}

enum { most = 1 << 14 };

/* y, gx and gW of two layers by whole lines, with so many threads. @return  Numbers. */
static ritz_index run_lines(int threads, double *out) {
  const ritz_index grid[] = {8, 9};
  const ritz_plan_options options = {.gradients = true, .input_gradients = true};
  ritz_layout *layout;
  ritz_params *params;
  ritz_graph *graph;
  ritz_plan *plan;
  together->threads = threads;
  assert_ok(ritz_layout_create(together, 2, grid, (int[]){size, 1}, NULL, &layout));
  assert_ok(ritz_params_create(together, RITZ_FLOAT64, 1, &params));
  assert_ok(ritz_graph_create(together, RITZ_FLOAT64, &graph));
  graph->modes_way = RITZ_MODES_LINES;
  ritz_var x = ritz_input_split(graph, "x", (ritz_shape)RITZ_SHAPE(2, 8, 9, channels), layout);
  ritz_var y = build(graph, params, x, &cases[1]);
  assert_ok(ritz_graph_plan(graph, 1, &y, &options, &plan));
  const ritz_shape part = ritz_var_part(x);
  const ritz_index n = ritz_shape_count(&part), w = ritz_params_length(params);
  double *field = ritz_plan_value(plan, x), *cotangent = ritz_plan_cotangent(plan);
  for (ritz_index i = 0; i < n; i++) field[i] = cotangent[i] = (double)(i * i % 17) - 8;
  ritz_plan_forward(plan);
  ritz_plan_backward(plan);
  assert_ok(ritz_plan_status(plan));
  assert_true(2 * n + w <= most);
  memcpy(out, ritz_plan_value(plan, y), (size_t)n * sizeof *out);
  memcpy(out + n, ritz_plan_input_gradient(plan, x), (size_t)n * sizeof *out);
  memcpy(out + 2 * n, ritz_plan_parameter_gradient(plan), (size_t)w * sizeof *out);
  ritz_plan_destroy(&plan);
  ritz_params_destroy(&params);
  ritz_layout_destroy(&layout);
  together->threads = 1;
  return 2 * n + w;
}

static void threads_change_no_bit_of_lines(void **state) {
  static double one[most], two[most];
  const ritz_index count = run_lines(1, one);
  assert_int_equal(run_lines(2, two), count);
  assert_memory_equal(one, two, (size_t)count * sizeof *one);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(modes_in_order_are_shared_out),
      cmocka_unit_test(ranks_use_their_own_modes_alone),
      cmocka_unit_test(threads_change_no_bit_of_lines),
  };
  return run_split_tests(sizeof tests / sizeof *tests, tests);
}
