/* SPDX-License-Identifier: BSD-3-Clause
 * What a learned preconditioner is trained on: residuals r that conjugate gradients meet on
 *
 *     -div(a grad u) = f  on the unit square,  u = 0 on its boundary,
 *
 * and the errors e = A^-1 r they belong to; x = r scaled to a mean square of 1 (and a), y = e by
 * the same factor. Rudikov, Fanaskov, Muravleva, Laevsky & Oseledets 2024, arXiv:2402.05598
 * (FCG-NO), whose preconditioner learns from such pairs, not from right-hand sides.
 *
 * The samples of one system make a chain: its pairs are those of every `every`-th step, and where
 * the iteration ends before there are enough of them it begins again with another f. */
#include <math.h>
#include <ritz/krylov.h>
#include <ritz/random.h>
#include <stdio.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "datasets/medium.h"
#include "datasets/square.h"
#include "solvers/multigrid/diffusion_batch.h"

enum { POISSON, DARCY };

/* Added to a seed for the fields of f; seeds stay below 2^62. */
static const uint64_t of_source = (uint64_t)1 << 62;
/* Of the iterations, and of the solutions that errors are taken from. */
static const double tolerance = 1e-10, exact = 1e-12;

typedef struct errors_config {
  ritz_ints resolution;
  int equation, coefficient;
  double alpha, tau, low, high, log_scale, source_alpha, source_tau, noise, start;
  ritz_index modes, pairs, every;
} errors_config;

static const ritz_option options[] = {
    RITZ_SQUARE_RESOLUTION(errors_config, 3, "64"),
    RITZ_OPTION_CHOICE(errors_config, equation, "poisson|darcy", "darcy",
                       "poisson: a = 1, which is then no channel of x"),
    RITZ_MEDIUM_OPTIONS(errors_config, "a", "piecewise", "2", "3", "3", "12"),
    RITZ_OPTION_REAL(errors_config, source_alpha, 0, 16, "2", "smoothness of f"),
    RITZ_OPTION_REAL(errors_config, source_tau, 1e-3, 1e4, "3", "inverse length of f"),
    RITZ_OPTION_REAL(errors_config, noise, 0, 1e3, "1",
                     "white noise in f, relative to its smooth part"),
    RITZ_OPTION_REAL(errors_config, start, 0, 1e3, "1",
                     "white noise that the iteration starts from, relative to u"),
    RITZ_OPTION_INT(errors_config, pairs, 1, 100000, "50", "pairs of one system"),
    RITZ_OPTION_INT(errors_config, every, 1, 100000, "2", "steps from one pair to the next"),
    RITZ_OPTION_END,
};

typedef struct worker {
  const struct errors *of;
  ritz_diffusion *diffusion;
  ritz_diffusion_batch *batch;
  ritz_krylov *solver;
  void *scratch;          /* of either field */
  double *a, *b, *r;      /* [size] */
  double *solution, *now; /* [size] of the system; the iterate */
  /* The chain under way. */
  ritz_index filled;
  double *x, *y;
  ritz_solve_report solved, *reports;
} worker;

typedef struct errors {
  const errors_config *config;
  ritz_square square;
  ritz_face_mean mean;
  ritz_gaussian *medium, *source;
  char method[120];
  int channels; /* of x */
  int threads;
  worker *workers;
} errors;

static ritz_status check(const void *config) {
  return ritz_square_check(&((const errors_config *)config)->resolution);
}

/* Pairs --------------------------------------------------------------------------------------- */

static int apply(void *user, const void *x, void *y) {
  ritz_diffusion_apply(((worker *)user)->diffusion, x, y);
  return 0;
}

/* x and y of the pair from the error in y. */
static void scale_pair(worker *w, double *x, double *y) {
  const ritz_square *s = &w->of->square;
  const double volume = s->h[0] * s->h[1];
  const double unknowns = (double)((s->n[0] - 2) * (s->n[1] - 2));
  ritz_diffusion_apply(w->diffusion, y, w->r);
  const double factor = volume * sqrt(unknowns) / ritz_square_norm(s, w->r);
  for (ritz_index k = 0; k < s->size; k++) {
    x[k * w->of->channels] = factor * w->r[k] / volume;
    if (w->of->channels > 1) x[k * w->of->channels + 1] = w->a[k];
    y[k] *= factor;
  }
}

/* |h0 h1 x - A y| over |h0 h1 x|, of the pair itself. */
static double pair_residual(worker *w, const double *x, const double *y) {
  const ritz_square *s = &w->of->square;
  const double volume = s->h[0] * s->h[1];
  double sum = 0, all = 0;
  ritz_diffusion_apply(w->diffusion, y, w->r);
  for (ritz_index k = 0; k < s->size; k++) {
    const double b = volume * x[k * w->of->channels];
    sum += (b - w->r[k]) * (b - w->r[k]);
    all += b * b;
  }
  return sqrt(sum / all);
}

/* A monitor: conjugate gradients keep x up to date in every step. */
static bool take_pair(void *user, int iteration, double residual) {
  worker *w = user;
  const errors_config *c = w->of->config;
  const ritz_index size = w->of->square.size;
  if (iteration % c->every != 0) return true;
  double *const x = w->x + w->filled * size * w->of->channels, *const y = w->y + w->filled * size;
  for (ritz_index k = 0; k < size; k++) y[k] = w->solution[k] - w->now[k];
  if (ritz_square_norm(&w->of->square, y) == 0) return true;
  scale_pair(w, x, y);
  w->reports[w->filled++] = (ritz_solve_report){.reason = w->solved.reason,
                                                .iterations = iteration,
                                                .products = iteration + 1,
                                                .residual = pair_residual(w, x, y),
                                                .initial_residual = 1};
  return w->filled < c->pairs;
}

/* Chains -------------------------------------------------------------------------------------- */

static void draw_medium(worker *w, uint64_t seed, uint32_t first) {
  const errors *p = w->of;
  const errors_config *c = p->config;
  if (p->medium) {
    ritz_gaussian_sample(p->medium, seed, first, w->a, w->scratch);
    ritz_medium_apply(c->coefficient, c->low, c->high, c->log_scale, p->square.size, w->a);
  } else {
    for (ritz_index k = 0; k < p->square.size; k++) w->a[k] = 1;
  }
  ritz_diffusion_set(w->diffusion, w->a, p->mean);
}

/* White noise of length @p size inside, zero on the boundary. */
static void draw_noise(const errors *p, ritz_random stream, uint64_t from, double size,
                       double *noise) {
  const ritz_square *s = &p->square;
  ritz_random_normals(stream, from, s->size, noise);
  for (ritz_index i = 0; i < s->n[0]; i++)
    for (ritz_index j = 0; j < s->n[1]; j++)
      if (ritz_square_edge(s, i, j)) noise[i * s->n[1] + j] = 0;
  const double factor = size / ritz_square_norm(s, noise);
  for (ritz_index k = 0; k < s->size; k++) noise[k] *= factor;
}

/* A system, its solution, and where the iteration starts. */
static void draw_system(worker *w, uint64_t seed, uint32_t number) {
  const errors *p = w->of;
  const ritz_square *s = &p->square;
  const double volume = s->h[0] * s->h[1];
  const ritz_random stream = {seed, RITZ_RANDOM_NOISE, number};
  const double *const a = w->a, *const b = w->b;
  double *const u = w->solution;
  ritz_gaussian_sample(p->source, seed + of_source, number, w->b, w->scratch);
  draw_noise(p, stream, 0, p->config->noise * ritz_square_norm(s, w->b), w->r);
  for (ritz_index i = 0; i < s->n[0]; i++)
    for (ritz_index j = 0; j < s->n[1]; j++) {
      const ritz_index k = i * s->n[1] + j;
      w->b[k] = ritz_square_edge(s, i, j) ? 0 : volume * (w->b[k] + w->r[k]);
    }
  ritz_diffusion_batch_solve(w->batch, 1, p->mean, &a, &b, &u, &w->solved);
  draw_noise(p, stream, (uint64_t)s->size, p->config->start * ritz_square_norm(s, u), w->now);
}

/* What is left of a chain whose systems have no solution that could err. */
static void give_up(worker *w, ritz_index count) {
  const ritz_index size = w->of->square.size, channels = w->of->channels;
  for (; w->filled < count; w->filled++) {
    double *const x = w->x + w->filled * size * channels;
    for (ritz_index k = 0; k < size; k++) {
      x[k * channels] = 0;
      if (channels > 1) x[k * channels + 1] = w->a[k];
    }
    memset(w->y + w->filled * size, 0, (size_t)size * sizeof *w->y);
    w->reports[w->filled] = (ritz_solve_report){
        .reason = w->solved.reason < 0 ? w->solved.reason : RITZ_SOLVE_BREAKDOWN,
        .residual = 1,
        .initial_residual = 1};
  }
}

static void run(void *state, int thread, uint64_t seed, uint32_t first, ritz_index count, double *x,
                double *y, ritz_solve_report *reports) {
  const errors *p = state;
  worker *w = &p->workers[thread];
  ritz_solve_report ended;
  w->x = x;
  w->y = y;
  w->reports = reports;
  w->filled = 0;
  draw_medium(w, seed, first);
  for (uint32_t system = 0; w->filled < count; system++) {
    const ritz_index before = w->filled;
    draw_system(w, seed, first + system);
    (void)ritz_krylov_solve(w->solver, w->b, w->now, &ended); /* it has its operator */
    if (w->filled == before) give_up(w, count);
  }
}

/* Plan ---------------------------------------------------------------------------------------- */

static void destroy(void *state) {
  errors *p = state;
  for (int t = 0; p->workers && t < p->threads; t++) {
    worker *w = &p->workers[t];
    double *const arrays[] = {w->a, w->b, w->r, w->solution, w->now};
    ritz_diffusion_destroy(&w->diffusion);
    ritz_diffusion_batch_destroy(&w->batch);
    ritz_krylov_destroy(&w->solver);
    ritz_free(w->scratch);
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) ritz_free(arrays[i]);
  }
  ritz_free(p->workers);
  ritz_gaussian_destroy(&p->medium);
  ritz_gaussian_destroy(&p->source);
}

static ritz_status create_solvers(const errors *p, worker *w) {
  const ritz_square *s = &p->square;
  ritz_multigrid_options m;
  ritz_krylov_options k;
  ritz_multigrid_options_defaults(&m);
  m.lanes = 1;
  m.dtype = RITZ_FLOAT64; /* any jump will do */
  m.tolerance = exact;
  RITZ_TRY(ritz_diffusion_batch_create(2, s->n, s->h, &m, &w->batch));
  RITZ_TRY(ritz_diffusion_create(s->n[0], s->n[1], s->h[0], s->h[1], &w->diffusion));
  ritz_krylov_options_defaults(&k);
  k.method = "cg";
  k.rtol = tolerance;
  k.dtol = INFINITY; /* noise has large residuals */
  k.initial_guess = true;
  RITZ_TRY(ritz_krylov_create(RITZ_REAL_DOUBLE, s->size, &k, &w->solver));
  ritz_krylov_set_operator(w->solver, apply, w);
  return ritz_krylov_add_monitor(w->solver, take_pair, w);
}

static ritz_status create_worker(const errors *p, worker *w) {
  const size_t medium = p->medium ? ritz_gaussian_scratch(p->medium) : 0;
  const size_t source = ritz_gaussian_scratch(p->source);
  double **const arrays[] = {&w->a, &w->b, &w->r, &w->solution, &w->now};
  w->of = p;
  RITZ_TRY(ritz_calloc((ritz_index)(medium > source ? medium : source), 1, &w->scratch));
  for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
    RITZ_TRY(RITZ_NEW(p->square.size, arrays[i]));
  return create_solvers(p, w);
}

static ritz_status plan(errors *p) {
  const errors_config *c = p->config;
  if (c->equation == DARCY)
    RITZ_TRY(ritz_square_gaussian(&p->square, c->alpha, c->tau, c->modes, &p->medium));
  RITZ_TRY(ritz_square_gaussian(&p->square, c->source_alpha, c->source_tau, 0, &p->source));
  RITZ_TRY(RITZ_NEW(p->threads, &p->workers));
  for (int t = 0; t < p->threads; t++) RITZ_TRY(create_worker(p, &p->workers[t]));
  return RITZ_OK;
}

static ritz_status create(const void *config, int threads, ritz_generator_info *info, void *state) {
  static const char *const channel[] = {"residual", "coefficient"};
  errors *p = state;
  p->config = config;
  p->threads = threads;
  p->square = ritz_square_of(&p->config->resolution);
  p->channels = p->config->equation == DARCY ? 2 : 1;
  p->mean = ritz_medium_faces(p->config->coefficient, p->config->low, p->config->high);
  RITZ_TRY(plan(p));
  snprintf(p->method, sizeof p->method,
           "%td pairs of a system, %td steps of conjugate gradients from one to the next",
           p->config->pairs, p->config->every);
  ritz_square_describe(&p->square, info);
  info->x =
      ritz_square_field(&p->square, "residual", p->channels, p->channels > 1 ? channel : NULL);
  info->y = ritz_square_field(&p->square, "error", 1, NULL);
  info->method = p->method;
  info->run = p->config->pairs;
  info->chained = true;
  return RITZ_OK;
}

const ritz_generator_type ritz_generator_type_cg_errors = {
    .name = "cg_errors",
    .summary =
        "-div(a grad u) = f on the unit square, u = 0 on the boundary; residuals that conjugate "
        "gradients meet, and a -> their errors",
    .paper =
        "Rudikov et al. 2024, Neural operators meet conjugate gradients: The FCG-NO method, "
        "arXiv:2402.05598",
    .options = options,
    .config_size = sizeof(errors_config),
    .check = check,
    .state_size = sizeof(errors),
    .create = create,
    .run = run,
    .destroy = destroy,
};
