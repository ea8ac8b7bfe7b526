/* SPDX-License-Identifier: BSD-3-Clause
 * What recycle spaces promise: invariants, savings, files. */
#include "five_point.h"
#include "krylov_matrix.h"

/* A solver watched from a monitor: the invariants of GCRO-DR hold after every update. */
typedef struct watch {
  ritz_krylov *solver;
  matrix *m;
  const double *b;
  double *x;
  int seen; /* cycles looked at */
} watch;

static double dot(ritz_index n, const double *x, const double *y) {
  double sum = 0;
  for (ritz_index i = 0; i < n; i++) sum += x[i] * y[i];
  return sum;
}

/* At the first step of a cycle x and r are those of the update before: r is orthogonal to C, and
 * the true residual is the recurrence's. */
static bool look(void *user, int iteration, double value) {
  watch *w = user;
  const ritz_krylov *s = w->solver;
  const ritz_recycle *space = s->space;
  const int cycle = s->options.restart - (space ? s->options.recycle : 0);
  if (!space || space->dimension == 0 || iteration == 0 || iteration % cycle != 0) return true;
  const double *r = s->r;
  double c[most];
  const double size = sqrt(dot(w->m->n, w->b, w->b)), norm = sqrt(dot(w->m->n, r, r));
  check_products(space, w->m, 1e-11, 1e-12);
  for (int j = 0; j < space->dimension; j++) {
    product_of(space, j, c);
    assert_true(fabs(dot(w->m->n, r, c)) < 1e-12 * size);
  }
  assert_near(residual(w->m, w->b, w->x), norm / size, 1e-10);
  w->seen++;
  return true;
}

static void recycle_spaces_keep_their_invariants(void **state) {
  static matrix m;
  double b[most], x[most];
  fill(&m, 97, RITZ_REAL_DOUBLE, false, true);
  for (int how = 0; how < 4; how++) {
    ritz_krylov_options options;
    ritz_krylov_options_defaults(&options);
    options.restart = 15, options.recycle = 6, options.rtol = 1e-11;
    options.orthogonalization = how == 1 ? RITZ_ORTHOGONALIZE_MGS : RITZ_ORTHOGONALIZE_CGS2;
    options.side = how == 2 ? RITZ_LEFT : RITZ_RIGHT;
    options.qr = how == 3 ? RITZ_QR_GRAM_SCHMIDT : RITZ_QR_CHOLESKY;
    ritz_krylov *solver;
    assert_ok(ritz_krylov_create(RITZ_REAL_DOUBLE, 97, &options, &solver));
    watch w = {solver, &m, b, x, 0};
    assert_ok(ritz_krylov_add_monitor(solver, look, &w));
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
      check_products(space, &m, 1e-11, 1e-12);
    }
    assert_true(w.seen > 4);
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

/* Reductions of as many numbers as a basis of several columns has. */
static int count_long(void *user, double *values, int count) {
  *(int *)user += count > 6;
  return 0;
}

/* Behind the nearest columns a symmetric operator leaves nothing to cancel: no second sweep. */
static void symmetric_operators_need_one_sweep(void **state) {
  enum { n = 24, steps = 60 };
  five_point a = {.n = n, .k = malloc((n + 2) * (n + 2) * sizeof(double))};
  double b[n * n], x[n * n];
  int sweeps = 0;
  ritz_krylov_options options;
  ritz_krylov *solver;
  ritz_solve_report report;
  five_point_fill(&a, 1);
  fill_uniform(3, n * n, b);
  ritz_krylov_options_defaults(&options);
  options.method = "gmres", options.restart = steps, options.max_iterations = steps;
  options.rtol = 1e-13;
  assert_ok(ritz_krylov_create(RITZ_REAL_DOUBLE, n * n, &options, &solver));
  ritz_krylov_set_operator(solver, five_point_apply, &a);
  ritz_krylov_set_sum(solver, count_long, &sweeps);
  assert_ok(ritz_krylov_solve(solver, b, x, &report));
  assert_int_equal(report.iterations, steps);
  assert_in_range(sweeps, steps - 8, steps + 2);
  ritz_krylov_destroy(&solver);
  free(a.k);
}

/* Restarted GMRES to the last bit. */
static void keeping_nothing_is_restarted_gmres(void **state) {
  static const char *const names[] = {"gmres", "gcrodr"};
  static matrix m;
  double b[most], x[2][most];
  const double *history[2];
  fill(&m, 90, RITZ_REAL_DOUBLE, false, true);
  fill_uniform(5, 90, b);
  for (ritz_krylov_side side = RITZ_LEFT; side <= RITZ_RIGHT; side++) {
    ritz_krylov *solver[2];
    int steps[2];
    for (int k = 0; k < 2; k++) {
      ritz_krylov_options options;
      ritz_krylov_options_defaults(&options);
      options.method = names[k], options.side = side, options.rtol = 1e-10;
      options.restart = 3, options.recycle = 0;
      ritz_solve_report report;
      assert_ok(ritz_krylov_create(RITZ_REAL_DOUBLE, 90, &options, &solver[k]));
      ritz_krylov_set_operator(solver[k], multiply, &m);
      ritz_krylov_set_preconditioner(solver[k], by_diagonal, &m);
      assert_ok(ritz_krylov_solve(solver[k], b, x[k], &report));
      assert_int_equal(report.reason, RITZ_SOLVE_CONVERGED);
      steps[k] = ritz_krylov_history(solver[k], &history[k]);
    }
    assert_int_equal(steps[0], steps[1]);
    assert_true(steps[0] > 6); /* more than two cycles */
    assert_memory_equal(history[0], history[1], (size_t)steps[0] * sizeof(double));
    assert_memory_equal(x[0], x[1], 90 * sizeof(double));
    for (int k = 0; k < 2; k++) ritz_krylov_destroy(&solver[k]);
  }
}

/* Three matrices one after the other, m = 40, k = 20, no preconditioner, 1e-10: PETSc's regression
 * of HPDDM on such a set (ex75_2) takes 497, 231 and 206 iterations, 46 and 41 % of the first. */
static void later_systems_take_less_than_half(void **state) {
  enum { n = 40 };
  five_point a = {.n = n, .k = malloc((n + 2) * (n + 2) * sizeof(double))};
  static double b[n * n], x[n * n];
  int iterations[3];
  for (int i = 0; i < n * n; i++) b[i] = 1.0 / ((n + 1) * (n + 1));
  ritz_krylov_options options;
  ritz_krylov_options_defaults(&options);
  options.rtol = 1e-10, options.restart = 40, options.recycle = 20, options.side = RITZ_LEFT;
  ritz_krylov *solver;
  assert_ok(ritz_krylov_create(RITZ_REAL_DOUBLE, n * n, &options, &solver));
  for (int s = 0; s < 3; s++) {
    five_point_fill(&a, s);
    ritz_krylov_set_operator(solver, five_point_apply, &a);
    ritz_solve_report report;
    assert_ok(ritz_krylov_solve(solver, b, x, &report));
    assert_int_equal(report.reason, RITZ_SOLVE_CONVERGED);
    iterations[s] = report.iterations;
  }
  assert_in_range(100 * iterations[1] / iterations[0], 36, 62);
  assert_in_range(100 * iterations[2] / iterations[0], 31, 58);
  assert_true(iterations[2] <= iterations[1]);
  ritz_krylov_destroy(&solver);
  free(a.k);
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

static int twice(void *user, const void *r, void *z) {
  const matrix *m = user;
  for (int i = 0; i < m->n; i++) ((double *)z)[i] = 2 * ((const double *)r)[i];
  return 0;
}

/* Sums of the eigenvectors that belong to the eigenvalues near zero, with and without a
 * preconditioner, for which the space has to guess what it would have kept. */
static void given_directions_serve_from_the_first_system(void **state) {
  static matrix m;
  double b[most], x[most], u[4][100] = {{0}};
  m = (matrix){.n = 100, .scalar = RITZ_REAL_DOUBLE};
  for (int i = 0; i < 100; i++) m.a[i][i] = i < 4 ? 1e-3 * (i + 1) : 1 + 0.01 * i;
  for (int j = 0; j < 4; j++)
    for (int i = 0; i <= j; i++) u[j][i] = 3;
  fill_uniform(5, 100, b);
  for (int with = 0; with < 2; with++) {
    ritz_recycle *space;
    ritz_solve_report without, given;
    assert_ok(ritz_recycle_create(RITZ_REAL_DOUBLE, 100, 4, &space));
    ritz_krylov *solver = solver_of("gcrodr", RITZ_REAL_DOUBLE, 100, 1e-10);
    ritz_krylov_set_operator(solver, multiply, &m);
    if (with) ritz_krylov_set_preconditioner(solver, twice, &m);
    assert_ok(ritz_krylov_solve(solver, b, x, &without));
    assert_ok(ritz_recycle_set(space, 4, u));
    assert_int_equal(ritz_recycle_dimension(space), 4);
    assert_int_equal(ritz_recycle_age(space), 0);
    assert_memory_equal(ritz_recycle_direction(space, 2), u[2], sizeof u[2]);
    assert_ok(ritz_krylov_set_recycle(solver, space));
    memset(x, 0, sizeof x);
    assert_ok(ritz_krylov_solve(solver, b, x, &given));
    assert_int_equal(given.reason, RITZ_SOLVE_CONVERGED);
    assert_true(2 * given.iterations < without.iterations);
    assert_true(residual(&m, b, x) < 2e-10);
    check_products(ritz_krylov_recycle(solver), &m, 1e-11, 1e-12);
    ritz_krylov_destroy(&solver);
    assert_int_equal(ritz_recycle_set(space, 5, u), RITZ_ERR_ARGUMENT);
    assert_message_contains("5 directions given, the recycle space has room for 4");
    assert_int_equal(ritz_recycle_set(space, -1, u), RITZ_ERR_ARGUMENT);
    ritz_recycle_destroy(&space);
  }
}

/* Directions that say the same twice, or nothing. */
static void useless_directions_do_no_harm(void **state) {
  static const char *const methods[] = {"gcrodr", "recycled_minres", "deflated_cg"};
  static matrix m;
  double b[most], x[most], u[4][60] = {{0}};
  fill(&m, 60, RITZ_REAL_DOUBLE, true, false);
  fill_uniform(5, 60, b);
  fill_uniform(6, 60, u[0]);
  memcpy(u[2], u[0], sizeof u[0]); /* u[1] and u[3] are zero */
  for (int i = 0; i < 3; i++)
    for (int count = 1; count <= 4; count++) {
      ritz_recycle *space;
      ritz_solve_report report;
      assert_ok(ritz_recycle_create(RITZ_REAL_DOUBLE, 60, 4, &space));
      assert_ok(ritz_recycle_set(space, count, u));
      ritz_krylov *solver = solver_of(methods[i], RITZ_REAL_DOUBLE, 60, 1e-10);
      assert_ok(ritz_krylov_set_recycle(solver, space));
      ritz_krylov_set_operator(solver, multiply, &m);
      memset(x, 0, sizeof x);
      assert_ok(ritz_krylov_solve(solver, b, x, &report));
      if (report.reason != RITZ_SOLVE_CONVERGED)
        fail_msg("%s with %d directions: reason %d", methods[i], count, report.reason);
      assert_true(residual(&m, b, x) < 1e-9);
      ritz_krylov_destroy(&solver);
      ritz_recycle_destroy(&space);
    }
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
    options.max_iterations = 70; /* three cycles */
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

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(recycle_spaces_keep_their_invariants),
      cmocka_unit_test(symmetric_operators_need_one_sweep),
      cmocka_unit_test(keeping_nothing_is_restarted_gmres),
      cmocka_unit_test(later_systems_take_less_than_half),
      cmocka_unit_test(recycling_saves_iterations),
      cmocka_unit_test(small_eigenvectors_are_found),
      cmocka_unit_test(given_directions_serve_from_the_first_system),
      cmocka_unit_test(useless_directions_do_no_harm),
      cmocka_unit_test(spaces_travel_through_files),
      cmocka_unit_test(threads_change_no_bit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
