/* SPDX-License-Identifier: BSD-3-Clause
 * Every op of ops.def on fields that are split over ranks: the sample graphs of tests/graph give
 * what they give on one rank, outputs and gradients alike, however the grid is cut. */
#include <string.h>

#include "../graph/every_sample.h"
#include "dist/layout.h"
#include "split_check.h"

static const ritz_shape shapes[] = {{3, {2, 17, 3}},       /* 1-D, prime */
                                    {4, {3, 5, 7, 4}},     /* 2-D */
                                    {4, {1, 13, 11, 5}},   /* several parts of several tiles */
                                    {5, {1, 4, 5, 6, 2}}}; /* 3-D */

/* Boxes are no parts of a field: what is fetched shows in all other samples. */
static bool shows_fields(const char *name) { return strcmp(name, "fetch") != 0; }

static void every_op_gives_what_it_gives_on_one_rank(void **state) {
  for (int s = 0; s < sample_count; s++)
    for (size_t i = 0; shows_fields(samples[s].name) && i < sizeof shapes / sizeof *shapes; i++)
      check_splits(samples[s].name, shapes[i], samples[s].build, NULL);
}

static ritz_var project(ritz_graph *g, ritz_params *p, const char *name, ritz_var x) {
  return ritz_linear(g, x, weight(g, p, name, channels(x), 10), RITZ_NO_VAR);
}

/* Queries of a field on a ring, with cosines; those that all ranks have, over a split field. */
static ritz_var attention_without_bias(ritz_graph *g, ritz_params *p, ritz_var x,
                                       const void *config) {
  ritz_attention_options o = {.heads = 2, .log_scale = vector(g, p, "tau", 2)};
  ritz_var v = project(g, p, "v", x);
  ritz_var y = ritz_attention(g, project(g, p, "q", x), project(g, p, "k", x), v, &o);
  ritz_var same = ritz_attention(g, v, v, v, &o);
  o = (ritz_attention_options){.heads = 2};
  ritz_var tokens = ritz_attention(g, weight(g, p, "latent", 3, 10), y, v, &o);
  return ritz_add(g, ritz_attention(g, same, tokens, tokens, &o), y);
}

static void attention_meets_the_keys_of_all_ranks(void **state) {
  for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
    check_splits("attention", shapes[i], attention_without_bias, NULL);
}

static void wrong_splits_latch_a_message(void **state) {
  ritz_context *alone;
  ritz_layout *layout;
  ritz_graph *g;
  const int parts[] = {size, 1};
  assert_ok(ritz_context_create(NULL, &alone));
  assert_ok(ritz_layout_create(together, 2, (ritz_index[]){8, 6}, parts, NULL, &layout));
  assert_ok(ritz_graph_create(together, RITZ_FLOAT64, &g));
  assert_null(ritz_input_split(g, "x", RITZ_SHAPE(2, 8, 7, 1), layout));
  assert_int_equal(ritz_graph_status(g), RITZ_ERR_SHAPE);
  assert_message_contains("[2, 8, 7, 1] cannot be split");
  ritz_graph_destroy(&g);
  assert_ok(ritz_graph_create(together, RITZ_FLOAT64, &g));
  assert_null(ritz_input_split(g, "x", RITZ_SHAPE(2, 8, 6, 1), NULL));
  assert_message_contains("no layout");
  ritz_graph_destroy(&g);
  if (parts[0] > 1) {
    assert_ok(ritz_graph_create(alone, RITZ_FLOAT64, &g));
    assert_null(ritz_input_split(g, "x", RITZ_SHAPE(2, 8, 6, 1), layout));
    assert_message_contains("other ranks");
    ritz_graph_destroy(&g);
  }
  ritz_layout_destroy(&layout);
  ritz_context_destroy(&alone);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_op_gives_what_it_gives_on_one_rank),
      cmocka_unit_test(attention_meets_the_keys_of_all_ranks),
      cmocka_unit_test(wrong_splits_latch_a_message),
  };
  return run_split_tests(sizeof tests / sizeof *tests, tests);
}
