/* SPDX-License-Identifier: BSD-3-Clause
 * Plane elasticity: energies, rigid motions, patch test, order of convergence. */
#include <math.h>
#include <ritz/random.h>
#include <string.h>

#include "core/memory.h"
#include "solvers/grid/elasticity.h"
#include "solvers/sparse/dissection.h"
#include "support.h"

static const double pi = 3.14159265358979323846;

enum { most = 33 * 33 };

/* A rectangle of nodes, its edge given or not, with its matrix for a modulus. */
typedef struct body {
  ritz_index n0, n1, unknowns;
  double h[2], nu;
  ritz_plane plane;
  uint8_t kind[most];
  double modulus[most], given[2 * most];
  ritz_elasticity *elements;
  double *values, *b;
} body;

static void make(body *p, ritz_index n0, ritz_index n1, bool held,
                 double (*modulus)(double, double), void (*given)(double, double, double *)) {
  p->n0 = n0, p->n1 = n1;
  for (ritz_index i = 0; i < n0; i++)
    for (ritz_index j = 0; j < n1; j++) {
      const ritz_index k = i * n1 + j;
      const double x = (double)i * p->h[0], y = (double)j * p->h[1];
      const bool edge = i == 0 || j == 0 || i == n0 - 1 || j == n1 - 1;
      p->kind[k] = held && edge ? RITZ_GRID_PRESCRIBED : RITZ_GRID_UNKNOWN;
      p->modulus[k] = modulus(x, y);
      if (given) given(x, y, p->given + 2 * k);
    }
  const ritz_elasticity_options o = {.nodes = {n0, n1},
                                     .h = {p->h[0], p->h[1]},
                                     .kind = p->kind,
                                     .plane = p->plane,
                                     .poisson_ratio = p->nu};
  assert_ok(ritz_elasticity_create(&o, &p->elements));
  const ritz_sparse_parts a = ritz_sparse_describe(ritz_elasticity_pattern(p->elements));
  p->unknowns = a.rows;
  assert_ok(RITZ_NEW(a.entries, &p->values));
  assert_ok(RITZ_NEW(a.rows, &p->b));
  ritz_elasticity_fill(p->elements, p->modulus, given ? p->given : NULL, p->values, p->b);
}

static void release(body *p) {
  ritz_free(p->values);
  ritz_free(p->b);
  ritz_elasticity_destroy(&p->elements);
}

static double smooth(double x, double y) { return 1 + x + 2 * y; }
static double one(double x, double y) { return 1; }
static double rough(double x, double y) { return 2 + sin(40 * x + 3) * cos(50 * y); }

/* y = A x, plainly. */
static void multiply(const body *p, const double *x, double *y) {
  const ritz_sparse_parts a = ritz_sparse_describe(ritz_elasticity_pattern(p->elements));
  for (ritz_index i = 0; i < a.rows; i++) {
    y[i] = 0;
    for (ritz_index e = a.start[i]; e < a.start[i + 1]; e++) y[i] += p->values[e] * x[a.column[e]];
  }
}

/* Integral of E (lambda (div u)^2 + 2 mu eps : eps), three Gauss points per axis of a cell. */
static double energy(const body *p, const double *u) {
  static const double at[] = {0.1127016653792583, 0.5, 0.8872983346207417};
  static const double weight[] = {5.0 / 18, 8.0 / 18, 5.0 / 18};
  const double mu = 0.5 / (1 + p->nu);
  const double lambda = p->plane == RITZ_PLANE_STRESS ? p->nu / (1 - p->nu * p->nu)
                                                      : p->nu / ((1 + p->nu) * (1 - 2 * p->nu));
  double sum = 0;
  for (ritz_index i = 0; i < p->n0 - 1; i++)
    for (ritz_index j = 0; j < p->n1 - 1; j++)
      for (int q = 0; q < 9; q++) {
        const double s = at[q / 3], t = at[q % 3];
        const double hat[] = {(1 - s) * (1 - t), (1 - s) * t, s * (1 - t), s * t};
        const double d0[] = {t - 1, -t, 1 - t, t}, d1[] = {s - 1, 1 - s, -s, s};
        double E = 0, grad[2][2] = {{0}};
        for (int v = 0; v < 4; v++) {
          const ritz_index k = (i + v / 2) * p->n1 + j + v % 2;
          E += hat[v] * p->modulus[k];
          for (int a = 0; a < 2; a++) {
            grad[a][0] += u[2 * k + a] * d0[v] / p->h[0];
            grad[a][1] += u[2 * k + a] * d1[v] / p->h[1];
          }
        }
        const double div = grad[0][0] + grad[1][1], shear = 0.5 * (grad[0][1] + grad[1][0]);
        const double square = grad[0][0] * grad[0][0] + grad[1][1] * grad[1][1] + 2 * shear * shear;
        sum += weight[q / 3] * weight[q % 3] * p->h[0] * p->h[1] * E *
               (lambda * div * div + 2 * mu * square);
      }
  return sum;
}

static void energies_are_those_of_the_strains(void **state) {
  static const ritz_index sizes[][2] = {{2, 2}, {5, 3}, {4, 7}};
  for (int k = 0; k < 6; k++) {
    body p = {.h = {0.3, 0.2}, .nu = k % 2 ? 0.3 : -0.2, .plane = k < 3};
    make(&p, sizes[k % 3][0], sizes[k % 3][1], false, rough, NULL);
    double u[2 * 28], r[2 * 28], dot = 0;
    const ritz_random stream = {1, RITZ_RANDOM_TEST, (uint32_t)k};
    ritz_random_normals(stream, 0, p.unknowns, u);
    multiply(&p, u, r);
    for (ritz_index i = 0; i < p.unknowns; i++) dot += u[i] * r[i];
    const double e = energy(&p, u);
    assert_near(dot, e, 1e-13 * e);
    release(&p);
  }
}

static void rigid_motions_cost_nothing(void **state) {
  body p = {.h = {0.25, 0.5}, .nu = 0.3};
  make(&p, 6, 5, false, rough, NULL);
  double u[60], r[60];
  for (int motion = 0; motion < 3; motion++) {
    for (int k = 0; k < 30; k++) {
      u[2 * k] = motion == 0 ? 1 : motion == 1 ? 0 : -0.5 * (k % 5);
      u[2 * k + 1] = motion == 0 ? 0 : motion == 1 ? 1 : 0.25 * (k / 5);
    }
    multiply(&p, u, r);
    for (int k = 0; k < 60; k++) assert_near(r[k], 0, 1e-13);
  }
  release(&p);
}

/* Symmetric to rounding; Cholesky's pivots are positive. */
static void the_matrix_of_a_held_body_is_positive_definite(void **state) {
  enum { unknowns = 2 * 4 * 3 };
  body p = {.h = {0.2, 0.25}, .nu = 0.45};
  double a[unknowns][unknowns] = {{0}};
  make(&p, 6, 5, true, rough, NULL);
  assert_int_equal(p.unknowns, unknowns);
  const ritz_sparse_parts parts = ritz_sparse_describe(ritz_elasticity_pattern(p.elements));
  for (int i = 0; i < unknowns; i++)
    for (ritz_index e = parts.start[i]; e < parts.start[i + 1]; e++)
      a[i][parts.column[e]] = p.values[e];
  for (int i = 0; i < unknowns; i++)
    for (int j = 0; j < i; j++) assert_near(a[i][j], a[j][i], 1e-15);
  for (int k = 0; k < unknowns; k++) {
    assert_true(a[k][k] > 1e-3);
    for (int i = k + 1; i < unknowns; i++)
      for (int j = k + 1; j < unknowns; j++) a[i][j] -= a[i][k] * a[k][j] / a[k][k];
  }
  release(&p);
}

/* Solves for b, into field [nodes, 2] that has the given displacements. */
static void solve(body *p, double *field) {
  ritz_dissection *plan;
  ritz_dissection_factors *factors;
  double *u;
  assert_ok(RITZ_NEW(p->unknowns, &u));
  assert_ok(ritz_dissection_create(ritz_elasticity_pattern(p->elements), 2,
                                   ritz_elasticity_places(p->elements), &plan));
  assert_ok(ritz_dissection_factors_create(plan, &factors));
  assert_true(ritz_dissection_factor(factors, p->values));
  ritz_dissection_solve(factors, p->b, u);
  memcpy(field, p->given, (size_t)(2 * p->n0 * p->n1) * sizeof *field);
  ritz_elasticity_scatter(p->elements, u, field);
  ritz_dissection_factors_destroy(&factors);
  ritz_dissection_destroy(&plan);
  ritz_free(u);
}

static void linear(double x, double y, double *u) {
  u[0] = 0.3 + 0.7 * x - 1.1 * y;
  u[1] = -0.2 + 0.4 * x + 0.9 * y;
}

static void patch_test_is_exact(void **state) {
  static const ritz_index sizes[][2] = {{3, 3}, {7, 4}, {5, 12}};
  for (int k = 0; k < 3; k++) {
    body p = {.h = {0.13, 0.2}, .nu = 0.3, .plane = k % 2};
    static double field[2 * most];
    make(&p, sizes[k][0], sizes[k][1], true, one, linear);
    solve(&p, field);
    for (ritz_index i = 0; i < p.n0; i++)
      for (ritz_index j = 0; j < p.n1; j++) {
        double u[2];
        linear((double)i * p.h[0], (double)j * p.h[1], u);
        for (int a = 0; a < 2; a++) assert_near(field[2 * (i * p.n1 + j) + a], u[a], 1e-13);
      }
    release(&p);
  }
}

static void waves(double x, double y, double *u) {
  u[0] = sin(pi * x) * cos(2 * y) + x * y;
  u[1] = cos(2 * x + y) + 0.5 * x * x;
}

/* Row a of the stress of `waves` in plane strain, nu = 0.3, E = smooth. */
static void stress(int a, double x, double y, double sigma[2]) {
  const double mu = 0.5 / 1.3, lambda = 0.3 / (1.3 * 0.4), E = smooth(x, y);
  const double grad[2][2] = {{pi * cos(pi * x) * cos(2 * y) + y, -2 * sin(pi * x) * sin(2 * y) + x},
                             {-2 * sin(2 * x + y) + x, -sin(2 * x + y)}};
  for (int b = 0; b < 2; b++)
    sigma[b] = E * ((a == b) * lambda * (grad[0][0] + grad[1][1]) + mu * (grad[a][b] + grad[b][a]));
}

static double force(int a, double x, double y) {
  const double d = 1e-4;
  double east[2], west[2], north[2], south[2];
  stress(a, x + d, y, east);
  stress(a, x - d, y, west);
  stress(a, x, y + d, north);
  stress(a, x, y - d, south);
  return -(east[0] - west[0] + north[1] - south[1]) / (2 * d);
}

static double manufactured_error(ritz_index n) {
  body p = {.h = {1.0 / (double)(n - 1), 1.0 / (double)(n - 1)}, .nu = 0.3};
  static double field[2 * most];
  make(&p, n, n, true, smooth, waves);
  double *b = p.b, worst = 0;
  for (ritz_index i = 1; i < n - 1; i++)
    for (ritz_index j = 1; j < n - 1; j++)
      for (int a = 0; a < 2; a++)
        *b++ += p.h[0] * p.h[1] * force(a, (double)i * p.h[0], (double)j * p.h[1]);
  solve(&p, field);
  for (ritz_index k = 0; k < 2 * n * n; k++) worst = fmax(worst, fabs(field[k] - p.given[k]));
  release(&p);
  return worst;
}

static void manufactured_displacements_converge_at_second_order(void **state) {
  const double e9 = manufactured_error(9), e17 = manufactured_error(17),
               e33 = manufactured_error(33);
  assert_near(log2(e9 / e17), 2, 0.2);
  assert_near(log2(e17 / e33), 2, 0.1);
}

static void refuses_bad_options(void **state) {
  static const uint8_t kind[4] = {1, 1, 1, 1};
  const ritz_elasticity_options good = {
      .nodes = {2, 2}, .h = {1, 1}, .kind = kind, .poisson_ratio = 0.3};
  ritz_elasticity *e;
  ritz_elasticity_options o = good;
  o.nodes[0] = 1;
  assert_int_equal(ritz_elasticity_create(&o, &e), RITZ_ERR_ARGUMENT);
  assert_message_contains("nodes along axis 0 are 1");
  o = good, o.h[1] = 0;
  assert_int_equal(ritz_elasticity_create(&o, &e), RITZ_ERR_ARGUMENT);
  o = good, o.poisson_ratio = 0.5;
  assert_int_equal(ritz_elasticity_create(&o, &e), RITZ_ERR_ARGUMENT);
  assert_message_contains("poisson_ratio is 0.5");
  assert_null(e);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(energies_are_those_of_the_strains),
      cmocka_unit_test(rigid_motions_cost_nothing),
      cmocka_unit_test(the_matrix_of_a_held_body_is_positive_definite),
      cmocka_unit_test(patch_test_is_exact),
      cmocka_unit_test(manufactured_displacements_converge_at_second_order),
      cmocka_unit_test(refuses_bad_options),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
