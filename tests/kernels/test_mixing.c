/* SPDX-License-Identifier: BSD-3-Clause
 * Mixing of channels per mode against naive complex loops. */
#include <math.h>
#include <string.h>

#include "allocations.h"
#include "core/memory.h"
#include "kernels/spectral.h"
#include "support.h"

enum { MODES = 5, WEIGHT_MODES = 7 };
/* One row twice, some not at all. */
static const ritz_index weight_row[MODES] = {4, 0, 6, 4, 1};

/* Every array of one mixing, in the format under test. */
typedef struct problem {
  ritz_mixing_shape shape;
  ritz_index plane_in, plane_out, weight; /* numbers: B Ci, B Co, one weight mode's plane */
  void *x, *gy;                           /* three planes per mode */
  void *w;
  void *y, *gx; /* two planes per mode */
  void *gw;
  void *scratch;
  ritz_mixing *mixing;
} problem;

static ritz_index size_y(const problem *p) { return MODES * 2 * p->plane_out; }
static ritz_index size_gx(const problem *p) { return MODES * 2 * p->plane_in; }
static ritz_index size_w(const problem *p) { return WEIGHT_MODES * 2 * p->weight; }

static double at(const problem *p, const void *array, ritz_index i) {
  return ritz_number_get(p->shape.dtype, array, i);
}

static void set(const problem *p, void *array, ritz_index i, double value) {
  ritz_number_set(p->shape.dtype, array, i, value);
}

/* Random (Re, Im) and the third plane that order wants. */
static void *random_planes(const problem *p, uint32_t stream, ritz_index plane, bool gradient) {
  void *out = random_numbers(p->shape.dtype, stream, MODES * 3 * plane);
  for (ritz_index m = 0; m < MODES; m++)
    for (ritz_index i = 0; i < plane; i++)
      if (gradient)
        set(p, out, (3 * m + 2) * plane + i, -at(p, out, 3 * m * plane + i));
      else
        set(p, out, 3 * m * plane + i, -at(p, out, (3 * m + 2) * plane + i));
  return out;
}

static problem make_problem(ritz_dtype dtype, ritz_index batch, ritz_index ci, ritz_index co,
                            bool separable, int threads) {
  problem p = {.shape = {.dtype = dtype,
                         .modes = MODES,
                         .batch = batch,
                         .channels_in = ci,
                         .channels_out = co,
                         .separable = separable,
                         .weight_row = weight_row},
               .plane_in = batch * ci,
               .plane_out = batch * co,
               .weight = separable ? ci : ci * co};
  p.x = random_planes(&p, 1, p.plane_in, false);
  p.gy = random_planes(&p, 2, p.plane_out, true);
  p.w = random_numbers(dtype, 3, size_w(&p));
  p.y = random_numbers(dtype, 4, size_y(&p));
  p.gx = random_numbers(dtype, 5, size_gx(&p));
  p.gw = random_numbers(dtype, 6, size_w(&p));
  assert_ok(ritz_mixing_create(&p.shape, threads, &p.mixing));
  assert_ok(ritz_calloc((ritz_index)ritz_mixing_scratch(p.mixing), 1, &p.scratch));
  return p;
}

static void clear_problem(problem *p) {
  void *arrays[] = {p->x, p->gy, p->w, p->y, p->gx, p->gw, p->scratch};
  for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) ritz_free(arrays[i]);
  ritz_mixing_destroy(&p->mixing);
  assert_null(p->mixing);
}

/* Calls visit for each (mode, sample, ci, co) with the places of Re in the arrays of three planes
 * (minus the signal's first), of two planes, and of the weight. Im is one plane further. */
typedef struct place {
  ritz_index x, gy, w, y, gx;
} place;
typedef void visitor(const problem *p, place at, double *out);

static void visit_all(const problem *p, visitor *visit, double *out) {
  const ritz_mixing_shape *s = &p->shape;
  for (ritz_index m = 0; m < MODES; m++)
    for (ritz_index b = 0; b < s->batch; b++)
      for (ritz_index i = 0; i < s->channels_in; i++)
        for (ritz_index o = 0; o < s->channels_out; o++) {
          if (s->separable && i != o) continue;
          const ritz_index in = b * s->channels_in + i, of = b * s->channels_out + o;
          const place q = {
              .x = (3 * m + 1) * p->plane_in + in,
              .gy = 3 * m * p->plane_out + of,
              .w = 2 * weight_row[m] * p->weight + (s->separable ? i : i * s->channels_out + o),
              .y = 2 * m * p->plane_out + of,
              .gx = 2 * m * p->plane_in + in};
          visit(p, q, out);
        }
}

static void visit_forward(const problem *p, place q, double *y) {
  const double xr = at(p, p->x, q.x), xi = at(p, p->x, q.x + p->plane_in);
  const double wr = at(p, p->w, q.w), wi = at(p, p->w, q.w + p->weight);
  y[q.y] += xr * wr - xi * wi;
  y[q.y + p->plane_out] += xr * wi + xi * wr;
}

static void visit_input(const problem *p, place q, double *gx) {
  const double gr = at(p, p->gy, q.gy), gi = at(p, p->gy, q.gy + p->plane_out);
  const double wr = at(p, p->w, q.w), wi = at(p, p->w, q.w + p->weight);
  gx[q.gx] += gr * wr + gi * wi;
  gx[q.gx + p->plane_in] += gi * wr - gr * wi;
}

static void visit_weight(const problem *p, place q, double *gw) {
  const double gr = at(p, p->gy, q.gy), gi = at(p, p->gy, q.gy + p->plane_out);
  const double xr = at(p, p->x, q.x), xi = at(p, p->x, q.x + p->plane_in);
  gw[q.w] += xr * gr + xi * gi;
  gw[q.w + p->weight] += xr * gi - xi * gr;
}

static void assert_all_near(const problem *p, ritz_index n, const void *got, const double *want,
                            const double *before) {
  /* Sums of at most 2 * 140 products of size one. */
  const double tolerance = p->shape.dtype == RITZ_FLOAT64 ? 1e-13 : 1e-4;
  for (ritz_index i = 0; i < n; i++)
    assert_near(at(p, got, i), want[i] + (before ? before[i] : 0), tolerance);
}

static void compare(problem *p) {
  double *want, *before;
  const ritz_index most = size_y(p) + size_gx(p) + size_w(p);
  assert_ok(RITZ_NEW(most, &want));
  ritz_mixing_forward(p->mixing, p->x, p->w, p->y, p->scratch);
  visit_all(p, visit_forward, want);
  assert_all_near(p, size_y(p), p->y, want, NULL);

  memset(want, 0, (size_t)most * sizeof *want);
  ritz_mixing_vjp_input(p->mixing, p->gy, p->w, p->gx, p->scratch);
  visit_all(p, visit_input, want);
  assert_all_near(p, size_gx(p), p->gx, want, NULL);

  memset(want, 0, (size_t)most * sizeof *want);
  visit_all(p, visit_weight, want);
  ritz_mixing_vjp_weight(p->mixing, p->x, p->gy, WEIGHT_MODES, false, p->gw, p->scratch);
  assert_all_near(p, size_w(p), p->gw, want, NULL);
  assert_ok(RITZ_NEW(size_w(p), &before));
  for (ritz_index i = 0; i < size_w(p); i++) before[i] = at(p, p->gw, i);
  ritz_mixing_vjp_weight(p->mixing, p->x, p->gy, WEIGHT_MODES, true, p->gw, p->scratch);
  assert_all_near(p, size_w(p), p->gw, want, before);
  ritz_free(want);
  ritz_free(before);
}

static void products_match_complex_loops(void **state) {
  const ritz_index sizes[][3] = {{1, 1, 1},   {2, 3, 5},   {3, 16, 16}, {1, 20, 7},
                                 {2, 140, 3}, {5, 2, 140}, {0, 3, 4}};
  for (int dtype = 0; dtype < 2; dtype++)
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
      problem p = make_problem((ritz_dtype)dtype, sizes[i][0], sizes[i][1], sizes[i][2], false, 1);
      compare(&p);
      clear_problem(&p);
    }
}

static void separable_products_match_complex_loops(void **state) {
  for (int dtype = 0; dtype < 2; dtype++)
    for (ritz_index c = 1; c < 40; c += 6) {
      problem p = make_problem((ritz_dtype)dtype, 3, c, c, true, 1);
      compare(&p);
      clear_problem(&p);
    }
}

/* s = <Y, G> as a function of one weight: its central difference is that weight's gradient, exact
 * to rounding because Y is linear in W; the same for the input. */
static double objective(problem *p) {
  ritz_mixing_forward(p->mixing, p->x, p->w, p->y, p->scratch);
  double sum = 0;
  for (ritz_index m = 0; m < MODES; m++)
    for (ritz_index i = 0; i < 2 * p->plane_out; i++)
      sum += at(p, p->y, 2 * m * p->plane_out + i) * at(p, p->gy, 3 * m * p->plane_out + i);
  return sum;
}

static void gradients_match_central_differences(void **state) {
  for (int separable = 0; separable < 2; separable++) {
    problem p = make_problem(RITZ_FLOAT64, 2, 3, separable ? 3 : 4, separable, 1);
    ritz_mixing_vjp_weight(p.mixing, p.x, p.gy, WEIGHT_MODES, false, p.gw, p.scratch);
    ritz_mixing_vjp_input(p.mixing, p.gy, p.w, p.gx, p.scratch);
    for (ritz_index i = 0; i < size_w(&p); i++) {
      double *w = (double *)p.w + i;
      const double old = *w;
      *w = old + 0.5;
      const double up = objective(&p);
      *w = old - 0.5;
      assert_near(up - objective(&p), ((double *)p.gw)[i], 1e-12);
      *w = old;
    }
    for (ritz_index m = 0; m < MODES; m++)
      for (ritz_index i = 0; i < 2 * p.plane_in; i++) {
        double *x = (double *)p.x + (3 * m + 1) * p.plane_in + i;
        double *negated = (double *)p.x + 3 * m * p.plane_in + (i - p.plane_in);
        const bool im = i >= p.plane_in;
        *x += 0.5;
        if (im) *negated = -*x;
        const double up = objective(&p);
        *x -= 1.0;
        if (im) *negated = -*x;
        assert_near(up - objective(&p), ((double *)p.gx)[2 * m * p.plane_in + i], 1e-12);
        *x += 0.5;
        if (im) *negated = -*x;
      }
    clear_problem(&p);
  }
}

static void results_do_not_depend_on_threads(void **state) {
  problem one = make_problem(RITZ_FLOAT32, 3, 20, 17, false, 1);
  problem two = make_problem(RITZ_FLOAT32, 3, 20, 17, false, 2);
  problem *both[] = {&one, &two};
  for (int i = 0; i < 2; i++) {
    problem *p = both[i];
    ritz_mixing_forward(p->mixing, p->x, p->w, p->y, p->scratch);
    ritz_mixing_vjp_input(p->mixing, p->gy, p->w, p->gx, p->scratch);
    ritz_mixing_vjp_weight(p->mixing, p->x, p->gy, WEIGHT_MODES, true, p->gw, p->scratch);
  }
  assert_memory_equal(one.y, two.y, (size_t)size_y(&one) * sizeof(float));
  assert_memory_equal(one.gx, two.gx, (size_t)size_gx(&one) * sizeof(float));
  assert_memory_equal(one.gw, two.gw, (size_t)size_w(&one) * sizeof(float));
  clear_problem(&one);
  clear_problem(&two);
}

static void no_modes_clear_the_weight_gradient(void **state) {
  const ritz_mixing_shape shape = {
      .dtype = RITZ_FLOAT64, .batch = 1, .channels_in = 1, .channels_out = 1};
  ritz_mixing *mixing;
  assert_ok(ritz_mixing_create(&shape, 1, &mixing));
  double gw[4] = {1, 2, 3, 4};
  ritz_mixing_vjp_weight(mixing, NULL, NULL, 2, true, gw, NULL);
  assert_true(gw[3] == 4);
  ritz_mixing_vjp_weight(mixing, NULL, NULL, 2, false, gw, NULL);
  for (int i = 0; i < 4; i++) assert_true(gw[i] == 0);
  ritz_mixing_destroy(&mixing);
}

/* No list of rows: as with a list of zeros, though its gradient is summed in parts. Third blocks
 * are what the next mixing expects to read. */
static void modes_may_share_a_weight(void **state) {
  enum { ALL = 37, B = 3, CI = 5, CO = 4, X = B * CI, Y = B * CO, W = 2 * CI * CO };
  static const ritz_index zeros[ALL];
  double x[ALL * 3 * X], g[ALL * 3 * Y], w[W], y[ALL * 3 * Y], gx[ALL * 3 * X], gw[W];
  double y2[ALL * 2 * Y], gx2[ALL * 2 * X], gw2[W];
  _Alignas(64) double scratch[16 * (W + 8)];
  fill_uniform_as(RITZ_FLOAT64, 1, ALL * 3 * X, x);
  fill_uniform_as(RITZ_FLOAT64, 2, ALL * 3 * Y, g);
  fill_uniform_as(RITZ_FLOAT64, 3, W, w);
  fill_uniform_as(RITZ_FLOAT64, 4, W, gw);
  memcpy(gw2, gw, sizeof gw);
  ritz_mixing_shape shape = {.dtype = RITZ_FLOAT64,
                             .modes = ALL,
                             .batch = B,
                             .channels_in = CI,
                             .channels_out = CO,
                             .weight_row = zeros};
  for (int shared = 0; shared < 2; shared++) {
    ritz_mixing *mixing;
    shape.third_out = shape.third_in = shared;
    if (shared) shape.weight_row = NULL;
    assert_ok(ritz_mixing_create(&shape, 2, &mixing));
    assert_true(ritz_mixing_scratch(mixing) <= sizeof scratch);
    ritz_mixing_forward(mixing, x, w, shared ? y : y2, scratch);
    ritz_mixing_vjp_input(mixing, g, w, shared ? gx : gx2, scratch);
    ritz_mixing_vjp_weight(mixing, x, g, 1, true, shared ? gw : gw2, scratch);
    ritz_mixing_destroy(&mixing);
  }
  for (int m = 0; m < ALL; m++) {
    assert_memory_equal(y + (3 * m + 1) * Y, y2 + 2 * m * Y, 2 * Y * sizeof *y);
    assert_memory_equal(gx + 3 * m * X, gx2 + 2 * m * X, 2 * X * sizeof *gx);
    for (int i = 0; i < Y; i++) assert_true(y[3 * m * Y + i] == -y[(3 * m + 2) * Y + i]);
    for (int i = 0; i < X; i++) assert_true(gx[(3 * m + 2) * X + i] == -gx[3 * m * X + i]);
  }
  for (int i = 0; i < W; i++) assert_near(gw[i], gw2[i], 1e-12);
}

/* One plane of everything: of a spectrum of sines and cosines. */
static void real_products_match_loops(void **state) {
  enum { B = 3, C = 20, X = B * C, ROWS = MODES * X };
  for (int separable = 0; separable < 2; separable++) {
    const ritz_mixing_shape shape = {.dtype = RITZ_FLOAT64,
                                     .modes = MODES,
                                     .batch = B,
                                     .channels_in = C,
                                     .channels_out = C,
                                     .separable = separable,
                                     .weight_row = weight_row,
                                     .real = true};
    const int w_size = separable ? C : C * C;
    static double x[ROWS], g[ROWS], w[WEIGHT_MODES * C * C], y[ROWS], gx[ROWS];
    static double gw[WEIGHT_MODES * C * C], want[2 * ROWS + WEIGHT_MODES * C * C];
    ritz_mixing *mixing;
    fill_uniform(1, ROWS, x);
    fill_uniform(2, ROWS, g);
    fill_uniform(3, WEIGHT_MODES * w_size, w);
    fill_uniform(4, WEIGHT_MODES * w_size, gw);
    memset(want, 0, sizeof want);
    double *want_gx = want + ROWS, *want_gw = want_gx + ROWS;
    memcpy(want_gw, gw, sizeof gw);
    for (int i = 0; i < ROWS; i++) /* (mode, sample, ci) */
      for (int co = 0; co < C; co++) {
        if (separable && co != i % C) continue;
        const int o = i - i % C + co, at = separable ? co : i % C * C + co;
        const int k = (int)weight_row[i / X] * w_size + at;
        want[o] += x[i] * w[k];
        want_gx[i] += g[o] * w[k];
        want_gw[k] += x[i] * g[o];
      }
    assert_ok(ritz_mixing_create(&shape, 2, &mixing));
    double *work;
    assert_ok(RITZ_NEW((ritz_index)ritz_mixing_scratch(mixing) / 8 + 1, &work));
    ritz_mixing_forward(mixing, x, w, y, work);
    ritz_mixing_vjp_input(mixing, g, w, gx, work);
    ritz_mixing_vjp_weight(mixing, x, g, WEIGHT_MODES, true, gw, work);
    for (int i = 0; i < ROWS; i++) assert_near(y[i], want[i], 1e-13);
    for (int i = 0; i < ROWS; i++) assert_near(gx[i], want_gx[i], 1e-13);
    for (int i = 0; i < WEIGHT_MODES * w_size; i++) assert_near(gw[i], want_gw[i], 1e-13);
    ritz_free(work);
    ritz_mixing_destroy(&mixing);
  }
}

static void bad_shapes_are_refused(void **state) {
  ritz_index row = 0;
  const ritz_mixing_shape good = {
      .modes = 1, .batch = 1, .channels_in = 2, .channels_out = 3, .weight_row = &row};
  ritz_mixing *mixing;
  ritz_mixing_shape s = good;
  s.separable = true;
  assert_int_equal(ritz_mixing_create(&s, 1, &mixing), RITZ_ERR_SHAPE);
  assert_message_contains("2 channels into 3");
  assert_null(mixing);
  s = good, s.channels_in = 0;
  assert_int_equal(ritz_mixing_create(&s, 1, &mixing), RITZ_ERR_ARGUMENT);
  s = good, s.modes = -1;
  assert_int_equal(ritz_mixing_create(&s, 1, &mixing), RITZ_ERR_ARGUMENT);
  assert_int_equal(ritz_mixing_create(&good, 0, &mixing), RITZ_ERR_ARGUMENT);
  s = good, s.real = s.third_in = true;
  assert_int_equal(ritz_mixing_create(&s, 1, &mixing), RITZ_ERR_ARGUMENT);
  row = -2;
  assert_int_equal(ritz_mixing_create(&good, 1, &mixing), RITZ_ERR_ARGUMENT);
  assert_message_contains("weight row -2");
}

static void lost_allocations_leave_nothing_behind(void **state) {
  const ritz_mixing_shape shape = {
      .modes = MODES, .batch = 1, .channels_in = 2, .channels_out = 3, .weight_row = weight_row};
  ritz_mixing *mixing;
  long k = 0;
  while (creation_fails(k, mixing, ritz_mixing_create(&shape, 1, &mixing))) k++;
  ritz_mixing_destroy(&mixing);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(products_match_complex_loops),
      cmocka_unit_test(separable_products_match_complex_loops),
      cmocka_unit_test(gradients_match_central_differences),
      cmocka_unit_test(results_do_not_depend_on_threads),
      cmocka_unit_test(no_modes_clear_the_weight_gradient),
      cmocka_unit_test(modes_may_share_a_weight),
      cmocka_unit_test(real_products_match_loops),
      cmocka_unit_test(bad_shapes_are_refused),
      cmocka_unit_test(lost_allocations_leave_nothing_behind),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
