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

/* Columns one behind the other; in place of those that are summed up; the same begun from zero, and
 * with a triangle. */
typedef enum form { IN_A_ROW, IN_PLACE, FROM_ZERO, TRIANGLE } form;
static const int take[most] = {3, 8, 0, 1, 5, 2, 7, 6, 4};

static void *column(ritz_dtype dtype, double *basis, int j) {
  const size_t size = dtype == RITZ_FLOAT64 ? sizeof(double) : sizeof(float);
  return (char *)basis + (size_t)(j * apart) * size;
}

static void combine(ritz_dtype dtype, const ritz_kernels *k, form how, ritz_index n, int a, int b,
                    const double *c) {
  static double panel[most * RITZ_REPLACE_ROWS];
  const void *list[most], *start[most];
  void *out[most];
  if (how == IN_A_ROW) {
    k->basis_combine(n, a, v, apart, b, c, most, y, apart);
    return;
  }
  for (int p = 0; p < a; p++) list[p] = column(dtype, y, take[p]);
  for (int q = 0; q < b; q++) {
    start[q] = column(dtype, y, most - 1 - q);
    out[q] = column(dtype, y, q);
  }
  ritz_solver_kernels_get(dtype)->basis_replace(n, a, list, b, how == IN_PLACE ? start : NULL, c,
                                                most, how == TRIANGLE, out, panel);
}

/* Row r of column q, y as v before unless it is as w. */
static double expect(ritz_dtype dtype, form how, ritz_index n, int a, int q, ritz_index r,
                     const double *c) {
  double sum = how == IN_A_ROW ? ritz_number_get(dtype, w, q * apart + r) : 0;
  if (how != IN_A_ROW && r >= n) return ritz_number_get(dtype, v, q * apart + r);
  if (how == IN_PLACE) sum = ritz_number_get(dtype, v, (most - 1 - q) * apart + r);
  for (int p = 0; p < a && r < n; p++)
    sum += c[q * most + p] * ritz_number_get(dtype, v, (how ? take[p] : p) * apart + r);
  return sum;
}

static void check_combine_of(ritz_dtype dtype, const ritz_kernels *k, form how) {
  double c[most * most];
  fill_uniform_as(dtype, 1, most * apart, v);
  fill_uniform_as(dtype, 2, most * apart, w);
  fill_uniform(3, most * most, c);
  for (int q = 0; q < most && how == TRIANGLE; q++)
    for (int p = q + 1; p < most; p++) c[q * most + p] = 0;
  for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
    for (int a = 0; a <= most; a++)
      for (int b = 1; b <= most; b++) {
        fill_uniform_as(dtype, how == IN_A_ROW ? 2 : 1, most * apart, y);
        combine(dtype, k, how, lengths[i], a, b, c);
        for (int q = 0; q < b; q++)
          for (ritz_index r = 0; r < apart; r++)
            assert_near(ritz_number_get(dtype, y, q * apart + r),
                        expect(dtype, how, lengths[i], a, q, r, c), (a + 1) * 2 * epsilon(dtype));
      }
}

static void check_combine(ritz_dtype dtype, const ritz_kernels *k) {
  for (form how = IN_A_ROW; how <= TRIANGLE; how++) check_combine_of(dtype, k, how);
}
static void combine_follows_its_definition(void **state) { for_each_table(check_combine); }

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gram_follows_its_definition),
      cmocka_unit_test(combine_follows_its_definition),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
