/* SPDX-License-Identifier: BSD-3-Clause
 * One system of Darcy flow over ranks: time and traffic of operator, cycle, fast Poisson solver and
 * whole solves; on one rank also what the solver of whole samples takes for the same system, and
 * for eight of them side by side.
 *
 *     mpirun -n P ritz-compare-split [NODES [READINGS]]
 *
 * A cube of NODES^3 nodes (default 129), 12 and 3 on either side of curved surfaces. Checked first:
 * the solve has converged. Prints one line of JSON: shortest times of READINGS (default 5) in ms of
 * the slowest rank, and bytes that the rank which sends most has sent. */
#include <math.h>
#include <ritz/split_solve.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/ranks_main.h"
#include "core/clock.h"
#include "core/fail.h"
#include "core/memory.h"
#include "dist/layout.h"
#include "solvers/multigrid/diffusion_batch.h"

typedef struct problem {
  ritz_context *ranks;
  ritz_layout *layout;
  ritz_index nodes, first, planes, count;
  int readings;
  double *a, *b, *x;
  ritz_split_diffusion *solver;
  ritz_split_poisson *poisson;
  ritz_solve_report report;
} problem;

typedef struct reading {
  double ms, bytes; /* shortest; of one run */
} reading;

static ritz_status set(problem *p) {
  return ritz_split_diffusion_set(p->solver, p->a, RITZ_FACE_ARITHMETIC);
}
static ritz_status map_status(int failed) {
  return failed ? RITZ_FAIL(RITZ_ERR_COMMUNICATION, "a map has failed") : RITZ_OK;
}
static ritz_status product(problem *p) {
  return map_status(ritz_split_diffusion_apply(p->solver, p->b, p->x));
}
static ritz_status cycle(problem *p) {
  return map_status(ritz_split_diffusion_cycle(p->solver, p->b, p->x));
}
static ritz_status poisson(problem *p) {
  return map_status(ritz_split_poisson_solve(p->poisson, p->b, p->x));
}
static ritz_status solve(problem *p) {
  RITZ_TRY(ritz_split_diffusion_solve(p->solver, p->b, p->x, &p->report));
  RITZ_REQUIRE(p->report.reason > 0, RITZ_ERR_NUMERIC, "no convergence: residual %g",
               p->report.residual);
  return RITZ_OK;
}

static ritz_status measure(problem *p, ritz_status (*run)(problem *), reading *out) {
  ritz_comm *comm = p->ranks->comm;
  *out = (reading){.ms = INFINITY};
  for (int i = 0; i < p->readings; i++) {
    RITZ_TRY(ritz_comm_barrier(comm));
    const uint64_t before = ritz_comm_bytes(comm);
    const double begin = ritz_clock_seconds();
    RITZ_TRY(run(p));
    double now[2] = {(ritz_clock_seconds() - begin) * 1e3,
                     (double)(ritz_comm_bytes(comm) - before)};
    RITZ_TRY(ritz_comm_largest(comm, 2, now));
    if (now[0] < out->ms) out->ms = now[0];
    out->bytes = now[1];
  }
  return RITZ_OK;
}

static void fill(problem *p) {
  const ritz_index n = p->nodes;
  const double h = 1 / (double)(n - 1);
  for (ritz_index k = 0; k < p->count; k++) {
    const ritz_index at = p->first * n * n + k, i = at / (n * n), j = at / n % n, l = at % n;
    const bool inside = i > 0 && j > 0 && l > 0 && i < n - 1 && j < n - 1 && l < n - 1;
    const double wave = sin(9 * h * (double)i) * cos(7 * h * (double)j) + sin(8 * h * (double)l);
    p->a[k] = wave > 0 ? 12 : 3;
    p->b[k] = inside ? h * h * h : 0;
  }
}

static ritz_status create(problem *p) {
  const ritz_index grid[3] = {p->nodes, p->nodes, p->nodes};
  const int parts[3] = {ritz_comm_size(p->ranks->comm), 1, 1};
  const double h = 1 / (double)(p->nodes - 1), spacing[3] = {h, h, h};
  RITZ_TRY(ritz_layout_create(p->ranks, 3, grid, parts, NULL, &p->layout));
  ritz_layout_part(p->layout, 0, &p->first, &p->planes);
  p->count = p->planes * p->nodes * p->nodes;
  RITZ_TRY(RITZ_NEW(p->count, &p->a));
  RITZ_TRY(RITZ_NEW(p->count, &p->b));
  RITZ_TRY(RITZ_NEW(p->count, &p->x));
  fill(p);
  RITZ_TRY(ritz_split_diffusion_create(p->layout, spacing, NULL, &p->solver));
  return ritz_split_poisson_create(p->layout, spacing, 0, &p->poisson);
}

/* The solver of whole samples, ms a sample for `lanes` of the same system. */
static ritz_status measure_whole(const problem *p, ritz_index lanes, double *ms, int *iterations) {
  const ritz_index n[3] = {p->nodes, p->nodes, p->nodes};
  const double h = 1 / (double)(p->nodes - 1), spacing[3] = {h, h, h}, *a[8], *b[8];
  double *u[8] = {NULL};
  ritz_solve_report reports[8];
  ritz_multigrid_options o;
  ritz_diffusion_batch *batch = NULL;
  ritz_status status;
  ritz_multigrid_options_defaults(&o);
  o.lanes = lanes;
  for (ritz_index l = 0; l < lanes; l++) {
    a[l] = p->a, b[l] = p->b;
    RITZ_TRY_DONE(RITZ_NEW(p->count, &u[l]));
  }
  RITZ_TRY_DONE(ritz_diffusion_batch_create(3, n, spacing, &o, &batch));
  *ms = INFINITY;
  for (int i = 0; i < p->readings; i++) {
    const double begin = ritz_clock_seconds();
    ritz_diffusion_batch_solve(batch, lanes, RITZ_FACE_ARITHMETIC, a, b, u, reports);
    const double now = (ritz_clock_seconds() - begin) * 1e3 / (double)lanes;
    if (now < *ms) *ms = now;
  }
  *iterations = reports[0].iterations;
done:
  for (ritz_index l = 0; l < lanes; l++) ritz_free(u[l]);
  ritz_diffusion_batch_destroy(&batch);
  return status;
}

static ritz_status compare(problem *p) {
  reading r[5];
  ritz_status (*const runs[5])(problem *) = {set, product, cycle, poisson, solve};
  RITZ_TRY(create(p));
  for (int i = 0; i < 5; i++) RITZ_TRY(measure(p, runs[i], &r[i]));
  if (ritz_comm_rank(p->ranks->comm) > 0) return RITZ_OK;
  printf("{\"ranks\": %d, \"nodes\": %td", ritz_comm_size(p->ranks->comm), p->nodes);
  const char *const name[5] = {"set", "product", "cycle", "poisson", "solve"};
  for (int i = 0; i < 5; i++)
    printf(", \"%s_ms\": %.4g, \"%s_bytes\": %.0f", name[i], r[i].ms, name[i], r[i].bytes);
  printf(", \"iterations\": %d", p->report.iterations);
  for (ritz_index lanes = 1; lanes <= 8 && ritz_comm_size(p->ranks->comm) == 1; lanes += 7) {
    double ms = 0;
    int iterations = 0;
    RITZ_TRY(measure_whole(p, lanes, &ms, &iterations));
    printf(", \"whole_%td_ms\": %.4g, \"whole_iterations\": %d", lanes, ms, iterations);
  }
  printf("}\n");
  return RITZ_OK;
}

static ritz_status run(ritz_context *ranks, int argc, char **argv) {
  problem p = {.ranks = ranks,
               .nodes = argc > 1 ? atoi(argv[1]) : 129,
               .readings = argc > 2 ? atoi(argv[2]) : 5};
  const ritz_status status = compare(&p);
  ritz_split_poisson_destroy(&p.poisson);
  ritz_split_diffusion_destroy(&p.solver);
  ritz_layout_destroy(&p.layout);
  ritz_free(p.a);
  ritz_free(p.b);
  ritz_free(p.x);
  return status;
}

int main(int argc, char **argv) { return ranks_main(argc, argv, "ritz-compare-split", run); }
