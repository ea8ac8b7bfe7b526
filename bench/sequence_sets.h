/* SPDX-License-Identifier: BSD-3-Clause
 * The four sets of systems of "Accelerating Data Generation for Neural Operators via Krylov
 * Subspace Recycling" (Wang et al., ICLR 2024), after its text and code. In the code the values of
 * the outer diagonals of the first two stand two entries off. With that slip restarted GMRES takes
 * the thousands of iterations published; without it, hundreds. Both are here. Thermal and Poisson
 * are linear elements on structured grids.
 *
 * darcy      row i: 4 w_i on the diagonal, -w_neighbour beside it, which is (-h^2 Laplace) diag(w):
 *            not symmetric; w = exp of a periodic Gaussian field of covariance 7^3 (-Laplace +
 *            49)^-2.5; right-hand side h^2
 * helmholtz  the same less h^2 k^2 on the diagonal, k uniform in (0, 1)
 * thermal    Laplace on [-.5, .5] x [-.8, .8] without the slot [-.05, .05] x [-.4, .4]; left side
 *            at 100 U, flux -100 U' through the right one: one matrix for all
 * poisson    Laplace u = f on the square, f and the four edges random Chebyshev series of order 5:
 *            one matrix for all */
#ifndef RITZ_BENCH_SEQUENCE_SETS_H
#define RITZ_BENCH_SEQUENCE_SETS_H

#include <ritz/sparse.h>

typedef enum sequence_kind {
  SEQUENCE_DARCY,
  SEQUENCE_HELMHOLTZ,
  SEQUENCE_DARCY_SLIP,
  SEQUENCE_HELMHOLTZ_SLIP,
  SEQUENCE_THERMAL,
  SEQUENCE_POISSON
} sequence_kind;

typedef struct sequence_set {
  int count, side;     /* systems; unknowns per unit of length, about */
  bool symmetric;      /* positive definite too */
  bool box;            /* unknowns are a side x side grid */
  bool fixed;          /* one matrix for all */
  ritz_index n;        /* unknowns */
  ritz_index numbers;  /* of a system's parameters */
  double *parameters;  /* [count][numbers], for sorting */
  ritz_sparse *matrix; /* the pattern */
  double *values;      /* [count, or 1 if fixed][entries] */
  double *b;           /* [count][n] */
} sequence_set;

/** Release with sequence_set_clear(), also after a failure. */
ritz_status sequence_set_create(sequence_kind kind, int side, int count, sequence_set *out);
void sequence_set_clear(sequence_set *set);

#endif
