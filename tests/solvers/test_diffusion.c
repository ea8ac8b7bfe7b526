/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <ritz/krylov.h>
#include <stdlib.h>

#include "allocations.h"
#include "core/memory.h"
#include "solvers/grid/diffusion.h"
#include "solvers/precond/fast_poisson.h"
#include "support.h"

static const double pi = 3.14159265358979323846;

/* One inner node: four faces, hand-computed. */
static void one_unknown_by_hand(void **state) {
  const double a[9] = {9, 1, 9, 2, 4, 6, 9, 8, 9};
  const double u[9] = {0, 0, 0, 0, 1, 0, 0, 0, 0};
  double y[9], diagonal[9];
  ritz_diffusion *d;
  assert_ok(ritz_diffusion_create(3, 3, 0.5, 0.25, &d)); /* h1/h0 = 1/2, h0/h1 = 2 */
  ritz_diffusion_set(d, a, RITZ_FACE_ARITHMETIC);
  ritz_diffusion_apply(d, u, y);
  const double arithmetic = 0.5 * (2.5 + 6) + 2 * (3 + 5);
  for (int k = 0; k < 9; k++) assert_near(y[k], k == 4 ? arithmetic : 0, 1e-15);
  ritz_diffusion_diagonal(d, diagonal);
  for (int k = 0; k < 9; k++) assert_near(diagonal[k], k == 4 ? arithmetic : 1, 1e-15);
  ritz_diffusion_set(d, a, RITZ_FACE_HARMONIC);
  ritz_diffusion_apply(d, u, y);
  assert_near(y[4], 0.5 * (8.0 / 5 + 64.0 / 12) + 2 * (16.0 / 6 + 48.0 / 10), 1e-14);
  ritz_diffusion_destroy(&d);
}

static void is_symmetric_on_inner_nodes(void **state) {
  enum { n0 = 9, n1 = 22, n = n0 * n1 };
  double a[n], u[n], v[n], au[n], av[n], uv = 0, vu = 0;
  fill_uniform(21, n, a);
  fill_uniform(22, n, u);
  fill_uniform(23, n, v);
  for (int k = 0; k < n; k++) {
    const int i = k / n1, j = k % n1;
    a[k] = exp(3 * a[k]);
    if (i == 0 || i == n0 - 1 || j == 0 || j == n1 - 1) u[k] = v[k] = 0;
  }
  ritz_diffusion *d;
  assert_ok(ritz_diffusion_create(n0, n1, 0.1, 0.2, &d));
  ritz_diffusion_set(d, a, RITZ_FACE_ARITHMETIC);
  ritz_diffusion_apply(d, u, au);
  ritz_diffusion_apply(d, v, av);
  for (int k = 0; k < n; k++) uv += au[k] * v[k], vu += u[k] * av[k];
  assert_near(uv, vu, 1e-12 * fabs(uv));
  ritz_diffusion_destroy(&d);
}

typedef struct preconditioner {
  ritz_diffusion *diffusion;
  ritz_fast_poisson *poisson;
  ritz_index n0, n1;
  void *scratch;
} preconditioner;

static int apply(void *user, const void *x, void *y) {
  ritz_diffusion_apply(((const preconditioner *)user)->diffusion, x, y);
  return 0;
}

static int precondition(void *user, const void *rv, void *zv) {
  const preconditioner *p = user;
  const double *r = rv;
  double *z = zv;
  for (ritz_index k = 0; k < p->n0 * p->n1; k++) z[k] = 0;
  ritz_fast_poisson_solve(p->poisson, r + p->n1 + 1, p->n1, z + p->n1 + 1, p->n1, p->scratch);
  return 0;
}

/* u = sin(pi x) sin(2 pi y), a = exp(x + y / 2): f by hand. A smooth problem with b = h0 h1 f. */
static double exact(double x, double y) { return sin(pi * x) * sin(2 * pi * y); }
static double coefficient(double x, double y) { return exp(x + 0.5 * y); }
static double source(double x, double y) {
  const double ux = pi * cos(pi * x) * sin(2 * pi * y), uy = 2 * pi * sin(pi * x) * cos(2 * pi * y);
  return coefficient(x, y) * (5 * pi * pi * exact(x, y) - ux - 0.5 * uy);
}

/* Largest error on [n0, n1] nodes. */
static double manufactured_error(ritz_index n0, ritz_index n1, bool constant, int *iterations) {
  const double h0 = 1.0 / (double)(n0 - 1), h1 = 1.0 / (double)(n1 - 1);
  double *a = calloc((size_t)(n0 * n1), sizeof *a), *b = calloc((size_t)(n0 * n1), sizeof *b);
  double *u = calloc((size_t)(n0 * n1), sizeof *u);
  for (ritz_index i = 0; i < n0; i++)
    for (ritz_index j = 0; j < n1; j++) {
      const double x = (double)i * h0, y = (double)j * h1;
      const bool inner = i > 0 && i < n0 - 1 && j > 0 && j < n1 - 1;
      a[i * n1 + j] = constant ? 1 : coefficient(x, y);
      if (inner) b[i * n1 + j] = h0 * h1 * (constant ? 5 * pi * pi * exact(x, y) : source(x, y));
    }
  ritz_diffusion *d;
  ritz_krylov *cg;
  preconditioner p = {.n0 = n0, .n1 = n1};
  ritz_krylov_options options;
  ritz_krylov_options_defaults(&options);
  options.method = "cg";
  options.rtol = 1e-10;
  options.recycle = 0;
  ritz_solve_report report;
  assert_ok(ritz_diffusion_create(n0, n1, h0, h1, &d));
  assert_ok(ritz_krylov_create(RITZ_REAL_DOUBLE, n0 * n1, &options, &cg));
  assert_ok(ritz_fast_poisson_create(RITZ_FLOAT64, n0 - 2, n1 - 2, h1 / h0, h0 / h1, &p.poisson));
  assert_ok(ritz_calloc((ritz_index)ritz_fast_poisson_scratch(p.poisson), 1, &p.scratch));
  ritz_diffusion_set(d, a, RITZ_FACE_ARITHMETIC);
  p.diffusion = d;
  ritz_krylov_set_operator(cg, apply, &p);
  ritz_krylov_set_preconditioner(cg, precondition, &p);
  assert_ok(ritz_krylov_solve(cg, b, u, &report));
  assert_true(report.reason > 0);
  *iterations = report.iterations;
  double error = 0;
  for (ritz_index i = 0; i < n0; i++)
    for (ritz_index j = 0; j < n1; j++)
      error = fmax(error, fabs(u[i * n1 + j] - exact((double)i * h0, (double)j * h1)));
  ritz_free(p.scratch);
  ritz_fast_poisson_destroy(&p.poisson);
  ritz_krylov_destroy(&cg);
  ritz_diffusion_destroy(&d);
  free(a);
  free(b);
  free(u);
  return error;
}

static void converges_at_second_order(void **state) {
  int iterations;
  const double coarse = manufactured_error(17, 25, false, &iterations);
  const double middle = manufactured_error(33, 49, false, &iterations);
  const double fine = manufactured_error(65, 97, false, &iterations);
  assert_near(log2(coarse / middle), 2, 0.1);
  assert_near(log2(middle / fine), 2, 0.05);
  assert_true(fine < 2e-3);
}

static void fast_poisson_solves_constant_coefficient_in_one_step(void **state) {
  int iterations;
  manufactured_error(40, 23, true, &iterations);
  assert_int_equal(iterations, 1);
}

static void refuses_bad_arguments(void **state) {
  ritz_diffusion *d;
  assert_int_equal(ritz_diffusion_create(2, 9, 1, 1, &d), RITZ_ERR_ARGUMENT);
  assert_message_contains("[2, 9]");
  assert_int_equal(ritz_diffusion_create(3, 3, 0, 1, &d), RITZ_ERR_ARGUMENT);
  assert_null(d);
}

static void survives_every_failed_allocation(void **state) {
  ritz_diffusion *d;
  long k = 0;
  while (creation_fails(k, d, ritz_diffusion_create(4, 5, 1, 1, &d))) k++;
  assert_int_equal(k, 3);
  ritz_diffusion_destroy(&d);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_unknown_by_hand),
      cmocka_unit_test(is_symmetric_on_inner_nodes),
      cmocka_unit_test(converges_at_second_order),
      cmocka_unit_test(fast_poisson_solves_constant_coefficient_in_one_step),
      cmocka_unit_test(refuses_bad_arguments),
      cmocka_unit_test(survives_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
