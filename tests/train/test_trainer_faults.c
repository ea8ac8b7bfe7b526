/* SPDX-License-Identifier: BSD-3-Clause
 * What can be wrong with a training run: one line that names the thing and the place, nothing
 * half-written, and earlier results intact. */
#define _GNU_SOURCE /* syscall */
#include <linux/capability.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/memory.h"
#include "files.h"
#include "io/h5.h"
#include "train_run.h"

static void check_message(const train_case *c, ritz_status status, ritz_status expected,
                          const char *text) {
  const char *message = ritz_error_message();
  if (status != expected)
    fail_msg("%s: status %d, wanted %d: %s", c->set[0], status, expected, message);
  if (!strstr(message, text)) fail_msg("%s: \"%s\" lacks \"%s\"", c->set[0], message, text);
  if (strchr(message, '\n')) fail_msg("%s: more than a line", message);
}

/* ---- (d) a checkpoint of another run ------------------------------------------------------- */

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
      {"operator.hidden_channels=8", "hidden_channels"},
      {"operator.n_modes=[4, 6]", "n_modes"},
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
    check_message(&c, train_run(&c), RITZ_ERR_CONFIG, cases[i].text);
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
  check_message(&again, train_run(&again), RITZ_ERR_FORMAT, "checksum");
  whole.byte[whole.count / 2] ^= 16;
  for (int part = 0; part < 10; part++) {
    file_write(path, whole.count * (size_t)part / 10, whole.byte);
    check_message(&again, train_run(&again), RITZ_ERR_FORMAT, "checkpoint.h5");
  }
  file_copy(in_folder("damaged/last.h5"), path); /* a model, but no checkpoint */
  check_message(&again, train_run(&again), RITZ_ERR_NOT_FOUND, "train");
  file_write(path, whole.count, whole.byte);
  assert_ok(train_run(&again));
  free(whole.byte);
}

/* ---- (e) configurations -------------------------------------------------------------------- */

static void write_data_with_nan(void) {
  enum { samples = 4, points = 16 * 16 };
  static double x[samples * points], y[samples * points];
  const ritz_index n[3] = {samples, 16, 16};
  hid_t file;
  fill_uniform(1, samples * points, x);
  fill_uniform(2, samples * points, y);
  y[2 * points + 5] = NAN;
  assert_ok(ritz_h5_create(in_folder("nan.h5"), &file));
  assert_ok(ritz_h5_write_array(file, "x", RITZ_H5_FLOAT64, 3, n, x));
  assert_ok(ritz_h5_write_array(file, "y", RITZ_H5_FLOAT64, 3, n, y));
  assert_ok(ritz_h5_write_array(file, "z", RITZ_H5_FLOAT64, 3, (ritz_index[]){samples, 8, 32}, y));
  assert_ok(ritz_h5_close(&file));
}

/* A data set option: KEY={path: FOLDER/FILE, MORE}. */
static const char *data_set(const char *key, const char *file, const char *more) {
  static char text[16][512];
  static int next;
  char *out = text[next++ % 16];
  snprintf(out, 512, "%s={path: %s%s}", key, in_folder("%s", file), more);
  return out;
}

/* Overrides have no line; what they say is named all the same. */
static void wrong_options_are_named(void **state) {
  static const struct {
    const char *set, *text;
    ritz_status status;
  } cases[] = {
      {"train.epoch=3", "did you mean 'epochs'", RITZ_ERR_CONFIG},
      {"trian.epochs=3", "did you mean 'train'", RITZ_ERR_CONFIG},
      {"operator.n_mode=3", "did you mean 'n_modes'", RITZ_ERR_CONFIG},
      {"operator.name=fnp", "did you mean 'fno'", RITZ_ERR_NOT_FOUND},
      {"loss.name=rel_l3", "did you mean 'rel_l2'", RITZ_ERR_NOT_FOUND},
      {"loss.colour=red", "colour", RITZ_ERR_CONFIG},
      {"optimizer.name=adamm", "did you mean 'adamw'", RITZ_ERR_NOT_FOUND},
      {"optimizer.beta=3", "beta", RITZ_ERR_CONFIG},
      {"schedule.name=cosin", "did you mean 'cosine'", RITZ_ERR_NOT_FOUND},
      {"schedule.gamma=cosin", "gamma", RITZ_ERR_CONFIG},
      {"train.best=rel_l3", "rel_l2", RITZ_ERR_CONFIG},
      {"train.batch_size=0", "batch_size", RITZ_ERR_CONFIG},
      {"train.dtype=half", "float, double", RITZ_ERR_CONFIG},
      {"train=3", "train", RITZ_ERR_CONFIG},
      {"operator=fno", "operator", RITZ_ERR_CONFIG},
      {"data.normalize_y=field", "none, channel", RITZ_ERR_CONFIG},
      {"operator.n_modes=[6, 6, 6, 6]", "n_modes", RITZ_ERR_CONFIG},
      {"operator.n_modes=[6]", "grid axes", RITZ_ERR_SHAPE},
      {"operator.n_modes=[6, 32]", "32", RITZ_ERR_CONFIG},
      {"operator.in_channels=2", "channel", RITZ_ERR_SHAPE},
      {"operator.out_channels=2", "channel", RITZ_ERR_SHAPE},
      {"data.train=none.h5", "none.h5", RITZ_ERR_IO},
      {"data.test=none.h5", "none.h5", RITZ_ERR_IO},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const train_case c = {.out = "none", .set = {cases[i].set}};
    check_message(&c, train_run(&c), cases[i].status, cases[i].text);
    assert_false(file_exists(in_folder("none")));
  }
}

/* What needs no data is not hidden behind data that are not there. */
static void options_are_checked_before_the_data_are_opened(void **state) {
  static const struct {
    const char *set, *text;
    ritz_status status;
  } cases[] = {
      {"operator.n_mode=3", "did you mean 'n_modes'", RITZ_ERR_CONFIG},
      {"operator.hidden_channels=many", "hidden_channels", RITZ_ERR_CONFIG},
      {"operator={name: uno}", "uno_out_channels", RITZ_ERR_CONFIG},
      {"optimizer.beta=3", "beta", RITZ_ERR_CONFIG},
      {"loss.colour=red", "colour", RITZ_ERR_CONFIG},
      {"schedule.gamma=cosin", "gamma", RITZ_ERR_CONFIG},
      {"rollout.loss_steps=2", "last 2 steps of 1", RITZ_ERR_CONFIG},
      {"rollout.steps=2", "normalize_y", RITZ_ERR_CONFIG},
      {"train.incremental={stat: 2}", "did you mean 'start'", RITZ_ERR_CONFIG},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const train_case c = {.out = "none", .set = {cases[i].set, "data.train=none.h5"}};
    check_message(&c, train_run(&c), cases[i].status, cases[i].text);
  }
}

static void wrong_data_are_named(void **state) {
  const struct {
    const char *set, *text;
    ritz_status status;
  } cases[] = {
      {data_set("data.train", "nan.h5", ""), "sample 2", RITZ_ERR_NUMERIC},
      {data_set("data.train", "nan.h5", ", x: q, y: y"), "x, y, z", RITZ_ERR_NOT_FOUND},
      {data_set("data.train", "nan.h5",
                ", x: {dataset: x, axes: [sample, x, y]}, y: {dataset: z, axes: [sample, x, y]}"),
       "along axis x", RITZ_ERR_SHAPE},
      {data_set("data.train", "nan.h5", ", reader: natve"), "natve", RITZ_ERR_NOT_FOUND},
      {data_set("data.train", "nan.h5", ", strid: 2"), "did you mean 'stride'", RITZ_ERR_CONFIG},
      {data_set("data.train", "nan.h5", ", x: x"), "no y", RITZ_ERR_SHAPE},
      {data_set("data.train", "short.h5", ""), "cut short", RITZ_ERR_FORMAT},
      {data_set("data.test", "short.h5", ""), "cut short", RITZ_ERR_FORMAT},
  };
  write_data_with_nan();
  const file_bytes whole = file_read(in_folder("nan.h5"));
  file_write(in_folder("short.h5"), whole.count / 2, whole.byte);
  free(whole.byte);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const train_case c = {.out = "none", .set = {cases[i].set}};
    check_message(&c, train_run(&c), cases[i].status, cases[i].text);
    assert_false(file_exists(in_folder("none")));
  }
  const train_case streamed = {
      .out = "nan",
      .set = {data_set("data.train", "nan.h5", ""), "data.cache_mib=0", "data.normalize_y=none"}};
  check_message(&streamed, train_run(&streamed), RITZ_ERR_NUMERIC, "sample 2");
}

/* train_config with line @p line replaced. */
static const char *with_line(int line, const char *text) {
  static char out[2048];
  const char *at = train_config;
  int length = 0;
  for (int i = 1; *at; i++) {
    const int bytes = (int)strcspn(at, "\n") + 1;
    if (i == line)
      length += snprintf(out + length, sizeof out - (size_t)length, "%s\n", text);
    else
      length += snprintf(out + length, sizeof out - (size_t)length, "%.*s", bytes, at);
    at += bytes;
  }
  return out;
}

static void messages_carry_the_line(void **state) {
  static const struct {
    int line;
    const char *text;
  } cases[] = {
      {2, "  name: fnp"},
      {3, "  n_modes: [6, 48]"},
      {4, "  hiddenchannels: 6"},
      {4, "  hidden_channels: six"},
      {7, "  train: none.h5"},
      {7, "  train: {path: none.h5}"},
      {7, "  train: {path: none.h5, strid: 3}"},
      {8, "  test: none.h5"},
      {8, "  test: [" RITZ_REAL_DATA "/darcy_test_16.h5, none.h5]"},
      {8, "  test: " RITZ_REAL_DATA "/burgers_train_16.h5"},
      {10, "  name: rel_l3"},
      {10, "  nam: rel_l2"},
      {12, "  name: adamm"},
      {13, "  lr: fast"},
      {13, "  lr: -1"},
      {15, "  epochs: 0"},
      {16, "  batch_size: 1.5"},
      {16, "  best: rel_l3"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char place[300];
    const train_case c = {.out = "none", .config = with_line(cases[i].line, cases[i].text)};
    snprintf(place, sizeof place, "%s:%d", in_folder("config.yaml"), cases[i].line);
    const ritz_status status = train_run(&c);
    if (status == RITZ_OK) fail_msg("%s: accepted", cases[i].text);
    if (strncmp(ritz_error_message(), place, strlen(place)) != 0)
      fail_msg("%s: \"%s\" does not begin with %s", cases[i].text, ritz_error_message(), place);
    if (strstr(ritz_error_message() + 1, place))
      fail_msg("%s: \"%s\" says the place twice", cases[i].text, ritz_error_message());
    assert_null(strchr(ritz_error_message(), '\n'));
    assert_false(file_exists(in_folder("none")));
  }
}

/* What only the check of several options together finds is blamed on the section. */
static void checks_of_several_options_carry_a_line(void **state) {
  const train_case c = {.out = "none", .config = with_line(5, "  max_n_modes: [6]")};
  assert_int_equal(train_run(&c), RITZ_ERR_CONFIG);
  assert_message_contains("config.yaml:");
  assert_message_contains("max_n_modes has 1 axes");
}

static void a_missing_configuration_is_named(void **state) {
  ritz_context *context;
  assert_ok(ritz_context_create(NULL, &context));
  assert_int_equal(ritz_train(context, in_folder("absent.yaml"), NULL), RITZ_ERR_IO);
  assert_message_contains("absent.yaml: No such file");
  ritz_context_destroy(&context);
}

/* ---- (e) output ---------------------------------------------------------------------------- */

static void output_folders_that_cannot_be_used(void **state) {
  file_write_text(in_folder("file"), "mine\n");
  const train_case is_file = {.out = "file"}, below_file = {.out = "file/out"},
                   deep = {.out = "a/b/c", .set = {"train.epochs=1"}};
  check_message(&is_file, train_run(&is_file), RITZ_ERR_IO, "there is a file of this name");
  check_message(&below_file, train_run(&below_file), RITZ_ERR_IO, "Not a directory");
  assert_ok(train_run(&deep));
  assert_true(file_exists(in_folder("a/b/c/model.h5")));
  const file_bytes kept = file_read(in_folder("file"));
  assert_int_equal(kept.count, 5);
  free(kept.byte);
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
  message.byte[message.count] = 0;
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

/* ---- (e) numbers that run away ------------------------------------------------------------- */

static void runaway_rates_stop_with_their_place(void **state) {
  assert_ok(train_run(&(train_case){.out = "wild"}));
  keep_results("wild", "wild");
  const train_case c = {.out = "wild",
                        .set = {"optimizer={name: sgd, lr: 1e6}", "train.epochs=50",
                                "operator.non_linearity=relu", "loss.name=mse"}};
  check_message(&c, train_run(&c), RITZ_ERR_NUMERIC, "epoch ");
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
    ritz_test_fail_allocation(k);
    const ritz_status status = ritz_train(context, in_folder("config.yaml"), &options);
    ritz_test_fail_allocation(-1);
    ritz_context_destroy(&context);
    if (status == RITZ_OK) break;
    if (status != RITZ_ERR_MEMORY) fail_msg("allocation %ld: %s", k, ritz_error_message());
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
      cmocka_unit_test(wrong_options_are_named),
      cmocka_unit_test(options_are_checked_before_the_data_are_opened),
      cmocka_unit_test(wrong_data_are_named),
      cmocka_unit_test(messages_carry_the_line),
      cmocka_unit_test(checks_of_several_options_carry_a_line),
      cmocka_unit_test(a_missing_configuration_is_named),
      cmocka_unit_test(output_folders_that_cannot_be_used),
      cmocka_unit_test(read_only_folders_are_named),
      cmocka_unit_test(a_full_disk_leaves_nothing_half_written),
      cmocka_unit_test(runaway_rates_stop_with_their_place),
  };
  return cmocka_run_group_tests(tests, begin, folder_remove);
}
