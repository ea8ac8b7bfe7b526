/* SPDX-License-Identifier: BSD-3-Clause
 * Data sets that need no mapping: published ones, native files, shapes that speak for themselves;
 * their statistics. */
#include <math.h>

#include "core/memory.h"
#include "datasets/reader.h"
#include "set_file.h"

#define DARCY   RITZ_REAL_DATA "/darcy_train_16.h5"
#define BURGERS RITZ_REAL_DATA "/burgers_train_16.h5"

static void real_darcy_data_are_read_by_path_alone(void **state) {
  ritz_dataset *set;
  assert_ok(ritz_dataset_open(context, DARCY, NULL, &set));
  const ritz_dataset_info *info = ritz_dataset_get_info(set);
  assert_int_equal(info->samples, 1000);
  assert_int_equal(info->dim, 2);
  assert_int_equal(info->grid[0], 16);
  assert_int_equal(info->grid[1], 16);
  assert_int_equal(info->channels_in, 1);
  assert_int_equal(info->channels_out, 1);
  assert_int_equal(info->periodic[0], -1);
  assert_string_equal(info->reader, "native");
  const ritz_index sample[3] = {999, 123, 0};
  float x[3 * 256], y[3 * 256];
  assert_ok(ritz_dataset_read(set, 3, sample, RITZ_FLOAT32, x, y));
  assert_near(y[15 * 16 + 7], 0.0787794440984726, 0);
  assert_near(y[256 + 4 * 16 + 5], 0.2853800058364868, 0);
  for (int i = 0; i < 3 * 256; i++) assert_true(x[i] == 0 || x[i] == 1);

  /* numpy's mean() and std(ddof=1) in double */
  double mean[2], std[2];
  ritz_dataset_stats stats = {
      .x_mean = &mean[0], .x_std = &std[0], .y_mean = &mean[1], .y_std = &std[1]};
  assert_ok(ritz_dataset_statistics(set, &stats));
  assert_int_equal(stats.count, 256000);
  assert_near(mean[0], 0.4994453125, 1e-13);
  assert_near(std[0], 0.5000006688864428, 1e-13);
  assert_near(mean[1], 0.38631561330488295, 1e-13);
  assert_near(std[1], 0.3399715957015244, 1e-13);
  ritz_dataset_close(&set);
}

static void configuration_may_give_a_path_alone(void **state) {
  ritz_value *value;
  ritz_dataset *set;
  assert_ok(ritz_value_create(RITZ_VALUE_SCALAR, "config.yaml", 7, &value));
  assert_ok(ritz_strdup(DARCY, &value->text));
  assert_ok(ritz_dataset_open_value(context, value, &set));
  assert_int_equal(ritz_dataset_get_info(set)->samples, 1000);
  ritz_dataset_close(&set);
  ritz_value_destroy(&value);
}

/* A foreign attribute that happens to be called units. */
static void numeric_units_are_ignored(void **state) {
  const made file = {"x", 2, {2, 9}, 0};
  make_file(1, &file);
  hid_t h5, x;
  assert_ok(ritz_h5_open_writable(path, &h5));
  assert_ok(ritz_h5_find(h5, "x", RITZ_H5_DEFAULT_CACHE, &x));
  assert_ok(ritz_h5_write_number(x, "units", 3));
  ritz_h5_dataset_close(&x);
  assert_ok(ritz_h5_close(&h5));
  ritz_dataset *set;
  assert_ok(ritz_dataset_open(context, path, NULL, &set));
  assert_null(ritz_dataset_get_info(set)->x_units);
  assert_null(ritz_dataset_get_info(set)->y_name);
  ritz_dataset_close(&set);
}

static void real_burgers_data_need_a_time(void **state) {
  ritz_dataset *set;
  assert_int_equal(ritz_dataset_open(context, BURGERS, NULL, &set), RITZ_ERR_FORMAT);
  assert_null(set);
  assert_message_contains(
      "y: {dataset: y, axes: [sample, time, x], index: {time: -1}}"); /* and that works: */
  assert_ok(ritz_dataset_open(context, BURGERS,
                              "{x: {dataset: x, axes: [sample, x]}, grid: periodic, lengths: 1,\n"
                              " y: {dataset: y, axes: [sample, time, x], index: {time: -1}}}",
                              &set));
  const ritz_dataset_info *info = ritz_dataset_get_info(set);
  assert_int_equal(info->dim, 1);
  assert_int_equal(info->grid[0], 16);
  assert_int_equal(info->channels_out, 1);
  assert_int_equal(info->periodic[0], 1);
  assert_near(info->length[0], 1, 0);
  const ritz_index sample = 799;
  double x[16], y[16];
  assert_ok(ritz_dataset_read(set, 1, &sample, RITZ_FLOAT64, x, y));
  assert_near(x[3], -0.5448822975158691, 0);
  assert_near(y[3], -0.10222708433866501, 0);
  ritz_dataset_close(&set);
  /* All times as channels. */
  assert_ok(ritz_dataset_open(context, BURGERS,
                              "{x: {dataset: x, axes: [sample, x]},\n"
                              " y: {dataset: y, axes: [sample, time, x]}, last: 1}",
                              &set));
  double all[16 * 17];
  assert_ok(ritz_dataset_read(set, 1, NULL, RITZ_FLOAT64, x, all));
  for (int i = 0; i < 16; i++) assert_near(all[i * 17 + 16], y[i], 0);
  assert_string_equal(ritz_dataset_get_info(set)->y_channel[16], "y[16]");
  ritz_dataset_close(&set);
}

static void shapes_decide_where_they_can(void **state) {
  const struct {
    int rank_x;
    ritz_index x[5];
    int rank_y;
    ritz_index y[5];
    int dim, channels_in, channels_out; /* dim 0: refused */
  } cases[] = {
      {3, {2, 9, 8}, 3, {2, 9, 8}, 2, 1, 1},
      {2, {2, 9}, 2, {2, 9}, 1, 1, 1},
      {4, {2, 9, 8, 11}, 4, {2, 9, 8, 11}, 3, 1, 1},
      {4, {2, 9, 9, 3}, 4, {2, 9, 9, 1}, 2, 3, 1},
      {4, {2, 3, 9, 9}, 4, {2, 1, 9, 9}, 2, 3, 1},
      {3, {2, 9, 8}, 4, {2, 9, 8, 3}, 2, 1, 3},
      {3, {2, 9, 3}, 2, {2, 9}, 1, 3, 1},
      {4, {2, 9, 9, 3}, 4, {2, 9, 9, 3}, 0, 0, 0}, /* 3-D or channels? */
      {4, {2, 1, 9, 9}, 4, {2, 1, 9, 9}, 0, 0, 0}, /* the same in front */
      {3, {2, 17, 16}, 3, {2, 16, 16}, 0, 0, 0},   /* grids that differ */
      {3, {2, 9, 9}, 4, {2, 9, 9, 9}, 0, 0, 0},    /* channels first or last? */
      {2, {2, 16}, 3, {2, 17, 16}, 0, 0, 0},       /* time? */
      {1, {9}, 1, {9}, 0, 0, 0},
      {2, {2, 9}, 4, {2, 9, 9, 9}, 0, 0, 0},
  };
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    made file[2] = {{.name = "x", .rank = cases[k].rank_x}, {.name = "y", .rank = cases[k].rank_y}};
    memcpy(file[0].n, cases[k].x, sizeof cases[k].x);
    memcpy(file[1].n, cases[k].y, sizeof cases[k].y);
    make_file(2, file);
    ritz_dataset *set;
    const ritz_status status = ritz_dataset_open(context, path, NULL, &set);
    if (cases[k].dim == 0) {
      assert_int_equal(status, RITZ_ERR_FORMAT);
      assert_message_contains("{dataset: y, axes: [sample");
      continue;
    }
    assert_ok(status);
    const ritz_dataset_info *info = ritz_dataset_get_info(set);
    assert_int_equal(info->dim, cases[k].dim);
    assert_int_equal(info->channels_in, cases[k].channels_in);
    assert_int_equal(info->channels_out, cases[k].channels_out);
    ritz_dataset_close(&set);
  }
}

static void native_files_describe_themselves(void **state) {
  make_native(7, RITZ_FLOAT64);
  ritz_dataset *set;
  assert_ok(ritz_dataset_open(context, path, NULL, &set));
  const ritz_dataset_info *info = ritz_dataset_get_info(set);
  assert_int_equal(info->dim, 3);
  assert_int_equal(info->channels_in, 2);
  assert_string_equal(info->x_channel[1], "v");
  assert_string_equal(info->x_units, "m/s");
  assert_string_equal(info->y_units, "Pa");
  assert_string_equal(info->boundary, "mixed");
  assert_int_equal(info->periodic[0], 1);
  assert_int_equal(info->periodic[2], 0);
  assert_near(info->length[2], 3, 0);
  double x[7 * 48], y[7 * 24], expected[7 * 48];
  assert_ok(ritz_dataset_read(set, 7, NULL, RITZ_FLOAT64, x, y));
  fill_uniform(3, 7 * 48, expected);
  assert_memory_equal(x, expected, sizeof x);
  fill_uniform(4, 7 * 24, expected);
  assert_memory_equal(y, expected, sizeof y);
  assert_ok(ritz_dataset_read(set, 0, NULL, RITZ_FLOAT64, NULL, NULL));
  ritz_dataset_close(&set);

  assert_ok(ritz_dataset_open(context, path, "{stride: [2, 1, 5], first: 3}", &set));
  info = ritz_dataset_get_info(set);
  assert_int_equal(info->grid[0], 2);
  assert_int_equal(info->grid[2], 2);
  assert_int_equal(info->samples, 3);
  assert_near(info->length[0], 1, 0); /* periodic: every second point of the same circle */
  assert_near(info->length[2], 3, 0);
  ritz_dataset_close(&set);
  assert_int_equal(try_open("{stride: [3, 1, 1]}"), RITZ_ERR_SHAPE);
  assert_message_contains("stride 3 does not divide the 4 points of periodic axis x");
  assert_ok(ritz_dataset_open(context, path, "{stride: [1, 1, 4]}", &set));
  assert_near(ritz_dataset_get_info(set)->length[2], 3 * 4 / 5.0, 1e-15);
  ritz_dataset_close(&set);
}

/* The offset would eat all digits of a textbook sum of squares. */
static void statistics_do_not_cancel(void **state) {
  const made file[2] = {{"x", 3, {37, 11, 13}, 1e9}, {"y", 3, {37, 11, 13}, 0}};
  make_file(2, file);
  ritz_dataset *set;
  assert_ok(ritz_dataset_open(context, path, NULL, &set));
  double x_std, y_mean, x_mean;
  ritz_dataset_stats stats = {.x_mean = &x_mean, .x_std = &x_std, .y_mean = &y_mean};
  assert_ok(ritz_dataset_statistics(set, &stats));
  const double n = 37 * 11 * 13; /* of 0 .. n-1: variance n (n + 1) / 12 */
  assert_near(y_mean, (n - 1) / 2, 1e-9);
  assert_near(x_mean, 1e9 + (n - 1) / 2, 1e-6);
  assert_near(x_std, sqrt(n * (n + 1) / 12), 1e-9 * n);
  ritz_dataset_close(&set);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(real_darcy_data_are_read_by_path_alone),
      cmocka_unit_test(configuration_may_give_a_path_alone),
      cmocka_unit_test(numeric_units_are_ignored),
      cmocka_unit_test(real_burgers_data_need_a_time),
      cmocka_unit_test(shapes_decide_where_they_can),
      cmocka_unit_test(native_files_describe_themselves),
      cmocka_unit_test(statistics_do_not_cancel),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
