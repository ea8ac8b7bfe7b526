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
#include "solvers/multigrid/cuboid.h"

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
  const ritz_solver_kernels *kernels;
  int dim;
  ritz_index n[3];   /* nodes */
  ritz_index size;   /* of all of them */
  ritz_index length; /* numbers of a field in the hierarchy's shape */
  /* Two dimensions */
  ritz_multigrid *multigrid;
  const ritz_box *box;
  ritz_coupling_rows rows;
  /* Three */
  ritz_cuboid_multigrid *cuboid_multigrid;
  const ritz_cuboid *cuboid;
  ritz_cuboid_rows cuboid_rows;

  void *fields;
  void *r, *z, *p, *q;  /* of the cycle's format, at the first corner of the boundary */
  double *iterates, *x; /* the block of x; its first corner */
  double *buffers;      /* rows of the couplings, and f */
  double *f;
  double *ones, *zeros; /* coefficient and right-hand side of a lane without a sample */
  samples lanes;
};

static ritz_index row_numbers(const ritz_diffusion_batch *s) {
  return s->dim == 2 ? s->box->row : s->cuboid->row;
}

static ritz_status create_fields(ritz_diffusion_batch *s) {
  const ritz_index origin = s->dim == 2 ? ritz_box_origin(s->box) : 0;
  const ritz_index row = row_numbers(s);
  const size_t bytes = ritz_dtype_size(s->options.dtype);
  void **const fields[] = {&s->r, &s->z, &s->p, &s->q};
  s->length = s->dim == 2 ? ritz_box_size(s->box) : ritz_cuboid_size(s->cuboid);
  RITZ_TRY(ritz_calloc(4 * s->length, bytes, &s->fields));
  for (int i = 0; i < 4; i++)
    *fields[i] = (char *)s->fields + (size_t)(i * s->length + origin) * bytes;
  RITZ_TRY(RITZ_NEW(s->length, &s->iterates));
  s->x = s->iterates + origin;
  RITZ_TRY(RITZ_NEW(11 * row, &s->buffers));
  s->f = s->buffers;
  double **const rows[] = {&s->rows.here, &s->rows.below, &s->rows.north, &s->rows.south,
                           &s->rows.east};
  for (int i = 0; i < 5; i++) {
    *rows[i] = s->cuboid_rows.node[i] = s->buffers + (i + 1) * row;
    s->cuboid_rows.coupling[i] = s->buffers + (i + 6) * row;
  }
  RITZ_TRY(RITZ_NEW(s->size, &s->ones));
  RITZ_TRY(RITZ_NEW(s->size, &s->zeros));
  for (ritz_index k = 0; k < s->size; k++) s->ones[k] = 1;
  return RITZ_OK;
}

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

static ritz_status create_hierarchy(ritz_diffusion_batch *s, const double *h) {
  if (s->dim == 2) {
    s->rows = (ritz_coupling_rows){.kernels = ritz_solver_kernels_get(RITZ_FLOAT64),
                                   .n1 = s->n[1] - 2,
                                   .lanes = s->options.lanes,
                                   .c0 = h[1] / h[0],
                                   .c1 = h[0] / h[1]};
    RITZ_TRY(ritz_multigrid_create(s->n[0] - 2, s->n[1] - 2, &s->options, &s->multigrid));
    s->box = ritz_multigrid_box(s->multigrid);
    return RITZ_OK;
  }
  s->cuboid_rows = (ritz_cuboid_rows){.kernels = ritz_solver_kernels_get(RITZ_FLOAT64),
                                      .lanes = s->options.lanes};
  for (int axis = 0; axis < 3; axis++) {
    s->cuboid_rows.n[axis] = s->n[axis] - 2;
    s->cuboid_rows.c[axis] = h[0] * h[1] * h[2] / (h[axis] * h[axis]);
  }
  RITZ_TRY(ritz_cuboid_multigrid_create(s->cuboid_rows.n, &s->options, &s->cuboid_multigrid));
  s->cuboid = ritz_cuboid_multigrid_box(s->cuboid_multigrid);
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
  s->options = chosen;
  s->kernels = ritz_solver_kernels_get(chosen.dtype);
  s->dim = dim;
  s->size = 1;
  for (int axis = 0; axis < dim; axis++) {
    s->n[axis] = n[axis];
    s->size *= n[axis];
  }
  RITZ_TRY_DONE(create_hierarchy(s, h));
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
  ritz_cuboid_multigrid_destroy(&(*batch)->cuboid_multigrid);
  ritz_free((*batch)->fields);
  ritz_free((*batch)->iterates);
  ritz_free((*batch)->buffers);
  ritz_free((*batch)->ones);
  ritz_free((*batch)->zeros);
  ritz_free(*batch);
  *batch = NULL;
}

/* Lines of unknowns: where they begin among the nodes of a sample, and in a field. */
typedef struct line {
  ritz_index i, j; /* plane and row; in two dimensions i is the row */
  ritz_index node, at;
} line;

static ritz_index line_count(const ritz_diffusion_batch *s) {
  return (s->n[0] - 2) * (s->dim == 3 ? s->n[1] - 2 : 1);
}

static line line_of(const ritz_diffusion_batch *s, ritz_index number) {
  if (s->dim == 2) {
    const ritz_index i = number + 1;
    return (line){.i = i, .node = i * s->n[1], .at = i * s->box->row};
  }
  const ritz_index i = number / (s->n[1] - 2) + 1, j = number % (s->n[1] - 2) + 1;
  return (line){.i = i,
                .j = j,
                .node = (i * s->n[1] + j) * s->n[2],
                .at = i * s->cuboid->plane + j * s->cuboid->row};
}

/* The residual in one line, f at hand. */
static void line_residual(ritz_diffusion_batch *s, const line *of) {
  samples *mine = &s->lanes;
  void *r = (char *)s->r + (size_t)of->at * ritz_dtype_size(s->options.dtype);
  if (s->dim == 2) {
    ritz_coupling_rows_next(&s->rows, of->i);
    s->kernels->box_residual(s->box->n1, s->box->lanes, s->box->row, s->f, s->rows.east,
                             s->rows.north, s->rows.south, s->x + of->at, mine->scale, r, mine->rr);
  } else {
    ritz_cuboid_rows_make(&s->cuboid_rows, of->i, of->j);
    s->kernels->cuboid_residual(s->cuboid, s->f, (const double *const *)s->cuboid_rows.coupling,
                                s->x + of->at, mine->scale, r, mine->rr);
  }
}

/* r = (b - A x) / ||b||, and |b - A x|^2 in rr. */
static void true_residual(ritz_diffusion_batch *s, const double *const *b) {
  const double *row[most];
  memset(s->lanes.rr, 0, sizeof s->lanes.rr);
  if (s->dim == 2) ritz_coupling_rows_begin(&s->rows);
  for (ritz_index number = 0; number < line_count(s); number++) {
    const line of = line_of(s, number);
    for (ritz_index l = 0; l < s->options.lanes; l++) row[l] = b[l] + of.node;
    ritz_box_gather(s->options.lanes, s->n[s->dim - 1], row, s->f);
    line_residual(s, &of);
  }
}

static void setup(ritz_diffusion_batch *s, const double *const *a, ritz_face_mean mean) {
  s->rows.a = s->cuboid_rows.a = a;
  s->rows.mean = s->cuboid_rows.mean = mean;
  if (s->dim == 2)
    ritz_multigrid_setup(s->multigrid, &s->rows);
  else
    ritz_cuboid_multigrid_setup(s->cuboid_multigrid, &s->cuboid_rows);
}

/* z = M r, work = r . z. */
static void cycle(ritz_diffusion_batch *s) {
  if (s->dim == 2)
    ritz_multigrid_cycle(s->multigrid, s->r, s->z, s->lanes.work);
  else
    ritz_cuboid_multigrid_cycle(s->cuboid_multigrid, s->r, s->z, s->lanes.work);
}

/* p = z + beta p, q = A p, work = p . q. */
static void turn(ritz_diffusion_batch *s) {
  samples *of = &s->lanes;
  if (s->dim == 2)
    s->kernels->box_direction(s->box, s->z, of->beta, s->p, s->q, of->work);
  else
    s->kernels->cuboid_direction(s->cuboid, s->z, of->beta, s->p, s->q, of->work);
}

static void advance(ritz_diffusion_batch *s) {
  samples *of = &s->lanes;
  if (s->dim == 2)
    s->kernels->box_step(s->box, of->alpha, of->size, s->p, s->q, s->x, s->r, of->rr);
  else
    s->kernels->cuboid_step(s->cuboid, of->alpha, of->size, s->p, s->q, s->x, s->r, of->rr);
}

static void stop(samples *of, ritz_index l, ritz_solve_report *report, ritz_solve_reason reason) {
  of->active[l] = false;
  report->reason = reason;
}

/* From r . M r to the scalars of the next direction. */
static void scale_direction(ritz_diffusion_batch *s, ritz_solve_report *reports) {
  samples *of = &s->lanes;
  for (ritz_index l = 0; l < s->options.lanes; l++) {
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
  for (ritz_index l = 0; l < s->options.lanes; l++) {
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
  for (ritz_index l = 0; l < s->options.lanes; l++) {
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
  for (int step = 1;; step++) {
    cycle(s);
    scale_direction(s, reports);
    turn(s);
    choose_step(s, reports);
    advance(s);
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
  for (ritz_index number = 0; number < line_count(s); number++) {
    const double *row = b + line_of(s, number).node;
    for (ritz_index j = 1; j < s->n[s->dim - 1] - 1; j++) sum += row[j] * row[j];
  }
  return sqrt(sum);
}

/* Zero guess. @return  Whether any sample is active. */
static bool begin(ritz_diffusion_batch *s, ritz_index count, const double *const *b,
                  ritz_solve_report *reports) {
  samples *of = &s->lanes;
  bool any = false;
  memset(s->iterates, 0, (size_t)s->length * sizeof *s->x);
  /* Directions too: 0 p is not zero where an earlier sample has left a NaN. */
  memset(s->fields, 0, (size_t)(4 * s->length) * ritz_dtype_size(s->options.dtype));
  memset(of, 0, sizeof *of);
  for (ritz_index l = 0; l < s->options.lanes; l++) {
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

/* x of each sample; boundaries are zero. */
static void take(const ritz_diffusion_batch *s, ritz_index count, double *const *u) {
  enum { strip = 8 };
  const ritz_index step = s->options.lanes, width = s->n[s->dim - 1];
  for (ritz_index l = 0; l < count; l++) memset(u[l], 0, (size_t)s->size * sizeof **u);
  for (ritz_index number = 0; number < line_count(s); number++) {
    const line of = line_of(s, number);
    for (ritz_index j = 0; j < width; j += strip)
      for (ritz_index l = 0; l < count; l++)
        for (ritz_index k = j; k < width && k < j + strip; k++)
          u[l][of.node + k] = s->x[of.at + k * step + l];
  }
}

void ritz_diffusion_batch_solve(ritz_diffusion_batch *batch, ritz_index count, ritz_face_mean mean,
                                const double *const *a, const double *const *b, double *const *u,
                                ritz_solve_report *reports) {
  ritz_diffusion_batch *s = batch;
  const double *coefficient[most], *right[most];
  ritz_solve_report report[most];
  for (ritz_index l = 0; l < s->options.lanes; l++) {
    coefficient[l] = l < count ? a[l] : s->ones;
    right[l] = l < count ? b[l] : s->zeros;
  }
  setup(s, coefficient, mean);
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
