/* SPDX-License-Identifier: BSD-3-Clause */
#define _POSIX_C_SOURCE 200809L
#include <math.h>

#include "isa.h"
#include "kernels/solver_kernels.h"
#include "support.h"

/* The library's own function, through libm, is the reference. */
static void agrees(ritz_dtype dtype, const ritz_kernels *kernels) {
  enum { most = 700 };
  double fast[most + 2], slow[most];
  const ritz_solver_kernels *table = ritz_solver_kernels_get(dtype);
  assert_string_equal(table->isa, kernels->isa);
  static const int counts[] = {1, 2, 63, 64, 65, 130, 350};
  for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
    const ritz_random stream = {
        .seed = 0x123456789abcdefu, .purpose = RITZ_RANDOM_TEST, .sample = (uint32_t)c};
    const uint64_t first = ((uint64_t)1 << 32) - 70; /* the counter carries into its second word */
    fast[2 * counts[c]] = 77;
    table->normal_pairs(&stream, first, counts[c], fast);
    ritz_random_normals(stream, 2 * first, 2 * counts[c], slow);
    for (int i = 0; i < 2 * counts[c]; i++) assert_near(fast[i], slow[i], 1e-14);
    assert_true(fast[2 * counts[c]] == 77);
  }
}

static void exponential_agrees(ritz_dtype dtype, const ritz_kernels *kernels) {
  static const double extremes[] = {0, -1000, 1000, 700, -700, 1e-300, NAN};
  double x[107], y[107];
  fill_uniform(3, 100, x);
  for (int i = 0; i < 100; i++) x[i] *= i < 50 ? 1 : 300;
  memcpy(x + 100, extremes, sizeof extremes);
  memcpy(y, x, sizeof x);
  ritz_solver_kernels_get(dtype)->lognormal(107, 0.7, y);
  for (int i = 0; i < 106; i++) {
    const double z = fmax(-700, fmin(700, 0.7 * x[i]));
    assert_near(y[i] / exp(z), 1, 1e-15);
  }
  assert_true(isnan(y[106]));
}

static void exponentials_agree(void **state) { for_each_table(exponential_agrees); }
static void vectorised_normals_are_the_library_s(void **state) { for_each_table(agrees); }

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(vectorised_normals_are_the_library_s),
                                     cmocka_unit_test(exponentials_agree)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
