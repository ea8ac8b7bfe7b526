/* SPDX-License-Identifier: BSD-3-Clause
 * mpirun -n P ritz ...: the same files, one voice, one exit status. Builds with MPI only. */
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
#include "files.h"
#include "io/h5.h"

/* mpirun adds sentences of its own to stderr. */
static void on_ranks(int ranks, const char *format, ...) RITZ_PRINTF(2, 3);

static int code;

static void on_ranks(int ranks, const char *format, ...) {
  char arguments[2048], launcher[256];
  va_list args;
  va_start(args, format);
  vsnprintf(arguments, sizeof arguments, format, args);
  va_end(args);
  snprintf(launcher, sizeof launcher, "%s -n %d", RITZ_TEST_MPIRUN, ranks);
  command_launcher = launcher;
  code = run_command("%s", arguments);
  command_launcher = "";
}

static double *read_array(const char *path, const char *name, ritz_index count) {
  double *values;
  hid_t file, dataset;
  assert_ok(RITZ_NEW(count, &values));
  assert_ok(ritz_h5_open(path, &file));
  assert_ok(ritz_h5_find(file, name, RITZ_H5_DEFAULT_CACHE, &dataset));
  assert_ok(ritz_h5_read(dataset, NULL, NULL, NULL, RITZ_H5_FLOAT64, values));
  ritz_h5_dataset_close(&dataset);
  assert_ok(ritz_h5_close(&file));
  return values;
}

/* To @p tolerance of the largest number. */
static void assert_near_array(const char *a, const char *b, const char *name, ritz_index count,
                              double tolerance) {
  double *x = read_array(a, name, count), *y = read_array(b, name, count), largest = 0;
  for (ritz_index i = 0; i < count; i++) largest = fmax(largest, fabs(y[i]));
  for (ritz_index i = 0; i < count; i++) assert_near(x[i], y[i], tolerance * largest);
  ritz_free(x);
  ritz_free(y);
}

static void assert_same_array(const char *a, const char *b, const char *name, ritz_index count) {
  assert_near_array(a, b, name, count, 0);
}

/* More ranks than samples, blocks that do not divide them. */
static void data_do_not_depend_on_the_ranks(void **state) {
  const int samples[] = {2, 7}, ranks[] = {3, 2};
  for (int s = 0; s < 2; s++) {
    const char *line = "generate darcy --samples %d --resolution 9 --first 3 --out %s --force";
    assert_int_equal(run_command(line, samples[s], "alone.h5"), 0);
    on_ranks(ranks[s], line, samples[s], "ranks.h5");
    assert_int_equal(code, 0);
    assert_int_equal(times(command_out, "ranks.h5: "), 1);
    assert_string_equal(command_err, "");
    assert_same_array("alone.h5", "ranks.h5", "x", samples[s] * 81);
    assert_same_array("alone.h5", "ranks.h5", "y", samples[s] * 81);
    assert_same_array("alone.h5", "ranks.h5", "sample", samples[s]);
    assert_same_array("alone.h5", "ranks.h5", "residual", samples[s]);
    assert_same_array("alone.h5", "ranks.h5", "iterations", samples[s]);
  }
}

/* Samples that ranks make together; two groups, parts of one plane or two, several values. */
static void samples_of_several_ranks_are_those_of_one(void **state) {
  static const struct {
    int ranks;
    const char *parts;
  } cases[] = {{1, "1"}, {2, "2"}, {4, "4x1x1"}, {4, "2"}, {6, "3"}, {8, "8"}};
  static const char *const settings[] = {
      "", "--set coefficient=lognormal --set modes=9 --dtype double",
      "--set high=40 --set faces=harmonic --set cycle=W --seed 5"};
  const char *line =
      "generate darcy --samples 3 --first 4 --resolution 13x9x12 %s --out %s --force %s";
  for (size_t s = 0; s < sizeof settings / sizeof *settings; s++) {
    assert_int_equal(run_command(line, settings[s], "whole.h5", ""), 0);
    assert_int_equal(run_command(line, settings[s], "alone.h5", "--parts 1"), 0);
    assert_same_array("alone.h5", "whole.h5", "x", 3 * 13 * 9 * 12);
    assert_near_array("alone.h5", "whole.h5", "y", 3 * 13 * 9 * 12, 1e-7);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
      char parts[32];
      snprintf(parts, sizeof parts, "--parts %s", cases[i].parts);
      on_ranks(cases[i].ranks, line, settings[s], "parts.h5", parts);
      if (code != 0) fail_msg("case %zu: %s", i, command_err);
      assert_int_equal(times(command_out, "solver: conjugate gradients, multigrid"), 1);
      assert_files_equal("parts.h5", "alone.h5");
    }
  }
}

static void what_cannot_be_split_is_refused_once(void **state) {
  static const struct {
    const char *arguments, *sentence;
  } cases[] = {
      {"poisson --parts 2", "generator poisson makes whole samples"},
      {"darcy --resolution 9x9 --parts 2", "--parts is for three dimensions"},
      {"darcy --resolution 9x9x9 --parts 1x2x1", "only axis 0 can be cut"},
      {"darcy --resolution 9x9x9 --parts 4", "wants a multiple of 4 ranks, there are 2"},
      {"darcy --resolution 9x9x9 --parts 2 --set transfer=galerkin", "needs whole samples"},
      {"darcy --resolution 9x9x9 --parts 2 --set lanes=samples", "lanes are for whole samples"},
      {"darcy --resolution 9x9x9 --parts 2 --threads 2", "--parts takes one thread a rank"},
      {"darcy --resolution 9x9x9 --parts two", "--parts takes N"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    on_ranks(2, "generate %s --out no.h5", cases[i].arguments);
    assert_int_equal(code, 2);
    assert_int_equal(times(command_err, cases[i].sentence), 1);
  }
  on_ranks(2,
           "generate darcy --resolution 17x17x17 --parts 2 --samples 3 --set max_iterations=1 "
           "--out hasty.h5");
  assert_int_equal(code, 1);
  assert_int_equal(times(command_err, "3 of 3 samples did not reach the tolerance"), 1);
}

static void failures_are_told_once(void **state) {
  on_ranks(2, "generate darcy --samples 2 --resolution 9 --out none/a.h5");
  assert_int_equal(code, 1);
  assert_int_equal(times(command_err, "ritz generate: none/a.h5"), 1);
  on_ranks(2, "generate darcy --set log_scal=1");
  assert_int_equal(code, 2);
  assert_int_equal(times(command_err, "ritz generate: "), 1);
  on_ranks(2,
           "generate darcy --samples 3 --resolution 17 --set max_iterations=2 "
           "--preconditioner none --out lazy.h5");
  assert_int_equal(code, 1);
  assert_int_equal(times(command_err, "3 of 3 samples did not reach the tolerance"), 1);
  on_ranks(3, "list generators");
  assert_int_equal(code, 0);
  assert_int_equal(times(command_out, "darcy"), 1);
}

static const char config[] =
    "operator: {name: fno, n_modes: [4, 4], hidden_channels: 4, n_layers: 1}\n"
    "data: {train: {path: " RITZ_REAL_DATA
    "/darcy_train_16.h5, first: 9},\n"
    "  test: [{path: " RITZ_REAL_DATA
    "/darcy_test_16.h5, first: 3}]}\n"
    "loss: {name: rel_l2}\n"
    "optimizer: {name: adamw}\n"
    "train: {epochs: 2, batch_size: 4}\n"
    "output: {dir: run}\n";

static void training_and_evaluation_speak_once(void **state) {
  file_write_text("config.yaml", config);
  on_ranks(2, "train config.yaml");
  assert_int_equal(code, 0);
  assert_int_equal(times(command_out, "run/model.h5: "), 1);
  assert_int_equal(times(command_err, "epoch 2 of 2"), 1);
  on_ranks(3, "eval run/model.h5 " RITZ_REAL_DATA "/darcy_test_16.h5");
  assert_int_equal(code, 0);
  assert_int_equal(times(command_out, "rel_l2 "), 1);
  on_ranks(2, "train config.yaml --force --set operator.norm=batch_norm");
  assert_int_equal(code, 1);
  assert_int_equal(times(command_err, "batch_norm"), 1);
}

/* More ranks than samples, parts of either axis, two domains; x and truth are copies. */
static void predictions_do_not_depend_on_the_ranks(void **state) {
  static const struct {
    int ranks, samples;
    const char *parts;
  } cases[] = {{3, 2, ""}, {2, 7, ""}, {3, 2, "--parts 3x1"}, {4, 3, "--parts 1x2"}};
  const char *data = RITZ_REAL_DATA "/darcy_test_16.h5";
  const char *line = "predict run/model.h5 %s %s --data '{first: %d}' --force %s";
  file_write_text("config.yaml", config);
  assert_int_equal(run_command("train config.yaml --force"), 0);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const int samples = cases[i].samples;
    assert_int_equal(run_command(line, data, "alone.h5", samples, ""), 0);
    char *said = strdup(strstr(command_out, "rel_l2")), digits[32];
    snprintf(digits, sizeof digits, "%.11s", said); /* four of the number */
    free(said);
    on_ranks(cases[i].ranks, line, data, "ranks.h5", samples, cases[i].parts);
    if (code != 0) fail_msg("case %zu: %s", i, command_err);
    assert_int_equal(times(command_out, "ranks.h5: "), 1);
    assert_int_equal(times(command_out, digits), 1);
    assert_same_array("ranks.h5", "alone.h5", "x", samples * 256);
    assert_same_array("ranks.h5", "alone.h5", "truth", samples * 256);
    assert_same_array("ranks.h5", "alone.h5", "sample", samples);
    assert_near_array("ranks.h5", "alone.h5", "y", samples * 256, 2e-6);
  }
  on_ranks(2, "predict run/model.h5 %s a.h5 --resolution 24", data);
  assert_int_equal(code, 1); /* it is not known whether the grid is periodic */
  assert_int_equal(times(command_err, "ritz predict: "), 1);
  on_ranks(2, "predict run/model.h5 %s a.h5 --resolution 24 --parts 2x1", data);
  assert_int_equal(code, 1);
  assert_int_equal(times(command_err, "--resolution wants whole fields"), 1);
  on_ranks(3, "predict run/model.h5 %s a.h5 --parts 2x1", data);
  assert_int_equal(code, 1);
  assert_int_equal(times(command_err, "do not divide 3 ranks"), 1);
  on_ranks(2, "predict run/model.h5 %s alone.h5", data);
  assert_int_equal(code, 1);
  assert_int_equal(times(command_err, "alone.h5 exists"), 1);
  assert_int_not_equal(access("a.h5", F_OK), 0);
  assert_int_not_equal(access("a.h5.tmp", F_OK), 0);
}

/* mpirun passes SIGUSR1 on to all ranks. */
static void a_signal_stops_all_ranks(void **state) {
  file_write_text("config.yaml", config);
  fflush(NULL);
  const pid_t child = fork();
  if (child == 0) {
    execl("/bin/sh", "sh", "-c",
          "exec " RITZ_TEST_MPIRUN " -n 2 " RITZ_TEST_COMMAND
          " train config.yaml --set train.epochs=1000000 --set output.dir=stopped"
          " >stop.out 2>stop.err",
          (char *)NULL);
    _exit(127);
  }
  assert_true(child > 0);
  wait_for_file("stopped/metrics.jsonl");
  assert_int_equal(kill(child, SIGUSR1), 0);
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status));
  assert_int_equal(WEXITSTATUS(status), 75);
  assert_int_equal(access("stopped/checkpoint.h5", F_OK), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(data_do_not_depend_on_the_ranks),
      cmocka_unit_test(samples_of_several_ranks_are_those_of_one),
      cmocka_unit_test(what_cannot_be_split_is_refused_once),
      cmocka_unit_test(failures_are_told_once),
      cmocka_unit_test(training_and_evaluation_speak_once),
      cmocka_unit_test(predictions_do_not_depend_on_the_ranks),
      cmocka_unit_test(a_signal_stops_all_ranks),
  };
  return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
