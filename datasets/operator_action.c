/* SPDX-License-Identifier: BSD-3-Clause
 * Pairs of -div(a grad u) = f without a solve for each: u is drawn, f follows by applying the
 * operator. Dong, Wang, Li, Yang, Yuan, Hao & Wang 2024, ICML, "Accelerating PDE Data Generation
 * via Differential Operator Action in Solution Space" (DiffOAS):
 *
 *   u = sum over i < basis of alpha_i u_i + eps,  alpha_i = mu_i / sum of mu_j,  mu standard
 * normal, f = -div(a grad u),
 *
 * where u_i solve the equation for coefficients and sources of their own; x = a and f, y = u. What
 * f is distributed like follows from this; it is not a Gaussian field. */
#include <math.h>
#include <ritz/random.h>
#include <stdio.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "datasets/medium.h"
#include "datasets/square.h"
#include "solvers/multigrid/diffusion_batch.h"

enum { AFFINE, NORMAL };
enum { lanes = 8 };

/* Added to a seed, for fields that are no sample's coefficient; seeds stay below 2^62. */
static const uint64_t of_basis = (uint64_t)1 << 63, of_noise = (uint64_t)1 << 62;

typedef struct action_config {
  ritz_ints resolution;
  int coefficient, weights;
  double alpha, tau, low, high, log_scale, source_alpha, source_tau, noise, tolerance;
  ritz_index modes, basis, basis_seed, max_iterations;
} action_config;

static const ritz_option options[] = {
    RITZ_SQUARE_RESOLUTION(action_config, 3, "64"),
    RITZ_MEDIUM_OPTIONS(action_config, "a", "lognormal", "2.5", "7", "3", "12"),
    RITZ_OPTION_REAL(action_config, source_alpha, 0, 16, "2.5",
                     "smoothness of the sources of the basis"),
    RITZ_OPTION_REAL(action_config, source_tau, 1e-3, 1e4, "7",
                     "inverse length of the sources of the basis"),
    RITZ_OPTION_INT(action_config, basis, 1, 10000, "30", "solutions that are combined"),
    RITZ_OPTION_INT(action_config, basis_seed, 0, 1e15, "0",
                    "seed of the basis; sets that share it share the basis, whatever their seed"),
    RITZ_OPTION_CHOICE(action_config, weights, "affine|normal", "affine",
                       "affine: mu / sum of mu, as published, with a heavy tail; normal: mu / "
                       "sqrt(basis)"),
    RITZ_OPTION_REAL(action_config, noise, 0, 1e3, "0",
                     "size of eps, a smooth field that leaves the span of the basis, relative to "
                     "u"),
    RITZ_OPTION_REAL(action_config, tolerance, 1e-14, 1, "1e-8",
                     "true relative residual of the basis"),
    RITZ_OPTION_INT(action_config, max_iterations, 1, 1000000, "1000",
                    "limit per solution of the basis"),
    RITZ_OPTION_END,
};

typedef struct action {
  const action_config *config;
  ritz_square square;
  ritz_face_mean mean;
  ritz_gaussian *medium, *source;
  double *basis; /* [basis][size] */
  char method[160];
  int threads;
  struct worker {
    ritz_diffusion *diffusion;
    void *scratch; /* of either field */
    double *mu;    /* [basis] */
    double *a, *r; /* [size] coefficient; noise, then what the operator gives */
  } * worker;
} action;

static ritz_status check(const void *config) {
  return ritz_square_check(&((const action_config *)config)->resolution);
}

static void draw_medium(const action *p, uint64_t seed, uint32_t sample, void *scratch, double *a) {
  const action_config *c = p->config;
  ritz_gaussian_sample(p->medium, seed, sample, a, scratch);
  ritz_medium_apply(c->coefficient, c->low, c->high, c->log_scale, p->square.size, a);
}

/* Samples ------------------------------------------------------------------------------------- */

static void combine(const action *p, const double *mu, double *u) {
  const ritz_index size = p->square.size, basis = p->config->basis;
  double sum = 0;
  for (ritz_index i = 0; i < basis; i++) sum += mu[i];
  const double scale = p->config->weights == AFFINE ? 1 / sum : 1 / sqrt((double)basis);
  memset(u, 0, (size_t)size * sizeof *u);
  for (ritz_index i = 0; i < basis; i++) {
    const double factor = scale * mu[i], *from = p->basis + i * size;
    for (ritz_index k = 0; k < size; k++) u[k] += factor * from[k];
  }
}

/* A field of the sources' kind, brought to zero on the boundary. */
static void add_noise(const action *p, struct worker *w, uint64_t seed, uint32_t sample,
                      double *u) {
  const ritz_square *s = &p->square;
  ritz_gaussian_sample(p->source, seed + of_noise, sample, w->r, w->scratch);
  for (ritz_index i = 0; i < s->n[0]; i++)
    for (ritz_index j = 0; j < s->n[1]; j++) {
      const double x = (double)i * s->h[0], y = (double)j * s->h[1];
      w->r[i * s->n[1] + j] *= ritz_square_edge(s, i, j) ? 0 : x * (1 - x) * y * (1 - y);
    }
  const double scale = p->config->noise * ritz_square_norm(s, u) / ritz_square_norm(s, w->r);
  for (ritz_index k = 0; k < s->size; k++) u[k] += scale * w->r[k];
}

static void sample(void *state, int thread, uint64_t seed, uint32_t number, double *x, double *y,
                   ritz_solve_report *report) {
  const action *p = state;
  const ritz_square *s = &p->square;
  struct worker *w = &p->worker[thread];
  const double volume = s->h[0] * s->h[1];
  const ritz_random stream = {seed, RITZ_RANDOM_NOISE, number};
  ritz_random_normals(stream, 0, p->config->basis, w->mu);
  combine(p, w->mu, y);
  if (p->config->noise > 0) add_noise(p, w, seed, number, y);
  draw_medium(p, seed, number, w->scratch, w->a);
  ritz_diffusion_set(w->diffusion, w->a, p->mean);
  ritz_diffusion_apply(w->diffusion, y, w->r);
  const double scale = ritz_square_norm(s, w->r);
  for (ritz_index k = 0; k < s->size; k++) {
    x[2 * k] = w->a[k];
    x[2 * k + 1] = w->r[k] / volume;
    w->r[k] -= volume * x[2 * k + 1];
  }
  *report = (ritz_solve_report){.reason = RITZ_SOLVE_CONVERGED,
                                .products = 1,
                                .residual = ritz_square_norm(s, w->r) / scale,
                                .initial_residual = 1};
}

/* Basis --------------------------------------------------------------------------------------- */

/* Problems first ... first + count - 1: fields 2 i and 2 i + 1 of the basis' own seed. */
static ritz_status solve_some(const action *p, ritz_diffusion_batch *batch, ritz_index first,
                              ritz_index count, double *work, void *scratch) {
  const ritz_square *s = &p->square;
  const uint64_t seed = (uint64_t)p->config->basis_seed + of_basis;
  const double *a[lanes], *b[lanes];
  double *u[lanes];
  ritz_solve_report report[lanes];
  for (ritz_index i = 0; i < count; i++) {
    const uint32_t number = (uint32_t)(2 * (first + i));
    double *medium = work + 2 * i * s->size, *source = medium + s->size;
    draw_medium(p, seed, number, scratch, medium);
    ritz_gaussian_sample(p->source, seed, number + 1, source, scratch);
    for (ritz_index k = 0; k < s->size; k++) source[k] *= s->h[0] * s->h[1];
    a[i] = medium;
    b[i] = source;
    u[i] = p->basis + (first + i) * s->size;
  }
  ritz_diffusion_batch_solve(batch, count, p->mean, a, b, u, report);
  for (ritz_index i = 0; i < count; i++)
    RITZ_REQUIRE(report[i].reason > 0, RITZ_ERR_NUMERIC,
                 "solution %td of the basis has a residual of %.2g, wanted %.2g: %s", first + i,
                 report[i].residual, p->config->tolerance,
                 ritz_solve_reason_text(report[i].reason));
  return RITZ_OK;
}

static ritz_status solve_basis(action *p) {
  const action_config *c = p->config;
  ritz_multigrid_options o;
  ritz_multigrid_options_defaults(&o);
  o.lanes = lanes;
  o.dtype = RITZ_FLOAT64; /* solved once: any jump will do */
  o.tolerance = c->tolerance;
  o.max_iterations = (int)c->max_iterations;
  ritz_diffusion_batch *batch = NULL;
  double *work = NULL;
  ritz_status status;
  RITZ_TRY_DONE(RITZ_NEW(c->basis * p->square.size, &p->basis));
  RITZ_TRY_DONE(RITZ_NEW(2 * lanes * p->square.size, &work));
  RITZ_TRY_DONE(ritz_diffusion_batch_create(2, p->square.n, p->square.h, &o, &batch));
  for (ritz_index first = 0; first < c->basis; first += lanes) {
    const ritz_index rest = c->basis - first, count = rest < lanes ? rest : lanes;
    RITZ_TRY_DONE(solve_some(p, batch, first, count, work, p->worker[0].scratch));
  }
done:
  ritz_diffusion_batch_destroy(&batch);
  ritz_free(work);
  return status;
}

/* Plan ---------------------------------------------------------------------------------------- */

static void destroy(void *state) {
  action *p = state;
  for (int t = 0; p->worker && t < p->threads; t++) {
    struct worker *w = &p->worker[t];
    ritz_diffusion_destroy(&w->diffusion);
    ritz_free(w->scratch);
    ritz_free(w->mu);
    ritz_free(w->a);
    ritz_free(w->r);
  }
  ritz_free(p->worker);
  ritz_free(p->basis);
  ritz_gaussian_destroy(&p->medium);
  ritz_gaussian_destroy(&p->source);
}

static ritz_status create_worker(const action *p, struct worker *w) {
  const ritz_square *s = &p->square;
  const size_t medium = ritz_gaussian_scratch(p->medium), source = ritz_gaussian_scratch(p->source);
  RITZ_TRY(ritz_diffusion_create(s->n[0], s->n[1], s->h[0], s->h[1], &w->diffusion));
  RITZ_TRY(ritz_calloc((ritz_index)(medium > source ? medium : source), 1, &w->scratch));
  RITZ_TRY(RITZ_NEW(p->config->basis, &w->mu));
  RITZ_TRY(RITZ_NEW(s->size, &w->a));
  return RITZ_NEW(s->size, &w->r);
}

static ritz_status plan(action *p) {
  const action_config *c = p->config;
  RITZ_TRY(ritz_square_gaussian(&p->square, c->alpha, c->tau, c->modes, &p->medium));
  RITZ_TRY(ritz_square_gaussian(&p->square, c->source_alpha, c->source_tau, c->modes, &p->source));
  RITZ_TRY(RITZ_NEW(p->threads, &p->worker));
  for (int t = 0; t < p->threads; t++) RITZ_TRY(create_worker(p, &p->worker[t]));
  return solve_basis(p);
}

static ritz_status create(const void *config, int threads, ritz_generator_info *info, void *state) {
  static const char *const channel[] = {"coefficient", "source"};
  action *p = state;
  p->config = config;
  p->threads = threads;
  p->square = ritz_square_of(&p->config->resolution);
  p->mean = ritz_medium_faces(p->config->coefficient, p->config->low, p->config->high);
  RITZ_TRY(plan(p));
  snprintf(p->method, sizeof p->method,
           "sources by applying the operator to combinations of %td solutions; no sample is solved",
           p->config->basis);
  ritz_square_describe(&p->square, info);
  info->x = ritz_square_field(&p->square, "coefficient and source", 2, channel);
  info->y = ritz_square_field(&p->square, "solution", 1, NULL);
  info->method = p->method;
  return RITZ_OK;
}

const ritz_generator_type ritz_generator_type_operator_action = {
    .name = "operator_action",
    .summary =
        "-div(a grad u) = f on the unit square, u = 0 on the boundary; u drawn from a span of "
        "solutions, f by applying the operator; a and f -> u",
    .paper =
        "Dong et al. 2024, Accelerating PDE Data Generation via Differential Operator Action in "
        "Solution Space (DiffOAS), ICML",
    .options = options,
    .config_size = sizeof(action_config),
    .check = check,
    .state_size = sizeof(action),
    .create = create,
    .sample = sample,
    .destroy = destroy,
};
