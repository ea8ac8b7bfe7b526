/* SPDX-License-Identifier: BSD-3-Clause
 * A square of elastic material under a load: -div sigma(u) = 0, sigma linear in E(x) and the strain
 * (solvers/grid/elasticity.h); the bottom is held, the top is pulled by a constant traction, the
 * sides are free. x = E, y = both displacements at the nodes.
 *
 * Sides and load are those of the unit cell of Li, Huang, Liu & Anandkumar 2023, J. Mach. Learn.
 * Res. 24 (Geo-FNO), arXiv:2207.05209, set "Elasticity": there the material is hyperelastic around
 * a void, here it is linear and E takes two values by the sign of a Gaussian field, as a does in
 * darcy. */
#include <math.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "datasets/medium.h"
#include "datasets/square_system.h"
#include "solvers/grid/elasticity.h"

typedef struct elasticity_config {
  ritz_grid_system_config system; /* first, as its options want it */
  ritz_ints resolution;
  int coefficient, plane;
  double alpha, tau, low, high, log_scale, poisson_ratio;
  ritz_index modes;
  ritz_reals traction;
} elasticity_config;

static const ritz_option options[] = {
    RITZ_SQUARE_RESOLUTION(elasticity_config, 3, "64"),
    RITZ_MEDIUM_OPTIONS(elasticity_config, "E", "piecewise", "2", "3", "1", "10"),
    RITZ_OPTION_REAL(elasticity_config, poisson_ratio, -0.99, 0.499, "0.3", "of all material"),
    RITZ_OPTION_CHOICE(elasticity_config, plane, "strain|stress", "strain",
                       "what vanishes across the plane"),
    RITZ_OPTION_REALS(elasticity_config, traction, -1e12, 1e12, "[0, 1]",
                      "force on the top per length, along both axes"),
    RITZ_GRID_SYSTEM_OPTIONS("auto", "auto"),
    RITZ_OPTION_END,
};

typedef struct elasticity {
  const elasticity_config *config;
  ritz_square square;
  ritz_gaussian *gaussian;
  ritz_elasticity *elements;
  ritz_grid_systems *systems;
  int threads;
  struct worker {
    ritz_square_system *system;
    void *scratch; /* of the field */
  } * worker;
} elasticity;

static ritz_status check(const void *config) {
  const elasticity_config *c = config;
  RITZ_TRY(ritz_square_check(&c->resolution));
  RITZ_REQUIRE(c->traction.count == 2, RITZ_ERR_CONFIG, "traction has %d numbers, wanted 2",
               c->traction.count);
  return ritz_grid_system_check(&c->system, true, false);
}

/* Samples ------------------------------------------------------------------------------------- */

static void draw(void *user, int thread, uint64_t seed, uint32_t sample, double *x) {
  const elasticity *p = user;
  const elasticity_config *c = p->config;
  ritz_gaussian_sample(p->gaussian, seed, sample, x, p->worker[thread].scratch);
  ritz_medium_apply(c->coefficient, c->low, c->high, c->log_scale, p->square.size, x);
}

static void fill(void *user, int thread, uint64_t seed, uint32_t sample, const double *x,
                 double *values, double *b) {
  const elasticity *p = user;
  const ritz_square *s = &p->square;
  const ritz_index line = 2 * (s->n[1] - 1); /* unknowns of the nodes above one of the bottom */
  memset(b, 0, (size_t)(s->n[0] * line) * sizeof *b);
  for (ritz_index i = 0; i < s->n[0]; i++) {
    const double length = s->h[0] * (i == 0 || i == s->n[0] - 1 ? 0.5 : 1);
    for (int a = 0; a < 2; a++) b[(i + 1) * line - 2 + a] = length * p->config->traction.v[a];
  }
  ritz_elasticity_fill(p->elements, x, NULL, values, b);
}

static void store(void *user, const double *u, double *y) {
  const elasticity *p = user;
  memset(y, 0, (size_t)(2 * p->square.size) * sizeof *y);
  ritz_elasticity_scatter(p->elements, u, y);
}

static void run(void *state, int thread, uint64_t seed, uint32_t first, ritz_index count, double *x,
                double *y, ritz_solve_report *reports) {
  const elasticity *p = state;
  const ritz_square_problem problem = {
      .user = state, .channels = 1, .draw = draw, .fill = fill, .store = store, .targets = 2};
  ritz_square_system_run(p->worker[thread].system, &problem, thread, seed, first, count, x, y,
                         reports);
}

/* Plan ---------------------------------------------------------------------------------------- */

static void destroy(void *state) {
  elasticity *p = state;
  for (int t = 0; p->worker && t < p->threads; t++) {
    ritz_square_system_destroy(&p->worker[t].system);
    ritz_free(p->worker[t].scratch);
  }
  ritz_free(p->worker);
  ritz_grid_systems_destroy(&p->systems);
  ritz_elasticity_destroy(&p->elements);
  ritz_gaussian_destroy(&p->gaussian);
}

static ritz_status plan_elements(elasticity *p) {
  const ritz_square *s = &p->square;
  uint8_t *kind;
  RITZ_TRY(RITZ_NEW(s->size, &kind));
  for (ritz_index k = 0; k < s->size; k++)
    kind[k] = k % s->n[1] ? RITZ_GRID_UNKNOWN : RITZ_GRID_PRESCRIBED;
  const ritz_elasticity_options o = {.nodes = {s->n[0], s->n[1]},
                                     .h = {s->h[0], s->h[1]},
                                     .kind = kind,
                                     .plane = (ritz_plane)p->config->plane,
                                     .poisson_ratio = p->config->poisson_ratio};
  const ritz_status status = ritz_elasticity_create(&o, &p->elements);
  ritz_free(kind);
  return status;
}

static ritz_status plan(elasticity *p) {
  const elasticity_config *c = p->config;
  RITZ_TRY(ritz_square_gaussian(&p->square, c->alpha, c->tau, c->modes, &p->gaussian));
  RITZ_TRY(plan_elements(p));
  const ritz_grid_systems_spec spec = {.config = &c->system,
                                       .pattern = ritz_elasticity_pattern(p->elements),
                                       .dim = 2,
                                       .place = ritz_elasticity_places(p->elements),
                                       .symmetric = true};
  RITZ_TRY(ritz_grid_systems_create(&spec, &p->systems));
  RITZ_TRY(RITZ_NEW(p->threads, &p->worker));
  for (int t = 0; t < p->threads; t++) {
    struct worker *w = &p->worker[t];
    RITZ_TRY(ritz_square_system_create(&p->square, p->systems, &w->system));
    RITZ_TRY(ritz_calloc((ritz_index)ritz_gaussian_scratch(p->gaussian), 1, &w->scratch));
  }
  return RITZ_OK;
}

static ritz_status create(const void *config, int threads, ritz_generator_info *info, void *state) {
  static const char *const channel[] = {"displacement along x", "displacement along y"};
  elasticity *p = state;
  p->config = config;
  p->threads = threads;
  p->square = ritz_square_of(&p->config->resolution);
  RITZ_TRY(plan(p));
  ritz_square_describe(&p->square, info);
  info->x = ritz_square_field(&p->square, "Young's modulus", 1, NULL);
  info->y = ritz_square_field(&p->square, "displacement", 2, channel);
  ritz_square_system_describe(p->systems, info);
  return RITZ_OK;
}

const ritz_generator_type ritz_generator_type_elasticity = {
    .name = "elasticity",
    .summary =
        "-div sigma = 0 on the unit square, held at the bottom, pulled at the top; Young's modulus "
        "E -> both displacements",
    .paper =
        "sides and load of Li et al. 2023, Geo-FNO, arXiv:2207.05209, set Elasticity; linear "
        "material with a random modulus",
    .options = options,
    .config_size = sizeof(elasticity_config),
    .check = check,
    .state_size = sizeof(elasticity),
    .create = create,
    .run = run,
    .destroy = destroy,
};
