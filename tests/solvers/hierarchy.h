/* SPDX-License-Identifier: BSD-3-Clause
 * The grids and operators of a multigrid cycle in double, and fields on the finest one. */
#ifndef RITZ_TESTS_HIERARCHY_H
#define RITZ_TESTS_HIERARCHY_H

#include <math.h>
#include <stdlib.h>

#include "solvers/multigrid/map.h"
#include "solvers/multigrid/strips.h"
#include "support.h"

typedef struct hierarchy {
  ritz_multigrid *multigrid;
  const ritz_box *box;
  double *a, *rows;
} hierarchy;

/* In double; strips 0: one lane. a is random within a factor. */
static inline hierarchy hierarchy_make(ritz_index n0, ritz_index n1, ritz_index strips,
                                       ritz_cycle cycle, int sweeps, double contrast) {
  ritz_multigrid_options options;
  ritz_multigrid_options_defaults(&options);
  options.cycle = cycle;
  options.sweeps = sweeps;
  options.dtype = RITZ_FLOAT64;
  options.lanes = 1;
  options.strips = strips;
  hierarchy h;
  assert_ok(ritz_multigrid_create(n0, n1, &options, &h.multigrid));
  h.box = ritz_multigrid_box(h.multigrid);
  const ritz_index size = (n0 + 2) * (n1 + 2);
  h.a = calloc((size_t)size, sizeof *h.a);
  h.rows = calloc((size_t)(6 * h.box->row), sizeof *h.rows);
  fill_uniform(31, size, h.a);
  for (ritz_index k = 0; k < size; k++) h.a[k] = pow(contrast, 0.5 * h.a[k]);
  const double *a[] = {h.a};
  ritz_coupling_rows rows = {.kernels = ritz_solver_kernels_get(RITZ_FLOAT64),
                             .a = a,
                             .n1 = h.box->n1,
                             .lanes = h.box->lanes,
                             .strips = h.box->columns ? h.box : NULL,
                             .c0 = 1,
                             .c1 = 1};
  double **const parts[] = {&rows.here,  &rows.below, &rows.north,
                            &rows.south, &rows.east,  &rows.padded};
  for (int i = 0; i < 6; i++) *parts[i] = h.rows + i * h.box->row;
  ritz_multigrid_setup(h.multigrid, &rows);
  return h;
}

static inline void hierarchy_release(hierarchy *h) {
  free(h->a);
  free(h->rows);
  ritz_multigrid_destroy(&h->multigrid);
  assert_null(h->multigrid);
}

/* A field of the finest grid with random numbers at its unknowns; *at is its point (0, 0). */
static inline double *field(const hierarchy *h, uint32_t stream, double **at) {
  const ritz_box *box = h->box;
  const ritz_index n1 = box->columns ? box->columns : box->n1;
  double *block = calloc((size_t)ritz_box_size(box), sizeof *block);
  double *numbers = calloc((size_t)(box->n0 * n1), sizeof *numbers);
  *at = block + ritz_box_origin(box);
  if (stream) fill_uniform(stream, box->n0 * n1, numbers);
  for (ritz_index i = 1; i <= box->n0; i++)
    for (ritz_index j = 1; j <= n1; j++)
      (*at)[i * box->row + ritz_strips_place(box, j)] = numbers[(i - 1) * n1 + j - 1];
  free(numbers);
  return block;
}

static inline double product(const hierarchy *h, const double *x, const double *y) {
  const ritz_index n1 = h->box->columns ? h->box->columns : h->box->n1;
  double sum = 0;
  for (ritz_index i = 1; i <= h->box->n0; i++)
    for (ritz_index j = 1; j <= n1; j++) {
      const ritz_index k = i * h->box->row + ritz_strips_place(h->box, j);
      sum += x[k] * y[k];
    }
  return sum;
}

#endif
