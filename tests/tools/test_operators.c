/* SPDX-License-Identifier: BSD-3-Clause
 * Every operator in the list through the command: trained, stopped by a signal and resumed to the
 * same bits, evaluated, applied, drawn, its golden pair recomputed. Of the configuration only the
 * operator's line differs, and the data for what is no map from field to field. */
#define _POSIX_C_SOURCE 200112L
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command.h"
#include "files.h"

/* What the files are called, and how they are read. */
typedef struct data_set {
  const char *train, *test, *file, *reading;
} data_set;

static const data_set fields = {"train.h5", "test.h5", "test.h5", "{}"};
static const data_set points = {"points.h5", "points_test.h5", "points_test.h5", "{}"};
static const data_set frames = {"{path: frames.h5, window: [5, 5], first: 8}",
                                "{path: frames.h5, window: [5, 5], last: 2}", "frames.h5",
                                "{window: [5, 5], last: 2}"};

static const struct {
  const char *name, *options;
  const data_set *data;
} rows[] = {
    {"fno", "n_modes: [4, 4], hidden_channels: 4, n_layers: 2", &fields},
    {"fno_2020", "modes: [3, 3], width: 4", &fields},
    {"tfno", "n_modes: [4, 4], hidden_channels: 4, n_layers: 2", &fields},
    {"mg_tfno", "n_modes: [4, 4], hidden_channels: 4, n_layers: 2", &fields},
    {"uno",
     "hidden_channels: 4, n_layers: 3, uno_out_channels: [4, 4, 4], channel_mlp_skip: linear, "
     "uno_n_modes: [[4, 4], [4, 4], [4, 4]], uno_scalings: [[1, 1], [0.5, 0.5], [2, 2]]",
     &fields},
    {"uno_2022", "modes: [[4, 4], [2, 2], [2, 2], [2, 2], [4, 4]], width: 4", &fields},
    {"t1", "modes: [6, 6], signal_resolution: [16, 16], width: 4, n_layers: 2", &fields},
    {"t1u", "modes: [16, 16], signal_resolution: [16, 16], channel_exponent: 3, depth: 2", &fields},
    {"local_no", "n_modes: [4, 4], hidden_channels: 4, n_layers: 2, default_in_shape: [16, 16]",
     &fields},
    {"lsm", "patch: [1, 1], width: 8", &fields},
    {"lsm_irregular", "patch: [1, 1], width: 8, latent_grid: [16, 16], modes: [4, 4]", &points},
    {"mgno", "pre_smoothing: [1, 1, 1], hidden_channels: 4, n_layers: 2", &fields},
    {"unet", "width: 4, depth: 2", &fields},
    {"unet_modern", "width: 8, multipliers: [1, 2]", &fields},
    {"resnet", "width: 4", &fields},
    {"convnext", "width: 4, blocks: [1, 1]", &fields},
    {"afno", "img_size: [16, 16], patch_size: [2, 2], embed_dim: 8, depth: 2, num_blocks: 2",
     &fields},
    {"deeponet", "branch: [8], trunk: [8], latent: 8", &fields},
    {"pod_deeponet", "branch: [8], modes: 4", &fields},
    {"multionet", "width: 8, layers: 2", &fields},
    {"sfno", "modes: [3, 3, 2], width: 4, latent_steps: 4", &frames},
};
enum { row_count = sizeof rows / sizeof *rows };

static int prepare(void **state) {
  static const char *const makes[] = {
      "darcy --resolution 16 --samples 10 --out train.h5",
      "darcy --resolution 16 --samples 4 --first 10 --out test.h5",
      "poisson_points --resolution 50 --samples 10 --out points.h5",
      "poisson_points --resolution 50 --samples 4 --first 10 --out points_test.h5",
      ("navier_stokes --resolution 16 --samples 10 --out frames.h5 --set frames=9 --set dt=5e-2"
       " --set tolerance=1"),
  };
  if (enter_directory(state) != 0) return -1;
  setenv("OMP_NUM_THREADS", "1", 1); /* but for the resumed part */
  for (size_t i = 0; i < sizeof makes / sizeof *makes; i++)
    if (run_command("generate %s", makes[i])) return -1;
  return 0;
}

static void write_config(int row) {
  char text[2048];
  snprintf(text, sizeof text,
           "operator: {name: %s, %s}\n"
           "data: {train: %s, test: %s}\n"
           "train: {epochs: 6, batch_size: 4, checkpoint_seconds: 0}\n"
           "output: {dir: whole}\n",
           rows[row].name, rows[row].options, rows[row].data->train, rows[row].data->test);
  file_write_text("config.yaml", text);
}

/* Stops a training by a signal as soon as it has a checkpoint. @return  False: it was done. */
static bool train_a_part(void) {
  const pid_t child = fork();
  if (child == 0) {
    if (!freopen(".err", "w", stderr) || !freopen(".out", "w", stdout)) _exit(99);
    execl(RITZ_TEST_COMMAND, "ritz", "train", "config.yaml", "--out", "part", (char *)NULL);
    _exit(99);
  }
  wait_for_file("part/metrics.jsonl");
  kill(child, SIGTERM);
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status));
  assert_true(WEXITSTATUS(status) == 75 || WEXITSTATUS(status) == 0);
  return WEXITSTATUS(status) == 75;
}

static bool go_through(int row) {
  const data_set *data = rows[row].data;
  char whole[4096];
  print_message("  %s\n", rows[row].name);
  write_config(row);
  expect(0, "whole/model.h5: loss ", "train config.yaml");
  const bool stopped = train_a_part();
  expect(0, "part/model.h5: loss ", "train config.yaml --out part --resume --threads 2");
  expect(0, "rel_l2", "eval whole/last.h5 %s --data '%s' --json", data->file, data->reading);
  snprintf(whole, sizeof whole, "%s", strstr(command_out, "\"rel_l2\""));
  expect(0, whole, "eval part/last.h5 %s --data '%s' --json", data->file, data->reading);
  expect(0, "samples on", "predict part/model.h5 %s out.h5 --data '%s'", data->file, data->reading);
  expect(0, NULL, "plot out.h5 --out out.png");
  expect(0, NULL, "plot part/metrics.jsonl --out curves.png");
  expect(0, "golden pair recomputed", "info part/model.h5 --check");
  assert_true(access("out.png", F_OK) == 0 && access("curves.png", F_OK) == 0);
  expect(0, "operator     ", "info part/checkpoint.h5");
  assert_non_null(strstr(command_out, rows[row].name));
  assert_int_equal(system("rm -r whole part out.* curves.png"), 0);
  return stopped;
}

static void every_operator_goes_through_the_command(void **state) {
  int stopped = 0;
  for (int i = 0; i < row_count; i++) stopped += go_through(i);
  assert_true(stopped > row_count / 2); /* the smallest may be faster than the signal */
}

static void every_operator_has_a_row(void **state) {
  static const char *const names[] = {
#define RITZ_OPERATOR(name) #name,
#include "operators/operators.def"
#undef RITZ_OPERATOR
  };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    int k = 0;
    while (k < row_count && strcmp(rows[k].name, names[i]) != 0) k++;
    if (k == row_count) fail_msg("%s has no row", names[i]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_operator_has_a_row),
      cmocka_unit_test(every_operator_goes_through_the_command),
  };
  return cmocka_run_group_tests(tests, prepare, leave_directory);
}
