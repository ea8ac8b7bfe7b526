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
#include "kernels/kernels.h"

enum {
  most = ritz_multigrid_most_lanes,
  refresh = 3 /* steps, in which the residual falls by about 1e-3 */
};

/* What each sample has for itself. */
typedef struct samples {
  bool active[most], fresh[most]; /* still iterating; its next direction is z alone */
  double size[most], scale[most]; /* ||b|| and its inverse, or 1 */
  double goal[most];              /* true residual that makes a restart worth while */
  double rz[most], rr[most], beta[most], alpha[most], work[most];
} samples;

struct ritz_diffusion_batch {
  ritz_multigrid_options options;
  const ritz_kernels *kernels;
  ritz_multigrid *multigrid;
  ritz_index n0, n1; /* nodes */
  double c0, c1;     /* h1/h0, h0/h1 */
  const ritz_box *box;
  void *fields;
  void *r, *z, *p, *q;  /* of the cycle's format */
  double *iterates, *x; /* the block of x; its point (0, 0) */
  double *buffers;      /* rows of the couplings, and f */
  double *ones, *zeros; /* coefficient and right-hand side of a lane without a sample */
  ritz_coupling_rows rows;
  double *f;
  samples lanes;
};

static ritz_status create_fields(ritz_diffusion_batch *s) {
  const ritz_index size = ritz_box_size(s->box), origin = ritz_box_origin(s->box);
  const size_t bytes = ritz_dtype_size(s->options.dtype);
  void **const fields[] = {&s->r, &s->z, &s->p, &s->q};
  RITZ_TRY(ritz_calloc(4 * size, bytes, &s->fields));
  for (int i = 0; i < 4; i++) *fields[i] = (char *)s->fields + (size_t)(i * size + origin) * bytes;
  RITZ_TRY(RITZ_NEW(size, &s->iterates));
  s->x = s->iterates + origin;
  RITZ_TRY(RITZ_NEW(6 * s->box->row, &s->buffers));
  s->f = s->buffers;
  double **const rows[] = {&s->rows.here, &s->rows.below, &s->rows.north, &s->rows.south,
                           &s->rows.east};
  for (int i = 0; i < 5; i++) *rows[i] = s->buffers + (i + 1) * s->box->row;
  RITZ_TRY(RITZ_NEW(s->n0 * s->n1, &s->ones));
  RITZ_TRY(RITZ_NEW(s->n0 * s->n1, &s->zeros));
  for (ritz_index k = 0; k < s->n0 * s->n1; k++) s->ones[k] = 1;
  return RITZ_OK;
}

static ritz_status check(ritz_index n0, ritz_index n1, double h0, double h1,
                         const ritz_multigrid_options *o) {
  RITZ_REQUIRE(n0 >= 3 && n1 >= 3, RITZ_ERR_ARGUMENT,
               "grid is [%td, %td] nodes, wanted at least 3 per axis", n0, n1);
  RITZ_REQUIRE(h0 > 0 && h1 > 0, RITZ_ERR_ARGUMENT, "spacing is %g, %g, wanted positive numbers",
               h0, h1);
  RITZ_REQUIRE(o->stationary || o->cycle != RITZ_CYCLE_F, RITZ_ERR_ARGUMENT,
               "an F cycle is not symmetric: conjugate gradients want V or W");
  RITZ_REQUIRE(o->tolerance >= 0, RITZ_ERR_ARGUMENT, "tolerance is %g, wanted at least 0",
               o->tolerance);
  RITZ_REQUIRE(o->max_iterations >= 0, RITZ_ERR_ARGUMENT, "max_iterations is %d, wanted at least 0",
               o->max_iterations);
  return RITZ_OK;
}

ritz_status ritz_diffusion_batch_create(ritz_index n0, ritz_index n1, double h0, double h1,
                                        const ritz_multigrid_options *options,
                                        ritz_diffusion_batch **out) {
  *out = NULL;
  ritz_multigrid_options chosen;
  ritz_multigrid_options_defaults(&chosen);
  if (options) chosen = *options;
  RITZ_TRY(check(n0, n1, h0, h1, &chosen));
  ritz_status status;
  ritz_diffusion_batch *s;
  RITZ_TRY(RITZ_NEW(1, &s));
  s->options = chosen;
  s->kernels = ritz_kernels_get(chosen.dtype);
  s->n0 = n0;
  s->n1 = n1;
  s->c0 = h1 / h0;
  s->c1 = h0 / h1;
  RITZ_TRY_DONE(ritz_multigrid_create(n0 - 2, n1 - 2, &chosen, &s->multigrid));
  s->box = ritz_multigrid_box(s->multigrid);
  RITZ_TRY_DONE(create_fields(s));
  *out = s;
  return RITZ_OK;
done:
  ritz_diffusion_batch_destroy(&s);
  return status;
}

void ritz_diffusion_batch_destroy(ritz_diffusion_batch **batch) {
  if (!batch || !*batch) return;
  ritz_multigrid_destroy(&(*batch)->multigrid);
  ritz_free((*batch)->fields);
  ritz_free((*batch)->iterates);
  ritz_free((*batch)->buffers);
  ritz_free((*batch)->ones);
  ritz_free((*batch)->zeros);
  ritz_free(*batch);
  *batch = NULL;
}

/* r = (b - A x) / ||b||, and |b - A x|^2 in rr. */
static void true_residual(ritz_diffusion_batch *s, const double *const *b) {
  samples *of = &s->lanes;
  const ritz_box *box = s->box;
  const double *row[most];
  memset(of->rr, 0, sizeof of->rr);
  ritz_coupling_rows_begin(&s->rows);
  for (ritz_index i = 1; i <= box->n0; i++) {
    for (ritz_index l = 0; l < box->lanes; l++) row[l] = b[l] + i * s->n1;
    ritz_box_gather(box->lanes, s->n1, row, s->f);
    ritz_coupling_rows_next(&s->rows, i);
    const ritz_index at = i * box->row;
    s->kernels->box_residual(box->n1, box->lanes, box->row, s->f, s->rows.east, s->rows.north,
                             s->rows.south, s->x + at, of->scale,
                             (char *)s->r + (size_t)at * ritz_dtype_size(s->options.dtype), of->rr);
  }
}

static void stop(samples *of, ritz_index l, ritz_solve_report *report, ritz_solve_reason reason) {
  of->active[l] = false;
  report->reason = reason;
}

/* From r . M r to the scalars of the next direction. */
static void scale_direction(ritz_diffusion_batch *s, ritz_solve_report *reports) {
  samples *of = &s->lanes;
  for (ritz_index l = 0; l < s->box->lanes; l++) {
    const double before = of->rz[l];
    of->rz[l] = of->work[l];
    if (of->active[l] && !isfinite(of->rz[l])) stop(of, l, &reports[l], RITZ_SOLVE_NOT_FINITE);
    if (of->active[l] && of->rz[l] <= 0)
      stop(of, l, &reports[l], RITZ_SOLVE_INDEFINITE_PRECONDITIONER);
    const bool kept = of->active[l] && !of->fresh[l] && !s->options.stationary;
    of->beta[l] = kept ? of->rz[l] / before : 0;
    of->fresh[l] = false;
  }
}

static void choose_step(ritz_diffusion_batch *s, ritz_solve_report *reports) {
  samples *of = &s->lanes;
  for (ritz_index l = 0; l < s->box->lanes; l++) {
    const double pq = of->work[l];
    if (of->active[l] && !isfinite(pq)) stop(of, l, &reports[l], RITZ_SOLVE_NOT_FINITE);
    if (of->active[l] && pq <= 0) stop(of, l, &reports[l], RITZ_SOLVE_INDEFINITE_OPERATOR);
    of->alpha[l] = !of->active[l] ? 0 : s->options.stationary ? 1 : of->rz[l] / pq;
  }
}

/* What a step has brought. @return  Whether any sample is still active. */
static bool watch(ritz_diffusion_batch *s, ritz_solve_report *reports) {
  samples *of = &s->lanes;
  bool any = false;
  for (ritz_index l = 0; l < s->box->lanes; l++) {
    if (!of->active[l]) continue;
    ritz_solve_report *report = &reports[l];
    report->iterations++;
    report->products++;
    const double residual = sqrt(of->rr[l]);
    if (!isfinite(residual))
      stop(of, l, report, RITZ_SOLVE_NOT_FINITE);
    else if (residual <= s->options.tolerance)
      stop(of, l, report, RITZ_SOLVE_CONVERGED);
    else if (report->iterations >= s->options.max_iterations)
      stop(of, l, report, RITZ_SOLVE_MAX_ITERATIONS);
    any |= of->active[l];
  }
  return any;
}

/* Steps until no sample is active. */
static void iterate(ritz_diffusion_batch *s, const double *const *b, ritz_solve_report *reports) {
  samples *of = &s->lanes;
  for (int step = 1;; step++) {
    ritz_multigrid_cycle(s->multigrid, s->r, s->z, of->work);
    scale_direction(s, reports);
    s->kernels->box_direction(s->box, s->z, of->beta, s->p, s->q, of->work);
    choose_step(s, reports);
    s->kernels->box_step(s->box, of->alpha, of->size, s->p, s->q, s->x, s->r, of->rr);
    if (!watch(s, reports)) return;
    if (step % refresh == 0) true_residual(s, b);
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
    if (report->residual <= s->options.tolerance) {
      report->reason = RITZ_SOLVE_CONVERGED;
    } else if (report->reason == RITZ_SOLVE_CONVERGED) {
      of->active[l] =
          report->residual <= of->goal[l] && report->iterations < s->options.max_iterations;
      if (!of->active[l])
        report->reason =
            report->residual <= of->goal[l] ? RITZ_SOLVE_MAX_ITERATIONS : RITZ_SOLVE_STAGNATED;
      of->goal[l] = 0.5 * report->residual;
    }
    any |= of->active[l];
  }
  return any;
}

static double norm_inside(const ritz_diffusion_batch *s, const double *b) {
  double sum = 0;
  for (ritz_index i = 1; i < s->n0 - 1; i++)
    for (ritz_index j = 1; j < s->n1 - 1; j++) sum += b[i * s->n1 + j] * b[i * s->n1 + j];
  return sqrt(sum);
}

/* Zero guess. @return  Whether any sample is active. */
static bool begin(ritz_diffusion_batch *s, ritz_index count, const double *const *b,
                  ritz_solve_report *reports) {
  samples *of = &s->lanes;
  bool any = false;
  memset(s->iterates, 0, (size_t)ritz_box_size(s->box) * sizeof *s->x);
  memset(of, 0, sizeof *of);
  for (ritz_index l = 0; l < s->box->lanes; l++) {
    const double size = l > 0 && b[l] == b[l - 1] ? of->size[l - 1] : norm_inside(s, b[l]);
    of->size[l] = size;
    of->scale[l] = size > 0 && isfinite(size) ? 1 / size : 1;
    of->goal[l] = 0.5;
    of->active[l] = l < count && size > 0 && isfinite(size) && s->options.max_iterations > 0;
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

/* x of lane l, and the boundary. */
static void take(const ritz_diffusion_batch *s, ritz_index count, double *const *u) {
  const ritz_index step = s->box->lanes;
  for (ritz_index l = 0; l < count; l++) {
    memset(u[l], 0, (size_t)s->n1 * sizeof **u);
    memset(u[l] + (s->n0 - 1) * s->n1, 0, (size_t)s->n1 * sizeof **u);
  }
  enum { strip = 8 };
  for (ritz_index i = 1; i <= s->box->n0; i++)
    for (ritz_index j = 0; j < s->n1; j += strip)
      for (ritz_index l = 0; l < count; l++)
        for (ritz_index k = j; k < s->n1 && k < j + strip; k++)
          u[l][i * s->n1 + k] = s->x[i * s->box->row + k * step + l]; /* its frame is zero */
}

void ritz_diffusion_batch_solve(ritz_diffusion_batch *batch, ritz_index count, ritz_face_mean mean,
                                const double *const *a, const double *const *b, double *const *u,
                                ritz_solve_report *reports) {
  ritz_diffusion_batch *s = batch;
  const double *coefficient[most], *right[most];
  ritz_solve_report report[most];
  for (ritz_index l = 0; l < s->box->lanes; l++) {
    coefficient[l] = l < count ? a[l] : s->ones;
    right[l] = l < count ? b[l] : s->zeros;
  }
  s->rows.a = coefficient;
  s->rows.n1 = s->box->n1;
  s->rows.lanes = s->box->lanes;
  s->rows.c0 = s->c0;
  s->rows.c1 = s->c1;
  s->rows.mean = mean;
  ritz_multigrid_setup(s->multigrid, &s->rows);
  bool any = begin(s, count, right, report);
  if (any) true_residual(s, right);
  while (any) {
    memset(s->lanes.fresh, true, sizeof s->lanes.fresh);
    iterate(s, right, report);
    true_residual(s, right);
    any = judge(s, count, report);
  }
  take(s, count, u);
  memcpy(reports, report, (size_t)count * sizeof *reports);
}
