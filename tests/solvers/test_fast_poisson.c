/* SPDX-License-Identifier: BSD-3-Clause */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "allocations.h"
#include "core/memory.h"
#include "solvers/precond/fast_poisson.h"
#include "support.h"

/* r = (c0 D0 + c1 D1) x for x [n0, n1], zero outside. */
static void laplacian(ritz_index n0, ritz_index n1, double c0, double c1, const double *x,
                      double *r) {
  for (ritz_index i = 0; i < n0; i++)
    for (ritz_index j = 0; j < n1; j++) {
      const ritz_index k = i * n1 + j;
      const double north = i > 0 ? x[k - n1] : 0, south = i < n0 - 1 ? x[k + n1] : 0;
      const double west = j > 0 ? x[k - 1] : 0, east = j < n1 - 1 ? x[k + 1] : 0;
      r[k] = c0 * (2 * x[k] - north - south) + c1 * (2 * x[k] - west - east);
    }
}

static void *scratch_of(const ritz_fast_poisson *poisson) {
  void *scratch;
  assert_ok(ritz_calloc((ritz_index)ritz_fast_poisson_scratch(poisson), 1, &scratch));
  return scratch;
}

/* Solving and applying the operator are inverse: error at most condition number times epsilon. */
static void inverts_the_laplacian(ritz_dtype dtype, ritz_index n0, ritz_index n1, double c0,
                                  double c1) {
  ritz_fast_poisson *poisson;
  assert_ok(ritz_fast_poisson_create(dtype, n0, n1, c0, c1, &poisson));
  void *scratch = scratch_of(poisson);
  double *x = calloc((size_t)(n0 * n1), sizeof *x), *r = calloc((size_t)(n0 * n1), sizeof *r);
  double *solved = calloc((size_t)(n0 * n1), sizeof *solved);
  fill_uniform(11, n0 * n1, x);
  laplacian(n0, n1, c0, c1, x, r);
  ritz_fast_poisson_solve(poisson, r, n1, solved, n1, scratch);
  const double epsilon = dtype == RITZ_FLOAT64 ? DBL_EPSILON : FLT_EPSILON;
  const double longest = (double)(n0 > n1 ? n0 : n1);
  const double condition = longest * longest * fmax(c0 / c1, c1 / c0);
  assert_near(relative_error(n0 * n1, solved, x), 0, 2 * epsilon * condition + 4 * epsilon);
  free(x);
  free(r);
  free(solved);
  ritz_free(scratch);
  ritz_fast_poisson_destroy(&poisson);
  assert_null(poisson);
}

static void other_weights_are_taken_over(void **state) {
  enum { n0 = 9, n1 = 14 };
  ritz_fast_poisson *once, *again;
  const ritz_fast_poisson_problem first = {.n = {n0, n1}, .c = {1, 3}},
                                  then = {.n = {n0, n1}, .c = {2, 0.5}, .shift = 0.7};
  double r[n0 * n1], x[2][n0 * n1];
  assert_ok(ritz_fast_poisson_plan(RITZ_FLOAT64, &then, &once));
  assert_ok(ritz_fast_poisson_plan(RITZ_FLOAT64, &first, &again));
  assert_ok(ritz_fast_poisson_set(again, &then));
  void *scratch = scratch_of(once);
  fill_uniform(3, n0 * n1, r);
  ritz_fast_poisson_solve(once, r, n1, x[0], n1, scratch);
  ritz_fast_poisson_solve(again, r, n1, x[1], n1, scratch);
  assert_memory_equal(x[0], x[1], sizeof x[0]);
  const ritz_fast_poisson_problem other = {.n = {n0, n1 + 1}, .c = {1, 1}};
  assert_int_equal(ritz_fast_poisson_set(again, &other), RITZ_ERR_ARGUMENT);
  assert_message_contains("15 unknowns");
  ritz_free(scratch);
  ritz_fast_poisson_destroy(&once);
  ritz_fast_poisson_destroy(&again);
}

static void inverts_the_laplacian_at_awkward_sizes(void **state) {
  static const ritz_index sizes[][2] = {{1, 1},  {1, 2},   {2, 1},   {2, 2},   {3, 5},   {16, 16},
                                        {17, 4}, {31, 62}, {62, 62}, {97, 33}, {32, 101}};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
    for (int dtype = RITZ_FLOAT32; dtype <= RITZ_FLOAT64; dtype++) {
      inverts_the_laplacian((ritz_dtype)dtype, sizes[i][0], sizes[i][1], 1, 1);
      inverts_the_laplacian((ritz_dtype)dtype, sizes[i][0], sizes[i][1], 0.3, 2);
    }
}

/* Rows of a larger array, solution in place of the right-hand side; its frame stays untouched. */
static void works_in_place_inside_a_larger_array(void **state) {
  enum { n0 = 7, n1 = 10, ld = 13 };
  double x[n0 * n1], r[n0 * n1], array[(n0 + 2) * ld];
  fill_uniform(12, n0 * n1, x);
  laplacian(n0, n1, 1, 2, x, r);
  for (int k = 0; k < (n0 + 2) * ld; k++) array[k] = 77;
  for (int i = 0; i < n0; i++)
    for (int j = 0; j < n1; j++) array[(i + 1) * ld + j + 1] = r[i * n1 + j];
  ritz_fast_poisson *poisson;
  assert_ok(ritz_fast_poisson_create(RITZ_FLOAT64, n0, n1, 1, 2, &poisson));
  void *scratch = scratch_of(poisson);
  ritz_fast_poisson_solve(poisson, array + ld + 1, ld, array + ld + 1, ld, scratch);
  for (int i = -1; i <= n0; i++)
    for (int j = -1; j < ld - 1; j++) {
      const double value = array[(i + 1) * ld + j + 1];
      if (i < 0 || i == n0 || j < 0 || j >= n1)
        assert_true(value == 77);
      else
        assert_near(value, x[i * n1 + j], 1e-13);
    }
  ritz_free(scratch);
  ritz_fast_poisson_destroy(&poisson);
}

/* A preconditioner of conjugate gradients must be symmetric: (P u, v) = (u, P v). */
static void is_symmetric(void **state) {
  enum { n0 = 12, n1 = 19, n = n0 * n1 };
  for (int dtype = RITZ_FLOAT32; dtype <= RITZ_FLOAT64; dtype++) {
    double u[n], v[n], pu[n], pv[n], uv = 0, vu = 0, size = 0;
    fill_uniform(13, n, u);
    fill_uniform(14, n, v);
    ritz_fast_poisson *poisson;
    assert_ok(ritz_fast_poisson_create((ritz_dtype)dtype, n0, n1, 1, 1, &poisson));
    void *scratch = scratch_of(poisson);
    ritz_fast_poisson_solve(poisson, u, n1, pu, n1, scratch);
    ritz_fast_poisson_solve(poisson, v, n1, pv, n1, scratch);
    for (int i = 0; i < n; i++) uv += pu[i] * v[i], vu += u[i] * pv[i], size += fabs(pu[i] * v[i]);
    assert_near(uv, vu, 16 * size * (dtype == RITZ_FLOAT64 ? DBL_EPSILON : FLT_EPSILON));
    ritz_free(scratch);
    ritz_fast_poisson_destroy(&poisson);
  }
}

static void refuses_bad_arguments(void **state) {
  ritz_fast_poisson *poisson;
  assert_int_equal(ritz_fast_poisson_create(RITZ_FLOAT32, 0, 4, 1, 1, &poisson), RITZ_ERR_ARGUMENT);
  assert_message_contains("[0, 4]");
  assert_int_equal(ritz_fast_poisson_create(RITZ_FLOAT32, 4, 4, 1, 0, &poisson), RITZ_ERR_ARGUMENT);
  assert_int_equal(ritz_fast_poisson_create(RITZ_FLOAT32, 4, 4, NAN, 1, &poisson),
                   RITZ_ERR_ARGUMENT);
  assert_null(poisson);
}

static void survives_every_failed_allocation(void **state) {
  ritz_fast_poisson *poisson;
  long k = 0;
  while (creation_fails(k, poisson, ritz_fast_poisson_create(RITZ_FLOAT32, 5, 6, 1, 1, &poisson)))
    k++;
  assert_int_equal(k, 14);
  ritz_fast_poisson_destroy(&poisson);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(inverts_the_laplacian_at_awkward_sizes),
      cmocka_unit_test(other_weights_are_taken_over),
      cmocka_unit_test(works_in_place_inside_a_larger_array),
      cmocka_unit_test(is_symmetric),
      cmocka_unit_test(refuses_bad_arguments),
      cmocka_unit_test(survives_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
