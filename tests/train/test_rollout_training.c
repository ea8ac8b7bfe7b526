/* SPDX-License-Identifier: BSD-3-Clause
 * Training of operators that step in time: the loss it minimises, noise, resuming, refusals. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "files.h"
#include "train_run.h"

/* Two steps of two frames from one frame in; 60 windows of 12 trajectories. */
static const char config[] =
    "operator: {name: fno, n_modes: [8], hidden_channels: 6, n_layers: 2}\n"
    "data:\n"
    "  train:\n"
    "    path: " RITZ_REAL_DATA
    "/burgers_train_16.h5\n"
    "    x: {dataset: y, axes: [sample, time, x]}\n"
    "    window: [1, 4]\n"
    "    window_step: 3\n"
    "    first: 12\n"
    "  test:\n"
    "    path: " RITZ_REAL_DATA
    "/burgers_train_16.h5\n"
    "    x: {dataset: y, axes: [sample, time, x]}\n"
    "    window: [1, 8]\n"
    "    window_step: 8\n"
    "    last: 10\n"
    "  normalize_x: channel\n"
    "  normalize_y: channel\n"
    "optimizer: {name: adamw, lr: 5e-3}\n"
    "rollout: {steps: 2}\n"
    "train: {epochs: 3, batch_size: 16}\n";

static double loss_of(const char *out) {
  return last_metric(in_folder("%s/metrics.jsonl", out), "loss");
}

static void a_step_is_learned(void **state) {
  assert_ok(train_run(&(train_case){.out = "short", .config = config}));
  assert_ok(train_run(&(train_case){.out = "long", .config = config, .set = {"train.epochs=40"}}));
  assert_true(loss_of("long") < 0.5 * loss_of("short"));
  /* Four steps on the test set, twice as many as trained. */
  const double error = last_metric(in_folder("long/metrics.jsonl"), "rel_l2");
  assert_true(isfinite(error) && error < 0.5);
}

static void training_is_the_same_for_threads_and_stops(void **state) {
  static const char *const noise = "rollout.noise=0.05";
  assert_ok(train_run(&(train_case){.out = "one", .config = config, .set = {noise}}));
  assert_ok(train_run(&(train_case){.out = "two", .config = config, .set = {noise}, .threads = 2}));
  assert_same_weights(in_folder("one/last.h5"), in_folder("two/last.h5"));
  assert_ok(
      train_run(&(train_case){.out = "parts", .config = config, .set = {noise, "train.epochs=2"}}));
  assert_ok(
      train_run(&(train_case){.out = "parts", .config = config, .set = {noise}, .resume = true}));
  assert_same_weights(in_folder("one/last.h5"), in_folder("parts/last.h5"));
  assert_same_metrics(in_folder("one/metrics.jsonl"), in_folder("parts/metrics.jsonl"));
}

/* Every option changes what is learned. */
static void options_reach_the_loss(void **state) {
  static const char *const set[] = {"rollout.steps=2", "rollout.noise=0.1", "rollout.loss_steps=1",
                                    "rollout.gradient=detached", "rollout.steps=4"};
  double loss[5];
  for (int i = 0; i < 5; i++) {
    char out[32];
    snprintf(out, sizeof out, "option%d", i);
    assert_ok(train_run(&(train_case){.out = out, .config = config, .set = {set[i]}}));
    loss[i] = loss_of(out);
    for (int k = 0; k < i; k++) assert_true(loss[i] != loss[k]);
  }
}

static void refuse(const char *set, const char *message) {
  assert_int_equal(train_run(&(train_case){.out = "bad", .config = config, .set = {set}}),
                   RITZ_ERR_CONFIG);
  assert_message_contains(message);
}

static void what_does_not_fit_is_located(void **state) {
  refuse("rollout.steps=3", "4 channels, which are not 3 equal steps");
  refuse("rollout.loss_steps=3", "the last 3 steps of 2 cannot count");
  refuse("data.normalize_x=none", "normalize_x and normalize_y to be the same");
  refuse("rollout.gradient=up", "through, detached");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_step_is_learned),
      cmocka_unit_test(training_is_the_same_for_threads_and_stops),
      cmocka_unit_test(options_reach_the_loss),
      cmocka_unit_test(what_does_not_fit_is_located),
  };
  return cmocka_run_group_tests(tests, folder_create, folder_remove);
}
