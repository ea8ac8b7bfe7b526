/* SPDX-License-Identifier: BSD-3-Clause
 * Samples of the generator darcy as linear systems: coefficients for what takes the grid, and the
 * same systems as sparse matrices over the inner nodes. */
#ifndef RITZ_BENCH_TABLE_SYSTEMS_H
#define RITZ_BENCH_TABLE_SYSTEMS_H

#include <ritz/context.h>
#include <ritz/sparse.h>

#include "solvers/grid/diffusion.h"

typedef struct table_systems {
  int dim;
  ritz_index nodes[3], count; /* per axis, boundary included; samples */
  ritz_index size, unknowns;  /* all nodes; inner ones */
  double h[3];
  ritz_face_mean mean;
  double *a;           /* [count][size] */
  double *b, *b_inner; /* [size] and [unknowns] right-hand side, that of all samples */
  ritz_index *row;     /* [size] of a node; -1: none */
  ritz_sparse *matrix; /* of one sample at a time */
  double *values;      /* [count][entries] of all */
  double *product;     /* [unknowns] */
  char method[320];    /* what `auto` takes, and why */
} table_systems;

/**
 * Draws the samples 0 ... count - 1 of seed 1.
 *
 * @param options  Of the generator; f is 1.
 * @param mean     What they say of faces.
 * @param out      Release with table_systems_clear(), also after a failure.
 */
ritz_status table_systems_create(ritz_context *context, const char *options, ritz_face_mean mean,
                                 ritz_index count, table_systems *out);
void table_systems_clear(table_systems *systems);

/** The matrix becomes that of sample @p s. */
void table_systems_set(table_systems *systems, ritz_index s);

/** @return  ||b - A x|| / ||b|| by that matrix. @param x  [unknowns]. */
double table_systems_residual(table_systems *systems, const double *x);

#endif
