/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>

#include "support.h"

static const ritz_random stream = {.seed = 7, .purpose = RITZ_RANDOM_FIELD, .sample = 3};

/* Known answers of Philox4x32-10 from the Random123 distribution (kat_vectors). */
static void philox_matches_published_vector(void **state) {
  const ritz_random zero = {0};
  uint32_t words[4];
  ritz_random_words(zero, 0, words);
  assert_int_equal(words[0], 0x6627e8d5u);
  assert_int_equal(words[1], 0xe169c58du);
  assert_int_equal(words[2], 0xbc57ac4cu);
  assert_int_equal(words[3], 0x9b00dbd8u);
}

static void normals_do_not_depend_on_how_they_are_cut(void **state) {
  double whole[11], part[11];
  ritz_random_normals(stream, 0, 11, whole);
  ritz_random_normals(stream, 0, 3, part);
  ritz_random_normals(stream, 3, 5, part + 3);
  ritz_random_normals(stream, 8, 3, part + 8);
  assert_memory_equal(whole, part, sizeof whole);
}

/* Mean and variance of n draws deviate by less than 5 standard errors. */
static void normals_have_unit_variance(void **state) {
  enum { n = 200000 };
  static double x[n];
  ritz_random_normals(stream, 0, n, x);
  double mean = 0, square = 0;
  for (int i = 0; i < n; i++) mean += x[i] / n, square += x[i] * x[i] / n;
  assert_near(mean, 0, 5 / sqrt(n));
  assert_near(square, 1, 5 * sqrt(2.0 / n));
}

static void permutation_holds_every_index_once(void **state) {
  ritz_index order[101];
  int seen[101] = {0}, moved = 0;
  ritz_random_permutation(stream, 101, order);
  for (int i = 0; i < 101; i++) seen[order[i]]++, moved += order[i] != i;
  for (int i = 0; i < 101; i++) assert_int_equal(seen[i], 1);
  assert_true(moved > 80);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(philox_matches_published_vector),
      cmocka_unit_test(normals_do_not_depend_on_how_they_are_cut),
      cmocka_unit_test(normals_have_unit_variance),
      cmocka_unit_test(permutation_holds_every_index_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
