/* SPDX-License-Identifier: BSD-3-Clause
 * Trajectories of equations on periodic boxes (trajectory.h). */
#include "datasets/trajectory.h"

#include <math.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "io/finite.h"

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

ritz_status ritz_trajectory_init(const ritz_trajectory_config *c, int dim, ritz_trajectory *t) {
  *t = (ritz_trajectory){.config = c, .nodes = {1, 1}};
  ritz_index solver[2];
  const double length[2] = {c->length, c->length};
  for (int a = 0; a < dim; a++) {
    t->nodes[a] = c->resolution.n[c->resolution.count > 1 ? a : 0];
    solver[a] = t->nodes[a] * c->refine;
  }
  t->lead_steps = steps_of(c->start, c->dt);
  t->steps = steps_of(c->interval, c->dt);
  return ritz_periodic_box_init(dim, solver, length, &t->box);
}

/* Of a worker: the scheme's, two states and the field on the solver's grid. */
static ritz_index work_numbers(const ritz_trajectory *t) {
  return ritz_stepper_work(t->step) + 4 * t->box.modes + ritz_periodic_box_points(&t->box);
}

ritz_status ritz_trajectory_plan(ritz_trajectory *t, const ritz_trajectory_equation *equation,
                                 const double *rate, int threads) {
  const ritz_trajectory_config *c = t->config;
  const ritz_stepper_scheme scheme = (ritz_stepper_scheme)c->scheme;
  const double dt = c->interval / (double)t->steps;
  const ritz_index modes = t->box.modes;
  t->equation = *equation;
  if (t->lead_steps)
    RITZ_TRY(
        ritz_stepper_create(scheme, modes, 1, rate, c->start / (double)t->lead_steps, &t->lead));
  RITZ_TRY(ritz_stepper_create(scheme, modes, 1, rate, dt, &t->step));
  RITZ_TRY(ritz_stepper_create(scheme, modes, 1, rate, 0.5 * dt, &t->half_step));
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

static double distance(ritz_index count, const double *a, const double *b) {
  double difference = 0, whole = 0;
  for (ritz_index i = 0; i < count; i++) {
    difference += (a[i] - b[i]) * (a[i] - b[i]);
    whole += b[i] * b[i];
  }
  return whole > 0 ? sqrt(difference / whole) : 0;
}

/* The error that an interval's steps would add, judged by the next one. */
static double estimate(const ritz_trajectory *t, void *user, const double *u, double *work) {
  const ritz_index count = 2 * t->box.modes;
  double *a = work + ritz_stepper_work(t->step), *b = a + count;
  memcpy(a, u, (size_t)count * sizeof *a);
  memcpy(b, u, (size_t)count * sizeof *b);
  ritz_stepper_advance(t->step, t->equation.rhs, user, 1, a, work);
  ritz_stepper_advance(t->half_step, t->equation.rhs, user, 2, b, work);
  return (double)t->steps * distance(count, a, b);
}

/* Every refine-th point of the solver's grid; the same grid is computed in place. */
static void store(const ritz_trajectory *t, void *user, const double *u, double *work,
                  double *out) {
  const ritz_index refine = t->config->refine, *n = t->box.nodes;
  const ritz_index step0 = n[0] > 1 ? refine : 1, step1 = n[1] > 1 ? refine : 1;
  double *grid = work + ritz_stepper_work(t->step) + 4 * t->box.modes;
  t->equation.field(user, u, refine == 1 ? out : grid);
  if (refine == 1) return;
  for (ritz_index i = 0; i < n[0]; i += step0)
    for (ritz_index j = 0; j < n[1]; j += step1) *out++ = grid[i * n[1] + j];
}

static bool is_finite(const ritz_trajectory *t, const double *u) {
  return ritz_first_not_finite(RITZ_FLOAT64, 2 * t->box.modes, u) < 0;
}

void ritz_trajectory_run(const ritz_trajectory *t, int thread, void *user, double *u, double *x,
                         double *y, ritz_solve_report *report) {
  const ritz_index points = t->nodes[0] * t->nodes[1];
  double *work = t->work[thread];
  *report = (ritz_solve_report){.reason = RITZ_SOLVE_CONVERGED};
  if (t->lead) ritz_stepper_advance(t->lead, t->equation.rhs, user, t->lead_steps, u, work);
  report->iterations = (int)t->lead_steps;
  if (!is_finite(t, u)) {
    memset(u, 0, 2 * (size_t)t->box.modes * sizeof *u);
    report->reason = RITZ_SOLVE_NOT_FINITE;
  }
  store(t, user, u, work, x);
  const double *last = x;
  for (ritz_index f = 0; f < t->config->frames; f++, last = y, y += points) {
    if (report->reason == RITZ_SOLVE_CONVERGED) {
      ritz_stepper_advance(t->step, t->equation.rhs, user, t->steps, u, work);
      report->iterations += (int)t->steps;
      if (!is_finite(t, u)) report->reason = RITZ_SOLVE_NOT_FINITE;
    }
    if (report->reason == RITZ_SOLVE_NOT_FINITE) {
      memcpy(y, last, (size_t)points * sizeof *y);
      continue;
    }
    report->residual += estimate(t, user, u, work);
    store(t, user, u, work, y);
  }
  if (report->reason == RITZ_SOLVE_CONVERGED && !(report->residual <= t->config->tolerance))
    report->reason = RITZ_SOLVE_INACCURATE;
}
