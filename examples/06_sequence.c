/* SPDX-License-Identifier: BSD-3-Clause
 * A sequence of linear systems that changes slowly, and what a recycle space saves:
 *
 *     -div(a grad u) - k^2 u = 1  on the unit square,  u = 0 on its boundary,
 *
 * with a coefficient a that drifts from system to system. The matrix keeps its pattern, the
 * preconditioner is computed anew for each, and GCRO-DR starts from what the system before has
 * taught.
 *
 *     $ 06_sequence
 *     products with the matrix: gmres 1764, gcrodr 380, all converged to a true residual of 1e-8 */
#include <math.h>
#include <ritz/ritz.h>
#include <stdio.h>
#include <stdlib.h>

enum { N = 65, NODES = N * N, SYSTEMS = 8 };

static double coefficient[NODES], shift[NODES], load[NODES], rhs[NODES], x[NODES];
static uint8_t kind[NODES];

static void set_fields(int system) {
  const double pi = 3.14159265358979323846, k = 12;
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) {
      const double s = (double)i / (N - 1), t = (double)j / (N - 1);
      const bool inside = i > 0 && j > 0 && i < N - 1 && j < N - 1;
      kind[i * N + j] = inside ? RITZ_GRID_UNKNOWN : RITZ_GRID_PRESCRIBED;
      coefficient[i * N + j] = 1 + 0.3 * sin(2 * pi * (s + 0.02 * system)) * cos(2 * pi * t);
      shift[i * N + j] = -k * k;
      load[i * N + j] = 1;
    }
}

static ritz_status create(const char *method, ritz_index n, ritz_sparse *a, ritz_preconditioner *m,
                          ritz_krylov **out) {
  ritz_krylov_options options;
  ritz_krylov_options_defaults(&options);
  options.method = method;
  options.rtol = 1e-8;
  options.restart = 40;
  options.recycle = 20;
  const ritz_status status = ritz_krylov_create(RITZ_REAL_DOUBLE, n, &options, out);
  if (status != RITZ_OK) return status;
  ritz_krylov_set_operator(*out, ritz_sparse_apply, a);
  ritz_krylov_set_preconditioner(*out, ritz_preconditioner_apply, m);
  return RITZ_OK;
}

int main(void) {
  static const char *const method[2] = {"gmres", "gcrodr"};
  const ritz_elements problem = {
      .grid = {.dim = 2, .nodes = {N, N}, .length = {1, 1}, .kind = kind},
      .element = RITZ_ELEMENT_STAR,
      .a = coefficient,
      .c = shift,
      .f = load};
  ritz_sparse *a = NULL;
  ritz_preconditioner *m = NULL;
  ritz_krylov *solver[2] = {NULL, NULL};
  ritz_solve_report report[2];
  int total[2] = {0, 0}, good = 1;

  set_fields(0);
  ritz_status status = ritz_sparse_from_elements(RITZ_REAL_DOUBLE, &problem, rhs, &a);
  if (status == RITZ_OK) status = ritz_preconditioner_create("ilu", "{fill: 1}", a, &m);
  const ritz_index n = a ? ritz_sparse_describe(a).rows : 0;
  for (int s = 0; s < 2 && status == RITZ_OK; s++) status = create(method[s], n, a, m, &solver[s]);

  for (int system = 0; system < SYSTEMS && status == RITZ_OK; system++) {
    set_fields(system);
    status = ritz_sparse_elements_update(a, &problem, rhs);
    if (status == RITZ_OK) status = ritz_preconditioner_update(m);
    for (int s = 0; s < 2 && status == RITZ_OK; s++) {
      /* Said again because the matrix behind them has changed. */
      ritz_krylov_set_operator(solver[s], ritz_sparse_apply, a);
      ritz_krylov_set_preconditioner(solver[s], ritz_preconditioner_apply, m);
      status = ritz_krylov_solve(solver[s], rhs, x, &report[s]);
      total[s] += report[s].products;
      good = good && report[s].reason > 0 && report[s].residual <= 1e-8;
    }
    if (status == RITZ_OK)
      printf("system %d: gmres %3d iterations, gcrodr %3d with %3d products\n", system,
             report[0].iterations, report[1].iterations, report[1].products);
  }
  if (status == RITZ_OK)
    printf("products with the matrix: gmres %d, gcrodr %d, %s to a true residual of 1e-8\n",
           total[0], total[1], good ? "all converged" : "not all converged");
  else
    fprintf(stderr, "%s\n", ritz_error_message());

  for (int s = 0; s < 2; s++) ritz_krylov_destroy(&solver[s]);
  ritz_preconditioner_destroy(&m);
  ritz_sparse_destroy(&a);
  return status == RITZ_OK && good ? EXIT_SUCCESS : EXIT_FAILURE;
}
