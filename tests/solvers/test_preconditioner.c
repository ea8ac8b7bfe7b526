/* SPDX-License-Identifier: BSD-3-Clause
 * Preconditioners: what each must be exactly, what all of them must be, and how they refuse. */
#include <complex.h>
#include <math.h>
#ifdef RITZ_WITH_HYPRE
#include <mpi.h>
#endif
#include <ritz/krylov.h>
#include <ritz/preconditioner.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "solvers/sparse/sparse.h"
#include "support.h"

enum { side = 13, most = side * side };

/* -- Matrices and vectors in complex double, whatever the format ------------------------------ */

static double _Complex at(ritz_scalar scalar, const void *array, ritz_index i) {
  double re, im;
  ritz_sparse_get(scalar, array, i, &re, &im);
  return CMPLX(re, im);
}

static void fill_vector(ritz_scalar scalar, ritz_index n, uint32_t seed, void *x) {
  double random[2 * most];
  fill_uniform(seed, 2 * n, random);
  for (ritz_index i = 0; i < n; i++) ritz_sparse_put(scalar, x, i, random[i], random[n + i]);
}

/* The five-point matrix of a smooth coefficient on n0 x n1 unknowns; in complex formats turned by
 * phases that keep it Hermitian; with `skew` a part that makes it unsymmetric. */
static ritz_sparse *diffusion(ritz_scalar scalar, ritz_index n0, ritz_index n1, double skew) {
  static double k[(side + 2) * (side + 2)];
  static uint8_t kind[(side + 2) * (side + 2)];
  for (ritz_index i = 0; i < n0 + 2; i++)
    for (ritz_index j = 0; j < n1 + 2; j++) {
      const bool edge = i == 0 || i == n0 + 1 || j == 0 || j == n1 + 1;
      kind[i * (n1 + 2) + j] = edge ? RITZ_GRID_PRESCRIBED : RITZ_GRID_UNKNOWN;
      k[i * (n1 + 2) + j] = 1.5 + sin(0.3 * (double)i) * cos(0.5 * (double)j);
    }
  const ritz_elements problem = {
      .grid = {2, {n0 + 2, n1 + 2}, {(double)(n0 + 1), (double)(n1 + 1)}, NULL, kind}, .a = k};
  ritz_sparse *a;
  assert_ok(ritz_sparse_from_elements(scalar, &problem, NULL, &a));
  for (ritz_index i = 0; i < a->rows; i++)
    for (ritz_index e = a->start[i]; e < a->start[i + 1]; e++) {
      const ritz_index j = a->column[e];
      const double _Complex turned = at(scalar, a->values, e) *
                                     (1 + skew * (double)((j > i) - (j < i))) *
                                     cexp(CMPLX(0, 0.1 * sin((double)i) - 0.1 * sin((double)j)));
      ritz_sparse_put(scalar, a->values, e, creal(turned),
                      scalar >= RITZ_COMPLEX_FLOAT ? cimag(turned) : 0);
    }
  return a;
}

static double epsilon_of(ritz_scalar scalar) { return scalar % 2 ? 1e-15 : 5e-7; }

static ritz_preconditioner *make(const char *type, const char *options, const ritz_sparse *a) {
  ritz_preconditioner *p;
  assert_ok(ritz_preconditioner_create(type, options, a, &p));
  return p;
}

/* Options that a type needs for a grid. */
static const char *options_of(const char *type, ritz_index n0, ritz_index n1, char text[64]) {
  if (strcmp(type, "poisson") != 0 && strcmp(type, "pfmg") != 0) return NULL;
  snprintf(text, 64, "{unknowns: [%td, %td]}", n0, n1);
  return text;
}

/* hypre works in real double only. */
static bool has_format(const char *type, ritz_scalar scalar) {
  return scalar == RITZ_REAL_DOUBLE ||
         (strcmp(type, "boomeramg") != 0 && strcmp(type, "pfmg") != 0);
}

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

/* -- What some are exactly -------------------------------------------------------------------- */

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
        const ritz_sparse_grid grid = {2, {n[0], n[1]}, {1, 1}, NULL, NULL};
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
  const ritz_sparse_grid grid = {2, {6, 6}, {1, 1}, NULL, NULL};
  ritz_sparse *a;
  assert_ok(ritz_sparse_from_stencil(RITZ_REAL_DOUBLE, &grid, 5, (bool[]){true, true}, values, &a));
  ritz_preconditioner *p =
      make("poisson", "{unknowns: [6, 6], ends0: periodic, ends1: periodic}", a);
  ritz_preconditioner_apply(p, r, z);
  for (int i = 0; i < 36; i++) assert_near(z[i], 0, 1e-14);
  ritz_preconditioner_destroy(&p);
  ritz_sparse_destroy(&a);
}

/* -- What all are ----------------------------------------------------------------------------- */

static void all_are_linear(void **state) {
  for (int t = 0; t < ritz_preconditioner_count(); t++)
    for (ritz_scalar scalar = RITZ_REAL_FLOAT; scalar <= RITZ_COMPLEX_DOUBLE; scalar++) {
      const char *type = ritz_preconditioner_name(t);
      if (!has_format(type, scalar)) continue;
      char text[64];
      double _Complex x[most], y[most], mx[most], my[most];
      ritz_sparse *a = diffusion(scalar, 11, side, 0);
      ritz_preconditioner *p = make(type, options_of(type, 11, side, text), a);
      fill_vector(scalar, a->rows, 1, x);
      fill_vector(scalar, a->rows, 2, y);
      ritz_preconditioner_apply(p, x, mx);
      ritz_preconditioner_apply(p, y, my);
      for (ritz_index i = 0; i < a->rows; i++) {
        const double _Complex sum = at(scalar, x, i) - 2 * at(scalar, y, i);
        ritz_sparse_put(scalar, x, i, creal(sum), cimag(sum));
      }
      ritz_preconditioner_apply(p, x, y);
      for (ritz_index i = 0; i < a->rows; i++)
        assert_true(cabs(at(scalar, y, i) - at(scalar, mx, i) + 2 * at(scalar, my, i)) <
                    300 * epsilon_of(scalar));
      ritz_preconditioner_destroy(&p);
      ritz_sparse_destroy(&a);
    }
}

/* Of a Hermitian matrix most are Hermitian, and conjugate gradients need fewer steps with them. */
static void symmetric_ones_serve_conjugate_gradients(void **state) {
  static const char *const cases[][2] = {{"none", NULL},
                                         {"jacobi", NULL},
                                         {"ssor", NULL},
                                         {"ic", NULL},
                                         {"mic", NULL},
                                         {"block_jacobi", "{blocks: 4}"},
                                         {"schwarz", "{blocks: 4, kind: additive, local: lu}"},
                                         {"chebyshev", NULL},
                                         {"poisson", "{unknowns: [13, 13]}"},
#ifdef RITZ_WITH_HYPRE
                                         {"boomeramg", NULL},
                                         {"pfmg", "{unknowns: [13, 13]}"}
#endif
  };
  for (ritz_scalar scalar = RITZ_REAL_DOUBLE; scalar <= RITZ_COMPLEX_DOUBLE; scalar += 2) {
    int plain = 0;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
      if (!has_format(cases[c][0], scalar)) continue;
      double _Complex x[most], y[most], mx[most], my[most], xmy = 0, mxy = 0;
      ritz_sparse *a = diffusion(scalar, side, side, 0);
      ritz_preconditioner *p = make(cases[c][0], cases[c][1], a);
      fill_vector(scalar, a->rows, 1, x);
      fill_vector(scalar, a->rows, 2, y);
      ritz_preconditioner_apply(p, x, mx);
      ritz_preconditioner_apply(p, y, my);
      for (ritz_index i = 0; i < a->rows; i++) {
        xmy += conj(at(scalar, x, i)) * at(scalar, my, i);
        mxy += conj(at(scalar, mx, i)) * at(scalar, y, i);
      }
      if (!(cabs(xmy - mxy) < 1e-12 * (1 + cabs(xmy))))
        fail_msg("%s: x . M y = %g, M x . y = %g", cases[c][0], cabs(xmy), cabs(mxy));
      ritz_krylov_options options;
      ritz_krylov_options_defaults(&options);
      options.method = "cg", options.rtol = 1e-8;
      ritz_krylov *solver;
      ritz_solve_report report;
      assert_ok(ritz_krylov_create(scalar, a->rows, &options, &solver));
      ritz_krylov_set_operator(solver, ritz_sparse_apply, a);
      ritz_krylov_set_preconditioner(solver, ritz_preconditioner_apply, p);
      assert_ok(ritz_krylov_solve(solver, x, y, &report));
      assert_int_equal(report.reason, RITZ_SOLVE_CONVERGED);
      if (c == 0) plain = report.iterations;
      assert_true(report.iterations <= plain);
      if (c > 1) assert_true(report.iterations * 10 < plain * 9);
      ritz_krylov_destroy(&solver);
      ritz_preconditioner_destroy(&p);
      ritz_sparse_destroy(&a);
    }
  }
}

/* Red unknowns first, then black ones: two long levels, which threads share. */
static ritz_sparse *red_black(ritz_index n) {
  static const int step[][2] = {{0, 0}, {0, 1}, {0, -1}, {1, 0}, {-1, 0}};
  ritz_index *row, *column, *number;
  double *value;
  assert_ok(RITZ_NEW(5 * n * n, &row));
  assert_ok(RITZ_NEW(5 * n * n, &column));
  assert_ok(RITZ_NEW(5 * n * n, &value));
  assert_ok(RITZ_NEW(n * n, &number));
  ritz_index count = 0, next = 0;
  for (int colour = 0; colour < 2; colour++)
    for (ritz_index i = 0; i < n * n; i++)
      if ((i / n + i % n) % 2 == colour) number[i] = next++;
  for (ritz_index i = 0; i < n; i++)
    for (ritz_index j = 0; j < n; j++)
      for (int s = 0; s < 5; s++) {
        const ritz_index p = i + step[s][0], q = j + step[s][1];
        if (p < 0 || p >= n || q < 0 || q >= n) continue;
        row[count] = number[i * n + j], column[count] = number[p * n + q];
        value[count++] = s == 0 ? 4.5 + sin((double)i) : -1;
      }
  ritz_sparse *a;
  assert_ok(
      ritz_sparse_from_entries(RITZ_REAL_DOUBLE, n * n, n * n, count, row, column, value, &a));
  ritz_free(row);
  ritz_free(column);
  ritz_free(value);
  ritz_free(number);
  return a;
}

static void threads_change_no_bit(void **state) {
  enum { n = 96 };
  static double r[n * n], z[2][n * n];
  ritz_sparse *a = red_black(n);
  fill_uniform(3, n * n, r);
  for (int t = 0; t < ritz_preconditioner_count(); t++) {
    const char *type = ritz_preconditioner_name(t);
    if (!has_format(type, RITZ_REAL_FLOAT) || strcmp(type, "poisson") == 0) continue;
    ritz_preconditioner *p;
    if (strcmp(type, "ic") == 0 || strcmp(type, "mic") == 0)
      p = make(type, "{shift: 0.1}", a);
    else
      p = make(type, strcmp(type, "schwarz") == 0 ? "{kind: additive}" : NULL, a);
    for (int threads = 1; threads <= 2; threads++) {
      ritz_preconditioner_set_threads(p, threads);
      ritz_preconditioner_apply(p, r, z[threads - 1]);
    }
    assert_memory_equal(z[0], z[1], sizeof z[0]);
    ritz_preconditioner_destroy(&p);
  }
  ritz_sparse_destroy(&a);
}

/* -- How they refuse -------------------------------------------------------------------------- */

static ritz_status refusal(const char *type, const char *options, const ritz_sparse *a) {
  ritz_preconditioner *p;
  const ritz_status status = ritz_preconditioner_create(type, options, a, &p);
  assert_null(p);
  return status;
}

static ritz_sparse *two_by_two(double a, double b, double c, double d) {
  const ritz_index row[] = {0, 0, 1, 1}, column[] = {0, 1, 0, 1};
  const double values[] = {a, b, c, d};
  ritz_sparse *out;
  assert_ok(ritz_sparse_from_entries(RITZ_REAL_DOUBLE, 2, 2, 4, row, column, values, &out));
  return out;
}

static void bad_matrices_are_named(void **state) {
  static const struct {
    double a[4];
    const char *type, *message;
  } cases[] = {
      {{1, 2, 3, 0}, "jacobi", "row 1 is zero"},
      {{1, 2, 3, 0}, "sor", "preconditioner sor: the diagonal entry of row 1 is zero"},
      {{0, 2, 3, 1}, "ilu", "the pivot of row 0 is 0"},
      {{1, 2, 2, 4}, "ilu", "the pivot of row 1 is 0"},
      {{1, 2, 2, 1}, "ic", "the pivot of row 1 is -3: the matrix is not positive definite"},
      {{4, 2, 1, 4}, "ic", "not Hermitian: its entries at (1, 0)"},
      {{1, 2, 2, 4}, "block_jacobi", "block 0 of rows 0 ...: the pivot of row 1"},
      {{-1, 0, 0, 1}, "chebyshev", "row 0 is -1: the matrix is not positive definite"},
#ifdef RITZ_WITH_SUPERLU
      {{1, 0, 0, 0}, "superlu", "the matrix is singular"},
#endif
  };
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    const double *v = cases[c].a;
    ritz_sparse *a = two_by_two(v[0], v[1], v[2], v[3]);
    assert_int_equal(refusal(cases[c].type, NULL, a), RITZ_ERR_NUMERIC);
    assert_message_contains(cases[c].message);
    ritz_sparse_destroy(&a);
  }
  const ritz_index start[] = {0, 2, 3}, column[] = {0, 1, 1};
  const double values[] = {1, 2, 3};
  ritz_sparse *a;
  assert_ok(ritz_sparse_create(RITZ_REAL_DOUBLE, 2, 2, start, column, values, &a));
  assert_int_equal(refusal("ic", NULL, a), RITZ_ERR_NUMERIC);
  assert_message_contains("an entry (0, 1) but none at (1, 0)");
  ritz_sparse_destroy(&a);
  assert_ok(ritz_sparse_create(RITZ_REAL_DOUBLE, 1, 2, start, column, values, &a));
  assert_int_equal(refusal("ilu", NULL, a), RITZ_ERR_SHAPE);
  ritz_sparse_destroy(&a);
}

static void bad_options_are_named(void **state) {
  ritz_sparse *a = two_by_two(2, 1, 1, 2);
  assert_int_equal(refusal("iul", NULL, a), RITZ_ERR_NOT_FOUND);
  assert_message_contains("ilu");
  assert_int_equal(refusal("ilu", "{fil: 1}", a), RITZ_ERR_CONFIG);
  assert_message_contains("fill");
  assert_int_equal(refusal("none", "{fill: 1}", a), RITZ_ERR_CONFIG);
  assert_int_equal(refusal("ssor", "{omega: 2}", a), RITZ_ERR_CONFIG);
  assert_int_equal(refusal("poisson", NULL, a), RITZ_ERR_CONFIG);
  assert_int_equal(refusal("poisson", "{unknowns: [2, 2]}", a), RITZ_ERR_SHAPE);
  assert_int_equal(refusal("poisson", "{unknowns: [2]}", a), RITZ_ERR_CONFIG);
  ritz_sparse_destroy(&a);
  char *text;
  assert_ok(ritz_preconditioner_help("ilu", &text));
  assert_non_null(strstr(text, "fill"));
  ritz_free(text);
  assert_int_equal(ritz_preconditioner_help("iul", &text), RITZ_ERR_NOT_FOUND);
  assert_null(ritz_preconditioner_name(-1));
  assert_null(ritz_preconditioner_summary(1000));
}

static void survives_every_failed_allocation(void **state) {
  ritz_sparse *a = diffusion(RITZ_REAL_FLOAT, 4, 5, 0);
  for (int t = 0; t < ritz_preconditioner_count(); t++) {
    const char *type = ritz_preconditioner_name(t);
    if (!has_format(type, RITZ_REAL_FLOAT)) continue;
    char text[64];
    const char *options = options_of(type, 4, 5, text);
    for (long fail = 0;; fail++) {
      ritz_preconditioner *p;
      ritz_test_fail_allocation(fail);
      const ritz_status status = ritz_preconditioner_create(type, options, a, &p);
      ritz_test_fail_allocation(-1);
      if (status == RITZ_OK) {
        ritz_preconditioner_destroy(&p);
        break;
      }
      assert_int_equal(status, RITZ_ERR_MEMORY);
      assert_null(p);
    }
  }
  ritz_sparse_destroy(&a);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(complete_factors_solve),
      cmocka_unit_test(incomplete_factors_are_those_by_levels),
      cmocka_unit_test(sweeps_solve_with_triangles),
      cmocka_unit_test(the_mean_problem_is_solved),
      cmocka_unit_test(a_singular_mean_problem_leaves_constants_out),
      cmocka_unit_test(all_are_linear),
      cmocka_unit_test(symmetric_ones_serve_conjugate_gradients),
      cmocka_unit_test(threads_change_no_bit),
      cmocka_unit_test(bad_matrices_are_named),
      cmocka_unit_test(bad_options_are_named),
      cmocka_unit_test(survives_every_failed_allocation),
  };
#ifdef RITZ_WITH_HYPRE
  MPI_Init(NULL, NULL);
#endif
  const int failures = cmocka_run_group_tests(tests, NULL, NULL);
#ifdef RITZ_WITH_HYPRE
  MPI_Finalize();
#endif
  return failures;
}
