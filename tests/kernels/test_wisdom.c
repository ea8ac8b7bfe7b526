/* SPDX-License-Identifier: BSD-3-Clause
 * The measured choice among algorithms and the file that keeps it. */
#include <stdlib.h>
#include <string.h>

#include "allocations.h"
#include "files.h"
#include "kernels/spectral_wisdom.h"

static const ritz_index list[] = {0, 1, 2, 3};

static ritz_transform_shape make_shape(ritz_index n) {
  return (ritz_transform_shape){.dim = 2,
                                .batch = 1,
                                .channels = 3,
                                .grid = {n, 8},
                                .modes = {3, 4},
                                .frequency = {list, list}};
}

static ritz_spectral_wisdom *make_wisdom(void) {
  ritz_spectral_wisdom *w;
  assert_ok(ritz_spectral_wisdom_create(&w));
  for (ritz_index n = 4; n < 44; n++) {
    const ritz_transform_shape shape = make_shape(n);
    assert_ok(ritz_spectral_wisdom_add(w, &shape, RITZ_SPECTRAL_FOLDED));
    assert_ok(
        ritz_spectral_wisdom_add(w, &shape, n % 2 ? RITZ_SPECTRAL_TWO_STEP : RITZ_SPECTRAL_PLAIN));
  }
  return w;
}

static void names_and_algorithms_match(void **state) {
  ritz_spectral_algorithm found;
  for (int i = 0; i < RITZ_SPECTRAL_ALGORITHMS; i++) {
    const ritz_spectral_algorithm algorithm = (ritz_spectral_algorithm)i;
    assert_true(ritz_spectral_algorithm_parse(ritz_spectral_algorithm_name(algorithm), &found));
    assert_int_equal(found, algorithm);
  }
  assert_false(ritz_spectral_algorithm_parse("fft", &found));
}

static void a_file_gives_back_what_was_saved(void **state) {
  const char *path = in_folder("wisdom"), *again = in_folder("again");
  ritz_spectral_wisdom *w = make_wisdom(), *copy;
  assert_int_equal(ritz_spectral_wisdom_count(w), 40);
  assert_ok(ritz_spectral_wisdom_save(w, path));
  assert_ok(ritz_spectral_wisdom_create(&copy));
  ritz_transform_shape shape = make_shape(7);
  assert_ok(ritz_spectral_wisdom_add(copy, &shape, RITZ_SPECTRAL_GEMM));
  assert_ok(ritz_spectral_wisdom_load(copy, path));
  ritz_spectral_algorithm found = RITZ_SPECTRAL_AUTO;
  assert_true(ritz_spectral_wisdom_find(copy, &shape, &found));
  assert_int_equal(found, RITZ_SPECTRAL_TWO_STEP);
  assert_ok(ritz_spectral_wisdom_save(copy, again));
  assert_files_equal(path, again);
  /* Another frequency list, batch or number format is another shape. */
  ritz_transform_shape other = shape;
  const ritz_index changed[] = {0, 1, -2};
  other.frequency[0] = changed;
  assert_false(ritz_spectral_wisdom_find(copy, &other, &found));
  other = shape, other.batch = 2;
  assert_false(ritz_spectral_wisdom_find(copy, &other, &found));
  other = shape, other.dtype = RITZ_FLOAT64;
  assert_false(ritz_spectral_wisdom_find(copy, &other, &found));
  ritz_spectral_wisdom_destroy(&w);
  ritz_spectral_wisdom_destroy(&copy);
}

/* Cut at every byte, or with any byte changed: either refused and nothing added, or whole lines. */
static void broken_files_add_nothing(void **state) {
  const char *path = in_folder("whole"), *broken = in_folder("broken");
  ritz_spectral_wisdom *w = make_wisdom();
  assert_ok(ritz_spectral_wisdom_save(w, path));
  ritz_spectral_wisdom_destroy(&w);
  const file_bytes whole = file_read(path);
  for (size_t i = 0; i < 400; i++)
    for (int cut = 0; cut < 2; cut++) {
      unsigned char bytes[400];
      memcpy(bytes, whole.byte, sizeof bytes);
      if (!cut) bytes[i] ^= (unsigned char)(1 + i % 255);
      file_write(broken, cut ? i : sizeof bytes, bytes);
      assert_ok(ritz_spectral_wisdom_create(&w));
      const ritz_status status = ritz_spectral_wisdom_load(w, broken);
      assert_true(status == RITZ_OK || status == RITZ_ERR_FORMAT);
      if (status != RITZ_OK) assert_int_equal(ritz_spectral_wisdom_count(w), 0);
      ritz_spectral_wisdom_destroy(&w);
    }
  free(whole.byte);
  assert_ok(ritz_spectral_wisdom_create(&w));
  file_write_text(broken, "ritz spectral wisdom 1\navx512 float b1 c3 8x8 3x4 0 quickest\n");
  assert_int_equal(ritz_spectral_wisdom_load(w, broken), RITZ_ERR_FORMAT);
  assert_message_contains("line 2");
  assert_int_equal(ritz_spectral_wisdom_load(w, in_folder("none")), RITZ_ERR_IO);
  assert_int_equal(ritz_spectral_wisdom_save(w, in_folder("no/such")), RITZ_ERR_IO);
  ritz_spectral_wisdom_destroy(&w);
}

static void measuring_fills_wisdom_and_obeys_it(void **state) {
  const ritz_transform_shape shape = make_shape(8);
  ritz_spectral_wisdom *w;
  ritz_transform *t;
  assert_ok(ritz_spectral_wisdom_create(&w));
  assert_ok(ritz_transform_create_measured(&shape, RITZ_SPECTRAL_AUTO, 1, w, &t));
  ritz_spectral_algorithm found = RITZ_SPECTRAL_AUTO;
  assert_true(ritz_spectral_wisdom_find(w, &shape, &found));
  assert_int_equal(ritz_transform_algorithm(t), found);
  assert_int_not_equal(found, RITZ_SPECTRAL_AUTO);
  ritz_transform_destroy(&t);
  assert_ok(ritz_spectral_wisdom_add(w, &shape, RITZ_SPECTRAL_FOLDED));
  assert_ok(ritz_transform_create_measured(&shape, RITZ_SPECTRAL_AUTO, 1, w, &t));
  assert_int_equal(ritz_transform_algorithm(t), RITZ_SPECTRAL_FOLDED);
  ritz_transform_destroy(&t);
  assert_ok(ritz_transform_create_measured(&shape, RITZ_SPECTRAL_PLAIN, 1, NULL, &t));
  assert_int_equal(ritz_transform_algorithm(t), RITZ_SPECTRAL_PLAIN);
  ritz_transform_destroy(&t);
  ritz_spectral_wisdom_destroy(&w);
}

static void lost_allocations_leave_nothing_behind(void **state) {
  const ritz_transform_shape shape = make_shape(36);
  bool failed = true;
  for (long k = 0; failed; k++) {
    ritz_spectral_wisdom *w;
    ritz_transform *t;
    assert_ok(ritz_spectral_wisdom_create(&w));
    failed = creation_fails(
        k, t, ritz_transform_create_measured(&shape, RITZ_SPECTRAL_TWO_STEP, 1, w, &t));
    if (!failed)
      assert_true(memory_fails(0, ritz_spectral_wisdom_add(w, &shape, RITZ_SPECTRAL_GEMM)));
    assert_int_equal(ritz_spectral_wisdom_count(w), 0);
    ritz_spectral_wisdom_destroy(&w);
    ritz_transform_destroy(&t);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(names_and_algorithms_match),
      cmocka_unit_test(a_file_gives_back_what_was_saved),
      cmocka_unit_test(broken_files_add_nothing),
      cmocka_unit_test(measuring_fills_wisdom_and_obeys_it),
      cmocka_unit_test(lost_allocations_leave_nothing_behind),
  };
  return cmocka_run_group_tests(tests, folder_create, folder_remove);
}
