/* SPDX-License-Identifier: BSD-3-Clause
 * Problems of the plane, several at once, by conjugate gradients with multigrid cycles. */
#include <float.h>
#include <math.h>
#include <ritz/krylov.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "solvers/grid/diffusion.h"
#include "solvers/multigrid/diffusion_batch.h"
#include "solvers/multigrid/map.h"
#include "support.h"

static const double pi = 3.14159265358979323846;

enum { most = 16 };

typedef struct problem {
  ritz_index n0, n1, count;
  double *a[most], *b, *u[most];
  ritz_solve_report report[most];
} problem;

/* The bilinear function through random values every `cell` nodes. */
static double noise(const double *coarse, ritz_index wide, ritz_index cell, ritz_index i,
                    ritz_index j) {
  const double *at = coarse + i / cell * wide + j / cell;
  const double y = (double)(i % cell) / (double)cell, x = (double)(j % cell) / (double)cell;
  return (1 - y) * ((1 - x) * at[0] + x * at[1]) + y * ((1 - x) * at[wide] + x * at[wide + 1]);
}

/* Two values, on either side of curves that bend over about `cell` nodes; f = 1. */
static problem prepare(ritz_index n0, ritz_index n1, ritz_index count, ritz_index cell,
                       double contrast) {
  problem p = {.n0 = n0, .n1 = n1, .count = count};
  const size_t size = (size_t)(n0 * n1) * sizeof(double);
  const ritz_index wide = n1 / cell + 2, high = n0 / cell + 2;
  double *coarse = malloc((size_t)(wide * high) * sizeof *coarse);
  p.b = malloc(size);
  for (ritz_index k = 0; k < n0 * n1; k++) p.b[k] = 1.0 / (double)((n0 - 1) * (n1 - 1));
  for (ritz_index s = 0; s < count; s++) {
    p.a[s] = malloc(size);
    p.u[s] = malloc(size);
    fill_uniform(40 + (uint32_t)s, wide * high, coarse);
    for (ritz_index i = 0; i < n0; i++)
      for (ritz_index j = 0; j < n1; j++)
        p.a[s][i * n1 + j] = noise(coarse, wide, cell, i, j) > 0 ? contrast : 1;
  }
  free(coarse);
  return p;
}

static void discard(problem *p) {
  for (ritz_index s = 0; s < p->count; s++) {
    free(p->a[s]);
    free(p->u[s]);
  }
  free(p->b);
}

static ritz_multigrid_options wish(void) {
  ritz_multigrid_options options;
  ritz_multigrid_options_defaults(&options);
  return options;
}

static void solve(problem *p, ritz_index from, ritz_index count,
                  const ritz_multigrid_options *options) {
  const double *a[most], *b[most];
  for (ritz_index s = 0; s < count; s++) a[s] = p->a[from + s], b[s] = p->b;
  ritz_diffusion_batch *batch;
  const ritz_index n[] = {p->n0, p->n1};
  const double h[] = {1.0 / (double)(p->n0 - 1), 1.0 / (double)(p->n1 - 1)};
  assert_ok(ritz_diffusion_batch_create(2, n, h, options, &batch));
  ritz_diffusion_batch_solve(batch, count, RITZ_FACE_HARMONIC, a, b, p->u + from, p->report + from);
  ritz_diffusion_batch_destroy(&batch);
  assert_null(batch);
}

/* ||b - A u|| / ||b|| written out here. */
static double residual(const problem *p, ritz_index s) {
  const double *a = p->a[s], *u = p->u[s];
  const double c0 = (double)(p->n0 - 1) / (double)(p->n1 - 1);
  double rr = 0, bb = 0;
  for (ritz_index i = 1; i < p->n0 - 1; i++)
    for (ritz_index j = 1; j < p->n1 - 1; j++) {
      const ritz_index k = i * p->n1 + j, neighbour[] = {k - p->n1, k + p->n1, k - 1, k + 1};
      double r = p->b[k];
      for (int f = 0; f < 4; f++) {
        const double face = 2 * a[k] * a[neighbour[f]] / (a[k] + a[neighbour[f]]);
        r -= (f < 2 ? c0 : 1 / c0) * face * (u[k] - u[neighbour[f]]);
      }
      rr += r * r;
      bb += p->b[k] * p->b[k];
    }
  return sqrt(rr / bb);
}

static void converges(ritz_index n0, ritz_index n1, double contrast, int limit) {
  problem p = prepare(n0, n1, 3, 5, contrast);
  const ritz_multigrid_options options = wish();
  solve(&p, 0, 3, &options);
  for (int s = 0; s < 3; s++) {
    assert_int_equal(p.report[s].reason, RITZ_SOLVE_CONVERGED);
    assert_true(p.report[s].residual <= 1e-8);
    assert_near(p.report[s].residual, residual(&p, s), 1e-10);
    if (p.report[s].iterations > limit)
      fail_msg("[%td, %td] contrast %g: %d iterations", n0, n1, contrast, p.report[s].iterations);
  }
  discard(&p);
}

static void iterations_hardly_depend_on_size_or_contrast(void **state) {
  static const ritz_index sizes[][2] = {{9, 9},   {16, 17}, {32, 32}, {33, 40},
                                        {64, 64}, {65, 65}, {66, 71}};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    converges(sizes[i][0], sizes[i][1], 1, 5);
    converges(sizes[i][0], sizes[i][1], 4, 6);
    converges(sizes[i][0], sizes[i][1], 100, 9);
    converges(sizes[i][0], sizes[i][1], 1e4, 10);
  }
  converges(128, 130, 1, 5);
  converges(128, 130, 4, 6);
  converges(3, 3, 100, 2);
  converges(3, 50, 100, 3);
  converges(41, 5, 100, 3);
}

/* The factor of a V cycle for the Laplacian with two red-black sweeps on either side is about 0.08.
 */
static void stationary_cycles_have_their_convergence_factor(void **state) {
  static const int limits[] = {7, 7, 7};
  for (int cycle = RITZ_CYCLE_V; cycle <= RITZ_CYCLE_F; cycle++) {
    problem p = prepare(65, 65, 2, 5, 1);
    ritz_multigrid_options options = wish();
    options.cycle = (ritz_cycle)cycle;
    options.stationary = true;
    solve(&p, 0, 2, &options);
    for (int s = 0; s < 2; s++) {
      assert_int_equal(p.report[s].reason, RITZ_SOLVE_CONVERGED);
      assert_true(p.report[s].iterations <= limits[cycle]);
      assert_near(residual(&p, s), p.report[s].residual, 1e-10);
    }
    discard(&p);
  }
}

static void more_sweeps_take_fewer_iterations(void **state) {
  int before = 1000;
  for (int sweeps = 1; sweeps <= 4; sweeps += sweeps == 1 ? 1 : 2) {
    problem p = prepare(65, 70, 4, 5, 100);
    ritz_multigrid_options options = wish();
    options.sweeps = sweeps;
    solve(&p, 0, 4, &options);
    int sum = 0;
    for (int s = 0; s < 4; s++) {
      assert_int_equal(p.report[s].reason, RITZ_SOLVE_CONVERGED);
      assert_near(p.report[s].residual, residual(&p, s), 1e-10);
      sum += p.report[s].iterations;
    }
    assert_true(sum < before);
    before = sum;
    discard(&p);
  }
}

static void cycles_in_double_need_no_fewer_iterations(void **state) {
  problem p = prepare(65, 65, 3, 5, 1e4), q = prepare(65, 65, 3, 5, 1e4);
  ritz_multigrid_options options = wish();
  solve(&p, 0, 3, &options);
  options.dtype = RITZ_FLOAT64;
  solve(&q, 0, 3, &options);
  for (int s = 0; s < 3; s++) {
    assert_true(p.report[s].iterations <= q.report[s].iterations + 1);
    assert_near(relative_error(65 * 65, p.u[s], q.u[s]), 0, 1e-6);
  }
  discard(&p);
  discard(&q);
}

static void a_sample_does_not_see_its_neighbours(void **state) {
  problem together = prepare(37, 30, 7, 4, 1e3), apart = prepare(37, 30, 7, 4, 1e3);
  const ritz_multigrid_options options = wish();
  for (ritz_index k = 0; k < 37 * 30; k++) together.a[2][k] = apart.a[2][k] = 1 + 1e-3 * (double)k;
  solve(&together, 0, 7, &options);
  solve(&apart, 5, 2, &options);
  for (ritz_index s = 0; s < 5; s++) solve(&apart, s, 1, &options);
  for (ritz_index s = 0; s < 7; s++) {
    assert_memory_equal(together.u[s], apart.u[s], 37 * 30 * sizeof(double));
    assert_int_equal(together.report[s].iterations, apart.report[s].iterations);
    assert_true(together.report[s].residual == apart.report[s].residual);
  }
  discard(&together);
  discard(&apart);
}

static void bad_samples_are_reported_and_stay_alone(void **state) {
  problem p = prepare(20, 20, 4, 3, 10), good = prepare(20, 20, 4, 3, 10);
  const ritz_multigrid_options options = wish();
  solve(&good, 0, 4, &options);
  p.a[1][7 * 20 + 9] = NAN;
  p.a[3][7 * 20 + 9] = -5;
  solve(&p, 0, 4, &options);
  assert_int_equal(p.report[1].reason, RITZ_SOLVE_NOT_FINITE);
  assert_true(p.report[3].reason < 0);
  for (int s = 0; s < 4; s += 2) {
    assert_int_equal(p.report[s].reason, RITZ_SOLVE_CONVERGED);
    assert_memory_equal(p.u[s], good.u[s], 400 * sizeof(double));
  }
  discard(&p);
  discard(&good);
}

static void bad_samples_leave_nothing_behind(void **state) {
  problem good = prepare(20, 20, 2, 3, 10), bad = prepare(20, 20, 2, 3, 10);
  const ritz_multigrid_options options = wish();
  const ritz_index n[] = {20, 20};
  const double h[] = {1.0 / 19, 1.0 / 19}, *const b[] = {good.b, good.b};
  solve(&good, 0, 2, &options);
  const double *const right[] = {bad.a[0], bad.a[1]};
  const double kept = bad.a[0][150];
  ritz_diffusion_batch *batch;
  assert_ok(ritz_diffusion_batch_create(2, n, h, &options, &batch));
  bad.a[0][150] = NAN;
  ritz_diffusion_batch_solve(batch, 2, RITZ_FACE_HARMONIC, right, b, bad.u, bad.report);
  assert_int_equal(bad.report[0].reason, RITZ_SOLVE_NOT_FINITE);
  bad.a[0][150] = kept;
  ritz_diffusion_batch_solve(batch, 2, RITZ_FACE_HARMONIC, right, b, bad.u, bad.report);
  for (int s = 0; s < 2; s++) {
    assert_int_equal(bad.report[s].reason, RITZ_SOLVE_CONVERGED);
    assert_memory_equal(bad.u[s], good.u[s], 400 * sizeof(double));
  }
  ritz_diffusion_batch_destroy(&batch);
  discard(&good);
  discard(&bad);
}

static void outcomes_have_reasons(void **state) {
  problem p = prepare(33, 33, 1, 3, 10);
  ritz_multigrid_options options = wish();
  options.max_iterations = 2;
  solve(&p, 0, 1, &options);
  assert_int_equal(p.report[0].reason, RITZ_SOLVE_MAX_ITERATIONS);
  assert_int_equal(p.report[0].iterations, 2);
  assert_near(p.report[0].residual, residual(&p, 0), 1e-12);
  options.max_iterations = 0;
  solve(&p, 0, 1, &options);
  assert_int_equal(p.report[0].reason, RITZ_SOLVE_MAX_ITERATIONS);
  assert_true(p.report[0].residual == 1 && p.report[0].iterations == 0);
  options = wish();
  options.tolerance = 0; /* cannot be met, but the digits there are come out */
  solve(&p, 0, 1, &options);
  assert_int_equal(p.report[0].reason, RITZ_SOLVE_MAX_ITERATIONS);
  assert_true(p.report[0].residual < 1e-11);
  memset(p.b, 0, 33 * 33 * sizeof *p.b);
  options = wish();
  solve(&p, 0, 1, &options);
  assert_int_equal(p.report[0].reason, RITZ_SOLVE_ZERO_RHS);
  for (int k = 0; k < 33 * 33; k++) assert_true(p.u[0][k] == 0);
  discard(&p);
}

static int apply(void *diffusion, const void *x, void *y) {
  ritz_diffusion_apply(diffusion, x, y);
  return 0;
}

/* The same problem through ritz_krylov: conjugate gradients take V and W, flexible GMRES takes F.
 */
static void cycles_precondition_krylov_methods(void **state) {
  enum { n0 = 50, n1 = 41 };
  static const char *const method[] = {"cg", "cg", "gmres"};
  problem p = prepare(n0, n1, 1, 5, 100);
  ritz_multigrid_options options = wish();
  solve(&p, 0, 1, &options);
  ritz_diffusion *diffusion;
  assert_ok(ritz_diffusion_create(n0, n1, 1.0 / (n0 - 1), 1.0 / (n1 - 1), &diffusion));
  ritz_diffusion_set(diffusion, p.a[0], RITZ_FACE_HARMONIC);
  for (int j = 0; j < n1; j++) p.b[j] = p.b[(n0 - 1) * n1 + j] = 0;
  for (int i = 0; i < n0; i++) p.b[i * n1] = p.b[i * n1 + n1 - 1] = 0;
  for (int cycle = RITZ_CYCLE_V; cycle <= RITZ_CYCLE_F; cycle++) {
    ritz_krylov_options o;
    ritz_krylov_options_defaults(&o);
    o.method = method[cycle];
    o.rtol = 1e-8;
    o.recycle = 0;
    ritz_krylov *krylov;
    ritz_multigrid_map *map;
    double u[n0 * n1];
    ritz_solve_report report;
    options.cycle = (ritz_cycle)cycle;
    assert_ok(ritz_multigrid_map_create(n0, n1, 1.0 / (n0 - 1), 1.0 / (n1 - 1), &options, &map));
    ritz_multigrid_map_set(map, p.a[0], RITZ_FACE_HARMONIC);
    assert_ok(ritz_krylov_create(RITZ_REAL_DOUBLE, n0 * n1, &o, &krylov));
    ritz_krylov_set_operator(krylov, apply, diffusion);
    ritz_krylov_set_preconditioner(krylov, ritz_multigrid_map_apply, map);
    assert_ok(ritz_krylov_solve(krylov, p.b, u, &report));
    assert_int_equal(report.reason, RITZ_SOLVE_CONVERGED);
    assert_true(report.iterations <= 11);
    assert_near(relative_error(n0 * n1, u, p.u[0]), 0, 1e-6);
    ritz_krylov_destroy(&krylov);
    ritz_multigrid_map_destroy(&map);
  }
  ritz_diffusion_destroy(&diffusion);
  discard(&p);
}

/* u = sin(pi x) sin(2 pi y), a = exp(x + y / 2): f by hand. */
static double manufactured_error(ritz_index n0, ritz_index n1) {
  problem p = prepare(n0, n1, 1, 4, 1);
  const double h0 = 1.0 / (double)(n0 - 1), h1 = 1.0 / (double)(n1 - 1);
  for (ritz_index i = 0; i < n0; i++)
    for (ritz_index j = 0; j < n1; j++) {
      const double x = (double)i * h0, y = (double)j * h1, a = exp(x + 0.5 * y);
      const double u = sin(pi * x) * sin(2 * pi * y);
      const double ux = pi * cos(pi * x) * sin(2 * pi * y);
      const double uy = 2 * pi * sin(pi * x) * cos(2 * pi * y);
      p.a[0][i * n1 + j] = a;
      p.b[i * n1 + j] = h0 * h1 * a * (5 * pi * pi * u - ux - 0.5 * uy);
    }
  ritz_multigrid_options options = wish();
  options.tolerance = 1e-11;
  solve(&p, 0, 1, &options);
  assert_int_equal(p.report[0].reason, RITZ_SOLVE_CONVERGED);
  double error = 0;
  for (ritz_index i = 0; i < n0; i++)
    for (ritz_index j = 0; j < n1; j++)
      error = fmax(error, fabs(p.u[0][i * n1 + j] -
                               sin(pi * (double)i * h0) * sin(2 * pi * (double)j * h1)));
  discard(&p);
  return error;
}

static void converges_at_second_order(void **state) {
  const double coarse = manufactured_error(17, 25), middle = manufactured_error(33, 49);
  const double fine = manufactured_error(65, 97);
  assert_near(log2(coarse / middle), 2, 0.1);
  assert_near(log2(middle / fine), 2, 0.05);
}

static void refuses_bad_options(void **state) {
  ritz_multigrid_options o = wish();
  ritz_diffusion_batch *batch;
  ritz_multigrid *multigrid;
  const ritz_index thin[] = {9, 2}, n[] = {9, 9, 9};
  const double h[] = {1, 1, 1}, flat[] = {0, 1};
  assert_int_equal(ritz_diffusion_batch_create(2, thin, h, &o, &batch), RITZ_ERR_ARGUMENT);
  assert_message_contains("axis 1 are 2");
  assert_int_equal(ritz_diffusion_batch_create(2, n, flat, &o, &batch), RITZ_ERR_ARGUMENT);
  assert_int_equal(ritz_diffusion_batch_create(4, n, h, &o, &batch), RITZ_ERR_ARGUMENT);
  o.cycle = RITZ_CYCLE_F;
  assert_int_equal(ritz_diffusion_batch_create(2, n, h, &o, &batch), RITZ_ERR_ARGUMENT);
  assert_message_contains("F cycle");
  o.cycle = RITZ_CYCLE_W;
  assert_int_equal(ritz_diffusion_batch_create(3, n, h, &o, &batch), RITZ_ERR_ARGUMENT);
  assert_message_contains("V");
  o = wish(), o.lanes = 65;
  assert_int_equal(ritz_diffusion_batch_create(2, n, h, &o, &batch), RITZ_ERR_ARGUMENT);
  assert_message_contains("65");
  o = wish(), o.sweeps = 0;
  assert_int_equal(ritz_diffusion_batch_create(2, n, h, &o, &batch), RITZ_ERR_ARGUMENT);
  assert_message_contains("sweeps are 0");
  o = wish(), o.tolerance = NAN;
  assert_int_equal(ritz_diffusion_batch_create(2, n, h, &o, &batch), RITZ_ERR_ARGUMENT);
  assert_int_equal(ritz_multigrid_create(0, 9, NULL, &multigrid), RITZ_ERR_ARGUMENT);
  assert_null(batch);
  assert_null(multigrid);
}

static void survives_failed_allocations(int dim) {
  const ritz_index n[] = {20, 11, 9};
  const double h[] = {1, 1, 1};
  for (long k = 0;; k++) {
    ritz_diffusion_batch *batch;
    ritz_test_fail_allocation(k);
    const ritz_status status = ritz_diffusion_batch_create(dim, n, h, NULL, &batch);
    ritz_test_fail_allocation(-1);
    if (status == RITZ_OK) {
      assert_true(k > 8);
      ritz_diffusion_batch_destroy(&batch);
      break;
    }
    assert_int_equal(status, RITZ_ERR_MEMORY);
    assert_null(batch);
  }
}

static void survives_every_failed_allocation(void **state) {
  survives_failed_allocations(2);
  survives_failed_allocations(3);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(iterations_hardly_depend_on_size_or_contrast),
      cmocka_unit_test(stationary_cycles_have_their_convergence_factor),
      cmocka_unit_test(more_sweeps_take_fewer_iterations),
      cmocka_unit_test(cycles_in_double_need_no_fewer_iterations),
      cmocka_unit_test(a_sample_does_not_see_its_neighbours),
      cmocka_unit_test(bad_samples_are_reported_and_stay_alone),
      cmocka_unit_test(bad_samples_leave_nothing_behind),
      cmocka_unit_test(outcomes_have_reasons),
      cmocka_unit_test(cycles_precondition_krylov_methods),
      cmocka_unit_test(converges_at_second_order),
      cmocka_unit_test(refuses_bad_options),
      cmocka_unit_test(survives_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
