/* SPDX-License-Identifier: BSD-3-Clause
 * Limited-memory BFGS (lbfgs.h). */
#include "solvers/minimize/lbfgs.h"

#include <math.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"

struct ritz_lbfgs {
  ritz_index n;
  ritz_lbfgs_options options;
  int pairs, next;                       /* kept ones, and where the next one goes */
  double *s, *y;                         /* [memory][n] */
  double *rho, *alpha;                   /* [memory] */
  double *g, *direction, *trial, *new_g; /* [n] */
};

/* Armijo's constant; no more than this many halvings. */
static const double armijo = 1e-4;
enum { most_trials = 25 };

void ritz_lbfgs_options_defaults(ritz_lbfgs_options *options) {
  *options = (ritz_lbfgs_options){.memory = 20, .max_iterations = 100, .tolerance = 1e-6};
}

static ritz_status check(const ritz_lbfgs_options *o) {
  RITZ_REQUIRE(o->memory >= 1, RITZ_ERR_ARGUMENT, "memory is %d pairs, wanted at least 1",
               o->memory);
  RITZ_REQUIRE(o->max_iterations >= 0, RITZ_ERR_ARGUMENT, "max_iterations is %d, wanted at least 0",
               o->max_iterations);
  RITZ_REQUIRE(o->tolerance >= 0, RITZ_ERR_ARGUMENT, "tolerance is %g, wanted at least 0",
               o->tolerance);
  return RITZ_OK;
}

static ritz_status allocate(ritz_lbfgs *l) {
  const ritz_index memory = l->options.memory;
  RITZ_TRY(RITZ_NEW(memory * l->n, &l->s));
  RITZ_TRY(RITZ_NEW(memory * l->n, &l->y));
  RITZ_TRY(RITZ_NEW(memory, &l->rho));
  RITZ_TRY(RITZ_NEW(memory, &l->alpha));
  RITZ_TRY(RITZ_NEW(l->n, &l->g));
  RITZ_TRY(RITZ_NEW(l->n, &l->direction));
  RITZ_TRY(RITZ_NEW(l->n, &l->trial));
  return RITZ_NEW(l->n, &l->new_g);
}

ritz_status ritz_lbfgs_create(ritz_index n, const ritz_lbfgs_options *options, ritz_lbfgs **out) {
  *out = NULL;
  ritz_lbfgs *l;
  RITZ_TRY(RITZ_NEW(1, &l));
  l->n = n;
  ritz_lbfgs_options_defaults(&l->options);
  if (options) l->options = *options;
  ritz_status status = check(&l->options);
  if (status == RITZ_OK) status = allocate(l);
  if (status != RITZ_OK) ritz_lbfgs_destroy(&l);
  *out = l;
  return status;
}

void ritz_lbfgs_destroy(ritz_lbfgs **lbfgs) {
  if (!lbfgs || !*lbfgs) return;
  ritz_lbfgs *l = *lbfgs;
  ritz_free(l->s);
  ritz_free(l->y);
  ritz_free(l->rho);
  ritz_free(l->alpha);
  ritz_free(l->g);
  ritz_free(l->direction);
  ritz_free(l->trial);
  ritz_free(l->new_g);
  ritz_free(l);
  *lbfgs = NULL;
}

static double dot(ritz_index n, const double *a, const double *b) {
  double sum = 0;
  for (ritz_index i = 0; i < n; i++) sum += a[i] * b[i];
  return sum;
}

static void axpy(ritz_index n, double a, const double *x, double *y) {
  for (ritz_index i = 0; i < n; i++) y[i] += a * x[i];
}

static void apply(ritz_metric_map *precondition, void *user, ritz_index n, const double *g,
                  double *z) {
  if (precondition)
    precondition(user, g, z);
  else if (z != g)
    memcpy(z, g, (size_t)n * sizeof *z);
}

/* direction = -H g by the two loops over the kept pairs, newest first and back. */
static void find_direction(ritz_lbfgs *l, ritz_metric_map *precondition, void *user) {
  const ritz_index n = l->n;
  const int memory = l->options.memory;
  double *d = l->direction;
  memcpy(d, l->g, (size_t)n * sizeof *d);
  for (int k = 1; k <= l->pairs; k++) {
    const int i = (l->next - k + memory) % memory;
    l->alpha[i] = l->rho[i] * dot(n, l->s + i * n, d);
    axpy(n, -l->alpha[i], l->y + i * n, d);
  }
  apply(precondition, user, n, d, d);
  for (int k = l->pairs; k >= 1; k--) {
    const int i = (l->next - k + memory) % memory;
    axpy(n, l->alpha[i] - l->rho[i] * dot(n, l->y + i * n, d), l->s + i * n, d);
  }
  for (ritz_index i = 0; i < n; i++) d[i] = -d[i];
}

/* Keeps (trial - x, new_g - g) if it bends upwards. */
static void keep_pair(ritz_lbfgs *l, const double *x) {
  const ritz_index n = l->n;
  double *s = l->s + l->next * n, *y = l->y + l->next * n;
  for (ritz_index i = 0; i < n; i++) s[i] = l->trial[i] - x[i], y[i] = l->new_g[i] - l->g[i];
  const double bend = dot(n, s, y);
  if (!(bend > 1e-14 * sqrt(dot(n, s, s) * dot(n, y, y)))) return;
  l->rho[l->next] = 1 / bend;
  l->next = (l->next + 1) % l->options.memory;
  if (l->pairs < l->options.memory) l->pairs++;
}

/* Finds a step that lowers the value enough: trial, new_g and *value are there then. */
static bool search(ritz_lbfgs *l, ritz_objective *objective, void *user, const double *x,
                   double *value, ritz_solve_report *report) {
  const double slope = dot(l->n, l->g, l->direction);
  double step = 1;
  if (!(slope < 0)) return false;
  for (int t = 0; t < most_trials; t++) {
    memcpy(l->trial, x, (size_t)l->n * sizeof *x);
    axpy(l->n, step, l->direction, l->trial);
    const double at = objective(user, l->trial, l->new_g);
    report->products++;
    if (at <= *value + armijo * step * slope) {
      *value = at;
      return true;
    }
    /* The parabola through both values and the slope. */
    const double bend = at - *value - step * slope;
    const double best = isfinite(at) && bend > 0 ? -0.5 * slope * step * step / bend : 0;
    step = fmin(fmax(best, 0.1 * step), 0.5 * step);
  }
  return false;
}

/* sqrt(g . P g); the direction is scratch. */
static double size_of(ritz_lbfgs *l, ritz_metric_map *precondition, void *user) {
  apply(precondition, user, l->n, l->g, l->direction);
  return sqrt(fmax(dot(l->n, l->g, l->direction), 0));
}

void ritz_lbfgs_run(ritz_lbfgs *l, ritz_objective *objective, ritz_metric_map *precondition,
                    void *user, double *x, ritz_solve_report *report) {
  *report = (ritz_solve_report){.reason = RITZ_SOLVE_MAX_ITERATIONS, .products = 1};
  l->pairs = l->next = 0;
  double value = objective(user, x, l->g);
  const double first = size_of(l, precondition, user);
  report->initial_residual = report->residual = first > 0 ? 1 : 0;
  for (;; report->iterations++) {
    const double now = report->iterations ? size_of(l, precondition, user) : first;
    report->residual = first > 0 ? now / first : 0;
    if (!isfinite(value) || !isfinite(now)) report->reason = RITZ_SOLVE_NOT_FINITE;
    if (now <= l->options.tolerance * first) report->reason = RITZ_SOLVE_CONVERGED;
    if (report->reason != RITZ_SOLVE_MAX_ITERATIONS) return;
    if (report->iterations == l->options.max_iterations) return;
    find_direction(l, precondition, user);
    bool found = search(l, objective, user, x, &value, report);
    if (!found && l->pairs > 0) { /* once more without what was learned */
      l->pairs = 0;
      find_direction(l, precondition, user);
      found = search(l, objective, user, x, &value, report);
    }
    if (!found) {
      report->reason = RITZ_SOLVE_STAGNATED;
      return;
    }
    keep_pair(l, x);
    memcpy(x, l->trial, (size_t)l->n * sizeof *x);
    memcpy(l->g, l->new_g, (size_t)l->n * sizeof *x);
  }
}
