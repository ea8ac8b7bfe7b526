/* SPDX-License-Identifier: BSD-3-Clause
 * The conformance test of all Krylov methods in all scalars, and the invariants of recycling. */
#include <complex.h>
#include <float.h>
#include <ritz/krylov.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "five_point.h"
#include "solvers/krylov/method.h"
#include "support.h"

enum { most = 101 };

/* A dense matrix in complex double, whatever the scalar of the vectors. */
typedef struct matrix {
  int n;
  ritz_scalar scalar;
  double _Complex a[most][most];
  int calls, fail_at; /* fail_at > 0: that call fails */
} matrix;

static double _Complex get(ritz_scalar scalar, const void *x, int i) {
  switch (scalar) {
    case RITZ_REAL_FLOAT: return ((const float *)x)[i];
    case RITZ_REAL_DOUBLE: return ((const double *)x)[i];
    case RITZ_COMPLEX_FLOAT: return ((const float _Complex *)x)[i];
    default: return ((const double _Complex *)x)[i];
  }
}

static void set(ritz_scalar scalar, void *x, int i, double _Complex value) {
  switch (scalar) {
    case RITZ_REAL_FLOAT: ((float *)x)[i] = (float)creal(value); break;
    case RITZ_REAL_DOUBLE: ((double *)x)[i] = creal(value); break;
    case RITZ_COMPLEX_FLOAT: ((float _Complex *)x)[i] = (float _Complex)value; break;
    default: ((double _Complex *)x)[i] = value;
  }
}

static int multiply(void *user, const void *x, void *y) {
  matrix *m = user;
  for (int i = 0; i < m->n; i++) {
    double _Complex sum = 0;
    for (int j = 0; j < m->n; j++) sum += m->a[i][j] * get(m->scalar, x, j);
    set(m->scalar, y, i, sum);
  }
  return ++m->calls == m->fail_at;
}

static int by_diagonal(void *user, const void *r, void *z) {
  const matrix *m = user;
  for (int i = 0; i < m->n; i++) set(m->scalar, z, i, get(m->scalar, r, i) / m->a[i][i]);
  return 0;
}

/* Diagonal 1 ... 10 plus a random part: symmetric for methods that want it, definite unless
 * `indefinite`, complex Hermitian or general in complex scalars. */
static void fill(matrix *m, int n, ritz_scalar scalar, bool symmetric, bool indefinite) {
  static double random[2 * most * most];
  fill_uniform(3, 2 * n * n, random);
  *m = (matrix){.n = n, .scalar = scalar};
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) {
      const double re = random[i * n + j] / n;
      const double im = scalar >= RITZ_COMPLEX_FLOAT ? random[n * n + i * n + j] / n : 0;
      m->a[i][j] += CMPLX(re, im);
      if (symmetric) m->a[j][i] += CMPLX(re, -im);
      if (i == j) m->a[i][j] += (1 + 9.0 * i / n) * (indefinite && i % 3 == 0 ? -1 : 1);
    }
}

static double residual(const matrix *m, const void *b, const void *x) {
  double rr = 0, bb = 0;
  for (int i = 0; i < m->n; i++) {
    double _Complex r = get(m->scalar, b, i);
    bb += creal(r * conj(r));
    for (int j = 0; j < m->n; j++) r -= m->a[i][j] * get(m->scalar, x, j);
    rr += creal(r * conj(r));
  }
  return sqrt(rr / bb);
}

static void fill_vector(ritz_scalar scalar, int n, unsigned seed, void *x) {
  double random[2 * most];
  fill_uniform(seed, 2 * n, random);
  for (int i = 0; i < n; i++) set(scalar, x, i, CMPLX(random[i], random[n + i]));
}

static bool wants_symmetric(const ritz_krylov_method *method) {
  return strstr(method->name, "cg") == method->name || strcmp(method->name, "deflated_cg") == 0 ||
         strstr(method->name, "minres");
}

static ritz_krylov *solver_of(const char *method, ritz_scalar scalar, int n, double rtol) {
  ritz_krylov_options options;
  ritz_krylov_options_defaults(&options);
  options.method = method;
  options.rtol = rtol;
  options.restart = 12;
  options.recycle = 4;
  options.max_iterations = 400;
  ritz_krylov *solver;
  assert_ok(ritz_krylov_create(scalar, n, &options, &solver));
  return solver;
}

/* -- All methods, all scalars -------------------------------------------------------------------
 */

static void solves_systems_of_awkward_sizes(void **state) {
  static const int sizes[] = {1, 2, 3, 17, 64, 101};
  static matrix m;
  double _Complex b[most], x[most];
  int count;
  const ritz_krylov_method *method = ritz_krylov_methods(&count);
  for (int k = 0; k < count; k++)
    for (ritz_scalar scalar = RITZ_REAL_FLOAT; scalar <= RITZ_COMPLEX_DOUBLE; scalar++)
      for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int preconditioned = 0; preconditioned < 2; preconditioned++) {
          const int n = sizes[i];
          const double rtol = scalar % 2 ? 1e-10 : 2e-5;
          fill(&m, n, scalar, wants_symmetric(&method[k]), false);
          fill_vector(scalar, n, 4, b);
          ritz_krylov *solver = solver_of(method[k].name, scalar, n, rtol);
          ritz_krylov_set_operator(solver, multiply, &m);
          if (preconditioned) ritz_krylov_set_preconditioner(solver, by_diagonal, &m);
          for (int turn = 0; turn < 3; turn++) { /* the later ones start from a recycle space */
            ritz_solve_report report;
            assert_ok(ritz_krylov_solve(solver, b, x, &report));
            if (report.reason != RITZ_SOLVE_CONVERGED)
              fail_msg("%s, scalar %d, n = %d, turn %d: %s at %g", method[k].name, scalar, n, turn,
                       ritz_solve_reason_text(report.reason), report.residual);
            const double limit = method[k].norm == RITZ_NORM_NATURAL ? 5 * rtol : rtol;
            assert_true(report.residual <= limit * (1 + 1e-4));
            assert_near(report.residual, residual(&m, b, x), 2e-6);
          }
          ritz_krylov_destroy(&solver);
          assert_null(solver);
        }
}

static void indefinite_systems_are_for_minres_and_gmres(void **state) {
  static const char *const names[] = {"minres", "recycled_minres", "gmres", "gcrodr"};
  static matrix m;
  double _Complex b[most], x[most];
  for (int k = 0; k < 4; k++)
    for (ritz_scalar scalar = RITZ_REAL_DOUBLE; scalar <= RITZ_COMPLEX_DOUBLE; scalar += 2) {
      fill(&m, 41, scalar, true, true);
      fill_vector(scalar, 41, 4, b);
      ritz_krylov *solver = solver_of(names[k], scalar, 41, 1e-9);
      ritz_krylov_set_operator(solver, multiply, &m);
      for (int turn = 0; turn < 3; turn++) {
        ritz_solve_report report;
        assert_ok(ritz_krylov_solve(solver, b, x, &report));
        assert_int_equal(report.reason, RITZ_SOLVE_CONVERGED);
        assert_true(residual(&m, b, x) <= 1e-9 * (1 + 1e-6));
      }
      ritz_krylov_destroy(&solver);
    }
}

/* Runs one method on m and gives the reason; the report never claims what x does not hold. */
static ritz_solve_reason reason_of(const char *method, matrix *m, const double *b) {
  double x[most];
  ritz_krylov *solver = solver_of(method, RITZ_REAL_DOUBLE, m->n, 1e-8);
  ritz_krylov_set_operator(solver, multiply, m);
  ritz_solve_report report;
  assert_ok(ritz_krylov_solve(solver, b, x, &report));
  if (report.reason == RITZ_SOLVE_CONVERGED) assert_true(residual(m, b, x) <= 1e-8 * (1 + 1e-6));
  ritz_krylov_destroy(&solver);
  return report.reason;
}

static void everything_bad_has_a_reason(void **state) {
  static matrix m;
  double b[most], zero[most] = {0};
  int count;
  const ritz_krylov_method *method = ritz_krylov_methods(&count);
  fill_uniform(4, most, b);
  for (int k = 0; k < count; k++) {
    const char *name = method[k].name;
    fill(&m, 30, RITZ_REAL_DOUBLE, true, false);
    assert_int_equal(reason_of(name, &m, zero), RITZ_SOLVE_ZERO_RHS);
    m.fail_at = m.calls + 3;
    assert_int_equal(reason_of(name, &m, b), RITZ_SOLVE_OPERATOR_FAILED);
    m.a[7][7] = NAN;
    assert_int_equal(reason_of(name, &m, b), RITZ_SOLVE_NOT_FINITE);
    fill(&m, 30, RITZ_REAL_DOUBLE, true, false);
    const double kept = b[3];
    b[3] = INFINITY;
    assert_int_equal(reason_of(name, &m, b), RITZ_SOLVE_NOT_FINITE);
    b[3] = kept;
    memset(m.a, 0, sizeof m.a); /* nothing can be solved */
    assert_true(reason_of(name, &m, b) < 0);
    for (int i = 0; i < 29; i++) m.a[i][i] = i + 1; /* singular, b not in the range */
    assert_true(reason_of(name, &m, b) < 0);
  }
}

static void conjugate_gradients_refuse_indefinite_operators(void **state) {
  static matrix m;
  double b[most];
  fill_uniform(4, most, b);
  fill(&m, 30, RITZ_REAL_DOUBLE, true, true);
  assert_int_equal(reason_of("cg", &m, b), RITZ_SOLVE_INDEFINITE_OPERATOR);
  assert_int_equal(reason_of("deflated_cg", &m, b), RITZ_SOLVE_INDEFINITE_OPERATOR);
}

static bool stop_at_three(void *user, int iteration, double value) {
  ++*(int *)user;
  return iteration < 3;
}

static void monitors_are_stacked_and_can_stop(void **state) {
  static matrix m;
  double b[most], x[most];
  int count, calls[2] = {0};
  const ritz_krylov_method *method = ritz_krylov_methods(&count);
  fill_uniform(4, most, b);
  for (int k = 0; k < count; k++) {
    fill(&m, 50, RITZ_REAL_DOUBLE, true, false);
    ritz_krylov *solver = solver_of(method[k].name, RITZ_REAL_DOUBLE, 50, 1e-12);
    ritz_krylov_set_operator(solver, multiply, &m);
    assert_ok(ritz_krylov_add_monitor(solver, stop_at_three, &calls[0]));
    assert_ok(ritz_krylov_add_monitor(solver, stop_at_three, &calls[1]));
    calls[0] = calls[1] = 0;
    ritz_solve_report report;
    assert_ok(ritz_krylov_solve(solver, b, x, &report));
    assert_int_equal(report.reason, RITZ_SOLVE_STOPPED);
    assert_int_equal(report.iterations, 3);
    assert_int_equal(calls[0], 4);
    assert_int_equal(calls[1], 4);
    const double *history;
    assert_int_equal(ritz_krylov_history(solver, &history), 4);
    assert_near(history[0], 1, 1e-12);
    if (strcmp(method[k].name, "bicgstab") != 0)
      assert_near(report.residual, residual(&m, b, x), 1e-14);
    ritz_krylov_destroy(&solver);
  }
}

static void limits_are_reasons(void **state) {
  static matrix m;
  double b[most], x[most];
  fill_uniform(4, most, b);
  fill(&m, 90, RITZ_REAL_DOUBLE, true, false);
  ritz_krylov_options options;
  ritz_krylov_options_defaults(&options);
  options.rtol = 1e-14;
  options.max_iterations = 5;
  int count;
  const ritz_krylov_method *method = ritz_krylov_methods(&count);
  for (int k = 0; k < count; k++) {
    options.method = method[k].name;
    ritz_krylov *solver;
    ritz_solve_report report;
    assert_ok(ritz_krylov_create(RITZ_REAL_DOUBLE, 90, &options, &solver));
    ritz_krylov_set_operator(solver, multiply, &m);
    assert_ok(ritz_krylov_solve(solver, b, x, &report));
    assert_int_equal(report.reason, RITZ_SOLVE_MAX_ITERATIONS);
    assert_int_equal(report.iterations, 5);
    ritz_krylov_destroy(&solver);
  }
}

/* A product correct to six digits only, other ones each time: the recurrence believes itself. */
static int sloppy(void *user, const void *xv, void *yv) {
  int *const calls = user;
  const double *x = xv;
  double *y = yv;
  ++*calls;
  for (int i = 0; i < 40; i++) y[i] = (i + 1) * x[i] * (1 + 1e-6 * sin(i + 7.0 * *calls));
  return 0;
}

/* The recurrence meets the tolerance in the very last iteration, x does not: the limit holds. */
static void the_limit_holds_where_the_recurrence_errs(void **state) {
  double b[40], x[40];
  fill_uniform(7, 40, b);
  int count, limit = 500;
  const ritz_krylov_method *method = ritz_krylov_methods(&count);
  for (int k = 0; k < count; k++) {
    limit = 500;
    for (int turn = 0; turn < 2; turn++) {
      ritz_krylov_options options;
      ritz_krylov_options_defaults(&options);
      options.method = method[k].name, options.rtol = 1e-10, options.max_iterations = limit;
      int calls = 0;
      ritz_krylov *solver;
      ritz_solve_report report;
      assert_ok(ritz_krylov_create(RITZ_REAL_DOUBLE, 40, &options, &solver));
      ritz_krylov_set_operator(solver, sloppy, &calls);
      assert_ok(ritz_krylov_solve(solver, b, x, &report));
      assert_true(report.reason < 0 && report.residual > 1e-10);
      assert_true(report.iterations <= limit);
      const double *history;
      const int recorded = ritz_krylov_history(solver, &history);
      assert_true(recorded <= limit + 1);
      for (int i = 0; i < recorded && turn == 0; i++)
        if (history[i] <= 1e-10 && i < limit) limit = i;
      ritz_krylov_destroy(&solver);
    }
  }
}

static int add_nothing(void *user, double *values, int count) {
  int *const left = user;
  return (*left)-- == 0;
}

static void a_failed_sum_is_a_reason(void **state) {
  static matrix m;
  double b[most], x[most];
  int count;
  const ritz_krylov_method *method = ritz_krylov_methods(&count);
  fill_uniform(4, most, b);
  fill(&m, 30, RITZ_REAL_DOUBLE, true, false);
  for (int k = 0; k < count; k++)
    for (int after = 0; after < 12; after++) {
      int left = after;
      ritz_krylov *solver = solver_of(method[k].name, RITZ_REAL_DOUBLE, 30, 1e-12);
      ritz_krylov_set_operator(solver, multiply, &m);
      ritz_krylov_set_sum(solver, add_nothing, &left);
      ritz_solve_report report;
      assert_ok(ritz_krylov_solve(solver, b, x, &report));
      assert_int_equal(report.reason, RITZ_SOLVE_SUM_FAILED);
      ritz_krylov_destroy(&solver);
    }
}

/* -- Recycling ----------------------------------------------------------------------------------
 */

/* ||A U - C|| and ||C* C - I|| of a space, the operator being m. */
static void check_invariants(const ritz_recycle *space, matrix *m) {
  double au[most];
  const double *u = space->u, *c = space->c;
  for (int j = 0; j < space->dimension; j++) {
    double error = 0;
    multiply(m, u + j * space->ld, au);
    for (int i = 0; i < m->n; i++) error += pow(au[i] - c[j * space->ld + i], 2);
    assert_true(sqrt(error) < 1e-10);
    for (int l = 0; l < space->dimension; l++) {
      double dot = 0;
      for (int i = 0; i < m->n; i++) dot += c[j * space->ld + i] * c[l * space->ld + i];
      assert_near(dot, j == l, 1e-11);
    }
  }
}

static void recycle_spaces_keep_their_invariants(void **state) {
  static matrix m;
  double b[most], x[most];
  fill(&m, 97, RITZ_REAL_DOUBLE, false, true);
  for (ritz_orthogonalization how = RITZ_ORTHOGONALIZE_CGS2; how <= RITZ_ORTHOGONALIZE_MGS; how++) {
    ritz_krylov_options options;
    ritz_krylov_options_defaults(&options);
    options.restart = 15, options.recycle = 6, options.orthogonalization = how;
    options.rtol = 1e-11;
    ritz_krylov *solver;
    assert_ok(ritz_krylov_create(RITZ_REAL_DOUBLE, 97, &options, &solver));
    for (int system = 0; system < 4; system++) {
      for (int i = 0; i < 97; i++) m.a[i][i] += 0.01 * (i % 5);
      ritz_krylov_set_operator(solver, multiply, &m);
      fill_uniform(10 + (unsigned)system, 97, b);
      ritz_solve_report report;
      assert_ok(ritz_krylov_solve(solver, b, x, &report));
      assert_int_equal(report.reason, RITZ_SOLVE_CONVERGED);
      const double *history;
      const int steps = ritz_krylov_history(solver, &history);
      assert_near(history[steps - 1], residual(&m, b, x), 1e-12);
      const ritz_recycle *space = ritz_krylov_recycle(solver);
      assert_in_range(ritz_recycle_dimension(space), 5, 6); /* a complex pair is never split */
      assert_int_equal(ritz_recycle_age(space), system + 1);
      check_invariants(space, &m);
    }
    ritz_krylov_destroy(&solver);
  }
}

static int solve_sequence(const char *method, int recycle, ritz_krylov_side side, int systems,
                          int *iterations) {
  enum { n = 24 };
  five_point a = {.n = n, .k = malloc((n + 2) * (n + 2) * sizeof(double))};
  double b[n * n], x[n * n];
  for (int i = 0; i < n * n; i++) b[i] = 1.0 / ((n + 1) * (n + 1));
  ritz_krylov_options options;
  ritz_krylov_options_defaults(&options);
  options.method = method, options.side = side;
  options.rtol = 1e-8, options.restart = 20, options.recycle = recycle;
  ritz_krylov *solver;
  assert_ok(ritz_krylov_create(RITZ_REAL_DOUBLE, n * n, &options, &solver));
  int total = 0;
  for (int s = 0; s < systems; s++) {
    five_point_fill(&a, s);
    ritz_krylov_set_operator(solver, five_point_apply, &a);
    ritz_krylov_set_preconditioner(solver, five_point_jacobi, &a);
    ritz_solve_report report;
    assert_ok(ritz_krylov_solve(solver, b, x, &report));
    assert_int_equal(report.reason, RITZ_SOLVE_CONVERGED);
    iterations[s] = report.iterations;
    total += report.iterations;
  }
  ritz_krylov_destroy(&solver);
  free(a.k);
  return total;
}

static void keeping_nothing_is_restarted_gmres(void **state) {
  int gmres[4], gcrodr[4];
  for (ritz_krylov_side side = RITZ_LEFT; side <= RITZ_RIGHT; side++) {
    solve_sequence("gmres", 0, side, 4, gmres);
    solve_sequence("gcrodr", 0, side, 4, gcrodr);
    for (int s = 0; s < 4; s++) assert_int_equal(gmres[s], gcrodr[s]);
  }
}

static void recycling_saves_iterations(void **state) {
  int plain[6], recycled[6];
  for (ritz_krylov_side side = RITZ_LEFT; side <= RITZ_RIGHT; side++) {
    const int gmres = solve_sequence("gmres", 0, side, 6, plain);
    const int gcrodr = solve_sequence("gcrodr", 10, side, 6, recycled);
    assert_true(2 * gcrodr < gmres);
    assert_true(recycled[2] * 10 < recycled[0] * 7);
  }
  const int cg = solve_sequence("cg", 0, RITZ_RIGHT, 6, plain);
  const int deflated = solve_sequence("deflated_cg", 10, RITZ_RIGHT, 6, recycled);
  assert_true(deflated < cg);
  assert_int_equal(plain[0], recycled[0]); /* nothing to start from */
  const int minres = solve_sequence("minres", 0, RITZ_RIGHT, 6, plain);
  assert_true(solve_sequence("recycled_minres", 10, RITZ_RIGHT, 6, recycled) < minres);
  assert_int_equal(plain[0], recycled[0]);
  for (int s = 0; s < 6; s++) print_message("minres %d recycled %d\n", plain[s], recycled[s]);
}

/* Ten eigenvalues near zero: they are in the space after the first system. */
static void small_eigenvectors_are_found(void **state) {
  static matrix m;
  double b[most], x[most];
  m = (matrix){.n = 100, .scalar = RITZ_REAL_DOUBLE};
  for (int i = 0; i < 100; i++) m.a[i][i] = i < 4 ? 1e-3 * (i + 1) : 1 + 0.01 * i;
  fill_uniform(5, 100, b);
  ritz_krylov *solver = solver_of("gcrodr", RITZ_REAL_DOUBLE, 100, 1e-10);
  ritz_krylov_set_operator(solver, multiply, &m);
  ritz_solve_report first, second;
  assert_ok(ritz_krylov_solve(solver, b, x, &first));
  const ritz_recycle *space = ritz_krylov_recycle(solver);
  for (int j = 0; j < ritz_recycle_dimension(space); j++) {
    const double *u = ritz_recycle_direction(space, j);
    double inside = 0, all = 0;
    for (int i = 0; i < 100; i++) all += u[i] * u[i], inside += i < 4 ? u[i] * u[i] : 0;
    assert_true(sqrt(1 - inside / all) < 1e-3);
  }
  fill_uniform(6, 100, b);
  assert_ok(ritz_krylov_solve(solver, b, x, &second));
  assert_true(second.iterations < first.iterations);
  ritz_krylov_destroy(&solver);
}

static void spaces_travel_through_files(void **state) {
  static matrix m;
  double b[most], x[most];
  char path[] = "recycle.h5";
  fill(&m, 60, RITZ_REAL_DOUBLE, false, true);
  fill_uniform(5, 60, b);
  ritz_krylov *solver = solver_of("gcrodr", RITZ_REAL_DOUBLE, 60, 1e-10);
  ritz_krylov_set_operator(solver, multiply, &m);
  ritz_solve_report first, again;
  assert_ok(ritz_krylov_solve(solver, b, x, &first));
  assert_ok(ritz_recycle_save(ritz_krylov_recycle(solver), path));
  assert_ok(ritz_krylov_solve(solver, b, x, &first));
  ritz_krylov_destroy(&solver);

  ritz_recycle *space, *small;
  assert_ok(ritz_recycle_create(RITZ_REAL_DOUBLE, 60, 4, &space));
  assert_ok(ritz_recycle_load(space, path));
  assert_int_equal(ritz_recycle_age(space), 1);
  solver = solver_of("gcrodr", RITZ_REAL_DOUBLE, 60, 1e-10);
  assert_ok(ritz_krylov_set_recycle(solver, space));
  ritz_krylov_set_operator(solver, multiply, &m);
  assert_ok(ritz_krylov_solve(solver, b, x, &again));
  assert_int_equal(again.iterations, first.iterations);
  ritz_recycle_reset(space);
  assert_int_equal(ritz_recycle_dimension(space), 0);
  ritz_krylov_destroy(&solver);
  ritz_recycle_destroy(&space);

  assert_ok(ritz_recycle_create(RITZ_REAL_DOUBLE, 59, 4, &small));
  assert_int_equal(ritz_recycle_load(small, path), RITZ_ERR_SHAPE);
  assert_message_contains("recycle.h5");
  ritz_recycle_destroy(&small);
  assert_ok(ritz_recycle_create(RITZ_COMPLEX_DOUBLE, 60, 4, &small));
  assert_int_equal(ritz_recycle_load(small, path), RITZ_ERR_SHAPE);
  ritz_recycle_destroy(&small);
  remove(path);
}

static void threads_change_no_bit(void **state) {
  enum { n = 80 };
  static double x[2][n * n], b[n * n];
  five_point a = {.n = n, .k = malloc((n + 2) * (n + 2) * sizeof(double))};
  five_point_fill(&a, 3);
  fill_uniform(5, n * n, b);
  for (int threads = 1; threads <= 2; threads++) {
    ritz_krylov_options options;
    ritz_krylov_options_defaults(&options);
    options.threads = threads;
    ritz_krylov *solver;
    ritz_solve_report report;
    assert_ok(ritz_krylov_create(RITZ_REAL_DOUBLE, n * n, &options, &solver));
    ritz_krylov_set_operator(solver, five_point_apply, &a);
    assert_ok(ritz_krylov_solve(solver, b, x[threads - 1], &report));
    ritz_krylov_destroy(&solver);
  }
  assert_memory_equal(x[0], x[1], sizeof x[0]);
  free(a.k);
}

/* -- Bad options, memory ------------------------------------------------------------------------
 */

static void refuses_bad_options(void **state) {
  ritz_krylov *solver;
  ritz_krylov_options good, bad;
  ritz_krylov_options_defaults(&good);
#define REFUSED(field, value)                                                                  \
  bad = good;                                                                                  \
  bad.field = value;                                                                           \
  assert_int_equal(ritz_krylov_create(RITZ_REAL_DOUBLE, 5, &bad, &solver), RITZ_ERR_ARGUMENT); \
  assert_message_contains(#field);                                                             \
  assert_null(solver)
  REFUSED(rtol, -1);
  REFUSED(rtol, NAN);
  REFUSED(atol, -1);
  REFUSED(dtol, 0.5);
  REFUSED(max_iterations, -1);
  REFUSED(restart, 0);
  REFUSED(recycle, -1);
  REFUSED(recycle, good.restart);
  REFUSED(side, 7);
  REFUSED(orthogonalization, 7);
  REFUSED(qr, 7);
  REFUSED(threads, -1);
#undef REFUSED
  bad = good;
  bad.method = "gcrdor";
  assert_int_equal(ritz_krylov_create(RITZ_REAL_DOUBLE, 5, &bad, &solver), RITZ_ERR_NOT_FOUND);
  assert_message_contains("gcrodr");
  assert_int_equal(ritz_krylov_create(RITZ_REAL_DOUBLE, -1, &good, &solver), RITZ_ERR_ARGUMENT);
  double b[5] = {1}, x[5];
  ritz_solve_report report;
  assert_ok(ritz_krylov_create(RITZ_REAL_DOUBLE, 5, &good, &solver));
  assert_int_equal(ritz_krylov_solve(solver, b, x, &report), RITZ_ERR_ARGUMENT);
  char text[1024];
  assert_true(ritz_krylov_view(solver, sizeof text, text) < (int)sizeof text);
  assert_non_null(strstr(text, "restart: 30"));
  ritz_krylov_destroy(&solver);
}

static void survives_every_failed_allocation(void **state) {
  int count;
  const ritz_krylov_method *method = ritz_krylov_methods(&count);
  for (int k = 0; k < count; k++) {
    ritz_krylov_options options;
    ritz_krylov_options_defaults(&options);
    options.method = method[k].name;
    for (long fail = 0;; fail++) {
      ritz_krylov *solver;
      ritz_test_fail_allocation(fail);
      const ritz_status status = ritz_krylov_create(RITZ_REAL_DOUBLE, 10, &options, &solver);
      ritz_test_fail_allocation(-1);
      if (status == RITZ_OK) {
        assert_true(fail > 5);
        ritz_krylov_destroy(&solver);
        break;
      }
      assert_int_equal(status, RITZ_ERR_MEMORY);
      assert_null(solver);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(solves_systems_of_awkward_sizes),
      cmocka_unit_test(indefinite_systems_are_for_minres_and_gmres),
      cmocka_unit_test(everything_bad_has_a_reason),
      cmocka_unit_test(conjugate_gradients_refuse_indefinite_operators),
      cmocka_unit_test(monitors_are_stacked_and_can_stop),
      cmocka_unit_test(limits_are_reasons),
      cmocka_unit_test(the_limit_holds_where_the_recurrence_errs),
      cmocka_unit_test(a_failed_sum_is_a_reason),
      cmocka_unit_test(recycle_spaces_keep_their_invariants),
      cmocka_unit_test(keeping_nothing_is_restarted_gmres),
      cmocka_unit_test(recycling_saves_iterations),
      cmocka_unit_test(small_eigenvectors_are_found),
      cmocka_unit_test(spaces_travel_through_files),
      cmocka_unit_test(threads_change_no_bit),
      cmocka_unit_test(refuses_bad_options),
      cmocka_unit_test(survives_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
