/* SPDX-License-Identifier: BSD-3-Clause
 * The default choice of a kept-mode transform from a few modes to all of them, single precision: a
 * line per part of the modes, where "faster" is what the best of FFTW's forms with measured plans
 * takes of the default's time. One run is a transform to modes and one back. */
#include <math.h>
#include <stdio.h>

#include "bench/bench.h"
#include "core/memory.h"
#include "kernels/spectral_wisdom.h"

typedef struct sweep_case {
  bench_case bench;
  int dim;
  ritz_index n, channels, batch;
} sweep_case;

/* The default first, then what it chooses from, then its opponents. */
typedef struct side {
  const char *name;
  ritz_spectral_algorithm algorithm;
  bool measured;
} side;
enum { SIDES = 6, FIRST_OPPONENT = 4 };
static const side sides[SIDES] = {{"auto", RITZ_SPECTRAL_AUTO, false},
                                  {"gemm", RITZ_SPECTRAL_GEMM, false},
                                  {"estimated", RITZ_SPECTRAL_FFTW, false},
                                  {"estimated_pruned", RITZ_SPECTRAL_FFTW_PRUNED, false},
                                  {"fftw", RITZ_SPECTRAL_FFTW, true},
                                  {"fftw_pruned", RITZ_SPECTRAL_FFTW_PRUNED, true}};

/* What one job of a measurement runs. */
typedef struct round_trip {
  ritz_transform *transform;
  float *x, *spectrum, *scratch;
} round_trip;

static void run_round_trip(void *arg) {
  const round_trip *r = arg;
  ritz_transform_to_modes(r->transform, false, false, r->x, r->spectrum, r->scratch);
  ritz_transform_from_modes(r->transform, false, false, r->spectrum, r->x, r->scratch);
}

/* Kept modes of an axis: `part` of all, centred about zero or from zero on. */
static ritz_status plan(const sweep_case *c, double part, const side *s, int threads,
                        ritz_transform **out) {
  ritz_index *list[3] = {NULL};
  ritz_transform_shape shape = {
      .dtype = RITZ_FLOAT32, .dim = c->dim, .batch = c->batch, .channels = c->channels};
  ritz_status status = RITZ_OK;
  for (int i = 0; i < c->dim; i++) {
    const bool last = i == c->dim - 1;
    const ritz_index all = last ? c->n / 2 + 1 : c->n;
    shape.grid[i] = c->n;
    shape.modes[i] = part > 0 ? (ritz_index)ceil(part * (double)all) : last ? 3 : 6;
    RITZ_TRY_DONE(RITZ_NEW(shape.modes[i], &list[i]));
    for (ritz_index k = 0; k < shape.modes[i]; k++) list[i][k] = last ? k : k - shape.modes[i] / 2;
    shape.frequency[i] = list[i];
  }
  if (s->measured)
    RITZ_TRY_DONE(ritz_transform_create_measured(&shape, s->algorithm, threads, NULL, out));
  else
    RITZ_TRY_DONE(ritz_transform_create(&shape, s->algorithm, threads, out));
done:
  for (int i = 0; i < c->dim; i++) ritz_free(list[i]);
  return status;
}

static ritz_index power(ritz_index n, int exponent) {
  ritz_index product = 1;
  for (int i = 0; i < exponent; i++) product *= n;
  return product;
}

static void print_part(const sweep_case *c, const bench_call *call, double part,
                       const round_trip *trips, const bench_times *times) {
  double best = INFINITY;
  for (int s = FIRST_OPPONENT; s < SIDES; s++)
    if (trips[s].transform) best = fmin(best, times[s].least);
  printf("{\"case\": \"%s\", \"threads\": %d, \"part\": %g, \"algorithm\": \"%s\", ", c->bench.name,
         call->threads, part,
         ritz_spectral_algorithm_name(ritz_transform_algorithm(trips[0].transform)));
  for (int s = 0; s < SIDES; s++)
    if (trips[s].transform) printf("\"%s_ms\": %.4g, ", sides[s].name, times[s].least * 1e3);
  printf("\"faster\": %.3g}\n", best / times[0].least);
  fflush(stdout);
}

/* One part of the modes: all sides in turns on the same arrays. */
static ritz_status run_part(const sweep_case *c, const bench_call *call, double part) {
  const ritz_index points = power(c->n, c->dim) * c->channels * c->batch;
  round_trip trips[SIDES] = {{0}};
  bench_job jobs[SIDES];
  bench_times times[SIDES], timed[SIDES];
  float *x = NULL, *spectrum = NULL, *scratch = NULL;
  size_t most = 0;
  int count = 0;
  ritz_status status;
  for (int s = 0; s < SIDES; s++) {
    if (!ritz_spectral_algorithm_available(sides[s].algorithm)) continue;
    RITZ_TRY_DONE(plan(c, part, &sides[s], call->threads, &trips[s].transform));
    const size_t bytes = ritz_transform_scratch(trips[s].transform);
    most = bytes > most ? bytes : most;
    jobs[count++] = (bench_job){run_round_trip, &trips[s]};
  }
  RITZ_TRY_DONE(RITZ_NEW(points, &x));
  RITZ_TRY_DONE(RITZ_NEW(3 * points / c->n * (c->n / 2 + 1), &spectrum));
  RITZ_TRY_DONE(RITZ_NEW((ritz_index)(most / sizeof *scratch), &scratch));
  for (int s = 0; s < SIDES; s++)
    trips[s].x = x, trips[s].spectrum = spectrum, trips[s].scratch = scratch;
  bench_call brief = *call;
  brief.seconds /= 10;
  RITZ_TRY_DONE(bench_measure(&brief, RITZ_FLOAT32, count, jobs, timed));
  for (int i = 0; i < count; i++) times[(round_trip *)jobs[i].arg - trips] = timed[i];
  print_part(c, call, part, trips, times);
done:
  for (int s = 0; s < SIDES; s++) ritz_transform_destroy(&trips[s].transform);
  ritz_free(x);
  ritz_free(spectrum);
  ritz_free(scratch);
  return status;
}

static ritz_status run(const bench_case *self, const bench_call *call) {
  static const double part[] = {0, 0.25, 0.5, 0.9, 1}; /* 0: three frequencies of either sign */
  for (size_t i = 0; i < sizeof part / sizeof *part; i++)
    RITZ_TRY(run_part((const sweep_case *)self, call, part[i]));
  return RITZ_OK;
}

#define CASE(dim, n, c, b)                                                                     \
  {                                                                                            \
    {"spectral-sweep/" #dim "d-" #n "-c" #c "-b" #b, "default choice, few modes to all", run}, \
        dim, n, c, b                                                                           \
  }
#define SMALL(dim, n) \
  CASE(dim, n, 1, 1), CASE(dim, n, 3, 1), CASE(dim, n, 32, 1), CASE(dim, n, 1, 16)
#define GRID(dim, n) SMALL(dim, n), CASE(dim, n, 3, 16), CASE(dim, n, 32, 16)

static const sweep_case cases[] = {GRID(1, 1024), GRID(1, 4001), GRID(1, 4096),
                                   GRID(2, 64),   GRID(2, 67),   GRID(2, 128),
                                   SMALL(2, 421), GRID(3, 16),   GRID(3, 32)};

int main(int argc, char **argv) {
  return bench_main(argc, argv, "ritz-compare-fftw", sizeof cases / sizeof *cases, sizeof *cases,
                    cases);
}
