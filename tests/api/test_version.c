/* SPDX-License-Identifier: BSD-3-Clause
 * The version at run time, and structs that have room for the fields of later ones. */
#include <ritz/ritz.h>
#include <stdio.h>
#include <string.h>

#include "one_context.h"
#include "small_model.h"

static void the_version_is_that_of_the_headers(void **state) {
  char text[32];
  snprintf(text, sizeof text, "%d.%d.%d", RITZ_VERSION_MAJOR, RITZ_VERSION_MINOR,
           RITZ_VERSION_PATCH);
  assert_string_equal(ritz_version(), text);
  assert_int_equal(ritz_version_number(), RITZ_VERSION_NUMBER);
}

/* The last word of what a caller fills, as a later version's field might be. */
#define LATER .reserved = {[RITZ_RESERVED - 1] = UINT64_C(1) << 63}

static void refused(ritz_status status, const char *what) {
  assert_int_equal(status, RITZ_ERR_ARGUMENT);
  assert_message_contains(what);
  assert_message_contains("a field is set that version");
}

static void fields_of_later_versions_are_refused(void **state) {
  ritz_context *no_context;
  const ritz_context_options context_options = {.threads = 1, LATER};
  refused(ritz_context_create(&context_options, &no_context), "context options");
  assert_null(no_context);

  ritz_krylov *solver;
  ritz_krylov_options krylov;
  ritz_krylov_options_defaults(&krylov);
  krylov.reserved[0] = 1;
  refused(ritz_krylov_create(RITZ_REAL_DOUBLE, 4, &krylov, &solver), "Krylov options");

  const ritz_index nodes[1] = {2};
  const double field[2] = {0};
  ritz_index order[1];
  const ritz_sequence_order_options orders = {.group = 1, LATER};
  refused(ritz_sequence_order(&orders, 1, 1, nodes, field, order), "sequence order options");
  const ritz_sequence sequence = {.chunk = 1, .workers = 1, LATER};
  refused(ritz_sequence_solve(&sequence, NULL), "sequence");

  ritz_layout *layout;
  ritz_split_diffusion *diffusion;
  ritz_split_options split;
  ritz_split_options_defaults(&split);
  split.reserved[0] = 1;
  assert_ok(ritz_layout_create(context, 2, (const ritz_index[]){4, 4}, (const int[]){1, 1}, NULL,
                               &layout));
  refused(ritz_split_diffusion_create(layout, (const double[]){1, 1}, &split, &diffusion),
          "split options");
  ritz_layout_destroy(&layout);

  ritz_train_options train;
  ritz_train_options_defaults(&train);
  train.reserved[1] = 1;
  refused(ritz_train(context, "none.yaml", &train), "train options");
}

static void so_are_those_of_problems(void **state) {
  const ritz_sparse_grid grid = {.dim = 1, .nodes = {4}, .length = {1}};
  ritz_sparse_grid later = grid;
  later.reserved[2] = 1;
  const ritz_elements of_later = {.grid = later}, problem = {.grid = grid, LATER};
  ritz_sparse *matrix;
  refused(ritz_sparse_from_elements(RITZ_REAL_DOUBLE, &of_later, NULL, &matrix), "grid");
  refused(ritz_sparse_from_elements(RITZ_REAL_DOUBLE, &problem, NULL, &matrix), "elements");

  const ritz_elements good = {.grid = grid};
  assert_ok(ritz_sparse_from_elements(RITZ_REAL_DOUBLE, &good, NULL, &matrix));
  ritz_model *model = small_model_create(context, RITZ_FLOAT64, 1, "");
  ritz_learned_preconditioner *learned;
  const ritz_learned_options options = {.safeguard = true, LATER};
  refused(ritz_learned_preconditioner_create(model, &grid, matrix, &options, &learned),
          "learned preconditioner options");
  ritz_model_destroy(&model);
  ritz_sparse_destroy(&matrix);
}

/* One op, whose options are refused when the graph is planned. */
typedef ritz_var add_op(ritz_graph *graph, ritz_var x, ritz_var w);

static ritz_var conv(ritz_graph *graph, ritz_var x, ritz_var w) {
  return ritz_conv(graph, x, w, RITZ_NO_VAR, &(ritz_conv_options){LATER});
}
static ritz_var conv_window(ritz_graph *graph, ritz_var x, ritz_var w) {
  return ritz_conv_transpose(graph, x, w, RITZ_NO_VAR, &(ritz_conv_options){.window = {LATER}});
}
static ritz_var max_pool(ritz_graph *graph, ritz_var x, ritz_var w) {
  return ritz_max_pool(graph, x, (ritz_index[]){2}, &(ritz_window_options){LATER});
}
static ritz_var average_pool(ritz_graph *graph, ritz_var x, ritz_var w) {
  return ritz_average_pool(graph, x, (ritz_index[]){2}, &(ritz_window_options){LATER}, false);
}
static ritz_var attention(ritz_graph *graph, ritz_var x, ritz_var w) {
  return ritz_attention(graph, x, x, x, &(ritz_attention_options){.heads = 1, LATER});
}
static ritz_var windows(ritz_graph *graph, ritz_var x, ritz_var w) {
  const ritz_attention_windows of = {.window = {4}, LATER};
  return ritz_window_attention(graph, x, x, x, NULL, &of);
}
static ritz_var spectral(ritz_graph *graph, ritz_var x, ritz_var w) {
  return ritz_spectral_conv(graph, x, w, &(ritz_spectral_options){.modes = {2}, LATER});
}
static ritz_var long_conv(ritz_graph *graph, ritz_var x, ritz_var w) {
  return ritz_long_conv(graph, x, w, &(ritz_long_conv_options){LATER});
}
static ritz_var linear_solve(ritz_graph *graph, ritz_var x, ritz_var w) {
  ritz_linear_solve_options options;
  ritz_linear_solve_options_defaults(&options);
  options.reserved[0] = 1;
  return ritz_linear_solve(graph, NULL, x, RITZ_NO_VAR, &options);
}

static void so_are_those_of_ops(void **state) {
  static const struct {
    add_op *add;
    const char *what;
  } ops[] = {{conv, "convolution options"},         {conv_window, "window options"},
             {max_pool, "window options"},          {average_pool, "window options"},
             {attention, "attention options"},      {windows, "attention windows"},
             {spectral, "spectral options"},        {long_conv, "long convolution options"},
             {linear_solve, "linear solve options"}};
  for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
    ritz_graph *graph;
    ritz_plan *plan;
    assert_ok(ritz_graph_create(context, RITZ_FLOAT64, &graph));
    ritz_var x = ritz_input(graph, "x", RITZ_SHAPE(1, 8, 1));
    ritz_var w = ritz_input(graph, "w", RITZ_SHAPE(3, 1, 1));
    ritz_var y = ops[i].add(graph, x, w);
    assert_null(y);
    refused(ritz_graph_plan(graph, 1, &y, NULL, &plan), ops[i].what);
    ritz_graph_destroy(&graph);
  }
}

static void so_are_those_of_plans(void **state) {
  ritz_graph *graph;
  ritz_plan *plan;
  const ritz_plan_options options = {LATER};
  assert_ok(ritz_graph_create(context, RITZ_FLOAT64, &graph));
  ritz_var x = ritz_input(graph, "x", RITZ_SHAPE(1, 8, 1));
  refused(ritz_graph_plan(graph, 1, &x, &options, &plan), "plan options");
  ritz_graph_destroy(&graph);
}

/* Where there are defaults, they leave the room as it should be. */
static void defaults_are_accepted(void **state) {
#define ZERO(type, fill)                                                      \
  do {                                                                        \
    type options;                                                             \
    memset(&options, 0xff, sizeof options);                                   \
    fill(&options);                                                           \
    for (int i = 0; i < RITZ_RESERVED; i++)                                   \
      if (options.reserved[i] != 0) fail_msg("%s leaves room filled", #fill); \
  } while (0)
  ZERO(ritz_context_options, ritz_context_options_defaults);
  ZERO(ritz_krylov_options, ritz_krylov_options_defaults);
  ZERO(ritz_learned_options, ritz_learned_options_defaults);
  ZERO(ritz_linear_solve_options, ritz_linear_solve_options_defaults);
  ZERO(ritz_plan_options, ritz_plan_options_defaults);
  ZERO(ritz_sequence_order_options, ritz_sequence_order_defaults);
  ZERO(ritz_split_options, ritz_split_options_defaults);
  ZERO(ritz_train_options, ritz_train_options_defaults);
  ZERO(ritz_attention_options, ritz_attention_options_defaults);
#undef ZERO
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_version_is_that_of_the_headers),
      cmocka_unit_test(fields_of_later_versions_are_refused),
      cmocka_unit_test(so_are_those_of_problems),
      cmocka_unit_test(so_are_those_of_ops),
      cmocka_unit_test(so_are_those_of_plans),
      cmocka_unit_test(defaults_are_accepted),
  };
  return cmocka_run_group_tests(tests, context_begin, context_end);
}
