/* SPDX-License-Identifier: BSD-3-Clause
 * Steady states of diffusion and reaction, -nu Laplace u + r(u) = f on the unit square, u = 0 on
 * its boundary, r rising: linear kappa u, cubic kappa u^3, or kappa sinh(u), the equation of
 * Poisson and Boltzmann; f a Gaussian field; x = f, y = u at the nodes. Five-point scheme.
 *
 * Newton's method for the scheme is the minimisation of a strictly convex function
 *
 *   E(u) = nu/2 u . A u + h0 h1 sum of (R(u) - f u),   R' = r,
 *
 * so it converges from anywhere once steps are cut until E falls (Nocedal & Wright 2006, Sec. 3.1).
 * Each step is a linear system with r'(u) on the diagonal. */
#include <math.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "datasets/square_system.h"
#include "kernels/kernels.h"

enum { LINEAR, CUBIC, SINH };

static const double pi = 3.14159265358979323846;

typedef struct reaction_config {
  ritz_grid_system_config system; /* first, as its options want it */
  ritz_ints resolution;
  int reaction;
  double diffusion, rate, source, mean_source, alpha, tau;
  ritz_index modes, max_steps;
} reaction_config;

static const ritz_option options[] = {
    RITZ_SQUARE_RESOLUTION(reaction_config, 4, "64"),
    RITZ_OPTION_CHOICE(reaction_config, reaction, "linear|cubic|sinh", "cubic",
                       "r(u) = rate u, rate u^3, rate sinh(u)"),
    RITZ_OPTION_REAL(reaction_config, diffusion, 1e-9, 1e9, "0.01", "nu"),
    RITZ_OPTION_REAL(reaction_config, rate, 0, 1e9, "1", "of the reaction"),
    RITZ_OPTION_REAL(reaction_config, mean_source, -1e6, 1e6, "0", "constant part of f"),
    RITZ_OPTION_REAL(reaction_config, source, 0, 1e6, "1", "factor of the Gaussian field in f"),
    RITZ_FIELD_OPTIONS(reaction_config, "", "the field", "2", "3"),
    RITZ_OPTION_INT(reaction_config, max_steps, 1, 10000, "50", "limit of Newton's steps"),
    RITZ_GRID_SYSTEM_OPTIONS("auto", "auto"),
    RITZ_OPTION_END,
};

typedef struct reaction {
  const reaction_config *config;
  ritz_square square;
  ritz_index inner; /* nodes */
  ritz_gaussian *gaussian;
  ritz_grid_systems *systems;
  int threads;
  struct worker {
    ritz_square_system *system;
    void *sampler;
    double *f, *u, *trial, *r; /* [inner]: h0 h1 f, state, one step further, -gradient */
  } * worker;
} reaction;

static ritz_status check(const void *config) {
  const reaction_config *c = config;
  RITZ_TRY(ritz_square_check(&c->resolution));
  RITZ_REQUIRE(c->system.solver != RITZ_GRID_SOLVER_GCRODR, RITZ_ERR_CONFIG,
               "solver gcrodr keeps a recycle space along samples, here are Newton's steps");
  return ritz_grid_system_check(&c->system, true, true);
}

/* Reaction ------------------------------------------------------------------------------------ */

/* r, its slope and its integral. */
typedef struct rate {
  double value, slope, integral;
} rate;

static rate react(const reaction_config *c, double u) {
  const double k = c->rate;
  switch (c->reaction) {
    case LINEAR: return (rate){k * u, k, 0.5 * k * u * u};
    case CUBIC: return (rate){k * u * u * u, 3 * k * u * u, 0.25 * k * u * u * u * u};
    default: return (rate){k * sinh(u), k * cosh(u), k * (cosh(u) - 1)};
  }
}

/* Newton -------------------------------------------------------------------------------------- */

static double dot(const reaction *p, const double *x, const double *y) {
  double sum;
  ritz_kernels_get(RITZ_FLOAT64)->dot(p->inner, x, y, &sum);
  return sum;
}

/* nu A u at an inner node, k = (i - 1) m1 + j - 1. */
static double diffuse(const reaction *p, const double *u, ritz_index i, ritz_index j) {
  const ritz_square *s = &p->square;
  const ritz_index m1 = s->n[1] - 2, k = (i - 1) * m1 + j - 1;
  const double c0 = s->h[1] / s->h[0], c1 = s->h[0] / s->h[1];
  double sum = 2 * (c0 + c1) * u[k];
  if (i > 1) sum -= c0 * u[k - m1];
  if (i < s->n[0] - 2) sum -= c0 * u[k + m1];
  if (j > 1) sum -= c1 * u[k - 1];
  if (j < s->n[1] - 2) sum -= c1 * u[k + 1];
  return p->config->diffusion * sum;
}

/* E(u), and r = -its gradient. */
static double energy(const reaction *p, const double *f, const double *u, double *r) {
  const ritz_square *s = &p->square;
  const double volume = s->h[0] * s->h[1];
  double sum = 0;
  for (ritz_index i = 1, k = 0; i < s->n[0] - 1; i++)
    for (ritz_index j = 1; j < s->n[1] - 1; j++, k++) {
      const double flux = diffuse(p, u, i, j);
      const rate at = react(p->config, u[k]);
      r[k] = f[k] - flux - volume * at.value;
      sum += 0.5 * u[k] * flux + volume * at.integral - f[k] * u[k];
    }
  return sum;
}

/* The matrix of a step from u. */
static void linearise(const reaction *p, const double *u, ritz_grid_system *system) {
  const ritz_square *s = &p->square;
  const double nu = p->config->diffusion, c0 = nu * s->h[1] / s->h[0], c1 = nu * s->h[0] / s->h[1];
  double *values = ritz_grid_system_values(system);
  for (ritz_index i = 1, k = 0; i < s->n[0] - 1; i++)
    for (ritz_index j = 1; j < s->n[1] - 1; j++, k++) {
      const double slope = s->h[0] * s->h[1] * react(p->config, u[k]).slope;
      const double row[5] = {-c0, -c1, 2 * (c0 + c1) + slope, -c1, -c0};
      values = ritz_square_put(s, i, j, row, values);
    }
  ritz_grid_system_update(system);
}

/* u += t d with the first t of 1, 1/2, 1/4, ... that lets E fall by a part of what the slope
 * promises, or that rounding no longer tells apart; r and *e follow. @return  false: there is
 * none. */
static bool advance(const reaction *p, struct worker *w, const double *d, double *e) {
  const double promise = dot(p, w->r, d);
  if (!(promise > 0)) return false; /* a linear system that was not solved */
  for (double t = 1; t > 1e-9; t *= 0.5) {
    for (ritz_index k = 0; k < p->inner; k++) w->trial[k] = w->u[k] + t * d[k];
    const double next = energy(p, w->f, w->trial, w->r);
    if (!(next <= *e - 1e-4 * t * promise + 1e-13 * fabs(*e))) continue;
    double *const swap = w->u;
    w->u = w->trial;
    w->trial = swap;
    *e = next;
    return true;
  }
  energy(p, w->f, w->u, w->r);
  return false;
}

/* Iterations are those of all linear systems, residuals those of the equation itself. */
static void solve(const reaction *p, struct worker *w, ritz_solve_report *report) {
  double *b, *d;
  ritz_grid_system *system = ritz_square_system_get(w->system, &b, &d);
  const double scale = sqrt(dot(p, w->f, w->f));
  memset(w->u, 0, (size_t)p->inner * sizeof *w->u);
  *report = (ritz_solve_report){.reason = RITZ_SOLVE_ZERO_RHS};
  if (scale == 0) return;
  *report = (ritz_solve_report){.residual = 1, .initial_residual = 1};
  double e = energy(p, w->f, w->u, w->r);
  for (ritz_index step = 0; report->reason == 0; step++) {
    ritz_solve_report linear;
    linearise(p, w->u, system);
    ritz_grid_system_solve(system, w->r, d, &linear);
    report->iterations += linear.iterations;
    report->products += linear.products;
    const bool moved = advance(p, w, d, &e);
    report->residual = sqrt(dot(p, w->r, w->r)) / scale;
    if (report->residual <= p->config->system.tolerance)
      report->reason = RITZ_SOLVE_CONVERGED;
    else if (!isfinite(report->residual))
      report->reason = RITZ_SOLVE_NOT_FINITE;
    else if (!moved)
      report->reason = linear.reason < 0 ? linear.reason : RITZ_SOLVE_STAGNATED;
    else if (step + 1 >= p->config->max_steps)
      report->reason = linear.reason < 0 ? linear.reason : RITZ_SOLVE_MAX_ITERATIONS;
  }
}

static void run(void *state, int thread, uint64_t seed, uint32_t first, ritz_index count, double *x,
                double *y, ritz_solve_report *reports) {
  const reaction *p = state;
  const ritz_square *s = &p->square;
  struct worker *w = &p->worker[thread];
  ritz_gaussian_sample(p->gaussian, seed, first, x, w->sampler);
  for (ritz_index k = 0; k < s->size; k++) x[k] = p->config->mean_source + p->config->source * x[k];
  for (ritz_index i = 1, k = 0; i < s->n[0] - 1; i++)
    for (ritz_index j = 1; j < s->n[1] - 1; j++) w->f[k++] = s->h[0] * s->h[1] * x[i * s->n[1] + j];
  solve(p, w, reports);
  ritz_square_embed(s, w->u, y);
}

/* Plan ---------------------------------------------------------------------------------------- */

static void destroy(void *state) {
  reaction *p = state;
  for (int t = 0; p->worker && t < p->threads; t++) {
    struct worker *w = &p->worker[t];
    ritz_square_system_destroy(&w->system);
    ritz_free(w->sampler);
    ritz_free(w->f);
    ritz_free(w->u);
    ritz_free(w->trial);
    ritz_free(w->r);
  }
  ritz_free(p->worker);
  ritz_grid_systems_destroy(&p->systems);
  ritz_gaussian_destroy(&p->gaussian);
}

static ritz_status create_worker(const reaction *p, struct worker *w) {
  RITZ_TRY(ritz_square_system_create(&p->square, p->systems, &w->system));
  RITZ_TRY(ritz_calloc((ritz_index)ritz_gaussian_scratch(p->gaussian), 1, &w->sampler));
  RITZ_TRY(RITZ_NEW(p->inner, &w->f));
  RITZ_TRY(RITZ_NEW(p->inner, &w->u));
  RITZ_TRY(RITZ_NEW(p->inner, &w->trial));
  return RITZ_NEW(p->inner, &w->r);
}

/* Of GMRES with the mean slope, a step, as measured (docs/generators/reaction_diffusion.md): the
 * slope at the state that the first mode of f has, against the first eigenvalue. */
static double iterations(const reaction_config *c) {
  const double f = fabs(c->mean_source) + 0.3 * c->source, first = 2 * pi * pi * c->diffusion;
  double low = 0, high = f / first;
  for (int k = 0; k < 60; k++) {
    const double u = 0.5 * (low + high);
    if (first * u + react(c, fmin(u, 700)).value < f)
      low = u;
    else
      high = u;
  }
  if (c->reaction == LINEAR) return 2;
  return 4 + 2.5 * pow(react(c, low).slope / first, 0.38);
}

/* Of BiCGStab, relative to those. */
static const double stabilised = 0.58;

static ritz_status plan(reaction *p) {
  const reaction_config *c = p->config;
  RITZ_TRY(ritz_square_gaussian(&p->square, c->alpha, c->tau, c->modes, &p->gaussian));
  RITZ_TRY(ritz_square_systems(&p->square, &c->system, true, iterations(c),
                               stabilised * iterations(c), &p->systems));
  RITZ_TRY(RITZ_NEW(p->threads, &p->worker));
  for (int t = 0; t < p->threads; t++) RITZ_TRY(create_worker(p, &p->worker[t]));
  return RITZ_OK;
}

static ritz_status create(const void *config, int threads, ritz_generator_info *info, void *state) {
  reaction *p = state;
  p->config = config;
  p->threads = threads;
  p->square = ritz_square_of(&p->config->resolution);
  p->inner = (p->square.n[0] - 2) * (p->square.n[1] - 2);
  RITZ_TRY(plan(p));
  ritz_square_describe(&p->square, info);
  info->x = ritz_square_field(&p->square, "source", 1, NULL);
  info->y = ritz_square_field(&p->square, "solution", 1, NULL);
  ritz_square_system_describe(p->systems, info);
  return RITZ_OK;
}

const ritz_generator_type ritz_generator_type_reaction_diffusion = {
    .name = "reaction_diffusion",
    .summary = "-nu Laplace u + r(u) = f on the unit square, u = 0 on the boundary; source f -> u",
    .paper = "Gaussian sources; no reference",
    .options = options,
    .config_size = sizeof(reaction_config),
    .check = check,
    .state_size = sizeof(reaction),
    .create = create,
    .run = run,
    .destroy = destroy,
};
