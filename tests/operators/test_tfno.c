/* SPDX-License-Identifier: BSD-3-Clause
 * Ranks of factorised weights, and the operator tfno: published numbers, both implementations,
 * gradients. Outputs of the reference with all gradients are compared in tests/parity. */
#include <math.h>
#include <ritz/operator.h>
#include <stdio.h>

#include "golden.h"
#include "graph/op.h"
#include "one_graph.h"
#include "operator_checks.h"
#include "operators/tensor_weight.h"

/* Extents, share, ranks and complex numbers of the factors, as TensorLy chooses them. */
typedef struct rank_row {
  ritz_factorization kind;
  int order;
  ritz_index n[5];
  double share;
  int fixed; /* axis, or -1 */
  ritz_index rank[5], numbers;
} rank_row;

static const rank_row rank_rows[] = {
    {RITZ_TUCKER, 4, {32, 32, 16, 9}, 0.42, -1, {26, 26, 13, 7}, 63451},
    {RITZ_TUCKER, 4, {64, 64, 12, 7}, 0.1, -1, {35, 35, 7, 4}, 38892},
    {RITZ_TUCKER, 4, {64, 64, 12, 7}, 0.5, -1, {53, 53, 10, 6}, 175486},
    {RITZ_TUCKER, 4, {64, 64, 64, 33}, 0.1, -1, {36, 36, 36, 19}, 894003},
    {RITZ_TUCKER, 4, {64, 64, 64, 33}, 0.01, -1, {20, 20, 20, 10}, 84170},
    {RITZ_TUCKER, 4, {32, 32, 16, 9}, 1.0, -1, {32, 32, 16, 9}, 149841},
    {RITZ_TUCKER, 5, {64, 64, 16, 16, 9}, 0.4, -1, {53, 53, 13, 13, 7}, 3330310},
    {RITZ_TUCKER, 4, {9, 9, 5, 3}, 0.2, -1, {5, 5, 3, 2}, 261},
    {RITZ_TUCKER, 4, {4, 4, 4, 3}, 0.5, -1, {3, 3, 3, 2}, 96},
    {RITZ_TUCKER, 4, {32, 32, 16, 9}, 0.42, 0, {32, 24, 12, 7}, 66559},
    {RITZ_CP, 4, {32, 32, 16, 9}, 0.42, -1, {696}, 62640},
    {RITZ_CP, 4, {64, 64, 12, 7}, 0.1, -1, {234}, 34632},
    {RITZ_CP, 4, {64, 64, 64, 33}, 0.1, -1, {3845}, 868970},
    {RITZ_CP, 5, {64, 64, 16, 16, 9}, 0.4, -1, {22337}, 3797290},
    {RITZ_CP, 4, {9, 9, 5, 3}, 0.2, -1, {9}, 243},
    {RITZ_TT, 4, {32, 32, 16, 9}, 0.42, -1, {46, 34, 18}, 61474},
    {RITZ_TT, 4, {64, 64, 12, 7}, 0.1, -1, {29, 17, 4}, 34252},
    {RITZ_TT, 4, {64, 64, 12, 7}, 0.5, -1, {66, 39, 10}, 173710},
    {RITZ_TT, 4, {64, 64, 64, 33}, 0.01, -1, {27, 27, 21}, 85365},
    {RITZ_TT, 4, {32, 32, 16, 9}, 1.0, -1, {71, 53, 28}, 146684},
    {RITZ_TT, 5, {64, 64, 16, 16, 9}, 0.4, -1, {295, 184, 74, 58}, 3779850},
    {RITZ_TT, 4, {9, 9, 5, 3}, 0.2, -1, {5, 4, 2}, 271},
    {RITZ_TT, 4, {4, 4, 4, 3}, 0.5, -1, {3, 3, 3}, 93},
};

static void ranks_are_the_published_ones(void **state) {
  for (size_t i = 0; i < sizeof rank_rows / sizeof *rank_rows; i++) {
    const rank_row *row = &rank_rows[i];
    const ritz_reals share = {.count = 1, .v = {row->share}};
    const ritz_ints fixed = {.count = row->fixed >= 0, .n = {row->fixed}};
    ritz_index rank[RITZ_TENSOR_AXES] = {0};
    assert_ok(ritz_tensor_ranks(row->kind, row->order, row->n, &share, &fixed, rank));
    for (int k = 0; k < 5; k++) assert_int_equal(rank[k], row->rank[k]);
    assert_int_equal(ritz_tensor_numbers(row->kind, row->order, row->n, rank), row->numbers);
  }
}

#define BASE "n_modes: [4, 4], hidden_channels: 4, n_layers: 2, rank: 0.5"

static const golden_table table = {"tfno", 1.5, true};
static const golden_row rows[] = {
    GOLDEN_ROW("tucker", BASE ", factorization: Tucker, implementation: factorized",
               {4, {2, 1, 8, 8}}, 593, -725.0068, 32513.9,
               {-8.152032, 2.129418, 2.528003, 2.359873}, 3.048802),
    GOLDEN_ROW("cp", BASE ", factorization: CP, implementation: factorized", {4, {2, 1, 8, 8}}, 593,
               2353.696, 111049.3, {29.49651, 5.338677, -3.692698, 9.534775}, 24.37225),
    GOLDEN_ROW("tt", BASE ", factorization: TT, implementation: factorized", {4, {2, 1, 8, 8}}, 581,
               786.0626, 44577.78, {81.60332, -4.755317, -2.398382, -1.961693}, 30.04568),
    GOLDEN_ROW("tucker, dense weights from factors",
               BASE ", factorization: tucker, implementation: reconstructed", {4, {2, 1, 8, 8}},
               593, -725.0068, 32513.9, {-8.152032, 2.129418, 2.528003, 2.359873}, 3.048802),
};

static void outputs_are_the_published_ones(void **state) {
  golden_check_rows(&table, sizeof rows / sizeof *rows, rows);
}

#define CASE(options, ...)                                                              \
  {                                                                                     \
    "tfno", "{n_layers: 2, hidden_channels: 5, lifting_channel_ratio: 1, " options "}", \
        __VA_ARGS__, false                                                              \
  }

static const operator_case cases[] = {
    CASE("n_modes: [5, 4], rank: 0.4", {4, {2, 7, 5, 1}}),
    CASE("n_modes: [5, 4], rank: [2, 3, 4, 1]", {4, {2, 7, 5, 1}}),
    CASE("n_modes: [3, 4, 3], factorization: cp", {5, {1, 4, 5, 3, 1}}),
    CASE("n_modes: 7, factorization: tt, rank: [3, 2]", {3, {3, 11, 1}}),
    CASE("n_modes: [3, 3, 4], factorization: tt", {5, {1, 4, 5, 6, 1}}),
    CASE("n_modes: [5, 4], separable: true, rank: 0.9", {4, {2, 7, 5, 1}}),
    CASE("n_modes: [5, 4], separable: true, factorization: cp, rank: 3", {4, {2, 7, 5, 1}}),
    CASE("n_modes: [5, 4], separable: true, factorization: tt, rank: 2", {4, {2, 7, 5, 1}}),
    CASE("n_modes: [3, 4], max_n_modes: [6, 4], joint_factorization: true, rank: 0.2",
         {4, {2, 7, 6, 1}}),
    CASE("n_modes: [3, 4], joint_factorization: true, factorization: cp, rank: 4",
         {4, {2, 7, 6, 1}}),
    CASE("n_modes: [3, 4], joint_factorization: true, factorization: tt, rank: 2",
         {4, {2, 7, 6, 1}}),
    CASE("n_modes: [3, 4], joint_factorization: true, separable: true, rank: 3", {4, {2, 7, 6, 1}}),
    CASE("n_modes: [3, 4], joint_factorization: true, separable: true, factorization: tt, rank: 2, "
         "fno_skip: identity",
         {4, {2, 7, 6, 1}}),
    CASE("n_modes: [4, 4], fixed_rank_modes: [0], resolution_scaling_factor: [1.5, 1]",
         {4, {2, 6, 7, 1}}),
};

/* Options of a case with another implementation. */
static operator_case with(const operator_case *c, const char *implementation, char text[512]) {
  operator_case out = *c;
  snprintf(text, 512, "{implementation: %s, %s", implementation, c->options + 1);
  out.options = text;
  return out;
}

static void gradients_match_central_differences(void **state) {
  static const char *const ways[] = {"factorized", "reconstructed"};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    for (int way = 0; way < 2; way++) {
      char text[512];
      const operator_case c = with(&cases[i], ways[way], text);
      print_message("  %s\n", text);
      check_gradients(c.x, build_operator, &c);
    }
}

static void both_implementations_agree(void **state) {
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char first[512], second[512];
    const operator_case a = with(&cases[i], "factorized", first);
    const operator_case b = with(&cases[i], "reconstructed", second);
    graph_result x = run_graph(RITZ_FLOAT64, 2, a.x, build_operator, &a);
    graph_result y = run_graph(RITZ_FLOAT64, 1, b.x, build_operator, &b);
    assert_true(relative_error(x.y_count, x.y, y.y) < 1e-12);
    assert_true(relative_error(x.x_count, x.gx, y.gx) < 1e-12);
    assert_true(relative_error(x.gradient_count, x.gradient, y.gradient) < 1e-12);
    graph_result_free(&x);
    graph_result_free(&y);
  }
}

/* Both ways, on more modes than chunks. */
static void results_do_not_depend_on_threads(void **state) {
  static const char *const kinds[] = {"tucker", "cp", "tt"};
  for (int k = 0; k < 3; k++)
    for (int way = 0; way < 2; way++) {
      char text[256];
      snprintf(text, sizeof text,
               "{hidden_channels: 12, n_layers: 1, n_modes: [13, 14], rank: 0.3, factorization: "
               "%s, implementation: %s}",
               kinds[k], way ? "factorized" : "reconstructed");
      const operator_case c = {"tfno", text, {4, {3, 17, 16, 1}}, false};
      check_thread_counts(c.x, build_operator, &c);
    }
}

static void parameter_counts_are_the_published_ones(void **state) {
#define MEDIUM  "n_modes: [64, 64], hidden_channels: 64, projection_channel_ratio: 4"
#define GALLERY "n_modes: [8, 8], hidden_channels: 24, n_layers: 4"
  const ritz_shape x = RITZ_SHAPE(1, 16, 16, 1);
  check_numbers("fno", "{" MEDIUM "}", x, 69265345);
  check_numbers("tfno", "{" MEDIUM "}", x, 7211353);
  check_numbers("tfno", "{" MEDIUM ", rank: 0.01}", x, 732689);
  check_numbers("fno", "{" GALLERY "}", x, 191881);
  check_numbers("tfno", "{" GALLERY ", rank: 0.42}", x, 84713);
  check_numbers("tfno", "{" GALLERY "}", x, 26369);
  check_numbers("tfno", "{" GALLERY ", factorization: cp}", x, 26409);
  check_numbers("fno", "{" GALLERY ", factorization: tt, rank: 0.1}", x, 25921);
}

/* Entries of the product have the variance of dense weights (of a train: less, as there). */
static void initial_weights_have_the_variance_of_dense_ones(void **state) {
  one_graph t = one_graph_begin(RITZ_FLOAT64, 3);
  const operator_case c = {
      "tfno", "{n_modes: [12, 12], hidden_channels: 64, n_layers: 1}", {4, {1, 16, 16, 1}}, false};
  build_operator(t.graph, t.params, ritz_input(t.graph, "x", c.x), &c);
  const ritz_index rank[4] = {35, 35, 7, 4};
  double variance = 1;
  static const char *const names[] = {"core", "in", "out", "factor.2", "factor.3"};
  for (int k = 0; k < 5; k++) {
    char name[64];
    snprintf(name, sizeof name, "block.0.spectral.%s", names[k]);
    const double *v = one_graph_parameter(&t, name);
    const ritz_index count = ritz_params_info(t.params, ritz_params_find(t.params, name))->count;
    double squares = 0;
    for (ritz_index i = 0; i < count; i++) squares += v[i] * v[i];
    variance *= squares / ((double)count / 2); /* of a complex entry */
  }
  for (int k = 0; k < 4; k++) variance *= (double)rank[k];
  assert_near(sqrt(variance), sqrt(2.0 / 128), 0.1 * sqrt(2.0 / 128));
  one_graph_end(&t);
}

static void components_start_with_equal_weights(void **state) {
  one_graph t = one_graph_begin(RITZ_FLOAT64, 3);
  const operator_case c = {
      "tfno", "{n_modes: [4, 4], factorization: cp}", {4, {1, 8, 8, 1}}, false};
  build_operator(t.graph, t.params, ritz_input(t.graph, "x", c.x), &c);
  const char *name = "block.0.spectral.weights";
  const double *v = one_graph_parameter(&t, name);
  const ritz_index count = ritz_params_info(t.params, ritz_params_find(t.params, name))->count;
  assert_true(count > 2);
  for (ritz_index i = 0; i < count; i++) assert_true(v[i] == (i < count / 2 ? 1 : 0));
  one_graph_end(&t);
}

/* The dense weight pays with large batches and small ranks of the modes, the factors with one. */
static void the_cheaper_way_depends_on_the_batch(void **state) {
  const ritz_tensor_config config = {.factorization = RITZ_TUCKER,
                                     .rank = {.count = 1, .v = {0.1}}};
  const ritz_tensor_shape shape = {
      .config = &config, .name = "w", .dim = 2, .in = 64, .out = 64, .rows = {12, 7}};
  one_graph t = one_graph_begin(RITZ_FLOAT32, 1);
  const ritz_tensor_weight w = ritz_tensor_weight_add(t.graph, t.params, &shape);
  const ritz_tensor_costs one = ritz_tensor_cost(&w, 84, 1), many = ritz_tensor_cost(&w, 84, 64);
  /* 8 (84 (64 35 + 35 35 + 35 64) + 12 7 4 35 35 + 12 7 4 35 35) by hand */
  assert_near(one.factorized, 8 * (84.0 * (2 * 64 * 35 + 35 * 35) + 2 * 336.0 * 35 * 35), 1);
  assert_near(one.reconstructed, 8 * (84.0 * 4096 + 28.0 * 64 * 35 * (35 + 64) + 2 * 336.0 * 4096),
              1);
  assert_true(one.factorized < one.reconstructed);
  assert_true(many.factorized > many.reconstructed);
  one_graph_end(&t);
}

static void bad_options_are_refused(void **state) {
#define BAD(options, message) \
  { "tfno", "{n_modes: 8, " options "}", {3, {1, 16, 1}}, RITZ_ERR_CONFIG, message }
  static const operator_refusal bad[] = {
      BAD("rank: [3, 3]", "rank has 2 numbers, this factorization of 3 axes has 3"),
      BAD("rank: [2.5]", "rank 2.5 in a list"),
      BAD("factorization: cp, rank: 1e-6", "leaves no component"),
      BAD("fixed_rank_modes: [4]", "names axis 4, the weight has 3"),
      BAD("factorization: tt, fixed_rank_modes: 1", "is for the tucker factorization"),
      BAD("factorization: null, joint_factorization: true", "wants a factorization"),
      BAD("implementation: slow", "implementation"),
  };
  check_refusals(sizeof bad / sizeof *bad, bad);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ranks_are_the_published_ones),
      cmocka_unit_test(outputs_are_the_published_ones),
      cmocka_unit_test(gradients_match_central_differences),
      cmocka_unit_test(both_implementations_agree),
      cmocka_unit_test(results_do_not_depend_on_threads),
      cmocka_unit_test(parameter_counts_are_the_published_ones),
      cmocka_unit_test(initial_weights_have_the_variance_of_dense_ones),
      cmocka_unit_test(components_start_with_equal_weights),
      cmocka_unit_test(the_cheaper_way_depends_on_the_batch),
      cmocka_unit_test(bad_options_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
