/* SPDX-License-Identifier: BSD-3-Clause
 * One lane, and the copies between vectors and boxes. */
#include "solvers/multigrid/map.h"

#include <math.h>
#include <string.h>

#include "core/dtype.h"
#include "core/fail.h"
#include "core/memory.h"

struct ritz_multigrid_map {
  ritz_index n0, n1; /* nodes */
  ritz_dtype dtype;
  ritz_multigrid *multigrid;
  const ritz_box *box;
  ritz_coupling_rows rows;
  double *buffers; /* the rows' */
  void *fields;
  char *b, *x; /* point (0, 0) */
};

static ritz_status create_fields(ritz_multigrid_map *m) {
  const ritz_index size = ritz_box_size(m->box), origin = ritz_box_origin(m->box);
  const size_t bytes = ritz_dtype_size(m->dtype);
  RITZ_TRY(ritz_calloc(2 * size, bytes, &m->fields));
  m->b = (char *)m->fields + (size_t)origin * bytes;
  m->x = m->b + (size_t)size * bytes;
  RITZ_TRY(RITZ_NEW(5 * m->box->row, &m->buffers));
  double **const rows[] = {&m->rows.here, &m->rows.below, &m->rows.north, &m->rows.south,
                           &m->rows.east};
  for (int i = 0; i < 5; i++) *rows[i] = m->buffers + i * m->box->row;
  return RITZ_OK;
}

ritz_status ritz_multigrid_map_create(ritz_index n0, ritz_index n1, double h0, double h1,
                                      const ritz_multigrid_options *options,
                                      ritz_multigrid_map **out) {
  *out = NULL;
  RITZ_REQUIRE(n0 >= 3 && n1 >= 3, RITZ_ERR_ARGUMENT,
               "grid is [%td, %td] nodes, wanted at least 3 per axis", n0, n1);
  RITZ_REQUIRE(h0 > 0 && h1 > 0, RITZ_ERR_ARGUMENT, "spacing is %g, %g, wanted positive numbers",
               h0, h1);
  ritz_multigrid_options chosen;
  ritz_multigrid_options_defaults(&chosen);
  if (options) chosen = *options;
  chosen.lanes = 1;
  ritz_status status;
  ritz_multigrid_map *m;
  RITZ_TRY(RITZ_NEW(1, &m));
  m->n0 = n0;
  m->n1 = n1;
  m->dtype = chosen.dtype;
  m->rows = (ritz_coupling_rows){.kernels = ritz_solver_kernels_get(RITZ_FLOAT64),
                                 .n1 = n1 - 2,
                                 .lanes = 1,
                                 .c0 = h1 / h0,
                                 .c1 = h0 / h1};
  RITZ_TRY_DONE(ritz_multigrid_create(n0 - 2, n1 - 2, &chosen, &m->multigrid));
  m->box = ritz_multigrid_box(m->multigrid);
  RITZ_TRY_DONE(create_fields(m));
  *out = m;
  return RITZ_OK;
done:
  ritz_multigrid_map_destroy(&m);
  return status;
}

void ritz_multigrid_map_destroy(ritz_multigrid_map **map) {
  if (!map || !*map) return;
  ritz_multigrid_destroy(&(*map)->multigrid);
  ritz_free((*map)->buffers);
  ritz_free((*map)->fields);
  ritz_free(*map);
  *map = NULL;
}

void ritz_multigrid_map_set(ritz_multigrid_map *map, const double *a, ritz_face_mean mean) {
  const double *const lane[] = {a};
  map->rows.a = lane;
  map->rows.mean = mean;
  ritz_multigrid_setup(map->multigrid, &map->rows);
  map->rows.a = NULL;
}

int ritz_multigrid_map_apply(void *map, const void *rv, void *zv) {
  const ritz_multigrid_map *m = map;
  const double *r = rv;
  double *z = zv, sum = 0, dot;
  for (ritz_index k = 0; k < m->n0 * m->n1; k++) sum += r[k] * r[k];
  const double size = sum > 0 && isfinite(sum) ? sqrt(sum) : 1;
  for (ritz_index i = 1; i <= m->box->n0; i++)
    for (ritz_index j = 1; j <= m->box->n1; j++)
      ritz_number_set(m->dtype, m->b, i * m->box->row + j, r[i * m->n1 + j] / size);
  ritz_multigrid_cycle(m->multigrid, m->b, m->x, &dot);
  memset(z, 0, (size_t)(m->n0 * m->n1) * sizeof *z);
  for (ritz_index i = 1; i <= m->box->n0; i++)
    for (ritz_index j = 1; j <= m->box->n1; j++)
      z[i * m->n1 + j] = size * ritz_number_get(m->dtype, m->x, i * m->box->row + j);
  return 0;
}
