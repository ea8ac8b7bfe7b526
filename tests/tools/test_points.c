/* SPDX-License-Identifier: BSD-3-Clause
 * Scattered points through the command: made, learned, resumed, evaluated, predicted, drawn. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "files.h"
#include "io/h5.h"

static const char own[] =
    "operator: {name: lsm_irregular, patch: [1, 1], latent_grid: [16, 16], modes: [3, 3],\n"
    "           width: 4, heads: 2, basis: 2, tokens: 2, projection_channels: 8}\n"
    "data: {train: own.h5, test: own_test.h5, normalize_x: channel}\n"
    "train: {epochs: 2, batch_size: 4}\n"
    "output: {dir: lsm}\n";

static const char shared[] =
    "operator: {name: deeponet, shared_points: true, branch: 8, trunk: 8, latent: 4}\n"
    "data: {train: mesh.h5, test: mesh.h5, normalize_x: channel}\n"
    "train: {epochs: 2, batch_size: 4}\n"
    "output: {dir: deeponet}\n";

static int prepare(void **state) {
  if (enter_directory(state) != 0) return -1;
  if (run_command("generate poisson_points --resolution 30 --samples 8 --out own.h5")) return -1;
  if (run_command("generate poisson_points --resolution 41 --samples 3 --first 8 --out "
                  "own_test.h5"))
    return -1;
  if (run_command("generate poisson_points --resolution 20 --samples 9 --set points=shared --out "
                  "mesh.h5"))
    return -1;
  file_write_text("own.yaml", own);
  file_write_text("shared.yaml", shared);
  return 0;
}

static void info_says_that_points_are_scattered(void **state) {
  expect(0, "scattered: the last 2 channels of x are coordinates", "info own.h5");
  expect(0, "\"coordinates\": 2", "info own.h5 --json");
  assert_true(access("own.xdmf", F_OK) != 0);
}

/* A model of other numbers of points, coordinates left as they are, no differences on them. */
static void points_of_each_sample(void **state) {
  expect(0, NULL, "train own.yaml --threads 1");
  expect(0, NULL, "train own.yaml --threads 1 --resume --set train.epochs=3");
  expect(0, "rel_l2", "eval lsm/model.h5 own_test.h5");
  expect(0, "\"rel_h1\": null", "eval lsm/model.h5 own_test.h5 --json");
  expect(0, NULL, "info lsm/model.h5 --check");
  expect(0, "3 samples on 41", "predict lsm/model.h5 own_test.h5 out.h5");
  expect(0, "scattered", "info out.h5");
  expect(0, NULL, "plot out.h5 --sample 1 --out out.png");
  expect(0, NULL, "plot own_test.h5 --model lsm/model.h5 --out own.png");
  expect(1, "scattered points: there is no other grid",
         "predict lsm/model.h5 own_test.h5 other.h5 --resolution 20");
}

static void points_of_all_samples(void **state) {
  expect(0, NULL, "train shared.yaml --threads 1");
  expect(0, "9 samples on 20", "predict deeponet/model.h5 mesh.h5 mesh_out.h5");
  expect(0, NULL, "plot mesh_out.h5 --out mesh.png");
  expect(1, "branch.0.0.weight", "eval deeponet/model.h5 own.h5");
}

/* Modes of the training outputs are found once, and a stopped run goes on with them. */
static void modes_of_the_outputs(void **state) {
  expect(0, NULL,
         "train shared.yaml --threads 1 --out pod --set 'operator={name: pod_deeponet, modes: 2, "
         "branch: 8}'");
  assert_non_null(strstr(command_err, "2 modes of 9 samples leave"));
  expect(0, NULL,
         "train shared.yaml --threads 1 --out pod --resume --set train.epochs=3 --set "
         "'operator={name: pod_deeponet, modes: 2, branch: 8}'");
  expect(0, NULL, "info pod/model.h5 --check");
  expect(1, "do not have 40 modes",
         "train shared.yaml --out no --set 'operator={name: pod_deeponet, modes: 40}'");
}

/* The same through a mapping: sensors as channels, points as coordinates. */
static void sensors_are_repeated_channels(void **state) {
  expect(0, NULL,
         "train shared.yaml --threads 1 --out mapped --set 'operator={name: deeponet, sensors: "
         "repeated, branch: 8, trunk: 8, latent: 4}' --set 'data.train={path: mesh.h5, x: "
         "[{dataset: y, axes: [sample, channel]}, {dataset: x, axes: [sample, x, channel], index: "
         "{channel: [1, 3]}}], y: {dataset: y, axes: [sample, x]}, coordinates: 2}' --set "
         "data.test=[]");
  expect(0, "in_channels: 22", "info mapped/model.h5");
}

static void what_does_not_fit_is_refused(void **state) {
  expect(1, "operator fno works on grids, the data are scattered points",
         "train own.yaml --out no --set 'operator={name: fno, n_modes: 4}'");
  expect(1, "loss rel_h1 takes differences on a grid",
         "train own.yaml --out no --set loss.name=rel_h1");
  expect(1, "coordinates wants a whole number from 0 to 3",
         "info own.h5 --data '{coordinates: 4}'");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(info_says_that_points_are_scattered),
      cmocka_unit_test(points_of_each_sample),
      cmocka_unit_test(points_of_all_samples),
      cmocka_unit_test(modes_of_the_outputs),
      cmocka_unit_test(sensors_are_repeated_channels),
      cmocka_unit_test(what_does_not_fit_is_refused),
  };
  return cmocka_run_group_tests(tests, prepare, leave_directory);
}
