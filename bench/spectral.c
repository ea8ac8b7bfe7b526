/* SPDX-License-Identifier: BSD-3-Clause
 * Kept-mode transforms and channel mixing, single precision.
 *
 * Both algorithms of a case run alternately and the minimum counts; the largest difference of their
 * results stands in the line as "difference". "product" is the rate of a DFT-shaped product in the
 * first-level cache, what the transforms' "gflops" (flops as executed, folded) are measured by. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/bench.h"
#include "core/clock.h"
#include "core/memory.h"
#include "kernels/gemm.h"
#include "kernels/spectral.h"

typedef struct spectral_case {
  bench_case base;
  int dim;
  ritz_index grid[3], modes[3], batch, channels;
} spectral_case;

static ritz_status bench(const bench_case *self, const bench_call *call);

#define CASE(name, about, ...) \
  { {"spectral/" name, about, bench}, __VA_ARGS__ }

static const spectral_case cases[] = {
    CASE("darcy_16", "16^2, 8 x 5 modes, 24 channels, batch 64", 2, {16, 16}, {8, 5}, 64, 24),
    CASE("ns_64", "64^2, 24 x 13 modes, 32 channels, batch 16", 2, {64, 64}, {24, 13}, 16, 32),
    CASE("ns_128", "128^2, 32 x 17 modes, 64 channels, batch 4", 2, {128, 128}, {32, 17}, 4, 64),
    CASE("darcy_421", "421^2, 24 x 13 modes, 32 channels", 2, {421, 421}, {24, 13}, 1, 32),
    CASE("ns_64_c20", "64^2, 24 x 13 modes, 20 channels, batch 16", 2, {64, 64}, {24, 13}, 16, 20),
    CASE("full_128", "128^2, all modes, 32 channels, batch 4", 2, {128, 128}, {128, 65}, 4, 32),
    CASE("burgers_1024", "1024, 16 modes, 64 channels, batch 20", 1, {1024}, {16}, 20, 64),
    CASE("ns3d_64x64x40", "64 x 64 x 40, 16 x 16 x 9 modes, 20 channels, batch 2", 3, {64, 64, 40},
         {16, 16, 9}, 2, 20),
};

/* The arrays of one case. */
typedef struct fields {
  float *x, *spectrum, *again, *scratch;
  ritz_index points, modes, plane;
} fields;

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

static ritz_transform *make_transform(const spectral_case *c, ritz_spectral_algorithm algorithm,
                                      int threads) {
  ritz_index list[3][512];
  ritz_transform_shape shape = {
      .dtype = RITZ_FLOAT32, .dim = c->dim, .batch = c->batch, .channels = c->channels};
  for (int i = 0; i < c->dim; i++) {
    shape.grid[i] = c->grid[i], shape.modes[i] = c->modes[i], shape.frequency[i] = list[i];
    for (ritz_index k = 0; k < c->modes[i]; k++)
      list[i][k] = i == c->dim - 1 ? k : k - c->modes[i] / 2;
  }
  ritz_transform *t;
  must(ritz_transform_create(&shape, algorithm, threads, &t));
  return t;
}

static fields make_fields(const spectral_case *c, size_t scratch) {
  fields f = {.points = 1, .modes = 1, .plane = c->batch * c->channels};
  for (int i = 0; i < c->dim; i++) f.points *= c->grid[i], f.modes *= c->modes[i];
  f.x = numbers(f.points * f.plane);
  f.spectrum = numbers(f.modes * 3 * f.plane);
  f.again = numbers(f.modes * 3 * f.plane);
  f.scratch = numbers((ritz_index)scratch / 4 + 16);
  return f;
}

static void clear_fields(fields *f) {
  ritz_free(f->x);
  ritz_free(f->spectrum);
  ritz_free(f->again);
  ritz_free(f->scratch);
}

static void run(const ritz_transform *t, bool to, fields *f, float *spectrum) {
  if (to)
    ritz_transform_to_modes(t, false, false, f->x, spectrum, f->scratch);
  else
    ritz_transform_from_modes(t, false, false, spectrum, f->x, f->scratch);
}

static double keep_least(double least, double seconds) {
  return least == 0 || seconds < least ? seconds : least;
}

static double product_rate(ritz_index columns) {
  const ritz_gemm g =
      ritz_gemm_plan(RITZ_FLOAT32, false, false, 13, columns, 33, 33, columns, columns);
  float *a = numbers(13 * 33), *b = numbers(33 * columns), *c = numbers(13 * columns);
  double least = 0;
  for (int r = 0; r < 200; r++) {
    const double start = ritz_clock_seconds();
    for (int i = 0; i < 100; i++) ritz_gemm_run(&g, a, b, c);
    least = keep_least(least, ritz_clock_seconds() - start);
  }
  ritz_free(a);
  ritz_free(b);
  ritz_free(c);
  return 200.0 * 13 * 33 * (double)columns / least * 1e-9;
}

static double largest_difference(const fields *f) {
  double difference = 0, size = 0;
  for (ritz_index i = 0; i < f->modes * 3 * f->plane; i++) {
    difference = fmax(difference, fabs((double)f->spectrum[i] - (double)f->again[i]));
    size = fmax(size, fabs((double)f->again[i]));
  }
  return difference / size;
}

static void bench_transform(const spectral_case *c, int threads, double budget) {
  ritz_transform *gemm = make_transform(c, RITZ_SPECTRAL_GEMM, threads), *fftw = NULL;
#if RITZ_WITH_FFTW
  fftw = make_transform(c, RITZ_SPECTRAL_FFTW, threads);
#endif
  ritz_transform *automatic = make_transform(c, RITZ_SPECTRAL_AUTO, threads);
  size_t scratch = ritz_transform_scratch(gemm);
  if (fftw && ritz_transform_scratch(fftw) > scratch) scratch = ritz_transform_scratch(fftw);
  fields f = make_fields(c, scratch);
  run(gemm, true, &f, f.spectrum);
  if (fftw) run(fftw, true, &f, f.again);
  const double difference = fftw ? largest_difference(&f) : 0;
  const char *choice = ritz_transform_algorithm(automatic) == RITZ_SPECTRAL_GEMM ? "gemm" : "fftw";
  for (int to = 1; to >= 0; to--) {
    double least[2] = {0, 0};
    const double end = ritz_clock_seconds() + budget;
    do {
      for (int which = 0; which < (fftw ? 2 : 1); which++) {
        const double start = ritz_clock_seconds();
        run(which ? fftw : gemm, to, &f, f.again);
        least[which] = keep_least(least[which], ritz_clock_seconds() - start);
      }
    } while (ritz_clock_seconds() < end);
    printf(
        "{\"case\": \"%s\", \"direction\": \"%s\", \"threads\": %d, \"gemm_ms\": %.4f, "
        "\"gflops\": %.1f, \"fftw_ms\": %.4f, \"fftw_over_gemm\": %.2f, \"auto\": \"%s\", "
        "\"product\": %.1f, \"difference\": %.1e}\n",
        c->base.name, to ? "to_modes" : "from_modes", threads, least[0] * 1e3,
        ritz_transform_flops(gemm) / least[0] * 1e-9, least[1] * 1e3, least[1] / least[0], choice,
        product_rate(32), difference);
  }
  clear_fields(&f);
  ritz_transform_destroy(&gemm);
  ritz_transform_destroy(&fftw);
  ritz_transform_destroy(&automatic);
}

static void bench_mixing(const spectral_case *c, int threads, double budget) {
  fields f = make_fields(c, 0);
  ritz_index *row;
  must(RITZ_NEW(f.modes, &row));
  for (ritz_index m = 0; m < f.modes; m++) row[m] = m;
  const ritz_mixing_shape shape = {.dtype = RITZ_FLOAT32,
                                   .modes = f.modes,
                                   .batch = c->batch,
                                   .channels_in = c->channels,
                                   .channels_out = c->channels,
                                   .weight_row = row};
  ritz_mixing *mixing;
  must(ritz_mixing_create(&shape, threads, &mixing));
  float *w = numbers(f.modes * 2 * c->channels * c->channels);
  float *gw = numbers(f.modes * 2 * c->channels * c->channels);
  float *scratch = numbers((ritz_index)ritz_mixing_scratch(mixing) / 4 + 1);
  const double flops = 8.0 * (double)(f.modes * f.plane * c->channels);
  double least[3] = {0, 0, 0};
  const double end = ritz_clock_seconds() + budget;
  do {
    const double t0 = ritz_clock_seconds();
    ritz_mixing_forward(mixing, f.spectrum, w, f.again, scratch);
    const double t1 = ritz_clock_seconds();
    ritz_mixing_vjp_input(mixing, f.spectrum, w, f.again, scratch);
    const double t2 = ritz_clock_seconds();
    ritz_mixing_vjp_weight(mixing, f.spectrum, f.again, f.modes, false, gw, scratch);
    const double t3 = ritz_clock_seconds();
    least[0] = keep_least(least[0], t1 - t0);
    least[1] = keep_least(least[1], t2 - t1);
    least[2] = keep_least(least[2], t3 - t2);
  } while (ritz_clock_seconds() < end);
  printf(
      "{\"case\": \"%s\", \"direction\": \"mixing\", \"threads\": %d, \"forward_ms\": %.4f, "
      "\"forward_gflops\": %.1f, \"input_gflops\": %.1f, \"weight_gflops\": %.1f}\n",
      c->base.name, threads, least[0] * 1e3, flops / least[0] * 1e-9, flops / least[1] * 1e-9,
      flops / least[2] * 1e-9);
  ritz_mixing_destroy(&mixing);
  ritz_free(row);
  ritz_free(w);
  ritz_free(gw);
  ritz_free(scratch);
  clear_fields(&f);
}

static ritz_status bench(const bench_case *self, const bench_call *call) {
  const spectral_case *c = (const spectral_case *)self;
  bench_transform(c, call->threads, call->seconds / 5);
  bench_mixing(c, call->threads, call->seconds / 10);
  return RITZ_OK;
}

int main(int argc, char **argv) {
  return bench_main(argc, argv, "ritz-bench-spectral", sizeof cases / sizeof *cases, sizeof *cases,
                    cases);
}
