/* SPDX-License-Identifier: BSD-3-Clause
 * Chebyshev-filtered subspace iteration and its parts, against LAPACK and formulas. */
#include <lapacke.h>
#include <math.h>
#include <ritz/random.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "kernels/solver_kernels.h"
#include "solvers/eigen/block.h"
#include "solvers/eigen/subspace.h"
#include "solvers/eigen/symmetric.h"
#include "support.h"

static const double pi = 3.14159265358979323846;

static ritz_random stream(uint32_t number) { return (ritz_random){7, RITZ_RANDOM_TEST, number}; }

/* Small matrices ------------------------------------------------------------------------------ */

static void small_matrices_have_the_eigenpairs_of_lapack(void **state) {
  static const int sizes[] = {1, 2, 3, 7, 16, 41};
  for (int k = 0; k < 6; k++) {
    const int m = sizes[k], ld = m + 3;
    double a[41 * 44], b[41 * 41], v[41 * 44], value[41], reference[41], normals[41 * 41];
    ritz_index order[41];
    ritz_random_normals(stream((uint32_t)k), 0, m * m, normals);
    for (int i = 0; i < m; i++)
      for (int j = 0; j < m; j++)
        a[i * ld + j] = b[i * m + j] = normals[i * m + j] + normals[j * m + i];
    assert_int_equal(LAPACKE_dsyev(LAPACK_ROW_MAJOR, 'N', 'U', m, b, m, reference), 0);
    ritz_symmetric_eigen(m, ld, a, v, value, order);
    for (int l = 0; l < m; l++) {
      assert_near(value[l], reference[l], 1e-13 * m);
      for (int i = 0; i < m; i++) {
        double sum = 0, dot = 0;
        for (int j = 0; j < m; j++) {
          sum += (normals[i * m + j] + normals[j * m + i]) * v[j * ld + l];
          dot += v[j * ld + i] * v[j * ld + l];
        }
        assert_near(sum, value[l] * v[i * ld + l], 1e-13 * m);
        assert_near(dot, i == l, 1e-13);
      }
    }
  }
}

/* Blocks -------------------------------------------------------------------------------------- */

static void check_orthonormal(ritz_index n, ritz_index m, const double *x) {
  const ritz_index ld = ritz_block_ld(m);
  for (ritz_index a = 0; a < m; a++)
    for (ritz_index b = 0; b < m; b++) {
      double dot = 0;
      for (ritz_index i = 0; i < n; i++) dot += x[i * ld + a] * x[i * ld + b];
      assert_near(dot, a == b, 1e-13);
    }
}

/* Columns 1, x, x^2, ...: dependent to 1e-16 from the sixteenth on. */
static void powers_become_orthonormal(void **state) {
  static const ritz_index sizes[][2] = {{5, 1}, {64, 3}, {131, 8}, {200, 20}};
  for (int k = 0; k < 4; k++) {
    const ritz_index n = sizes[k][0], m = sizes[k][1], ld = ritz_block_ld(m);
    ritz_block *block;
    double *x, *g, *t;
    assert_ok(ritz_block_create(n, m, &block));
    assert_ok(RITZ_NEW(n * ld, &x));
    assert_ok(RITZ_NEW(m * ld, &g));
    assert_ok(RITZ_NEW(m * ld, &t));
    for (ritz_index i = 0; i < n; i++)
      for (ritz_index j = 0; j < m; j++)
        x[i * ld + j] = pow((double)(i + 1) / (double)n, (double)j) * pow(10, (double)(j % 5));
    assert_true(ritz_block_orthonormalize(block, x, g, t));
    check_orthonormal(n, m, x);
    double sum = 0; /* the first column is constant still */
    for (ritz_index i = 0; i < n; i++) sum += x[i * ld] / sqrt((double)n);
    assert_near(fabs(sum), 1, 1e-6);
    ritz_free(x);
    ritz_free(g);
    ritz_free(t);
    ritz_block_destroy(&block);
  }
}

static void a_column_of_zeros_is_refused(void **state) {
  double x[8 * 8] = {0}, g[2 * 8], t[2 * 8];
  ritz_block *block;
  assert_ok(ritz_block_create(8, 2, &block));
  for (int i = 0; i < 8; i++) x[8 * i] = 1;
  assert_false(ritz_block_orthonormalize(block, x, g, t));
  for (int i = 0; i < 8; i++) x[8 * i + 1] = NAN;
  assert_false(ritz_block_orthonormalize(block, x, g, t));
  ritz_block_destroy(&block);
}

/* Five points of -div(a grad) + q on n0 x n1 inner nodes, a and q smooth. */
static ritz_sparse *make_matrix(ritz_index n0, ritz_index n1, double contrast) {
  const ritz_sparse_grid grid = {.dim = 2, .nodes = {n0, n1}, .length = {1, 1}};
  double *c;
  ritz_sparse *out;
  assert_ok(RITZ_NEW(5 * n0 * n1, &c));
  for (ritz_index i = 0; i < n0; i++)
    for (ritz_index j = 0; j < n1; j++) {
      static const double place[4][2] = {{-0.5, 0}, {0, -0.5}, {0, 0.5}, {0.5, 0}};
      double *row = c + 5 * (i * n1 + j);
      for (int e = 0; e < 4; e++) {
        const double x = ((double)i + 1 + place[e][0]) / (double)(n0 + 1);
        const double y = ((double)j + 1 + place[e][1]) / (double)(n1 + 1);
        const double h = e == 0 || e == 3 ? 1.0 / (double)(n0 + 1) : 1.0 / (double)(n1 + 1);
        const double a = exp(contrast * sin(3 * x + 2 * y + 1)) / (h * h);
        row[e < 2 ? e : e + 1] = -a;
        row[2] += a;
      }
    }
  assert_ok(ritz_sparse_from_stencil(RITZ_REAL_DOUBLE, &grid, 5, NULL, c, &out));
  ritz_free(c);
  return out;
}

static void products_with_blocks_are_products(void **state) {
  for (ritz_index columns = 1; columns < 50; columns += 6) {
    ritz_sparse *matrix = make_matrix(5, 7, 1);
    const ritz_sparse_parts a = ritz_sparse_describe(matrix);
    const ritz_index ld = columns + 2;
    double x[35 * 52], y[35 * 52], before[35 * 52];
    ritz_random_normals(stream(1), 0, 35 * ld, x);
    ritz_random_normals(stream(2), 0, 35 * ld, y);
    memcpy(before, y, sizeof y);
    for (int pass = 0; pass < 2; pass++) {
      const double beta = pass ? 0 : -0.3;
      ritz_solver_kernels_get(RITZ_FLOAT64)
          ->sparse_block(35, a.start, a.column, a.values, columns, ld, 0.5, 2, beta, x, y);
      for (ritz_index i = 0; i < 35; i++)
        for (ritz_index c = 0; c < ld; c++) {
          double sum = -2 * x[i * ld + c];
          for (ritz_index e = a.start[i]; e < a.start[i + 1]; e++)
            sum += ((const double *)a.values)[e] * x[a.column[e] * ld + c];
          const double want =
              c < columns ? 0.5 * sum + beta * before[i * ld + c] : before[i * ld + c];
          assert_near(y[i * ld + c], want, 1e-10);
        }
      for (ritz_index i = 0; pass == 0 && i < 35; i++) /* beta = 0 does not read it */
        for (ritz_index c = 0; c < columns; c++) y[i * ld + c] = NAN;
    }
    ritz_sparse_destroy(&matrix);
  }
}

/* Solves -------------------------------------------------------------------------------------- */

typedef struct solve {
  ritz_subspace *subspace;
  double value[64], residual[64];
  ritz_solve_report report;
} solve;

static void create(ritz_index n, ritz_index pairs, ritz_index guard, solve *s) {
  const ritz_subspace_options o = {.n = n,
                                   .pairs = pairs,
                                   .guard = guard,
                                   .degree = n % 2 ? 11 : 0,
                                   .tolerance = 1e-9,
                                   .floor = 1e-300,
                                   .max_iterations = 200};
  assert_ok(ritz_subspace_create(&o, &s->subspace));
}

static void start_anywhere(ritz_index n, ritz_index width, solve *s) {
  ritz_index ld;
  double *x = ritz_subspace_vectors(s->subspace, &ld);
  for (ritz_index i = 0; i < n; i++)
    ritz_random_normals(stream(9), (uint64_t)(i * width), width, x + i * ld);
}

/* Lowest values of the whole matrix by LAPACK, and true residuals of the pairs. */
static void check_pairs(const ritz_sparse *matrix, ritz_index pairs, const solve *s) {
  const ritz_sparse_parts a = ritz_sparse_describe(matrix);
  const ritz_index n = a.rows;
  double *dense, *value, *product;
  int found, *support;
  ritz_index ld;
  const double *x = ritz_subspace_vectors(s->subspace, &ld);
  assert_ok(RITZ_NEW(n * n, &dense));
  assert_ok(RITZ_NEW(n, &value));
  assert_ok(RITZ_NEW(n, &product));
  assert_ok(RITZ_NEW(2 * n, &support));
  for (ritz_index i = 0; i < n; i++)
    for (ritz_index e = a.start[i]; e < a.start[i + 1]; e++)
      dense[i * n + a.column[e]] = ((const double *)a.values)[e];
  assert_int_equal(LAPACKE_dsyevr(LAPACK_ROW_MAJOR, 'N', 'I', 'U', (int)n, dense, (int)n, 0, 0, 1,
                                  (int)pairs, 0, &found, value, NULL, (int)n, support),
                   0);
  for (ritz_index l = 0; l < pairs; l++) {
    double square = 0, norm = 0;
    assert_near(s->value[l], value[l], 1e-9 * value[l]);
    for (ritz_index i = 0; i < n; i++) {
      double r = -s->value[l] * x[i * ld + l];
      for (ritz_index e = a.start[i]; e < a.start[i + 1]; e++)
        r += ((const double *)a.values)[e] * x[a.column[e] * ld + l];
      square += r * r;
      norm += x[i * ld + l] * x[i * ld + l];
    }
    assert_near(norm, 1, 1e-12);
    assert_true(s->residual[l] <= 1e-9);
    assert_near(s->residual[l], sqrt(square) / s->value[l], 1e-11);
  }
  ritz_free(dense);
  ritz_free(value);
  ritz_free(product);
  ritz_free(support);
}

static void pairs_are_those_of_lapack(void **state) {
  static const ritz_index cases[][4] = {
      {13, 11, 1, 1}, {13, 11, 5, 3}, {16, 9, 12, 4}, {4, 3, 5, 7}, {5, 2, 2, 2}};
  for (int k = 0; k < 5; k++) {
    const ritz_index n = cases[k][0] * cases[k][1], pairs = cases[k][2], guard = cases[k][3];
    ritz_sparse *matrix = make_matrix(cases[k][0], cases[k][1], 0.7);
    solve s;
    create(n, pairs, guard, &s);
    start_anywhere(n, pairs + guard, &s);
    ritz_subspace_solve(s.subspace, matrix, s.value, s.residual, &s.report);
    assert_int_equal(s.report.reason, RITZ_SOLVE_CONVERGED);
    check_pairs(matrix, pairs, &s);
    ritz_subspace_destroy(&s.subspace);
    ritz_sparse_destroy(&matrix);
  }
}

/* a = 1: 4 / h^2 (sin^2(pi k h / 2) + sin^2(pi l h / 2)), with pairs of equal values. */
static void equal_values_are_found_as_often_as_they_are(void **state) {
  enum { n = 15, pairs = 11 };
  ritz_sparse *matrix = make_matrix(n, n, 0);
  solve s;
  create(n * n, pairs, 5, &s);
  start_anywhere(n * n, pairs + 5, &s);
  ritz_subspace_solve(s.subspace, matrix, s.value, s.residual, &s.report);
  assert_int_equal(s.report.reason, RITZ_SOLVE_CONVERGED);
  static const int mode[pairs][2] = {{1, 1}, {1, 2}, {2, 1}, {2, 2}, {1, 3}, {3, 1},
                                     {2, 3}, {3, 2}, {1, 4}, {4, 1}, {3, 3}};
  for (int l = 0; l < pairs; l++) {
    const double h = 1.0 / (n + 1), a = sin(pi * mode[l][0] * h / 2),
                 b = sin(pi * mode[l][1] * h / 2);
    assert_near(s.value[l], 4 * (a * a + b * b) / (h * h), 1e-7);
  }
  ritz_subspace_destroy(&s.subspace);
  ritz_sparse_destroy(&matrix);
}

static void a_near_matrix_is_solved_sooner(void **state) {
  ritz_sparse *first = make_matrix(20, 20, 0.5), *next = make_matrix(20, 20, 0.51);
  solve warm, cold;
  create(400, 8, 4, &warm);
  create(400, 8, 4, &cold);
  start_anywhere(400, 12, &warm);
  start_anywhere(400, 12, &cold);
  ritz_subspace_solve(warm.subspace, first, warm.value, warm.residual, &warm.report);
  ritz_subspace_solve(warm.subspace, next, warm.value, warm.residual, &warm.report);
  ritz_subspace_solve(cold.subspace, next, cold.value, cold.residual, &cold.report);
  assert_true(warm.report.iterations < cold.report.iterations);
  assert_true(warm.report.products < cold.report.products);
  assert_true(warm.report.initial_residual < 0.1 * cold.report.initial_residual);
  for (int l = 0; l < 8; l++) assert_near(warm.value[l], cold.value[l], 1e-8 * cold.value[l]);
  ritz_subspace_destroy(&warm.subspace);
  ritz_subspace_destroy(&cold.subspace);
  ritz_sparse_destroy(&first);
  ritz_sparse_destroy(&next);
}

static void failures_say_so(void **state) {
  ritz_sparse *matrix = make_matrix(9, 9, 0.5);
  solve s;
  create(81, 3, 2, &s); /* the vectors are zeros */
  ritz_subspace_solve(s.subspace, matrix, s.value, s.residual, &s.report);
  assert_int_equal(s.report.reason, RITZ_SOLVE_BREAKDOWN);
  assert_true(s.report.residual == 1 && s.residual[2] == 1 && s.value[0] == 0);
  ritz_subspace_destroy(&s.subspace);
  const ritz_subspace_options good = {.n = 81,
                                      .pairs = 3,
                                      .guard = 2,
                                      .degree = 4,
                                      .tolerance = 1e-12,
                                      .floor = 1,
                                      .max_iterations = 1};
  ritz_subspace_options o = good;
  assert_ok(ritz_subspace_create(&o, &s.subspace));
  start_anywhere(81, 5, &s);
  ritz_subspace_solve(s.subspace, matrix, s.value, s.residual, &s.report);
  assert_int_equal(s.report.reason, RITZ_SOLVE_MAX_ITERATIONS);
  assert_int_equal(s.report.iterations, 1);
  assert_true(s.report.residual > 1e-12);
  ritz_subspace_destroy(&s.subspace);
  o.guard = 79;
  assert_int_equal(ritz_subspace_create(&o, &s.subspace), RITZ_ERR_ARGUMENT);
  assert_message_contains("order 81");
  o = good, o.floor = 0;
  assert_int_equal(ritz_subspace_create(&o, &s.subspace), RITZ_ERR_ARGUMENT);
  o = good, o.degree = -1;
  assert_int_equal(ritz_subspace_create(&o, &s.subspace), RITZ_ERR_ARGUMENT);
  assert_null(s.subspace);
  ritz_sparse_destroy(&matrix);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(small_matrices_have_the_eigenpairs_of_lapack),
      cmocka_unit_test(powers_become_orthonormal),
      cmocka_unit_test(a_column_of_zeros_is_refused),
      cmocka_unit_test(products_with_blocks_are_products),
      cmocka_unit_test(pairs_are_those_of_lapack),
      cmocka_unit_test(equal_values_are_found_as_often_as_they_are),
      cmocka_unit_test(a_near_matrix_is_solved_sooner),
      cmocka_unit_test(failures_say_so),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
