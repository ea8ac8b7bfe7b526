/* SPDX-License-Identifier: BSD-3-Clause
 * Windows of trajectories: frames of x, then of y, from one data set or two. */
#include "datasets/window.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "allocations.h"
#include "files.h"
#include "io/h5.h"

enum { trajectories = 3, points = 9, later = 6 };

static ritz_context *context;

/* Value of frame f, point p, field c of a trajectory. */
static double value(ritz_index trajectory, ritz_index f, ritz_index p, ritz_index c) {
  return (double)(1000 * trajectory + 100 * f + 10 * c) + (double)p;
}

/* first [t, x], later [t, time, x], all [t, time, x, channel] with two fields. */
static const char *make_file(void) {
  const char *path = in_folder("trajectories.h5");
  hid_t file;
  double first[trajectories * points], rest[trajectories * later * points];
  double all[trajectories * (later + 1) * points * 2];
  double *a = first, *b = rest, *d = all;
  for (int t = 0; t < trajectories; t++)
    for (int f = 0; f <= later; f++)
      for (int p = 0; p < points; p++) {
        *(f ? b++ : a++) = value(t, f, p, 0);
        for (int c = 0; c < 2; c++) *d++ = value(t, f, p, c);
      }
  assert_ok(ritz_h5_create(path, &file));
  assert_ok(ritz_h5_write_array(file, "first", RITZ_H5_FLOAT64, 2,
                                (ritz_index[]){trajectories, points}, first));
  assert_ok(ritz_h5_write_array(file, "later", RITZ_H5_FLOAT64, 3,
                                (ritz_index[]){trajectories, later, points}, rest));
  assert_ok(ritz_h5_write_array(file, "all", RITZ_H5_FLOAT64, 4,
                                (ritz_index[]){trajectories, later + 1, points, 2}, all));
  assert_ok(ritz_h5_close(&file));
  return path;
}

static const char *const two_sets =
    "x: {dataset: first, axes: [sample, x]}, y: {dataset: later, axes: [sample, time, x]}";
static const char *const one_set = "x: {dataset: all, axes: [sample, time, x, channel]}";

static ritz_status try_open(const char *sets, const char *more, ritz_dataset **set) {
  char options[512];
  snprintf(options, sizeof options, "{%s, %s}", sets, more);
  return ritz_dataset_open(context, in_folder("trajectories.h5"), options, set);
}

static void check(const char *sets, int fields, int in, int out, int step, int first_trajectory,
                  int grid_step, const char *more) {
  ritz_dataset *set;
  assert_ok(try_open(sets, more, &set));
  const ritz_dataset_info *info = ritz_dataset_get_info(set);
  const int windows = (later + 1 - in - out) / step + 1;
  const ritz_index grid = info->grid[0];
  assert_int_equal(info->channels_in, in * fields);
  assert_int_equal(info->channels_out, out * fields);
  assert_int_equal(info->samples, (trajectories - first_trajectory) * windows);
  double *x = malloc((size_t)(info->samples * grid * in * fields) * sizeof *x);
  double *y = malloc((size_t)(info->samples * grid * out * fields) * sizeof *y);
  assert_ok(ritz_dataset_read(set, info->samples, NULL, RITZ_FLOAT64, x, y));
  const double *u = x, *v = y;
  for (int s = 0; s < info->samples; s++)
    for (int p = 0; p < grid; p++)
      for (int f = 0; f < in + out; f++)
        for (int c = 0; c < fields; c++)
          assert_true(*(f < in ? u++ : v++) == value(first_trajectory + s / windows,
                                                     s % windows * step + f, p * grid_step, c));
  free(x);
  free(y);
  ritz_dataset_close(&set);
}

static void windows_are_cut_where_they_should_be(void **state) {
  make_file();
  check(two_sets, 1, 1, 1, 1, 0, 1, "window: [1, 1]");
  check(two_sets, 1, 3, 2, 1, 0, 1, "window: [3, 2]");
  check(two_sets, 1, 2, 5, 1, 0, 1, "window: [2, 5]");
  check(two_sets, 1, 2, 1, 3, 0, 1, "window: [2, 1], window_step: 3");
  check(two_sets, 1, 2, 2, 2, 1, 2, "window: [2, 2], window_step: 2, last: 2, stride: 2");
  check(one_set, 2, 3, 2, 1, 0, 1, "window: [3, 2]");
  check(one_set, 2, 1, 6, 1, 2, 4, "window: [1, 6], samples: [2, 3], stride: 4");
}

static void channels_are_named_after_their_frames(void **state) {
  make_file();
  ritz_dataset *set;
  assert_ok(try_open(two_sets, "window: [2, 2]", &set));
  const ritz_dataset_info *info = ritz_dataset_get_info(set);
  assert_string_equal(info->x_channel[0], "later[t-1]");
  assert_string_equal(info->x_channel[1], "later[t]");
  assert_string_equal(info->y_channel[1], "later[t+2]");
  ritz_dataset_close(&set);
  assert_ok(try_open(one_set, "window: [1, 1]", &set));
  assert_string_equal(ritz_dataset_get_info(set)->y_channel[1], "all[t+1][1]");
  ritz_dataset_close(&set);
}

/* A random order, in float, and statistics of all windows. */
static void windows_are_samples_like_others(void **state) {
  make_file();
  ritz_dataset *set;
  assert_ok(try_open(two_sets, "window: [1, 1]", &set));
  const ritz_index sample[3] = {17, 0, 7};
  float x[3 * points], y[3 * points];
  assert_ok(ritz_dataset_read(set, 3, sample, RITZ_FLOAT32, x, y));
  for (int s = 0; s < 3; s++)
    for (int p = 0; p < points; p++) {
      assert_true(x[s * points + p] == (float)value(sample[s] / 6, sample[s] % 6, p, 0));
      assert_true(y[s * points + p] == (float)value(sample[s] / 6, sample[s] % 6 + 1, p, 0));
    }
  double mean[2];
  ritz_dataset_stats stats = {.x_mean = &mean[0], .y_mean = &mean[1]};
  assert_ok(ritz_dataset_statistics(set, &stats));
  assert_near(mean[0], 1000 + 250 + 4, 1e-9);
  assert_near(mean[1], 1000 + 350 + 4, 1e-9);
  assert_int_equal(ritz_dataset_read(set, 1, (ritz_index[]){18}, RITZ_FLOAT32, x, y),
                   RITZ_ERR_ARGUMENT);
  ritz_dataset_close(&set);
}

static void refuse(const char *sets, const char *more, ritz_status code, const char *message) {
  ritz_dataset *set;
  assert_int_equal(try_open(sets, more, &set), code);
  assert_message_contains(message);
  assert_null(set);
}

static void what_does_not_fit_is_named(void **state) {
  make_file();
  refuse(two_sets, "window: [4, 4]", RITZ_ERR_SHAPE, "4 + 4 frames does not fit trajectories of 7");
  refuse(two_sets, "window: [4]", RITZ_ERR_CONFIG, "[frames of x, frames of y]");
  refuse(two_sets, "window: [0, 1]", RITZ_ERR_CONFIG, "window");
  refuse(
      "x: {dataset: first, axes: [sample, x]}, "
      "y: {dataset: all, axes: [sample, time, x, channel]}",
      "window: [1, 1]", RITZ_ERR_SHAPE, "a frame of first has 1 channels, one of all has 2");
  refuse(
      "x: [{dataset: first, axes: [sample, x]}, {dataset: first, axes: [sample, x]}], "
      "y: {dataset: later, axes: [sample, time, x]}",
      "window: [1, 1]", RITZ_ERR_CONFIG, "not several stacked");
}

static void every_failed_allocation_is_survived(void **state) {
  ritz_dataset *set;
  make_file();
  long k = 0;
  while (creation_fails(k, set, try_open(two_sets, "window: [2, 2]", &set))) k++;
  ritz_dataset_close(&set);
}

static int set_up(void **state) {
  return folder_create(state) || ritz_context_create(NULL, &context) != RITZ_OK;
}

static int tear_down(void **state) {
  ritz_context_destroy(&context);
  return folder_remove(state);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(windows_are_cut_where_they_should_be),
      cmocka_unit_test(channels_are_named_after_their_frames),
      cmocka_unit_test(windows_are_samples_like_others),
      cmocka_unit_test(what_does_not_fit_is_named),
      cmocka_unit_test(every_failed_allocation_is_survived),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
