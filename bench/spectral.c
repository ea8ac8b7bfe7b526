/* SPDX-License-Identifier: BSD-3-Clause
 * Transforms to and from kept modes, channel mixing, and the spectral convolution of both, single
 * precision.
 *
 * Rivals, in turn: the default; FFTW's full transform and the one pruned to the kept columns, both
 * with measured plans, in this library's own loops and with the same mixing; and the mixing alone.
 * "ratio" is the faster FFTW's median over ours, "difference" the largest one between the results
 * of ours and of the full transform, relative to the largest number, checked before anything is
 * timed. Flops are those of ours as executed (symmetries folded), bytes those of fields, weights
 * and spectra that come from or go to the caller. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/bench.h"
#include "bench/fields.h"
#include "core/memory.h"
#include "kernels/spectral_wisdom.h"

typedef struct spectral_case {
  bench_case base;
  int dim;
  ritz_index grid[3], batch, channels,
      modes; /* modes: per sign; 2m on an axis, m + 1 on the last */
} spectral_case;

/* -- One convolution with its rivals ----------------------------------------------------------- */

enum { sides = 3 };

typedef struct problem {
  const spectral_case *c;
  ritz_index kept[3];               /* modes on each axis */
  ritz_index points, modes, plane;  /* of all axes; plane: batch x channels */
  ritz_transform *transform[sides]; /* ours, FFTW full, FFTW pruned; [1] plain products and [2] NULL
                                       in a build without FFTW */
  ritz_mixing *mixing;
  float *x, *y;      /* [B, N..., C] */
  float *X, *Y, *GX; /* [modes, 3, B, C]; Y also the gradient's */
  float *w, *gw;     /* [modes, 2, C, C] */
  float *scratch;
} problem;

static bool with_fftw(void) { return ritz_spectral_algorithm_available(RITZ_SPECTRAL_FFTW); }

static ritz_status make_transform(const problem *p, int side, int threads, ritz_transform **out) {
  static const ritz_spectral_algorithm fftw[sides] = {RITZ_SPECTRAL_AUTO, RITZ_SPECTRAL_FFTW,
                                                      RITZ_SPECTRAL_FFTW_PRUNED};
  const spectral_case *c = p->c;
  ritz_index *list[3] = {NULL};
  ritz_transform_shape shape = {
      .dtype = RITZ_FLOAT32, .dim = c->dim, .batch = c->batch, .channels = c->channels};
  ritz_status status = RITZ_OK;
  for (int a = 0; a < c->dim; a++) {
    RITZ_TRY_DONE(RITZ_NEW(p->kept[a], &list[a]));
    shape.grid[a] = c->grid[a], shape.modes[a] = p->kept[a], shape.frequency[a] = list[a];
    for (ritz_index k = 0; k < p->kept[a]; k++)
      list[a][k] = a == c->dim - 1 ? k : k - p->kept[a] / 2;
  }
  if (side == 0)
    status = ritz_transform_create(&shape, RITZ_SPECTRAL_AUTO, threads, out);
  else if (with_fftw())
    status = ritz_transform_create_measured(&shape, fftw[side], threads, NULL, out);
  else if (side == 1)
    status = ritz_transform_create(&shape, RITZ_SPECTRAL_PLAIN, threads, out);
done:
  for (int a = 0; a < c->dim; a++) ritz_free(list[a]);
  return status;
}

static ritz_status make_mixing(problem *p, int threads) {
  ritz_index *row;
  RITZ_TRY(RITZ_NEW(p->modes, &row));
  for (ritz_index m = 0; m < p->modes; m++) row[m] = m;
  const ritz_mixing_shape shape = {.dtype = RITZ_FLOAT32,
                                   .modes = p->modes,
                                   .batch = p->c->batch,
                                   .channels_in = p->c->channels,
                                   .channels_out = p->c->channels,
                                   .weight_row = row};
  const ritz_status status = ritz_mixing_create(&shape, threads, &p->mixing);
  ritz_free(row);
  return status;
}

static ritz_index field_count(const problem *p) { return p->points * p->plane; }
static ritz_index spectrum_count(const problem *p) { return p->modes * 3 * p->plane; }
static ritz_index weight_count(const problem *p) {
  return p->modes * 2 * p->c->channels * p->c->channels;
}

static ritz_status make_arrays(problem *p) {
  size_t scratch = ritz_mixing_scratch(p->mixing);
  for (int s = 0; s < sides; s++)
    if (p->transform[s] && ritz_transform_scratch(p->transform[s]) > scratch)
      scratch = ritz_transform_scratch(p->transform[s]);
  RITZ_TRY(bench_numbers(field_count(p), 1, &p->x));
  RITZ_TRY(bench_numbers(field_count(p), 2, &p->y));
  RITZ_TRY(bench_numbers(spectrum_count(p), 3, &p->X));
  RITZ_TRY(bench_numbers(spectrum_count(p), 4, &p->Y));
  RITZ_TRY(bench_numbers(spectrum_count(p), 5, &p->GX));
  RITZ_TRY(bench_numbers(weight_count(p), 6, &p->w));
  RITZ_TRY(bench_numbers(weight_count(p), 7, &p->gw));
  return RITZ_NEW((ritz_index)(scratch / sizeof *p->scratch) + 16, &p->scratch);
}

/* The modes of each axis are set. */
static ritz_status create(problem *p, int threads) {
  p->points = p->modes = 1;
  p->plane = p->c->batch * p->c->channels;
  for (int a = 0; a < p->c->dim; a++) p->points *= p->c->grid[a], p->modes *= p->kept[a];
  for (int s = 0; s < sides; s++) RITZ_TRY(make_transform(p, s, threads, &p->transform[s]));
  RITZ_TRY(make_mixing(p, threads));
  return make_arrays(p);
}

static void destroy(problem *p) {
  float *const arrays[] = {p->x, p->y, p->X, p->Y, p->GX, p->w, p->gw, p->scratch};
  for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) ritz_free(arrays[i]);
  for (int s = 0; s < sides; s++) ritz_transform_destroy(&p->transform[s]);
  ritz_mixing_destroy(&p->mixing);
}

/* -- What is timed ----------------------------------------------------------------------------- */

typedef void work(problem *p, const ritz_transform *t);

static void to_modes(problem *p, const ritz_transform *t) {
  ritz_transform_to_modes(t, false, false, p->x, p->X, p->scratch);
}
static void from_modes(problem *p, const ritz_transform *t) {
  ritz_transform_from_modes(t, false, false, p->X, p->y, p->scratch);
}
static void mix(problem *p, const ritz_transform *t) {
  ritz_mixing_forward(p->mixing, p->X, p->w, p->Y, p->scratch);
}
static void mix_vjp(problem *p, const ritz_transform *t) {
  ritz_mixing_vjp_weight(p->mixing, p->X, p->Y, p->modes, false, p->gw, p->scratch);
  ritz_mixing_vjp_input(p->mixing, p->Y, p->w, p->GX, p->scratch);
}
static void forward(problem *p, const ritz_transform *t) {
  to_modes(p, t);
  mix(p, t);
  ritz_transform_from_modes(t, false, false, p->Y, p->y, p->scratch);
}
static void vjp(problem *p, const ritz_transform *t) { /* x stands for the cotangent */
  ritz_transform_to_modes(t, true, true, p->x, p->Y, p->scratch);
  mix_vjp(p, t);
  ritz_transform_from_modes(t, true, false, p->GX, p->y, p->scratch);
}

enum direction { FORWARD, VJP, TO_MODES, FROM_MODES, DIRECTIONS };
static const char *const direction_name[] = {"forward", "vjp", "to_modes", "from_modes"};
static work *const direction_work[] = {forward, vjp, to_modes, from_modes};
static work *const direction_mixing[] = {mix, mix_vjp, NULL, NULL};

static double flops(const problem *p, enum direction d) {
  const double transform = ritz_transform_flops(p->transform[0]);
  const double mixing = 8.0 * (double)(p->modes * p->plane * p->c->channels);
  const double all[] = {2 * transform + mixing, 2 * transform + 2 * mixing, transform, transform};
  return all[d];
}

static double bytes(const problem *p, enum direction d) {
  const double x = (double)field_count(p), w = (double)weight_count(p);
  const double spectrum = (double)spectrum_count(p);
  const double all[] = {2 * x + w, 2 * x + 2 * w + spectrum, x + spectrum, x + spectrum * 2 / 3};
  return sizeof(float) * all[d];
}

/* -- Checking and timing ----------------------------------------------------------------------- */

static ritz_status compare(problem *p, enum direction d, const float *result, ritz_index count,
                           double *difference) {
  float *want;
  RITZ_TRY(RITZ_NEW(count, &want));
  direction_work[d](p, p->transform[1]);
  memcpy(want, result, (size_t)count * sizeof *want);
  direction_work[d](p, p->transform[0]);
  *difference = fmax(*difference, bench_difference(count, result, want));
  ritz_free(want);
  return RITZ_OK;
}

static ritz_status check(problem *p, enum direction d, double *difference) {
  *difference = 0;
  if (d == TO_MODES)
    RITZ_TRY(compare(p, d, p->X, spectrum_count(p), difference));
  else
    RITZ_TRY(compare(p, d, p->y, field_count(p), difference));
  if (d == VJP) RITZ_TRY(compare(p, d, p->gw, weight_count(p), difference));
  RITZ_REQUIRE(*difference < 1e-5, RITZ_ERR_NUMERIC, "%s differs from the full transform by %.1e",
               direction_name[d], *difference);
  return RITZ_OK;
}

typedef struct rival {
  problem *p;
  work *run;
  const ritz_transform *transform;
} rival;

static void run_rival(void *arg) {
  const rival *r = arg;
  r->run(r->p, r->transform);
}

/* Medians of ours, both of FFTW (0 without) and of mixing (0 where there is none), in ms. */
static ritz_status measure(problem *p, const bench_call *call, enum direction d, bench_line *line,
                           double ms[4]) {
  rival rivals[4];
  bench_job jobs[4];
  bench_times times[4];
  int place[4], count = 0;
  for (int i = 0; i < 4; i++) {
    ms[i] = 0;
    work *const run = i < sides ? direction_work[d] : direction_mixing[d];
    if (!run || (i > 0 && i < sides && !with_fftw())) continue;
    rivals[count] = (rival){p, run, i < sides ? p->transform[i] : NULL};
    jobs[count] = (bench_job){run_rival, &rivals[count]};
    place[count++] = i;
  }
  RITZ_TRY(bench_measure(call, line->dtype, count, jobs, times));
  for (int i = 0; i < count; i++) ms[place[i]] = 1e3 * times[i].median;
  line->times = times[0];
  return RITZ_OK;
}

/* "[64, 64]" */
static void write_list(int count, const ritz_index *n, char out[64]) {
  int used = 0;
  for (int a = 0; a < count; a++)
    used += snprintf(out + used, 64 - (size_t)used, "%s%td", a ? ", " : "[", n[a]);
  snprintf(out + used, 64 - (size_t)used, "]");
}

static ritz_status run_direction(problem *p, const bench_call *call, enum direction d) {
  bench_line line = {.of = &p->c->base, .dtype = RITZ_FLOAT32};
  double difference, ms[4];
  char text[4][32], grid[64], kept[64];
  RITZ_TRY(check(p, d, &difference));
  RITZ_TRY(measure(p, call, d, &line, ms));
  line.flops = flops(p, d);
  line.bytes = bytes(p, d);
  write_list(p->c->dim, p->c->grid, grid);
  write_list(p->c->dim, p->kept, kept);
  bench_print(call, &line,
              "\"direction\": \"%s\", \"grid\": %s, \"batch\": %td, \"channels\": %td, "
              "\"modes\": %s, \"algorithm\": \"%s\", "
              "\"mixing_ms\": %s, \"fftw_ms\": %s, \"fftw_pruned_ms\": %s, \"ratio\": %s, "
              "\"difference\": %.1e",
              direction_name[d], grid, p->c->batch, p->c->channels, kept,
              ritz_spectral_algorithm_name(ritz_transform_algorithm(p->transform[0])),
              bench_or_null(ms[3], text[0]), bench_or_null(ms[1], text[1]),
              bench_or_null(ms[2], text[2]), bench_or_null(fmin(ms[1], ms[2]) / ms[0], text[3]),
              difference);
  return RITZ_OK;
}

static ritz_status convolution(const bench_case *self, const bench_call *call) {
  problem p = {.c = (const spectral_case *)self};
  for (int a = 0; a < p.c->dim; a++)
    p.kept[a] = a == p.c->dim - 1 ? p.c->modes + 1 : 2 * p.c->modes;
  ritz_status status = create(&p, call->threads);
  for (enum direction d = FORWARD; d < DIRECTIONS && status == RITZ_OK; d++)
    status = run_direction(&p, call, d);
  destroy(&p);
  return status;
}

/* -- Cases ------------------------------------------------------------------------------------- */

#define CONVOLUTION(name, about, dim, batch, channels, modes, ...) \
  { {"spectral/" name, about, convolution}, dim, {__VA_ARGS__}, batch, channels, modes }

static const spectral_case cases[] = {
    /* grid-channels-modes */
    CONVOLUTION("16-24-4", "16^2, 24 channels, 8 x 5 modes", 2, 64, 24, 4, 16, 16),
    CONVOLUTION("64-32-12", "64^2, 32 channels, 24 x 13 modes", 2, 16, 32, 12, 64, 64),
    CONVOLUTION("64-20-12", "64^2, 20 channels, 24 x 13 modes", 2, 16, 20, 12, 64, 64),
    CONVOLUTION("128-64-16", "128^2, 64 channels, 32 x 17 modes", 2, 4, 64, 16, 128, 128),
    CONVOLUTION("128-32-64", "128^2, 32 channels, all modes", 2, 4, 32, 64, 128, 128),
    CONVOLUTION("256-32-16", "256^2, 32 channels, 32 x 17 modes", 2, 4, 32, 16, 256, 256),
    CONVOLUTION("421-32-12", "421^2, 32 channels, 24 x 13 modes", 2, 1, 32, 12, 421, 421),
    CONVOLUTION("1d-1024-64-16", "1024, 64 channels, 17 modes", 1, 20, 64, 16, 1024),
    CONVOLUTION("1d-8192-64-16", "8192, 64 channels, 17 modes", 1, 4, 64, 16, 8192),
    CONVOLUTION("3d-32-24-6", "32^3, 24 channels, 12 x 12 x 7 modes", 3, 4, 24, 6, 32, 32, 32),
    CONVOLUTION("3d-64-20-8", "64 x 64 x 40, 20 channels, 16 x 16 x 9 modes", 3, 2, 20, 8, 64, 64,
                40),
};

int main(int argc, char **argv) {
  return bench_main(argc, argv, "ritz-bench-spectral", sizeof cases / sizeof *cases, sizeof *cases,
                    cases);
}
