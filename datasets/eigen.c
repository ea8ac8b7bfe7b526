/* SPDX-License-Identifier: BSD-3-Clause
 * The lowest eigenpairs of self-adjoint operators on the unit square, u = 0 on its boundary:
 *
 *   diffusion:  -div(a grad u) = lambda u,     x = a from a Gaussian field
 *   helmholtz:  -Laplace u - k^2 u = lambda u,  x = k = k0 (1 + contrast g)
 *
 * y = the eigenfunctions of unit norm, one a channel; eigenvalues and residuals are lists. Samples
 * are sorted, each one's vectors start the next one's subspace iteration: SCSF, sorting Chebyshev
 * subspace filter (Wang, Wang, Luo, Dong, Chen, Jiang & Huang 2025, arXiv:2510.23215). Five-point
 * scheme. */
#include <float.h>
#include <math.h>
#include <ritz/random.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "datasets/medium.h"
#include "datasets/square_system.h"
#include "solvers/eigen/subspace.h"
#include "solvers/sparse/sparse.h"

enum { DIFFUSION, HELMHOLTZ };
enum { WARM, SINES, RANDOM };
enum { NEAREST, GIVEN };

static const double pi = 3.14159265358979323846;

typedef struct eigen_config {
  ritz_ints resolution;
  int form, coefficient, start, order;
  double alpha, tau, low, high, log_scale, wave_number, contrast, tolerance;
  ritz_index modes, pairs, guard, degree, max_iterations, chain;
} eigen_config;

static const ritz_option options[] = {
    RITZ_SQUARE_RESOLUTION(eigen_config, 5, "64"),
    RITZ_OPTION_CHOICE(eigen_config, form, "diffusion|helmholtz", "diffusion",
                       "diffusion: -div(a grad u) = lambda u; helmholtz: -Laplace u - k^2 u = "
                       "lambda u"),
    RITZ_OPTION_INT(eigen_config, pairs, 1, 1024, "16", "eigenpairs, from the lowest on"),
    RITZ_MEDIUM_OPTIONS(eigen_config, "a", "lognormal", "2", "3", "3", "12"),
    RITZ_OPTION_REAL(eigen_config, wave_number, 0, 1e6, "10", "helmholtz: k0, the mean of k"),
    RITZ_OPTION_REAL(eigen_config, contrast, 0, 10, "0.3", "helmholtz: of k = k0 (1 + contrast g)"),
    RITZ_OPTION_CHOICE(eigen_config, start, "warm|sines|random", "warm",
                       "of a sample: the vectors of the one before it in its chain; the lowest "
                       "eigenfunctions of -Laplace, with which a chain begins; or normal numbers"),
    RITZ_OPTION_CHOICE(eigen_config, order, "nearest|given", "nearest",
                       "warm: of the samples of a chain"),
    RITZ_OPTION_INT(eigen_config, chain, 1, 1024, "16", "warm: samples of a chain"),
    RITZ_OPTION_INT(eigen_config, guard, 0, 1024, "0",
                    "vectors beyond the pairs; 0: a fifth as many, at least 8"),
    RITZ_OPTION_INT(eigen_config, degree, 0, 1000, "0",
                    "of the Chebyshev filter; 0: by the width of the spectrum"),
    RITZ_OPTION_REAL(eigen_config, tolerance, 1e-14, 1, "1e-8",
                     "|A v - lambda v| of unit v, over |lambda| (helmholtz: at least 2 pi^2)"),
    RITZ_OPTION_INT(eigen_config, max_iterations, 1, 1000000, "100", "filters per sample"),
    RITZ_OPTION_END,
};

typedef struct eigen {
  const eigen_config *config;
  ritz_square square;
  ritz_index unknowns, width; /* inner nodes; vectors */
  ritz_face_mean mean;
  ritz_gaussian *gaussian;
  double *start; /* [unknowns][width] */
  char (*name)[40];
  const char **channel; /* [pairs] */
  char method[160];
  int threads;
  struct worker {
    ritz_sparse *matrix;
    ritz_subspace *subspace;
    void *scratch;     /* of the field */
    ritz_index *order; /* [run] */
  } * worker;
} eigen;

static ritz_index vectors(const eigen_config *c) {
  if (c->guard > 0) return c->pairs + c->guard;
  return c->pairs + (c->pairs / 5 > 8 ? c->pairs / 5 : 8);
}

static ritz_status check(const void *config) {
  const eigen_config *c = config;
  RITZ_TRY(ritz_square_check(&c->resolution));
  const ritz_square s = ritz_square_of(&c->resolution);
  const ritz_index inner = (s.n[0] - 2) * (s.n[1] - 2);
  RITZ_REQUIRE(vectors(c) <= inner, RITZ_ERR_CONFIG,
               "pairs is %td, with the vectors beyond them %td; the grid has %td inner nodes",
               c->pairs, vectors(c), inner);
  return RITZ_OK;
}

/* Samples ------------------------------------------------------------------------------------- */

static void draw(const eigen *p, int thread, uint64_t seed, uint32_t sample, double *x) {
  const eigen_config *c = p->config;
  ritz_gaussian_sample(p->gaussian, seed, sample, x, p->worker[thread].scratch);
  if (c->form == DIFFUSION)
    ritz_medium_apply(c->coefficient, c->low, c->high, c->log_scale, p->square.size, x);
  else
    for (ritz_index k = 0; k < p->square.size; k++)
      x[k] = c->wave_number * (1 + c->contrast * x[k]);
}

/* Coupling of two nodes at distance h. */
static double coupling(const eigen *p, double a, double b, double h) {
  if (p->config->form == HELMHOLTZ) return 1 / (h * h);
  return (p->mean == RITZ_FACE_HARMONIC ? 2 / (1 / a + 1 / b) : 0.5 * (a + b)) / (h * h);
}

static void fill(const eigen *p, const double *x, double *values) {
  const ritz_square *s = &p->square;
  const ritz_index n1 = s->n[1];
  for (ritz_index i = 1; i < s->n[0] - 1; i++)
    for (ritz_index j = 1; j < n1 - 1; j++) {
      const double *at = x + i * n1 + j;
      double row[5] = {-coupling(p, at[0], at[-n1], s->h[0]), -coupling(p, at[0], at[-1], s->h[1]),
                       0, -coupling(p, at[0], at[1], s->h[1]),
                       -coupling(p, at[0], at[n1], s->h[0])};
      row[2] = -(row[0] + row[1] + row[3] + row[4]);
      if (p->config->form == HELMHOLTZ) row[2] -= at[0] * at[0];
      values = ritz_square_put(s, i, j, row, values);
    }
}

static void begin(const eigen *p, ritz_subspace *subspace) {
  ritz_index ld;
  double *x = ritz_subspace_vectors(subspace, &ld);
  for (ritz_index i = 0; i < p->unknowns; i++)
    memcpy(x + i * ld, p->start + i * p->width, (size_t)p->width * sizeof *x);
}

/* Functions of unit norm; of v and -v the one with the larger integral near the origin. */
static void store(const eigen *p, ritz_subspace *subspace, double *y) {
  const ritz_square *s = &p->square;
  const ritz_index pairs = p->config->pairs, m1 = s->n[1] - 2;
  ritz_index ld;
  const double *v = ritz_subspace_vectors(subspace, &ld);
  memset(y, 0, (size_t)(s->size * pairs) * sizeof *y);
  for (ritz_index l = 0; l < pairs; l++) {
    double side = 0;
    for (ritz_index k = 0; k < p->unknowns; k++)
      side += v[k * ld + l] * exp(-(double)(k / m1) * s->h[0] - 2 * (double)(k % m1) * s->h[1]);
    const double scale = copysign(1 / sqrt(s->h[0] * s->h[1]), side);
    for (ritz_index k = 0; k < p->unknowns; k++)
      y[((k / m1 + 1) * s->n[1] + k % m1 + 1) * pairs + l] = scale * v[k * ld + l];
  }
}

static void run(void *state, int thread, uint64_t seed, uint32_t first, ritz_index count, double *x,
                double *y, ritz_solve_report *reports) {
  const eigen *p = state;
  const eigen_config *c = p->config;
  struct worker *w = &p->worker[thread];
  const ritz_index size = p->square.size, step = (size + 2) * c->pairs; /* with both lists */
  for (ritz_index k = 0; k < count; k++) {
    draw(p, thread, seed, first + (uint32_t)k, x + k * size);
    w->order[k] = k;
  }
  if (c->order == NEAREST) ritz_grid_system_order(count, size, x, w->order);
  bool fresh = true;
  for (ritz_index k = 0; k < count; k++) {
    const ritz_index at = w->order[k];
    double *const to = y + at * step, *const value = to + size * c->pairs;
    if (fresh) begin(p, w->subspace);
    fill(p, x + at * size, w->matrix->values);
    ritz_subspace_solve(w->subspace, w->matrix, value, value + c->pairs, &reports[at]);
    store(p, w->subspace, to);
    fresh = c->start != WARM || reports[at].reason <= 0;
  }
}

/* Plan ---------------------------------------------------------------------------------------- */

static void destroy(void *state) {
  eigen *p = state;
  for (int t = 0; p->worker && t < p->threads; t++) {
    struct worker *w = &p->worker[t];
    ritz_sparse_destroy(&w->matrix);
    ritz_subspace_destroy(&w->subspace);
    ritz_free(w->scratch);
    ritz_free(w->order);
  }
  ritz_free(p->worker);
  ritz_gaussian_destroy(&p->gaussian);
  ritz_free(p->start);
  ritz_free(p->name);
  ritz_free(p->channel);
}

static int compare(const void *x, const void *y) {
  const ritz_index *a = x, *b = y;
  const ritz_index s = a[0] * a[0] + a[1] * a[1], t = b[0] * b[0] + b[1] * b[1];
  if (s != t) return s < t ? -1 : 1;
  return (a[0] > b[0]) - (a[0] < b[0]);
}

/* sin(pi k x) sin(pi l y), lowest k^2 + l^2 first. */
static ritz_status fill_sines(eigen *p) {
  const ritz_square *s = &p->square;
  const ritz_index m0 = s->n[0] - 2, m1 = s->n[1] - 2;
  ritz_index(*mode)[2];
  RITZ_TRY(RITZ_NEW(p->unknowns, &mode));
  for (ritz_index k = 0; k < p->unknowns; k++) mode[k][0] = k / m1 + 1, mode[k][1] = k % m1 + 1;
  qsort(mode, (size_t)p->unknowns, sizeof *mode, compare);
  for (ritz_index i = 0; i < m0; i++)
    for (ritz_index j = 0; j < m1; j++)
      for (ritz_index c = 0; c < p->width; c++)
        p->start[(i * m1 + j) * p->width + c] = sin(pi * (double)(mode[c][0] * (i + 1)) * s->h[0]) *
                                                sin(pi * (double)(mode[c][1] * (j + 1)) * s->h[1]);
  ritz_free(mode);
  return RITZ_OK;
}

static ritz_status fill_start(eigen *p) {
  RITZ_TRY(RITZ_NEW(p->unknowns * p->width, &p->start));
  if (p->config->start != RANDOM) return fill_sines(p);
  ritz_random_normals((ritz_random){0, RITZ_RANDOM_NOISE, 0}, 0, p->unknowns * p->width, p->start);
  return RITZ_OK;
}

static ritz_status fill_channels(eigen *p) {
  const ritz_index pairs = p->config->pairs;
  RITZ_TRY(RITZ_NEW(pairs, &p->name));
  RITZ_TRY(RITZ_NEW(pairs, &p->channel));
  for (ritz_index l = 0; l < pairs; l++) {
    snprintf(p->name[l], sizeof p->name[l], "eigenfunction %td", l + 1);
    p->channel[l] = p->name[l];
  }
  return RITZ_OK;
}

static ritz_index chain(const eigen_config *c) { return c->start == WARM ? c->chain : 1; }

static ritz_status create_worker(const eigen *p, struct worker *w) {
  const eigen_config *c = p->config;
  const ritz_subspace_options o = {.n = p->unknowns,
                                   .pairs = c->pairs,
                                   .guard = p->width - c->pairs,
                                   .degree = (int)c->degree,
                                   .tolerance = c->tolerance,
                                   .floor = c->form == HELMHOLTZ ? 2 * pi * pi : DBL_MIN,
                                   .max_iterations = (int)c->max_iterations};
  RITZ_TRY(ritz_square_pattern(&p->square, true, &w->matrix));
  RITZ_TRY(ritz_subspace_create(&o, &w->subspace));
  RITZ_TRY(ritz_calloc((ritz_index)ritz_gaussian_scratch(p->gaussian), 1, &w->scratch));
  return RITZ_NEW(chain(c), &w->order);
}

static ritz_status plan(eigen *p) {
  const eigen_config *c = p->config;
  RITZ_TRY(ritz_square_gaussian(&p->square, c->alpha, c->tau, c->modes, &p->gaussian));
  RITZ_TRY(fill_start(p));
  RITZ_TRY(fill_channels(p));
  RITZ_TRY(RITZ_NEW(p->threads, &p->worker));
  for (int t = 0; t < p->threads; t++) RITZ_TRY(create_worker(p, &p->worker[t]));
  return RITZ_OK;
}

static void describe(const eigen *p, ritz_generator_info *info) {
  const ritz_index pairs = p->config->pairs;
  ritz_square_describe(&p->square, info);
  info->x = ritz_square_field(
      &p->square, p->config->form == HELMHOLTZ ? "wave number" : "coefficient", 1, NULL);
  info->y = ritz_square_field(&p->square, "eigenfunctions", (int)pairs, p->channel);
  info->lists = 2;
  info->list[0] = (ritz_generator_list){
      .name = "eigenvalue", .meaning = "eigenvalues, ascending", .unit = "1", .count = pairs};
  info->list[1] =
      (ritz_generator_list){.name = "pair_residual",
                            .meaning = "|A v - lambda v| of unit v over |lambda|, in double",
                            .unit = "1",
                            .count = pairs};
  info->method = p->method;
  info->run = chain(p->config);
  info->chained = info->run > 1;
}

static ritz_status create(const void *config, int threads, ritz_generator_info *info, void *state) {
  static const char *const start[] = {"warm starts", "starts from sines", "random starts"};
  eigen *p = state;
  const eigen_config *c = config;
  p->config = c;
  p->threads = threads;
  p->square = ritz_square_of(&c->resolution);
  p->unknowns = (p->square.n[0] - 2) * (p->square.n[1] - 2);
  p->width = vectors(c);
  p->mean = ritz_medium_faces(c->coefficient, c->low, c->high);
  RITZ_TRY(plan(p));
  snprintf(p->method, sizeof p->method, "subspace iteration of %td vectors, Chebyshev filters, %s",
           p->width, start[c->start]);
  describe(p, info);
  return RITZ_OK;
}

const ritz_generator_type ritz_generator_type_eigen = {
    .name = "eigen",
    .summary =
        "-div(a grad u) = lambda u or -Laplace u - k^2 u = lambda u on the unit square, u = 0 on "
        "the boundary; a or k -> the lowest eigenpairs",
    .paper =
        "SCSF, Wang et al. 2025, arXiv:2510.23215; filters of Zhou, Saad, Tiago & Chelikowsky "
        "2006, "
        "doi:10.1016/j.jcp.2006.03.017",
    .options = options,
    .config_size = sizeof(eigen_config),
    .check = check,
    .state_size = sizeof(eigen),
    .create = create,
    .run = run,
    .destroy = destroy,
};
