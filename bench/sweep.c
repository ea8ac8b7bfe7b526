/* SPDX-License-Identifier: BSD-3-Clause
 * The default choice of a kept-mode transform from a few modes to all of them, single precision: a
 * line per part of the modes, of a transform to modes and one back. Its cost model is fitted to
 * these.
 *
 * In turn with the default: what it chooses from, and its opponents, FFTW's two forms with measured
 * plans. "ratio" is what the faster opponent takes of the default's time, "difference" the largest
 * one between the field that comes back from the default and from another form, relative to the
 * largest number, checked before anything is timed. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/bench.h"
#include "bench/fields.h"
#include "core/memory.h"
#include "kernels/spectral_wisdom.h"

typedef struct sweep_case {
  bench_case base;
  int dim;
  ritz_index n, channels, batch;
  ritz_axis_transform transform; /* of every axis */
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

/* Kept modes of axis i: `part` of all, or 0 for three of either sign. */
static ritz_index kept(const sweep_case *c, int i, double part) {
  const bool fourier = c->transform == RITZ_TRANSFORM_FOURIER, last = i == c->dim - 1;
  const ritz_index half = ritz_axis_transform_modes(c->transform, c->n);
  const ritz_index all = fourier && !last ? c->n : half;
  return part > 0 ? (ritz_index)ceil(part * (double)all) : last ? 3 : 6;
}

/* Centred about zero, or from zero on. */
static ritz_status plan(const sweep_case *c, double part, const side *s, int threads,
                        ritz_transform **out) {
  ritz_index *list[3] = {NULL};
  ritz_transform_shape shape = {
      .dtype = RITZ_FLOAT32, .dim = c->dim, .batch = c->batch, .channels = c->channels};
  ritz_status status = RITZ_OK;
  for (int i = 0; i < c->dim; i++) {
    const bool last = i == c->dim - 1;
    shape.grid[i] = c->n;
    shape.modes[i] = kept(c, i, part);
    shape.transform[i] = c->transform;
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

/* Everything of one part of the modes. */
typedef struct problem {
  const sweep_case *c;
  double part;
  round_trip trips[SIDES];
  float *x, *start, *want, *spectrum, *scratch;
  ritz_index points; /* numbers of a field */
} problem;

static ritz_status create(problem *p, int threads) {
  const sweep_case *c = p->c;
  ritz_index modes = c->channels * c->batch;
  size_t scratch = 0;
  p->points = modes;
  for (int i = 0; i < c->dim; i++) p->points *= c->n, modes *= kept(c, i, p->part);
  RITZ_TRY(RITZ_NEW(p->points, &p->x));
  RITZ_TRY(bench_numbers(p->points, 1, &p->start));
  RITZ_TRY(RITZ_NEW(p->points, &p->want));
  RITZ_TRY(RITZ_NEW(3 * modes, &p->spectrum));
  for (int s = 0; s < SIDES; s++) {
    if (!ritz_spectral_algorithm_available(sides[s].algorithm)) continue;
    RITZ_TRY(plan(c, p->part, &sides[s], threads, &p->trips[s].transform));
    const size_t bytes = ritz_transform_scratch(p->trips[s].transform);
    scratch = bytes > scratch ? bytes : scratch;
  }
  RITZ_TRY(RITZ_NEW((ritz_index)(scratch / sizeof *p->scratch) + 16, &p->scratch));
  for (int s = 0; s < SIDES; s++)
    p->trips[s].x = p->x, p->trips[s].spectrum = p->spectrum, p->trips[s].scratch = p->scratch;
  return RITZ_OK;
}

static void destroy(problem *p) {
  float *const arrays[] = {p->x, p->start, p->want, p->spectrum, p->scratch};
  for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) ritz_free(arrays[i]);
  for (int s = 0; s < SIDES; s++) ritz_transform_destroy(&p->trips[s].transform);
}

/* Against the last form there is: FFTW's pruned one, or the products again. */
static ritz_status check(problem *p, double *difference) {
  const size_t bytes = (size_t)p->points * sizeof *p->x;
  int other = SIDES - 1;
  while (!p->trips[other].transform) other--;
  memcpy(p->x, p->start, bytes);
  run_round_trip(&p->trips[other]);
  memcpy(p->want, p->x, bytes);
  memcpy(p->x, p->start, bytes);
  run_round_trip(&p->trips[0]);
  *difference = bench_difference(p->points, p->x, p->want);
  RITZ_REQUIRE(*difference < 1e-5, RITZ_ERR_NUMERIC, "a field comes back differently by %.1e",
               *difference);
  return RITZ_OK;
}

static ritz_status run_part(problem *p, const bench_call *call) {
  bench_job jobs[SIDES];
  bench_times timed[SIDES];
  double difference, median[SIDES] = {0};
  char text[SIDES + 1][32];
  int count = 0, side_of[SIDES];
  RITZ_TRY(create(p, call->threads));
  RITZ_TRY(check(p, &difference));
  for (int s = 0; s < SIDES; s++)
    if (p->trips[s].transform)
      side_of[count] = s, jobs[count++] = (bench_job){run_round_trip, &p->trips[s]};
  RITZ_TRY(bench_measure(call, RITZ_FLOAT32, count, jobs, timed));
  for (int i = 0; i < count; i++) median[side_of[i]] = 1e3 * timed[i].median;
  const ritz_transform *chosen = p->trips[0].transform;
  const double fields = (double)p->points, spectrum = fields / pow((double)p->c->n, p->c->dim);
  double modes = 1;
  for (int i = 0; i < p->c->dim; i++) modes *= (double)kept(p->c, i, p->part);
  const bench_line line = {.of = &p->c->base,
                           .dtype = RITZ_FLOAT32,
                           .times = timed[0],
                           .flops = 2 * ritz_transform_flops(chosen),
                           .bytes = sizeof(float) * (2 * fields + 5 * modes * spectrum)};
  for (int s = 1; s < SIDES; s++) bench_or_null(median[s], text[s]);
  bench_or_null(fmin(median[FIRST_OPPONENT], median[SIDES - 1]) / median[0], text[0]);
  bench_print(call, &line,
              "\"part\": %g, \"algorithm\": \"%s\", \"%s_ms\": %s, \"%s_ms\": %s, \"%s_ms\": %s, "
              "\"%s_ms\": %s, \"%s_ms\": %s, \"ratio\": %s, \"difference\": %.1e",
              p->part, ritz_spectral_algorithm_name(ritz_transform_algorithm(chosen)),
              sides[1].name, text[1], sides[2].name, text[2], sides[3].name, text[3], sides[4].name,
              text[4], sides[5].name, text[5], text[0], difference);
  return RITZ_OK;
}

static ritz_status run(const bench_case *self, const bench_call *call) {
  static const double part[] = {0, 0.125, 0.25, 0.5, 0.75, 1};
  ritz_status status = RITZ_OK;
  for (size_t i = 0; i < sizeof part / sizeof *part && status == RITZ_OK; i++) {
    problem p = {.c = (const sweep_case *)self, .part = part[i]};
    status = run_part(&p, call);
    destroy(&p);
  }
  return status;
}

#define ABOUT "from a few modes to all"
#define CASE(dim, n, c, b)                                                                         \
  {                                                                                                \
    {"sweep/" #dim "d-" #n "-c" #c "-b" #b, #n "^" #dim ", " #c " channels, batch " #b ", " ABOUT, \
     run},                                                                                         \
        dim, n, c, b, RITZ_TRANSFORM_FOURIER                                                       \
  }
#define BOUNDED(name, transform, dim, n, c, b) \
  { {"sweep/" name, name ": " #c " channels, batch " #b ", " ABOUT, run}, dim, n, c, b, transform }
#define SMALL(dim, n) CASE(dim, n, 1, 1), CASE(dim, n, 3, 16), CASE(dim, n, 32, 1)
#define GRID(dim, n)  SMALL(dim, n), CASE(dim, n, 1, 16), CASE(dim, n, 32, 16)

static const sweep_case cases[] = {
    CASE(1, 256, 16, 64),
    GRID(1, 1024),
    SMALL(1, 1009),
    GRID(1, 4001),
    GRID(1, 4096),
    CASE(1, 8192, 16, 4),
    CASE(1, 10007, 16, 1),
    CASE(1, 65536, 16, 1),
    CASE(1, 262144, 8, 1),
    CASE(2, 32, 16, 16),
    GRID(2, 64),
    GRID(2, 67),
    GRID(2, 128),
    CASE(2, 256, 16, 1),
    SMALL(2, 421),
    CASE(2, 512, 16, 1),
    CASE(2, 1024, 4, 1),
    GRID(3, 16),
    GRID(3, 32),
    CASE(3, 64, 8, 1),
    BOUNDED("sine-2d-65", RITZ_TRANSFORM_SINE, 2, 65, 32, 8),
    BOUNDED("cosine-2d-65", RITZ_TRANSFORM_COSINE, 2, 65, 32, 8),
    BOUNDED("cell_cosine-2d-128", RITZ_TRANSFORM_CELL_COSINE, 2, 128, 32, 2),
    BOUNDED("cosine-1d-1025", RITZ_TRANSFORM_COSINE, 1, 1025, 32, 16),
};

int main(int argc, char **argv) {
  return bench_main(argc, argv, "ritz-bench-sweep", sizeof cases / sizeof *cases, sizeof *cases,
                    cases);
}
