/* SPDX-License-Identifier: BSD-3-Clause
 * ritz refine: a small model of a flow, its frames improved by the equation. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "core/memory.h"
#include "files.h"
#include "io/h5.h"

static const char config[] =
    "operator: {name: sfno, modes: [3, 3, 2], width: 4, n_layers: 2, latent_steps: 3}\n"
    "data:\n"
    "  train: {path: flow.h5, window: [3, 4]}\n"
    "  normalize_y: none\n"
    "optimizer: {name: adam, lr: 1e-2}\n"
    "train: {epochs: 4, batch_size: 4}\n";

static int prepare(void **state) {
  if (enter_directory(state)) return -1;
  file_write_text("flow.yaml", config);
  return run_command(
             "generate navier_stokes --resolution 16 --set frames=9 --set interval=0.2 "
             "--set start=2 --samples 6 --out flow.h5") ||
         run_command("train flow.yaml --out run");
}

static void mean_of(const char *name, double *mean) {
  hid_t file;
  double value[4];
  const ritz_index count = 4;
  assert_ok(ritz_h5_open("refined.h5", &file));
  assert_ok(ritz_h5_read_array(file, name, RITZ_H5_FLOAT64, 1, &count, value));
  assert_ok(ritz_h5_close(&file));
  *mean = 0;
  for (int i = 0; i < 4; i++) *mean += value[i] / 4;
}

static void errors_fall_in_the_same_norm(void **state) {
  expect(
      0, "rel_h1_spectral",
      "refine run/model.h5 flow.h5 refined.h5 --data '{window: [3, 4], window_step: 3, last: 2}'");
  static const char *const name[] = {"rel_l2", "rel_h1_spectral", "residual"};
  for (int i = 0; i < 3; i++) {
    char text[64];
    double before, after;
    snprintf(text, sizeof text, "%s_before", name[i]);
    mean_of(text, &before);
    snprintf(text, sizeof text, "%s_after", name[i]);
    mean_of(text, &after);
    assert_true(before > 0 && after < 0.1 * before);
  }
  /* `ritz eval` of what was written agrees: y and truth are a prediction file. */
  hid_t file;
  double y[4 * 16 * 16 * 4], truth[4 * 16 * 16 * 4], mean, difference = 0, size = 0;
  mean_of("rel_l2_after", &mean);
  const ritz_index shape[] = {4, 16, 16, 4};
  assert_ok(ritz_h5_open("refined.h5", &file));
  assert_ok(ritz_h5_read_array(file, "y", RITZ_H5_FLOAT64, 4, shape, y));
  assert_ok(ritz_h5_read_array(file, "truth", RITZ_H5_FLOAT64, 4, shape, truth));
  assert_ok(ritz_h5_close(&file));
  for (int i = 0; i < 4 * 16 * 16 * 4; i++) {
    difference += (y[i] - truth[i]) * (y[i] - truth[i]);
    size += truth[i] * truth[i];
  }
  assert_true(sqrt(difference / size) < 3 * mean + 1e-6);
}

static void more_frames_than_the_model_gives_are_rolled_out(void **state) {
  expect(0, "4 samples",
         "refine run/model.h5 flow.h5 refined.h5 --force --iterations 3 --time-modes 5 "
         "--data '{window: [3, 4], window_step: 3, last: 2}' --steps 1");
  expect(2, "--time-modes", "refine run/model.h5 flow.h5 no.h5 --time-modes -1");
  expect(1, "40 modes in time",
         "refine run/model.h5 flow.h5 no.h5 --time-modes 40 --data '{window: [3, 4]}'");
}

static void the_equation_must_be_known(void **state) {
  expect(0, NULL,
         "predict run/model.h5 flow.h5 plain.h5 --data '{window: [3, 4], window_step: 3}'");
  expect(1, "does not say its equation",
         "refine run/model.h5 plain.h5 no.h5 --data '{x: x, y: truth}'");
  expect(0, "residual",
         "refine run/model.h5 plain.h5 said.h5 --data '{x: x, y: truth}' --set viscosity=1e-3 "
         "--set interval=0.2");
  expect(1, "viscosit",
         "refine run/model.h5 flow.h5 no.h5 --set viscosit=1 --data '{window: [3, 4]}'");
  expect(1, "refined.h5 exists",
         "refine run/model.h5 flow.h5 refined.h5 --data '{window: [3, 4]}'");
}

/* Nothing predicts a field of zeros by accident: its relative error is not called small. */
static void the_error_against_zeros_is_infinite(void **state) {
  static const double zero[6 * 16 * 16 * 4];
  const ritz_index samples = 6, shape[] = {6, 16, 16, 4};
  double error[6];
  hid_t file, truth;
  expect(0, NULL, "predict run/model.h5 flow.h5 zero.h5 --data '{window: [3, 4], window_step: 9}'");
  assert_ok(ritz_h5_open_writable("zero.h5", &file));
  assert_ok(ritz_h5_find(file, "truth", 0, &truth));
  assert_ok(ritz_h5_write(truth, (ritz_index[]){0, 0, 0, 0}, shape, RITZ_H5_FLOAT64, zero));
  ritz_h5_dataset_close(&truth);
  assert_ok(ritz_h5_close(&file));
  expect(0, "inf",
         "refine run/model.h5 zero.h5 blown.h5 --data '{x: x, y: truth}' --set viscosity=1e-3 "
         "--set interval=0.2 --iterations 1");
  assert_ok(ritz_h5_open("blown.h5", &file));
  assert_ok(
      ritz_h5_read_array(file, "rel_h1_spectral_before", RITZ_H5_FLOAT64, 1, &samples, error));
  assert_ok(ritz_h5_close(&file));
  for (int i = 0; i < samples; i++) assert_true(isinf(error[i]));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(errors_fall_in_the_same_norm),
      cmocka_unit_test(more_frames_than_the_model_gives_are_rolled_out),
      cmocka_unit_test(the_equation_must_be_known),
      cmocka_unit_test(the_error_against_zeros_is_infinite),
  };
  return cmocka_run_group_tests_name("tools.refine", tests, prepare, leave_directory);
}
