/* SPDX-License-Identifier: BSD-3-Clause
 * Trajectories of equations on periodic boxes (trajectory.h). */
#include "datasets/trajectory.h"

#include <math.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"

ritz_status ritz_trajectory_check(const ritz_trajectory_config *c, int dim) {
  RITZ_REQUIRE(c->resolution.count == 1 || c->resolution.count == dim, RITZ_ERR_CONFIG,
               "resolution has %d numbers, wanted %s", c->resolution.count,
               dim == 1 ? "one" : "N or [N0, N1]");
  for (int a = 0; a < c->resolution.count; a++)
    RITZ_REQUIRE(c->resolution.n[a] * c->refine <= 1 << 20, RITZ_ERR_CONFIG,
                 "resolution %td refined %td times has more than 2^20 nodes", c->resolution.n[a],
                 c->refine);
  const double steps = (c->start + (double)c->frames * c->interval) / c->dt;
  RITZ_REQUIRE(steps < 1e9, RITZ_ERR_CONFIG, "dt %g makes %.3g steps, at most 1e9 are possible",
               c->dt, steps);
  return RITZ_OK;
}

/* Equal steps of at most dt that fill a time. */
static ritz_index steps_of(double time, double dt) {
  const double steps = ceil(time / dt * (1 - 1e-12));
  return time > 0 ? (ritz_index)fmax(steps, 1) : 0;
}

/* As many as keep two fields of each in half a second-level cache; a function of the grid alone, so
 * that a sample never depends on how many are made. */
enum { most_lanes = 16, cache_numbers = 1 << 17 };

static ritz_index choose_lanes(const ritz_periodic_box *box) {
  ritz_index lanes = most_lanes;
  while (lanes > 1 && 2 * lanes * ritz_periodic_box_points(box) > cache_numbers) lanes /= 2;
  return lanes;
}

/* The box of the solver's grid, and how many steps there are. */
static ritz_status plan_box(ritz_trajectory *t, int dim) {
  const ritz_trajectory_config *c = t->config;
  ritz_index solver[2];
  const double length[2] = {c->length, c->length};
  for (int a = 0; a < dim; a++) {
    t->nodes[a] = c->resolution.n[c->resolution.count > 1 ? a : 0];
    solver[a] = t->nodes[a] * c->refine;
  }
  t->lead_steps = steps_of(c->start, c->dt);
  t->steps = steps_of(c->interval, c->dt);
  RITZ_TRY(ritz_periodic_box_init(dim, solver, length, &t->box));
  t->lanes = choose_lanes(&t->box);
  return RITZ_OK;
}

static ritz_status plan_steps(ritz_trajectory *t, const double *rate) {
  const ritz_trajectory_config *c = t->config;
  const ritz_stepper_scheme scheme = (ritz_stepper_scheme)c->scheme;
  const double dt = c->interval / (double)t->steps;
  const ritz_index modes = t->box.modes;
  if (t->lead_steps)
    RITZ_TRY(ritz_stepper_create(scheme, modes, t->lanes, rate, c->start / (double)t->lead_steps,
                                 &t->lead));
  RITZ_TRY(ritz_stepper_create(scheme, modes, t->lanes, rate, dt, &t->step));
  return ritz_stepper_create(scheme, modes, t->lanes, rate, 0.5 * dt, &t->half_step);
}

static ritz_index state_numbers(const ritz_trajectory *t) { return 2 * t->box.modes * t->lanes; }

/* Of a worker: the scheme's, two states and the fields on the solver's grid. */
static ritz_index work_numbers(const ritz_trajectory *t) {
  return ritz_stepper_work(t->step) + 2 * state_numbers(t) +
         ritz_periodic_box_points(&t->box) * t->lanes;
}

ritz_status ritz_trajectory_init(const ritz_trajectory_config *c, int dim,
                                 const ritz_trajectory_equation *equation, int threads,
                                 ritz_trajectory *t) {
  *t = (ritz_trajectory){.config = c, .equation = *equation, .nodes = {1, 1}};
  double *rate;
  RITZ_TRY(plan_box(t, dim));
  RITZ_TRY(RITZ_NEW(t->box.modes, &rate));
  for (ritz_index m = 0; m < t->box.modes; m++) rate[m] = equation->rate(c, t->box.square[m]);
  const ritz_status status = plan_steps(t, rate);
  ritz_free(rate);
  RITZ_TRY(status);
  RITZ_TRY(RITZ_NEW(c->frames, &t->times));
  for (ritz_index f = 0; f < c->frames; f++) t->times[f] = (double)(f + 1) * c->interval;
  RITZ_TRY(RITZ_NEW(threads, &t->work));
  for (t->threads = 0; t->threads < threads; t->threads++)
    RITZ_TRY(RITZ_NEW(work_numbers(t), &t->work[t->threads]));
  return RITZ_OK;
}

void ritz_trajectory_clear(ritz_trajectory *t) {
  for (int i = 0; t->work && i < t->threads; i++) ritz_free(t->work[i]);
  ritz_free(t->work);
  ritz_free(t->times);
  ritz_stepper_destroy(&t->lead);
  ritz_stepper_destroy(&t->step);
  ritz_stepper_destroy(&t->half_step);
  ritz_periodic_box_clear(&t->box);
  *t = (ritz_trajectory){0};
}

void ritz_trajectory_describe(const ritz_trajectory *t, const char *name,
                              ritz_generator_info *info) {
  ritz_shape shape = {.rank = t->box.dim};
  info->dim = t->box.dim;
  info->run = t->lanes;
  for (int a = 0; a < info->dim; a++) {
    shape.n[a] = info->nodes[a] = t->nodes[a];
    info->length[a] = t->config->length;
    info->periodic[a] = true;
  }
  info->x = (ritz_generator_field){.name = name, .unit = "1", .shape = shape};
  info->y = info->x;
  info->y.frames = t->config->frames;
  info->y.times = t->times;
  info->y.shape.rank++;
  info->y.shape.n[0] = t->config->frames;
  for (int a = 0; a < info->dim; a++) info->y.shape.n[a + 1] = shape.n[a];
}

/* Between lanes of two states. */
static double distance(const ritz_trajectory *t, ritz_index lane, const double *a,
                       const double *b) {
  double difference = 0, whole = 0;
  for (ritz_index i = lane; i < state_numbers(t); i += t->lanes) {
    difference += (a[i] - b[i]) * (a[i] - b[i]);
    whole += b[i] * b[i];
  }
  return whole > 0 ? sqrt(difference / whole) : 0;
}

/* Adds the errors that an interval's steps would make, judged by the next one. */
static void estimate(const ritz_trajectory *t, void *user, const double *u, double *work,
                     ritz_index count, ritz_solve_report *reports) {
  const size_t bytes = (size_t)state_numbers(t) * sizeof(double);
  double *a = work + ritz_stepper_work(t->step), *b = a + state_numbers(t);
  memcpy(a, u, bytes);
  memcpy(b, u, bytes);
  ritz_stepper_advance(t->step, t->equation.rhs, user, 1, a, work);
  ritz_stepper_advance(t->half_step, t->equation.rhs, user, 2, b, work);
  for (ritz_index s = 0; s < count; s++)
    if (reports[s].reason == RITZ_SOLVE_CONVERGED)
      reports[s].residual += (double)t->steps * distance(t, s, a, b);
}

static void check_finite(const ritz_trajectory *t, const double *u, ritz_index count,
                         ritz_solve_report *reports) {
  for (ritz_index i = 0; i < state_numbers(t); i++)
    if (i % t->lanes < count && !isfinite(u[i]))
      reports[i % t->lanes].reason = RITZ_SOLVE_NOT_FINITE;
}

/* Every refine-th point of each sample's field; `stride` numbers from one sample's to the next's.
 * A sample that overflowed keeps the frame before, or zero without one. */
static void store(const ritz_trajectory *t, void *user, const double *u, double *work,
                  ritz_index count, const ritz_solve_report *reports, const double *before,
                  ritz_index before_stride, double *out, ritz_index stride) {
  const ritz_index refine = t->config->refine, *n = t->box.nodes;
  const ritz_index step0 = n[0] > 1 ? refine : 1, step1 = n[1] > 1 ? refine : 1;
  const size_t bytes = (size_t)(t->nodes[0] * t->nodes[1]) * sizeof(double);
  double *grid = work + ritz_stepper_work(t->step) + 2 * state_numbers(t);
  t->equation.field(user, u, grid);
  for (ritz_index s = 0; s < count; s++) {
    double *to = out + s * stride;
    if (reports[s].reason != RITZ_SOLVE_CONVERGED) {
      if (before)
        memcpy(to, before + s * before_stride, bytes);
      else
        memset(to, 0, bytes);
      continue;
    }
    for (ritz_index i = 0; i < n[0]; i += step0)
      for (ritz_index j = 0; j < n[1]; j += step1) *to++ = grid[(i * n[1] + j) * t->lanes + s];
  }
}

void ritz_trajectory_run(const ritz_trajectory *t, int thread, void *user, double *u,
                         ritz_index count, double *x, double *y, ritz_solve_report *reports) {
  const ritz_index points = t->nodes[0] * t->nodes[1], frames = t->config->frames;
  const ritz_index steps = t->lead_steps + frames * t->steps;
  double *work = t->work[thread];
  for (ritz_index s = 0; s < count; s++)
    reports[s] = (ritz_solve_report){.reason = RITZ_SOLVE_CONVERGED, .iterations = (int)steps};
  if (t->lead) ritz_stepper_advance(t->lead, t->equation.rhs, user, t->lead_steps, u, work);
  check_finite(t, u, count, reports);
  store(t, user, u, work, count, reports, NULL, 0, x, points);
  for (ritz_index f = 0; f < frames; f++) {
    ritz_stepper_advance(t->step, t->equation.rhs, user, t->steps, u, work);
    check_finite(t, u, count, reports);
    estimate(t, user, u, work, count, reports);
    store(t, user, u, work, count, reports, f ? y + (f - 1) * points : x,
          f ? frames * points : points, y + f * points, frames * points);
  }
  for (ritz_index s = 0; s < count; s++)
    if (reports[s].reason == RITZ_SOLVE_CONVERGED && !(reports[s].residual <= t->config->tolerance))
      reports[s].reason = RITZ_SOLVE_INACCURATE;
}
