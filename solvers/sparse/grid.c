/* SPDX-License-Identifier: BSD-3-Clause
 * Numbering of a grid's unknowns, patterns of neighbours, and stencils. */
#include "solvers/sparse/grid.h"

#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "solvers/sparse/sparse.h"

ritz_index ritz_sparse_grid_unknowns(const ritz_sparse_grid *grid, ritz_index *unknown) {
  ritz_index nodes = 1, count = 0;
  for (int axis = 0; axis < grid->dim; axis++) nodes *= grid->nodes[axis];
  for (ritz_index p = 0; p < nodes; p++) {
    const bool is_unknown = ritz_grid_node_at(grid, p) == RITZ_GRID_UNKNOWN;
    if (unknown) unknown[p] = is_unknown ? count : -1;
    count += is_unknown;
  }
  return count;
}

ritz_status ritz_grid_view_fill(const ritz_sparse_grid *grid, ritz_grid_view *view) {
  *view = (ritz_grid_view){.nodes = 1};
  RITZ_TRY(ritz_reserved_check(grid->reserved, "grid"));
  RITZ_REQUIRE(grid->dim >= 1 && grid->dim <= 3, RITZ_ERR_ARGUMENT,
               "grid has %d axes, wanted 1 ... 3", grid->dim);
  for (int axis = 0; axis < 3; axis++) {
    const int own = axis - (3 - grid->dim);
    view->n[axis] = own < 0 ? 1 : grid->nodes[own];
    view->h[axis] = 1;
    if (own < 0) continue;
    RITZ_REQUIRE(grid->nodes[own] >= 2 && grid->nodes[own] <= INT32_MAX / view->nodes,
                 RITZ_ERR_ARGUMENT, "axis %d has %td nodes, wanted at least 2, 2^31 - 1 in all",
                 own, grid->nodes[own]);
    RITZ_REQUIRE(grid->points || grid->length[own] > 0, RITZ_ERR_ARGUMENT,
                 "axis %d has the length %g, wanted more than 0", own, grid->length[own]);
    view->nodes *= grid->nodes[own];
    view->h[axis] = grid->length[own] / (double)(grid->nodes[own] - 1);
  }
  for (ritz_index p = 0; grid->kind && p < view->nodes; p++)
    RITZ_REQUIRE(grid->kind[p] <= RITZ_GRID_PRESCRIBED, RITZ_ERR_ARGUMENT,
                 "node %td is of kind %d, wanted one of ritz_grid_node", p, grid->kind[p]);
  RITZ_TRY(RITZ_NEW(view->nodes, &view->unknown));
  view->unknowns = ritz_sparse_grid_unknowns(grid, view->unknown);
  return RITZ_OK;
}

void ritz_grid_view_clear(ritz_grid_view *view) {
  ritz_free(view->unknown);
  view->unknown = NULL;
}

ritz_index ritz_grid_neighbour(const ritz_grid_view *view, const bool *periodic,
                               const ritz_index at[3], int s) {
  const int offset[3] = {s / 9 - 1, s / 3 % 3 - 1, s % 3 - 1};
  ritz_index node = 0;
  for (int axis = 0; axis < 3; axis++) {
    ritz_index i = at[axis] + offset[axis];
    if (i < 0 || i >= view->n[axis]) {
      if (!periodic || !periodic[axis]) return -1;
      i = (i + view->n[axis]) % view->n[axis];
    }
    node = node * view->n[axis] + i;
  }
  return node;
}

/* Columns of a row, ascending. @return  Their number. */
static int row_columns(const ritz_grid_view *view, const bool used[RITZ_NEIGHBOURS],
                       const bool *periodic, const ritz_index at[3],
                       int32_t column[RITZ_NEIGHBOURS]) {
  int count = 0;
  for (int s = 0; s < RITZ_NEIGHBOURS; s++) {
    const ritz_index node = used[s] ? ritz_grid_neighbour(view, periodic, at, s) : -1;
    if (node < 0 || view->unknown[node] < 0) continue;
    const int32_t next = (int32_t)view->unknown[node];
    int to = count++;
    for (; to > 0 && column[to - 1] > next; to--) column[to] = column[to - 1];
    column[to] = next;
  }
  return count;
}

/* Fills the pattern of a, where there is one. @return  Its entries. */
static ritz_index fill_rows(const ritz_grid_view *view, const bool *used, const bool *periodic,
                            ritz_sparse *a) {
  int32_t column[RITZ_NEIGHBOURS];
  ritz_index at[3], node = 0, entries = 0;
  for (at[0] = 0; at[0] < view->n[0]; at[0]++)
    for (at[1] = 0; at[1] < view->n[1]; at[1]++)
      for (at[2] = 0; at[2] < view->n[2]; at[2]++, node++) {
        if (view->unknown[node] < 0) continue;
        const int count = row_columns(view, used, periodic, at, column);
        if (a) {
          memcpy(a->column + entries, column, (size_t)count * sizeof *column);
          a->start[view->unknown[node] + 1] = entries + count;
        }
        entries += count;
      }
  return entries;
}

ritz_status ritz_grid_pattern(const ritz_grid_view *view, const bool used[RITZ_NEIGHBOURS],
                              const bool *periodic, ritz_scalar scalar, ritz_sparse **out) {
  const ritz_index entries = fill_rows(view, used, periodic, NULL);
  RITZ_TRY(ritz_sparse_allocate(scalar, view->unknowns, view->unknowns, entries, out));
  fill_rows(view, used, periodic, *out);
  const ritz_status status = ritz_sparse_find_runs(*out);
  if (status != RITZ_OK) ritz_sparse_destroy(out);
  return status;
}

/* Stencils ------------------------------------------------------------------------------------*/

/* Which slots a stencil of `points` has; false if a grid of `dim` axes has no such stencil. */
static bool stencil_slots(int dim, int points, bool used[RITZ_NEIGHBOURS]) {
  static const int all_points[] = {0, 3, 9, 27};
  const bool all = points == all_points[dim], star = points == 2 * dim + 1;
  for (int s = 0; s < RITZ_NEIGHBOURS; s++) {
    const int away[3] = {s / 9 != 1, s / 3 % 3 != 1, s % 3 != 1};
    bool inside = true; /* no offset along axes the grid does not have */
    for (int axis = 0; axis < 3 - dim; axis++) inside = inside && !away[axis];
    used[s] = inside && (all || away[0] + away[1] + away[2] <= 1);
  }
  return all || star;
}

static void fill_stencil(const ritz_grid_view *view, const bool *used, const bool *periodic,
                         const char *coefficient, ritz_sparse *a) {
  const size_t size = ritz_scalar_size(a->scalar);
  ritz_index at[3], node = 0;
  for (at[0] = 0; at[0] < view->n[0]; at[0]++)
    for (at[1] = 0; at[1] < view->n[1]; at[1]++)
      for (at[2] = 0; at[2] < view->n[2]; at[2]++, node++)
        for (int s = 0; s < RITZ_NEIGHBOURS; s++) {
          if (!used[s]) continue;
          const ritz_index row = view->unknown[node];
          const ritz_index other = row < 0 ? -1 : ritz_grid_neighbour(view, periodic, at, s);
          if (other >= 0 && view->unknown[other] >= 0) {
            const ritz_index to = ritz_sparse_find(a, row, view->unknown[other]);
            memcpy((char *)a->values + (size_t)to * size, coefficient, size);
          }
          coefficient += size;
        }
}

ritz_status ritz_sparse_from_stencil(ritz_scalar scalar, const ritz_sparse_grid *grid, int points,
                                     const bool *periodic, const void *coefficients,
                                     ritz_sparse **out) {
  *out = NULL;
  ritz_grid_view view;
  bool used[RITZ_NEIGHBOURS], wrap[3] = {false};
  ritz_status status = ritz_grid_view_fill(grid, &view);
  if (status == RITZ_OK && !stencil_slots(grid->dim, points, used))
    status = RITZ_FAIL(RITZ_ERR_ARGUMENT,
                       "a stencil of %d points in %d axes; wanted %d (neighbours along the axes) "
                       "or all 3^%d",
                       points, grid->dim, 2 * grid->dim + 1, grid->dim);
  for (int axis = 0; status == RITZ_OK && periodic && axis < grid->dim; axis++) {
    wrap[3 - grid->dim + axis] = periodic[axis];
    if (periodic[axis] && grid->nodes[axis] < 3)
      status = RITZ_FAIL(RITZ_ERR_ARGUMENT, "periodic axis %d has %td nodes, wanted at least 3",
                         axis, grid->nodes[axis]);
  }
  if (status == RITZ_OK) status = ritz_grid_pattern(&view, used, wrap, scalar, out);
  if (status == RITZ_OK) fill_stencil(&view, used, wrap, coefficients, *out);
  ritz_grid_view_clear(&view);
  return status;
}
