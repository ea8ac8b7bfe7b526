/* SPDX-License-Identifier: BSD-3-Clause
 * More samples than lanes: the slow ones of several groups go on together, and nothing shows it. */
#include <math.h>
#include <string.h>

#include "multigrid_problem.h"

/* Samples whose steps differ much: contrasts from 1 to 1e6, in turn. */
static problem mixed(ritz_index n0, ritz_index n1, ritz_index count) {
  problem p = prepare(n0, n1, count, 3, 1);
  for (ritz_index s = 0; s < count; s++) {
    problem other = prepare(n0, n1, count, 2 + s % 3, pow(10, (double)((5 * s) % 7)));
    memcpy(p.a[s], other.a[s], (size_t)(n0 * n1) * sizeof(double));
    discard(&other);
  }
  return p;
}

static void assert_alike(const problem *p, const problem *q, ritz_index s) {
  assert_memory_equal(p->u[s], q->u[s], (size_t)(p->n0 * p->n1) * sizeof(double));
  assert_int_equal(p->report[s].reason, q->report[s].reason);
  assert_int_equal(p->report[s].iterations, q->report[s].iterations);
  assert_int_equal(p->report[s].products, q->report[s].products);
  assert_memory_equal(&p->report[s].residual, &q->report[s].residual, sizeof(double));
}

static void check_groups(ritz_index n0, ritz_index n1, const ritz_multigrid_options *options) {
  problem gathered = mixed(n0, n1, most), alone = mixed(n0, n1, most);
  ritz_multigrid_options o = *options;
  o.gather = true;
  solve(&gathered, 0, most, &o);
  for (ritz_index s = 0; s < most; s++) solve(&alone, s, 1, options);
  int least = 1000, largest = 0;
  for (ritz_index s = 0; s < most; s++) {
    assert_alike(&gathered, &alone, s);
    if (alone.report[s].iterations < least) least = alone.report[s].iterations;
    if (alone.report[s].iterations > largest) largest = alone.report[s].iterations;
  }
  assert_true(largest > least + 3); /* or there was nothing to gather */
  discard(&gathered);
  discard(&alone);
}

static void slow_samples_of_all_groups_end_as_they_would_alone(void **state) {
  for (ritz_index lanes = 2; lanes <= 8; lanes++) {
    ritz_multigrid_options o = wish();
    o.lanes = lanes;
    check_groups(37, 30, &o);
  }
}

static void so_they_do_in_every_form_of_the_cycle(void **state) {
  ritz_multigrid_options o = wish();
  o.lanes = 4;
  o.cycle = RITZ_CYCLE_W;
  o.sweeps = 3;
  check_groups(35, 41, &o);
  o.dtype = RITZ_FLOAT64;
  check_groups(35, 41, &o);
  o = wish();
  o.lanes = 4;
  o.tolerance = 1e-13; /* samples stop, are judged, and begin once more */
  check_groups(29, 29, &o);
}

static void groups_without_gathering_follow_one_another(void **state) {
  problem groups = mixed(21, 22, most), alone = mixed(21, 22, most);
  ritz_multigrid_options o = wish();
  o.lanes = 3;
  solve(&groups, 0, most, &o);
  for (ritz_index s = 0; s < most; s++) {
    solve(&alone, s, 1, &o);
    assert_alike(&groups, &alone, s);
  }
  discard(&groups);
  discard(&alone);
}

static void samples_that_fail_do_not_hold_up_the_others(void **state) {
  problem p = mixed(24, 20, most), good = mixed(24, 20, most);
  ritz_multigrid_options o = wish();
  o.lanes = 4;
  o.gather = true;
  solve(&good, 0, most, &o);
  p.a[2][7 * 20 + 9] = NAN;
  p.a[9][7 * 20 + 9] = -5;
  solve(&p, 0, most, &o);
  assert_int_equal(p.report[2].reason, RITZ_SOLVE_NOT_FINITE);
  assert_true(p.report[9].reason < 0);
  for (ritz_index s = 0; s < most; s++)
    if (s != 2 && s != 9) assert_alike(&p, &good, s);
  discard(&p);
  discard(&good);
}

/* The right-hand side of one sample is zero, and the same lanes are used by call after call. */
static void calls_leave_nothing_behind(void **state) {
  problem first = mixed(18, 23, most), again = mixed(18, 23, most);
  ritz_multigrid_options o = wish();
  o.lanes = 4;
  o.gather = true;
  const ritz_index n[] = {18, 23};
  const double h[] = {1.0 / 17, 1.0 / 22};
  double *zero = calloc(18 * 23, sizeof *zero);
  const double *a[most], *b[most];
  ritz_diffusion_batch *batch;
  assert_ok(ritz_diffusion_batch_create(2, n, h, &o, &batch));
  for (int call = 0; call < 2; call++) {
    problem *p = call == 0 ? &first : &again;
    for (int s = 0; s < most; s++) a[s] = p->a[s], b[s] = s == 5 ? zero : p->b;
    ritz_diffusion_batch_solve(batch, most, RITZ_FACE_HARMONIC, a, b, p->u, p->report);
  }
  assert_int_equal(first.report[5].reason, RITZ_SOLVE_ZERO_RHS);
  for (int s = 0; s < most; s++) assert_alike(&first, &again, s);
  ritz_diffusion_batch_destroy(&batch);
  free(zero);
  discard(&first);
  discard(&again);
}

static void check_cubes(bool galerkin) {
  enum { n = 13, size = n * n * n, cubes = 10 };
  const ritz_index nodes[] = {n, n, n};
  const double h[] = {1.0 / 12, 1.0 / 12, 1.0 / 12};
  double *block = calloc((size_t)(3 * cubes + 1) * size, sizeof *block), *b = block;
  const double *a[cubes], *right[cubes];
  double *u[cubes], *alone[cubes];
  ritz_solve_report report[cubes], single;
  for (int k = 0; k < size; k++) b[k] = 1;
  for (int s = 0; s < cubes; s++) {
    double *medium = b + (3 * s + 1) * size;
    for (int k = 0; k < size; k++)
      medium[k] = (k / 3 + k / (2 * n) + k / (3 * n * n)) % 2 ? pow(10, (double)(s % 5)) : 1;
    a[s] = medium, right[s] = b, u[s] = medium + size, alone[s] = medium + 2 * size;
  }
  ritz_multigrid_options o = wish();
  o.lanes = 4;
  o.gather = true;
  o.galerkin = galerkin;
  ritz_diffusion_batch *batch;
  assert_ok(ritz_diffusion_batch_create(3, nodes, h, &o, &batch));
  ritz_diffusion_batch_solve(batch, cubes, RITZ_FACE_HARMONIC, a, right, u, report);
  for (int s = 0; s < cubes; s++) {
    ritz_diffusion_batch_solve(batch, 1, RITZ_FACE_HARMONIC, a + s, right, alone + s, &single);
    assert_memory_equal(u[s], alone[s], size * sizeof(double));
    assert_int_equal(report[s].iterations, single.iterations);
    assert_int_equal(report[s].reason, RITZ_SOLVE_CONVERGED);
  }
  ritz_diffusion_batch_destroy(&batch);
  free(block);
}

static void cubes_gather_too(void **state) {
  check_cubes(false);
  check_cubes(true);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(slow_samples_of_all_groups_end_as_they_would_alone),
      cmocka_unit_test(so_they_do_in_every_form_of_the_cycle),
      cmocka_unit_test(groups_without_gathering_follow_one_another),
      cmocka_unit_test(samples_that_fail_do_not_hold_up_the_others),
      cmocka_unit_test(calls_leave_nothing_behind),
      cmocka_unit_test(cubes_gather_too),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
