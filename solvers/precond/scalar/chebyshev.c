/* SPDX-License-Identifier: BSD-3-Clause
 * Chebyshev iteration for D^-1 A with a fixed number of steps from zero (Saad 2003, Alg. 12.1): a
 * polynomial of least maximum over [bound/ratio, bound]. The bound is Gershgorin's, the largest
 * row sum of |D^-1 A|: no iteration, and never too small. */
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "core/threads.h"
#include "solvers/precond/preconditioner.h"
#include "solvers/precond/scalar/diagonal.h"

typedef struct config {
  ritz_index degree;
  double ratio;
} config;

static const ritz_option options[] = {
    RITZ_OPTION_INT(config, degree, 1, 1000, "3", "steps, one product less"),
    RITZ_OPTION_REAL(config, ratio, 1.01, 1e12, "30", "of the spectrum's end and the part's begin"),
    RITZ_OPTION_END,
};

typedef struct polynomial {
  scalar *inverse, *residual, *step, *product;
  double bound;
} polynomial;

static void destroy(ritz_preconditioner *p) {
  polynomial *w = p->work;
  if (!w) return;
  ritz_free(w->inverse);
  ritz_free(w->residual);
  ritz_free(w->step);
  ritz_free(w->product);
  ritz_free(w);
}

static ritz_status create(ritz_preconditioner *p) {
  polynomial *w;
  RITZ_TRY(RITZ_NEW(1, &w));
  p->work = w;
  RITZ_TRY(RITZ_NEW(p->n, &w->inverse));
  RITZ_TRY(RITZ_NEW(p->n, &w->residual));
  RITZ_TRY(RITZ_NEW(p->n, &w->step));
  return RITZ_NEW(p->n, &w->product);
}

static ritz_status update(ritz_preconditioner *p) {
  polynomial *w = p->work;
  const ritz_sparse *a = p->matrix;
  const scalar *values = a->values;
  RITZ_TRY(ritz_diagonal_invert(a, 1, true, w->inverse));
  w->bound = 0;
  for (ritz_index i = 0; i < p->n; i++) {
    double sum = 0;
    for (ritz_index e = a->start[i]; e < a->start[i + 1]; e++) sum += ABS(values[e]);
    w->bound = fmax(w->bound, sum * ABS(w->inverse[i]));
  }
  return RITZ_OK;
}

/* y = A x with the threads of the preconditioner, not those of the matrix. */
typedef struct product {
  const ritz_sparse *a;
  const scalar *x;
  scalar *y;
} product;

enum { CHUNK_ROWS = 1024 };

static void product_chunk(void *arg, ritz_index chunk, int thread) {
  const product *job = arg;
  const ritz_index first = chunk * CHUNK_ROWS, last = first + CHUNK_ROWS;
  job->a->kind->apply(job->a, first, last < job->a->rows ? last : job->a->rows, job->x, job->y);
}

static int apply(ritz_preconditioner *p, const void *rv, void *zv) {
  polynomial *w = p->work;
  const config *c = p->config;
  const scalar *r = rv;
  scalar *z = zv;
  const double low = w->bound / c->ratio, middle = 0.5 * (w->bound + low);
  const double half = 0.5 * (w->bound - low), sigma = middle / half;
  double rho = 1 / sigma;
  product job = {p->matrix, w->step, w->product};
  for (ritz_index i = 0; i < p->n; i++) {
    w->residual[i] = r[i];
    z[i] = w->step[i] = (scalar)(w->inverse[i] * r[i] / middle);
  }
  for (ritz_index k = 1; k < c->degree; k++) {
    const double previous = rho;
    rho = 1 / (2 * sigma - rho);
    const real keep = (real)(rho * previous), add = (real)(2 * rho / half);
    ritz_parallel(p->threads, (p->n + CHUNK_ROWS - 1) / CHUNK_ROWS, product_chunk, &job);
    for (ritz_index i = 0; i < p->n; i++) {
      w->residual[i] -= w->product[i];
      w->step[i] = keep * w->step[i] + add * (w->inverse[i] * w->residual[i]);
      z[i] += w->step[i];
    }
  }
  return 0;
}

const ritz_preconditioner_kind RITZ_SCALAR_NAME(precond_chebyshev) = {.options = options,
                                                                      .config_size = sizeof(config),
                                                                      .create = create,
                                                                      .update = update,
                                                                      .apply = apply,
                                                                      .destroy = destroy};
