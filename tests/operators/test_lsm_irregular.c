/* SPDX-License-Identifier: BSD-3-Clause
 * The operator lsm_irregular: its parts against numbers of the authors' code, for hashed weights
 * and inputs (golden.h), gradients, and the size of their model. */
#include <math.h>
#include <ritz/operator.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "golden.h"
#include "graph/op.h"
#include "one_graph.h"
#include "operator_checks.h"
#include "operators/deformation.h"

/* Tensor `number` of the reference, (Co, Ci) or (Co), into ours, [Ci, Co] or [Co]. */
static void fill_linear(one_graph *t, const char *name, uint32_t number, ritz_index ci,
                        ritz_index co) {
  double *theirs = malloc((size_t)(ci * co) * sizeof *theirs), *ours = one_graph_parameter(t, name);
  golden_fill(ci * co, number, 0.3, theirs);
  for (ritz_index i = 0; i < ci; i++)
    for (ritz_index o = 0; o < co; o++) ours[i * co + o] = theirs[o * ci + i];
  free(theirs);
}

/* The reference's names in order: fc0 ... fc4, fc_code, fc_no_code, bias before weight. */
static void check_deformation(bool coded, const double *want) {
  static const struct {
    const char *name;
    uint32_t number;
    ritz_index ci, co;
  } layers[] = {{"map.place", 0, 4, 32},     {"map.0", 2, 128, 128}, {"map.1", 4, 128, 128},
                {"map.2", 6, 128, 128},      {"map.3", 8, 128, 2},   {"map.code", 10, 42, 32},
                {"map.lifting", 12, 96, 128}};
  double x[10], code[42];
  one_graph t = one_graph_begin(RITZ_FLOAT64, 1);
  ritz_var at = ritz_input(t.graph, "x", RITZ_SHAPE(1, 5, 2)), k = RITZ_NO_VAR;
  if (coded) k = ritz_input(t.graph, "code", RITZ_SHAPE(1, 5, 42));
  ritz_var y = ritz_layer_deformation(t.graph, t.params, at, k);
  one_graph_plan(&t, 1, &y, NULL);
  for (size_t i = 0; i < sizeof layers / sizeof *layers; i++) {
    char name[32];
    snprintf(name, sizeof name, "%s.bias", layers[i].name);
    if (ritz_params_find(t.params, name) < 0) continue;
    fill_linear(&t, name, layers[i].number, 1, layers[i].co);
    snprintf(name, sizeof name, "%s.weight", layers[i].name);
    fill_linear(&t, name, layers[i].number + 1, layers[i].ci, layers[i].co);
  }
  golden_fill(10, golden_input, 1, x);
  golden_fill(42, 50, 1, code);
  for (int i = 0; i < 10; i++) ((double *)ritz_plan_value(t.plan, at))[i] = 0.5 * x[i] + 0.5;
  for (int p = 0; coded && p < 5; p++)
    memcpy((double *)ritz_plan_value(t.plan, k) + 42 * p, code, sizeof code);
  ritz_plan_forward(t.plan);
  const double *out = ritz_plan_value(t.plan, y);
  for (int i = 0; i < 10; i++) assert_near(out[i], want[i], 2e-4 * (1 + fabs(want[i])));
  one_graph_end(&t);
}

static void deformations_agree(void **state) {
  static const double plain[10] = {1.1184884,   1.2024691, 1.6190726, -2.5925746,  .51170605,
                                   -.046963766, .43431934, 1.1851816, .0087828012, 1.0641563};
  static const double coded[10] = {.23186639, .25112706, 1.6521711, .57014322,   .076442435,
                                   .15231198, .27821895, 1.8049686, .0015261985, .37370676};
  check_deformation(false, plain);
  check_deformation(true, coded);
}

/* (Ci, Co, m, m) for 0 <= k0 and for k0 < 0, pairs, into [2 m, m, 2, Ci, Co]. */
static void fill_modes(double *ours, int m, int c) {
  const int count = 2 * c * c * m * m;
  double *theirs = malloc((size_t)count * sizeof *theirs);
  for (uint32_t half = 0; half < 2; half++) {
    golden_fill(count, half, 1, theirs);
    for (int i = 0; i < c; i++)
      for (int o = 0; o < c; o++)
        for (int k0 = 0; k0 < m; k0++)
          for (int k1 = 0; k1 < m; k1++)
            for (int part = 0; part < 2; part++) {
              const int row = half ? k0 : m + k0;
              ours[(((row * m + k1) * 2 + part) * c + i) * c + o] =
                  theirs[2 * (((i * c + o) * m + k0) * m + k1) + part];
            }
  }
  free(theirs);
}

/* Sum, squares, first four and last of [points, 2] read channel by channel. */
static void check_values(int points, const double *v, const double *want) {
  double sum = 0, squares = 0, largest = 0;
  for (int i = 0; i < 2 * points; i++) {
    sum += v[i];
    squares += v[i] * v[i];
    largest = fmax(largest, fabs(v[i]));
  }
  assert_near(squares, want[1], 1e-4 * want[1]);
  assert_near(sum, want[0], 1e-4 * sqrt(2 * points * squares));
  for (int i = 0; i < 4; i++) assert_near(v[2 * i], want[2 + i], 1e-4 * largest);
  assert_near(v[2 * points - 1], want[6], 1e-4 * largest);
}

enum { geo_points = 5, geo_grid = 8, geo_modes = 3 };

static ritz_var mixed(one_graph *t, ritz_var z) {
  const ritz_init zero = {RITZ_INIT_ZERO, 0};
  return ritz_mode_linear(t->graph, z,
                          ritz_parameter(t->graph, t->params, zero,
                                         RITZ_SHAPE(2 * geo_modes, geo_modes, 2, 2, 2), 2, "w"));
}

/* Tensor `number` (2, points) of an input with two channels last. */
static void fill_field(one_graph *t, ritz_var to, int points, uint32_t number) {
  double theirs[2 * geo_grid * geo_grid], *ours = ritz_plan_value(t->plan, to);
  golden_fill(2 * points, number, 1, theirs);
  for (int p = 0; p < points; p++)
    for (int c = 0; c < 2; c++) ours[2 * p + c] = theirs[c * points + p];
}

static void fill_places(one_graph *t, ritz_var at) {
  double *x = ritz_plan_value(t->plan, at);
  golden_fill(2 * geo_points, 60, 1, x);
  for (int i = 0; i < 2 * geo_points; i++) x[i] = 0.5 * x[i] + 0.5;
}

static const ritz_index modes[2] = {2 * geo_modes, geo_modes}, square[2] = {geo_grid, geo_grid};

static void projections_to_the_grid_agree(void **state) {
  static const double want[7] = {-.622651, 1.749579, -.2916299, -.1369942,
                                 .1082164, .1776424, -.1138345};
  one_graph t = one_graph_begin(RITZ_FLOAT64, 1);
  ritz_var u = ritz_input(t.graph, "u", RITZ_SHAPE(1, geo_points, 2));
  ritz_var at = ritz_input(t.graph, "x", RITZ_SHAPE(1, geo_points, 2));
  ritz_var y = ritz_fourier_field(t.graph, mixed(&t, ritz_points_to_modes(t.graph, u, at, modes)),
                                  square, 1.0 / (geo_grid * geo_grid));
  one_graph_plan(&t, 1, &y, NULL);
  fill_modes(one_graph_parameter(&t, "w"), geo_modes, 2);
  fill_field(&t, u, geo_points, golden_input);
  fill_places(&t, at);
  ritz_plan_forward(t.plan);
  check_values(geo_grid * geo_grid, ritz_plan_value(t.plan, y), want);
  one_graph_end(&t);
}

static void projections_to_the_points_agree(void **state) {
  static const double want[7] = {2.082342,  4879.134, -19.31427, -7.445968,
                                 -20.49102, 18.81787, 28.00588};
  one_graph t = one_graph_begin(RITZ_FLOAT64, 1);
  ritz_var u = ritz_input(t.graph, "u", RITZ_SHAPE(1, geo_grid, geo_grid, 2));
  ritz_var at = ritz_input(t.graph, "x", RITZ_SHAPE(1, geo_points, 2));
  ritz_var z = ritz_fourier_modes(t.graph, u, modes, geo_grid * geo_grid);
  ritz_var y = ritz_modes_to_points(t.graph, mixed(&t, z), at, RITZ_MIRROR_SHIFTED);
  one_graph_plan(&t, 1, &y, NULL);
  fill_modes(one_graph_parameter(&t, "w"), geo_modes, 2);
  fill_field(&t, u, geo_grid * geo_grid, golden_input);
  fill_places(&t, at);
  ritz_plan_forward(t.plan);
  check_values(geo_points, ritz_plan_value(t.plan, y), want);
  one_graph_end(&t);
}

/* Points on a regular grid: the discrete transform without its factor; and back, with the mirror
 * image of a real field, what the modes stand for. */
static void points_of_a_grid_give_its_transform(void **state) {
  enum { n = 8 };
  one_graph t = one_graph_begin(RITZ_FLOAT64, 1);
  ritz_var u = ritz_input(t.graph, "u", RITZ_SHAPE(1, n, n, 1));
  ritz_var list = ritz_input(t.graph, "list", RITZ_SHAPE(1, n * n, 1));
  ritz_var at = ritz_input(t.graph, "x", RITZ_SHAPE(1, n * n, 2));
  ritz_var z = ritz_points_to_modes(t.graph, list, at, modes);
  ritz_var f = ritz_fourier_modes(t.graph, u, modes, n * n);
  ritz_var back = ritz_modes_to_points(t.graph, z, at, RITZ_MIRROR_EXACT);
  ritz_var field = ritz_fourier_field(t.graph, f, (ritz_index[]){n, n}, 1);
  const ritz_var outputs[4] = {z, f, back, field};
  one_graph_plan(&t, 4, outputs, NULL);
  fill_uniform(3, n * n, ritz_plan_value(t.plan, u));
  memcpy(ritz_plan_value(t.plan, list), ritz_plan_value(t.plan, u), n * n * sizeof(double));
  for (int i = 0; i < n * n; i++) {
    ((double *)ritz_plan_value(t.plan, at))[2 * i] = (double)(i / n) / n;
    ((double *)ritz_plan_value(t.plan, at))[2 * i + 1] = (double)(i % n) / n;
  }
  ritz_plan_forward(t.plan);
  const double *a = ritz_plan_value(t.plan, z), *b = ritz_plan_value(t.plan, f);
  for (int i = 0; i < 2 * 2 * geo_modes * geo_modes; i++) assert_near(a[i], b[i], 1e-12);
  a = ritz_plan_value(t.plan, back);
  b = ritz_plan_value(t.plan, field);
  for (int i = 0; i < n * n; i++) assert_near(a[i], b[i], 1e-12);
  one_graph_end(&t);
}

/* Elasticity: 5992609 and 63746 of the map, of which the authors never use 96 x 128 + 128. */
static void the_published_model_has_as_many_parameters(void **state) {
  check_numbers("lsm_irregular", "{patch: [6, 6], width: 32, in_channels: 44, code_channels: 42}",
                RITZ_SHAPE(1, 50, 44), 5992609 + 63746 - (96 * 128 + 128));
}

static void wrong_options_are_named(void **state) {
#define ROW(options, text) \
  { "lsm_irregular", "{width: 8, " options "}", {3, {1, 9, 2}}, RITZ_ERR_CONFIG, text }
  static const operator_refusal rows[] = {
      ROW("patch: [6]", "patch, latent_grid and modes have 1, 2 and 2 axes"),
      ROW("patch: [5, 6]", "patches of 5 points do not fill the 96 of axis 0"),
      ROW("patch: [1, 1], latent_grid: [16, 16], modes: [9, 4]",
          "modes keeps 9 frequencies of axis 0, latent_grid has only 16 points"),
      ROW("patch: [6, 6], code_channels: 1", "1 code_channels and 2 coordinates"),
  };
  check_refusals(sizeof rows / sizeof *rows, rows);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(deformations_agree),
      cmocka_unit_test(projections_to_the_grid_agree),
      cmocka_unit_test(projections_to_the_points_agree),
      cmocka_unit_test(points_of_a_grid_give_its_transform),
      cmocka_unit_test(the_published_model_has_as_many_parameters),
      cmocka_unit_test(wrong_options_are_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
