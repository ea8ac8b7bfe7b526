/* SPDX-License-Identifier: BSD-3-Clause
 * mpirun -n P ritz ... where something happens to one rank: it ends, says why once, leaves no
 * broken file, and the same command goes on. Builds with MPI only. */
#define _XOPEN_SOURCE 700
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "files.h"

static char err[1 << 14]; /* of the last run in the background, or of run_with_limit() */

static const char config[] =
    "operator: {name: fno, n_modes: [4, 4], hidden_channels: 4, n_layers: 1}\n"
    "data: {train: {path: " RITZ_REAL_DATA
    "/darcy_train_16.h5, first: 9}}\n"
    "loss: {name: rel_l2}\n"
    "optimizer: {name: adamw}\n"
    "train: {epochs: 2, batch_size: 4}\n";

/* What one rank alone is started by: `sh odd.sh BLOCKS COMMAND`, whose files have at most so many
 * blocks of 512 bytes, 0: any. */
static const char odd[] =
    "echo $$ >odd.new && mv odd.new odd.pid\n"
    "trap '' XFSZ\n"
    "test $1 = 0 || ulimit -f $1\n"
    "shift\n"
    "exec \"$@\"\n";

/* A run without end that saves after every epoch. */
static const char endless[] =
    "train config.yaml --out run --set train.epochs=1000000 --set train.checkpoint_seconds=0";

static int prepare(void **state) {
  if (enter_directory(state) != 0) return -1;
  file_write_text("config.yaml", config);
  file_write_text("odd.sh", odd);
  return 0;
}

/* ---- runs in the background ---------------------------------------------------------------- */

/* `ritz ARGUMENTS` on 3 ranks, of which number `which` is started by odd.sh. */
static pid_t start(int which, const char *arguments) {
  char line[4096], *at = line;
  at += sprintf(at, "exec %s", RITZ_TEST_MPIRUN);
  for (int r = 0; r < 3; r++)
    at += sprintf(at, "%s -n 1 %s%s %s", r ? " :" : "", r == which ? "sh odd.sh 0 " : "",
                  RITZ_TEST_COMMAND, arguments);
  sprintf(at, " >back.out 2>back.err </dev/null");
  remove("odd.pid");
  fflush(NULL);
  const pid_t child = fork();
  if (child == 0) {
    execl("/bin/sh", "sh", "-c", line, (char *)NULL);
    _exit(127);
  }
  assert_true(child > 0);
  return child;
}

static pid_t odd_rank(void) {
  int pid;
  wait_for_file("odd.pid");
  FILE *file = fopen("odd.pid", "r");
  assert_int_equal(fscanf(file, "%d", &pid), 1);
  fclose(file);
  return pid;
}

static void read_messages(void) {
  const file_bytes bytes = file_read("back.err");
  const size_t count = bytes.count < sizeof err - 1 ? bytes.count : sizeof err - 1;
  memcpy(err, bytes.byte, count);
  err[count] = 0;
  free(bytes.byte);
}

/* @return  The exit status, as a shell would give it. A run that does not end fails the test. */
static int end_of(pid_t child) {
  const struct timespec moment = {.tv_nsec = 10000000};
  int status;
  for (int i = 0; waitpid(child, &status, WNOHANG) == 0; i++) {
    nanosleep(&moment, NULL);
    if (i < 6000) continue;
    kill(child, SIGKILL);
    fail_msg("the run does not end");
  }
  read_messages();
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Whatever is left of a run that was killed, one with --resume reads it and ends well. */
static void assert_goes_on(void) {
  assert_int_equal(run_command("info run/checkpoint.h5"), 0);
  const int code = run_command("train config.yaml --out run --resume --set train.epochs=1");
  if (code != 0) fail_msg("status %d: %s", code, command_err);
  assert_int_equal(run_command("info run/model.h5 --check"), 0);
  assert_int_equal(files_ending("run", ".tmp"), 0);
}

/* ---- signals ------------------------------------------------------------------------------- */

static void a_rank_that_is_killed_ends_all(void **state) {
  for (int which = 0; which < 3; which += 2) {
    const pid_t run = start(which, endless);
    wait_for_file("run/checkpoint.h5");
    assert_int_equal(kill(odd_rank(), SIGKILL), 0);
    assert_int_not_equal(end_of(run), 0);
    assert_goes_on();
    assert_int_equal(system("rm -r run"), 0);
  }
}

static void mpirun_that_is_terminated_leaves_whole_files(void **state) {
  const pid_t run = start(2, endless);
  wait_for_file("run/checkpoint.h5");
  assert_int_equal(kill(run, SIGTERM), 0);
  assert_int_not_equal(end_of(run), 0);
  assert_goes_on();
  assert_int_equal(system("rm -r run"), 0);
}

static void a_signal_to_one_rank_stops_all(void **state) {
  static const int signals[] = {SIGTERM, SIGINT, SIGUSR1};
  for (int which = 0; which < 3; which += 2) {
    const pid_t run = start(which, endless);
    wait_for_file("run/checkpoint.h5");
    assert_int_equal(kill(odd_rank(), signals[which]), 0);
    assert_int_equal(end_of(run), 75);
    assert_int_equal(times(err, "stopped by"), 1);
    if (which) assert_int_equal(times(err, "stopped by a signal to another rank"), 1);
    assert_goes_on();
    assert_int_equal(system("rm -r run"), 0);
  }
}

/* Samples of a rank each, and those that the ranks make together. */
static const char *const many[] = {
    "generate darcy --samples 4000 --resolution 33 --out data.h5",
    "generate darcy --samples 400 --resolution 25x20x20 --parts 3 --out data.h5"};
static const char *const alone[] = {
    "generate darcy --samples 4000 --resolution 33 --out alone.h5",
    "generate darcy --samples 400 --resolution 25x20x20 --parts 1 --out alone.h5"};

static void stop_by_a_rank(const char *command) {
  const pid_t run = start(1, command);
  wait_for_file("data.h5.part");
  assert_int_equal(kill(odd_rank(), SIGTERM), 0);
  assert_int_equal(end_of(run), 75);
  assert_int_equal(times(err, "stopped by a signal to another rank"), 1);
  assert_true(file_exists("data.h5.part"));
  assert_false(file_exists("data.h5"));
}

/* The same command goes on, is killed, and goes on. */
static void survive_a_rank_that_is_killed(const char *command, const char *on_one) {
  pid_t run = start(2, command);
  assert_int_equal(kill(odd_rank(), SIGKILL), 0);
  assert_int_not_equal(end_of(run), 0);
  run = start(1, command);
  assert_int_equal(end_of(run), 0);
  assert_int_equal(run_command("%s", on_one), 0);
  assert_int_equal(run_command("info data.h5"), 0);
  assert_int_equal(system("cmp -s data.h5 alone.h5 && rm data.h5 alone.h5"), 0);
}

static void generation_stops_by_any_rank_and_survives_one_that_is_killed(void **state) {
  for (size_t i = 0; i < sizeof many / sizeof *many; i++) {
    stop_by_a_rank(many[i]);
    survive_a_rank_that_is_killed(many[i], alone[i]);
  }
}

/* ---- disks --------------------------------------------------------------------------------- */

/* The memory that ranks share is a file, too: MPICH does not begin without it. */
static void need_limits(void) {
  if (!RITZ_TEST_OPEN_MPI) skip();
}

/* On 2 ranks; files of rank `which` end at `blocks`. */
static int run_with_limit(int which, int blocks, const char *arguments) {
  char line[4096], *at = line;
  at += sprintf(at, "%s", RITZ_TEST_MPIRUN);
  for (int r = 0; r < 2; r++)
    at += sprintf(at, "%s -n 1 sh odd.sh %d %s %s", r ? " :" : "", r == which ? blocks : 0,
                  RITZ_TEST_COMMAND, arguments);
  sprintf(at, " >back.out 2>back.err </dev/null");
  const int status = system(line);
  read_messages();
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* What ranks other than the first say, and whether they write checkpoints: MPI-IO writes for them,
 * and does not know why it cannot. */
#ifdef RITZ_WITH_PARALLEL_HDF5
static const char full[] = "cannot be written: ";
enum { all_write = true };
#else
static const char full[] = "cannot be written: File too large";
enum { all_write = false };
#endif

static void a_full_disk_is_told_once(void **state) {
  static const int blocks[] = {2, 16, 60};
  need_limits();
  const char *train = "train config.yaml --out full --force";
  assert_int_equal(run_with_limit(1, 16, train), all_write);
  assert_int_equal(times(err, "ritz train: rank 1: full/checkpoint.h5.tmp: "), all_write);
  assert_int_equal(times(err, full), all_write);
  assert_int_equal(files_ending("full", ".tmp"), 0);
  assert_int_equal(run_command("info full/model.h5 --check"), 0);
  for (int i = 0; i < 3; i++) {
    assert_int_equal(run_with_limit(0, blocks[i], train), 1);
    assert_int_equal(times(err, "ritz train: full/"), 1);
    assert_int_equal(times(err, "cannot be written: File too large"), 1);
    assert_int_equal(files_ending("full", ".tmp"), 0);
    assert_int_equal(run_command("info full/model.h5 --check"), 0);
  }
  assert_int_equal(run_with_limit(0, 64, "generate darcy --samples 99 --resolution 33 --out f.h5"),
                   1);
  assert_int_equal(times(err, "ritz generate: f.h5"), 1);
  assert_false(file_exists("f.h5"));
}

/* All ranks write, so that any disk may be the full one. */
static void predictions_on_a_full_disk_are_told_once(void **state) {
  const char *line = "predict full/model.h5 " RITZ_REAL_DATA "/darcy_test_16.h5 p.h5";
  need_limits();
  for (int which = 0; which < 2; which++) {
    assert_int_equal(run_with_limit(which, which ? 300 : 100, line), 1);
    assert_int_equal(times(err, "ritz predict: "), 1);
    assert_int_equal(times(err, which ? full : "cannot be written: File too large"), 1);
    assert_int_equal(times(err, "rank 1: p.h5.tmp"), which);
    assert_false(file_exists("p.h5"));
    assert_false(file_exists("p.h5.tmp"));
  }
  assert_int_equal(run_with_limit(1, 0, line), 0);
  assert_true(file_exists("p.h5"));
}

/* ---- files --------------------------------------------------------------------------------- */

/* Machines that do not see the same files. */
static void a_rank_that_lacks_a_file_is_named(void **state) {
  char line[4096];
  sprintf(line,
          "%s -n 2 %s train config.yaml --out lacks : -n 1 -wdir / %s train config.yaml "
          "--out lacks >back.out 2>back.err </dev/null",
          RITZ_TEST_MPIRUN, RITZ_TEST_COMMAND, RITZ_TEST_COMMAND);
  const int status = system(line);
  read_messages();
  assert_true(WIFEXITED(status));
  assert_int_equal(WEXITSTATUS(status), 1);
  assert_int_equal(times(err, "ritz train: rank 2: cannot read config.yaml"), 1);
  assert_int_equal(times(err, "config.yaml"), 1);
  assert_false(file_exists("lacks"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_rank_that_is_killed_ends_all),
      cmocka_unit_test(mpirun_that_is_terminated_leaves_whole_files),
      cmocka_unit_test(a_signal_to_one_rank_stops_all),
      cmocka_unit_test(generation_stops_by_any_rank_and_survives_one_that_is_killed),
      cmocka_unit_test(a_full_disk_is_told_once),
      cmocka_unit_test(predictions_on_a_full_disk_are_told_once),
      cmocka_unit_test(a_rank_that_lacks_a_file_is_named),
  };
  return cmocka_run_group_tests(tests, prepare, leave_directory);
}
