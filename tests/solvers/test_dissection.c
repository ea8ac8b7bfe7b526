/* SPDX-License-Identifier: BSD-3-Clause
 * The direct solver for grids, and the kernels under it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "allocations.h"
#include "kernels/solver_kernels.h"
#include "solvers/sparse/dissection.h"
#include "support.h"

/* A matrix of a grid with neighbours in all directions, and where its unknowns are. */
typedef struct problem {
  int dim;
  ritz_index n;
  int32_t *place;
  ritz_sparse *matrix;
} problem;

/* Random couplings of `points` neighbours; nodes of the mask are left out. The diagonal makes it
 * dominant for shift 1, indefinite for shift 0. */
static problem make(int dim, const ritz_index *nodes, int points, bool masked, double shift) {
  problem p = {.dim = dim};
  ritz_index count = 1;
  ritz_sparse_grid grid = {.dim = dim};
  for (int a = 0; a < dim; a++) {
    grid.nodes[a] = nodes[a];
    grid.length[a] = 1;
    count *= nodes[a];
  }
  uint8_t *kind = calloc((size_t)count, 1);
  double *c = calloc((size_t)(count * points), sizeof *c);
  p.place = calloc((size_t)(count * dim), sizeof *p.place);
  fill_uniform(3, count * points, c);
  for (ritz_index k = 0; k < count; k++) {
    const ritz_index i = k / (count / nodes[0]);
    kind[k] = masked && i == nodes[0] / 2 && k % 7 != 1 ? RITZ_GRID_OUTSIDE : RITZ_GRID_UNKNOWN;
    c[k * points + points / 2] += shift * points;
    if (kind[k] != RITZ_GRID_UNKNOWN) continue;
    ritz_index rest = k;
    for (int a = dim - 1; a >= 0; rest /= nodes[a--])
      p.place[p.n * dim + a] = (int32_t)(rest % nodes[a]);
    p.n++;
  }
  grid.kind = kind;
  assert_ok(ritz_sparse_from_stencil(RITZ_REAL_DOUBLE, &grid, points, NULL, c, &p.matrix));
  free(kind);
  free(c);
  return p;
}

static void check(const problem *p, double tolerance) {
  ritz_dissection *d;
  ritz_dissection_factors *f;
  const size_t size = (size_t)p->n;
  double *x = calloc(size + 1, sizeof *x), *b = calloc(size + 1, sizeof *b),
         *solved = calloc(size + 1, sizeof *solved);
  assert_ok(ritz_dissection_create(p->matrix, p->dim, p->place, &d));
  assert_ok(ritz_dissection_factors_create(d, &f));
  assert_true(p->n == 0 || ritz_dissection_flops(d) > ritz_dissection_solve_flops(d) / 3);
  for (int again = 0; again < 2; again++) { /* factors are replaced */
    double *values = ritz_sparse_describe(p->matrix).values;
    for (ritz_index e = 0; e < ritz_sparse_describe(p->matrix).entries; e++) values[e] *= 1 + again;
    assert_true(ritz_dissection_factor(f, values));
    fill_uniform(9, p->n, x);
    ritz_sparse_apply(p->matrix, x, b);
    assert_int_equal(ritz_dissection_solve(f, b, solved), 0);
    assert_near(relative_error(p->n, solved, x), 0, tolerance);
  }
  ritz_dissection_factors_destroy(&f);
  ritz_dissection_destroy(&d);
  assert_null(d);
  free(x);
  free(b);
  free(solved);
}

static void grids_are_solved(void **state) {
  static const ritz_index n[][3] = {{2, 2, 2},  {3, 3, 3},   {7, 5, 4},  {16, 3, 2},
                                    {2, 41, 3}, {23, 29, 2}, {12, 11, 9}};
  static const int stars[] = {0, 3, 5, 7}, boxes[] = {0, 3, 9, 27};
  for (size_t i = 0; i < sizeof n / sizeof *n; i++)
    for (int dim = 1; dim <= 3; dim++)
      for (int all = 0; all < 2; all++)
        for (int masked = 0; masked < 2; masked++) {
          problem p = make(dim, n[i], all ? boxes[dim] : stars[dim], masked, 1);
          check(&p, 1e-11);
          ritz_sparse_destroy(&p.matrix);
          free(p.place);
        }
}

/* Pivots are exchanged within blocks only; digits are lost, most stay. */
static void indefinite_matrices_are_solved(void **state) {
  problem p = make(2, (ritz_index[]){40, 37}, 5, false, 0.25);
  check(&p, 1e-6);
  ritz_sparse_destroy(&p.matrix);
  free(p.place);
}

static void singular_matrices_are_told(void **state) {
  problem p = make(2, (ritz_index[]){9, 9}, 5, false, 1);
  const ritz_sparse_parts parts = ritz_sparse_describe(p.matrix);
  ritz_dissection *d;
  ritz_dissection_factors *f;
  assert_ok(ritz_dissection_create(p.matrix, 2, p.place, &d));
  assert_ok(ritz_dissection_factors_create(d, &f));
  for (ritz_index e = parts.start[40]; e < parts.start[41]; e++) ((double *)parts.values)[e] = 0;
  assert_false(ritz_dissection_factor(f, parts.values));
  ((double *)parts.values)[parts.start[40]] = NAN;
  assert_false(ritz_dissection_factor(f, parts.values));
  ritz_dissection_factors_destroy(&f);
  ritz_dissection_destroy(&d);
  ritz_sparse_destroy(&p.matrix);
  free(p.place);
}

static void other_patterns_are_refused(void **state) {
  static const ritz_index row[] = {0, 1, 0}, column[] = {0, 1, 1};
  static const double one[] = {1, 1, 1};
  static const int32_t near[] = {0, 1}, far[] = {0, 2};
  ritz_sparse *a;
  ritz_dissection *d;
  assert_ok(ritz_sparse_from_entries(RITZ_REAL_DOUBLE, 2, 2, 3, row, column, one, &a));
  assert_int_equal(ritz_dissection_create(a, 1, near, &d), RITZ_ERR_ARGUMENT);
  assert_message_contains("row 0 has an entry in column 1");
  ritz_sparse_destroy(&a);
  static const ritz_index both[] = {0, 1, 0, 1}, other[] = {0, 1, 1, 0};
  static const double four[] = {2, 2, 1, 1};
  assert_ok(ritz_sparse_from_entries(RITZ_REAL_DOUBLE, 2, 2, 4, both, other, four, &a));
  assert_int_equal(ritz_dissection_create(a, 1, far, &d), RITZ_ERR_ARGUMENT);
  assert_message_contains("no neighbours");
  assert_int_equal(ritz_dissection_create(a, 4, near, &d), RITZ_ERR_ARGUMENT);
  ritz_sparse_destroy(&a);
}

static void inverses_of_small_blocks(void **state) {
  for (int n = 1; n <= 16; n++) {
    double a[16][20], b[16][20], random[16 * 20];
    int regular;
    fill_uniform((uint32_t)n, 16 * 20, random);
    memcpy(a, random, sizeof a);
    a[0][0] = 0; /* wants an exchange, but of order 1 */
    if (n == 1) a[0][0] = 0.5;
    memcpy(b, a, sizeof b);
    ritz_solver_kernels_get(RITZ_FLOAT64)->invert(n, &b[0][0], 20, &regular);
    assert_true(regular);
    for (int i = 0; i < n; i++)
      for (int j = 0; j < n; j++) {
        double sum = 0;
        for (int k = 0; k < n; k++) sum += a[i][k] * b[k][j];
        assert_near(sum, i == j, 1e-11);
      }
    assert_true(b[n - 1][n] == a[n - 1][n]); /* what stands beside the block stays */
  }
}

static void every_failed_allocation_is_survived(void **state) {
  problem p = make(2, (ritz_index[]){12, 9}, 5, false, 1);
  ritz_dissection *d;
  ritz_dissection_factors *f;
  long k = 0;
  while (creation_fails(k, d, ritz_dissection_create(p.matrix, 2, p.place, &d))) k++;
  k = 0;
  while (creation_fails(k, f, ritz_dissection_factors_create(d, &f))) k++;
  ritz_dissection_factors_destroy(&f);
  ritz_dissection_destroy(&d);
  ritz_sparse_destroy(&p.matrix);
  free(p.place);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(grids_are_solved),
      cmocka_unit_test(indefinite_matrices_are_solved),
      cmocka_unit_test(singular_matrices_are_told),
      cmocka_unit_test(other_patterns_are_refused),
      cmocka_unit_test(inverses_of_small_blocks),
      cmocka_unit_test(every_failed_allocation_is_survived),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
