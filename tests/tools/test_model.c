/* SPDX-License-Identifier: BSD-3-Clause
 * The commands around a model: train, eval, predict, info, and its pictures. */
#define _XOPEN_SOURCE 700
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command.h"
#include "core/memory.h"
#include "core/number.h"
#include "files.h"
#include "io/h5.h"
#include "io/yaml.h"

/* Number at a dotted path of the JSON on stdout. */
static double json_number(const char *path) {
  ritz_value *tree;
  assert_ok(ritz_yaml_read_text(command_out, "<out>", &tree));
  const ritz_value *at = tree;
  char key[64];
  for (const char *from = path; *from && at; from += strspn(from, ".")) {
    const size_t length = strcspn(from, ".");
    snprintf(key, sizeof key, "%.*s", (int)length, from);
    at = ritz_value_get(at, key);
    from += length;
  }
  double value = NAN;
  if (!at || !at->text || !ritz_text_to_real(at->text, &value))
    fail_msg("no number %s in %s", path, command_out);
  ritz_value_destroy(&tree);
  return value;
}

static const char config[] =
    "operator: {name: fno, n_modes: [4, 4], hidden_channels: 4, n_layers: 2}\n"
    "data: {train: train.h5, test: test.h5}\n"
    "train: {epochs: 3, batch_size: 4}\n"
    "output: {dir: run}\n";

/* A directory with data, a configuration and a trained model. */
static int prepare(void **state) {
  if (enter_directory(state) != 0) return -1;
  if (run_command("generate darcy --samples 10 --resolution 9 --out train.h5")) return -1;
  if (run_command("generate darcy --samples 5 --first 10 --resolution 9 --out test.h5")) return -1;
  file_write_text("config.yaml", config);
  return run_command("train config.yaml --threads 1");
}

static void training_writes_its_folder(void **state) {
  static const char *const file[] = {"model.h5",      "last.h5",     "checkpoint.h5",
                                     "metrics.jsonl", "config.yaml", "curves.png"};
  expect(0, "other/model.h5: loss ", "train config.yaml --out other --threads 1");
  const char *line = command_err; /* no terminal: a line an epoch */
  for (int epoch = 1; epoch <= 3; epoch++, line = strchr(line, '\n') + 1) {
    char start[64];
    snprintf(start, sizeof start, "ritz train: epoch %d of 3: loss ", epoch);
    assert_int_equal(strncmp(line, start, strlen(start)), 0);
  }
  assert_int_equal(*line, 0);
  for (int i = 0; i < 6; i++) {
    char path[64];
    snprintf(path, sizeof path, "other/%s", file[i]);
    if (!file_exists(path)) fail_msg("%s is missing", path);
  }
}

static void overrides_replace_the_configuration(void **state) {
  expect(0, NULL, "train config.yaml --out set --set train.epochs=1 --set optimizer.lr=1e-2");
  expect(1, "set holds a training: --resume goes on with it", "train config.yaml --out set");
  expect(0, NULL,
         "train config.yaml --out set --force --set train.epochs=1 --set "
         "optimizer.lr=1e-2");
  expect(0, NULL, "info set/checkpoint.h5 --json");
  assert_near(json_number("epoch"), 1, 0);
  assert_near(json_number("provenance.config.optimizer.lr"), 1e-2, 0);
  /* What is kept of it has every default, and is a configuration itself. */
  assert_near(json_number("provenance.config.loss.eps"), 1e-8, 0);
  expect(0, NULL, "train set/config.yaml --out again");
  assert_files_equal("again/config.yaml", "set/config.yaml");
}

static void mistakes_in_a_configuration_are_located(void **state) {
  file_write_text("wrong.yaml",
                  "operator: {name: fno}\ndata: {train: train.h5}\ntrain: {epoch: 1}\n");
  expect(1, "wrong.yaml:3", "train wrong.yaml");
  assert_non_null(strstr(command_err, "did you mean 'epochs'?"));
  expect(1, "absent.yaml", "train absent.yaml");
  expect(2, "--set: unknown key 'epoch' in train", "train config.yaml --set train.epoch=1");
  expect(1, "n_modes", "train config.yaml --set operator.n_modes=[40,40] --out no");
  expect(1, "absent.h5", "train config.yaml --set data.train=absent.h5 --out no");
}

/* Stops a long training by a signal, then goes on; compared with one that never stopped. */
static void a_stopped_training_goes_on_where_it_was(void **state) {
  static const char settings[] = "--set train.epochs=40 --threads 1";
  expect(0, NULL, "train config.yaml --out whole %s", settings);
  const pid_t child = fork();
  if (child == 0) {
    if (!freopen(".err", "w", stderr) || !freopen(".out", "w", stdout)) _exit(99);
    execl(RITZ_TEST_COMMAND, "ritz", "train", "config.yaml", "--out", "parts", "--set",
          "train.epochs=40", "--threads", "1", (char *)NULL);
    _exit(99);
  }
  wait_for_file("parts/metrics.jsonl");
  kill(child, SIGTERM);
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status));
  assert_int_equal(WEXITSTATUS(status), 75);
  expect(0, "parts/model.h5", "train config.yaml --out parts --resume %s", settings);
  expect(0, NULL, "eval parts/model.h5 test.h5 --json");
  const double parts = json_number("rel_l2");
  expect(0, NULL, "eval whole/model.h5 test.h5 --json");
  assert_near(json_number("rel_l2"), parts, 0);
}

static void errors_are_reported_for_every_data_set(void **state) {
  expect(0, "test.h5: 5 samples on 9 x 9", "eval run/model.h5 test.h5 train.h5");
  assert_non_null(strstr(command_out, "train.h5: 10 samples on 9 x 9"));
  assert_non_null(strstr(command_out, "rel_h1"));
  expect(0, NULL, "eval run/model.h5 test.h5 --json --threads 2");
  assert_near(json_number("samples"), 5, 0);
  assert_true(json_number("rel_l2") > 0 && json_number("rel_h1") > 0);
  assert_near(json_number("channels.y.rel_l2"), json_number("rel_l2"), 0);
  assert_non_null(strstr(command_out, "\"resolution\": [9, 9]"));
}

static void a_model_is_not_applied_to_another_domain(void **state) {
  expect(1, "run/model.h5 was trained on a domain of length 1 along axis 0, test.h5 has 2",
         "eval run/model.h5 test.h5 --data '{lengths: [2, 1]}'");
  expect(1, "periodic", "predict run/model.h5 test.h5 no.h5 --data '{grid: periodic}'");
  expect(1, "ritz eval: data map:1: no axis role \"w\"; sample, x, y",
         "eval run/model.h5 test.h5 --data '{x: {dataset: x, axes: [sample, x, w]}, y: y}'");
  assert_false(file_exists("no.h5"));
}

static void another_grid_is_fine(void **state) {
  expect(0, NULL, "generate darcy --samples 3 --resolution 17x13 --out finer.h5");
  expect(0, "finer.h5: 3 samples on 17 x 13", "eval run/model.h5 finer.h5");
}

static void predictions_carry_input_and_truth(void **state) {
  expect(0, "predicted.h5: 5 samples on 9 x 9", "predict run/model.h5 test.h5 predicted.h5");
  const char *said = strstr(command_out, "rel_l2 ");
  assert_non_null(said);
  const double error = atof(said + 7);
  expect(0, NULL, "eval run/model.h5 test.h5 --json");
  assert_near(json_number("rel_l2"), error, 1e-5 * error); /* six digits are printed */
  double truth[5 * 81], y[5 * 81];
  hid_t file;
  assert_ok(ritz_h5_open("predicted.h5", &file));
  assert_ok(ritz_h5_read_array(file, "truth", RITZ_H5_FLOAT64, 3, (ritz_index[]){5, 9, 9}, truth));
  assert_ok(ritz_h5_close(&file));
  assert_ok(ritz_h5_open("test.h5", &file));
  assert_ok(ritz_h5_read_array(file, "y", RITZ_H5_FLOAT64, 3, (ritz_index[]){5, 9, 9}, y));
  assert_ok(ritz_h5_close(&file));
  assert_memory_equal(truth, y, sizeof y);
  expect(1, "predicted.h5 exists: --force replaces it",
         "predict run/model.h5 test.h5 predicted.h5");
  expect(1, "test.h5 is what the command reads: give OUT.h5 another name",
         "predict run/model.h5 test.h5 ./test.h5 --force");
  expect(0, NULL, "plot predicted.h5 --sample 4 --out predicted.png");
  expect(0, NULL, "plot test.h5 --sample 4 --model run/model.h5 --out model.png");
  expect(2, "holds predictions", "plot predicted.h5 --model run/model.h5 --out no.png");
}

static void predictions_on_another_grid_have_no_truth(void **state) {
  expect(0, "up.h5: 5 samples on 21 x 12", "predict run/model.h5 test.h5 up.h5 --resolution 21x12");
  assert_null(strstr(command_out, "rel_l2"));
  hid_t file;
  double x[5 * 21 * 12];
  assert_ok(ritz_h5_open("up.h5", &file));
  assert_false(ritz_h5_exists(file, "truth"));
  assert_ok(ritz_h5_read_array(file, "x", RITZ_H5_FLOAT64, 3, (ritz_index[]){5, 21, 12}, x));
  assert_ok(ritz_h5_close(&file));
  double corner[5 * 81];
  assert_ok(ritz_h5_open("test.h5", &file));
  assert_ok(ritz_h5_read_array(file, "x", RITZ_H5_FLOAT64, 3, (ritz_index[]){5, 9, 9}, corner));
  assert_ok(ritz_h5_close(&file));
  for (int s = 0; s < 5; s++) /* the ends of the axes are nodes of both grids */
    assert_near(x[(s + 1) * 21 * 12 - 1], corner[(s + 1) * 81 - 1], 1e-5);
  expect(0, NULL, "plot up.h5 --out up.png");
  expect(2, "--resolution", "predict run/model.h5 test.h5 no.h5 --resolution 3x3x3");
  expect(2, "--resolution", "predict run/model.h5 test.h5 no.h5 --resolution 0");
  assert_false(file_exists("no.h5"));
}

static void info_times_the_steps_of_a_plan(void **state) {
  expect(0, "Measured now on 2 threads", "info run/model.h5 --plan --train --threads 2");
  assert_non_null(strstr(command_out, "backward"));
  expect(0, NULL, "info run/model.h5 --plan --json --batch 3 --threads 1");
  assert_null(strstr(command_out, "\"backward\": true"));
  assert_near(json_number("plan.threads"), 1, 0);
  assert_true(json_number("plan.peak_gflops") > 0 && json_number("plan.copy_gbytes_per_s") > 0);
  assert_true(json_number("plan.least_ms") > 0 && json_number("plan.ms") > 0);
  expect(2, "--train goes with --plan", "info run/model.h5 --train");
}

static void info_tells_of_jobs_on_many_ranks(void **state) {
  const char *rates = "--flop-rate 1e11 --memory-rate 1e10 --threads 1";
  expect(0, "4096: 8 domains of 32 x 16, each with 1 of 8 samples",
         "info run/model.h5 --ranks 4096 --parts 32x16 --resolution 4096 --batch 8 %s", rates);
  assert_non_null(strstr(command_out, "2 us a message, 10 GB/s sent by a rank, 100 Gflop/s"));
  expect(0, NULL, "info run/model.h5 --json --parts 2x2 --latency 1 --bandwidth 1e30 %s", rates);
  assert_near(json_number("ranks.count"), 4, 0);
  assert_near(json_number("ranks.train.grid_ms"), 1e3 * json_number("ranks.train.grid_messages"),
              1e-6);
  assert_true(json_number("ranks.train.rank_bytes") < json_number("ranks.train.first_rank_bytes"));
  assert_true(json_number("ranks.predict.least_ms") < json_number("ranks.train.least_ms"));
  expect(0, "measured here where not given", "info run/model.h5 --ranks 2 --threads 1");
  expect(0, "2: 1 domain of 2 x 1,", "info run/model.h5 --parts 2 %s", rates);
  expect(2, "--parts takes N or 2 numbers >= 1", "info run/model.h5 --parts two");
  expect(2, "--parts takes N or 2 numbers >= 1", "eval run/model.h5 train.h5 --parts 2x");
  expect(2, "--parts takes N or 2 numbers >= 1", "predict run/model.h5 train.h5 no.h5 --parts 0");
  expect(2, "do not divide 4 ranks", "info run/model.h5 --ranks 4 --parts 3x1");
  expect(1, "grid axis 0 has 9 points, which are to be split into 16 parts",
         "info run/model.h5 --parts 16x1");
  expect(2, "--parts takes", "info run/model.h5 --parts 2x2x2");
  expect(2, "makes more than 1048576 ranks", "info run/model.h5 --parts 9000000000000000000");
  expect(2, "do not divide 4 ranks", "info run/model.h5 --ranks 4 --parts 4x1000");
  expect(2, "--latency takes a number > 0, not 'soon'",
         "info run/model.h5 --ranks 2 --latency soon");
  expect(2, "go with --ranks", "info run/model.h5 --latency 1e-6");
  expect(2, "is no model", "info train.h5 --ranks 2");
}

static void info_knows_every_kind_of_file(void **state) {
  expect(0, "operator     fno", "info run/model.h5 --check");
  assert_non_null(strstr(command_out, "golden pair recomputed"));
  assert_non_null(strstr(command_out, "to predict"));
  expect(0, "checkpoint   run/checkpoint.h5", "info run/checkpoint.h5");
  expect(0, "generator    darcy", "info train.h5");
  assert_non_null(strstr(command_out, "coefficient: mean"));
  expect(0, NULL, "info train.h5 --json");
  assert_near(json_number("samples"), 10, 0);
  expect(0, NULL, "info run/model.h5 --json --batch 1");
  const double one = json_number("train_bytes");
  assert_true(json_number("predict_bytes") > 0 && one > 0);
  expect(0, NULL, "info run/model.h5 --json --batch 64");
  assert_true(json_number("train_bytes") > 2 * one);
  expect(0, NULL, "info run/model.h5 --json --resolution 24x12");
  assert_true(json_number("train_bytes") != one);
  expect(2, "--resolution", "info run/model.h5 --resolution 3x3x3");
  expect(2, "--resolution and --ranks want one", "info train.h5 --resolution 9");
  expect(2, "is no model", "info train.h5 --check");
  expect(2, "--data is for data sets", "info run/model.h5 --data '{stride: 2}'");
  expect(1, "config.yaml: not an HDF5 file", "info config.yaml");
}

static void a_spoilt_model_fails_its_check(void **state) {
  expect(0, NULL, "train config.yaml --out spoilt --set train.epochs=1");
  hid_t file, y;
  double value[81] = {[40] = 100};
  assert_ok(ritz_h5_open_writable("spoilt/model.h5", &file));
  assert_ok(ritz_h5_find(file, "golden/y", RITZ_H5_DEFAULT_CACHE, &y));
  assert_ok(ritz_h5_write(y, NULL, NULL, RITZ_H5_FLOAT64, value));
  ritz_h5_dataset_close(&y);
  assert_ok(ritz_h5_close(&file));
  expect(0, NULL, "info spoilt/model.h5");
  assert_int_equal(run_command("info spoilt/model.h5 --check"), 1);
  assert_non_null(strstr(command_err, "golden"));
}

static void curves_are_drawn_again(void **state) {
  expect(0, NULL, "plot run/metrics.jsonl --out again.png");
  expect(2, "holds metrics", "plot run/metrics.jsonl --sample 1 --out no.png");
  file_write_text("bad.jsonl", "{\"epoch\": 1, \"loss\": 1}\n{\"epoch\": 2}\n");
  expect(1, "bad.jsonl, line 2", "plot bad.jsonl --out no.png");
}

static void wrong_files_are_named(void **state) {
  expect(1, "train.h5", "eval train.h5 test.h5");
  expect(1, "absent.h5", "predict run/model.h5 absent.h5 no.h5");
  expect(1, "none/out.h5", "predict run/model.h5 test.h5 none/out.h5");
  expect(2, "IN.h5 is missing", "predict run/model.h5");
  expect(2, "DATA.h5 is missing", "eval run/model.h5");
  expect(1, "is a model, wanted a data set", "eval run/model.h5 run/model.h5");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(training_writes_its_folder),
      cmocka_unit_test(overrides_replace_the_configuration),
      cmocka_unit_test(mistakes_in_a_configuration_are_located),
      cmocka_unit_test(a_stopped_training_goes_on_where_it_was),
      cmocka_unit_test(errors_are_reported_for_every_data_set),
      cmocka_unit_test(a_model_is_not_applied_to_another_domain),
      cmocka_unit_test(another_grid_is_fine),
      cmocka_unit_test(predictions_carry_input_and_truth),
      cmocka_unit_test(predictions_on_another_grid_have_no_truth),
      cmocka_unit_test(info_times_the_steps_of_a_plan),
      cmocka_unit_test(info_tells_of_jobs_on_many_ranks),
      cmocka_unit_test(info_knows_every_kind_of_file),
      cmocka_unit_test(a_spoilt_model_fails_its_check),
      cmocka_unit_test(curves_are_drawn_again),
      cmocka_unit_test(wrong_files_are_named),
  };
  return cmocka_run_group_tests_name("tools.model", tests, prepare, leave_directory);
}
