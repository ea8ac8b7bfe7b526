/* SPDX-License-Identifier: BSD-3-Clause
 * Conjugate gradients over slabs (Hestenes & Stiefel 1952), preconditioned by a cycle. Every sum
 * is one of planes, so that iterations, reports and solutions are the same for any cut. */
#include <math.h>
#include <string.h>

#include "core/fail.h"
#include "solvers/split/diffusion.h"

/* One solve. */
typedef struct solve {
  ritz_split_diffusion *s;
  const double *b;
  double *x;
  double bb, rr; /* |b|^2, |r|^2 */
  ritz_solve_report report;
} solve;

static bool positive(double value) { return value > 0 && isfinite(value); }

/* r = b - A x, the boundary zero. */
static ritz_status residual(solve *v) {
  ritz_split_diffusion *s = v->s;
  const ritz_index first = ritz_slabs_first(&s->nodes), count = ritz_split_count(s);
  RITZ_TRY(ritz_split_product(s, v->x, s->r));
  const ritz_index rows = s->n[1], width = s->n[2];
  for (ritz_index at = 0; at < count; at += width) {
    const ritz_index i = first + at / s->plane, j = at / width % rows;
    const bool edge = i == 0 || i == s->n[0] - 1 || (rows > 1 && (j == 0 || j == rows - 1));
    if (edge) continue; /* the product is zero there */
    for (ritz_index k = at + 1; k < at + width - 1; k++) s->r[k] = v->b[k] - s->r[k];
  }
  v->report.products++;
  RITZ_TRY(ritz_split_dot(s, s->r, s->r, &v->rr));
  return RITZ_OK;
}

/* Directions from r on until the recurrence says that the tolerance is met. */
static ritz_status iterate(solve *v, double enough) {
  ritz_split_diffusion *s = v->s;
  const ritz_index count = ritz_split_count(s);
  const ritz_split_options *o = &s->options;
  double rz = 0, before = 0, pq;
  memset(s->p, 0, (size_t)count * sizeof *s->p);
  while (v->rr > enough) {
    v->report.reason = RITZ_SOLVE_MAX_ITERATIONS;
    if (v->report.iterations == o->max_iterations) return RITZ_OK;
    RITZ_TRY(ritz_split_precondition(s, sqrt(v->rr), s->r, s->q)); /* z */
    RITZ_TRY(ritz_split_dot(s, s->r, s->q, &rz));
    v->report.reason = isfinite(rz) ? RITZ_SOLVE_INDEFINITE_PRECONDITIONER : RITZ_SOLVE_NOT_FINITE;
    if (!positive(rz)) return RITZ_OK;
    s->products->slab_combine(count, 1, s->q, before > 0 ? rz / before : 0, s->p);
    RITZ_TRY(ritz_split_product(s, s->p, s->q));
    RITZ_TRY(ritz_split_dot(s, s->p, s->q, &pq));
    v->report.products++;
    v->report.reason = isfinite(pq) ? RITZ_SOLVE_INDEFINITE_OPERATOR : RITZ_SOLVE_NOT_FINITE;
    if (!positive(pq)) return RITZ_OK;
    s->products->slab_combine(count, rz / pq, s->p, 1, v->x);
    s->products->slab_combine(count, -rz / pq, s->q, 1, s->r);
    RITZ_TRY(ritz_split_dot(s, s->r, s->r, &v->rr));
    v->report.iterations++;
    before = rz;
    v->report.reason = RITZ_SOLVE_NOT_FINITE;
    if (!isfinite(v->rr)) return RITZ_OK;
  }
  v->report.reason = RITZ_SOLVE_CONVERGED;
  return RITZ_OK;
}

/* The recurrence may promise too much: then on from the true residual, as long as that falls. */
static ritz_status solve_truly(solve *v) {
  const double tolerance = v->s->options.tolerance, enough = tolerance * tolerance * v->bb;
  for (double last = INFINITY;; last = v->rr) {
    RITZ_TRY(iterate(v, enough));
    const bool met = v->report.reason == RITZ_SOLVE_CONVERGED;
    RITZ_TRY(residual(v));
    v->report.residual = sqrt(v->rr / v->bb);
    if (!met || v->rr <= enough) return RITZ_OK;
    v->report.reason = RITZ_SOLVE_STAGNATED;
    if (!(v->rr < 0.25 * last)) return RITZ_OK;
  }
}

ritz_status ritz_split_diffusion_solve(ritz_split_diffusion *solver, const double *b, double *x,
                                       ritz_solve_report *report) {
  solve v = {.s = solver, .b = b, .x = x};
  memset(x, 0, (size_t)ritz_split_count(solver) * sizeof *x);
  RITZ_TRY(residual(&v));
  v.bb = v.rr;
  v.report.residual = v.report.initial_residual = 1;
  v.report.products = 0; /* of zero */
  if (v.bb == 0) {
    v.report.reason = RITZ_SOLVE_ZERO_RHS;
    v.report.residual = v.report.initial_residual = 0;
  } else if (!isfinite(v.bb)) {
    v.report.reason = RITZ_SOLVE_NOT_FINITE;
    v.report.residual = v.report.initial_residual = NAN;
  } else {
    RITZ_TRY(solve_truly(&v));
  }
  *report = v.report;
  return RITZ_OK;
}
