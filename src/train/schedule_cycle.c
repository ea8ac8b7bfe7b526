/* SPDX-License-Identifier: BSD-3-Clause
 * One cycle: up to the base rate along a cosine, and down to almost nothing.
 * Smith & Topin 2019, arXiv:1708.07120, as in PyTorch's OneCycleLR with cosine annealing and its
 * option names; the momentum stays as it is (there: cycle_momentum = False). */
#include <math.h>

#include "train/schedule.h"

typedef struct cycle_config {
  ritz_index warmup_steps;
  double pct_start, div_factor, final_div_factor;
  int interval;
} cycle_config;

enum { by_epoch = 0 };

static const ritz_option options[] = {
    RITZ_OPTION_REAL(cycle_config, pct_start, 0, 1, "0.3", "share of the training that rises"),
    RITZ_OPTION_REAL(cycle_config, div_factor, 1, 1e300, "25", "start at base rate / div_factor"),
    RITZ_OPTION_REAL(cycle_config, final_div_factor, 1, 1e300, "1e4",
                     "end at the start's rate / final_div_factor"),
    RITZ_OPTION_CHOICE(cycle_config, interval, "epoch|step", "step",
                       "when the rate changes: every epoch or every step"),
    RITZ_SCHEDULE_WARMUP(cycle_config),
    RITZ_OPTION_END,
};

/* From a (s = 0) to b (s = 1) along half a cosine. */
static double anneal(double a, double b, double s) {
  static const double pi = 3.14159265358979323846;
  return b + (a - b) / 2 * (1 + cos(pi * s));
}

/* The top is reached at position pct_start T - 1, the end at T - 1. */
static double rate(const void *config_, double base, const ritz_schedule_place *place) {
  const cycle_config *config = config_;
  const bool epochs = config->interval == by_epoch;
  const ritz_index total = epochs ? place->epochs : place->epochs * place->steps_per_epoch;
  const ritz_index done = epochs ? place->step / place->steps_per_epoch : place->step;
  const double end = (double)(total - 1), top = config->pct_start * (double)total - 1;
  const double t = (double)done < end ? (double)done : end;
  const double first = base / config->div_factor, last = first / config->final_div_factor;
  if (t <= top) return top > 0 ? anneal(first, base, t / top) : base;
  return anneal(base, last, (t - top) / (end - top));
}

const ritz_schedule_type ritz_schedule_one_cycle = {
    .name = "one_cycle",
    .formula =
        "r / div_factor up to r at t = pct_start T - 1, down to r / (div_factor "
        "final_div_factor) at T - 1, along half cosines",
    .source = "PyTorch, OneCycleLR; Smith & Topin 2019, arXiv:1708.07120",
    .config_size = sizeof(cycle_config),
    .options = options,
    .rate = rate,
};
