/* SPDX-License-Identifier: BSD-3-Clause
 * From coefficients at the nodes to couplings, lane by lane. */
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
