/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <stdlib.h>

#include "allocations.h"
#include "core/memory.h"
#include "solvers/fields/gaussian3.h"
#include "support.h"

static const double pi = 3.14159265358979323846;

static void sample(const ritz_gaussian3_options *options, uint32_t number, double *field) {
  ritz_gaussian3 *g;
  void *scratch;
  assert_ok(ritz_gaussian3_create(options, &g));
  assert_ok(ritz_calloc((ritz_index)ritz_gaussian3_scratch(g), 1, &scratch));
  ritz_gaussian3_sample(g, 5, number, field, scratch);
  ritz_free(scratch);
  ritz_gaussian3_destroy(&g);
  assert_null(g);
}

static double wave(int k, double x) { return k == 0 ? 1 : sqrt(2) * cos(pi * k * x); }

/* Number of a mode in its stream, as the header has it. */
static int number_of(int i, int j, int l) {
  const int m = i > j ? (i > l ? i : l) : (j > l ? j : l), w = m + 1, start = m * m * m;
  if (i == m) return start + j * w + l;
  if (j == m) return start + w * w + i * w + l;
  return start + w * w + m * w + i * m + j;
}

/* The series of the header, term by term. */
static double series(const ritz_gaussian3_options *o, uint32_t number, double x, double y,
                     double z) {
  const ritz_random stream = {.seed = 5, .purpose = RITZ_RANDOM_FIELD, .sample = number};
  double sum = 0;
  for (int i = 0; i < o->modes[0]; i++)
    for (int j = 0; j < o->modes[1]; j++)
      for (int l = 0; l < o->modes[2]; l++) {
        double xi;
        ritz_random_normals(stream, (uint64_t)number_of(i, j, l), 1, &xi);
        const double square = pi * pi * (i * i + j * j + l * l) + o->tau * o->tau;
        if (i + j + l > 0)
          sum += pow(o->tau, o->alpha - 1.5) * pow(square, -0.5 * o->alpha) * xi * wave(i, x) *
                 wave(j, y) * wave(l, z);
      }
  return sum;
}

static void equals_the_series_at_awkward_sizes(void **state) {
  static const ritz_gaussian3_options cases[] = {{{2, 2, 2}, {1, 1, 1}, 2, 3},
                                                 {{5, 4, 3}, {5, 4, 3}, 2.5, 4},
                                                 {{3, 6, 9}, {7, 2, 5}, 2, 3},
                                                 {{8, 3, 4}, {2, 9, 1}, 3, 1}};
  for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
    const ritz_index *n = cases[c].nodes;
    double field[9 * 9 * 9];
    sample(&cases[c], 7, field);
    for (ritz_index k = 0; k < n[0] * n[1] * n[2]; k++) {
      const double x = (double)(k / (n[1] * n[2])) / (double)(n[0] - 1);
      const double y = (double)(k / n[2] % n[1]) / (double)(n[1] - 1);
      const double z = (double)(k % n[2]) / (double)(n[2] - 1);
      assert_near(field[k], series(&cases[c], 7, x, y, z), 1e-13);
    }
  }
}

static void more_modes_add_detail_only(void **state) {
  const ritz_gaussian3_options few = {{5, 5, 5}, {4, 4, 4}, 4, 3};
  const ritz_gaussian3_options fine = {{9, 9, 9}, {4, 4, 4}, 4, 3};
  double a[125], b[729];
  sample(&few, 1, a);
  sample(&fine, 1, b);
  for (int i = 0; i < 5; i++)
    for (int j = 0; j < 5; j++)
      for (int l = 0; l < 5; l++)
        assert_near(a[(i * 5 + j) * 5 + l], b[(2 * i * 9 + 2 * j) * 9 + 2 * l], 1e-13);
}

static void refuses_bad_options(void **state) {
  const ritz_gaussian3_options good = {{4, 4, 4}, {4, 4, 4}, 2, 3};
  ritz_gaussian3 *g;
  ritz_gaussian3_options o = good;
  o.nodes[2] = 1;
  assert_int_equal(ritz_gaussian3_create(&o, &g), RITZ_ERR_ARGUMENT);
  assert_message_contains("nodes along axis 2 are 1");
  o = (ritz_gaussian3_options){{1 << 14, 2, 2}, {1, 1, 1}, 2, 3};
  assert_ok(ritz_gaussian3_create(&o, &g));
  ritz_gaussian3_destroy(&g);
  o.nodes[0]++;
  assert_int_equal(ritz_gaussian3_create(&o, &g), RITZ_ERR_ARGUMENT);
  assert_message_contains("wanted 2 ... 2^14");
  o = good, o.modes[1] = 0;
  assert_int_equal(ritz_gaussian3_create(&o, &g), RITZ_ERR_ARGUMENT);
  o = good, o.tau = NAN;
  assert_int_equal(ritz_gaussian3_create(&o, &g), RITZ_ERR_ARGUMENT);
  o = good, o.alpha = -1;
  assert_int_equal(ritz_gaussian3_create(&o, &g), RITZ_ERR_ARGUMENT);
  assert_null(g);
}

static void survives_every_failed_allocation(void **state) {
  const ritz_gaussian3_options options = {{4, 5, 3}, {4, 5, 3}, 2, 3};
  ritz_gaussian3 *g;
  long k = 0;
  while (creation_fails(k, g, ritz_gaussian3_create(&options, &g))) k++;
  assert_int_equal(k, 5);
  ritz_gaussian3_destroy(&g);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(equals_the_series_at_awkward_sizes),
      cmocka_unit_test(more_modes_add_detail_only),
      cmocka_unit_test(refuses_bad_options),
      cmocka_unit_test(survives_every_failed_allocation),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
