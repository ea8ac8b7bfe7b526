/* SPDX-License-Identifier: BSD-3-Clause
 * One sample in strips of columns: the same grids, operators and solutions as held whole. */

#include "allocations.h"
#include "hierarchy.h"
#include "multigrid_problem.h"
#include "solvers/multigrid/levels.h"

static double cycle(const hierarchy *h, const double *b, double *x) {
  double part[ritz_multigrid_most_lanes], sum = 0;
  ritz_multigrid_cycle(h->multigrid, b, x, part);
  for (ritz_index l = 0; l < h->box->lanes; l++) sum += part[l];
  return sum;
}

static void cycle_is_symmetric(ritz_index n0, ritz_index n1, ritz_index strips, ritz_cycle kind,
                               int sweeps, double contrast) {
  hierarchy h = hierarchy_make(n0, n1, strips, kind, sweeps, contrast);
  double *x, *y, *mx, *my;
  double *const blocks[] = {field(&h, 32, &x), field(&h, 33, &y), field(&h, 0, &mx),
                            field(&h, 0, &my)};
  assert_true(h.box->columns == n1 && h.box->lanes >= 2);
  double dot = cycle(&h, x, mx);
  assert_near(dot, product(&h, x, mx), 1e-12 * dot);
  assert_true(dot > 0);
  dot = cycle(&h, y, my);
  assert_true(dot > 0);
  const double size = sqrt(product(&h, x, mx) * product(&h, y, my));
  assert_near(product(&h, x, my), product(&h, mx, y), 1e-12 * size);
  for (int i = 0; i < 4; i++) free(blocks[i]);
  hierarchy_release(&h);
}

static const ritz_index sizes[][2] = {{4, 4},   {5, 9},    {17, 6},    {16, 16},  {31, 31},
                                      {33, 20}, {13, 101}, {50, 50},   {51, 51},  {97, 98},
                                      {98, 97}, {64, 127}, {125, 128}, {209, 95}, {95, 209}};

static void cycles_are_symmetric_and_definite(void **state) {
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
    for (ritz_index strips = 2; strips <= 16; strips *= 2)
      for (int kind = RITZ_CYCLE_V; kind <= RITZ_CYCLE_W; kind++) {
        cycle_is_symmetric(sizes[i][0], sizes[i][1], strips, (ritz_cycle)kind, 1, 1e4);
        cycle_is_symmetric(sizes[i][0], sizes[i][1], strips, (ritz_cycle)kind, 2, 1);
        cycle_is_symmetric(sizes[i][0], sizes[i][1], strips, (ritz_cycle)kind, 3, 1e4);
      }
}

/* The first levels' level k of both; strips continue in `below`. */
static const ritz_box *box_of(const ritz_multigrid *m, int k) {
  while (m->below && k >= m->levels) {
    k -= m->levels - 1;
    m = m->below;
  }
  return &m->level[k].box;
}

static void same_at(const ritz_box *whole, const void *a, const ritz_box *strips, const void *b,
                    ritz_index i, ritz_index column, double size) {
  const double expected = ((const double *)a)[i * whole->row + column];
  const ritz_index at = column ? ritz_strips_place(strips, column) : 0;
  assert_near(((const double *)b)[i * strips->row + at], expected, 1e-11 * size);
}

static void same_operator(const ritz_box *a, const ritz_box *b) {
  for (ritz_index i = 1; i <= a->n0; i++)
    for (ritz_index j = 1; j <= a->n1; j++) {
      const double size = ((const double *)a->centre)[i * a->row + j];
      same_at(a, a->centre, b, b->centre, i, j, size);
      same_at(a, a->east, b, b->east, i, j - 1, size);
      same_at(a, a->east, b, b->east, i, j, size);
      same_at(a, a->south, b, b->south, i - 1, j, size);
      same_at(a, a->south, b, b->south, i, j, size);
      same_at(a, a->southeast, b, b->southeast, i - 1, j - 1, size);
      same_at(a, a->southeast, b, b->southeast, i, j, size);
      same_at(a, a->southwest, b, b->southwest, i - 1, j + 1, size);
      same_at(a, a->southwest, b, b->southwest, i, j, size);
      same_at(a, a->inverse, b, b->inverse, i, j, 1 / size);
    }
}

static void coarser_operators_are_those_of_the_whole_grid(void **state) {
  for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
    for (ritz_index strips = 2; strips <= 16; strips *= 2) {
      hierarchy whole = hierarchy_make(sizes[s][0], sizes[s][1], 0, RITZ_CYCLE_V, 2, 100);
      hierarchy cut = hierarchy_make(sizes[s][0], sizes[s][1], strips, RITZ_CYCLE_V, 2, 100);
      for (int k = 1; k < ritz_multigrid_levels(whole.multigrid); k++)
        same_operator(box_of(whole.multigrid, k), box_of(cut.multigrid, k));
      hierarchy_release(&whole);
      hierarchy_release(&cut);
    }
}

/* Strips against lanes of samples. */
static void agrees(ritz_index n0, ritz_index n1, ritz_index strips, ritz_dtype dtype,
                   ritz_cycle kind, double contrast, int more) {
  problem p = prepare(n0, n1, 2, 5, contrast), q = prepare(n0, n1, 2, 5, contrast);
  ritz_multigrid_options options = wish();
  options.dtype = dtype;
  options.cycle = kind;
  solve(&p, 0, 2, &options);
  options.lanes = 1;
  options.strips = strips;
  for (int s = 0; s < 2; s++) {
    solve(&q, s, 1, &options);
    if (q.report[s].reason != RITZ_SOLVE_CONVERGED || q.report[s].residual > 1e-8)
      fail_msg("[%td, %td], %td strips, contrast %g: reason %d, residual %g", n0, n1, strips,
               contrast, q.report[s].reason, q.report[s].residual);
    assert_near(q.report[s].residual, residual(&q, s), 1e-10);
    if (q.report[s].iterations > p.report[s].iterations + more)
      fail_msg("[%td, %td], %td strips, contrast %g: %d iterations instead of %d", n0, n1, strips,
               contrast, q.report[s].iterations, p.report[s].iterations);
    assert_near(relative_error(n0 * n1, q.u[s], p.u[s]), 0, 1e-6);
  }
  discard(&p);
  discard(&q);
}

static void solutions_agree_with_lanes_of_samples(void **state) {
  static const ritz_index nodes[][2] = {{3, 3},    {5, 5},     {17, 17},   {52, 52},   {53, 53},
                                        {99, 99},  {100, 101}, {127, 128}, {128, 127}, {211, 97},
                                        {97, 211}, {6, 90},    {90, 6}};
  for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++)
    for (ritz_index strips = 4; strips <= 16; strips *= 2)
      for (int dtype = RITZ_FLOAT32; dtype <= RITZ_FLOAT64; dtype++) {
        agrees(nodes[i][0], nodes[i][1], strips, (ritz_dtype)dtype, RITZ_CYCLE_V, 4, 1);
        agrees(nodes[i][0], nodes[i][1], strips, (ritz_dtype)dtype, RITZ_CYCLE_V, 100, 2);
        agrees(nodes[i][0], nodes[i][1], strips, (ritz_dtype)dtype, RITZ_CYCLE_W, 100,
               3); /* V below */
      }
}

/* A batch in strips takes one sample after the other, whatever the one before was like. */
static void bad_samples_leave_nothing_behind(void **state) {
  ritz_multigrid_options options = wish();
  options.lanes = 1;
  options.strips = 8;
  bad_sample_leaves_nothing(60, 61, 1, &options);
}

static void refuses_bad_options(void **state) {
  ritz_multigrid_options o = wish();
  ritz_diffusion_batch *batch;
  const ritz_index n[] = {40, 40, 40};
  const double h[] = {1, 1, 1};
  o.strips = 1;
  assert_int_equal(ritz_diffusion_batch_create(2, n, h, &o, &batch), RITZ_ERR_ARGUMENT);
  assert_message_contains("strips are 1");
  o.strips = 8;
  assert_int_equal(ritz_diffusion_batch_create(2, n, h, &o, &batch), RITZ_ERR_ARGUMENT);
  assert_message_contains("lanes are 8");
  o.lanes = 1;
  assert_int_equal(ritz_diffusion_batch_create(3, n, h, &o, &batch), RITZ_ERR_ARGUMENT);
  assert_message_contains("three dimensions");
  assert_null(batch);
}

static void survives_every_failed_allocation(void **state) {
  const ritz_index n[] = {70, 75};
  const double h[] = {1, 1};
  ritz_multigrid_options options = wish();
  options.lanes = 1;
  options.strips = 16;
  ritz_diffusion_batch *batch;
  long k = 0;
  while (creation_fails(k, batch, ritz_diffusion_batch_create(2, n, h, &options, &batch))) k++;
  assert_true(k > 12);
  ritz_diffusion_batch_destroy(&batch);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(coarser_operators_are_those_of_the_whole_grid),
      cmocka_unit_test(cycles_are_symmetric_and_definite),
      cmocka_unit_test(solutions_agree_with_lanes_of_samples),
      cmocka_unit_test(bad_samples_leave_nothing_behind),
      cmocka_unit_test(refuses_bad_options),
      cmocka_unit_test(survives_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
