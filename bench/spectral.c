/* SPDX-License-Identifier: BSD-3-Clause
 * Kept-mode transforms, channel mixing and the spectral convolution of both, single precision: one
 * JSON line per case.
 *
 *   ritz-measure-spectral [seconds per measurement, default 0.2] [convolution|transform|sweep]
 *
 * The opponents are FFTW's full transform and the one pruned to the kept columns, both with
 * measured plans, in this library's own loops. All sides of a line run in turns and the minimum
 * counts; the largest difference of their results stands in the line. "product" is the rate of a
 * DFT-shaped product in the first-level cache, what "gflops" (flops as executed, folded) is
 * measured by. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/memory.h"
#include "kernels/gemm.h"
#include "kernels/spectral_wisdom.h"

typedef struct bench_case {
  const char *name;
  int dim;
  ritz_index grid[3], modes[3], batch, channels;
} bench_case;

static const bench_case cases[] = {
    {"darcy_16", 2, {16, 16}, {8, 5}, 64, 24},
    {"ns_64", 2, {64, 64}, {24, 12}, 16, 32},
    {"ns_128", 2, {128, 128}, {32, 16}, 4, 64},
    {"ns_256", 2, {256, 256}, {32, 16}, 4, 32},
    {"darcy_421", 2, {421, 421}, {24, 12}, 1, 32},
    {"ns_64_c20", 2, {64, 64}, {24, 12}, 16, 20},
    {"full_128", 2, {128, 128}, {128, 65}, 4, 32},
    {"burgers_1024", 1, {1024}, {16}, 20, 64},
    {"ns3d_32", 3, {32, 32, 32}, {12, 12, 7}, 4, 24},
    {"ns3d_64x64x40", 3, {64, 64, 40}, {16, 16, 9}, 2, 20},
};

enum { SIDES = 3 };
static const ritz_spectral_algorithm side[SIDES] = {RITZ_SPECTRAL_AUTO, RITZ_SPECTRAL_FFTW,
                                                    RITZ_SPECTRAL_FFTW_PRUNED};

/* One case's plans, the default and its opponents, and arrays. */
typedef struct problem {
  const bench_case *c;
  int threads;
  ritz_transform *transform[SIDES]; /* NULL without FFTW */
  ritz_mixing *mixing;
  ritz_index points, modes, plane;
  float *x, *y, *spectrum[2], *w, *gw, *scratch;
} problem;

static void must(ritz_status status) {
  if (status == RITZ_OK) return;
  fprintf(stderr, "%s\n", ritz_error_message());
  exit(1);
}

static float *numbers(ritz_index count) {
  float *out;
  must(RITZ_NEW(count, &out));
  for (ritz_index i = 0; i < count; i++) out[i] = (float)(i * 7919 % 2003) / 1001.5f - 1.0f;
  return out;
}

static ritz_transform *make_transform(const bench_case *c, int s, int threads) {
  ritz_index *list[3];
  ritz_transform_shape shape = {
      .dtype = RITZ_FLOAT32, .dim = c->dim, .batch = c->batch, .channels = c->channels};
  for (int i = 0; i < c->dim; i++) {
    must(RITZ_NEW(c->modes[i], &list[i]));
    shape.grid[i] = c->grid[i], shape.modes[i] = c->modes[i], shape.frequency[i] = list[i];
    for (ritz_index k = 0; k < c->modes[i]; k++)
      list[i][k] = i == c->dim - 1 ? k : k - c->modes[i] / 2;
  }
  ritz_transform *t = NULL;
  if (s == 0)
    must(ritz_transform_create(&shape, side[s], threads, &t));
  else if (ritz_spectral_algorithm_available(side[s]))
    must(ritz_transform_create_measured(&shape, side[s], threads, NULL, &t));
  for (int i = 0; i < c->dim; i++) ritz_free(list[i]);
  return t;
}

static ritz_mixing *make_mixing(const problem *p) {
  ritz_index *row;
  must(RITZ_NEW(p->modes, &row));
  for (ritz_index m = 0; m < p->modes; m++) row[m] = m;
  const ritz_mixing_shape shape = {.dtype = RITZ_FLOAT32,
                                   .modes = p->modes,
                                   .batch = p->c->batch,
                                   .channels_in = p->c->channels,
                                   .channels_out = p->c->channels,
                                   .weight_row = row};
  ritz_mixing *mixing;
  must(ritz_mixing_create(&shape, p->threads, &mixing));
  ritz_free(row);
  return mixing;
}

static problem make_problem(const bench_case *c, int threads) {
  problem p = {.c = c, .threads = threads, .points = 1, .modes = 1};
  p.plane = c->batch * c->channels;
  for (int i = 0; i < c->dim; i++) p.points *= c->grid[i], p.modes *= c->modes[i];
  p.mixing = make_mixing(&p);
  size_t scratch = ritz_mixing_scratch(p.mixing);
  for (int s = 0; s < SIDES; s++) {
    p.transform[s] = make_transform(c, s, threads);
    if (p.transform[s] && ritz_transform_scratch(p.transform[s]) > scratch)
      scratch = ritz_transform_scratch(p.transform[s]);
  }
  p.x = numbers(p.points * p.plane);
  p.y = numbers(p.points * p.plane);
  for (int i = 0; i < 2; i++) p.spectrum[i] = numbers(p.modes * 3 * p.plane);
  p.w = numbers(p.modes * 2 * c->channels * c->channels);
  p.gw = numbers(p.modes * 2 * c->channels * c->channels);
  p.scratch = numbers((ritz_index)scratch / 4 + 16);
  return p;
}

static void clear_problem(problem *p) {
  for (int s = 0; s < SIDES; s++) ritz_transform_destroy(&p->transform[s]);
  ritz_mixing_destroy(&p->mixing);
  ritz_free(p->x);
  ritz_free(p->y);
  for (int i = 0; i < 2; i++) ritz_free(p->spectrum[i]);
  ritz_free(p->w);
  ritz_free(p->gw);
  ritz_free(p->scratch);
}

static double product_rate(ritz_index columns) {
  const ritz_gemm g =
      ritz_gemm_plan(RITZ_FLOAT32, false, false, 13, columns, 33, 33, columns, columns);
  float *a = numbers(13 * 33), *b = numbers(33 * columns), *c = numbers(13 * columns);
  double least = 1;
  for (int r = 0; r < 200; r++) {
    const double start = ritz_clock_seconds();
    for (int i = 0; i < 100; i++) ritz_gemm_run(&g, a, b, c);
    least = fmin(least, ritz_clock_seconds() - start);
  }
  ritz_free(a);
  ritz_free(b);
  ritz_free(c);
  return 200.0 * 13 * 33 * (double)columns / least * 1e-9;
}

/* What one measurement runs. */
typedef void work(problem *p, int s);

static void to_modes(problem *p, int s) {
  ritz_transform_to_modes(p->transform[s], false, false, p->x, p->spectrum[0], p->scratch);
}
static void from_modes(problem *p, int s) {
  ritz_transform_from_modes(p->transform[s], false, false, p->spectrum[0], p->y, p->scratch);
}
static void convolve(problem *p, int s) {
  to_modes(p, s);
  ritz_mixing_forward(p->mixing, p->spectrum[0], p->w, p->spectrum[1], p->scratch);
  ritz_transform_from_modes(p->transform[s], false, false, p->spectrum[1], p->y, p->scratch);
}
static void convolve_back(problem *p, int s) {
  ritz_transform_to_modes(p->transform[s], true, true, p->x, p->spectrum[1], p->scratch);
  ritz_mixing_vjp_weight(p->mixing, p->spectrum[0], p->spectrum[1], p->modes, false, p->gw,
                         p->scratch);
  ritz_mixing_vjp_input(p->mixing, p->spectrum[1], p->w, p->spectrum[0], p->scratch);
  ritz_transform_from_modes(p->transform[s], true, false, p->spectrum[0], p->y, p->scratch);
}
static void mix(problem *p, int s) {
  ritz_mixing_forward(p->mixing, p->spectrum[0], p->w, p->spectrum[1], p->scratch);
}
static void mix_back(problem *p, int s) {
  ritz_mixing_vjp_weight(p->mixing, p->spectrum[0], p->spectrum[1], p->modes, false, p->gw,
                         p->scratch);
  ritz_mixing_vjp_input(p->mixing, p->spectrum[1], p->w, p->spectrum[0], p->scratch);
}

/* Least seconds of each side in turns; 0 for a missing one. */
static void time_sides(problem *p, work *run, double budget, double least[SIDES]) {
  for (int s = 0; s < SIDES; s++) least[s] = 0;
  const double begin = ritz_clock_seconds();
  do {
    for (int s = 0; s < SIDES; s++) {
      if (!p->transform[s]) continue;
      const double start = ritz_clock_seconds();
      run(p, s);
      const double seconds = ritz_clock_seconds() - start;
      if (least[s] == 0 || seconds < least[s]) least[s] = seconds;
    }
  } while (ritz_clock_seconds() - begin < budget);
}

static double best_opponent(const double least[SIDES]) {
  return least[1] > 0 && least[1] < least[2] ? least[1] : least[2];
}

/* Largest difference of y between the default and the full transform, by the largest value. */
static double difference(problem *p, work *run) {
  if (!p->transform[1]) return 0;
  const ritz_index n = p->points * p->plane;
  float *want = numbers(n);
  run(p, 1);
  memcpy(want, p->y, (size_t)n * sizeof *want);
  run(p, 0);
  double most = 0, size = 0;
  for (ritz_index i = 0; i < n; i++) {
    most = fmax(most, fabs((double)p->y[i] - (double)want[i]));
    size = fmax(size, fabs((double)want[i]));
  }
  ritz_free(want);
  return most / size;
}

static void print_case(const problem *p, const char *what) {
  printf("{\"case\": \"%s\", \"what\": \"%s\", \"threads\": %d, ", p->c->name, what, p->threads);
}

static void bench_convolution(const bench_case *c, int threads, double budget) {
  problem p = make_problem(c, threads);
  const double error = difference(&p, convolve);
  const double mixing = 8.0 * (double)(p.modes * p.plane * c->channels);
  for (int back = 0; back < 2; back++) {
    double least[SIDES], part[SIDES];
    time_sides(&p, back ? convolve_back : convolve, budget, least);
    problem alone = p;
    alone.transform[1] = alone.transform[2] = NULL;
    time_sides(&alone, back ? mix_back : mix, budget / 4, part);
    const double flops = 2 * ritz_transform_flops(p.transform[0]) + (back ? 2 : 1) * mixing;
    print_case(&p, back ? "convolution vjp" : "convolution");
    printf(
        "\"ms\": %.4f, \"gflops\": %.1f, \"mixing_ms\": %.4f, \"fftw_ms\": %.4f, "
        "\"fftw_pruned_ms\": %.4f, \"faster\": %.2f, \"product\": %.1f, \"difference\": %.1e}\n",
        least[0] * 1e3, flops / least[0] * 1e-9, part[0] * 1e3, least[1] * 1e3, least[2] * 1e3,
        best_opponent(least) / least[0], product_rate(32), error);
  }
  clear_problem(&p);
}

static void bench_transform(const bench_case *c, int threads, double budget) {
  problem p = make_problem(c, threads);
  for (int to = 1; to >= 0; to--) {
    double least[SIDES];
    time_sides(&p, to ? to_modes : from_modes, budget, least);
    print_case(&p, to ? "to modes" : "from modes");
    printf(
        "\"algorithm\": \"%s\", \"ms\": %.4f, \"gflops\": %.1f, \"fftw_ms\": %.4f, "
        "\"fftw_pruned_ms\": %.4f, \"faster\": %.2f}\n",
        ritz_spectral_algorithm_name(ritz_transform_algorithm(p.transform[0])), least[0] * 1e3,
        ritz_transform_flops(p.transform[0]) / least[0] * 1e-9, least[1] * 1e3, least[2] * 1e3,
        best_opponent(least) / least[0]);
  }
  clear_problem(&p);
}

/* The default choice from a few modes to all of them. */
static void bench_sweep(double budget) {
  static const bench_case grids[] = {
      {"sweep", 1, {256}, {0}, 64, 16},      {"sweep", 1, {1024}, {0}, 16, 16},
      {"sweep", 1, {8192}, {0}, 4, 16},      {"sweep", 1, {65536}, {0}, 1, 16},
      {"sweep", 1, {262144}, {0}, 1, 8},     {"sweep", 1, {10007}, {0}, 1, 16},
      {"sweep", 1, {1009}, {0}, 16, 16},     {"sweep", 2, {32, 32}, {0}, 16, 16},
      {"sweep", 2, {64, 64}, {0}, 8, 24},    {"sweep", 2, {128, 128}, {0}, 2, 16},
      {"sweep", 2, {256, 256}, {0}, 1, 16},  {"sweep", 2, {512, 512}, {0}, 1, 16},
      {"sweep", 2, {1024, 1024}, {0}, 1, 4}, {"sweep", 3, {32, 32, 32}, {0}, 1, 16},
      {"sweep", 3, {64, 64, 64}, {0}, 1, 8},
  };
  static const double part[] = {0.125, 0.25, 0.5, 0.75, 1};
  for (size_t i = 0; i < sizeof grids / sizeof *grids; i++)
    for (size_t k = 0; k < sizeof part / sizeof *part; k++) {
      bench_case c = grids[i];
      char name[64];
      for (int a = 0; a < c.dim; a++) {
        const ritz_index all = a == c.dim - 1 ? c.grid[a] / 2 + 1 : c.grid[a];
        c.modes[a] = (ritz_index)ceil(part[k] * (double)all);
      }
      snprintf(name, sizeof name, "%td^%d, %g of the modes", c.grid[0], c.dim, part[k]);
      c.name = name;
      bench_transform(&c, 1, budget);
      fflush(stdout);
    }
}

int main(int argc, char **argv) {
  const double budget = argc > 1 ? atof(argv[1]) : 0.2;
  const char *only = argc > 2 ? argv[2] : NULL;
  for (int threads = 1; threads <= 2; threads++)
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
      if (!only || strcmp(only, "convolution") == 0) bench_convolution(&cases[i], threads, budget);
      if (!only || strcmp(only, "transform") == 0) bench_transform(&cases[i], threads, budget);
    }
  if (!only || strcmp(only, "sweep") == 0) bench_sweep(budget);
  return 0;
}
