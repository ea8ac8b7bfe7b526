/* SPDX-License-Identifier: BSD-3-Clause
 * A straight line down to zero. */
#include "train/schedule.h"

typedef struct linear_config {
  ritz_index warmup_steps;
} linear_config;

static const ritz_option options[] = {RITZ_SCHEDULE_WARMUP(linear_config), RITZ_OPTION_END};

static double rate(const void *config, double base, const ritz_schedule_place *place) {
  const double end = (double)(place->epochs * place->steps_per_epoch), t = (double)place->step;
  return t < end ? base * (1 - t / end) : 0;
}

const ritz_schedule_type ritz_schedule_linear = {
    .name = "linear",
    .formula = "r (1 - t / T), in steps",
    .source = "an example",
    .config_size = sizeof(linear_config),
    .options = options,
    .rate = rate,
};
