/* SPDX-License-Identifier: BSD-3-Clause
 * The operator fno against numbers of neuraloperator 2.0 for hashed weights and inputs. Fields and
 * shapes stand as there: [B, C, X0, ...]. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "golden.h"
#include "graph/op.h"

static const golden_table table = {"fno", 1.5, true};

#define BASE "n_modes: [4, 4], hidden_channels: 4, n_layers: 2"

static const golden_row rows[] = {
    GOLDEN_ROW("A", BASE, {4, {2, 1, 8, 8}}, 977, -309.9411, 882.6061,
               {-3.017603, 0.2933993, -0.956128, -3.135999}, -3.249652),
    GOLDEN_ROW("A2 12 x 12", BASE, {4, {1, 1, 12, 12}}, 977, -374.8916, 1067.352,
               {-2.351832, -1.515859, -1.13463, -2.432146}, -3.170959),
    GOLDEN_ROW("A3 7 x 9", BASE, {4, {1, 1, 7, 9}}, 977, -145.1529, 403.0606,
               {-1.820097, -0.09203184, -2.177687, -2.634506}, -3.35599),
    GOLDEN_ROW("A4 4 x 4, Nyquist kept", BASE, {4, {1, 1, 4, 4}}, 977, -29.41507, 116.7676,
               {2.500909, -3.020698, -3.334685, -3.942514}, -3.42338),
    GOLDEN_ROW("A5 3 x 3, fewer points than modes", BASE, {4, {1, 1, 3, 3}}, 977, -24.87687,
               79.58741, {-1.944922, -3.863441, -4.269431, -1.459792}, -0.7466677),
    GOLDEN_ROW("B odd modes, 9 x 9", "n_modes: [5, 5], hidden_channels: 4, n_layers: 2",
               {4, {1, 1, 9, 9}}, 1169, -301.3766, 1150.458,
               {-4.369418, -4.557092, -4.049901, -2.992164}, -3.270142),
    GOLDEN_ROW("C instance norm", BASE ", norm: instance_norm", {4, {2, 1, 8, 8}}, 977, -335.7923,
               1955.708, {-1.673574, 0.7975686, 0.4650995, -4.983036}, -4.086716),
    GOLDEN_ROW("C group norm", BASE ", norm: group_norm", {4, {2, 1, 8, 8}}, 1009, 640.6494,
               3218.73, {5.49475, 5.543684, 4.893551, 5.010919}, 4.892439),
    GOLDEN_ROW("C batch norm, fresh statistics", BASE ", norm: batch_norm", {4, {2, 1, 8, 8}}, 1009,
               484.892, 1958.424, {2.655519, 3.33212, 2.711587, 2.244483}, 3.747744),
    GOLDEN_ROW("C2 two groups, preactivation",
               BASE ", norm: group_norm, norm_groups: 2, preactivation: true", {4, {2, 1, 8, 8}},
               1009, -316.4347, 1448.652, {-2.619534, -2.347375, -2.287645, -1.945523}, -3.339644),
    GOLDEN_ROW("D preactivation", BASE ", preactivation: true", {4, {2, 1, 8, 8}}, 977, -420.0592,
               1388.433, {-3.606128, -3.049413, -2.527673, -3.359449}, -3.38197),
    GOLDEN_ROW("E stabilizer", BASE ", stabilizer: tanh", {4, {2, 1, 8, 8}}, 977, -371.0656,
               1094.859, {-3.171007, -2.478525, -3.044889, -3.188597}, -2.928682),
    GOLDEN_ROW("F identity and linear skips", BASE ", fno_skip: identity, channel_mlp_skip: linear",
               {4, {2, 1, 8, 8}}, 969, 607.3628, 4042.615, {10.6244, 14.12601, 9.624773, 3.967403},
               7.204782),
    GOLDEN_ROW("F2 no skips", BASE ", fno_skip: null, channel_mlp_skip: null", {4, {2, 1, 8, 8}},
               937, 519.4487, 2127.45, {4.727045, 4.551914, 3.872961, 3.552041}, 4.225197),
    GOLDEN_ROW("F3 no channel MLP", BASE ", use_channel_mlp: false", {4, {2, 1, 8, 8}}, 925,
               695.0986, 13576, {-2.877151, -3.986552, 2.041596, 3.060225}, 21.09103),
    GOLDEN_ROW("F4 gated and identity skips",
               BASE ", fno_skip: soft-gating, channel_mlp_skip: identity", {4, {2, 1, 8, 8}}, 945,
               681.0509, 9026.527, {0.7145241, 4.960857, 12.07952, 20.01614}, 1.775814),
    GOLDEN_ROW("G separable", BASE ", separable: true", {4, {2, 1, 8, 8}}, 401, -344.3337, 951.7559,
               {-3.023449, -3.220738, -3.154121, -2.789803}, -1.973416),
    GOLDEN_ROW("H padding", BASE ", domain_padding: 0.25", {4, {2, 1, 8, 8}}, 977, -402.333,
               1298.065, {-1.216473, -2.650994, -3.260433, -3.398417}, -3.173208),
    GOLDEN_ROW("H2 padding by axis", BASE ", domain_padding: [0.1, 0.3]", {4, {1, 1, 10, 10}}, 977,
               -324.543, 1074.733, {-3.115319, -3.27647, -3.181164, -3.474847}, -3.312572),
    GOLDEN_ROW("I more rows than modes", BASE ", max_n_modes: [6, 6]", {4, {2, 1, 8, 8}}, 2513,
               -474.3025, 1782.036, {-3.876234, -4.138363, -3.724766, -3.33096}, -3.694819),
    GOLDEN_ROW("K output shape", BASE ", output_shape: [12, 12], resample: reference",
               {4, {2, 1, 8, 8}}, 977, -696.7165, 1996.341,
               {-3.017603, -0.7504923, 0.5558777, -0.7169167}, -3.719045),
    GOLDEN_ROW("K2 scaling", BASE ", resolution_scaling_factor: [1, 2], resample: reference",
               {4, {2, 1, 8, 8}}, 977, -1237.083, 3552.819,
               {-3.017603, -1.630985, 0.2784503, 0.5124507}, -3.767087),
    GOLDEN_ROW("M one axis",
               "n_modes: 6, hidden_channels: 4, n_layers: 2, enforce_hermitian_symmetry: false",
               {3, {2, 1, 16}}, 457, -128.1818, 524.0245,
               {-3.653287, -3.585869, -3.367548, -3.442764}, -3.360146),
    GOLDEN_ROW("M2 15 points", "n_modes: 6, hidden_channels: 4, n_layers: 2", {3, {2, 1, 15}}, 457,
               -119.4043, 485.4261, {-3.911102, -3.911301, -3.60629, -3.939567}, -3.363222),
    GOLDEN_ROW("N three axes",
               "n_modes: [4, 4, 4], in_channels: 2, hidden_channels: 4, n_layers: 2",
               {5, {1, 2, 6, 7, 8}}, 3297, -1087.976, 3633.599,
               {-2.452523, -2.647088, -3.09444, -3.028246}, -3.353056),
    GOLDEN_ROW("O no grid", BASE ", positional_embedding: null", {4, {2, 1, 8, 8}}, 961, -204.3126,
               482.0589, {-1.009716, -2.045839, -0.7358065, 0.8368459}, 0.4255202),
};

static void hash_gives_the_published_numbers(void **state) {
  const double wanted[4] = {-0.9759660074487329, -0.7042303220368922, 0.39582486310973763,
                            -0.735802102368325};
  double v[4];
  golden_fill(4, 0, 1, v);
  for (int k = 0; k < 4; k++) assert_near(v[k], wanted[k], 6e-8); /* rounded to float */
  golden_fill(1, golden_input, 1, v);
  assert_near(v[0], -0.15671579213812947, 6e-8);
}

static void outputs_agree(void **state) {
  golden_check_rows(&table, sizeof rows / sizeof *rows, rows);
}

/* What stands between the input of A and its output: the n-th op of a kind. */
static const struct stage {
  const char *name, *op;
  int n;
  double sum, squares;
} stages[] = {
    {"with grid", "grid_embedding", 0, 125.7153, 113.1314},
    {"lifted", "linear", 1, -88.81134, 792.2677},
    {"convolution 0", "bias", 0, 504.8098, 2635.361},
    {"skip 0", "linear", 2, -145.6865, 882.599},
    {"gelu of their sum", "gelu", 1, 621.5528, 2144.614},
    {"channel MLP 0", "linear", 4, -1269.484, 10187.83},
    {"block 0", "gelu", 3, 143.0402, 137.9216},
    {"block 1", "add", 3, 95.62376, 465.6222},
};
enum { stage_count = sizeof stages / sizeof *stages, lifted = 1, convolution = 2 };

static ritz_var nth_op(const ritz_graph *graph, const char *op, int n) {
  for (int i = 0; i < graph->count; i++)
    if (graph->node[i]->op && strcmp(graph->node[i]->op->name, op) == 0 && n-- == 0)
      return graph->node[i];
  fail_msg("the graph has too few ops %s", op);
  return RITZ_NO_VAR;
}

static ritz_var kept[stage_count]; /* found before the plan rewrites ops */

static int keep_stages(ritz_graph *graph, int count, ritz_var *output) {
  for (int s = 0; s < stage_count; s++)
    output[count++] = kept[s] = nth_op(graph, stages[s].op, stages[s].n);
  return count;
}

/* Coefficient (m0, m1) of the forward transform with 1/N of one channel on 8 x 8 points. */
static void check_coefficient(const double *v, int m0, int m1, double re, double im) {
  double sum[2] = {0};
  for (int i = 0; i < 8; i++)
    for (int j = 0; j < 8; j++) {
      const double angle = -2 * acos(-1.0) * (m0 * i + m1 * j) / 8;
      sum[0] += v[8 * i + j] * cos(angle) / 64;
      sum[1] += v[8 * i + j] * sin(angle) / 64;
    }
  assert_near(sum[0], re, 1e-6);
  assert_near(sum[1], im, 1e-6);
}

static void stages_of_a_agree(void **state) {
  golden_run run;
  golden_create(&table, &rows[0], RITZ_FLOAT64, 0, false, keep_stages, &run);
  ritz_plan_forward(run.plan);
  for (int s = 0; s < stage_count; s++) {
    ritz_index count;
    double *v = golden_values(&table, &run, kept[s], &count);
    golden_check_sums(stages[s].name, count, v, stages[s].sum, stages[s].squares, 1e-5);
    if (s == lifted) {
      assert_near(v[0], -1.373469, 1e-5);
      check_coefficient(v, 0, 0, -0.299073875, 0);
      check_coefficient(v, 1, 0, -0.178898737, 0.216338634);
      check_coefficient(v, 7, 1, 0.026799783, 0.012668541);
    }
    if (s == convolution) assert_near(v[0], 2.745201, 1e-5);
    free(v);
  }
  golden_destroy(&run);
}

/* L = sum(y^2) / 2 of A: sum |g|^2 and g[0] (dL/dRe, dL/dIm) of each parameter p. */
static const double gradients[24][3] = {
    {10361, -44.1139},   {156536, -36.7674},
    {513491, -570.367},  {1.48875e7, 22.5423},
    {82209.2, 78.9376},  {85995.8, -50.9291},
    {205416, -239.563},  {13047.6, 15.1922},
    {20306.1, 142.201},  {54213.6, -232.794},
    {22253.7, -77.1025}, {106662, 0.509534, -0.516411},
    {206041, -68.3681},  {204860, -0.00521873, -0.189224},
    {91404, 31.4972},    {214312, -73.3025},
    {68782.4, -165.901}, {25886.8, -58.6063},
    {90511.9, 68.0601},  {71728.3, 0.0324767},
    {81049.6, 249.26},   {296054, -154.213},
    {96063.5, -309.941}, {1.66376e6, -201.631},
};

/* An entry is a sum of 128 terms near the root mean square of its tensor, so what the reference
 * rounded is relative to that: at 1e-5 of it entries that nearly cancel have few digits left. */
static void check_gradient(int p, bool complex, ritz_index count, const double *g) {
  double squares = 0;
  for (ritz_index k = 0; k < count; k++) squares += g[k] * g[k];
  assert_near(squares, gradients[p][0], 2e-4 * gradients[p][0]);
  const double rounding = 1e-5 * sqrt(squares / (double)count);
  for (int plane = 0; plane < (complex ? 2 : 1); plane++)
    assert_near(g[plane], gradients[p][1 + plane], 1e-4 * fabs(gradients[p][1 + plane]) + rounding);
}

static void check_gradients_of_a(ritz_dtype dtype) {
  golden_run run;
  golden_create(&table, &rows[0], dtype, 0, true, NULL, &run);
  assert_int_equal(run.list.count, 24);
  ritz_plan_forward(run.plan);
  const ritz_shape shape = ritz_var_shape(run.y);
  memcpy(ritz_plan_cotangent(run.plan), ritz_plan_value(run.plan, run.y),
         (size_t)ritz_shape_count(&shape) * ritz_dtype_size(dtype));
  ritz_plan_backward(run.plan);
  for (int p = 0; p < run.list.count; p++) {
    const ritz_reference_match *match = &run.list.entry[p].match;
    const ritz_index count = match->count * (match->complex ? 2 : 1);
    double *g = malloc((size_t)count * sizeof *g);
    ritz_reference_get(run.params, match, dtype, ritz_plan_parameter_gradient(run.plan), g);
    check_gradient(p, match->complex, count, g);
    free(g);
  }
  golden_destroy(&run);
}

static void gradients_of_a_agree(void **state) {
  check_gradients_of_a(RITZ_FLOAT64);
  check_gradients_of_a(RITZ_FLOAT32);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(hash_gives_the_published_numbers),
      cmocka_unit_test(outputs_agree),
      cmocka_unit_test(stages_of_a_agree),
      cmocka_unit_test(gradients_of_a_agree),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
