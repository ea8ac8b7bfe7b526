/* SPDX-License-Identifier: BSD-3-Clause
 * The output folder of a training run and what the first rank puts there before the first step. */
#define _POSIX_C_SOURCE 200809L
#include "train/output.h"

#include <errno.h>
#include <ritz/version.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/builder.h"
#include "core/fail.h"
#include "core/file.h"
#include "core/memory.h"

ritz_status ritz_trainer_path(const ritz_trainer *trainer, const char *name, char **out) {
  ritz_builder b = {0};
  ritz_builder_format(&b, "%s/%s", trainer->dir, name);
  return ritz_builder_take(&b, out);
}

/* mkdir -p */
static ritz_status make_folder(const char *path) {
  char *copy;
  RITZ_TRY(ritz_strdup(path, &copy));
  int failed = 0;
  for (char *c = copy + 1; *c && !failed; c++) {
    if (*c != '/') continue;
    *c = '\0';
    failed = mkdir(copy, 0777) != 0 && errno != EEXIST;
    *c = '/';
  }
  failed = failed || (mkdir(copy, 0777) != 0 && errno != EEXIST);
  const int reason = errno;
  ritz_free(copy);
  RITZ_REQUIRE(!failed, RITZ_ERR_IO, "cannot make the output folder %s: %s", path,
               strerror(reason));
  return RITZ_OK;
}

/* What is there and is no folder, mkdir calls EEXIST too. */
static ritz_status check_folder(const char *path) {
  struct stat found;
  RITZ_REQUIRE(stat(path, &found) == 0 && S_ISDIR(found.st_mode), RITZ_ERR_IO,
               "the output folder %s: there is a file of this name", path);
  RITZ_REQUIRE(access(path, W_OK | X_OK) == 0, RITZ_ERR_IO,
               "the output folder %s cannot be written: %s", path, strerror(errno));
  return RITZ_OK;
}

ritz_status ritz_trainer_lock_output(ritz_trainer *t) {
  if (!t->folder) t->folder = opendir(t->dir);
  const bool taken =
      t->folder && flock(dirfd(t->folder), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  RITZ_REQUIRE(!taken, RITZ_ERR_IO, "the output folder %s: another training writes to it", t->dir);
  return RITZ_OK;
}

static ritz_status resolve_config(ritz_trainer *t, ritz_value **out) {
  ritz_value *op = NULL, *loss = NULL, *optimizer = NULL, *schedule = NULL;
  ritz_status status = ritz_operator_options_tree(t->model->op, &op);
  if (status == RITZ_OK) status = ritz_options_write(t->loss->options, &t->loss_options, &loss);
  if (status == RITZ_OK) status = ritz_optimizer_options(t->optimizer, &optimizer);
  if (status == RITZ_OK) status = ritz_schedule_options(t->schedule, &schedule);
  if (status == RITZ_OK)
    return ritz_train_config_resolve(&t->config, op, loss, optimizer, schedule, out);
  ritz_value_destroy(&op);
  ritz_value_destroy(&loss);
  ritz_value_destroy(&optimizer);
  ritz_value_destroy(&schedule);
  return status;
}

static ritz_status put_text(FILE *file, const void *text) {
  fputs(text, file);
  return RITZ_OK;
}

static ritz_status write_config(const ritz_trainer *t, const ritz_value *tree) {
  char *yaml = NULL, *path = NULL;
  ritz_status status;
  RITZ_TRY_DONE(ritz_value_to_yaml(tree, &yaml));
  RITZ_TRY_DONE(ritz_trainer_path(t, "config.yaml", &path));
  RITZ_TRY_DONE(ritz_file_write(path, put_text, yaml));
done:
  ritz_free(yaml);
  ritz_free(path);
  return status;
}

/* A fresh run starts an empty record; a continued one keeps the epochs of its checkpoint only. */
static ritz_status write_record(const ritz_trainer *t) {
  char *path;
  RITZ_TRY(ritz_trainer_path(t, "metrics.jsonl", &path));
  const ritz_status status = ritz_history_write(&t->history, path);
  ritz_free(path);
  return status;
}

/* What the first rank writes before the first step. */
ritz_status ritz_trainer_start_output(ritz_trainer *t) {
  ritz_value *tree = NULL;
  ritz_status status;
  RITZ_TRY_DONE(resolve_config(t, &tree));
  RITZ_TRY_DONE(make_folder(t->dir));
  RITZ_TRY_DONE(check_folder(t->dir));
  RITZ_TRY_DONE(ritz_trainer_lock_output(t));
  RITZ_TRY_DONE(write_config(t, tree));
  RITZ_TRY_DONE(write_record(t));
done:
  ritz_value_destroy(&tree);
  return status;
}

ritz_status ritz_trainer_describe(ritz_trainer *t) {
  ritz_value *tree;
  RITZ_TRY(resolve_config(t, &tree));
  const ritz_status status = ritz_value_to_json(tree, &t->resolved);
  ritz_value_destroy(&tree);
  return status;
}

/* One rank computes the pair of fields that a file is checked with, on the whole grid: of a grid
 * that is split because it is larger than this there is none. */
static const ritz_index golden_points = 1 << 20;

ritz_status ritz_trainer_complete_model(ritz_trainer *t) {
  ritz_builder b = {0};
  ritz_builder_add(&b, "{\"ritz\": ");
  ritz_builder_add_quoted(&b, ritz_version());
  ritz_builder_format(&b, ", \"epochs\": %td, \"best_epoch\": %td, \"train\": ", t->at.epoch,
                      t->at.best_epoch);
  ritz_builder_add_quoted(&b, t->train.info->path);
  ritz_builder_format(&b, ", \"config\": %s}", t->resolved);
  char *json = NULL;
  double *x = NULL;
  const ritz_index *grid = t->train.info->grid, whole = grid[0] * grid[1] * grid[2];
  ritz_status status;
  RITZ_TRY_DONE(ritz_builder_take(&b, &json));
  RITZ_TRY_DONE(ritz_model_set_provenance(t->model, json));
  if (t->domain.split && whole > golden_points) goto done;
  RITZ_TRY_DONE(RITZ_NEW(whole * t->train.info->channels_in, &x));
  RITZ_TRY_DONE(ritz_dataset_read(t->train.set, 1, NULL, RITZ_FLOAT64, x, NULL));
  RITZ_TRY_DONE(ritz_model_set_golden(t->model, x));
done:
  ritz_free(json);
  ritz_free(x);
  return status;
}
