/* SPDX-License-Identifier: BSD-3-Clause
 * Krylov methods over ranks: vectors are cut in rows, sums go through the communicator. */
#include <math.h>
#include <ritz/krylov.h>
#include <stdlib.h>
#include <string.h>

#include "core/context.h"
#include "dist/comm.h"
#include "solvers/krylov/method.h"
/* Below what has a `size` of its own. */
#include "ranks.h"

enum { n = 60 };

/* A diagonally dominant symmetric matrix; its rows [first, last) are here. */
typedef struct part {
  ritz_comm *comm;
  int first, last;
  double whole[n]; /* a vector of all ranks */
} part;

static double entry(int i, int j) {
  return i == j ? 4 + 0.5 * sin(i) : 1.0 / (2 + (i - j) * (i - j));
}

static int add(void *user, double *values, int count) {
  const part *p = user;
  if (!p->comm) return 0; /* all rows are here */
  return ritz_comm_sum(p->comm, RITZ_FLOAT64, count, values) == RITZ_OK ? 0 : 1;
}

static int multiply(void *user, const void *xv, void *yv) {
  part *p = user;
  const double *x = xv;
  double *y = yv;
  memset(p->whole, 0, sizeof p->whole);
  memcpy(p->whole + p->first, x, (size_t)(p->last - p->first) * sizeof *x);
  if (add(p, p->whole, n)) return 1;
  for (int i = p->first; i < p->last; i++) {
    y[i - p->first] = 0;
    for (int j = 0; j < n; j++) y[i - p->first] += entry(i, j) * p->whole[j];
  }
  return 0;
}

static int divide(void *user, const void *rv, void *zv) {
  const part *p = user;
  for (int i = p->first; i < p->last; i++)
    ((double *)zv)[i - p->first] = ((const double *)rv)[i - p->first] / entry(i, i);
  return 0;
}

/* Every method solves on any number of ranks, three pairs of systems from one recycle space, with
 * the iterations and the solutions of one rank. */
static void all_methods_solve_over_ranks(void **state) {
  int count;
  const ritz_krylov_method *method = ritz_krylov_methods(&count);
  for (int k = 0; k < count; k++) {
    part p[2] = {{together->comm, n * rank / size, n * (rank + 1) / size, {0}}, {NULL, 0, n, {0}}};
    double x[2][2 * n], whole[2 * n], b[2 * n];
    int iterations[2];
    for (int alone = 0; alone < 2; alone++) {
      ritz_krylov_options options;
      ritz_krylov_options_defaults(&options);
      options.method = method[k].name, options.rtol = 1e-9;
      options.restart = 10, options.recycle = 3, options.threads = 1;
      ritz_krylov *solver;
      ritz_solve_report reports[2];
      const int local = p[alone].last - p[alone].first;
      assert_ok(ritz_krylov_create(RITZ_REAL_DOUBLE, local, &options, &solver));
      ritz_krylov_set_operator(solver, multiply, &p[alone]);
      ritz_krylov_set_preconditioner(solver, divide, &p[alone]);
      ritz_krylov_set_sum(solver, add, &p[alone]);
      for (uint32_t system = 0; system < 3; system++) {
        fill_uniform(system, 2 * n, whole);
        for (int i = 0; i < 2 * local; i++)
          b[i] = whole[i / local * n + p[alone].first + i % local];
        assert_ok(ritz_krylov_solve_many(solver, 2, b, x[alone], reports));
        for (int j = 0; j < 2; j++) assert_int_equal(reports[j].reason, RITZ_SOLVE_CONVERGED);
      }
      iterations[alone] = reports[1].iterations;
      ritz_krylov_destroy(&solver);
    }
    assert_true(abs(iterations[0] - iterations[1]) <= 1); /* sums are rounded elsewhere */
    const int local = p[0].last - p[0].first;
    for (int i = 0; i < 2 * local; i++)
      assert_near(x[0][i], x[1][i / local * n + p[0].first + i % local], 1e-8);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(all_methods_solve_over_ranks),
  };
  ranks_begin();
  return ranks_end(cmocka_run_group_tests(tests, NULL, NULL));
}
