/* SPDX-License-Identifier: BSD-3-Clause
 * Sparse matrices of stencils and of elements on grids. */
#include <math.h>
#include <ritz/sparse.h>
#include <string.h>

#include "allocations.h"
#include "core/fail.h"
#include "five_point.h"
#include "solvers/sparse/sparse.h"
#include "support.h"

static void stencils_know_their_neighbours(void **state) {
  static const struct {
    int dim, points;
    ritz_index n[3];
  } cases[] = {{1, 3, {5}}, {2, 5, {4, 3}}, {2, 9, {3, 5}}, {3, 7, {3, 4, 3}}, {3, 27, {4, 3, 5}}};
  for (size_t s = 0; s < sizeof cases / sizeof *cases; s++)
    for (int wrap = 0; wrap < 2; wrap++) {
      const int dim = cases[s].dim, points = cases[s].points;
      ritz_sparse_grid grid = {.dim = dim, .length = {1, 1, 1}};
      ritz_index nodes = 1;
      for (int d = 0; d < dim; d++) nodes *= grid.nodes[d] = cases[s].n[d];
      const bool periodic[] = {wrap, wrap, wrap};
      double c[60 * 27], x[60], y[60];
      fill_uniform(2, nodes * points, c);
      fill_uniform(3, nodes, x);
      ritz_sparse *a;
      assert_ok(ritz_sparse_from_stencil(RITZ_REAL_DOUBLE, &grid, points, periodic, c, &a));
      ritz_sparse_apply(a, x, y);
      for (ritz_index node = 0; node < nodes; node++) {
        ritz_index at[3], rest = node;
        for (int d = dim - 1; d >= 0; d--) at[d] = rest % grid.nodes[d], rest /= grid.nodes[d];
        double sum = 0;
        int p = 0;
        const int all = dim == 1 ? 3 : dim == 2 ? 9 : 27;
        for (int o = 0; o < all; o++) {
          int offset[3], q = o, away = 0;
          for (int d = dim - 1; d >= 0; d--) offset[d] = q % 3 - 1, q /= 3, away += offset[d] != 0;
          if (points == 2 * dim + 1 && away > 1) continue;
          ritz_index other = 0;
          bool inside = true;
          for (int d = 0; d < dim; d++) {
            ritz_index i = at[d] + offset[d];
            if (i < 0 || i >= grid.nodes[d]) inside = inside && wrap;
            i = (i + grid.nodes[d]) % grid.nodes[d];
            other = other * grid.nodes[d] + i;
          }
          if (inside) sum += c[node * points + p] * x[other];
          p++;
        }
        assert_near(y[node], sum, 1e-13);
      }
      ritz_sparse_destroy(&a);
    }
  ritz_sparse *a;
  const ritz_sparse_grid grid = {.dim = 2, .nodes = {3, 3}, .length = {1, 1}};
  assert_int_equal(ritz_sparse_from_stencil(RITZ_REAL_DOUBLE, &grid, 7, NULL, NULL, &a),
                   RITZ_ERR_ARGUMENT);
  assert_message_contains("7 points in 2 axes");
}

static void stars_are_the_five_point_scheme(void **state) {
  enum { n = 11 };
  five_point f = {.n = n, .k = malloc((n + 2) * (n + 2) * sizeof(double))};
  five_point_fill(&f, 3);
  uint8_t kind[(n + 2) * (n + 2)];
  for (int i = 0; i < n + 2; i++)
    for (int j = 0; j < n + 2; j++)
      kind[i * (n + 2) + j] = i % (n + 1) == 0 || j % (n + 1) == 0 ? 2 : 1;
  const ritz_elements problem = {
      .grid = {.dim = 2, .nodes = {n + 2, n + 2}, .length = {1, 1}, .kind = kind}, .a = f.k};
  double x[n * n], y[n * n], z[n * n];
  ritz_sparse *a;
  assert_ok(ritz_sparse_from_elements(RITZ_REAL_DOUBLE, &problem, NULL, &a));
  fill_uniform(1, n * n, x);
  ritz_sparse_apply(a, x, y);
  five_point_apply(&f, x, z);
  assert_true(relative_error(n * n, y, z) < 1e-14);
  ritz_sparse_destroy(&a);
  free(f.k);
}

/* Two nodes at distance 1/2 with a = 1 and 3: the flux between them is mean(a) / h. */
static void means_are_arithmetic_or_harmonic(void **state) {
  const double a[] = {1, 3};
  ritz_elements problem = {.grid = {.dim = 1, .nodes = {2}, .length = {0.5}}, .a = a};
  for (int mean = 0; mean < 2; mean++) {
    ritz_sparse *m;
    problem.mean = mean ? RITZ_MEAN_HARMONIC : RITZ_MEAN_ARITHMETIC;
    assert_ok(ritz_sparse_from_elements(RITZ_REAL_DOUBLE, &problem, NULL, &m));
    assert_near(((const double *)m->values)[1], mean ? -3 : -4, 1e-15);
    ritz_sparse_destroy(&m);
  }
  ritz_sparse *m;
  problem.element = RITZ_ELEMENT_P1; /* elements interpolate the coefficient */
  assert_int_equal(ritz_sparse_from_elements(RITZ_REAL_DOUBLE, &problem, NULL, &m),
                   RITZ_ERR_ARGUMENT);
  assert_message_contains("harmonic");
}

/* A smooth map of the cube without symmetry. */
static void map(int dim, const double t[3], double x[3]) {
  for (int d = 0; d < dim; d++)
    x[d] = t[d] + 0.08 * sin(3 * t[0] + d) * cos(2 * t[dim - 1] - d) + 0.1 * d * t[0];
}

/* Dirichlet values of a linear function on the boundary: elements find it exactly on any mesh, the
 * star on boxes. The residual of the exact values is then zero. */
static void linear_functions_are_exact(void **state) {
  for (ritz_element element = RITZ_ELEMENT_STAR; element <= RITZ_ELEMENT_Q1; element++)
    for (int dim = 1; dim <= 3; dim++)
      for (int mapped = 0; mapped < (element == RITZ_ELEMENT_STAR ? 1 : 2); mapped++) {
        enum { n = 6 };
        static double points[n * n * n][3], g[n * n * n], rhs[n * n * n], x[n * n * n],
            y[n * n * n];
        static uint8_t kind[n * n * n];
        double flat[3 * n * n * n];
        ritz_sparse_grid grid = {.dim = dim, .kind = kind};
        ritz_index nodes = 1, unknowns = 0;
        for (int d = 0; d < dim; d++) nodes *= grid.nodes[d] = n, grid.length[d] = 1;
        for (ritz_index p = 0; p < nodes; p++) {
          double t[3] = {0};
          ritz_index rest = p;
          kind[p] = RITZ_GRID_UNKNOWN;
          for (int d = dim - 1; d >= 0; d--, rest /= n) {
            t[d] = (double)(rest % n) / (n - 1);
            if (rest % n == 0 || rest % n == n - 1) kind[p] = RITZ_GRID_PRESCRIBED;
          }
          memcpy(points[p], t, sizeof t);
          if (mapped) map(dim, t, points[p]);
          g[p] = 1;
          for (int d = 0; d < dim; d++) {
            g[p] += (d + 0.5) * points[p][d];
            flat[p * dim + d] = points[p][d];
          }
          if (kind[p] == RITZ_GRID_UNKNOWN) x[unknowns++] = g[p];
        }
        if (mapped) grid.points = flat;
        const ritz_elements problem = {.grid = grid, .element = element, .g = g};
        ritz_sparse *a;
        assert_ok(ritz_sparse_from_elements(RITZ_REAL_DOUBLE, &problem, rhs, &a));
        assert_int_equal(ritz_sparse_describe(a).rows, unknowns);
        ritz_sparse_apply(a, x, y);
        for (ritz_index i = 0; i < unknowns; i++) assert_near(y[i], rhs[i], 2e-13);
        ritz_sparse_destroy(&a);
      }
}

/* Row sums of the mass matrix and the load of f = 1 are the volume; K is symmetric with the
 * constants in its kernel, cut-out nodes or not. */
static void volumes_and_constants_are_right(void **state) {
  enum { n = 7 };
  for (ritz_element element = RITZ_ELEMENT_STAR; element <= RITZ_ELEMENT_Q1; element++)
    for (int cut = 0; cut < 2; cut++) {
      uint8_t kind[n * n];
      double ones[n * n], a[n * n], x[n * n], y[n * n], rhs[n * n];
      for (int i = 0; i < n * n; i++) {
        ones[i] = 1, a[i] = 2 + sin(i);
        kind[i] = cut && i / n > 3 && i % n > 3 ? RITZ_GRID_OUTSIDE : RITZ_GRID_UNKNOWN;
      }
      ritz_elements problem = {.grid = {.dim = 2, .nodes = {n, n}, .length = {2, 3}, .kind = kind},
                               .element = element,
                               .a = a,
                               .f = ones};
      ritz_sparse *m;
      assert_ok(ritz_sparse_from_elements(RITZ_REAL_DOUBLE, &problem, rhs, &m));
      const ritz_index rows = ritz_sparse_describe(m).rows;
      ritz_sparse_apply(m, ones, y);
      double volume = 0, xy = 0, yx = 0, z[n * n];
      for (ritz_index i = 0; i < rows; i++) {
        assert_near(y[i], 0, 1e-13);
        volume += rhs[i];
      }
      assert_near(volume, cut ? 6 - 6.0 * 9 / 36 : 6, 1e-13);
      fill_uniform(4, rows, x);
      ritz_sparse_apply(m, x, y);
      fill_uniform(5, rows, rhs);
      ritz_sparse_apply(m, rhs, z);
      for (ritz_index i = 0; i < rows; i++) xy += rhs[i] * y[i], yx += z[i] * x[i];
      assert_near(xy, yx, 1e-13);
      problem.c = ones;
      assert_ok(ritz_sparse_elements_update(m, &problem, NULL));
      ritz_sparse_apply(m, ones, y);
      double mass = 0;
      for (ritz_index i = 0; i < rows; i++) mass += y[i];
      assert_near(mass, volume, 1e-13);
      problem.element = (ritz_element)((element + 1) % 3);
      assert_int_equal(ritz_sparse_elements_update(m, &problem, NULL), RITZ_ERR_SHAPE);
      ritz_sparse_destroy(&m);
    }
}

static void bad_grids_are_named(void **state) {
  double points[] = {0, 0, 0, 1, 1, 0, -1, -1}; /* of [2, 2] nodes, the last corner folded over */
  ritz_sparse *a;
  ritz_elements problem = {.grid = {.dim = 2, .nodes = {2, 2}, .length = {1, 1}, .points = points},
                           .element = RITZ_ELEMENT_Q1};
#define REFUSED(text)                                                               \
  assert_int_equal(ritz_sparse_from_elements(RITZ_REAL_DOUBLE, &problem, NULL, &a), \
                   RITZ_ERR_ARGUMENT);                                              \
  assert_message_contains(text);                                                    \
  assert_null(a)
  REFUSED("inside out");
  problem.element = RITZ_ELEMENT_STAR;
  REFUSED("box grid");
  problem.grid.points = NULL;
  problem.grid.nodes[1] = 1;
  REFUSED("axis 1");
  problem.grid.nodes[1] = PTRDIFF_MAX; /* twice that wraps round to -2 */
  REFUSED("axis 1");
  problem.grid.dim = 4;
  REFUSED("4 axes");
#undef REFUSED
}

static ritz_status make_transposable(const ritz_elements *problem, ritz_sparse **a) {
  RITZ_TRY(ritz_sparse_from_elements(RITZ_REAL_DOUBLE, problem, NULL, a));
  return ritz_sparse_plan_transposed(*a);
}

static void survives_every_failed_allocation(void **state) {
  const ritz_elements problem = {.grid = {.dim = 2, .nodes = {4, 4}, .length = {1, 1}}};
  ritz_sparse *a;
  long k = 0;
  for (; memory_fails(k, make_transposable(&problem, &a)); k++) ritz_sparse_destroy(&a);
  ritz_sparse_destroy(&a);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(stencils_know_their_neighbours),
      cmocka_unit_test(stars_are_the_five_point_scheme),
      cmocka_unit_test(means_are_arithmetic_or_harmonic),
      cmocka_unit_test(linear_functions_are_exact),
      cmocka_unit_test(volumes_and_constants_are_right),
      cmocka_unit_test(bad_grids_are_named),
      cmocka_unit_test(survives_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
