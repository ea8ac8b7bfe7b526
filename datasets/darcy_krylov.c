/* SPDX-License-Identifier: BSD-3-Clause
 * The preconditioner `poisson` is the problem of constant coefficient, in float: its accuracy only
 * steers, the true residual decides. Scaling it by the diagonal on both sides saves iterations
 * while a varies smoothly and costs many across jumps (measured: 87 -> 17 and 19 -> 137 at 419^2
 * unknowns), so that is for the lognormal coefficient. */
#include "datasets/darcy_krylov.h"

#include <math.h>
#include <ritz/krylov.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "kernels/kernels.h"
#include "solvers/multigrid/map.h"

struct ritz_darcy_krylov {
  ritz_darcy_krylov_options options;
  const ritz_kernels *kernels;
  ritz_diffusion *diffusion;
  ritz_krylov *solver;
  ritz_multigrid_map *cycle;
  double *scale;  /* symmetric: diagonal^(-1/2); jacobi: 1 / diagonal; 0 on the boundary */
  double *scaled; /* scale times r */
  void *scratch;
};

static int apply(void *user, const void *x, void *y) {
  const ritz_darcy_krylov *s = user;
  ritz_diffusion_apply(s->diffusion, x, y);
  return 0;
}

/* z = r / diagonal. */
static int jacobi(void *user, const void *r, void *z) {
  const ritz_darcy_krylov *s = user;
  s->kernels->multiply(s->options.n0 * s->options.n1, s->scale, r, z);
  return 0;
}

static void clear_boundary(const ritz_darcy_krylov *s, double *u) {
  const ritz_index n0 = s->options.n0, n1 = s->options.n1;
  memset(u, 0, (size_t)n1 * sizeof *u);
  memset(u + (n0 - 1) * n1, 0, (size_t)n1 * sizeof *u);
  for (ritz_index i = 1; i < n0 - 1; i++) u[i * n1] = u[i * n1 + n1 - 1] = 0;
}

/* z = P r, or S P S r with the scale S; the boundary of z is 0. */
static int poisson(void *user, const void *rv, void *zv) {
  ritz_darcy_krylov *s = user;
  const ritz_index n1 = s->options.n1, inner = n1 + 1, count = s->options.n0 * n1;
  const double *r = rv;
  double *z = zv;
  if (!s->options.symmetric) {
    clear_boundary(s, z);
    ritz_fast_poisson_solve(s->options.poisson, r + inner, n1, z + inner, n1, s->scratch);
    return 0;
  }
  s->kernels->multiply(count, s->scale, r, s->scaled);
  ritz_fast_poisson_solve(s->options.poisson, s->scaled + inner, n1, s->scaled + inner, n1,
                          s->scratch);
  s->kernels->multiply(count, s->scale, s->scaled, z);
  return 0;
}

static ritz_status create_solver(ritz_darcy_krylov *s) {
  ritz_krylov_options o;
  ritz_krylov_options_defaults(&o);
  o.method = "cg";
  o.rtol = s->options.tolerance;
  o.atol = 0;
  o.max_iterations = s->options.max_iterations;
  o.recycle = 0;
  o.threads = 1;
  return ritz_krylov_create(RITZ_REAL_DOUBLE, s->options.n0 * s->options.n1, &o, &s->solver);
}

static ritz_status create_fields(ritz_darcy_krylov *s) {
  const ritz_darcy_krylov_options *o = &s->options;
  const ritz_index count = o->n0 * o->n1;
  RITZ_TRY(ritz_diffusion_create(o->n0, o->n1, 1.0 / (double)(o->n0 - 1), 1.0 / (double)(o->n1 - 1),
                                 &s->diffusion));
  if (o->symmetric || o->preconditioner == RITZ_DARCY_JACOBI) RITZ_TRY(RITZ_NEW(count, &s->scale));
  if (o->symmetric) RITZ_TRY(RITZ_NEW(count, &s->scaled));
  if (o->preconditioner == RITZ_DARCY_CYCLE) {
    ritz_multigrid_options m;
    ritz_multigrid_options_defaults(&m);
    m.cycle = o->cycle;
    m.sweeps = o->sweeps;
    const ritz_index n[] = {o->n0, o->n1};
    const double h[] = {1.0 / (double)(o->n0 - 1), 1.0 / (double)(o->n1 - 1)};
    RITZ_TRY(ritz_multigrid_map_create(2, n, h, &m, &s->cycle));
  }
  const size_t bytes = o->poisson ? ritz_fast_poisson_scratch(o->poisson) : 0;
  RITZ_TRY(ritz_calloc((ritz_index)bytes, 1, &s->scratch));
  return create_solver(s);
}

ritz_status ritz_darcy_krylov_create(const ritz_darcy_krylov_options *options,
                                     ritz_darcy_krylov **out) {
  *out = NULL;
  ritz_darcy_krylov *s;
  RITZ_TRY(RITZ_NEW(1, &s));
  s->options = *options;
  s->kernels = ritz_kernels_get(RITZ_FLOAT64);
  const ritz_status status = create_fields(s);
  if (status != RITZ_OK) ritz_darcy_krylov_destroy(&s);
  *out = s;
  return status;
}

void ritz_darcy_krylov_destroy(ritz_darcy_krylov **krylov) {
  if (!krylov || !*krylov) return;
  ritz_diffusion_destroy(&(*krylov)->diffusion);
  ritz_krylov_destroy(&(*krylov)->solver);
  ritz_multigrid_map_destroy(&(*krylov)->cycle);
  ritz_free((*krylov)->scale);
  ritz_free((*krylov)->scaled);
  ritz_free((*krylov)->scratch);
  ritz_free(*krylov);
  *krylov = NULL;
}

static void fill_scale(ritz_darcy_krylov *s) {
  const bool inverse = s->options.preconditioner == RITZ_DARCY_JACOBI;
  ritz_diffusion_diagonal(s->diffusion, s->scale);
  for (ritz_index k = 0; k < s->options.n0 * s->options.n1; k++)
    s->scale[k] = inverse ? 1 / s->scale[k] : 1 / sqrt(s->scale[k]);
  clear_boundary(s, s->scale);
}

void ritz_darcy_krylov_solve(ritz_darcy_krylov *krylov, const double *a, const double *b, double *u,
                             ritz_solve_report *report) {
  static ritz_krylov_map *const maps[] = {[RITZ_DARCY_POISSON] = poisson,
                                          [RITZ_DARCY_CYCLE] = ritz_multigrid_map_apply,
                                          [RITZ_DARCY_JACOBI] = jacobi,
                                          [RITZ_DARCY_NONE] = NULL};
  ritz_darcy_krylov *s = krylov;
  ritz_diffusion_set(s->diffusion, a, s->options.mean);
  if (s->scale) fill_scale(s);
  ritz_krylov_set_operator(s->solver, apply, s);
  if (s->cycle) ritz_multigrid_map_set(s->cycle, a, s->options.mean);
  ritz_krylov_set_preconditioner(s->solver, maps[s->options.preconditioner],
                                 s->cycle ? (void *)s->cycle : (void *)s);
  ritz_krylov_solve(s->solver, b, u, report); /* fails only without an operator */
}
