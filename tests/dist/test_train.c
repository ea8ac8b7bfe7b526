/* SPDX-License-Identifier: BSD-3-Clause
 * Training over ranks: the same numbers as on one, and one rank's failure stops all. */
#define _XOPEN_SOURCE 700
#include <math.h>
#include <ritz/train.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ritz/train.h>
#include "core/fail.h"
#include "core/memory.h"
#include "model/model.h"
#include "ranks.h"

enum { most_steps = 16 };

static ritz_context *together, *single; /* all ranks; this one */
static int rank, size;
static char folder[64];  /* of all ranks, made by the first */
static char config[512]; /* in it */

/* 7 samples in batches of 3: 3 steps an epoch, the last of one sample. */
static const char text[] =
    "operator: {name: fno, n_modes: [4, 3], hidden_channels: 5, n_layers: 2,\n"
    "  channel_mlp_dropout: 0.25}\n"
    "data: {train: {path: " RITZ_REAL_DATA
    "/darcy_train_16.h5, first: 7},\n"
    "  test: [{path: " RITZ_REAL_DATA
    "/darcy_test_16.h5, first: 5}]}\n"
    "loss: {name: rel_l2, reduction: mean}\n"
    "optimizer: {name: adamw, lr: 1e-2}\n"
    "train: {epochs: 2, batch_size: 3, dtype: double}\n";

static const char *path_in(const char *directory, const char *name, char out[512]) {
  snprintf(out, sizeof(char[512]), "%s/%s", directory, name);
  return out;
}

/* What a run leaves behind. */
typedef struct record {
  int steps, epochs, stop_after; /* stop_after: steps; 0: never */
  double loss[most_steps];
  char epoch[4][512];
} record;

static bool follow(void *user, const ritz_train_progress *progress) {
  record *r = user;
  if (progress->epoch_record)
    snprintf(r->epoch[r->epochs++ % 4], sizeof *r->epoch, "%s", progress->epoch_record);
  else
    r->loss[r->steps++ % most_steps] = progress->loss;
  return r->stop_after > 0 && r->steps >= r->stop_after;
}

/* Trains into folder/name; the first rank's own folder if it is alone. */
static ritz_status train_with(ritz_context *context, const char *name, bool resume, int changes,
                              const char *const *change, record *r) {
  char out[512];
  ritz_train_options options;
  ritz_train_options_defaults(&options);
  options.out = path_in(folder, name, out);
  options.resume = resume;
  options.overrides = changes;
  options.override = change;
  options.progress = follow;
  options.progress_user = r;
  return ritz_train(context, config, &options);
}

static ritz_status train(ritz_context *context, const char *name, bool resume, const char *change,
                         record *r) {
  return train_with(context, name, resume, change != NULL, &change, r);
}

static void assert_same_weights(const char *name, const char *reference, double tolerance) {
  char file[512], path[64];
  ritz_model *a, *b;
  snprintf(path, sizeof path, "%s/last.h5", name);
  assert_ok(ritz_model_load(single, path_in(folder, path, file), &a));
  snprintf(path, sizeof path, "%s/last.h5", reference);
  assert_ok(ritz_model_load(single, path_in(folder, path, file), &b));
  const ritz_index length = ritz_params_length(a->params);
  assert_int_equal(length, ritz_params_length(b->params));
  const double *x = ritz_params_data(a->params), *y = ritz_params_data(b->params);
  assert_true(relative_error(length, x, y) <= tolerance);
  ritz_model_destroy(&a);
  ritz_model_destroy(&b);
}

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
  assert_same_weights("ranks", "alone", 1e-6);
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
  assert_same_weights("parts", "whole", 0);
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
    assert_same_weights(name, "alone", 1e-6);
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

/* Weight decay beyond 1 turns the weights around and makes them grow by 1e12 a step. */
static void a_loss_that_explodes_stops_all(void **state) {
  record r = {0};
  const char *change = "optimizer={name: adamw, lr: 1e6, weight_decay: 1e6}";
  assert_int_equal(train(together, "explode", false, change, &r), RITZ_ERR_NUMERIC);
  assert_message_contains("is not finite in epoch");
}

/* Only the first rank meets this one: it alone writes. */
static void a_folder_that_cannot_be_made_stops_all(void **state) {
  record r = {0};
  char out[64];
  snprintf(out, sizeof out, "config.yaml/below");
  assert_int_equal(train(together, out, false, NULL, &r), RITZ_ERR_IO);
  assert_message_contains("output folder");
}

/* The k-th allocation of the last rank fails, for more and more k: all ranks end, and say why. */
static void check_memory_failures(const char *grid) {
  int failures = 0;
  const char *changes[] = {"train.epochs=1", grid};
  for (long k = 0;; k += 1 + k / 3) {
    record r = {0};
    if (rank == size - 1) ritz_test_fail_allocation(k);
    const ritz_status status = train_with(together, "memory", false, 2, changes, &r);
    ritz_test_fail_allocation(-1);
    if (status == RITZ_OK) break;
    assert_int_equal(status, RITZ_ERR_MEMORY);
    char prefix[32];
    snprintf(prefix, sizeof prefix, "rank %d: ", size - 1);
    if (size > 1) assert_int_equal(strncmp(ritz_error_message(), prefix, strlen(prefix)), 0);
    failures++;
  }
  assert_in_range(failures, 10, 100);
}

static void a_rank_without_memory_stops_all(void **state) { check_memory_failures("train.grid=1"); }

static void a_rank_of_a_split_grid_without_memory_stops_all(void **state) {
  char grid[32];
  snprintf(grid, sizeof grid, "train.grid=%d", size);
  check_memory_failures(grid);
}

static void evaluation_agrees_with_one_rank(void **state) {
  char file[512];
  ritz_evaluation *ours, *alone;
  ritz_model *model;
  const ritz_metric *a, *b;
  const char *data = RITZ_REAL_DATA "/darcy_test_16.h5", *first[] = {"first: 1", "first: 37"};
  for (int s = 0; s < 2; s++) { /* ranks without samples; a batch and a rest */
    assert_ok(ritz_model_load(together, path_in(folder, "whole/model.h5", file), &model));
    assert_ok(ritz_evaluate(model, data, first[s], &ours));
    ritz_model_destroy(&model);
    assert_ok(ritz_model_load(single, file, &model));
    assert_ok(ritz_evaluate(model, data, first[s], &alone));
    ritz_model_destroy(&model);
    assert_int_equal(ritz_evaluation_samples(ours), s ? 37 : 1);
    for (int i = 0; (b = ritz_evaluation_metric(alone, i)); i++) {
      a = ritz_evaluation_metric(ours, i);
      assert_string_equal(a->name, b->name);
      assert_near(a->value, b->value, 1e-13 * b->value); /* 37 numbers in another order */
      assert_near(a->channel[0], a->value, 0);
    }
    ritz_evaluation_destroy(&ours);
    ritz_evaluation_destroy(&alone);
  }
}

/* Every metric, the largest errors included. */
static void evaluation_on_split_grids_agrees(void **state) {
  char file[512];
  ritz_evaluation *ours, *alone;
  ritz_model *model;
  const ritz_metric *a, *b;
  const char *data = RITZ_REAL_DATA "/darcy_test_16.h5";
  const ritz_index parts[][2] = {{size, 1}, {1, size}, {size % 2 ? 1 : 2, 1}};
  assert_ok(ritz_model_load(single, path_in(folder, "whole/model.h5", file), &model));
  assert_ok(ritz_evaluate(model, data, "first: 7", &alone));
  ritz_model_destroy(&model);
  assert_ok(ritz_model_load(together, file, &model));
  for (int s = 0; s < 3; s++) {
    assert_ok(ritz_evaluate_split(model, 2, parts[s], data, "first: 7", &ours));
    for (int i = 0; (b = ritz_evaluation_metric(alone, i)); i++) {
      a = ritz_evaluation_metric(ours, i);
      assert_near(a->value, b->value, 1e-12 * b->value);
    }
    ritz_evaluation_destroy(&ours);
  }
  const ritz_index many[] = {size + 1};
  assert_int_equal(ritz_evaluate_split(model, 1, many, data, NULL, &ours), RITZ_ERR_CONFIG);
  assert_message_contains("do not divide");
  ritz_evaluation_destroy(&alone);
  ritz_model_destroy(&model);
}

static void evaluation_fails_on_all_ranks(void **state) {
  char file[512];
  ritz_model *model;
  ritz_evaluation *evaluation;
  assert_ok(ritz_model_load(together, path_in(folder, "whole/model.h5", file), &model));
  for (long k = 0;; k += 1 + k / 3) {
    if (rank == size - 1) ritz_test_fail_allocation(k);
    const ritz_status status =
        ritz_evaluate(model, RITZ_REAL_DATA "/darcy_test_16.h5", "first: 5", &evaluation);
    ritz_test_fail_allocation(-1);
    if (status == RITZ_OK) break;
    assert_int_equal(status, RITZ_ERR_MEMORY);
    assert_null(evaluation);
  }
  ritz_evaluation_destroy(&evaluation);
  ritz_model_destroy(&model);
}

static int make_folder(void **state) {
  snprintf(folder, sizeof folder, "/tmp/ritz-ranks-XXXXXX");
  if (rank == 0 && !mkdtemp(folder)) return -1;
  if (ritz_comm_broadcast(together->comm, 0, sizeof folder, folder) != RITZ_OK) return -1;
  path_in(folder, "config.yaml", config);
  FILE *file = rank == 0 ? fopen(config, "w") : NULL;
  if (file) fputs(text, file), fclose(file);
  return ritz_comm_barrier(together->comm) == RITZ_OK ? 0 : -1;
}

static int remove_folder(void **state) {
  char line[96];
  ritz_comm_barrier(together->comm);
  snprintf(line, sizeof line, "rm -rf %s", folder);
  return rank == 0 ? system(line) : 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_run_agrees_with_one_rank),
      cmocka_unit_test(float_agrees_too),
      cmocka_unit_test(a_stopped_run_goes_on_as_if_it_had_not),
      cmocka_unit_test(a_split_grid_agrees_with_one_rank),
      cmocka_unit_test(a_run_goes_on_with_another_split),
      cmocka_unit_test(batch_norm_trains_on_a_split_grid),
      cmocka_unit_test(parts_that_do_not_fit_are_refused),
      cmocka_unit_test(a_split_grid_agrees_with_one_rank),
      cmocka_unit_test(a_run_goes_on_with_another_split),
      cmocka_unit_test(batch_norm_trains_on_a_split_grid),
      cmocka_unit_test(parts_that_do_not_fit_are_refused),
      cmocka_unit_test(batch_norm_wants_one_rank),
      cmocka_unit_test(a_loss_that_explodes_stops_all),
      cmocka_unit_test(a_folder_that_cannot_be_made_stops_all),
      cmocka_unit_test(a_rank_without_memory_stops_all),
      cmocka_unit_test(a_rank_of_a_split_grid_without_memory_stops_all),
      cmocka_unit_test(a_rank_of_a_split_grid_without_memory_stops_all),
      cmocka_unit_test(evaluation_agrees_with_one_rank),
      cmocka_unit_test(evaluation_on_split_grids_agrees),
      cmocka_unit_test(evaluation_fails_on_all_ranks),
  };
  ranks_begin();
  together = ranks_context();
  if (ritz_context_create(NULL, &single) != RITZ_OK) return 1;
  rank = ritz_comm_rank(together->comm);
  size = ritz_comm_size(together->comm);
  const int failures = ranks_result(cmocka_run_group_tests(tests, make_folder, remove_folder));
  ritz_context_destroy(&together);
  ritz_context_destroy(&single);
  ranks_end();
  return failures;
}
