/* SPDX-License-Identifier: BSD-3-Clause */
#include "conv_cases.h"

#include <math.h>
#include <ritz/random.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/clock.h"
#include "core/memory.h"
#include "kernels/gemm.h"

const conv_case conv_cases[] = {
    /* name, dim, batch, grid, Ci, Co, kernel, stride, dilation, groups */
    {"3x3-64-24", 2, 16, 64, 24, 24, 3, 1, 1, 1},
    {"3x3-64-64", 2, 16, 64, 64, 64, 3, 1, 1, 1},
    {"3x3-256-24", 2, 2, 256, 24, 24, 3, 1, 1, 1},
    {"3x3-256-64", 2, 2, 256, 64, 64, 3, 1, 1, 1},
    {"3x3s2-64-64", 2, 16, 64, 64, 64, 3, 2, 1, 1},
    {"3x3s2-256-24", 2, 2, 256, 24, 24, 3, 2, 1, 1},
    {"3x3d2-64-64", 2, 16, 64, 64, 64, 3, 1, 2, 1},
    {"3x3g4-64-64", 2, 16, 64, 64, 64, 3, 1, 1, 4},
    {"3x3-64-1to64", 2, 16, 64, 1, 64, 3, 1, 1, 1},
    {"3x3-64-64to1", 2, 16, 64, 64, 1, 3, 1, 1, 1},
    {"1x1-64-64", 2, 16, 64, 64, 64, 1, 1, 1, 1},
    {"5x5-64-32", 2, 16, 64, 32, 32, 5, 1, 1, 1},
    {"7x7dw-64-64", 2, 16, 64, 64, 64, 7, 1, 1, 64},
    {"3x3-8-24", 2, 16, 8, 24, 24, 3, 1, 1, 1},
    {"3-1024-64", 1, 16, 1024, 64, 64, 3, 1, 1, 1},
    {"3x3x3-32-32", 3, 2, 32, 32, 32, 3, 1, 1, 1},
};
const int conv_case_count = sizeof conv_cases / sizeof *conv_cases;

const char *const conv_direction_names[CONV_DIRECTIONS] = {"forward", "input_gradient",
                                                           "weight_gradient"};

static void must(ritz_status status) {
  if (status == RITZ_OK) return;
  fprintf(stderr, "%s\n", ritz_error_message());
  exit(1);
}

static float *numbers(ritz_index count, uint32_t stream) {
  float *out;
  must(RITZ_NEW(count, &out));
  const ritz_random random = {1, RITZ_RANDOM_TEST, stream};
  for (ritz_index i = 0; i < count; i++)
    out[i] = (float)(2 * ritz_random_uniform(random, (uint64_t)i) - 1);
  return out;
}

conv_problem conv_problem_create(const conv_case *c, int threads) {
  conv_problem p = {.c = c,
                    .shape = {.dtype = RITZ_FLOAT32,
                              .batch = c->batch,
                              .channels_in = c->channels_in,
                              .channels_out = c->channels_out,
                              .groups = c->groups}};
  const ritz_index pad = c->dilation * (c->kernel - 1) / 2;
  ritz_index grid[3], kernel[3];
  ritz_window_options options = {0};
  for (int a = 0; a < c->dim; a++) {
    grid[a] = c->grid, kernel[a] = c->kernel;
    options.stride[a] = c->stride, options.dilation[a] = c->dilation;
    options.low[a] = options.high[a] = pad;
  }
  must(ritz_window_make("conv", c->dim, grid, kernel, &options, &p.shape.window));
  must(ritz_conv_create(&p.shape, true, threads, &p.conv));
  p.nx = c->batch * c->channels_in;
  p.ny = c->batch * c->channels_out;
  p.nw = c->channels_in / c->groups * c->channels_out;
  p.nx *= ritz_window_points_in(&p.shape.window);
  p.ny *= ritz_window_points_out(&p.shape.window);
  p.nw *= ritz_window_taps(&p.shape.window);
  p.x = numbers(p.nx, 1);
  p.y = numbers(p.ny, 2);
  p.w = numbers(p.nw, 3);
  for (conv_direction d = 0; d < CONV_DIRECTIONS; d++)
    must(RITZ_NEW(conv_result_count(&p, d), &p.result[d]));
  must(ritz_calloc((ritz_index)ritz_conv_scratch(p.conv), 1, &p.scratch));
  return p;
}

void conv_problem_destroy(conv_problem *p) {
  ritz_conv_destroy(&p->conv);
  ritz_free(p->x);
  ritz_free(p->y);
  ritz_free(p->w);
  for (conv_direction d = 0; d < CONV_DIRECTIONS; d++) ritz_free(p->result[d]);
  ritz_free(p->scratch);
}

ritz_index conv_result_count(const conv_problem *p, conv_direction direction) {
  return direction == CONV_FORWARD ? p->ny : direction == CONV_INPUT ? p->nx : p->nw;
}

void conv_problem_run(conv_problem *p, conv_direction direction) {
  switch (direction) {
    case CONV_FORWARD:
      ritz_conv_forward(p->conv, false, p->x, p->w, NULL, p->result[0], p->scratch);
      break;
    case CONV_INPUT:
      ritz_conv_adjoint(p->conv, false, p->y, p->w, NULL, p->result[1], p->scratch);
      break;
    default:
      ritz_conv_weight_gradient(p->conv, p->x, p->y, p->result[2], false, NULL, false, p->scratch);
  }
}

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

/* Adds what entry number `wanted` of a result is made of, over everything that contributes. */
static void accumulate(const conv_problem *p, conv_direction direction, ritz_index wanted,
                       double *sum, double *scale) {
  const conv_case *c = p->c;
  const ritz_index k = c->channels_in / c->groups, n = c->channels_out / c->groups;
  ritz_index extent[3], taps = 1, positions = 1, out[3], tap[3], kernel[3];
  for (int a = 0; a < c->dim; a++) {
    extent[a] = conv_problem_axis(p, a)->out, kernel[a] = c->kernel;
    positions *= extent[a], taps *= c->kernel;
  }
  /* Channels that meet the wanted entry; positions and taps are searched. */
  for (ritz_index b = 0; b < c->batch; b++)
    for (ritz_index q = 0; q < positions; q++) {
      if (direction == CONV_FORWARD && wanted / c->channels_out != b * positions + q) continue;
      split(q, c->dim, extent, out);
      for (ritz_index t = 0; t < taps; t++) {
        ritz_index x, y, w;
        if (direction == CONV_WEIGHT && wanted / (k * c->channels_out) != t) continue;
        split(t, c->dim, kernel, tap);
        if (!entry(p, b, out, tap, &x, &y, &w)) continue;
        if (direction == CONV_INPUT && wanted / c->channels_in != x) continue;
        for (ritz_index i = 0; i < k; i++)
          for (ritz_index o = 0; o < c->channels_out; o++) {
            const ritz_index ix = x * c->channels_in + o / n * k + i, iy = y * c->channels_out + o;
            const ritz_index iw = (w * k + i) * c->channels_out + o;
            if (wanted != (direction == CONV_FORWARD ? iy : direction == CONV_INPUT ? ix : iw))
              continue;
            const double term = direction == CONV_FORWARD ? (double)p->x[ix] * p->w[iw]
                                : direction == CONV_INPUT ? (double)p->y[iy] * p->w[iw]
                                                          : (double)p->x[ix] * p->y[iy];
            *sum += term;
            *scale += fabs(term);
          }
      }
    }
}

double conv_problem_error(const conv_problem *p, conv_direction direction) {
  enum { samples = 9 };
  double worst = 0;
  for (ritz_index s = 0; s < samples; s++) {
    const ritz_index wanted = s * (conv_result_count(p, direction) - 1) / (samples - 1);
    double sum = 0, scale = 0;
    accumulate(p, direction, wanted, &sum, &scale);
    const double error = fabs(p->result[direction][wanted] - sum) / scale;
    if (!(error <= worst)) worst = error;
  }
  return worst;
}

double gemm_peak(void) {
  enum { n = 64, repeats = 10000 };
  static _Alignas(64) float a[n * n], b[n * n], c[n * n];
  const ritz_gemm gemm = ritz_gemm_plan(RITZ_FLOAT32, false, true, n, n, n, n, n, n);
  double best = INFINITY;
  for (int round = 0; round < 5; round++) {
    const double start = ritz_clock_seconds();
    for (int i = 0; i < repeats; i++) ritz_gemm_run(&gemm, a, b, c);
    best = fmin(best, ritz_clock_seconds() - start);
  }
  return 2.0 * n * n * n * repeats / best * 1e-9;
}

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

void summarise(int count, double *time, double *median, double *least) {
  qsort(time, (size_t)count, sizeof *time, ascending);
  *median = time[count / 2];
  *least = time[0];
}
