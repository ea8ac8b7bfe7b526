/* SPDX-License-Identifier: BSD-3-Clause
 * A periodic box of one or two axes and the Fourier modes that products of two fields leave exact:
 * the 2/3 rule, |q| <= K with 3 K < N (Orszag 1971, doi:10.1175/1520-0469(1971)028).
 *
 * A spectrum is [modes][2][fields]: for each mode the real parts of all fields, then the imaginary
 * ones; the forward transform carries 1/N. Modes are row-major, frequencies -K ... K along axis 0
 * of two and 0 ... K along the last axis. Fields on the grid are [n0][n1][fields]. */
#ifndef RITZ_SOLVERS_SPECTRAL_PERIODIC_BOX_H
#define RITZ_SOLVERS_SPECTRAL_PERIODIC_BOX_H

#include "kernels/spectral.h"

typedef struct ritz_periodic_box {
  int dim;
  ritz_index nodes[2]; /* 1 beyond dim */
  double length[2];
  ritz_index kept[2]; /* K of each axis, 0 beyond dim */
  ritz_index modes;
  ritz_index *q[2]; /* [modes] frequency of each mode along each axis; zeros beyond dim */
  double *k[2];     /* [modes] wave number 2 pi q / length */
  double *square;   /* [modes] |k|^2 */
} ritz_periodic_box;

/**
 * @param nodes, length  [dim].
 * @param out            Release with ritz_periodic_box_clear(), also on failure.
 *                       RITZ_ERR_ARGUMENT  dim not 1 or 2, fewer than 4 nodes, a length
 */
ritz_status ritz_periodic_box_init(int dim, const ritz_index *nodes, const double *length,
                                   ritz_periodic_box *out);
void ritz_periodic_box_clear(ritz_periodic_box *box);

/** @return  Grid points. */
static inline ritz_index ritz_periodic_box_points(const ritz_periodic_box *box) {
  return box->nodes[0] * box->nodes[1];
}

/** Modes that a stored one stands for: with its conjugate 2, on the line q = 0 of the last axis 1
 * (there both are stored). Sums of squares over the box weigh modes with it. */
static inline double ritz_periodic_box_weight(const ritz_periodic_box *box, ritz_index mode) {
  return box->q[box->dim - 1][mode] == 0 ? 1 : 2;
}

/** @return  Mode with frequencies (q0, q1), q1 ignored in one dimension; -1 if it is not stored. */
ritz_index ritz_periodic_box_mode(const ritz_periodic_box *box, ritz_index q0, ritz_index q1);

/** Transforms of @p fields fields side by side between grid and modes, in the calling thread. */
ritz_status ritz_periodic_box_transform(const ritz_periodic_box *box, ritz_index fields,
                                        ritz_transform **out);
/** The same between the modes and another grid, @p nodes [dim] with 2 K < nodes. */
ritz_status ritz_periodic_box_transform_on(const ritz_periodic_box *box, const ritz_index *nodes,
                                           ritz_index fields, ritz_transform **out);

#endif
