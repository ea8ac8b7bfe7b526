/* SPDX-License-Identifier: BSD-3-Clause
 * Heat in a plate with a slot: -Laplace u = 0 on [-.5, .5] x [-.8, .8] without [-.05, .05] x [-.4,
 * .4]; u = T on the left, du/dn = q on the right, no flux through the rest. Wang et al. 2024, ICLR,
 * "Accelerating Data Generation for Neural Operators via Krylov Subspace Recycling", set "Thermal":
 * T = 100 U, q = -100 U', both constant along their side; or here a Gaussian field along it.
 *
 * Linear elements on the triangles of a grid. The domain is the same for all samples and so is the
 * matrix: it is factored once. x = T, q and where the plate is; y = u, 0 in the slot. */
#include <math.h>
#include <ritz/random.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "datasets/generator.h"
#include "datasets/grid_system.h"

enum { CONSTANT, COSINES };

static const double pi = 3.14159265358979323846;
static const double width = 1, height = 1.6;

typedef struct thermal_config {
  ritz_grid_system_config system; /* first, as its options want it */
  ritz_index resolution;
  int sides, element;
  double temperature, flux, decay;
  ritz_index modes;
} thermal_config;

static const ritz_option options[] = {
    RITZ_OPTION_INT(thermal_config, resolution, 21, 16001, "101",
                    "nodes across the plate, 20 k + 1; along it there are 32 k + 1"),
    RITZ_OPTION_CHOICE(thermal_config, sides, "constant|cosines", "constant",
                       "constant: T = temperature U, q = -flux U', U uniform in 0 ... 1; cosines: "
                       "series along the sides"),
    RITZ_OPTION_REAL(thermal_config, temperature, 0, 1e9, "100", "size of T"),
    RITZ_OPTION_REAL(thermal_config, flux, 0, 1e9, "100", "size of q"),
    RITZ_OPTION_INT(thermal_config, modes, 1, 256, "8", "cosines: terms of a series"),
    RITZ_OPTION_REAL(thermal_config, decay, 0, 16, "1",
                     "cosines: term k has a normal factor over (1 + k)^decay"),
    RITZ_OPTION_CHOICE(thermal_config, element, "p1|q1", "p1", "linear or bilinear elements"),
    RITZ_GRID_SYSTEM_OPTIONS("auto", "auto"),
    RITZ_OPTION_END,
};

typedef struct thermal {
  const thermal_config *config;
  ritz_index n[2], size; /* nodes across and along; all */
  uint8_t *kind;         /* ritz_grid_node of each */
  ritz_index *unknown;   /* [size]: its row, -1 */
  ritz_index unknowns;
  double *values;  /* of the matrix */
  double *to_left; /* [n1][3]: couplings of the second column to the first */
  double *cosine;  /* [modes][n1] */
  ritz_grid_systems *systems;
  int threads;
  struct worker {
    ritz_grid_system *system;
    double *b, *u, *left, *right; /* [unknowns] twice; [n1] T and q */
  } * worker;
} thermal;

static ritz_status check(const void *config) {
  const thermal_config *c = config;
  RITZ_REQUIRE(c->resolution % 20 == 1, RITZ_ERR_CONFIG,
               "resolution is %td, wanted 20 k + 1: the slot has its edges on nodes",
               c->resolution);
  RITZ_REQUIRE(c->system.solver != RITZ_GRID_SOLVER_GCRODR, RITZ_ERR_CONFIG,
               "solver gcrodr is for matrices that change, here is one for all samples");
  return ritz_grid_system_check(&c->system, true, false);
}

/* Sides --------------------------------------------------------------------------------------- */

/* T and q along the sides, from numbers `first` on of the sample's stream. */
static void draw_side(const thermal *p, ritz_random stream, int side, double size, double *out) {
  const thermal_config *c = p->config;
  const double constant = size * ritz_random_uniform(stream, (uint64_t)side);
  for (ritz_index j = 0; j < p->n[1]; j++) out[j] = c->sides == CONSTANT ? constant : 0;
  for (ritz_index k = 0; c->sides == COSINES && k < c->modes; k++) {
    double factor;
    ritz_random_normals(stream, (uint64_t)(2 * k + side), 1, &factor);
    factor *= size / pow(1 + (double)k, c->decay);
    for (ritz_index j = 0; j < p->n[1]; j++) out[j] += factor * p->cosine[k * p->n[1] + j];
  }
}

/* Loads of q on the right and of T on the left: a given value moves to the right-hand side with
 * its couplings. */
static void fill_loads(const thermal *p, struct worker *w) {
  const ritz_index n0 = p->n[0], n1 = p->n[1];
  const double h = height / (double)(n1 - 1);
  memset(w->b, 0, (size_t)p->unknowns * sizeof *w->b);
  for (ritz_index j = 0; j < n1; j++) {
    const double *q = w->right;
    const double before = j > 0 ? h * (q[j - 1] + 2 * q[j]) / 6 : 0;
    const double after = j < n1 - 1 ? h * (2 * q[j] + q[j + 1]) / 6 : 0;
    w->b[p->unknown[(n0 - 1) * n1 + j]] += before + after;
    for (ritz_index way = -1; way <= 1; way++)
      if (j + way >= 0 && j + way < n1)
        w->b[p->unknown[n1 + j]] -= p->to_left[3 * j + way + 1] * w->left[j + way];
  }
}

static void store(const thermal *p, const struct worker *w, double *x, double *y) {
  const ritz_index n1 = p->n[1];
  for (ritz_index k = 0; k < p->size; k++) {
    x[3 * k] = w->left[k % n1];
    x[3 * k + 1] = w->right[k % n1];
    x[3 * k + 2] = p->kind[k] != RITZ_GRID_OUTSIDE;
    y[k] = p->kind[k] == RITZ_GRID_PRESCRIBED ? w->left[k % n1]
           : p->kind[k] == RITZ_GRID_UNKNOWN  ? w->u[p->unknown[k]]
                                              : 0;
  }
}

static void sample(void *state, int thread, uint64_t seed, uint32_t number, double *x, double *y,
                   ritz_solve_report *report) {
  const thermal *p = state;
  struct worker *w = &p->worker[thread];
  const ritz_random stream = {seed, RITZ_RANDOM_FIELD, number};
  draw_side(p, stream, 0, p->config->temperature, w->left);
  draw_side(p, stream, 1, -p->config->flux, w->right);
  fill_loads(p, w);
  ritz_grid_system_solve(w->system, w->b, w->u, report);
  store(p, w, x, y);
}

/* Plan ---------------------------------------------------------------------------------------- */

static void destroy(void *state) {
  thermal *p = state;
  for (int t = 0; p->worker && t < p->threads; t++) {
    struct worker *w = &p->worker[t];
    ritz_grid_system_destroy(&w->system);
    ritz_free(w->b);
    ritz_free(w->u);
    ritz_free(w->left);
    ritz_free(w->right);
  }
  ritz_free(p->worker);
  ritz_free(p->kind);
  ritz_free(p->unknown);
  ritz_free(p->values);
  ritz_free(p->to_left);
  ritz_free(p->cosine);
  ritz_grid_systems_destroy(&p->systems);
}

/* The slot's edges are in the plate. */
static ritz_status fill_plate(thermal *p) {
  const ritz_index k = (p->n[0] - 1) / 20, n1 = p->n[1];
  RITZ_TRY(RITZ_NEW(p->size, &p->kind));
  for (ritz_index i = 0; i < p->n[0]; i++)
    for (ritz_index j = 0; j < n1; j++) {
      const bool slot = i > 9 * k && i < 11 * k && j > 8 * k && j < 24 * k;
      p->kind[i * n1 + j] = slot     ? RITZ_GRID_OUTSIDE
                            : i == 0 ? RITZ_GRID_PRESCRIBED
                                     : RITZ_GRID_UNKNOWN;
    }
  return RITZ_OK;
}

/* What the right-hand side becomes when one node of the left is 1 alone, is minus its couplings. */
static ritz_status fill_couplings(thermal *p, ritz_elements *problem, ritz_sparse *matrix) {
  const ritz_index n1 = p->n[1];
  double *g = NULL, *rhs = NULL;
  ritz_status status = RITZ_NEW(p->size, &g);
  if (status == RITZ_OK) status = RITZ_NEW(p->unknowns, &rhs);
  if (status == RITZ_OK) status = RITZ_NEW(3 * n1, &p->to_left);
  problem->g = g;
  /* Every third node at once: they share no neighbour. */
  for (int colour = 0; status == RITZ_OK && colour < 3; colour++) {
    for (ritz_index j = 0; j < n1; j++) g[j] = j % 3 == colour;
    status = ritz_sparse_elements_update(matrix, problem, rhs);
    for (ritz_index j = 0; j < n1; j++)
      for (ritz_index way = -1; way <= 1; way++)
        if (j + way >= 0 && j + way < n1 && (j + way) % 3 == colour)
          p->to_left[3 * j + way + 1] = -rhs[p->unknown[n1 + j]];
  }
  problem->g = NULL;
  ritz_free(g);
  ritz_free(rhs);
  return status;
}

static ritz_status make_systems(thermal *p, const ritz_sparse *matrix) {
  ritz_grid_systems_spec spec = {
      .config = &p->config->system, .pattern = matrix, .dim = 2, .symmetric = true};
  int32_t *place;
  RITZ_TRY(RITZ_NEW(2 * p->unknowns, &place));
  for (ritz_index k = 0; k < p->size; k++) {
    if (p->unknown[k] < 0) continue;
    place[2 * p->unknown[k]] = (int32_t)(k / p->n[1]);
    place[2 * p->unknown[k] + 1] = (int32_t)(k % p->n[1]);
  }
  spec.place = place;
  const ritz_status status = ritz_grid_systems_create(&spec, &p->systems);
  ritz_free(place);
  return status;
}

static ritz_status plan_systems(thermal *p) {
  ritz_elements problem = {
      .grid = {.dim = 2, .nodes = {p->n[0], p->n[1]}, .length = {width, height}, .kind = p->kind},
      .element = p->config->element == 0 ? RITZ_ELEMENT_P1 : RITZ_ELEMENT_Q1};
  ritz_sparse *matrix;
  RITZ_TRY(RITZ_NEW(p->size, &p->unknown));
  p->unknowns = ritz_sparse_grid_unknowns(&problem.grid, p->unknown);
  RITZ_TRY(ritz_sparse_from_elements(RITZ_REAL_DOUBLE, &problem, NULL, &matrix));
  const ritz_sparse_parts parts = ritz_sparse_describe(matrix);
  ritz_status status = fill_couplings(p, &problem, matrix);
  if (status == RITZ_OK) status = RITZ_NEW(parts.entries, &p->values);
  if (status == RITZ_OK) memcpy(p->values, parts.values, (size_t)parts.entries * sizeof *p->values);
  if (status == RITZ_OK) status = make_systems(p, matrix);
  ritz_sparse_destroy(&matrix);
  return status;
}

static ritz_status create_worker(const thermal *p, struct worker *w) {
  RITZ_TRY(ritz_grid_system_create(p->systems, &w->system));
  memcpy(ritz_grid_system_values(w->system), p->values,
         (size_t)ritz_grid_systems_entries(p->systems) * sizeof *p->values);
  ritz_grid_system_update(w->system);
  RITZ_TRY(RITZ_NEW(p->unknowns, &w->b));
  RITZ_TRY(RITZ_NEW(p->unknowns, &w->u));
  RITZ_TRY(RITZ_NEW(p->n[1], &w->left));
  return RITZ_NEW(p->n[1], &w->right);
}

static ritz_status plan(thermal *p) {
  const ritz_index n1 = p->n[1];
  RITZ_TRY(fill_plate(p));
  RITZ_TRY(RITZ_NEW(p->config->modes * n1, &p->cosine));
  for (ritz_index k = 0; k < p->config->modes; k++)
    for (ritz_index j = 0; j < n1; j++)
      p->cosine[k * n1 + j] = cos(pi * (double)k * (double)j / (double)(n1 - 1));
  RITZ_TRY(plan_systems(p));
  RITZ_TRY(RITZ_NEW(p->threads, &p->worker));
  for (int t = 0; t < p->threads; t++) RITZ_TRY(create_worker(p, &p->worker[t]));
  return RITZ_OK;
}

static ritz_status create(const void *config, int threads, ritz_generator_info *info, void *state) {
  static const char *const channel[] = {"temperature of the left", "flux of the right", "plate"};
  thermal *p = state;
  p->config = config;
  p->threads = threads;
  p->n[0] = p->config->resolution;
  p->n[1] = (p->n[0] - 1) / 20 * 32 + 1;
  p->size = p->n[0] * p->n[1];
  RITZ_TRY(plan(p));
  info->dim = 2;
  for (int axis = 0; axis < 2; axis++) info->nodes[axis] = p->n[axis];
  info->length[0] = width;
  info->length[1] = height;
  info->x = (ritz_generator_field){.name = "temperature, flux and plate",
                                   .unit = "1",
                                   .shape = RITZ_SHAPE(p->n[0], p->n[1], 3),
                                   .channel = channel};
  info->y = (ritz_generator_field){
      .name = "temperature", .unit = "1", .shape = RITZ_SHAPE(p->n[0], p->n[1])};
  info->method = ritz_grid_systems_method(p->systems);
  return RITZ_OK;
}

const ritz_generator_type ritz_generator_type_thermal = {
    .name = "thermal",
    .summary =
        "-Laplace u = 0 in a plate with a slot; temperature of the left and flux through the "
        "right side -> u",
    .paper =
        "Wang et al. 2024, Krylov Subspace Recycling for Data Generation, arXiv:2401.09516, "
        "set Thermal",
    .options = options,
    .config_size = sizeof(thermal_config),
    .check = check,
    .state_size = sizeof(thermal),
    .create = create,
    .sample = sample,
    .destroy = destroy,
};
