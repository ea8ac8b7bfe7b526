/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/learned_problem.h"

#include <ritz/random.h>
#include <stdio.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"

enum { seed = 4711 }; /* of no training set */

static ritz_elements elements_of(const learned_problem *p) {
  return (ritz_elements){.grid = p->grid, .element = RITZ_ELEMENT_STAR, .a = p->a};
}

static ritz_status create_media(ritz_context *context, learned_problem *p) {
  char options[64];
  snprintf(options, sizeof options, "{resolution: %d}", p->nodes);
  return ritz_generator_create(context, "darcy", options, &p->media);
}

ritz_status learned_problem_create(ritz_context *context, int nodes, bool darcy,
                                   learned_problem *p) {
  const ritz_index all = (ritz_index)nodes * nodes, inner = (ritz_index)(nodes - 2) * (nodes - 2);
  const double h = 1.0 / (nodes - 1);
  *p = (learned_problem){.nodes = nodes, .unknowns = inner};
  double **const fields[] = {&p->a, &p->u, &p->r, &p->z};
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) RITZ_TRY(RITZ_NEW(all, fields[i]));
  RITZ_TRY(RITZ_NEW(inner, &p->b));
  RITZ_TRY(RITZ_NEW(all, &p->kind));
  for (int i = 0; i < nodes; i++)
    for (int j = 0; j < nodes; j++) {
      const bool edge = i == 0 || j == 0 || i == nodes - 1 || j == nodes - 1;
      p->kind[i * nodes + j] = edge ? RITZ_GRID_PRESCRIBED : RITZ_GRID_UNKNOWN;
      p->a[i * nodes + j] = 1;
    }
  p->grid =
      (ritz_sparse_grid){.dim = 2, .nodes = {nodes, nodes}, .length = {1, 1}, .kind = p->kind};
  if (darcy) RITZ_TRY(create_media(context, p));
  ritz_multigrid_options options;
  ritz_multigrid_options_defaults(&options);
  options.sweeps = 1;
  RITZ_TRY(ritz_multigrid_map_create(2, (ritz_index[]){nodes, nodes}, (double[]){h, h}, &options,
                                     &p->cycle));
  const ritz_elements elements = elements_of(p);
  return ritz_sparse_from_elements(RITZ_REAL_DOUBLE, &elements, NULL, &p->matrix);
}

void learned_problem_clear(learned_problem *p) {
  void *const blocks[] = {p->a, p->u, p->r, p->z, p->b, p->kind};
  for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) ritz_free(blocks[i]);
  ritz_generator_destroy(&p->media);
  ritz_multigrid_map_destroy(&p->cycle);
  ritz_sparse_destroy(&p->matrix);
}

ritz_status learned_problem_set(learned_problem *p, learned_source source, uint32_t number) {
  const ritz_random stream = {seed, RITZ_RANDOM_TEST, number};
  const double volume = 1.0 / (p->nodes - 1) / (p->nodes - 1);
  const ritz_elements elements = elements_of(p);
  ritz_solve_report report;
  if (p->media)
    RITZ_TRY(ritz_generator_run(p->media, seed, number, 1, RITZ_FLOAT64, p->a, p->u, &report));
  ritz_random_normals(stream, 0, p->unknowns, p->b);
  if (source == LEARNED_CONSTANT)
    for (ritz_index i = 0; i < p->unknowns; i++) p->b[i] = 1;
  if (source == LEARNED_POINT) {
    memset(p->b, 0, (size_t)p->unknowns * sizeof *p->b);
    p->b[(ritz_index)(ritz_random_uniform(stream, 0) * (double)p->unknowns)] = 1;
  }
  for (ritz_index i = 0; i < p->unknowns; i++) p->b[i] *= volume;
  return ritz_sparse_elements_update(p->matrix, &elements, NULL);
}

int learned_problem_cycle(void *problem, const void *rv, void *zv) {
  learned_problem *p = problem;
  const ritz_index m = p->nodes, n = m - 2;
  const double *r = rv;
  double *z = zv;
  for (ritz_index i = 0; i < n; i++)
    memcpy(p->r + (i + 1) * m + 1, r + i * n, (size_t)n * sizeof *r);
  if (ritz_multigrid_map_apply(p->cycle, p->r, p->z)) return 1;
  for (ritz_index i = 0; i < n; i++)
    memcpy(z + i * n, p->z + (i + 1) * m + 1, (size_t)n * sizeof *z);
  return 0;
}
