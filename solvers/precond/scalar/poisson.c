/* SPDX-License-Identifier: BSD-3-Clause
 * The five-point matrix of the mean coefficient on a grid, solved directly (fast_poisson.h):
 * weights are the means of the couplings along each axis, the shift that of the row sums, so that a
 * mean reaction or wave number is met too. */
#include "core/fail.h"
#include "core/memory.h"
#include "solvers/precond/fast_poisson.h"
#include "solvers/precond/preconditioner.h"
#include "solvers/scalar.h"

typedef struct config {
  ritz_ints unknowns;
  int ends0, ends1, precision;
} config;

static const ritz_option options[] = {
    RITZ_OPTION_INTS(config, unknowns, 1, 1 << 20, NULL, "unknowns per axis of the grid, [n0, n1]"),
    RITZ_OPTION_CHOICE(config, ends0, "dirichlet|neumann|periodic", "dirichlet",
                       "boundary at the ends of the first axis"),
    RITZ_OPTION_CHOICE(config, ends1, "dirichlet|neumann|periodic", "dirichlet",
                       "boundary at the ends of the second axis"),
    RITZ_OPTION_CHOICE(config, precision, "float|double", "double", "of the transforms"),
    RITZ_OPTION_END,
};

typedef struct fast {
  ritz_fast_poisson *poisson;
  void *scratch;
  double *part; /* [n], real or imaginary part; NULL where vectors are double themselves */
} fast;

static void destroy(ritz_preconditioner *p) {
  fast *w = p->work;
  if (!w) return;
  ritz_fast_poisson_destroy(&w->poisson);
  ritz_free(w->scratch);
  ritz_free(w->part);
  ritz_free(w);
}

static ritz_status create(ritz_preconditioner *p) {
  const config *c = p->config;
  const ritz_index *n = c->unknowns.n;
  RITZ_REQUIRE(c->unknowns.count == 2, RITZ_ERR_CONFIG, "%d extents in unknowns, wanted 2",
               c->unknowns.count);
  RITZ_REQUIRE(n[0] * n[1] == p->n, RITZ_ERR_SHAPE,
               "unknowns [%td, %td] do not make a matrix of %td rows", n[0], n[1], p->n);
  fast *w;
  RITZ_TRY(RITZ_NEW(1, &w));
  p->work = w;
  return RITZ_SCALAR_NUMBER == RITZ_REAL_DOUBLE ? RITZ_OK : RITZ_NEW(p->n, &w->part);
}

/* Real parts of what a matrix says on average. */
typedef struct means {
  double coupling[2]; /* a_ij with the neighbours along an axis */
  double shift; /* sum of a row with all four neighbours, which the boundary does not change */
} means;

/* In one pass; neighbours along the axes are `step` rows apart. */
static means mean_entries(const ritz_sparse *a, const ritz_index step[2]) {
  const scalar *values = a->values;
  double sum[3] = {0};
  ritz_index count[3] = {0};
  for (ritz_index i = 0; i < a->rows; i++) {
    const ritz_index first = a->start[i], end = a->start[i + 1];
    const bool inner = end - first >= 5;
    for (ritz_index e = first; e < end; e++) {
      const ritz_index way = a->column[e] - i;
      const double value = REAL(values[e]);
      for (int axis = 0; axis < 2; axis++)
        if (way == step[axis] || way == -step[axis]) sum[axis] += value, count[axis]++;
      if (inner) sum[2] += value;
    }
    count[2] += inner;
  }
  for (int k = 0; k < 3; k++) sum[k] = count[k] ? sum[k] / (double)count[k] : 0;
  return (means){{sum[0], sum[1]}, sum[2]};
}

static ritz_status update(ritz_preconditioner *p) {
  const config *c = p->config;
  fast *w = p->work;
  const ritz_index *n = c->unknowns.n;
  const means m = mean_entries(p->matrix, (const ritz_index[2]){n[1], 1});
  ritz_fast_poisson_problem problem = {.n = {n[0], n[1]},
                                       .c = {-m.coupling[0], -m.coupling[1]},
                                       .shift = m.shift,
                                       .ends = {(ritz_ends)c->ends0, (ritz_ends)c->ends1}};
  for (int axis = 0; axis < 2; axis++) /* one unknown couples to nothing */
    if (n[axis] == 1 && problem.c[axis] == 0) problem.c[axis] = problem.c[1 - axis];
  RITZ_REQUIRE(problem.c[0] > 0 && problem.c[1] > 0, RITZ_ERR_NUMERIC,
               "the mean couplings along the axes are %g and %g, wanted negative ones as of "
               "-div(a grad u)",
               -problem.c[0], -problem.c[1]);
  if (w->scratch) return ritz_fast_poisson_set(w->poisson, &problem);
  ritz_fast_poisson_destroy(&w->poisson);
  RITZ_TRY(
      ritz_fast_poisson_plan(c->precision ? RITZ_FLOAT64 : RITZ_FLOAT32, &problem, &w->poisson));
  return ritz_calloc(1, ritz_fast_poisson_scratch(w->poisson), &w->scratch);
}

static int apply(ritz_preconditioner *p, const void *rv, void *zv) {
  const config *c = p->config;
  const fast *w = p->work;
  const ritz_index ld = c->unknowns.n[1];
  if (!w->part) {
    ritz_fast_poisson_solve(w->poisson, rv, ld, zv, ld, w->scratch);
    return 0;
  }
  const int parts = RITZ_IS_COMPLEX ? 2 : 1;
  const real *r = rv;
  real *z = zv;
  for (int part = 0; part < parts; part++) {
    for (ritz_index i = 0; i < p->n; i++) w->part[i] = r[parts * i + part];
    ritz_fast_poisson_solve(w->poisson, w->part, ld, w->part, ld, w->scratch);
    for (ritz_index i = 0; i < p->n; i++) z[parts * i + part] = (real)w->part[i];
  }
  return 0;
}

const ritz_preconditioner_kind RITZ_SCALAR_NAME(precond_poisson) = {.options = options,
                                                                    .config_size = sizeof(config),
                                                                    .create = create,
                                                                    .update = update,
                                                                    .apply = apply,
                                                                    .destroy = destroy};
