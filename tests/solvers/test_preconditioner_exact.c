/* SPDX-License-Identifier: BSD-3-Clause
 * What each preconditioner must be exactly: an inverse, or factors computed densely here. */
#include "preconditioned.h"

/* ||A M r - r|| / ||r||, as double or float allow. */
static double inverse_error(ritz_preconditioner *p, ritz_sparse *a, const void *r) {
  double _Complex z[most], az[most];
  double error = 0, size = 0;
  assert_int_equal(ritz_preconditioner_apply(p, r, z), 0);
  ritz_sparse_apply(a, z, az);
  for (ritz_index i = 0; i < a->rows; i++) {
    error += pow(cabs(at(a->scalar, az, i) - at(a->scalar, r, i)), 2);
    size += pow(cabs(at(a->scalar, r, i)), 2);
  }
  return sqrt(error / size);
}

static void complete_factors_solve(void **state) {
  static const char *const cases[][2] = {
      {"ilu", "{fill: 1000}"},
      {"ic", "{fill: 1000}"},
      {"mic", "{fill: 1000}"},
      {"block_jacobi", "{blocks: 1, local: lu}"},
      {"schwarz", "{blocks: 1, local: lu, kind: additive}"},
      {"schwarz", "{blocks: 3, local: lu, overlap: 64}"},
#ifdef RITZ_WITH_SUPERLU
      {"superlu", NULL},
      {"superlu", "{order: colamd, pivot: 1}"},
#endif
  };
  static const ritz_index sizes[][2] = {{1, 1}, {1, 7}, {5, 4}, {side, side}};
  double _Complex r[most];
  for (ritz_scalar scalar = RITZ_REAL_FLOAT; scalar <= RITZ_COMPLEX_DOUBLE; scalar++)
    for (size_t s = 0; s < 4; s++)
      for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        const bool definite = strstr(cases[c][0], "ic") != NULL;
        ritz_sparse *a = diffusion(scalar, sizes[s][0], sizes[s][1], definite ? 0 : 0.3);
        ritz_preconditioner *p = make(cases[c][0], cases[c][1], a);
        fill_vector(scalar, a->rows, 4, r);
        assert_true(inverse_error(p, a, r) < 300 * epsilon_of(scalar));
        /* Other values: it follows when told. */
        for (ritz_index e = 0; e < a->entries; e++) {
          const double _Complex v = 3 * at(scalar, a->values, e);
          ritz_sparse_put(scalar, a->values, e, creal(v), cimag(v));
        }
        assert_ok(ritz_preconditioner_update(p));
        assert_true(inverse_error(p, a, r) < 300 * epsilon_of(scalar));
        ritz_preconditioner_destroy(&p);
        assert_null(p);
        ritz_sparse_destroy(&a);
      }
}

/* Dense ILU by levels in complex double: the algorithm to be checked by eye. */
static void dense_ilu(const ritz_sparse *a, int fill, double modified, bool definite,
                      double _Complex *lu) {
  static int level[most * most];
  const ritz_index n = a->rows;
  for (ritz_index i = 0; i < n * n; i++) lu[i] = 0, level[i] = INT32_MAX / 4;
  for (ritz_index i = 0; i < n; i++)
    for (ritz_index e = a->start[i]; e < a->start[i + 1]; e++) {
      lu[i * n + a->column[e]] = at(a->scalar, a->values, e);
      level[i * n + a->column[e]] = 0;
    }
  for (ritz_index i = 0; i < n; i++) {
    double _Complex dropped = 0;
    for (ritz_index k = 0; k < i; k++) {
      if (level[i * n + k] > fill) continue;
      lu[i * n + k] /= lu[k * n + k];
      for (ritz_index j = k + 1; j < n; j++) {
        const int made = level[i * n + k] + level[k * n + j] + 1;
        if (made < level[i * n + j]) level[i * n + j] = made;
        lu[i * n + j] -= lu[i * n + k] * (level[k * n + j] <= fill ? lu[k * n + j] : 0);
      }
    }
    for (ritz_index j = 0; j < n; j++)
      if (level[i * n + j] > fill) dropped += lu[i * n + j], lu[i * n + j] = 0;
    lu[i * n + i] += modified * (definite ? creal(dropped) : dropped);
  }
}

static void incomplete_factors_are_those_by_levels(void **state) {
  enum { n0 = 6, n1 = 5, n = n0 * n1 };
  static double _Complex lu[most * most];
  static const struct {
    const char *type, *options;
    int fill;
    double modified;
  } cases[] = {{"ilu", NULL, 0, 0},           {"ilu", "{fill: 1}", 1, 0},
               {"ilu", "{fill: 3}", 3, 0},    {"ic", NULL, 0, 0},
               {"ic", "{fill: 2}", 2, 0},     {"mic", NULL, 0, 0.97},
               {"ilu", "{modified: 1}", 0, 1}};
  double _Complex r[n], z[n], y[n];
  for (ritz_scalar scalar = RITZ_REAL_FLOAT; scalar <= RITZ_COMPLEX_DOUBLE; scalar++)
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
      ritz_sparse *a = diffusion(scalar, n0, n1, strcmp(cases[c].type, "ilu") == 0 ? 0.3 : 0);
      ritz_preconditioner *p = make(cases[c].type, cases[c].options, a);
      dense_ilu(a, cases[c].fill, cases[c].modified, strcmp(cases[c].type, "mic") == 0, lu);
      fill_vector(scalar, n, 6, r);
      ritz_preconditioner_apply(p, r, z);
      for (int i = 0; i < n; i++) {
        y[i] = at(scalar, r, i);
        for (int j = 0; j < i; j++) y[i] -= lu[i * n + j] * y[j];
      }
      for (int i = n - 1; i >= 0; i--) {
        for (int j = i + 1; j < n; j++) y[i] -= lu[i * n + j] * y[j];
        y[i] /= lu[i * n + i];
        assert_true(cabs(at(scalar, z, i) - y[i]) < 30 * epsilon_of(scalar));
      }
      ritz_preconditioner_destroy(&p);
      ritz_sparse_destroy(&a);
    }
}

/* (D/w + L) z = r, and (D/w + L) D^-1 (D/w + U) z = (2 - w)/w r. */
static void sweeps_solve_with_triangles(void **state) {
  const double omega = 1.3;
  for (ritz_scalar scalar = RITZ_REAL_FLOAT; scalar <= RITZ_COMPLEX_DOUBLE; scalar++)
    for (int both = 0; both < 2; both++) {
      ritz_sparse *a = diffusion(scalar, 7, 6, 0.3);
      double _Complex r[most], z[most], y[most], diagonal[most];
      ritz_preconditioner *p = make(both ? "ssor" : "sor", "{omega: 1.3}", a);
      fill_vector(scalar, a->rows, 2, r);
      ritz_preconditioner_apply(p, r, z);
      for (ritz_index i = 0; i < a->rows; i++) { /* y = D^-1 (D/w + U) z, or z */
        diagonal[i] = at(scalar, a->values, ritz_sparse_find(a, i, i));
        y[i] = at(scalar, z, i) * (both ? 1 / omega : 1);
        for (ritz_index e = a->start[i]; both && e < a->start[i + 1]; e++)
          if (a->column[e] > i)
            y[i] += at(scalar, a->values, e) * at(scalar, z, a->column[e]) / diagonal[i];
      }
      for (ritz_index i = 0; i < a->rows; i++) {
        double _Complex sum = diagonal[i] / omega * y[i];
        for (ritz_index e = a->start[i]; e < a->start[i + 1]; e++)
          if (a->column[e] < i) sum += at(scalar, a->values, e) * y[a->column[e]];
        const double _Complex wanted = (both ? (2 - omega) / omega : 1) * at(scalar, r, i);
        assert_true(cabs(sum - wanted) < 30 * epsilon_of(scalar));
      }
      ritz_preconditioner_destroy(&p);
      ritz_sparse_destroy(&a);
    }
}

/* A constant coefficient, any ends, a reaction or none: the transforms solve it. */
static void the_mean_problem_is_solved(void **state) {
  static const char *const names[] = {"dirichlet", "neumann", "periodic"};
  static const ritz_index sizes[][2] = {{3, 3}, {5, 8}, {12, 7}, {13, 13}};
  for (size_t s = 0; s < 4; s++)
    for (int ends = 0; ends < 9; ends++)
      for (ritz_scalar scalar = RITZ_REAL_FLOAT; scalar <= RITZ_COMPLEX_DOUBLE; scalar++) {
        const ritz_index n[] = {sizes[s][0], sizes[s][1]}, count = n[0] * n[1];
        const int kind[] = {ends / 3, ends % 3};
        const bool periodic[] = {kind[0] == 2, kind[1] == 2};
        const double c[] = {2, 0.7}, shift = ends == 0 ? 0 : 0.37;
        double _Complex values[5 * most], r[most];
        for (ritz_index i = 0; i < count; i++) {
          const ritz_index place[] = {i / n[1], i % n[1]};
          double diagonal = 2 * c[0] + 2 * c[1] + shift;
          for (int d = 0; d < 2; d++)
            if (kind[d] == 1) diagonal -= c[d] * ((place[d] == 0) + (place[d] == n[d] - 1));
          const double row[] = {-c[0], -c[1], diagonal, -c[1], -c[0]};
          for (int e = 0; e < 5; e++) ritz_sparse_put(scalar, values, 5 * i + e, row[e], 0);
        }
        const ritz_sparse_grid grid = {.dim = 2, .nodes = {n[0], n[1]}, .length = {1, 1}};
        ritz_sparse *a;
        char options[128];
        snprintf(options, sizeof options, "{unknowns: [%td, %td], ends0: %s, ends1: %s}", n[0],
                 n[1], names[kind[0]], names[kind[1]]);
        assert_ok(ritz_sparse_from_stencil(scalar, &grid, 5, periodic, values, &a));
        ritz_preconditioner *p = make("poisson", options, a);
        fill_vector(scalar, count, 3, r);
        assert_true(inverse_error(p, a, r) < 100 * epsilon_of(scalar));
        ritz_preconditioner_destroy(&p);
        ritz_sparse_destroy(&a);
      }
}

/* All walls closed and no reaction: the constant part of r has no solution and gets none. */
static void a_singular_mean_problem_leaves_constants_out(void **state) {
  double values[5 * 36], r[36], z[36];
  for (int i = 0; i < 36; i++) {
    const double row[] = {-1, -1, 4, -1, -1};
    memcpy(values + 5 * i, row, sizeof row);
    r[i] = 1;
  }
  const ritz_sparse_grid grid = {.dim = 2, .nodes = {6, 6}, .length = {1, 1}};
  ritz_sparse *a;
  assert_ok(ritz_sparse_from_stencil(RITZ_REAL_DOUBLE, &grid, 5, (bool[]){true, true}, values, &a));
  ritz_preconditioner *p =
      make("poisson", "{unknowns: [6, 6], ends0: periodic, ends1: periodic}", a);
  ritz_preconditioner_apply(p, r, z);
  for (int i = 0; i < 36; i++) assert_near(z[i], 0, 1e-14);
  ritz_preconditioner_destroy(&p);
  ritz_sparse_destroy(&a);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(complete_factors_solve),
      cmocka_unit_test(incomplete_factors_are_those_by_levels),
      cmocka_unit_test(sweeps_solve_with_triangles),
      cmocka_unit_test(the_mean_problem_is_solved),
      cmocka_unit_test(a_singular_mean_problem_leaves_constants_out),
  };
  return RUN_PRECONDITIONER_TESTS(tests);
}
