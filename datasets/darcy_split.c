/* SPDX-License-Identifier: BSD-3-Clause
 * Darcy flow on cubes that no rank has whole: each has a slab of the field, the coefficient and the
 * solution. The coefficient has the bits of darcy.c, the solution those of no other solver but
 * meets the same tolerance. */
#include <ritz/split_solve.h>

#include "core/fail.h"
#include "core/memory.h"
#include "datasets/darcy.h"
#include "datasets/darcy_choice.h"
#include "dist/layout.h"
#include "solvers/split/gaussian.h"

typedef struct darcy_split {
  const ritz_darcy_config *config;
  ritz_layout *layout; /* the generator's */
  ritz_index first, planes, n[3], count;
  ritz_split_gaussian *gaussian;
  ritz_split_diffusion *solver;
  double *b;
} darcy_split;

static ritz_status check(const void *config, const ritz_index parts[3]) {
  const ritz_darcy_config *c = config;
  RITZ_REQUIRE(c->resolution.count == 3, RITZ_ERR_CONFIG,
               "--parts is for three dimensions, wanted resolution [N0, N1, N2]");
  RITZ_REQUIRE(parts[1] == 1 && parts[2] == 1, RITZ_ERR_CONFIG,
               "--parts %tdx%tdx%td: only axis 0 can be cut, into slabs; wanted Nx1x1", parts[0],
               parts[1], parts[2]);
  RITZ_REQUIRE(c->solver == RITZ_DARCY_SOLVER_AUTO && c->lanes == RITZ_DARCY_LANES_AUTO,
               RITZ_ERR_CONFIG, "solver and lanes are for whole samples, wanted auto with --parts");
  RITZ_REQUIRE(c->transfer != RITZ_DARCY_GALERKIN, RITZ_ERR_CONFIG,
               "transfer galerkin needs whole samples, wanted trilinear with --parts");
  return RITZ_OK;
}

static ritz_cycle cycle_of(const ritz_darcy_config *c) {
  return c->cycle == RITZ_DARCY_CYCLES_W ? RITZ_CYCLE_W : RITZ_CYCLE_V;
}

static int sweeps_of(const ritz_darcy_config *c) { return c->sweeps ? (int)c->sweeps : 2; }

static void describe(const void *config, ritz_generator_info *info) {
  static const char *const methods[2] = {
      "conjugate gradients, multigrid V-cycles with seven points on every level, one sample at a "
      "time over ranks",
      "conjugate gradients, multigrid W-cycles with seven points on every level, one sample at a "
      "time over ranks"};
  const ritz_darcy_config *c = config;
  ritz_darcy_describe(c, info);
  info->method = methods[cycle_of(c) == RITZ_CYCLE_W];
}

/* The right-hand side and the field; the rank's own. */
static ritz_status create_fields(darcy_split *d) {
  const ritz_gaussian3_options o = ritz_darcy_field(d->config);
  const double value = ritz_darcy_load(d->config);
  RITZ_TRY(ritz_split_gaussian_create(d->layout, &o, &d->gaussian));
  RITZ_TRY(RITZ_NEW(d->count, &d->b));
  for (ritz_index i = d->first; i < d->first + d->planes; i++)
    for (ritz_index j = 1; i > 0 && i < d->n[0] - 1 && j < d->n[1] - 1; j++)
      for (ritz_index k = 1; k < d->n[2] - 1; k++)
        d->b[((i - d->first) * d->n[1] + j) * d->n[2] + k] = value;
  return RITZ_OK;
}

static ritz_status create(const void *config, ritz_layout *layout, void *state) {
  const ritz_darcy_config *c = config;
  darcy_split *d = state;
  double h[3];
  d->config = c;
  d->layout = layout;
  ritz_layout_part(layout, 0, &d->first, &d->planes);
  for (int axis = 0; axis < 3; axis++) {
    d->n[axis] = ritz_layout_extent(layout, axis);
    h[axis] = 1.0 / (double)(d->n[axis] - 1);
  }
  d->count = d->planes * d->n[1] * d->n[2];
  RITZ_TRY(ritz_status_agree(layout->context, create_fields(d)));
  ritz_split_options o;
  ritz_split_options_defaults(&o);
  o.cycle = cycle_of(c), o.sweeps = sweeps_of(c), o.dtype = ritz_darcy_format(c, false);
  o.tolerance = c->tolerance, o.max_iterations = (int)c->max_iterations;
  return ritz_split_diffusion_create(layout, h, &o, &d->solver);
}

static ritz_status sample(void *state, uint64_t seed, uint32_t number, double *x, double *y,
                          ritz_solve_report *report) {
  darcy_split *d = state;
  const ritz_darcy_config *c = d->config;
  RITZ_TRY(ritz_split_gaussian_sample(d->gaussian, seed, number, x));
  ritz_medium_apply(c->coefficient, c->low, c->high, c->log_scale, d->count, x);
  RITZ_TRY(ritz_split_diffusion_set(d->solver, x, ritz_darcy_faces(c)));
  return ritz_split_diffusion_solve(d->solver, d->b, y, report);
}

static void destroy(void *state) {
  darcy_split *d = state;
  ritz_split_gaussian_destroy(&d->gaussian);
  ritz_split_diffusion_destroy(&d->solver);
  ritz_free(d->b);
}

const ritz_split_generator_type ritz_darcy_split = {
    .check = check,
    .describe = describe,
    .state_size = sizeof(darcy_split),
    .create = create,
    .sample = sample,
    .destroy = destroy,
};
