/* SPDX-License-Identifier: BSD-3-Clause
 * Attention as an op: what it refuses, what it holds, special cases that must agree. Gradients are
 * checked with its samples (test_ops), numbers with its kernels (tests/kernels). */
#include <string.h>

#include "allocations.h"
#include "gradient.h"
#include "graph/op.h"
#include "one_graph.h"

/* -- Refusals ---------------------------------------------------------------------------------- */

typedef struct refusal {
  ritz_shape q, k, v, bias;
  ritz_index heads;
  ritz_attention_windows windows; /* none: attention over all tokens */
  ritz_status status;
  const char *message;
} refusal;

#define REFUSAL(...) \
  { __VA_ARGS__ }

static const refusal refusals[] = {
    REFUSAL({3, {2, 5, 6}}, {3, {2, 7, 6}}, {3, {2, 7, 6}}, {0}, 4, {.window = {0}}, RITZ_ERR_SHAPE,
            "4 heads do not divide"),
    REFUSAL({3, {2, 5, 6}}, {3, {2, 7, 3}}, {3, {2, 7, 6}}, {0}, 3, {.window = {0}}, RITZ_ERR_SHAPE,
            "k is [2, 7, 3]"),
    REFUSAL({3, {2, 5, 6}}, {3, {2, 7, 6}}, {3, {2, 8, 6}}, {0}, 3, {.window = {0}}, RITZ_ERR_SHAPE,
            "wanted the same tokens"),
    REFUSAL({3, {3, 5, 6}}, {3, {2, 7, 6}}, {3, {2, 7, 6}}, {0}, 3, {.window = {0}}, RITZ_ERR_SHAPE,
            "wanted the same batch"),
    REFUSAL({3, {2, 5, 6}}, {3, {2, 7, 6}}, {3, {2, 7, 6}}, {3, {5, 6, 3}}, 3, {.window = {0}},
            RITZ_ERR_SHAPE, "35 rows"),
    REFUSAL({3, {2, 6, 4}}, {3, {2, 6, 4}}, {3, {2, 6, 4}}, {0}, 1, {.window = {4}}, RITZ_ERR_SHAPE,
            "windows of 4 points"),
    REFUSAL({3, {2, 6, 4}}, {3, {2, 6, 4}}, {3, {2, 6, 4}}, {0}, 1, {.window = {3}, .shift = {3}},
            RITZ_ERR_ARGUMENT, "shift is 3"),
    REFUSAL({3, {2, 6, 4}}, {3, {2, 6, 4}}, {3, {2, 6, 4}}, {2, {6, 1}}, 1, {.window = {3}},
            RITZ_ERR_SHAPE, "wanted 5 rows"),
    REFUSAL({3, {2, 6, 4}}, {3, {2, 9, 4}}, {3, {2, 9, 4}}, {0}, 1, {.window = {3}}, RITZ_ERR_SHAPE,
            "k is [2, 9, 4]"),
    REFUSAL({2, {5, 4}}, {3, {2, 6, 4}}, {3, {2, 6, 4}}, {0}, 1, {.window = {3}, .shift = {1}},
            RITZ_ERR_ARGUMENT, "periodic"),
    REFUSAL({2, {5, 4}}, {3, {2, 6, 4}}, {3, {2, 6, 4}}, {2, {5, 1}}, 1, {.window = {3}},
            RITZ_ERR_ARGUMENT, "by position"),
    REFUSAL({4, {2, 2, 5, 4}}, {4, {2, 2, 3, 4}}, {4, {2, 2, 3, 4}}, {0}, 1, {.window = {3}},
            RITZ_ERR_SHAPE, "on a grid of 1"),
};

static void wrong_operands_are_named(void **state) {
  for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
    const refusal *r = &refusals[i];
    one_graph b = one_graph_begin(RITZ_FLOAT64, 1);
    ritz_attention_options o = {.heads = r->heads};
    if (r->bias.rank) o.bias = random_parameter(b.graph, b.params, "bias", r->bias, -1);
    ritz_var q = ritz_input(b.graph, "q", r->q), k = ritz_input(b.graph, "k", r->k);
    ritz_var v = ritz_input(b.graph, "v", r->v);
    ritz_var y = r->windows.window[0] ? ritz_window_attention(b.graph, q, k, v, &o, &r->windows)
                                      : ritz_attention(b.graph, q, k, v, &o);
    assert_null(y);
    assert_int_equal(ritz_graph_status(b.graph), r->status);
    assert_message_contains(r->message);
    one_graph_end(&b);
  }
}

/* -- Agreements -------------------------------------------------------------------------------- */

/* A forward run with random @p x. */
static void run_on(one_graph *b, int outputs, const ritz_var *output, ritz_var x) {
  one_graph_plan(b, outputs, output, NULL);
  fill_uniform(1, ritz_shape_count(&x->shape), ritz_plan_value(b->plan, x));
  ritz_plan_forward(b->plan);
}

/* One window is the whole grid, whatever its shift; the bias by position is that of the pairs. */
static void one_window_is_attention(void **state) {
  one_graph b = one_graph_begin(RITZ_FLOAT64, 1);
  ritz_var x = ritz_input(b.graph, "x", RITZ_SHAPE(2, 3, 5, 6));
  const ritz_attention_windows w = {.window = {3, 5}, .shift = {1, 2}};
  ritz_attention_options table = {
      .heads = 2, .bias = random_parameter(b.graph, b.params, "table", RITZ_SHAPE(5, 9, 2), -1)};
  ritz_attention_options pairs = {
      .heads = 2, .bias = random_parameter(b.graph, b.params, "pairs", RITZ_SHAPE(15, 15, 2), -1)};
  const double *from = one_graph_parameter(&b, "table");
  double *to = one_graph_parameter(&b, "pairs");
  for (int i = 0; i < 15; i++)
    for (int j = 0; j < 15; j++)
      for (int h = 0; h < 2; h++)
        to[(i * 15 + j) * 2 + h] = from[((i / 5 - j / 5 + 2) * 9 + i % 5 - j % 5 + 4) * 2 + h];
  const ritz_var y[2] = {ritz_window_attention(b.graph, x, x, x, &table, &w),
                         ritz_attention(b.graph, x, x, x, &pairs)};
  run_on(&b, 2, y, x);
  assert_true(relative_error(2 * 15 * 6, ritz_plan_value(b.plan, y[0]),
                             ritz_plan_value(b.plan, y[1])) < 1e-14);
  one_graph_end(&b);
}

/* Without a mask and without a bias, windows move with a periodic field. */
static void shifted_windows_follow_the_field(void **state) {
  enum { n = 12, c = 4, shift = 2 };
  double moved[n * c];
  for (int run = 0; run < 2; run++) {
    one_graph b = one_graph_begin(RITZ_FLOAT64, 1);
    ritz_var x = ritz_input(b.graph, "x", RITZ_SHAPE(1, n, c));
    const ritz_attention_windows w = {.window = {4}, .shift = {run ? shift : 0}, .periodic = true};
    const ritz_var y = ritz_window_attention(b.graph, x, x, x, NULL, &w);
    run_on(&b, 1, &y, x);
    double *in = ritz_plan_value(b.plan, x);
    const double *out = ritz_plan_value(b.plan, y);
    if (run == 0) {
      for (int i = 0; i < n * c; i++) moved[i] = out[(i + (n - shift) * c) % (n * c)];
    } else {
      double field[n * c];
      memcpy(field, in, sizeof field);
      for (int i = 0; i < n * c; i++) in[i] = field[(i + (n - shift) * c) % (n * c)];
      ritz_plan_forward(b.plan);
      assert_true(relative_error(n * c, out, moved) < 1e-14);
    }
    one_graph_end(&b);
  }
}

/* -- Memory ------------------------------------------------------------------------------------ */

static ritz_status plan_of_tokens(ritz_context *context, ritz_index tokens, ritz_plan **plan) {
  ritz_graph *g;
  *plan = NULL;
  ritz_status status = ritz_graph_create(context, RITZ_FLOAT32, &g);
  if (status != RITZ_OK) return status;
  ritz_var x = ritz_input(g, "x", RITZ_SHAPE(1, tokens, 16));
  const ritz_attention_windows w = {.window = {tokens / 4}, .shift = {1}};
  ritz_attention_options o = {.heads = 4};
  ritz_var y = ritz_window_attention(g, ritz_attention(g, x, x, x, &o), x, x, &o, &w);
  const ritz_plan_options options = {.gradients = true, .input_gradients = true};
  status = ritz_graph_plan(g, 1, &y, &options, plan);
  if (status != RITZ_OK) ritz_graph_destroy(&g);
  return status;
}

/* 8192 x 8192 scores of 4 heads would be 1 GiB. */
static void scores_are_never_stored(void **state) {
  ritz_context *context;
  ritz_plan *plan;
  assert_ok(ritz_context_create(NULL, &context));
  assert_ok(plan_of_tokens(context, 8192, &plan));
  assert_true(ritz_plan_memory(plan) < (size_t)64 << 20);
  ritz_plan_destroy(&plan);
  ritz_context_destroy(&context);
}

static void every_failing_allocation_is_survived(void **state) {
  ritz_context *context;
  ritz_plan *plan;
  assert_ok(ritz_context_create(NULL, &context));
  long k = 0;
  while (creation_fails(k, plan, plan_of_tokens(context, 8, &plan))) k++;
  assert_true(k > 10);
  ritz_plan_destroy(&plan);
  ritz_context_destroy(&context);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(wrong_operands_are_named),
      cmocka_unit_test(one_window_is_attention),
      cmocka_unit_test(shifted_windows_follow_the_field),
      cmocka_unit_test(scores_are_never_stored),
      cmocka_unit_test(every_failing_allocation_is_survived),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
