/* SPDX-License-Identifier: BSD-3-Clause
 * Darcy flow, -div(a grad u) = f on the unit square, u = 0 on its boundary; x = a, y = u at the
 * nodes. Li et al. 2021, arXiv:2010.08895, appendix A.3.2: a = 12 where a Gaussian field is
 * positive, else 3.
 *
 * Five-point scheme, conjugate gradients in double, preconditioned by the constant-coefficient
 * problem in float: its accuracy only steers, the true residual decides. Scaling that
 * preconditioner by the diagonal on both sides saves iterations while a varies smoothly and costs
 * many across jumps (measured: 87 -> 17 and 19 -> 137 at 419^2 unknowns), so it goes with the
 * lognormal coefficient only. */
#include <math.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "datasets/generator.h"
#include "kernels/kernels.h"
#include "solvers/fields/gaussian.h"
#include "solvers/grid/diffusion.h"
#include "solvers/krylov/cg.h"
#include "solvers/precond/fast_poisson.h"

enum { PIECEWISE, LOGNORMAL };
enum { POISSON, JACOBI, NONE };
enum { FACES_AUTO, FACES_ARITHMETIC, FACES_HARMONIC };

typedef struct darcy_config {
  ritz_ints resolution;
  int coefficient, faces, solver, preconditioner;
  double alpha, tau, low, high, log_scale, forcing, tolerance;
  ritz_index modes, max_iterations;
} darcy_config;

static const ritz_option options[] = {
    RITZ_OPTION_INTS(darcy_config, resolution, 3, 16384, "64",
                     "nodes per axis, boundary included: N, or [N0, N1] on the same square"),
    RITZ_OPTION_CHOICE(
        darcy_config, coefficient, "piecewise|lognormal", "piecewise",
        "piecewise: high where the field is >= 0, else low; lognormal: its exponential"),
    RITZ_OPTION_REAL(darcy_config, alpha, 0, 16, "2", "smoothness of the field"),
    RITZ_OPTION_REAL(darcy_config, tau, 1e-3, 1e4, "3", "inverse length of the field"),
    RITZ_OPTION_INT(darcy_config, modes, 0, 16384, "0",
                    "cosine modes of the field per axis; 0: as many as nodes"),
    RITZ_OPTION_REAL(darcy_config, low, 1e-12, 1e12, "3", "piecewise: a where the field is < 0"),
    RITZ_OPTION_REAL(darcy_config, high, 1e-12, 1e12, "12", "piecewise: a where the field is >= 0"),
    RITZ_OPTION_REAL(darcy_config, log_scale, 0, 100, "1", "lognormal: a = exp(log_scale field)"),
    RITZ_OPTION_CHOICE(darcy_config, faces, "auto|arithmetic|harmonic", "auto",
                       "mean of a between nodes; auto: harmonic for jumps above 100"),
    RITZ_OPTION_REAL(darcy_config, forcing, -1e12, 1e12, "1", "constant right-hand side f"),
    RITZ_OPTION_CHOICE(darcy_config, solver, "cg", "cg", "conjugate gradients"),
    RITZ_OPTION_CHOICE(darcy_config, preconditioner, "poisson|jacobi|none", "poisson",
                       "poisson: the problem with constant a, by sine transforms"),
    RITZ_OPTION_REAL(darcy_config, tolerance, 1e-14, 1, "1e-8", "true relative residual to reach"),
    RITZ_OPTION_INT(darcy_config, max_iterations, 1, 1000000, "1000", "limit per sample"),
    RITZ_OPTION_END,
};

/* What one thread needs. Fields are [n0, n1], boundary included. */
typedef struct worker {
  const struct darcy *darcy;
  ritz_diffusion *diffusion;
  ritz_cg *cg;
  double *
      scale; /* poisson: diagonal^(-1/2), lognormal only; jacobi: 1 / diagonal; 0 on the boundary */
  double *scaled; /* scale times r */
  void *scratch;  /* sampler, then preconditioner */
} worker;

typedef struct darcy {
  const darcy_config *config;
  ritz_index n0, n1;
  ritz_face_mean mean;
  const ritz_kernels *kernels;
  ritz_gaussian *gaussian;
  ritz_fast_poisson *poisson; /* preconditioner poisson only */
  double *rhs;                /* h0 h1 f inside, 0 on the boundary */
  int threads;
  worker *workers;
} darcy;

static ritz_status check(const void *config) {
  const darcy_config *c = config;
  RITZ_REQUIRE(c->resolution.count == 1 || c->resolution.count == 2, RITZ_ERR_CONFIG,
               "resolution has %d numbers, wanted N or [N0, N1]", c->resolution.count);
  return RITZ_OK;
}

static ritz_face_mean face_mean(const darcy_config *c) {
  if (c->faces != FACES_AUTO)
    return c->faces == FACES_HARMONIC ? RITZ_FACE_HARMONIC : RITZ_FACE_ARITHMETIC;
  const double jump = fmax(c->high / c->low, c->low / c->high);
  return c->coefficient == PIECEWISE && jump > 100 ? RITZ_FACE_HARMONIC : RITZ_FACE_ARITHMETIC;
}

/* A ritz_linear_map: z = r / diagonal. */
static void jacobi(void *user, const double *r, double *z) {
  const worker *w = user;
  w->darcy->kernels->multiply(w->darcy->n0 * w->darcy->n1, w->scale, r, z);
}

/* A ritz_linear_map: z = P r, or S P S r with the scale S; the boundary of z is 0. */
static void poisson(void *user, const double *r, double *z) {
  const worker *w = user;
  const darcy *d = w->darcy;
  const ritz_index n1 = d->n1, inner = n1 + 1, count = d->n0 * n1;
  if (w->scale) {
    d->kernels->multiply(count, w->scale, r, w->scaled);
    ritz_fast_poisson_solve(d->poisson, w->scaled + inner, n1, w->scaled + inner, n1, w->scratch);
    d->kernels->multiply(count, w->scale, w->scaled, z);
    return;
  }
  memset(z, 0, (size_t)n1 * sizeof *z);
  memset(z + count - n1, 0, (size_t)n1 * sizeof *z);
  for (ritz_index i = 1; i < d->n0 - 1; i++) z[i * n1] = z[i * n1 + n1 - 1] = 0;
  ritz_fast_poisson_solve(d->poisson, r + inner, n1, z + inner, n1, w->scratch);
}

static void clear_boundary(const darcy *d, double *u) {
  for (ritz_index j = 0; j < d->n1; j++) u[j] = u[(d->n0 - 1) * d->n1 + j] = 0;
  for (ritz_index i = 0; i < d->n0; i++) u[i * d->n1] = u[i * d->n1 + d->n1 - 1] = 0;
}

static void fill_scale(const darcy *d, worker *w) {
  const bool inverse = d->config->preconditioner == JACOBI;
  ritz_diffusion_diagonal(w->diffusion, w->scale);
  for (ritz_index k = 0; k < d->n0 * d->n1; k++)
    w->scale[k] = inverse ? 1 / w->scale[k] : 1 / sqrt(w->scale[k]);
  clear_boundary(d, w->scale);
}

/* a from the field, in place. */
static void coefficient(const darcy_config *c, ritz_index count, double *a) {
  if (c->coefficient == PIECEWISE)
    for (ritz_index k = 0; k < count; k++) a[k] = a[k] >= 0 ? c->high : c->low;
  else
    for (ritz_index k = 0; k < count; k++) a[k] = exp(c->log_scale * a[k]);
}

static void sample(void *state, int thread, uint64_t seed, uint32_t number, double *x, double *y,
                   ritz_solve_report *report) {
  const darcy *d = state;
  worker *w = &d->workers[thread];
  const ritz_index count = d->n0 * d->n1;
  ritz_gaussian_sample(d->gaussian, seed, number, x, w->scratch);
  coefficient(d->config, count, x);
  ritz_diffusion_set(w->diffusion, x, d->mean);
  if (w->scale) fill_scale(d, w);
  memset(y, 0, (size_t)count * sizeof *y);
  ritz_linear_map *const maps[] = {[POISSON] = poisson, [JACOBI] = jacobi, [NONE] = NULL};
  ritz_cg_solve(w->cg, ritz_diffusion_apply, w->diffusion, maps[d->config->preconditioner], w,
                d->rhs, y, report);
}

static void destroy(void *state) {
  darcy *d = state;
  if (!d) return;
  for (int t = 0; d->workers && t < d->threads; t++) {
    ritz_diffusion_destroy(&d->workers[t].diffusion);
    ritz_cg_destroy(&d->workers[t].cg);
    ritz_free(d->workers[t].scale);
    ritz_free(d->workers[t].scaled);
    ritz_free(d->workers[t].scratch);
  }
  ritz_free(d->workers);
  ritz_free(d->rhs);
  ritz_gaussian_destroy(&d->gaussian);
  ritz_fast_poisson_destroy(&d->poisson);
  ritz_free(d);
}

static ritz_status create_worker(const darcy *d, worker *w) {
  const darcy_config *c = d->config;
  const ritz_index count = d->n0 * d->n1;
  const ritz_cg_options cg = {.tolerance = c->tolerance, .max_iterations = (int)c->max_iterations};
  w->darcy = d;
  RITZ_TRY(ritz_diffusion_create(d->n0, d->n1, 1.0 / (double)(d->n0 - 1), 1.0 / (double)(d->n1 - 1),
                                 &w->diffusion));
  RITZ_TRY(ritz_cg_create(count, &cg, &w->cg));
  const bool symmetric = c->preconditioner == POISSON && c->coefficient == LOGNORMAL;
  if (symmetric || c->preconditioner == JACOBI) RITZ_TRY(RITZ_NEW(count, &w->scale));
  if (symmetric) RITZ_TRY(RITZ_NEW(count, &w->scaled));
  size_t bytes = ritz_gaussian_scratch(d->gaussian);
  if (d->poisson && ritz_fast_poisson_scratch(d->poisson) > bytes)
    bytes = ritz_fast_poisson_scratch(d->poisson);
  return ritz_calloc((ritz_index)bytes, 1, &w->scratch);
}

static ritz_status plan(darcy *d) {
  const darcy_config *c = d->config;
  const double c0 = (double)(d->n0 - 1) / (double)(d->n1 - 1); /* h1 / h0 */
  const double h0h1 = 1.0 / ((double)(d->n0 - 1) * (double)(d->n1 - 1));
  const ritz_gaussian_options field = {
      .nodes = {d->n0, d->n1},
      .modes = {c->modes ? c->modes : d->n0, c->modes ? c->modes : d->n1},
      .alpha = c->alpha,
      .tau = c->tau};
  RITZ_TRY(ritz_gaussian_create(&field, &d->gaussian));
  if (c->preconditioner == POISSON)
    RITZ_TRY(ritz_fast_poisson_create(RITZ_FLOAT32, d->n0 - 2, d->n1 - 2, c0, 1 / c0, &d->poisson));
  RITZ_TRY(RITZ_NEW(d->n0 * d->n1, &d->rhs));
  for (ritz_index k = 0; k < d->n0 * d->n1; k++) d->rhs[k] = h0h1 * c->forcing;
  clear_boundary(d, d->rhs);
  RITZ_TRY(RITZ_NEW(d->threads, &d->workers));
  for (int t = 0; t < d->threads; t++) RITZ_TRY(create_worker(d, &d->workers[t]));
  return RITZ_OK;
}

static ritz_status create(const void *config, int threads, ritz_generator_info *info,
                          void **state) {
  *state = NULL;
  const darcy_config *c = config;
  darcy *d;
  RITZ_TRY(RITZ_NEW(1, &d));
  d->config = c;
  d->n0 = c->resolution.n[0];
  d->n1 = c->resolution.n[c->resolution.count - 1];
  d->mean = face_mean(c);
  d->kernels = ritz_kernels_get(RITZ_FLOAT64);
  d->threads = threads;
  const ritz_status status = plan(d);
  if (status != RITZ_OK) {
    destroy(d);
    return status;
  }
  const ritz_shape shape = RITZ_SHAPE(d->n0, d->n1);
  info->dim = 2;
  for (int axis = 0; axis < 2; axis++) {
    info->nodes[axis] = shape.n[axis];
    info->length[axis] = 1;
  }
  info->x = (ritz_generator_field){.name = "coefficient", .unit = "1", .shape = shape};
  info->y = (ritz_generator_field){.name = "solution", .unit = "1", .shape = shape};
  *state = d;
  return RITZ_OK;
}

const ritz_generator_type ritz_generator_type_darcy = {
    .name = "darcy",
    .summary = "-div(a grad u) = f on the unit square, u = 0 on the boundary; coefficient a -> u",
    .paper = "Li et al. 2021, Fourier Neural Operator, arXiv:2010.08895, Sec. 5.2",
    .options = options,
    .config_size = sizeof(darcy_config),
    .check = check,
    .create = create,
    .sample = sample,
    .destroy = destroy,
};
