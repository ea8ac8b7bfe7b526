/* SPDX-License-Identifier: BSD-3-Clause
 * Modes of a periodic box (periodic_box.h). */
#include "solvers/spectral/periodic_box.h"

#include <math.h>

#include "core/fail.h"
#include "core/memory.h"

static const double pi = 3.14159265358979323846;

static ritz_status check(int dim, const ritz_index *nodes, const double *length) {
  RITZ_REQUIRE(dim == 1 || dim == 2, RITZ_ERR_ARGUMENT, "a periodic box has 1 or 2 axes, not %d",
               dim);
  for (int a = 0; a < dim; a++) {
    RITZ_REQUIRE(nodes[a] >= 4, RITZ_ERR_ARGUMENT,
                 "axis %d of a periodic box has %td nodes, wanted 4 or more", a, nodes[a]);
    RITZ_REQUIRE(length[a] > 0 && isfinite(length[a]), RITZ_ERR_ARGUMENT,
                 "axis %d of a periodic box has length %g, wanted a positive number", a, length[a]);
  }
  return RITZ_OK;
}

/* Rows of frequencies along axis 0: in two dimensions -K ... K, in one only the columns exist. */
static ritz_index rows(const ritz_periodic_box *box) {
  return box->dim == 2 ? 2 * box->kept[0] + 1 : 1;
}

static void fill(ritz_periodic_box *box) {
  const int last = box->dim - 1;
  const ritz_index columns = box->kept[last] + 1;
  for (ritz_index m = 0; m < box->modes; m++) {
    if (box->dim == 2) box->q[0][m] = m / columns - box->kept[0];
    box->q[last][m] = m % columns;
    for (int a = 0; a < box->dim; a++) {
      box->k[a][m] = 2 * pi * (double)box->q[a][m] / box->length[a];
      box->square[m] += box->k[a][m] * box->k[a][m];
    }
  }
}

ritz_status ritz_periodic_box_init(int dim, const ritz_index *nodes, const double *length,
                                   ritz_periodic_box *box) {
  *box = (ritz_periodic_box){.dim = dim, .nodes = {1, 1}, .length = {1, 1}};
  RITZ_TRY(check(dim, nodes, length));
  for (int a = 0; a < dim; a++) {
    box->nodes[a] = nodes[a];
    box->length[a] = length[a];
    box->kept[a] = (nodes[a] - 1) / 3;
  }
  box->modes = rows(box) * (box->kept[dim - 1] + 1);
  for (int a = 0; a < 2; a++) {
    RITZ_TRY(RITZ_NEW(box->modes, &box->q[a]));
    RITZ_TRY(RITZ_NEW(box->modes, &box->k[a]));
  }
  RITZ_TRY(RITZ_NEW(box->modes, &box->square));
  fill(box);
  return RITZ_OK;
}

void ritz_periodic_box_clear(ritz_periodic_box *box) {
  for (int a = 0; a < 2; a++) {
    ritz_free(box->q[a]);
    ritz_free(box->k[a]);
  }
  ritz_free(box->square);
  *box = (ritz_periodic_box){0};
}

ritz_index ritz_periodic_box_mode(const ritz_periodic_box *box, ritz_index q0, ritz_index q1) {
  const ritz_index row = box->dim == 2 ? q0 + box->kept[0] : 0;
  const ritz_index column = box->dim == 2 ? q1 : q0, columns = box->kept[box->dim - 1] + 1;
  if (row < 0 || row >= rows(box) || column < 0 || column >= columns) return -1;
  return row * columns + column;
}

ritz_status ritz_periodic_box_transform(const ritz_periodic_box *box, ritz_index fields,
                                        ritz_transform **out) {
  return ritz_periodic_box_transform_on(box, box->nodes, fields, out);
}

ritz_status ritz_periodic_box_transform_on(const ritz_periodic_box *box, const ritz_index *nodes,
                                           ritz_index fields, ritz_transform **out) {
  *out = NULL;
  for (int a = 0; a < box->dim; a++)
    RITZ_REQUIRE(2 * box->kept[a] < nodes[a], RITZ_ERR_ARGUMENT,
                 "axis %d: %td nodes do not tell %td modes from each other", a, nodes[a],
                 2 * box->kept[a] + 1);
  ritz_transform_shape shape = {
      .dtype = RITZ_FLOAT64, .dim = box->dim, .batch = 1, .channels = fields};
  ritz_index *frequency;
  RITZ_TRY(RITZ_NEW(rows(box) + box->kept[box->dim - 1] + 1, &frequency));
  ritz_index *const columns = frequency + rows(box);
  for (ritz_index i = 0; i < rows(box); i++) frequency[i] = i - box->kept[0];
  for (ritz_index i = 0; i <= box->kept[box->dim - 1]; i++) columns[i] = i;
  for (int a = 0; a < box->dim; a++) {
    const bool last = a == box->dim - 1;
    shape.grid[a] = nodes[a];
    shape.modes[a] = last ? box->kept[a] + 1 : rows(box);
    shape.frequency[a] = last ? columns : frequency;
  }
  const ritz_status status = ritz_transform_create(&shape, RITZ_SPECTRAL_AUTO, 1, out);
  ritz_free(frequency);
  return status;
}
