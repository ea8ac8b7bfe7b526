/* SPDX-License-Identifier: BSD-3-Clause
 * Depthwise convolution and its gradients against the textbook loops, all kinds of windows. */
#define _POSIX_C_SOURCE 200112L
#include "kernels/depthwise.h"

#include "support.h"

#include <math.h>

#include "allocations.h"
#include "core/memory.h"
#include "isa.h"
#include "kernels/depthwise_plan.h"
#include "window_walk.h"

enum { room = 1 << 16 };
static double x[room], y[room], w[room], bias[64], got[room], again[room], want[room];

/* -- The textbook: calls f for all (sample, output, tap, input, channel) that meet. ------------ */

typedef void meeting(ritz_dtype dtype, ritz_index out, ritz_index weight, ritz_index in);

static void for_all_meetings(const ritz_depthwise_shape *s, meeting *f) {
  const ritz_index outs = ritz_window_points_out(&s->window), taps = ritz_window_taps(&s->window);
  for (ritz_index b = 0; b < s->batch; b++)
    for (ritz_index o = 0; o < outs; o++)
      for (ritz_index t = 0; t < taps; t++) {
        const ritz_index in = window_reads(&s->window, b, o, t);
        for (ritz_index c = 0; c < s->channels && in >= 0; c++)
          f(s->dtype, (b * outs + o) * s->channels + c, t * s->channels + c, in * s->channels + c);
      }
}

static void forward_meeting(ritz_dtype d, ritz_index o, ritz_index t, ritz_index i) {
  want[o] += ritz_number_get(d, w, t) * ritz_number_get(d, x, i);
}
static void input_meeting(ritz_dtype d, ritz_index o, ritz_index t, ritz_index i) {
  want[i] += ritz_number_get(d, w, t) * ritz_number_get(d, y, o);
}
static void weight_meeting(ritz_dtype d, ritz_index o, ritz_index t, ritz_index i) {
  want[t] += ritz_number_get(d, y, o) * ritz_number_get(d, x, i);
}

/* -- Windows
 * --------------------------------------------------------------------------------------- */

typedef struct case_of {
  int dim;
  ritz_index batch, channels, in[3], kernel[3];
  ritz_window_options o;
} case_of;

#define ZERO      RITZ_BOUNDARY_ZERO
#define PERIODIC  RITZ_BOUNDARY_PERIODIC
#define REFLECT   RITZ_BOUNDARY_REFLECT
#define REPLICATE RITZ_BOUNDARY_REPLICATE
static const case_of cases[] = {
    {2, 2, 64, {9, 20}, {7, 7}, {.low = {3, 3}, .high = {3, 3}}},
    {2, 2, 16, {8, 16}, {3, 3}, {.low = {1, 1}, .high = {1, 1}, .boundary = {PERIODIC, PERIODIC}}},
    {2, 1, 17, {7, 13}, {5, 5}, {.low = {2, 2}, .high = {2, 2}, .boundary = {REFLECT, REFLECT}}},
    {2, 3, 3, {6, 50}, {3, 7}, {.low = {1, 3}, .high = {1, 3}, .boundary = {REPLICATE, PERIODIC}}},
    {2, 1, 1, {5, 41}, {5, 3}, {.low = {2, 1}, .high = {2, 1}, .boundary = {ZERO, REFLECT}}},
    {2, 1, 20, {11, 19}, {3, 4}, {.stride = {2, 2}, .low = {1, 1}, .high = {1, 2}}},
    {2,
     2,
     5,
     {7, 23},
     {3, 3},
     {.stride = {1, 3},
      .dilation = {2, 2},
      .low = {2, 2},
      .high = {2, 2},
      .boundary = {PERIODIC, REFLECT}}},
    {2,
     1,
     33,
     {12, 12},
     {3, 3},
     {.dilation = {2, 3}, .low = {2, 3}, .high = {2, 3}, .boundary = {ZERO, PERIODIC}}},
    {2, 1, 18, {3, 40}, {1, 31}, {.low = {0, 15}, .high = {0, 15}}},
    {2, 1, 16, {15, 9}, {13, 9}, {.low = {6, 4}, .high = {6, 4}, .boundary = {REPLICATE, REFLECT}}},
    {2,
     1,
     16,
     {4, 30},
     {2, 3},
     {.stride = {3, 4},
      .dilation = {1, 6},
      .low = {0, 5},
      .high = {1, 7},
      .boundary = {PERIODIC, REPLICATE}}},
    {1, 2, 19, {137}, {5}, {.low = {4}, .high = {1}, .boundary = {PERIODIC}}},
    {1, 1, 16, {2000}, {7}, {.low = {3}, .high = {3}, .boundary = {PERIODIC}}},
    {1, 1, 2, {2003}, {3}, {.low = {1}, .high = {1}}},
    {1, 3, 9, {10}, {2}, {.stride = {5}}},
    {1, 1, 16, {1}, {1}, {.high = {0}}},
    {1, 2, 1, {1}, {3}, {.low = {1}, .high = {1}, .boundary = {REPLICATE}}},
    {3,
     2,
     16,
     {5, 6, 9},
     {3, 3, 3},
     {.low = {1, 1, 1}, .high = {1, 1, 1}, .boundary = {PERIODIC, REFLECT, ZERO}}},
    {3,
     1,
     21,
     {4, 5, 9},
     {2, 3, 5},
     {.stride = {2, 1, 2},
      .low = {0, 1, 2},
      .high = {1, 1, 2},
      .boundary = {ZERO, REPLICATE, PERIODIC}}},
    {3, 1, 4, {3, 4, 17}, {3, 1, 3}, {.low = {1, 0, 1}, .high = {1, 0, 1}}},
};

/* Sums of n products of numbers below 1, in the worst order: n roundings; n^1/2 in fact. */
static void compare(ritz_dtype dtype, size_t k, const char *what, ritz_index count,
                    const void *values) {
  const double tolerance = dtype == RITZ_FLOAT64 ? 1e-13 : 4e-5;
  for (ritz_index i = 0; i < count; i++) {
    const double error = fabs(ritz_number_get(dtype, values, i) - want[i]);
    if (!(error <= tolerance * (1 + fabs(want[i]))))
      fail_msg("case %zu, %s, number %td: %.9g, want %.9g", k, what, i,
               ritz_number_get(dtype, values, i), want[i]);
  }
}

static void start_from(ritz_dtype dtype, ritz_index count, const void *values) {
  for (ritz_index i = 0; i < count; i++) want[i] = values ? ritz_number_get(dtype, values, i) : 0;
}

static void check_case(const ritz_depthwise_shape *s, const ritz_depthwise *plan, size_t k) {
  const ritz_dtype dtype = s->dtype;
  const ritz_index c = s->channels, ins = s->batch * ritz_window_points_in(&s->window) * c;
  const ritz_index outs = s->batch * ritz_window_points_out(&s->window) * c;
  const ritz_index weights = ritz_window_taps(&s->window) * c;
  void *scratch;
  assert_ok(ritz_calloc((ritz_index)ritz_depthwise_scratch(plan), 1, &scratch));
  fill_uniform_as(dtype, 1, ins, x);
  fill_uniform_as(dtype, 2, weights, w);
  fill_uniform_as(dtype, 3, outs, y);
  fill_uniform_as(dtype, 4, c, bias);

  for (ritz_index i = 0; i < outs; i++) want[i] = ritz_number_get(dtype, bias, i % c);
  for_all_meetings(s, forward_meeting);
  ritz_depthwise_forward(plan, false, x, w, bias, got, scratch, NULL);
  compare(dtype, k, "forward", outs, got);

  for (int add = 0; add <= 1; add++) {
    fill_uniform_as(dtype, 5, ins, got);
    start_from(dtype, ins, add ? got : NULL);
    for_all_meetings(s, input_meeting);
    ritz_depthwise_adjoint(plan, add, y, w, NULL, got, scratch, NULL);
    compare(dtype, k, add ? "input gradient, added" : "input gradient", ins, got);

    fill_uniform_as(dtype, 6, weights, got);
    fill_uniform_as(dtype, 7, c, again);
    start_from(dtype, weights, add ? got : NULL);
    for_all_meetings(s, weight_meeting);
    ritz_depthwise_weight_gradient(plan, x, y, got, add, again, add, scratch);
    compare(dtype, k, "weight gradient", weights, got);
    fill_uniform_as(dtype, 7, c, got);
    start_from(dtype, c, add ? got : NULL);
    for (ritz_index i = 0; i < outs; i++) want[i % c] += ritz_number_get(dtype, y, i);
    compare(dtype, k, "bias gradient", c, again);
  }
  ritz_free(scratch);
}

static ritz_depthwise_shape shape_of_case(const case_of *c, ritz_dtype dtype) {
  ritz_depthwise_shape s = {.dtype = dtype, .batch = c->batch, .channels = c->channels};
  assert_ok(ritz_window_make("test", c->dim, c->in, c->kernel, &c->o, &s.window));
  return s;
}
static ritz_depthwise_shape shape_of(size_t k, ritz_dtype dtype) {
  return shape_of_case(&cases[k], dtype);
}

static void check_all(ritz_dtype dtype, const ritz_kernels *kernels) {
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    const ritz_depthwise_shape s = shape_of(k, dtype);
    ritz_depthwise *plan;
    assert_ok(ritz_depthwise_create(&s, true, 2, &plan));
    check_case(&s, plan, k);
    ritz_depthwise_destroy(&plan);
  }
}
static void all_windows_agree_with_the_textbook(void **state) { for_each_table(check_all); }

/* Transforms of every size, forward, backward and gradient, whatever they would cost. */
static const struct {
  case_of c;
  ritz_index tile;
} tiled[] = {
    {{2, 2, 16, {30, 17}, {7, 5}, {.low = {3, 2}, .high = {3, 2}}}, 16},
    {{2, 1, 5, {19, 33}, {3, 1}, {.low = {5, 0}, .high = {0, 0}}}, 16},
    {{2, 1, 20, {9, 21}, {5, 9}, {.low = {2, 4}, .high = {2, 4}, .boundary = {PERIODIC, PERIODIC}}},
     32},
    {{2,
      1,
      3,
      {20, 24},
      {31, 31},
      {.low = {15, 15}, .high = {15, 15}, .boundary = {ZERO, PERIODIC}}},
     64},
    {{2, 1, 9, {11, 40}, {4, 40}, {.low = {9, 45}, .boundary = {REPLICATE, PERIODIC}}}, 64},
    {{2, 3, 8, {7, 12}, {3, 3}, {.low = {1, 1}, .high = {1, 1}, .boundary = {REFLECT, ZERO}}}, 128},
    {{1, 3, 4, {70}, {7}, {.low = {3}, .high = {3}}}, 16},
};

static void force_tiles(ritz_depthwise *plan, ritz_index tile) {
  for (int adjoint = 0; adjoint < 2; adjoint++) {
    bool window = true;
    for (int a = 0; a < 3; a++)
      window = window && ritz_window_adjoint_is_window(&plan->shape.window.axis[a]);
    if (adjoint && !window) continue;
    assert_ok(ritz_depthwise_tiles_create(&plan->shape, tile, adjoint, plan->threads,
                                          &plan->tiles[adjoint]));
    for (int gradient = 0; gradient < 2; gradient++) {
      const size_t bytes = ritz_depthwise_tiles_scratch(plan->tiles[adjoint], gradient);
      if (bytes > plan->scratch.total) plan->scratch.total = bytes;
    }
  }
}

static void check_tiles(ritz_dtype dtype, const ritz_kernels *kernels) {
  for (size_t k = 0; k < sizeof tiled / sizeof *tiled; k++) {
    ritz_depthwise_shape s = shape_of_case(&tiled[k].c, dtype);
    ritz_depthwise *plan;
    s.direct = true;
    assert_ok(ritz_depthwise_create(&s, true, 2, &plan));
    assert_null(plan->tiles[0]);
    force_tiles(plan, tiled[k].tile);
    check_case(&s, plan, 100 + k);
    ritz_depthwise_destroy(&plan);
  }
}
static void tiles_agree_with_the_textbook(void **state) { for_each_table(check_tiles); }

/* One of 31 x 31 and one of 3 x 3. */
static const case_of wide = {2, 1, 16, {64, 64}, {31, 31}, {.low = {15, 15}, .high = {15, 15}}};
static const case_of small = {2, 1, 16, {64, 64}, {3, 3}, {.low = {1, 1}, .high = {1, 1}}};

static void large_windows_go_by_tiles(void **state) {
  const ritz_depthwise_shape large = shape_of_case(&wide, RITZ_FLOAT32);
  const ritz_depthwise_shape usual = shape_of_case(&small, RITZ_FLOAT32);
  for (int adjoint = 0; adjoint < 2; adjoint++) {
    assert_true(ritz_depthwise_tile(&large, adjoint) > 0);
    assert_int_equal(ritz_depthwise_tile(&usual, adjoint), 0);
  }
}

static void threads_change_nothing(void **state) {
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    const ritz_depthwise_shape s = shape_of(k, RITZ_FLOAT32);
    const ritz_index weights = ritz_window_taps(&s.window) * s.channels;
    const ritz_index outs = s.batch * ritz_window_points_out(&s.window) * s.channels;
    for (int threads = 1; threads <= 3; threads += 2) {
      ritz_depthwise *plan;
      void *scratch, *gw = threads == 1 ? got : again;
      assert_ok(ritz_depthwise_create(&s, true, threads, &plan));
      assert_ok(ritz_calloc((ritz_index)ritz_depthwise_scratch(plan), 1, &scratch));
      fill_uniform_as(RITZ_FLOAT32, 1, room, x);
      fill_uniform_as(RITZ_FLOAT32, 3, outs, y);
      ritz_depthwise_weight_gradient(plan, x, y, gw, false, NULL, false, scratch);
      ritz_free(scratch);
      ritz_depthwise_destroy(&plan);
    }
    assert_memory_equal(got, again, (size_t)weights * sizeof(float));
  }
}

static void lose_memory(const ritz_depthwise_shape *s) {
  ritz_depthwise *plan;
  long k = 0;
  while (creation_fails(k, plan, ritz_depthwise_create(s, true, 2, &plan))) assert_true(++k <= 60);
  ritz_depthwise_destroy(&plan);
  ritz_depthwise_destroy(&plan);
}
static void lost_memory_is_reported(void **state) {
  const ritz_depthwise_shape strided = shape_of(6, RITZ_FLOAT64);
  const ritz_depthwise_shape large = shape_of_case(&wide, RITZ_FLOAT32);
  lose_memory(&strided);
  lose_memory(&large);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(all_windows_agree_with_the_textbook),
      cmocka_unit_test(tiles_agree_with_the_textbook),
      cmocka_unit_test(large_windows_go_by_tiles),
      cmocka_unit_test(threads_change_nothing),
      cmocka_unit_test(lost_memory_is_reported),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
