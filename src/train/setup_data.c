/* SPDX-License-Identifier: BSD-3-Clause
 * Training and test sets of a run. */
#define _POSIX_C_SOURCE 200809L /* strtok_r */
#include <stdio.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "datasets/reader.h"
#include "train/setup.h"

/* Data set options name their own line, everything else the line of the data set. */
static ritz_status blame_data(const ritz_value *where, ritz_status status) {
  char place[512];
  snprintf(place, sizeof place, "%s:", where->file);
  if (strncmp(ritz_error_message(), place, strlen(place)) == 0) return status;
  return ritz_value_blame(where, status);
}

/* y is whole steps of channels: the output of a step is the input of the next one. */
static ritz_status check_steps(const ritz_train_config *c, const ritz_dataset_info *info) {
  if (info->channels_out % c->rollout.steps == 0) return RITZ_OK;
  return ritz_train_config_blame(
      c, "rollout", "steps",
      RITZ_FAIL(RITZ_ERR_CONFIG, "y of %s has %d channels, which are not %td equal steps",
                info->path, info->channels_out, c->rollout.steps));
}

static ritz_status open_train(ritz_trainer *t) {
  const ritz_train_config *c = &t->config;
  const ritz_dtype dtype = c->train.dtype ? RITZ_FLOAT64 : RITZ_FLOAT32;
  const ritz_status status = ritz_samples_open(t->context, c->data.train, dtype, &t->train);
  if (status != RITZ_OK) return blame_data(c->data.train, status);
  RITZ_TRY(check_steps(c, t->train.info));
  RITZ_TRY(ritz_samples_fit(&t->train, c->data.normalize_x == RITZ_NORMALIZE_CHANNEL,
                            c->data.normalize_y == RITZ_NORMALIZE_CHANNEL));
  if (c->rollout.steps > 1) ritz_samples_pool(&t->train);
  const ritz_dataset_info *info = t->train.info;
  const ritz_status cut = ritz_domain_layout(&t->domain, info->dim, info->grid, &t->layout);
  if (cut != RITZ_OK) return ritz_train_config_blame(c, "train", "grid", cut);
  ritz_samples_take_part(&t->train, t->layout);
  RITZ_TRY(ritz_samples_cache(&t->train, (double)c->data.cache_mib * 1048576.0));
  return RITZ_NEW(t->train.info->samples, &t->order);
}

/* data.test is a file, several with commas, a mapping, or a list of these: one value each. */
static ritz_status list_tests(const ritz_value *where, ritz_value **list) {
  ritz_value *child;
  RITZ_TRY(ritz_value_create(RITZ_VALUE_LIST, NULL, 0, list));
  if (!where || where->kind == RITZ_VALUE_NULL) return RITZ_OK;
  if (where->kind == RITZ_VALUE_LIST) {
    for (int i = 0; i < where->count; i++) {
      RITZ_TRY(ritz_value_clone(where->item[i], &child));
      RITZ_TRY(ritz_value_add(*list, NULL, child));
    }
    return RITZ_OK;
  }
  if (where->kind == RITZ_VALUE_MAP || where->quoted || !strchr(where->text, ',')) {
    RITZ_TRY(ritz_value_clone(where, &child));
    return ritz_value_add(*list, NULL, child);
  }
  char *copy, *rest = NULL;
  RITZ_TRY(ritz_strdup(where->text, &copy));
  ritz_status status = RITZ_OK;
  for (char *name = strtok_r(copy, ",", &rest); name && status == RITZ_OK;
       name = strtok_r(NULL, ",", &rest)) {
    status = ritz_value_create_scalar(name, false, where->file, where->line, &child);
    if (status == RITZ_OK) status = ritz_value_add(*list, NULL, child);
  }
  ritz_free(copy);
  return status;
}

/* "out/darcy_test.h5" -> "darcy_test"; a name used before gets its number behind it. */
static void short_name(const char *path, int number, const char (*taken)[128], char out[128]) {
  const char *slash = strrchr(path, '/');
  snprintf(out, 100, "%s", slash ? slash + 1 : path);
  char *dot = strrchr(out, '.');
  if (dot && dot != out) *dot = '\0';
  for (int i = 0; i < number; i++)
    if (strcmp(taken[i], out) == 0) {
      const size_t length = strlen(out);
      snprintf(out + length, 128 - length, "_%d", number + 1);
      return;
    }
}

static ritz_status open_test_sets(ritz_trainer *t, const ritz_value *list) {
  RITZ_TRY(RITZ_NEW(list->count, &t->test));
  for (int i = 0; i < list->count; i++) {
    const ritz_status status = ritz_dataset_open_value(t->context, list->item[i], &t->test[i].set);
    if (status != RITZ_OK) return blame_data(list->item[i], status);
    t->tests++;
  }
  return RITZ_OK;
}

static ritz_status name_test_sets(ritz_trainer *t) {
  char(*name)[128];
  const char **pointer = NULL;
  ritz_status status;
  RITZ_TRY(RITZ_NEW(t->tests, &name));
  RITZ_TRY_DONE(ritz_calloc(t->tests, sizeof *pointer, (void **)&pointer));
  for (int i = 0; i < t->tests; i++) {
    short_name(ritz_dataset_get_info(t->test[i].set)->path, i, (const char(*)[128])name, name[i]);
    pointer[i] = name[i];
  }
  RITZ_TRY_DONE(ritz_history_init(&t->history, t->tests, pointer));
done:
  ritz_free(name);
  ritz_free(pointer);
  return status;
}

static ritz_status open_tests(ritz_trainer *t) {
  ritz_value *list = NULL;
  ritz_status status = list_tests(t->config.data.test, &list);
  if (status == RITZ_OK) status = open_test_sets(t, list);
  ritz_value_destroy(&list);
  return status == RITZ_OK ? name_test_sets(t) : status;
}

ritz_status ritz_trainer_open_data(ritz_trainer *trainer) {
  RITZ_TRY(open_train(trainer));
  return open_tests(trainer);
}
