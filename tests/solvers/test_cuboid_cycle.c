/* SPDX-License-Identifier: BSD-3-Clause
 * A multigrid cycle in three dimensions as an operator, and its kernels. */
#define _POSIX_C_SOURCE 200112L
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "solvers/multigrid/cuboid.h"
#include "support.h"

typedef struct hierarchy {
  ritz_cuboid_multigrid *multigrid;
  const ritz_cuboid *box;
  double *a, *rows;
} hierarchy;

/* The coefficient is a power of noise, or of its sign, another one in each lane. */
static hierarchy make_lanes(const ritz_index n[3], const ritz_multigrid_options *options,
                            double contrast, bool jumps) {
  hierarchy h;
  assert_ok(ritz_cuboid_multigrid_create(n, options, &h.multigrid));
  h.box = ritz_cuboid_multigrid_box(h.multigrid);
  const ritz_index size = ritz_cuboid_size(h.box), nodes = size / options->lanes;
  h.a = calloc((size_t)size, sizeof *h.a);
  h.rows = calloc((size_t)(10 * h.box->row), sizeof *h.rows);
  fill_uniform(31, size, h.a);
  for (ritz_index k = 0; k < size; k++) {
    if (jumps) h.a[k] = h.a[k] > 0 ? 1 : -1;
    h.a[k] = pow(contrast, 0.5 * h.a[k]);
  }
  const double *a[ritz_multigrid_most_lanes];
  for (ritz_index l = 0; l < options->lanes; l++) a[l] = h.a + l * nodes;
  ritz_cuboid_rows rows = {.kernels = ritz_solver_kernels_get(RITZ_FLOAT64),
                           .a = a,
                           .n = {n[0], n[1], n[2]},
                           .lanes = options->lanes,
                           .c = {1, 1, 1},
                           .mean = jumps ? RITZ_FACE_HARMONIC : RITZ_FACE_ARITHMETIC};
  for (int i = 0; i < 5; i++) {
    rows.node[i] = h.rows + 2 * i * h.box->row;
    rows.coupling[i] = h.rows + (2 * i + 1) * h.box->row;
  }
  ritz_cuboid_multigrid_setup(h.multigrid, &rows);
  return h;
}

/* One lane of double. */
static hierarchy make(const ritz_index n[3], ritz_cycle cycle, int sweeps, bool galerkin,
                      double contrast) {
  ritz_multigrid_options options;
  ritz_multigrid_options_defaults(&options);
  options.cycle = cycle;
  options.sweeps = sweeps;
  options.dtype = RITZ_FLOAT64;
  options.lanes = 1;
  options.galerkin = galerkin;
  return make_lanes(n, &options, contrast, false);
}

static void release(hierarchy *h) {
  free(h->a);
  free(h->rows);
  ritz_cuboid_multigrid_destroy(&h->multigrid);
  assert_null(h->multigrid);
}

/* Zero on the boundary, random numbers inside unless stream is 0. */
static double *field(const ritz_cuboid *box, uint32_t stream) {
  const ritz_index size = ritz_cuboid_size(box), s = box->lanes;
  double *x = calloc((size_t)size, sizeof *x), *noise = calloc((size_t)size, sizeof *noise);
  if (stream) fill_uniform(stream, size, noise);
  for (ritz_index i = 1; i <= box->n[0]; i++)
    for (ritz_index j = 1; j <= box->n[1]; j++) {
      const ritz_index at = i * box->plane + j * box->row + s;
      memcpy(x + at, noise + at, (size_t)(box->n[2] * s) * sizeof *x);
    }
  free(noise);
  return x;
}

static double product(const ritz_cuboid *box, const double *x, const double *y) {
  double sum = 0;
  for (ritz_index k = 0; k < ritz_cuboid_size(box); k++) sum += x[k] * y[k];
  return sum;
}

static void cycle_is_symmetric(const ritz_index n[3], ritz_cycle cycle, int sweeps, bool galerkin,
                               double contrast) {
  hierarchy h = make(n, cycle, sweeps, galerkin, contrast);
  double *x = field(h.box, 32), *y = field(h.box, 33), *mx = field(h.box, 0), *my = field(h.box, 0);
  double dot;
  ritz_cuboid_multigrid_cycle(h.multigrid, x, mx, &dot);
  assert_near(dot, product(h.box, x, mx), 1e-12 * dot);
  assert_true(dot > 0);
  ritz_cuboid_multigrid_cycle(h.multigrid, y, my, &dot);
  assert_true(dot > 0);
  const double size = sqrt(product(h.box, x, mx) * product(h.box, y, my));
  assert_near(product(h.box, x, my), product(h.box, mx, y), 1e-12 * size);
  double *const fields[] = {x, y, mx, my};
  for (int i = 0; i < 4; i++) free(fields[i]);
  release(&h);
}

static void cycles_are_symmetric_at_awkward_sizes(void **state) {
  static const ritz_index sizes[][3] = {{1, 1, 1},   {1, 1, 9},   {7, 1, 1},    {1, 6, 5},
                                        {2, 2, 2},   {3, 3, 3},   {4, 5, 6},    {7, 7, 7},
                                        {8, 9, 10},  {13, 4, 7},  {11, 13, 17}, {16, 16, 16},
                                        {15, 20, 5}, {2, 19, 23}, {3, 40, 40}};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
    for (int cycle = RITZ_CYCLE_V; cycle <= RITZ_CYCLE_W; cycle++)
      for (int sweeps = 1; sweeps <= 3; sweeps++)
        for (int galerkin = 0; galerkin < 2; galerkin++) {
          cycle_is_symmetric(sizes[i], (ritz_cycle)cycle, sweeps, galerkin, 1);
          cycle_is_symmetric(sizes[i], (ritz_cycle)cycle, sweeps, galerkin, 1e4);
        }
}

/* y = A x with the couplings of the finest grid. */
static void apply(const ritz_cuboid *box, const double *x, double *y) {
  const ritz_index step[] = {box->plane, box->row, box->lanes};
  for (ritz_index i = 1; i <= box->n[0]; i++)
    for (ritz_index j = 1; j <= box->n[1]; j++)
      for (ritz_index k = step[2]; k < (box->n[2] + 1) * step[2]; k++) {
        const ritz_index at = i * step[0] + j * step[1] + k;
        y[at] = 0;
        for (int axis = 0; axis < 3; axis++) {
          const double *c = (const double *)box->coupling[axis] + at, *u = x + at;
          const ritz_index d = step[axis];
          y[at] += c[-d] * (u[0] - u[-d]) + c[0] * (u[0] - u[d]);
        }
      }
}

/* What the slowest error keeps of its energy norm in one x += M (b - A x). */
static double factor_of(hierarchy h) {
  enum { steps = 30 };
  double *e = field(h.box, 34), *r = field(h.box, 0), *z = field(h.box, 0), dot, rate = 0;
  apply(h.box, e, r);
  double before = sqrt(product(h.box, e, r));
  for (int step = 0; step < steps; step++) {
    ritz_cuboid_multigrid_cycle(h.multigrid, r, z, &dot);
    for (ritz_index k = 0; k < ritz_cuboid_size(h.box); k++) e[k] = (e[k] - z[k]) / before;
    apply(h.box, e, r);
    rate = sqrt(product(h.box, e, r));
    before = rate;
  }
  free(e);
  free(r);
  free(z);
  release(&h);
  return rate;
}

static double factor(const ritz_index n[3], ritz_cycle cycle, int sweeps, bool galerkin,
                     double contrast) {
  return factor_of(make(n, cycle, sweeps, galerkin, contrast));
}

/* Below one they leave M positive. With one sweep it is the smoother that sets the pace: second
 * visits change a few thousandths, either way. */
static void check_factors(const ritz_index n[3], bool galerkin, double contrast) {
  const double most = 1.005;
  double of_one = 1;
  for (int sweeps = 1; sweeps <= 3; sweeps++) {
    const double v = factor(n, RITZ_CYCLE_V, sweeps, galerkin, contrast);
    const double f = factor(n, RITZ_CYCLE_F, sweeps, galerkin, contrast);
    const double w = factor(n, RITZ_CYCLE_W, sweeps, galerkin, contrast);
    if (!(v < 0.6 && f <= v * most && w <= f * most && v < of_one))
      fail_msg("contrast %g, %d sweeps: V %g, F %g, W %g", contrast, sweeps, v, f, w);
    if (contrast == 1 && sweeps > 1 && !galerkin) assert_true(f < 0.85 * v);
    of_one = v;
  }
}

static void more_visits_and_sweeps_converge_faster(void **state) {
  static const ritz_index sizes[][3] = {{31, 31, 31}, {20, 23, 27}};
  for (size_t i = 0; i < 2; i++)
    for (double contrast = 1; contrast <= 100; contrast *= 100) {
      check_factors(sizes[i], false, contrast);
      check_factors(sizes[i], true, contrast);
    }
}

/* From node to node: Galerkin operators leave W positive where seven points do not. */
static void galerkin_cycles_stay_positive_across_jumps(void **state) {
  const ritz_index n[] = {31, 24, 27};
  ritz_multigrid_options options;
  ritz_multigrid_options_defaults(&options);
  options.dtype = RITZ_FLOAT64;
  options.lanes = 1;
  for (int cycle = RITZ_CYCLE_V; cycle <= RITZ_CYCLE_W; cycle++) {
    options.cycle = (ritz_cycle)cycle;
    options.galerkin = true;
    const double rate = factor_of(make_lanes(n, &options, 1e6, true));
    options.galerkin = false;
    const double other = factor_of(make_lanes(n, &options, 1e6, true));
    if (!(rate < 1 && (cycle == RITZ_CYCLE_V || other > 1)))
      fail_msg("cycle %d: %g, with seven points %g", cycle, rate, other);
  }
}

/* A single level is its factor. */
static void thin_boxes_are_solved_directly(void **state) {
  static const ritz_index sizes[][3] = {{1, 1, 1}, {3, 3, 3}, {1, 9, 4}, {5, 2, 7}, {8, 3, 3}};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    hierarchy h = make(sizes[i], RITZ_CYCLE_V, 1, true, 100);
    double *b = field(h.box, 38), *x = field(h.box, 0), *r = field(h.box, 0), dot;
    ritz_cuboid_multigrid_cycle(h.multigrid, b, x, &dot);
    apply(h.box, x, r);
    for (ritz_index k = 0; k < ritz_cuboid_size(h.box); k++) assert_near(r[k], b[k], 1e-12);
    free(b);
    free(x);
    free(r);
    release(&h);
  }
}

/* Fields of the fine and the coarse grid, double. */
typedef struct pair {
  double *x, *bc;
} pair;

/* `times` descents of `sweeps` on what the one before has left. */
static pair descend(const hierarchy *h, const ritz_cuboid *coarse, int times, int sweeps,
                    const double *b) {
  const ritz_solver_kernels *k = ritz_solver_kernels_get(RITZ_FLOAT64);
  pair p = {field(h->box, 0), field(coarse, 0)};
  double *planes = calloc((size_t)(8 * h->box->plane), sizeof *planes);
  for (int t = 0; t < times; t++)
    k->cuboid_descend_kept(h->box, coarse, sweeps, t > 0, b, p.x, planes, p.bc);
  free(planes);
  return p;
}

static double furthest(const ritz_cuboid *box, const double *x, const double *y) {
  double most = 0;
  for (ritz_index k = 0; k < ritz_cuboid_size(box); k++) most = fmax(most, fabs(x[k] - y[k]));
  return most;
}

/* Several sweeps are single ones after each other, to the bit; and a single one from zero is that
 * which keeps no x, on either way. */
static void sweeps_follow_each_other(const hierarchy *h) {
  const ritz_solver_kernels *k = ritz_solver_kernels_get(RITZ_FLOAT64);
  const ritz_cuboid *fine = h->box;
  ritz_cuboid coarse = {.n = {fine->n[0] / 2, fine->n[1] / 2, fine->n[2] / 2},
                        .lanes = fine->lanes};
  coarse.row = (coarse.n[2] + 2) * coarse.lanes;
  coarse.plane = (coarse.n[1] + 2) * coarse.row;
  double *b = field(fine, 35), *e = field(&coarse, 36), *y = field(fine, 0),
         *bc = field(&coarse, 0);
  double *planes = calloc((size_t)(8 * fine->plane), sizeof *planes);
  double dot[ritz_multigrid_most_lanes], other[ritz_multigrid_most_lanes];
  pair one = descend(h, &coarse, 1, 1, b), three = descend(h, &coarse, 1, 3, b);
  pair thrice = descend(h, &coarse, 3, 1, b);
  assert_memory_equal(three.x, thrice.x, (size_t)ritz_cuboid_size(fine) * sizeof *y);
  assert_memory_equal(three.bc, thrice.bc, (size_t)ritz_cuboid_size(&coarse) * sizeof *y);
  k->cuboid_descend(fine, &coarse, b, planes, bc);
  assert_near(furthest(&coarse, bc, one.bc), 0, 1e-13);
  k->cuboid_ascend(fine, &coarse, b, e, y, dot);
  k->cuboid_ascend_kept(fine, &coarse, 1, b, e, one.x, other);
  assert_near(furthest(fine, y, one.x), 0, 1e-13);
  for (ritz_index l = 0; l < fine->lanes; l++) assert_near(dot[l], other[l], 1e-12);
  double *const fields[] = {b,      e,       y,        bc,       planes,   one.x,
                            one.bc, three.x, three.bc, thrice.x, thrice.bc};
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) free(fields[i]);
}

/* 15 lanes are packs of all widths. */
static void kept_and_unkept_levels_agree(void **state) {
  static const ritz_index sizes[][3] = {{2, 2, 2}, {5, 8, 7}, {9, 4, 6}, {3, 13, 2}};
  static const char *const isas[] = {"avx512", "avx2", "base"};
  ritz_multigrid_options options;
  ritz_multigrid_options_defaults(&options);
  options.dtype = RITZ_FLOAT64;
  options.lanes = 15;
  const char *before = getenv("RITZ_ISA");
  for (int isa = 0; isa < 3; isa++) {
    setenv("RITZ_ISA", isas[isa], 1);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
      hierarchy h = make_lanes(sizes[i], &options, 10, false);
      sweeps_follow_each_other(&h);
      release(&h);
    }
  }
  if (before)
    setenv("RITZ_ISA", before, 1);
  else
    unsetenv("RITZ_ISA");
}

/* Of the Laplacian and f = 1 the guess has the next coarser grid's error: of first order in energy,
 * so its square falls by four from grid to grid. */
static void check_guesses(bool galerkin) {
  double before = 0;
  for (ritz_index n = 7; n <= 31; n = 2 * n + 1) {
    const ritz_index size[] = {n, n, n};
    hierarchy h = make(size, RITZ_CYCLE_V, 2, galerkin, 1);
    const ritz_index numbers = ritz_cuboid_size(h.box);
    double *b = field(h.box, 37), *x = field(h.box, 0), *u = field(h.box, 0), *r = field(h.box, 0);
    double *z = field(h.box, 0), dot;
    for (ritz_index k = 0; k < numbers; k++) b[k] = b[k] != 0;
    ritz_cuboid_multigrid_start(h.multigrid, b, x);
    for (int cycle = 0; cycle < 20; cycle++) { /* u = A^-1 b */
      apply(h.box, u, r);
      for (ritz_index k = 0; k < numbers; k++) r[k] = b[k] - r[k];
      ritz_cuboid_multigrid_cycle(h.multigrid, r, z, &dot);
      for (ritz_index k = 0; k < numbers; k++) u[k] += z[k];
    }
    const double whole = product(h.box, u, b);
    for (ritz_index k = 0; k < numbers; k++) x[k] -= u[k];
    apply(h.box, x, r);
    const double error = product(h.box, x, r) / whole;
    if (before > 0) assert_true(error < before / 3);
    before = error;
    double *const fields[] = {b, x, u, r, z};
    for (int i = 0; i < 5; i++) free(fields[i]);
    release(&h);
  }
  assert_true(before < 0.02);
}

static void first_guesses_are_as_good_as_the_coarser_grid(void **state) {
  check_guesses(false);
  check_guesses(true);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(cycles_are_symmetric_at_awkward_sizes),
      cmocka_unit_test(more_visits_and_sweeps_converge_faster),
      cmocka_unit_test(galerkin_cycles_stay_positive_across_jumps),
      cmocka_unit_test(thin_boxes_are_solved_directly),
      cmocka_unit_test(kept_and_unkept_levels_agree),
      cmocka_unit_test(first_guesses_are_as_good_as_the_coarser_grid),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
