/* SPDX-License-Identifier: BSD-3-Clause
 * Iterations as measured (docs/generators/darcy.md), times from bytes and flops at rates of one
 * core: only their ratio matters. */
#include "datasets/darcy_choice.h"

#include <math.h>
#include <stdio.h>

typedef struct estimate {
  double iterations, seconds; /* of a sample */
} estimate;

static const double bytes_per_second = 15e9, flops_per_second = 50e9;

/* Point relaxation suffers where one axis couples more strongly than the other. */
static estimate multigrid(const ritz_darcy_problem *p) {
  const double aspect = fmax((double)(p->n[0] + 1), (double)(p->n[1] + 1)) /
                        fmin((double)(p->n[0] + 1), (double)(p->n[1] + 1));
  const double jumps = p->lognormal ? 1 : pow(fmax(1, p->jump / 4), 0.12);
  estimate e = {.iterations = ceil(5 * jumps * pow(aspect, 0.9))};
  /* Grids with fewer than four unknowns across are factorised. */
  if (p->n[0] < 4 || p->n[1] < 4) e.iterations = 3;
  e.seconds = (e.iterations + 3) * 175 * (double)(p->n[0] * p->n[1]) / bytes_per_second;
  return e;
}

/* Condition number `jump`; with the lognormal coefficient the scaled one hardly grows. */
static estimate poisson(const ritz_darcy_problem *p) {
  estimate e = {.iterations =
                    p->lognormal ? ceil(8 + 3 * p->log_scale) : ceil(9.6 * sqrt(p->jump))};
  if (!p->lognormal && p->jump == 1) e.iterations = 2;
  const double unknowns = (double)(p->n[0] * p->n[1]);
  e.seconds = e.iterations * unknowns *
              (2 * (double)(p->n[0] + p->n[1]) / flops_per_second + 130 / bytes_per_second);
  return e;
}

static ritz_index unknowns(const ritz_darcy_problem *p) { return p->n[0] * p->n[1]; }

/* A field without jumps from node to node, across which coarser grids of a cube, seven points each,
 * may overshoot: its W-cycles are positive. */
static bool smooth(const ritz_darcy_problem *p) {
  return p->lognormal && p->alpha >= 2 && p->log_scale <= 3;
}

static ritz_cycle cycle_of(const ritz_darcy_problem *p, ritz_darcy_cycles cycles) {
  if (cycles != RITZ_DARCY_CYCLES_AUTO)
    return cycles == RITZ_DARCY_CYCLES_V ? RITZ_CYCLE_V : RITZ_CYCLE_W;
  if (p->dim == 3) return smooth(p) ? RITZ_CYCLE_W : RITZ_CYCLE_V;
  if (p->lognormal || p->jump <= 10) return RITZ_CYCLE_V;
  return unknowns(p) >= (p->jump <= 100 ? 600 * 600 : 300 * 300) ? RITZ_CYCLE_W : RITZ_CYCLE_V;
}

/* Cubes: whether coarse grids have the operators P^T A P. A step with them takes up to a third more
 * time: with seven points as much in all at a ratio of 100, and several times as much above. */
static bool galerkin_of(const ritz_darcy_problem *p, ritz_darcy_transfer transfer) {
  if (transfer != RITZ_DARCY_TRANSFER_AUTO) return transfer == RITZ_DARCY_GALERKIN;
  return p->dim == 3 && !p->lognormal && p->jump > 100;
}

static int sweeps_of(const ritz_darcy_problem *p, const ritz_darcy_wish *wish) {
  if (wish->sweeps > 0) return wish->sweeps;
  const bool sharp = !p->lognormal && p->jump > 100;
  const bool more = p->dim == 3 ? !galerkin_of(p, wish->transfer) : unknowns(p) >= 600 * 600;
  return sharp && more ? 3 : 2;
}

/* Where samples differ in their steps, several groups of lanes at once. */
static ritz_index run_of(const ritz_darcy_problem *p, const ritz_darcy_choice *choice) {
  if (choice->solver != RITZ_DARCY_MULTIGRID || choice->strips) return 1;
  ritz_index bytes = 2 * (ritz_index)sizeof(double), run = ritz_darcy_samples;
  for (int axis = 0; axis < p->dim; axis++) bytes *= p->n[axis] + 2;
  const bool differ = !p->lognormal && p->jump > 100;
  while (differ && 2 * run <= ritz_darcy_longest_run && 2 * run * bytes <= 64 << 20) run *= 2;
  return run;
}

/* At 51 bytes an unknown eight samples leave the cache from about 200 x 200 unknowns on; strips are
 * as fast at 128 x 128 and 512 x 512 nodes and faster at all others measured. Rows shorter than 128
 * leave strips without width. */
static bool strips_of(const ritz_darcy_problem *p, ritz_darcy_lanes lanes) {
  if (lanes != RITZ_DARCY_LANES_AUTO) return lanes == RITZ_DARCY_STRIPS;
  return p->dim == 2 && p->n[1] >= 128 && unknowns(p) >= 200 * 200;
}

/* What is chosen, and the model's figures if it has. */
static void describe(const ritz_darcy_wish *wish, const estimate *m, const estimate *p,
                     ritz_darcy_choice *out) {
  static const char *const names[] = {"poisson", "poisson", "multigrid", "jacobi", "none"};
  const int used =
      out->solver == RITZ_DARCY_MULTIGRID
          ? snprintf(out->text, sizeof out->text, "multigrid%s%s",
                     out->cycle == RITZ_CYCLE_W ? " with W-cycles" : "",
                     out->strips ? " in strips of a sample" : "")
          : snprintf(out->text, sizeof out->text, "cg, %s", names[out->preconditioner]);
  if (wish->solver != RITZ_DARCY_SOLVER_AUTO ||
      wish->preconditioner != RITZ_DARCY_PRECONDITIONER_AUTO)
    snprintf(out->text + used, sizeof out->text - (size_t)used, ", as asked for");
  else
    snprintf(out->text + used, sizeof out->text - (size_t)used,
             ", by the model: multigrid %.0f iterations, %.3g ms a sample; cg with poisson %.0f, "
             "%.3g ms",
             m->iterations, 1e3 * m->seconds, p->iterations, 1e3 * p->seconds);
}

void ritz_darcy_choose(const ritz_darcy_problem *problem, const ritz_darcy_wish *wish,
                       ritz_darcy_choice *out) {
  *out = (ritz_darcy_choice){.solver = wish->solver,
                             .preconditioner = wish->preconditioner,
                             .cycle = cycle_of(problem, wish->cycles),
                             .sweeps = sweeps_of(problem, wish),
                             .galerkin = galerkin_of(problem, wish->transfer)};
  out->strips = strips_of(problem, wish->lanes);
  if (problem->dim == 3) {
    out->solver = RITZ_DARCY_MULTIGRID;
    out->run = run_of(problem, out);
    snprintf(out->text, sizeof out->text, "multigrid%s%s, the solver in three dimensions",
             out->galerkin ? " with Galerkin operators" : "",
             out->cycle != RITZ_CYCLE_W ? ""
             : out->galerkin            ? " and W-cycles"
                                        : " with W-cycles");
    return;
  }
  const estimate m = multigrid(problem), p = poisson(problem);
  const bool open = wish->solver == RITZ_DARCY_SOLVER_AUTO;
  if (open && wish->preconditioner != RITZ_DARCY_PRECONDITIONER_AUTO)
    out->solver = RITZ_DARCY_CG;
  else if (open)
    out->solver = m.seconds <= p.seconds ? RITZ_DARCY_MULTIGRID : RITZ_DARCY_CG;
  if (out->preconditioner == RITZ_DARCY_PRECONDITIONER_AUTO)
    out->preconditioner = RITZ_DARCY_POISSON;
  out->run = run_of(problem, out);
  describe(wish, &m, &p, out);
}
