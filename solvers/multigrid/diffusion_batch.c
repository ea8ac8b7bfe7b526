/* SPDX-License-Identifier: BSD-3-Clause
 * Conjugate gradients (Saad 2003, Alg. 9.1) with scalars of each kind per lane, or stationary
 * iteration, preconditioned by a multigrid cycle.
 *
 * x iterate in double; r residual over ||b||, z = M r, p direction, q = A p in the cycle's format.
 * Rounding x to float would leave a residual of about ||A|| ||x|| eps; rounding p does no harm,
 * since x and r move by the same p. The error that r gathers, about eps / h of its size, goes when
 * it is recomputed from x in double, every `refresh` steps, with couplings made anew from the
 * coefficient; directions are kept (residual replacement, van der Vorst & Ye 2000,
 * doi:10.1137/S1064827599353865). */
#include "solvers/multigrid/diffusion_batch.h"

#include <math.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "solvers/multigrid/diffusion_system.h"

enum {
  most = ritz_multigrid_most_lanes,
  refresh = 3 /* steps, in which the residual falls by 1e-3 or more */
};

/* What each sample has for itself. */
typedef struct samples {
  bool active[most], fresh[most]; /* still iterating; its next direction is z alone */
  double size[most], scale[most]; /* ||b|| and its inverse, or 1 */
  double goal[most];              /* true residual that makes a restart worth while */
  double rz[most], rr[most], beta[most], alpha[most], work[most];
} samples;

struct ritz_diffusion_batch {
  ritz_diffusion_system system;
  double *ones, *zeros; /* coefficient and right-hand side of a lane without a sample */
  samples lanes;
};

static ritz_status check(int dim, const ritz_index *n, const double *h,
                         const ritz_multigrid_options *o) {
  RITZ_REQUIRE(dim == 2 || dim == 3, RITZ_ERR_ARGUMENT, "dimensions are %d, wanted 2 or 3", dim);
  for (int axis = 0; axis < dim; axis++) {
    RITZ_REQUIRE(n[axis] >= 3, RITZ_ERR_ARGUMENT, "nodes along axis %d are %td, wanted at least 3",
                 axis, n[axis]);
    RITZ_REQUIRE(h[axis] > 0, RITZ_ERR_ARGUMENT,
                 "spacing along axis %d is %g, wanted a positive number", axis, h[axis]);
  }
  RITZ_REQUIRE(o->stationary || o->cycle != RITZ_CYCLE_F, RITZ_ERR_ARGUMENT,
               "an F cycle is not symmetric: conjugate gradients want V or W");
  RITZ_REQUIRE(o->tolerance >= 0, RITZ_ERR_ARGUMENT, "tolerance is %g, wanted at least 0",
               o->tolerance);
  RITZ_REQUIRE(o->max_iterations >= 0, RITZ_ERR_ARGUMENT, "max_iterations is %d, wanted at least 0",
               o->max_iterations);
  return RITZ_OK;
}

ritz_status ritz_diffusion_batch_create(int dim, const ritz_index *n, const double *h,
                                        const ritz_multigrid_options *options,
                                        ritz_diffusion_batch **out) {
  *out = NULL;
  ritz_multigrid_options chosen;
  ritz_multigrid_options_defaults(&chosen);
  if (options) chosen = *options;
  RITZ_TRY(check(dim, n, h, &chosen));
  ritz_status status;
  ritz_diffusion_batch *s;
  RITZ_TRY(RITZ_NEW(1, &s));
  RITZ_TRY_DONE(ritz_diffusion_system_init(dim, n, h, &chosen, &s->system));
  RITZ_TRY_DONE(RITZ_NEW(s->system.size, &s->ones));
  RITZ_TRY_DONE(RITZ_NEW(s->system.size, &s->zeros));
  for (ritz_index k = 0; k < s->system.size; k++) s->ones[k] = 1;
  *out = s;
  return RITZ_OK;
done:
  ritz_diffusion_batch_destroy(&s);
  return status;
}

void ritz_diffusion_batch_destroy(ritz_diffusion_batch **batch) {
  if (!batch || !*batch) return;
  ritz_diffusion_system_clear(&(*batch)->system);
  ritz_free((*batch)->ones);
  ritz_free((*batch)->zeros);
  ritz_free(*batch);
  *batch = NULL;
}

static void stop(samples *of, ritz_index l, ritz_solve_report *report, ritz_solve_reason reason) {
  of->active[l] = false;
  report->reason = reason;
}

/* From r . M r to the scalars of the next direction. */
static void scale_direction(ritz_diffusion_batch *s, ritz_solve_report *reports) {
  samples *of = &s->lanes;
  for (ritz_index l = 0; l < s->system.options.lanes; l++) {
    const double before = of->rz[l];
    of->rz[l] = of->work[l];
    if (of->active[l] && !isfinite(of->rz[l])) stop(of, l, &reports[l], RITZ_SOLVE_NOT_FINITE);
    if (of->active[l] && of->rz[l] <= 0)
      stop(of, l, &reports[l], RITZ_SOLVE_INDEFINITE_PRECONDITIONER);
    const bool kept = of->active[l] && !of->fresh[l] && !s->system.options.stationary;
    of->beta[l] = kept ? of->rz[l] / before : 0;
    of->fresh[l] = false;
  }
}

static void choose_step(ritz_diffusion_batch *s, ritz_solve_report *reports) {
  samples *of = &s->lanes;
  for (ritz_index l = 0; l < s->system.options.lanes; l++) {
    const double pq = of->work[l];
    if (of->active[l] && !isfinite(pq)) stop(of, l, &reports[l], RITZ_SOLVE_NOT_FINITE);
    if (of->active[l] && pq <= 0) stop(of, l, &reports[l], RITZ_SOLVE_INDEFINITE_OPERATOR);
    of->alpha[l] = !of->active[l] ? 0 : s->system.options.stationary ? 1 : of->rz[l] / pq;
  }
}

/* What a step has brought. @return  Whether any sample is still active. */
static bool watch(ritz_diffusion_batch *s, ritz_solve_report *reports) {
  samples *of = &s->lanes;
  bool any = false;
  for (ritz_index l = 0; l < s->system.options.lanes; l++) {
    if (!of->active[l]) continue;
    ritz_solve_report *report = &reports[l];
    report->iterations++;
    report->products++;
    const double residual = sqrt(of->rr[l]);
    if (!isfinite(residual))
      stop(of, l, report, RITZ_SOLVE_NOT_FINITE);
    else if (residual <= s->system.options.tolerance)
      stop(of, l, report, RITZ_SOLVE_CONVERGED);
    else if (report->iterations >= s->system.options.max_iterations)
      stop(of, l, report, RITZ_SOLVE_MAX_ITERATIONS);
    any |= of->active[l];
  }
  return any;
}

/* A first guess, by a step of length one along it. @return  Whether any sample is still active. */
static bool start(ritz_diffusion_batch *s, ritz_solve_report *reports) {
  samples *of = &s->lanes;
  bool any = false;
  if (!ritz_diffusion_start(&s->system)) return true;
  for (ritz_index l = 0; l < s->system.options.lanes; l++) {
    of->alpha[l] = of->active[l];
    reports[l].products += of->active[l];
  }
  ritz_diffusion_direction(&s->system, of->beta, of->work);
  ritz_diffusion_step(&s->system, of->alpha, of->size, of->rr);
  for (ritz_index l = 0; l < s->system.options.lanes; l++) {
    if (of->active[l] && sqrt(of->rr[l]) <= s->system.options.tolerance)
      stop(of, l, &reports[l], RITZ_SOLVE_CONVERGED);
    any |= of->active[l];
  }
  return any;
}

/* Steps until no sample is active. */
static void iterate(ritz_diffusion_batch *s, const double *const *b, ritz_solve_report *reports) {
  ritz_diffusion_system *system = &s->system;
  samples *of = &s->lanes;
  for (int step = 1;; step++) {
    ritz_diffusion_cycle(system, of->work);
    scale_direction(s, reports);
    ritz_diffusion_direction(system, of->beta, of->work);
    choose_step(s, reports);
    ritz_diffusion_step(system, of->alpha, of->size, of->rr);
    if (!watch(s, reports)) return;
    if (step % refresh == 0) ritz_diffusion_residual(system, b, of->scale, of->rr);
  }
}

/* After the true residual of all: samples whose recurrence promised too much go on while that at
 * least halves the residual. @return  Whether any does. */
static bool judge(ritz_diffusion_batch *s, ritz_index count, ritz_solve_report *reports) {
  samples *of = &s->lanes;
  bool any = false;
  for (ritz_index l = 0; l < count; l++) {
    ritz_solve_report *report = &reports[l];
    if (!(of->size[l] > 0) || !isfinite(of->size[l])) continue;
    report->products++;
    report->residual = sqrt(of->rr[l]) / of->size[l];
    if (report->residual <= s->system.options.tolerance) {
      report->reason = RITZ_SOLVE_CONVERGED;
    } else if (report->reason == RITZ_SOLVE_CONVERGED) {
      of->active[l] =
          report->residual <= of->goal[l] && report->iterations < s->system.options.max_iterations;
      if (!of->active[l])
        report->reason =
            report->residual <= of->goal[l] ? RITZ_SOLVE_MAX_ITERATIONS : RITZ_SOLVE_STAGNATED;
      of->goal[l] = 0.5 * report->residual;
    }
    any |= of->active[l];
  }
  return any;
}

/* Zero guess. @return  Whether any sample is active. */
static bool begin(ritz_diffusion_batch *s, ritz_index count, const double *const *b,
                  ritz_solve_report *reports) {
  samples *of = &s->lanes;
  bool any = false;
  ritz_diffusion_zero(&s->system);
  memset(of, 0, sizeof *of);
  for (ritz_index l = 0; l < s->system.options.lanes; l++) {
    const double size =
        l > 0 && b[l] == b[l - 1] ? of->size[l - 1] : ritz_diffusion_norm(&s->system, b[l]);
    of->size[l] = size;
    of->scale[l] = size > 0 && isfinite(size) ? 1 / size : 1;
    of->goal[l] = 0.5;
    of->active[l] = l < count && size > 0 && isfinite(size) && s->system.options.max_iterations > 0;
    reports[l] = (ritz_solve_report){
        .reason = RITZ_SOLVE_MAX_ITERATIONS, .residual = 1, .initial_residual = 1};
    if (size == 0) reports[l] = (ritz_solve_report){.reason = RITZ_SOLVE_ZERO_RHS};
    if (!isfinite(size))
      reports[l] = (ritz_solve_report){
          .reason = RITZ_SOLVE_NOT_FINITE, .residual = NAN, .initial_residual = NAN};
    any |= of->active[l];
  }
  return any;
}

void ritz_diffusion_batch_solve(ritz_diffusion_batch *batch, ritz_index count, ritz_face_mean mean,
                                const double *const *a, const double *const *b, double *const *u,
                                ritz_solve_report *reports) {
  ritz_diffusion_batch *s = batch;
  samples *of = &s->lanes;
  const double *coefficient[most] = {0}, *right[most] = {0};
  ritz_solve_report report[most];
  for (ritz_index l = 0; l < s->system.options.lanes; l++) {
    coefficient[l] = l < count ? a[l] : s->ones;
    right[l] = l < count ? b[l] : s->zeros;
  }
  ritz_diffusion_setup(&s->system, coefficient, mean);
  bool any = begin(s, count, right, report);
  if (any) ritz_diffusion_residual(&s->system, right, of->scale, of->rr);
  bool going = any && start(s, report);
  while (any) {
    memset(of->fresh, true, sizeof of->fresh);
    if (going) iterate(s, right, report);
    ritz_diffusion_residual(&s->system, right, of->scale, of->rr);
    any = going = judge(s, count, report);
  }
  ritz_diffusion_take(&s->system, count, u);
  memcpy(reports, report, (size_t)count * sizeof *reports);
}
