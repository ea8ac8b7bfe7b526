/* SPDX-License-Identifier: BSD-3-Clause
 * A multigrid cycle as an operator. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "hierarchy.h"

static void cycle_is_symmetric(ritz_index n0, ritz_index n1, ritz_cycle cycle, int sweeps,
                               double contrast) {
  hierarchy h = hierarchy_make(n0, n1, 0, cycle, sweeps, contrast);
  double *x, *y, *mx, *my, dot;
  double *const blocks[] = {field(&h, 32, &x), field(&h, 33, &y), field(&h, 0, &mx),
                            field(&h, 0, &my)};
  ritz_multigrid_cycle(h.multigrid, x, mx, &dot);
  assert_near(dot, product(&h, x, mx), 1e-12 * dot);
  assert_true(dot > 0);
  ritz_multigrid_cycle(h.multigrid, y, my, &dot);
  const double size = sqrt(product(&h, x, mx) * product(&h, y, my));
  assert_near(product(&h, x, my), product(&h, mx, y), 1e-12 * size);
  for (int i = 0; i < 4; i++) free(blocks[i]);
  hierarchy_release(&h);
}

static void cycles_are_symmetric_at_awkward_sizes(void **state) {
  static const ritz_index sizes[][2] = {{1, 1},   {1, 9},   {7, 1},   {2, 2},   {3, 40},
                                        {4, 4},   {5, 4},   {8, 9},   {17, 6},  {16, 16},
                                        {31, 31}, {33, 20}, {61, 47}, {64, 64}, {13, 101}};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
    for (int cycle = RITZ_CYCLE_V; cycle <= RITZ_CYCLE_W; cycle++)
      for (int sweeps = 1; sweeps <= 3; sweeps++) {
        cycle_is_symmetric(sizes[i][0], sizes[i][1], (ritz_cycle)cycle, sweeps, 1);
        cycle_is_symmetric(sizes[i][0], sizes[i][1], (ritz_cycle)cycle, sweeps, 1e4);
      }
}

/* A grid shorter than four unknowns along an axis is its own bottom. */
static void thin_grids_are_solved_directly(void **state) {
  static const ritz_index sizes[][2] = {{1, 1}, {1, 30}, {30, 1}, {2, 17}, {17, 3}, {3, 3}};
  for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
    hierarchy h = hierarchy_make(sizes[s][0], sizes[s][1], 0, RITZ_CYCLE_V, 2, 100);
    assert_int_equal(ritz_multigrid_levels(h.multigrid), 1);
    double *b, *x, dot;
    double *const blocks[] = {field(&h, 34, &b), field(&h, 0, &x)};
    ritz_multigrid_cycle(h.multigrid, b, x, &dot);
    const double *east = h.box->east, *south = h.box->south;
    for (ritz_index i = 1; i <= h.box->n0; i++)
      for (ritz_index j = 1; j <= h.box->n1; j++) {
        const ritz_index k = i * h.box->row + j, u = h.box->row;
        const double ax = east[k] * (x[k] - x[k + 1]) + east[k - 1] * (x[k] - x[k - 1]) +
                          south[k] * (x[k] - x[k + u]) + south[k - u] * (x[k] - x[k - u]);
        assert_near(ax, b[k], 1e-12);
      }
    free(blocks[0]);
    free(blocks[1]);
    hierarchy_release(&h);
  }
}

/* u A u for the couplings of the finest grid. */
static double energy(const ritz_box *box, const double *u) {
  const double *east = box->east, *south = box->south;
  double sum = 0;
  for (ritz_index i = 0; i <= box->n0; i++)
    for (ritz_index j = 0; j <= box->n1; j++) {
      const ritz_index k = i * box->row + j;
      if (i > 0) sum += east[k] * pow(u[k + 1] - u[k], 2);
      if (j > 0) sum += south[k] * pow(u[k + box->row] - u[k], 2);
    }
  return sum;
}

/* Of the Laplacian and f = 1 the guess has the next coarser grid's error: of first order in energy,
 * so its square falls by four from grid to grid. */
static void first_guesses_are_as_good_as_the_coarser_grid(void **state) {
  double before = 0;
  for (ritz_index n = 15; n <= 127; n = 2 * n + 1) {
    hierarchy h = hierarchy_make(n, n, 0, RITZ_CYCLE_V, 2, 1);
    double *b, *x, *u, *r, dot;
    double *const blocks[] = {field(&h, 0, &b), field(&h, 0, &x), field(&h, 0, &u),
                              field(&h, 0, &r)};
    for (ritz_index i = 1; i <= n; i++)
      for (ritz_index j = 1; j <= n; j++) b[i * h.box->row + j] = 1;
    ritz_multigrid_start(h.multigrid, b, x);
    memcpy(blocks[3], blocks[0], (size_t)ritz_box_size(h.box) * sizeof *r);
    const double *east = h.box->east, *south = h.box->south;
    for (int cycle = 0; cycle < 12; cycle++) { /* u = A^-1 b */
      double *z;
      double *const block = field(&h, 0, &z);
      ritz_multigrid_cycle(h.multigrid, r, z, &dot);
      for (ritz_index i = 1; i <= n; i++)
        for (ritz_index j = 1; j <= n; j++) u[i * h.box->row + j] += z[i * h.box->row + j];
      for (ritz_index i = 1; i <= n; i++)
        for (ritz_index j = 1; j <= n; j++) {
          const ritz_index k = i * h.box->row + j, w = h.box->row;
          r[k] = b[k] - (east[k] * (u[k] - u[k + 1]) + east[k - 1] * (u[k] - u[k - 1]) +
                         south[k] * (u[k] - u[k + w]) + south[k - w] * (u[k] - u[k - w]));
        }
      free(block);
    }
    const double whole = energy(h.box, u);
    for (ritz_index k = 0; k < n * h.box->row + n + 1; k++) x[k] -= u[k];
    const double error = energy(h.box, x) / whole;
    if (before > 0) assert_true(error < before / 3.5);
    before = error;
    for (int i = 0; i < 4; i++) free(blocks[i]);
    hierarchy_release(&h);
  }
  assert_true(before < 1e-3);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(cycles_are_symmetric_at_awkward_sizes),
      cmocka_unit_test(first_guesses_are_as_good_as_the_coarser_grid),
      cmocka_unit_test(thin_grids_are_solved_directly),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
