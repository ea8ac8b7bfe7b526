/* SPDX-License-Identifier: BSD-3-Clause
 * The operator afno. */

#include "graph/op.h"
#include "one_graph.h"
#include "operator_checks.h"

/* Numbers of a model with square images, by hand. */
static ritz_index expected(ritz_index tokens, ritz_index patch, ritz_index width, ritz_index depth,
                           ritz_index blocks, ritz_index filter) {
  const ritz_index hidden = 4 * width;
  const ritz_index mlp = width * hidden + hidden + hidden * width + width;
  const ritz_index afno = 2 * (2 * width * (width / blocks) + 2 * width);
  return patch * width + width + tokens * width + patch * width +
         depth * ((filter ? 2 * filter * width : afno) + mlp + 4 * width);
}

static void parameters_are_as_many_as_counted(void **state) {
  const ritz_shape x = RITZ_SHAPE(1, 64, 64, 1);
  check_numbers("afno", "{img_size: [64, 64], patch_size: [4, 4], embed_dim: 64, depth: 3}", x,
                expected(16 * 16, 16, 64, 3, 8, 0));
  check_numbers("afno",
                "{img_size: [64, 64], patch_size: [4, 4], embed_dim: 24, depth: 2, mixer: gfn}", x,
                expected(16 * 16, 16, 24, 2, 8, 16 * 9));
}

/* All modes there and back: the field, whatever the sizes. */
static void modes_give_back_the_field(void **state) {
  static const ritz_shape shapes[] = {
      {3, {2, 7, 3}}, {4, {2, 6, 9, 2}}, {4, {1, 5, 8, 3}}, {5, {1, 3, 4, 5, 2}}};
  for (size_t k = 0; k < sizeof shapes / sizeof *shapes; k++) {
    const ritz_shape shape = shapes[k];
    const int d = shape.rank - 2;
    ritz_index modes[3];
    for (int a = 0; a < d; a++) modes[a] = a == d - 1 ? shape.n[a + 1] / 2 + 1 : shape.n[a + 1];
    one_graph t = one_graph_begin(RITZ_FLOAT64, 1);
    ritz_var x = ritz_input(t.graph, "x", shape);
    ritz_var y =
        ritz_fourier_field(t.graph, ritz_fourier_modes(t.graph, x, modes, 2), shape.n + 1, 0.5);
    one_graph_plan(&t, 1, &y, NULL);
    const ritz_index count = ritz_shape_count(&shape);
    double *in = ritz_plan_value(t.plan, x);
    fill_uniform(1, count, in);
    ritz_plan_forward(t.plan);
    const double *out = ritz_plan_value(t.plan, y);
    for (ritz_index i = 0; i < count; i++) assert_near(out[i], in[i], 1e-13);
    one_graph_end(&t);
  }
}

/* (1 + 2i) (3 - i) + i = 5 + 6i, for two groups. */
static void complex_products_are_complex(void **state) {
  one_graph t = one_graph_begin(RITZ_FLOAT64, 1);
  const ritz_init zero = {RITZ_INIT_CONSTANT, 0};
  ritz_var x = ritz_input(t.graph, "x", RITZ_SHAPE(1, 1, 4));
  ritz_var w = ritz_parameter(t.graph, t.params, zero, RITZ_SHAPE(2, 2, 1, 1), 0, "w");
  ritz_var b = ritz_parameter(t.graph, t.params, zero, RITZ_SHAPE(2, 2), 0, "b");
  ritz_var y = ritz_complex_linear(t.graph, x, w, b);
  one_graph_plan(&t, 1, &y, NULL);
  const double in[4] = {1, 3, 2, -1}, weight[4] = {3, 1, -1, 2}, bias[4] = {0, 0, 1, 1};
  for (int i = 0; i < 4; i++) {
    ((double *)ritz_plan_value(t.plan, x))[i] = in[i];
    one_graph_parameter(&t, "w")[i] = weight[i];
    one_graph_parameter(&t, "b")[i] = bias[i];
  }
  ritz_plan_forward(t.plan);
  const double *out = ritz_plan_value(t.plan, y), want[4] = {5, 5, 6, 6};
  for (int i = 0; i < 4; i++) assert_near(out[i], want[i], 1e-15);
  one_graph_end(&t);
}

static void wrong_options_are_named(void **state) {
#define ROW(options, status, message) \
  { "afno", "{" options "}", {4, {1, 8, 8, 1}}, status, message }
  static const operator_refusal rows[] = {
      ROW("img_size: [8, 8]", RITZ_ERR_CONFIG, "patch_size"),
      ROW("img_size: [8], patch_size: [2, 2]", RITZ_ERR_CONFIG, "img_size has 1 axes"),
      ROW("img_size: [8, 8], patch_size: [2, 3]", RITZ_ERR_CONFIG,
          "patch_size 3 does not divide img_size 8 along axis 1"),
      ROW("img_size: [8, 8], patch_size: [2, 2], embed_dim: 12", RITZ_ERR_CONFIG,
          "num_blocks 8 does not divide embed_dim 12"),
      ROW("img_size: [8, 16], patch_size: [2, 2]", RITZ_ERR_CONFIG,
          "axis 1 has 8 points, img_size says 16"),
      ROW("img_size: 8, patch_size: 2", RITZ_ERR_SHAPE, "afno: x is [1, 8, 8, 1]"),
  };
  check_refusals(sizeof rows / sizeof *rows, rows);
  check_training_grid("afno", "{img_size: [8, 8], patch_size: [2, 2]}", 2, (ritz_index[]){8, 6},
                      "axis 1 has 6 points");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(parameters_are_as_many_as_counted),
      cmocka_unit_test(modes_give_back_the_field),
      cmocka_unit_test(complex_products_are_complex),
      cmocka_unit_test(wrong_options_are_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
