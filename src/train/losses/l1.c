/* SPDX-License-Identifier: BSD-3-Clause
 * The loss of sums of magnitudes, A(u) = sum |u|, dA/du = sign u, 0 at 0. */
#include "train/loss_norm.h"

static void l1_sums(const ritz_loss_plan *plan, const ritz_loss_part *part, double *error,
                    double *truth) {
  const ritz_index at = (part->sample * plan->points + part->first) * plan->channels;
  plan->kernels->loss_magnitudes(part->count * plan->channels, plan->period,
                                 ritz_loss_at(plan, part->prediction, at),
                                 ritz_loss_at(plan, part->truth, at), error, truth);
}

static void l1_gradient(const ritz_loss_plan *plan, const ritz_loss_part *part,
                        const double *coefficient, void *gradient, bool add) {
  const ritz_index at = (part->sample * plan->points + part->first) * plan->channels;
  plan->kernels->loss_magnitudes_vjp(part->count * plan->channels, plan->period, coefficient,
                                     ritz_loss_at(plan, part->prediction, at),
                                     ritz_loss_at(plan, part->truth, at),
                                     (void *)ritz_loss_at(plan, gradient, at), add);
}

const ritz_loss_norm ritz_loss_norm_l1 = {.flops = 5, .sums = l1_sums, .gradient = l1_gradient};

static const ritz_option options[] = {RITZ_LOSS_EPS, RITZ_OPTION_END};

const ritz_loss_type ritz_loss_rel_l1 = {
    .name = "rel_l1",
    .formula = "sum |e| / (sum |y| + eps), over points and channels",
    .source = "neuraloperator, LpLoss with p = 1, over all channels at once",
    .options = options,
    .norm = &ritz_loss_norm_l1,
    .value = ritz_loss_relative,
};
