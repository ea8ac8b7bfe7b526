/* SPDX-License-Identifier: BSD-3-Clause
 * Where ops put numbers: blocks, channels, interpolation; and what they refuse. */
#include <math.h>

#include <ritz/ops.h>
#include "graph/op.h"
#include "one_graph.h"

enum { most = 512 };

typedef ritz_var builder(ritz_graph *g, ritz_var x);

/* The values of build(x) for x = 0, 1, 2, ... */
static ritz_shape run(ritz_shape shape, builder *build, double out[most]) {
  one_graph t = one_graph_begin(RITZ_FLOAT64, 1);
  ritz_var x = ritz_input(t.graph, "x", shape), y = build(t.graph, x);
  one_graph_plan(&t, 1, &y, NULL);
  for (ritz_index i = 0; i < ritz_shape_count(&shape); i++)
    ((double *)ritz_plan_value(t.plan, x))[i] = (double)i;
  ritz_plan_forward(t.plan);
  const ritz_shape result = ritz_var_shape(y);
  const double *values = ritz_plan_value(t.plan, y);
  for (ritz_index i = 0; i < ritz_shape_count(&result); i++) out[i] = values[i];
  one_graph_end(&t);
  return result;
}

static void refuse(ritz_shape shape, builder *build, ritz_status status, const char *text) {
  one_graph t = one_graph_begin(RITZ_FLOAT32, 1);
  assert_null(build(t.graph, ritz_input(t.graph, "x", shape)));
  assert_int_equal(ritz_graph_status(t.graph), status);
  assert_message_contains(text);
  one_graph_end(&t);
}

/* -- Blocks: fine [2, 4, 6, 3], blocks of 2 x 3 points
 * ---------------------------------------------- */

static const ritz_index block[3] = {2, 3, 1};
static ritz_var patches(ritz_graph *g, ritz_var x) { return ritz_patchify(g, x, block); }
static ritz_var unshuffled(ritz_graph *g, ritz_var x) { return ritz_pixel_unshuffle(g, x, block); }
static ritz_var patches_and_back(ritz_graph *g, ritz_var x) {
  return ritz_unpatchify(g, ritz_patchify(g, x, block), block);
}
static ritz_var shuffled_and_back(ritz_graph *g, ritz_var x) {
  return ritz_pixel_shuffle(g, ritz_pixel_unshuffle(g, x, block), block);
}

static void blocks_follow_their_formulas(void **state) {
  static double y[most];
  for (int by_channel = 0; by_channel <= 1; by_channel++) {
    const ritz_shape s = run(RITZ_SHAPE(2, 4, 6, 3), by_channel ? unshuffled : patches, y);
    assert_true(ritz_shape_equal(&s, &RITZ_SHAPE(2, 2, 2, 18)));
    for (int n = 0; n < 2 * 2 * 2 * 18; n++) {
      const int s0 = n % 18, w = n / 18 % 2, h = n / 36 % 2, b = n / 72;
      const int c = by_channel ? s0 / 6 : s0 % 3, tap = by_channel ? s0 % 6 : s0 / 3;
      const int i = tap / 3, j = tap % 3;
      assert_near(y[n], ((b * 4 + h * 2 + i) * 6 + w * 3 + j) * 3 + c, 0);
    }
  }
}

static void blocks_come_back(void **state) {
  static double y[most];
  builder *const both[] = {patches_and_back, shuffled_and_back};
  for (int k = 0; k < 2; k++) {
    const ritz_shape s = run(RITZ_SHAPE(2, 4, 6, 3), both[k], y);
    assert_true(ritz_shape_equal(&s, &RITZ_SHAPE(2, 4, 6, 3)));
    for (int n = 0; n < 144; n++) assert_near(y[n], n, 0);
  }
}

/* -- Channels
 * ---------------------------------------------------------------------------------------- */

static ritz_var swapped(ritz_graph *g, ritz_var x) {
  return ritz_concat(g, 2, (ritz_var[]){ritz_slice(g, x, 2, 3), ritz_slice(g, x, 0, 2)});
}
static void slices_and_concatenations_keep_their_order(void **state) {
  static double y[most];
  const ritz_shape s = run(RITZ_SHAPE(1, 70, 5), swapped, y); /* more than a tile */
  assert_true(ritz_shape_equal(&s, &RITZ_SHAPE(1, 70, 5)));
  for (int n = 0; n < 350; n++) assert_near(y[n], n / 5 * 5 + (n % 5 + 2) % 5, 0);
}

/* -- Interpolation
 * ----------------------------------------------------------------------------------- */

static ritz_var nearest(ritz_graph *g, ritz_var x) {
  return ritz_interpolate(g, x, (ritz_index[]){5}, RITZ_INTERPOLATE_NEAREST, true);
}
static ritz_var linear_cells(ritz_graph *g, ritz_var x) {
  return ritz_interpolate(g, x, (ritz_index[]){6}, RITZ_INTERPOLATE_LINEAR, false);
}
static ritz_var bilinear_ends(ritz_graph *g, ritz_var x) {
  return ritz_interpolate(g, x, (ritz_index[]){5, 3}, RITZ_INTERPOLATE_LINEAR, true);
}
static ritz_var mean(ritz_graph *g, ritz_var x) { return ritz_global_average_pool(g, x); }

static void interpolation_takes_the_right_points(void **state) {
  static double y[most];
  run(RITZ_SHAPE(1, 3, 1), nearest, y);
  const double near[] = {0, 0, 1, 1, 2};
  for (int i = 0; i < 5; i++) assert_near(y[i], near[i], 0);
  run(RITZ_SHAPE(1, 3, 1), linear_cells, y);
  const double cells[] = {0, 0.25, 0.75, 1.25, 1.75, 2};
  for (int i = 0; i < 6; i++) assert_near(y[i], cells[i], 1e-15);
  run(RITZ_SHAPE(1, 3, 2, 1), bilinear_ends, y); /* x = 2 i + j, linear: met everywhere */
  for (int i = 0; i < 15; i++) assert_near(y[i], 2 * (i / 3) * 0.5 + i % 3 * 0.5, 1e-15);
  const ritz_shape s = run(RITZ_SHAPE(2, 3, 5, 2), mean, y);
  assert_true(ritz_shape_equal(&s, &RITZ_SHAPE(2, 1, 1, 2)));
  for (int i = 0; i < 4; i++) assert_near(y[i], i / 2 * 30 + i % 2 + 14, 1e-13);
}

/* -- Refusals
 * ----------------------------------------------------------------------------------------- */

static ritz_var odd_factor(ritz_graph *g, ritz_var x) {
  return ritz_pixel_shuffle(g, x, (ritz_index[]){2, 2});
}
static ritz_var beyond(ritz_graph *g, ritz_var x) { return ritz_slice(g, x, 2, 2); }
static ritz_var two_grids(ritz_graph *g, ritz_var x) {
  return ritz_concat(g, 2, (ritz_var[]){x, ritz_global_average_pool(g, x)});
}
static ritz_var too_many(ritz_graph *g, ritz_var x) {
  return ritz_concat(g, 6, (ritz_var[]){x, x, x, x, x, x});
}
static ritz_var margin_only(ritz_graph *g, ritz_var x) {
  const ritz_window_options options = {.low = {4}};
  return ritz_max_pool(g, x, (ritz_index[]){2, 2}, &options);
}
static ritz_var steep(ritz_graph *g, ritz_var x) { return ritz_leaky_relu(g, x, -0.1); }
static ritz_var no_points(ritz_graph *g, ritz_var x) {
  return ritz_interpolate(g, x, (ritz_index[]){5, 0}, RITZ_INTERPOLATE_LINEAR, true);
}

static ritz_var wrong_window(ritz_graph *g, ritz_var x) {
  return ritz_conv(g, x, x, RITZ_NO_VAR, NULL);
}
static ritz_var split_channels(ritz_graph *g, ritz_var x) {
  return ritz_conv(g, x, x, RITZ_NO_VAR, &(ritz_conv_options){.groups = 2});
}

static void misfits_are_named(void **state) {
  const ritz_shape s = RITZ_SHAPE(1, 4, 6, 3);
  refuse(s, odd_factor, RITZ_ERR_SHAPE, "3 channels, not a multiple of the 4 points");
  refuse(RITZ_SHAPE(1, 4, 5, 3), patches, RITZ_ERR_SHAPE, "axis 1 has 5 points");
  refuse(s, beyond, RITZ_ERR_SHAPE, "x is [1, 4, 6, 3], which has no channels 2 to 3");
  refuse(s, two_grids, RITZ_ERR_SHAPE, "field 1 is [1, 1, 1, 3] on another grid");
  refuse(s, too_many, RITZ_ERR_ARGUMENT, "6 fields, wanted 1 to 5");
  refuse(s, margin_only, RITZ_ERR_SHAPE, "window 0 along axis 0 lies in the margin");
  refuse(s, steep, RITZ_ERR_ARGUMENT, "slope -0.1");
  refuse(s, wrong_window, RITZ_ERR_SHAPE, "weight is [1, 4, 6, 3] in 1 groups: it takes 6");
  refuse(s, split_channels, RITZ_ERR_SHAPE, "2 groups do not divide 3 channels");
  refuse(s, no_points, RITZ_ERR_SHAPE, "axis 1 would have 0 points");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(blocks_follow_their_formulas),
      cmocka_unit_test(blocks_come_back),
      cmocka_unit_test(slices_and_concatenations_keep_their_order),
      cmocka_unit_test(interpolation_takes_the_right_points),
      cmocka_unit_test(misfits_are_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
