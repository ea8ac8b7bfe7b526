/* SPDX-License-Identifier: BSD-3-Clause
 * Waves of one frequency on the unit square, u = 0 on its boundary, five-point scheme:
 *
 *   field:  -Laplace u - k(x)^2 u = f, k = k0 (1 + contrast g), g a Gaussian field; x = k
 *   skr:    -Laplace (w u) - k^2 u = f, w = exp(g) with g ~ N(0, 7^3 (-Laplace + 49)^(-2.5))
 * periodic and k uniform in 0 ... k0; x = w and k
 *
 * The first is the equation of Wang et al. 2024, ICLR, "Accelerating Data Generation for Neural
 * Operators via Krylov Subspace Recycling", the second what the code of that paper solves. */
#include <math.h>
#include <ritz/random.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "datasets/square_system.h"
#include "solvers/fields/periodic_gaussian.h"

enum { FIELD, SKR };

typedef struct helmholtz_config {
  ritz_grid_system_config system; /* first, as its options want it */
  ritz_ints resolution;
  int form;
  double wave_number, contrast, forcing, alpha, tau;
  ritz_index modes;
} helmholtz_config;

static const ritz_option options[] = {
    RITZ_SQUARE_RESOLUTION(helmholtz_config, 6, "64"),
    RITZ_OPTION_CHOICE(helmholtz_config, form, "field|skr", "field",
                       "field: -Laplace u - k(x)^2 u = f; skr: -Laplace (w u) - k^2 u = f with one "
                       "number k, below wave_number = 1 in the published set"),
    RITZ_OPTION_REAL(helmholtz_config, wave_number, 0, 1e6, "10",
                     "k0: mean of k (field), largest k (skr)"),
    RITZ_OPTION_REAL(helmholtz_config, contrast, 0, 10, "0.3", "field: of k = k0 (1 + contrast g)"),
    RITZ_FIELD_OPTIONS(helmholtz_config, "field: ", "g", "2", "3"),
    RITZ_OPTION_REAL(helmholtz_config, forcing, -1e12, 1e12, "1", "constant right-hand side f"),
    RITZ_GRID_SYSTEM_OPTIONS("auto", "auto"),
    RITZ_OPTION_END,
};

typedef struct helmholtz {
  const helmholtz_config *config;
  ritz_square square;
  ritz_gaussian *gaussian; /* field */
  ritz_periodic_box box;   /* skr: the nodes but the last of each axis, which is the first again */
  ritz_transform *waves;
  double *variance;
  ritz_grid_systems *systems;
  int threads;
  struct worker {
    ritz_square_system *system;
    void *scratch; /* of the field */
    double *g, *spectrum;
  } * worker;
} helmholtz;

static ritz_status check(const void *config) {
  const helmholtz_config *c = config;
  RITZ_TRY(ritz_square_check(&c->resolution));
  return ritz_grid_system_check(&c->system, c->form == FIELD, true);
}

/* Fields -------------------------------------------------------------------------------------- */

static void draw_field(const helmholtz *p, struct worker *w, uint64_t seed, uint32_t sample,
                       double *x) {
  const helmholtz_config *c = p->config;
  ritz_gaussian_sample(p->gaussian, seed, sample, x, w->scratch);
  for (ritz_index k = 0; k < p->square.size; k++) x[k] = c->wave_number * (1 + c->contrast * x[k]);
}

static void draw_skr(const helmholtz *p, struct worker *w, uint64_t seed, uint32_t sample,
                     double *x) {
  const ritz_index *n = p->square.n, *m = p->box.nodes;
  const ritz_random stream = {seed, RITZ_RANDOM_NOISE, sample};
  const double k = p->config->wave_number * ritz_random_uniform(stream, 0);
  ritz_periodic_gaussian_sample(&p->box, p->variance, seed, sample, 1, 0, w->spectrum);
  ritz_transform_from_modes(p->waves, false, false, w->spectrum, w->g, w->scratch);
  for (ritz_index i = 0; i < n[0]; i++)
    for (ritz_index j = 0; j < n[1]; j++) {
      x[2 * (i * n[1] + j)] = exp(w->g[i % m[0] * m[1] + j % m[1]]);
      x[2 * (i * n[1] + j) + 1] = k;
    }
}

static void draw(void *user, int thread, uint64_t seed, uint32_t sample, double *x) {
  const helmholtz *p = user;
  (p->config->form == FIELD ? draw_field : draw_skr)(p, &p->worker[thread], seed, sample, x);
}

/* Matrix -------------------------------------------------------------------------------------- */

static void fill(void *user, int thread, uint64_t seed, uint32_t sample, const double *x,
                 double *values, double *b) {
  const helmholtz *p = user;
  const ritz_square *s = &p->square;
  const bool field = p->config->form == FIELD;
  const double c0 = s->h[1] / s->h[0], c1 = s->h[0] / s->h[1], volume = s->h[0] * s->h[1];
  const ritz_index n1 = s->n[1];
  for (ritz_index i = 1; i < s->n[0] - 1; i++)
    for (ritz_index j = 1; j < n1 - 1; j++) {
      const ritz_index at = i * n1 + j;
      double row[5] = {-c0, -c1, 2 * (c0 + c1), -c1, -c0};
      if (field) {
        row[2] -= volume * x[at] * x[at];
      } else {
        const ritz_index column[5] = {at - n1, at - 1, at, at + 1, at + n1};
        for (int e = 0; e < 5; e++) row[e] *= x[2 * column[e]];
        row[2] -= volume * x[2 * at + 1] * x[2 * at + 1];
      }
      values = ritz_square_put(s, i, j, row, values);
      *b++ = volume * p->config->forcing;
    }
}

static void run(void *state, int thread, uint64_t seed, uint32_t first, ritz_index count, double *x,
                double *y, ritz_solve_report *reports) {
  const helmholtz *p = state;
  const ritz_square_problem problem = {
      .user = state, .channels = p->config->form == FIELD ? 1 : 2, .draw = draw, .fill = fill};
  ritz_square_system_run(p->worker[thread].system, &problem, thread, seed, first, count, x, y,
                         reports);
}

/* Plan ---------------------------------------------------------------------------------------- */

static void destroy(void *state) {
  helmholtz *p = state;
  for (int t = 0; p->worker && t < p->threads; t++) {
    struct worker *w = &p->worker[t];
    ritz_square_system_destroy(&w->system);
    ritz_free(w->scratch);
    ritz_free(w->g);
    ritz_free(w->spectrum);
  }
  ritz_free(p->worker);
  ritz_grid_systems_destroy(&p->systems);
  ritz_gaussian_destroy(&p->gaussian);
  ritz_transform_destroy(&p->waves);
  ritz_periodic_box_clear(&p->box);
  ritz_free(p->variance);
}

static ritz_status create_worker(const helmholtz *p, struct worker *w) {
  const bool field = p->config->form == FIELD;
  const size_t bytes =
      field ? ritz_gaussian_scratch(p->gaussian) : ritz_transform_scratch(p->waves);
  RITZ_TRY(ritz_square_system_create(&p->square, p->systems, &w->system));
  RITZ_TRY(ritz_calloc((ritz_index)bytes, 1, &w->scratch));
  if (field) return RITZ_OK;
  RITZ_TRY(RITZ_NEW(p->square.size, &w->g));
  return RITZ_NEW(2 * p->box.modes, &w->spectrum);
}

static ritz_status plan_field(helmholtz *p) {
  const helmholtz_config *c = p->config;
  if (c->form == FIELD)
    return ritz_square_gaussian(&p->square, c->alpha, c->tau, c->modes, &p->gaussian);
  const ritz_index nodes[2] = {p->square.n[0] - 1, p->square.n[1] - 1};
  RITZ_TRY(ritz_periodic_box_init(2, nodes, (const double[]){1, 1}, &p->box));
  RITZ_TRY(ritz_periodic_box_transform(&p->box, 1, &p->waves));
  RITZ_TRY(RITZ_NEW(p->box.modes, &p->variance));
  ritz_periodic_gaussian_variance(&p->box, 343, 7, 2.5, p->variance);
  return RITZ_OK;
}

/* Of GMRES with the mean coefficients, as measured (docs/generators/helmholtz.md): where more waves
 * fit into the square, more eigenvalues pass through zero. */
static double iterations(const helmholtz_config *c) {
  if (c->form == SKR) return 15 + 0.5 * c->wave_number;
  return 3 + 1.8 * c->contrast * pow(c->wave_number, 1.25);
}

/* Of BiCGStab. Waves make the matrix indefinite, and then it takes as many or more. */
static double stabilised(const helmholtz_config *c) {
  if (c->form == FIELD) return 0;
  return iterations(c) * (0.57 + 6e-4 * c->wave_number * c->wave_number);
}

static ritz_status plan(helmholtz *p) {
  const helmholtz_config *c = p->config;
  RITZ_TRY(plan_field(p));
  RITZ_TRY(ritz_square_systems(&p->square, &c->system, c->form == FIELD, iterations(c),
                               stabilised(c), &p->systems));
  RITZ_TRY(RITZ_NEW(p->threads, &p->worker));
  for (int t = 0; t < p->threads; t++) RITZ_TRY(create_worker(p, &p->worker[t]));
  return RITZ_OK;
}

static ritz_status create(const void *config, int threads, ritz_generator_info *info, void *state) {
  static const char *const channel[] = {"w", "wave number"};
  helmholtz *p = state;
  p->config = config;
  p->threads = threads;
  p->square = ritz_square_of(&p->config->resolution);
  RITZ_TRY(plan(p));
  ritz_square_describe(&p->square, info);
  if (p->config->form == FIELD)
    info->x = ritz_square_field(&p->square, "wave number", 1, NULL);
  else
    info->x = ritz_square_field(&p->square, "medium and wave number", 2, channel);
  info->y = ritz_square_field(&p->square, "solution", 1, NULL);
  ritz_square_system_describe(p->systems, info);
  return RITZ_OK;
}

const ritz_generator_type ritz_generator_type_helmholtz = {
    .name = "helmholtz",
    .summary =
        "-Laplace u - k^2 u = f on the unit square, u = 0 on the boundary; wave number k -> u",
    .paper =
        "Wang et al. 2024, Krylov Subspace Recycling for Data Generation, arXiv:2401.09516, "
        "set Helmholtz",
    .options = options,
    .config_size = sizeof(helmholtz_config),
    .check = check,
    .state_size = sizeof(helmholtz),
    .create = create,
    .run = run,
    .destroy = destroy,
};
