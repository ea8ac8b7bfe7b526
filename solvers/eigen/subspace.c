/* SPDX-License-Identifier: BSD-3-Clause */
#include "solvers/eigen/subspace.h"

#include <math.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "kernels/solver_kernels.h"
#include "solvers/eigen/block.h"
#include "solvers/eigen/symmetric.h"
#include "solvers/sparse/sparse.h"

struct ritz_subspace {
  ritz_subspace_options options;
  const ritz_solver_kernels *kernels;
  ritz_index m, ld;
  ritz_block *block;
  double *x, *y;             /* [n][ld] vectors; filtered ones, then A x */
  double *g, *t;             /* [m][ld] small matrices */
  double *value;             /* [m] Ritz values */
  double *square;            /* [ld] sums of a residual */
  ritz_index *order;         /* [m] */
  const ritz_sparse *matrix; /* of the solve under way */
  int products;
};

/* Plan ---------------------------------------------------------------------------------------- */

static ritz_status check(const ritz_subspace_options *o) {
  RITZ_REQUIRE(o->pairs >= 1 && o->guard >= 1 && o->pairs + o->guard <= o->n, RITZ_ERR_ARGUMENT,
               "%td pairs and %td more vectors of a matrix of order %td, wanted at least 1 of each "
               "and no more than its order in all",
               o->pairs, o->guard, o->n);
  RITZ_REQUIRE(o->degree >= 0, RITZ_ERR_ARGUMENT, "degree is %d, wanted at least 0", o->degree);
  RITZ_REQUIRE(o->floor > 0 && isfinite(o->floor), RITZ_ERR_ARGUMENT,
               "floor is %g, wanted a positive number", o->floor);
  return RITZ_OK;
}

ritz_status ritz_subspace_create(const ritz_subspace_options *options, ritz_subspace **out) {
  *out = NULL;
  RITZ_TRY(check(options));
  ritz_status status;
  ritz_subspace *s;
  RITZ_TRY(RITZ_NEW(1, &s));
  s->options = *options;
  s->kernels = ritz_solver_kernels_get(RITZ_FLOAT64);
  s->m = options->pairs + options->guard;
  s->ld = ritz_block_ld(s->m);
  RITZ_TRY_DONE(ritz_block_create(options->n, s->m, &s->block));
  RITZ_TRY_DONE(RITZ_NEW(options->n * s->ld, &s->x));
  RITZ_TRY_DONE(RITZ_NEW(options->n * s->ld, &s->y));
  RITZ_TRY_DONE(RITZ_NEW(s->m * s->ld, &s->g));
  RITZ_TRY_DONE(RITZ_NEW(s->m * s->ld, &s->t));
  RITZ_TRY_DONE(RITZ_NEW(s->m, &s->value));
  RITZ_TRY_DONE(RITZ_NEW(s->ld, &s->square));
  RITZ_TRY_DONE(RITZ_NEW(s->m, &s->order));
  *out = s;
  return RITZ_OK;
done:
  ritz_subspace_destroy(&s);
  return status;
}

void ritz_subspace_destroy(ritz_subspace **subspace) {
  if (!subspace || !*subspace) return;
  ritz_subspace *s = *subspace;
  ritz_block_destroy(&s->block);
  ritz_free(s->x);
  ritz_free(s->y);
  ritz_free(s->g);
  ritz_free(s->t);
  ritz_free(s->value);
  ritz_free(s->square);
  ritz_free(s->order);
  ritz_free(s);
  *subspace = NULL;
}

double *ritz_subspace_vectors(ritz_subspace *s, ritz_index *ld) {
  *ld = s->ld;
  return s->x;
}

/* Rounds -------------------------------------------------------------------------------------- */

/* Columns `first` ... m - 1 of y = alpha (A - shift) x + beta y. */
static void apply(ritz_subspace *s, ritz_index first, double alpha, double shift, double beta,
                  const double *x, double *y) {
  const ritz_sparse *a = s->matrix;
  s->kernels->sparse_block(a->rows, a->start, a->column, a->values, s->m - first, s->ld, alpha,
                           shift, beta, x + first, y + first);
  s->products += (int)(s->m - first);
}

/* No eigenvalue is above the largest sum of |entries| of a row (Gershgorin 1931). */
static double bound(const ritz_sparse *a) {
  const double *values = a->values;
  double largest = 0;
  for (ritz_index i = 0; i < a->rows; i++) {
    double sum = 0;
    for (ritz_index e = a->start[i]; e < a->start[i + 1]; e++)
      sum += a->column[e] == i ? values[e] : fabs(values[e]);
    largest = fmax(largest, sum);
  }
  return largest;
}

/* With part = (lower - low) / (upper - low) of the spectrum outside the interval the lowest vector
 * grows by T_d, about cosh(2 d sqrt(part)): below an exponent of 1 only by its square. On 62^2
 * unknowns, where 8 / sqrt(part) is some 80, degrees 40 ... 160 took times alike and 20 longer. */
static int degree_of(const ritz_subspace *s, double part) {
  if (s->options.degree > 0) return s->options.degree;
  return (int)fmin(fmax(ceil(8 / sqrt(part)), 8), 1000);
}

/* Columns `first` ... m - 1 of x, filtered: T_degree((A - c) / e) for the interval [c - e, c + e],
 * scaled to 1 at the lowest Ritz value (Zhou et al. 2006, algorithm 4.2). */
static void filter(ritz_subspace *s, ritz_index first, double upper) {
  const double low = s->value[0];
  const double lower = fmin(s->value[s->m - 1], low + 0.9 * (upper - low));
  const double c = 0.5 * (lower + upper), e = 0.5 * (upper - lower), sigma1 = e / (low - c);
  const int degree = degree_of(s, (lower - low) / (upper - low));
  double sigma = sigma1, *from = s->x, *to = s->y;
  apply(s, first, sigma1 / e, c, 0, from, to);
  for (int k = 2; k <= degree; k++) {
    const double next = 1 / (2 / sigma1 - sigma);
    double *const swap = from;
    from = to;
    to = swap;
    apply(s, first, 2 * next / e, c, -sigma * next, from, to);
    sigma = next;
  }
  if (to == s->x) return;
  for (ritz_index i = 0; i < s->options.n; i++)
    memcpy(s->x + i * s->ld + first, s->y + i * s->ld + first,
           (size_t)(s->m - first) * sizeof *s->x);
}

/* Orthonormal Ritz vectors in x, A x in y. */
static bool take_ritz_vectors(ritz_subspace *s) {
  if (!ritz_block_orthonormalize(s->block, s->x, s->g, s->t)) return false;
  apply(s, 0, 1, 0, 0, s->x, s->y);
  ritz_block_gram(s->block, s->x, s->y, s->g);
  memset(s->t, 0, (size_t)(s->m * s->ld) * sizeof *s->t);
  ritz_symmetric_eigen(s->m, s->ld, s->g, s->t, s->value, s->order);
  ritz_block_multiply(s->block, s->x, s->t);
  apply(s, 0, 1, 0, 0, s->x, s->y);
  return true;
}

/* Relative residuals of the wanted pairs. @return  How many, from the lowest on, are small. */
static ritz_index measure(ritz_subspace *s, double *residual, double *largest) {
  const ritz_index pairs = s->options.pairs;
  memset(s->square, 0, (size_t)pairs * sizeof *s->square);
  for (ritz_index i = 0; i < s->options.n; i++) {
    const double *x = s->x + i * s->ld, *y = s->y + i * s->ld;
    for (ritz_index j = 0; j < pairs; j++) {
      const double r = y[j] - s->value[j] * x[j];
      s->square[j] += r * r;
    }
  }
  *largest = 0;
  for (ritz_index j = 0; j < pairs; j++) {
    residual[j] = sqrt(s->square[j]) / fmax(fabs(s->value[j]), s->options.floor);
    *largest = residual[j] <= *largest ? *largest : residual[j];
  }
  ritz_index done = 0;
  while (done < pairs && residual[done] <= s->options.tolerance) done++;
  return done;
}

/* Vectors that are dependent or not finite: zeros instead, of which nothing is claimed. */
static void fail(ritz_subspace *s, double *residual, ritz_solve_report *report) {
  memset(s->x, 0, (size_t)(s->options.n * s->ld) * sizeof *s->x);
  memset(s->value, 0, (size_t)s->m * sizeof *s->value);
  for (ritz_index j = 0; j < s->options.pairs; j++) residual[j] = 1;
  report->reason = RITZ_SOLVE_BREAKDOWN;
  report->residual = 1;
}

void ritz_subspace_solve(ritz_subspace *s, const ritz_sparse *matrix, double *value,
                         double *residual, ritz_solve_report *report) {
  const ritz_index pairs = s->options.pairs;
  const double upper = bound(matrix);
  *report = (ritz_solve_report){.residual = INFINITY, .initial_residual = INFINITY};
  s->matrix = matrix;
  s->products = 0;
  for (ritz_index done = 0; report->reason == 0;) {
    if (report->initial_residual < INFINITY) {
      filter(s, done, upper);
      report->iterations++;
    }
    if (!take_ritz_vectors(s)) {
      fail(s, residual, report);
      break;
    }
    done = measure(s, residual, &report->residual);
    if (report->iterations == 0) report->initial_residual = report->residual;
    if (done == pairs)
      report->reason = RITZ_SOLVE_CONVERGED;
    else if (report->iterations == s->options.max_iterations)
      report->reason = RITZ_SOLVE_MAX_ITERATIONS;
  }
  report->products = s->products;
  s->matrix = NULL;
  memcpy(value, s->value, (size_t)pairs * sizeof *value);
}
