/* SPDX-License-Identifier: BSD-3-Clause
 * Cell matrices and their places. Corner v of cell (i, j) is node (i + (v >> 1), j + (v & 1)). */
#include "solvers/grid/elasticity.h"

#include <math.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "solvers/sparse/sparse.h"

enum { CORNERS = 4, ORDER = 2 * CORNERS }; /* row 2 v + a of a cell: corner v along axis a */

struct ritz_elasticity {
  ritz_index n0, n1;
  double unit[CORNERS][ORDER][ORDER]; /* a cell's matrix where E is the hat of one corner */
  ritz_index *unknown;                /* [nodes] among the nodes that have unknowns, -1 */
  ritz_sparse *pattern;
  int32_t *place; /* [unknowns][2] */
  int32_t *slot;  /* [cells][CORNERS][CORNERS]: entry of both first components, -1 */
};

/* Cells --------------------------------------------------------------------------------------- */

/* Hats and their slopes at a point of the unit cell. */
static void fill_hats(double s, double t, const double h[2], double hat[CORNERS],
                      double slope[CORNERS][2]) {
  for (int v = 0; v < CORNERS; v++) {
    const double along0 = v >> 1 ? s : 1 - s, along1 = v & 1 ? t : 1 - t;
    hat[v] = along0 * along1;
    slope[v][0] = (v >> 1 ? 1 : -1) * along1 / h[0];
    slope[v][1] = (v & 1 ? 1 : -1) * along0 / h[1];
  }
}

/* lambda d_a N_u d_b N_v + mu (d_b N_u d_a N_v + [a = b] grad N_u . grad N_v), times N_w: of degree
 * 3 along an axis at most, for which two Gauss points are exact. */
static void fill_unit(const double h[2], double lambda, double mu, ritz_elasticity *e) {
  const double gauss[2] = {0.5 - 0.5 / sqrt(3), 0.5 + 0.5 / sqrt(3)};
  for (int q = 0; q < 4; q++) {
    double hat[CORNERS], slope[CORNERS][2];
    fill_hats(gauss[q >> 1], gauss[q & 1], h, hat, slope);
    for (int row = 0; row < ORDER; row++)
      for (int column = 0; column < ORDER; column++) {
        const int a = row & 1, b = column & 1;
        const double *u = slope[row >> 1], *v = slope[column >> 1];
        double energy = lambda * u[a] * v[b] + mu * u[b] * v[a];
        if (a == b) energy += mu * (u[0] * v[0] + u[1] * v[1]);
        for (int w = 0; w < CORNERS; w++)
          e->unit[w][row][column] += 0.25 * h[0] * h[1] * hat[w] * energy;
      }
  }
}

static void find_corners(const ritz_elasticity *e, ritz_index i, ritz_index j,
                         ritz_index node[CORNERS]) {
  for (int v = 0; v < CORNERS; v++) node[v] = (i + (v >> 1)) * e->n1 + j + (v & 1);
}

/* Plan ---------------------------------------------------------------------------------------- */

/* Columns of the rows of a node, both components of each neighbour. @return  Their number. */
static ritz_index neighbours(const ritz_elasticity *e, ritz_index node, ritz_index *column) {
  const ritz_index i = node / e->n1, j = node % e->n1;
  ritz_index count = 0;
  for (ritz_index k = i > 0 ? i - 1 : 0; k <= i + 1 && k < e->n0; k++)
    for (ritz_index l = j > 0 ? j - 1 : 0; l <= j + 1 && l < e->n1; l++) {
      const ritz_index other = e->unknown[k * e->n1 + l];
      if (other < 0) continue;
      column[count++] = 2 * other;
      column[count++] = 2 * other + 1;
    }
  return count;
}

static ritz_status make_pattern(ritz_elasticity *e, ritz_index unknowns) {
  ritz_index *start = NULL, *column = NULL, row = 0, used = 0;
  ritz_status status;
  RITZ_TRY_DONE(RITZ_NEW(unknowns + 1, &start));
  RITZ_TRY_DONE(RITZ_NEW(18 * unknowns, &column));
  for (ritz_index node = 0; node < e->n0 * e->n1; node++)
    for (int a = 0; a < 2 && e->unknown[node] >= 0; a++) {
      used += neighbours(e, node, column + used);
      start[++row] = used;
    }
  RITZ_TRY_DONE(
      ritz_sparse_create(RITZ_REAL_DOUBLE, unknowns, unknowns, start, column, NULL, &e->pattern));
done:
  ritz_free(start);
  ritz_free(column);
  return status;
}

static ritz_status fill_places(ritz_elasticity *e, ritz_index unknowns) {
  RITZ_TRY(RITZ_NEW(2 * unknowns, &e->place));
  int32_t *place = e->place;
  for (ritz_index node = 0; node < e->n0 * e->n1; node++)
    for (int a = 0; a < 2 && e->unknown[node] >= 0; a++) {
      *place++ = (int32_t)(node / e->n1);
      *place++ = (int32_t)(node % e->n1);
    }
  return RITZ_OK;
}

static ritz_status fill_slots(ritz_elasticity *e) {
  RITZ_TRY(RITZ_NEW(CORNERS * CORNERS * (e->n0 - 1) * (e->n1 - 1), &e->slot));
  int32_t *slot = e->slot;
  for (ritz_index i = 0; i < e->n0 - 1; i++)
    for (ritz_index j = 0; j < e->n1 - 1; j++) {
      ritz_index node[CORNERS];
      find_corners(e, i, j, node);
      for (int u = 0; u < CORNERS; u++)
        for (int v = 0; v < CORNERS; v++) {
          const ritz_index row = e->unknown[node[u]], column = e->unknown[node[v]];
          *slot++ = row < 0 || column < 0
                        ? -1
                        : (int32_t)ritz_sparse_find(e->pattern, 2 * row, 2 * column);
        }
    }
  return RITZ_OK;
}

static ritz_status check(const ritz_elasticity_options *o) {
  for (int axis = 0; axis < 2; axis++) {
    RITZ_REQUIRE(o->nodes[axis] >= 2, RITZ_ERR_ARGUMENT,
                 "nodes along axis %d are %td, wanted at least 2", axis, o->nodes[axis]);
    RITZ_REQUIRE(o->h[axis] > 0 && isfinite(o->h[axis]), RITZ_ERR_ARGUMENT,
                 "spacing along axis %d is %g, wanted a positive number", axis, o->h[axis]);
  }
  RITZ_REQUIRE(o->nodes[0] * o->nodes[1] < INT32_MAX / 36, RITZ_ERR_ARGUMENT,
               "%td nodes give more than 2^31 entries", o->nodes[0] * o->nodes[1]);
  RITZ_REQUIRE(o->poisson_ratio > -1 && o->poisson_ratio < 0.5, RITZ_ERR_ARGUMENT,
               "poisson_ratio is %g, wanted above -1 and below 0.5", o->poisson_ratio);
  return RITZ_OK;
}

ritz_status ritz_elasticity_create(const ritz_elasticity_options *o, ritz_elasticity **out) {
  *out = NULL;
  RITZ_TRY(check(o));
  ritz_status status;
  ritz_elasticity *e;
  RITZ_TRY(RITZ_NEW(1, &e));
  e->n0 = o->nodes[0];
  e->n1 = o->nodes[1];
  const double nu = o->poisson_ratio, mu = 0.5 / (1 + nu);
  const double lambda =
      o->plane == RITZ_PLANE_STRESS ? nu / (1 - nu * nu) : nu / ((1 + nu) * (1 - 2 * nu));
  const ritz_sparse_grid grid = {
      .dim = 2, .nodes = {e->n0, e->n1}, .length = {1, 1}, .kind = o->kind};
  fill_unit(o->h, lambda, mu, e);
  RITZ_TRY_DONE(RITZ_NEW(e->n0 * e->n1, &e->unknown));
  const ritz_index unknowns = 2 * ritz_sparse_grid_unknowns(&grid, e->unknown);
  RITZ_TRY_DONE(make_pattern(e, unknowns));
  RITZ_TRY_DONE(fill_places(e, unknowns));
  RITZ_TRY_DONE(fill_slots(e));
  *out = e;
  return RITZ_OK;
done:
  ritz_elasticity_destroy(&e);
  return status;
}

void ritz_elasticity_destroy(ritz_elasticity **elasticity) {
  if (!elasticity || !*elasticity) return;
  ritz_free((*elasticity)->unknown);
  ritz_sparse_destroy(&(*elasticity)->pattern);
  ritz_free((*elasticity)->place);
  ritz_free((*elasticity)->slot);
  ritz_free(*elasticity);
  *elasticity = NULL;
}

const ritz_sparse *ritz_elasticity_pattern(const ritz_elasticity *e) { return e->pattern; }

const int32_t *ritz_elasticity_places(const ritz_elasticity *e) { return e->place; }

/* Matrix -------------------------------------------------------------------------------------- */

/* The cell's matrix for the modulus at its corners. */
static void mix(const ritz_elasticity *e, const ritz_index node[CORNERS], const double *modulus,
                double k[ORDER][ORDER]) {
  const double E[CORNERS] = {modulus[node[0]], modulus[node[1]], modulus[node[2]],
                             modulus[node[3]]};
  for (int row = 0; row < ORDER; row++)
    for (int column = 0; column < ORDER; column++)
      k[row][column] = E[0] * e->unit[0][row][column] + E[1] * e->unit[1][row][column] +
                       E[2] * e->unit[2][row][column] + E[3] * e->unit[3][row][column];
}

/* A cell's columns of given displacements go to the right-hand side. */
static void move_given(const ritz_elasticity *e, const ritz_index node[CORNERS],
                       const double *given, double k[ORDER][ORDER], double *b) {
  for (int row = 0; row < ORDER; row++) {
    const ritz_index to = e->unknown[node[row >> 1]];
    if (to < 0) continue;
    for (int column = 0; column < ORDER; column++)
      if (e->unknown[node[column >> 1]] < 0)
        b[2 * to + (row & 1)] -= k[row][column] * given[2 * node[column >> 1] + (column & 1)];
  }
}

void ritz_elasticity_fill(const ritz_elasticity *e, const double *modulus, const double *given,
                          double *values, double *b) {
  const int32_t *slot = e->slot;
  const ritz_index *start = e->pattern->start;
  memset(values, 0, (size_t)e->pattern->entries * sizeof *values);
  for (ritz_index i = 0; i < e->n0 - 1; i++)
    for (ritz_index j = 0; j < e->n1 - 1; j++, slot += CORNERS * CORNERS) {
      ritz_index node[CORNERS];
      double k[ORDER][ORDER];
      find_corners(e, i, j, node);
      mix(e, node, modulus, k);
      for (int u = 0; u < CORNERS; u++) {
        const ritz_index row = 2 * e->unknown[node[u]];
        for (int v = 0; v < CORNERS; v++) {
          if (slot[CORNERS * u + v] < 0) continue;
          double *first = values + slot[CORNERS * u + v];
          double *second = first + (start[row + 1] - start[row]);
          first[0] += k[2 * u][2 * v];
          first[1] += k[2 * u][2 * v + 1];
          second[0] += k[2 * u + 1][2 * v];
          second[1] += k[2 * u + 1][2 * v + 1];
        }
      }
      if (given) move_given(e, node, given, k, b);
    }
}

void ritz_elasticity_scatter(const ritz_elasticity *e, const double *u, double *field) {
  for (ritz_index node = 0; node < e->n0 * e->n1; node++)
    if (e->unknown[node] >= 0) memcpy(field + 2 * node, u + 2 * e->unknown[node], 2 * sizeof *u);
}
