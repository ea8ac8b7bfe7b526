/* SPDX-License-Identifier: BSD-3-Clause
 * Levels of a hierarchy and the cycles through them. */
#include "core/dtype.h"
#include "core/fail.h"
#include "core/memory.h"
#include "solvers/multigrid/levels.h"
#include "solvers/multigrid/strips.h"
#include "solvers/multigrid/visits.h"

enum {
  finest_fields = 3,
  operator_fields = 12 /* of a coarser level; right-hand side and iterate follow */
};

void ritz_multigrid_options_defaults(ritz_multigrid_options *options) {
  *options = (ritz_multigrid_options){.cycle = RITZ_CYCLE_V,
                                      .sweeps = 2,
                                      .dtype = RITZ_FLOAT32,
                                      .lanes = 8,
                                      .tolerance = 1e-8,
                                      .max_iterations = 200};
}

static ritz_index smaller(ritz_index a, ritz_index b) { return a < b ? a : b; }

/* A block with `count` fields, and where each has its point (0, 0). */
static ritz_status create_fields(const ritz_multigrid *m, ritz_multigrid_level *v, int count,
                                 void **field[]) {
  const ritz_index size = ritz_box_size(&v->box);
  const size_t bytes = ritz_dtype_size(m->options.dtype);
  RITZ_TRY(ritz_calloc(count * size, bytes, &v->block));
  for (int i = 0; i < count; i++)
    *field[i] = (char *)v->block + (size_t)(i * size + ritz_box_origin(&v->box)) * bytes;
  return RITZ_OK;
}

static ritz_status create_level(const ritz_multigrid *m, ritz_multigrid_level *v, bool finest) {
  ritz_box *box = &v->box;
  void **fields[] = {&box->east,
                     &box->south,
                     &box->inverse,
                     &box->centre,
                     &box->southeast,
                     &box->southwest,
                     &box->west_share,
                     &box->north_share,
                     &box->corner[0],
                     &box->corner[1],
                     &box->corner[2],
                     &box->corner[3],
                     &v->b,
                     &v->x};
  return create_fields(m, v, finest ? finest_fields : operator_fields + 2, fields);
}

/* Numbers of the factor of the coarsest operator. */
static ritz_index band_size(const ritz_multigrid *m) {
  const ritz_box *box = &m->level[m->levels - 1].box;
  return box->n0 * box->n1 * (smaller(box->n0, box->n1) + 2) * box->lanes;
}

/* The hierarchy that the coarsest level of strips is copied to. */
static ritz_status create_below(ritz_multigrid *m, ritz_index n0, ritz_index n1);

/* Levels in lanes as planned, down to the one that is solved directly or, of strips, copied. */
static ritz_status create_levels(ritz_multigrid *m, ritz_index n0, ritz_index n1,
                                 const ritz_strips_plan *plan, bool nine) {
  const size_t bytes = ritz_dtype_size(m->options.dtype);
  const bool strips = plan->levels > 0;
  const ritz_index lanes = strips ? plan->lanes : m->options.lanes;
  const int most = strips ? plan->levels : ritz_multigrid_most_levels;
  for (ritz_index width = strips ? plan->width : n1;; width /= 2) {
    ritz_multigrid_level *v = &m->level[m->levels++];
    v->box = (ritz_box){.n0 = n0, .n1 = width, .lanes = lanes, .columns = strips ? n1 : 0};
    v->box.row = (width + ritz_box_columns_around) * lanes;
    RITZ_TRY(create_level(m, v, m->levels == 1 && !nine));
    RITZ_TRY(ritz_calloc(4 * v->box.row, bytes, &v->rows));
    if (smaller(n0, n1) < ritz_multigrid_bottom || m->levels == most) break;
    n0 /= 2;
    n1 /= 2;
  }
  if (strips) return create_below(m, n0, n1);
  return ritz_calloc(band_size(m), bytes, &m->band);
}

static ritz_status create(ritz_index n0, ritz_index n1, const ritz_multigrid_options *options,
                          const ritz_strips_plan *plan, bool nine, ritz_multigrid **out) {
  ritz_multigrid *m;
  RITZ_TRY(RITZ_NEW(1, &m));
  m->options = *options;
  m->kernels = ritz_solver_kernels_get(options->dtype);
  const ritz_status status = create_levels(m, n0, n1, plan, nine);
  if (status != RITZ_OK) ritz_multigrid_destroy(&m);
  *out = m;
  return status;
}

static ritz_status create_below(ritz_multigrid *m, ritz_index n0, ritz_index n1) {
  const ritz_strips_plan plan = ritz_strips_choose(n0, n1, ritz_strips_least(m->options.dtype),
                                                   m->level[0].box.lanes / 2, true);
  return create(n0, n1, &m->options, &plan, true, &m->below);
}

static ritz_status check(ritz_index n0, ritz_index n1, const ritz_multigrid_options *o) {
  RITZ_REQUIRE(n0 > 0 && n1 > 0 && n0 <= 1 << 20 && n1 <= 1 << 20, RITZ_ERR_ARGUMENT,
               "unknowns are [%td, %td], wanted 1 ... 2^20 per axis", n0, n1);
  RITZ_REQUIRE(o->lanes >= 1 && o->lanes <= ritz_multigrid_most_lanes, RITZ_ERR_ARGUMENT,
               "lanes are %td, wanted 1 ... %d", o->lanes, ritz_multigrid_most_lanes);
  RITZ_REQUIRE(o->strips == 0 || o->strips >= 2, RITZ_ERR_ARGUMENT,
               "strips are %td, wanted 0 or at least 2", o->strips);
  RITZ_REQUIRE(o->strips == 0 || o->lanes == 1, RITZ_ERR_ARGUMENT,
               "lanes are %td, wanted 1 with strips, which hold one sample", o->lanes);
  RITZ_REQUIRE(o->sweeps >= 1, RITZ_ERR_ARGUMENT, "sweeps are %d, wanted at least 1", o->sweeps);
  return RITZ_OK;
}

ritz_status ritz_multigrid_create(ritz_index n0, ritz_index n1,
                                  const ritz_multigrid_options *options, ritz_multigrid **out) {
  *out = NULL;
  ritz_multigrid_options chosen;
  ritz_multigrid_options_defaults(&chosen);
  if (options) chosen = *options;
  RITZ_TRY(check(n0, n1, &chosen));
  ritz_index most = 1;
  ritz_solver_kernels_get(chosen.dtype)->box_widest(&most);
  const ritz_strips_plan plan = ritz_strips_choose(
      n0, n1, ritz_strips_least(chosen.dtype), smaller(chosen.strips, most), chosen.strips == 0);
  return create(n0, n1, &chosen, &plan, false, out);
}

void ritz_multigrid_destroy(ritz_multigrid **multigrid) {
  if (!multigrid || !*multigrid) return;
  for (int l = 0; l < (*multigrid)->levels; l++) {
    ritz_free((*multigrid)->level[l].block);
    ritz_free((*multigrid)->level[l].rows);
  }
  ritz_free((*multigrid)->band);
  ritz_multigrid_destroy(&(*multigrid)->below);
  ritz_free(*multigrid);
  *multigrid = NULL;
}

const ritz_box *ritz_multigrid_box(const ritz_multigrid *multigrid) {
  return &multigrid->level[0].box;
}

int ritz_multigrid_levels(const ritz_multigrid *multigrid) { return multigrid->levels; }

static void set_couplings(const ritz_multigrid *m, ritz_coupling_rows *rows) {
  const ritz_box *box = &m->level[0].box;
  const size_t bytes = ritz_dtype_size(m->options.dtype);
  ritz_coupling_rows_begin(rows);
  for (ritz_index i = 0; i <= box->n0; i++) {
    if (i > 0) ritz_coupling_rows_next(rows, i);
    char *const south = (char *)box->south + (size_t)(i * box->row + box->lanes) * bytes;
    m->kernels->box_round(box->n1 * box->lanes, rows->south + box->lanes, south);
    if (i > 0)
      m->kernels->box_round((box->n1 + 1) * box->lanes, rows->east,
                            (char *)box->east + (size_t)(i * box->row) * bytes);
  }
  if (!box->columns) return;
  m->kernels->box_edges(box, true, box->east);
  m->kernels->box_edges(box, true, box->south);
}

/* Of strips: the operator of the coarsest level. */
static void copy_operator(const ritz_multigrid *m) {
  const ritz_box *from = &m->level[m->levels - 1].box, *to = &m->below->level[0].box;
  const void *const source[] = {from->east,      from->south,  from->southeast,
                                from->southwest, from->centre, from->inverse};
  void *const target[] = {to->east,      to->south,  to->southeast,
                          to->southwest, to->centre, to->inverse};
  for (int f = 0; f < 6; f++) m->kernels->box_copy(from, source[f], to, target[f]);
}

/* All that follows from the operator of the finest level. */
static void set_coarser(ritz_multigrid *m) {
  for (int l = 0; l + 1 < m->levels; l++) {
    m->kernels->box_weights(&m->level[l].box, &m->level[l + 1].box);
    m->kernels->box_galerkin(&m->level[l].box, &m->level[l + 1].box);
  }
  if (m->below) {
    copy_operator(m);
    set_coarser(m->below);
  } else {
    m->kernels->box_band_factor(&m->level[m->levels - 1].box, m->band);
  }
}

void ritz_multigrid_setup(ritz_multigrid *m, ritz_coupling_rows *rows) {
  set_couplings(m, rows);
  m->kernels->box_inverse(&m->level[0].box);
  set_coarser(m);
}

void ritz_multigrid_move(ritz_multigrid *to, const ritz_multigrid *from, int pairs,
                         const ritz_lane_pair *pair) {
  const ritz_solver_kernels *k = to->kernels;
  const ritz_index lanes = to->options.lanes;
  for (int l = 0; l < to->levels; l++) {
    const ritz_index size = ritz_box_size(&to->level[l].box);
    k->lanes_copy((l == 0 ? finest_fields : operator_fields) * size / lanes, lanes, pairs, pair,
                  from->level[l].block, to->level[l].block);
  }
  k->lanes_copy(band_size(to) / lanes, lanes, pairs, pair, from->band, to->band);
}

/* -- What a visit of a level does ---------------------------------------------------------------
 */

static void descend(void *hierarchy, int l, bool guess, const void *b, void *x) {
  ritz_multigrid *m = hierarchy;
  ritz_multigrid_level *v = &m->level[l];
  const int sweeps = m->options.sweeps;
  if (!v->box.southeast)
    m->kernels->box_descend5(&v->box, &v[1].box, sweeps, b, x, v->rows, v[1].b);
  else
    m->kernels->box_descend9(&v->box, &v[1].box, sweeps, guess, b, x, v->rows, v[1].b);
}

static void ascend(void *hierarchy, int l, bool guess, const void *b, void *x, double *dot) {
  (void)guess;
  ritz_multigrid *m = hierarchy;
  ritz_multigrid_level *v = &m->level[l];
  const int sweeps = m->options.sweeps;
  if (!v->box.southeast)
    m->kernels->box_ascend5(&v->box, &v[1].box, sweeps, b, v[1].x, x, dot);
  else
    m->kernels->box_ascend9(&v->box, &v[1].box, sweeps, b, v[1].x, x);
}

static void restricts(void *hierarchy, int l, void *b) {
  ritz_multigrid *m = hierarchy;
  m->kernels->box_restrict(&m->level[l].box, &m->level[l + 1].box, b, m->level[l + 1].b);
}

static void prolong(void *hierarchy, int l, void *x) {
  ritz_multigrid *m = hierarchy;
  m->kernels->box_prolong(&m->level[l].box, &m->level[l + 1].box, m->level[l + 1].x, x);
}

static void fields(void *hierarchy, int l, void **b, void **x) {
  ritz_multigrid *m = hierarchy;
  *b = m->level[l].b;
  *x = m->level[l].x;
}

static void visit_below(ritz_multigrid *m, const void *b, void *x);
static void start_below(ritz_multigrid *m, void *b, void *x);

static void bottom(void *hierarchy, const void *b, void *x, double *dot) {
  ritz_multigrid *m = hierarchy;
  if (m->below)
    visit_below(m, b, x);
  else
    m->kernels->box_band_solve(&m->level[m->levels - 1].box, m->band, b, x, dot);
}

static void bottom_start(void *hierarchy, void *b, void *x) {
  ritz_multigrid *m = hierarchy;
  if (m->below)
    start_below(m, b, x);
  else
    bottom(m, b, x, NULL);
}

static const ritz_visits visits = {.descend = descend,
                                   .ascend = ascend,
                                   .bottom = bottom,
                                   .bottom_start = bottom_start,
                                   .restricts = restricts,
                                   .prolong = prolong,
                                   .fields = fields};

/* Of strips: a visit of the coarsest level, by a V-cycle: few and narrow strips are slow, and
 * W-cycles there save hardly a step. */
static void visit_below(ritz_multigrid *m, const void *b, void *x) {
  const ritz_box *here = &m->level[m->levels - 1].box;
  ritz_multigrid_level *there = m->below->level;
  m->kernels->box_copy(here, b, &there->box, there->b);
  ritz_visit(&visits, m->below, m->below->levels, 0, RITZ_CYCLE_V, false, there->b, there->x, NULL);
  m->kernels->box_copy(&there->box, there->x, here, x);
}

/* The coarsest level of a start: of strips by a start and a cycle on its copy. */
static void start_below(ritz_multigrid *m, void *b, void *x) {
  const ritz_box *here = &m->level[m->levels - 1].box;
  ritz_multigrid *below = m->below;
  ritz_multigrid_level *there = below->level;
  m->kernels->box_copy(here, b, &there->box, there->b);
  ritz_multigrid_start(below, there->b, there->x);
  if (below->levels > 1)
    ritz_visit(&visits, below, below->levels, 0, RITZ_CYCLE_V, true, there->b, there->x, NULL);
  m->kernels->box_copy(&there->box, there->x, here, x);
}

void ritz_multigrid_cycle(ritz_multigrid *multigrid, const void *b, void *x, double *dot) {
  ritz_visit(&visits, multigrid, multigrid->levels, 0, multigrid->options.cycle, false, b, x, dot);
}

void ritz_multigrid_start(ritz_multigrid *m, void *b, void *x) {
  ritz_visit_start(&visits, m, m->levels, m->options.cycle, b, x);
}
