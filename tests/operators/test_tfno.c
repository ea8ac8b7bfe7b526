/* SPDX-License-Identifier: BSD-3-Clause
 * Ranks of factorised weights, and the operator tfno: published numbers, both implementations,
 * gradients. Outputs of the reference with all gradients are compared in tests/parity. */
#include <math.h>
#include <ritz/operator.h>
#include <string.h>

#include "golden.h"
#include "gradient.h"
#include "graph/op.h"
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
    /* The published cp counts leave the weights of the components out. */
    const ritz_index weights = row->kind == RITZ_CP ? rank[0] : 0;
    assert_int_equal(ritz_tensor_numbers(row->kind, row->order, row->n, rank) - weights,
                     row->numbers);
  }
}

#define BASE "n_modes: [4, 4], hidden_channels: 4, n_layers: 2, rank: 0.5"

static const golden_table table = {"tfno", 1.5, true};
static const golden_row rows[] = {
    {"tucker",
     BASE ", factorization: Tucker, implementation: factorized",
     {4, {2, 1, 8, 8}},
     593,
     -725.0068,
     32513.9,
     {-8.152032, 2.129418, 2.528003, 2.359873},
     3.048802},
    {"cp",
     BASE ", factorization: CP, implementation: factorized",
     {4, {2, 1, 8, 8}},
     593,
     2353.696,
     111049.3,
     {29.49651, 5.338677, -3.692698, 9.534775},
     24.37225},
    {"tt",
     BASE ", factorization: TT, implementation: factorized",
     {4, {2, 1, 8, 8}},
     581,
     786.0626,
     44577.78,
     {81.60332, -4.755317, -2.398382, -1.961693},
     30.04568},
    {"tucker, dense weights from factors",
     BASE ", factorization: tucker, implementation: reconstructed",
     {4, {2, 1, 8, 8}},
     593,
     -725.0068,
     32513.9,
     {-8.152032, 2.129418, 2.528003, 2.359873},
     3.048802},
};

static void outputs_are_the_published_ones(void **state) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    golden_check_row(&table, &rows[i], RITZ_FLOAT64, 0);
    golden_check_row(&table, &rows[i], RITZ_FLOAT32, 0);
  }
}

#define SMALL "n_layers: 2, hidden_channels: 5, lifting_channel_ratio: 1, "

static const operator_case cases[] = {
    {"tfno", "{" SMALL "n_modes: [5, 4], rank: 0.4}", {4, {2, 7, 5, 1}}, false},
    {"tfno", "{" SMALL "n_modes: [5, 4], rank: [2, 3, 4, 1]}", {4, {2, 7, 5, 1}}, false},
    {"tfno", "{" SMALL "n_modes: [3, 4, 3], factorization: cp}", {5, {1, 4, 5, 3, 1}}, false},
    {"tfno", "{" SMALL "n_modes: 7, factorization: tt, rank: [3, 2]}", {3, {3, 11, 1}}, false},
    {"tfno", "{" SMALL "n_modes: [3, 3, 4], factorization: tt}", {5, {1, 4, 5, 6, 1}}, false},
    {"tfno", "{" SMALL "n_modes: [5, 4], separable: true, rank: 0.9}", {4, {2, 7, 5, 1}}, false},
    {"tfno",
     "{" SMALL "n_modes: [5, 4], separable: true, factorization: cp, rank: 3}",
     {4, {2, 7, 5, 1}},
     false},
    {"tfno",
     "{" SMALL "n_modes: [5, 4], separable: true, factorization: tt, rank: 2}",
     {4, {2, 7, 5, 1}},
     false},
    {"tfno",
     "{" SMALL "n_modes: [3, 4], max_n_modes: [6, 4], joint_factorization: true, rank: 0.2}",
     {4, {2, 7, 6, 1}},
     false},
    {"tfno",
     "{" SMALL "n_modes: [3, 4], joint_factorization: true, factorization: cp, rank: 4}",
     {4, {2, 7, 6, 1}},
     false},
    {"tfno",
     "{" SMALL "n_modes: [3, 4], joint_factorization: true, factorization: tt, rank: 2}",
     {4, {2, 7, 6, 1}},
     false},
    {"tfno",
     "{" SMALL "n_modes: [3, 4], joint_factorization: true, separable: true, rank: 3}",
     {4, {2, 7, 6, 1}},
     false},
    {"tfno",
     "{" SMALL "n_modes: [3, 4], joint_factorization: true, separable: true, factorization: tt, "
     "rank: 2, fno_skip: identity}",
     {4, {2, 7, 6, 1}},
     false},
    {"tfno",
     "{" SMALL "n_modes: [4, 4], fixed_rank_modes: [0], resolution_scaling_factor: [1.5, 1]}",
     {4, {2, 6, 7, 1}},
     false},
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

/* Both ways, in float, on more modes than chunks. */
static void results_do_not_depend_on_threads(void **state) {
  static const char *const kinds[] = {"tucker", "cp", "tt"};
  for (int k = 0; k < 3; k++)
    for (int way = 0; way < 2; way++) {
      char text[256];
      snprintf(text, sizeof text,
               "{hidden_channels: 12, n_layers: 1, n_modes: [13, 14], rank: 0.3, "
               "factorization: %s, implementation: %s}",
               kinds[k], way ? "factorized" : "reconstructed");
      const operator_case c = {"tfno", text, {4, {3, 17, 16, 1}}, false};
      graph_result one = run_graph(RITZ_FLOAT32, 1, c.x, build_operator, &c);
      graph_result two = run_graph(RITZ_FLOAT32, 2, c.x, build_operator, &c);
      assert_memory_equal(one.y, two.y, (size_t)one.y_count * sizeof *one.y);
      assert_memory_equal(one.gx, two.gx, (size_t)one.x_count * sizeof *one.gx);
      assert_memory_equal(one.gradient, two.gradient,
                          (size_t)one.gradient_count * sizeof *one.gradient);
      graph_result_free(&one);
      graph_result_free(&two);
    }
}

/* Builds an operator; its parameters go to *out, or the failure comes back. */
static ritz_status parameters_of(const char *type, const char *options, ritz_shape x,
                                 ritz_params **out) {
  ritz_context *context;
  ritz_graph *graph;
  ritz_operator *op;
  assert_ok(ritz_context_create(NULL, &context));
  assert_ok(ritz_params_create(context, RITZ_FLOAT32, 3, out));
  assert_ok(ritz_graph_create(context, RITZ_FLOAT32, &graph));
  ritz_status status = ritz_operator_create(context, type, options, &op);
  if (status == RITZ_OK) {
    ritz_operator_build(op, graph, *out, ritz_input(graph, "x", x));
    status = ritz_graph_status(graph);
  }
  ritz_operator_destroy(&op);
  ritz_graph_destroy(&graph);
  ritz_context_destroy(&context);
  return status;
}

static void parameter_counts_are_the_published_ones(void **state) {
  static const struct {
    const char *options;
    ritz_index numbers;
  } counts[] = {{"{n_modes: [16, 16], hidden_channels: 32, rank: 0.42}", 0}};
  (void)counts;
  ritz_params *params;
  static const char *const medium =
      "{n_modes: [64, 64], hidden_channels: 64, rank: %s, projection_channel_ratio: 4}";
  static const struct {
    const char *rank;
    ritz_index complex;
  } rows_[] = {{"0.1", 894003}, {"0.01", 84170}};
  for (int i = 0; i < 2; i++) {
    char text[160];
    snprintf(text, sizeof text, medium, rows_[i].rank);
    assert_ok(parameters_of("tfno", text, RITZ_SHAPE(1, 64, 64, 1), &params));
    ritz_index numbers = 0;
    for (int k = 0; k < ritz_params_count(params); k++) {
      const ritz_param_info *info = ritz_params_info(params, k);
      if (strncmp(info->name, "block.2.spectral.", 17) == 0 && info->complex_axis >= 0)
        numbers += info->count / 2;
    }
    assert_int_equal(numbers, rows_[i].complex);
    ritz_params_destroy(&params);
  }
}
