/* SPDX-License-Identifier: BSD-3-Clause
 * Numbers that are not finite, in the data of a later epoch and in gradients: named by their place;
 * the last checkpoint is kept as it was, and training goes on from it once they are gone. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "io/h5.h"
#include "train_run.h"

enum { samples = 16, side = 8, points = side * side, bad_sample = 9, bad_point = 3 * side + 5 };

static char config[1024];

/* Fields of size @p scale; one number of x or y of one sample is @p bad unless that is 0. */
static void write_set(double scale, double bad, bool in_x) {
  const ritz_index n[3] = {samples, side, side};
  double x[samples * points], y[samples * points];
  hid_t file;
  fill_uniform(1, samples * points, x);
  for (int i = 0; i < samples * points; i++) {
    y[i] = 0.5 + x[i] * x[i];
    x[i] *= scale;
  }
  if (bad != 0) (in_x ? x : y)[bad_sample * points + bad_point] = bad;
  assert_ok(ritz_h5_create(in_folder("set.h5"), &file));
  assert_ok(ritz_h5_write_array(file, "x", RITZ_H5_FLOAT64, 3, n, x));
  assert_ok(ritz_h5_write_array(file, "y", RITZ_H5_FLOAT64, 3, n, y));
  assert_ok(ritz_h5_close(&file));
}

static const char *const results[] = {"model.h5", "last.h5", "checkpoint.h5"};

static void keep(const char *out) {
  for (int i = 0; i < 3; i++)
    file_copy(in_folder("%s/%s", out, results[i]), in_folder("kept-%s", results[i]));
}
static void assert_kept(const char *out) {
  for (int i = 0; i < 3; i++)
    assert_files_equal(in_folder("%s/%s", out, results[i]), in_folder("kept-%s", results[i]));
  assert_int_equal(files_ending(in_folder("%s", out), ".tmp"), 0);
}

/* Samples are read as they are needed, and no statistics before them. */
static void bad_data_in_a_later_epoch_are_named(void **state) {
  static const struct {
    double bad;
    bool in_x;
    const char *says;
  } cases[] = {
      {NAN, true, "/x: sample 9 is not finite at grid point [3, 5]"},
      {INFINITY, false, "/y: sample 9 is not finite at grid point [3, 5]"},
  };
  const char *more = "train.epochs=4", *streamed = "data.cache_mib=0";
  write_set(1, 0, true);
  assert_ok(train_run(&(train_case){.out = "four", .config = config, .set = {more, streamed}}));
  for (int i = 0; i < 2; i++) {
    char out[32];
    snprintf(out, sizeof out, "case%d", i);
    const train_case two = {.out = out, .config = config, .set = {streamed}},
                     four = {.out = out, .config = config, .set = {more, streamed}, .resume = true};
    write_set(1, 0, true);
    assert_ok(train_run(&two));
    keep(out);
    write_set(1, cases[i].bad, cases[i].in_x);
    train_refused(&four, RITZ_ERR_NUMERIC, cases[i].says);
    assert_message_contains("set.h5");
    assert_kept(out);
    write_set(1, 0, true);
    assert_ok(train_run(&four));
    assert_same_weights(in_folder("four/last.h5"), in_folder("%s/last.h5", out));
  }
}

/* The loss of x 10^k grows until the sums of the first layer's gradient overflow, before the loss
 * itself does: float ends at 3.4e38. */
static void a_gradient_that_overflows_is_named(void **state) {
  const train_case good = {.out = "large", .config = config},
                   bad = {.out = "large",
                          .config = config,
                          .set = {"train.epochs=3", "loss.name=mse"},
                          .resume = false};
  ritz_status status = RITZ_OK;
  write_set(1, 0, true);
  assert_ok(train_run(&good));
  keep("large");
  for (int k = 170; status == RITZ_OK && k < 200; k++) {
    write_set(pow(10, k / 10.0), 0, true);
    status = train_run(&bad);
    if (status == RITZ_OK) keep("large");
  }
  assert_int_equal(status, RITZ_ERR_NUMERIC);
  assert_message_contains("the gradient is not finite in epoch ");
  assert_message_contains(", step ");
  assert_message_contains("the gradient of ");
  assert_message_contains("the last checkpoint is kept");
  assert_kept("large");
}

static int begin(void **state) {
  if (folder_create(state) != 0) return -1;
  snprintf(config, sizeof config,
           "operator: {name: fno, n_modes: [4, 4], hidden_channels: 4, n_layers: 1}\n"
           "data: {train: %s, normalize_y: none}\n"
           "train: {epochs: 2, batch_size: 4}\n",
           in_folder("set.h5"));
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bad_data_in_a_later_epoch_are_named),
      cmocka_unit_test(a_gradient_that_overflows_is_named),
  };
  return cmocka_run_group_tests(tests, begin, folder_remove);
}
