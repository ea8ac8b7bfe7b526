/* SPDX-License-Identifier: BSD-3-Clause
 * Conjugate gradients (Saad 2003, Alg. 9.1) with scalars of each kind per lane, or stationary
 * iteration, preconditioned by a multigrid cycle.
 *
 * x iterate in double; r residual over ||b||, z = M r, p direction, q = A p in the cycle's format.
 * Rounding x to float would leave a residual of about ||A|| ||x|| eps; rounding p does no harm,
 * since x and r move by the same p. The error that r gathers, about eps / h of its size, goes when
 * it is recomputed from x in double, every `refresh` steps, with couplings made anew from the
 * coefficient; directions are kept (residual replacement, van der Vorst & Ye 2000,
 * doi:10.1137/S1064827599353865).
 *
 * Right after that all samples of a group are where a sample alone would be, whatever lane it has:
 * there, and nowhere else, samples that go on may move to another group. */
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

/* A lane without a sample, one still iterating, one whose recurrence has stopped, one whose true
 * residual is known. */
typedef enum lane_state { EMPTY, ACTIVE, STOPPED, JUDGED } lane_state;

/* What each sample has for itself beside its fields. */
typedef struct sample {
  lane_state state;
  bool fresh;        /* its next direction is z alone */
  ritz_index number; /* in the call */
  double goal;       /* true residual that makes a restart worth while */
  double rz;
  ritz_solve_report report;
} sample;

/* Samples side by side. */
typedef struct group {
  ritz_diffusion_system system;
  sample of[most];
  const double *a[most], *b[most];
  double size[most], scale[most]; /* ||b|| and its inverse, or 1 */
  double rr[most], beta[most], alpha[most], work[most];
} group;

struct ritz_diffusion_batch {
  group now;
  group *slow;          /* samples of earlier groups; NULL: each group waits for its slowest */
  double *ones, *zeros; /* coefficient and right-hand side of a lane without a sample */
};

/* The arguments of ritz_diffusion_batch_solve(). */
typedef struct call {
  ritz_index count;
  ritz_face_mean mean;
  const double *const *a, *const *b;
  double *const *u;
  ritz_solve_report *reports;
} call;

static ritz_status check(const ritz_multigrid_options *o) {
  RITZ_REQUIRE(o->stationary || o->cycle != RITZ_CYCLE_F, RITZ_ERR_ARGUMENT,
               "an F cycle is not symmetric: conjugate gradients want V or W");
  RITZ_REQUIRE(!o->gather || o->strips == 0, RITZ_ERR_ARGUMENT,
               "strips hold one sample: there is nothing to gather");
  RITZ_REQUIRE(o->tolerance >= 0, RITZ_ERR_ARGUMENT, "tolerance is %g, wanted at least 0",
               o->tolerance);
  RITZ_REQUIRE(o->max_iterations >= 0, RITZ_ERR_ARGUMENT, "max_iterations is %d, wanted at least 0",
               o->max_iterations);
  return RITZ_OK;
}

static void vacate(const ritz_diffusion_batch *s, group *g, ritz_index l) {
  g->of[l] = (sample){.state = EMPTY};
  g->a[l] = s->ones;
  g->b[l] = s->zeros;
  g->size[l] = 0;
  g->scale[l] = 1;
}

ritz_status ritz_diffusion_batch_create(int dim, const ritz_index *n, const double *h,
                                        const ritz_multigrid_options *options,
                                        ritz_diffusion_batch **out) {
  *out = NULL;
  ritz_multigrid_options chosen;
  ritz_multigrid_options_defaults(&chosen);
  if (options) chosen = *options;
  RITZ_TRY(check(&chosen));
  ritz_status status;
  ritz_diffusion_batch *s;
  RITZ_TRY(RITZ_NEW(1, &s));
  RITZ_TRY_DONE(ritz_diffusion_system_init(dim, n, h, &chosen, true, &s->now.system));
  RITZ_TRY_DONE(RITZ_NEW(s->now.system.size, &s->ones));
  RITZ_TRY_DONE(RITZ_NEW(s->now.system.size, &s->zeros));
  for (ritz_index k = 0; k < s->now.system.size; k++) s->ones[k] = 1;
  if (chosen.gather) {
    RITZ_TRY_DONE(RITZ_NEW(1, &s->slow));
    RITZ_TRY_DONE(ritz_diffusion_system_init(dim, n, h, &chosen, true, &s->slow->system));
    for (ritz_index l = 0; l < chosen.lanes; l++) vacate(s, s->slow, l);
  }
  *out = s;
  return RITZ_OK;
done:
  ritz_diffusion_batch_destroy(&s);
  return status;
}

void ritz_diffusion_batch_destroy(ritz_diffusion_batch **batch) {
  if (!batch || !*batch) return;
  ritz_diffusion_system_clear(&(*batch)->now.system);
  if ((*batch)->slow) ritz_diffusion_system_clear(&(*batch)->slow->system);
  ritz_free((*batch)->slow);
  ritz_free((*batch)->ones);
  ritz_free((*batch)->zeros);
  ritz_free(*batch);
  *batch = NULL;
}

static ritz_index count_of(const group *g, lane_state state) {
  ritz_index count = 0;
  for (ritz_index l = 0; l < g->system.options.lanes; l++) count += g->of[l].state == state;
  return count;
}

static void stop(sample *of, ritz_solve_reason reason) {
  of->state = STOPPED;
  of->report.reason = reason;
}

/* From r . M r to the scalars of the next direction. */
static void scale_direction(group *g) {
  for (ritz_index l = 0; l < g->system.options.lanes; l++) {
    sample *of = &g->of[l];
    const double before = of->rz;
    of->rz = g->work[l];
    if (of->state == ACTIVE && !isfinite(of->rz)) stop(of, RITZ_SOLVE_NOT_FINITE);
    if (of->state == ACTIVE && of->rz <= 0) stop(of, RITZ_SOLVE_INDEFINITE_PRECONDITIONER);
    const bool kept = of->state == ACTIVE && !of->fresh && !g->system.options.stationary;
    g->beta[l] = kept ? of->rz / before : 0;
    of->fresh = false;
  }
}

static void choose_step(group *g) {
  for (ritz_index l = 0; l < g->system.options.lanes; l++) {
    sample *of = &g->of[l];
    const double pq = g->work[l];
    if (of->state == ACTIVE && !isfinite(pq)) stop(of, RITZ_SOLVE_NOT_FINITE);
    if (of->state == ACTIVE && pq <= 0) stop(of, RITZ_SOLVE_INDEFINITE_OPERATOR);
    g->alpha[l] = of->state != ACTIVE ? 0 : g->system.options.stationary ? 1 : of->rz / pq;
  }
}

/* What a step has brought. */
static void watch(group *g) {
  const ritz_multigrid_options *o = &g->system.options;
  for (ritz_index l = 0; l < o->lanes; l++) {
    sample *of = &g->of[l];
    if (of->state != ACTIVE) continue;
    of->report.iterations++;
    of->report.products++;
    const double residual = sqrt(g->rr[l]);
    if (!isfinite(residual))
      stop(of, RITZ_SOLVE_NOT_FINITE);
    else if (residual <= o->tolerance)
      stop(of, RITZ_SOLVE_CONVERGED);
    else if (of->report.iterations >= o->max_iterations)
      stop(of, RITZ_SOLVE_MAX_ITERATIONS);
  }
}

static void step(group *g) {
  ritz_diffusion_cycle(&g->system, g->work);
  scale_direction(g);
  ritz_diffusion_direction(&g->system, g->beta, g->work);
  choose_step(g);
  ritz_diffusion_step(&g->system, g->alpha, g->size, g->rr);
  watch(g);
}

/* After the true residuals: samples whose recurrence promised too much go on while that at least
 * halves the residual. */
static void judge(group *g) {
  const ritz_multigrid_options *o = &g->system.options;
  for (ritz_index l = 0; l < o->lanes; l++) {
    sample *of = &g->of[l];
    ritz_solve_report *report = &of->report;
    if (of->state != STOPPED) continue;
    of->state = JUDGED;
    report->products++;
    report->residual = sqrt(g->rr[l]) / g->size[l];
    if (report->residual <= o->tolerance) {
      report->reason = RITZ_SOLVE_CONVERGED;
    } else if (report->reason == RITZ_SOLVE_CONVERGED) {
      const bool better = report->residual <= of->goal;
      if (better && report->iterations < o->max_iterations)
        of->state = ACTIVE;
      else
        report->reason = better ? RITZ_SOLVE_MAX_ITERATIONS : RITZ_SOLVE_STAGNATED;
      of->fresh = true;
      of->goal = 0.5 * report->residual;
    }
  }
}

/* Steps until at most `few` samples are active. */
static void advance(group *g, ritz_index few) {
  do {
    for (int i = 0; i < refresh && count_of(g, ACTIVE) > 0; i++) step(g);
    ritz_diffusion_residual(&g->system, g->b, g->scale, g->rr);
    judge(g);
  } while (count_of(g, ACTIVE) > few);
}

/* A first guess, by a step of length one along it. */
static void start(group *g) {
  const ritz_index lanes = g->system.options.lanes;
  ritz_diffusion_start(&g->system);
  for (ritz_index l = 0; l < lanes; l++) {
    g->beta[l] = 0;
    g->alpha[l] = g->of[l].state == ACTIVE;
    g->of[l].report.products += g->of[l].state == ACTIVE;
  }
  ritz_diffusion_direction(&g->system, g->beta, g->work);
  ritz_diffusion_step(&g->system, g->alpha, g->size, g->rr);
  for (ritz_index l = 0; l < lanes; l++)
    if (g->of[l].state == ACTIVE && sqrt(g->rr[l]) <= g->system.options.tolerance)
      stop(&g->of[l], RITZ_SOLVE_CONVERGED);
}

/* Sample `number` of the call in lane l, with a zero guess. */
static void enter(group *g, ritz_index l, const call *c, ritz_index number) {
  const double *b = c->b[number];
  const bool same = l > 0 && b == g->b[l - 1];
  const double size = same ? g->size[l - 1] : ritz_diffusion_norm(&g->system, b);
  const bool finite = isfinite(size), any = finite && size > 0;
  g->a[l] = c->a[number];
  g->b[l] = b;
  g->size[l] = size;
  g->scale[l] = any ? 1 / size : 1;
  g->of[l] = (sample){
      .state = any && g->system.options.max_iterations > 0 ? ACTIVE : JUDGED,
      .fresh = true,
      .number = number,
      .goal = 0.5,
      .report = {.reason = RITZ_SOLVE_MAX_ITERATIONS, .residual = 1, .initial_residual = 1}};
  if (size == 0) g->of[l].report = (ritz_solve_report){.reason = RITZ_SOLVE_ZERO_RHS};
  if (!finite)
    g->of[l].report = (ritz_solve_report){
        .reason = RITZ_SOLVE_NOT_FINITE, .residual = NAN, .initial_residual = NAN};
}

/* Samples `first` and after it in all lanes of the group, or in as many as there are. */
static void begin(ritz_diffusion_batch *s, const call *c, ritz_index first) {
  group *g = &s->now;
  for (ritz_index l = 0; l < g->system.options.lanes; l++)
    if (first + l < c->count)
      enter(g, l, c, first + l);
    else
      vacate(s, g, l);
  ritz_diffusion_setup(&g->system, g->a, c->mean);
  ritz_diffusion_zero(&g->system);
  if (count_of(g, ACTIVE) == 0) return;
  ritz_diffusion_residual(&g->system, g->b, g->scale, g->rr);
  start(g);
}

/* Hands out what is finished. */
static void deliver(const ritz_diffusion_batch *s, group *g, const call *c) {
  double *u[most] = {0};
  for (ritz_index l = 0; l < g->system.options.lanes; l++) {
    if (g->of[l].state != JUDGED) continue;
    u[l] = c->u[g->of[l].number];
    c->reports[g->of[l].number] = g->of[l].report;
    vacate(s, g, l);
  }
  ritz_diffusion_take(&g->system, u);
}

/* Active samples of `from` into empty lanes of `to`, as many as there is room for. */
static void move(const ritz_diffusion_batch *s, group *to, group *from) {
  const ritz_index lanes = to->system.options.lanes;
  ritz_lane_pair pair[most];
  int pairs = 0;
  for (ritz_index l = 0, k = 0; l < lanes; l++) {
    if (to->of[l].state != EMPTY) continue;
    while (k < lanes && from->of[k].state != ACTIVE) k++;
    if (k == lanes) break;
    to->of[l] = from->of[k];
    to->a[l] = from->a[k], to->b[l] = from->b[k];
    to->size[l] = from->size[k], to->scale[l] = from->scale[k];
    vacate(s, from, k);
    pair[pairs++] = (ritz_lane_pair){.from = (int)k, .to = (int)l};
  }
  ritz_diffusion_move(&to->system, &from->system, pairs, pair);
}

void ritz_diffusion_batch_solve(ritz_diffusion_batch *batch, ritz_index count, ritz_face_mean mean,
                                const double *const *a, const double *const *b, double *const *u,
                                ritz_solve_report *reports) {
  ritz_diffusion_batch *s = batch;
  const call c = {count, mean, a, b, u, reports};
  const ritz_index lanes = s->now.system.options.lanes;
  group *slow = count > lanes ? s->slow : NULL;
  const ritz_index few = slow ? lanes / 2 : 0;
  if (slow) ritz_diffusion_coefficients(&slow->system, slow->a, mean);
  for (ritz_index first = 0; first < count; first += lanes) {
    begin(s, &c, first);
    advance(&s->now, few);
    deliver(s, &s->now, &c);
    while (slow && count_of(&s->now, ACTIVE) > 0) {
      if (count_of(slow, EMPTY) == 0) {
        advance(slow, few);
        deliver(s, slow, &c);
      }
      move(s, slow, &s->now);
    }
  }
  if (slow && count_of(slow, ACTIVE) > 0) {
    advance(slow, 0);
    deliver(s, slow, &c);
  }
}
