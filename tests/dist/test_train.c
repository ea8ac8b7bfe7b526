/* SPDX-License-Identifier: BSD-3-Clause
 * Training over ranks: the same numbers as on one. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dist/layout.h"
#include "model/model.h"
#include "ranks_train.h"
#include "train/forecast.h"

/* The test errors of an epoch stand behind the name of the set. */
static void assert_same_errors(const char *a, const char *b) {
  const char *x = strstr(a, "\"rel_l2\": "), *y = strstr(b, "\"rel_l2\": ");
  assert_non_null(x);
  assert_non_null(y);
  assert_near(atof(x + 10), atof(y + 10), 1e-8); /* nine digits are printed */
}

/* Adam turns a gradient of rounding size into a full step, so that weights drift apart faster than
 * losses: both bounds are far above rounding (1e-15) and far below a wrong gradient. */
static void a_run_agrees_with_one_rank(void **state) {
  record ours = {0}, alone = {0};
  assert_ok(train(together, "ranks", false, NULL, &ours));
  if (rank != 0) { /* neither callback nor files */
    assert_int_equal(ours.steps + ours.epochs, 0);
    return;
  }
  assert_ok(train(single, "alone", false, NULL, &alone));
  assert_int_equal(ours.steps, 6);
  assert_int_equal(ours.epochs, 2);
  for (int i = 0; i < 6; i++)
    assert_near(ours.loss[i], alone.loss[i], (i < 3 ? 1e-10 : 1e-8) * alone.loss[i]);
  assert_true(fabs(ours.loss[5] - ours.loss[0]) > 1e-3); /* something was learnt */
  for (int i = 0; i < 2; i++) assert_same_errors(ours.epoch[i], alone.epoch[i]);
  assert_near_weights("ranks", "alone", 1e-6);
}

static void float_agrees_too(void **state) {
  record ours = {0}, alone = {0};
  assert_ok(train(together, "float", false, "train.dtype=float", &ours));
  if (rank != 0) return;
  assert_ok(train(single, "float_alone", false, "train.dtype=float", &alone));
  for (int i = 0; i < 3; i++) assert_near(ours.loss[i], alone.loss[i], 1e-4 * alone.loss[i]);
}

/* Stopped by the first rank in the middle of an epoch, continued by all. */
static void a_stopped_run_goes_on_as_if_it_had_not(void **state) {
  record first = {.stop_after = 2}, rest = {0}, whole = {0};
  assert_ok(train(together, "whole", false, NULL, &whole));
  assert_int_equal(train(together, "parts", false, NULL, &first), RITZ_ERR_INTERRUPTED);
  assert_message_contains("stopped on request");
  assert_ok(train(together, "parts", true, NULL, &rest));
  if (rank != 0) return;
  assert_int_equal(first.steps, 2);
  assert_int_equal(rest.steps, 4);
  for (int i = 0; i < 4; i++) assert_near(rest.loss[i], whole.loss[i + 2], 0);
  assert_near_weights("parts", "whole", 0);
}

/* Of the model that a run has left behind. */
static double forecast_bytes(const char *name, const int parts[2], const char *loss) {
  ritz_model *model;
  ritz_forecast told;
  assert_ok(ritz_model_load(single, in_folder("%s/last.h5", name), &model));
  ritz_forecast_request request = {.op = model->op,
                                   .params = model->params,
                                   .dim = 2,
                                   .grid = {16, 16},
                                   .batch = 3,
                                   .channels_in = 1,
                                   .ranks = size,
                                   .threads = 1,
                                   .parts = {.count = 2, .n = {parts[0], parts[1]}},
                                   .train = true,
                                   .optimizer = "adamw"};
  assert_ok(ritz_loss_type_find(loss, &request.loss));
  assert_ok(ritz_forecast_job(&request, &told));
  ritz_model_destroy(&model);
  return told.gradients.bytes;
}

/* From the report of a step to that of the next one of the same size. */
static void a_step_sends_what_was_told(void **state) {
  const int splits[][2] = {{1, 1}, {size, 1}, {size % 2 ? 1 : 2, 1}};
  for (int s = 0; s < 3; s++) {
    char change[64], name[32];
    record ours = {0};
    const int domain = splits[s][0] * splits[s][1];
    snprintf(change, sizeof change, "train.grid=[%d, %d]", splits[s][0], splits[s][1]);
    snprintf(name, sizeof name, "told%d", s);
    assert_ok(train(together, name, false, change, &ours));
    if (rank != 0) continue;
    /* Ranks of a domain agree before: that goes through a communicator of their own. And so do the
     * weights of 2 x 4 modes that siblings own: a block for each, there and back. */
    const int siblings = size / domain, block = (8 + siblings - 1) / siblings;
    const double among_siblings =
        domain > 1 ? 2.0 * (siblings - 1) * block * 50 * (double)sizeof(double) : 0;
    const double among_all =
        forecast_bytes(name, splits[s], "rel_l2") - (domain - 1) - among_siblings;
    assert_near(ours.sent[1] - ours.sent[0], among_all, 0);
  }
}

/* Slabs along either axis, and two domains that share the batch. */
static void a_split_grid_agrees_with_one_rank(void **state) {
  const int splits[][2] = {{size, 1}, {1, size}, {size % 2 ? 1 : size / 2, 1}, {2, size / 2}};
  record alone = {0};
  if (rank == 0) assert_ok(train(single, "alone", false, NULL, &alone));
  for (int s = 0; s < 4; s++) {
    char change[64], name[32];
    record ours = {0};
    const int parts = splits[s][0] * splits[s][1];
    if (parts == 0 || size % parts != 0) continue;
    snprintf(change, sizeof change, "train.grid=[%d, %d]", splits[s][0], splits[s][1]);
    snprintf(name, sizeof name, "grid%d", s);
    assert_ok(train(together, name, false, change, &ours));
    if (rank != 0) continue;
    assert_int_equal(ours.steps, 6);
    for (int i = 0; i < 6; i++)
      assert_near(ours.loss[i], alone.loss[i], (i < 3 ? 1e-10 : 1e-8) * alone.loss[i]);
    for (int i = 0; i < 2; i++) assert_same_errors(ours.epoch[i], alone.epoch[i]);
    assert_near_weights(name, "alone", 1e-6);
  }
}

/* A checkpoint does not know of ranks: begun on a split grid, continued with a shared batch. */
static void a_run_goes_on_with_another_split(void **state) {
  record first = {.stop_after = 2}, rest = {0}, whole = {0};
  char change[64];
  snprintf(change, sizeof change, "train.grid=%d", size);
  assert_ok(train(together, "unsplit", false, NULL, &whole));
  assert_int_equal(train(together, "changed", false, change, &first), RITZ_ERR_INTERRUPTED);
  assert_ok(train(together, "changed", true, NULL, &rest));
  if (rank != 0) return;
  assert_int_equal(rest.steps, 4);
  for (int i = 0; i < 4; i++)
    assert_near(rest.loss[i], whole.loss[i + 2], 1e-8 * whole.loss[i + 2]);
}

/* The first `ranks` ranks together; the others get a context of no use to them. */
static ritz_context *first_ranks(int ranks) {
  ritz_context *part;
  assert_ok(ritz_context_split(together, rank < ranks, &part));
  return part;
}

/* Begun on some ranks, continued on others. With a large eps Adam does not turn rounding into
 * steps, so that what is left is what restoring weights and moments leaves: nothing. */
static void check_resume(int before, int after, const char *grid_before, const char *grid_after) {
  const char *optimizer = "optimizer={name: adamw, lr: 1e-2, eps: 1e-3}";
  const char *change[][2] = {{optimizer, grid_before}, {optimizer, grid_after}};
  ritz_context *used[2] = {first_ranks(before), first_ranks(after)};
  record first = {.stop_after = 2}, rest = {0}, whole = {0};
  if (rank == 0) assert_ok(train_with(single, "resume_whole", false, 1, change[0], &whole));
  if (rank < before)
    assert_int_equal(train_with(used[0], "resume", false, 2, change[0], &first),
                     RITZ_ERR_INTERRUPTED);
  assert_ok(ritz_comm_barrier(together->comm));
  if (rank < after) assert_ok(train_with(used[1], "resume", true, 2, change[1], &rest));
  assert_ok(ritz_comm_barrier(together->comm));
  ritz_context_destroy(&used[0]);
  ritz_context_destroy(&used[1]);
  if (rank != 0) return;
  assert_int_equal(rest.steps, 4);
  for (int i = 0; i < 4; i++)
    assert_near(rest.loss[i], whole.loss[i + 2], 1e-10 * whole.loss[i + 2]);
  assert_near_weights("resume", "resume_whole", 1e-9);
}

static void a_run_goes_on_with_other_ranks(void **state) {
  char grids[2][32];
  for (int before = 1; before <= size; before++)
    for (int after = 1; after <= size; after++) {
      if (before != size && after != size) continue; /* those of the test on fewer ranks */
      snprintf(grids[0], sizeof grids[0], "train.grid=[1, %d]", before);
      snprintf(grids[1], sizeof grids[1], "train.grid=%d", after);
      check_resume(before, after, "train.grid=1", "train.grid=1");
      check_resume(before, after, grids[0], grids[1]);
      check_resume(before, after, grids[0], "train.grid=1");
    }
}

/* Sums over the batch are those of all ranks where no batch is shared. */
static void batch_norm_trains_on_a_split_grid(void **state) {
  record ours = {0}, alone = {0};
  char grid[64], both[128];
  snprintf(grid, sizeof grid, "train.grid=[1, %d]", size);
  snprintf(both, sizeof both,
           "operator={name: fno, n_modes: [4, 3], hidden_channels: 5, "
           "n_layers: 2, norm: batch_norm}");
  const char *changes[] = {grid, both};
  assert_ok(train_with(together, "norm_grid", false, 2, changes, &ours));
  if (rank != 0) return;
  assert_ok(train_with(single, "norm_alone", false, 1, changes + 1, &alone));
  for (int i = 0; i < 3; i++) assert_near(ours.loss[i], alone.loss[i], 1e-10 * alone.loss[i]);
}

static void parts_that_do_not_fit_are_refused(void **state) {
  record r = {0};
  char change[64];
  snprintf(change, sizeof change, "train.grid=%d", 2 * size);
  assert_int_equal(train(together, "refused", false, change, &r), RITZ_ERR_CONFIG);
  assert_message_contains("do not divide");
  snprintf(change, sizeof change, "train.grid=[1, 1, %d]", size);
  const ritz_status status = train(together, "refused", false, change, &r);
  assert_int_equal(status, size == 1 ? RITZ_OK : RITZ_ERR_CONFIG);
  if (size > 1) assert_message_contains("parts of axis 2");
}

static void batch_norm_wants_one_rank(void **state) {
  record r = {0};
  const ritz_status status = train(together, "norm", false, "operator.norm=batch_norm", &r);
  if (size == 1) {
    assert_int_equal(status, RITZ_OK);
    return;
  }
  assert_int_equal(status, RITZ_ERR_CONFIG);
  assert_message_contains("batch_norm");
}

/* The same metrics, in another order of sums. */
static void metrics_agree(const ritz_evaluation *ours, const ritz_evaluation *alone,
                          double tolerance) {
  const ritz_metric *a, *b;
  int count = 0;
  for (; (b = ritz_evaluation_metric(alone, count)); count++) {
    a = ritz_evaluation_metric(ours, count);
    assert_non_null(a);
    assert_string_equal(a->name, b->name);
    assert_near(a->value, b->value, tolerance * b->value);
    assert_near(a->channel[0], a->value, 0);
  }
  assert_true(count > 1);
  assert_null(ritz_evaluation_metric(ours, count));
}

static void evaluation_agrees_with_one_rank(void **state) {
  ritz_evaluation *ours, *alone;
  ritz_model *model;
  const char *data = RITZ_REAL_DATA "/darcy_test_16.h5", *first[] = {"first: 1", "first: 37"};
  for (int s = 0; s < 2; s++) { /* ranks without samples; a batch and a rest */
    assert_ok(ritz_model_load(together, in_folder("whole/model.h5"), &model));
    assert_ok(ritz_evaluate(model, data, first[s], &ours));
    ritz_model_destroy(&model);
    assert_ok(ritz_model_load(single, in_folder("whole/model.h5"), &model));
    assert_ok(ritz_evaluate(model, data, first[s], &alone));
    ritz_model_destroy(&model);
    assert_int_equal(ritz_evaluation_samples(ours), s ? 37 : 1);
    metrics_agree(ours, alone, 1e-13); /* 37 numbers */
    ritz_evaluation_destroy(&ours);
    ritz_evaluation_destroy(&alone);
  }
}

/* Every metric, the largest errors included. */
static void evaluation_on_split_grids_agrees(void **state) {
  ritz_evaluation *ours, *alone;
  ritz_model *model;
  const char *data = RITZ_REAL_DATA "/darcy_test_16.h5";
  const ritz_index parts[][2] = {{size, 1}, {1, size}, {size % 2 ? 1 : 2, 1}};
  assert_ok(ritz_model_load(single, in_folder("whole/model.h5"), &model));
  assert_ok(ritz_evaluate(model, data, "first: 7", &alone));
  ritz_model_destroy(&model);
  assert_ok(ritz_model_load(together, in_folder("whole/model.h5"), &model));
  for (int s = 0; s < 3; s++) {
    assert_ok(ritz_evaluate_split(model, 2, parts[s], data, "first: 7", &ours));
    metrics_agree(ours, alone, 1e-12);
    ritz_evaluation_destroy(&ours);
  }
  const ritz_index many[] = {size + 1};
  assert_int_equal(ritz_evaluate_split(model, 1, many, data, NULL, &ours), RITZ_ERR_CONFIG);
  assert_message_contains("do not divide");
  ritz_evaluation_destroy(&alone);
  ritz_model_destroy(&model);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_run_agrees_with_one_rank),
      cmocka_unit_test(float_agrees_too),
      cmocka_unit_test(a_stopped_run_goes_on_as_if_it_had_not),
      cmocka_unit_test(a_step_sends_what_was_told),
      cmocka_unit_test(a_split_grid_agrees_with_one_rank),
      cmocka_unit_test(a_run_goes_on_with_another_split),
      cmocka_unit_test(a_run_goes_on_with_other_ranks),
      cmocka_unit_test(batch_norm_trains_on_a_split_grid),
      cmocka_unit_test(parts_that_do_not_fit_are_refused),
      cmocka_unit_test(batch_norm_wants_one_rank),
      cmocka_unit_test(evaluation_agrees_with_one_rank),
      cmocka_unit_test(evaluation_on_split_grids_agrees),
  };
  ranks_begin();
  return ranks_end(cmocka_run_group_tests(tests, ranks_folder_make, ranks_folder_remove));
}
