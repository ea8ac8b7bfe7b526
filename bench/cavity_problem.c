/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/cavity_problem.h"

#include <math.h>
#include <ritz/random.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"

static const double pi = 3.14159265358979323846;
static const double damping = 0.05, spread = 0.1, contrast = 0.5, turn = 0.3;
static const double balls[][4] = {/* middle, radius */
                                  {0.3, 0.35, 0.3, 0.16},
                                  {0.7, 0.6, 0.4, 0.14},
                                  {0.45, 0.7, 0.75, 0.15}};

enum { MODES = 4, FIELDS = 3 };
typedef double coefficients[MODES][MODES][MODES];

/* Sum of c cos cos cos / (1 + a^2 + b^2 + c^2), without the constant. */
static double field(const coefficients c, const double x[3]) {
  double cosine[3][MODES], sum = 0;
  for (int axis = 0; axis < 3; axis++)
    for (int m = 0; m < MODES; m++) cosine[axis][m] = cos(m * pi * x[axis]);
  for (int p = 0; p < MODES; p++)
    for (int q = 0; q < MODES; q++)
      for (int r = p == 0 && q == 0; r < MODES; r++)
        sum +=
            c[p][q][r] * cosine[0][p] * cosine[1][q] * cosine[2][r] / (1 + p * p + q * q + r * r);
  return sum;
}

static bool is_inside(const double x[3]) {
  for (int axis = 0; axis < 3; axis++)
    if (x[axis] < 1e-9 || x[axis] > 1 - 1e-9) return false;
  for (size_t b = 0; b < sizeof balls / sizeof *balls; b++) {
    double square = 0;
    for (int axis = 0; axis < 3; axis++) square += pow(x[axis] - balls[b][axis], 2);
    if (square < balls[b][3] * balls[b][3]) return false;
  }
  return true;
}

/* Kinds of nodes, material and waves. @return  Unknowns. */
static ritz_index fill_nodes(cavity *s, double *a, uint8_t *kind, double *w[2]) {
  const int m = s->side + 2;
  coefficients c[FIELDS];
  const ritz_random stream = {.seed = 1, .purpose = RITZ_RANDOM_FIELD};
  ritz_random_normals(stream, 0, FIELDS * MODES * MODES * MODES, &c[0][0][0][0]);
  ritz_index n = 0, node = 0;
  for (int i = 0; i < m; i++)
    for (int j = 0; j < m; j++)
      for (int l = 0; l < m; l++, node++) {
        const double x[3] = {(double)i / (m - 1), (double)j / (m - 1), (double)l / (m - 1)};
        const bool inside = is_inside(x);
        kind[node] = inside ? RITZ_GRID_UNKNOWN : RITZ_GRID_PRESCRIBED;
        a[node] = exp(contrast * field(c[0], x));
        if (!inside) continue;
        for (int f = 0; f < 2; f++) w[f][n] = field(c[1 + f], x);
        n++;
      }
  return n;
}

static ritz_status fill(cavity *s, double *a, uint8_t *kind) {
  const int m = s->side + 2;
  const ritz_elements problem = {
      .grid = {.dim = 3, .nodes = {m, m, m}, .length = {1, 1, 1}, .kind = kind}, .a = a};
  ritz_index *column;
  s->n = fill_nodes(s, a, kind, s->w);
  ritz_sparse_grid_unknowns(&problem.grid, s->unknown);
  RITZ_TRY(ritz_sparse_from_elements(RITZ_REAL_DOUBLE, &problem, NULL, &s->diffusion));
  const ritz_sparse_parts parts = ritz_sparse_describe(s->diffusion);
  RITZ_TRY(RITZ_NEW(parts.entries, &column));
  for (ritz_index e = 0; e < parts.entries; e++) column[e] = parts.column[e];
  const ritz_status status =
      ritz_sparse_create(RITZ_COMPLEX_DOUBLE, s->n, s->n, parts.start, column, NULL, &s->matrix);
  ritz_free(column);
  RITZ_TRY(status);
  return RITZ_NEW(s->n, &s->b);
}

ritz_status cavity_create(int side, double k, cavity *s) {
  const ritz_index nodes = (ritz_index)(side + 2) * (side + 2) * (side + 2);
  double *a = NULL;
  uint8_t *kind = NULL;
  *s = (cavity){.side = side, .k = k};
  RITZ_TRY(RITZ_NEW(nodes, &s->unknown));
  for (int f = 0; f < 2; f++) RITZ_TRY(RITZ_NEW(nodes, &s->w[f]));
  ritz_status status = RITZ_NEW(nodes, &a);
  if (status == RITZ_OK) status = RITZ_NEW(nodes, &kind);
  if (status == RITZ_OK) status = fill(s, a, kind);
  ritz_free(a);
  ritz_free(kind);
  return status;
}

void cavity_clear(cavity *s) {
  ritz_free(s->unknown);
  ritz_free(s->b);
  for (int f = 0; f < 2; f++) ritz_free(s->w[f]);
  ritz_sparse_destroy(&s->diffusion);
  ritz_sparse_destroy(&s->matrix);
}

/* A cube of three nodes per axis, what of it is inside. */
static void fill_source(cavity *s, int t) {
  const ritz_random stream = {.seed = 2, .purpose = RITZ_RANDOM_FIELD, .sample = (uint32_t)t};
  const int m = s->side + 2;
  int at[3];
  memset(s->b, 0, (size_t)s->n * sizeof *s->b);
  for (uint64_t draw = 0, hits = 0; hits == 0; draw += 3) {
    for (int axis = 0; axis < 3; axis++)
      at[axis] = 1 + (int)((s->side - 2) * ritz_random_uniform(stream, draw + (uint64_t)axis));
    for (int e = 0; e < 27; e++) {
      const int i = at[0] + e / 9, j = at[1] + e / 3 % 3, l = at[2] + e % 3;
      const ritz_index row = s->unknown[(i * m + j) * m + l];
      if (row >= 0) s->b[row] = 1, hits++;
    }
  }
}

void cavity_set(cavity *s, int t) {
  const ritz_sparse_parts from = ritz_sparse_describe(s->diffusion);
  const ritz_sparse_parts to = ritz_sparse_describe(s->matrix);
  const double *diffusion = from.values;
  double complex *values = to.values;
  const double h = 1.0 / (s->side + 1), mass = h * h * h * s->k * s->k;
  for (ritz_index i = 0; i < s->n; i++) {
    const double w = cos(turn * t) * s->w[0][i] + sin(turn * t) * s->w[1][i];
    for (ritz_index e = from.start[i]; e < from.start[i + 1]; e++) {
      values[e] = diffusion[e];
      if (from.column[e] == i) values[e] -= mass * (1 + spread * w) * CMPLX(1, damping);
    }
  }
  fill_source(s, t);
}
