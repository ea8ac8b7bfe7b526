/* SPDX-License-Identifier: BSD-3-Clause
 * Levels of a hierarchy and the cycles through them. */
#include "solvers/multigrid/multigrid.h"

#include "core/dtype.h"
#include "core/fail.h"
#include "core/memory.h"

enum {
  most_levels = 32,
  bottom = 4, /* a grid shorter than this along an axis is solved directly */
  finest_fields = 3,
  operator_fields = 12 /* of a coarser level; right-hand side and iterate follow */
};

typedef struct level {
  ritz_box box;
  void *block; /* all its arrays */
  void *b, *x; /* coarser levels: right-hand side and iterate */
  void *rows;  /* [4]: work space, framed by zeros */
} level;

struct ritz_multigrid {
  ritz_multigrid_options options;
  const ritz_solver_kernels *kernels;
  int levels;
  level level[most_levels];
  void *band; /* factor of the coarsest operator */
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
static ritz_status create_fields(const ritz_multigrid *m, level *v, int count, void **field[]) {
  const ritz_index size = ritz_box_size(&v->box);
  const size_t bytes = ritz_dtype_size(m->options.dtype);
  RITZ_TRY(ritz_calloc(count * size, bytes, &v->block));
  for (int i = 0; i < count; i++)
    *field[i] = (char *)v->block + (size_t)(i * size + ritz_box_origin(&v->box)) * bytes;
  return RITZ_OK;
}

static ritz_status create_level(const ritz_multigrid *m, level *v, bool finest) {
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

static ritz_status create_levels(ritz_multigrid *m, ritz_index n0, ritz_index n1) {
  const size_t bytes = ritz_dtype_size(m->options.dtype);
  for (bool finest = true;; finest = false) {
    level *v = &m->level[m->levels++];
    v->box = (ritz_box){.n0 = n0, .n1 = n1, .lanes = m->options.lanes};
    v->box.row = (n1 + ritz_box_columns_around) * m->options.lanes;
    RITZ_TRY(create_level(m, v, finest));
    RITZ_TRY(ritz_calloc(4 * v->box.row, bytes, &v->rows));
    if (smaller(n0, n1) < bottom || m->levels == most_levels) break;
    n0 /= 2;
    n1 /= 2;
  }
  return ritz_calloc(band_size(m), bytes, &m->band);
}

static ritz_status check(ritz_index n0, ritz_index n1, const ritz_multigrid_options *o) {
  RITZ_REQUIRE(n0 > 0 && n1 > 0 && n0 < 1 << 20 && n1 < 1 << 20, RITZ_ERR_ARGUMENT,
               "unknowns are [%td, %td], wanted 1 ... 2^20 per axis", n0, n1);
  RITZ_REQUIRE(o->lanes >= 1 && o->lanes <= ritz_multigrid_most_lanes, RITZ_ERR_ARGUMENT,
               "lanes are %td, wanted 1 ... %d", o->lanes, ritz_multigrid_most_lanes);
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
  ritz_multigrid *m;
  RITZ_TRY(RITZ_NEW(1, &m));
  m->options = chosen;
  m->kernels = ritz_solver_kernels_get(chosen.dtype);
  const ritz_status status = create_levels(m, n0, n1);
  if (status != RITZ_OK) ritz_multigrid_destroy(&m);
  *out = m;
  return status;
}

void ritz_multigrid_destroy(ritz_multigrid **multigrid) {
  if (!multigrid || !*multigrid) return;
  for (int l = 0; l < (*multigrid)->levels; l++) {
    ritz_free((*multigrid)->level[l].block);
    ritz_free((*multigrid)->level[l].rows);
  }
  ritz_free((*multigrid)->band);
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
}

void ritz_multigrid_setup(ritz_multigrid *m, ritz_coupling_rows *rows) {
  set_couplings(m, rows);
  m->kernels->box_inverse(&m->level[0].box);
  for (int l = 0; l + 1 < m->levels; l++) {
    m->kernels->box_weights(&m->level[l].box, &m->level[l + 1].box);
    m->kernels->box_galerkin(&m->level[l].box, &m->level[l + 1].box);
  }
  m->kernels->box_band_factor(&m->level[m->levels - 1].box, m->band);
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

/* x = M b on level l; with a guess, coarser levels only, x += M (b - A x), for which the smoother
 * starts from x. */
static void visit(ritz_multigrid *m, int l, ritz_cycle cycle, bool guess, const void *b, void *x,
                  double *dot) {
  const ritz_solver_kernels *k = m->kernels;
  const ritz_box *box = &m->level[l].box;
  const int sweeps = m->options.sweeps;
  if (l + 1 == m->levels) {
    k->box_band_solve(box, m->band, b, x, dot);
    return;
  }
  level *next = &m->level[l + 1];
  if (l == 0)
    k->box_descend5(box, &next->box, sweeps, b, x, m->level[l].rows, next->b);
  else
    k->box_descend9(box, &next->box, sweeps, guess, b, x, m->level[l].rows, next->b);
  visit(m, l + 1, cycle, false, next->b, next->x, NULL);
  if (cycle != RITZ_CYCLE_V && l + 2 < m->levels)
    visit(m, l + 1, cycle == RITZ_CYCLE_F ? RITZ_CYCLE_V : cycle, true, next->b, next->x, NULL);
  if (l == 0)
    k->box_ascend5(box, &next->box, sweeps, b, next->x, x, dot);
  else
    k->box_ascend9(box, &next->box, sweeps, b, next->x, x);
}

void ritz_multigrid_cycle(ritz_multigrid *multigrid, const void *b, void *x, double *dot) {
  visit(multigrid, 0, multigrid->options.cycle, false, b, x, dot);
}

void ritz_multigrid_start(ritz_multigrid *m, const void *b, void *x) {
  const ritz_solver_kernels *k = m->kernels;
  level *v = m->level;
  const int last = m->levels - 1;
  for (int l = 0; l < last; l++)
    k->box_restrict(&v[l].box, &v[l + 1].box, l == 0 ? b : v[l].b, v[l + 1].b);
  k->box_band_solve(&v[last].box, m->band, last == 0 ? b : v[last].b, last == 0 ? x : v[last].x,
                    NULL);
  for (int l = last - 1; l >= 0; l--) {
    k->box_prolong(&v[l].box, &v[l + 1].box, v[l + 1].x, l == 0 ? x : v[l].x);
    if (l > 0) visit(m, l, m->options.cycle, true, v[l].b, v[l].x, NULL);
  }
}
