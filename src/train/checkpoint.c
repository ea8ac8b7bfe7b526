/* SPDX-License-Identifier: BSD-3-Clause
 * Checkpoints: a model file with a group `train` beside the model: position and history as
 * attributes and data sets, optimizer state and best weights as groups of tensors. A run that
 * continues from one gives the same bits as one that never stopped. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/context.h"
#include "core/difference.h"
#include "core/fail.h"
#include "core/memory.h"
#include "model/seal.h"
#include "train/checkpoint_slots.h"
#include "train/trainer.h"

static ritz_status write_best(hid_t group, const ritz_trainer *t) {
  hid_t child;
  RITZ_TRY(ritz_h5_group(group, "best_weights", true, &child));
  const ritz_status status = ritz_model_write_tensors(child, t->params, t->best);
  ritz_h5_group_close(&child);
  return status;
}

static ritz_status read_best(hid_t group, const ritz_trainer *t) {
  hid_t child;
  RITZ_TRY(ritz_h5_group(group, "best_weights", false, &child));
  const ritz_status status = ritz_model_read_tensors(child, t->params, t->best);
  ritz_h5_group_close(&child);
  return status;
}

static ritz_status write_history(hid_t group, const ritz_history *history) {
  const ritz_index n[2] = {history->rows, ritz_history_columns(history)};
  RITZ_TRY(ritz_h5_write_integer(group, "tests", history->tests));
  if (history->rows == 0) return RITZ_OK;
  return ritz_h5_write_array(group, "history", RITZ_H5_FLOAT64, 2, n, history->row);
}

static ritz_status write_position(hid_t group, ritz_trainer *t) {
  const ritz_train_position *at = &t->at;
  RITZ_TRY(ritz_h5_write_text(group, "config", t->resolved));
  RITZ_TRY(ritz_h5_write_text(group, "optimizer", t->config.optimizer.name));
  RITZ_TRY(ritz_h5_write_integer(group, "epoch", at->epoch));
  RITZ_TRY(ritz_h5_write_integer(group, "step", at->step));
  RITZ_TRY(ritz_h5_write_integer(group, "best_epoch", at->best_epoch));
  RITZ_TRY(ritz_h5_write_integer(group, "optimizer_steps", ritz_optimizer_steps(t->optimizer)));
  RITZ_TRY(ritz_h5_write_integer(group, "samples", t->train.info->samples));
  RITZ_TRY(ritz_h5_write_integer(group, "batch", t->full.batch));
  RITZ_TRY(ritz_h5_write_integer(group, "seed", t->config.train.seed));
  RITZ_TRY(ritz_h5_write_integer(group, "shuffle", t->config.train.shuffle));
  RITZ_TRY(ritz_h5_write_number(group, "loss_sum", at->loss_sum));
  RITZ_TRY(ritz_h5_write_number(group, "seconds", at->seconds));
  return ritz_h5_write_number(group, "best", at->best);
}

static ritz_status write_state(hid_t file, ritz_trainer *t) {
  hid_t group;
  ritz_status status;
  RITZ_TRY(ritz_h5_group(file, "train", true, &group));
  RITZ_TRY_DONE(write_position(group, t));
  RITZ_TRY_DONE(write_history(group, &t->history));
  RITZ_TRY_DONE(ritz_incremental_write(&t->incremental, group));
  RITZ_TRY_DONE(write_best(group, t));
done:
  ritz_h5_group_close(&group);
  return status;
}

/* What the first rank has by itself. */
static ritz_status begin(ritz_trainer *t, const char *temporary, hid_t *file) {
  RITZ_TRY(ritz_h5_create(temporary, file));
  RITZ_TRY(ritz_model_write(t->model, !ritz_checkpoint_together(t), *file));
  return write_state(*file, t);
}

static ritz_status find_paths(const ritz_trainer *t, char **path, char **temporary) {
  RITZ_TRY(ritz_trainer_path(t, "checkpoint.h5", path));
  return ritz_strjoin(*path, ".tmp", temporary);
}

ritz_status ritz_checkpoint_save(ritz_trainer *t) {
  const bool first = ritz_is_first_rank(t->context);
  hid_t file = H5I_INVALID_HID;
  char *path = NULL, *temporary = NULL;
  ritz_status status = find_paths(t, &path, &temporary);
  if (first && status == RITZ_OK) status = begin(t, temporary, &file);
  status = ritz_status_agree(t->context, status);
  if (status == RITZ_OK) status = ritz_checkpoint_write_slots(t, temporary, &file);
  if (first && status == RITZ_OK)
    status =
        file >= 0 ? ritz_seal_commit(&file, temporary, path) : ritz_seal_publish(temporary, path);
  else if (first && temporary)
    ritz_h5_abandon(&file, temporary);
  status = ritz_status_agree(t->context, status);
  ritz_free(path);
  ritz_free(temporary);
  return status;
}

static ritz_status read_index(hid_t group, const char *name, ritz_index *out) {
  int64_t value = 0;
  RITZ_TRY(ritz_h5_read_integer(group, name, &value));
  RITZ_REQUIRE(value >= 0, RITZ_ERR_FORMAT, "train/%s is %lld", name, (long long)value);
  *out = (ritz_index)value;
  return RITZ_OK;
}

static ritz_status read_history(hid_t group, ritz_trainer *t, ritz_index rows) {
  const int columns = ritz_history_columns(&t->history);
  const ritz_index n[2] = {rows, columns};
  ritz_index tests = 0;
  double *row;
  RITZ_TRY(read_index(group, "tests", &tests));
  RITZ_REQUIRE(tests == t->history.tests, RITZ_ERR_CONFIG,
               "the checkpoint has %td test sets, the configuration %d", tests, t->history.tests);
  if (rows == 0) return RITZ_OK;
  RITZ_TRY(RITZ_NEW(rows * columns, &row));
  ritz_status status = ritz_h5_read_array(group, "history", RITZ_H5_FLOAT64, 2, n, row);
  for (ritz_index i = 0; status == RITZ_OK && i < rows; i++)
    status = ritz_history_add(&t->history, row + i * columns);
  ritz_free(row);
  return status;
}

static ritz_status check_same_run(hid_t group, const ritz_trainer *t) {
  ritz_index samples = 0;
  char *optimizer;
  RITZ_TRY(read_index(group, "samples", &samples));
  RITZ_REQUIRE(samples == t->train.info->samples, RITZ_ERR_CONFIG,
               "the checkpoint was trained on %td samples, %s has %td", samples,
               t->train.info->path, t->train.info->samples);
  RITZ_TRY(ritz_h5_read_text(group, "optimizer", &optimizer));
  const bool same = strcmp(optimizer, t->config.optimizer.name) == 0;
  if (!same)
    RITZ_FAIL(RITZ_ERR_CONFIG, "the checkpoint was trained with optimizer %s, not %s", optimizer,
              t->config.optimizer.name);
  ritz_free(optimizer);
  return same ? RITZ_OK : RITZ_ERR_CONFIG;
}

/* In the middle of an epoch the batches done must be the first ones of the same order. */
static ritz_status check_same_order(hid_t group, const ritz_trainer *t) {
  ritz_index batch = 0, seed = 0, shuffle = 0;
  if (t->at.step == 0) return RITZ_OK;
  RITZ_TRY(read_index(group, "batch", &batch));
  RITZ_TRY(read_index(group, "seed", &seed));
  RITZ_TRY(read_index(group, "shuffle", &shuffle));
  RITZ_REQUIRE(batch == t->full.batch, RITZ_ERR_CONFIG,
               "the checkpoint stands in the middle of an epoch with train.batch_size %td, which "
               "has to be finished so",
               batch);
  RITZ_REQUIRE(seed == t->config.train.seed && (shuffle != 0) == t->config.train.shuffle,
               RITZ_ERR_CONFIG,
               "the checkpoint stands in the middle of an epoch with train.seed %td and "
               "train.shuffle %s, which has to be finished so",
               seed, shuffle ? "true" : "false");
  return RITZ_OK;
}

static ritz_status read_position(hid_t group, ritz_train_position *at) {
  RITZ_TRY(read_index(group, "epoch", &at->epoch));
  RITZ_TRY(read_index(group, "step", &at->step));
  RITZ_TRY(read_index(group, "best_epoch", &at->best_epoch));
  RITZ_TRY(ritz_h5_read_number(group, "loss_sum", &at->loss_sum));
  RITZ_TRY(ritz_h5_read_number(group, "seconds", &at->seconds));
  return ritz_h5_read_number(group, "best", &at->best);
}

static ritz_status check_position(const ritz_train_position *at, ritz_index steps) {
  RITZ_REQUIRE(at->step == 0 || at->step < steps, RITZ_ERR_FORMAT,
               "the checkpoint stands at step %td of an epoch of %td", at->step, steps);
  RITZ_REQUIRE(at->best_epoch <= at->epoch, RITZ_ERR_FORMAT,
               "the checkpoint's best epoch is %td of %td", at->best_epoch, at->epoch);
  RITZ_REQUIRE(isfinite(at->loss_sum) && isfinite(at->seconds) && !isnan(at->best), RITZ_ERR_FORMAT,
               "the checkpoint has loss_sum %g, seconds %g and best %g", at->loss_sum, at->seconds,
               at->best);
  return RITZ_OK;
}

static ritz_status read_state(hid_t group, ritz_trainer *t) {
  ritz_index optimizer_steps = 0;
  RITZ_TRY(read_position(group, &t->at));
  RITZ_TRY(check_same_order(group, t));
  RITZ_TRY(check_position(&t->at, t->steps));
  RITZ_TRY(read_history(group, t, t->at.epoch));
  RITZ_TRY(ritz_incremental_read(&t->incremental, group));
  if (t->best) RITZ_TRY(read_best(group, t));
  RITZ_TRY(read_index(group, "optimizer_steps", &optimizer_steps));
  ritz_optimizer_set_steps(t->optimizer, optimizer_steps);
  return RITZ_OK;
}

/* Other normalisers would make other functions of the same weights. */
static ritz_status check_same_data(const ritz_model *saved, const ritz_model *wanted) {
  const ritz_model_data *is = &saved->data, *want = &wanted->data;
  RITZ_REQUIRE(is->dim == want->dim && memcmp(is->grid, want->grid, sizeof is->grid) == 0,
               RITZ_ERR_CONFIG, "the checkpoint was trained on another grid than that of the data");
  for (int side = 0; side < 2; side++) {
    const size_t bytes = (size_t)want->channels[side] * sizeof(double);
    RITZ_REQUIRE(is->channels[side] == want->channels[side], RITZ_ERR_CONFIG,
                 "the checkpoint has %d channels of %s, the data %d", is->channels[side],
                 side ? "y" : "x", want->channels[side]);
    RITZ_REQUIRE(memcmp(is->mean[side], want->mean[side], bytes) == 0 &&
                     memcmp(is->deviation[side], want->deviation[side], bytes) == 0,
                 RITZ_ERR_CONFIG,
                 "the checkpoint was trained with another normalisation of %s: other data, or "
                 "another data.normalize_%s",
                 side ? "y" : "x", side ? "y" : "x");
  }
  return RITZ_OK;
}

static ritz_status check_same_operator(const ritz_model_info *is, const ritz_model_info *wanted) {
  RITZ_REQUIRE(strcmp(is->operator_name, wanted->operator_name) == 0, RITZ_ERR_CONFIG,
               "the checkpoint holds operator %s, the configuration wants %s", is->operator_name,
               wanted->operator_name);
  RITZ_REQUIRE(is->dtype == wanted->dtype, RITZ_ERR_CONFIG,
               "the checkpoint has dtype %s, train.dtype is %s",
               is->dtype == RITZ_FLOAT64 ? "double" : "float",
               wanted->dtype == RITZ_FLOAT64 ? "double" : "float");
  if (strcmp(is->operator_options, wanted->operator_options) == 0) return RITZ_OK;
  ritz_text_part before, after;
  ritz_text_difference(is->operator_options, wanted->operator_options, &before, &after);
  return RITZ_FAIL(RITZ_ERR_CONFIG,
                   "the checkpoint holds operator %s with %.*s, the configuration wants %.*s; go "
                   "on with the options it has, or train in another folder",
                   is->operator_name, before.length, before.text, after.length, after.text);
}

/* The checkpoint's model must be ours but for the values of its weights. */
static ritz_status take_weights(hid_t file, ritz_trainer *t) {
  ritz_model *saved;
  RITZ_TRY(ritz_model_read(t->context, file, &saved));
  const ritz_model_info *wanted = &t->model->info;
  ritz_status status = check_same_operator(&saved->info, wanted);
  if (status == RITZ_OK) status = check_same_data(saved, t->model);
  if (status == RITZ_OK)
    memcpy(ritz_params_data(t->params), ritz_params_data(saved->params),
           (size_t)ritz_params_length(t->params) * ritz_dtype_size(wanted->dtype));
  ritz_model_destroy(&saved);
  return status;
}

static ritz_status load(const char *path, ritz_trainer *t) {
  hid_t file, group = H5I_INVALID_HID;
  ritz_status status;
  RITZ_TRY(ritz_seal_check(path));
  RITZ_TRY(ritz_h5_open(path, &file));
  RITZ_TRY_DONE(ritz_h5_group(file, "train", false, &group));
  RITZ_TRY_DONE(check_same_run(group, t));
  RITZ_TRY_DONE(take_weights(file, t));
  RITZ_TRY_DONE(read_state(group, t));
  RITZ_TRY_DONE(ritz_checkpoint_read_slots(t, file));
done:
  if (status != RITZ_OK && !strstr(ritz_error_message(), path))
    ritz_fail_prefix(status, "%s", path);
  ritz_h5_group_close(&group);
  const ritz_status closed = ritz_h5_close(&file);
  return status != RITZ_OK ? status : closed;
}

ritz_status ritz_checkpoint_load(ritz_trainer *t, bool *found) {
  char *path;
  RITZ_TRY(ritz_trainer_path(t, "checkpoint.h5", &path));
  FILE *probe = fopen(path, "rb");
  *found = probe != NULL;
  if (probe) fclose(probe);
  const ritz_status status = *found ? load(path, t) : RITZ_OK;
  ritz_free(path);
  return status;
}
