/* SPDX-License-Identifier: BSD-3-Clause
 * Convolutions of many shapes against the sum that defines them. */
#define _POSIX_C_SOURCE 200112L
#include "kernels/conv.h"

#include "support.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "allocations.h"
#include "core/memory.h"
#include "isa.h"
#include "kernels/conv_plan.h"

/* Walks to the source one point at a time, as the boundary is described. */
static ritz_index source(const ritz_window_axis *s, ritz_index p, ritz_index tap) {
  ritz_index j = p * s->stride + tap * s->dilation - s->low;
  switch (s->boundary) {
    case RITZ_BOUNDARY_ZERO: return j < 0 || j >= s->in ? -1 : j;
    case RITZ_BOUNDARY_PERIODIC:
      while (j < 0) j += s->in;
      while (j >= s->in) j -= s->in;
      return j;
    case RITZ_BOUNDARY_REFLECT: return j < 0 ? -j : j >= s->in ? 2 * (s->in - 1) - j : j;
    case RITZ_BOUNDARY_REPLICATE: return j < 0 ? 0 : j >= s->in ? s->in - 1 : j;
  }
  return -1;
}

typedef struct problem {
  ritz_conv_shape shape;
  ritz_index nx, ny, nw;
  void *x, *y, *w, *b[2]; /* numbers of the dtype; b of y and of x */
  double *dx, *dy, *dw;   /* the same numbers */
  double *kx, *kty, *gw;  /* reference: K x, K^T y, d<Kx, y>/dw */
  double *sx, *sy, *sw;   /* the same sums of magnitudes: the scale of rounding errors */
} problem;

/* The sum over all (b, p, r, c, k), and its three derivatives. */
static void reference(problem *q) {
  const ritz_conv_shape *s = &q->shape;
  const ritz_window_axis *a = s->window.axis;
  const ritz_index ci = s->channels_in, co = s->channels_out, k = ci / s->groups,
                   n = co / s->groups;
  for (ritz_index b = 0; b < s->batch; b++)
    for (ritz_index p0 = 0; p0 < a[0].out; p0++)
      for (ritz_index p1 = 0; p1 < a[1].out; p1++)
        for (ritz_index p2 = 0; p2 < a[2].out; p2++)
          for (ritz_index r0 = 0; r0 < a[0].kernel; r0++)
            for (ritz_index r1 = 0; r1 < a[1].kernel; r1++)
              for (ritz_index r2 = 0; r2 < a[2].kernel; r2++) {
                const ritz_index i0 = source(&a[0], p0, r0), i1 = source(&a[1], p1, r1);
                const ritz_index i2 = source(&a[2], p2, r2);
                if (i0 < 0 || i1 < 0 || i2 < 0) continue;
                const ritz_index xi = ((b * a[0].in + i0) * a[1].in + i1) * a[2].in + i2;
                const ritz_index yi = ((b * a[0].out + p0) * a[1].out + p1) * a[2].out + p2;
                const ritz_index wi = ((r0 * a[1].kernel + r1) * a[2].kernel + r2) * k;
                for (ritz_index c = 0; c < k; c++)
                  for (ritz_index o = 0; o < co; o++) {
                    const ritz_index ix = xi * ci + o / n * k + c, iy = yi * co + o;
                    const ritz_index iw = (wi + c) * co + o;
                    const double x = q->dx[ix], y = q->dy[iy], w = q->dw[iw];
                    q->kx[iy] += w * x, q->sy[iy] += fabs(w * x);
                    q->kty[ix] += w * y, q->sx[ix] += fabs(w * y);
                    q->gw[iw] += x * y, q->sw[iw] += fabs(x * y);
                  }
              }
}

static void *filled(ritz_dtype dtype, uint32_t stream, ritz_index count) {
  void *out = malloc((size_t)count * ritz_dtype_size(dtype));
  fill_uniform_as(dtype, stream, count, out);
  return out;
}

static double *in_double(ritz_dtype dtype, ritz_index count, const void *x) {
  double *out = malloc((size_t)count * sizeof *out);
  for (ritz_index i = 0; i < count; i++) out[i] = ritz_number_get(dtype, x, i);
  return out;
}

static problem pose(const ritz_conv_shape *shape) {
  problem q = {.shape = *shape};
  const ritz_window *w = &shape->window;
  q.nx = shape->batch * ritz_window_points_in(w) * shape->channels_in;
  q.ny = shape->batch * ritz_window_points_out(w) * shape->channels_out;
  q.nw = ritz_window_taps(w) * shape->channels_in / shape->groups * shape->channels_out;
  q.x = filled(shape->dtype, 1, q.nx);
  q.y = filled(shape->dtype, 2, q.ny);
  q.w = filled(shape->dtype, 3, q.nw);
  q.b[0] = filled(shape->dtype, 4, shape->channels_out);
  q.b[1] = filled(shape->dtype, 5, shape->channels_in);
  q.dx = in_double(shape->dtype, q.nx, q.x);
  q.dy = in_double(shape->dtype, q.ny, q.y);
  q.dw = in_double(shape->dtype, q.nw, q.w);
  q.kx = calloc((size_t)q.ny, sizeof(double)), q.sy = calloc((size_t)q.ny, sizeof(double));
  q.kty = calloc((size_t)q.nx, sizeof(double)), q.sx = calloc((size_t)q.nx, sizeof(double));
  q.gw = calloc((size_t)q.nw, sizeof(double)), q.sw = calloc((size_t)q.nw, sizeof(double));
  reference(&q);
  return q;
}

static void forget(problem *q) {
  free(q->x), free(q->y), free(q->w), free(q->b[0]), free(q->b[1]);
  free(q->dx), free(q->dy), free(q->dw);
  free(q->kx), free(q->kty), free(q->gw), free(q->sx), free(q->sy), free(q->sw);
}

/* have = want + b[i % channels] + start; each sum of n terms errs by at most n roundings of its
 * magnitudes, usually far fewer: 32 of them are allowed. */
static void compare(const problem *q, const char *what, ritz_index count, const void *have,
                    const double *want, const double *scale, const void *b, ritz_index channels,
                    double start) {
  const ritz_dtype dtype = q->shape.dtype;
  const double eps = dtype == RITZ_FLOAT64 ? DBL_EPSILON : FLT_EPSILON;
  for (ritz_index i = 0; i < count; i++) {
    const double wanted = want[i] + start + (b ? ritz_number_get(dtype, b, i % channels) : 0);
    const double error = fabs(ritz_number_get(dtype, have, i) - wanted);
    if (!(error <= 32 * eps * (scale[i] + 1)))
      fail_msg("%s[%td] = %.9g, wanted %.9g", what, i, ritz_number_get(dtype, have, i), wanted);
  }
}

static void set_all(ritz_dtype dtype, void *array, ritz_index count, double value) {
  for (ritz_index i = 0; i < count; i++) ritz_number_set(dtype, array, i, value);
}

/* Everything a convolution computes, on `threads` threads, in out: K x + b, K^T y + b, gw, each
 * twice (second: added to ones), gb both ways. */
enum { results = 8 };
static void count_results(const problem *q, ritz_index count[results]) {
  const ritz_index co = q->shape.channels_out;
  memcpy(count, (ritz_index[]){q->ny, q->ny, q->nx, q->nx, q->nw, q->nw, co, co},
         results * sizeof *count);
}

static void compute(const problem *q, int threads, void *out[results]) {
  const ritz_conv_shape *s = &q->shape;
  ritz_convolution *conv;
  void *scratch;
  ritz_index count[results];
  assert_ok(ritz_conv_create(s, true, threads, &conv));
  assert_ok(ritz_calloc((ritz_index)ritz_conv_scratch(conv), 1, &scratch));
  memset(scratch, 0xff, ritz_conv_scratch(conv)); /* NaN: nothing may rely on it */
  count_results(q, count);
  for (int i = 0; i < results; i++) {
    out[i] = malloc((size_t)count[i] * ritz_dtype_size(s->dtype));
    set_all(s->dtype, out[i], count[i], i % 2 || i == 6 ? 1 : NAN);
  }
  ritz_conv_forward(conv, false, q->x, q->w, q->b[0], out[0], scratch, NULL);
  ritz_conv_forward(conv, true, q->x, q->w, NULL, out[1], scratch, NULL);
  ritz_conv_adjoint(conv, false, q->y, q->w, q->b[1], out[2], scratch, NULL);
  ritz_conv_adjoint(conv, true, q->y, q->w, NULL, out[3], scratch, NULL);
  ritz_conv_weight_gradient(conv, q->x, q->y, out[4], false, out[6], true, scratch);
  ritz_conv_weight_gradient(conv, q->x, q->y, out[5], true, NULL, false, scratch);
  ritz_conv_bias_gradient(conv, true, q->ny / s->channels_out, s->channels_out, q->y, out[7],
                          scratch);
  ritz_free(scratch);
  ritz_conv_destroy(&conv);
}

static void compare_bias_gradient(const problem *q, const void *gb) {
  const ritz_conv_shape *s = &q->shape;
  for (ritz_index k = 0; k < s->channels_out; k++) {
    double sum = 1, scale = 1;
    for (ritz_index i = k; i < q->ny; i += s->channels_out) {
      sum += ritz_number_get(s->dtype, q->y, i);
      scale += fabs(ritz_number_get(s->dtype, q->y, i));
    }
    assert_near(ritz_number_get(s->dtype, gb, k), sum,
                8 * scale * (s->dtype == RITZ_FLOAT64 ? DBL_EPSILON : FLT_EPSILON));
  }
}

static void check_problem(const ritz_conv_shape *shape) {
  problem q = pose(shape);
  void *out[results], *again[results];
  compute(&q, 1, out);
  compare(&q, "K x + b", q.ny, out[0], q.kx, q.sy, q.b[0], shape->channels_out, 0);
  compare(&q, "1 + K x", q.ny, out[1], q.kx, q.sy, NULL, 1, 1);
  compare(&q, "K^T y + b", q.nx, out[2], q.kty, q.sx, q.b[1], shape->channels_in, 0);
  compare(&q, "1 + K^T y", q.nx, out[3], q.kty, q.sx, NULL, 1, 1);
  compare(&q, "gw", q.nw, out[4], q.gw, q.sw, NULL, 1, 0);
  compare(&q, "1 + gw", q.nw, out[5], q.gw, q.sw, NULL, 1, 1);
  compare_bias_gradient(&q, out[6]);
  compare_bias_gradient(&q, out[7]);
  compute(&q, 3, again);
  ritz_index count[results];
  count_results(&q, count);
  for (int i = 0; i < results; i++) {
    assert_memory_equal(out[i], again[i], (size_t)count[i] * ritz_dtype_size(shape->dtype));
    free(out[i]);
    free(again[i]);
  }
  forget(&q);
}

static ritz_index draw(ritz_random random, uint64_t *at, ritz_index low, ritz_index high) {
  return low + (ritz_index)(ritz_random_uniform(random, (*at)++) * (double)(high - low + 1));
}

/* @return  Whether the numbers drawn make a convolution. */
static bool draw_shape(uint32_t seed, ritz_dtype dtype, ritz_conv_shape *s) {
  const ritz_random random = {seed, RITZ_RANDOM_TEST, 7};
  uint64_t at = 0;
  static const ritz_index most[4] = {0, 40, 13, 6};
  const int dim = (int)draw(random, &at, 1, 3);
  *s = (ritz_conv_shape){.dtype = dtype, .batch = draw(random, &at, 1, 3)};
  s->groups = draw(random, &at, 0, 3) == 0 ? draw(random, &at, 2, 4) : 1;
  s->channels_in = s->groups * draw(random, &at, 1, s->groups > 1 ? 9 : 25);
  s->channels_out = s->groups * draw(random, &at, 1, s->groups > 1 ? 9 : 25);
  if (draw(random, &at, 0, 5) == 0)
    s->groups = s->channels_out = s->channels_in; /* each channel alone */
  ritz_index in[3], kernel[3];
  ritz_window_options o = {0};
  for (int a = 0; a < dim; a++) {
    in[a] = draw(random, &at, 1, most[dim]);
    kernel[a] = draw(random, &at, 1, dim == 3 ? 3 : 5);
    o.stride[a] = draw(random, &at, 0, 1) ? 1 : draw(random, &at, 1, 4);
    o.dilation[a] = draw(random, &at, 0, 2) ? 1 : draw(random, &at, 1, 3);
    o.low[a] = draw(random, &at, 0, 4);
    o.high[a] = draw(random, &at, 0, 4);
    o.boundary[a] = (ritz_boundary)draw(random, &at, 0, 3);
  }
  return ritz_window_make("draw", dim, in, kernel, &o, &s->window) == RITZ_OK;
}

static void random_shapes_match_the_definition(void **state) {
  int drawn = 0;
  for (uint32_t seed = 0; drawn < 200; seed++) {
    ritz_conv_shape shape;
    if (!draw_shape(seed, seed % 2 ? RITZ_FLOAT64 : RITZ_FLOAT32, &shape)) continue;
    drawn++;
    check_problem(&shape);
  }
}

/* 1 to 3 axes alike; not quite a cube. */
static ritz_conv_shape cube(ritz_dtype dtype, int dim, ritz_index batch, ritz_index n,
                            ritz_index ci, ritz_index co, ritz_index kernel, ritz_index stride,
                            ritz_index margin, ritz_boundary boundary) {
  ritz_conv_shape s = {
      .dtype = dtype, .batch = batch, .channels_in = ci, .channels_out = co, .groups = 1};
  const ritz_index in[3] = {n, n - 1, n + 1}, kernels[3] = {kernel, kernel, kernel};
  const ritz_window_options o = {.stride = {stride, stride, stride},
                                 .low = {margin, margin, margin},
                                 .high = {margin, margin, margin},
                                 .boundary = {boundary, boundary, boundary}};
  assert_ok(ritz_window_make("conv", dim, in, kernels, &o, &s.window));
  return s;
}
static ritz_conv_shape square(ritz_dtype dtype, ritz_index batch, ritz_index n, ritz_index ci,
                              ritz_index co, ritz_index kernel, ritz_index stride,
                              ritz_index margin, ritz_boundary boundary) {
  return cube(dtype, 2, batch, n, ci, co, kernel, stride, margin, boundary);
}

/* What operators use, with several chunks and blocks, on every instruction set. */
static void check_usual_shapes(ritz_dtype dtype, const ritz_kernels *kernels) {
  for (ritz_boundary edge = RITZ_BOUNDARY_ZERO; edge <= RITZ_BOUNDARY_REPLICATE; edge++) {
    const ritz_conv_shape shapes[] = {
        square(dtype, 2, 23, 24, 24, 3, 1, 1, edge), square(dtype, 1, 18, 16, 24, 3, 2, 1, edge),
        square(dtype, 1, 16, 17, 8, 4, 2, 1, edge), square(dtype, 1, 12, 1, 20, 3, 1, 1, edge),
        square(dtype, 1, 12, 20, 1, 1, 1, 0, edge)};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) check_problem(&shapes[i]);
  }
  ritz_conv_shape line = {
      .dtype = dtype, .batch = 1, .channels_in = 3, .channels_out = 9, .groups = 1};
  assert_ok(ritz_window_make("line", 1, (ritz_index[]){2600}, (ritz_index[]){5},
                             &(ritz_window_options){.stride = {2}, .low = {3}}, &line.window));
  check_problem(&line);
}
static void usual_shapes_match_on_every_instruction_set(void **state) {
  for_each_table(check_usual_shapes);
}

/* Winograd's minimal filtering in 2 and 3 dimensions, both ways, and the way to do without. */
static void check_winograd(ritz_dtype dtype, const ritz_kernels *kernels) {
  for (ritz_boundary edge = RITZ_BOUNDARY_ZERO; edge <= RITZ_BOUNDARY_PERIODIC; edge++)
    for (int dim = 2; dim <= 3; dim++) {
      ritz_conv_shape s = cube(dtype, dim, 1, dim == 2 ? 15 : 7, 17, 16, 3, 1, 1, edge);
      for (int direct = 0; direct <= 1; direct++) {
        ritz_convolution *conv;
        s.direct = direct;
        assert_ok(ritz_conv_create(&s, true, 1, &conv));
        assert_int_equal(conv->forward.algorithm == RITZ_CONV_WINOGRAD, !direct);
        assert_int_equal(conv->adjoint.algorithm == RITZ_CONV_WINOGRAD, !direct);
        assert_int_equal(conv->weight_algorithm == RITZ_CONV_WINOGRAD, !direct);
        ritz_conv_destroy(&conv);
        check_problem(&s);
      }
    }
}
static void winograd_is_chosen_and_right(void **state) { for_each_table(check_winograd); }

/* 4 x 4 taps at stride 2: K everywhere, K^T where margins are zeros. */
static void check_strided(ritz_dtype dtype, const ritz_kernels *kernels) {
  for (ritz_boundary edge = RITZ_BOUNDARY_ZERO; edge <= RITZ_BOUNDARY_REPLICATE; edge++)
    for (ritz_index margin = 0; margin <= 3; margin++) {
      const ritz_index n = margin % 2 ? 31 : 30;
      const ritz_conv_shape s = square(dtype, 2, n, 16, 21, 4, 2, margin, edge);
      ritz_convolution *conv;
      assert_ok(ritz_conv_create(&s, true, 1, &conv));
      assert_int_equal(conv->forward.algorithm, RITZ_CONV_WINOGRAD);
      assert_int_equal(conv->adjoint.algorithm == RITZ_CONV_WINOGRAD,
                       margin == 0 || edge == RITZ_BOUNDARY_ZERO);
      assert_int_equal(conv->weight_algorithm, RITZ_CONV_WINOGRAD);
      ritz_conv_destroy(&conv);
      check_problem(&s);
    }
}
static void strides_split_into_phases(void **state) { for_each_table(check_strided); }

static void refuse_memory(const ritz_conv_shape *s) {
  ritz_convolution *conv;
  long k = 0;
  while (creation_fails(k, conv, ritz_conv_create(s, true, 1, &conv))) assert_true(++k <= 60);
  ritz_conv_destroy(&conv);
}
static void lost_memory_is_reported(void **state) {
  ritz_conv_shape s = square(RITZ_FLOAT32, 1, 5, 4, 6, 3, 1, 1, RITZ_BOUNDARY_REFLECT);
  refuse_memory(&s);
  s.channels_out = s.groups = 4; /* each channel alone */
  refuse_memory(&s);
  s = square(RITZ_FLOAT32, 1, 12, 16, 16, 3, 1, 1, RITZ_BOUNDARY_ZERO); /* Winograd's */
  refuse_memory(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(random_shapes_match_the_definition),
      cmocka_unit_test(usual_shapes_match_on_every_instruction_set),
      cmocka_unit_test(winograd_is_chosen_and_right),
      cmocka_unit_test(strides_split_into_phases),
      cmocka_unit_test(lost_memory_is_reported),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
