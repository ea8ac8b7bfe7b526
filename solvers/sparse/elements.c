/* SPDX-License-Identifier: BSD-3-Clause
 * -div(a grad u) + c u = f, cell by cell: every kind of element is a small matrix per cell.
 *
 * P1 and Q1 share one quadrature loop over pieces of a cell (its d! simplices, or the whole):
 *   K_ij += w |J| (a grad N_i . grad N_j + c N_i N_j),  grad N = J^-T dN,  J = sum_v x_v dN_v^T. */
#include <math.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "solvers/sparse/grid.h"
#include "solvers/sparse/sparse.h"

enum { CORNERS = 8, PIECES = 6, POINTS = 8 };

/* Shape functions at the quadrature points of one piece. */
typedef struct piece {
  int vertices, points;
  int corner[CORNERS]; /* of the cell: bit 2 - axis is its offset along the axis */
  double weight;       /* of each point */
  double shape[POINTS][CORNERS], slope[POINTS][CORNERS][3];
} piece;

typedef struct assembly {
  const ritz_elements *problem;
  ritz_grid_view view;
  int pieces;
  piece part[PIECES];
  ritz_sparse *matrix;
  double *values, *rhs; /* rhs may be NULL */
  int sign;             /* of J, once one is known */
} assembly;

/* A cell: its corners' nodes, and what it adds. */
typedef struct cell {
  int corners;
  ritz_index node[CORNERS];
  double k[CORNERS][CORNERS], load[CORNERS];
} cell;

/* Pieces --------------------------------------------------------------------------------------*/

static void fill_q1(int dim, piece *p) {
  const double gauss[2] = {0.5 - 0.5 / sqrt(3), 0.5 + 0.5 / sqrt(3)};
  *p = (piece){.vertices = 1 << dim, .points = 1 << dim, .weight = 1.0 / (1 << dim)};
  for (int v = 0; v < p->vertices; v++) p->corner[v] = v;
  for (int q = 0; q < p->points; q++)
    for (int v = 0; v < p->vertices; v++) {
      double one[3], slope[3]; /* along each axis, first axis in the highest bit */
      for (int d = 0; d < dim; d++) {
        const double t = gauss[q >> (dim - 1 - d) & 1];
        const bool far = v >> (dim - 1 - d) & 1;
        one[d] = far ? t : 1 - t;
        slope[d] = far ? 1 : -1;
      }
      p->shape[q][v] = 1;
      for (int d = 0; d < dim; d++) {
        p->shape[q][v] *= one[d];
        p->slope[q][v][d] = slope[d];
        for (int other = 0; other < dim; other++)
          if (other != d) p->slope[q][v][d] *= one[other];
      }
    }
}

/* The simplex along the axes in the order of a permutation; rules exact for squares: two Gauss
 * points, three and four symmetric ones (Hammer & Stroud 1956). */
static void fill_p1(int dim, const int order[3], piece *p) {
  static const double near[] = {0, 0.21132486540518713, 1.0 / 6, 0.1381966011250105};
  static const double volume[] = {1, 1, 0.5, 1.0 / 6};
  *p = (piece){.vertices = dim + 1, .points = dim + 1, .weight = volume[dim] / (dim + 1)};
  for (int d = 0; d < dim; d++) p->corner[d + 1] = p->corner[d] | 1 << (dim - 1 - order[d]);
  for (int q = 0; q <= dim; q++)
    for (int v = 0; v <= dim; v++) {
      p->shape[q][v] = q == v ? 1 - dim * near[dim] : near[dim];
      for (int d = 0; d < dim; d++) p->slope[q][v][d] = v == 0 ? -1 : v == d + 1;
    }
}

static void fill_pieces(assembly *s) {
  static const int orders[PIECES][3] = {{0, 1, 2}, {1, 0, 2}, {0, 2, 1},
                                        {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
  static const int count[] = {0, 1, 2, 6};
  const int dim = s->problem->grid.dim;
  s->pieces = s->problem->element == RITZ_ELEMENT_P1 ? count[dim] : 1;
  for (int i = 0; i < s->pieces; i++)
    if (s->problem->element == RITZ_ELEMENT_P1)
      fill_p1(dim, orders[i], &s->part[i]);
    else
      fill_q1(dim, &s->part[i]);
}

/* Cells ---------------------------------------------------------------------------------------*/

static double field(const double *f, ritz_index node, double otherwise) {
  return f ? f[node] : otherwise;
}

/* Inverse and determinant of a matrix of order dim. */
static double invert(int dim, double j[3][3], double inverse[3][3]) {
  if (dim == 1) {
    inverse[0][0] = 1 / j[0][0];
    return j[0][0];
  }
  if (dim == 2) {
    const double det = j[0][0] * j[1][1] - j[0][1] * j[1][0];
    inverse[0][0] = j[1][1] / det, inverse[0][1] = -j[0][1] / det;
    inverse[1][0] = -j[1][0] / det, inverse[1][1] = j[0][0] / det;
    return det;
  }
  double det = 0;
  for (int a = 0; a < 3; a++)
    for (int b = 0; b < 3; b++) {
      const int r = (b + 1) % 3, t = (b + 2) % 3, c = (a + 1) % 3, d = (a + 2) % 3;
      inverse[a][b] = j[r][c] * j[t][d] - j[r][d] * j[t][c];
    }
  for (int a = 0; a < 3; a++) det += j[0][a] * inverse[a][0];
  for (int a = 0; a < 3; a++)
    for (int b = 0; b < 3; b++) inverse[a][b] /= det;
  return det;
}

static double position(const assembly *s, const cell *c, int corner, int d) {
  const ritz_sparse_grid *grid = &s->problem->grid;
  if (grid->points) return grid->points[c->node[corner] * grid->dim + d];
  return corner >> (grid->dim - 1 - d) & 1 ? s->view.h[3 - grid->dim + d] : 0;
}

/* Adds one quadrature point of a piece. @return  det J, signed as the cell is. */
static double add_point(const assembly *s, const piece *p, int q, cell *c) {
  const int dim = s->problem->grid.dim;
  double j[3][3] = {{0}}, inverse[3][3], slope[CORNERS][3] = {{0}};
  double a = 0, reaction = 0, f = 0;
  for (int v = 0; v < p->vertices; v++) {
    const ritz_index node = c->node[p->corner[v]];
    a += p->shape[q][v] * field(s->problem->a, node, 1);
    reaction += p->shape[q][v] * field(s->problem->c, node, 0);
    f += p->shape[q][v] * field(s->problem->f, node, 0);
    for (int x = 0; x < dim; x++)
      for (int d = 0; d < dim; d++) j[x][d] += position(s, c, p->corner[v], x) * p->slope[q][v][d];
  }
  const double det = invert(dim, j, inverse), weight = p->weight * fabs(det);
  for (int v = 0; v < p->vertices; v++)
    for (int x = 0; x < dim; x++)
      for (int d = 0; d < dim; d++) slope[v][x] += inverse[d][x] * p->slope[q][v][d];
  for (int v = 0; v < p->vertices; v++) {
    const double n = p->shape[q][v];
    c->load[p->corner[v]] += weight * f * n;
    for (int u = 0; u < p->vertices; u++) {
      double dot = 0;
      for (int x = 0; x < dim; x++) dot += slope[v][x] * slope[u][x];
      c->k[p->corner[v]][p->corner[u]] += weight * (a * dot + reaction * n * p->shape[q][u]);
    }
  }
  return det;
}

/* Odd permutations of the axes turn a simplex round. */
static int turn(const assembly *s, int part) {
  static const int sign[PIECES] = {1, -1, -1, 1, 1, -1};
  return s->pieces > 1 ? sign[part] : 1;
}

static ritz_status add_pieces(assembly *s, cell *c) {
  for (int i = 0; i < s->pieces; i++)
    for (int q = 0; q < s->part[i].points; q++) {
      const double det = turn(s, i) * add_point(s, &s->part[i], q, c);
      if (s->sign == 0) s->sign = det > 0 ? 1 : -1;
      RITZ_REQUIRE(det * s->sign > 0, RITZ_ERR_ARGUMENT,
                   "the cell at node %td is turned inside out or has no volume: det J = %g",
                   c->node[0], det * s->sign);
    }
  return RITZ_OK;
}

/* The part of a cell in the finite volumes around its corners. */
static void add_star(const assembly *s, cell *c) {
  const ritz_elements *problem = s->problem;
  const int dim = problem->grid.dim;
  double volume = 1;
  for (int d = 0; d < dim; d++) volume *= s->view.h[3 - dim + d];
  for (int v = 0; v < c->corners; v++) {
    const ritz_index node = c->node[v];
    const double a = field(problem->a, node, 1), part = volume / c->corners;
    c->load[v] += part * field(problem->f, node, 0);
    c->k[v][v] += part * field(problem->c, node, 0);
    for (int d = 0; d < dim; d++) {
      const int u = v ^ 1 << (dim - 1 - d);
      const double b = field(problem->a, c->node[u], 1), h = s->view.h[3 - dim + d];
      const double mean = problem->mean == RITZ_MEAN_HARMONIC ? 2 / (1 / a + 1 / b) : 0.5 * (a + b);
      const double weight = 2 * part * mean / (h * h);
      c->k[v][v] += weight;
      c->k[v][u] -= weight;
    }
  }
}

/* Corner nodes of the cell whose first node is at `at`. @return  false: not in the domain. */
static bool find_cell(const assembly *s, const ritz_index at[3], cell *c) {
  const ritz_sparse_grid *grid = &s->problem->grid;
  const ritz_index *n = s->view.n;
  *c = (cell){.corners = 1 << grid->dim};
  for (int v = 0; v < c->corners; v++) {
    ritz_index node = 0;
    for (int axis = 0; axis < 3; axis++) {
      const int d = axis - (3 - grid->dim);
      const ritz_index i = at[axis] + (d >= 0 && (v >> (grid->dim - 1 - d) & 1));
      if (i >= n[axis]) return false;
      node = node * n[axis] + i;
    }
    c->node[v] = node;
    if (ritz_grid_node_at(grid, node) == RITZ_GRID_OUTSIDE) return false;
  }
  return true;
}

static void scatter(const assembly *s, const cell *c) {
  for (int v = 0; v < c->corners; v++) {
    const ritz_index row = s->view.unknown[c->node[v]];
    if (row < 0) continue;
    if (s->rhs) s->rhs[row] += c->load[v];
    for (int u = 0; u < c->corners; u++) {
      const ritz_index column = s->view.unknown[c->node[u]];
      if (column < 0) {
        if (s->rhs) s->rhs[row] -= c->k[v][u] * field(s->problem->g, c->node[u], 0);
        continue;
      }
      const ritz_index to = ritz_sparse_find(s->matrix, row, column);
      if (to >= 0) s->values[to] += c->k[v][u]; /* else a corner the element does not couple */
    }
  }
}

static ritz_status add_cells(assembly *s) {
  ritz_index at[3];
  for (at[0] = 0; at[0] < s->view.n[0]; at[0]++)
    for (at[1] = 0; at[1] < s->view.n[1]; at[1]++)
      for (at[2] = 0; at[2] < s->view.n[2]; at[2]++) {
        cell c;
        if (!find_cell(s, at, &c)) continue;
        if (s->problem->element == RITZ_ELEMENT_STAR)
          add_star(s, &c);
        else
          RITZ_TRY(add_pieces(s, &c));
        scatter(s, &c);
      }
  return RITZ_OK;
}

/* Matrices ------------------------------------------------------------------------------------*/

/* Neighbours that share a piece of a cell: offsets of one sign only for simplices. */
static void element_slots(const ritz_elements *problem, bool used[RITZ_NEIGHBOURS]) {
  for (int s = 0; s < RITZ_NEIGHBOURS; s++) {
    const int offset[3] = {s / 9 - 1, s / 3 % 3 - 1, s % 3 - 1};
    int ups = 0, downs = 0;
    bool inside = true;
    for (int axis = 0; axis < 3; axis++) {
      ups += offset[axis] > 0;
      downs += offset[axis] < 0;
      if (axis < 3 - problem->grid.dim && offset[axis] != 0) inside = false;
    }
    switch (problem->element) {
      case RITZ_ELEMENT_STAR: used[s] = inside && ups + downs <= 1; break;
      case RITZ_ELEMENT_P1: used[s] = inside && (ups == 0 || downs == 0); break;
      case RITZ_ELEMENT_Q1: used[s] = inside; break;
    }
  }
}

static ritz_status assemble(assembly *s, ritz_sparse *matrix, double *rhs) {
  s->matrix = matrix;
  s->rhs = rhs;
  if (rhs) memset(rhs, 0, (size_t)s->view.unknowns * sizeof *rhs);
  fill_pieces(s);
  RITZ_TRY(RITZ_NEW(matrix->entries, &s->values));
  const ritz_status status = add_cells(s);
  if (status == RITZ_OK) matrix->kind->store(matrix->entries, s->values, matrix->values);
  ritz_free(s->values);
  return status;
}

static ritz_status begin(const ritz_elements *problem, assembly *s) {
  *s = (assembly){.problem = problem};
  RITZ_TRY(ritz_reserved_check(problem->reserved, "elements"));
  RITZ_REQUIRE(problem->element >= RITZ_ELEMENT_STAR && problem->element <= RITZ_ELEMENT_Q1,
               RITZ_ERR_ARGUMENT, "element is %d, wanted one of ritz_element",
               (int)problem->element);
  RITZ_REQUIRE(problem->element != RITZ_ELEMENT_STAR || !problem->grid.points, RITZ_ERR_ARGUMENT,
               "a star of edges needs a box grid; on mapped points use P1 or Q1");
  RITZ_REQUIRE(problem->element == RITZ_ELEMENT_STAR || problem->mean == RITZ_MEAN_ARITHMETIC,
               RITZ_ERR_ARGUMENT, "harmonic means are for RITZ_ELEMENT_STAR; elements interpolate");
  return ritz_grid_view_fill(&problem->grid, &s->view);
}

ritz_status ritz_sparse_from_elements(ritz_scalar scalar, const ritz_elements *problem, double *rhs,
                                      ritz_sparse **out) {
  *out = NULL;
  assembly s;
  bool used[RITZ_NEIGHBOURS];
  ritz_status status = begin(problem, &s);
  if (status == RITZ_OK) {
    element_slots(problem, used);
    status = ritz_grid_pattern(&s.view, used, NULL, scalar, out);
  }
  if (status == RITZ_OK) status = assemble(&s, *out, rhs);
  if (status != RITZ_OK) ritz_sparse_destroy(out);
  ritz_grid_view_clear(&s.view);
  return status;
}

ritz_status ritz_sparse_elements_update(ritz_sparse *matrix, const ritz_elements *problem,
                                        double *rhs) {
  assembly s;
  bool used[RITZ_NEIGHBOURS];
  ritz_sparse *pattern = NULL;
  ritz_status status = begin(problem, &s);
  if (status == RITZ_OK) {
    element_slots(problem, used);
    status = ritz_grid_pattern(&s.view, used, NULL, matrix->scalar, &pattern);
  }
  if (status == RITZ_OK && (pattern->rows != matrix->rows || pattern->entries != matrix->entries ||
                            memcmp(pattern->start, matrix->start,
                                   (size_t)(matrix->rows + 1) * sizeof *matrix->start) != 0 ||
                            memcmp(pattern->column, matrix->column,
                                   (size_t)matrix->entries * sizeof *matrix->column) != 0))
    status =
        RITZ_FAIL(RITZ_ERR_SHAPE,
                  "the matrix [%td, %td] of %td entries is not of this grid and element, which "
                  "gives %td rows of %td entries",
                  matrix->rows, matrix->columns, matrix->entries, pattern->rows, pattern->entries);
  if (status == RITZ_OK) status = assemble(&s, matrix, rhs);
  ritz_sparse_destroy(&pattern);
  ritz_grid_view_clear(&s.view);
  return status;
}
