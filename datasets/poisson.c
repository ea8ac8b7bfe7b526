/* SPDX-License-Identifier: BSD-3-Clause
 * Poisson's equation -Laplace u = f on the unit square, u = g on its boundary; x = f (and g), y = u
 * at the nodes. Wang et al. 2024, ICLR, "Accelerating Data Generation for Neural Operators via
 * Krylov Subspace Recycling", set "Poisson": f and the four edges are random Chebyshev series.
 *
 * Five-point scheme. All samples have one matrix, which sine transforms diagonalise. */
#include <math.h>
#include <ritz/random.h>
#include <stdio.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "datasets/square.h"
#include "solvers/grid/diffusion.h"
#include "solvers/multigrid/diffusion_batch.h"
#include "solvers/precond/fast_poisson.h"

enum { CHEBYSHEV, GAUSSIAN };
enum { EDGES_CHEBYSHEV, EDGES_ZERO };
enum { AUTO, FAST, MULTIGRID };
enum { lanes = 8 };

typedef struct poisson_config {
  ritz_ints resolution;
  int source, edges, solver;
  double alpha, tau, tolerance;
  ritz_index terms, modes, max_iterations;
} poisson_config;

static const ritz_option options[] = {
    RITZ_SQUARE_RESOLUTION(poisson_config, 3, "64"),
    RITZ_OPTION_CHOICE(poisson_config, source, "chebyshev|gaussian", "chebyshev",
                       "f: sum of terms^2 products of Chebyshev polynomials, coefficients uniform "
                       "in -1 ... 1; or a Gaussian field"),
    RITZ_OPTION_CHOICE(poisson_config, edges, "chebyshev|zero", "chebyshev",
                       "g: such a series of its own on each edge; or 0, then x is f alone"),
    RITZ_OPTION_INT(poisson_config, terms, 1, 64, "5",
                    "polynomials of a series, the constant one included"),
    RITZ_FIELD_OPTIONS(poisson_config, "gaussian: ", "f", "2", "3"),
    RITZ_OPTION_CHOICE(poisson_config, solver, "auto|fast|multigrid", "auto",
                       "fast: sine transforms as matrix products; multigrid for many samples at "
                       "once"),
    RITZ_OPTION_REAL(poisson_config, tolerance, 1e-14, 1, "1e-8",
                     "true relative residual to reach"),
    RITZ_OPTION_INT(poisson_config, max_iterations, 1, 1000000, "100", "limit per sample"),
    RITZ_OPTION_END,
};

/* Of one thread. */
typedef struct worker {
  void *sampler, *scratch;     /* of the field, of the transforms */
  ritz_diffusion_batch *batch; /* multigrid */
  double *b, *g;               /* [run][size] right-hand sides, boundary values */
  double *r, *d;               /* fast: residual; correction, and f before */
} worker;

typedef struct poisson {
  const poisson_config *config;
  ritz_square square;
  double *polynomial[2];   /* [terms][nodes] per axis */
  ritz_gaussian *gaussian; /* source gaussian only */
  ritz_diffusion *laplace;
  ritz_fast_poisson *fast; /* solver fast only */
  double *one;             /* [size], the coefficient for multigrid */
  bool use_fast;
  char method[160];
  int threads;
  worker *workers;
} poisson;

static ritz_status check(const void *config) {
  return ritz_square_check(&((const poisson_config *)config)->resolution);
}

/* Fields -------------------------------------------------------------------------------------- */

/* Uniform numbers of a sample: terms per edge (i = 0, i = n0 - 1, j = 0, j = n1 - 1), then terms^2
 * of f. */
static double draw(ritz_random stream, ritz_index number) {
  return 2 * ritz_random_uniform(stream, (uint64_t)number) - 1;
}

/* One edge's series along an axis, into nodes `step` apart. */
static void fill_edge(const poisson *p, ritz_random stream, int edge, int axis, ritz_index step,
                      double *g) {
  const ritz_index terms = p->config->terms, n = p->square.n[axis];
  for (ritz_index j = 0; j < n; j++) g[j * step] = 0;
  for (ritz_index k = 0; k < terms; k++) {
    const double c = draw(stream, edge * terms + k);
    for (ritz_index j = 0; j < n; j++) g[j * step] += c * p->polynomial[axis][k * n + j];
  }
}

/* g on the boundary, 0 inside. A corner has the value of the edge along axis 0; the scheme does not
 * read it. */
static void fill_boundary(const poisson *p, ritz_random stream, double *g) {
  const ritz_index n0 = p->square.n[0], n1 = p->square.n[1];
  memset(g, 0, (size_t)p->square.size * sizeof *g);
  if (p->config->edges == EDGES_ZERO) return;
  fill_edge(p, stream, 0, 1, 1, g);
  fill_edge(p, stream, 1, 1, 1, g + (n0 - 1) * n1);
  fill_edge(p, stream, 2, 0, n1, g);
  fill_edge(p, stream, 3, 0, n1, g + n1 - 1);
}

static void fill_series(const poisson *p, ritz_random stream, double *f) {
  const ritz_index terms = p->config->terms, n0 = p->square.n[0], n1 = p->square.n[1];
  memset(f, 0, (size_t)p->square.size * sizeof *f);
  for (ritz_index k = 0; k < terms; k++)
    for (ritz_index l = 0; l < terms; l++) {
      const double c = draw(stream, (4 + k) * terms + l);
      for (ritz_index i = 0; i < n0; i++) {
        const double ci = c * p->polynomial[0][k * n0 + i];
        for (ritz_index j = 0; j < n1; j++) f[i * n1 + j] += ci * p->polynomial[1][l * n1 + j];
      }
    }
}

/* f and g into x; right-hand side b = h0 h1 f - A g inside, 0 on the boundary. */
static void make_problem(const poisson *p, worker *w, uint64_t seed, uint32_t sample, double *g,
                         double *b, double *x) {
  const ritz_square *s = &p->square;
  const ritz_random stream = {seed, RITZ_RANDOM_FIELD, sample};
  const int channels = p->config->edges == EDGES_ZERO ? 1 : 2;
  fill_boundary(p, stream, g);
  ritz_diffusion_apply(p->laplace, g, b);
  if (p->gaussian)
    ritz_gaussian_sample(p->gaussian, seed, sample, w->d, w->sampler);
  else
    fill_series(p, stream, w->d);
  for (ritz_index i = 0, k = 0; i < s->n[0]; i++)
    for (ritz_index j = 0; j < s->n[1]; j++, k++) {
      x[channels * k] = w->d[k];
      if (channels > 1) x[2 * k + 1] = g[k];
      b[k] = ritz_square_edge(s, i, j) ? 0 : s->h[0] * s->h[1] * w->d[k] - b[k];
    }
}

/* Solution ------------------------------------------------------------------------------------ */

static void transform(const poisson *p, worker *w, const double *b, double *u) {
  const ritz_index n1 = p->square.n[1];
  ritz_fast_poisson_solve(p->fast, b + n1 + 1, n1, u + n1 + 1, n1, w->scratch);
}

/* Once by transforms; where their rounding is above the tolerance, again for the residual. */
static void solve_fast(const poisson *p, worker *w, const double *b, double *u,
                       ritz_solve_report *report) {
  const double scale = ritz_square_norm(&p->square, b);
  *report = (ritz_solve_report){.reason = RITZ_SOLVE_ZERO_RHS};
  memset(u, 0, (size_t)p->square.size * sizeof *u);
  memset(w->d, 0, (size_t)p->square.size * sizeof *u);
  if (scale == 0) return;
  *report = (ritz_solve_report){.initial_residual = 1, .residual = 1};
  memcpy(w->r, b, (size_t)p->square.size * sizeof *b);
  while (report->reason == 0) {
    const double before = report->residual;
    transform(p, w, w->r, w->d);
    for (ritz_index k = 0; k < p->square.size; k++) u[k] += w->d[k];
    ritz_diffusion_apply(p->laplace, u, w->r);
    for (ritz_index k = 0; k < p->square.size; k++) w->r[k] = b[k] - w->r[k];
    report->residual = ritz_square_norm(&p->square, w->r) / scale;
    report->iterations++;
    report->products++;
    if (report->residual <= p->config->tolerance)
      report->reason = RITZ_SOLVE_CONVERGED;
    else if (!(report->residual < 0.5 * before))
      report->reason = RITZ_SOLVE_STAGNATED;
    else if (report->iterations == p->config->max_iterations)
      report->reason = RITZ_SOLVE_MAX_ITERATIONS;
  }
}

static void run(void *state, int thread, uint64_t seed, uint32_t first, ritz_index count, double *x,
                double *y, ritz_solve_report *reports) {
  const poisson *p = state;
  worker *w = &p->workers[thread];
  const ritz_index size = p->square.size, channels = p->config->edges == EDGES_ZERO ? 1 : 2;
  const double *a[lanes], *b[lanes];
  double *u[lanes];
  for (ritz_index s = 0; s < count; s++) {
    make_problem(p, w, seed, first + (uint32_t)s, w->g + s * size, w->b + s * size,
                 x + s * channels * size);
    a[s] = p->one;
    b[s] = w->b + s * size;
    u[s] = y + s * size;
  }
  if (p->use_fast)
    for (ritz_index s = 0; s < count; s++) solve_fast(p, w, b[s], u[s], &reports[s]);
  else
    ritz_diffusion_batch_solve(w->batch, count, RITZ_FACE_ARITHMETIC, a, b, u, reports);
  for (ritz_index k = 0; k < count * size; k++) y[k] += w->g[k];
}

/* Plan ---------------------------------------------------------------------------------------- */

static void destroy(void *state) {
  poisson *p = state;
  for (int t = 0; p->workers && t < p->threads; t++) {
    worker *w = &p->workers[t];
    ritz_diffusion_batch_destroy(&w->batch);
    ritz_free(w->sampler);
    ritz_free(w->scratch);
    ritz_free(w->b);
    ritz_free(w->g);
    ritz_free(w->r);
    ritz_free(w->d);
  }
  ritz_free(p->workers);
  for (int axis = 0; axis < 2; axis++) ritz_free(p->polynomial[axis]);
  ritz_gaussian_destroy(&p->gaussian);
  ritz_diffusion_destroy(&p->laplace);
  ritz_fast_poisson_destroy(&p->fast);
  ritz_free(p->one);
}

static ritz_status create_worker(const poisson *p, worker *w) {
  const poisson_config *c = p->config;
  const ritz_index size = p->square.size, together = p->use_fast ? 1 : lanes;
  RITZ_TRY(RITZ_NEW(together * size, &w->b));
  RITZ_TRY(RITZ_NEW(together * size, &w->g));
  RITZ_TRY(RITZ_NEW(size, &w->d));
  if (p->gaussian)
    RITZ_TRY(ritz_calloc((ritz_index)ritz_gaussian_scratch(p->gaussian), 1, &w->sampler));
  if (p->use_fast) {
    RITZ_TRY(RITZ_NEW(size, &w->r));
    return ritz_calloc((ritz_index)ritz_fast_poisson_scratch(p->fast), 1, &w->scratch);
  }
  ritz_multigrid_options o;
  ritz_multigrid_options_defaults(&o);
  o.lanes = lanes;
  o.tolerance = c->tolerance;
  o.max_iterations = (int)c->max_iterations;
  return ritz_diffusion_batch_create(2, p->square.n, p->square.h, &o, &w->batch);
}

static ritz_status fill_polynomials(poisson *p) {
  for (int axis = 0; axis < 2; axis++) {
    const ritz_index n = p->square.n[axis];
    RITZ_TRY(RITZ_NEW(p->config->terms * n, &p->polynomial[axis]));
    for (ritz_index k = 0; k < p->config->terms; k++)
      for (ritz_index i = 0; i < n; i++) {
        const double t = 2 * (double)i / (double)(n - 1) - 1;
        p->polynomial[axis][k * n + i] = cos((double)k * acos(t));
      }
  }
  return RITZ_OK;
}

/* 2 n0 n1 (n0 + n1) flops against 10 sweeps of 125 bytes an unknown, more of them where one axis
 * couples more strongly than the other; rates of one core, as measured at 421^2 and 1024^2. */
static void choose(poisson *p) {
  const double n0 = (double)p->square.n[0], n1 = (double)p->square.n[1];
  const double sweeps = 10 * pow(fmax(n0, n1) / fmin(n0, n1), 0.8);
  const double fast = 2 * n0 * n1 * (n0 + n1) / 36e9, multigrid = sweeps * 125 * n0 * n1 / 15e9;
  const int asked = p->config->solver;
  p->use_fast = asked == AUTO ? fast <= multigrid : asked == FAST;
  const char *name = p->use_fast ? "fast" : "multigrid";
  if (asked == AUTO)
    snprintf(p->method, sizeof p->method,
             "%s, by the model: fast %.3g ms a sample; multigrid %.3g ms", name, 1e3 * fast,
             1e3 * multigrid);
  else
    snprintf(p->method, sizeof p->method, "%s, as asked for", name);
}

static ritz_status plan(poisson *p) {
  const poisson_config *c = p->config;
  const ritz_square *s = &p->square;
  RITZ_TRY(RITZ_NEW(s->size, &p->one));
  for (ritz_index k = 0; k < s->size; k++) p->one[k] = 1;
  RITZ_TRY(ritz_diffusion_create(s->n[0], s->n[1], s->h[0], s->h[1], &p->laplace));
  ritz_diffusion_set(p->laplace, p->one, RITZ_FACE_ARITHMETIC);
  RITZ_TRY(fill_polynomials(p));
  if (c->source == GAUSSIAN)
    RITZ_TRY(ritz_square_gaussian(s, c->alpha, c->tau, c->modes, &p->gaussian));
  if (p->use_fast)
    RITZ_TRY(ritz_fast_poisson_create(RITZ_FLOAT64, s->n[0] - 2, s->n[1] - 2, s->h[1] / s->h[0],
                                      s->h[0] / s->h[1], &p->fast));
  RITZ_TRY(RITZ_NEW(p->threads, &p->workers));
  for (int t = 0; t < p->threads; t++) RITZ_TRY(create_worker(p, &p->workers[t]));
  return RITZ_OK;
}

static ritz_status create(const void *config, int threads, ritz_generator_info *info, void *state) {
  static const char *const channel[] = {"source", "boundary value"};
  poisson *p = state;
  p->config = config;
  p->threads = threads;
  p->square = ritz_square_of(&p->config->resolution);
  choose(p);
  RITZ_TRY(plan(p));
  const bool zero = p->config->edges == EDGES_ZERO;
  ritz_square_describe(&p->square, info);
  info->x = ritz_square_field(&p->square, zero ? "source" : "source and boundary values",
                              zero ? 1 : 2, channel);
  info->y = ritz_square_field(&p->square, "solution", 1, NULL);
  info->method = p->method;
  info->run = p->use_fast ? 1 : lanes;
  return RITZ_OK;
}

const ritz_generator_type ritz_generator_type_poisson = {
    .name = "poisson",
    .summary =
        "-Laplace u = f on the unit square, u = g on the boundary; source f and boundary "
        "values g -> u",
    .paper =
        "Wang et al. 2024, Krylov Subspace Recycling for Data Generation, arXiv:2401.09516, "
        "set Poisson",
    .options = options,
    .config_size = sizeof(poisson_config),
    .check = check,
    .state_size = sizeof(poisson),
    .create = create,
    .run = run,
    .destroy = destroy,
};
