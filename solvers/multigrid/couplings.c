/* SPDX-License-Identifier: BSD-3-Clause
 * From coefficients at the nodes to couplings, lane by lane, in two dimensions and in three. */
#include "solvers/multigrid/cuboid.h"
#include "solvers/multigrid/strips.h"

/* Two numbers at once: the rows of two lanes against their columns. */
typedef double pair __attribute__((vector_size(16), aligned(sizeof(double)), may_alias));

void ritz_box_gather(ritz_index lanes, ritz_index n, const double *const *row, double *out) {
  enum { strip = 8 }; /* a cache line of each sample at a time */
  for (ritz_index j = 0; j < n; j += strip) {
    const ritz_index end = j + strip < n ? j + strip : n;
    ritz_index l = 0;
    for (; l + 2 <= lanes; l += 2) {
      ritz_index k = j;
      for (; k + 2 <= end; k += 2) {
        const pair a = *(const pair *)(row[l] + k), b = *(const pair *)(row[l + 1] + k);
        *(pair *)(out + k * lanes + l) = (pair){a[0], b[0]};
        *(pair *)(out + (k + 1) * lanes + l) = (pair){a[1], b[1]};
      }
      if (k < end) *(pair *)(out + k * lanes + l) = (pair){row[l][k], row[l + 1][k]};
    }
    for (ritz_index k = j; l < lanes && k < end; k++) out[k * lanes + l] = row[l][k];
  }
}

/* -- Two dimensions ---------------------------------------------------------------------------- */

static void node_row(const ritz_coupling_rows *rows, ritz_index i, double *out) {
  if (rows->strips) {
    ritz_strips_row(rows->strips, rows->a[0] + i * (rows->strips->columns + 2), 1, rows->padded,
                    out);
    return;
  }
  const double *row[ritz_multigrid_most_lanes];
  for (ritz_index l = 0; l < rows->lanes; l++) row[l] = rows->a[l] + i * (rows->n1 + 2);
  ritz_box_gather(rows->lanes, rows->n1 + 2, row, out);
}

static void exchange(double **a, double **b) {
  double *const other = *a;
  *a = *b;
  *b = other;
}

/* Couplings between the rows here and below. */
static void face_south(const ritz_coupling_rows *rows) {
  rows->kernels->box_faces((rows->n1 + 2) * rows->lanes, rows->c0, rows->here, rows->below,
                           rows->mean == RITZ_FACE_HARMONIC, rows->south);
}

void ritz_coupling_rows_begin(ritz_coupling_rows *rows) {
  node_row(rows, 0, rows->here);
  node_row(rows, 1, rows->below);
  face_south(rows);
}

void ritz_coupling_rows_next(ritz_coupling_rows *rows, ritz_index i) {
  exchange(&rows->here, &rows->below);
  exchange(&rows->north, &rows->south);
  node_row(rows, i + 1, rows->below);
  face_south(rows);
  rows->kernels->box_faces((rows->n1 + 1) * rows->lanes, rows->c1, rows->here,
                           rows->here + rows->lanes, rows->mean == RITZ_FACE_HARMONIC, rows->east);
}

/* -- Three ------------------------------------------------------------------------------------- */

static void line(const ritz_cuboid_rows *rows, ritz_index i, ritz_index j, double *out) {
  const double *row[ritz_multigrid_most_lanes];
  const ritz_index width = rows->n[2] + 2;
  for (ritz_index l = 0; l < rows->lanes; l++)
    row[l] = rows->a[l] + (i * (rows->n[1] + 2) + j) * width;
  ritz_box_gather(rows->lanes, width, row, out);
}

static void faces(const ritz_cuboid_rows *rows, int axis, const double *a, const double *b,
                  double *out) {
  const ritz_index count = (rows->n[2] + 2 - (axis == 2)) * rows->lanes;
  rows->kernels->box_faces(count, rows->c[axis], a, b, rows->mean == RITZ_FACE_HARMONIC, out);
}

void ritz_cuboid_rows_make(ritz_cuboid_rows *rows, ritz_index i, ritz_index j) {
  static const int step[4][2] = {{-1, 0}, {1, 0}, {0, -1}, {0, 1}};
  double *const here = rows->node[4];
  line(rows, i, j, here);
  for (int f = 0; f < 4; f++) {
    line(rows, i + step[f][0], j + step[f][1], rows->node[f]);
    faces(rows, f / 2, here, rows->node[f], rows->coupling[f]);
  }
  faces(rows, 2, here, here + rows->lanes, rows->coupling[4]);
}
