/* SPDX-License-Identifier: BSD-3-Clause
 * kill -9 at random moments of ritz generate and ritz train, one to three times in a row; then the
 * same command goes on and ends with the bits of a run that nobody disturbed. RITZ_TEST_MOMENTS
 * runs of each, by default few: scripts/test-all.sh kill has a hundred. */
#define _XOPEN_SOURCE 700
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "core/clock.h"
#include "files.h"
#include "train_run.h"

static const char config[] =
    "operator: {name: fno, n_modes: [4, 4], hidden_channels: 8, n_layers: 2}\n"
    "data: {train: train.h5, test: test.h5}\n"
    "optimizer: {name: adamw}\n"
    "train: {epochs: 40, batch_size: 4, checkpoint_seconds: 0}\n";

static int moments(void) {
  const char *text = getenv("RITZ_TEST_MOMENTS");
  return text && atoi(text) > 0 ? atoi(text) : 3;
}

static double uniform(int run, int kill_number) {
  const ritz_random random = {.seed = (uint64_t)run, .purpose = RITZ_RANDOM_TEST};
  return ritz_random_uniform(random, (uint64_t)kill_number);
}

/* `ritz ARGUMENTS`, killed after @p seconds. @return  Whether it was still at work. */
static bool killed(const char *arguments, double seconds) {
  const struct timespec pause = {.tv_sec = (time_t)seconds,
                                 .tv_nsec = (long)(1e9 * (seconds - (double)(time_t)seconds))};
  char line[512];
  int status;
  snprintf(line, sizeof line, "exec %s %s >.out 2>.err </dev/null", RITZ_TEST_COMMAND, arguments);
  fflush(NULL);
  const pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    execl("/bin/sh", "sh", "-c", line, (char *)NULL);
    _exit(99);
  }
  nanosleep(&pause, NULL);
  kill(child, SIGKILL);
  assert_int_equal(waitpid(child, &status, 0), child);
  if (!WIFSIGNALED(status) && WEXITSTATUS(status) != 0)
    fail_msg("ritz %s: status %d", arguments, WEXITSTATUS(status));
  return WIFSIGNALED(status);
}

/* Seconds of an undisturbed run. */
static double measure(const char *arguments) {
  const double start = ritz_clock_seconds();
  expect(0, NULL, "%s", arguments);
  return ritz_clock_seconds() - start;
}

/* Disturbs run @p i, which takes some @p seconds. @return  How often it was killed at work. */
static int disturb(const char *arguments, int i, double seconds, const char *file) {
  int kills = 0;
  for (int k = 0; k <= i % 3; k++) {
    if (!killed(arguments, seconds * uniform(i, k))) break; /* it was quicker this time */
    kills++;
    if (file && file_exists(file)) break; /* killed between the last name and the end */
  }
  return kills;
}

static void data_are_those_of_an_undisturbed_run(void **state) {
  static const char base[] = "generate darcy --samples 600 --resolution 33 --threads 1 --out";
  char whole[128], again[128];
  snprintf(whole, sizeof whole, "%s whole.h5", base);
  snprintf(again, sizeof again, "%s again.h5", base);
  const double seconds = measure(whole);
  int kills = 0;
  for (int i = 0; i < moments(); i++) {
    assert_int_equal(system("rm -f again.*"), 0);
    kills += disturb(again, i, seconds, "again.h5");
    if (!file_exists("again.h5")) expect(0, "600 samples", "%s", again);
    assert_files_equal("whole.h5", "again.h5");
    assert_int_equal(files_ending(".", ".part"), 0);
    assert_int_equal(files_ending(".", ".tmp"), 0);
  }
  print_message("  killed %d times at work\n", kills);
  assert_true(2 * kills >= moments());
}

static void weights_are_those_of_an_undisturbed_run(void **state) {
  static const char again[] = "train config.yaml --threads 1 --out again --resume";
  const double seconds = measure("train config.yaml --threads 1 --out whole");
  int kills = 0;
  for (int i = 0; i < moments(); i++) {
    assert_int_equal(system("rm -rf again"), 0);
    kills += disturb(again, i, seconds, NULL);
    expect(0, "again/model.h5", "%s", again);
    assert_same_weights("whole/model.h5", "again/model.h5");
    assert_same_weights("whole/last.h5", "again/last.h5");
    assert_same_weights("whole/checkpoint.h5", "again/checkpoint.h5");
    assert_same_metrics("whole/metrics.jsonl", "again/metrics.jsonl");
    assert_files_equal("whole/config.yaml", "again/config.yaml");
    assert_int_equal(files_ending("again", ".tmp"), 0);
  }
  print_message("  killed %d times at work\n", kills);
  assert_true(2 * kills >= moments());
}

static int prepare(void **state) {
  if (enter_directory(state) != 0) return -1;
  file_write_text("config.yaml", config);
  return run_command("generate darcy --samples 32 --resolution 9 --out train.h5") ||
         run_command("generate darcy --samples 4 --first 32 --resolution 9 --out test.h5");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(data_are_those_of_an_undisturbed_run),
      cmocka_unit_test(weights_are_those_of_an_undisturbed_run),
  };
  return cmocka_run_group_tests(tests, prepare, leave_directory);
}
