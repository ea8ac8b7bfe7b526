/* SPDX-License-Identifier: BSD-3-Clause
 * Levels of a three-dimensional hierarchy and the cycle through them. */
#include "solvers/multigrid/cuboid.h"

#include "core/fail.h"
#include "core/memory.h"
#include "kernels/kernels.h"
#include "solvers/multigrid/cuboid_level.h"
#include "solvers/multigrid/visits.h"

enum {
  most_levels = 32,
  bottom = 4,           /* Galerkin: a grid shorter than this along an axis may have a factor, */
  most_factor = 1 << 16 /* of so many numbers a lane */
};

struct ritz_cuboid_multigrid {
  ritz_dtype dtype;
  const ritz_solver_kernels *kernels;
  ritz_cycle cycle;
  int levels;
  bool galerkin;
  int sweeps, bottom; /* of the smoother on either way; on the coarsest level without a factor */
  ritz_cuboid_level level[most_levels];
  void *band;                               /* factor of the coarsest operator */
  double unused[ritz_multigrid_most_lanes]; /* dot products of coarser levels */
};

static ritz_index least(const ritz_index n[3]) {
  const ritz_index m = n[0] < n[1] ? n[0] : n[1];
  return m < n[2] ? m : n[2];
}

/* Numbers of a factor, per lane. */
static ritz_index factor_size(const ritz_index n[3]) {
  return n[0] * n[1] * n[2] * (ritz_cuboid_width(n) + 1);
}

static ritz_status create_levels(ritz_cuboid_multigrid *m, const ritz_index n[3],
                                 ritz_index lanes) {
  ritz_index at[3] = {n[0], n[1], n[2]};
  bool factor = false;
  for (bool finest = true;; finest = false) {
    ritz_cuboid_level *v = &m->level[m->levels++];
    RITZ_TRY(ritz_cuboid_level_create(m->dtype, at, lanes, finest ? NULL : v - 1, m->galerkin, v));
    factor = m->galerkin && least(at) < bottom && factor_size(at) <= most_factor;
    if (factor || least(at) < 2 || m->levels == most_levels) break;
    for (int axis = 0; axis < 3; axis++) at[axis] /= 2;
  }
  if (factor) return ritz_calloc(factor_size(at) * lanes, ritz_dtype_size(m->dtype), &m->band);
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
    RITZ_REQUIRE(n[axis] > 0 && n[axis] <= 1 << 14, RITZ_ERR_ARGUMENT,
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
  m->galerkin = chosen.galerkin;
  m->kernels = ritz_solver_kernels_get(chosen.dtype);
  const ritz_status status = create_levels(m, n, chosen.lanes);
  if (status != RITZ_OK) ritz_cuboid_multigrid_destroy(&m);
  *out = m;
  return status;
}

void ritz_cuboid_multigrid_destroy(ritz_cuboid_multigrid **multigrid) {
  if (!multigrid || !*multigrid) return;
  for (int l = 0; l < (*multigrid)->levels; l++) ritz_cuboid_level_clear(&(*multigrid)->level[l]);
  ritz_free((*multigrid)->band);
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
  const ritz_solver_kernels *k = m->kernels;
  set_couplings(m, rows);
  k->cuboid_inverse(&m->level[0].box);
  for (int l = 0; l + 1 < m->levels; l++) {
    const ritz_cuboid *fine = &m->level[l].box, *coarse = &m->level[l + 1].box;
    if (m->galerkin) {
      k->cuboid_weights(fine, coarse);
      k->cuboid_galerkin(fine, coarse);
    } else {
      k->cuboid_coarsen(fine, coarse);
    }
    k->cuboid_inverse(coarse);
  }
  if (m->band) k->cuboid_band_factor(&m->level[m->levels - 1].box, m->band);
}

void ritz_cuboid_multigrid_move(ritz_cuboid_multigrid *to, const ritz_cuboid_multigrid *from,
                                int pairs, const ritz_lane_pair *pair) {
  const ritz_index lanes = to->level[0].box.lanes;
  for (int l = 0; l < to->levels; l++)
    to->kernels->lanes_copy(to->level[l].fields * ritz_cuboid_size(&to->level[l].box) / lanes,
                            lanes, pairs, pair, from->level[l].block, to->level[l].block);
  if (to->band)
    to->kernels->lanes_copy(factor_size(to->level[to->levels - 1].box.n), lanes, pairs, pair,
                            from->band, to->band);
}

/* -- What a visit of a level does ---------------------------------------------------------------
 */

/* x is kept between the ways unless it follows from b alone. */
static bool keeps(const ritz_cuboid_multigrid *m, bool guess) {
  return guess || m->galerkin || m->sweeps > 1;
}

static void descend(void *hierarchy, int l, bool guess, const void *b, void *x) {
  ritz_cuboid_multigrid *m = hierarchy;
  const ritz_solver_kernels *k = m->kernels;
  const ritz_cuboid_level *v = &m->level[l];
  if (v->box.coupling[3])
    k->cuboid_descend27(&v->box, &v[1].box, m->sweeps, guess, b, x, v->planes, v[1].b);
  else if (keeps(m, guess))
    k->cuboid_descend_kept(&v->box, &v[1].box, m->sweeps, guess, b, x, v->planes, v[1].b);
  else
    k->cuboid_descend(&v->box, &v[1].box, b, v->planes, v[1].b);
}

static void ascend(void *hierarchy, int l, bool guess, const void *b, void *x, double *dot) {
  ritz_cuboid_multigrid *m = hierarchy;
  const ritz_solver_kernels *k = m->kernels;
  const ritz_cuboid_level *v = &m->level[l];
  if (!dot) dot = m->unused;
  if (v->box.coupling[3])
    k->cuboid_ascend27(&v->box, &v[1].box, m->sweeps, b, v[1].x, x);
  else if (keeps(m, guess))
    k->cuboid_ascend_kept(&v->box, &v[1].box, m->sweeps, b, v[1].x, x, dot);
  else
    k->cuboid_ascend(&v->box, &v[1].box, b, v[1].x, x, dot);
}

static void solve_bottom(void *hierarchy, const void *b, void *x, double *dot) {
  ritz_cuboid_multigrid *m = hierarchy;
  const ritz_solver_kernels *k = m->kernels;
  const ritz_cuboid *box = &m->level[m->levels - 1].box;
  if (!dot) dot = m->unused;
  if (m->band)
    k->cuboid_band_solve(box, m->band, b, x, dot);
  else if (box->coupling[3])
    k->cuboid_bottom27(box, m->bottom, b, x);
  else
    k->cuboid_bottom(box, m->bottom, b, x, dot);
}

static void restricts(void *hierarchy, int l, void *b) {
  ritz_cuboid_multigrid *m = hierarchy;
  m->kernels->cuboid_restrict(&m->level[l].box, &m->level[l + 1].box, b, m->level[l + 1].b);
}

static void prolong(void *hierarchy, int l, void *x) {
  ritz_cuboid_multigrid *m = hierarchy;
  m->kernels->cuboid_prolong(&m->level[l].box, &m->level[l + 1].box, m->level[l + 1].x, x);
}

static void fields(void *hierarchy, int l, void **b, void **x) {
  ritz_cuboid_multigrid *m = hierarchy;
  *b = m->level[l].b;
  *x = m->level[l].x;
}

static const ritz_visits visits = {.descend = descend,
                                   .ascend = ascend,
                                   .bottom = solve_bottom,
                                   .restricts = restricts,
                                   .prolong = prolong,
                                   .fields = fields};

void ritz_cuboid_multigrid_cycle(ritz_cuboid_multigrid *m, const void *b, void *x, double *dot) {
  ritz_visit(&visits, m, m->levels, 0, m->cycle, false, b, x, dot);
}

void ritz_cuboid_multigrid_start(ritz_cuboid_multigrid *m, void *b, void *x) {
  ritz_visit_start(&visits, m, m->levels, m->cycle, b, x);
}
