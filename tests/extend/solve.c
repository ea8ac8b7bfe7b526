/* SPDX-License-Identifier: BSD-3-Clause
 * The new method with the new preconditioner, through public headers: Poisson's equation on 30
 * intervals. Ends with 0 if it converged. */
#include <ritz/krylov.h>
#include <ritz/preconditioner.h>
#include <ritz/sparse.h>
#include <stdio.h>
#include <stdlib.h>

enum { n = 29 };

static void check(ritz_status status) {
  if (status == RITZ_OK) return;
  fprintf(stderr, "%s\n", ritz_error_message());
  exit(EXIT_FAILURE);
}

static ritz_sparse *laplacian(void) {
  ritz_index row[3 * n], column[3 * n], count = 0;
  double value[3 * n];
  for (ritz_index i = 0; i < n; i++)
    for (ritz_index j = i - 1; j <= i + 1; j++)
      if (j >= 0 && j < n) row[count] = i, column[count] = j, value[count++] = i == j ? 2 : -1;
  ritz_sparse *matrix;
  check(ritz_sparse_from_entries(RITZ_REAL_DOUBLE, n, n, count, row, column, value, &matrix));
  return matrix;
}

int main(void) {
  ritz_sparse *matrix = laplacian();
  ritz_preconditioner *sums;
  ritz_krylov *solver;
  ritz_krylov_options options;
  ritz_solve_report report;
  double b[n], x[n];
  for (int i = 0; i < n; i++) b[i] = 1;
  ritz_krylov_options_defaults(&options);
  options.method = "steepest_descent";
  check(ritz_preconditioner_create("row_sums", NULL, matrix, &sums));
  check(ritz_krylov_create(RITZ_REAL_DOUBLE, n, &options, &solver));
  ritz_krylov_set_operator(solver, ritz_sparse_apply, matrix);
  ritz_krylov_set_preconditioner(solver, ritz_preconditioner_apply, sums);
  check(ritz_krylov_solve(solver, b, x, &report));
  printf("%d steps of steepest_descent with row_sums, residual %.1e: %s\n", report.iterations,
         report.residual, ritz_solve_reason_text(report.reason));
  ritz_krylov_destroy(&solver);
  ritz_preconditioner_destroy(&sums);
  ritz_sparse_destroy(&matrix);
  return report.reason > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
