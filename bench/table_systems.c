/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/table_systems.h"

#include <math.h>
#include <ritz/generator.h>
#include <stdio.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"

/* Nodes, coefficients and what `auto` takes; the generator's solutions are not kept. */
static ritz_status draw(ritz_generator *generator, table_systems *s) {
  const ritz_generator_info *info = ritz_generator_describe(generator);
  ritz_solve_report *reports = NULL;
  double *y = NULL;
  s->dim = info->dim;
  s->size = 1;
  for (int axis = 0; axis < s->dim; axis++) {
    s->nodes[axis] = info->nodes[axis];
    s->h[axis] = 1.0 / (double)(info->nodes[axis] - 1);
    s->size *= info->nodes[axis];
  }
  snprintf(s->method, sizeof s->method, "%s", info->method);
  RITZ_TRY(RITZ_NEW(s->count * s->size, &s->a));
  ritz_status status = RITZ_NEW(s->count * s->size, &y);
  if (status == RITZ_OK) status = RITZ_NEW(s->count, &reports);
  if (status == RITZ_OK)
    status = ritz_generator_run(generator, 1, 0, s->count, RITZ_FLOAT64, s->a, y, reports);
  ritz_free(reports);
  ritz_free(y);
  return status;
}

static void fill_kinds(const table_systems *s, uint8_t *kind) {
  for (ritz_index k = 0; k < s->size; k++) {
    bool inside = true;
    ritz_index rest = k;
    for (int axis = s->dim - 1; axis >= 0; rest /= s->nodes[axis--]) {
      const ritz_index at = rest % s->nodes[axis];
      inside = inside && at > 0 && at < s->nodes[axis] - 1;
    }
    kind[k] = inside ? RITZ_GRID_UNKNOWN : RITZ_GRID_PRESCRIBED;
  }
}

static ritz_status fill_values(table_systems *s, ritz_elements *problem) {
  RITZ_TRY(ritz_sparse_from_elements(RITZ_REAL_DOUBLE, problem, NULL, &s->matrix));
  const ritz_sparse_parts parts = ritz_sparse_describe(s->matrix);
  RITZ_TRY(RITZ_NEW(s->count * parts.entries, &s->values));
  for (ritz_index i = 0; i < s->count; i++) {
    problem->a = s->a + i * s->size;
    RITZ_TRY(ritz_sparse_elements_update(s->matrix, problem, NULL));
    memcpy(s->values + i * parts.entries, parts.values, (size_t)parts.entries * sizeof(double));
  }
  return RITZ_OK;
}

static ritz_status assemble(table_systems *s, uint8_t *kind) {
  ritz_elements problem = {
      .grid = {.dim = s->dim,
               .nodes = {s->nodes[0], s->nodes[1], s->nodes[2]},
               .length = {1, 1, 1},
               .kind = kind},
      .element = RITZ_ELEMENT_STAR,
      .mean = s->mean == RITZ_FACE_HARMONIC ? RITZ_MEAN_HARMONIC : RITZ_MEAN_ARITHMETIC,
      .a = s->a};
  double volume = 1;
  for (int axis = 0; axis < s->dim; axis++) volume *= s->h[axis];
  fill_kinds(s, kind);
  s->unknowns = ritz_sparse_grid_unknowns(&problem.grid, s->row);
  RITZ_TRY(RITZ_NEW(s->unknowns, &s->b_inner));
  RITZ_TRY(RITZ_NEW(s->unknowns, &s->product));
  for (ritz_index k = 0; k < s->size; k++)
    if (s->row[k] >= 0) s->b[k] = s->b_inner[s->row[k]] = volume;
  return fill_values(s, &problem);
}

ritz_status table_systems_create(ritz_context *context, const char *options, ritz_face_mean mean,
                                 ritz_index count, table_systems *s) {
  ritz_generator *generator;
  uint8_t *kind;
  *s = (table_systems){.count = count, .mean = mean};
  RITZ_TRY(ritz_generator_create(context, "darcy", options, &generator));
  ritz_status status = draw(generator, s);
  ritz_generator_destroy(&generator);
  RITZ_TRY(status);
  RITZ_TRY(RITZ_NEW(s->size, &s->b));
  RITZ_TRY(RITZ_NEW(s->size, &s->row));
  RITZ_TRY(RITZ_NEW(s->size, &kind));
  status = assemble(s, kind);
  ritz_free(kind);
  return status;
}

void table_systems_clear(table_systems *s) {
  ritz_free(s->a);
  ritz_free(s->b);
  ritz_free(s->b_inner);
  ritz_free(s->row);
  ritz_free(s->values);
  ritz_free(s->product);
  ritz_sparse_destroy(&s->matrix);
}

void table_systems_set(table_systems *s, ritz_index sample) {
  const ritz_sparse_parts parts = ritz_sparse_describe(s->matrix);
  memcpy(parts.values, s->values + sample * parts.entries, (size_t)parts.entries * sizeof(double));
}

double table_systems_residual(table_systems *s, const double *x) {
  double square = 0, scale = 0;
  ritz_sparse_apply(s->matrix, x, s->product);
  for (ritz_index i = 0; i < s->unknowns; i++) {
    const double r = s->b_inner[i] - s->product[i];
    square += r * r;
    scale += s->b_inner[i] * s->b_inner[i];
  }
  return sqrt(square / scale);
}
