/* SPDX-License-Identifier: BSD-3-Clause
 * Darcy flow, -div(a grad u) = f on the unit square or cube, u = 0 on its boundary; x = a, y = u at
 * the nodes. Li et al. 2021, arXiv:2010.08895, appendix A.3.2: a = 12 where a Gaussian field is
 * positive, else 3.
 *
 * Five- or seven-point scheme. Samples are solved a batch at a time by multigrid in SIMD lanes
 * (solvers/multigrid), or one by one by conjugate gradients (darcy_krylov.h). */
#include <math.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "datasets/darcy.h"
#include "datasets/darcy_choice.h"
#include "datasets/darcy_krylov.h"
#include "datasets/generator.h"
#include "solvers/fields/gaussian.h"
#include "solvers/multigrid/diffusion_batch.h"

static const ritz_option options[] = {
    RITZ_OPTION_INTS(ritz_darcy_config, resolution, 3, 16384, "64",
                     "nodes per axis, boundary included: N, [N0, N1] on the same square, or "
                     "[N0, N1, N2] on the cube"),
    RITZ_MEDIUM_OPTIONS(ritz_darcy_config, "a", "piecewise", "2", "3", "3", "12"),
    RITZ_OPTION_CHOICE(ritz_darcy_config, faces, "auto|arithmetic|harmonic", "auto",
                       "mean of a between nodes; auto: harmonic for jumps above 100"),
    RITZ_OPTION_REAL(ritz_darcy_config, forcing, -1e12, 1e12, "1", "constant right-hand side f"),
    RITZ_OPTION_CHOICE(ritz_darcy_config, solver, "auto|multigrid|cg", "auto",
                       "multigrid for many samples at once; cg: conjugate gradients"),
    RITZ_OPTION_CHOICE(ritz_darcy_config, preconditioner, "auto|poisson|multigrid|jacobi|none",
                       "auto", "of cg; poisson: the problem with constant a, by sine transforms"),
    RITZ_OPTION_CHOICE(
        ritz_darcy_config, cycle, "auto|V|W", "auto",
        "of multigrid; auto: W for jumps above 10 on large squares, for smooth a on cubes"),
    RITZ_OPTION_INT(
        ritz_darcy_config, sweeps, 0, 8, "0",
        "of the smoother on either way; 0: 2, but 3 for jumps above 100 on large squares, and on "
        "cubes with trilinear transfer"),
    RITZ_OPTION_CHOICE(
        ritz_darcy_config, lanes, "auto|samples|strips", "auto",
        "in SIMD lanes of multigrid: eight samples, or strips of one; auto: strips on "
        "large grids"),
    RITZ_OPTION_CHOICE(ritz_darcy_config, transfer, "auto|trilinear|galerkin", "auto",
                       "of multigrid on cubes: trilinear with seven points on every level, or "
                       "galerkin: by the operator, with 27 on coarser ones; auto: galerkin "
                       "for jumps above 100"),
    RITZ_OPTION_REAL(ritz_darcy_config, tolerance, 1e-14, 1, "1e-8",
                     "true relative residual to reach"),
    RITZ_OPTION_INT(ritz_darcy_config, max_iterations, 1, 1000000, "1000", "limit per sample"),
    RITZ_OPTION_END,
};

/* What one thread needs. */
typedef struct worker {
  ritz_diffusion_batch *batch; /* multigrid */
  ritz_darcy_krylov *krylov;   /* cg */
  void *scratch;               /* of the sampler */
} worker;

typedef struct darcy {
  const ritz_darcy_config *config;
  int dim;
  ritz_index n[3], size; /* nodes per axis, of all */
  ritz_face_mean mean;
  ritz_darcy_choice choice;
  ritz_gaussian *gaussian;    /* dim 2 */
  ritz_gaussian3 *gaussian3;  /* dim 3 */
  ritz_fast_poisson *poisson; /* cg with it only */
  double *rhs;                /* h0 h1 f (h0 h1 h2 f) inside, 0 on the boundary */
  int threads;
  worker *workers;
} darcy;

static ritz_status check(const void *config) {
  const ritz_darcy_config *c = config;
  RITZ_REQUIRE(c->resolution.count >= 1 && c->resolution.count <= 3, RITZ_ERR_CONFIG,
               "resolution has %d numbers, wanted N, [N0, N1] or [N0, N1, N2]",
               c->resolution.count);
  if (c->resolution.count < 3) {
    RITZ_REQUIRE(c->transfer != RITZ_DARCY_TRILINEAR, RITZ_ERR_CONFIG,
                 "transfer trilinear is for three dimensions, wanted galerkin in two");
    return RITZ_OK;
  }
  RITZ_REQUIRE(c->solver != RITZ_DARCY_CG && c->preconditioner == RITZ_DARCY_PRECONDITIONER_AUTO,
               RITZ_ERR_CONFIG, "solver cg and its preconditioners are for two dimensions");
  RITZ_REQUIRE(c->lanes != RITZ_DARCY_STRIPS, RITZ_ERR_CONFIG,
               "lanes strips is for two dimensions, wanted samples in three");
  return RITZ_OK;
}

double ritz_darcy_jump(const ritz_darcy_config *c) {
  return ritz_medium_jump(c->coefficient, c->low, c->high);
}

ritz_face_mean ritz_darcy_faces(const ritz_darcy_config *c) {
  if (c->faces != FACES_AUTO)
    return c->faces == FACES_HARMONIC ? RITZ_FACE_HARMONIC : RITZ_FACE_ARITHMETIC;
  return ritz_medium_faces(c->coefficient, c->low, c->high);
}

ritz_dtype ritz_darcy_format(const ritz_darcy_config *c, bool galerkin) {
  /* Cycles in float cost iterations from here on, and fail at 1e8; on cubes with Galerkin operators
   * one sample of 512 failed at 1e5, none of 3000 at 1e4. */
  return ritz_darcy_jump(c) > (galerkin ? 1e4 : 1e5) ? RITZ_FLOAT64 : RITZ_FLOAT32;
}

static int dimensions(const ritz_darcy_config *c) { return c->resolution.count == 3 ? 3 : 2; }

void ritz_darcy_describe(const ritz_darcy_config *c, ritz_generator_info *info) {
  ritz_shape shape = {.rank = dimensions(c)};
  info->dim = shape.rank;
  for (int axis = 0; axis < info->dim; axis++) {
    info->nodes[axis] = shape.n[axis] = ritz_ints_at(&c->resolution, axis, 0);
    info->length[axis] = 1;
  }
  info->x = (ritz_generator_field){.name = "coefficient", .unit = "1", .shape = shape};
  info->y = (ritz_generator_field){.name = "solution", .unit = "1", .shape = shape};
}

ritz_gaussian3_options ritz_darcy_field(const ritz_darcy_config *c) {
  ritz_gaussian3_options o = {.alpha = c->alpha, .tau = c->tau};
  for (int axis = 0; axis < dimensions(c); axis++) {
    o.nodes[axis] = ritz_ints_at(&c->resolution, axis, 0);
    o.modes[axis] = c->modes ? c->modes : o.nodes[axis];
  }
  return o;
}

double ritz_darcy_load(const ritz_darcy_config *c) {
  double value = c->forcing;
  for (int axis = 0; axis < dimensions(c); axis++)
    value /= (double)(ritz_ints_at(&c->resolution, axis, 0) - 1);
  return value;
}

static void run(void *state, int thread, uint64_t seed, uint32_t first, ritz_index count, double *x,
                double *y, ritz_solve_report *reports) {
  const darcy *d = state;
  const ritz_darcy_config *c = d->config;
  worker *w = &d->workers[thread];
  const ritz_index size = d->size;
  const double *a[ritz_darcy_longest_run], *b[ritz_darcy_longest_run];
  double *u[ritz_darcy_longest_run];
  for (ritz_index s = 0; s < count; s++) {
    if (d->dim == 2)
      ritz_gaussian_sample(d->gaussian, seed, first + (uint32_t)s, x + s * size, w->scratch);
    else
      ritz_gaussian3_sample(d->gaussian3, seed, first + (uint32_t)s, x + s * size, w->scratch);
    a[s] = x + s * size;
    b[s] = d->rhs;
    u[s] = y + s * size;
  }
  ritz_medium_apply(c->coefficient, c->low, c->high, c->log_scale, count * size, x);
  if (w->batch)
    ritz_diffusion_batch_solve(w->batch, count, d->mean, a, b, u, reports);
  else
    for (ritz_index s = 0; s < count; s++)
      ritz_darcy_krylov_solve(w->krylov, a[s], b[s], u[s], &reports[s]);
}

static void destroy(void *state) {
  darcy *d = state;
  for (int t = 0; d->workers && t < d->threads; t++) {
    ritz_diffusion_batch_destroy(&d->workers[t].batch);
    ritz_darcy_krylov_destroy(&d->workers[t].krylov);
    ritz_free(d->workers[t].scratch);
  }
  ritz_free(d->workers);
  ritz_free(d->rhs);
  ritz_gaussian_destroy(&d->gaussian);
  ritz_gaussian3_destroy(&d->gaussian3);
  ritz_fast_poisson_destroy(&d->poisson);
}

static ritz_status create_worker(const darcy *d, worker *w) {
  const ritz_darcy_config *c = d->config;
  const size_t bytes =
      d->dim == 2 ? ritz_gaussian_scratch(d->gaussian) : ritz_gaussian3_scratch(d->gaussian3);
  RITZ_TRY(ritz_calloc((ritz_index)bytes, 1, &w->scratch));
  if (d->choice.solver == RITZ_DARCY_MULTIGRID) {
    ritz_multigrid_options o;
    ritz_multigrid_options_defaults(&o);
    o.lanes = d->choice.strips ? 1 : ritz_darcy_samples;
    o.strips = d->choice.strips ? ritz_darcy_strips : 0;
    o.gather = !d->choice.strips && d->choice.run > o.lanes;
    o.dtype = ritz_darcy_format(c, d->choice.galerkin);
    o.cycle = d->choice.cycle;
    o.sweeps = d->choice.sweeps;
    o.galerkin = d->choice.galerkin;
    o.tolerance = c->tolerance;
    o.max_iterations = (int)c->max_iterations;
    double h[3] = {0};
    for (int axis = 0; axis < d->dim; axis++) h[axis] = 1.0 / (double)(d->n[axis] - 1);
    return ritz_diffusion_batch_create(d->dim, d->n, h, &o, &w->batch);
  }
  const ritz_darcy_krylov_options o = {
      .n0 = d->n[0],
      .n1 = d->n[1],
      .preconditioner = d->choice.preconditioner,
      .poisson = d->poisson,
      .symmetric = d->poisson && c->coefficient == RITZ_MEDIUM_LOGNORMAL,
      .cycle = d->choice.cycle,
      .sweeps = d->choice.sweeps,
      .mean = d->mean,
      .tolerance = c->tolerance,
      .max_iterations = (int)c->max_iterations};
  return ritz_darcy_krylov_create(&o, &w->krylov);
}

static ritz_status fill_rhs(darcy *d) {
  const double value = ritz_darcy_load(d->config);
  RITZ_TRY(RITZ_NEW(d->size, &d->rhs));
  for (ritz_index k = 0; k < d->size; k++) {
    bool inside = true;
    ritz_index rest = k;
    for (int axis = d->dim - 1; axis >= 0; rest /= d->n[axis--]) {
      const ritz_index at = rest % d->n[axis];
      inside = inside && at > 0 && at < d->n[axis] - 1;
    }
    d->rhs[k] = inside ? value : 0;
  }
  return RITZ_OK;
}

static ritz_status create_field(darcy *d) {
  const ritz_gaussian3_options o = ritz_darcy_field(d->config);
  if (d->dim == 3) return ritz_gaussian3_create(&o, &d->gaussian3);
  const ritz_gaussian_options flat = {.nodes = {o.nodes[0], o.nodes[1]},
                                      .modes = {o.modes[0], o.modes[1]},
                                      .alpha = o.alpha,
                                      .tau = o.tau};
  return ritz_gaussian_create(&flat, &d->gaussian);
}

static ritz_status plan(darcy *d) {
  const double c0 = (double)(d->n[0] - 1) / (double)(d->n[1] - 1); /* h1 / h0 */
  RITZ_TRY(create_field(d));
  if (d->choice.solver == RITZ_DARCY_CG && d->choice.preconditioner == RITZ_DARCY_POISSON)
    RITZ_TRY(
        ritz_fast_poisson_create(RITZ_FLOAT32, d->n[0] - 2, d->n[1] - 2, c0, 1 / c0, &d->poisson));
  RITZ_TRY(fill_rhs(d));
  RITZ_TRY(RITZ_NEW(d->threads, &d->workers));
  for (int t = 0; t < d->threads; t++) RITZ_TRY(create_worker(d, &d->workers[t]));
  return RITZ_OK;
}

static void choose(darcy *d) {
  const ritz_darcy_config *c = d->config;
  const ritz_darcy_problem problem = {.dim = d->dim,
                                      .n = {d->n[0] - 2, d->n[1] - 2, d->n[2] - 2},
                                      .lognormal = c->coefficient == RITZ_MEDIUM_LOGNORMAL,
                                      .jump = ritz_darcy_jump(c),
                                      .log_scale = c->log_scale,
                                      .alpha = c->alpha};
  const ritz_darcy_wish wish = {.solver = (ritz_darcy_solver)c->solver,
                                .preconditioner = (ritz_darcy_preconditioner)c->preconditioner,
                                .cycles = (ritz_darcy_cycles)c->cycle,
                                .sweeps = (int)c->sweeps,
                                .lanes = (ritz_darcy_lanes)c->lanes,
                                .transfer = (ritz_darcy_transfer)c->transfer};
  ritz_darcy_choose(&problem, &wish, &d->choice);
}

static ritz_status create(const void *config, int threads, ritz_generator_info *info, void *state) {
  const ritz_darcy_config *c = config;
  darcy *d = state;
  d->config = c;
  ritz_darcy_describe(c, info);
  d->dim = info->dim;
  d->size = 1;
  for (int axis = 0; axis < d->dim; axis++) d->size *= d->n[axis] = info->nodes[axis];
  d->mean = ritz_darcy_faces(c);
  choose(d);
  d->threads = threads;
  RITZ_TRY(plan(d));
  info->method = d->choice.text;
  info->run = d->choice.run;
  return RITZ_OK;
}

const ritz_generator_type ritz_generator_type_darcy = {
    .name = "darcy",
    .summary =
        "-div(a grad u) = f on the unit square or cube, u = 0 on the boundary; coefficient "
        "a -> u",
    .paper = "Li et al. 2021, Fourier Neural Operator, arXiv:2010.08895, Sec. 5.2",
    .options = options,
    .config_size = sizeof(ritz_darcy_config),
    .check = check,
    .state_size = sizeof(darcy),
    .create = create,
    .run = run,
    .destroy = destroy,
    .split = &ritz_darcy_split,
};
