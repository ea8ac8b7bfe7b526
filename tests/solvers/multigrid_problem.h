/* SPDX-License-Identifier: BSD-3-Clause
 * Diffusion with two values on either side of curves, several samples at once. */
#ifndef MULTIGRID_PROBLEM_H
#define MULTIGRID_PROBLEM_H

#include <math.h>
#include <stdlib.h>

#include "solvers/multigrid/diffusion_batch.h"
#include "support.h"

enum { most = 16 };

typedef struct problem {
  ritz_index n0, n1, count;
  double *a[most], *b, *u[most];
  ritz_solve_report report[most];
} problem;

/* The bilinear function through random values every `cell` nodes. */
static inline double noise(const double *coarse, ritz_index wide, ritz_index cell, ritz_index i,
                           ritz_index j) {
  const double *at = coarse + i / cell * wide + j / cell;
  const double y = (double)(i % cell) / (double)cell, x = (double)(j % cell) / (double)cell;
  return (1 - y) * ((1 - x) * at[0] + x * at[1]) + y * ((1 - x) * at[wide] + x * at[wide + 1]);
}

/* Two values, on either side of curves that bend over about `cell` nodes; f = 1. */
static inline problem prepare(ritz_index n0, ritz_index n1, ritz_index count, ritz_index cell,
                              double contrast) {
  problem p = {.n0 = n0, .n1 = n1, .count = count};
  const size_t size = (size_t)(n0 * n1) * sizeof(double);
  const ritz_index wide = n1 / cell + 2, high = n0 / cell + 2;
  double *coarse = malloc((size_t)(wide * high) * sizeof *coarse);
  p.b = malloc(size);
  for (ritz_index k = 0; k < n0 * n1; k++) p.b[k] = 1.0 / (double)((n0 - 1) * (n1 - 1));
  for (ritz_index s = 0; s < count; s++) {
    p.a[s] = malloc(size);
    p.u[s] = malloc(size);
    fill_uniform(40 + (uint32_t)s, wide * high, coarse);
    for (ritz_index i = 0; i < n0; i++)
      for (ritz_index j = 0; j < n1; j++)
        p.a[s][i * n1 + j] = noise(coarse, wide, cell, i, j) > 0 ? contrast : 1;
  }
  free(coarse);
  return p;
}

static inline void discard(problem *p) {
  for (ritz_index s = 0; s < p->count; s++) {
    free(p->a[s]);
    free(p->u[s]);
  }
  free(p->b);
}

static inline ritz_multigrid_options wish(void) {
  ritz_multigrid_options options;
  ritz_multigrid_options_defaults(&options);
  return options;
}

static inline void solve(problem *p, ritz_index from, ritz_index count,
                         const ritz_multigrid_options *options) {
  const double *a[most], *b[most];
  for (ritz_index s = 0; s < count; s++) a[s] = p->a[from + s], b[s] = p->b;
  ritz_diffusion_batch *batch;
  const ritz_index n[] = {p->n0, p->n1};
  const double h[] = {1.0 / (double)(p->n0 - 1), 1.0 / (double)(p->n1 - 1)};
  assert_ok(ritz_diffusion_batch_create(2, n, h, options, &batch));
  ritz_diffusion_batch_solve(batch, count, RITZ_FACE_HARMONIC, a, b, p->u + from, p->report + from);
  ritz_diffusion_batch_destroy(&batch);
  assert_null(batch);
}

/* A value of the first sample that is not a number, and then the same batch without it: outcomes
 * and solutions are those of a new batch. */
static inline void bad_sample_leaves_nothing(ritz_index n0, ritz_index n1, ritz_index count,
                                             const ritz_multigrid_options *options) {
  problem good = prepare(n0, n1, count, 3, 10), bad = prepare(n0, n1, count, 3, 10);
  const ritz_index n[] = {n0, n1}, place = n0 / 3 * n1 + n1 / 2;
  const double h[] = {1.0 / (double)(n0 - 1), 1.0 / (double)(n1 - 1)};
  const double *a[most], *b[most];
  for (ritz_index s = 0; s < count; s++) a[s] = bad.a[s], b[s] = good.b;
  solve(&good, 0, count, options);
  const double kept = bad.a[0][place];
  ritz_diffusion_batch *batch;
  assert_ok(ritz_diffusion_batch_create(2, n, h, options, &batch));
  bad.a[0][place] = NAN;
  ritz_diffusion_batch_solve(batch, count, RITZ_FACE_HARMONIC, a, b, bad.u, bad.report);
  assert_int_equal(bad.report[0].reason, RITZ_SOLVE_NOT_FINITE);
  bad.a[0][place] = kept;
  ritz_diffusion_batch_solve(batch, count, RITZ_FACE_HARMONIC, a, b, bad.u, bad.report);
  for (ritz_index s = 0; s < count; s++) {
    assert_int_equal(bad.report[s].reason, RITZ_SOLVE_CONVERGED);
    assert_memory_equal(bad.u[s], good.u[s], (size_t)(n0 * n1) * sizeof(double));
  }
  ritz_diffusion_batch_destroy(&batch);
  discard(&good);
  discard(&bad);
}

/* ||b - A u|| / ||b|| written out here. */
static inline double residual(const problem *p, ritz_index s) {
  const double *a = p->a[s], *u = p->u[s];
  const double c0 = (double)(p->n0 - 1) / (double)(p->n1 - 1);
  double rr = 0, bb = 0;
  for (ritz_index i = 1; i < p->n0 - 1; i++)
    for (ritz_index j = 1; j < p->n1 - 1; j++) {
      const ritz_index k = i * p->n1 + j, neighbour[] = {k - p->n1, k + p->n1, k - 1, k + 1};
      double r = p->b[k];
      for (int f = 0; f < 4; f++) {
        const double face = 2 * a[k] * a[neighbour[f]] / (a[k] + a[neighbour[f]]);
        r -= (f < 2 ? c0 : 1 / c0) * face * (u[k] - u[neighbour[f]]);
      }
      rr += r * r;
      bb += p->b[k] * p->b[k];
    }
  return sqrt(rr / bb);
}

#endif
