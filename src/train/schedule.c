/* SPDX-License-Identifier: BSD-3-Clause
 * Schedules by name. */
#include "train/schedule.h"

#include <stdio.h>

#include "core/fail.h"
#include "core/list.h"
#include "core/memory.h"

#define RITZ_SCHEDULE(name) extern const ritz_schedule_type ritz_schedule_##name;
#include "train/schedules.def"
#undef RITZ_SCHEDULE

static const ritz_schedule_type *const types[] = {
#define RITZ_SCHEDULE(name) &ritz_schedule_##name,
#include "train/schedules.def"
#undef RITZ_SCHEDULE
};
enum { type_count = sizeof types / sizeof *types };

struct ritz_schedule {
  const ritz_schedule_type *type;
  void *config;
};

const ritz_schedule_type *const *ritz_schedule_types(int *count) {
  *count = type_count;
  return types;
}

ritz_status ritz_schedule_type_find(const char *name, const ritz_schedule_type **out) {
  const char *names[type_count];
  int at;
  for (int i = 0; i < type_count; i++) names[i] = types[i]->name;
  RITZ_TRY(ritz_name_find("schedule", name, names, type_count, &at));
  *out = types[at];
  return RITZ_OK;
}

ritz_status ritz_schedule_create(const char *type, const ritz_value *options, ritz_schedule **out) {
  ritz_schedule *schedule;
  ritz_status status;
  char owner[64];
  *out = NULL;
  RITZ_TRY(RITZ_NEW(1, &schedule));
  RITZ_TRY_DONE(ritz_schedule_type_find(type, &schedule->type));
  snprintf(owner, sizeof owner, "schedule %s", type);
  RITZ_TRY_DONE(ritz_calloc(1, schedule->type->config_size, &schedule->config));
  RITZ_TRY_DONE(ritz_options_read(schedule->type->options, owner, options, schedule->config));
  *out = schedule;
  schedule = NULL;
done:
  ritz_schedule_destroy(&schedule);
  return status;
}

void ritz_schedule_destroy(ritz_schedule **schedule) {
  if (!schedule || !*schedule) return;
  if ((*schedule)->config) ritz_options_clear((*schedule)->type->options, (*schedule)->config);
  ritz_free((*schedule)->config);
  ritz_free(*schedule);
  *schedule = NULL;
}

double ritz_schedule_rate(const ritz_schedule *schedule, double base,
                          const ritz_schedule_place *place) {
  const ritz_index warmup_steps = *(const ritz_index *)schedule->config;
  const double rate = schedule->type->rate(schedule->config, base, place);
  if (place->step >= warmup_steps) return rate;
  return rate * (double)(place->step + 1) / (double)warmup_steps;
}

ritz_status ritz_schedule_options(const ritz_schedule *schedule, ritz_value **out) {
  return ritz_options_write(schedule->type->options, schedule->config, out);
}
