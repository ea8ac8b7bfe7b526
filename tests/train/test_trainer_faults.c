/* SPDX-License-Identifier: BSD-3-Clause
 * Training runs that break off: one line says why, nothing is half-written, and earlier results are
 * intact. Checkpoints of other runs, folders and disks, numbers that run away, memory. */
#define _GNU_SOURCE /* syscall */
#include <fcntl.h>
#include <linux/capability.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "allocations.h"
#include "files.h"
#include "io/h5.h"
#include "train_run.h"

/* ---- a checkpoint of another run ----------------------------------------------------------- */

static bool stop_in_second_epoch(void *user, const ritz_train_progress *progress) {
  return progress->epoch == 1 && progress->step == 2;
}

static const char *const results[] = {"model.h5",      "last.h5",     "checkpoint.h5",
                                      "metrics.jsonl", "config.yaml", "curves.png"};
enum { result_count = sizeof results / sizeof *results };

static void keep_results(const char *out, const char *prefix) {
  for (int i = 0; i < result_count; i++)
    if (file_exists(in_folder("%s/%s", out, results[i])))
      file_copy(in_folder("%s/%s", out, results[i]), in_folder("%s-%s", prefix, results[i]));
}

static void assert_results_kept(const char *out, const char *prefix) {
  for (int i = 0; i < result_count; i++)
    if (file_exists(in_folder("%s-%s", prefix, results[i])))
      assert_files_equal(in_folder("%s/%s", out, results[i]),
                         in_folder("%s-%s", prefix, results[i]));
  assert_int_equal(files_ending(in_folder("%s", out), ".tmp"), 0);
}

static void other_runs_are_not_continued(void **state) {
  static const struct {
    const char *set, *text;
  } cases[] = {
      {"operator.hidden_channels=8", "wants \"hidden_channels\": 8; go on"},
      {"operator.n_modes=[4, 6]", "wants \"n_modes\": [4, 6]; go on"},
      {"operator={name: t1, modes: [4, 4], signal_resolution: [16, 16]}", "wants t1"},
      {"train.dtype=double", "train.dtype"},
      {"data.train={path: " RITZ_REAL_DATA "/darcy_train_16.h5, first: 41}", "40 samples"},
      {"data.train={path: " RITZ_REAL_DATA "/darcy_train_16.h5, samples: [40, 80]}",
       "normalisation of y"},
      {"data.normalize_x=channel", "normalize_x"},
      {"data.train={path: " RITZ_REAL_DATA "/darcy_train_16.h5, first: 40, stride: 2}", "grid"},
      {"optimizer={name: sgd, lr: 1e-3}", "optimizer adamw, not sgd"},
      {"train.batch_size=10", "batch_size"},
      {"train.seed=1", "seed"},
      {"train.shuffle=false", "shuffle"},
      {"data.test=[]", "1 test sets"},
  };
  train_case c = {.out = "resume", .progress = stop_in_second_epoch};
  assert_int_equal(train_run(&c), RITZ_ERR_INTERRUPTED);
  assert_message_contains("checkpoint.h5");
  keep_results("resume", "kept");
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    c = (train_case){.out = "resume", .set = {cases[i].set}, .resume = true};
    train_refused(&c, RITZ_ERR_CONFIG, cases[i].text);
    assert_message_contains("checkpoint");
    assert_results_kept("resume", "kept");
  }
}

static void damaged_checkpoints_are_not_continued(void **state) {
  const train_case first = {.out = "damaged", .set = {"train.epochs=1"}};
  const train_case again = {.out = "damaged", .resume = true, .set = {"train.epochs=2"}};
  assert_ok(train_run(&first));
  const file_bytes whole = file_read(in_folder("damaged/checkpoint.h5"));
  const char *path = in_folder("damaged/checkpoint.h5");
  whole.byte[whole.count / 2] ^= 16;
  file_write(path, whole.count, whole.byte);
  train_refused(&again, RITZ_ERR_FORMAT, "checksum");
  whole.byte[whole.count / 2] ^= 16;
  for (int part = 0; part < 10; part++) {
    file_write(path, whole.count * (size_t)part / 10, whole.byte);
    train_refused(&again, RITZ_ERR_FORMAT, "checkpoint.h5");
  }
  file_copy(in_folder("damaged/last.h5"), path); /* a model, but no checkpoint */
  train_refused(&again, RITZ_ERR_NOT_FOUND, "train");
  file_write(path, whole.count, whole.byte);
  assert_ok(train_run(&again));
  free(whole.byte);
}

/* An edited checkpoint has no seal any more. */
static void places_no_run_reaches_are_not_continued(void **state) {
  static const struct {
    const char *name;
    double value;
    const char *text;
  } cases[] = {
      {"step", 7, "step 7 of an epoch of 4"},    {"step", -1, "train/step is -1"},
      {"best_epoch", 2, "best epoch is 2 of 1"}, {"loss_sum", NAN, "loss_sum nan"},
      {"seconds", INFINITY, "seconds inf"},      {"best", NAN, "best nan"},
  };
  const train_case first = {.out = "edited", .set = {"train.epochs=1"}};
  const train_case again = {.out = "edited", .resume = true, .set = {"train.epochs=2"}};
  const char *path = in_folder("edited/checkpoint.h5");
  assert_ok(train_run(&first));
  file_copy(path, in_folder("whole.h5"));
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    hid_t file, group;
    file_copy(in_folder("whole.h5"), path);
    assert_ok(ritz_h5_open_writable(path, &file));
    assert_ok(ritz_h5_group(file, "train", false, &group));
    if (cases[i].value == trunc(cases[i].value) && isfinite(cases[i].value))
      assert_ok(ritz_h5_write_integer(group, cases[i].name, (int64_t)cases[i].value));
    else
      assert_ok(ritz_h5_write_number(group, cases[i].name, cases[i].value));
    ritz_h5_group_close(&group);
    assert_ok(ritz_h5_close(&file));
    train_refused(&again, RITZ_ERR_FORMAT, cases[i].text);
    assert_message_contains("checkpoint.h5");
  }
}

/* ---- output -------------------------------------------------------------------------------- */

static void output_folders_that_cannot_be_used(void **state) {
  file_write_text(in_folder("file"), "mine\n");
  const train_case is_file = {.out = "file"}, below_file = {.out = "file/out"},
                   deep = {.out = "a/b/c", .set = {"train.epochs=1"}};
  train_refused(&is_file, RITZ_ERR_IO, "there is a file of this name");
  train_refused(&below_file, RITZ_ERR_IO, "Not a directory");
  assert_ok(train_run(&deep));
  assert_true(file_exists(in_folder("a/b/c/model.h5")));
  const file_bytes kept = file_read(in_folder("file"));
  assert_int_equal(kept.count, 5);
  free(kept.byte);
}

/* Another descriptor's lock is what another process's is. */
static void a_folder_of_another_training_is_left_alone(void **state) {
  const train_case fresh = {.out = "shared", .set = {"train.epochs=1"}};
  const train_case again = {.out = "shared", .resume = true, .set = {"train.epochs=2"}};
  assert_ok(train_run(&fresh));
  keep_results("shared", "kept_shared");
  const int other = open(in_folder("shared"), O_RDONLY | O_DIRECTORY);
  assert_int_equal(flock(other, LOCK_EX), 0);
  train_refused(&again, RITZ_ERR_IO, "shared: another training writes to it");
  train_refused(&fresh, RITZ_ERR_IO, "shared: another training writes to it");
  assert_results_kept("shared", "kept_shared");
  close(other);
  assert_ok(train_run(&again));
}

/* @return  Exit code of a run in a child after @p prepare; its message goes to FOLDER/message. */
static int run_in_child(const train_case *c, void (*prepare)(void)) {
  int status;
  const pid_t child = fork();
  if (child == 0) {
    const char *message = in_folder("message");
    file_write_text(in_folder("config.yaml"), train_config);
    FILE *file = fopen(message, "w");
    prepare();
    const ritz_status result = train_run(c);
    fprintf(file, "%s\n", ritz_error_message());
    fclose(file);
    _exit(result);
  }
  assert_true(child > 0);
  assert_int_equal(waitpid(child, &status, 0), child);
  if (!WIFEXITED(status)) fail_msg("the run died of signal %d", WTERMSIG(status));
  return WEXITSTATUS(status);
}

static void assert_child_said(const char *text) {
  const file_bytes message = file_read(in_folder("message"));
  if (!strstr((char *)message.byte, text)) fail_msg("\"%s\" lacks \"%s\"", message.byte, text);
  free(message.byte);
}

/* Root without its capabilities: permissions count, and the files of the source tree stay readable
 * wherever it lies. */
static void obey_permissions(void) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct none[2] = {{0}};
  if (geteuid() == 0 && syscall(SYS_capset, &header, none) != 0) _exit(99);
}

static void read_only_folders_are_named(void **state) {
  const train_case c = {.out = "locked"};
  assert_int_equal(mkdir(in_folder("locked"), 0555), 0);
  chmod(in_folder("."), 0777);
  file_write_text(in_folder("config.yaml"), train_config);
  chmod(in_folder("config.yaml"), 0666);
  const int code = run_in_child(&c, obey_permissions);
  assert_int_equal(code, RITZ_ERR_IO);
  assert_child_said("locked cannot be written: Permission denied");
  assert_int_equal(files_ending(in_folder("locked"), ""), 2);
}

static rlim_t largest_file;

static void limit_files(void) {
  const struct rlimit limit = {largest_file, largest_file};
  signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &limit);
}

/* Files cannot grow beyond a limit, as on a full disk: at several places of the run. */
static void a_full_disk_leaves_nothing_half_written(void **state) {
  static const rlim_t limits[] = {100, 4000, 9000, 20000, 60000};
  const train_case whole = {.out = "disk"};
  assert_ok(train_run(&whole));
  keep_results("disk", "disk");
  for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
    char out[32];
    snprintf(out, sizeof out, "full%zu", i);
    /* Not on a slow machine either: a checkpoint in the middle would be a whole one. */
    const train_case c = {.out = out, .set = {"train.checkpoint_seconds=1e6"}};
    if (mkdir(in_folder("%s", out), 0777) != 0) fail();
    file_copy(in_folder("disk-model.h5"), in_folder("%s/model.h5", out));
    file_copy(in_folder("disk-checkpoint.h5"), in_folder("%s/checkpoint.h5", out));
    largest_file = limits[i];
    const int code = run_in_child(&c, limit_files);
    if (code != RITZ_ERR_IO) fail_msg("limit %zu: status %d", (size_t)limits[i], code);
    assert_child_said(in_folder("%s", out));
    assert_int_equal(files_ending(in_folder("%s", out), ".tmp"), 0);
    assert_same_weights(in_folder("disk-model.h5"), in_folder("%s/model.h5", out));
    assert_same_weights(in_folder("disk-checkpoint.h5"), in_folder("%s/checkpoint.h5", out));
  }
}

/* ---- numbers that run away ----------------------------------------------------------------- */

static void runaway_rates_stop_with_their_place(void **state) {
  assert_ok(train_run(&(train_case){.out = "wild"}));
  keep_results("wild", "wild");
  const train_case c = {.out = "wild",
                        .set = {"optimizer={name: sgd, lr: 1e6}", "train.epochs=50",
                                "operator.non_linearity=relu", "loss.name=mse"}};
  train_refused(&c, RITZ_ERR_NUMERIC, "epoch ");
  assert_message_contains("step ");
  assert_message_contains("smaller learning rate");
  assert_message_contains("weight");
  for (int i = 0; i < 3; i++)
    assert_files_equal(in_folder("wild/%s", results[i]), in_folder("wild-%s", results[i]));
  assert_int_equal(files_ending(in_folder("wild"), ".tmp"), 0);
}

/* ---- memory -------------------------------------------------------------------------------- */

/* Steps grow, so that early places are all tried and late ones are sampled. */
static void every_allocation_may_fail(void **state) {
  long failed = 0;
  for (long k = 0;; k += 1 + k / 20) {
    const train_case c = {.out = "memory", .set = {"train.epochs=1", "operator.n_layers=1"}};
    ritz_context *context;
    ritz_train_options options;
    ritz_train_options_defaults(&options);
    options.out = in_folder("memory");
    options.override = c.set;
    options.overrides = 2;
    assert_ok(ritz_context_create(NULL, &context));
    const bool fails = memory_fails(k, ritz_train(context, in_folder("config.yaml"), &options));
    ritz_context_destroy(&context);
    if (!fails) break;
    if (file_exists(in_folder("memory")))
      assert_int_equal(files_ending(in_folder("memory"), ".tmp"), 0);
    failed++;
  }
  assert_true(failed > 50);
}

static int begin(void **state) {
  const int status = folder_create(state);
  file_write_text(in_folder("config.yaml"), train_config);
  return status;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_allocation_may_fail),
      cmocka_unit_test(other_runs_are_not_continued),
      cmocka_unit_test(damaged_checkpoints_are_not_continued),
      cmocka_unit_test(places_no_run_reaches_are_not_continued),
      cmocka_unit_test(output_folders_that_cannot_be_used),
      cmocka_unit_test(a_folder_of_another_training_is_left_alone),
      cmocka_unit_test(read_only_folders_are_named),
      cmocka_unit_test(a_full_disk_leaves_nothing_half_written),
      cmocka_unit_test(runaway_rates_stop_with_their_place),
  };
  return cmocka_run_group_tests(tests, begin, folder_remove);
}
