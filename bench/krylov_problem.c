/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/krylov_problem.h"

#include <math.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"

static void fill_field(int nodes, int s, double *k) {
  const double pi = 3.14159265358979323846;
  for (int i = 0; i < nodes; i++)
    for (int j = 0; j < nodes; j++) {
      double sum = 0;
      for (int a = 1; a <= 4; a++)
        for (int b = 1; b <= 4; b++)
          sum += sin(s * (0.031 * a + 0.047 * b) + 1.7 * a - 0.9 * b) *
                 cos(a * pi * i / (nodes - 1)) * cos(b * pi * j / (nodes - 1)) /
                 sqrt(a * a + b * b);
      k[i * nodes + j] = exp(0.8 * sum);
    }
}

static ritz_status assemble(krylov_problem *p, uint8_t *kind, double *k) {
  const int m = p->n + 2;
  const ritz_elements elements = {
      .grid = {.dim = 2, .nodes = {m, m}, .length = {1, 1}, .kind = kind}, .a = k};
  for (int i = 0; i < m * m; i++) {
    const bool edge = i / m == 0 || i / m == m - 1 || i % m == 0 || i % m == m - 1;
    kind[i] = edge ? RITZ_GRID_PRESCRIBED : RITZ_GRID_UNKNOWN;
  }
  for (int s = 0; s < p->systems; s++) {
    fill_field(m, s, k);
    if (s == 0)
      RITZ_TRY(ritz_sparse_from_elements(RITZ_REAL_DOUBLE, &elements, NULL, &p->matrix));
    else
      RITZ_TRY(ritz_sparse_elements_update(p->matrix, &elements, NULL));
    const ritz_sparse_parts parts = ritz_sparse_describe(p->matrix);
    if (s == 0) RITZ_TRY(RITZ_NEW(p->systems * parts.entries, &p->values));
    memcpy(p->values + s * parts.entries, parts.values, (size_t)parts.entries * sizeof(double));
  }
  return RITZ_OK;
}

ritz_status krylov_problem_create(int n, int systems, krylov_problem *p) {
  const ritz_index nodes = (ritz_index)(n + 2) * (n + 2), unknowns = (ritz_index)n * n;
  uint8_t *kind = NULL;
  double *k = NULL;
  *p = (krylov_problem){.n = n, .systems = systems};
  RITZ_TRY(RITZ_NEW(unknowns, &p->b));
  RITZ_TRY(RITZ_NEW(unknowns, &p->x));
  for (ritz_index i = 0; i < unknowns; i++) p->b[i] = 1.0 / ((double)(n + 1) * (n + 1));
  ritz_status status = RITZ_NEW(nodes, &kind);
  if (status == RITZ_OK) status = RITZ_NEW(nodes, &k);
  if (status == RITZ_OK) status = assemble(p, kind, k);
  ritz_free(kind);
  ritz_free(k);
  return status;
}

void krylov_problem_clear(krylov_problem *p) {
  ritz_free(p->b);
  ritz_free(p->x);
  ritz_free(p->values);
  ritz_sparse_destroy(&p->matrix);
}

void krylov_problem_set(krylov_problem *p, int s) {
  const ritz_sparse_parts parts = ritz_sparse_describe(p->matrix);
  memcpy(parts.values, p->values + s * parts.entries, (size_t)parts.entries * sizeof(double));
}
