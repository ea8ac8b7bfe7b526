/* SPDX-License-Identifier: BSD-3-Clause
 * Poisson's equation at scattered points, in closed form:
 *
 *     -Laplace u = f  on the unit square,  u = 0 on its boundary,
 *     f = sum over k, l = 1 ... M of c_kl sin(pi k x) sin(pi l y),   c_kl = n_kl (k^2 +
 * l^2)^(-s/2), u = the same sum of c_kl / (pi^2 (k^2 + l^2)) sin sin,
 *
 * n_kl standard normal. A sample is a list of points with f there and their coordinates. */
#include <math.h>
#include <ritz/random.h>

#include "core/fail.h"
#include "core/memory.h"
#include "datasets/generator.h"

static const double pi = 3.14159265358979323846;

enum { OWN, SHARED };

typedef struct points_config {
  ritz_ints resolution;
  ritz_index modes;
  double decay;
  int points;
} points_config;

static const ritz_option options[] = {
    RITZ_OPTION_INTS(points_config, resolution, 1, 1 << 24, "500", "points of a sample"),
    RITZ_OPTION_INT(points_config, modes, 1, 256, "6", "M: sines per axis"),
    RITZ_OPTION_REAL(points_config, decay, 0, 16, "2", "s: how fast they fall"),
    RITZ_OPTION_CHOICE(points_config, points, "own|shared", "own",
                       "points of each sample, or the same for all"),
    RITZ_OPTION_END,
};

/* Sines of both axes at a point, and the coefficients of f: of one thread. */
typedef struct worker {
  double *sine[2], *c;
} worker;

typedef struct points_state {
  const points_config *config;
  int threads;
  worker *workers;
} points_state;

static ritz_status check(const void *config) {
  const points_config *c = config;
  RITZ_REQUIRE(c->resolution.count == 1, RITZ_ERR_CONFIG,
               "resolution is %d numbers, wanted one: points of a sample", c->resolution.count);
  return RITZ_OK;
}

static double square(ritz_index k, ritz_index l) { return (double)(k * k + l * l); }

static void draw_coefficients(const points_config *c, ritz_random stream, double *out) {
  const ritz_index m = c->modes;
  ritz_random_normals(stream, 0, m * m, out);
  for (ritz_index k = 0; k < m; k++)
    for (ritz_index l = 0; l < m; l++) out[k * m + l] *= pow(square(k + 1, l + 1), -c->decay / 2);
}

/* sin(pi k x) for k = 1 ... M. */
static void sines(ritz_index m, double x, double *out) {
  for (ritz_index k = 0; k < m; k++) out[k] = sin(pi * (double)(k + 1) * x);
}

static void sample(void *state, int thread, uint64_t seed, uint32_t number, double *x, double *y,
                   ritz_solve_report *report) {
  const points_state *s = state;
  const points_config *c = s->config;
  const worker *w = &s->workers[thread];
  const ritz_index m = c->modes;
  const ritz_random place = {seed, RITZ_RANDOM_NOISE, c->points == SHARED ? 0 : number};
  draw_coefficients(c, (ritz_random){seed, RITZ_RANDOM_FIELD, number}, w->c);
  for (ritz_index p = 0; p < c->resolution.n[0]; p++) {
    double f = 0, u = 0;
    for (int a = 0; a < 2; a++) {
      x[3 * p + 1 + a] = ritz_random_uniform(place, (uint64_t)(2 * p + a));
      sines(m, x[3 * p + 1 + a], w->sine[a]);
    }
    for (ritz_index k = 0; k < m; k++)
      for (ritz_index l = 0; l < m; l++) {
        const double term = w->c[k * m + l] * w->sine[0][k] * w->sine[1][l];
        f += term;
        u += term / (pi * pi * square(k + 1, l + 1));
      }
    x[3 * p] = f;
    y[p] = u;
  }
  *report = (ritz_solve_report){.reason = RITZ_SOLVE_CONVERGED}; /* nothing is iterated */
}

static void destroy(void *state) {
  points_state *s = state;
  for (int t = 0; s->workers && t < s->threads; t++) ritz_free(s->workers[t].c);
  ritz_free(s->workers);
}

static ritz_status plan(points_state *s) {
  const ritz_index m = s->config->modes;
  RITZ_TRY(RITZ_NEW(s->threads, &s->workers));
  for (int t = 0; t < s->threads; t++) {
    worker *w = &s->workers[t];
    RITZ_TRY(RITZ_NEW(m * m + 2 * m, &w->c));
    for (int a = 0; a < 2; a++) w->sine[a] = w->c + m * m + a * m;
  }
  return RITZ_OK;
}

static ritz_status create(const void *config, int threads, ritz_generator_info *info, void *state) {
  points_state *s = state;
  s->config = config;
  s->threads = threads;
  RITZ_TRY(plan(s));
  const ritz_index points = s->config->resolution.n[0];
  info->dim = 1;
  info->nodes[0] = points;
  info->length[0] = 1;
  info->coordinates = 2;
  info->x = (ritz_generator_field){
      .name = "source and coordinates", .unit = "1", .shape = RITZ_SHAPE(points, 3)};
  info->y = (ritz_generator_field){.name = "solution", .unit = "1", .shape = RITZ_SHAPE(points)};
  return RITZ_OK;
}

const ritz_generator_type ritz_generator_type_poisson_points = {
    .name = "poisson_points",
    .summary =
        "-Laplace u = f on the unit square, u = 0 on the boundary; at scattered points, "
        "source f and coordinates -> u",
    .paper = "sums of sines; no reference",
    .options = options,
    .config_size = sizeof(points_config),
    .check = check,
    .state_size = sizeof(points_state),
    .create = create,
    .sample = sample,
    .destroy = destroy,
};
