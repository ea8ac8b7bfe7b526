/* SPDX-License-Identifier: BSD-3-Clause
 * The largest magnitude. A metric only: its gradient would train one point at a time. */
#include "train/loss_norm.h"

static void max_sums(const ritz_loss_plan *plan, const ritz_loss_part *part, double *error,
                     double *truth) {
  const ritz_index at = (part->sample * plan->points + part->first) * plan->channels;
  plan->kernels->loss_largest(part->count * plan->channels, plan->period,
                              ritz_loss_at(plan, part->prediction, at),
                              ritz_loss_at(plan, part->truth, at), error, truth);
}

const ritz_loss_norm ritz_loss_norm_max = {.largest = true, .flops = 5, .sums = max_sums};

static const ritz_option options[] = {RITZ_LOSS_EPS, RITZ_OPTION_END};

const ritz_loss_type ritz_loss_rel_max = {
    .name = "rel_max",
    .formula = "max |e| / (max |y| + eps), over points and channels; a metric, has no gradient",
    .source = "maximum norm of the error",
    .options = options,
    .norm = &ritz_loss_norm_max,
    .value = ritz_loss_relative_largest,
};
