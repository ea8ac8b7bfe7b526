/* SPDX-License-Identifier: BSD-3-Clause
 * Schedules: the learning rate as a pure function of where the training is. Nothing is stored, so
 * that a continued training has the rates of one that was never stopped.
 *
 * With r the base rate, t the position and T the end: both count epochs with `interval: epoch` (the
 * rate stays for an epoch) and steps, given in epochs where an option is, with `interval: step`. */
#ifndef RITZ_TRAIN_SCHEDULE_H
#define RITZ_TRAIN_SCHEDULE_H

#include "core/options.h"

/** Where a training is. */
typedef struct ritz_schedule_place {
  ritz_index step;            /* steps done since the start of the training */
  ritz_index steps_per_epoch; /* at least 1 */
  ritz_index epochs;          /* of the whole training, at least 1 */
} ritz_schedule_place;

typedef struct ritz_schedule_type {
  const char *name;
  const char *formula; /* one line, as printed by `ritz list schedules` */
  const char *source;
  size_t config_size; /* of a struct that starts with `ritz_index warmup_steps` */
  const ritz_option *options;
  double (*rate)(const void *config, double base, const ritz_schedule_place *place);
} ritz_schedule_type;

/** All types, in the order of schedules.def. @param count  Their number. */
const ritz_schedule_type *const *ritz_schedule_types(int *count);

/** Finds a type; RITZ_ERR_NOT_FOUND names the nearest. */
ritz_status ritz_schedule_type_find(const char *name, const ritz_schedule_type **out);

typedef struct ritz_schedule ritz_schedule;

/**
 * @param type     A name of schedules.def.
 * @param options  Map of its options; NULL: defaults.
 * @param out      NULL on failure: RITZ_ERR_NOT_FOUND, RITZ_ERR_CONFIG, RITZ_ERR_MEMORY.
 */
ritz_status ritz_schedule_create(const char *type, const ritz_value *options, ritz_schedule **out);
void ritz_schedule_destroy(ritz_schedule **schedule);

/**
 * @return  The rate of the step that follows @p place->step steps: that of the formula, in the
 *          first warmup_steps steps times (step + 1) / warmup_steps.
 */
double ritz_schedule_rate(const ritz_schedule *schedule, double base,
                          const ritz_schedule_place *place);

/** All options, defaults included, as a tree for the resolved configuration. */
ritz_status ritz_schedule_options(const ritz_schedule *schedule, ritz_value **out);

/* Row of every option table. */
#define RITZ_SCHEDULE_WARMUP(type)                  \
  RITZ_OPTION_INT(type, warmup_steps, 0, 1e15, "0", \
                  "first steps, in which the rate rises linearly from zero")

#endif
