/* SPDX-License-Identifier: BSD-3-Clause
 * Minimal residual in space and time (refine.h).
 *
 * Symbols: m modes, J coefficients and basis functions in time, I points in time, P = phi [J][I],
 * D = its derivative. A spectrum at all points in time, [modes][2][I], is a spectrum of I fields
 * side by side: W = c P. */
#include "solvers/spectral/refine.h"

#include <math.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "kernels/gemm.h"
#include "solvers/minimize/lbfgs.h"
#include "solvers/spectral/refine_time.h"
#include "solvers/spectral/vorticity.h"
#include "solvers/spectral/vorticity_adjoint.h"

struct ritz_refiner {
  ritz_refine_options options;
  ritz_periodic_box box; /* its modes are all of the frames' grid */
  ritz_refine_time time;
  ritz_transform *frame_modes; /* n fields on the frames' grid */
  ritz_transform *last_modes;  /* one field */
  ritz_vorticity *transport;
  ritz_vorticity_adjoint *adjoint;
  ritz_lbfgs *lbfgs;
  ritz_gemm spread, gather, frame_gemm, fit_gemm;
  double *rate;                 /* [modes] nu |k|^2 + drag */
  double *scale;                /* [modes] 1 / (alpha + |k|^2), 0 for the mean */
  double *factor;               /* [modes][J][J] Cholesky factors of the preconditioner */
  double *c;                    /* [modes][2][J] */
  double *start;                /* [modes][2] spectrum of the known frame */
  double *w, *residual, *other; /* [modes][2][I] */
  double *three, *two;          /* [modes][3 or 2][n + 1] of the frames */
  double *term;                 /* [modes][2][J] part of a gradient */
  void *scratch;
};

/* ---- planning ------------------------------------------------------------------------------ */

static ritz_status check(const ritz_refine_options *o) {
  RITZ_REQUIRE(o->frames >= 1 && o->time_points >= 1, RITZ_ERR_ARGUMENT,
               "%td frames of %td points in time, wanted at least 1 of each", o->frames,
               o->time_points);
  RITZ_REQUIRE(o->interval > 0 && o->viscosity > 0, RITZ_ERR_ARGUMENT,
               "interval is %g and viscosity %g, wanted positive numbers: refining needs both",
               o->interval, o->viscosity);
  RITZ_REQUIRE(o->drag >= 0 && o->alpha >= 0, RITZ_ERR_ARGUMENT,
               "drag is %g and alpha %g, wanted at least 0", o->drag, o->alpha);
  RITZ_REQUIRE(o->time_modes >= 1 && 2 * o->time_modes - 1 <= o->frames * o->time_points + 1,
               RITZ_ERR_ARGUMENT,
               "%td modes in time are more than %td frames of %td points tell apart", o->time_modes,
               o->frames, o->time_points);
  for (int a = 0; a < 2; a++)
    RITZ_REQUIRE(o->nodes[a] >= 4, RITZ_ERR_ARGUMENT, "axis %d has %td points, wanted 4 or more", a,
                 o->nodes[a]);
  return RITZ_OK;
}

static ritz_status plan_box(ritz_refiner *r) {
  const ritz_refine_options *o = &r->options;
  /* 3/2 of the nodes keep (N - 1) / 2 modes by the 2/3 rule. */
  const ritz_index nodes[2] = {3 * ((o->nodes[0] + 1) / 2), 3 * ((o->nodes[1] + 1) / 2)};
  RITZ_TRY(ritz_periodic_box_init(2, nodes, o->length, &r->box));
  RITZ_TRY(ritz_periodic_box_transform_on(&r->box, o->nodes, o->frames, &r->frame_modes));
  return ritz_periodic_box_transform_on(&r->box, o->nodes, 1, &r->last_modes);
}

static ritz_status plan_equation(ritz_refiner *r) {
  const ritz_refine_options *o = &r->options;
  const ritz_index modes = r->box.modes, points = r->time.points;
  const double alpha =
      o->alpha > 0 ? o->alpha : 1 / (o->viscosity * (double)o->frames * o->interval);
  double *forcing;
  RITZ_TRY(RITZ_NEW(modes, &r->rate));
  RITZ_TRY(RITZ_NEW(modes, &r->scale));
  for (ritz_index m = 0; m < modes; m++) {
    r->rate[m] = o->viscosity * r->box.square[m] + o->drag;
    r->scale[m] = r->box.square[m] > 0 ? 1 / (alpha + r->box.square[m]) : 0;
  }
  RITZ_TRY(RITZ_NEW(2 * modes, &forcing));
  if (o->forcing) o->forcing(o->forcing_user, &r->box, forcing);
  ritz_status status = ritz_vorticity_create(&r->box, points, forcing, &r->transport);
  ritz_free(forcing);
  if (status == RITZ_OK) status = ritz_vorticity_adjoint_create(&r->box, points, &r->adjoint);
  return status;
}

static ritz_status plan_memory(ritz_refiner *r) {
  const ritz_index modes = r->box.modes, points = r->time.points, count = r->time.count;
  const ritz_index frames = r->options.frames + 1;
  RITZ_TRY(RITZ_NEW(2 * modes * count, &r->c));
  RITZ_TRY(RITZ_NEW(2 * modes * count, &r->term));
  RITZ_TRY(RITZ_NEW(2 * modes, &r->start));
  RITZ_TRY(RITZ_NEW(2 * modes * points, &r->w));
  RITZ_TRY(RITZ_NEW(2 * modes * points, &r->residual));
  RITZ_TRY(RITZ_NEW(2 * modes * points, &r->other));
  RITZ_TRY(RITZ_NEW(3 * modes * frames, &r->three));
  RITZ_TRY(RITZ_NEW(2 * modes * frames, &r->two));
  const size_t a = ritz_transform_scratch(r->frame_modes),
               b = ritz_transform_scratch(r->last_modes);
  return ritz_calloc((ritz_index)(a > b ? a : b), 1, &r->scratch);
}

static void plan_products(ritz_refiner *r) {
  const ritz_index rows = 2 * r->box.modes, points = r->time.points, count = r->time.count;
  const ritz_index frames = r->options.frames + 1;
  r->spread =
      ritz_gemm_plan(RITZ_FLOAT64, false, false, rows, points, count, count, points, points);
  r->gather = ritz_gemm_plan(RITZ_FLOAT64, false, false, rows, count, points, points, count, count);
  r->frame_gemm =
      ritz_gemm_plan(RITZ_FLOAT64, false, false, rows, frames, count, count, frames, frames);
  r->fit_gemm =
      ritz_gemm_plan(RITZ_FLOAT64, false, false, rows, count, frames, frames, count, count);
}

static ritz_status plan(ritz_refiner *r) {
  const ritz_refine_options *o = &r->options;
  RITZ_TRY(check(o));
  RITZ_TRY(plan_box(r));
  RITZ_TRY(ritz_refine_time_init(o->frames, o->time_modes, o->time_points, o->interval, &r->time));
  RITZ_TRY(plan_equation(r));
  RITZ_TRY(plan_memory(r));
  plan_products(r);
  RITZ_TRY(RITZ_NEW(r->box.modes * r->time.count * r->time.count, &r->factor));
  for (ritz_index m = 0; m < r->box.modes; m++)
    RITZ_TRY(ritz_refine_time_factor(&r->time, r->scale[m], r->rate[m], o->viscosity,
                                     r->factor + m * r->time.count * r->time.count));
  const ritz_lbfgs_options options = {
      .memory = 20, .max_iterations = o->max_iterations, .tolerance = o->tolerance};
  return ritz_lbfgs_create(2 * r->box.modes * r->time.count, &options, &r->lbfgs);
}

ritz_status ritz_refiner_create(const ritz_refine_options *options, ritz_refiner **out) {
  *out = NULL;
  ritz_refiner *r;
  RITZ_TRY(RITZ_NEW(1, &r));
  r->options = *options;
  if (options->time_modes == 0) r->options.time_modes = options->frames / 2 + 1;
  const ritz_status status = plan(r);
  if (status != RITZ_OK) ritz_refiner_destroy(&r);
  *out = r;
  return status;
}

void ritz_refiner_destroy(ritz_refiner **refiner) {
  if (!refiner || !*refiner) return;
  ritz_refiner *r = *refiner;
  double *const owned[] = {r->rate,     r->scale, r->factor, r->c,   r->start, r->w,
                           r->residual, r->other, r->three,  r->two, r->term};
  ritz_periodic_box_clear(&r->box);
  ritz_refine_time_clear(&r->time);
  ritz_transform_destroy(&r->frame_modes);
  ritz_transform_destroy(&r->last_modes);
  ritz_vorticity_destroy(&r->transport);
  ritz_vorticity_adjoint_destroy(&r->adjoint);
  ritz_lbfgs_destroy(&r->lbfgs);
  for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) ritz_free(owned[i]);
  ritz_free(r->scratch);
  ritz_free(r);
  *refiner = NULL;
}

/* ---- the functional ------------------------------------------------------------------------ */

/* residual = w_t + rate w - (transport + f) for the coefficients c; w as well. */
static void find_residual(ritz_refiner *r, const double *c) {
  const ritz_index points = r->time.points;
  ritz_gemm_run(&r->spread, c, r->time.value, r->w);
  ritz_gemm_run(&r->spread, c, r->time.slope, r->residual);
  ritz_vorticity_transport(r->transport, r->w, r->other);
  for (ritz_index row = 0; row < 2 * r->box.modes; row++) {
    const double rate = r->rate[row / 2];
    double *to = r->residual + row * points;
    const double *w = r->w + row * points, *f = r->other + row * points;
    for (ritz_index i = 0; i < points; i++) to[i] += rate * w[i] - f[i];
  }
}

/* The residual's part of the functional, twice its value; the residual becomes its cotangent. */
static double weigh_residual(ritz_refiner *r) {
  const ritz_index points = r->time.points;
  double sum = 0;
  for (ritz_index row = 0; row < 2 * r->box.modes; row++) {
    const double scale = r->scale[row / 2], weight = ritz_periodic_box_weight(&r->box, row / 2);
    double *at = r->residual + row * points;
    for (ritz_index i = 0; i < points; i++) {
      const double g = scale * r->time.weight[i] * at[i];
      sum += weight * g * at[i];
      at[i] = g;
    }
  }
  return sum;
}

/* gradient of the residual's part: weight ((D + rate P) g - P T'(w)* g), products over time. */
static void residual_gradient(ritz_refiner *r, double *gradient) {
  const ritz_index points = r->time.points, count = r->time.count;
  ritz_vorticity_adjoint_apply(r->adjoint, r->w, r->residual, r->other);
  for (ritz_index row = 0; row < 2 * r->box.modes; row++) {
    const double rate = r->rate[row / 2];
    double *other = r->other + row * points;
    const double *g = r->residual + row * points;
    for (ritz_index i = 0; i < points; i++) other[i] = rate * g[i] - other[i];
  }
  ritz_gemm_run(&r->gather, r->residual, r->time.slope_turned, gradient);
  ritz_gemm_run(&r->gather, r->other, r->time.value_turned, r->term);
  for (ritz_index row = 0; row < 2 * r->box.modes; row++) {
    const double weight = ritz_periodic_box_weight(&r->box, row / 2);
    for (ritz_index j = row * count; j < (row + 1) * count; j++)
      gradient[j] = weight * (gradient[j] + r->term[j]);
  }
}

/* nu |w(0) - w_0|^2, twice the value, and its gradient added. */
static double initial_part(ritz_refiner *r, const double *c, double *gradient) {
  const ritz_index count = r->time.count;
  double sum = 0;
  for (ritz_index row = 0; row < 2 * r->box.modes; row++) {
    const double weight = r->options.viscosity * ritz_periodic_box_weight(&r->box, row / 2);
    double miss = -r->start[row];
    for (ritz_index j = 0; j < count; j++) miss += c[row * count + j] * r->time.first[j];
    for (ritz_index j = 0; j < count; j++)
      gradient[row * count + j] += weight * miss * r->time.first[j];
    sum += weight * miss * miss;
  }
  return sum;
}

/* A ritz_objective: half of the functional. */
static double objective(void *user, const double *c, double *gradient) {
  ritz_refiner *r = user;
  find_residual(r, c);
  double sum = weigh_residual(r);
  residual_gradient(r, gradient);
  sum += initial_part(r, c, gradient);
  return 0.5 * sum;
}

/* A ritz_metric_map: the inverse of the functional's second derivative without transport. */
static void precondition(void *user, const double *g, double *z) {
  const ritz_refiner *r = user;
  const ritz_index count = r->time.count;
  for (ritz_index row = 0; row < 2 * r->box.modes; row++) {
    const double weight = ritz_periodic_box_weight(&r->box, row / 2);
    for (ritz_index j = row * count; j < (row + 1) * count; j++) z[j] = g[j] / weight;
    ritz_refine_time_solve(&r->time, r->factor + row / 2 * count * count, z + row * count);
  }
}

/* ---- frames and coefficients --------------------------------------------------------------- */

/* Re and Im of the modes of fields on the frames' grid, into two [modes][2][n + 1] from place
 * `first` on. */
static void analyse(ritz_refiner *r, const ritz_transform *transform, ritz_index fields,
                    ritz_index first, const double *field) {
  const ritz_index frames = r->options.frames + 1;
  ritz_transform_to_modes(transform, false, false, field, r->three, r->scratch);
  for (ritz_index m = 0; m < r->box.modes; m++)
    for (int part = 0; part < 2; part++)
      memcpy(r->two + (2 * m + part) * frames + first, r->three + (3 * m + 1 + part) * fields,
             (size_t)fields * sizeof(double));
}

/* The frames of the series; their mean is that of the known one, which only drag changes. */
static void synthesise(ritz_refiner *r, double mean, double *field) {
  const ritz_index n = r->options.frames, modes = r->box.modes;
  const ritz_index zero = 2 * ritz_periodic_box_mode(&r->box, 0, 0);
  double *series = r->three, *later = r->w;
  ritz_gemm_run(&r->frame_gemm, r->c, r->time.frame_value, series);
  for (ritz_index row = 0; row < 2 * modes; row++)
    memcpy(later + row * n, series + row * (n + 1) + 1, (size_t)n * sizeof *later);
  for (ritz_index f = 0; f < n; f++)
    later[zero * n + f] = mean * exp(-r->options.drag * r->options.interval * (double)(f + 1));
  ritz_transform_from_modes(r->frame_modes, false, false, later, field, r->scratch);
}

void ritz_refiner_run(ritz_refiner *r, const double *last, double *frames,
                      ritz_refine_report *report) {
  const ritz_index modes = r->box.modes, all = r->options.frames + 1;
  const ritz_index zero = 2 * ritz_periodic_box_mode(&r->box, 0, 0);
  analyse(r, r->last_modes, 1, 0, last);
  analyse(r, r->frame_modes, r->options.frames, 1, frames);
  for (ritz_index row = 0; row < 2 * modes; row++) r->start[row] = r->two[row * all];
  ritz_gemm_run(&r->fit_gemm, r->two, r->time.fit, r->c);
  /* The mean moves nothing and nothing moves it. */
  const double mean = r->start[zero];
  r->start[zero] = 0;
  memset(r->c + zero * r->time.count, 0, 2 * (size_t)r->time.count * sizeof *r->c);
  find_residual(r, r->c);
  report->before = sqrt(weigh_residual(r));
  ritz_lbfgs_run(r->lbfgs, objective, precondition, r, r->c, &report->solve);
  find_residual(r, r->c);
  report->after = sqrt(weigh_residual(r));
  synthesise(r, mean, frames);
}

void ritz_refiner_norms(ritz_refiner *r, const double *frames, double *l2, double *h1) {
  const ritz_index n = r->options.frames;
  *l2 = *h1 = 0;
  analyse(r, r->frame_modes, n, 1, frames);
  for (ritz_index row = 0; row < 2 * r->box.modes; row++) {
    const double weight = ritz_periodic_box_weight(&r->box, row / 2);
    double sum = 0;
    for (ritz_index f = 1; f <= n; f++)
      sum += r->two[row * (n + 1) + f] * r->two[row * (n + 1) + f];
    *l2 += weight * sum;
    *h1 += weight * sum * (1 + r->box.square[row / 2]);
  }
}
