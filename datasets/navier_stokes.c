/* SPDX-License-Identifier: BSD-3-Clause
 * Two-dimensional flow on a periodic square by its vorticity; x = w at the start, y = later frames.
 * Li et al. 2021, arXiv:2010.08895, appendix A.3.3: w_0 ~ N(0, 7^3 (-Laplace + 49)^(-2.5)),
 * f = 0.1 (sin 2 pi (x + y) + cos 2 pi (x + y)); decaying turbulence: McWilliams 1984,
 * doi:10.1017/S0022112084001750. */
#include <math.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "datasets/navier_stokes.h"
#include "datasets/trajectory.h"
#include "solvers/fields/periodic_gaussian.h"
#include "solvers/spectral/vorticity.h"

enum { GAUSSIAN, MCWILLIAMS };
enum { NO_FORCING, DIAGONAL, KOLMOGOROV };

typedef struct flow_config {
  ritz_trajectory_config trajectory; /* first, as its options want it */
  int initial, forcing;
  double viscosity, drag, scale, tau, alpha, peak, energy, amplitude;
  ritz_index wavenumber;
} flow_config;

static const ritz_option options[] = {
    RITZ_TRAJECTORY_OPTIONS("N, or [N0, N1]", "64", "20", "1", "1e-2"),
    RITZ_OPTION_REAL(flow_config, viscosity, 0, 1e6, "1e-3", "nu"),
    RITZ_OPTION_REAL(flow_config, drag, 0, 1e6, "0", "rate of linear friction"),
    RITZ_OPTION_CHOICE(flow_config, forcing, "none|diagonal|kolmogorov", "diagonal",
                       "diagonal: amplitude (sin s + cos s), s = 2 pi wavenumber (x + y) / length; "
                       "kolmogorov: amplitude cos(2 pi wavenumber y / length)"),
    RITZ_OPTION_REAL(flow_config, amplitude, -1e6, 1e6, "0.1", "of the forcing"),
    RITZ_OPTION_INT(flow_config, wavenumber, 1, 1 << 20, "1", "of the forcing"),
    RITZ_OPTION_CHOICE(flow_config, initial, "gaussian|mcwilliams", "gaussian",
                       "gaussian: field of covariance scale (-Laplace + tau^2)^(-alpha); "
                       "mcwilliams: random phases with an energy peak"),
    RITZ_OPTION_REAL(flow_config, scale, 0, 1e12, "343", "gaussian: size of the covariance"),
    RITZ_OPTION_REAL(flow_config, tau, 0, 1e4, "7",
                     "gaussian: inverse length of the initial field"),
    RITZ_OPTION_REAL(flow_config, alpha, 0, 16, "2.5", "gaussian: smoothness of the initial field"),
    RITZ_OPTION_REAL(flow_config, peak, 0.1, 1e6, "4",
                     "mcwilliams: p in the spectrum |psi|^2 ~ 1 / (q (1 + (q / p)^4)) at frequency "
                     "q"),
    RITZ_OPTION_REAL(flow_config, energy, 0, 1e12, "1",
                     "mcwilliams: kinetic energy, mean of |u|^2 / 2"),
    RITZ_OPTION_END,
};

typedef struct flow {
  const flow_config *config;
  ritz_trajectory trajectory;
  double *variance;
  int threads;
  struct worker {
    ritz_vorticity *equation;
    double *w; /* spectra */
  } * worker;
} flow;

static ritz_status check(const void *config) {
  const flow_config *c = config;
  RITZ_TRY(ritz_trajectory_check(&c->trajectory, 2));
  for (int a = 0; a < c->trajectory.resolution.count && c->forcing != NO_FORCING; a++)
    RITZ_REQUIRE(3 * c->wavenumber < c->trajectory.resolution.n[a] * c->trajectory.refine,
                 RITZ_ERR_CONFIG,
                 "forcing of wavenumber %td is not among the modes of %td nodes; a third of them "
                 "is kept",
                 c->wavenumber, c->trajectory.resolution.n[a] * c->trajectory.refine);
  return RITZ_OK;
}

static void field(void *user, const double *w, double *grid) {
  ritz_vorticity_field(user, w, grid);
}

/* |w|^2 = |k|^4 |psi|^2; the size is set sample by sample. */
static void mcwilliams_variance(const flow_config *c, const ritz_periodic_box *box,
                                double *variance) {
  for (ritz_index m = 0; m < box->modes; m++) {
    const double q = hypot((double)box->q[0][m], (double)box->q[1][m]);
    const double k4 = box->square[m] * box->square[m];
    variance[m] = q > 0 ? k4 / (q * (1 + pow(q / c->peak, 4))) : 0;
  }
}

static void scale_to_energy(const flow *f, const struct worker *w, ritz_index lane) {
  const ritz_trajectory *t = &f->trajectory;
  double energy, enstrophy;
  ritz_vorticity_energy(w->equation, w->w, lane, &energy, &enstrophy);
  const double factor = energy > 0 ? sqrt(f->config->energy / energy) : 0;
  for (ritz_index i = lane; i < 2 * t->box.modes * t->lanes; i += t->lanes) w->w[i] *= factor;
}

static void run(void *state, int thread, uint64_t seed, uint32_t first, ritz_index count, double *x,
                double *y, ritz_solve_report *reports) {
  const flow *f = state;
  const ritz_trajectory *t = &f->trajectory;
  const struct worker *w = &f->worker[thread];
  memset(w->w, 0, (size_t)(2 * t->box.modes * t->lanes) * sizeof *w->w);
  for (ritz_index s = 0; s < count; s++) {
    ritz_periodic_gaussian_sample(&t->box, f->variance, seed, first + (uint32_t)s, t->lanes, s,
                                  w->w);
    if (f->config->initial == MCWILLIAMS) scale_to_energy(f, w, s);
  }
  ritz_trajectory_run(t, thread, w->equation, w->w, count, x, y, reports);
}

static void destroy(void *state) {
  flow *f = state;
  for (int t = 0; f->worker && t < f->threads; t++) {
    ritz_vorticity_destroy(&f->worker[t].equation);
    ritz_free(f->worker[t].w);
  }
  ritz_free(f->worker);
  ritz_free(f->variance);
  ritz_trajectory_clear(&f->trajectory);
}

static double rate(const void *config, double square) {
  const flow_config *c = config;
  return -c->viscosity * square - c->drag;
}

static ritz_flow flow_of(const flow_config *c) {
  return (ritz_flow){.viscosity = c->viscosity,
                     .drag = c->drag,
                     .length = c->trajectory.length,
                     .interval = c->trajectory.interval,
                     .forced = c->forcing != NO_FORCING,
                     .diagonal = c->forcing == DIAGONAL,
                     .amplitude = c->amplitude,
                     .wavenumber = c->wavenumber};
}

ritz_status ritz_flow_read(const ritz_value *map, ritz_flow *out) {
  flow_config config;
  RITZ_TRY(ritz_options_read(options, "navier_stokes", map, &config));
  *out = flow_of(&config);
  ritz_options_clear(options, &config);
  return RITZ_OK;
}

/* sin s + cos s = Re((1 - i) exp(i s)), half of it at the mode and half at its conjugate. */
void ritz_flow_forcing(const void *user, const ritz_periodic_box *box, double *spectrum) {
  const ritz_flow *f = user;
  const ritz_index m = ritz_periodic_box_mode(box, f->diagonal ? f->wavenumber : 0, f->wavenumber);
  if (!f->forced || m < 0) return;
  spectrum[2 * m] = 0.5 * f->amplitude;
  spectrum[2 * m + 1] = f->diagonal ? -0.5 * f->amplitude : 0;
}

static ritz_status create_workers(flow *f) {
  const ritz_periodic_box *box = &f->trajectory.box;
  const ritz_flow equation = flow_of(f->config);
  double *forcing;
  RITZ_TRY(RITZ_NEW(2 * box->modes, &forcing));
  ritz_flow_forcing(&equation, box, forcing);
  ritz_status status = RITZ_NEW(f->threads, &f->worker);
  for (int t = 0; status == RITZ_OK && t < f->threads; t++) {
    status = ritz_vorticity_create(box, f->trajectory.lanes, equation.forced ? forcing : NULL,
                                   &f->worker[t].equation);
    if (status == RITZ_OK) status = RITZ_NEW(2 * box->modes * f->trajectory.lanes, &f->worker[t].w);
  }
  ritz_free(forcing);
  return status;
}

static ritz_status plan(flow *f) {
  static const ritz_trajectory_equation equation = {
      .rate = rate, .rhs = ritz_vorticity_transport, .field = field};
  const flow_config *c = f->config;
  const ritz_periodic_box *box = &f->trajectory.box;
  RITZ_TRY(ritz_trajectory_init(&c->trajectory, 2, &equation, f->threads, &f->trajectory));
  RITZ_TRY(RITZ_NEW(box->modes, &f->variance));
  if (c->initial == MCWILLIAMS)
    mcwilliams_variance(c, box, f->variance);
  else
    ritz_periodic_gaussian_variance(box, c->scale, c->tau, c->alpha, f->variance);
  return create_workers(f);
}

static ritz_status create(const void *config, int threads, ritz_generator_info *info, void *state) {
  flow *f = state;
  f->config = config;
  f->threads = threads;
  RITZ_TRY(plan(f));
  ritz_trajectory_describe(&f->trajectory, "vorticity", info);
  return RITZ_OK;
}

const ritz_generator_type ritz_generator_type_navier_stokes = {
    .name = "navier_stokes",
    .summary =
        "w_t + u . grad w = nu Laplace w - drag w + f on a periodic square; vorticity at "
        "the start -> later frames",
    .paper = "Li et al. 2021, Fourier Neural Operator, arXiv:2010.08895, Sec. 5.3",
    .options = options,
    .config_size = sizeof(flow_config),
    .check = check,
    .state_size = sizeof(flow),
    .create = create,
    .run = run,
    .destroy = destroy,
};
