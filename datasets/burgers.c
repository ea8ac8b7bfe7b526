/* SPDX-License-Identifier: BSD-3-Clause
 * Burgers' equation u_t + (u^2 / 2)_x = nu u_xx on a periodic interval from a Gaussian field;
 * x = u at the start, y = later frames. Li et al. 2021, arXiv:2010.08895, appendix A.3.1:
 * u_0 ~ N(0, 625 (-Laplace + 25)^(-2)), nu = 0.1, t = 1 on 8192 nodes. */
#include "solvers/spectral/burgers.h"
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "datasets/trajectory.h"
#include "solvers/fields/periodic_gaussian.h"

typedef struct burgers_config {
  ritz_trajectory_config trajectory; /* first, as its options want it */
  double viscosity, scale, tau, alpha;
} burgers_config;

static const ritz_option options[] = {
    RITZ_TRAJECTORY_OPTIONS("N", "1024", "1", "1", "1e-3"),
    RITZ_OPTION_REAL(burgers_config, viscosity, 0, 1e6, "0.1", "nu"),
    RITZ_OPTION_REAL(burgers_config, scale, 0, 1e12, "625",
                     "initial field of covariance scale (-Laplace + tau^2)^(-alpha)"),
    RITZ_OPTION_REAL(burgers_config, tau, 0, 1e4, "5", "inverse length of the initial field"),
    RITZ_OPTION_REAL(burgers_config, alpha, 0, 16, "2", "smoothness of the initial field"),
    RITZ_OPTION_END,
};

typedef struct burgers {
  ritz_trajectory trajectory;
  double *variance;
  int threads;
  struct worker {
    ritz_burgers *equation;
    double *u; /* spectra */
  } * worker;
} burgers;

static ritz_status check(const void *config) {
  return ritz_trajectory_check(&((const burgers_config *)config)->trajectory, 1);
}

static void field(void *user, const double *u, double *grid) { ritz_burgers_field(user, u, grid); }

static void run(void *state, int thread, uint64_t seed, uint32_t first, ritz_index count, double *x,
                double *y, ritz_solve_report *reports) {
  const burgers *b = state;
  const ritz_trajectory *t = &b->trajectory;
  const struct worker *w = &b->worker[thread];
  memset(w->u, 0, (size_t)(2 * t->box.modes * t->lanes) * sizeof *w->u);
  for (ritz_index s = 0; s < count; s++)
    ritz_periodic_gaussian_sample(&t->box, b->variance, seed, first + (uint32_t)s, t->lanes, s,
                                  w->u);
  ritz_trajectory_run(t, thread, w->equation, w->u, count, x, y, reports);
}

static void destroy(void *state) {
  burgers *b = state;
  for (int t = 0; b->worker && t < b->threads; t++) {
    ritz_burgers_destroy(&b->worker[t].equation);
    ritz_free(b->worker[t].u);
  }
  ritz_free(b->worker);
  ritz_free(b->variance);
  ritz_trajectory_clear(&b->trajectory);
}

static double rate(const void *config, double square) {
  return -((const burgers_config *)config)->viscosity * square;
}

static ritz_status plan(burgers *b, const burgers_config *c) {
  static const ritz_trajectory_equation equation = {
      .rate = rate, .rhs = ritz_burgers_transport, .field = field};
  const ritz_periodic_box *box = &b->trajectory.box;
  RITZ_TRY(ritz_trajectory_init(&c->trajectory, 1, &equation, b->threads, &b->trajectory));
  RITZ_TRY(RITZ_NEW(box->modes, &b->variance));
  ritz_periodic_gaussian_variance(box, c->scale, c->tau, c->alpha, b->variance);
  RITZ_TRY(RITZ_NEW(b->threads, &b->worker));
  for (int t = 0; t < b->threads; t++) {
    RITZ_TRY(ritz_burgers_create(box, b->trajectory.lanes, &b->worker[t].equation));
    RITZ_TRY(RITZ_NEW(2 * box->modes * b->trajectory.lanes, &b->worker[t].u));
  }
  return RITZ_OK;
}

static ritz_status create(const void *config, int threads, ritz_generator_info *info, void *state) {
  burgers *b = state;
  b->threads = threads;
  RITZ_TRY(plan(b, config));
  ritz_trajectory_describe(&b->trajectory, "velocity", info);
  return RITZ_OK;
}

const ritz_generator_type ritz_generator_type_burgers = {
    .name = "burgers",
    .summary = "u_t + (u^2/2)_x = nu u_xx on a periodic interval; u at the start -> later frames",
    .paper = "Li et al. 2021, Fourier Neural Operator, arXiv:2010.08895, Sec. 5.1",
    .options = options,
    .config_size = sizeof(burgers_config),
    .check = check,
    .state_size = sizeof(burgers),
    .create = create,
    .run = run,
    .destroy = destroy,
};
