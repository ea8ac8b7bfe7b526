/* SPDX-License-Identifier: BSD-3-Clause
 * Pairing, harmonics and polar coordinates against plain loops. */
#include <math.h>
#include <string.h>

#include "gradient.h"
#include "graph/op.h"
#include "one_graph.h"

/* A forward run of @p output with random inputs. */
static void run(one_graph *b, ritz_dtype dtype, int inputs, const ritz_var *input,
                ritz_var output) {
  one_graph_plan(b, 1, &output, NULL);
  for (int i = 0; i < inputs; i++)
    fill_uniform_as(dtype, (uint32_t)i + 1, ritz_shape_count(&input[i]->shape),
                    ritz_plan_value(b->plan, input[i]));
  ritz_plan_forward(b->plan);
}

/* Samples, points, channels, sums; steps of a channel in f and t; functions of each sample. More
 * points and samples than a task has, and a rest. */
static const struct {
  ritz_index b, n, c, k, f_step, t_step;
  bool aligned;
} pairings[] = {
    {1, 1, 1, 1, 1, 1, false},  {19, 131, 1, 7, 7, 7, false}, {33, 64, 3, 5, 5, 5, false},
    {5, 70, 2, 9, 0, 9, false}, {17, 20, 4, 3, 3, 0, false},  {3, 67, 1, 6, 6, 6, true},
    {2, 11, 3, 5, 5, 5, true},  {4, 5, 2, 3, 0, 3, true},     {3, 8, 2, 4, 4, 0, true},
};

static void pairing_is_the_sum_of_products(ritz_dtype dtype, double tolerance) {
  for (size_t i = 0; i < sizeof pairings / sizeof *pairings; i++) {
    const ritz_index n = pairings[i].n, c = pairings[i].c, k = pairings[i].k;
    const ritz_index wide_f = pairings[i].f_step ? c * k : k;
    const ritz_index wide_t = pairings[i].t_step ? c * k : k;
    one_graph b = one_graph_begin(dtype, 1);
    ritz_var in[2] = {ritz_input(b.graph, "f", RITZ_SHAPE(pairings[i].b, 1, wide_f)),
                      pairings[i].aligned
                          ? ritz_input(b.graph, "t", RITZ_SHAPE(pairings[i].b, n, wide_t))
                          : ritz_input(b.graph, "t", RITZ_SHAPE(n, wide_t))};
    ritz_var y = ritz_pairing(b.graph, in[0], in[1], c);
    run(&b, dtype, 2, in, y);
    const void *f = ritz_plan_value(b.plan, in[0]), *t = ritz_plan_value(b.plan, in[1]);
    for (ritz_index s = 0; s < pairings[i].b; s++)
      for (ritz_index p = 0; p < n; p++)
        for (ritz_index o = 0; o < c; o++) {
          const ritz_index row = pairings[i].aligned ? s * n + p : p;
          double sum = 0;
          for (ritz_index q = 0; q < k; q++)
            sum += ritz_number_get(dtype, f, s * wide_f + o * pairings[i].f_step + q) *
                   ritz_number_get(dtype, t, row * wide_t + o * pairings[i].t_step + q);
          assert_near(ritz_number_get(dtype, ritz_plan_value(b.plan, y), (s * n + p) * c + o), sum,
                      tolerance);
        }
    one_graph_end(&b);
  }
}
/* Sums of at most nine products of numbers below 1. */
static void pairing_in_double(void **state) { pairing_is_the_sum_of_products(RITZ_FLOAT64, 1e-14); }
static void pairing_in_float(void **state) { pairing_is_the_sum_of_products(RITZ_FLOAT32, 4e-6); }

static void harmonics_are_sines_and_cosines(void **state) {
  static const double f[3] = {1, 2, 64};
  one_graph b = one_graph_begin(RITZ_FLOAT64, 1);
  ritz_var x = ritz_input(b.graph, "x", RITZ_SHAPE(2, 5, 2)), y = ritz_harmonics(b.graph, x, 3, f);
  run(&b, RITZ_FLOAT64, 1, &x, y);
  const double *in = ritz_plan_value(b.plan, x), *out = ritz_plan_value(b.plan, y);
  for (int r = 0; r < 10; r++)
    for (int c = 0; c < 2; c++)
      for (int j = 0; j < 3; j++) {
        const double a = acos(-1) * f[j] * in[2 * r + c];
        assert_near(out[12 * r + 3 * c + j], sin(a), 1e-13);
        assert_near(out[12 * r + 6 + 3 * c + j], cos(a), 1e-13);
      }
  one_graph_end(&b);
}

static void polar_coordinates_see_the_centre(void **state) {
  one_graph b = one_graph_begin(RITZ_FLOAT64, 1);
  ritz_var x = ritz_input(b.graph, "x", RITZ_SHAPE(1, 3, 2)), y = ritz_polar(b.graph, x, 1, 2);
  one_graph_plan(&b, 1, &y, NULL);
  const double points[6] = {1, 2, 1, 5, 0, 2};
  memcpy(ritz_plan_value(b.plan, x), points, sizeof points);
  ritz_plan_forward(b.plan);
  const double *out = ritz_plan_value(b.plan, y), pi = acos(-1);
  const double want[12] = {1, 2, 0, 0, 1, 5, pi / 2, 3, 0, 2, pi, 1};
  for (int i = 0; i < 12; i++) assert_near(out[i], want[i], 1e-15);
  one_graph_end(&b);
}

static void wrong_operands_are_named(void **state) {
  one_graph b = one_graph_begin(RITZ_FLOAT32, 1);
  ritz_var f = ritz_input(b.graph, "f", RITZ_SHAPE(2, 1, 6));
  assert_null(ritz_pairing(b.graph, f, ritz_input(b.graph, "t", RITZ_SHAPE(9, 4)), 1));
  assert_int_equal(ritz_graph_status(b.graph), RITZ_ERR_SHAPE);
  assert_message_contains("coefficients are [2, 1, 6], functions [9, 4]");
  one_graph_end(&b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(pairing_in_double),
      cmocka_unit_test(pairing_in_float),
      cmocka_unit_test(harmonics_are_sines_and_cosines),
      cmocka_unit_test(polar_coordinates_see_the_centre),
      cmocka_unit_test(wrong_operands_are_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
