/* SPDX-License-Identifier: BSD-3-Clause
 * One grid of a multigrid hierarchy on a rectangle, for several samples side by side: what the
 * kernels box_* work on.
 *
 * Fields are [row][column][lane], lane s belonging to sample s alone. Unknowns are (i, j), i = 1
 * ... n0, j = 1 ... n1, framed by the Dirichlet boundary in rows and columns 0 and n + 1, where
 * values are zero; pointers point at (0, 0). Couplings are positive where the operator's entries
 * are negative,
 *
 *   (A u)_k = centre_k u_k - sum over the neighbours l of coupling_kl u_l,
 *
 * and those to the boundary are kept: interpolation then treats it like any other point. Point (I,
 * J) of the next coarser grid is point (2I, 2J) of the finer one; weights live on the coarse grid
 * and describe the finer points of cell (I, J), all weights of one point adding up to one.
 *
 * Or all lanes hold one sample, in strips: lane l has columns l n1 + 1 ... (l + 1) n1 of a grid
 * with `columns` unknowns a row. The columns around a strip repeat those of the lanes beside it
 * ("edges"): kernels that change a row renew column 0 and column n1 + 1 of it. Columns beyond the
 * last unknown have inverse = 0, so that relaxed fields vanish there, and the weights of a
 * boundary. Gauss-Seidel along a row takes what another strip had before. All lanes are one pack
 * then. */
#ifndef RITZ_KERNELS_BOX_H
#define RITZ_KERNELS_BOX_H

#include <ritz/types.h>

/* Rows -1 ... n0 + 2 and columns -2 ... n1 + 4 can be read: Galerkin products reach that far. */
enum { ritz_box_row_before = 1, ritz_box_rows_around = 4 };
enum { ritz_box_column_before = 2, ritz_box_columns_after = 4, ritz_box_columns_around = 7 };

typedef struct ritz_box {
  ritz_index n0, n1, lanes;
  ritz_index columns; /* strips: unknowns of a row across all of them; 0: lanes are samples */
  ritz_index row;     /* numbers from a row to the next: (n1 + ritz_box_columns_around) lanes */
  void *centre;       /* not on the finest grid, whose centre is the sum of its couplings */
  void *inverse;      /* 1 / centre, unknowns only */
  void *east, *south; /* of (i, j) with (i, j + 1), with (i + 1, j) */
  void *southeast, *southwest; /* with (i + 1, j + 1), (i + 1, j - 1); NULL: five-point */
  void *west_share;  /* of (2I, 2J + 1): weight of coarse (I, J); (I, J + 1) has the rest */
  void *north_share; /* of (2I + 1, 2J): weight of (I, J); (I + 1, J) has the rest */
  void *corner[4];   /* of (2I + 1, 2J + 1): weights of NW, NE, SW, SE */
} ritz_box;

/* A lane of one set of fields that goes to a lane of another. */
typedef struct ritz_lane_pair {
  int from, to;
} ritz_lane_pair;

/** Numbers of one field. */
static inline ritz_index ritz_box_size(const ritz_box *box) {
  return (box->n0 + ritz_box_rows_around) * box->row;
}

/** Where (0, 0) is in it. */
static inline ritz_index ritz_box_origin(const ritz_box *box) {
  return ritz_box_row_before * box->row + ritz_box_column_before * box->lanes;
}

#endif
