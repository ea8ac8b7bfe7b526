/* SPDX-License-Identifier: BSD-3-Clause
 * Levels of a three-dimensional hierarchy and the cycle through them. */
#include "solvers/multigrid/cuboid.h"

#include "core/fail.h"
#include "core/memory.h"
#include "kernels/kernels.h"

enum {
  most_levels = 32,
  operator_fields = 4 /* of a level; on coarser ones right-hand side and correction follow */
};

typedef struct level {
  ritz_cuboid box;
  void *block;  /* all its arrays */
  void *b, *x;  /* coarser levels: right-hand side and correction */
  void *planes; /* [8]: work space, framed by zeros */
} level;

struct ritz_cuboid_multigrid {
  ritz_dtype dtype;
  const ritz_solver_kernels *kernels;
  ritz_cycle cycle;
  int levels;
  int sweeps, bottom; /* of the smoother on either way; on the coarsest level */
  level level[most_levels];
  double unused[ritz_multigrid_most_lanes]; /* dot products of coarser levels */
};

static void node_row(const ritz_cuboid_rows *rows, ritz_index i, ritz_index j, double *out) {
  const double *row[ritz_multigrid_most_lanes];
  const ritz_index width = rows->n[2] + 2;
  for (ritz_index l = 0; l < rows->lanes; l++)
    row[l] = rows->a[l] + (i * (rows->n[1] + 2) + j) * width;
  ritz_box_gather(rows->lanes, width, row, out);
}

static void face_row(const ritz_cuboid_rows *rows, int axis, const double *a, const double *b,
                     double *out) {
  const ritz_index count = (rows->n[2] + 2 - (axis == 2)) * rows->lanes;
  rows->kernels->box_faces(count, rows->c[axis], a, b, rows->mean == RITZ_FACE_HARMONIC, out);
}

void ritz_cuboid_rows_make(ritz_cuboid_rows *rows, ritz_index i, ritz_index j) {
  static const int step[4][2] = {{-1, 0}, {1, 0}, {0, -1}, {0, 1}};
  double *const here = rows->node[4];
  node_row(rows, i, j, here);
  for (int f = 0; f < 4; f++) {
    node_row(rows, i + step[f][0], j + step[f][1], rows->node[f]);
    face_row(rows, f / 2, here, rows->node[f], rows->coupling[f]);
  }
  face_row(rows, 2, here, here + rows->lanes, rows->coupling[4]);
}

static ritz_status create_level(const ritz_cuboid_multigrid *m, level *v, bool finest) {
  ritz_cuboid *box = &v->box;
  const size_t bytes = ritz_dtype_size(m->dtype);
  const ritz_index size = ritz_cuboid_size(box);
  void **const fields[] = {
      &box->coupling[0], &box->coupling[1], &box->coupling[2], &box->inverse, &v->b, &v->x};
  const int count = finest ? operator_fields : operator_fields + 2;
  RITZ_TRY(ritz_calloc(count * size, bytes, &v->block));
  for (int i = 0; i < count; i++) *fields[i] = (char *)v->block + (size_t)(i * size) * bytes;
  return ritz_calloc(8 * box->plane, bytes, &v->planes);
}

static ritz_index least(const ritz_index n[3]) {
  const ritz_index m = n[0] < n[1] ? n[0] : n[1];
  return m < n[2] ? m : n[2];
}

static ritz_status create_levels(ritz_cuboid_multigrid *m, const ritz_index n[3],
                                 ritz_index lanes) {
  ritz_index at[3] = {n[0], n[1], n[2]};
  for (bool finest = true;; finest = false) {
    level *v = &m->level[m->levels++];
    v->box = (ritz_cuboid){.n = {at[0], at[1], at[2]}, .lanes = lanes};
    v->box.row = (at[2] + 2) * lanes;
    v->box.plane = (at[1] + 2) * v->box.row;
    RITZ_TRY(create_level(m, v, finest));
    if (least(at) < 2 || m->levels == most_levels) break;
    for (int axis = 0; axis < 3; axis++) at[axis] /= 2;
  }
  /* One point is exact after one relaxation; a line needs about as many as it is long. */
  m->bottom = 1;
  for (int axis = 0; axis < 3; axis++)
    if (at[axis] > m->bottom) m->bottom = at[axis] < 32 ? (int)at[axis] : 32;
  return RITZ_OK;
}

ritz_status ritz_cuboid_multigrid_create(const ritz_index n[3],
                                         const ritz_multigrid_options *options,
                                         ritz_cuboid_multigrid **out) {
  *out = NULL;
  ritz_multigrid_options chosen;
  ritz_multigrid_options_defaults(&chosen);
  if (options) chosen = *options;
  for (int axis = 0; axis < 3; axis++)
    RITZ_REQUIRE(n[axis] > 0 && n[axis] < 1 << 14, RITZ_ERR_ARGUMENT,
                 "unknowns along axis %d are %td, wanted 1 ... 2^14", axis, n[axis]);
  RITZ_REQUIRE(chosen.lanes >= 1 && chosen.lanes <= ritz_multigrid_most_lanes, RITZ_ERR_ARGUMENT,
               "lanes are %td, wanted 1 ... %d", chosen.lanes, ritz_multigrid_most_lanes);
  RITZ_REQUIRE(chosen.sweeps >= 1, RITZ_ERR_ARGUMENT, "sweeps are %d, wanted at least 1",
               chosen.sweeps);
  ritz_cuboid_multigrid *m;
  RITZ_TRY(RITZ_NEW(1, &m));
  m->dtype = chosen.dtype;
  m->cycle = chosen.cycle;
  m->sweeps = chosen.sweeps;
  m->kernels = ritz_solver_kernels_get(chosen.dtype);
  const ritz_status status = create_levels(m, n, chosen.lanes);
  if (status != RITZ_OK) ritz_cuboid_multigrid_destroy(&m);
  *out = m;
  return status;
}

void ritz_cuboid_multigrid_destroy(ritz_cuboid_multigrid **multigrid) {
  if (!multigrid || !*multigrid) return;
  for (int l = 0; l < (*multigrid)->levels; l++) {
    ritz_free((*multigrid)->level[l].block);
    ritz_free((*multigrid)->level[l].planes);
  }
  ritz_free(*multigrid);
  *multigrid = NULL;
}

const ritz_cuboid *ritz_cuboid_multigrid_box(const ritz_cuboid_multigrid *multigrid) {
  return &multigrid->level[0].box;
}

/* Rounds `count` columns of couplings from column `from` on into row (i, j). */
static void put(const ritz_cuboid_multigrid *m, int axis, ritz_index i, ritz_index j,
                ritz_index from, ritz_index count, const double *row) {
  const ritz_cuboid *box = &m->level[0].box;
  const ritz_index at = i * box->plane + j * box->row + from * box->lanes;
  m->kernels->box_round(count * box->lanes, row + from * box->lanes,
                        (char *)box->coupling[axis] + (size_t)at * ritz_dtype_size(m->dtype));
}

static void set_couplings(const ritz_cuboid_multigrid *m, ritz_cuboid_rows *rows) {
  const ritz_index *n = m->level[0].box.n;
  for (ritz_index i = 1; i <= n[0]; i++)
    for (ritz_index j = 1; j <= n[1]; j++) {
      ritz_cuboid_rows_make(rows, i, j);
      if (i == 1) put(m, 0, 0, j, 1, n[2], rows->coupling[0]);
      put(m, 0, i, j, 1, n[2], rows->coupling[1]);
      if (j == 1) put(m, 1, i, 0, 1, n[2], rows->coupling[2]);
      put(m, 1, i, j, 1, n[2], rows->coupling[3]);
      put(m, 2, i, j, 0, n[2] + 1, rows->coupling[4]);
    }
}

void ritz_cuboid_multigrid_setup(ritz_cuboid_multigrid *m, ritz_cuboid_rows *rows) {
  set_couplings(m, rows);
  m->kernels->cuboid_inverse(&m->level[0].box);
  for (int l = 0; l + 1 < m->levels; l++) {
    m->kernels->cuboid_coarsen(&m->level[l].box, &m->level[l + 1].box);
    m->kernels->cuboid_inverse(&m->level[l + 1].box);
  }
}

void ritz_cuboid_multigrid_move(ritz_cuboid_multigrid *to, const ritz_cuboid_multigrid *from,
                                int pairs, const ritz_lane_pair *pair) {
  for (int l = 0; l < to->levels; l++) {
    const ritz_cuboid *box = &to->level[l].box;
    to->kernels->lanes_copy(operator_fields * ritz_cuboid_size(box) / box->lanes, box->lanes, pairs,
                            pair, from->level[l].block, to->level[l].block);
  }
}

/* x = M b on level l; with a guess, coarser levels only, x += M (b - A x). */
static void visit(ritz_cuboid_multigrid *m, int l, ritz_cycle cycle, bool guess, const void *b,
                  void *x, double *dot) {
  const ritz_solver_kernels *k = m->kernels;
  level *v = &m->level[l], *next = v + 1;
  const bool kept = guess || m->sweeps > 1;
  if (l + 1 == m->levels) {
    k->cuboid_bottom(&v->box, m->bottom, b, x, dot);
    return;
  }
  if (kept)
    k->cuboid_descend_kept(&v->box, &next->box, m->sweeps, guess, b, x, v->planes, next->b);
  else
    k->cuboid_descend(&v->box, &next->box, b, v->planes, next->b);
  visit(m, l + 1, cycle, false, next->b, next->x, m->unused);
  if (cycle != RITZ_CYCLE_V && l + 2 < m->levels)
    visit(m, l + 1, cycle == RITZ_CYCLE_F ? RITZ_CYCLE_V : cycle, true, next->b, next->x,
          m->unused);
  if (kept)
    k->cuboid_ascend_kept(&v->box, &next->box, m->sweeps, b, next->x, x, dot);
  else
    k->cuboid_ascend(&v->box, &next->box, b, next->x, x, dot);
}

void ritz_cuboid_multigrid_cycle(ritz_cuboid_multigrid *multigrid, const void *b, void *x,
                                 double *dot) {
  visit(multigrid, 0, multigrid->cycle, false, b, x, dot);
}

void ritz_cuboid_multigrid_start(ritz_cuboid_multigrid *m, const void *b, void *x) {
  const ritz_solver_kernels *k = m->kernels;
  level *v = m->level;
  const int last = m->levels - 1;
  for (int l = 0; l < last; l++)
    k->cuboid_restrict(&v[l].box, &v[l + 1].box, l == 0 ? b : v[l].b, v[l + 1].b);
  k->cuboid_bottom(&v[last].box, m->bottom, last == 0 ? b : v[last].b, last == 0 ? x : v[last].x,
                   m->unused);
  for (int l = last - 1; l >= 0; l--) {
    k->cuboid_prolong(&v[l].box, &v[l + 1].box, v[l + 1].x, l == 0 ? x : v[l].x);
    if (l > 0) visit(m, l, m->cycle, true, v[l].b, v[l].x, m->unused);
  }
}
