/* SPDX-License-Identifier: BSD-3-Clause
 * Training that takes in modes: what waits is zero, nothing else changes, stopping leaves no trace.
 */
#include <stdio.h>
#include <string.h>

#include "files.h"
#include "graph/params.h"
#include "model/model.h"
#include "train_run.h"

#define GAP "train.incremental={start: 2, eps: 1e300}"

/* How many of the first @p rows rows of a parameter, which are all of it, hold a number but zero.
 */
static int active_rows(const char *path, const char *name, ritz_index rows) {
  ritz_context *context;
  ritz_model *model;
  int count = 0;
  assert_ok(ritz_context_create(NULL, &context));
  assert_ok(ritz_model_load(context, path, &model));
  const int at = ritz_params_find(model->params, name);
  if (at < 0) fail_msg("%s has no %s", path, name);
  const ritz_param_info *info = ritz_params_info(model->params, at);
  const float *w = (const float *)ritz_params_data(model->params) + info->offset;
  const ritz_index width = info->count / rows;
  assert_int_equal(info->count, rows * width);
  for (ritz_index k = 0; k < rows; k++) {
    bool any = false;
    for (ritz_index i = 0; i < width; i++) any = any || w[width * k + i] != 0;
    count += any;
  }
  ritz_model_destroy(&model);
  ritz_context_destroy(&context);
  return count;
}

/* Of the first block's weights, [6 rows, 4 rows, 2, 6, 6]. */
static int active(const char *path) { return active_rows(path, "block.0.spectral.weight", 6 * 4); }

static void all_modes_from_the_start_change_nothing(void **state) {
  assert_ok(train_run(&(train_case){.out = "plain"}));
  assert_ok(train_run(&(train_case){.out = "all", .set = {"train.incremental={start: 6}"}}));
  assert_same_weights(in_folder("plain/last.h5"), in_folder("all/last.h5"));
}

/* The first epoch has none before it; then two modes join after each: 2 x 2 rows, 4 x 3, 6 x 4. */
static void modes_join_where_the_loss_stands_still(void **state) {
  static const int rows[3] = {2 * 2, 4 * 3, 6 * 4};
  for (int epochs = 1; epochs <= 3; epochs++) {
    char set[32];
    snprintf(set, sizeof set, "train.epochs=%d", epochs);
    assert_ok(train_run(&(train_case){.out = "gap", .set = {GAP, set}}));
    assert_int_equal(active(in_folder("gap/last.h5")), rows[epochs - 1]);
  }
  assert_ok(
      train_run(&(train_case){.out = "still", .set = {"train.incremental={start: 2, eps: 0}"}}));
  assert_int_equal(active(in_folder("still/last.h5")), 4);
}

static void modes_join_where_the_gradient_is_strong(void **state) {
  assert_ok(train_run(&(train_case){.out = "strong",
                                    .set = {"train.incremental={criterion: gradient, start: 2, "
                                            "epochs: 2, explained: 1, buffer: 1}"}}));
  assert_int_equal(active(in_folder("strong/last.h5")), 12);
  assert_ok(train_run(&(train_case){
      .out = "weak",
      .set = {"train.incremental={criterion: gradient, start: 2, epochs: 1, explained: 0}"}}));
  assert_int_equal(active(in_folder("weak/last.h5")), 4);
}

/* An operator with fewer modes and the same stored rows trains alike, but for rounding. */
static void waiting_modes_are_as_good_as_missing(void **state) {
  assert_ok(
      train_run(&(train_case){.out = "wait", .set = {"train.incremental={start: 4, eps: 0}"}}));
  assert_ok(train_run(&(train_case){
      .out = "fewer", .set = {"operator.n_modes=[4, 4]", "operator.max_n_modes=[6, 4]"}}));
  const double a = last_metric(in_folder("wait/metrics.jsonl"), "loss");
  const double b = last_metric(in_folder("fewer/metrics.jsonl"), "loss");
  assert_near(a, b, 1e-4 * b);
}

/* Rows of the factors of both axes. */
static void check_factors(const char *out, const char *factor, int first, int second) {
  char name[64];
  const char *path = in_folder("%s/last.h5", out);
  const int wanted[2] = {first, second}, rows[2] = {6, 4};
  for (int axis = 0; axis < 2; axis++) {
    snprintf(name, sizeof name, "block.0.spectral.%s.%d", factor, 2 + axis);
    assert_int_equal(active_rows(path, name, rows[axis]), wanted[axis]);
  }
}

/* Two modes in the first epoch, four in the second, all in the third. */
static void factors_wait_too(void **state) {
  assert_ok(train_run(&(train_case){
      .out = "tucker", .set = {GAP, "operator.name=tfno", "operator.rank=0.5", "train.epochs=2"}}));
  check_factors("tucker", "factor", 4, 3);
  assert_ok(train_run(&(train_case){
      .out = "train",
      .set = {GAP, "operator.factorization=tt", "operator.rank=0.5", "train.epochs=1"}}));
  check_factors("train", "train", 2, 2);
  assert_ok(train_run(&(train_case){
      .out = "train", .set = {GAP, "operator.factorization=tt", "operator.rank=0.5"}}));
  check_factors("train", "train", 6, 4);
}

static void stopping_leaves_no_trace(void **state) {
  static const char *const criteria[2] = {
      GAP, "train.incremental={criterion: gradient, start: 2, epochs: 3, explained: 1, buffer: 1}"};
  for (int c = 0; c < 2; c++) {
    assert_ok(train_run(&(train_case){.out = "whole", .set = {criteria[c]}}));
    assert_ok(train_run(&(train_case){.out = "parts", .set = {criteria[c], "train.epochs=2"}}));
    assert_ok(train_run(&(train_case){.out = "parts", .set = {criteria[c]}, .resume = true}));
    assert_same_weights(in_folder("whole/last.h5"), in_folder("parts/last.h5"));
  }
  const ritz_status status = train_run(&(train_case){.out = "parts", .resume = true});
  assert_int_equal(status, RITZ_ERR_CONFIG);
  assert_message_contains("the checkpoint was trained with train.incremental");
}

static void refused(const char *set, const char *other, const char *message) {
  assert_int_equal(train_run(&(train_case){.out = "no", .set = {set, other}}), RITZ_ERR_CONFIG);
  assert_message_contains(message);
}

static void wrong_options_are_named(void **state) {
  refused("train.incremental={start: 0}", NULL, "start");
  refused("train.incremental={begin: 2}", NULL, "begin");
  refused(GAP, "operator={name: resnet, width: 4}", "operator resnet has no modes");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(all_modes_from_the_start_change_nothing),
      cmocka_unit_test(modes_join_where_the_loss_stands_still),
      cmocka_unit_test(modes_join_where_the_gradient_is_strong),
      cmocka_unit_test(waiting_modes_are_as_good_as_missing),
      cmocka_unit_test(factors_wait_too),
      cmocka_unit_test(stopping_leaves_no_trace),
      cmocka_unit_test(wrong_options_are_named),
  };
  return cmocka_run_group_tests(tests, folder_create, folder_remove);
}
