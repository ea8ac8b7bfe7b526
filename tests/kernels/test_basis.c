/* SPDX-License-Identifier: BSD-3-Clause
 * Products of bases stored by columns against their definitions, on every instruction set. */
#define _POSIX_C_SOURCE 200112L
#include "support.h"

#include <math.h>

#include "isa.h"
#include "kernels/solver_kernels.h"

enum { most = 9, length = 131, apart = 140 };
static const ritz_index lengths[] = {0, 1, 7, 16, 17, 64, length};
static double v[most * apart], w[most * apart], y[most * apart]; /* numbers of either format */

static double epsilon(ritz_dtype dtype) { return dtype == RITZ_FLOAT64 ? 2.2e-16 : 1.2e-7; }

static void check_gram(ritz_dtype dtype, const ritz_kernels *k) {
  fill_uniform_as(dtype, 1, most * apart, v);
  fill_uniform_as(dtype, 2, most * apart, w);
  for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
    for (int a = 1; a <= most; a++)
      for (int b = 1; b <= most; b++) {
        const ritz_index n = lengths[i];
        double sums[most * most];
        k->basis_gram(n, a, v, apart, b, w, apart, sums, most);
        for (int p = 0; p < a; p++)
          for (int q = 0; q < b; q++) {
            double expected = 0;
            for (ritz_index r = 0; r < n; r++)
              expected += ritz_number_get(dtype, v, p * apart + r) *
                          ritz_number_get(dtype, w, q * apart + r);
            assert_near(sums[q * most + p], expected, (double)(n + 1) * epsilon(dtype));
          }
      }
}
static void gram_follows_its_definition(void **state) { for_each_table(check_gram); }

/* Columns one behind the other; listed in another order; the same begun from zero. */
typedef enum form { IN_A_ROW, LISTED, FROM_ZERO } form;
static const int take[most] = {3, 8, 0, 1, 5, 2, 7, 6, 4};

static const void *column(ritz_dtype dtype, const double *basis, int j) {
  const size_t size = dtype == RITZ_FLOAT64 ? sizeof(double) : sizeof(float);
  return (const char *)basis + (size_t)(j * apart) * size;
}

static void combine(ritz_dtype dtype, const ritz_kernels *k, form how, ritz_index n, int a, int b,
                    const double *c) {
  const void *list[most], *start[most];
  if (how == IN_A_ROW) {
    k->basis_combine(n, a, v, apart, b, c, most, y, apart);
    return;
  }
  for (int p = 0; p < a; p++) list[p] = column(dtype, v, take[p]);
  for (int q = 0; q < b; q++) start[q] = column(dtype, w, q);
  ritz_solver_kernels_get(dtype)->basis_combine_listed(
      n, a, list, how == FROM_ZERO ? 0 : 64, b, how == FROM_ZERO ? NULL : start, c, most, y, apart);
}

static void check_combine_of(ritz_dtype dtype, const ritz_kernels *k, form how) {
  double c[most * most];
  fill_uniform_as(dtype, 1, most * apart, v);
  fill_uniform(3, most * most, c);
  for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
    for (int a = 0; a <= most; a++)
      for (int b = 1; b <= most; b++) {
        const ritz_index n = lengths[i];
        fill_uniform_as(dtype, 2, most * apart, w);
        fill_uniform_as(dtype, how == LISTED ? 4 : 2, most * apart, y);
        for (int q = 0; q < b && how == LISTED; q++) /* beyond n y is as it was */
          for (ritz_index r = n; r < apart; r++)
            ritz_number_set(dtype, y, q * apart + r, ritz_number_get(dtype, w, q * apart + r));
        combine(dtype, k, how, n, a, b, c);
        for (int q = 0; q < b; q++)
          for (ritz_index r = 0; r < apart; r++) {
            const bool begun = how != FROM_ZERO || r >= n;
            double expected = begun ? ritz_number_get(dtype, w, q * apart + r) : 0;
            for (int p = 0; p < a && r < n; p++)
              expected +=
                  c[q * most + p] * ritz_number_get(dtype, v, (how ? take[p] : p) * apart + r);
            assert_near(ritz_number_get(dtype, y, q * apart + r), expected,
                        (a + 1) * 2 * epsilon(dtype));
          }
      }
}

static void check_combine(ritz_dtype dtype, const ritz_kernels *k) {
  for (form how = IN_A_ROW; how <= FROM_ZERO; how++) check_combine_of(dtype, k, how);
}
static void combine_follows_its_definition(void **state) { for_each_table(check_combine); }

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gram_follows_its_definition),
      cmocka_unit_test(combine_follows_its_definition),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
