/* SPDX-License-Identifier: BSD-3-Clause
 * From generated trajectories to a model of one step, rolled out by the commands. */
#include <string.h>

#include "command.h"
#include "core/memory.h"
#include "files.h"
#include "io/h5.h"

static const char config[] =
    "operator: {name: fno, n_modes: [8], hidden_channels: 8, n_layers: 2}\n"
    "data:\n"
    "  train: {path: train.h5, window: [2, 3]}\n"
    "  test: {path: test.h5, window: [2, 4], window_step: 2}\n"
    "  normalize_x: channel\n"
    "rollout: {steps: 3, noise: 0.01}\n"
    "train: {epochs: 3, batch_size: 8}\n";

static int prepare(void **state) {
  if (enter_directory(state)) return -1;
  file_write_text("step.yaml", config);
  return run_command(
             "generate burgers --resolution 16 --set frames=7 --set interval=0.05 "
             "--samples 6 --out train.h5") ||
         run_command(
             "generate burgers --resolution 16 --set frames=7 --set interval=0.05 "
             "--samples 2 --first 6 --out test.h5") ||
         run_command("train step.yaml --out run");
}

static void each_frame_has_its_error(void **state) {
  expect(0, "y[t+4]", "eval run/model.h5 test.h5 --data '{window: [2, 4]}'");
  expect(0, "\"y[t+1]\"", "eval run/model.h5 test.h5 --data '{window: [2, 1]}' --json");
  expect(1, "takes 2 input channels", "eval run/model.h5 test.h5");
}

static void predictions_go_on_as_long_as_asked(void **state) {
  expect(0, "rel_l2", "predict run/model.h5 test.h5 four.h5 --data '{window: [2, 4]}'");
  expect(0, "12 samples on 16",
         "predict run/model.h5 test.h5 nine.h5 --data '{window: [2, 1]}' --steps 9");
  hid_t file;
  double y[2 * 6 * 16 * 9];
  assert_ok(ritz_h5_open("nine.h5", &file));
  assert_ok(ritz_h5_read_array(file, "y", RITZ_H5_FLOAT64, 3, (ritz_index[]){12, 16, 9}, y));
  assert_false(ritz_h5_exists(file, "truth"));
  assert_ok(ritz_h5_close(&file));
  double four[2 * 4 * 16 * 4];
  assert_ok(ritz_h5_open("four.h5", &file));
  assert_ok(ritz_h5_read_array(file, "y", RITZ_H5_FLOAT64, 3, (ritz_index[]){6, 16, 4}, four));
  assert_true(ritz_h5_exists(file, "truth"));
  assert_ok(ritz_h5_close(&file));
  /* The first window of both is the same, and so are its first four frames. */
  for (int p = 0; p < 16; p++)
    for (int k = 0; k < 4; k++) assert_near(four[p * 4 + k], y[p * 9 + k], 1e-6);
}

/* Every third node of the finer periodic grid is one of the coarser: waves go through it. */
static void periodic_fields_are_resampled_by_their_waves(void **state) {
  hid_t file;
  static double coarse[12][16][2], fine[12][48][2];
  expect(0, "12 samples on 16", "predict run/model.h5 test.h5 one.h5 --data '{window: [2, 1]}'");
  expect(0, "12 samples on 48",
         "predict run/model.h5 test.h5 finer.h5 --data '{window: [2, 1]}' --resolution 48");
  assert_ok(ritz_h5_open("one.h5", &file));
  assert_ok(ritz_h5_read_array(file, "x", RITZ_H5_FLOAT64, 3, (ritz_index[]){12, 16, 2}, coarse));
  assert_ok(ritz_h5_close(&file));
  assert_ok(ritz_h5_open("finer.h5", &file));
  assert_ok(ritz_h5_read_array(file, "x", RITZ_H5_FLOAT64, 3, (ritz_index[]){12, 48, 2}, fine));
  assert_ok(ritz_h5_close(&file));
  for (int s = 0; s < 12; s++)
    for (int p = 0; p < 16; p++)
      for (int c = 0; c < 2; c++) assert_near(fine[s][3 * p][c], coarse[s][p][c], 1e-5);
}

static void roll_outs_are_drawn(void **state) {
  expect(0, NULL,
         "plot test.h5 --model run/model.h5 --data '{window: [2, 4]}' --channel 'y[t+4]' "
         "--out frame.png");
  expect(0, "rollout", "info run/model.h5 --json");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_frame_has_its_error),
      cmocka_unit_test(predictions_go_on_as_long_as_asked),
      cmocka_unit_test(periodic_fields_are_resampled_by_their_waves),
      cmocka_unit_test(roll_outs_are_drawn),
  };
  return cmocka_run_group_tests_name("tools.rollout", tests, prepare, leave_directory);
}
