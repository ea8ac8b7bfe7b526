/* SPDX-License-Identifier: BSD-3-Clause */
#include "conv_cases.h"

#include <math.h>
#include <string.h>

#include "bench/fields.h"
#include "core/memory.h"

#define CONV(name, about, ...) \
  { {"conv/" name, about, NULL}, __VA_ARGS__, NULL }
#define DEPTHWISE(name, about, ...) \
  { {"depthwise/" name, about, NULL}, __VA_ARGS__, NULL }

static const conv_case cases[] = {
    /* dim, batch, grid, Ci, Co, kernel, stride, dilation, groups */
    CONV("3x3-64-24", "64^2, 24 channels", 2, 16, 64, 24, 24, 3, 1, 1, 1),
    CONV("3x3-64-64", "64^2, 64 channels", 2, 16, 64, 64, 64, 3, 1, 1, 1),
    CONV("3x3-256-24", "256^2, 24 channels", 2, 2, 256, 24, 24, 3, 1, 1, 1),
    CONV("3x3-256-64", "256^2, 64 channels", 2, 2, 256, 64, 64, 3, 1, 1, 1),
    CONV("3x3s2-64-64", "64^2, 64 channels, stride 2", 2, 16, 64, 64, 64, 3, 2, 1, 1),
    CONV("3x3s2-256-24", "256^2, 24 channels, stride 2", 2, 2, 256, 24, 24, 3, 2, 1, 1),
    CONV("3x3d2-64-64", "64^2, 64 channels, dilation 2", 2, 16, 64, 64, 64, 3, 1, 2, 1),
    CONV("3x3g4-64-64", "64^2, 64 channels, 4 groups", 2, 16, 64, 64, 64, 3, 1, 1, 4),
    CONV("3x3-64-1to64", "64^2, 1 channel to 64", 2, 16, 64, 1, 64, 3, 1, 1, 1),
    CONV("3x3-64-64to1", "64^2, 64 channels to 1", 2, 16, 64, 64, 1, 3, 1, 1, 1),
    CONV("1x1-64-64", "64^2, 64 channels", 2, 16, 64, 64, 64, 1, 1, 1, 1),
    CONV("5x5-64-32", "64^2, 32 channels", 2, 16, 64, 32, 32, 5, 1, 1, 1),
    CONV("3x3-8-24", "8^2, 24 channels", 2, 16, 8, 24, 24, 3, 1, 1, 1),
    CONV("3-1024-64", "1024, 64 channels", 1, 16, 1024, 64, 64, 3, 1, 1, 1),
    CONV("3x3x3-32-32", "32^3, 32 channels", 3, 2, 32, 32, 32, 3, 1, 1, 1),
    DEPTHWISE("3x3-64-64", "64^2, 64 channels", 2, 16, 64, 64, 64, 3, 1, 1, 64),
    DEPTHWISE("5x5-64-64", "64^2, 64 channels", 2, 16, 64, 64, 64, 5, 1, 1, 64),
    DEPTHWISE("7x7-64-64", "64^2, 64 channels", 2, 16, 64, 64, 64, 7, 1, 1, 64),
    DEPTHWISE("7x7-64-20", "64^2, 20 channels", 2, 16, 64, 20, 20, 7, 1, 1, 20),
    DEPTHWISE("7x7-128-3", "128^2, 3 channels", 2, 16, 128, 3, 3, 7, 1, 1, 3),
    DEPTHWISE("7x7-256-64", "256^2, 64 channels", 2, 2, 256, 64, 64, 7, 1, 1, 64),
    DEPTHWISE("13x13-64-64", "64^2, 64 channels", 2, 4, 64, 64, 64, 13, 1, 1, 64),
    DEPTHWISE("31x31-64-64", "64^2, 64 channels", 2, 2, 64, 64, 64, 31, 1, 1, 64),
    DEPTHWISE("3x3s2-128-64", "128^2, 64 channels, stride 2", 2, 8, 128, 64, 64, 3, 2, 1, 64),
};
enum { case_count = sizeof cases / sizeof *cases };

const char *const conv_direction_names[CONV_DIRECTIONS] = {"forward", "input_gradient",
                                                           "weight_gradient"};

/* -- A problem --------------------------------------------------------------------------------- */

ritz_index conv_result_count(const conv_problem *p, conv_direction direction) {
  return direction == CONV_FORWARD ? p->ny : direction == CONV_INPUT ? p->nx : p->nw;
}

static ritz_status plan(conv_problem *p, int threads) {
  const conv_case *c = p->c;
  const ritz_index pad = c->dilation * (c->kernel - 1) / 2;
  ritz_index grid[3], kernel[3];
  ritz_window_options options = {0};
  p->shape = (ritz_conv_shape){.dtype = RITZ_FLOAT32,
                               .batch = c->batch,
                               .channels_in = c->channels_in,
                               .channels_out = c->channels_out,
                               .groups = c->groups};
  for (int a = 0; a < c->dim; a++) {
    grid[a] = c->grid, kernel[a] = c->kernel;
    options.stride[a] = c->stride, options.dilation[a] = c->dilation;
    options.low[a] = options.high[a] = pad;
  }
  RITZ_TRY(ritz_window_make("conv", c->dim, grid, kernel, &options, &p->shape.window));
  RITZ_TRY(ritz_conv_create(&p->shape, true, threads, &p->conv));
  return ritz_calloc((ritz_index)ritz_conv_scratch(p->conv), 1, &p->scratch);
}

static ritz_status create(conv_problem *p, int threads) {
  const conv_case *c = p->c;
  RITZ_TRY(plan(p, threads));
  p->nx = c->batch * c->channels_in * ritz_window_points_in(&p->shape.window);
  p->ny = c->batch * c->channels_out * ritz_window_points_out(&p->shape.window);
  p->nw = c->channels_in / c->groups * c->channels_out * ritz_window_taps(&p->shape.window);
  RITZ_TRY(bench_numbers(p->nx, 1, &p->x));
  RITZ_TRY(bench_numbers(p->ny, 2, &p->y));
  RITZ_TRY(bench_numbers(p->nw, 3, &p->w));
  for (conv_direction d = 0; d < CONV_DIRECTIONS; d++)
    RITZ_TRY(RITZ_NEW(conv_result_count(p, d), &p->result[d]));
  return RITZ_OK;
}

static void destroy(conv_problem *p) {
  ritz_conv_destroy(&p->conv);
  ritz_free(p->x);
  ritz_free(p->y);
  ritz_free(p->w);
  for (conv_direction d = 0; d < CONV_DIRECTIONS; d++) ritz_free(p->result[d]);
  ritz_free(p->scratch);
}

void conv_problem_run(conv_problem *p, conv_direction d) {
  if (d == CONV_FORWARD)
    ritz_conv_forward(p->conv, false, p->x, p->w, NULL, p->result[d], p->scratch, NULL);
  else if (d == CONV_INPUT)
    ritz_conv_adjoint(p->conv, false, p->y, p->w, NULL, p->result[d], p->scratch, NULL);
  else
    ritz_conv_weight_gradient(p->conv, p->x, p->y, p->result[d], false, NULL, false, p->scratch);
}

void conv_run_job(void *conv_run_) {
  const conv_run *r = conv_run_;
  conv_problem_run(r->p, r->direction);
}

bench_line conv_line(const conv_problem *p) {
  return (bench_line){.of = &p->c->base,
                      .dtype = RITZ_FLOAT32,
                      .flops = ritz_conv_flops(p->conv),
                      .bytes = sizeof(float) * (double)(p->nx + p->ny + p->nw)};
}

/* -- Checking ---------------------------------------------------------------------------------- */

/* One entry of K: positions in the fields and in the weight. False outside the grid. */
static bool entry(const conv_problem *p, ritz_index b, const ritz_index *out, const ritz_index *tap,
                  ritz_index *x, ritz_index *y, ritz_index *w) {
  *x = *y = b;
  *w = 0;
  for (int a = 0; a < p->c->dim; a++) {
    const ritz_window_axis *s = conv_problem_axis(p, a);
    const ritz_index i = out[a] * s->stride + tap[a] * s->dilation - s->low;
    if (i < 0 || i >= s->in) return false;
    *x = *x * s->in + i;
    *y = *y * s->out + out[a];
    *w = *w * s->kernel + tap[a];
  }
  return true;
}

/* Numbers `digits` of `value` in the mixed base of extents n. */
static void split(ritz_index value, int dim, const ritz_index *n, ritz_index *digits) {
  for (int a = dim - 1; a >= 0; a--) digits[a] = value % n[a], value /= n[a];
}

/* An entry of a result, as a sum of terms and of their magnitudes. */
typedef struct definition {
  const conv_problem *p;
  conv_direction direction;
  ritz_index wanted;
  ritz_index in[2], out[2]; /* channels that meet it: i of a group, o of all; half-open */
  double sum, scale;
} definition;

static definition define(const conv_problem *p, conv_direction direction, ritz_index wanted) {
  const conv_case *c = p->c;
  const ritz_index k = c->channels_in / c->groups, n = c->channels_out / c->groups;
  definition d = {p, direction, wanted, {0, k}, {0, 0}, 0, 0};
  const ritz_index i =
      direction == CONV_INPUT ? wanted % c->channels_in % k : wanted / c->channels_out % k;
  if (direction != CONV_FORWARD) d.in[0] = i, d.in[1] = i + 1;
  if (direction == CONV_INPUT) {
    d.out[0] = wanted % c->channels_in / k * n, d.out[1] = d.out[0] + n;
  } else {
    d.out[0] = wanted % c->channels_out, d.out[1] = d.out[0] + 1;
  }
  return d;
}

/* Adds what the points x and y contribute through the tap w. */
static void add_terms(definition *d, ritz_index x, ritz_index y, ritz_index w) {
  const conv_problem *p = d->p;
  const conv_case *c = p->c;
  const ritz_index k = c->channels_in / c->groups, n = c->channels_out / c->groups;
  for (ritz_index i = d->in[0]; i < d->in[1]; i++)
    for (ritz_index o = d->out[0]; o < d->out[1]; o++) {
      const ritz_index ix = x * c->channels_in + o / n * k + i, iy = y * c->channels_out + o;
      const ritz_index iw = (w * k + i) * c->channels_out + o;
      const double term = d->direction == CONV_FORWARD ? (double)p->x[ix] * p->w[iw]
                          : d->direction == CONV_INPUT ? (double)p->y[iy] * p->w[iw]
                                                       : (double)p->x[ix] * p->y[iy];
      d->sum += term;
      d->scale += fabs(term);
    }
}

/* Searches all outputs and taps for those that contribute. */
static void add_all(definition *d) {
  const conv_problem *p = d->p;
  const conv_case *c = p->c;
  const ritz_index taps = p->nw / (c->channels_in / c->groups * c->channels_out);
  const ritz_index positions = p->ny / (c->batch * c->channels_out);
  ritz_index extent[3], kernel[3], out[3], tap[3];
  for (int a = 0; a < c->dim; a++) extent[a] = conv_problem_axis(p, a)->out, kernel[a] = c->kernel;
  for (ritz_index q = 0; q < c->batch * positions; q++) {
    if (d->direction == CONV_FORWARD && d->wanted / c->channels_out != q) continue;
    split(q % positions, c->dim, extent, out);
    for (ritz_index t = 0; t < taps; t++) {
      ritz_index x, y, w;
      if (d->direction == CONV_WEIGHT && d->wanted * taps / p->nw != t) continue;
      split(t, c->dim, kernel, tap);
      if (!entry(p, q / positions, out, tap, &x, &y, &w)) continue;
      if (d->direction == CONV_INPUT && d->wanted / c->channels_in != x) continue;
      add_terms(d, x, y, w);
    }
  }
}

/* Largest error of some entries of a result, relative to the sum of magnitudes. */
static ritz_status check(conv_problem *p, conv_direction direction, double *error) {
  enum { samples = 9 };
  *error = 0;
  conv_problem_run(p, direction);
  for (ritz_index s = 0; s < samples; s++) {
    const ritz_index wanted = s * (conv_result_count(p, direction) - 1) / (samples - 1);
    definition d = define(p, direction, wanted);
    add_all(&d);
    const double now = fabs(p->result[direction][wanted] - d.sum) / d.scale;
    if (!(now <= *error)) *error = now;
  }
  RITZ_REQUIRE(*error < 1e-5, RITZ_ERR_NUMERIC, "%s is off the definition by %.1e",
               conv_direction_names[direction], *error);
  return RITZ_OK;
}

/* -- Running ----------------------------------------------------------------------------------- */

static ritz_status run(const bench_case *self, const bench_call *call) {
  conv_problem p = {.c = (const conv_case *)self};
  double error;
  ritz_status status;
  RITZ_TRY_DONE(create(&p, call->threads));
  for (conv_direction d = 0; d < CONV_DIRECTIONS; d++) {
    RITZ_TRY_DONE(check(&p, d, &error));
    RITZ_TRY_DONE(p.c->measure(&p, d, call, error));
  }
done:
  destroy(&p);
  return status;
}

int conv_main(int argc, char **argv, const char *program, conv_measure *measure) {
  conv_case mine[case_count];
  memcpy(mine, cases, sizeof cases);
  for (int i = 0; i < case_count; i++) mine[i].base.run = run, mine[i].measure = measure;
  return bench_main(argc, argv, program, case_count, sizeof *mine, mine);
}
