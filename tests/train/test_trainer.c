/* SPDX-License-Identifier: BSD-3-Clause
 * Training runs: the same bits whatever the threads, however often stopped or killed, streamed or
 * cached; physical units; number formats. */
#define _XOPEN_SOURCE 700
#include <math.h>
#include <ritz/dataset.h>
#include <ritz/predictor.h>
#include <ritz/train.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/clock.h"
#include "files.h"
#include "io/map_writer.h"
#include "model/model.h"
#include "train_run.h"

static void assert_same_results(const char *a, const char *b) {
  assert_same_weights(in_folder("%s/model.h5", a), in_folder("%s/model.h5", b));
  assert_same_weights(in_folder("%s/last.h5", a), in_folder("%s/last.h5", b));
  assert_same_metrics(in_folder("%s/metrics.jsonl", a), in_folder("%s/metrics.jsonl", b));
}

/* ---- (a) threads, (f) streaming ------------------------------------------------------------ */

static void threads_do_not_change_a_bit(void **state) {
  for (int threads = 1; threads <= 2; threads++)
    assert_ok(train_run(&(train_case){.out = threads == 1 ? "one" : "two", .threads = threads}));
  assert_same_results("one", "two");
}

static void streamed_equals_cached(void **state) {
  assert_ok(train_run(&(train_case){.out = "cached"}));
  assert_ok(train_run(&(train_case){.out = "streamed", .set = {"data.cache_mib=0"}}));
  assert_same_results("cached", "streamed");
}

/* ---- (b) stop and continue ----------------------------------------------------------------- */

typedef struct stops {
  int after; /* steps of this run */
  int seen;
} stops;

static bool stop_after(void *user, const ritz_train_progress *progress) {
  stops *s = user;
  if (progress->epoch_record) return false;
  return ++s->seen >= s->after;
}

static const char *const awkward[] = {
    "",
    "operator.norm=batch_norm",
    "operator={name: lsm, patch: [1, 1], width: 2, heads: 2}",
    "operator.channel_mlp_dropout=0.2",
    "schedule={name: cosine}",
    "data.cache_mib=0",
    "train.shuffle=false",
    "optimizer={name: sgd, lr: 1e-3, momentum: 0.9}",
    "train.eval_every=2",
};

static void stopped_runs_end_with_the_same_bits(void **state) {
  for (size_t i = 0; i < sizeof awkward / sizeof *awkward; i++) {
    const char *set = awkward[i][0] ? awkward[i] : NULL;
    char whole[32], parts[32];
    snprintf(whole, sizeof whole, "whole%zu", i);
    snprintf(parts, sizeof parts, "parts%zu", i);
    assert_ok(train_run(&(train_case){.out = whole, .set = {set}}));
    ritz_status status = RITZ_ERR_INTERRUPTED;
    int runs = 0;
    for (; status == RITZ_ERR_INTERRUPTED; runs++) {
      stops s = {.after = 1 + (runs + (int)i) % 5};
      status = train_run(&(train_case){
          .out = parts, .set = {set}, .resume = runs > 0, .progress = stop_after, .user = &s});
    }
    assert_ok(status);
    assert_true(runs >= 3);
    assert_same_results(whole, parts);
    assert_int_equal(files_ending(in_folder("%s", parts), ".tmp"), 0);
  }
}

static void a_finished_run_continues_with_more_epochs(void **state) {
  assert_ok(train_run(&(train_case){.out = "five", .set = {"train.epochs=5"}}));
  assert_ok(train_run(&(train_case){.out = "longer"}));
  assert_ok(train_run(&(train_case){.out = "longer", .set = {"train.epochs=5"}, .resume = true}));
  assert_same_results("five", "longer");
  assert_ok(train_run(&(train_case){.out = "longer", .set = {"train.epochs=5"}, .resume = true}));
  assert_same_results("five", "longer");
}

/* ---- (c) killed ---------------------------------------------------------------------------- */

static void pause_for(double seconds) {
  const struct timespec time = {.tv_sec = (time_t)seconds,
                                .tv_nsec = (long)(1e9 * (seconds - floor(seconds)))};
  nanosleep(&time, NULL);
}

/* @return  Exit code of a run in a child that is killed after @p seconds; -1 if it was. */
static int run_killed(const train_case *c, double seconds) {
  int status;
  const pid_t child = fork();
  if (child == 0) _exit(train_run(c) == RITZ_OK ? 0 : 1);
  assert_true(child > 0);
  pause_for(seconds);
  kill(child, SIGKILL);
  assert_int_equal(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void killed_runs_end_with_the_same_bits(void **state) {
  const ritz_random random = {.seed = 3, .purpose = RITZ_RANDOM_TEST};
  const char *const often = "train.checkpoint_seconds=0", *const epochs = "train.epochs=12";
  train_case c = {.out = "unkilled", .set = {often, epochs}};
  const double start = ritz_clock_seconds();
  assert_ok(train_run(&c));
  const double whole = ritz_clock_seconds() - start;
  c.out = "killed";
  c.resume = true;
  int kills = 0, code = -1;
  for (int i = 0; code < 0 && i < 60; i++) {
    /* longer and longer, so that it ends on a machine of any speed, under memcheck too */
    code = run_killed(&c, (0.02 + 0.01 * i + 0.05 * whole * i) *
                              (0.5 + ritz_random_uniform(random, (uint64_t)i)));
    kills += code < 0;
  }
  assert_int_equal(code, 0);
  assert_true(kills > 0);
  assert_same_results("unkilled", "killed");
  assert_int_equal(files_ending(in_folder("killed"), ".tmp"), 0);
}

/* ---- (f) test sets ------------------------------------------------------------------------- */

static int count_text(const char *path, const char *text) {
  const file_bytes bytes = file_read(path);
  int count = 0;
  bytes.byte[bytes.count] = 0;
  for (const char *at = (const char *)bytes.byte; (at = strstr(at, text)); at++) count++;
  free(bytes.byte);
  return count;
}

static void test_sets_come_in_several_forms(void **state) {
  char list[600], commas[600], map[600];
  const char *data = RITZ_REAL_DATA "/darcy_test_16.h5";
  snprintf(list, sizeof list, "data.test=[%s, {path: %s, first: 5}]", data, data);
  snprintf(commas, sizeof commas, "data.test=%s,%s", data, data);
  snprintf(map, sizeof map, "data.test={path: %s, last: 7}", data);
  const char *const one = "train.epochs=1";
  assert_ok(train_run(&(train_case){.out = "list", .set = {list, one}}));
  assert_int_equal(count_text(in_folder("list/metrics.jsonl"), "\"darcy_test_16\": {"), 1);
  assert_int_equal(count_text(in_folder("list/metrics.jsonl"), "\"darcy_test_16_2\": {"), 1);
  assert_ok(train_run(&(train_case){.out = "commas", .set = {commas, one}}));
  assert_int_equal(count_text(in_folder("commas/metrics.jsonl"), "darcy_test_16"), 2);
  assert_ok(train_run(&(train_case){.out = "map", .set = {map, one}}));
  assert_int_equal(count_text(in_folder("map/metrics.jsonl"), "darcy_test_16"), 1);
  assert_ok(train_run(&(train_case){.out = "none", .set = {"data.test=[]", one}}));
  assert_int_equal(count_text(in_folder("none/metrics.jsonl"), "rel_l2"), 0);
  assert_true(file_exists(in_folder("none/model.h5")));
}

/* ---- (f) physical units -------------------------------------------------------------------- */

/* rel_l2 of a model file on the test data, by hand. */
static double error_by_hand(const char *path, ritz_dtype dtype) {
  ritz_context *context;
  ritz_model *model;
  ritz_dataset *set;
  ritz_predictor *predictor;
  enum { count = 10, points = 256 };
  static double x[count * points], y[count * points], z[count * points];
  double sum = 0;
  assert_ok(ritz_context_create(NULL, &context));
  assert_ok(ritz_model_load(context, path, &model));
  assert_int_equal(ritz_model_get_info(model)->dtype, dtype);
  assert_ok(ritz_dataset_open(context, RITZ_REAL_DATA "/darcy_test_16.h5", "{first: 10}", &set));
  assert_ok(ritz_dataset_read(set, count, NULL, RITZ_FLOAT64, x, y));
  assert_ok(ritz_predictor_create(model, 2, (ritz_index[]){16, 16}, count, &predictor));
  assert_ok(ritz_predictor_run_f64(predictor, x, z));
  for (int i = 0; i < count; i++) {
    double e = 0, n = 0;
    for (int k = i * points; k < (i + 1) * points; k++)
      e += (z[k] - y[k]) * (z[k] - y[k]), n += y[k] * y[k];
    sum += sqrt(e / n);
  }
  ritz_predictor_destroy(&predictor);
  ritz_dataset_close(&set);
  ritz_model_destroy(&model);
  ritz_context_destroy(&context);
  return sum / count;
}

static void errors_are_in_physical_units(void **state) {
  static const char *const normalise[] = {"none", "channel"};
  for (int i = 0; i < 8; i++) {
    char x[64], y[64], out[32];
    const bool twice = i >= 4;
    snprintf(out, sizeof out, "units%d", i);
    snprintf(x, sizeof x, "data.normalize_x=%s", normalise[i % 2]);
    snprintf(y, sizeof y, "data.normalize_y=%s", normalise[i / 2 % 2]);
    assert_ok(train_run(&(train_case){
        .out = out,
        .set = {x, y, "train.epochs=2", twice ? "train.dtype=double" : "train.dtype=float"}}));
    const double last = last_metric(in_folder("%s/metrics.jsonl", out), "rel_l2");
    assert_near(error_by_hand(in_folder("%s/last.h5", out), twice), last,
                (twice ? 2e-9 : 1e-5) * last);
    assert_true(last < 1.2);
  }
}

/* A channel without variation keeps the deviation 1 and leaves no NaN behind. */
static void a_constant_channel_trains(void **state) {
  enum { samples = 6, points = 9 * 8 };
  static double x[samples * points * 2], y[samples * points * 2];
  const ritz_map_spec spec = {.samples = samples,
                              .dim = 2,
                              .grid = {9, 8, 1},
                              .length = {1, 1, 1},
                              .x = {.channels = 2},
                              .y = {.channels = 2},
                              .stored = RITZ_FLOAT32};
  ritz_map_writer *writer;
  char train[300], test[300];
  fill_uniform(1, samples * points * 2, x);
  fill_uniform(2, samples * points * 2, y);
  for (int i = 0; i < samples * points; i++) x[2 * i + 1] = 0.7, y[2 * i] = 3;
  const char *path = in_folder("constant.h5");
  assert_ok(ritz_map_writer_open(path, &spec, &writer));
  assert_ok(ritz_map_writer_write(writer, 0, samples, RITZ_FLOAT64, x, y, NULL));
  assert_ok(ritz_map_writer_finish(&writer));
  snprintf(train, sizeof train, "data.train=%s", path);
  snprintf(test, sizeof test, "data.test=%s", path);
  assert_ok(train_run(&(train_case){
      .out = "constant", .set = {train, test, "data.normalize_x=channel", "train.epochs=2"}}));
  assert_true(isfinite(last_metric(in_folder("constant/metrics.jsonl"), "rel_l2")));
  ritz_context *context;
  ritz_model *model;
  assert_ok(ritz_context_create(NULL, &context));
  assert_ok(ritz_model_load(context, in_folder("constant/last.h5"), &model));
  const ritz_model_info *info = ritz_model_get_info(model);
  assert_near(info->x_std[1], 1, 0);
  assert_near(info->x_mean[1], (float)0.7, 1e-12);
  assert_near(info->y_std[0], 1, 0);
  assert_near(info->y_mean[0], 3, 1e-12);
  assert_true(info->x_std[0] > 0.5 && info->y_std[1] > 0.5);
  ritz_model_destroy(&model);
  ritz_context_destroy(&context);
}

/* ---- (h) ----------------------------------------------------------------------------------- */

/* Eight is a power of two: dividing by it rounds nothing. */
static void mean_is_sum_with_a_smaller_rate(void **state) {
  const char *const batch = "train.batch_size=8";
  assert_ok(train_run(&(train_case){
      .out = "sum", .set = {batch, "optimizer={name: sgd, lr: 1e-3}", "loss.reduction=sum"}}));
  assert_ok(train_run(&(train_case){
      .out = "mean", .set = {batch, "optimizer={name: sgd, lr: 8e-3}", "loss.reduction=mean"}}));
  assert_same_weights(in_folder("sum/last.h5"), in_folder("mean/last.h5"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(threads_do_not_change_a_bit),
      cmocka_unit_test(streamed_equals_cached),
      cmocka_unit_test(stopped_runs_end_with_the_same_bits),
      cmocka_unit_test(a_finished_run_continues_with_more_epochs),
      cmocka_unit_test(killed_runs_end_with_the_same_bits),
      cmocka_unit_test(test_sets_come_in_several_forms),
      cmocka_unit_test(errors_are_in_physical_units),
      cmocka_unit_test(a_constant_channel_trains),
      cmocka_unit_test(mean_is_sum_with_a_smaller_rate),
  };
  return cmocka_run_group_tests(tests, folder_create, folder_remove);
}
