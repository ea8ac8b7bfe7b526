/* SPDX-License-Identifier: BSD-3-Clause
 * What all preconditioners must be. */
#include <ritz/krylov.h>

#include "core/memory.h"
#include "preconditioned.h"

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

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(all_are_linear),
      cmocka_unit_test(symmetric_ones_serve_conjugate_gradients),
      cmocka_unit_test(threads_change_no_bit),
  };
  return RUN_PRECONDITIONER_TESTS(tests);
}
