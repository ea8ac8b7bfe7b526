/* SPDX-License-Identifier: BSD-3-Clause
 * Reading the sections of a training configuration. */
#include "train/config.h"

#include <stdio.h>
#include <string.h>

#include "core/fail.h"
#include "core/memory.h"
#include "io/yaml.h"

typedef struct sections {
  const ritz_value *op, *data, *loss, *optimizer, *schedule, *rollout, *train, *output;
} sections;

#define SECTION(field, name, fallback, help) \
  { RITZ_OPTION_KIND_VALUE, name, offsetof(sections, field), 0, 0, NULL, fallback, help }

static const ritz_option section_options[] = {
    SECTION(op, "operator", NULL, "architecture and its options"),
    SECTION(data, "data", NULL, "training and test sets"),
    SECTION(loss, "loss", "{}", "what is minimised"),
    SECTION(optimizer, "optimizer", "{}", "how it is minimised"),
    SECTION(schedule, "schedule", "{}", "learning rate over time"),
    SECTION(rollout, "rollout", "{}", "steps of an operator that is applied to its own output"),
    SECTION(train, "train", "{}", "epochs, batches, seed"),
    SECTION(output, "output", "{}", "where results go"),
    RITZ_OPTION_END,
};

#define FIELD(kind, key, field, least, most, choices, fallback, help)                       \
  {                                                                                         \
    RITZ_OPTION_KIND_##kind, key, offsetof(ritz_train_config, field), least, most, choices, \
        fallback, help                                                                      \
  }

static const ritz_option data_options[] = {
    FIELD(VALUE, "train", data.train, 0, 0, NULL, NULL, "training set: a file or a mapping"),
    FIELD(VALUE, "test", data.test, 0, 0, NULL, "[]", "test sets: files or mappings"),
    FIELD(CHOICE, "normalize_x", data.normalize_x, 0, 0, "none|channel", "none",
          "subtract the mean and divide by the deviation of each input channel"),
    FIELD(CHOICE, "normalize_y", data.normalize_y, 0, 0, "none|channel", "channel",
          "the same for the output; the loss sees normalised fields"),
    FIELD(INT, "cache_mib", data.cache_mib, 0, 1 << 30, NULL, "2048",
          "a training set up to this size is kept in memory, larger ones are streamed"),
    RITZ_OPTION_END,
};

static const ritz_option loss_options[] = {
    FIELD(TEXT, "name", loss.name, 0, 0, NULL, "rel_l2", "see ritz list losses"),
    FIELD(CHOICE, "reduction", reduction, 0, 0, "sum|mean", "sum", "over the samples of a batch"),
    RITZ_OPTION_END,
};

static const ritz_option optimizer_options[] = {
    FIELD(TEXT, "name", optimizer.name, 0, 0, NULL, "adamw", "see ritz list optimizers"),
    FIELD(REAL, "lr", lr, 0, 1e6, NULL, "1e-3", "learning rate before the schedule"),
    RITZ_OPTION_END,
};

static const ritz_option schedule_options[] = {
    FIELD(TEXT, "name", schedule.name, 0, 0, NULL, "constant", "see ritz list schedules"),
    RITZ_OPTION_END,
};

static const ritz_option operator_options[] = {
    FIELD(TEXT, "name", op.name, 0, 0, NULL, NULL, "see ritz list operators"),
    RITZ_OPTION_END,
};

static const ritz_option rollout_options[] = {
    FIELD(INT, "steps", rollout.steps, 1, 100000, NULL, "1",
          "steps of the operator that lead from x to y, each to its share of y's channels"),
    FIELD(CHOICE, "gradient", rollout.gradient, 0, 0, "through|detached", "through",
          "through all steps, or with the input of each as a constant: push-forward"),
    FIELD(INT, "loss_steps", rollout.loss_steps, 0, 100000, NULL, "0",
          "last steps that count in the loss; 0: all"),
    FIELD(REAL, "noise", rollout.noise, 0, 1e6, NULL, "0",
          "deviation of Gaussian noise added to x, of a normalised number"),
    RITZ_OPTION_END,
};

static const ritz_option train_options[] = {
    FIELD(INT, "epochs", train.epochs, 1, 1 << 30, NULL, "100", "passes over the training set"),
    FIELD(INTS, "grid", train.grid, 1, 1 << 20, NULL, "1",
          "parts of each grid axis: so many ranks share a sample; 1: all ranks share the batch"),
    FIELD(INT, "batch_size", train.batch_size, 1, 1 << 24, NULL, "32", "samples per step"),
    FIELD(BOOL, "shuffle", train.shuffle, 0, 0, NULL, "true",
          "a new order of the samples in each epoch; false: file order"),
    FIELD(INT, "seed", train.seed, 0, 1e15, NULL, "0", "of initial weights, order and dropout"),
    FIELD(CHOICE, "dtype", train.dtype, 0, 0, "float|double", "float", "number format"),
    FIELD(INT, "eval_every", train.eval_every, 1, 1 << 30, NULL, "1",
          "epochs between evaluations on the test sets"),
    FIELD(REAL, "checkpoint_seconds", train.checkpoint_seconds, 0, 1e9, NULL, "10",
          "least time between checkpoints; 0: after every epoch"),
    FIELD(CHOICE, "best", train.best, 0, 0, "rel_l2|rel_h1", "rel_l2",
          "metric on the first test set that decides which model is kept as the best"),
    FIELD(VALUE, "incremental", train.incremental, 0, 0, NULL, "null",
          "modes that join during training: a map"),
    RITZ_OPTION_END,
};

static const ritz_option output_options[] = {
    FIELD(TEXT, "dir", dir, 0, 0, NULL, "out", "folder for all results"),
    RITZ_OPTION_END,
};

static bool listed(const ritz_option *options, const char *key) {
  for (; options->kind != RITZ_OPTION_KIND_END; options++)
    if (strcmp(options->name, key) == 0) return true;
  return false;
}

/* The children of a map whose keys are in the table (or those that are not). */
static ritz_status part_of(const ritz_value *map, const ritz_option *options, bool in_table,
                           ritz_value **out) {
  ritz_value *child;
  RITZ_TRY(ritz_value_create(RITZ_VALUE_MAP, map ? map->file : NULL, map ? map->line : 0, out));
  for (int i = 0; map && i < map->count; i++) {
    if (listed(options, map->item[i]->key) != in_table) continue;
    ritz_status status = ritz_value_clone(map->item[i], &child);
    if (status == RITZ_OK) status = ritz_value_add(*out, map->item[i]->key, child);
    if (status != RITZ_OK) {
      ritz_value_destroy(out);
      return status;
    }
  }
  return RITZ_OK;
}

static ritz_status check_map(const ritz_value *section, const char *name) {
  if (!section || section->kind == RITZ_VALUE_MAP) return RITZ_OK;
  return ritz_value_blame(section, RITZ_FAIL(RITZ_ERR_CONFIG, "section %s wants a map", name));
}

/* A section of a method: the common keys go to the configuration, the others to `options`. */
static ritz_status read_named(ritz_train_config *config, const ritz_value *section,
                              const char *owner, const ritz_option *common,
                              ritz_named_section *out) {
  ritz_value *mine;
  RITZ_TRY(check_map(section, owner));
  RITZ_TRY(part_of(section, common, true, &mine));
  const ritz_status status = ritz_options_read(common, owner, mine, config);
  ritz_value_destroy(&mine);
  RITZ_TRY(status);
  return part_of(section, common, false, &out->options);
}

static ritz_status read_sections(ritz_train_config *config) {
  sections s;
  RITZ_TRY(ritz_options_read(section_options, "the configuration", config->tree, &s));
  RITZ_TRY(read_named(config, s.op, "operator", operator_options, &config->op));
  RITZ_TRY(check_map(s.data, "data"));
  RITZ_TRY(ritz_options_read(data_options, "data", s.data, config));
  RITZ_TRY(read_named(config, s.loss, "loss", loss_options, &config->loss));
  RITZ_TRY(read_named(config, s.optimizer, "optimizer", optimizer_options, &config->optimizer));
  RITZ_TRY(read_named(config, s.schedule, "schedule", schedule_options, &config->schedule));
  RITZ_TRY(check_map(s.rollout, "rollout"));
  RITZ_TRY(ritz_options_read(rollout_options, "rollout", s.rollout, config));
  RITZ_TRY(ritz_options_read(train_options, "train", s.train, config));
  return ritz_options_read(output_options, "output", s.output, config);
}

ritz_status ritz_train_config_read(const char *path, int overrides, const char *const *override,
                                   ritz_train_config *config) {
  *config = (ritz_train_config){0};
  RITZ_TRY(ritz_yaml_read_file(path, &config->tree));
  for (int i = 0; i < overrides; i++) RITZ_TRY(ritz_yaml_set(config->tree, override[i]));
  return read_sections(config);
}

ritz_status ritz_train_config_blame(const ritz_train_config *config, const char *section,
                                    const char *key, ritz_status status) {
  const ritz_value *map = ritz_value_get(config->tree, section);
  const ritz_value *value = map && map->kind == RITZ_VALUE_MAP ? ritz_value_get(map, key) : NULL;
  return ritz_value_blame(value ? value : map ? map : config->tree, status);
}

static void clear_named(ritz_named_section *section) {
  ritz_free(section->name);
  ritz_value_destroy(&section->options);
}

void ritz_train_config_clear(ritz_train_config *config) {
  clear_named(&config->op);
  clear_named(&config->loss);
  clear_named(&config->optimizer);
  clear_named(&config->schedule);
  ritz_free(config->dir);
  ritz_value_destroy(&config->tree);
  *config = (ritz_train_config){0};
}

static ritz_status set_missing(ritz_value *map, const ritz_option *options, const char *key,
                               ritz_index number) {
  char text[32];
  ritz_value *child;
  if (!listed(options, key) || ritz_value_get(map, key)) return RITZ_OK;
  snprintf(text, sizeof text, "%td", number);
  RITZ_TRY(ritz_value_create_scalar(text, false, "the data", 0, &child));
  return ritz_value_add(map, key, child);
}

ritz_status ritz_train_config_set_channels(ritz_train_config *config, const ritz_option *options,
                                           ritz_index in, ritz_index out, ritz_index coordinates) {
  if (coordinates > 0 && !listed(options, "coordinates"))
    return ritz_train_config_blame(
        config, "operator", "name",
        RITZ_FAIL(RITZ_ERR_CONFIG, "operator %s works on grids, the data are scattered points",
                  config->op.name));
  if (coordinates > 0)
    RITZ_TRY(set_missing(config->op.options, options, "coordinates", coordinates));
  RITZ_TRY(set_missing(config->op.options, options, "in_channels", in));
  return set_missing(config->op.options, options, "out_channels", out);
}

/* Adds the children of `from` to `map`. */
static ritz_status add_all(ritz_value *map, const ritz_value *from) {
  for (int i = 0; from && i < from->count; i++) {
    ritz_value *child;
    if (ritz_value_get(map, from->item[i]->key)) continue;
    RITZ_TRY(ritz_value_clone(from->item[i], &child));
    RITZ_TRY(ritz_value_add(map, from->item[i]->key, child));
  }
  return RITZ_OK;
}

static ritz_status add_section(ritz_value *root, const char *name, const ritz_train_config *config,
                               const ritz_option *common, const ritz_value *method) {
  ritz_value *section;
  RITZ_TRY(ritz_options_write(common, config, &section));
  const ritz_status status = add_all(section, method);
  if (status != RITZ_OK) {
    ritz_value_destroy(&section);
    return status;
  }
  return ritz_value_add(root, name, section);
}

ritz_status ritz_train_config_resolve(const ritz_train_config *config, ritz_value *op,
                                      ritz_value *loss, ritz_value *optimizer, ritz_value *schedule,
                                      ritz_value **out) {
  ritz_value *root = NULL;
  ritz_status status;
  RITZ_TRY_DONE(ritz_value_create(RITZ_VALUE_MAP, NULL, 0, &root));
  RITZ_TRY_DONE(
      add_section(root, "operator", config, operator_options, op ? op : config->op.options));
  RITZ_TRY_DONE(add_section(root, "data", config, data_options, NULL));
  RITZ_TRY_DONE(
      add_section(root, "loss", config, loss_options, loss ? loss : config->loss.options));
  RITZ_TRY_DONE(add_section(root, "optimizer", config, optimizer_options,
                            optimizer ? optimizer : config->optimizer.options));
  RITZ_TRY_DONE(add_section(root, "schedule", config, schedule_options,
                            schedule ? schedule : config->schedule.options));
  RITZ_TRY_DONE(add_section(root, "rollout", config, rollout_options, NULL));
  RITZ_TRY_DONE(add_section(root, "train", config, train_options, NULL));
  RITZ_TRY_DONE(add_section(root, "output", config, output_options, NULL));
  *out = root;
  root = NULL;
done:
  ritz_value_destroy(&root);
  ritz_value_destroy(&op);
  ritz_value_destroy(&loss);
  ritz_value_destroy(&optimizer);
  ritz_value_destroy(&schedule);
  return status;
}
