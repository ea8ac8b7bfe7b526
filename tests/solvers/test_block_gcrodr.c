/* SPDX-License-Identifier: BSD-3-Clause
 * Block GMRES and block GCRO-DR: what a cycle promises, and what blocks and spaces save. */
#include "block_solver.h"
#include "five_point.h"

static double dot(int n, const double *x, const double *y) {
  double sum = 0;
  for (int i = 0; i < n; i++) sum += x[i] * y[i];
  return sum;
}

/* Invariants after an update ------------------------------------------------------------------*/

/* A U = C F, C* C = I, and the true residuals are orthogonal to C: they are the least over a space
 * that C is part of. */
static void check_update(const ritz_recycle *space, matrix *m, int count, const double *b,
                         const double *x) {
  double c[most], product[most];
  check_products(space, m, 1e-11, 1e-11);
  for (int j = 0; j < space->dimension; j++) {
    product_of(space, j, c);
    for (int l = 0; l < count; l++) {
      const double *bl = b + l * m->n;
      multiply(m, x + l * m->n, product);
      for (int i = 0; i < m->n; i++) product[i] = bl[i] - product[i];
      assert_true(fabs(dot(m->n, product, c)) <= 1e-11 * sqrt(dot(m->n, bl, bl)));
    }
  }
}

/* The state after each cycle of a first and of a second system: those before it are run again. */
static void every_update_keeps_the_invariants(void **state) {
  static const int counts[] = {1, 2, wide};
  static matrix m;
  static double b[wide * most], x[wide * most];
  ritz_solve_report reports[wide];
  for (int how = 0; how < 4; how++)
    for (int p = 0; p < 3; p++)
      for (int cycles = 1; cycles <= 3; cycles++) {
        const int n = 97, count = counts[p];
        ritz_krylov_options options = options_of("block_gcrodr", count);
        options.orthogonalization = how == 1 ? RITZ_ORTHOGONALIZE_MGS : RITZ_ORTHOGONALIZE_CGS2;
        options.side = how == 2 ? RITZ_LEFT : RITZ_RIGHT;
        options.qr = how == 3 ? RITZ_QR_GRAM_SCHMIDT : RITZ_QR_CHOLESKY;
        options.rtol = 1e-13;
        fill(&m, n, RITZ_REAL_DOUBLE, false, true);
        for (int system = 0; system < 2; system++) {
          fill_uniform(10 + (unsigned)system, count * n, b);
          options.max_iterations = system ? 5 * cycles : 8; /* a whole number of cycles */
          ritz_krylov *solver = solver_with(&options, &m);
          static ritz_recycle *space;
          if (system == 0) assert_ok(ritz_recycle_create(RITZ_REAL_DOUBLE, n, 3, &space));
          assert_ok(ritz_krylov_set_recycle(solver, space));
          for (int i = 0; i < n; i++) m.a[i][i] += 0.01 * (i % 5);
          assert_ok(ritz_krylov_solve_many(solver, count, b, x, reports));
          const double *history;
          const int steps = ritz_krylov_history(solver, &history);
          double worst = 0;
          for (int j = 0; j < count; j++) worst = fmax(worst, residual(&m, b + j * n, x + j * n));
          assert_int_equal(steps, options.max_iterations + 1);
          assert_near(history[steps - 1], worst, 1e-11);
          assert_in_range(ritz_recycle_dimension(space), 2, 3); /* a pair is never split */
          check_update(ritz_krylov_recycle(solver), &m, count, b, x);
          ritz_krylov_destroy(&solver);
          if (system == 1) ritz_recycle_destroy(&space);
        }
      }
}

/* One large eigenvalue makes the products of all directions nearly parallel. */
static void blocks_stay_orthonormal(void **state) {
  enum { n = 60 };
  static matrix m;
  double b[wide * n], x[wide * n], u[n];
  ritz_solve_report reports[wide];
  ritz_krylov_options options = options_of("block_gcrodr", wide);
  options.max_iterations = 8;
  fill(&m, n, RITZ_REAL_DOUBLE, false, true);
  fill_uniform(6, n, u);
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) m.a[i][j] += 1e6 * u[i] * u[j];
  fill_uniform(5, wide * n, b);
  ritz_krylov *solver = solver_with(&options, &m);
  assert_ok(ritz_krylov_solve_many(solver, wide, b, x, reports));
  const ritz_recycle *space = ritz_krylov_recycle(solver);
  static double c[3][most];
  assert_in_range(space->dimension, 2, 3);
  for (int j = 0; j < space->dimension; j++) product_of(space, j, c[j]);
  for (int j = 0; j < space->dimension; j++)
    for (int l = 0; l < space->dimension; l++) assert_near(dot(n, c[j], c[l]), j == l, 1e-13);
  ritz_krylov_destroy(&solver);
}

/* Residuals are the least there are -----------------------------------------------------------*/

/* r of each column becomes the least over b + A K, K the block Krylov space of m->n - free
 * directions. By Gram-Schmidt, twice, on A K. @return  The largest of r / size. */
static double least(matrix *m, int count, int steps, double *r, const double *size) {
  static double q[most][most], power[wide][most], next[most];
  int kept = 0;
  for (int j = 0; j < count; j++) memcpy(power[j], r + j * m->n, (size_t)m->n * sizeof *r);
  for (int s = 0; s < steps; s++)
    for (int j = 0; j < count; j++) {
      multiply(m, power[j], next);
      for (int turn = 0; turn < 2; turn++)
        for (int i = 0; i < kept; i++) {
          const double along = dot(m->n, q[i], next);
          for (int l = 0; l < m->n; l++) next[l] -= along * q[i][l];
        }
      const double length = sqrt(dot(m->n, next, next));
      for (int l = 0; l < m->n; l++) q[kept][l] = power[j][l] = next[l] / length;
      kept++;
    }
  double worst = 0;
  for (int j = 0; j < count; j++) {
    double *rj = r + j * m->n;
    for (int i = 0; i < kept; i++) {
      const double along = dot(m->n, q[i], rj);
      for (int l = 0; l < m->n; l++) rj[l] -= along * q[i][l];
    }
    worst = fmax(worst, sqrt(dot(m->n, rj, rj)) / size[j]);
  }
  return worst;
}

static void keeping_nothing_is_block_gmres(void **state) {
  enum { n = 80, count = 3, m_steps = 6 };
  static const char *const names[] = {"block_gmres", "block_gcrodr"};
  static matrix m;
  double b[count * n], x[2][count * n], r[count * n], size[count];
  fill(&m, n, RITZ_REAL_DOUBLE, false, true);
  fill_uniform(5, count * n, b);
  for (int j = 0; j < count; j++) size[j] = sqrt(dot(n, b + j * n, b + j * n));
  for (int k = 0; k < 2; k++) {
    ritz_krylov_options options = options_of(names[k], count);
    options.restart = m_steps, options.recycle = 0;
    ritz_krylov *solver = solver_with(&options, &m);
    ritz_solve_report reports[count];
    assert_ok(ritz_krylov_solve_many(solver, count, b, x[k], reports));
    const double *history;
    assert_true(ritz_krylov_history(solver, &history) > 2 * m_steps);
    memcpy(r, b, sizeof r);
    for (int cycle = 0; cycle < 2; cycle++) {
      double start[count * n];
      memcpy(start, r, sizeof r);
      for (int s = 1; s <= m_steps; s++) {
        memcpy(r, start, sizeof r);
        assert_near(history[cycle * m_steps + s], least(&m, count, s, r, size), 1e-10);
      }
    }
    ritz_krylov_destroy(&solver);
  }
  assert_memory_equal(x[0], x[1], sizeof x[0]);
}

/* A block of one does what the method for one does, with and without a space. */
static void one_column_is_gcrodr(void **state) {
  static matrix m;
  double _Complex b[most], x[2][most];
  for (ritz_scalar scalar = RITZ_REAL_FLOAT; scalar <= RITZ_COMPLEX_DOUBLE; scalar++)
    for (int recycle = 0; recycle <= 3; recycle += 3) {
      int iterations[2][3], products[2][3];
      for (int block = 0; block < 2; block++) {
        ritz_krylov_options options = options_of(block ? "block_gcrodr" : "gcrodr", wide);
        options.recycle = recycle, options.rtol = scalar % 2 ? 1e-9 : 2e-5;
        fill(&m, 83, scalar, false, false);
        ritz_krylov *solver = solver_with(&options, &m);
        for (int system = 0; system < 3; system++) {
          ritz_solve_report report;
          fill_vector(scalar, 83, 7 + (unsigned)system, b);
          for (int i = 0; i < 83; i++) m.a[i][i] += 0.01 * (i % 5);
          ritz_krylov_set_operator(solver, multiply, &m);
          if (block)
            assert_ok(ritz_krylov_solve_many(solver, 1, b, x[1], &report));
          else
            assert_ok(ritz_krylov_solve(solver, b, x[0], &report));
          assert_int_equal(report.reason, RITZ_SOLVE_CONVERGED);
          iterations[block][system] = report.iterations;
          products[block][system] = report.products;
        }
        ritz_krylov_destroy(&solver);
      }
      assert_memory_equal(iterations[0], iterations[1], sizeof iterations[0]);
      assert_memory_equal(products[0], products[1], sizeof products[0]);
    }
}

/* Sequences -----------------------------------------------------------------------------------*/

/* Products with A for eight right-hand sides of each of four matrices. */
static int products_of_sequence(const char *method, int block, int threads, double *x) {
  enum { n = 24, count = 8 };
  five_point a = {.n = n, .k = malloc((n + 2) * (n + 2) * sizeof(double))};
  static double b[count * n * n];
  ritz_krylov_options options = options_of(method, block);
  options.restart = 20, options.recycle = 10, options.rtol = 1e-8, options.threads = threads;
  options.max_iterations = 2000;
  ritz_krylov *solver;
  int products = 0;
  assert_ok(ritz_krylov_create(RITZ_REAL_DOUBLE, n * n, &options, &solver));
  for (int s = 0; s < 4; s++) {
    five_point_fill(&a, s);
    fill_uniform(50 + (unsigned)s, count * n * n, b);
    ritz_krylov_set_operator(solver, five_point_apply, &a);
    ritz_krylov_set_preconditioner(solver, five_point_jacobi, &a);
    ritz_solve_report reports[count];
    assert_ok(ritz_krylov_solve_many(solver, count, b, x, reports));
    for (int j = 0; j < count; j++) {
      assert_int_equal(reports[j].reason, RITZ_SOLVE_CONVERGED);
      if (j % block == 0) products += reports[j].products;
    }
  }
  ritz_krylov_destroy(&solver);
  free(a.k);
  return products;
}

static void recycling_and_blocks_save_products(void **state) {
  static double x[2][8 * 24 * 24];
  const int gmres = products_of_sequence("gmres", 1, 1, x[0]);
  const int one = products_of_sequence("gcrodr", 1, 1, x[0]);
  const int plain = products_of_sequence("block_gmres", 8, 1, x[0]);
  const int block = products_of_sequence("block_gcrodr", 8, 1, x[0]);
  assert_true(plain < gmres && one < gmres);
  assert_true(block < plain && block < one);
  assert_int_equal(products_of_sequence("block_gcrodr", 8, 2, x[1]), block);
  assert_memory_equal(x[0], x[1], sizeof x[0]); /* threads change no bit */
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_update_keeps_the_invariants),
      cmocka_unit_test(blocks_stay_orthonormal),
      cmocka_unit_test(keeping_nothing_is_block_gmres),
      cmocka_unit_test(one_column_is_gcrodr),
      cmocka_unit_test(recycling_and_blocks_save_products),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
