/* SPDX-License-Identifier: BSD-3-Clause
 * Patches against numbers of neuraloperator's MultigridPatching2D, and the operator mg_tfno. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "graph/op.h"
#include "one_graph.h"
#include "operator_checks.h"

typedef struct cut {
  one_graph g;
  ritz_var x, patches, whole;
} cut;

/* The image 0, 1, 2, ... of n x n points, cut and put together. */
static void start(ritz_index n, int levels, ritz_index padding, cut *t) {
  const ritz_index around[2] = {padding, padding};
  t->g = one_graph_begin(RITZ_FLOAT64, 1);
  ritz_graph *graph = t->g.graph;
  t->x = ritz_input(graph, "x", RITZ_SHAPE(1, n, n, 1));
  t->patches = ritz_multigrid_patches(graph, t->x, levels, around);
  ritz_var fine = ritz_slice(graph, t->patches, 0, 1);
  t->whole = ritz_stitch_patches(graph, fine, levels, around);
  one_graph_plan(&t->g, 2, (ritz_var[]){t->patches, t->whole}, NULL);
  for (ritz_index i = 0; i < n * n; i++)
    ((double *)ritz_plan_value(t->g.plan, t->x))[i] = (double)i;
  ritz_plan_forward(t->g.plan);
  const double *whole = ritz_plan_value(t->g.plan, t->whole);
  for (ritz_index i = 0; i < n * n; i++) assert_true(whole[i] == (double)i);
}

/* Row or column `line` of a level of a patch. */
static void check_line(cut *t, ritz_index patch, int level, bool column, ritz_index line, int count,
                       const int *want) {
  const ritz_index *n = t->patches->shape.n;
  const double *v = ritz_plan_value(t->g.plan, t->patches);
  for (int i = 0; i < count; i++) {
    const ritz_index r = column ? i : line, c = column ? line : i;
    assert_true(v[((patch * n[1] + r) * n[2] + c) * n[3] + level] == want[i]);
  }
}
#define LINE(patch, level, column, line, ...)                                          \
  check_line(&t, patch, level, column, line, sizeof(int[]){__VA_ARGS__} / sizeof(int), \
             (int[]){__VA_ARGS__})

static void one_level_agrees(void **state) {
  cut t;
  start(8, 1, 0, &t);
  LINE(0, 0, false, 0, 0, 1, 2, 3);
  LINE(0, 1, false, 0, 54, 48, 50, 52);
  LINE(0, 1, false, 1, 6, 0, 2, 4);
  LINE(0, 1, false, 2, 22, 16, 18, 20);
  LINE(0, 1, false, 3, 38, 32, 34, 36);
  LINE(1, 1, false, 0, 50, 52, 54, 48);
  one_graph_end(&t.g);
  start(8, 1, 1, &t);
  LINE(0, 0, false, 0, 63, 56, 57, 58, 59, 60);
  LINE(0, 0, false, 1, 7, 0, 1, 2, 3, 4);
  LINE(0, 1, false, 0, 36, 38, 32, 34, 36, 38);
  LINE(0, 1, false, 1, 52, 54, 48, 50, 52, 54);
  LINE(0, 1, false, 3, 20, 22, 16, 18, 20, 22);
  LINE(1, 0, false, 0, 59, 60, 61, 62, 63, 56);
  LINE(1, 1, false, 0, 32, 34, 36, 38, 32, 34);
  one_graph_end(&t.g);
}

static void two_levels_agree(void **state) {
  cut t;
  start(32, 2, 2, &t);
  assert_true(ritz_shape_equal(&t.patches->shape, &RITZ_SHAPE(16, 12, 12, 3)));
  LINE(0, 0, false, 0, 990, 991, 960, 961, 962, 963, 964, 965, 966, 967, 968, 969);
  LINE(0, 1, false, 0, 792, 794, 796, 798, 768, 770, 772, 774, 776, 778, 780, 782);
  LINE(0, 2, false, 0, 396, 400, 404, 408, 412, 384, 388, 392, 396, 400, 404, 408);
  LINE(0, 0, true, 0, 990, 1022, 30, 62, 94, 126, 158, 190, 222, 254, 286, 318);
  LINE(0, 1, true, 0, 792, 856, 920, 984, 24, 88, 152, 216, 280, 344, 408, 472);
  LINE(0, 2, true, 0, 396, 524, 652, 780, 908, 12, 140, 268, 396, 524, 652, 780);
  LINE(6, 0, false, 0, 206, 207, 208, 209, 210, 211, 212, 213, 214, 215, 216, 217);
  LINE(6, 1, false, 0, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  LINE(6, 2, false, 0, 668, 640, 644, 648, 652, 656, 660, 664, 668, 640, 644, 648);
  one_graph_end(&t.g);
}

#define SMALL "n_modes: [4, 4], hidden_channels: 4, n_layers: 2, rank: 0.5"
/* Without levels, and with a plane that is the same everywhere, it is a tfno. */
static void without_levels_it_is_a_tfno(void **state) {
  const operator_case mg = {"mg_tfno", "{" SMALL ", levels: 0}", {4, {1, 8, 8, 1}}, false};
  const operator_case plain = {"tfno", "{" SMALL "}", {4, {1, 8, 8, 1}}, false};
  double x[64];
  fill_uniform(2, 64, x);
  double *a = evaluate_operator(&mg, x), *b = evaluate_operator(&plain, x);
  assert_memory_equal(a, b, sizeof x);
  free(a);
  free(b);
}

static void input_channels_are_those_of_all_levels(void **state) {
  check_numbers("mg_tfno", "{" SMALL ", levels: 2}", RITZ_SHAPE(1, 16, 16, 1),
                numbers_of("tfno", "{" SMALL ", in_channels: 3}", RITZ_SHAPE(1, 8, 8, 3)));
}

/* A plane moved in a run of number `number`, and moved back; NULL: not wanted. */
static void shift(int threads, ritz_shape shape, uint64_t number, const double *x, double *moved,
                  double *back) {
  const size_t bytes = (size_t)ritz_shape_count(&shape) * sizeof *x;
  one_graph t = one_graph_with_threads(RITZ_FLOAT64, 1, threads);
  ritz_graph_set_training(t.graph, true, 3);
  ritz_var in = ritz_input(t.graph, "x", shape), away = ritz_random_shift(t.graph, in, 5, false);
  ritz_var again = ritz_random_shift(t.graph, away, 5, true);
  one_graph_plan(&t, 2, (ritz_var[]){away, again}, NULL);
  memcpy(ritz_plan_value(t.plan, in), x, bytes);
  ritz_plan_set_run(t.plan, number);
  ritz_plan_forward(t.plan);
  memcpy(moved, ritz_plan_value(t.plan, away), bytes);
  memcpy(back, ritz_plan_value(t.plan, again), bytes);
  one_graph_end(&t);
}

/* Moved as a whole, to every place as often: each axis' mean shift errs by its deviation,
 * N / sqrt(12 count); samples and runs have shifts of their own; the way back is the inverse. */
static void shifts_are_uniform_and_undone(void **state) {
  enum { b = 40, n0 = 7, n1 = 10, runs = 20 };
  double x[b * n0 * n1], y[b * n0 * n1], back[b * n0 * n1], other[b * n0 * n1], mean[2] = {0};
  for (int i = 0; i < b * n0 * n1; i++) x[i] = i;
  for (uint64_t run = 0; run < runs; run++) {
    shift(1, RITZ_SHAPE(b, n0, n1, 1), run, x, y, back);
    shift(2, RITZ_SHAPE(b, n0, n1, 1), run, x, other, back);
    assert_memory_equal(x, back, sizeof x);
    assert_memory_equal(y, other, sizeof y);
    for (int s = 0; s < b; s++) {
      const int first = (int)y[s * n0 * n1] - s * n0 * n1, r = first / n1, c = first % n1;
      for (int i = 0; i < n0 * n1; i++)
        assert_true(y[s * n0 * n1 + i] == s * n0 * n1 + (i / n1 + r) % n0 * n1 + (i % n1 + c) % n1);
      mean[0] += r / (double)(b * runs);
      mean[1] += c / (double)(b * runs);
    }
  }
  assert_near(mean[0], (n0 - 1) / 2.0, 4 * n0 / sqrt(12.0 * b * runs));
  assert_near(mean[1], (n1 - 1) / 2.0, 4 * n1 / sqrt(12.0 * b * runs));
}

static void random_patches_are_for_training_only(void **state) {
  const operator_case regular = {"mg_tfno", "{" SMALL "}", {4, {2, 8, 12, 1}}, true},
                      off = {"mg_tfno", "{" SMALL ", random_patches: true}", regular.x, false},
                      on = {"mg_tfno", "{" SMALL ", random_patches: true}", regular.x, true};
  graph_result a = run_graph(RITZ_FLOAT64, 1, regular.x, build_operator, &regular);
  graph_result b = run_graph(RITZ_FLOAT64, 1, regular.x, build_operator, &off);
  graph_result c = run_graph(RITZ_FLOAT64, 1, regular.x, build_operator, &on);
  assert_memory_equal(a.y, b.y, (size_t)a.y_count * sizeof *a.y);
  assert_memory_equal(a.gradient, b.gradient, (size_t)a.gradient_count * sizeof *a.gradient);
  assert_true(relative_error(a.y_count, c.y, a.y) > 1e-3);
  graph_result_free(&a), graph_result_free(&b), graph_result_free(&c);
}

static void wrong_options_are_named(void **state) {
#define ROW(options, text) \
  { "mg_tfno", "{" options "}", {4, {1, 8, 8, 1}}, RITZ_ERR_CONFIG, text }
  static const operator_refusal rows[] = {
      ROW("n_modes: 4", "mg_tfno works on planes, n_modes has 1 axes"),
      ROW("n_modes: [4, 4], padding_fraction: [0, 0, 0]", "padding_fraction has 3 numbers"),
      ROW("n_modes: [4, 4], levels: 0, random_patches: true", "levels of 1 or more"),
      ROW("n_modes: [4, 4], output_shape: [4, 4]", "mg_tfno keeps the grid"),
  };
  check_refusals(sizeof rows / sizeof *rows, rows);
  check_training_grid("mg_tfno", "{n_modes: [4, 4], levels: 2}", 2, (ritz_index[]){16, 18},
                      "levels: 2 cuts axis 1 into 4 patches");
  check_training_grid("mg_tfno", "{n_modes: [4, 4], levels: 2}", 2, (ritz_index[]){8, 8},
                      "fewer than 16");
  check_training_grid("mg_tfno", "{n_modes: [12, 4], padding_fraction: 0}", 2,
                      (ritz_index[]){16, 16}, "the training grid has only 8 points");
  check_training_grid("mg_tfno", "{n_modes: [8, 8]}", 2, (ritz_index[]){16, 16}, NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_level_agrees),
      cmocka_unit_test(two_levels_agree),
      cmocka_unit_test(without_levels_it_is_a_tfno),
      cmocka_unit_test(input_channels_are_those_of_all_levels),
      cmocka_unit_test(shifts_are_uniform_and_undone),
      cmocka_unit_test(random_patches_are_for_training_only),
      cmocka_unit_test(wrong_options_are_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
