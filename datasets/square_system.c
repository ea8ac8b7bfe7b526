/* SPDX-License-Identifier: BSD-3-Clause */
#include "datasets/square_system.h"

#include <string.h>

#include "core/fail.h"
#include "core/memory.h"

struct ritz_square_system {
  const ritz_square *square;
  ritz_grid_system *system;
  ritz_index unknowns;
  double *b, *u;     /* [unknowns] */
  ritz_index *order; /* [chain] */
};

/* Ones at the nodes of a grid. */
static ritz_status make_pattern(ritz_index n0, ritz_index n1, int points, ritz_sparse **out) {
  const ritz_sparse_grid grid = {.dim = 2, .nodes = {n0, n1}, .length = {1, 1}};
  double *ones;
  *out = NULL;
  RITZ_TRY(RITZ_NEW(points * n0 * n1, &ones));
  const ritz_status status =
      ritz_sparse_from_stencil(RITZ_REAL_DOUBLE, &grid, points, NULL, ones, out);
  ritz_free(ones);
  return status;
}

/* The systems of a grid of unknowns. */
static ritz_status make_systems(ritz_index n0, ritz_index n1, int points,
                                ritz_grid_systems_spec *spec, ritz_grid_systems **out) {
  *out = NULL;
  ritz_sparse *pattern;
  int32_t *place = NULL;
  ritz_status status = make_pattern(n0, n1, points, &pattern);
  if (status == RITZ_OK) status = RITZ_NEW(2 * n0 * n1, &place);
  for (ritz_index k = 0; status == RITZ_OK && k < n0 * n1; k++) {
    place[2 * k] = (int32_t)(k / n1);
    place[2 * k + 1] = (int32_t)(k % n1);
  }
  spec->dim = 2;
  spec->pattern = pattern;
  spec->place = place;
  if (status == RITZ_OK) status = ritz_grid_systems_create(spec, out);
  ritz_sparse_destroy(&pattern);
  ritz_free(place);
  return status;
}

ritz_status ritz_square_systems(const ritz_square *s, const ritz_grid_system_config *config,
                                bool symmetric, double gmres, double bicgstab,
                                ritz_grid_systems **out) {
  ritz_grid_systems_spec spec = {.config = config,
                                 .box = {s->n[0] - 2, s->n[1] - 2},
                                 .symmetric = symmetric,
                                 .gmres = gmres,
                                 .bicgstab = bicgstab};
  return make_systems(s->n[0] - 2, s->n[1] - 2, 5, &spec, out);
}

ritz_status ritz_square_pattern(const ritz_square *s, bool inner, ritz_sparse **out) {
  return inner ? make_pattern(s->n[0] - 2, s->n[1] - 2, 5, out)
               : make_pattern(s->n[0], s->n[1], 9, out);
}

ritz_status ritz_square_systems_all(const ritz_square *s, const ritz_grid_system_config *config,
                                    bool symmetric, ritz_grid_systems **out) {
  ritz_grid_systems_spec spec = {.config = config, .symmetric = symmetric};
  return make_systems(s->n[0], s->n[1], 9, &spec, out);
}

void ritz_square_system_describe(const ritz_grid_systems *systems, ritz_generator_info *info) {
  info->method = ritz_grid_systems_method(systems);
  info->run = ritz_grid_systems_chain(systems);
  info->chained = info->run > 1;
}

double *ritz_square_put(const ritz_square *s, ritz_index i, ritz_index j, const double row[5],
                        double *values) {
  if (i > 1) *values++ = row[0];
  if (j > 1) *values++ = row[1];
  *values++ = row[2];
  if (j < s->n[1] - 2) *values++ = row[3];
  if (i < s->n[0] - 2) *values++ = row[4];
  return values;
}

ritz_status ritz_square_system_create(const ritz_square *square, const ritz_grid_systems *systems,
                                      ritz_square_system **out) {
  *out = NULL;
  ritz_status status;
  ritz_square_system *s;
  RITZ_TRY(RITZ_NEW(1, &s));
  s->square = square;
  RITZ_TRY_DONE(ritz_grid_system_create(systems, &s->system));
  s->unknowns = ritz_grid_systems_unknowns(systems);
  RITZ_TRY_DONE(RITZ_NEW(s->unknowns, &s->b));
  RITZ_TRY_DONE(RITZ_NEW(s->unknowns, &s->u));
  RITZ_TRY_DONE(RITZ_NEW(ritz_grid_systems_chain(systems), &s->order));
  *out = s;
  return RITZ_OK;
done:
  ritz_square_system_destroy(&s);
  return status;
}

void ritz_square_system_destroy(ritz_square_system **system) {
  if (!system || !*system) return;
  ritz_grid_system_destroy(&(*system)->system);
  ritz_free((*system)->b);
  ritz_free((*system)->u);
  ritz_free((*system)->order);
  ritz_free(*system);
  *system = NULL;
}

ritz_grid_system *ritz_square_system_get(ritz_square_system *system, double **b, double **u) {
  *b = system->b;
  *u = system->u;
  return system->system;
}

void ritz_square_embed(const ritz_square *s, const double *from, double *u) {
  memset(u, 0, (size_t)s->size * sizeof *u);
  const ritz_index m1 = s->n[1] - 2;
  for (ritz_index i = 1; i < s->n[0] - 1; i++)
    memcpy(u + i * s->n[1] + 1, from + (i - 1) * m1, (size_t)m1 * sizeof *u);
}

static void store(const ritz_square_system *s, const ritz_square_problem *problem, double *y) {
  if (problem->store)
    problem->store(problem->user, s->u, y);
  else if (s->unknowns == s->square->size)
    memcpy(y, s->u, (size_t)s->unknowns * sizeof *y);
  else
    ritz_square_embed(s->square, s->u, y);
}

void ritz_square_system_run(ritz_square_system *s, const ritz_square_problem *problem, int thread,
                            uint64_t seed, uint32_t first, ritz_index count, double *x, double *y,
                            ritz_solve_report *reports) {
  const ritz_index size = s->square->size, numbers = size * problem->channels;
  const ritz_index targets = size * (problem->store ? problem->targets : 1);
  for (ritz_index k = 0; k < count; k++)
    problem->draw(problem->user, thread, seed, first + (uint32_t)k, x + k * numbers);
  ritz_grid_system_order(count, numbers, x, s->order);
  ritz_grid_system_begin(s->system);
  for (ritz_index k = 0; k < count; k++) {
    const ritz_index at = s->order[k];
    problem->fill(problem->user, thread, seed, first + (uint32_t)at, x + at * numbers,
                  ritz_grid_system_values(s->system), s->b);
    ritz_grid_system_update(s->system);
    ritz_grid_system_solve(s->system, s->b, s->u, &reports[at]);
    store(s, problem, y + at * targets);
  }
}
