/* SPDX-License-Identifier: BSD-3-Clause
 * Schedules that only fall: constant, steps, cosine. */
#include <math.h>

#include "train/schedule.h"

enum { by_epoch = 0 };

/* Position in epochs. */
static double epochs_done(int interval, const ritz_schedule_place *place) {
  if (interval == by_epoch) return (double)(place->step / place->steps_per_epoch);
  return (double)place->step / (double)place->steps_per_epoch;
}

#define INTERVAL(type)                                      \
  RITZ_OPTION_CHOICE(type, interval, "epoch|step", "epoch", \
                     "when the rate changes: every epoch or every step")

typedef struct constant_config {
  ritz_index warmup_steps;
} constant_config;

static const ritz_option constant_options[] = {RITZ_SCHEDULE_WARMUP(constant_config),
                                               RITZ_OPTION_END};

static double constant_rate(const void *config, double base, const ritz_schedule_place *place) {
  return base;
}

const ritz_schedule_type ritz_schedule_constant = {
    .name = "constant",
    .formula = "r",
    .source = "PyTorch without a scheduler",
    .config_size = sizeof(constant_config),
    .options = constant_options,
    .rate = constant_rate,
};

typedef struct step_config {
  ritz_index warmup_steps;
  double step_size, gamma;
  int interval;
} step_config;

static const ritz_option step_options[] = {
    RITZ_OPTION_REAL(step_config, step_size, 1e-9, 1e15, "100", "epochs between two steps"),
    RITZ_OPTION_REAL(step_config, gamma, 0, 1e300, "0.5", "factor at every step"),
    INTERVAL(step_config),
    RITZ_SCHEDULE_WARMUP(step_config),
    RITZ_OPTION_END,
};

static double step_rate(const void *config_, double base, const ritz_schedule_place *place) {
  const step_config *config = config_;
  return base * pow(config->gamma, floor(epochs_done(config->interval, place) / config->step_size));
}

const ritz_schedule_type ritz_schedule_step = {
    .name = "step",
    .formula = "r gamma^floor(t / step_size)",
    .source = "PyTorch, StepLR",
    .config_size = sizeof(step_config),
    .options = step_options,
    .rate = step_rate,
};

typedef struct cosine_config {
  ritz_index warmup_steps;
  double t_max, minimum;
  int interval;
} cosine_config;

static const ritz_option cosine_options[] = {
    RITZ_OPTION_REAL(cosine_config, t_max, 0, 1e15, "0",
                     "epochs until the minimum, after which the rate rises again; 0: all epochs"),
    RITZ_OPTION_REAL(cosine_config, minimum, 0, 1e300, "0", "smallest rate"),
    INTERVAL(cosine_config),
    RITZ_SCHEDULE_WARMUP(cosine_config),
    RITZ_OPTION_END,
};

static double cosine_rate(const void *config_, double base, const ritz_schedule_place *place) {
  static const double pi = 3.14159265358979323846;
  const cosine_config *config = config_;
  const double end = config->t_max > 0 ? config->t_max : (double)place->epochs;
  const double phase = pi * epochs_done(config->interval, place) / end;
  return config->minimum + (base - config->minimum) * (1 + cos(phase)) / 2;
}

const ritz_schedule_type ritz_schedule_cosine = {
    .name = "cosine",
    .formula = "minimum + (r - minimum) (1 + cos(pi t / t_max)) / 2",
    .source = "PyTorch, CosineAnnealingLR; Loshchilov & Hutter 2017, arXiv:1608.03983",
    .config_size = sizeof(cosine_config),
    .options = cosine_options,
    .rate = cosine_rate,
};
