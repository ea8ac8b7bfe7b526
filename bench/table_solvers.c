/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/table_solvers.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "core/fail.h"
#include "core/memory.h"

static const double tolerance = 1e-8;

/* An iteration stops at this many times the seconds of the call. */
static const double patience = 10;
enum { iterations_most = 5000 };

/* Plans --------------------------------------------------------------------------------------- */

static ritz_status create_batch(table_solver *t) {
  const table_systems *s = t->systems;
  ritz_multigrid_options o;
  ritz_multigrid_options_defaults(&o);
  if (t->how->all_double) o.dtype = RITZ_FLOAT64;
  if (t->how->alone || t->how->strips) o.lanes = 1;
  if (t->how->strips) o.strips = ritz_darcy_strips;
  if (t->how->sweeps) o.sweeps = t->how->sweeps;
  o.cycle = t->how->cycle;
  o.stationary = t->how->stationary;
  o.tolerance = tolerance;
  t->lanes = o.lanes;
  return ritz_diffusion_batch_create(s->dim, s->nodes, s->h, &o, &t->batch);
}

static ritz_status create_box(table_solver *t, bool lognormal) {
  const table_systems *s = t->systems;
  RITZ_TRY(ritz_fast_poisson_create(RITZ_FLOAT32, s->nodes[0] - 2, s->nodes[1] - 2,
                                    s->h[1] / s->h[0], s->h[0] / s->h[1], &t->poisson));
  const ritz_darcy_krylov_options o = {.n0 = s->nodes[0],
                                       .n1 = s->nodes[1],
                                       .preconditioner = RITZ_DARCY_POISSON,
                                       .poisson = t->poisson,
                                       .symmetric = lognormal,
                                       .mean = s->mean,
                                       .tolerance = tolerance,
                                       .max_iterations = iterations_most};
  return ritz_darcy_krylov_create(&o, &t->box);
}

/* A monitor. */
static bool goes_on(void *user, int iteration, double residual) {
  (void)iteration, (void)residual;
  return ritz_clock_seconds() < ((const table_solver *)user)->deadline;
}

static ritz_status create_sparse(table_solver *t) {
  table_systems *s = t->systems;
  const ritz_index *n = s->nodes;
  ritz_krylov_options o;
  char box[96];
  ritz_krylov_options_defaults(&o);
  o.method = t->how->krylov;
  o.rtol = tolerance;
  o.max_iterations = iterations_most;
  if (t->how->restart) o.restart = t->how->restart;
  o.recycle = t->how->recycle;
  RITZ_TRY(ritz_krylov_create(RITZ_REAL_DOUBLE, s->unknowns, &o, &t->krylov));
  RITZ_TRY(ritz_krylov_add_monitor(t->krylov, goes_on, t));
  if (s->dim == 2)
    snprintf(box, sizeof box, "{unknowns: [%td, %td]}", n[0] - 2, n[1] - 2);
  else
    snprintf(box, sizeof box, "{unknowns: [%td, %td, %td]}", n[0] - 2, n[1] - 2, n[2] - 2);
  const bool wants_box = t->how->options && strcmp(t->how->options, "box") == 0;
  table_systems_set(s, 0);
  return ritz_preconditioner_create(t->how->preconditioner, wants_box ? box : t->how->options,
                                    s->matrix, &t->m);
}

ritz_status table_solver_create(const table_method *how, table_systems *systems, bool lognormal,
                                double *u, table_solver *t) {
  *t = (table_solver){.how = how, .systems = systems, .samples = systems->count, .u = u};
  RITZ_TRY(RITZ_NEW(systems->count, &t->reports));
  if (how->kind == TABLE_BATCH) return create_batch(t);
  return how->kind == TABLE_BOX ? create_box(t, lognormal) : create_sparse(t);
}

void table_solver_clear(table_solver *t) {
  ritz_diffusion_batch_destroy(&t->batch);
  ritz_darcy_krylov_destroy(&t->box);
  ritz_fast_poisson_destroy(&t->poisson);
  ritz_krylov_destroy(&t->krylov);
  ritz_preconditioner_destroy(&t->m);
  ritz_free(t->reports);
}

/* Solution ------------------------------------------------------------------------------------ */

static void solve_batch(table_solver *t, ritz_index first) {
  const table_systems *s = t->systems;
  const double *a[ritz_multigrid_most_lanes], *b[ritz_multigrid_most_lanes];
  double *u[ritz_multigrid_most_lanes];
  const ritz_index left = t->samples - first, count = left < t->lanes ? left : t->lanes;
  for (ritz_index i = 0; i < count; i++) {
    a[i] = s->a + (first + i) * s->size;
    b[i] = s->b;
    u[i] = t->u + (first + i) * s->size;
  }
  ritz_diffusion_batch_solve(t->batch, count, s->mean, a, b, u, t->reports + first);
}

static ritz_status solve_sparse(table_solver *t, ritz_index sample) {
  table_systems *s = t->systems;
  table_systems_set(s, sample);
  RITZ_TRY(ritz_preconditioner_update(t->m));
  ritz_krylov_set_operator(t->krylov, ritz_sparse_apply, s->matrix);
  ritz_krylov_set_preconditioner(t->krylov, ritz_preconditioner_apply, t->m);
  return ritz_krylov_solve(t->krylov, s->b_inner, t->u + sample * s->size, &t->reports[sample]);
}

/* One sample, or a batch of them. @return  The next one. */
static ritz_index solve_next(table_solver *t, ritz_index sample) {
  const table_systems *s = t->systems;
  if (t->batch) {
    solve_batch(t, sample);
    return sample + t->lanes;
  }
  if (t->box) {
    ritz_darcy_krylov_solve(t->box, s->a + sample * s->size, s->b, t->u + sample * s->size,
                            &t->reports[sample]);
  } else {
    const ritz_status status = solve_sparse(t, sample);
    if (status != RITZ_OK) t->status = status;
  }
  return sample + 1;
}

static void begin(table_solver *t) {
  ritz_recycle *space = t->krylov ? ritz_krylov_recycle(t->krylov) : NULL;
  if (space) ritz_recycle_reset(space);
}

static void run(void *solver) {
  table_solver *t = solver;
  t->deadline = INFINITY;
  begin(t);
  for (ritz_index sample = 0; sample < t->samples;) sample = solve_next(t, sample);
}

/* Residuals of all samples by the matrices; multigrid's solutions are at all nodes. */
static void recompute(table_solver *t) {
  table_systems *s = t->systems;
  for (ritz_index sample = 0; sample < t->samples; sample++) {
    double *u = t->u + sample * s->size;
    if (!t->krylov)
      for (ritz_index k = 0; k < s->size; k++) /* rows are in the order of nodes */
        if (s->row[k] >= 0) u[s->row[k]] = u[k];
    table_systems_set(s, sample);
    t->reports[sample].residual = table_systems_residual(s, u);
    if (!(t->reports[sample].residual <= 1.01 * tolerance) && t->reports[sample].reason > 0)
      t->reports[sample].reason = RITZ_SOLVE_INACCURATE;
  }
}

ritz_status table_solver_check(const bench_call *call, table_solver *t, table_row *row) {
  const double most = table_seconds_most(call);
  const double start = ritz_clock_seconds();
  begin(t);
  for (ritz_index sample = 0; sample < t->samples && t->status == RITZ_OK;) {
    t->deadline = ritz_clock_seconds() + patience * fmax(0.1, call->seconds);
    sample = solve_next(t, sample);
    if (ritz_clock_seconds() - start > most && sample < t->samples) t->samples = sample;
  }
  row->trial = ritz_clock_seconds() - start;
  RITZ_TRY(t->status);
  recompute(t);
  snprintf(row->name, sizeof row->name, "%s", t->how->name);
  row->job = (bench_job){run, t};
  row->samples = t->samples;
  table_row_count(row, t->reports);
  return RITZ_OK;
}
