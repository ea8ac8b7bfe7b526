/* SPDX-License-Identifier: BSD-3-Clause
 * Data sets that are not what they should be, or not asked for as they should be. */
#include <math.h>

#include "allocations.h"
#include "set_file.h"

static void values_that_are_not_finite_are_located(void **state) {
  const ritz_index n[4] = {3, 9, 10, 2};
  double value[3 * 180] = {0};
  hid_t file;
  value[2 * 180 + (4 * 10 + 5) * 2 + 1] = INFINITY;
  assert_ok(ritz_h5_create(path, &file));
  assert_ok(ritz_h5_write_array(file, "x", RITZ_H5_FLOAT64, 3, n, value));
  assert_ok(ritz_h5_write_array(file, "y", RITZ_H5_FLOAT64, 4, n, value));
  assert_ok(ritz_h5_close(&file));
  ritz_dataset *set;
  double x[270], y[540];
  assert_ok(ritz_dataset_open(context, path, "{samples: [1, 3]}", &set));
  const ritz_index good = 0, bad = 1;
  assert_ok(ritz_dataset_read(set, 1, &good, RITZ_FLOAT64, x, y));
  for (int dtype = RITZ_FLOAT32; dtype <= RITZ_FLOAT64; dtype++) {
    assert_int_equal(ritz_dataset_read(set, 1, &bad, (ritz_dtype)dtype, x, y), RITZ_ERR_NUMERIC);
    assert_message_contains(
        "set.h5: /y: sample 2 is not finite at grid point [4, 5], channel y[1]");
  }
  ritz_dataset_stats stats = {0};
  assert_int_equal(ritz_dataset_statistics(set, &stats), RITZ_ERR_NUMERIC);
  ritz_dataset_close(&set);
}

#define NU "x: {dataset: nu, axes: [sample, x, y]}, "
static const struct {
  const char *options;
  ritz_status status;
  const char *says;
} mistakes[] = {
    {NULL, RITZ_ERR_FORMAT, "there are: complex, few, fine, g/tensor, none, nu"},
    {"{x: g/tensor}", RITZ_ERR_FORMAT,
     "g/tensor [4, 2, 9, 10]: the shape does not tell what its axes are"},
    {"{reader: nothing}", RITZ_ERR_NOT_FOUND,
     "unknown reader 'nothing'; known: auto, mapping, native"},
    {"{reader: natve}", RITZ_ERR_NOT_FOUND, "did you mean 'native'?"},
    {"{x: nux}", RITZ_ERR_NOT_FOUND, "no data set \"nux\"; there are: complex"},
    {"{reader: native}", RITZ_ERR_NOT_FOUND, "no data set \"x\""},
    {"{y: nu}", RITZ_ERR_CONFIG, "y is given without x"},
    {"{reader: native, x: nu}", RITZ_ERR_CONFIG, "reader native finds x and y itself"},
    {"{x: {axes: [sample]}}", RITZ_ERR_CONFIG, "dataset"},
    {"{x: {dataset: nu, axes: [sample, x]}}", RITZ_ERR_SHAPE,
     "/nu: is [4, 9, 10], but 2 axes are named"},
    {"{x: {dataset: nu, axes: [sample, x, x]}}", RITZ_ERR_SHAPE, "two axes are named x"},
    {"{x: {dataset: nu, axes: [sample, x, w]}}", RITZ_ERR_CONFIG, "no axis role \"w\"; sample, x"},
    {"{x: {dataset: nu, axes: [sample, x, z]}}", RITZ_ERR_SHAPE, "a role z but no y"},
    {"{x: {dataset: nu, axes: [sample, time, channel]}}", RITZ_ERR_SHAPE, "no grid"},
    {"{x: {dataset: complex, axes: [sample]}}", RITZ_ERR_FORMAT, "neither integers"},
    {"{" NU "y: {dataset: fine, axes: [sample, x, y]}}", RITZ_ERR_SHAPE,
     "nu has 9 entries along axis x, fine has 18"},
    {"{" NU "y: {dataset: few, axes: [sample, x, y]}}", RITZ_ERR_SHAPE,
     "nu has 4 entries along axis sample, few has 3"},
    {"{x: {dataset: none, axes: [sample, x, y]}}", RITZ_ERR_SHAPE, "empty along axis sample"},
    {"{" NU "y: {dataset: g/tensor, axes: [sample, time, x, y], index: {time: 2}}}",
     RITZ_ERR_CONFIG, "index of axis time is outside: g/tensor has 2"},
    {"{" NU "y: {dataset: g/tensor, axes: [sample, time, x, y], index: {time: "
     "9223372036854775807}}}",
     RITZ_ERR_CONFIG, "index of axis time is outside: g/tensor has 2"},
    {"{" NU "y: {dataset: g/tensor, axes: [sample, time, x, y], index: {channel: 0}}}",
     RITZ_ERR_CONFIG, "no axis channel"},
    {"{x: {dataset: nu, axes: [sample, x, y], index: {sample: 0}}}", RITZ_ERR_CONFIG,
     "picked with samples"},
    {"{x: {dataset: nu, axes: [sample, x, y], index: {x: a}}}", RITZ_ERR_CONFIG,
     "an index is a whole number"},
    {"{x: {dataset: nu, index: {x: 1}}}", RITZ_ERR_CONFIG, "index needs axes"},
    {"{x: [nu, fine], y: nu}", RITZ_ERR_CONFIG, "needs axes"},
    {"{x: []}", RITZ_ERR_CONFIG, "no data set"},
    {"{" NU "samples: [2, 5]}", RITZ_ERR_SHAPE, "has 4 samples, 5 are asked for"},
    {"{" NU "samples: [2, 2]}", RITZ_ERR_CONFIG, "is empty"},
    {"{" NU "samples: 3}", RITZ_ERR_CONFIG, "range [begin, end]"},
    {"{" NU "first: 2, last: 2}", RITZ_ERR_CONFIG, "only one of"},
    {"{" NU "last: 5}", RITZ_ERR_SHAPE, "has 4 samples, 5 are asked for"},
    {"{" NU "stride: [1, 1, 1]}", RITZ_ERR_CONFIG, "stride has 3 entries"},
    {"{" NU "stride: 0}", RITZ_ERR_CONFIG, "stride"},
    {"{" NU "lengths: [1, 1, 1]}", RITZ_ERR_CONFIG, "lengths has 3 entries"},
    {"{" NU "lengths: [1, 0]}", RITZ_ERR_CONFIG, "length of axis 1 is 0"},
    {"{" NU "window_step: 2}", RITZ_ERR_CONFIG, "window_step is 2 without a window"},
    {"{" NU "grids: bounded}", RITZ_ERR_CONFIG, "grids"},
    {"{path: other.h5}", RITZ_ERR_CONFIG, "other.h5"},
};
#undef NU

static void make_several_sets(void) {
  const made file[5] = {{"nu", 3, {4, 9, 10}, 0},
                        {"g/tensor", 4, {4, 2, 9, 10}, 0},
                        {"fine", 3, {4, 18, 20}, 0},
                        {"few", 3, {3, 9, 10}, 0},
                        {"none", 3, {0, 9, 10}, 0}};
  make_file(5, file);
  hid_t h5;
  assert_ok(ritz_h5_open_writable(path, &h5));
  const double pair[2] = {1, 2};
  assert_ok(ritz_h5_write_array(h5, "complex", RITZ_H5_COMPLEX128, 1, (ritz_index[]){1}, pair));
  assert_ok(ritz_h5_close(&h5));
}

static void mistakes_are_named(void **state) {
  make_several_sets();
  for (size_t k = 0; k < sizeof mistakes / sizeof *mistakes; k++) {
    const ritz_status status = try_open(mistakes[k].options);
    if (status != mistakes[k].status)
      fail_msg("%s: status %d, %s", mistakes[k].options, status, ritz_error_message());
    assert_message_contains(mistakes[k].says);
  }
}

static void reads_beyond_the_set_are_refused(void **state) {
  make_several_sets();
  ritz_dataset *set;
  assert_ok(ritz_dataset_open(context, path, "x: {dataset: nu, axes: [sample, x, y]}", &set));
  double x[5 * 90];
  const ritz_index outside[2] = {0, 4};
  assert_int_equal(ritz_dataset_read(set, 2, outside, RITZ_FLOAT64, x, NULL), RITZ_ERR_ARGUMENT);
  assert_message_contains("sample 4 does not exist, there are 4");
  assert_int_equal(ritz_dataset_read(set, 5, NULL, RITZ_FLOAT64, x, NULL), RITZ_ERR_ARGUMENT);
  assert_int_equal(ritz_dataset_read(set, 1, NULL, RITZ_FLOAT64, x, x), RITZ_ERR_ARGUMENT);
  assert_message_contains("has no y");
  const ritz_index first[] = {1, 0, 0}, extent[] = {PTRDIFF_MAX, 1, 1};
  assert_int_equal(ritz_dataset_read_part(set, first, extent, 1, NULL, RITZ_FLOAT64, x, NULL),
                   RITZ_ERR_ARGUMENT);
  assert_message_contains("are not on axis 0 of");
  ritz_dataset_close(&set);
  assert_int_equal(ritz_dataset_open(context, "/none.h5", NULL, &set), RITZ_ERR_IO);
  assert_int_equal(ritz_dataset_open(context, NULL, NULL, &set), RITZ_ERR_CONFIG);
}

static void other_versions_are_refused(void **state) {
  hid_t file;
  make_native(2, RITZ_FLOAT32);
  assert_ok(ritz_h5_open_writable(path, &file));
  assert_ok(ritz_h5_write_integer(file, "format_version", 2));
  assert_ok(ritz_h5_close(&file));
  assert_int_equal(try_open(NULL), RITZ_ERR_FORMAT);
  assert_message_contains("has map format version 2, this library reads version 1");
}

/* Cut at many places: never a crash, never wrong values. */
static void truncated_files_are_refused(void **state) {
  for (int k = 0; k < 24; k++) {
    make_native(9, RITZ_FLOAT32);
    const file_bytes whole = file_read(path);
    file_write(path, whole.count * (size_t)k / 24, whole.byte);
    free(whole.byte);
    assert_int_equal(try_open(NULL), RITZ_ERR_FORMAT);
  }
}

static void every_allocation_may_fail(void **state) {
  make_native(3, RITZ_FLOAT32);
  static const char options[] =
      "{x: [{dataset: x, axes: [sample, x, y, z, channel]}, {dataset: y, axes: [sample, x, y, z]}],"
      " y: y}";
  ritz_dataset *set;
  long k = 0;
  while (creation_fails(k, set, ritz_dataset_open(context, path, options, &set))) k++;
  float x[72], y[24];
  ritz_dataset_stats stats = {0};
  assert_true(memory_fails(0, ritz_dataset_statistics(set, &stats)));
  assert_true(memory_fails(0, ritz_dataset_read(set, 1, NULL, RITZ_FLOAT32, x, y)));
  assert_ok(ritz_dataset_read(set, 1, NULL, RITZ_FLOAT32, x, y));
  ritz_dataset_close(&set);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(values_that_are_not_finite_are_located),
      cmocka_unit_test(mistakes_are_named),
      cmocka_unit_test(reads_beyond_the_set_are_refused),
      cmocka_unit_test(other_versions_are_refused),
      cmocka_unit_test(truncated_files_are_refused),
      cmocka_unit_test(every_allocation_may_fail),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
