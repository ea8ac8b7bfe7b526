/* SPDX-License-Identifier: BSD-3-Clause
 * Kernels around a halo: they have worked before it comes, do not touch what has left, and give the
 * bits that they give without one. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "kernels/conv.h"
#include "kernels/pooling.h"
#include "kernels/resize.h"
#include "support.h"

/* The first and last `halo` lines of the middle axis of three are others'. */
enum { lines = 96, more_lines = 400, halo_lines = 3, columns = 24, most_lines = 1024 };

/* What a kernel reads and writes, and what the fake halo sees of it. */
typedef struct problem {
  const ritz_window *window;
  bool adjoint, leaves;
  ritz_index in_row, out_row; /* numbers of a line */
  ritz_index in_lines, out_lines;
  double *whole, *in, *out, *left; /* `left`: the halo lines as they were when they left */
  void (*run)(const void *plan, const struct problem *p, const ritz_halo *halo);
  const void *plan;
  const double *w;
  void *scratch;
  int met;
  bool worked; /* some line without halo was written before, and where it leaves not all were */
} problem;

static bool is_others(ritz_index line, ritz_index count) {
  return line < halo_lines || line >= count - halo_lines;
}

static void copy_halo(ritz_index count, ritz_index row, const double *from, double *to) {
  for (ritz_index i = 0; i < count; i++)
    if (is_others(i, count)) memcpy(to + i * row, from + i * row, (size_t)row * sizeof *to);
}

static bool is_written(const problem *p, ritz_index line) {
  for (ritz_index k = 0; k < p->out_row; k++)
    if (isnan(p->out[line * p->out_row + k])) return false;
  return true;
}

static void meet(void *arg) {
  problem *p = arg;
  int written = 0;
  for (ritz_index i = 0; i < p->out_lines; i++) written += is_written(p, i);
  p->met++;
  p->worked = written > 0 && written < p->out_lines;
  if (p->leaves)
    copy_halo(p->out_lines, p->out_row, p->out, p->left);
  else
    copy_halo(p->in_lines, p->in_row, p->whole, p->in);
}

static void move_on(void *arg) {}

/* Outputs that see lines of others; where the halo leaves, those lines. */
static void find_touching(const problem *p, ritz_index touching[most_lines]) {
  ritz_sights sights;
  assert_ok(ritz_sights_init(&p->window->axis[1], p->adjoint, &sights));
  assert_true(p->out_lines < most_lines);
  touching[0] = 0;
  for (ritz_index i = 0; i < p->out_lines; i++) {
    bool touches = p->leaves && is_others(i, p->out_lines);
    for (ritz_index k = sights.start[i]; !p->leaves && k < sights.start[i + 1]; k++)
      touches = touches || is_others(sights.entry[k].point, p->in_lines);
    touching[i + 1] = touching[i] + touches;
  }
  ritz_sights_release(&sights);
}

static void check(problem *p) {
  static ritz_index none[most_lines];
  ritz_index touching[most_lines];
  const ritz_index in = p->in_lines * p->in_row, out = p->out_lines * p->out_row;
  double *want = malloc((size_t)out * sizeof *want);
  p->whole = random_numbers(RITZ_FLOAT64, 3, in);
  p->in = random_numbers(RITZ_FLOAT64, 3, in);
  p->out = want;
  p->run(p->plan, p, NULL);
  p->out = malloc((size_t)out * sizeof *p->out);
  p->left = malloc((size_t)out * sizeof *p->left);
  for (ritz_index i = 0; i < out; i++) p->out[i] = p->left[i] = NAN;
  for (ritz_index i = 0; i < in; i++) p->in[i] = p->whole[i];
  for (ritz_index i = 0; !p->leaves && i < in; i++)
    if (is_others(i / p->in_row, p->in_lines)) p->in[i] = NAN;
  find_touching(p, touching);
  const ritz_window_axis *a = p->window->axis;
  const ritz_halo halo = {.leaves = p->leaves,
                          .outputs = {1, p->out_lines, p->adjoint ? a[2].in : a[2].out},
                          .touching = {none, touching, none},
                          .meet = meet,
                          .move_on = move_on,
                          .arg = p};
  p->met = 0;
  p->run(p->plan, p, &halo);
  assert_int_equal(p->met, 1);
  if (!p->worked)
    fail_msg("%td -> %td lines, adjoint %d, leaves %d: no work before", p->in_lines, p->out_lines,
             p->adjoint, p->leaves);
  assert_memory_equal(p->out, want, (size_t)out * sizeof *want);
  copy_halo(p->out_lines, p->out_row, want, p->out); /* those that left were whole */
  for (ritz_index i = 0; p->leaves && i < out; i++)
    if (is_others(i / p->out_row, p->out_lines)) assert_true(p->left[i] == want[i]);
  free(want), free(p->out), free(p->left);
  ritz_free(p->whole);
  ritz_free(p->in);
}

static void set_extents(problem *p, ritz_index in_channels, ritz_index out_channels) {
  const ritz_window_axis *a = p->window->axis;
  p->in_lines = p->adjoint ? a[1].out : a[1].in;
  p->out_lines = p->adjoint ? a[1].in : a[1].out;
  p->in_row = (p->adjoint ? a[2].out : a[2].in) * in_channels;
  p->out_row = (p->adjoint ? a[2].in : a[2].out) * out_channels;
}

static void run_conv(const void *plan, const problem *p, const ritz_halo *halo) {
  if (p->adjoint)
    ritz_conv_adjoint(plan, false, p->in, p->w, NULL, p->out, p->scratch, halo);
  else
    ritz_conv_forward(plan, false, p->in, p->w, NULL, p->out, p->scratch, halo);
}

typedef struct conv_case {
  ritz_index kernel, stride, from, to, groups;
  bool direct;
} conv_case;

/* Winograd's tiles, products, dot products, sums of channels alone and their transforms. */
static void convolutions_work_while_a_halo_travels(void **state) {
  const conv_case cases[] = {{3, 1, 32, 32, 1, false},   {4, 2, 32, 32, 1, false},
                             {3, 1, 16, 16, 1, true},    {2, 2, 16, 16, 1, true},
                             {3, 1, 16, 2, 1, true},     {7, 1, 16, 16, 16, true},
                             {31, 1, 16, 16, 16, false}, {3, 2, 16, 16, 16, true}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    for (int way = 0; way < 4; way++) {
      const conv_case *c = &cases[i];
      const ritz_index all =
          c->kernel > 7 ? more_lines : lines; /* tiles of large windows are large */
      const ritz_index grid[] = {all + c->kernel, columns + c->kernel};
      const ritz_index kernel[] = {c->kernel, c->kernel};
      const ritz_window_options o = {.stride = {c->stride, c->stride}};
      ritz_conv_shape shape = {.dtype = RITZ_FLOAT64,
                               .batch = 1,
                               .channels_in = c->from,
                               .channels_out = c->to,
                               .groups = c->groups,
                               .direct = c->direct};
      ritz_convolution *conv;
      assert_ok(ritz_window_make("conv", 2, grid, kernel, &o, &shape.window));
      assert_ok(ritz_conv_create(&shape, false, 1 + way % 2, &conv));
      problem p = {.window = &shape.window, .adjoint = way & 1, .leaves = way & 2};
      p.run = run_conv;
      p.plan = conv;
      set_extents(&p, p.adjoint ? c->to : c->from, p.adjoint ? c->from : c->to);
      double *w =
          random_numbers(RITZ_FLOAT64, 1, c->kernel * c->kernel * c->from / c->groups * c->to);
      p.w = w;
      assert_ok(ritz_calloc((ritz_index)ritz_conv_scratch(conv), 1, &p.scratch));
      check(&p);
      ritz_free(w);
      ritz_free(p.scratch);
      ritz_conv_destroy(&conv);
    }
}

static double places[1 << 16];

static void run_pool(const void *plan, const problem *p, const ritz_halo *halo) {
  if (p->adjoint)
    ritz_pooling_vjp(plan, p->in, places, p->out, false, halo);
  else
    ritz_pooling_forward(plan, p->in, p->out, places, halo);
}

static void pooling_works_while_a_halo_travels(void **state) {
  const ritz_index grid[] = {lines, columns}, kernel[] = {3, 3};
  const ritz_window_options o = {.stride = {2, 2}};
  ritz_pooling_shape shape = {.dtype = RITZ_FLOAT64, .batch = 1, .channels = 4};
  ritz_pooling *pool;
  assert_ok(ritz_window_make("pool", 2, grid, kernel, &o, &shape.window));
  assert_ok(ritz_pooling_create(&shape, 2, &pool));
  for (int way = 0; way < 2; way++) { /* a value's halo comes, a cotangent's leaves */
    problem p = {.window = &shape.window, .adjoint = way, .leaves = way};
    p.run = run_pool;
    p.plan = pool;
    set_extents(&p, 4, 4);
    check(&p);
  }
  ritz_pooling_destroy(&pool);
}

static void run_resize(const void *plan, const problem *p, const ritz_halo *halo) {
  ritz_resampling_run(plan, p->leaves, false, RITZ_FLOAT64, p->in_lines, 4, p->in, p->out, 2, halo);
}

/* Along the last axis, line by line: outputs see their own line. */
static void resampling_works_while_a_halo_travels(void **state) {
  const ritz_index grid[] = {lines, columns}, kernel[] = {1, 1};
  ritz_resampling plan;
  ritz_window window;
  assert_ok(ritz_window_make("resize", 2, grid, kernel, NULL, &window));
  assert_ok(ritz_resampling_init(RITZ_RESIZE_LINEAR, RITZ_ALIGN_ENDS, columns, columns, &plan));
  for (int leaves = 0; leaves < 2; leaves++) {
    problem p = {.window = &window, .leaves = leaves, .run = run_resize, .plan = &plan};
    set_extents(&p, 4, 4);
    check(&p);
  }
  ritz_resampling_release(&plan);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(convolutions_work_while_a_halo_travels),
      cmocka_unit_test(pooling_works_while_a_halo_travels),
      cmocka_unit_test(resampling_works_while_a_halo_travels),
  };
  return cmocka_run_group_tests_name("halo", tests, NULL, NULL);
}
